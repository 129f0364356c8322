/**
 * From losses per token to one number: the reducers of the field, as weights.
 *
 * With m_t = 1 on trained tokens, L_i = Σ m_t of sequence i, ℓ the loss per token:
 *
 * | `_tag`                    | verl 0.9.1              | TRL 1.16.0 `loss_type`                          | formula                       |
 * |---------------------------|-------------------------|-------------------------------------------------|-------------------------------|
 * | `token-mean`              | token-mean              | dapo, cispo, vespo (global counts), bnpo (local) | Σ m ℓ / Σ m                  |
 * | `token-sum`               | token-sum               | none                                            | Σ m ℓ                         |
 * | `seq-mean-token-mean`     | seq-mean-token-mean     | grpo, sapo                                      | mean over i of (Σ_t m ℓ / L_i) |
 * | `seq-mean-token-sum`      | seq-mean-token-sum      | luspo                                           | mean over i of Σ_t m ℓ        |
 * | `seq-mean-token-sum-norm` | seq-mean-token-sum-norm | dr_grpo                                         | mean over i of (Σ_t m ℓ / T)  |
 *
 * The libraries differ in which sequences a mean over i counts where some are masked as a whole; see `Variant`. The mode matters for
 * attribution: it sets how much a long answer weighs against its one decision token.
 *
 * @module
 */
import { NOT_OWNED } from "./Partition.ts"
import { assertLength, assertRange, TheoryError } from "./TheoryError.ts"
import { assertOffsets, sequenceCount } from "./TokenBatch.ts"

/**
 * Says which sequences a mean over sequences counts.
 *
 * - `verl`: those with a trained token. verl 0.9.1, `agg_loss` called without counts of the whole batch; verl of October 2025 did not divide
 *   `seq-mean-token-sum-norm` by them at all.
 * - `trl`: all rows, those that are masked as a whole among them. TRL 1.16.0, and what verl 0.9.1's own trainer does: it hands
 *   `agg_loss` the mini-batch's number of rows (`global_batch_size`).
 *
 * Without a masked sequence they are one. Of two rows of which one is masked, the other weighs 1 under `verl` and ½ under `trl`.
 */
export type Variant = "verl" | "trl"

/** Lists the variants. */
export const VARIANTS = ["verl", "trl"] as const satisfies ReadonlyArray<Variant>

/** Names an aggregation; `length` is the constant T in tokens, `variant` which sequences a mean over them counts. */
export type Aggregation =
  | { readonly _tag: "token-mean" }
  | { readonly _tag: "token-sum" }
  | { readonly _tag: "seq-mean-token-mean"; readonly variant: Variant }
  | { readonly _tag: "seq-mean-token-sum"; readonly variant: Variant }
  | { readonly _tag: "seq-mean-token-sum-norm"; readonly length: number; readonly variant: Variant }

/** Lists the aggregations by name, in the order of the module's table. */
export const AGGREGATIONS = [
  "token-mean",
  "token-sum",
  "seq-mean-token-mean",
  "seq-mean-token-sum",
  "seq-mean-token-sum-norm"
] as const satisfies ReadonlyArray<Aggregation["_tag"]>

/** Averages over all trained tokens. */
export const tokenMean: Aggregation = { _tag: "token-mean" }

/** Sums over all trained tokens: no denominator, so a batch twice as large has twice the gradient. */
export const tokenSum: Aggregation = { _tag: "token-sum" }

/** Averages over sequences the mean of their trained tokens; over those with a trained token. */
export const seqMeanTokenMean: Aggregation = { _tag: "seq-mean-token-mean", variant: "verl" }

/** Averages over sequences the sum of their trained tokens; over those with a trained token. */
export const seqMeanTokenSum: Aggregation = { _tag: "seq-mean-token-sum", variant: "verl" }

/** Averages over sequences the sum of their trained tokens over a constant length T (tokens, > 0); variant `trl` by default. */
export const seqMeanTokenSumNorm = (length: number, variant: Variant = "trl"): Aggregation => {
  assertRange("Aggregate.seqMeanTokenSumNorm", "length", length, Number.isFinite(length) && length > 0, "(0, ∞)")
  return { _tag: "seq-mean-token-sum-norm", length, variant }
}

/** Makes a mean over sequences count them as a library does; an aggregation that takes none stays as it is. */
export const withVariant = (aggregation: Aggregation, variant: Variant): Aggregation =>
  "variant" in aggregation ? { ...aggregation, variant } : aggregation

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
    case "token-sum":
      return 1
    case "seq-mean-token-mean":
      return 1 / (counted(aggregation.variant, total) * length)
    case "seq-mean-token-sum":
      return 1 / counted(aggregation.variant, total)
    case "seq-mean-token-sum-norm":
      return 1 / (counted(aggregation.variant, total) * aggregation.length)
  }
}

const counted = (variant: Variant, total: Counts): number => (variant === "verl" ? total.sequences : total.rows)

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
