/**
 * The tables of a tokenizer: from tokenizer.json, or made from those of a GGUF file, in the form of tokenizer.json.
 *
 * @module
 */
import { isObject, jsonFile, type JsonObject } from "./FileBytes.ts"
import type { Gguf } from "./Gguf.ts"
import { ModelFileError } from "./ModelFileError.ts"
import type { WordSource } from "./PretrainedModel.ts"
import type { ByteWriting } from "./TokenBytes.ts"
import { shownValue } from "../../domain/ShownValue.ts"

/** A token that is found in text before anything else is. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** It steers (the end of a turn), and is no part of what is said. */
  readonly special: boolean
}

/** What a tokenizer is made from. */
export interface TokenizerTables {
  readonly file: string
  /** As tokenizer.json has it. */
  readonly json: JsonObject
  /** The word of each id; undefined where an id has none. */
  readonly words: ReadonlyArray<string | undefined>
  readonly added: ReadonlyArray<AddedToken>
  readonly writing: ByteWriting
  /** The space that is put before a text is taken off again: vocabularies like Llama 2's. */
  readonly stripsSpace: boolean
  /** Every byte of a text is in its tokens: nothing is normalised, and no added token takes spaces beside it. */
  readonly isExact: boolean
}

const MOST_BYTES = 128_000_000
const MOST_TOKENS = 4_000_000

const refused = (file: string, found: string, expected: string, advice: string): ModelFileError =>
  new ModelFileError({ reason: "Tokenizer", file, found, expected, advice })

const ANOTHER = "Take a model whose words are read so; every family that is computed has such ones"

const stagesOf = (stage: unknown, list: string): ReadonlyArray<JsonObject> => {
  if (!isObject(stage)) return []
  const parts = stage[list]
  return Array.isArray(parts) ? parts.flatMap((part) => stagesOf(part, list)) : [stage]
}

const writingOf = (file: string, json: JsonObject): { readonly writing: ByteWriting; readonly stripsSpace: boolean } => {
  const decoders = stagesOf(json["decoder"], "decoders")
  const types = decoders.map(({ type }) => type)
  if (types.includes("ByteLevel")) return { writing: "byteLevel", stripsSpace: false }
  const isFallback = types.includes("ByteFallback") &&
    decoders.some(({ content, pattern, type }) => type === "Replace" && content === " " && isObject(pattern) && pattern["String"] === "▁")
  const strip = decoders.find(({ type }) => type === "Strip")
  if (isFallback && (strip === undefined || (strip["content"] === " " && strip["start"] === 1 && strip["stop"] === 0))) {
    return { writing: "byteFallback", stripsSpace: strip !== undefined }
  }
  throw refused(
    file,
    `a decoder of ${
      types.length === 0 ? "no stages" : types.map((type) => (typeof type === "string" ? type : shownValue(type, 80))).join(", ")
    }`,
    "ByteLevel, or ByteFallback with ▁ for a space",
    ANOTHER
  )
}

const addedOf = (file: string, json: JsonObject): ReadonlyArray<AddedToken & { readonly takesSpace: boolean }> => {
  const given: ReadonlyArray<unknown> = Array.isArray(json["added_tokens"]) ? json["added_tokens"] : []
  return given.map((token) => {
    const { content, id, lstrip, rstrip, special }: JsonObject = isObject(token) ? token : {}
    if (
      typeof content !== "string" || content === "" || typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || id >= MOST_TOKENS
    ) {
      throw refused(file, `the added token ${shownValue(token, 120)}`, "an id and a content", "Fetch the file again")
    }
    return { id, content, special: special === true, takesSpace: lstrip === true || rstrip === true }
  })
}

/**
 * Cutting at digits, as a pattern: the Rust library means all numeric characters by them (½, ②, ٣), the one in JavaScript 0 to 9 alone, and
 * text with the others would become other tokens.
 */
const withAllDigits = (stage: unknown): unknown => {
  if (!isObject(stage)) return stage
  const { individual_digits: isEach, pretokenizers: parts, type } = stage
  if (Array.isArray(parts)) return { ...stage, pretokenizers: parts.map(withAllDigits) }
  if (type !== "Digits") return stage
  return {
    type: "Split",
    pattern: { Regex: isEach === true ? String.raw`\p{N}` : String.raw`\p{N}+` },
    behavior: "Isolated",
    invert: false
  }
}

