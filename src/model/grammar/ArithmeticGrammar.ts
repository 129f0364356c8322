/**
 * The words of arithmetic: digits, least significant first, an operator, and one token each for STOP and RESAMPLE.
 *
 * A trajectory reads `a * b` (the prompt) and then, for every attempt, `= digits decision`:
 *
 *     1 2 3 * 4   =  4 8 2 1  RESAMPLE   =  4 8 2 1  STOP        (321 * 4 = 1284)
 *
 * An answer has as many digits as the result can have, filled up with zeros, so that how long it is says nothing; the zeros in
 * front are no part of its text.
 *
 * Positions are coupled by column: digit i of both operands and of every answer share the position id offset + i (plus
 * one for the answer, which is read one token later), so that "add the column, carry to the next" is the same movement
 * at every length. A random offset in training makes all position ids familiar, also those that only longer problems
 * reach. Source: position coupling (Cho et al., 2024) and Abacus embeddings (McLeish et al., 2024).
 *
 * @module
 */
import { type Layer, Result, Schema } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Tokenizer, Tokens } from "../../domain/Tokenizer.ts"
import { promptOf, writtenIn } from "../../tasks/ArithmeticTask.ts"
import { digitsText, leastFirst, numeralOf } from "../../tasks/Digits.ts"
import { assertPositions, AttemptContext, type Placement, type PlacementService } from "../policy/Placement.ts"
import {
  type AnswerCursor,
  assertAttempts,
  attemptGrammar,
  type AttemptLanguage,
  type AttemptTokens,
  symbolTokenizer
} from "./AttemptGrammar.ts"
import { layerWords, type Words } from "./Words.ts"

/** Settings of the arithmetic grammar and its placement by columns. */
export const ArithmeticConfig = Schema.Struct({
  /** Base of the numerals, 2 to 10. */
  radix: Schema.Int,
  /** The cap on attempts; RESAMPLE in the last one ends the trajectory without an answer. */
  maxAttempts: Schema.Int,
  context: AttemptContext,
  /** Number of position ids. */
  positions: Schema.Int,
  /** What stands between the operands; left out: "*". */
  operator: Schema.optionalKey(Schema.Literals(["*", "+"]))
})
export type ArithmeticConfig = typeof ArithmeticConfig.Type

const SEGMENT_LEFT = 0
const SEGMENT_OPERATOR = 1
const SEGMENT_RIGHT = 2
const SEGMENT_ANSWER = 3

/** The ids of the tokens that are not digits. */
export interface ArithmeticTokens extends AttemptTokens {
  readonly operator: number
}

/** Token ids after the digits 0 … radix − 1. */
export const arithmeticTokens = (radix: number): ArithmeticTokens => ({
  operator: radix,
  equals: radix + 1,
  stop: radix + 2,
  resample: radix + 3,
  ok: radix + 4,
  bad: radix + 5
})

/** How many digits an answer to a prompt of tokens has: as many as the largest result of operands so long. */
const answerWidth = (isSum: boolean, operator: number) => (prompt: Tokens): number => {
  if (!isSum) return prompt.length - 1
  const left = prompt.indexOf(operator)
  return Math.max(left, prompt.length - left - 1) + 1
}

const makePlacement = (
  { context, maxAttempts, positions }: ArithmeticConfig,
  width: (prompt: Tokens) => number,
  operator: number
): PlacementService => {
  assertPositions(positions)
  const isMarkov = context === "markov"
  return {
    positions,
    segments: SEGMENT_ANSWER + (isMarkov ? 1 : maxAttempts),
    largestOffset: (prompt) => positions - (width(prompt) + 2),
    prompt: (prompt, offset) => {
      const left = prompt.indexOf(operator)
      return prompt.map((_, i) => {
        if (i === left) return { position: offset + width(prompt), segment: SEGMENT_OPERATOR, group: 0 }
        const isLeft = i < left
        return { position: offset + (isLeft ? i : i - left - 1), segment: isLeft ? SEGMENT_LEFT : SEGMENT_RIGHT, group: 0 }
      })
    },
    // Place 0 is the forced "=", 1 … width the digits, width + 1 the decision.
    at: (_prompt, offset, { attempt, place }) => ({
      position: offset + place,
      segment: isMarkov ? SEGMENT_ANSWER : SEGMENT_ANSWER + attempt,
      group: isMarkov ? attempt + 1 : 0
    })
  }
}

