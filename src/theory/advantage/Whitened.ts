/**
 * Estimators that normalise a second time over the whole batch: REINFORCE++ with baseline, and GDPO for several rewards.
 *
 * @module
 */
import { assertLength, assertRange } from "../TheoryError.ts"
import { eachGroup, type EstimatorKind } from "./Estimator.ts"
import { groupRelative, groupRelativeKind } from "./GroupRelative.ts"
import { allEqual, mean, standardDeviation, whitened } from "./Moments.ts"

/**
 * REINFORCE++ with baseline: r_i − mean of the group (of one: 0), then whitened over all tokens of the batch,
 * (a − μ) / √(σ² + 1e-8), moments over tokens (a trajectory counts with its length).
 *
 * Source: Hu et al., 2025, arXiv:2501.03262; verl 0.9.1 `reinforce_plus_plus_baseline`.
 */
export interface ReinforcePlusPlusBaseline {
  readonly _tag: "ReinforcePlusPlusBaseline"
}

/**
 * GDPO: each of several rewards is normalised in its group by itself, A_k = (r_k − mean) / (std + ε), then Σ_k w_k A_k is normalised over the
 * batch: over tokens as REINFORCE++ is (`variant: "verl"`, ε = 1e-6), or over trajectories, (a − mean) / (std + ε) (`"trl"`, ε = 1e-4).
 *
 * So a reward of large variance does not drown one of small. With one reward, given or none given beside the sum, it is GRPO normalised again.
 * `weights`, one a reward, are 1 where left out. Source: GDPO, 2026, arXiv:2601.05242; verl 0.9.1 `gdpo`; TRL 1.16.0
 * `multi_objective_aggregation="normalize_then_sum"`.
 */
export interface Gdpo {
  readonly _tag: "Gdpo"
  readonly variant: "verl" | "trl"
  readonly epsilon: number
  readonly weights?: ReadonlyArray<number>
}

/** Builds the estimator of REINFORCE++ with baseline. */
export const reinforcePlusPlusBaseline = (): ReinforcePlusPlusBaseline => ({ _tag: "ReinforcePlusPlusBaseline" })

/** Builds GDPO's estimator; defaults: verl's variant, its ε or TRL's 1e-4. Errors: `OutOfRange` (ε < 0, a weight that is not finite). */
export const gdpo = (options: Partial<Omit<Gdpo, "_tag">> = {}): Gdpo => {
  const variant = options.variant ?? "verl"
  const epsilon = options.epsilon ?? (variant === "verl" ? 1e-6 : 1e-4)
  assertRange("Advantage.gdpo", "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  options.weights?.forEach((weight) => assertRange("Advantage.gdpo", "weights", weight, Number.isFinite(weight), "the finite numbers"))
  return { _tag: "Gdpo", variant, epsilon, ...(options.weights === undefined ? {} : { weights: options.weights }) }
}

/** REINFORCE++ with baseline as a kind. */
export const reinforcePlusPlusBaselineKind: EstimatorKind<ReinforcePlusPlusBaseline> = {
  tag: "ReinforcePlusPlusBaseline",
  needs: ["lengths"],
  comparison: () => "batch",
  compute: (_, input) => {
    const centred = eachGroup(input, (group) => {
      if (group.length === 1) return group
      if (allEqual(group)) return new Float64Array(group.length)
      const centre = mean(group)
      return group.map((reward) => reward - centre)
    })
    return whitened(centred, input.lengths!)
  }
}

/** GDPO as a kind. */
export const gdpoKind: EstimatorKind<Gdpo> = {
  tag: "Gdpo",
  needs: ["lengths"],
  comparison: () => "batch",
  compute: ({ epsilon, variant, weights }, input) => {
    const components = input.components ?? [input.rewards]
    if (weights !== undefined) assertLength("Advantage.advantages", "weights", components.length, weights.length)
    const each = groupRelative({ epsilon, single: variant === "verl" ? "reward" : "zero" })
    const sum = new Float64Array(input.rewards.length)
    components.forEach((rewards, index) => {
      const part = groupRelativeKind.compute(each, { rewards, groups: input.groups })
      part.forEach((value, member) => {
        sum[member]! += (weights?.[index] ?? 1) * value
      })
    })
    if (variant === "verl") return whitened(sum, input.lengths!)
    if (allEqual(sum)) return new Float64Array(sum.length)
    const [centre, spread] = [mean(sum), standardDeviation(sum, "sample") + epsilon]
    return sum.map((value) => (value - centre) / spread)
  }
}
