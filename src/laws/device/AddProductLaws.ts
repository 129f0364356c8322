/**
 * Laws of products that are added in place, on devices that offer them.
 *
 * @module
 */
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { Device } from "../../model/device/Device.ts"
import { numbers } from "./Cases.ts"
import { matMul } from "./Definitions.ts"
import { relativeError } from "./RelativeError.ts"

const sizes: ReadonlyArray<{ readonly m: number; readonly n: number; readonly k: number }> = [
  { m: 1, n: 1, k: 1 },
  { m: 5, n: 7, k: 3 },
  { m: 37, n: 61, k: 16 },
  { m: 64, n: 48, k: 300 }
]

const transposed = (x: ReadonlyArray<number>, rows: number, columns: number): Array<number> =>
  x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!)

/** Laws of `addProduct`: what was there plus the product, whichever factors are transposed. */
export const addProductLaws = (it: Vitest.MethodsNonLive<Device>): void => {
  it.effect.each(sizes)("adds a product [$m,$k]·[$k,$n] to what is there, where it offers that", ({ k, m, n }) =>
    Effect.gen(function* () {
      const [a, b, c] = [numbers(m * k, 41), numbers(k * n, 42), numbers(m * n, 43)]
      const expected = matMul(a, b, k).map((value, i) => value + c[i]!)
      const device = yield* Device
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const got = yield* device.use("add", async (ops, tf) => {
            const into = tf.tensor2d(c, [m, n])
            const left = transposeA ? tf.tensor2d(transposed(a, m, k), [k, m]) : tf.tensor2d(a, [m, k])
            const right = transposeB ? tf.tensor2d(transposed(b, k, n), [n, k]) : tf.tensor2d(b, [k, n])
            if (ops.addProduct === undefined) return undefined
            ops.addProduct(into, left, right, transposeA, transposeB)
            return [...(await into.data())]
          })
          if (got === undefined) return
          expect(relativeError(got, expected)).toBeLessThan(1e-4)
        }
      }
    }))

  it.effect("refuses a product of another shape, where it offers that", () =>
    Effect.gen(function* () {
      const device = yield* Device
      if (!(yield* device.use("offers", (ops) => ops.addProduct !== undefined))) return
      const { message } = yield* Effect.flip(
        device.use("bad input", (ops, tf) => ops.addProduct!(tf.ones([2, 3]), tf.ones([2, 4]), tf.ones([4, 2])))
      )
      expect(message).toMatch(/product \[2,2\] cannot be added to \[2,3\]/)
    }))
}
