/**
 * The countdown task: reach a number with given ones, each used once, by + − * / and brackets. The form is that of TinyZero (Pan et
 * al., 2025) and of TRL's and verl's recipes. A problem has many right answers and none is written down: the checker computes.
 *
 * @module
 */
import { Layer, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Query } from "../domain/Query.ts"
import { type Draws, draws, fold, type Seed, shuffle } from "../domain/Seed.ts"
import { failing } from "../domain/Throws.ts"
import { Task, type TaskService, type Teacher } from "../domain/Task.ts"
import { readExpression } from "./Expression.ts"
import { HELD_OUT_ONE_IN } from "./Operands.ts"

/** The operands and the operations that problems are made with. A level is how many numbers there are, "2" to "6". */
export const CountdownConfig = Schema.Struct({
  levels: Schema.NonEmptyArray(Schema.NonEmptyString),
  /** Numbers are uniform from 1 to this. */
  largest: Schema.Int,
  /** The operations that problems are made with; answers may use all four. */
  operations: Schema.NonEmptyArray(Schema.Literals(["+", "-", "*"]))
})
export type CountdownConfig = typeof CountdownConfig.Type

/** A problem: the numbers in the order given, and the one to reach. */
export interface Problem {
  readonly numbers: ReadonlyArray<number>
  readonly target: number
}

const PROMPT = /^Using the numbers (\d+(?:, \d+)*), create an expression that equals (\d+)\.$/

/** Puts a problem into words. */
export const promptOf = ({ numbers, target }: Problem): string =>
  `Using the numbers ${numbers.join(", ")}, create an expression that equals ${target}.`

/** Reads a problem from its prompt; undefined for any other text, and for numbers of 2^53 and more, which would be rounded. */
export const problemOf = (prompt: string): Problem | undefined => {
  const [, list, goal] = PROMPT.exec(prompt.trim()) ?? []
  if (list === undefined || goal === undefined) return undefined
  const [numbers, target] = [list.split(", ").map(Number), Number(goal)]
  return [...numbers, target].every(Number.isSafeInteger) ? { numbers, target } : undefined
}

const readLevel = (level: string): number => {
  if (!/^[2-6]$/.test(level)) {
    throw new ConfigError({ field: "level", value: JSON.stringify(level), expected: "how many numbers there are, \"2\" to \"6\"" })
  }
  return Number(level)
}

/** A problem with the expression that it was made from. */
interface Solved extends Problem {
  readonly solution: string
}

/** Folds shuffled numbers with drawn operations, from left to right and never below 1, so that every problem has a solution. */
const drawSolved = ({ largest, operations }: CountdownConfig, count: number, stream: Draws, seed: Seed): Solved => {
  const numbers = Array.from({ length: count }, () => stream.integer(1, largest))
  const [first = 1, ...rest] = shuffle(numbers, fold(seed, "order"))
  let target = first
  let solution = String(first)
  let isSum = false
  for (const number of rest) {
    const possible = operations.filter((operation) => operation !== "-" || target - number >= 1)
    const operation = possible[stream.integer(0, Math.max(0, possible.length - 1))] ?? "+"
    solution = operation === "*" && isSum ? `(${solution})*${number}` : `${solution}${operation}${number}`
    isSum = operation !== "*"
    target = operation === "+" ? target + number : operation === "-" ? target - number : target * number
  }
  return { numbers, target, solution }
}

const identify = ({ numbers, target }: Problem): string => `${numbers.join(",")}>${target}`

/** The order in which numbers are given makes no other problem: all orders of one are held out together. */
const isHeldOut = ({ numbers, target }: Problem): boolean =>
  fold(0xc0de, identify({ numbers: numbers.toSorted((a, b) => a - b), target })) % HELD_OUT_ONE_IN === 0

const toQuery = (problem: Problem): Query => ({ id: identify(problem), level: String(problem.numbers.length), prompt: promptOf(problem) })

/** The longest level; the ways to join more numbers are too many to try. */
const MOST_NUMBERS = 6

/** Numbers joined to one value: the expression, and how it was reached step by step. */
interface Joined {
  readonly value: number
  readonly text: string
  readonly steps: ReadonlyArray<string>
}

type Sign = "+" | "-" | "*"

const SIGNS: ReadonlyArray<Sign> = ["+", "*", "-"]

const joinTwo = (a: Joined, sign: Sign, b: Joined): Joined => {
  const value = sign === "+" ? a.value + b.value : sign === "*" ? a.value * b.value : a.value - b.value
  const second = b.value < 0 ? `(${b.value})` : String(b.value)
  return { value, text: `(${a.text}${sign}${b.text})`, steps: [...a.steps, ...b.steps, `${a.value}${sign}${second}=${value}`] }
}

const singles = (numbers: ReadonlyArray<number>): ReadonlyArray<Joined> =>
  numbers.map((value) => ({ value, text: String(value), steps: [] }))

/** An expression without brackets around all of it. */
const bare = (text: string): string => text.replace(/^\((.*)\)$/, "$1")

/** All ways of joining values two and two, until one is left: slow and sure; at most six numbers. */
const solve = (problem: Problem): Joined | undefined => {
  if (problem.numbers.length > MOST_NUMBERS) return undefined
  const join = (parts: ReadonlyArray<Joined>): Joined | undefined => {
    if (parts.length === 1) return parts[0]!.value === problem.target ? parts[0] : undefined
    for (let i = 0; i < parts.length; i++) {
      for (let j = 0; j < parts.length; j++) {
        if (i === j) continue
        const rest = parts.filter((_, k) => k !== i && k !== j)
        for (const sign of SIGNS) {
          if (i > j && sign !== "-") continue
          const found = join([...rest, joinTwo(parts[i]!, sign, parts[j]!)])
          if (found !== undefined) return found
        }
      }
    }
    return undefined
  }
  return join(singles(problem.numbers))
}

