/**
 * An objective as tensor operations: the very loss that trainers differentiate.
 *
 * `theory/Objective.evaluate` says what it must be, in float64 and with the derivative written out; here each leaf's `tensor` is
 * run on differentiable operations of a rectangle of tokens. Old and reference log-probabilities, advantages, clip bounds
 * and masks enter as constants made on the host, so no condition is ever part of the tape.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import {
  assertNeeds,
  assertOwners,
  type Column,
  evaluate,
  type Frame,
  leafKind,
  needs,
  type Objective,
  type Part,
  parts,
  readsEntropies,
  readsValues,
  type TensorAlgebra
} from "../../theory/Objective.ts"
import { NOT_OWNED, ownerOf, type Partition } from "../../theory/Partition.ts"
import type { TokenBatch } from "../../theory/TokenBatch.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { stopGradient, withDerivativeOf } from "./StopGradient.ts"

/** What an objective reads beside what the policy computes, flat, one entry a token. */
export interface LossColumns {
  readonly owner: Uint8Array
  readonly oldLogProbs?: Float32Array | Float64Array
  readonly referenceLogProbs?: Float32Array | Float64Array
  readonly advantages?: Float32Array | Float64Array
  readonly selected?: Float32Array | Float64Array
}

/** What the policy computes, read on the host before the loss is differentiated; see `readsValues`. */
export interface PolicyValues {
  readonly logProbs: Float64Array
  readonly entropies: Float64Array
}

/** Tokens as a rectangle, one sequence a row, cells row by row; padding and prompts are NOT_OWNED. */
export interface TensorBatch extends LossColumns {
  readonly rows: number
  readonly columns: number
  /** log π, shape [rows·columns]. */
  readonly logProbs: Tensor1D
  /** The entropy of the distribution each token was taken from, shape [rows·columns]; an entropy bonus needs it. */
  readonly entropies?: Tensor1D
  /** The same numbers on the host, shape [rows·columns]; leaves with a loss of one's own need them. */
  readonly values?: PolicyValues
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

/**
 * Checks that the columns an objective reads are there and that its owners exist; entropies are the policy's to compute.
 * Errors: MissingInput, UnknownOwner, UnknownObjective.
 */
export const assertColumns = (objective: Objective, columns: Omit<LossColumns, "owner">, partition: Partition): void => {
  assertOwners(objective, partition)
  assertNeeds("tensorLoss", needs(objective).filter(({ column }) => column !== "entropies"), columns)
}

/** The tensor library's own operations as the theory's algebra, for rectangles of so many rows and columns. */
const algebraOf = (tf: TensorLibrary, rows: number, columns: number): TensorAlgebra<Tensor1D> => ({
  constant: (values) => tf.tensor1d(values),
  add: (left, right) => tf.add(left, right),
  subtract: (left, right) => tf.sub(left, right),
  multiply: (left, right) => tf.mul(left, right),
  negate: (x) => tf.neg(x),
  exp: (x) => tf.exp(x),
  expm1: (x) => tf.expm1(x),
  log: (x) => tf.log(x),
  sigmoid: (x) => tf.sigmoid(x),
  square: (x) => tf.square(x),
  sign: (x) => tf.sign(x),
  minimum: (left, right) => tf.minimum(left, right) as Tensor1D,
  maximum: (left, right) => tf.maximum(left, right) as Tensor1D,
  clip: (x, low, high) => tf.clipByValue(x, low, high),
  stopGradient: (x) => stopGradient(tf, x),
  withDerivativeOf: (value, carrier) => withDerivativeOf(tf, value, carrier),
  sumRows: (x) => tf.sum(tf.reshape(x, [rows, columns]), 1),
  repeatRows: (x) => tf.reshape(tf.mul(tf.reshape(x, [rows, 1]), tf.ones([1, columns])) as Tensor2D, [rows * columns])
})

/** The rectangle as the theory's batch, each row a sequence, at the policy's numbers on the host. */
const hostBatch = (batch: TensorBatch, { entropies, logProbs }: PolicyValues): TokenBatch => {
  const { advantages, columns, oldLogProbs, owner, referenceLogProbs, rows, selected } = batch
  return {
    offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
    owner,
    logProbs,
    entropies,
    ...(advantages && { advantages: Float64Array.from(advantages) }),
    ...(oldLogProbs && { oldLogProbs: Float64Array.from(oldLogProbs) }),
    ...(referenceLogProbs && { referenceLogProbs: Float64Array.from(referenceLogProbs) }),
    ...(selected && { selected: Float64Array.from(selected) })
  }
}

const missing = (what: string, neededBy: string): TheoryError => new TheoryError("tensorLoss", { _tag: "MissingInput", what, neededBy })

/**
 * Computes the loss of every token as tensors, differentiable in `batch.logProbs` and `batch.entropies`; 0 on tokens that
 * nobody owns.
 *
 * With weights constant on each sequence, ∂(Σ w·total)/∂logProbs is w times the `derivative` of `Objective.evaluate`, and
 * ∂/∂entropies w times its `entropyDerivative`. A loss of one's own is evaluated on the host at `batch.values`.
 * Call it inside a device use. Errors: MissingInput, UnknownOwner, UnknownObjective (`assertColumns` finds them beforehand).
 */
export const tensorLoss = (tf: TensorLibrary, objective: Objective, batch: TensorBatch, partition: Partition): TensorLoss => {
  assertColumns(objective, batch, partition)
  const { columns, entropies, owner, rows, values } = batch
  if (readsEntropies(objective) && entropies === undefined) throw missing("entropies", "an entropy bonus")
  if (readsValues(objective) && values === undefined) throw missing("values", "a loss of one's own")
  const algebra = algebraOf(tf, rows, columns)
  const owned = Float32Array.from(owner, (value) => (value === NOT_OWNED ? 0 : 1))
  const column = (name: Exclude<Column, "entropies">): Tensor1D => {
    const numbers = batch[name]!
    return tf.tensor1d(owned.map((mark, i) => (mark === 0 ? 0 : numbers[i]!)))
  }
  const logProbs: Tensor1D = tf.mul(batch.logProbs, tf.tensor1d(owned))
  const partLoss = ({ factor, leaf, owners }: Part): Tensor1D => {
    const kind = leafKind(leaf)
    const names = owners?.map((name) => ownerOf(partition, name))
    const kept = names === undefined ? owned : Float32Array.from(owner, (value) => (names.includes(value) ? 1 : 0))
    const frame: Frame<Tensor1D> = {
      rows,
      columns,
      owned,
      kept,
      logProbs,
      entropies: () => entropies!,
      values: (name) => batch[name]!,
      column,
      evaluation: () => evaluate(leaf, hostBatch(batch, values!), partition)
    }
    const loss = kind.tensor(algebra, leaf, frame)
    // A coupled leaf that is restricted has masked itself, and its derivative must not be masked again.
    const isMasked = names !== undefined && kind.isCoupled?.(leaf) === true
    return tf.mul(isMasked ? loss : tf.mul(loss, tf.tensor1d(kept)), factor)
  }
  const losses = parts(objective).map((part) => ({ name: part.name, loss: partLoss(part) }))
  const total = losses.reduce<Tensor1D>((sum, { loss }) => tf.add(sum, loss), tf.zeros([owner.length]))
  return { parts: losses, total }
}
