/** A small pre-norm transformer on a device's operations, just enough to measure a training step and sampling. */
import type { Rank, Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { DeviceService, TensorLibrary } from "../src/domain/Device.ts"
import type { KvCache, Ops } from "../src/domain/Ops.ts"
import { Effect } from "effect"

export interface Shape {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly length: number
  readonly vocabulary: number
}

/** Names and shapes of the parameters, in the order of the flat vector. */
export const layout = ({ width, layers, length, vocabulary }: Shape): ReadonlyArray<readonly [string, ReadonlyArray<number>]> => [
  ["token", [vocabulary, width]],
  ["position", [length, width]],
  ...Array.from({ length: layers }, (_, layer): ReadonlyArray<readonly [string, ReadonlyArray<number>]> => [
    [`${layer}.norm1`, [width]],
    [`${layer}.qkv`, [width, 3 * width]],
    [`${layer}.out`, [width, width]],
    [`${layer}.norm2`, [width]],
    [`${layer}.up`, [width, 4 * width]],
    [`${layer}.down`, [4 * width, width]]
  ]).flat(),
  ["norm", [width]],
  ["head", [width, vocabulary]]
]

const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((a, b) => a * b, 1)

/** Start values: gains 1, the rest small numbers from a fixed sequence. */
export const initialParameters = (shape: Shape): Float32Array => {
  let state = 12345
  const next = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5) * 0.2
  return Float32Array.from(layout(shape).flatMap(([name, size]) => Array.from({ length: sizeOf(size) }, () => (name.includes("norm") ? 1 : next()))))
}

type Weights = Readonly<Record<string, Tensor>>

const upload = (tf: TensorLibrary, shape: Shape, flat: Float32Array): Record<string, Tensor> => {
  let at = 0
  return Object.fromEntries(layout(shape).map(([name, size]) => {
    const tensor = tf.tensor(flat.subarray(at, at + sizeOf(size)), [...size])
    at += sizeOf(size)
    return [name, tensor]
  }))
}

/** Logits of token ids at given positions, with attention left to the caller. */
const logits = (
  ops: Ops, tf: TensorLibrary, shape: Shape, weights: Weights, ids: Tensor1D, positions: Tensor1D,
  attention: (layer: number, qkv: Tensor2D) => Tensor2D
): Tensor2D => {
  const w = (name: string) => weights[name] as Tensor<Rank.R2>
  let x: Tensor2D = tf.add(ops.embed(w("token"), ids), ops.embed(w("position"), positions))
  for (let layer = 0; layer < shape.layers; layer++) {
    const gain = (n: number) => weights[`${layer}.norm${n}`] as Tensor1D
    const attended = attention(layer, tf.matMul(ops.rmsNorm(x, gain(1)), w(`${layer}.qkv`)))
    x = tf.add(x, tf.matMul(attended, w(`${layer}.out`)))
    const hidden = ops.gelu(tf.matMul(ops.rmsNorm(x, gain(2)), w(`${layer}.up`)))
    x = tf.add(x, tf.matMul(hidden, w(`${layer}.down`)))
  }
  return tf.matMul(ops.rmsNorm(x, weights["norm"] as Tensor1D), w("head"))
}

const tile = (rows: number, length: number): Int32Array => Int32Array.from({ length: rows * length }, (_, n) => n % length)

/** Ids of a batch, from a fixed sequence. */
export const batchOf = (rows: number, { length, vocabulary }: Shape): Int32Array =>
  Int32Array.from({ length: rows * length }, (_, n) => (Math.imul(n + 1, 2654435761) >>> 8) % vocabulary)

/** Mean negative log-probability of a batch (each token its own target) and its gradient, flat. */
export const lossAndGradient = (device: DeviceService, shape: Shape, rows: number, flat: Float32Array, batch: Int32Array) =>
  device.use("step", (ops, tf) => {
    const names = layout(shape).map(([name]) => name)
    const weights = upload(tf, shape, flat)
    const ids = tf.tensor1d(batch, "int32")
    const positions = tf.tensor1d(tile(rows, shape.length), "int32")
    const groups = tf.zeros([rows, shape.length], "int32") as Tensor2D
    const sets = tf.ones([1, shape.vocabulary]) as Tensor2D
    const setIds = tf.zeros([rows * shape.length], "int32") as Tensor1D
    const { value, grads } = tf.valueAndGrads((...xs: Array<Tensor>) => {
      const named = Object.fromEntries(names.map((name, i) => [name, xs[i]!]))
      const out = logits(ops, tf, shape, named, ids, positions, (_layer, qkv) => ops.attention(qkv, groups, shape.heads))
      return tf.neg(tf.mean(ops.tokenLogProb(out, ids, sets, setIds)))
    })(names.map((name) => weights[name]!))
    const gradient = new Float32Array(flat.length)
    let at = 0
    for (const grad of grads) {
      gradient.set(grad.dataSync() as Float32Array, at)
      at += grad.size
    }
    return { loss: value.dataSync()[0]!, gradient }
  })

/** Draws a token from logits at temperature 1. */
const draw = (scores: Float32Array, uniform: number): number => {
  const top = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - top))
  let left = uniform * weights.reduce((a, b) => a + b, 0)
  for (const [token, weight] of weights.entries()) if ((left -= weight) < 0) return token
  return scores.length - 1
}

/** The cached way evaluates only the new position; the naive way evaluates the whole sequence for every token. */
export type Sampling = "cached" | "naive"

/** Extends `rows` sequences from one token to the full length; returns all tokens. */
export const sample = (device: DeviceService, shape: Shape, rows: number, flat: Float32Array, how: Sampling) =>
  Effect.map(
    device.use("sample", (ops, tf) => {
      const { width, layers, heads, length, vocabulary } = shape
      const weights = upload(tf, shape, flat)
      const caches: ReadonlyArray<KvCache> = how === "cached" ? Array.from({ length: layers }, () => ops.makeCache(rows, length, width, heads)) : []
      const groups = new Int32Array(rows)
      const tokens = new Int32Array(rows * length)
      let state = 1
      for (let t = 0; t + 1 < length; t++) {
        const scores = tf.tidy(() => {
          const long = how === "naive" ? t + 1 : 1
          const ids = Int32Array.from({ length: rows * long }, (_, n) => tokens[Math.floor(n / long) * length + (how === "naive" ? n % long : t)]!)
          const positions = how === "naive" ? tile(rows, long) : new Int32Array(rows).fill(t)
          const all = logits(ops, tf, shape, weights, tf.tensor1d(ids, "int32"), tf.tensor1d(positions, "int32"), (layer, qkv) =>
            how === "naive"
              ? ops.attention(qkv, tf.zeros([rows, long], "int32"), heads)
              : ops.decodeAttention(qkv, caches[layer]!, positions, groups))
          return tf.slice(tf.reshape(all, [rows, long, vocabulary]), [0, long - 1, 0], [rows, 1, vocabulary]).dataSync() as Float32Array
        })
        for (let row = 0; row < rows; row++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0
          tokens[row * length + t + 1] = draw(scores.subarray(row * vocabulary, (row + 1) * vocabulary), state / 2 ** 32)
        }
      }
      return tokens
    }),
    (tokens) => tokens
  )
