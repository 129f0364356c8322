/**
 * The clipped importance-ratio term of PPO and its descendants, as a function of one ratio and one advantage.
 *
 * Kept apart from the objectives because the same term serves a ratio per token (PPO, GRPO) and one per sequence (GSPO).
 *
 * @module
 */

/**
 * Says where a ratio stops counting. `null` switches a bound off.
 *
 * `clipLow`, `clipHigh` (ε, > 0) bound the ratio to [1 − clipLow, 1 + clipHigh]; `dualClip` (c > 1) bounds the loss
 * of a negative advantage by −c·A (Ye et al., 2020, "Mastering Complex Control in MOBA Games", eq. 3).
 */
export interface ClipBounds {
  readonly clipLow: number | null
  readonly clipHigh: number | null
  readonly dualClip: number | null
}

/** Holds a loss and its derivative in the ratio. */
export interface RatioTerm {
  readonly loss: number
  readonly slope: number
}

/**
 * Computes the clipped surrogate loss of one ratio r and its slope in r.
 *
 *   ℓ(r) = −min(r·A, clip(r, 1 − εₗ, 1 + εₕ)·A), and for A < 0 with dual clip c: min(ℓ(r), −c·A)
 *
 * Units: reward units. Domain: r ≥ 0. The slope is −A where the unclipped branch is active (the edges included) and 0
 * elsewhere; both are 0 at A = 0, however large the ratio. With every bound null it is −r·A, the importance-weighted surrogate of the theory; clipping is where the two
 * part (this paper, footnote 8). Source: Schulman et al., 2017, "Proximal Policy Optimization Algorithms", eq. 7.
 */
export const clippedTerm = (ratio: number, advantage: number, bounds: ClipBounds): RatioTerm => {
  if (advantage === 0) return { loss: 0, slope: 0 }
  const { clipHigh, clipLow, dualClip } = bounds
  const tooHigh = advantage > 0 && clipHigh !== null && ratio > 1 + clipHigh
  const tooLow = advantage < 0 && clipLow !== null && ratio < 1 - clipLow
  if (tooHigh) return { loss: -(1 + clipHigh) * advantage, slope: 0 }
  if (tooLow) return { loss: -(1 - clipLow) * advantage, slope: 0 }
  if (advantage < 0 && dualClip !== null && ratio > dualClip) return { loss: -dualClip * advantage, slope: 0 }
  return { loss: -ratio * advantage, slope: -advantage }
}

/** Holds exp(clamp(x)) and whether x was inside the clamp, where alone it has a slope. */
export interface ClampedRatio {
  readonly ratio: number
  readonly inside: boolean
}

/**
 * Exponentiates a log-ratio after clamping it to [−clamp, clamp]; `null` does not clamp.
 *
 * verl clamps at 20 to keep exp finite. Outside the clamp the ratio is constant, so its derivative is 0.
 */
export const clampedRatio = (logRatio: number, clamp: number | null): ClampedRatio => {
  const inside = clamp === null || Math.abs(logRatio) <= clamp
  return { ratio: Math.exp(inside ? logRatio : Math.sign(logRatio) * clamp), inside }
}

/** Computes a term's derivative in the log-ratio, slope·ratio; 0 where the slope is 0, though the ratio may have overflowed to Infinity. */
export const logRatioDerivative = ({ slope }: RatioTerm, { inside, ratio }: ClampedRatio): number =>
  inside && slope !== 0 ? slope * ratio : 0
