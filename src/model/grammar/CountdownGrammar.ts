/**
 * The words of countdown: digits, signs and brackets, read from left to right; an answer is an expression that `.` closes.
 *
 *     3 , 5 , 7 > 2 2   =  3 * 5 + 7 .  STOP        (3 · 5 + 7 = 22)
 *
 * @module
 */
import { type Layer, Result, Schema } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Tokenizer } from "../../domain/Tokenizer.ts"
import { problemOf, promptOf } from "../../tasks/Countdown.ts"
import { AttemptContext, type Placement, sequencePlacement } from "../policy/Placement.ts"
import { type AnswerCursor, assertAttempts, attemptGrammar, symbolTokenizer } from "./AttemptGrammar.ts"
import { layerWords, type Words } from "./Words.ts"

/** Settings of the countdown grammar and its placement. */
export const CountdownWordsConfig = Schema.Struct({
  /** The cap on attempts; RESAMPLE in the last one ends the trajectory without an answer. */
  maxAttempts: Schema.Int,
  /** The most symbols of an expression; after so many the closing `.` is forced. */
  longest: Schema.Int,
  context: AttemptContext,
  /** Number of position ids: room for prompt and answer. */
  positions: Schema.Int
})
export type CountdownWordsConfig = typeof CountdownWordsConfig.Type

const SYMBOLS = [..."0123456789+-*/()"]
const VOCABULARY = [...SYMBOLS, ",", ">", ".", "=", "STOP", "RESAMPLE", "OK", "BAD"]
const id = (word: string): number => VOCABULARY.indexOf(word)
const CLOSE = id(".")
const words = symbolTokenizer(VOCABULARY)

/** Builds tokenizer, grammar and placement. Throws ConfigError for settings that cannot work. */
export const make = ({ context, longest, maxAttempts, positions }: CountdownWordsConfig): Words => {
  assertAttempts(maxAttempts)
  if (!Number.isInteger(longest) || longest < 3) {
    throw new ConfigError({ field: "grammar.longest", value: String(longest), expected: "a whole number of at least 3" })
  }
  const answerFrom = (left: number): AnswerCursor => ({
    next: left === 0 ? { _tag: "Forced", token: CLOSE } : { _tag: "Among", set: 0 },
    advance: (token) => (token === CLOSE ? { next: { _tag: "Done" }, advance: () => answerFrom(0) } : answerFrom(left - 1))
  })
  const text = (tokens: ReadonlyArray<number>): string => tokens.map((token) => VOCABULARY[token]).join("")
  const grammar = attemptGrammar({
    vocabulary: VOCABULARY,
    tokens: { equals: id("="), stop: id("STOP"), resample: id("RESAMPLE"), ok: id("OK"), bad: id("BAD") },
    answerSets: [[...SYMBOLS.map(id), CLOSE]],
    maxAttempts,
    promptTokens: (prompt) => {
      const problem = problemOf(prompt)
      return problem === undefined
        ? Result.fail(
          new TokenizerError({ input: prompt, position: 0, problem: `expected "${promptOf({ numbers: [3, 5, 7], target: 22 })}"` })
        )
        : words.encode(`${problem.numbers.join(",")}>${problem.target}`)
    },
    promptText: (prompt) => {
      const [numbers, target] = text(prompt).split(">")
      return numbers === undefined || target === undefined
        ? Result.fail(new TokenizerError({ input: text(prompt), position: 0, problem: "the prompt is no \"3,5,7>22\"" }))
        : Result.succeed(promptOf({ numbers: numbers.split(",").map(Number), target: Number(target) }))
    },
    openAnswer: () => answerFrom(longest),
    answerText: (tokens) => text(tokens.slice(0, -1)),
    partialText: text,
    answerTokens: (answer) =>
      Result.flatMap(words.encode(answer), (tokens) => {
        const foreign = tokens.findIndex((token) => token >= SYMBOLS.length)
        if (foreign >= 0) {
          return Result.fail(
            new TokenizerError({ input: answer, position: foreign, problem: "an expression has digits, + - * / and brackets" })
          )
        }
        if (tokens.length > longest) {
          return Result.fail(new TokenizerError({ input: answer, position: longest, problem: `more than ${longest} symbols` }))
        }
        return Result.succeed([...tokens, CLOSE])
      })
  })
  return { tokenizer: words, grammar, placement: sequencePlacement({ positions, context, maxAttempts }) }
}

/** The layer of countdown's words: tokenizer, grammar and placement. */
export const layer = (config: CountdownWordsConfig): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> =>
  layerWords(() => make(config))