/** Builds tokenizer, grammar and placement; `layer` offers them as services. Throws ConfigError for settings that cannot work. */
export const make = (config: ArithmeticConfig): Words => {
  const { maxAttempts, operator = "*", radix } = config
  if (!Number.isInteger(radix) || radix < 2 || radix > 10) {
    throw new ConfigError({ field: "grammar.radix", value: String(radix), expected: "a whole number from 2 to 10" })
  }
  assertAttempts(maxAttempts)
  const ids = arithmeticTokens(radix)
  const digits = Array.from({ length: radix }, (_, digit) => digit)
  const width = answerWidth(operator === "+", ids.operator)

  // One cursor for each number of digits left, made once: sampling and scoring step through them for every token.
  const cursors: Array<AnswerCursor> = []
  const answerFrom = (left: number): AnswerCursor =>
    cursors[left] ??= {
      next: left === 0 ? { _tag: "Done" } : { _tag: "Among", set: 0 },
      advance: () => answerFrom(left - 1)
    }

  const refuse = (input: string, position: number, problem: string) => Result.fail(new TokenizerError({ input, position, problem }))

  const language: AttemptLanguage = {
    vocabulary: [...digits.map(String), operator, "=", "STOP", "RESAMPLE", "OK", "BAD"],
    tokens: ids,
    answerSets: [digits],
    maxAttempts,
    promptTokens: (text) => {
      const problem = writtenIn(text)
      if (problem?.sign !== operator) return refuse(text, 0, `expected "${promptOf({ left: "a", sign: operator, right: "b" })}"`)
      const [left, right] = [leastFirst(problem.left), leastFirst(problem.right)]
      const foreign = [...left, ...right].find((digit) => digit >= radix)
      return foreign === undefined
        ? Result.succeed([...left, ids.operator, ...right])
        : refuse(text, text.indexOf(String(foreign)), `digit ${foreign} in base ${radix}`)
    },
    promptText: (prompt) => {
      const at = prompt.indexOf(ids.operator)
      return at <= 0 || at >= prompt.length - 1
        ? refuse(prompt.join(" "), 0, `the prompt is no "a ${operator} b"`)
        : Result.succeed(
          promptOf({ left: digitsText(prompt.slice(0, at)), sign: operator, right: digitsText(prompt.slice(at + 1)) })
        )
    },
    openAnswer: (prompt) => answerFrom(width(prompt)),
    answerText: numeralOf,
    partialText: digitsText,
    answerTokens: (text, prompt) => {
      const room = width(prompt)
      if (!/^\d+$/.test(text)) return refuse(text, 0, "an answer is a whole number")
      if (text.length > room) return refuse(text, 0, `an answer of ${text.length} digits where ${room} fit`)
      const answer = leastFirst(text, room)
      const foreign = answer.find((digit) => digit >= radix)
      return foreign === undefined
        ? Result.succeed(answer)
        : refuse(text, text.indexOf(String(foreign)), `digit ${foreign} in base ${radix}`)
    }
  }
  return {
    tokenizer: symbolTokenizer(language.vocabulary),
    grammar: attemptGrammar(language),
    placement: makePlacement(config, width, ids.operator)
  }
}

/** The layer of arithmetic's words: tokenizer, grammar and placement. */
export const layer = (config: ArithmeticConfig): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError> => layerWords(() => make(config))
