/**
 * Advantages from rewards: what a trajectory's reward is compared with.
 *
 * Rewards come in groups, one group a query; an estimator maps the rewards of all groups to an advantage each. The estimator
 * is data, so a configuration can name it; presets carry the paper and the library that they reproduce.
 *
 * @module
 */
import { assertFinite, assertRange, TheoryError } from "./TheoryError.ts"
import { assertOffsets, sequenceCount } from "./TokenBatch.ts"

/**
 * Group-relative: A_i = (r_i − mean of the group) / (std + ε).
 *
 * `scale: "group"` takes the group's standard deviation, `"batch"` that of all rewards, `"none"` divides by nothing.
 * `std: "sample"` divides squares by n − 1, `"population"` by n.
 */
export interface GroupRelative {
  readonly _tag: "GroupRelative"
  readonly scale: "group" | "batch" | "none"
  readonly std: "sample" | "population"
  readonly epsilon: number
}

/** Leave-one-out: A_i = r_i − mean of the group's others. */
export interface LeaveOneOut {
  readonly _tag: "LeaveOneOut"
}

/** REINFORCE: A_i = r_i, or r_i − mean of all rewards with `baseline: "mean"`. */
export interface Reinforce {
  readonly _tag: "Reinforce"
  readonly baseline: "none" | "mean"
}

/** An advantage estimator. */
export type Estimator = GroupRelative | LeaveOneOut | Reinforce

/** Builds a group-relative estimator; defaults: the group's sample std, ε = 0. Errors: `OutOfRange` (ε < 0). */
export const groupRelative = (options: Partial<Omit<GroupRelative, "_tag">> = {}): GroupRelative => {
  const epsilon = options.epsilon ?? 0
  assertRange("Advantage.groupRelative", "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  return { _tag: "GroupRelative", scale: "group", std: "sample", ...options, epsilon }
}

/** Builds the estimator of Dr. GRPO: A_i = r_i − mean of the group, no scale. */
export const drGrpo = (): GroupRelative => groupRelative({ scale: "none" })

/** Builds the leave-one-out estimator (RLOO). It equals G/(G − 1) times that of Dr. GRPO for groups of G. */
export const rloo = (): LeaveOneOut => ({ _tag: "LeaveOneOut" })

/** Builds REINFORCE's estimator; default: no baseline. */
export const reinforce = (options: { readonly baseline?: "none" | "mean" } = {}): Reinforce => ({
  _tag: "Reinforce",
  baseline: options.baseline ?? "none"
})

/** A named estimator with the work that it reproduces. */
export interface Preset {
  readonly name: string
  readonly estimator: Estimator
  readonly citation: string
}

/** GRPO as TRL computes it: sample standard deviation of the group, ε = 1e-4. */
export const GRPO_TRL: Preset = {
  name: "GRPO_TRL",
  estimator: groupRelative({ epsilon: 1e-4 }),
  citation: "Shao et al., 2024, DeepSeekMath, arXiv:2402.03300, section 4.1; TRL GRPOTrainer, scale_rewards=\"group\""
}

/** GRPO as verl computes it: sample standard deviation of the group, ε = 1e-6. A group of one gets 0 here, its reward in verl. */
export const GRPO_VERL: Preset = {
  name: "GRPO_VERL",
  estimator: groupRelative({ epsilon: 1e-6 }),
  citation: "Shao et al., 2024, DeepSeekMath, arXiv:2402.03300, section 4.1; verl adv_estimator=grpo"
}

/** Dr. GRPO: centred, not scaled. */
export const DR_GRPO: Preset = {
  name: "DR_GRPO",
  estimator: drGrpo(),
  citation: "Liu et al., 2025, Understanding R1-Zero-Like Training, arXiv:2503.20783, section 3.2"
}

/** RLOO: leave-one-out baseline. */
export const RLOO: Preset = {
  name: "RLOO",
  estimator: rloo(),
  citation: "Kool et al., 2019; Ahmadian et al., 2024, Back to Basics, arXiv:2402.14740, eq. 6"
}

/** Lists the presets. */
export const PRESETS: ReadonlyArray<Preset> = [GRPO_TRL, GRPO_VERL, DR_GRPO, RLOO]

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length

const largestSize = (values: Float64Array): number => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)

