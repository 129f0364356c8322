/**
 * Tokens by their covariance: which of a batch's tokens push entropy down most, as clip-cov and kl-cov select them.
 *
 * A natural policy-gradient step changes a softmax's entropy by about −Cov(log π, A), a plain one by −Cov(log π, π·A), A of mean 0 (Cui et al., 2025, "The Entropy
 * Mechanism of Reinforcement Learning for Reasoning Language Models", arXiv:2505.22617). A token's share of that is its centred product over the batch. A selection is a column of the
 * batch, computed before the loss: it depends on all tokens at once, so a loss that computed it would change when the batch is split.
 *
 * @module
 */
import { NOT_OWNED } from "./Partition.ts"
import { assertRange, TheoryError } from "./TheoryError.ts"
import type { TokenBatch } from "./TokenBatch.ts"

/** What a selection reads of a batch. */
export type CovarianceColumns = Pick<TokenBatch, "owner" | "logProbs" | "advantages" | "oldLogProbs">

const required = (where: string, batch: CovarianceColumns, column: "advantages" | "oldLogProbs"): Float64Array => {
  const values = batch[column]
  if (values === undefined) throw new TheoryError(where, { _tag: "MissingInput", what: column, neededBy: "a selection by covariance" })
  return values
}

const ownedTokens = ({ owner }: CovarianceColumns): ReadonlyArray<number> => [...owner.keys()].filter((token) => owner[token] !== NOT_OWNED)

/**
 * Computes (A_t − mean A)·(log π_t − mean log π) of every token, the means over all trained tokens of the batch.
 *
 * Shapes: [N] → [N], reward units times nats; 0 on tokens that nobody owns. The mean over trained tokens is Cov(A, log π). Errors: `MissingInput`.
 */
export const covariances = (batch: CovarianceColumns): Float64Array => {
  const advantages = required("Covariance.covariances", batch, "advantages")
  const tokens = ownedTokens(batch)
  const mean = (values: Float64Array) => tokens.reduce((sum, token) => sum + values[token]!, 0) / tokens.length
  const [meanAdvantage, meanLogProb] = [mean(advantages), mean(batch.logProbs)]
  const result = new Float64Array(batch.logProbs.length)
  for (const token of tokens) result[token] = (advantages[token]! - meanAdvantage) * (batch.logProbs[token]! - meanLogProb)
  return result
}

/** How many of `count` trained tokens a fraction selects: its whole part, at least 1. */
const selectedCount = (where: string, fraction: number, count: number): number => {
  assertRange(where, "fraction", fraction, fraction > 0 && fraction <= 1, "(0, 1]")
  return Math.max(1, Math.floor(fraction * count))
}

const marks = (length: number, tokens: ReadonlyArray<number>): Float64Array => {
  const selected = new Float64Array(length)
  for (const token of tokens) selected[token] = 1
  return selected
}

// The finalizer of MurmurHash3 (Appleby, 2011): a token's place in a random order, a function of the seed and its index alone.
const place = (seed: number, token: number): number => {
  let h = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(token + 1, 0xc2b2ae35)) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Which tokens clip-cov may choose from, and how many. */
export interface Band {
  /** Share of all trained tokens that is chosen, at most. */
  readonly fraction: number
  /** The covariances of the band, both ends excluded. */
  readonly lower: number
  readonly upper: number
  /** PPO's bounds: a token that these clip is not chosen; null: none. */
  readonly clipLow: number | null
  readonly clipHigh: number | null
}

/**
 * Chooses at random ⌊fraction·N⌋ (at least 1) of the trained tokens whose covariance lies in a band and whose ratio PPO does not clip; all of them where
 * there are fewer. Chosen are those that come first in an order that `seed` (an integer) makes.
 *
 * Shapes: [N] columns → [N] of 0 and 1. Errors: `MissingInput`, `OutOfRange`. Source: the same paper, Clip-Cov; verl 0.9.1, `clip_cov`.
 */
export const selectBand = (batch: CovarianceColumns, band: Band, seed: number): Float64Array => {
  const where = "Covariance.selectBand"
  const old = required(where, batch, "oldLogProbs")
  const advantages = required(where, batch, "advantages")
  const tokens = ownedTokens(batch)
  const count = selectedCount(where, band.fraction, tokens.length)
  const covariance = covariances(batch)
  const isClipped = (token: number): boolean => {
    const ratio = Math.exp(batch.logProbs[token]! - old[token]!)
    return advantages[token]! > 0
      ? ratio > 1 + (band.clipHigh ?? Infinity)
      : advantages[token]! < 0 && ratio < 1 - (band.clipLow ?? Infinity)
  }
  const eligible = tokens.filter((token) => covariance[token]! > band.lower && covariance[token]! < band.upper && !isClipped(token))
  const ordered = eligible.map((token) => ({ token, at: place(seed, token) })).sort((left, right) =>
    left.at - right.at || left.token - right.token
  )
  return marks(batch.logProbs.length, ordered.slice(0, count).map(({ token }) => token))
}

/**
 * Selects the ⌊fraction·N⌋ (at least 1) trained tokens of largest covariance; of equal ones those that come first. None where nobody owns a token.
 *
 * Shapes: [N] columns → [N] of 0 and 1. Errors: `MissingInput`, `OutOfRange`. Source: the same paper, KL-Cov; verl 0.9.1, `kl_cov`.
 */
export const selectTop = (batch: CovarianceColumns, { fraction }: { readonly fraction: number }): Float64Array => {
  const tokens = ownedTokens(batch)
  const count = selectedCount("Covariance.selectTop", fraction, tokens.length)
  const covariance = covariances(batch)
  const ordered = [...tokens].sort((left, right) => covariance[right]! - covariance[left]! || left - right)
  return marks(batch.logProbs.length, ordered.slice(0, count))
}
