/**
 * Estimators that centre by the group's mean and rescale by something else than the deviation: GPG and MaxRL.
 *
 * @module
 */
import { assertRange, TheoryError } from "../TheoryError.ts"
import { eachGroup, type EstimatorKind } from "./Estimator.ts"
import { allEqual, mean } from "./Moments.ts"

/**
 * GPG: A_i = α (r_i − mean of the group) / F, α = M / (number of rewards that are not 0); a group of one gets α r_i / F.
 *
 * α makes up for rollouts without a signal. verl's code counts rewards of 0 as such (the paper: groups of equal rewards), so a
 * batch of 0/1 rewards has α = 1/accuracy. Source: Chu et al., 2025, arXiv:2504.02546; verl 0.9.1 `gpg` (its `f_norm` is F).
 */
export interface Gpg {
  readonly _tag: "Gpg"
  readonly norm: number
}

/**
 * MaxRL: A_i = (r_i − m) / (m + ε), m the group's mean reward, 0 for a group of equal rewards; for rewards ≥ 0.
 *
 * For 0/1 rewards of mean p and ε = 0, (1/G) Σ A_i ∇log π_i has the mean (1 − (1 − p)^{G−1})/p · ∇p = Σ_{k=0}^{G−2} (1 − p)^k ∇p: with growing
 * G the gradient of log p. Source: Tajwar et al., 2026, Maximum Likelihood Reinforcement Learning, arXiv:2602.02710.
 */
export interface MaxRl {
  readonly _tag: "MaxRl"
  readonly epsilon: number
}

/** Builds GPG's estimator; default F = 1. Errors: `OutOfRange` (F ≤ 0). */
export const gpg = (options: { readonly norm?: number } = {}): Gpg => {
  const norm = options.norm ?? 1
  assertRange("Advantage.gpg", "norm", norm, Number.isFinite(norm) && norm > 0, "(0, ∞)")
  return { _tag: "Gpg", norm }
}

/** Builds MaxRL's estimator; default ε = 0. Errors: `OutOfRange` (ε < 0). */
export const maxRl = (options: { readonly epsilon?: number } = {}): MaxRl => {
  const epsilon = options.epsilon ?? 0
  assertRange("Advantage.maxRl", "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  return { _tag: "MaxRl", epsilon }
}

/** GPG as a kind. */
export const gpgKind: EstimatorKind<Gpg> = {
  tag: "Gpg",
  comparison: () => "nothing",
  compute: ({ norm }, input) => {
    const alpha = input.rewards.length / Math.max(1, input.rewards.filter((reward) => reward !== 0).length)
    return eachGroup(input, (group) => {
      if (group.length === 1) return group.map((reward) => (alpha * reward) / norm)
      if (allEqual(group)) return new Float64Array(group.length)
      const centre = mean(group)
      return group.map((reward) => (alpha * (reward - centre)) / norm)
    })
  }
}

/** MaxRL as a kind. */
export const maxRlKind: EstimatorKind<MaxRl> = {
  tag: "MaxRl",
  comparison: () => "group",
  compute: ({ epsilon }, input) => {
    input.rewards.forEach((value, index) => {
      if (value < 0) {
        throw new TheoryError("Advantage.maxRl", { _tag: "OutOfRange", what: "rewards", index, value, range: "[0, ∞)" })
      }
    })
    return eachGroup(input, (group) => {
      if (allEqual(group)) return new Float64Array(group.length)
      const centre = mean(group)
      return group.map((reward) => (reward - centre) / (centre + epsilon))
    })
  }
}