/** Differences are divided by a power of two near the largest, which changes no bit of the result: their squares neither overflow nor vanish. */
const standardDeviation = (values: Float64Array, kind: "sample" | "population"): number => {
  const centre = mean(values)
  const differences = values.map((value) => value - centre)
  const unit = 2 ** Math.floor(Math.log2(largestSize(differences)))
  if (unit === 0) return 0
  const squares = differences.reduce((sum, difference) => sum + (difference / unit) ** 2, 0)
  return unit * Math.sqrt(squares / Math.max(1, kind === "sample" ? values.length - 1 : values.length))
}

/** Above it a group's sum may overflow. */
const LARGEST_REWARD = 1e300

/** Rewards further apart than 16 last bits of the largest are different ones. */
const ROUNDING = 2 ** -48

/**
 * Rewards that differ by rounding alone are equal: 0.1 + 0.2 and 0.3 are one reward computed in two ways, and 0.1 three times has a
 * mean that is not 0.1. A division by their standard deviation would blow last bits up to advantages of size 1.
 */
const allEqual = (values: Float64Array): boolean => {
  const tolerance = ROUNDING * largestSize(values)
  return values.every((value) => Math.abs(value - values[0]!) <= tolerance)
}

const withinGroup = (estimator: GroupRelative | LeaveOneOut, group: Float64Array, rewards: Float64Array): Float64Array => {
  if (allEqual(group)) return new Float64Array(group.length)
  const centre = mean(group)
  if (estimator._tag === "LeaveOneOut") {
    const total = centre * group.length
    return group.map((reward) => reward - (total - reward) / (group.length - 1))
  }
  if (estimator.scale === "none") return group.map((reward) => reward - centre)
  const spread = standardDeviation(estimator.scale === "group" ? group : rewards, estimator.std) + estimator.epsilon
  return group.map((reward) => (reward - centre) / spread)
}

/**
 * Computes every trajectory's advantage from the rewards of all groups.
 *
 * Shapes: `rewards` [M]; `groups` [Q+1], group q owns rewards `groups[q]` … `groups[q+1] − 1` → [M], reward units (pure numbers
 * when scaled). A group of equal rewards (to 16 last bits), of one included, gets exactly 0 from the group-relative and leave-one-out
 * estimators. At ε = 0 and scale "group" the advantages of any other group have mean 0 and standard deviation 1, and do not
 * change when its rewards are mapped by r ↦ a·r + b, a > 0.
 *
 * Errors: `NonFinite`, `OutOfRange`, `EmptyGroup`, and `GroupTooSmall` for a leave-one-out group of one.
 * Sources: this paper, eq. 7 (GRAE); Williams, 1992 (REINFORCE).
 */
export const advantages = (estimator: Estimator, rewards: Float64Array, groups: Int32Array): Float64Array => {
  const where = "Advantage.advantages"
  assertFinite(where, "rewards", rewards)
  const beyond = rewards.findIndex((reward) => Math.abs(reward) > LARGEST_REWARD)
  if (beyond >= 0) {
    const range = `[-${LARGEST_REWARD}, ${LARGEST_REWARD}], within which sums over a group are finite`
    throw new TheoryError(where, { _tag: "OutOfRange", what: "rewards", index: beyond, value: rewards[beyond]!, range })
  }
  assertOffsets(where, groups, rewards.length)
  for (let index = 0; index < sequenceCount(groups); index++) {
    const size = groups[index + 1]! - groups[index]!
    if (size === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "group", index })
    if (size === 1 && estimator._tag === "LeaveOneOut") {
      throw new TheoryError(where, { _tag: "GroupTooSmall", what: "group", index, size, needed: 2 })
    }
  }
  if (estimator._tag === "Reinforce") {
    if (estimator.baseline === "none") return rewards.slice()
    const baseline = mean(rewards)
    return allEqual(rewards) ? new Float64Array(rewards.length) : rewards.map((reward) => reward - baseline)
  }
  const result = new Float64Array(rewards.length)
  for (let group = 0; group < sequenceCount(groups); group++) {
    result.set(withinGroup(estimator, rewards.slice(groups[group], groups[group + 1]), rewards), groups[group])
  }
  return result
}

/**
 * Marks the groups whose rewards are all equal: 1 there, 0 elsewhere. Shapes: [M], [Q+1] → [Q].
 *
 * Such a group has no reward gradient; its sequences still carry a KL penalty unless they are masked.
 */
export const zeroVarianceGroups = (rewards: Float64Array, groups: Int32Array): Uint8Array =>
  Uint8Array.from({ length: sequenceCount(groups) }, (_, group) => allEqual(rewards.slice(groups[group], groups[group + 1])) ? 1 : 0)
