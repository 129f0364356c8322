/**
 * From losses per token to one number: the reducers of the field, as weights.
 *
 * With m_t = 1 on trained tokens, L_i = Σ m_t of sequence i, ℓ the loss per token:
 *
 * | `_tag`                 | verl                    | TRL `loss_type`         | formula                                |
 * |------------------------|-------------------------|-------------------------|----------------------------------------|
 * | `token-mean`           | token-mean              | dapo (global counts), bnpo (local) | Σ m ℓ / Σ m                 |
 * | `seq-mean-token-mean`  | seq-mean-token-mean     | grpo                    | mean over i of (Σ_t m ℓ / L_i)         |
 * | `seq-mean-token-sum`   | seq-mean-token-sum      | none                    | mean over i of Σ_t m ℓ                 |
 * | `seq-mean-token-sum-norm` | the same             | dr_grpo                 | Σ m ℓ / T (verl), Σ m ℓ / (B·T) (TRL)  |
 *
 * Means over sequences leave out those without a trained token, as verl does. The mode matters for attribution: it sets
 * how much a long answer weighs against its one decision token.
 *
 * @module
 */
import { NOT_OWNED } from "./Partition.ts"
import { assertLength, assertRange, TheoryError } from "./TheoryError.ts"
import { assertOffsets, sequenceCount } from "./TokenBatch.ts"

/** Names an aggregation; `length` is the constant T in tokens, `variant` whether B divides too. */
export type Aggregation =
  | { readonly _tag: "token-mean" }
  | { readonly _tag: "seq-mean-token-mean" }
  | { readonly _tag: "seq-mean-token-sum" }
  | { readonly _tag: "seq-mean-token-sum-norm"; readonly length: number; readonly variant: "verl" | "trl" }

/** Lists the aggregations by name, in the order of the module's table. */
export const AGGREGATIONS = [
  "token-mean",
  "seq-mean-token-mean",
  "seq-mean-token-sum",
  "seq-mean-token-sum-norm"
] as const satisfies ReadonlyArray<Aggregation["_tag"]>

/** Averages over all trained tokens. */
export const tokenMean: Aggregation = { _tag: "token-mean" }

/** Averages over sequences the mean of their trained tokens. */
export const seqMeanTokenMean: Aggregation = { _tag: "seq-mean-token-mean" }

/** Averages over sequences the sum of their trained tokens. */
export const seqMeanTokenSum: Aggregation = { _tag: "seq-mean-token-sum" }

/** Sums trained tokens over a constant length T (tokens, > 0); variant `trl` (default) divides by the sequences too. */
export const seqMeanTokenSumNorm = (length: number, variant: "verl" | "trl" = "trl"): Aggregation => {
  assertRange("Aggregate.seqMeanTokenSumNorm", "length", length, Number.isFinite(length) && length > 0, "(0, ∞)")
  return { _tag: "seq-mean-token-sum-norm", length, variant }
}

/**
 * Counts what the denominators are made of: trained `tokens`, `sequences` with at least one of them, and all `rows`.
 *
 * Counts of micro-batches add up to those of their batch.
 */
export interface Counts {
  readonly tokens: number
  readonly sequences: number
  readonly rows: number
}

const trainedLengths = (offsets: Int32Array, owner: Uint8Array): Int32Array => {
  const lengths = new Int32Array(sequenceCount(offsets))
  for (let sequence = 0; sequence < lengths.length; sequence++) {
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      if (owner[token] !== NOT_OWNED) lengths[sequence]!++
    }
  }
  return lengths
}

/** Counts one batch. Shapes: `offsets` [B+1], `owner` [N]. Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`. */
export const counts = (offsets: Int32Array, owner: Uint8Array): Counts => {
  assertOffsets("Aggregate.counts", offsets, owner.length)
  const lengths = trainedLengths(offsets, owner)
  return {
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    sequences: lengths.filter((length) => length > 0).length,
    rows: lengths.length
  }
}

/** Adds the counts of two batches. */
export const addCounts = (left: Counts, right: Counts): Counts => ({
  tokens: left.tokens + right.tokens,
  sequences: left.sequences + right.sequences,
  rows: left.rows + right.rows
})

/**
 * Computes the weight w_t of every token, so that the aggregated loss is Σ w_t ℓ_t.
 *
 * Shapes: `offsets` [B+1], `owner` [N] → [N]; 0 on tokens that nobody owns; constant on the trained tokens of a sequence.
 * `options.counts` are the denominators' counts, by default this batch's; pass the whole batch's when this is one of its
 * micro-batches, and the sum over micro-batches is the whole batch's loss. Without any trained token all weights are 0.
 *
 * Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`. Sources: Shao et al., 2024 (GRPO); Yu et al., 2025 (DAPO); Liu et al.,
 * 2025 (Dr. GRPO).
 */
export const weights = (
  aggregation: Aggregation,
  offsets: Int32Array,
  owner: Uint8Array,
  options: { readonly counts?: Counts } = {}
): Float64Array => {
  const total = options.counts ?? counts(offsets, owner)
  assertOffsets("Aggregate.weights", offsets, owner.length)
  const lengths = trainedLengths(offsets, owner)
  const result = new Float64Array(owner.length)
  for (let sequence = 0; sequence < lengths.length; sequence++) {
    if (lengths[sequence] === 0) continue
    const weight = sequenceWeight(aggregation, lengths[sequence]!, total)
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) {
      if (owner[token] !== NOT_OWNED) result[token] = weight
    }
  }
  return result
}

/**
 * Computes the weight w of each trained token of a sequence with `length` > 0 of them, as `weights` gives it.
 *
 * `total` are the denominators' counts; they may be means over an endless batch, with `sequences` and `rows` 1.
 */
export const sequenceWeight = (aggregation: Aggregation, length: number, total: Counts): number => {
  switch (aggregation._tag) {
    case "token-mean":
      return 1 / total.tokens
    case "seq-mean-token-mean":
      return 1 / (total.sequences * length)
    case "seq-mean-token-sum":
      return 1 / total.sequences
    case "seq-mean-token-sum-norm":
      return 1 / (aggregation.length * (aggregation.variant === "trl" ? total.rows : 1))
  }
}

/** Adds up Σ w_t ℓ_t. Errors: `ShapeMismatch`, and `NonFinite` for a weighted loss that is not finite. */
export const aggregate = (weights: Float64Array, loss: Float64Array): number => {
  assertLength("Aggregate.aggregate", "loss", weights.length, loss.length)
  let sum = 0
  for (let token = 0; token < loss.length; token++) {
    if (weights[token] === 0) continue
    const value = loss[token]!
    if (!Number.isFinite(value)) {
      throw new TheoryError("Aggregate.aggregate", { _tag: "NonFinite", what: "loss", index: token, value })
    }
    sum += weights[token]! * value
  }
  return sum
}
