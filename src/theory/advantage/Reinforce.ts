/**
 * REINFORCE: the reward itself, or the reward minus the mean of all (Williams, 1992).
 *
 * @module
 */
import type { EstimatorKind } from "./Estimator.ts"
import { allEqual, mean } from "./Moments.ts"

/** REINFORCE: A_i = r_i, or r_i − mean of all rewards with `baseline: "mean"`. */
export interface Reinforce {
  readonly _tag: "Reinforce"
  readonly baseline: "none" | "mean"
}

/** Builds REINFORCE's estimator; default: no baseline. */
export const reinforce = (options: { readonly baseline?: "none" | "mean" } = {}): Reinforce => ({
  _tag: "Reinforce",
  baseline: options.baseline ?? "none"
})

/** REINFORCE as a kind. */
export const reinforceKind: EstimatorKind<Reinforce> = {
  tag: "Reinforce",
  comparison: ({ baseline }) => (baseline === "mean" ? "batch" : "nothing"),
  compute: ({ baseline }, { rewards }) => {
    if (baseline === "none") return rewards.slice()
    const centre = mean(rewards)
    return allEqual(rewards) ? new Float64Array(rewards.length) : rewards.map((reward) => reward - centre)
  }
}
