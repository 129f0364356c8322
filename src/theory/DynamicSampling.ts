/**
 * Dynamic sampling: queries whose rollouts all have the same reward are replaced by further ones until the batch is full of others.
 *
 * A group of G at accuracy p has both rewards with probability 1 − p^G − (1 − p)^G. Source: Yu et al., 2025, DAPO, arXiv:2503.14476, eq. 11; verl 0.9.1
 * `filter_groups`.
 *
 * @module
 */
import { allEqual } from "./advantage/Moments.ts"
import { assertRange } from "./TheoryError.ts"
import { assertOffsets } from "./TokenBatch.ts"

/**
 * Picks the groups of a batch that fill up what is still needed: the first whose rewards differ, in order, and no more than `needed`.
 *
 * Shapes: `rewards` [M], `groups` [Q+1] → indices of groups. A fold over batches: call it again with what is left to fill. Errors: `OutOfRange`, `EmptyGroup`.
 */
export const informative = (rewards: Float64Array, groups: Int32Array, needed: number): ReadonlyArray<number> => {
  assertOffsets("DynamicSampling.informative", groups, rewards.length)
  return Array.from({ length: groups.length - 1 }, (_, group) => group)
    .filter((group) => !allEqual(rewards.slice(groups[group], groups[group + 1])))
    .slice(0, Math.max(0, needed))
}

/**
 * Computes the probability that a group's 0/1 rewards differ, 1 − p^G − (1 − p)^G.
 *
 * Its reciprocal is how many groups have to be drawn for one; a query of accuracy p counts in the batch in proportion to it, so dynamic sampling is
 * another distribution of queries, not only a larger batch. For small p it is about G·p. Domain: p ∈ [0, 1], G ≥ 1. Errors: `OutOfRange`.
 */
export const informativeProbability = (accuracy: number, groupSize: number): number => {
  const where = "DynamicSampling.informativeProbability"
  assertRange(where, "accuracy", accuracy, accuracy >= 0 && accuracy <= 1, "[0, 1]")
  assertRange(where, "groupSize", groupSize, Number.isInteger(groupSize) && groupSize >= 1, "1, 2, …")
  if (groupSize === 1) return 0
  // It is the same for p and 1 − p; of the smaller one, 1 − (1 − p)^G would lose all digits.
  const rarer = Math.min(accuracy, 1 - accuracy)
  return -Math.expm1(groupSize * Math.log1p(-rarer)) - rarer ** groupSize
}
