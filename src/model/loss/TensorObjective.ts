/**
 * An objective as tensor operations: the very loss that trainers differentiate.
 *
 * `theory/Objective.evaluate` says what it must be, in float64 and with the derivative written out; here the same data is
 * read as differentiable operations on a rectangle of tokens. Old and reference log-probabilities, advantages, clip bounds
 * and masks enter as constants made on the host, so no condition is ever part of the tape.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import { type KlInLoss, type Leaf, type Objective, type Part, parts, readsEntropies, type Surrogate } from "../../theory/Objective.ts"
import { NOT_OWNED, ownerOf, type Partition } from "../../theory/Partition.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { stopGradient, withDerivativeOf } from "./StopGradient.ts"

/** What an objective reads beside what the policy computes, flat, one entry a token. */
export interface LossColumns {
  readonly owner: Uint8Array
  readonly oldLogProbs?: Float32Array | Float64Array
  readonly referenceLogProbs?: Float32Array | Float64Array
  readonly advantages?: Float32Array | Float64Array
}

/** Tokens as a rectangle, one sequence a row, cells row by row; padding and prompts are NOT_OWNED. */
export interface TensorBatch extends LossColumns {
  readonly rows: number
  readonly columns: number
  /** log π, shape [rows·columns]. */
  readonly logProbs: Tensor1D
  /** The entropy of the distribution each token was taken from, shape [rows·columns]; an entropy bonus needs it. */
  readonly entropies?: Tensor1D
}

/** The loss of one leaf, scaled and restricted as the objective says, shape [rows·columns]. */
export interface TensorPart {
  readonly name: string
  readonly loss: Tensor1D
}

/** The leaves' losses and their sum. */
export interface TensorLoss {
  readonly parts: ReadonlyArray<TensorPart>
  readonly total: Tensor1D
}

/** Checks that the columns an objective reads are there and that its owners exist. Errors: MissingInput, UnknownOwner. */
export const assertColumns = (objective: Objective, columns: Omit<LossColumns, "owner">, partition: Partition): void => {
  const need = (what: keyof typeof columns, neededBy: string): void => {
    if (columns[what] === undefined) throw new TheoryError("tensorLoss", { _tag: "MissingInput", what, neededBy })
  }
  for (const { leaf, name, owners } of parts(objective)) {
    owners?.forEach((owner) => ownerOf(partition, owner))
    if (leaf._tag === "Surrogate") need("advantages", name)
    if (leaf._tag === "Surrogate" && leaf.ratio !== "none") need("oldLogProbs", name)
    if (leaf._tag === "KlInLoss") need("referenceLogProbs", name)
    if (leaf._tag === "KlInLoss" && leaf.corrected) need("oldLogProbs", name)
  }
}

/** What the leaves share: log π of owned tokens, 0 elsewhere, so that what nobody owns cannot overflow into 0·∞. */
interface Frame {
  readonly tf: TensorLibrary
  readonly batch: TensorBatch
  readonly owned: Float32Array
  readonly logProbs: Tensor1D
}

type Column = Exclude<keyof LossColumns, "owner">

const constant = ({ batch, owned, tf }: Frame, column: Column): Tensor1D => {
  const values = batch[column]!
  return tf.tensor1d(owned.map((mark, i) => (mark === 0 ? 0 : values[i]!)))
}

const clamp = (tf: TensorLibrary, x: Tensor1D, bound: number | null): Tensor1D => (bound === null ? x : tf.clipByValue(x, -bound, bound))

/**
 * Clips the ratio per token, so that −A·clipped is the clipped surrogate: a gain stops at 1 + clipHigh, a loss at
 * 1 − clipLow, and with dual clip a loss also at that many times the old probability.
 */
const clipRatio = (frame: Frame, leaf: Surrogate, ratio: Tensor1D): Tensor1D => {
  const { batch, tf } = frame
  const { clipHigh, clipLow, dualClip } = leaf
  const ceilings = { gain: clipHigh === null ? Infinity : 1 + clipHigh, cost: dualClip ?? Infinity }
  const floor = clipLow === null ? -Infinity : 1 - clipLow
  const perToken = (bound: (advantage: number) => number) => tf.tensor1d(Float32Array.from(batch.advantages!, bound))
  const upper = perToken((a) => (a > 0 ? ceilings.gain : a < 0 ? ceilings.cost : Infinity))
  const lower = perToken((a) => (a < 0 ? floor : -Infinity))
  return tf.maximum(tf.minimum(ratio, upper), lower) as Tensor1D
}

const tokenRatio = (frame: Frame, bound: number | null): Tensor1D => {
  const { logProbs, tf } = frame
  return tf.exp(clamp(tf, tf.sub(logProbs, constant(frame, "oldLogProbs")), bound))
}

/** exp of the mean log-ratio of each row's owned tokens, repeated on the row. */
const sequenceRatio = (frame: Frame, logProbs: Tensor1D, bound: number | null): Tensor1D => {
  const { batch, owned, tf } = frame
  const { columns, rows } = batch
  const counts = Float32Array.from({ length: rows }, (_, row) => {
    const marks = owned.subarray(row * columns, (row + 1) * columns)
    return 1 / Math.max(1, marks.reduce((sum, mark) => sum + mark, 0))
  })
  const logRatios = tf.reshape(tf.sub(logProbs, constant(frame, "oldLogProbs")), [rows, columns])
  const means = tf.mul(tf.sum(logRatios, 1), tf.tensor1d(counts)) as Tensor1D
  const ratios = tf.reshape(tf.exp(clamp(tf, means, bound)), [rows, 1])
  return tf.reshape(tf.mul(ratios, tf.ones([1, columns])) as Tensor2D, [rows * columns])
}

