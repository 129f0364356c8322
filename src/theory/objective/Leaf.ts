/**
 * A kind of leaf: everything that the library knows of one loss a token, as one record in one file.
 *
 * The laws of a record: `evaluate(…).derivative` = ∂loss/∂log π of its own `loss` (what it holds constant held constant), and `tensor`
 * is the same function as differentiable operations. `objectiveLaws` (decision-sampling/laws) checks both for any leaf.
 *
 * @module
 */
import { NOT_OWNED } from "../Partition.ts"
import { assertRange } from "../TheoryError.ts"
import { type TokenBatch, tokensBySequence } from "../TokenBatch.ts"
import type { Frame, TensorAlgebra } from "./TensorAlgebra.ts"

/** The columns of a batch that a leaf may need beside log π. */
export type Column = "advantages" | "oldLogProbs" | "referenceLogProbs" | "selected" | "entropies"

/** A column that a leaf needs, and what needs it, in words: "a surrogate" needs advantages. */
export interface Need {
  readonly column: Column
  readonly neededBy: string
}

/**
 * Holds a loss for every token, its derivative in that token's log π and its derivative in the entropy H of the
 * distribution that the token was taken from; all 0 on tokens that nobody owns.
 */
export interface Evaluation {
  readonly loss: Float64Array
  readonly derivative: Float64Array
  /** ∂loss/∂H; 0 everywhere unless the leaf needs entropies. */
  readonly entropyDerivative: Float64Array
}

/** The bounds between which an importance ratio of a token counts: [1 − clipLow, 1 + clipHigh]; null switches one off. */
export interface ClipRange {
  readonly clipLow: number | null
  readonly clipHigh: number | null
}

/** Throws `OutOfRange` unless every setting is null or ≥ 0: one that is no number would compare with nothing, and clip nothing. */
export const assertSettings = (where: string, settings: Readonly<Record<string, number | null>>): void => {
  for (const [what, value] of Object.entries(settings)) {
    if (value !== null) assertRange(where, what, value, value >= 0, "[0, ∞], or null for none")
  }
}

/** How attribution of a rollouts file reports a leaf: one entry for each setting worth a line. */
export interface Attributed<L> {
  readonly name: string
  readonly meaning: string
  readonly source: string
  readonly make: (settings: { readonly beta: number }) => L
}

/** Everything that the library knows of a leaf. Functions get leaves of this kind and batches that have the columns of `needs`. */
export interface LeafKind<L extends { readonly _tag: string }> {
  /** The `_tag` of the leaves, unique among kinds. */
  readonly tag: L["_tag"]
  /** A name fit for a metric. */
  name(leaf: L): string
  /** The columns that the leaf needs, in the order in which they are asked for. */
  needs(leaf: L): ReadonlyArray<Need>
  /** The loss of every token and its derivatives, in float64. Shapes: [N] each. */
  evaluate(leaf: L, batch: TokenBatch): Evaluation
  /** The same loss as differentiable operations. Unless `isCoupled` it need not mask what restrictions drop. */
  tensor<T>(algebra: TensorAlgebra<T>, leaf: L, frame: Frame<T>): T
  /**
   * Whether a token's loss depends on log π of other tokens of its sequence. Then `tensor` itself drops, by `frame.kept`, the losses
   * of tokens that a restriction leaves out, and keeps the others' derivatives of the whole sequence's loss. Left out: no.
   */
  isCoupled?(leaf: L): boolean
  /** Whether `tensor` reads `frame.evaluation`: the policy's numbers, read on the host beforehand. Left out: no. */
  readonly readsValues?: boolean
  /**
   * The column `selected` for this leaf: which tokens of the whole batch it treats apart, as 0 and 1. Computed before the loss, at the
   * policy's log-probabilities; `seed` is for a choice at random. Left out: the leaf selects none. Shape: [N].
   */
  select?(leaf: L, batch: TokenBatch, seed: number): Float64Array
  /** The bounds outside which a token's ratio counts as clipped; null where the leaf clips no token's ratio. Left out: it does not. */
  clipRange?(leaf: L): ClipRange | null
  /** The lines of an attribution report. Left out: none. */
  readonly attributed?: ReadonlyArray<Attributed<L>>
}

