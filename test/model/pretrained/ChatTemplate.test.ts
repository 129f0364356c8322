import { Effect, Result } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ChatMessage, hasChatTemplate, openChatTemplate } from "../../../src/model/pretrained/ChatTemplate.ts"
import { openModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { openTokenizer } from "../../../src/model/pretrained/TextTokenizer.ts"
import { withinTime } from "../../../src/model/pretrained/WithinTime.ts"
import { changeJson, copyOf, PRETRAINED } from "../../support/PretrainedFiles.ts"

let folder = ""
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "template-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const open = (path: string) =>
  Effect.runPromise(Effect.gen(function* () {
    const model = yield* openModel(path)
    return yield* openChatTemplate(model, yield* openTokenizer(model))
  }))
const refusal = async (path: string) => {
  const result = await Effect.runPromise(Effect.result(Effect.gen(function* () {
    const model = yield* openModel(path)
    return yield* openChatTemplate(model, yield* openTokenizer(model))
  })))
  if (Result.isSuccess(result)) throw new Error("it was opened")
  return result.failure
}
const withTemplate = (template: string): string => {
  const made = copyOf("llama", join(folder, String(count++)))
  writeFileSync(join(made, "chat_template.jinja"), template)
  return made
}
const USER: ReadonlyArray<ChatMessage> = [{ role: "user", content: "Hi" }]
const render = async (template: string, messages = USER, options = {}) => (await open(withTemplate(template))).render(messages, options)

describe("a chat template", () => {
  it("is read from its own file, the tokenizer's configuration and a GGUF file, and writes as transformers does", async () => {
    const expected = "<|im_start|>system\nYou are a helpful assistant<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    for (const path of ["llama", "qwen2", join("llama", "model.gguf")]) {
      const template = await open(join(PRETRAINED, path))
      expect(Result.getOrThrow(template.render(USER))).toBe(expected)
      expect(Result.getOrThrow(template.render(USER, { addGenerationPrompt: false }))).toBe(
        expected.slice(0, -"<|im_start|>assistant\n".length)
      )
    }
  })

  it("named default among several is taken", async () => {
    const made = copyOf("qwen2", join(folder, String(count++)))
    changeJson(join(made, "tokenizer_config.json"), {
      chat_template: [{ name: "tools", template: "no" }, { name: "default", template: "yes" }]
    })
    expect((await open(made)).source).toBe("yes")
  })

  it("writes named tokens and variables, and is not told the day", async () => {
    expect(await render("{{ bos_token }}{{ eos_token }}{{ x }}", USER, { variables: { x: 5 } })).toEqual(
      Result.succeed("<|endoftext|><|im_end|>5")
    )
    const dated = "{{ strftime_now('%Y') if strftime_now is defined else '2024' }}"
    expect(await render(dated)).toEqual(Result.succeed("2024"))
    expect(await render("{% for i in range(1, 6, 2) %}{{ i }}{% endfor %}{{ range(3) | length }}")).toEqual(Result.succeed("1353"))
  })

  it("that needs a token which the tokenizer lacks is refused, by name and by spelling; one that asks first is not", async () => {
    expect(Result.getOrThrow(Result.flip(await render("{{ pad_token }}"))).message).toContain("a template that writes pad_token")
    expect(await render("{{ pad_token }}", USER, { variables: { pad_token: "x" } })).toEqual(Result.succeed("x"))
    expect(await render("{% if pad_token is defined %}{{ pad_token }}{% endif %}a")).toEqual(Result.succeed("a"))
    expect(Result.getOrThrow(Result.flip(await render("<|turn|>{{ messages[0]['content'] }}"))).message).toContain(
      "the template writes <|turn|>"
    )
    // In a message it is what somebody said.
    expect(await render("{% if false %}<|turn|>{% endif %}{{ messages[0]['content'] }}", [{ role: "user", content: "<|turn|>" }])).toEqual(
      Result.succeed("<|turn|>")
    )
  })

  it("that refuses the messages says why", async () => {
    const error = Result.getOrThrow(Result.flip(await render("{{ raise_exception('roles must alternate') }}")))
    expect(error).toMatchObject({ _tag: "ModelFileError", reason: "Template" })
    expect(error.message).toContain("roles must alternate")
  })

  it("that would fill the memory is refused: a range, a text that doubles", async () => {
    const problem = async (template: string) => Result.getOrThrow(Result.flip(await render(template))).message
    expect(await problem("{% for i in range(1000000000) %}x{% endfor %}")).toContain(
      "range() of 1000000000 numbers, expected at most 100000"
    )
    expect(await problem("{% for i in range(1, 2, 0.000001) %}x{% endfor %}")).toContain("expected at most 100000")
    const doubled = "{% set n = namespace(x='0123456789') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}"
    expect(await problem(doubled)).toContain("Invalid string length")
  })

  it("and any program of others has its time, and fails as itself within it", () => {
    const forEver = (): never => {
      for (;;);
    }
    expect(() => withinTime(forEver, 50, "the template")).toThrow("the template did not end within 0.05 s")
    expect(withinTime(() => 5, 1000, "the template")).toBe(5)
    const own = new TypeError("its own")
    expect(() =>
      withinTime(
        () => {
          throw own
        },
        1000,
        "the template"
      )
    ).toThrow(own)
  })

  it("that is none, or no Jinja, is refused", async () => {
    const bare = withTemplate("")
    rmSync(join(bare, "chat_template.jinja"))
    expect(await refusal(bare)).toMatchObject({ reason: "Template", found: "no chat template" })
    expect(hasChatTemplate(await Effect.runPromise(openModel(bare)))).toBe(false)
    expect((await refusal(withTemplate("{% for %}"))).reason).toBe("Template")
  })

  it("every token of the tokenizer's file that it writes is found again in its text", async () => {
    const path = join(PRETRAINED, "qwen2")
    const model = await Effect.runPromise(openModel(path))
    const tokenizer = await Effect.runPromise(openTokenizer(model))
    const text = Result.getOrThrow((await open(path)).render(USER))
    const ids = Result.getOrThrow(tokenizer.encode(text))
    expect(ids.filter((id) => tokenizer.special.has(id))).toEqual([1, 2, 1, 2, 1])
    expect(readFileSync(join(path, "tokenizer_config.json"), "utf8")).toContain("<|im_start|>")
  })
})
