/**
 * Problems of two whole numbers, as multiplication and addition have them: levels "m×n" by the operands' digits, seeded problem
 * sets, held-out problems (this paper, 2026, appendix E.1 and E.2).
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { draws, fold, type Seed } from "../domain/Seed.ts"

/** A difficulty level: the digits of the two operands. Written "3x4" in files and on the command line. */
export interface Level {
  readonly left: number
  readonly right: number
}

/** The base of the numerals. The paper multiplies decimal numbers; small models learn small bases sooner. */
export const TaskConfig = Schema.Struct({ radix: Schema.Int })
export type TaskConfig = typeof TaskConfig.Type

/** One problem: two operands in order. */
export interface Problem {
  readonly level: string
  readonly left: number
  readonly right: number
}

/** Reads a level such as "3x4" (also "3×4"). */
export const parseLevel = (text: string): Level => {
  const match = /^([1-9]\d?)[x×*]([1-9]\d?)$/.exec(text.trim())
  if (match === null) throw new ConfigError({ field: "level", value: JSON.stringify(text), expected: "two digit counts such as 3x4" })
  return { left: Number(match[1]), right: Number(match[2]) }
}

/** Writes a level as "3x4". */
export const formatLevel = (level: Level): string => `${level.left}x${level.right}`

// The operands of n digits are uniform in [radix^(n-1), radix^n - 1]; one digit starts at 1 as the paper's formula says.
const smallest = (radix: number, digits: number): number => radix ** (digits - 1)
const largest = (radix: number, digits: number): number => radix ** digits - 1

/** Counts the problems of a level: (radix^m − radix^(m−1)) · (radix^n − radix^(n−1)), with ordered operands. */
export const levelSize = (task: TaskConfig, level: Level): number =>
  (largest(task.radix, level.left) - smallest(task.radix, level.left) + 1) *
  (largest(task.radix, level.right) - smallest(task.radix, level.right) + 1)

/** Checks that a level's products are exact in float64 and its radix is between 2 and 10. */
export const validateLevel = (task: TaskConfig, level: Level): Level => {
  if (!Number.isInteger(task.radix) || task.radix < 2 || task.radix > 10) {
    throw new ConfigError({ field: "task.radix", value: String(task.radix), expected: "a whole number from 2 to 10" })
  }
  if (task.radix ** (level.left + level.right) > Number.MAX_SAFE_INTEGER) {
    throw new ConfigError({ field: "level", value: formatLevel(level), expected: "a product below 2^53" })
  }
  return level
}

/** Draws one problem of a level, operands uniform in [radix^(n−1), radix^n − 1]. */
export const drawProblem = (task: TaskConfig, level: Level, seed: Seed): Problem => {
  const stream = draws(seed)
  return {
    level: formatLevel(level),
    left: stream.integer(smallest(task.radix, level.left), largest(task.radix, level.left)),
    right: stream.integer(smallest(task.radix, level.right), largest(task.radix, level.right))
  }
}

/** The share of a training level that is held out for testing: one problem in HELD_OUT_ONE_IN. */
export const HELD_OUT_ONE_IN = 8

/** Says whether a problem is held out: a hash of its operands, so that it needs no list and never changes. */
export const isHeldOut = (problem: Pick<Problem, "left" | "right">): boolean =>
  fold(0x5eed, problem.left, problem.right) % HELD_OUT_ONE_IN === 0

/** A set of distinct test problems of a level and what is known of its overlap with training. */
export interface TestSet {
  readonly problems: ReadonlyArray<Problem>
  /** How many of `problems` training may also draw. 0 unless the level has too few problems to hold any out. */
  readonly overlap: number
  /** All problems that could have been chosen. */
  readonly available: number
}

// A level this small is listed in full instead of drawn from.
const ENUMERABLE = 20_000

// Drawing so much of a level takes 2.3 times as many draws as it has problems; all of it, twenty times as many.
const NEARLY_ALL = 0.9

const enumerate = (task: TaskConfig, level: Level): Array<Problem> => {
  const problems: Array<Problem> = []
  for (let left = smallest(task.radix, level.left); left <= largest(task.radix, level.left); left++) {
    for (let right = smallest(task.radix, level.right); right <= largest(task.radix, level.right); right++) {
      problems.push({ level: formatLevel(level), left, right })
    }
  }
  return problems
}

/**
 * Chooses up to `count` distinct test problems of a level. At a training level only held-out problems are chosen, so
 * train and test share none; where the level is so small that nothing is held out, all problems are used and the
 * overlap says so.
 */
export const testSet = (
  task: TaskConfig,
  level: Level,
  options: { readonly count: number; readonly isTrained: boolean; readonly seed: Seed }
): TestSet => {
  validateLevel(task, level)
  const seed = fold(options.seed, "test", formatLevel(level))
  const size = levelSize(task, level)
  // Nearly all of a level is listed too: drawing would come upon problems that it has already, and never end where there are too few.
  const held = options.isTrained ? size / HELD_OUT_ONE_IN : size
  if (size <= ENUMERABLE || options.count > NEARLY_ALL * held) {
    const all = enumerate(task, level)
    const heldOut = options.isTrained ? all.filter(isHeldOut) : all
    const pool = heldOut.length > 0 ? heldOut : all
    const order = pool.map((problem, i) => ({ problem, rank: fold(seed, i) })).sort((x, y) => x.rank - y.rank)
    const problems = order.slice(0, options.count).map((entry) => entry.problem)
    return { problems, overlap: options.isTrained && heldOut.length === 0 ? problems.length : 0, available: pool.length }
  }
  const chosen = new Map<string, Problem>()
  for (let i = 0; chosen.size < options.count; i++) {
    const problem = drawProblem(task, level, fold(seed, i))
    if (options.isTrained && !isHeldOut(problem)) continue
    chosen.set(`${problem.left}*${problem.right}`, problem)
  }
  return { problems: [...chosen.values()], overlap: 0, available: options.isTrained ? Math.round(size / HELD_OUT_ONE_IN) : size }
}

/** Draws a training problem of a level: uniform over the problems that are not held out (over all where nothing is held out). */
export const trainProblem = (task: TaskConfig, level: Level, seed: Seed): Problem => {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const problem = drawProblem(task, level, fold(seed, attempt))
    if (!isHeldOut(problem)) return problem
  }
  return drawProblem(task, level, seed)
}