const surrogateLoss = (frame: Frame, leaf: Surrogate, kept: Float32Array): Tensor1D => {
  const { logProbs, owned, tf } = frame
  const cost = tf.neg(constant(frame, "advantages"))
  if (leaf.ratio === "none") return tf.mul(cost, logProbs)
  if (leaf.ratio === "token") return tf.mul(cost, clipRatio(frame, leaf, tokenRatio(frame, leaf.logRatioClamp)))
  if (kept === owned) return tf.mul(cost, clipRatio(frame, leaf, sequenceRatio(frame, logProbs, leaf.logRatioClamp)))
  // Restricted: each kept token keeps its derivative of the whole sequence's loss, so that restrictions add up to the whole.
  const mask = tf.tensor1d(kept)
  const partlyFixed = tf.add(tf.mul(logProbs, mask), stopGradient(tf, tf.mul(logProbs, tf.sub(1, mask)))) as Tensor1D
  const whole = tf.mul(cost, clipRatio(frame, leaf, sequenceRatio(frame, partlyFixed, leaf.logRatioClamp))) as Tensor1D
  return withDerivativeOf(tf, tf.mul(whole, mask), whole)
}

const klLoss = (frame: Frame, leaf: KlInLoss): Tensor1D => {
  const { logProbs, tf } = frame
  const difference = tf.sub(constant(frame, "referenceLogProbs"), logProbs) as Tensor1D
  const x = clamp(tf, difference, leaf.logRatioClamp)
  const estimate = (): Tensor1D => {
    switch (leaf.estimator) {
      case "k1":
        return tf.neg(x)
      case "k2":
        return tf.mul(tf.square(x), 0.5)
      case "k3":
      case "k3-straight-through":
        return tf.sub(tf.expm1(x), x)
      case "abs":
        // Not tf.abs, whose derivative at 0 is −1; this one's is 0.
        return tf.mul(x, stopGradient(tf, tf.sign(x)))
    }
  }
  const clamped = clamp(tf, estimate(), leaf.clamp)
  const value = leaf.estimator === "k3-straight-through" ? withDerivativeOf(tf, clamped, tf.mul(tf.square(difference), 0.5)) : clamped
  const corrected = leaf.corrected ? tf.mul(tokenRatio(frame, leaf.logRatioClamp), value) : value
  return tf.mul(corrected, leaf.beta)
}

const leafLoss = (frame: Frame, leaf: Leaf, kept: Float32Array): Tensor1D => {
  const { logProbs, tf } = frame
  switch (leaf._tag) {
    case "Surrogate":
      return surrogateLoss(frame, leaf, kept)
    case "KlInLoss":
      return klLoss(frame, leaf)
    case "NegativeLogLikelihood":
      return tf.neg(logProbs)
    case "DynamicFineTuning":
      return tf.neg(tf.mul(stopGradient(tf, tf.exp(logProbs)), logProbs))
    case "EntropyBonus":
      return tf.mul(frame.batch.entropies!, -leaf.coefficient)
  }
}

/**
 * Computes the loss of every token as tensors, differentiable in `batch.logProbs` and `batch.entropies`; 0 on tokens that
 * nobody owns.
 *
 * With weights constant on each sequence, ∂(Σ w·total)/∂logProbs is w times the `derivative` of `Objective.evaluate`, and
 * ∂/∂entropies w times its `entropyDerivative`.
 * Call it inside a device use. Errors: MissingInput, UnknownOwner (`assertColumns` finds them beforehand).
 */
export const tensorLoss = (tf: TensorLibrary, objective: Objective, batch: TensorBatch, partition: Partition): TensorLoss => {
  assertColumns(objective, batch, partition)
  if (readsEntropies(objective) && batch.entropies === undefined) {
    throw new TheoryError("tensorLoss", { _tag: "MissingInput", what: "entropies", neededBy: "entropy" })
  }
  const owned = Float32Array.from(batch.owner, (owner) => (owner === NOT_OWNED ? 0 : 1))
  const frame: Frame = { tf, batch, owned, logProbs: tf.mul(batch.logProbs, tf.tensor1d(owned)) }
  const partLoss = ({ factor, leaf, owners }: Part): Tensor1D => {
    const names = owners?.map((name) => ownerOf(partition, name))
    const kept = names === undefined ? owned : Float32Array.from(batch.owner, (owner) => (names.includes(owner) ? 1 : 0))
    const loss = leafLoss(frame, leaf, kept)
    // The restricted sequence surrogate is masked already, and its derivative must not be masked again.
    const isMasked = names !== undefined && leaf._tag === "Surrogate" && leaf.ratio === "sequence"
    return tf.mul(isMasked ? loss : tf.mul(loss, tf.tensor1d(kept)), factor)
  }
  const losses = parts(objective).map((part) => ({ name: part.name, loss: partLoss(part) }))
  const total = losses.reduce<Tensor1D>((sum, { loss }) => tf.add(sum, loss), tf.zeros([batch.owner.length]))
  return { parts: losses, total }
}
