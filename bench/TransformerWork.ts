/** The work of training and sampling with the project's transformer, for measuring devices: one step, one batch of samples. */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { Effect } from "effect"
import type { DeviceError, DeviceService, TensorLibrary } from "../src/model/device/Device.ts"
import type { Parameters } from "../src/domain/Policy.ts"
import { draws } from "../src/domain/Seed.ts"
import { addTensors, toTensors } from "../src/model/architecture/ParameterLayout.ts"
import type { TokenInputs } from "../src/model/architecture/Architecture.ts"
import { initializeTransformer, transformer, type TransformerSizes } from "../src/model/architecture/Transformer.ts"
import { byName, denseWeights } from "../src/model/weights/Trained.ts"

/** Sizes of a transformer that reads and writes sequences of `length` tokens. */
export interface Shape {
  readonly width: number
  readonly layers: number
  readonly heads: number
  readonly length: number
}

const vocabulary = 16
const sizesOf = ({ width, layers, heads, length }: Shape): TransformerSizes => ({
  width,
  layers,
  heads,
  positions: length,
  segments: 1,
  vocabulary
})

/** Initial parameters. */
export const parametersOf = (shape: Shape): Parameters => initializeTransformer(sizesOf(shape), 1)

/** Random tokens, rows · length. */
export const tokensOf = (rows: number, { length }: Shape): Int32Array => {
  const { integer } = draws(2)
  return Int32Array.from({ length: rows * length }, () => integer(0, vocabulary - 1))
}

const inputsOf = (tf: TensorLibrary, tokens: Int32Array, positions: Int32Array): TokenInputs => ({
  tokens: tf.tensor1d(tokens, "int32"),
  positions: tf.tensor1d(positions, "int32"),
  segments: tf.zeros([tokens.length], "int32") as Tensor1D
})

/** The column of each token of rows side by side. */
const columns = (rows: number, length: number): Int32Array => Int32Array.from({ length: rows * length }, (_, n) => n % length)

/** Gradient of the mean log-probability of each token at its own place (the work is that of any target): parameters to the device, forward, backward, gradient back. */
export const gradient = (
  device: DeviceService,
  shape: Shape,
  rows: number,
  parameters: Parameters,
  tokens: Int32Array
): Effect.Effect<Float32Array, DeviceError> =>
  device.use("gradient", async (ops, tf) => {
    const { layout, logits: logitsOf } = transformer(sizesOf(shape))
    const inputs = inputsOf(tf, tokens, columns(rows, shape.length))
    const groups = tf.zeros([rows, shape.length], "int32") as Tensor2D
    const allowed = tf.ones([1, vocabulary]) as Tensor2D
    const setIds = tf.zeros([tokens.length], "int32") as Tensor1D
    const { grads } = tf.valueAndGrads((...tensors: Array<Tensor>) => {
      const logits = logitsOf(tf, ops, denseWeights(tf, ops, byName(layout, tensors)), inputs, {
        attend: (qkv) => ops.attention(qkv, groups, shape.heads),
        select: (x) => x
      })
      return tf.neg(tf.mean(ops.tokenLogProb(logits, inputs.tokens, allowed, setIds)))
    })([...toTensors(tf, layout, parameters)])
    const flat = new Float32Array(layout.count)
    await addTensors(layout, grads, flat)
    return flat
  })

/** Draws a token from logits at temperature 1. */
const draw = (logits: Float32Array, uniform: number): number => {
  const top = Math.max(...logits)
  const weights = logits.map((logit) => Math.exp(logit - top))
  let left = uniform * weights.reduce((a, b) => a + b, 0)
  for (const [token, weight] of weights.entries()) if ((left -= weight) < 0) return token
  return logits.length - 1
}

/** With a cache only the new position is computed; without, the whole sequence for every token. */
export type Sampling = "cache" | "no cache"

/** Extends rows of one token each to the full length; returns all tokens. */
export const sample = (
  device: DeviceService,
  shape: Shape,
  rows: number,
  parameters: Parameters,
  how: Sampling
): Effect.Effect<Int32Array, DeviceError> =>
  device.use("sample", (ops, tf) => {
    const { layers, length, width, heads } = shape
    const { layout, logits: logitsOf } = transformer(sizesOf(shape))
    const weights = denseWeights(tf, ops, byName(layout, toTensors(tf, layout, parameters)))
    const caches = Array.from({ length: how === "cache" ? layers : 0 }, () => ops.makeCache(rows, length, width, heads))
    const tokens = new Int32Array(rows * length)
    const { uniform } = draws(3)
    for (let t = 0; t + 1 < length; t++) {
      const read = how === "cache" ? 1 : t + 1
      const logits = tf.tidy(() => {
        const seen = Int32Array.from({ length: rows * read }, (_, n) => tokens[Math.floor(n / read) * length + t + 1 - read + (n % read)]!)
        const positions = how === "cache" ? new Int32Array(rows).fill(t) : columns(rows, read)
        const last = (x: Tensor2D): Tensor2D =>
          tf.reshape(tf.slice(tf.reshape(x, [rows, read, -1]), [0, read - 1, 0], [rows, 1, -1]), [rows, -1])
        return logitsOf(tf, ops, weights, inputsOf(tf, seen, positions), {
          attend: (qkv, block) =>
            how === "cache"
              ? ops.decodeAttention(qkv, caches[block]!, positions, new Int32Array(rows))
              : ops.attention(qkv, tf.zeros([rows, read], "int32"), heads),
          select: how === "cache" ? (x) => x : last
        }).dataSync<"float32">()
      })
      for (let row = 0; row < rows; row++) {
        tokens[row * length + t + 1] = draw(logits.subarray(row * vocabulary, (row + 1) * vocabulary), uniform())
      }
    }
    return tokens
  })
