/**
 * Advantages from rewards: what a trajectory's reward is compared with.
 *
 * Rewards come in groups, one group a query; an estimator maps the rewards of all groups to an advantage each. The estimator
 * is data, so a configuration can name it; presets carry the paper and the library that they reproduce. Estimators of an advantage a
 * token are in `TokenAdvantage`.
 *
 * | `_tag`                      | verl 0.9.1 `adv_estimator`     | A_i                                                     |
 * |-----------------------------|--------------------------------|---------------------------------------------------------|
 * | `GroupRelative`             | grpo, grpo_vectorized          | (r − mean) / (std + ε); Dr. GRPO without the division   |
 * | `LeaveOneOut`               | rloo, rloo_vectorized          | r − mean of the others                                  |
 * | `Reinforce`                 | none                           | r, or r − mean of all                                   |
 * | `PassAtK`                   | grpo_passk                     | (r_max − r_second) / (std + ε) for the best, else 0     |
 * | `Opo`                       | opo                            | r − mean weighted by length                             |
 * | `ReMax`                     | remax                          | r − reward of the greedy rollout                        |
 * | `Gpg`                       | gpg                            | α (r − mean) / F, α = M / number of rewards not 0       |
 * | `MaxRl`                     | none                           | (r − mean) / (mean + ε)                                 |
 * | `ReinforcePlusPlusBaseline` | reinforce_plus_plus_baseline   | r − mean, whitened over all tokens                      |
 * | `Gdpo`                      | gdpo                           | Σ_k w_k (r_k − mean_k) / (std_k + ε), normalised again  |
 *
 * verl's others give an advantage a token: gae, reinforce_plus_plus, optimal_token_baseline, tir_optimal_token_baseline. A group of one:
 * verl's rloo gives the reward and its rloo_vectorized 0; both are `LeaveOneOut` with another `single`.
 *
 * @module
 */
import type { Column, Columns, Comparison } from "./advantage/Estimator.ts"
import {
  drGrpo,
  type Estimator,
  gpg,
  groupRelative,
  kindOf,
  maxRl,
  opo,
  passAtK,
  reinforcePlusPlusBaseline,
  reMax,
  rloo
} from "./advantage/Estimators.ts"
import { allEqual } from "./advantage/Moments.ts"
import { assertFinite, assertLength, TheoryError } from "./TheoryError.ts"
import { assertOffsets, sequenceCount } from "./TokenBatch.ts"

export {
  drGrpo,
  type Estimator,
  type Gdpo,
  gdpo,
  type Gpg,
  gpg,
  type GroupRelative,
  groupRelative,
  type LeaveOneOut,
  type MaxRl,
  maxRl,
  type Opo,
  opo,
  type PassAtK,
  passAtK,
  type Reinforce,
  reinforce,
  type ReinforcePlusPlusBaseline,
  reinforcePlusPlusBaseline,
  type ReMax,
  reMax,
  rloo
} from "./advantage/Estimators.ts"
export type { Column, Columns, Comparison } from "./advantage/Estimator.ts"

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

/** GRPO as verl computes it: sample standard deviation of the group, ε = 1e-6; a group of one gets its reward, over 1 + ε. */
export const GRPO_VERL: Preset = {
  name: "GRPO_VERL",
  estimator: groupRelative({ epsilon: 1e-6, single: "reward" }),
  citation: "Shao et al., 2024, DeepSeekMath, arXiv:2402.03300, section 4.1; verl adv_estimator=grpo"
}

/** Dr. GRPO: centred, not scaled. */
export const DR_GRPO: Preset = {
  name: "DR_GRPO",
  estimator: drGrpo(),
  citation: "Liu et al., 2025, Understanding R1-Zero-Like Training, arXiv:2503.20783, section 3.2"
}

/** RLOO: leave-one-out baseline; a group of one is refused, as in TRL. */
export const RLOO: Preset = {
  name: "RLOO",
  estimator: rloo(),
  citation: "Kool et al., 2019; Ahmadian et al., 2024, Back to Basics, arXiv:2402.14740, eq. 6"
}

/** RLOO as verl computes it: a group of one gets its reward. */
export const RLOO_VERL: Preset = {
  name: "RLOO_VERL",
  estimator: rloo({ single: "reward" }),
  citation: "Ahmadian et al., 2024, Back to Basics, arXiv:2402.14740, eq. 6; verl adv_estimator=rloo"
}

/** Pass@k as verl computes it. */
export const GRPO_PASSK: Preset = {
  name: "GRPO_PASSK",
  estimator: passAtK(),
  citation: "Tang et al., 2025, Optimizing Language Models for Inference Time Objectives, arXiv:2503.19595; verl adv_estimator=grpo_passk"
}

/** OPO: the baseline weighted by length. */
export const OPO: Preset = {
  name: "OPO",
  estimator: opo(),
  citation: "Hao et al., 2025, On-Policy RL with Optimal Reward Baseline, arXiv:2505.23585; verl adv_estimator=opo"
}

/** ReMax: the greedy rollout's reward as baseline. */
export const REMAX: Preset = {
  name: "REMAX",
  estimator: reMax(),
  citation: "Li et al., 2023, ReMax, arXiv:2310.10505; verl adv_estimator=remax"
}

