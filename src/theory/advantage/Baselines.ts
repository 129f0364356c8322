/**
 * Estimators by another baseline than the mean: weighted by length (OPO), and the greedy rollout's reward (ReMax).
 *
 * @module
 */
import { eachGroup, type EstimatorKind } from "./Estimator.ts"
import { allEqual } from "./Moments.ts"

/**
 * OPO: A_i = r_i − Σ_j L_j r_j / Σ_j L_j over the group, L the trajectory's trained tokens; a group of one gets its reward.
 *
 * Σ ‖∇log π‖² r / Σ ‖∇log π‖² is the constant baseline of least variance; OPO takes ‖∇log π(y)‖² in proportion to the length. The mean
 * includes the trajectory itself, so for equal lengths E[ĝ] is (G − 1)/G of the gradient, as for Dr. GRPO; with lengths that the policy
 * chooses it is biased beyond that factor (`test/laws/AdvantageBias.test.ts`).
 * Source: Hao et al., 2025, arXiv:2505.23585; verl 0.9.1 `opo`.
 */
export interface Opo {
  readonly _tag: "Opo"
}

/** ReMax: A_i = r_i − the reward of the query's greedy rollout. Source: Li et al., 2023, arXiv:2310.10505; verl 0.9.1 `remax`. */
export interface ReMax {
  readonly _tag: "ReMax"
}

/** Builds OPO's estimator. */
export const opo = (): Opo => ({ _tag: "Opo" })

/** Builds ReMax's estimator. The baseline depends on nothing sampled, so the gradient is unbiased for groups of any size, one included. */
export const reMax = (): ReMax => ({ _tag: "ReMax" })

/** OPO as a kind. */
export const opoKind: EstimatorKind<Opo> = {
  tag: "Opo",
  needs: ["lengths"],
  comparison: () => "nothing",
  compute: (_, input) =>
    eachGroup(input, (group, from) => {
      if (group.length === 1) return group
      if (allEqual(group)) return new Float64Array(group.length)
      let [tokens, sum] = [0, 0]
      group.forEach((reward, member) => {
        const length = input.lengths![from + member]!
        tokens += length
        sum += length * reward
      })
      // A group without a trained token has no gradient whatever its advantages.
      return tokens === 0 ? new Float64Array(group.length) : group.map((reward) => reward - sum / tokens)
    })
}

/** ReMax as a kind. */
export const reMaxKind: EstimatorKind<ReMax> = {
  tag: "ReMax",
  needs: ["greedy"],
  comparison: () => "nothing",
  compute: (_, input) => eachGroup(input, (group, _from, index) => group.map((reward) => reward - input.greedy![index]!))
}
