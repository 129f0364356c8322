/**
 * Q of every token of a batch in one backward pass over flat arrays.
 *
 * The same recursion as `QTable.backward`, laid out as a `TokenBatch`: for the tokens t of a sequence that somebody owns
 *
 *   Q_t = r_t + g_t·Q_{t+1}, g_t = γ after a cycle's last decision token and 1 elsewhere, Q = 0 past the sequence
 *
 * Tokens that nobody owns are passed over: their terms do not count and their Q is 0. Nothing is allocated but the result, and not
 * even that when `out` is given. Source: this paper, eq. 12-14, 18-24, 30-35.
 *
 * @module
 */
import { DECISION, NOT_OWNED } from "./Partition.ts"
import { assertLength, assertRange, TheoryError } from "./TheoryError.ts"
import { assertOffsets, type TokenBatch } from "./TokenBatch.ts"

/** Where sequences begin, `offsets` [B+1], and who owns a token, `owner` [N]. */
export type Layout = Pick<TokenBatch, "offsets" | "owner">

/**
 * `gamma` ∈ [0, 1] is applied once a cycle (default 1), after tokens of `decisionOwner` (default `DECISION`) that another
 * sub-policy's follow. `out` [N] receives the result; it may be the array of terms itself.
 */
export interface Options {
  readonly gamma?: number
  readonly decisionOwner?: number
  readonly out?: Float64Array
}

const prepare = (where: string, layout: Layout, options: Options) => {
  const { decisionOwner = DECISION, gamma = 1 } = options
  assertOffsets(where, layout.offsets, layout.owner.length)
  assertRange(where, "gamma", gamma, gamma >= 0 && gamma <= 1, "[0, 1]")
  const out = options.out ?? new Float64Array(layout.owner.length)
  assertLength(where, "out", layout.owner.length, out.length)
  return { decisionOwner, gamma, out }
}

/**
 * Computes the Q of tokens `from` … `to − 1`, one sequence, last token first. `terms` and `q` may be one array.
 *
 * The inner loop runs over the tokens of one owner, among which nothing has to be decided: it is bound by one addition a token.
 */
const backwardOneSequence = (
  terms: Float64Array,
  q: Float64Array,
  owner: Uint8Array,
  range: { readonly from: number; readonly to: number },
  settings: { readonly gamma: number; readonly decisionOwner: number }
): void => {
  const { decisionOwner, gamma } = settings
  const { from } = range
  let future = 0
  let laterOwner = NOT_OWNED
  let token = range.to - 1
  while (token >= from) {
    const current = owner[token]!
    if (current === NOT_OWNED) {
      q[token] = 0
      token--
      continue
    }
    if (current === decisionOwner && laterOwner !== decisionOwner && laterOwner !== NOT_OWNED) future *= gamma
    laterOwner = current
    for (; token >= from && owner[token] === current; token--) {
      future = terms[token]! + future
      q[token] = future
    }
  }
}

/**
 * Computes Q of given immediate terms for every token.
 *
 * Shapes: `terms` [N] → [N]. Units: those of the terms. A term that is not finite spoils the Q of its sequence's earlier tokens and
 * of no other sequence. For trajectories laid out by `toTokenBatch` it equals `QTable.backward` to the last bit.
 * Errors: `ShapeMismatch`, `OutOfRange`, `EmptyGroup`.
 */
export const qValues = (terms: Float64Array, layout: Layout, options: Options = {}): Float64Array => {
  const where = "BatchedRecursion.qValues"
  const { out, ...settings } = prepare(where, layout, options)
  const { offsets, owner } = layout
  assertLength(where, "terms", owner.length, terms.length)
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    backwardOneSequence(terms, out, owner, { from: offsets[sequence]!, to: offsets[sequence + 1]! }, settings)
  }
  return out
}

/** Writes one sequence's immediate terms into `terms`; they are read again while still in the processor's cache. */
type Fill = (terms: Float64Array, from: number, to: number, sequence: number) => void

const qOfFilled = (where: string, layout: Layout, options: Options, fill: Fill): Float64Array => {
  const { out, ...settings } = prepare(where, layout, options)
  const { offsets, owner } = layout
  for (let sequence = 0; sequence + 1 < offsets.length; sequence++) {
    const range = { from: offsets[sequence]!, to: offsets[sequence + 1]! }
    fill(out, range.from, range.to, sequence)
    backwardOneSequence(out, out, owner, range, settings)
  }
  return out
}

/**
 * Computes Q of the surrogate: r = A at a sequence's last owned token and 0 elsewhere, so Q = γ^{T−t}·A in cycle t of T.
 *
 * Shapes: `advantages` [B] → [N], reward units. Equals `Surrogate.qValues`. Errors: as `qValues`. Source: Theorem 3.1.
 */
export const surrogate = (advantages: ArrayLike<number>, layout: Layout, options: Options = {}): Float64Array => {
  const where = "BatchedRecursion.surrogate"
  assertLength(where, "advantages", layout.offsets.length - 1, advantages.length)
  return qOfFilled(where, layout, options, (terms, from, to, sequence) => {
    terms.fill(0, from, to)
    let last = to - 1
    while (last > from && layout.owner[last] === NOT_OWNED) last--
    if (last >= from) terms[last] = advantages[sequence]!
  })
}

/**
 * Computes Q of the KL penalty in the reward: r = −β·(log π − log π_ref) of the token.
 *
 * Shapes: [N] → [N], reward units. Equals `KlPenalty.qValues`. Errors: as `qValues`, and `MissingInput` without a reference.
 * Source: Theorem 3.2.
 */
export const klPenalty = (
  beta: number,
  batch: Layout & Pick<TokenBatch, "logProbs" | "referenceLogProbs">,
  options: Options = {}
): Float64Array => {
  const where = "BatchedRecursion.klPenalty"
  const { logProbs, owner, referenceLogProbs } = batch
  if (referenceLogProbs === undefined) {
    throw new TheoryError(where, { _tag: "MissingInput", what: "referenceLogProbs", neededBy: "the KL penalty" })
  }
  assertLength(where, "logProbs", owner.length, logProbs.length)
  assertLength(where, "referenceLogProbs", owner.length, referenceLogProbs.length)
  return qOfFilled(where, batch, options, (terms, from, to) => {
    for (let token = from; token < to; token++) terms[token] = -beta * (logProbs[token]! - referenceLogProbs[token]!)
  })
}

/**
 * Computes Q of SFT's implicit reward: r = 1/π of the token.
 *
 * Shapes: [N] → [N], pure numbers. Equals `Sft.qValues`. Errors: as `qValues`. Source: Theorem D.1.
 */
export const sft = (batch: Layout & Pick<TokenBatch, "logProbs">, options: Options = {}): Float64Array => {
  const where = "BatchedRecursion.sft"
  const { logProbs, owner } = batch
  assertLength(where, "logProbs", owner.length, logProbs.length)
  return qOfFilled(where, batch, options, (terms, from, to) => {
    for (let token = from; token < to; token++) terms[token] = Math.exp(-logProbs[token]!)
  })
}

/**
 * Computes Q of DFT's implicit reward: r = c on every token; at γ = 1 it is c times the owned tokens to come, this one included.
 *
 * Shapes: → [N], units of c. Equals `Dft.qValues`. Errors: as `qValues`. Source: Theorem D.2.
 */
export const dft = (constant: number, layout: Layout, options: Options = {}): Float64Array =>
  qOfFilled("BatchedRecursion.dft", layout, options, (terms, from, to) => terms.fill(constant, from, to))
