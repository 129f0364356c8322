/**
 * Choices among all tokens from the states before the unembedding, on the memory of a wasm backend: some rows of logits at a time.
 *
 * The derivative of log π(target) in a row's state is (1[v = target] − p_v)/τ through the table. It depends on nothing that comes after it, so it is computed while
 * the logits are there, and the backward pass only scales it: no more than CHUNK rows of logits are ever held, and none is computed twice.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import { differentiable } from "./Differentiable.ts"
import { checkChoices, type Ops } from "./Ops.ts"
import type { MultiplyMatrices, WasmKernels } from "./WasmKernels.ts"

/** Rows of logits at a time: 50 MB of 49,152 tokens, and enough rows that a product runs at its full speed. */
const CHUNK = 256

/** Computes log π, entropies and, where asked for, their derivatives in the states. */
const compute = (
  kernels: WasmKernels,
  multiply: MultiplyMatrices,
  x: Tensor2D,
  table: Tensor2D,
  targets: Int32Array,
  { isEntropyDifferentiated, isTransposed, temperature }: Parameters<Ops["choiceScores"]>[3],
  isDifferentiated: boolean
) => {
  const { exports } = kernels
  const [n, width] = x.shape
  const vocabulary = table.shape[isTransposed ? 0 : 1]
  const tensor = (shape: ReadonlyArray<number>): Tensor => tf.engine().makeTensorFromTensorInfo(kernels.output(shape))
  const rowsAtOnce = Math.min(CHUNK, n)
  const slopesOf = (isWanted: boolean) => (isDifferentiated && isWanted ? [tensor([n, width]) as Tensor2D] : [])
  const [slopes, entropySlopes] = [slopesOf(true)[0], slopesOf(isEntropyDifferentiated)[0]]
  const logits = tensor([rowsAtOnce, vocabulary])
  const beside = entropySlopes === undefined ? undefined : tensor([rowsAtOnce, vocabulary])
  const [logProbs, entropies] = [new Float32Array(n), new Float32Array(n)]
  const sums = kernels.allocate(28 * rowsAtOnce)
  try {
    const targetOf = sums + 24 * rowsAtOnce
    for (let from = 0; from < n; from += CHUNK) {
      const rows = Math.min(CHUNK, n - from)
      const at = kernels.pointer(logits)
      const states = 4 * from * width
      multiply(kernels.pointer(x) + states, kernels.pointer(table), at, rows, vocabulary, width, false, isTransposed)
      kernels.write(targetOf, targets.subarray(from, from + rows))
      if (slopes === undefined) exports.vocabularySums(at, targetOf, sums, rows, vocabulary, 1 / temperature)
      else {
        const besides = beside === undefined ? 0 : kernels.pointer(beside)
        exports.vocabularyGradients(at, targetOf, sums, besides, rows, vocabulary, 1 / temperature)
      }
      const values = kernels.doubles(sums, 3 * rows)
      for (let row = 0; row < rows; row++) {
        const [target, mass, weighted] = [values[3 * row]!, values[3 * row + 1]!, values[3 * row + 2]!]
        logProbs[from + row] = target - Math.log(mass)
        entropies[from + row] = Math.log(mass) - weighted / mass
      }
      for (const [slope, into] of [[logits, slopes], [beside, entropySlopes]] as const) {
        if (slope === undefined || into === undefined) continue
        multiply(
          kernels.pointer(slope),
          kernels.pointer(table),
          kernels.pointer(into) + states,
          rows,
          width,
          vocabulary,
          false,
          !isTransposed
        )
      }
    }
  } finally {
    kernels.free(sums)
  }
  return {
    value: tf.stack([tf.tensor1d(logProbs), tf.tensor1d(entropies)]),
    saved: [slopes, entropySlopes].filter((slope) => slope !== undefined)
  }
}

/** `Ops.choiceScores` on the memory of a wasm backend. */
export const wasmChoices = (kernels: WasmKernels, multiply: MultiplyMatrices): Ops["choiceScores"] => (x, table, targets, settings) => {
  checkChoices(x, table, targets, settings)
  const n = targets.length
  const isDifferentiated = tf.engine().state.gradientDepth > 0
  const scores = differentiable(
    [x],
    (x) => compute(kernels, multiply, x, table, targets, settings, isDifferentiated),
    (dy, slopes) => {
      const parts = tf.unstack(dy)
      const [first, second] = slopes.map((slope, i) => tf.mul(slope, tf.reshape(parts[i]!, [n, 1])))
      return [second === undefined ? first! : tf.add(first!, second)]
    }
  )
  const row = (i: number): Tensor1D => tf.reshape(tf.slice(scores, [i, 0], [1, n]), [n])
  return { logProbs: row(0), entropies: row(1) }
}
