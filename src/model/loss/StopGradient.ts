/**
 * The two ways in which a loss hides something from differentiation.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"

/** Has the value of `value` and the derivative of `carrier`; shapes are equal. No derivative flows into `value`. */
export const withDerivativeOf = <T extends Tensor>(tf: TensorLibrary, value: T, carrier: T): T =>
  // `value` is captured and not passed as an argument: the tape sees the carrier alone.
  tf.customGrad(() => ({ value: tf.clone(value), gradFunc: (dy: Tensor) => tf.clone(dy) }))(carrier) as T

/** sg(x): the value of x, held constant. */
export const stopGradient = <T extends Tensor>(tf: TensorLibrary, x: T): T => withDerivativeOf(tf, x, tf.zeros(x.shape) as unknown as T)
