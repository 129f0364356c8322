/**
 * What a set of rollouts adds up to. Every estimate of the calibration is a function of these sums, which is what lets the
 * bootstrap resample queries by adding vectors.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { countDecisions } from "../../theory/CensoredRates.ts"
import type { Counts } from "../statistics/Bootstrap.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"

/**
 * Sums over rollouts. Attempts, decisions and transitions (two neighbouring attempts of one rollout) are those of all rollouts that were counted;
 * what is said of whole rollouts is said of finished ones.
 */
export interface RolloutCounts {
  /** Finished rollouts. */
  readonly rollouts: number
  /** Rollouts whose outcome is `Correct`. */
  readonly correct: number
  /** The 2×2 table over all decisions of all attempts: answer correct or wrong, decision STOP or RESAMPLE. */
  readonly correctStop: number
  readonly correctResample: number
  readonly wrongStop: number
  readonly wrongResample: number
  /** Transitions by correctness of the two answers. */
  readonly falseToTrue: number
  readonly falseToFalse: number
  readonly trueToFalse: number
  readonly trueToTrue: number
  /** Transitions that give the same answer again. */
  readonly echoes: number
  /** Rollouts whose held answer after at most two attempts is right. */
  readonly correctAtT2: number
  /** Rollouts whose second answer is right after a wrong first one, and the reverse. */
  readonly fixedAtT2: number
  readonly spoiledAtT2: number
  /** Rollouts that ended by a RESAMPLE in the last allowed attempt. */
  readonly hitCap: number
  /** Finished rollouts whose first answer is right. */
  readonly firstCorrect: number
  /** Rollouts that were cut off; they are in none of the counts of rollouts. */
  readonly truncated: number
  /** Number of k-th attempts, k = 1 … cap, and how many of them are correct. */
  readonly attempts: ReadonlyArray<number>
  readonly correctAttempts: ReadonlyArray<number>
}

// The place of the scalar counts in a vector; the two per-attempt blocks follow.
const scalars = [
  "rollouts",
  "correct",
  "correctStop",
  "correctResample",
  "wrongStop",
  "wrongResample",
  "falseToTrue",
  "falseToFalse",
  "trueToFalse",
  "trueToTrue",
  "echoes",
  "correctAtT2",
  "fixedAtT2",
  "spoiledAtT2",
  "hitCap",
  "firstCorrect",
  "truncated"
] as const

/** Counts one rollout, for at most `cap` attempts, as a vector that `sumCounts` can add. */
export const countRollout = (rollout: EvaluatedRollout, cap: number): Counts => {
  const { attempts } = rollout
  const transitions = attempts.slice(1).map((next, k) => ({ previous: attempts[k]!, next }))
  const moves = (from: boolean, to: boolean) =>
    transitions.filter(({ next, previous }) => previous.correct === from && next.correct === to).length
  const isFinished = rollout.outcome !== "Truncated"
  const decisions = countDecisions(attempts, !isFinished)
  const one = (holds: boolean): number => (isFinished && holds ? 1 : 0)
  const sums: Record<(typeof scalars)[number], number> = {
    rollouts: one(true),
    correct: one(rollout.outcome === "Correct"),
    ...decisions,
    falseToTrue: moves(false, true),
    falseToFalse: moves(false, false),
    trueToFalse: moves(true, false),
    trueToTrue: moves(true, true),
    echoes: transitions.filter(({ next, previous }) => previous.answer === next.answer).length,
    correctAtT2: one((attempts[1] ?? attempts[0])?.correct === true),
    fixedAtT2: one(attempts[0]?.correct === false && attempts[1]?.correct === true),
    spoiledAtT2: one(attempts[0]?.correct === true && attempts[1]?.correct === false),
    hitCap: one(rollout.hitCap === true),
    firstCorrect: one(attempts[0]?.correct === true),
    truncated: isFinished ? 0 : 1
  }
  const perAttempt = Array.from({ length: cap }, (_, k) => attempts[k])
  return [
    ...scalars.map((name) => sums[name]),
    ...perAttempt.map((attempt) => (attempt === undefined ? 0 : 1)),
    ...perAttempt.map((attempt) => (attempt?.correct === true ? 1 : 0))
  ]
}

/** The place of a count in a vector for at most `cap` attempts; the per-attempt counts by the number of the attempt, from 0. */
export const placeOf = (name: (typeof scalars)[number]): number => scalars.indexOf(name)

/** The places of the k-th attempts and of the correct ones among them, k from 0, in a vector for at most `cap` attempts. */
export const placeOfAttempt = (k: number, cap: number): readonly [all: number, correct: number] => [
  scalars.length + k,
  scalars.length + cap + k
]

/** How many numbers a vector for at most `cap` attempts has. */
export const widthOf = (cap: number): number => scalars.length + 2 * cap

/** The most attempts that are counted to; a vector has two numbers for each. */
export const MOST_ATTEMPTS = 1_000_000

/** Refuses a cap that is no number of attempts, before vectors are made for it. Throws `ConfigError`. */
export const assertCap = (cap: number | undefined): void => {
  if (cap === undefined || (Number.isInteger(cap) && cap >= 1 && cap <= MOST_ATTEMPTS)) return
  throw new ConfigError({ field: "cap", value: String(cap), expected: `a whole number of 1 to ${MOST_ATTEMPTS}` })
}

/** The sums over no rollout at all. */
export const noCounts = (cap: number): Counts => Array.from({ length: widthOf(cap) }, () => 0)

/** Reads a vector of sums back by name. */
export const readCounts = (totals: Counts): RolloutCounts => {
  const scalar = (name: (typeof scalars)[number]) => totals[scalars.indexOf(name)]!
  const cap = (totals.length - scalars.length) / 2
  return {
    rollouts: scalar("rollouts"),
    correct: scalar("correct"),
    correctStop: scalar("correctStop"),
    correctResample: scalar("correctResample"),
    wrongStop: scalar("wrongStop"),
    wrongResample: scalar("wrongResample"),
    falseToTrue: scalar("falseToTrue"),
    falseToFalse: scalar("falseToFalse"),
    trueToFalse: scalar("trueToFalse"),
    trueToTrue: scalar("trueToTrue"),
    echoes: scalar("echoes"),
    correctAtT2: scalar("correctAtT2"),
    fixedAtT2: scalar("fixedAtT2"),
    spoiledAtT2: scalar("spoiledAtT2"),
    hitCap: scalar("hitCap"),
    firstCorrect: scalar("firstCorrect"),
    truncated: scalar("truncated"),
    attempts: totals.slice(scalars.length, scalars.length + cap),
    correctAttempts: totals.slice(scalars.length + cap)
  }
}
