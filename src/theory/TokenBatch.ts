/**
 * A batch of token sequences as a trainer and the objectives see it: flat float64 columns, no padding.
 *
 * B sequences are laid end to end in N tokens; `offsets` says where each begins. Who owns a token is a column
 * of its own, so prompt tokens, forced tokens and masked sequences stay in the batch and are never trained.
 *
 * @module
 */
import { NOT_OWNED, type Partition } from "./Partition.ts"
import { assertFinite, assertLength, assertLogProbs, TheoryError } from "./TheoryError.ts"

export { DECISION, NOT_OWNED, SAMPLING } from "./Partition.ts"

/**
 * Holds B sequences of N tokens in all.
 *
 * - `offsets` [B+1]: sequence i owns tokens `offsets[i]` … `offsets[i+1] − 1`.
 * - `owner` [N]: the sub-policy's index in the partition, or `NOT_OWNED`.
 * - `logProbs` [N]: log π of the token under the policy being trained, nats.
 * - `oldLogProbs` [N]: under the policy that sampled; `referenceLogProbs` [N]: under the KL reference.
 * - `entropies` [N]: entropy of the distribution that the token was taken from, nats; read by an entropy bonus alone.
 * - `selected` [N]: 1 on the tokens that a loss treats apart by what the whole batch is like, else 0 (`Objective.select`).
 * - `advantages` [N]: reward units, a sequence's advantage repeated on its tokens.
 */
export interface TokenBatch {
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly logProbs: Float64Array
  readonly oldLogProbs?: Float64Array
  readonly referenceLogProbs?: Float64Array
  readonly entropies?: Float64Array
  readonly advantages?: Float64Array
  readonly selected?: Float64Array
}

/**
 * Checks that `offsets` starts at 0, never falls, and ends at the number of tokens.
 *
 * Errors: `EmptyGroup` (no entry at all), `OutOfRange`.
 */
export const assertOffsets = (where: string, offsets: Int32Array, tokens: number): void => {
  if (offsets.length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "offsets", index: 0 })
  const refuse = (index: number, range: string): never => {
    throw new TheoryError(where, { _tag: "OutOfRange", what: "offsets", index, value: offsets[index]!, range })
  }
  if (offsets[0] !== 0) refuse(0, "[0, 0] (the first sequence starts at token 0)")
  for (let index = 1; index < offsets.length; index++) {
    if (offsets[index]! < offsets[index - 1]!) refuse(index, `[${offsets[index - 1]}, ${tokens}] (offsets never fall)`)
  }
  const last = offsets.length - 1
  if (offsets[last] !== tokens) refuse(last, `[${tokens}, ${tokens}] (the last sequence ends at the last token)`)
}

/**
 * Validates the columns of a token batch and returns them as one.
 *
 * Every column has one entry a token, log-probabilities are finite and ≤ 0 (nats), advantages are finite, owners are
 * in the partition or `NOT_OWNED`, entropies are finite and ≥ 0, selections 0 or 1. Log-probabilities of tokens that nobody owns are not looked at.
 *
 * Errors: `ShapeMismatch`, `NonFinite`, `NotADistribution`, `OutOfRange`, `EmptyGroup`. The columns are not copied.
 */
export const makeTokenBatch = (columns: TokenBatch, partition: Partition): TokenBatch => {
  const where = "makeTokenBatch"
  const { advantages, entropies, logProbs, offsets, oldLogProbs, owner, referenceLogProbs, selected } = columns
  const tokens = logProbs.length
  assertOffsets(where, offsets, tokens)
  assertLength(where, "owner", tokens, owner.length)
  for (let index = 0; index < tokens; index++) {
    const value = owner[index]!
    if (value !== NOT_OWNED && value >= partition.names.length) {
      const range = `0 … ${partition.names.length - 1} or ${NOT_OWNED} (NOT_OWNED)`
      throw new TheoryError(where, { _tag: "OutOfRange", what: "owner", index, value, range })
    }
  }
  const trained = (values: Float64Array) => values.map((value, token) => owner[token] === NOT_OWNED ? 0 : value)
  for (const [what, values] of Object.entries({ logProbs, oldLogProbs, referenceLogProbs })) {
    if (values === undefined) continue
    assertLength(where, what, tokens, values.length)
    assertLogProbs(where, what, trained(values))
  }
  if (entropies !== undefined) {
    assertLength(where, "entropies", tokens, entropies.length)
    const values = trained(entropies)
    assertFinite(where, "entropies", values)
    values.forEach((value, index) => {
      if (value < 0) throw new TheoryError(where, { _tag: "OutOfRange", what: "entropies", index, value, range: "[0, ∞)" })
    })
  }
  if (advantages !== undefined) {
    assertLength(where, "advantages", tokens, advantages.length)
    assertFinite(where, "advantages", trained(advantages))
  }
  if (selected !== undefined) {
    assertLength(where, "selected", tokens, selected.length)
    selected.forEach((value, index) => {
      if (value !== 0 && value !== 1) throw new TheoryError(where, { _tag: "OutOfRange", what: "selected", index, value, range: "{0, 1}" })
    })
  }
  return columns
}

/** Counts the sequences B of a batch. */
export const sequenceCount = (offsets: Int32Array): number => offsets.length - 1

/** Lists the tokens that somebody owns, by sequence; an empty list where nobody owns any. Shapes: [B+1], [N] → [B] lists of tokens. */
export const tokensBySequence = ({ offsets, owner }: Pick<TokenBatch, "offsets" | "owner">): ReadonlyArray<ReadonlyArray<number>> =>
  Array.from({ length: sequenceCount(offsets) }, (_, sequence) => {
    const tokens: Array<number> = []
    for (let token = offsets[sequence]!; token < offsets[sequence + 1]!; token++) if (owner[token] !== NOT_OWNED) tokens.push(token)
    return tokens
  })

/**
 * Repeats one value a sequence on each of its tokens: out[t] = values[i] for t in sequence i.
 *
 * Shapes: `values` [B], `offsets` [B+1] → [N]. Turns advantages [B] into the batch's column. Errors: `ShapeMismatch`.
 */
export const repeatOnTokens = (values: ArrayLike<number>, offsets: Int32Array): Float64Array => {
  assertLength("repeatOnTokens", "values", sequenceCount(offsets), values.length)
  const repeated = new Float64Array(offsets.at(-1)!)
  for (let sequence = 0; sequence < values.length; sequence++) {
    repeated.fill(values[sequence]!, offsets[sequence], offsets[sequence + 1])
  }
  return repeated
}

/**
 * Takes sequences out of training: their tokens become `NOT_OWNED`, in loss and denominators alike.
 *
 * Shapes: `keep` [B] of 0 and 1. Returns a new owner column [N]. Errors: `ShapeMismatch`.
 */
export const maskSequences = (batch: Pick<TokenBatch, "offsets" | "owner">, keep: Uint8Array): Uint8Array => {
  assertLength("maskSequences", "keep", sequenceCount(batch.offsets), keep.length)
  const owner = batch.owner.slice()
  for (let sequence = 0; sequence < keep.length; sequence++) {
    if (keep[sequence] === 0) owner.fill(NOT_OWNED, batch.offsets[sequence], batch.offsets[sequence + 1])
  }
  return owner
}
