import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ENDING_FIELDS, MANY_FIELDS, RESPONSE_FIELDS, VERDICT_FIELDS } from "../../src/domain/ResponseFields.ts"
import { readPrompts } from "../../src/engine/Prompts.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "prompts-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const read = (...rows: ReadonlyArray<unknown>) => {
  const file = join(folder, "prompts.jsonl")
  writeFileSync(file, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"))
  return readPrompts(file).pipe(Effect.provide(NodeServices.layer))
}
const refusal = (...rows: ReadonlyArray<unknown>) => Effect.runPromise(Effect.flip(read(...rows))).then(({ message }) => message)

describe("a file of prompts", () => {
  it("has prompts, questions, problems or messages; answers of any kind as texts", async () => {
    const user = { role: "user", content: "How many?" }
    const queries = await Effect.runPromise(read(
      { id: "a", level: 5, prompt: "What is 1/4?", answer: 0.25, subject: "fractions" },
      { question: "What is \\sqrt{8}?", answer: "2\\sqrt{2}" },
      { problem: "3 * 4", solution: "So \\boxed{12}" },
      { messages: [user], gold: "7" },
      { prompt: [{ role: "system", content: "Be brief." }, user], messages: null }
    ))
    expect(queries.map(({ answer, id, level, messages, prompt }) => [id, level, prompt, answer, messages])).toEqual([
      ["a", "5", "What is 1/4?", "0.25", undefined],
      ["2", "all", "What is \\sqrt{8}?", "2\\sqrt{2}", undefined],
      ["3", "all", "3 * 4", "So \\boxed{12}", undefined],
      ["4", "all", "How many?", "7", [user]],
      ["5", "all", "system: Be brief.\n\nuser: How many?", undefined, [{ role: "system", content: "Be brief." }, user]]
    ])
    expect(queries[0]!.fields).toMatchObject({ subject: "fractions" })
  })

  it("takes a number beside options for a place, and parts of text for the text", async () => {
    const parts = [{ type: "text", text: "How" }, { type: "text", text: "many?" }]
    const queries = await Effect.runPromise(read(
      { prompt: "q", choices: ["1", "2"], answer: 1 },
      { prompt: "r", options: ["1", "2"], answer: "1" },
      { prompt: "s", choices: ["407", "408"], answer: 408 },
      { messages: [{ role: "user", content: parts }] }
    ))
    expect(queries.map(({ answer, prompt }) => [prompt, answer])).toEqual([["q", "B"], ["r", "1"], ["s", "408"], ["How\nmany?", undefined]])
  })

  it("refuses a number larger than a number can be, in any field, and nesting too deep: the row would be written with null, or not", async () => {
    expect(await refusal({ prompt: "p" }, "{\"prompt\": \"q\", \"more\": {\"scores\": [1, 1e999]}}")).toContain(
      ":2: more.scores[1] is larger than a number can be"
    )
    const deep = "[".repeat(50_000) + "]".repeat(50_000)
    expect(await refusal(`{"messages": [{"role": "user", "content": ${deep}}]}`)).toContain(":1: it is nested too deeply")
    expect(await refusal("{\"prompt\": \"q\", \"answer\": -1e999}")).toContain("answer is larger than a number can be")
  })

  it("keeps a reference response apart from the model's", async () => {
    const [query] = await Effect.runPromise(read({ prompt: "q", completion: "reference", choices: ["a", "b"] }))
    expect(query!.fields).toMatchObject({ prompt_completion: "reference", choices: ["a", "b"] })
    expect(query!.fields).not.toHaveProperty("completion")
  })

  it("keeps apart whatever some format reads as the model's: responses, how they ended, how they were judged", async () => {
    const names = [
      ...RESPONSE_FIELDS,
      ...MANY_FIELDS,
      ...ENDING_FIELDS,
      ...VERDICT_FIELDS,
      "code",
      "turns",
      "_full_generation",
      "meta_info"
    ]
    const [query] = await Effect.runPromise(read({ prompt: "q", ...Object.fromEntries(names.map((name) => [name, ["999"]])) }))
    expect(Object.keys(query!.fields!).filter((name) => !name.startsWith("prompt"))).toEqual([])
  })

  it.each<readonly [what: string, rows: ReadonlyArray<unknown>, message: RegExp]>([
    ["no prompt", [{ prompt: "a" }, { text: "b" }], /prompts\.jsonl:2: no prompt: give text as "prompt".*the row has text/],
    ["an empty prompt", [{ prompt: " " }], /:1: no prompt/],
    ["no JSON", [{ prompt: "a" }, "{"], /prompts\.jsonl:2: /],
    [
      "an id that is there twice",
      [{ id: 1, prompt: "a" }, { id: "1", prompt: "b" }],
      /id of row 2 of .*"1"; expected an id that no row before it has/
    ],
    ["nothing", [], /no prompts/]
  ])("with %s is refused", async (_, rows, message) => {
    expect(await refusal(...rows)).toMatch(message)
  })
})
