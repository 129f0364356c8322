/**
 * Laws of `use`, the one way to compute on a device.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { Vitest } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { expect } from "vitest"
import { Device, DeviceError, type TensorLibrary } from "../../model/device/Device.ts"
import type { Ops } from "../../model/device/Ops.ts"

/** A loss and its gradient, with a cache, a kept tensor and a variable besides. */
const busyBody = async (ops: Ops, tensors: TensorLibrary): Promise<number> => {
  const table = tensors.variable(tensors.ones([3, 4]))
  const cache = ops.makeCache(2, 3, 4, 2)
  ops.decodeAttention(tensors.ones([2, 12]), cache, Int32Array.from([0, 0]), Int32Array.from([0, 0]))
  tensors.keep(tensors.ones([2, 2]))
  const ids = tensors.tensor1d([0, 1, 2, 0], "int32")
  const { value, grads } = tensors.variableGrads(() => {
    const x = ops.embed(table as tf.Variable<tf.Rank.R2>, ids)
    return tensors.sum(ops.gelu(ops.rmsNorm(x, tensors.ones([4]))))
  })
  return (await value.data())[0]! + Object.values(grads).length
}

/** A gradient that throws half-way, when the engine holds tensors saved for the backward pass. */
const failingBody = (ops: Ops, tensors: TensorLibrary): number => {
  tensors.keep(tensors.ones([2, 2]))
  tensors.grad((x) => {
    ops.gelu(tensors.square(x) as tf.Tensor2D)
    throw new Error("half-way")
  })(tensors.ones([3, 4]))
  return 0
}

/** Laws of `use`: nothing leaks, failures are values, one use at a time. */
export const scopeLaws = (it: Vitest.MethodsNonLive<Device>): void => {
  it.effect("leaves no tensor behind over 200 uses that end well, and 50 that throw half-way through a gradient", () =>
    Effect.gen(function* () {
      const device = yield* Device
      yield* device.use("warm up", busyBody)
      const { numTensors, numDataBuffers, numBytes } = tf.memory()
      for (let n = 0; n < 200; n++) {
        yield* device.use("busy", busyBody)
        if (n % 4 === 0) yield* Effect.flip(device.use("failing", failingBody))
      }
      expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers, numBytes })
    }))

  it.effect("holds tensors for later uses as long as the scope, and nothing else that their making made", () =>
    Effect.gen(function* () {
      const device = yield* Device
      yield* device.use("warm up", busyBody)
      const { numTensors, numDataBuffers } = tf.memory()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const [held, other] = yield* device.hold("weights", async (ops, tensors) => {
            await busyBody(ops, tensors)
            return [tensors.tensor1d([1, 2, 3]), tensors.ones([2, 2])] as const
          })
          expect(tf.memory().numTensors).toBe(numTensors + 2)
          const sum = (label: string) =>
            device.use(label, async (_ops, tensors) => (await tensors.add(tensors.sum(held), tensors.sum(other)).data())[0])
          yield* device.use("between", busyBody)
          expect([yield* sum("once"), yield* sum("twice")]).toEqual([10, 10])
        })
      )
      yield* Effect.flip(Effect.scoped(device.hold("failing", (ops, tensors) => [tensors.scalar(failingBody(ops, tensors))])))
      expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers })
    }))

  it.effect("turns a throwing body, also an asynchronous one, into a DeviceError with label, device and cause", () =>
    Effect.gen(function* () {
      const device = yield* Device
      for (const body of [failingBody, () => Promise.reject(new Error("half-way"))]) {
        const error = yield* Effect.flip(device.use("the failing step", body))
        expect(error).toBeInstanceOf(DeviceError)
        expect(error).toMatchObject({ label: "the failing step", device: device.info.name, cause: new Error("half-way") })
        expect(error.message).toContain("the failing step")
        expect(error.message).toContain("half-way")
      }
    }))

  it.effect("refuses to return a tensor, bare or inside a record or a list", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const before = tf.memory().numTensors
      for (const wrap of [(t: tf.Tensor) => t, (t: tf.Tensor) => ({ loss: t }), (t: tf.Tensor) => [t]]) {
        const error = yield* Effect.flip(device.use("escape", (_ops, tensors): unknown => wrap(tensors.ones([2]))))
        expect(error.message).toContain("returned a tensor")
      }
      expect(tf.memory().numTensors).toBe(before)
    }))

  it.effect("runs one use at a time, also when the one before is interrupted while it runs", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const trace: Array<string> = []
      const slow = yield* Effect.forkChild(
        device.use("slow", async () => {
          trace.push("slow begins")
          for (let n = 0; n < 20; n++) await Promise.resolve()
          trace.push("slow ends")
        }),
        { startImmediately: true }
      )
      yield* Effect.forkChild(Fiber.interrupt(slow), { startImmediately: true })
      yield* device.use("next", () => trace.push("next"))
      expect(trace).toEqual(["slow begins", "slow ends", "next"])
    }))

  it.effect("activates its own backend for the body", () =>
    Effect.gen(function* () {
      const device = yield* Device
      yield* Effect.promise(() => tf.setBackend("cpu"))
      expect(yield* device.use("which", (_ops, tensors) => tensors.getBackend())).toBe(device.info.backend)
    }))
}
