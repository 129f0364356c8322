/**
 * Single-turn answers: the same words and the same network, but the grammar ends after the first answer, so there is no
 * decision to make and nobody to train one. The baseline that separates "RL makes answers better" from "RL makes
 * decisions better".
 *
 * A cap of one attempt would not do: the decision token would still be written, and RESAMPLE would throw the answer away.
 *
 * @module
 */
import { Effect, Layer, Result } from "effect"
import { TokenizerError } from "../../domain/Errors.ts"
import { type Cursor, Grammar, type GrammarService } from "../../domain/Grammar.ts"

const end = ({ attempt, place }: Cursor): Cursor => {
  const cursor: Cursor = { next: { _tag: "Ended", ending: "stop" }, attempt, place, advance: () => cursor }
  return cursor
}

/** Makes a grammar whose trajectories end, as `stop`, with the last token of the first complete answer. */
export const singleTurn = (grammar: GrammarService): GrammarService => {
  const isAnswered = (tokens: ReadonlyArray<number>, promptLength: number): boolean => {
    const reading = grammar.read({ tokens, promptLength })
    if (Result.isFailure(reading)) return false
    const [first, second] = reading.success.spans
    return first?.kind === "sample" && first.answer !== undefined && second === undefined
  }
  const follow = (cursor: Cursor, tokens: ReadonlyArray<number>, promptLength: number): Cursor => ({
    next: cursor.next,
    attempt: cursor.attempt,
    place: cursor.place,
    advance: (token) => {
      const written = [...tokens, token]
      const next = cursor.advance(token)
      return isAnswered(written, promptLength) ? end(next) : follow(next, written, promptLength)
    }
  })
  const write: GrammarService["write"] = (query, attempts) => {
    const [only] = attempts
    if (attempts.length > 1 || only?.verdict !== undefined || only?.decision === "RESAMPLE") {
      const input = attempts.map(({ answer }) => answer).join(" ")
      const problem = "single-turn words: one answer, no second and no verdict"
      return Result.fail(new TokenizerError({ input, position: 0, problem }))
    }
    // A STOP goes without saying.
    return Result.map(
      grammar.write(query, only === undefined ? [] : [{ answer: only.answer }]),
      (written) => (only === undefined ? written : { ...written, ending: "stop" })
    )
  }
  return {
    ...grammar,
    write,
    open: (prompt) => follow(grammar.open(prompt), prompt, prompt.length),
    read: (written) =>
      Result.map(
        grammar.read(written),
        (found) => (isAnswered(written.tokens, written.promptLength) ? { ...found, ending: "stop" } : found)
      )
  }
}

/** Layer of the single-turn form of the grammar at hand. */
export const layer: Layer.Layer<Grammar, never, Grammar> = Layer.effect(Grammar, Effect.map(Grammar, singleTurn))
