import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { GgufValue } from "../../../src/model/pretrained/Gguf.ts"
import { openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { BYTE_CHARACTERS, tokenBytes } from "../../../src/model/pretrained/TokenBytes.ts"
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

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "words-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const BYTE_LEVEL = ["smollm", "llama-bpe", "qwen2", "gpt-2"]

describe("a tokenizer of text", () => {
  it.each([...BYTE_LEVEL, "fallback"])("%s: ids and text of awkward strings are those of the Rust library", async (name) => {
    const tokenizer = await open(fromJson(name))
    const expected = expectedOf(name)
    expect(expected.map(({ text }) => [text, Result.getOrThrow(tokenizer.encode(text))])).toEqual(
      expected.map(({ ids, text }) => [text, ids])
    )
    expect(expected.map(({ ids }) => Result.getOrThrow(tokenizer.pieces(ids)).join(""))).toEqual(
      expected.map(({ back, text }) => back ?? text)
    )
  })

  it.each(BYTE_LEVEL)("%s: a GGUF file's tables give the same", async (name) => {
    const tokenizer = await open(fromGguf(tablesOf(name)))
    for (const { ids, text } of expectedOf(name)) expect([text, Result.getOrThrow(tokenizer.encode(text))]).toEqual([text, ids])
  })

  it("finds added tokens in text and puts none there; all of a model's tokens have a text", async () => {
    const tokenizer = await Effect.runPromise(openTokenizer(tiny))
    expect(tokenizer.vocabulary).toBe(288)
    expect([...tokenizer.added]).toEqual([["<|endoftext|>", 0], ["<|im_start|>", 1], ["<|im_end|>", 2]])
    expect([...tokenizer.special]).toEqual([0, 1, 2])
    expect(Result.getOrThrow(tokenizer.encode("")).length).toBe(0)
    const all = Array.from({ length: tokenizer.vocabulary }, (_, id) => id)
    expect(Result.getOrThrow(tokenizer.pieces(all)).length).toBe(all.length)
  })

  it("llama-bpe takes a word that is a token whole, also where no merge leads to it; the others do not", async () => {
    const lengthIn = async (pre: string): Promise<number> => {
      const tables = tablesOf(pre).map(([name, value]): readonly [string, GgufValue] => {
        if (name.endsWith(".tokens")) return [name, [...value as ReadonlyArray<string>, "zqzq"]]
        return [name, name.endsWith(".token_type") ? [...value as ReadonlyArray<number>, 1] : value]
      })
      return Result.getOrThrow((await open(fromGguf(tables))).encode("zqzq")).length
    }
    expect(await lengthIn("llama-bpe")).toBe(1)
    expect(await lengthIn("qwen2")).toBe(4)
  })

  it("a character split over tokens belongs to the token with its last byte; what stays open at the end is U+FFFD of the last", async () => {
    const tokenizer = await open(fromJson("gpt-2"))
    const byte = (value: number): number => jsonOf("gpt-2").model.vocab[BYTE_CHARACTERS[value]!]!
    const pieces = (...bytes: ReadonlyArray<number>) => Result.getOrThrow(tokenizer.pieces(bytes.map(byte)))
    expect(pieces(0xf0, 0x9f, 0xa4, 0x97)).toEqual(["", "", "", "🤗"])
    expect(pieces(0xe2, 0x82)).toEqual(["", "\ufffd"])
    expect(pieces(0xe2, 0x41, 0xff, 0x42)).toEqual(["", "\ufffdA", "\ufffd", "B"])
    expect(pieces(0xef, 0xbb, 0xbf)).toEqual(["", "", "\ufeff"])
    expect(pieces()).toEqual([])
  })

  it("pieces of any tokens are the text of their bytes, and those of the first do not depend on the others", async () => {
    const tokenizer = await open(fromJson("qwen2"))
    const { count, of } = tokenBytes(
      Object.entries(jsonOf("qwen2").model.vocab).toSorted(([, a], [, b]) => a - b).map(([word]) => word),
      new Set([0, 1, 2]),
      "byteLevel"
    )
    fc.assert(fc.property(fc.array(fc.nat(count - 1), { maxLength: 12 }), fc.nat(12), (tokens, cut) => {
      const pieces = Result.getOrThrow(tokenizer.pieces(tokens))
      const bytes = Buffer.concat(tokens.map((token) => of(token)))
      expect(pieces).toHaveLength(tokens.length)
      expect(pieces.join("")).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))
      const first = Result.getOrThrow(tokenizer.pieces(tokens.slice(0, cut)))
      expect(first.slice(0, -1)).toEqual(pieces.slice(0, Math.max(0, first.length - 1)))
    }))
  })

  it("text that has no tokens, and tokens that there are not, are TokenizerErrors with their place", async () => {
    const tokenizer = await open(fromJson("gpt-2"))
    const halved = Result.getOrThrow(Result.flip(tokenizer.encode("a🤗\ud83eb")))
    expect(halved).toMatchObject({ _tag: "TokenizerError", position: 3, problem: "half of a surrogate pair, which is no character" })
    for (const id of [640, -1, 1.5, NaN]) {
      expect(Result.getOrThrow(Result.flip(tokenizer.pieces([5, id])))).toMatchObject({ position: 1 })
    }
    const { model, ...others } = jsonOf("gpt-2")
    const { [BYTE_CHARACTERS[0xc3]!]: _, ...vocab } = model.vocab
    const file = join(folder, "without.json")
    writeFileSync(file, JSON.stringify({ ...others, model: { ...model, vocab } }))
    const lacking = await open(withWords({ _tag: "Json", file, config: {} }))
    expect(Result.getOrThrow(Result.flip(lacking.encode("nÎ"))).message).toContain("for some of its characters")
  })

  describe("refuses", () => {
    const without = (key: string, change: ReadonlyArray<readonly [string, GgufValue]> = []) =>
      fromGguf([...tablesOf("gpt-2").filter(([name]) => name !== `tokenizer.ggml.${key}`), ...change])

    it.each<[string, () => PretrainedModel, string]>([
      [
        "a way of cutting text that is not known",
        () => without("pre", [["tokenizer.ggml.pre", "viking"]]),
        "tokenizer.ggml.pre is \"viking\""
      ],
      ["one named as a method of objects", () => without("pre", [["tokenizer.ggml.pre", "toString"]]), "\"toString\""],
      ["none", () => without("pre"), "tokenizer.ggml.pre is missing"],
      [
        "another kind of vocabulary",
        () => without("model", [["tokenizer.ggml.model", "llama"]]),
        "tokenizer.ggml.model is \"llama\", SentencePiece with scores"
      ],
      [
        "a Unigram vocabulary",
        () => without("model", [["tokenizer.ggml.model", "t5"]]),
        "tokenizer.ggml.model is \"t5\", a Unigram vocabulary"
      ],
      ["no merges", () => without("merges"), "no tokenizer.ggml.tokens and tokenizer.ggml.merges"],
      ["no types", () => without("token_type"), "0 types for 640 tokens"],
      ["a token with two ids", () =>
        fromGguf([
          ...tablesOf("gpt-2").filter(([name]) => !/tokens|token_type/.test(name)),
          ["tokenizer.ggml.tokens", ["a", "a"]],
          ["tokenizer.ggml.token_type", [1, 1]]
        ]), "the token \"a\" with the ids 0 and 1"],
      [
        "more tokens than the model has",
        () => withWords({ _tag: "Json", file: join(words, "gpt-2.json"), config: {} }, 600),
        "ids up to 639"
      ],
      ["no file", () => withWords({ _tag: "Json", file: join(words, "none.json"), config: {} }), "there is no such file"]
    ])("%s", async (_, model, part) => {
      expect((await refusal(model())).message).toContain(part)
    })

    it.each<[string, object, string]>([
      ["a unigram model", { model: { type: "Unigram", vocab: [] } }, "the type \"Unigram\""],
      ["a decoder that is not known", { decoder: { type: "WordPiece" } }, "a decoder of WordPiece"],
      ["no decoder", { decoder: null }, "a decoder of no stages"],
      ["an added token without an id", { added_tokens: [{ content: "x" }] }, "the added token"],
      ["ids without end", { added_tokens: [{ id: 2 ** 40, content: "x" }] }, "the added token"],
      ["an id for two words", { added_tokens: [{ id: 5, content: "other" }] }, "the id 5 for"],
      ["a stage that is not known", { pre_tokenizer: { type: "Nonsense" } }, "expected a tokenizer whose stages are known"]
    ])("%s", async (_, change, part) => {
      const file = join(folder, "changed.json")
      writeFileSync(file, JSON.stringify({ ...jsonOf("gpt-2"), ...change }))
      const error = await refusal(withWords({ _tag: "Json", file, config: {} }))
      expect(error.reason).toBe("Tokenizer")
      expect(error.message).toContain(part)
    })
  })
})
