/**
 * The bits that a machine computes: machines that share the work of one experiment must compute the same.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { draws, fold } from "../../domain/Seed.ts"
import { bytesOf } from "../../domain/Bytes.ts"
import { Device } from "../../model/device/Device.ts"
import { layerNamed } from "../../model/device/NamedDevice.ts"
import type { ProductChoice } from "../../model/device/Products.ts"

const [ROWS, INNER, COLUMNS] = [37, 129, 67]

/**
 * SHA-256, 16 hex digits, over the bits of a product of two matrices of 37×129 and 129×67 uniform numbers and of its softmax, by the products of
 * a choice. Fused and plain multiply-add, and BLAS kernels of unlike processors, have other bits. Fails with DeviceError where the choice
 * cannot be had.
 */
export const arithmeticDigest = (products: ProductChoice) =>
  Effect.gen(function* () {
    const device = yield* Device
    const stream = draws(fold(0, "arithmetic"))
    const uniform = (count: number) => Float32Array.from({ length: count }, () => stream.uniform() - 0.5)
    const [left, right] = [uniform(ROWS * INNER), uniform(INNER * COLUMNS)]
    const values = yield* device.use("arithmetic", async (_, tf) => {
      const product = tf.matMul(tf.tensor2d(left, [ROWS, INNER]), tf.tensor2d(right, [INNER, COLUMNS]))
      return Promise.all([product.data(), tf.softmax(product).data()])
    })
    const hash = createHash("sha256")
    for (const each of values) hash.update(bytesOf(each as Float32Array))
    return hash.digest("hex").slice(0, 16)
  }).pipe(Effect.provide(layerNamed("wasm", products)))
