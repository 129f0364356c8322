/**
 * Operations of the tensor library with a gradient given by hand: one pass over the formula instead of one for each of its parts.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/** What an operation computes, and the tensors that its gradient needs. */
export interface Forward<T extends Tensor, Saved> {
  readonly value: T
  readonly saved: Saved
}

/**
 * Frees what nothing reads once an operation's gradients are there: its upstream gradient, and what it saved. The engine would keep them all to the end of the
 * backward pass, as much again as all activations. No upstream gradient that was made outside of the pass: that is its caller's.
 */
const freeUsed = (dy: Tensor, saved: ReadonlyArray<Tensor>, results: ReadonlyArray<Tensor>): void => {
  if (dy.scopeId !== tf.engine().state.activeScope?.id) return
  const kept = new Set(results.map(({ id }) => id))
  for (const tensor of [dy, ...saved]) if (!kept.has(tensor.id)) tensor.dispose()
}

/**
 * Runs an operation whose gradient is given by hand: one gradient per input, from the upstream gradient and the saved tensors. It has first derivatives alone: what is
 * saved is on no tape, so that a gradient of its gradient would miss terms. That is an error.
 */
export const differentiable = <const Inputs extends ReadonlyArray<Tensor>, T extends Tensor, const Saved extends ReadonlyArray<Tensor>>(
  inputs: Inputs,
  forward: (...inputs: Inputs) => Forward<T, Saved>,
  gradients: (dy: Tensor, saved: Saved) => Array<Tensor>
): T =>
  tf.customGrad((...args) => {
    const save = args.pop() as unknown as (tensors: Array<Tensor>) => void
    // What neither is the result nor is saved goes at once: the engine keeps it to the end of the backward pass.
    const [value, ...kept] = tf.tidy(() => {
      const { saved, value } = forward(...(args as unknown as Inputs))
      return [value, ...saved]
    })
    save(kept)
    const gradFunc = (dy: Tensor, saved: Array<Tensor>): Array<Tensor> => {
      if (tf.engine().state.gradientDepth > 0) {
        throw new Error("an operation with a gradient by hand has first derivatives alone: its gradient was differentiated")
      }
      const results = tf.tidy(() => gradients(dy, saved as unknown as Saved))
      freeUsed(dy, saved, results)
      return results
    }
    return { value: value!, gradFunc }
  })(...inputs) as T
