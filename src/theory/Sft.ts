/**
 * Supervised fine-tuning as policy gradient with the implicit reward 1/π a token (Lemma 3, Theorem D.1).
 *
 * The recursion gives the exact Q of that implicit reward, held constant, in expectation under π; Q depends on π, and on the
 * probabilities of all future tokens. It does *not* give the loss gradient of one demonstration: there every token has weight 1
 * (`lossScoreWeights`), and Q, even weighed by π as sampling weighs it, agrees with that on the last decision alone.
 */
import type { QTable } from "./QTable.ts"
import { backward, discountedScoreWeights, forward, immediateTerms } from "./QTable.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"
import { assertRange } from "./TheoryError.ts"

/** The discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly gamma?: number
}

const discount = (options: Options): number => {
  const gamma = options.gamma ?? 1
  assertRange("Sft", "gamma", gamma, gamma >= 0 && gamma <= 1, "[0, 1]")
  return gamma
}

/** Computes the immediate terms 1/π of every token and decision, pure numbers ≥ 1. Errors: `OutOfRange`. Source: eq. 17. */
export const immediate = (trajectory: ScoredTrajectory, options: Options = {}): QTable => {
  discount(options)
  return immediateTerms(
    trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map((logProb) => Math.exp(-logProb))),
    trajectory.attempts.map((attempt) => Math.exp(-attempt.decisionLogProb))
  )
}

/**
 * Computes Q by recursion: Q_D(T) = 1/π_D; Q(t,j) = 1/π(y_{t,j}) + Q of what follows; Q_D(t) = 1/π_D + γ·Q(t+1,1).
 *
 * Errors: `OutOfRange`. Source: this paper, Theorem D.1, eq. 18-24.
 */
export const qValues = (trajectory: ScoredTrajectory, options: Options = {}): QTable =>
  backward(immediate(trajectory, options), discount(options))

/** Computes Q by the sum of all 1/π to come, written out; equals `qValues`. Errors: `OutOfRange`. */
export const closedSum = (trajectory: ScoredTrajectory, options: Options = {}): QTable =>
  forward(immediate(trajectory, options), discount(options))

/** Computes the weights γ^{t−1}·Q of ∇log π in the implicit policy gradient. Errors: `OutOfRange`. */
export const scoreWeights = (trajectory: ScoredTrajectory, options: Options = {}): QTable =>
  discountedScoreWeights(qValues(trajectory, options), discount(options))

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
