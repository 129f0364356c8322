/**
 * The surrogate reward: a trajectory's advantage A, paid at its last decision (Theorem 3.1).
 *
 * Its Q at cycle t is γ^{T−t}·A for the answer and for the decision alike: one sufficient statistic, balanced attribution.
 * γ^{t−1}·γ^{T−t} does not depend on t, so every score has the same weight γ^{T−1}·A.
 *
 * @module
 */
import { immediateTerms, type QTable } from "./QTable.ts"
import { discountOf, fromImmediate } from "./ImmediateTerms.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"
import { assertRange } from "./TheoryError.ts"

/** The advantage A (reward units) and the discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly advantage: number
  readonly gamma?: number
}

const discount = (options: Options): number => {
  const gamma = discountOf("Surrogate", options)
  assertRange("Surrogate", "advantage", options.advantage, Number.isFinite(options.advantage), "the finite numbers")
  return gamma
}

/** Gives the immediate terms: A at the last decision, 0 elsewhere. Errors: `OutOfRange`. */
export const immediate = (trajectory: ScoredTrajectory, options: Options): QTable => {
  discount(options)
  const last = trajectory.attempts.length - 1
  return immediateTerms(
    trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map(() => 0)),
    trajectory.attempts.map((_, cycle) => (cycle === last ? options.advantage : 0))
  )
}

const recursion = fromImmediate<[options: Options]>(immediate, discount)

/**
 * Computes Q by recursion from the last decision: Q_S(t) = Q_D(t) = γ^{T−t}·A, and the same for every token.
 *
 * Units: those of A. Errors: `OutOfRange`. Source: this paper, Theorem 3.1 and eq. 6-10.
 */
export const qValues = recursion.qValues

/** Computes Q by the formula γ^{T−t}·A itself, the statistic Φ of Theorem 3.1. Errors: `OutOfRange`. */
export const closedSum = (trajectory: ScoredTrajectory, options: Options): QTable => {
  const gamma = discount(options)
  const last = trajectory.attempts.length - 1
  const phi = trajectory.attempts.map((_, cycle) => gamma ** (last - cycle) * options.advantage)
  return {
    sampling: phi,
    decision: phi,
    tokens: trajectory.attempts.map((attempt, cycle) => attempt.tokenLogProbs.map(() => phi[cycle]!))
  }
}

/** Computes the weights of ∇log π, γ^{t−1}·Q = γ^{T−1}·A on every token and decision. Errors: `OutOfRange`. */
export const scoreWeights = recursion.scoreWeights