const tablesOf = (file: string, json: JsonObject): TokenizerTables => {
  const model = json["model"]
  const vocabulary = isObject(model) ? model["vocab"] : undefined
  const merges = isObject(model) ? model["merges"] : undefined
  // Old files leave the type out; merges are what only BPE has.
  if (!isObject(model) || (model["type"] ?? "BPE") !== "BPE" || !isObject(vocabulary) || !Array.isArray(merges)) {
    const type = isObject(model) ? model["type"] : undefined
    throw refused(file, `a model of the type ${shownValue(type, 120)}`, "BPE with a vocab and merges", ANOTHER)
  }
  const added = addedOf(file, json)
  const words: Array<string | undefined> = []
  const put = (id: unknown, word: string): void => {
    if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || id >= MOST_TOKENS) {
      throw refused(
        file,
        `the id ${shownValue(id, 120)} of ${shownValue(word, 120)}`,
        `ids from 0 to ${MOST_TOKENS - 1}`,
        "Fetch the file again"
      )
    }
    if (words[id] !== undefined && words[id] !== word) {
      throw refused(
        file,
        `the id ${id} for ${shownValue(words[id], 120)} and ${shownValue(word, 120)}`,
        "an id for each",
        "Fetch the file again"
      )
    }
    while (words.length <= id) words.push(undefined)
    words[id] = word
  }
  for (const [word, id] of Object.entries(vocabulary)) put(id, word)
  for (const { content, id } of added) put(id, content)
  const normalisers = stagesOf(json["normalizer"], "normalizers")
  return {
    file,
    // What puts tokens before and after a text is left out: none are put there.
    json: { ...json, pre_tokenizer: withAllDigits(json["pre_tokenizer"]), post_processor: null },
    words,
    added: added.map(({ content, id, special }) => ({ content, id, special })),
    ...writingOf(file, json),
    isExact: normalisers.length === 0 && added.every(({ takesSpace }) => !takesSpace)
  }
}

const split = (pattern: string): JsonObject => ({
  type: "Sequence",
  pretokenizers: [
    { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false },
    { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false }
  ]
})

const byteLevel: JsonObject = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true }

const words = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|` + digits +
  String.raw`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

interface PreTokenizer {
  readonly split: JsonObject
  readonly normalizer: JsonObject | null
  /** A word that is a token is taken whole, even where merges would not lead to it. */
  readonly takesWords: boolean
}

/**
 * How text is cut before pairs are merged, by the names that llama.cpp's converter gives. A name stands for what the model's own tokenizer.json
 * does, so normalisation of Qwen2 to NFC is among it, which llama.cpp itself leaves out.
 *
 * Source: llama.cpp, `llama-vocab.cpp` and `convert_hf_to_gguf_update.py`; the tokenizer.json of one model of each.
 */
const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  "gpt-2": { split: byteLevel, normalizer: null, takesWords: false },
  smollm: {
    split: { type: "Sequence", pretokenizers: [{ type: "Digits", individual_digits: true }, byteLevel] },
    normalizer: null,
    takesWords: false
  },
  "llama-bpe": { split: split(words(String.raw`\p{N}{1,3}`)), normalizer: null, takesWords: true },
  qwen2: { split: split(words(String.raw`\p{N}`)), normalizer: { type: "NFC" }, takesWords: false }
}

/** Other names of the same. */
const ALIASES: Readonly<Record<string, string>> = {
  llama3: "llama-bpe",
  "llama-v3": "llama-bpe",
  "deepseek-r1-qwen": "qwen2"
}

/** Types of tokens, `llama_token_type` of llama.cpp. */
const CONTROL = 3
const USER_DEFINED = 4

