/**
 * Words so few that all their trajectories can be listed: prompts `P` (answers of one symbol) and `Q Q` (of two), then
 * up to `maxAttempts` of `=`, the symbols, and STOP or RESAMPLE.
 *
 * @module
 */
import { type Layer, Result } from "effect"
import type { ConfigError } from "../domain/Errors.ts"
import type { Cursor, Grammar, GrammarService } from "../domain/Grammar.ts"
import type { ScoredTokens } from "../domain/Policy.ts"
import type { Tokenizer, Tokens } from "../domain/Tokenizer.ts"
import { type AnswerCursor, attemptGrammar, symbolTokenizer } from "../model/grammar/AttemptGrammar.ts"
import { layerWords, type Words } from "../model/grammar/Words.ts"
import type { Placement } from "../model/policy/Placement.ts"

/** How many symbols answers are made of, the cap on attempts, and what attempts see of each other. */
export interface TinyGrammar {
  readonly symbols: number
  readonly maxAttempts: number
  readonly context: "markov" | "history"
}

/** Two symbols, two attempts, Markov. */
export const tinyGrammar: TinyGrammar = { symbols: 2, maxAttempts: 2, context: "markov" }

const [P, Q, EQUALS, STOP, RESAMPLE, OK, BAD, FIRST_SYMBOL] = [0, 1, 2, 3, 4, 5, 6, 7]

/** The prompts of the grammar: an answer of one symbol, and of two after a longer prompt. */
export const tinyPrompts: ReadonlyArray<Tokens> = [[P], [Q, Q]]

const widthOf = (prompt: Tokens): number => (prompt[0] === P ? 1 : 2)

const answerFrom = (left: number): AnswerCursor => ({
  next: left === 0 ? { _tag: "Done" } : { _tag: "Among", set: 0 },
  advance: () => answerFrom(left - 1)
})

const POSITIONS = 6

/** Builds codec, grammar and placement. */
export const makeTiny = ({ context, maxAttempts, symbols }: TinyGrammar): Words => {
  const answers = Array.from({ length: symbols }, (_, i) => FIRST_SYMBOL + i)
  const vocabulary = ["P", "Q", "=", "STOP", "RESAMPLE", "OK", "BAD", ..."abc".slice(0, symbols)]
  const tokenizer = symbolTokenizer(vocabulary)
  const text = (tokens: Tokens): string => tokens.map((token) => vocabulary[token]).join("")
  const grammar = attemptGrammar({
    vocabulary,
    tokens: { equals: EQUALS, stop: STOP, resample: RESAMPLE, ok: OK, bad: BAD },
    answerSets: [answers],
    maxAttempts,
    promptTokens: tokenizer.encode,
    promptText: (prompt) => Result.succeed(text(prompt)),
    openAnswer: (prompt) => answerFrom(widthOf(prompt)),
    answerText: text,
    partialText: text,
    answerTokens: tokenizer.encode
  })
  const isMarkov = context === "markov"
  return {
    tokenizer,
    grammar,
    placement: {
      positions: POSITIONS,
      segments: 1 + (isMarkov ? 1 : maxAttempts),
      largestOffset: (prompt) => POSITIONS - (widthOf(prompt) + 2),
      prompt: (prompt, offset) => prompt.map((_, i) => ({ position: offset + i, segment: 0, group: 0 })),
      at: (_prompt, offset, { attempt, place }) => ({
        position: offset + place,
        segment: 1 + (isMarkov ? 0 : attempt),
        group: isMarkov ? attempt + 1 : 0
      })
    }
  }
}

/** The layer of these words. */
export const layerTiny = (grammar: TinyGrammar): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> =>
  layerWords(() => makeTiny(grammar))

/** Lists the token sequences of all finished trajectories of a prompt. */
export const enumerateTrajectories = (
  grammar: GrammarService,
  { offset, prompt }: { readonly prompt: Tokens; readonly offset: number }
): ReadonlyArray<ScoredTokens> => {
  const found: Array<ScoredTokens> = []
  const visit = (tokens: Tokens, { advance, next }: Cursor): void => {
    if (next._tag === "Ended") {
      found.push({ tokens, promptLength: prompt.length, offset })
      return
    }
    if (next._tag === "Free") throw new Error("a grammar of free tokens cannot be listed")
    const choices = next._tag === "Forced" ? [next.token] : grammar.sets[next.set]!
    for (const token of choices) visit([...tokens, token], advance(token))
  }
  visit(prompt, grammar.open(prompt))
  return found
}
