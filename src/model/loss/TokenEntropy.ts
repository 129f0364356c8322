/**
 * The entropy of every token's distribution as tensors, for an entropy bonus. Composed of the tensor library's own
 * operations, and only where an objective asks for it: without a bonus nobody pays for it.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import { maskedScore } from "../device/Ops.ts"

/**
 * Computes H = −Σ p log p of each row's softmax over the row's allowed set, nats; the shapes are those of `Ops.tokenLogProb`.
 *
 * logits [N,V], allowedSets [S,V] of 0/1, setIds int32 [N] → [N]. Differentiable in logits: the tape's derivative is
 * −p(log p + H). A row with set id −1 gives 0 and no gradient.
 */
export const tokenEntropy = (tf: TensorLibrary, logits: Tensor2D, allowedSets: Tensor2D, setIds: Tensor1D): Tensor1D => {
  const allowed = tf.gather(allowedSets, tf.maximum(setIds, tf.scalar(0, "int32")))
  const logProbs = tf.logSoftmax(tf.add(tf.mul(logits, allowed), tf.mul(tf.sub(1, allowed), maskedScore)))
  // A forbidden token's probability is exactly 0 and its log finite, so it adds 0 here and to the derivative.
  const terms = tf.mul(tf.exp(logProbs), logProbs)
  const isChoice = tf.cast(tf.greaterEqual(setIds, 0), "float32")
  return tf.neg(tf.mul(tf.sum(terms, 1), isChoice)) as Tensor1D
}
