/**
 * The words of a pretrained model: text to the ids it was trained on, and back.
 *
 * @module
 */
import { Effect, Result } from "effect"
import type { TokenizerService, Tokens } from "../../domain/Tokenizer.ts"
import { TokenizerError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { ModelFileError } from "./ModelFileError.ts"
import type { PretrainedModel } from "./PretrainedModel.ts"
import { piecesOf, tokenBytes } from "./TokenBytes.ts"
import { type TokenizerTables, tokenizerTables } from "./TokenizerTables.ts"

/**
 * A tokenizer of text. `encode` finds added tokens that stand in the text (`<|im_end|>`) and puts none there itself; a text from elsewhere that
 * spells one is read as it, as in transformers. `pieces` gives each character to the token with its last byte (see `piecesOf`).
 */
export interface TextTokenizer extends TokenizerService {
  /** Ids of the added tokens by what they spell. */
  readonly added: ReadonlyMap<string, number>
  /** Ids of tokens that steer and are no part of what is said, such as the end of a turn. */
  readonly special: ReadonlySet<number>
}

// What of the library is used; its own types do not resolve where imports must name files.
interface Encoder {
  readonly encode: (text: string, options: { readonly add_special_tokens: boolean }) => { readonly ids: ReadonlyArray<number | undefined> }
}
interface Library {
  readonly Tokenizer: new(json: object, config: object) => Encoder
}

const unknownToken = (tokens: Tokens, at: number, size: number): TokenizerError =>
  new TokenizerError({
    input: tokens.slice(0, 50).join(" "),
    position: at,
    problem: `no token ${tokens[at]}; ids run from 0 to ${size - 1}`
  })

const SHOWN = 200

const encoderOf = (library: Library, { file, json }: TokenizerTables): Encoder => {
  try {
    return new library.Tokenizer(json, {})
  } catch (cause) {
    throw new ModelFileError({
      reason: "Tokenizer",
      file,
      found: cause instanceof Error ? cause.message : String(cause),
      expected: "a tokenizer whose stages are known",
      advice: "Is the file whole, and of a version of tokenizers that others read?"
    })
  }
}

/** The ids, or what the library says where its stages fail on a text. */
const idsOf = (encoder: Encoder, text: string): ReadonlyArray<number | undefined> | string => {
  try {
    return encoder.encode(text, { add_special_tokens: false }).ids
  } catch (cause) {
    return `the tokenizer's stages fail: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}

const build = (library: Library, tables: TokenizerTables): TextTokenizer => {
  const { added, isExact, stripsSpace, words, writing } = tables
  const encoder = encoderOf(library, tables)
  const literal = new Set(added.map(({ id }) => id))
  const bytes = tokenBytes(words, literal, writing)
  const utf8 = new TextEncoder()
  const lengthOf = (tokens: Tokens): number => tokens.reduce((sum, token) => sum + bytes.of(token).length, 0)
  return {
    vocabulary: bytes.count,
    added: new Map(added.map(({ content, id }) => [content, id])),
    special: new Set(added.flatMap(({ id, special }) => (special ? [id] : []))),
    encode: (text) => {
      const fail = (position: number, problem: string) =>
        Result.fail(new TokenizerError({ input: text.slice(Math.max(0, position - 20), position + SHOWN), position, problem }))
      if (text === "") return Result.succeed([])
      if (!text.isWellFormed()) {
        const at = [...text].reduce(({ at, found }, each) => {
          const isHalf = found < 0 && each.length === 1 && !each.isWellFormed()
          return { at: at + each.length, found: isHalf ? at : found }
        }, { at: 0, found: -1 }).found
        return fail(at, "half of a surrogate pair, which is no character")
      }
      const ids = idsOf(encoder, text)
      if (typeof ids === "string") return fail(0, ids)
      if (!ids.every((id): id is number => id !== undefined && bytes.has(id))) return fail(0, "a part of it has no token")
      // A vocabulary without some byte would drop characters in silence.
      if (isExact && writing === "byteLevel" && lengthOf(ids) !== utf8.encode(text).length) {
        return fail(0, "the vocabulary has no tokens for some of its characters")
      }
      return Result.succeed(ids)
    },
    pieces: (tokens) => {
      const foreign = tokens.findIndex((token) => !bytes.has(token))
      if (foreign >= 0) return Result.fail(unknownToken(tokens, foreign, bytes.count))
      const pieces = piecesOf(tokens, bytes)
      const [first = ""] = pieces
      const isPrefixed = stripsSpace && first.startsWith(" ") && !literal.has(tokens[0]!)
      return Result.succeed(isPrefixed ? [first.slice(1), ...pieces.slice(1)] : pieces)
    }
  }
}

/**
 * Makes the tokenizer of a model: from its tokenizer.json, or from the tables of its GGUF file, cutting text as `tokenizer.ggml.pre` says.
 *
 * Fails with ModelFileError: tables that are missing or contradict each other, a kind of vocabulary or a way of cutting text that is not
 * known, ids beyond the model's own.
 */
export const openTokenizer = ({ config, words }: PretrainedModel): Effect.Effect<TextTokenizer, ModelFileError> =>
  Effect.gen(function* () {
    // Loaded on demand: models of arithmetic need no words.
    const library = (yield* Effect.promise(() => import("@huggingface/tokenizers"))) as unknown as Library
    return yield* failing([ModelFileError], () => {
      const tables = tokenizerTables(words)
      if (tables.words.length > config.vocabulary) {
        throw new ModelFileError({
          reason: "Tokenizer",
          file: tables.file,
          found: `ids up to ${tables.words.length - 1}`,
          expected: `ids below ${config.vocabulary}, which is how many tokens the model has`,
          advice: "Does the tokenizer belong to this model?"
        })
      }
      return build(library, tables)
    })
  })
