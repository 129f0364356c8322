import { Effect, Result } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { GgufValue } from "../../../src/model/pretrained/Gguf.ts"
import { openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { openTokenizer } from "../../../src/model/pretrained/TextTokenizer.ts"

const fixtures = join(import.meta.dirname, "..", "..", "fixtures", "pretrained")
const words = join(fixtures, "words")

interface Expected {
  readonly text: string
  readonly ids: ReadonlyArray<number>
  readonly back?: string
}

const expectedOf = (name: string) => JSON.parse(readFileSync(join(words, `${name}.expected.json`), "utf8")) as ReadonlyArray<Expected>
const jsonOf = (name: string) =>
  JSON.parse(readFileSync(join(words, `${name}.json`), "utf8")) as {
    readonly added_tokens: ReadonlyArray<{ readonly id: number; readonly content: string }>
    readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly merges: ReadonlyArray<readonly [string, string]> }
  }

const tiny = await Effect.runPromise(openModel(join(fixtures, "llama-tied")))

const withWords = (source: PretrainedModel["words"], vocabulary = 700): PretrainedModel => ({
  ...tiny,
  config: { ...tiny.config, vocabulary },
  words: source
})
const fromJson = (name: string) => withWords({ _tag: "Json", file: join(words, `${name}.json`), config: {} })

/** The same words as a GGUF file's tables. */
const tablesOf = (name: string): ReadonlyArray<readonly [string, GgufValue]> => {
  const { added_tokens: added, model: { merges, vocab } } = jsonOf(name)
  const tokens = Object.entries(vocab).toSorted(([, a], [, b]) => a - b).map(([word]) => word)
  const special = new Set(added.map(({ content }) => content))
  return [
    ["tokenizer.ggml.model", "gpt2"],
    ["tokenizer.ggml.pre", name],
    ["tokenizer.ggml.tokens", tokens],
    ["tokenizer.ggml.merges", merges.map((pair) => pair.join(" "))],
    ["tokenizer.ggml.token_type", tokens.map((token) => (special.has(token) ? 3 : 1))]
  ]
}
const fromGguf = (entries: ReadonlyArray<readonly [string, GgufValue]>) =>
  withWords({ _tag: "Gguf", gguf: { file: "words.gguf", size: 0, version: 3, metadata: new Map(entries), tensors: new Map() } })

const open = (model: PretrainedModel) => Effect.runPromise(openTokenizer(model))
const refusal = (model: PretrainedModel) => Effect.runPromise(Effect.flip(openTokenizer(model)))

const BYTE_LEVEL = ["smollm", "llama-bpe", "qwen2", "gpt-2"]

describe("a tokenizer of text", () => {
  it.each([...BYTE_LEVEL, "fallback"])("%s: ids and text of awkward strings are those of the Rust library", async (name) => {
    const tokenizer = await open(fromJson(name))
    const expected = expectedOf(name)
    expect(expected.map(({ text }) => [text, Result.getOrThrow(tokenizer.encode(text))])).toEqual(expected.map(({ ids, text }) => [text, ids]))
    expect(expected.map(({ ids }) => Result.getOrThrow(tokenizer.pieces(ids)).join(""))).toEqual(
      expected.map(({ back, text }) => back ?? text)
    )
  })

  it.each(BYTE_LEVEL)("%s: a GGUF file's tables give the same", async (name) => {
    const tokenizer = await open(fromGguf(tablesOf(name)))
    for (const { ids, text } of expectedOf(name)) expect([text, Result.getOrThrow(tokenizer.encode(text))]).toEqual([text, ids])
  })
})
