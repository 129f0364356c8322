/**
 * What of a network is trained: all of its weights, or an adapter over frozen ones. `Parameters` is always just that part, so
 * trainers, optimizers, checkpoints and threads need not know which.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { Parameters } from "../../domain/Policy.ts"
import type { Seed } from "../../domain/Seed.ts"
import type { Architecture, Weights } from "../architecture/Architecture.ts"
import type { ParameterLayout } from "../architecture/ParameterLayout.ts"
import type { ParameterMatrix } from "../Backprop.ts"
import type { TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"

/** The trained part of a network. */
export interface Trained {
  /** The trained tensors, end to end in the parameter vector. */
  readonly layout: ParameterLayout
  /** Matrices of hidden layers among them. Left out: none (an adapter's factors are no layer's matrix). */
  readonly matrices?: ReadonlyArray<ParameterMatrix> | undefined
  readonly initialize: (seed: Seed) => Parameters
  /** The network's weights, of which the trained ones are `tensors`, in the layout's order. */
  readonly weights: (tf: TensorLibrary, ops: Ops, tensors: ReadonlyArray<Tensor>) => Weights
  /**
   * The same for passes over few positions that are not differentiated, with what is trained added to the frozen matrices: copies of these, good as long as
   * the scope that they are made in. Log-probabilities differ by rounding. Left out: there is nothing to add, or it would take too much memory.
   */
  readonly merged?: ((tf: TensorLibrary, ops: Ops, tensors: ReadonlyArray<Tensor>) => Weights) | undefined
}

/** Finds tensors by the names of their layout. Throws for a name that is none: an architecture asked for a weight that it does not have. */
export const byName = ({ entries }: ParameterLayout, tensors: ReadonlyArray<Tensor>): (name: string) => Tensor => {
  const places = new Map(entries.map(({ name }, i) => [name, i]))
  return (name) => {
    const tensor = tensors[places.get(name) ?? -1]
    if (tensor === undefined) throw new Error(`no weight is called ${name}; there are ${entries.map((entry) => entry.name).join(", ")}`)
    return tensor
  }
}

/** Dense weights by name. */
export const denseWeights = (tf: TensorLibrary, ops: Ops, find: (name: string) => Tensor): Weights => ({
  vector: (name) => find(name) as Tensor1D,
  embed: (name, ids) => ops.embed(find(name) as Tensor2D, ids),
  linear: (name, x) => tf.matMul(x, find(name) as Tensor2D),
  transposed: (name, x) => tf.matMul(x, find(name) as Tensor2D, false, true)
})

/** Trains every weight. */
export const allWeights = ({ initialize, layout, matrices }: Pick<Architecture, "initialize" | "layout" | "matrices">): Trained => ({
  layout,
  matrices,
  initialize,
  weights: (tf, ops, tensors) => denseWeights(tf, ops, byName(layout, tensors))
})
