/**
 * A product and its gradient whose result is known: what a device must compute correctly before it is trusted.
 *
 * @module
 */
import { Effect } from "effect"
import { DeviceError, type DeviceService } from "./Device.ts"

const label = "self-test"
const [left, right] = [[1, 2, 3, 4], [5, 6, 7, 8]] as const

/** [[1,2],[3,4]]·[[5,6],[7,8]], then the gradient of its sum: the row sums of the right factor and column sums of the left. */
const expected = [19, 22, 43, 50, 11, 15, 11, 15, 4, 4, 6, 6]

/** Checks that a device multiplies two small matrices and differentiates the product correctly; fails with what it got. */
export const selfTest = Effect.fnUntraced(function* (device: DeviceService) {
  const got = yield* device.use(label, async (_ops, tf) => {
    const a = tf.tensor2d([...left], [2, 2])
    const b = tf.tensor2d([...right], [2, 2])
    const product = tf.matMul(a, b)
    const gradients = tf.grads((x, y) => tf.sum(tf.matMul(x, y)))([a, b])
    return (await Promise.all([product, ...gradients].map((tensor) => tensor.data()))).flatMap((values) => [...values])
  })
  if (got.length === expected.length && got.every((value, i) => Math.abs(value - expected[i]!) < 1e-3)) return
  const message = `Device ${device.info.name} computed a 2×2 product and its gradient wrongly: got ${got.join(" ")}, expected ${
    expected.join(" ")
  }.`
  return yield* new DeviceError({ label, device: device.info.name, message, cause: got })
})
