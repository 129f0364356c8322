/**
 * Signal and noise of a gradient from one batch, by comparing its parts.
 *
 * A batch gradient ĝ is a sum over independent groups, so |ĝ|² is too large by its own variance: E|ĝ|² = |E ĝ|² + tr Cov ĝ. Products of
 * different blocks of groups have no such excess. Source: the U-statistic of degree 2 (Hoeffding, 1948); as a measure of the noise of
 * stochastic gradients, McCandlish et al., 2018, "An Empirical Model of Large-Batch Training", appendix A.
 *
 * @module
 */
import { assertFinite, assertRange, TheoryError } from "../TheoryError.ts"

/**
 * Inner products of two batch gradients ĝ = Σ_b g_b and ĥ = Σ_b h_b over the same blocks: `whole` = ⟨ĝ, ĥ⟩, `ofBlocks` = Σ_b ⟨g_b, h_b⟩.
 *
 * The two sums are all that has to be kept: blocks can come one after the other.
 */
export interface BlockProducts {
  readonly whole: number
  readonly ofBlocks: number
}

/** `mean` estimates ⟨E ĝ, E ĥ⟩, `covariance` tr Cov(ĝ, ĥ) of the batch gradient, both without bias; of ĝ with itself, signal and noise. */
export interface NoiseEstimate {
  readonly mean: number
  readonly covariance: number
}

/**
 * Estimates ⟨E ĝ, E ĥ⟩ and tr Cov(ĝ, ĥ) from products of blocks of `sizes` groups.
 *
 * mean = Σ_{b≠b'} ⟨g_b, h_b'⟩ / (1 − Σ (n_b/n)²), covariance = ⟨ĝ, ĥ⟩ − mean, n_b the groups of block b and n all groups. Unbiased for
 * independent groups whose share of ĝ does not depend on the others (token-mean divides by the batch's tokens: a relative error of order
 * 1/n). `mean` of a gradient with itself may be negative: then no signal was seen. Units: gradient squared.
 *
 * Errors: `GroupTooSmall` with fewer than two blocks, `OutOfRange` (a block without a group), `NonFinite`.
 */
export const blockNoise = ({ ofBlocks, whole }: BlockProducts, sizes: ReadonlyArray<number>): NoiseEstimate => {
  const where = "blockNoise"
  if (sizes.length < 2) {
    throw new TheoryError(where, { _tag: "GroupTooSmall", what: "set of blocks", index: 0, size: sizes.length, needed: 2 })
  }
  sizes.forEach((size) => assertRange(where, "sizes", size, Number.isInteger(size) && size >= 1, "the integers from 1"))
  assertFinite(where, "products", [whole, ofBlocks])
  const groups = sizes.reduce((sum, size) => sum + size, 0)
  const same = sizes.reduce((sum, size) => sum + (size / groups) ** 2, 0)
  const mean = (whole - ofBlocks) / (1 - same)
  return { mean, covariance: whole - mean }
}