/** Kinds of vocabularies that are not read from GGUF files, by their name there. */
const OTHER_KINDS: Readonly<Record<string, { readonly name: string; readonly advice: string }>> = {
  llama: {
    name: "SentencePiece with scores in place of merges",
    advice:
      "Scores do not say where text is cut as merges do; take the model as safetensors with its tokenizer.json, whose BPE with byte fallback is read"
  },
  t5: { name: "a Unigram vocabulary", advice: "Unigram is read in no form; take a model whose words are BPE" }
}

const ggufTables = ({ file, metadata }: Gguf): TokenizerTables => {
  const at = (field: string) => metadata.get(`tokenizer.ggml.${field}`)
  const [model, pre, tokens, merges, types] = [at("model"), at("pre"), at("tokens"), at("merges"), at("token_type")]
  if (model !== "gpt2") {
    const kind = typeof model === "string" && Object.hasOwn(OTHER_KINDS, model) ? OTHER_KINDS[model] : undefined
    throw refused(
      file,
      `tokenizer.ggml.model is ${shownValue(model, 120)}${kind === undefined ? "" : `, ${kind.name}`}`,
      `"gpt2", byte-level BPE`,
      kind?.advice ?? "Take the model as safetensors with its tokenizer.json"
    )
  }
  const name = typeof pre === "string" ? (ALIASES[pre] ?? pre) : ""
  const preTokenizer = Object.hasOwn(PRE_TOKENIZERS, name) ? PRE_TOKENIZERS[name] : undefined
  if (preTokenizer === undefined) {
    throw refused(
      file,
      `tokenizer.ggml.pre is ${shownValue(pre, 120)}`,
      `one of ${[...Object.keys(PRE_TOKENIZERS), ...Object.keys(ALIASES)].join(", ")}`,
      "Cut otherwise, text would become other tokens than the model was trained on; take the model as safetensors with its tokenizer.json"
    )
  }
  const areTexts = (value: unknown): value is ReadonlyArray<string> =>
    Array.isArray(value) && value.every((each) => typeof each === "string")
  if (!areTexts(tokens) || !areTexts(merges)) {
    throw refused(file, "no tokenizer.ggml.tokens and tokenizer.ggml.merges", "both, as lists of texts", "Fetch the file again")
  }
  const kinds: ReadonlyArray<unknown> = Array.isArray(types) ? types : []
  if (kinds.length !== tokens.length) {
    throw refused(file, `${kinds.length} types for ${tokens.length} tokens`, "a type for each", "Fetch the file again")
  }
  const isAdded = (id: number): boolean => kinds[id] === CONTROL || kinds[id] === USER_DEFINED
  const vocabulary: Record<string, number> = Object.create(null) as Record<string, number>
  tokens.forEach((token, id) => {
    if (isAdded(id)) return
    if (vocabulary[token] !== undefined) {
      throw refused(
        file,
        `the token ${JSON.stringify(token)} with the ids ${vocabulary[token]} and ${id}`,
        "an id for each",
        "Fetch the file again"
      )
    }
    vocabulary[token] = id
  })
  return tablesOf(file, {
    version: "1.0",
    added_tokens: tokens.flatMap((content, id) =>
      isAdded(id)
        ? [{ id, content, special: kinds[id] === CONTROL, normalized: false, lstrip: false, rstrip: false, single_word: false }]
        : []
    ),
    normalizer: preTokenizer.normalizer,
    pre_tokenizer: preTokenizer.split,
    post_processor: null,
    decoder: byteLevel,
    model: { type: "BPE", vocab: vocabulary, merges, ignore_merges: preTokenizer.takesWords }
  })
}

/** The tables of a model's tokenizer. Throws ModelFileError: no tokenizer.json, or words that are written in a way that is not read. */
export const tokenizerTables = (source: WordSource): TokenizerTables => {
  if (source._tag === "Gguf") return ggufTables(source.gguf)
  const { file } = source
  const json = jsonFile(file, MOST_BYTES)
  if (json !== undefined) return tablesOf(file, json)
  throw new ModelFileError({
    reason: "Missing",
    file,
    found: "there is no such file",
    expected: "tokenizer.json",
    advice:
      "Where a model has only tokenizer.model or vocab.json, AutoTokenizer.from_pretrained(…).save_pretrained(…) of transformers writes it"
  })
}
