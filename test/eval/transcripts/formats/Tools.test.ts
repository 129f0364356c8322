import { describe, expect, it } from "vitest"
import { detectFormat, FORMATS, readLine } from "../../../../src/eval/transcripts/Formats.ts"
import type { TranscriptRow } from "../../../../src/eval/transcripts/Grade.ts"
import { answer, cases, choice, model, prompt, response, same, user } from "../../../support/FormatRows.ts"

const read = (row: object, plan = {}): ReadonlyArray<TranscriptRow> => {
  const reading = readLine(JSON.stringify(row), plan, "9", "file:")
  if ("problem" in reading) throw new Error(reading.problem)
  return reading.rows
}

describe("rows as tools write them", () => {
  it.each(cases)("%s: %s", (format, _, row, rows) => {
    expect(detectFormat(row as Readonly<Record<string, unknown>>)).toBe(format)
    expect(read(row)).toEqual(rows)
    expect(read(row, { format })).toEqual(rows)
  })

  it("has a case for every format", () => {
    expect([...new Set(cases.map(([format]) => format))].toSorted()).toEqual([...FORMATS].toSorted())
  })

  it.each<readonly [what: string, row: object, reason: RegExp]>([
    [
      "a batch line alone",
      { custom_id: "q", response: { body: { choices: [choice(0, response)] } } },
      /neither the problem nor a reference answer/
    ],
    ["a request that failed", { custom_id: "q", response: null, error: { message: "no quota" } }, /the request failed: no quota/],
    ["a summary without text", { split: "train", steps: [{ ob_len: 3, ac_len: 4 }] }, /holds no text; give the trajectories/],
    [
      "an episode that failed",
      { task: { type: "T", data: {} }, errors: [{ type: "E" }], traces: [] },
      /failed before the model said anything/
    ],
    ["log-likelihoods", { doc: {}, resps: [[-1.5, false]] }, /"resps" has log-likelihoods of options/],
    ["log-likelihoods that are written as text", { doc: {}, resps: [[["-1.5", "False"]], [["-inf", "True"]]] }, /has log-likelihoods/],
    ["a conversation that only a user speaks in", { messages: [user] }, /no message of the model/],
    ["completions of users", { prompt, completion: [user], answer }, /chat messages, none of them the model's/],
    ["no sample", { prompt, responses: [], answer }, /^"responses" is an empty list/],
    ["a number as the response", { prompt, response: 3.5, answer }, /^"response" is a number/],
    ["a prompt that is none", { prompt: { a: 1 }, response, answer }, /^"prompt" is an object/],
    [
      "a failed sample",
      { input: prompt, output: { choices: [] }, messages: [], error: { message: "time out" } },
      /the sample failed: time out/
    ],
    ["no attempt", { prompt, attempts: [] }, /"attempts" is an empty list/],
    ["an attempt without a verdict", { attempts: [{ decision: "STOP" }] }, /attempt 1 has a "correct" that is missing/],
    ["an unknown decision", { attempts: [{ correct: true, decision: "GO" }] }, /attempt 1 has a "decision" that is "GO"/],
    [
      "attempts after the last",
      { attempts: [{ correct: true, decision: "STOP" }, { correct: true, decision: "STOP" }] },
      /attempt 1 of 2 says STOP/
    ],
    ["an attempt taken back for none", { attempts: [{ correct: false, decision: "RESAMPLE" }] }, /add "truncated": true/]
  ])("refuses %s, and says why", (_, row, reason) => {
    expect(() => read(row)).toThrow(reason)
  })

  it("reads messages that are written as JSON text as the messages", () => {
    const written = (...messages: ReadonlyArray<object>) => JSON.stringify(messages)
    for (
      const row of [
        { prompt: written(user), response: written(model), answer },
        { prompt: written(user), completion: written(model), answer },
        { messages: written(user, model), answer },
        { conversations: JSON.stringify([{ from: "human", value: prompt }, { from: "gpt", value: response }], null, 1), answer }
      ]
    ) expect(read(row)).toMatchObject([same])
    expect(read({ prompt: "[{x}] is what?", response: "[{\"a\": 1}]", answer })).toMatchObject([{ response: "[{\"a\": 1}]" }])
  })

  it.each<readonly [where: string, fields: object]>([
    ["OpenRouter's details", {
      reasoning_details: [{ type: "reasoning.text", text: "48? Hmm." }, { type: "reasoning.encrypted", data: "x" }]
    }],
    ["LiteLLM's blocks", { thinking_blocks: [{ type: "thinking", thinking: "48? Hmm.", signature: "x" }] }],
    ["a provider's own fields", { provider_specific_fields: { reasoning_content: "48? Hmm." } }],
    ["thinking_content", { thinking_content: "48? Hmm." }]
  ])("keeps reasoning in %s", (_, fields) => {
    const thought = `<think>\n48? Hmm.\n</think>\n\n${response}`
    expect(read({ messages: [user, { ...model, ...fields }], answer })).toMatchObject([{ response: thought }])
    expect(read({ ...same, ...fields })).toMatchObject([{ response: thought }])
  })

  it("reads OpenCompass' prompts, solutions of OpenMathReasoning and MMLU-Pro's outputs", () => {
    expect(read({ origin_prompt: [{ role: "HUMAN", prompt }], prediction: response, gold: answer })).toMatchObject([same])
    expect(read({ problem: prompt, generated_solution: response, expected_answer: answer })).toMatchObject([same])
    expect(read({ question: prompt, options: ["41", "42"], answer: "B", model_outputs: "The answer is (B)" })).toMatchObject([
      { response: "The answer is (B)", answer: "B", choices: ["41", "42"] }
    ])
    expect(read({ ...same, truncated: "True" })[0]!.truncated).toBe(true)
    expect(read({ ...same, truncated: "False" })[0]!.truncated).toBeUndefined()
  })

  it("takes two texts for generated ones, whatever they say", () => {
    expect(read({ doc: {}, target: "yes", resps: [["", "True"]] }).map((row) => row.response)).toEqual(["", "True"])
  })

  it("takes examples in inspect_ai's input for no answers of the model", () => {
    const example = [{ role: "user", content: "Two cups?" }, { role: "assistant", content: "The answer is 2." }]
    const system = { role: "system", content: "Be brief." }
    const output = { choices: [{ message: model, stop_reason: "stop" }] }
    const row = { id: 1, input: [...example, user], messages: [system, ...example, user, model], target: answer, output }
    expect(read(row)).toMatchObject([{ response }])
    expect(read(row)[0]!.turns).toBeUndefined()
  })

  it("takes attempts taken back for none where the response was cut off or capped", () => {
    const attempts = [{ correct: false, decision: "RESAMPLE" }]
    expect(read({ attempts, truncated: true })).toMatchObject([{ truncated: true, attempts }])
    expect(read({ attempts, ending: "cap" })).toMatchObject([{ hitCap: true, attempts }])
  })

  it("takes no data set without responses for transcripts", () => {
    for (const row of [{ question: prompt, answer }, { text: prompt, label: 1 }, { content: [response], rewards: [1] }]) {
      expect(detectFormat(row)).toBeUndefined()
    }
  })
})
