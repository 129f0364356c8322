/**
 * The estimator of verl's `grpo_passk`: of a group only the best trajectory learns, by how much it beats the second.
 *
 * @module
 */
import { assertRange } from "../TheoryError.ts"
import { eachGroup, type EstimatorKind } from "./Estimator.ts"
import { allEqual, type Deviation, standardDeviation } from "./Moments.ts"

/**
 * Pass@k: A = r_max − r_second for the group's best trajectory and 0 for all others; where two are equally good, 0 for all.
 *
 * With `scale: "group"` that is divided by the group's standard deviation + ε. For groups of k and no scale, Σ A_i ∇log π_i has the mean
 * ∇E[largest reward of k]: pass@k for 0/1 rewards, where it learns from groups with exactly one right answer alone.
 * Source: Tang et al., 2025, arXiv:2503.19595; verl 0.9.1 `grpo_passk` (scale on, ε = 1e-6).
 */
export interface PassAtK {
  readonly _tag: "PassAtK"
  readonly scale: "group" | "none"
  readonly std: Deviation
  readonly epsilon: number
}

/** Builds the pass@k estimator; defaults as verl: the group's sample std, ε = 1e-6. Errors: `OutOfRange` (ε < 0). */
export const passAtK = (options: Partial<Omit<PassAtK, "_tag">> = {}): PassAtK => {
  const epsilon = options.epsilon ?? 1e-6
  assertRange("Advantage.passAtK", "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  return { _tag: "PassAtK", scale: "group", std: "sample", ...options, epsilon }
}

/** Pass@k as a kind. */
export const passAtKKind: EstimatorKind<PassAtK> = {
  tag: "PassAtK",
  smallestGroup: () => 2,
  comparison: () => "group",
  compute: ({ epsilon, scale, std }, input) =>
    eachGroup(input, (group) => {
      const result = new Float64Array(group.length)
      if (allEqual(group)) return result
      const best = group.reduce((at, reward, member) => (reward > group[at]! ? member : at), 0)
      const second = group.reduce((largest, reward, member) => (member === best ? largest : Math.max(largest, reward)), -Infinity)
      result[best] = (group[best]! - second) / (scale === "group" ? standardDeviation(group, std) + epsilon : 1)
      return result
    })
}
