/**
 * What every estimator of advantages has: a tag, what it reads beside the rewards, and with whom it compares a trajectory.
 *
 * A_i = f(r; groups, columns): one number a trajectory. A new estimator is a file beside this and a line in `Estimators`.
 *
 * @module
 */

/**
 * What some estimators read beside the rewards: `lengths` [M], trained tokens of a trajectory; `greedy` [Q], the reward of the most probable
 * trajectory of each query; `components` [K][M], several rewards in place of their sum.
 */
export interface Columns {
  readonly lengths?: ArrayLike<number>
  readonly greedy?: ArrayLike<number>
  readonly components?: ReadonlyArray<Float64Array>
}

/** Names a column that an estimator cannot do without. */
export type Column = "lengths" | "greedy"

/** All rewards [M] with the groups' offsets [Q+1] and the columns that the estimator needs. */
export interface Input extends Columns {
  readonly rewards: Float64Array
  readonly groups: Int32Array
}

/**
 * What a trajectory is compared with: the others of its `group`, the others of the `batch`, or `nothing` that has to be sampled beside it.
 * Alone in a group (a batch) of one, an estimator that compares within it gives 0 whatever the reward.
 */
export type Comparison = "group" | "batch" | "nothing"

/** A kind of estimator. `smallestGroup`: the fewest members that it can be computed for (1 where left out). */
export interface EstimatorKind<E extends { readonly _tag: string }> {
  readonly tag: E["_tag"]
  readonly needs?: ReadonlyArray<Column>
  readonly smallestGroup?: (estimator: E) => number
  readonly comparison: (estimator: E) => Comparison
  readonly compute: (estimator: E, input: Input) => Float64Array
}

/** Applies a function to each group's rewards and lays the results end to end. */
export const eachGroup = (
  { groups, rewards }: Pick<Input, "groups" | "rewards">,
  compute: (rewards: Float64Array, from: number, group: number) => ArrayLike<number>
): Float64Array => {
  const result = new Float64Array(rewards.length)
  for (let group = 0; group + 1 < groups.length; group++) {
    const from = groups[group]!
    result.set(compute(rewards.slice(from, groups[group + 1]), from, group), from)
  }
  return result
}
