import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Device, DeviceError } from "../../../src/domain/Device.ts"
import type { TensorLibrary } from "../../../src/domain/Device.ts"
import { deviceAuto, firstWorkingDevice } from "../../../src/training/device/Auto.ts"
import { cpuDevice } from "../../../src/training/device/Cpu.ts"

const missing = {
  name: "missing",
  device: Effect.fail(new DeviceError({ label: "start", device: "missing", message: "no driver", cause: "no driver" }))
}

/** A device whose products are off by one, as a broken driver's might be. */
const wrong = {
  name: "wrong",
  device: Effect.map(cpuDevice, (device) => {
    const broken: TensorLibrary = { ...tf, matMul: (a, b) => tf.add(tf.matMul(a, b), 1) }
    return Device.of({
      info: { ...device.info, name: "wrong" },
      use: (label, body) => device.use(label, (ops) => body(ops, broken))
    })
  })
}

describe("deviceAuto", () => {
  it.effect("takes wasm, with nothing to say about others", () =>
    Effect.gen(function*() {
      const { info } = yield* Device
      assert.strictEqual(info.name, "wasm")
      assert.notInclude(info.description, "Not used")
    }).pipe(Effect.provide(deviceAuto)))

  it.effect("passes over a device that does not start and one that computes wrongly, and says why", () =>
    Effect.gen(function*() {
      const { info } = yield* firstWorkingDevice([missing, wrong, { name: "cpu", device: cpuDevice }])
      assert.strictEqual(info.name, "cpu")
      assert.include(info.description, "Not used: missing (no driver).")
      assert.match(info.description, /Not used: wrong \(.*got 20 23 44 51/)
    }))

  it.effect("fails with every reason when no device works", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(firstWorkingDevice([missing, wrong]))
      assert.deepInclude(error, { _tag: "DeviceError", device: "auto", label: "start" })
      assert.include(error.message, "no driver")
      assert.include(error.message, "wrongly")
    }))
})
