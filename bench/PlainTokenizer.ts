/** A grammar without rules, as language models are measured: sequences of a fixed length, each token any of the vocabulary. */
import { Effect, Layer } from "effect"
import { TokenizerError } from "../src/domain/Errors.ts"
import { type Cursor, Tokenizer, type TokenizerService } from "../src/domain/Tokenizer.ts"

/** How many words there are, how many tokens a sequence has, its prompt included, and for how many the model has positions. */
export interface PlainConfig {
  readonly vocabulary: number
  readonly length: number
  readonly positions: number
}

const ended: Cursor = { slot: "stop", advance: () => ended }

/** Makes the tokenizer; a token's text is its number. */
export const makePlain = ({ length, positions, vocabulary }: PlainConfig): TokenizerService => {
  const cursor = (index: number): Cursor =>
    index === length ? ended : { slot: { position: index, segment: 0, group: 0, allowed: 0, token: 0 }, advance: () => cursor(index + 1) }
  const parse = (text: string): Effect.Effect<ReadonlyArray<number>, TokenizerError> => {
    const tokens = text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number)
    const foreign = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabulary))
    return foreign === undefined
      ? Effect.succeed(tokens)
      : Effect.fail(new TokenizerError({ input: text, position: 0, problem: `expected numbers from 0 to ${vocabulary - 1}` }))
  }
  return {
    vocabulary: Array.from({ length: vocabulary }, (_, token) => String(token)),
    allowedSets: [Array.from({ length: vocabulary }, (_, token) => token)],
    positions,
    segments: 1,
    encodePrompt: parse,
    encode: ({ prompt, response }) =>
      Effect.gen(function* () {
        const head = yield* parse(prompt)
        return { tokens: [...head, ...(yield* parse(response))], promptLength: head.length }
      }),
    decode: ({ promptLength, tokens }) =>
      Effect.succeed({ prompt: tokens.slice(0, promptLength).join(" "), response: tokens.slice(promptLength).join(" ") }),
    largestOffset: () => 0,
    open: (prompt) => cursor(prompt.length),
    layout: ({ promptLength, tokens }) => ({
      positions: Int32Array.from(tokens, (_, i) => i),
      segments: new Int32Array(tokens.length),
      groups: new Int32Array(tokens.length),
      allowed: Int32Array.from(tokens, (_, i) => (i < promptLength ? -1 : 0))
    }),
    spans: ({ promptLength, tokens }) => ({
      spans: [{ kind: "sample", start: promptLength, end: tokens.length }],
      ending: tokens.length === length ? "stop" : "truncated"
    })
  }
}

/** Layer of the tokenizer. */
export const layerPlain = (config: PlainConfig): Layer.Layer<Tokenizer> => Layer.succeed(Tokenizer, makePlain(config))