/** GPG: centred, rescaled by the share of rewards that are not 0. */
export const GPG: Preset = {
  name: "GPG",
  estimator: gpg(),
  citation: "Chu et al., 2025, GPG, arXiv:2504.02546; verl adv_estimator=gpg"
}

/** MaxRL: centred, divided by the group's mean reward. */
export const MAXRL: Preset = {
  name: "MAXRL",
  estimator: maxRl(),
  citation: "Tajwar et al., 2026, Maximum Likelihood Reinforcement Learning, arXiv:2602.02710"
}

/** REINFORCE++ with baseline: centred, whitened over the batch's tokens. */
export const REINFORCE_PLUS_PLUS_BASELINE: Preset = {
  name: "REINFORCE_PLUS_PLUS_BASELINE",
  estimator: reinforcePlusPlusBaseline(),
  citation: "Hu et al., 2025, REINFORCE++, arXiv:2501.03262; verl adv_estimator=reinforce_plus_plus_baseline"
}

/** Lists the presets. */
export const PRESETS: ReadonlyArray<Preset> = [
  GRPO_TRL,
  GRPO_VERL,
  DR_GRPO,
  RLOO,
  RLOO_VERL,
  GRPO_PASSK,
  OPO,
  REMAX,
  GPG,
  MAXRL,
  REINFORCE_PLUS_PLUS_BASELINE
]

const assertColumn = (where: string, what: string, values: ArrayLike<number> | undefined, expected: number, neededBy: string): void => {
  if (values === undefined) throw new TheoryError(where, { _tag: "MissingInput", what, neededBy })
  assertLength(where, what, expected, values.length)
  assertFinite(where, what, values)
}

/** Above it a group's sum may overflow. */
const LARGEST_REWARD = 1e300

/**
 * Computes every trajectory's advantage from the rewards of all groups.
 *
 * Shapes: `rewards` [M]; `groups` [Q+1], group q owns rewards `groups[q]` … `groups[q+1] − 1` → [M], reward units (pure numbers
 * when scaled). `columns` are what the estimator reads beside: `lengths` [M] for OPO, REINFORCE++ with baseline and GDPO, `greedy` [Q] for
 * ReMax. A group of equal rewards (to 16 last bits), of one included unless the estimator says otherwise, gets exactly 0 from every estimator that compares
 * within groups and does not normalise over the batch. At ε = 0 and scale "group" the advantages of any other group have mean 0 and standard
 * deviation 1, and do not change when its rewards are mapped by r ↦ a·r + b, a > 0.
 *
 * Errors: `NonFinite`, `OutOfRange`, `EmptyGroup`, `MissingInput`, `ShapeMismatch`, and `GroupTooSmall` for a group of one where there is
 * nobody to leave out or to beat.
 * Sources: this paper, eq. 7 (GRAE); Williams, 1992 (REINFORCE).
 */
export const advantages = (estimator: Estimator, rewards: Float64Array, groups: Int32Array, columns: Columns = {}): Float64Array => {
  const where = "Advantage.advantages"
  const kind = kindOf(estimator)
  assertFinite(where, "rewards", rewards)
  const beyond = rewards.findIndex((reward) => Math.abs(reward) > LARGEST_REWARD)
  if (beyond >= 0) {
    const range = `[-${LARGEST_REWARD}, ${LARGEST_REWARD}], within which sums over a group are finite`
    throw new TheoryError(where, { _tag: "OutOfRange", what: "rewards", index: beyond, value: rewards[beyond]!, range })
  }
  assertOffsets(where, groups, rewards.length)
  const needed = kind.smallestGroup?.(estimator) ?? 1
  for (let index = 0; index < sequenceCount(groups); index++) {
    const size = groups[index + 1]! - groups[index]!
    if (size === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "group", index })
    if (size < needed) throw new TheoryError(where, { _tag: "GroupTooSmall", what: "group", index, size, needed })
  }
  for (const column of kind.needs ?? []) {
    const expected = column === "greedy" ? sequenceCount(groups) : rewards.length
    assertColumn(where, column, columns[column], expected, `the estimator ${estimator._tag}`)
  }
  columns.components?.forEach((values, index) => assertColumn(where, `components[${index}]`, values, rewards.length, estimator._tag))
  return kind.compute(estimator, { rewards, groups, ...columns })
}

/** Says with whom an estimator compares a trajectory: alone there, its advantage is 0 whatever its reward. */
export const comparison = (estimator: Estimator): Comparison => kindOf(estimator).comparison(estimator)

/** Lists the columns that an estimator reads beside the rewards. */
export const needs = (estimator: Estimator): ReadonlyArray<Column> => kindOf(estimator).needs ?? []

/**
 * Marks the groups whose rewards are all equal (to rounding): 1 there, 0 elsewhere. Shapes: [M], [Q+1] → [Q].
 *
 * Such a group has no reward gradient; its sequences still carry a KL penalty unless they are masked.
 */
export const zeroVarianceGroups = (rewards: Float64Array, groups: Int32Array): Uint8Array =>
  Uint8Array.from({ length: sequenceCount(groups) }, (_, group) => allEqual(rewards.slice(groups[group], groups[group + 1])) ? 1 : 0)
