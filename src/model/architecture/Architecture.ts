/**
 * What every network offers to the policy that is made of it: its weights by name, the size of its cache, and its forward pass.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { Parameters } from "../../domain/Policy.ts"
import type { Seed } from "../../domain/Seed.ts"
import type { TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"
import type { ParameterMatrix } from "../Backprop.ts"
import type { ParameterLayout } from "./ParameterLayout.ts"

/**
 * Weights by name. `linear` is the one seam: a dense matrix, a quantised one, or a frozen one with a low-rank adapter on top look
 * the same from here.
 */
export interface Weights {
  /** A vector such as a norm's gain: [D]. */
  readonly vector: (name: string) => Tensor1D
  /** Rows of a table, ids int32 [N] → [N, D]. */
  readonly embed: (name: string, ids: Tensor1D) => Tensor2D
  /** x [N, in] through the weight [in, out] → [N, out]. */
  readonly linear: (name: string, x: Tensor2D) => Tensor2D
  /** x [N, in] through the transpose of a table [out, in] → [N, out]: the unembedding of a network that ties it to the embedding. */
  readonly transposed: (name: string, x: Tensor2D) => Tensor2D
  /** The matrix of that name, where it is not trained and nothing is added to it. Left out: all are trained. */
  readonly frozen?: (name: string) => Tensor2D | undefined
}

/** The unembedding of a network: the matrix of that name, or its transpose. */
export interface Unembedding {
  readonly name: string
  readonly isTransposed: boolean
}

/** The inputs of N tokens, each int32 of shape [N]. */
export interface TokenInputs {
  readonly tokens: Tensor1D
  readonly positions: Tensor1D
  readonly segments: Tensor1D
}

/** How a pass attends and which outputs it wants. */
export interface Pass {
  /** Attention of one block: queries, keys and values side by side, as `Ops.attention` wants them, → [N, D]. */
  readonly attend: (qkv: Tensor2D, block: number) => Tensor2D
  /** Picks the tokens whose logits are wanted, [N, D] → [M, D]; the last block's network is computed for these alone. */
  readonly select: (x: Tensor2D) => Tensor2D
  /** Lays them out as the logits are wanted, with rows that mean nothing between them, [M, D] → [K, D], before the logits are computed. Left out: as they are. */
  readonly spread?: (x: Tensor2D) => Tensor2D
}

/** A network as pure functions of its weights. */
export interface Architecture {
  /** All weights, trained or frozen. */
  readonly layout: ParameterLayout
  /**
   * The key-value cache, one for each of `layers` blocks: queries of `width` numbers a position in `heads` heads, keys and values in `keyHeads`
   * (left out: as many).
   */
  readonly cache: { readonly layers: number; readonly heads: number; readonly keyHeads?: number; readonly width: number }
  /** The matrices of hidden layers in the layout, each as it acts: queries, keys and values are three. Left out: none. */
  readonly matrices?: ReadonlyArray<ParameterMatrix> | undefined
  /** Draws all weights. */
  readonly initialize: (seed: Seed) => Parameters
  /** Computes next-token logits [M, V], or [K, V]. Differentiable in the weights if the pass is. */
  readonly logits: (tf: TensorLibrary, ops: Ops, weights: Weights, inputs: TokenInputs, pass: Pass) => Tensor2D
  /**
   * The states that the unembedding reads, [M, D]; `logits` are theirs through `unembedding`. Left out with it: logits are computed for all that is selected at once.
   */
  readonly states?: (tf: TensorLibrary, ops: Ops, weights: Weights, inputs: TokenInputs, pass: Pass) => Tensor2D
  readonly unembedding?: Unembedding
}

/** The logits of states, [M, D] → [M, V]. */
export const unembed = ({ linear, transposed }: Weights, { isTransposed, name }: Unembedding, states: Tensor2D): Tensor2D =>
  isTransposed ? transposed(name, states) : linear(name, states)