/** A token's loss and its derivatives. */
export interface Term {
  readonly loss: number
  readonly derivative: number
  readonly entropyDerivative?: number
}

/** Evaluates a loss token by token; tokens that nobody owns are left at 0. */
export const eachToken = (batch: Pick<TokenBatch, "owner">, term: (token: number) => Term): Evaluation => {
  const length = batch.owner.length
  const [loss, derivative, entropyDerivative] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)]
  for (let token = 0; token < length; token++) {
    if (batch.owner[token] === NOT_OWNED) continue
    const scalar = term(token)
    loss[token] = scalar.loss
    derivative[token] = scalar.derivative
    entropyDerivative[token] = scalar.entropyDerivative ?? 0
  }
  return { loss, derivative, entropyDerivative }
}

/** The tokens that somebody owns, one list for each sequence that has any. */
export const ownedSequences = (batch: Pick<TokenBatch, "offsets" | "owner">): ReadonlyArray<ReadonlyArray<number>> =>
  tokensBySequence(batch).filter((tokens) => tokens.length > 0)

/** Clips a tensor to [−bound, bound]; null does not clip. */
export const clampTensor = <T>(algebra: TensorAlgebra<T>, x: T, bound: number | null): T =>
  bound === null ? x : algebra.clip(x, -bound, bound)

/** The importance ratio π/π_old of each token as a tensor, its log within ±bound. */
export const tokenRatio = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, bound: number | null): T =>
  algebra.exp(clampTensor(algebra, algebra.subtract(frame.logProbs, frame.column("oldLogProbs")), bound))

/** One number a token, made on the host from its advantage: a bound or a setting that depends on the advantage's sign. */
export const byAdvantage = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, of: (advantage: number) => number): T =>
  algebra.constant(Float32Array.from(frame.values("advantages"), of))

/** 1/L of each row, L its owned tokens (1 where there is none). Shape: [rows]. */
const inverseLengths = ({ columns, owned, rows }: Pick<Frame<unknown>, "rows" | "columns" | "owned">): Float32Array =>
  Float32Array.from({ length: rows }, (_, row) => {
    const marks = owned.subarray(row * columns, (row + 1) * columns)
    return 1 / Math.max(1, marks.reduce((sum, mark) => sum + mark, 0))
  })

/** 1/L of its row on every token: what a token's share of its sequence is. */
export const shareOfRow = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>): T => algebra.repeatRows(algebra.constant(inverseLengths(frame)))

/** The sum over each row's owned tokens, repeated on the row; `mean` divides by their number. x is 0 where nobody owns the token. */
export const overRows = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, x: T, kind: "sum" | "mean"): T => {
  const sums = algebra.sumRows(x)
  return algebra.repeatRows(kind === "sum" ? sums : algebra.multiply(sums, algebra.constant(inverseLengths(frame))))
}

/**
 * A coupled loss under the frame's restriction. `lossOf` is the loss of every token as a function of all log π. Each kept token keeps its
 * derivative of the whole sequence's loss, so that restrictions add up to the whole.
 */
export const coupledLoss = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, lossOf: (logProbs: T) => T): T => {
  const { kept, logProbs, owned } = frame
  if (kept === owned) return lossOf(logProbs)
  const mask = algebra.constant(kept)
  const moving = algebra.multiply(logProbs, mask)
  const whole = lossOf(algebra.add(moving, algebra.stopGradient(algebra.multiply(logProbs, algebra.subtract(1, mask)))))
  return algebra.withDerivativeOf(algebra.multiply(whole, mask), whole)
}

/** The loss −sg(w)·A·log π a token as a tensor: what REINFORCE has with a weight in front that is not differentiated. */
export const weightedLogProb = <T>(algebra: TensorAlgebra<T>, frame: Frame<T>, weight: T): T =>
  algebra.multiply(algebra.multiply(algebra.negate(frame.column("advantages")), algebra.stopGradient(weight)), frame.logProbs)
