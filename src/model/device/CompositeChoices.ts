/**
 * Choices among all tokens from the states before the unembedding, composed of the tensor library's own operations, with the gradient by hand: the library's own
 * would make tensors of ones as large as the logits on the host.
 *
 * @module
 */
import type { Scalar, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "./Device.ts"
import { differentiable } from "./Differentiable.ts"
import { checkChoices, type Ops } from "./Ops.ts"

/** What it is composed of besides the library's operations: numbers on the device, and [N] ids as [N,depth] rows with a 1 at the id. */
interface Parts {
  readonly number: (value: number) => Scalar
  readonly oneHot: (ids: Tensor1D, depth: number) => Tensor2D
}

/**
 * `Ops.choiceScores`. With s = x·table/τ and p = softmax(s): log π(y) = s_y − ln Σ e^s, whose derivative in s is 1[v = y] − p_v, and
 * H = −Σ p ln p, whose derivative is −p_v (ln p_v + H).
 */
export const compositeChoices = (tf: TensorLibrary, { number, oneHot }: Parts): Ops["choiceScores"] => (x, table, targets, settings) => {
  checkChoices(x, table, targets, settings)
  const { isEntropyDifferentiated, isTransposed, temperature } = settings
  const n = targets.length
  const scores = differentiable(
    [x],
    (x) => {
      const logits = tf.mul(tf.matMul(x, table, false, isTransposed), number(1 / temperature))
      const z = tf.sub(logits, tf.max(logits, 1, true))
      const e = tf.exp(z)
      const mass = tf.sum(e, 1, true)
      const logMass = tf.log(mass)
      const marks = oneHot(tf.tensor1d(targets, "int32"), z.shape[1]!)
      const logProbs = tf.sub(tf.sum(tf.mul(z, marks), 1, true), logMass)
      const entropies = tf.sub(logMass, tf.div(tf.sum(tf.mul(e, z), 1, true), mass))
      const shares = tf.div(e, mass)
      return {
        value: tf.concat([logProbs, entropies], 1) as Tensor2D,
        // 1[v = y] − p before the product with the table: after it a likely token's derivative would be the difference of two sums nearly alike.
        saved: [
          table,
          tf.sub(marks, shares),
          ...(isEntropyDifferentiated ? [shares, tf.sub(z, logMass), entropies] : [])
        ]
      }
    },
    (dy, [table, slopes, shares, logShares, entropies]) => {
      const [dLogProbs, dEntropies] = [0, 1].map((column) => tf.slice(dy, [0, column], [n, 1]))
      const dScores = tf.mul(slopes!, dLogProbs!)
      const dAll = shares === undefined
        ? dScores
        : tf.sub(dScores, tf.mul(tf.mul(shares, tf.add(logShares!, entropies!)), dEntropies!))
      return [tf.mul(tf.matMul(dAll, table!, false, !isTransposed), number(1 / temperature))]
    }
  )
  const column = (i: number): Tensor1D => tf.reshape(tf.slice(scores, [0, i], [n, 1]), [n])
  return { logProbs: column(0), entropies: column(1) }
}
