/**
 * What multiplication and addition share as tasks: an operation on two operands, the paper's prompt, the exact check.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Query } from "../domain/Query.ts"
import type { Draws } from "../domain/Seed.ts"
import type { TaskService, Teacher, Worked } from "../domain/Task.ts"
import { leastFirst, numeralOf } from "./Digits.ts"
import { checkNumeral } from "./grading/CheckNumeral.ts"
import type { WriteDown } from "./Working.ts"
import { formatLevel, parseLevel, type Problem, testSet, trainProblem, validateLevel } from "./Operands.ts"

/** An operation on two whole numbers; `sign` is how prompts write it. */
export interface Operation {
  readonly name: string
  readonly sign: "*" | "+"
  readonly apply: (left: number, right: number) => number
  /** The most digits of a result of operands with so many digits. */
  readonly width: (left: number, right: number) => number
  /** The working of two numerals of a base. */
  readonly work: (left: string, right: string, radix: number, writeDown: WriteDown) => Worked
}

/** The base of the numerals, and the levels that training draws from. */
export const ArithmeticTaskConfig = Schema.Struct({ radix: Schema.Int, levels: Schema.NonEmptyArray(Schema.NonEmptyString) })
export type ArithmeticTaskConfig = typeof ArithmeticTaskConfig.Type

const PROMPT = /^Calculate (\d+) ([*+]) (\d+)\. Think step by step\.$/

/** A problem in numerals, as its prompt writes it. */
export interface Written {
  readonly left: string
  readonly sign: string
  readonly right: string
}

/** Puts a problem into words: the paper's prompt. */
export const promptOf = ({ left, right, sign }: Written): string => `Calculate ${left} ${sign} ${right}. Think step by step.`

/** Reads a problem from its prompt; undefined for any other text. */
export const writtenIn = (prompt: string): Written | undefined => {
  const [, left, sign, right] = PROMPT.exec(prompt.trim()) ?? []
  return left === undefined || sign === undefined || right === undefined ? undefined : { left, sign, right }
}

/** A problem of an operation as a query, with its answer, in numerals of a base. */
export const queryOf = ({ apply, sign }: Pick<Operation, "apply" | "sign">, radix: number, { left, level, right }: Problem): Query => {
  const [first, second] = [left.toString(radix), right.toString(radix)]
  return {
    id: `${first}${sign}${second}`,
    level,
    prompt: promptOf({ left: first, sign, right: second }),
    answer: apply(left, right).toString(radix)
  }
}

// The answer's digits, least significant first, with zeros up to the length of the longest result: what a pupil writes column by column.
const columns = ({ answer = "0", id }: Query, { sign, width }: Operation): Array<number> => {
  const [left = "", right = ""] = id.split(sign)
  return leastFirst(answer, width(left.length, right.length))
}

// A result of which each digit slips.
const slipping = (radix: number, slip: number, stream: Draws): WriteDown => (result) =>
  parseInt(
    numeralOf(leastFirst(result.toString(radix)).map((digit) => (stream.uniform() < slip ? stream.integer(0, radix - 1) : digit))),
    radix
  )

// So many results in a row may come out right although they slip.
const MOST_TRIED = 1_000

const workOf = (operation: Operation, radix: number): NonNullable<Teacher["work"]> => ({ answer, id }, { isWrong, slip }, stream) => {
  const [left = "", right = ""] = id.split(operation.sign)
  // Who hardly slips makes a wrong answer on purpose: a digit in ten.
  const rate = isWrong ? Math.max(slip, 1 / 10) : slip
  for (let tried = 0; tried < MOST_TRIED; tried++) {
    const worked = operation.work(left, right, radix, slipping(radix, rate, stream))
    if (!isWrong || worked.answer !== answer) return worked
  }
  throw new ConfigError({ field: "slip", value: String(slip), expected: `a rate with which wrong answers come: of ${id} none came` })
}

/** A teacher of an operation: slips digit by digit, and makes answers wrong by one digit, now and then two. */
const teacherOf = (operation: Operation, radix: number): Teacher => ({
  answer: ({ answer = "0" }) => answer,
  attempt: (query, slip, stream) =>
    numeralOf(columns(query, operation).map((digit) => (stream.uniform() < slip ? stream.integer(0, radix - 1) : digit))),
  corrupt: (query, stream) => {
    const digits = columns(query, operation)
    const wrong = [...digits]
    const changes = stream.uniform() < 0.3 ? 2 : 1
    for (let change = 0; change < changes; change++) {
      const at = stream.integer(0, digits.length - 1)
      wrong[at] = (digits[at]! + stream.integer(1, radix - 1)) % radix
    }
    return numeralOf(wrong)
  },
  work: workOf(operation, radix)
})

/** Builds the task of an operation. Throws ConfigError for levels and radixes that make no sense. */
export const arithmeticTask = (operation: Operation, { levels, radix }: ArithmeticTaskConfig): TaskService => {
  const config = { radix }
  const known = new Map(levels.map((text) => {
    const level = validateLevel(config, parseLevel(text))
    return [text, level] as const
  }))
  const toQuery = (problem: Problem): Query => queryOf(operation, radix, problem)
  const trained = new Set([...known.values()].map(formatLevel))
  return {
    name: operation.name,
    answers: "integer",
    levels,
    training: (level, seed) => toQuery(trainProblem(config, known.get(level) ?? validateLevel(config, parseLevel(level)), seed)),
    test: (text, { count, seed }) => {
      const level = validateLevel(config, parseLevel(text))
      const { available, overlap, problems } = testSet(config, level, { count, seed, isTrained: trained.has(formatLevel(level)) })
      return { queries: problems.map(toQuery), overlap, available }
    },
    check: ({ answer }, candidate) => checkNumeral(answer, candidate),
    teacher: teacherOf(operation, radix)
  }
}
