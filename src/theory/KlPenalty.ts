/**
 * The KL penalty in the reward, token by token: r = −β·log(π/π_ref) (Theorem 3.2).
 *
 * An answer's term is a sum over its L_t tokens, a decision's is one token: as rewards-to-go unbalanced attribution on a single attempt. The estimator is k1 and
 * the placement the reward; for others, and for the penalty in the loss, see `Kl`.
 *
 * @module
 */
import { immediateTerms, type QTable } from "./QTable.ts"
import { discountOf, fromImmediate } from "./ImmediateTerms.ts"
import { referencedAttempts, type ScoredTrajectory } from "./ScoredTrajectory.ts"
import { assertRange } from "./TheoryError.ts"

/** The coefficient β (reward units a nat) and the discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly beta: number
  readonly gamma?: number
}

const discount = (options: Options): number => {
  const gamma = discountOf("KlPenalty", options)
  assertRange("KlPenalty", "beta", options.beta, Number.isFinite(options.beta), "the finite numbers")
  return gamma
}

/**
 * Computes the immediate terms r(t,j) = −β·(log π − log π_ref)(y_{t,j}) and r_D(t) likewise for the decision.
 *
 * `sampling[t]` is the sum over the L_t tokens. Units: reward. Errors: `MissingInput` (no reference), `OutOfRange`.
 * Source: this paper, eq. 11.
 */
export const immediate = (trajectory: ScoredTrajectory, options: Options): QTable => {
  discount(options)
  const attempts = referencedAttempts(trajectory, "the KL penalty")
  const term = (logProb: number, reference: number) => -options.beta * (logProb - reference)
  return immediateTerms(
    attempts.map((attempt) => attempt.tokenLogProbs.map((logProb, token) => term(logProb, attempt.referenceTokenLogProbs[token]!))),
    attempts.map((attempt) => term(attempt.decisionLogProb, attempt.referenceDecisionLogProb))
  )
}

const recursion = fromImmediate<[options: Options]>(immediate, discount)

/**
 * Computes Q by recursion: Q_D(T) = r_D(T); Q_S(t) = r_S(t) + Q_D(t); Q_D(t) = r_D(t) + γ·Q_S(t+1); at token level
 * Q(t,j) = Σ_{i≥j} r(t,i) + Q_D(t).
 *
 * Errors: `MissingInput`, `OutOfRange`. Source: this paper, eq. 12-14.
 */
export const qValues = recursion.qValues

/** Computes Q by the sum over all penalties to come, written out; equals `qValues`. Errors: `MissingInput`, `OutOfRange`. */
export const closedSum = recursion.closedSum

/**
 * Computes the weights of ∇log π, γ^{t−1}·Q. Their scores' mean over trajectories sampled from π is −β·∇KL(π‖π_ref) of the
 * whole (discounted) trajectory. Errors: `MissingInput`, `OutOfRange`. Source: this paper, eq. 15-16.
 */
export const scoreWeights = recursion.scoreWeights
