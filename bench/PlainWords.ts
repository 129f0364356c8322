/** Words without rules, as language models are measured: sequences of a fixed length, each token any of the vocabulary. */
import { type Layer, Result } from "effect"
import { type ConfigError, TokenizerError } from "../src/domain/Errors.ts"
import type { Cursor, Grammar, GrammarService } from "../src/domain/Grammar.ts"
import type { Tokenizer, Tokens } from "../src/domain/Tokenizer.ts"
import { layerWords, type Words } from "../src/model/grammar/Words.ts"
import type { Placement } from "../src/model/policy/Placement.ts"

/** How many words there are, how many tokens a sequence has, its prompt included, and for how many the model has positions. */
export interface PlainConfig {
  readonly vocabulary: number
  readonly length: number
  readonly positions: number
}

/** Makes the words; a token's text is its number and a space. */
export const makePlain = ({ length, positions, vocabulary }: PlainConfig): Words => {
  const cursor = (place: number, left: number): Cursor => ({
    next: left === 0 ? { _tag: "Ended", ending: "stop" } : { _tag: "Among", set: 0 },
    attempt: 0,
    place,
    advance: () => cursor(place + 1, left - 1)
  })
  const encode = (text: string): Result.Result<Tokens, TokenizerError> => {
    const tokens = text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number)
    return tokens.every((token) => Number.isInteger(token) && token >= 0 && token < vocabulary)
      ? Result.succeed(tokens)
      : Result.fail(new TokenizerError({ input: text, position: 0, problem: `expected numbers from 0 to ${vocabulary - 1}` }))
  }
  const read: GrammarService["read"] = ({ promptLength, tokens }) =>
    Result.succeed({
      spans: [{ kind: "sample", start: promptLength, end: tokens.length }],
      ending: tokens.length === length ? "stop" : "truncated"
    })
  return {
    tokenizer: { vocabulary, encode, pieces: (tokens) => Result.succeed(tokens.map((token) => `${token} `)) },
    grammar: {
      sets: [Array.from({ length: vocabulary }, (_, token) => token)],
      prompt: ({ prompt }) => encode(prompt),
      open: (prompt) => cursor(0, length - prompt.length),
      read,
      write: ({ prompt }, attempts) =>
        Result.gen(function* () {
          const head = yield* encode(prompt)
          const written = {
            tokens: [...head, ...(yield* encode(attempts.map(({ answer }) => answer).join(" ")))],
            promptLength: head.length
          }
          return { ...written, ...(yield* read(written)) }
        }),
      render: ({ promptLength, tokens }) =>
        Result.succeed({ prompt: tokens.slice(0, promptLength).join(" "), response: tokens.slice(promptLength).join(" ") })
    },
    placement: {
      positions,
      segments: 1,
      largestOffset: () => 0,
      prompt: (prompt) => prompt.map((_, position) => ({ position, segment: 0, group: 0 })),
      at: (prompt, _offset, { place }) => ({ position: prompt.length + place, segment: 0, group: 0 })
    }
  }
}

/** Layer of the words. */
export const layerPlain = (config: PlainConfig): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> =>
  layerWords(() => makePlain(config))
