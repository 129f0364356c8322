/**
 * Estimators that compare a trajectory with the others of its group: (r − mean) / std and leave-one-out.
 *
 * A_i = (r_i − mean) / (σ + ε) (GRPO), r_i − mean (Dr. GRPO), r_i − mean of the others (RLOO). Sources: Shao et al., 2024; Liu et al., 2025;
 * Kool et al., 2019; Ahmadian et al., 2024.
 *
 * @module
 */
import { assertRange } from "../TheoryError.ts"
import { eachGroup, type EstimatorKind } from "./Estimator.ts"
import { allEqual, type Deviation, mean, standardDeviation } from "./Moments.ts"

/**
 * Group-relative: A_i = (r_i − mean of the group) / (std + ε).
 *
 * `scale: "group"` takes the group's standard deviation, `"batch"` that of all rewards, `"none"` divides by nothing.
 * `std: "sample"` divides squares by n − 1, `"population"` by n. `single` is what a group of one gets: `"zero"`, or `"reward"`, the mean
 * taken as 0 and the group's deviation as 1 (verl); under `"batch"` the deviation is the batch's, and 1 where all its rewards are equal.
 */
export interface GroupRelative {
  readonly _tag: "GroupRelative"
  readonly scale: "group" | "batch" | "none"
  readonly std: Deviation
  readonly epsilon: number
  readonly single: "zero" | "reward"
}

/** Leave-one-out: A_i = r_i − mean of the group's others. A group of one is refused, gets 0, or its reward (verl's `rloo`). */
export interface LeaveOneOut {
  readonly _tag: "LeaveOneOut"
  readonly single: "refuse" | "zero" | "reward"
}

/** Builds a group-relative estimator; defaults: the group's sample std, ε = 0, 0 for a group of one. Errors: `OutOfRange` (ε < 0). */
export const groupRelative = (options: Partial<Omit<GroupRelative, "_tag">> = {}): GroupRelative => {
  const epsilon = options.epsilon ?? 0
  assertRange("Advantage.groupRelative", "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  return { _tag: "GroupRelative", scale: "group", std: "sample", single: "zero", ...options, epsilon }
}

/** Builds the estimator of Dr. GRPO: A_i = r_i − mean of the group, no scale. */
export const drGrpo = (): GroupRelative => groupRelative({ scale: "none" })

/** Builds the leave-one-out estimator (RLOO). It equals G/(G − 1) times that of Dr. GRPO for groups of G. */
export const rloo = (options: { readonly single?: LeaveOneOut["single"] } = {}): LeaveOneOut => ({
  _tag: "LeaveOneOut",
  single: options.single ?? "refuse"
})

/** The group-relative estimator as a kind. */
export const groupRelativeKind: EstimatorKind<GroupRelative> = {
  tag: "GroupRelative",
  comparison: ({ single }) => (single === "reward" ? "nothing" : "group"),
  compute: (estimator, input) =>
    eachGroup(input, (group) => {
      const { epsilon, scale, single, std } = estimator
      if (group.length === 1 && single === "reward") {
        return scale === "none"
          ? group
          : group.map((reward) =>
            reward / ((scale === "group" || allEqual(input.rewards) ? 1 : standardDeviation(input.rewards, std)) + epsilon)
          )
      }
      if (allEqual(group)) return new Float64Array(group.length)
      const centre = mean(group)
      if (scale === "none") return group.map((reward) => reward - centre)
      const spread = standardDeviation(scale === "group" ? group : input.rewards, std) + epsilon
      return group.map((reward) => (reward - centre) / spread)
    })
}

/** Leave-one-out as a kind. */
export const leaveOneOutKind: EstimatorKind<LeaveOneOut> = {
  tag: "LeaveOneOut",
  smallestGroup: ({ single }) => (single === "refuse" ? 2 : 1),
  comparison: ({ single }) => (single === "reward" ? "nothing" : "group"),
  compute: ({ single }, input) =>
    eachGroup(input, (group) => {
      if (group.length === 1) return single === "reward" ? group : [0]
      if (allEqual(group)) return new Float64Array(group.length)
      const total = mean(group) * group.length
      return group.map((reward) => reward - (total - reward) / (group.length - 1))
    })
}
