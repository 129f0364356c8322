/**
 * What the objectives of the reward share: from immediate terms r, held constant, to Q and to the weights of ∇log π.
 *
 * `Surrogate`, `KlPenalty`, `Sft` and `Dft` differ in r alone: Q_D(t) = r_D(t) + γ·Q_S(t+1), Q(t,j) = r(t,j) + Q(t,j+1) (this paper, eq. 12-14, 18-24, 30-35).
 *
 * @module
 */
import { backward, discountedScoreWeights, forward, type QTable } from "./QTable.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"
import { assertRange } from "./TheoryError.ts"

/** Gives γ of the options, 1 by default. Errors: `OutOfRange` outside [0, 1]. */
export const discountOf = (where: string, { gamma = 1 }: { readonly gamma?: number }): number => {
  assertRange(where, "gamma", gamma, gamma >= 0 && gamma <= 1, "[0, 1]")
  return gamma
}

/** A computation on one trajectory with the options of an objective. */
export type OfTrajectory<Options extends ReadonlyArray<unknown>> = (trajectory: ScoredTrajectory, ...options: Options) => QTable

/** Computes Q by recursion from the last decision, by the sum of all terms to come, and the weights γ^{t−1}·Q of ∇log π. */
export const fromImmediate = <Options extends ReadonlyArray<unknown>>(
  immediate: OfTrajectory<Options>,
  discount: (...options: Options) => number
): { readonly qValues: OfTrajectory<Options>; readonly closedSum: OfTrajectory<Options>; readonly scoreWeights: OfTrajectory<Options> } => {
  const qValues: OfTrajectory<Options> = (trajectory, ...options) => backward(immediate(trajectory, ...options), discount(...options))
  return {
    qValues,
    closedSum: (trajectory, ...options) => forward(immediate(trajectory, ...options), discount(...options)),
    scoreWeights: (trajectory, ...options) => discountedScoreWeights(qValues(trajectory, ...options), discount(...options))
  }
}
