import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { differentiable } from "../../../src/model/device/Differentiable.ts"
import { wasmDeviceWith } from "../../../src/model/device/Wasm.ts"

const BLOCKS = 40

describe("operations with a gradient given by hand", () => {
  it.effect("free upstream gradients and what they saved as the backward pass goes on", () =>
    Effect.gen(function* () {
      const device = yield* wasmDeviceWith("simd")
      const { atEnd, atTop } = yield* device.use("chain", (ops, tf) => {
        const found = { atTop: 0, atEnd: 0 }
        const gain = tf.ones([8]) as Tensor1D
        /** The identity; its gradient is the last to be computed. */
        const first = (x: Tensor2D): Tensor2D =>
          differentiable([x], (x) => ({ value: tf.add(x, 0), saved: [] }), (dy) => {
            found.atEnd = tf.memory().numTensors
            return [tf.mul(dy, 1)]
          })
        const before = tf.memory().numTensors
        tf.grad((x: Tensor) => {
          let y = first(x as Tensor2D)
          for (let n = 0; n < BLOCKS; n++) y = ops.rmsNorm(ops.gelu(y), gain)
          found.atTop = tf.memory().numTensors - before
          return tf.sum(y)
        })(tf.ones([4, 8]))
        return { ...found, atEnd: found.atEnd - before }
      })
      assert.isAbove(atTop, 4 * BLOCKS)
      // What is left are the outputs of the forward pass, which the tape names.
      assert.isBelow(atEnd, 4 * BLOCKS)
    }))

  it.effect("leave an upstream gradient alone that was handed in", () =>
    Effect.gen(function* () {
      const device = yield* wasmDeviceWith("simd")
      const got = yield* device.use("handed", async (ops, tf) => {
        const dy = tf.ones([4, 8])
        const [x, gain] = [tf.mul(tf.ones([4, 8]), 3), tf.ones([8]) as Tensor1D]
        const gradient = tf.grad((x: Tensor) => ops.rmsNorm(x as Tensor2D, gain))
        return [await gradient(x, dy).data(), await gradient(x, dy).data(), await dy.data()].map((values) => [...values])
      })
      assert.deepStrictEqual(got[0], got[1])
      assert.deepStrictEqual(got[2], Array.from({ length: 32 }, () => 1))
    }))
})

describe("tensors that a device holds", () => {
  it.live("do not keep the numbers that they were made of", () =>
    Effect.gen(function* () {
      setFlagsFromString("--expose-gc")
      const collect = runInNewContext("gc") as () => void
      const device = yield* wasmDeviceWith("simd")
      yield* Effect.scoped(Effect.gen(function* () {
        const make = (values: Float32Array) => Effect.as(device.hold("weights", (_ops, tf) => [tf.tensor1d(values)]), new WeakRef(values))
        const values = yield* Effect.suspend(() => make(new Float32Array(1_000_000).fill(1)))
        yield* Effect.sleep("10 millis")
        collect()
        assert.isUndefined(values.deref())
      }))
    }))
})
