/**
 * A trajectory's log-probability as a sum over sub-policies (Lemma 1, Corollary 1).
 *
 * log π(τ|q) = Σ_t Σ_j log π(y_{t,j}) + Σ_t log π_D(d_t): a sum of token terms, no length factor. Any partition of the tokens
 * into K sub-policies splits it, and its gradient, into K parts (remark of section 3.3).
 *
 * @module
 */
import { NOT_OWNED, ownerOf, type Partition } from "./Partition.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"
import { sequenceCount, type TokenBatch } from "./TokenBatch.ts"
import { assertLength } from "./TheoryError.ts"

/** Computes log π(τ|q), nats: the sum of all token and decision log-probabilities. Source: this paper, Lemma 1, eq. 1-3. */
export const logProb = (trajectory: ScoredTrajectory): number =>
  trajectory.attempts.reduce(
    (total, attempt) => total + attempt.tokenLogProbs.reduce((sum, value) => sum + value, 0) + attempt.decisionLogProb,
    0
  )

/** A trajectory's log-probability by sub-policy, nats; `sampling + decision` is the whole. */
export interface TwoStageLogProb {
  readonly sampling: number
  readonly decision: number
}

/**
 * Computes the sampling and the decision part of Σ_t γ^{t−1} (log π_S(a_t) + log π_D(d_t)).
 *
 * At γ = 1 (default) the parts add up to `logProb`. Source: this paper, Corollary 1, eq. 4.
 */
export const logProbParts = (trajectory: ScoredTrajectory, gamma: number = 1): TwoStageLogProb =>
  trajectory.attempts.reduce(
    (parts, attempt, cycle) => ({
      sampling: parts.sampling + gamma ** cycle * attempt.tokenLogProbs.reduce((sum, value) => sum + value, 0),
      decision: parts.decision + gamma ** cycle * attempt.decisionLogProb
    }),
    { sampling: 0, decision: 0 }
  )

/**
 * Sums a value per token by sequence and sub-policy.
 *
 * Shapes: `values` [N] → [K][B]: row k is sub-policy k of the partition, column i sequence i. Tokens that nobody owns are left
 * out. `discounts` [N] weighs the tokens, as `Kl.cycleDiscounts` gives them; default 1. With `values = logProbs` row k is the log-probability of
 * sub-policy k, and the rows add up to the sequence's. Errors: `ShapeMismatch`.
 */
export const sumByOwner = (
  values: Float64Array,
  batch: Pick<TokenBatch, "offsets" | "owner">,
  partition: Partition,
  discounts?: Float64Array
): ReadonlyArray<Float64Array> => {
  assertLength("sumByOwner", "values", batch.owner.length, values.length)
  if (discounts !== undefined) assertLength("sumByOwner", "discounts", batch.owner.length, discounts.length)
  const sums = partition.names.map(() => new Float64Array(sequenceCount(batch.offsets)))
  for (let sequence = 0; sequence < sequenceCount(batch.offsets); sequence++) {
    for (let token = batch.offsets[sequence]!; token < batch.offsets[sequence + 1]!; token++) {
      const owner = batch.owner[token]!
      if (owner !== NOT_OWNED) sums[owner]![sequence]! += (discounts?.[token] ?? 1) * values[token]!
    }
  }
  return sums
}

/**
 * Keeps one sub-policy's entries of a value per token and sets the others to 0: its part of a gradient's weights.
 *
 * The parts of all sub-policies add up to `values` on owned tokens. Shapes: [N] → [N]. Errors: `ShapeMismatch`, `UnknownOwner`.
 */
export const partOf = (values: Float64Array, owner: Uint8Array, partition: Partition, name: string): Float64Array => {
  assertLength("partOf", "values", owner.length, values.length)
  const index = ownerOf(partition, name)
  return values.map((value, token) => (owner[token] === index ? value : 0))
}
