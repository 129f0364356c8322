/**
 * Supervised fine-tuning as policy gradient with the implicit reward 1/π a token (Lemma 3, Theorem D.1).
 *
 * The recursion gives the exact Q of that implicit reward, held constant, in expectation under π; Q depends on π, and on the
 * probabilities of all future tokens. It does *not* give the loss gradient of one demonstration: there every token has weight 1
 * (`lossScoreWeights`), and Q, even weighed by π as sampling weighs it, agrees with that on the last decision alone.
 *
 * @module
 */
import { immediateTerms, type QTable } from "./QTable.ts"
import { discountOf, fromImmediate } from "./ImmediateTerms.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"

/** The discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly gamma?: number
}

const discount = (options: Options = {}): number => discountOf("Sft", options)

/** Computes the immediate terms 1/π of every token and decision, pure numbers ≥ 1. Errors: `OutOfRange`. Source: eq. 17. */
export const immediate = (trajectory: ScoredTrajectory, options: Options = {}): QTable => {
  discount(options)
  return immediateTerms(
    trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map((logProb) => Math.exp(-logProb))),
    trajectory.attempts.map((attempt) => Math.exp(-attempt.decisionLogProb))
  )
}

const recursion = fromImmediate<[options?: Options]>(immediate, discount)

/**
 * Computes Q by recursion: Q_D(T) = 1/π_D; Q(t,j) = 1/π(y_{t,j}) + Q of what follows; Q_D(t) = 1/π_D + γ·Q(t+1,1).
 *
 * Errors: `OutOfRange`. Source: this paper, Theorem D.1, eq. 18-24.
 */
export const qValues = recursion.qValues

/** Computes Q by the sum of all 1/π to come, written out; equals `qValues`. Errors: `OutOfRange`. */
export const closedSum = recursion.closedSum

/** Computes the weights γ^{t−1}·Q of ∇log π in the implicit policy gradient. Errors: `OutOfRange`. */
export const scoreWeights = recursion.scoreWeights

/**
 * Gives the weights of ∇log π in the descent direction of the SFT loss itself: 1 on every token of the demonstration.
 *
 * It is π·(1/π): sampling from π cancels the implicit reward. `sampling[t]` is the weight of each token of answer t.
 */
export const lossScoreWeights = (trajectory: ScoredTrajectory): QTable => ({
  sampling: trajectory.attempts.map(() => 1),
  decision: trajectory.attempts.map(() => 1),
  tokens: trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map(() => 1))
})
