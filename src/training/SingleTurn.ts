/**
 * Single-turn answers: the same words and the same network, but the grammar ends after the first answer, so there is no
 * decision to make and nobody to train one. The baseline that separates "RL makes answers better" from "RL makes
 * decisions better".
 *
 * A cap of one attempt would not do: the decision token would still be written, and RESAMPLE would throw the answer away.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { type Cursor, Tokenizer, type TokenizerService } from "../domain/Tokenizer.ts"

const ended: Cursor = { slot: "stop", advance: () => ended }

/** Makes a tokenizer whose trajectories end, as `stop`, with the last token of the first complete answer. */
export const singleTurn = (tokenizer: TokenizerService): TokenizerService => {
  const isAnswered = (tokens: ReadonlyArray<number>, promptLength: number): boolean => {
    const { spans } = tokenizer.spans({ tokens, promptLength })
    const [span, second] = spans
    return second === undefined && span?.kind === "sample" && span.answer !== undefined
  }
  const follow = (cursor: Cursor, tokens: ReadonlyArray<number>, promptLength: number): Cursor => ({
    slot: cursor.slot,
    advance: (token) => {
      const written = [...tokens, token]
      return isAnswered(written, promptLength) ? ended : follow(cursor.advance(token), written, promptLength)
    }
  })
  return {
    ...tokenizer,
    open: (prompt, offset) => follow(tokenizer.open(prompt, offset), prompt, prompt.length),
    spans: (request) => {
      const found = tokenizer.spans(request)
      return isAnswered(request.tokens, request.promptLength) ? { ...found, ending: "stop" } : found
    }
  }
}

/** Layer of the single-turn form of the tokenizer at hand. */
export const layer: Layer.Layer<Tokenizer, never, Tokenizer> = Layer.effect(Tokenizer, Effect.map(Tokenizer, singleTurn))
