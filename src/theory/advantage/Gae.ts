/**
 * Generalised advantage estimation from rewards and values, token by token or action by action.
 *
 * δ_t = r_t + γ_t V_{t+1} − V_t; A_t = δ_t + γ_t λ A_{t+1}; V and A are 0 past the end. Source: Schulman et al., 2016, arXiv:1506.02438, eq. 16.
 *
 * @module
 */
import type { Layout } from "../BatchedRecursion.ts"
import { DECISION, NOT_OWNED } from "../Partition.ts"
import { assertFinite, assertLength, assertRange } from "../TheoryError.ts"
import { assertOffsets } from "../TokenBatch.ts"
import { actionsOf, spreadOnTokens, sumByAction } from "./Actions.ts"
import { whitened } from "./Moments.ts"

/**
 * `gamma` and `lambda` ∈ [0, 1] (default 1). `unit: "token"` (default, verl and TRL): a step is an owned token and γ applies after each.
 * `unit: "action"`: a step is an answer or a decision with the sum of its tokens' rewards, V its first token's, and γ applies once a cycle, as in
 * this paper; λ applies after every action.
 */
export interface GaeOptions {
  readonly gamma?: number
  readonly lambda?: number
  readonly unit?: "token" | "action"
  readonly decisionOwner?: number
}

/** Advantages [N] and returns A + V [N], the values' targets; both 0 on tokens that nobody owns. */
export interface GaeResult {
  readonly advantages: Float64Array
  readonly returns: Float64Array
}

/** One backward pass over the steps of every sequence: `discounts` [n] is γ after each step. */
const backward = (
  offsets: Int32Array,
  columns: { readonly rewards: Float64Array; readonly values: Float64Array; readonly discounts: Float64Array; readonly skip?: Uint8Array },
  lambda: number
): Float64Array => {
  const { discounts, rewards, skip, values } = columns
  const advantages = new Float64Array(rewards.length)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let [nextValue, nextAdvantage] = [0, 0]
    for (let step = offsets[sequence + 1]! - 1; step >= offsets[sequence]!; step--) {
      if (skip?.[step] === NOT_OWNED) continue
      const discount = discounts[step]!
      nextAdvantage = rewards[step]! + discount * nextValue - values[step]! + discount * lambda * nextAdvantage
      nextValue = values[step]!
      advantages[step] = nextAdvantage
    }
  }
  return advantages
}

/**
 * Computes generalised advantages.
 *
 * Shapes: `rewards` [N] (a reward of a whole trajectory stands at its last owned token), `values` [N] → [N], reward units; not whitened.
 * λ = 1 is reward-to-go minus V, unbiased for any V that depends on the state alone; λ = 0 is the one-step error, unbiased for the exact V
 * only. With V = 0, λ = 1 and γ = 1 it is `BatchedRecursion.qValues`; with the reward at the end alone that is the trajectory's reward on
 * every token. Rewards on tokens that nobody owns do not count (verl skips them likewise).
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`. Source: Schulman et al., 2016; verl 0.9.1 `gae`, which whitens the result.
 */
export const gae = (layout: Layout, rewards: Float64Array, values: Float64Array, options: GaeOptions = {}): GaeResult => {
  const where = "TokenAdvantage.gae"
  const { decisionOwner = DECISION, gamma = 1, lambda = 1, unit = "token" } = options
  assertOffsets(where, layout.offsets, layout.owner.length)
  for (const [what, value] of Object.entries({ gamma, lambda })) assertRange(where, what, value, value >= 0 && value <= 1, "[0, 1]")
  for (const [what, column] of Object.entries({ rewards, values })) {
    assertLength(where, what, layout.owner.length, column.length)
    assertFinite(where, what, column)
  }
  const owned = (column: Float64Array) => column.map((value, token) => (layout.owner[token] === NOT_OWNED ? 0 : value))
  if (unit === "token") {
    const discounts = new Float64Array(rewards.length).fill(gamma)
    const advantages = backward(layout.offsets, { rewards, values, discounts, skip: layout.owner }, lambda)
    return { advantages, returns: owned(advantages.map((advantage, token) => advantage + values[token]!)) }
  }
  const actions = actionsOf(layout, decisionOwner)
  const first = new Float64Array(actions.owner.length)
  for (let token = rewards.length - 1; token >= 0; token--) {
    if (actions.action[token]! >= 0) first[actions.action[token]!] = values[token]!
  }
  const discounts = Float64Array.from(actions.cycle, (cycle, action) => (actions.cycle[action + 1] === cycle + 1 ? gamma : 1))
  const steps = { rewards: sumByAction(actions, rewards), values: first, discounts }
  const advantages = backward(actions.offsets, steps, lambda)
  return {
    advantages: spreadOnTokens(actions, advantages),
    returns: spreadOnTokens(actions, advantages.map((advantage, action) => advantage + first[action]!))
  }
}

/**
 * Whitens a column over the owned tokens: (a − μ) / √(σ² + 1e-8), σ² with n − 1; 0 on tokens that nobody owns. Shapes: [N] → [N].
 *
 * Equal values give 0. Errors: `ShapeMismatch`, `NonFinite`. Source: verl 0.9.1 `masked_whiten`; TRL's PPO.
 */
export const whiten = (values: Float64Array, owner: Uint8Array): Float64Array => {
  assertLength("TokenAdvantage.whiten", "values", owner.length, values.length)
  const at = Array.from(owner.keys()).filter((token) => owner[token] !== NOT_OWNED)
  const kept = Float64Array.from(at, (token) => values[token]!)
  assertFinite("TokenAdvantage.whiten", "values", kept)
  const result = new Float64Array(values.length)
  whitened(kept, new Uint8Array(kept.length).fill(1)).forEach((value, index) => {
    result[at[index]!] = value
  })
  return result
}

/**
 * REINFORCE++: reward-to-go of every token, discounted by γ a token, whitened over the batch's owned tokens.
 *
 * Shapes: `rewards` [N] → [N]. The rewards hold the KL penalty of each token, −β·k1, and the trajectory's reward at its last owned token. With the
 * reward alone and γ = 1 it is REINFORCE with the batch's mean as baseline, scaled: moments are over tokens, so a long trajectory counts more.
 * Errors: as `gae`. Source: Hu et al., 2025, arXiv:2501.03262; verl 0.9.1 `reinforce_plus_plus`.
 */
export const reinforcePlusPlus = (layout: Layout, rewards: Float64Array, options: { readonly gamma?: number } = {}): Float64Array =>
  whiten(gae(layout, rewards, new Float64Array(rewards.length), { gamma: options.gamma ?? 1 }).advantages, layout.owner)

/**
 * Puts each trajectory's reward on its last owned token and 0 elsewhere. Shapes: `rewards` [B], layout [B+1], [N] → [N].
 *
 * A sequence without an owned token has nowhere to put it. Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`.
 */
export const terminalRewards = (layout: Layout, rewards: ArrayLike<number>): Float64Array => {
  const { offsets, owner } = layout
  assertOffsets("TokenAdvantage.terminalRewards", offsets, owner.length)
  assertLength("TokenAdvantage.terminalRewards", "rewards", offsets.length - 1, rewards.length)
  const result = new Float64Array(owner.length)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    let last = offsets[sequence + 1]! - 1
    while (last >= offsets[sequence]! && owner[last] === NOT_OWNED) last--
    if (last >= offsets[sequence]!) result[last] = rewards[sequence]!
  }
  return result
}
