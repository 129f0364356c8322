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

/**
 * `Ops.choiceScores`; `number` makes a number on the device. With s = x·table/τ and p = softmax(s): log π(y) = s_y − ln Σ e^s, whose derivative in s is 1[v = y] − p_v, and
 * H = −Σ p ln p, whose derivative is −p_v (ln p_v + H).
 */
export const compositeChoices =
  (tf: TensorLibrary, number: (value: number) => Scalar): Ops["choiceScores"] => (x, table, targets, settings) => {
    checkChoices(x, table, targets, settings)
    const { isEntropyDifferentiated, isTransposed, temperature } = settings
    const n = targets.length
    const scores = differentiable(
      [x],
      (x) => {
        const scale = number(1 / temperature)
        const logits = tf.mul(tf.matMul(x, table, false, isTransposed), scale)
        const top = tf.max(logits, 1, true)
        const z = tf.sub(logits, top)
        const e = tf.exp(z)
        const mass = tf.sum(e, 1, true)
        const logMass = tf.log(mass)
        const ids = tf.tensor1d(targets, "int32")
        // The unembedding of each target, [N,D].
        const rows = isTransposed ? tf.gather(table, ids) : tf.transpose(tf.gather(table, ids, 1))
        const chosen = tf.mul(tf.sum(tf.mul(x, rows), 1, true), scale)
        const entropies = tf.sub(logMass, tf.div(tf.sum(tf.mul(e, z), 1, true), mass))
        const shares = tf.div(e, mass)
        return {
          value: tf.concat([tf.sub(tf.sub(chosen, top), logMass), entropies], 1) as Tensor2D,
          saved: [table, rows, shares, ...(isEntropyDifferentiated ? [tf.sub(z, logMass), entropies] : [])]
        }
      },
      (dy, [table, rows, shares, logShares, entropies]) => {
        const [dLogProbs, dEntropies] = [0, 1].map((column) => tf.slice(dy, [0, column], [n, 1]))
        const pull = logShares === undefined ? dLogProbs! : tf.add(dLogProbs!, tf.mul(dEntropies!, tf.add(logShares, entropies!)))
        const pulled = tf.matMul(tf.mul(shares!, pull), table!, false, !isTransposed)
        return [tf.mul(tf.sub(tf.mul(rows!, dLogProbs!), pulled), number(1 / temperature))]
      }
    )
    const column = (i: number): Tensor1D => tf.reshape(tf.slice(scores, [0, i], [n, 1]), [n])
    return { logProbs: column(0), entropies: column(1) }
  }
