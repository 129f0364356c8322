/**
 * The mask of high-entropy tokens: only the share of tokens at which the policy is least sure learns from the reward.
 *
 * kept_t = 1[H_t ≥ q], q the (1 − ρ)-quantile of the owned tokens' entropies. Source: Wang et al., 2025, Beyond the 80/20 Rule, arXiv:2506.01939, eq. 5;
 * TRL 1.16.0 `top_entropy_quantile` ρ (0.2 in the paper, 1: all).
 *
 * @module
 */
import { NOT_OWNED } from "../Partition.ts"
import { assertFinite, assertLength, assertRange } from "../TheoryError.ts"

/** Computes the q-quantile of sorted values, linear between neighbours (type 7, as torch.quantile and numpy). */
const quantile = (sorted: Float64Array, q: number): number => {
  const place = q * (sorted.length - 1)
  const below = Math.floor(place)
  const [low, high] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!]
  return low + (place - below) * (high - low)
}

/**
 * Marks the owned tokens whose entropy is in the upper `share` ∈ [0, 1]: 1, else 0. Shapes: `entropies` [N], `owner` [N] → [N].
 *
 * Ties at the quantile all stay; 1 keeps every owned token, 0 the highest alone. The mask is of the reward part: a KL penalty, an entropy bonus and the
 * denominators keep all tokens. Errors: `ShapeMismatch`, `NonFinite`, `OutOfRange`.
 */
export const highEntropyKept = (share: number, entropies: Float64Array, owner: Uint8Array): Uint8Array => {
  const where = "RolloutCorrection.highEntropyKept"
  assertRange(where, "share", share, share >= 0 && share <= 1, "[0, 1]")
  assertLength(where, "entropies", owner.length, entropies.length)
  const owned = entropies.filter((_, token) => owner[token] !== NOT_OWNED)
  assertFinite(where, "entropies", owned)
  if (owned.length === 0) return new Uint8Array(owner.length)
  const least = quantile(owned.toSorted(), 1 - share)
  return Uint8Array.from(owner, (value, token) => (value !== NOT_OWNED && entropies[token]! >= least ? 1 : 0))
}
