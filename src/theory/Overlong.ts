/**
 * The soft punishment of long answers: a reward that falls from 0 to −1 over the last tokens before the limit.
 *
 * R(L) = 0 for L ≤ L_max − L_cache; ((L_max − L_cache) − L) / L_cache up to L_max; −1 beyond. Source: Yu et al., 2025, DAPO, arXiv:2503.14476, eq. 13.
 *
 * @module
 */
import { assertRange } from "./TheoryError.ts"

/** `buffer` is L_cache in tokens (verl's `overlong_buffer.len`), `factor` what is taken off at the limit (verl's `penalty_factor`). */
export interface Overlong {
  readonly buffer: number
  readonly factor: number
}

/** Builds the settings; default factor 1, as DAPO. Errors: `OutOfRange`. */
export const overlong = (options: { readonly buffer: number; readonly factor?: number }): Overlong => {
  const { buffer, factor = 1 } = options
  assertRange("Overlong.overlong", "buffer", buffer, Number.isFinite(buffer) && buffer > 0, "(0, ∞)")
  assertRange("Overlong.overlong", "factor", factor, Number.isFinite(factor) && factor >= 0, "[0, ∞)")
  return { buffer, factor }
}

/**
 * Computes the punishment of each length, in [−factor, 0]. Shapes: lengths [M] in tokens → [M], reward units; to be added to the rewards.
 *
 * TRL's `get_soft_overlong_punishment` has factor 1. verl's goes on falling beyond the limit, where no response comes. Errors: `OutOfRange` for a buffer
 * longer than the limit.
 */
export const punishments = ({ buffer, factor }: Overlong, lengths: ArrayLike<number>, maxTokens: number): Float64Array => {
  assertRange("Overlong.punishments", "buffer", buffer, buffer <= maxTokens, `(0, ${maxTokens}], the longest response`)
  const free = maxTokens - buffer
  return Float64Array.from(lengths, (length) => (length <= free ? 0 : factor * Math.max((free - length) / buffer, -1)))
}
