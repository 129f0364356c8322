/**
 * The optimal token baseline: a baseline for each position of a group's trajectories, weighted by how much their gradients vary up to there.
 *
 * B_t = Σ_i G_i,t W_i,t / Σ_i W_i,t, W_i,t = Σ_{j≤t} (1 − 2π_j + Σ_v π_v²) ρ_j², G the reward-to-go. Source: verl 0.9.1 `optimal_token_baseline`
 * and `tir_optimal_token_baseline`; Greensmith et al., 2004, for the optimal baseline.
 *
 * @module
 */
import { qValues } from "../BatchedRecursion.ts"
import { NOT_OWNED } from "../Partition.ts"
import { assertFinite, assertLength, assertRange, TheoryError } from "../TheoryError.ts"
import { assertOffsets, tokensBySequence } from "../TokenBatch.ts"

/**
 * Columns [N]: `rewards` a token; `logProbs`, nats; `sumSquares`, Σ_v π_v² of the distribution that the token was taken from; `weights`, importance
 * weights ρ of the token (1 where left out).
 */
export interface OptimalTokenBaselineInput {
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly rewards: Float64Array
  readonly logProbs: Float64Array
  readonly sumSquares: Float64Array
  readonly weights?: Float64Array
}

/** `epsilon` is added to Σ W (default 1e-8); `zeroTail` (default true): no baseline where only one trajectory of the group is left. */
export interface OptimalTokenBaselineOptions {
  readonly epsilon?: number
  readonly zeroTail?: boolean
}

/**
 * Computes A_t = G_t − B_t for the t-th owned token of each trajectory; `groups` [Q+1] are offsets into the sequences. Shapes: → [N], reward units.
 *
 * 1 − 2π + Σπ² is ‖∇_z log π‖², the squared score of a token in its logits, so W is the score's square if tokens' scores do not overlap. A group of
 * one has no baseline. Positions are counted in owned tokens, as verl's `tir_…` does; its `optimal_token_baseline` counts all of the response's, which
 * is the same where nobody else's tokens stand between. Sums include the trajectory itself, so like OPO it is biased for small groups.
 * Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`, `EmptyGroup`.
 */
export const optimalTokenBaseline = (
  input: OptimalTokenBaselineInput,
  groups: Int32Array,
  options: OptimalTokenBaselineOptions = {}
): Float64Array => {
  const where = "TokenAdvantage.optimalTokenBaseline"
  const { epsilon = 1e-8, zeroTail = true } = options
  const { logProbs, offsets, owner, rewards, sumSquares, weights } = input
  assertRange(where, "epsilon", epsilon, Number.isFinite(epsilon) && epsilon >= 0, "[0, ∞)")
  assertOffsets(where, offsets, owner.length)
  assertOffsets(where, groups, offsets.length - 1)
  for (const [what, column] of Object.entries({ rewards, logProbs, sumSquares, weights })) {
    if (column === undefined) continue
    assertLength(where, what, owner.length, column.length)
    assertFinite(where, what, column.map((value, token) => (owner[token] === NOT_OWNED ? 0 : value)))
  }
  const returns = qValues(rewards, { offsets, owner })
  const energy = new Float64Array(owner.length)
  const tokens = tokensBySequence(input)
  for (const each of tokens) {
    let total = 0
    for (const token of each) {
      total += (1 - 2 * Math.exp(logProbs[token]!) + sumSquares[token]!) * (weights?.[token] ?? 1) ** 2
      energy[token] = total
    }
  }
  const result = returns.slice()
  for (let group = 0; group + 1 < groups.length; group++) {
    const members = tokens.slice(groups[group], groups[group + 1])
    if (groups[group + 1] === groups[group]) throw new TheoryError(where, { _tag: "EmptyGroup", what: "group", index: group })
    if (members.filter((each) => each.length > 0).length < 2) continue
    const longest = Math.max(...members.map((each) => each.length))
    for (let position = 0; position < longest; position++) {
      const here = members.flatMap((each) => (position < each.length ? [each[position]!] : []))
      if (zeroTail && here.length === 1) continue
      let [numerator, denominator] = [0, epsilon]
      for (const token of here) {
        numerator += returns[token]! * energy[token]!
        denominator += energy[token]!
      }
      const baseline = denominator === 0 ? 0 : numerator / denominator
      for (const token of here) result[token]! -= baseline
    }
  }
  return result
}