/** Says whether an expression reaches the target with each number used once: exactly, by fractions. Spaces between its symbols say nothing. */
const check = (query: Query, candidate: string) => {
  const problem = problemOf(query.prompt)
  if (problem === undefined) return "GoldInvalid"
  const expression = readExpression(candidate)
  if (expression === undefined) return "Unparsable"
  const used = expression.numbers.map(String).toSorted().join()
  const given = problem.numbers.map(String).toSorted().join()
  return used === given && expression.over === BigInt(problem.target) * expression.under ? "Correct" : "Wrong"
}

const answer = (query: Query): string => {
  const problem = problemOf(query.prompt)
  const solved = problem === undefined ? undefined : solve(problem)
  return solved === undefined ? "" : bare(solved.text)
}

/** The numbers in some order, with signs in between. */
const guess = ({ prompt }: Query, stream: Draws): string => {
  const numbers = problemOf(prompt)?.numbers ?? []
  const signs = ["+", "-", "*"] as const
  return shuffle(numbers, stream.integer(0, 0x7fffffff)).reduce(
    (text, number) => (text === "" ? String(number) : `${text}${signs[stream.integer(0, 2)]!}${number}`),
    ""
  )
}

/** Numbers joined at random, two and two. */
const joinAtRandom = ({ numbers }: Problem, stream: Draws): Joined => {
  let parts = singles(numbers)
  while (parts.length > 1) {
    const [i, shift] = [stream.integer(0, parts.length - 1), stream.integer(1, parts.length - 1)]
    const j = (i + shift) % parts.length
    const joined = joinTwo(parts[i]!, stream.pick(SIGNS), parts[j]!)
    parts = [...parts.filter((_, k) => k !== i && k !== j), joined]
  }
  return parts[0]!
}

const MOST_TRIED = 100

/** The steps of a solution, or of joining at random where somebody slips; a wrong one on purpose is one that does not reach the target. */
const work: NonNullable<Teacher["work"]> = (query, { isWrong, slip }, stream) => {
  const problem = problemOf(query.prompt)
  const written = ({ steps, text }: Joined) => ({ working: `${steps.join(", ")}.`, answer: bare(text) })
  const solved = problem === undefined || isWrong || stream.uniform() < slip ? undefined : solve(problem)
  if (problem === undefined || solved !== undefined) return solved === undefined ? { working: "", answer: "" } : written(solved)
  for (let tried = 0; tried < MOST_TRIED; tried++) {
    const joined = joinAtRandom(problem, stream)
    if (!isWrong || joined.value !== problem.target) return written(joined)
  }
  // Every way leads there: a number too many is wrong for certain.
  const { steps, text, value } = joinAtRandom(problem, stream)
  return written({ value: value + 1, text: `${text}+1`, steps: [...steps, `${value}+1=${value + 1}`] })
}

const teacher: Teacher = {
  answer,
  attempt: (query, slip, stream) => (stream.uniform() < slip ? guess(query, stream) : answer(query)),
  corrupt: (query, stream) => {
    for (let attempt = 0; attempt < MOST_TRIED; attempt++) {
      const text = guess(query, stream)
      if (check(query, text) === "Wrong") return text
    }
    return `${answer(query)}+1`
  },
  work
}

/** Builds the task. Throws ConfigError for levels and numbers that make no sense. */
export const make = (config: CountdownConfig): TaskService => {
  if (!Number.isInteger(config.largest) || config.largest < 2 || config.largest > 100) {
    throw new ConfigError({ field: "task.largest", value: String(config.largest), expected: "a whole number from 2 to 100" })
  }
  config.levels.forEach(readLevel)
  const draw = (level: string, seed: Seed): Solved => drawSolved(config, readLevel(level), draws(seed), seed)
  return {
    name: "countdown",
    answers: "countdown",
    levels: config.levels,
    training: (level, seed) => {
      for (let attempt = 0; attempt < 1_000; attempt++) {
        const problem = draw(level, fold(seed, attempt))
        if (!isHeldOut(problem)) return toQuery(problem)
      }
      return toQuery(draw(level, seed))
    },
    test: (level, { count, seed }) => {
      const isTrained = config.levels.includes(level)
      const choose = (isAllowed: (problem: Problem) => boolean): ReadonlyArray<Query> => {
        const chosen = new Map<string, Query>()
        // Few numbers make few problems: the drawing ends when nothing new has come for long.
        for (let i = 0, sinceNew = 0; chosen.size < count && sinceNew < 10_000; i++, sinceNew++) {
          const problem = draw(level, fold(seed, "test", level, i))
          if (!isAllowed(problem) || chosen.has(identify(problem))) continue
          chosen.set(identify(problem), toQuery(problem))
          sinceNew = 0
        }
        return [...chosen.values()]
      }
      const heldOut = choose((problem) => !isTrained || isHeldOut(problem))
      if (heldOut.length > 0 || count === 0) return { queries: heldOut, overlap: 0, available: heldOut.length }
      // So few problems that none is held out. What could be chosen is what was found: problems are not counted in advance.
      const all = choose(() => true)
      return { queries: all, overlap: all.length, available: all.length }
    },
    check,
    teacher
  }
}

/** The layer of the task. Settings that make no sense fail it with a ConfigError. */
export const layer = (config: CountdownConfig): Layer.Layer<Task, ConfigError> =>
  Layer.effect(Task, failing([ConfigError], () => make(config)))
