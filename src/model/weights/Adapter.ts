/**
 * Low-rank adapters: the network's weights stay frozen, and what is trained is a correction of few numbers to each chosen matrix,
 * x·W + (α/r)·(x·A)·B with A [in, r] and B [r, out]. B starts at 0, so the adapted network starts as the frozen one, which is also
 * the reference that a KL penalty holds on to. Source: Hu et al., 2022, "LoRA", section 4.1.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { Parameters } from "../../domain/Policy.ts"
import { draws, fold } from "../../domain/Seed.ts"
import type { Architecture } from "../architecture/Architecture.ts"
import { type ParameterLayout, parameterLayout } from "../architecture/ParameterLayout.ts"
import type { TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"
import { differentiable } from "../device/Differentiable.ts"
import { byName, denseWeights, type Trained } from "./Trained.ts"

/** The size of an adapter. */
export interface AdapterConfig {
  /** r, the rank of each correction. */
  readonly rank: number
  /** α; corrections are scaled by α / r. */
  readonly alpha: number
  /** Which matrices are adapted, by name. Left out: every matrix of a block. */
  readonly adapts?: (name: string) => boolean
}

/** The most bytes of matrices that are copied to add the adapter to them: of a device of 4 GiB that holds them once already. */
const MOST_MERGED = 2 ** 30

const inBlock = (name: string): boolean => name.startsWith("block")

/** The matrices that an adapter corrects: two-dimensional weights that the configuration names. */
const targetsOf = ({ entries }: ParameterLayout, { adapts = inBlock }: AdapterConfig) =>
  entries.flatMap(({ name, shape: [rows, columns, more] }) =>
    rows !== undefined && columns !== undefined && more === undefined && adapts(name) ? [{ name, rows, columns }] : []
  )

/** Lays the corrections out: A and B of every adapted matrix, in the network's order. */
export const adapterLayout = (architecture: Pick<Architecture, "layout">, config: AdapterConfig): ParameterLayout =>
  parameterLayout(
    targetsOf(architecture.layout, config).flatMap(({ columns, name, rows }) => [
      [`${name}.a`, [rows, config.rank]] as const,
      [`${name}.b`, [config.rank, columns]] as const
    ])
  )

/**
 * x·W + s·(x·A)·B with its gradient in x, A and B: dl = s·dy·Bᵀ, dx = dy·Wᵀ + dl·Aᵀ, dA = xᵀ·dl, dB = (s·x·A)ᵀ·dy. As one operation it keeps
 * nothing as wide as its result; as five it would keep two more of them to the end of the backward pass.
 */
const adaptedProduct = (
  tf: TensorLibrary,
  ops: Ops,
  x: Tensor2D,
  weight: Tensor2D,
  a: Tensor2D,
  b: Tensor2D,
  scale: number
): Tensor2D => {
  /** x·y + z·w, with both second factors transposed or not. */
  const sumOfProducts = (x: Tensor2D, y: Tensor2D, z: Tensor2D, w: Tensor2D, transpose: boolean): Tensor2D => {
    const sum = tf.matMul(x, y, false, transpose) as Tensor2D
    if (ops.addProduct === undefined) return tf.add(sum, tf.matMul(z, w, false, transpose))
    ops.addProduct(sum, z, w, false, transpose)
    return sum
  }
  return differentiable(
    [x, a, b],
    (x, a, b) => {
      const low = tf.mul(tf.matMul(x, a), scale) as Tensor2D
      return { value: sumOfProducts(x, weight, low, b, false), saved: [x, weight, a, b, low] }
    },
    (dy, [x, weight, a, b, low]) => {
      const dLow = tf.mul(tf.matMul(dy as Tensor2D, b, false, true), scale) as Tensor2D
      return [
        sumOfProducts(dy as Tensor2D, weight, dLow, a, true),
        tf.matMul(x, dLow, true),
        tf.matMul(low, dy as Tensor2D, true)
      ]
    }
  )
}

/**
 * An adapter as the trained part of a network. `frozen` are the network's own tensors in its layout's order, held on the device
 * (`Device.hold`). A is uniform in ±√(3/in) (variance 1/in), B is 0.
 */
export const adapter = (architecture: Pick<Architecture, "layout">, frozen: ReadonlyArray<Tensor>, config: AdapterConfig): Trained => {
  const layout = adapterLayout(architecture, config)
  const base = byName(architecture.layout, frozen)
  const targets = targetsOf(architecture.layout, config)
  const adapted = new Set(targets.map(({ name }) => name))
  const scale = config.alpha / config.rank
  const bytes = targets.reduce((sum, { columns, rows }) => sum + 4 * rows * columns, 0)
  return {
    layout,
    merged: bytes > MOST_MERGED ? undefined : (tf, ops, tensors) => {
      const correction = byName(layout, tensors)
      const matrices = new Map(targets.map(({ name }) => {
        const sum = tf.tidy(() => {
          const scaled = tf.mul(correction(`${name}.a`), scale) as Tensor2D
          return tf.add(tf.matMul(scaled, correction(`${name}.b`) as Tensor2D), base(name)) as Tensor2D
        })
        return [name, sum] as const
      }))
      return denseWeights(tf, ops, (name) => matrices.get(name) ?? base(name))
    },
    initialize: (seed) => {
      const parameters: Parameters = new Float32Array(layout.count)
      for (const { name, offset, shape, size } of layout.entries) {
        if (!name.endsWith(".a")) continue
        const { uniform } = draws(fold(seed, name))
        const bound = Math.sqrt(3 / shape[0]!)
        for (let i = offset; i < offset + size; i++) parameters[i] = bound * (2 * uniform() - 1)
      }
      return parameters
    },
    weights: (tf, ops, tensors) => {
      const dense = denseWeights(tf, ops, base)
      const correction = byName(layout, tensors)
      return {
        ...dense,
        frozen: (name) => (adapted.has(name) ? undefined : base(name) as Tensor2D),
        linear: (name, x) =>
          adapted.has(name)
            ? adaptedProduct(
              tf,
              ops,
              x,
              base(name) as Tensor2D,
              correction(`${name}.a`) as Tensor2D,
              correction(`${name}.b`) as Tensor2D,
              scale
            )
            : dense.linear(name, x)
      }
    }
  }
}
