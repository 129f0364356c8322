import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Device, DeviceError, type TensorLibrary } from "../../../src/model/device/Device.ts"
import { deviceAuto, type DeviceCandidate, deviceCandidates, firstWorkingDevice } from "../../../src/model/device/Auto.ts"
import { cpuDevice } from "../../../src/model/device/Cpu.ts"

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
      hold: () => Effect.die("nothing is held here"),
      use: (label, body) => device.use(label, (ops) => body(ops, broken))
    })
  })
}

describe("deviceAuto", () => {
  it.effect("tries nodeGpu, webgpu, wasm and cpu in this order, takes one, and says why those before it were not used", () =>
    Effect.gen(function* () {
      const { info } = yield* Device
      const names = deviceCandidates.map(({ name }) => name)
      assert.deepStrictEqual(names, ["nodeGpu", "webgpu", "wasm", "cpu"])
      const refused = [...info.description.matchAll(/Not used: (\w+) \(/g)].map(([, name]) => name)
      assert.deepStrictEqual([...refused, info.name], names.slice(0, names.indexOf(info.name) + 1))
    }).pipe(Effect.provide(deviceAuto)))

  it.effect("gives a refused device back before it tries the next, and the one it takes at the end of the scope", () =>
    Effect.gen(function* () {
      const trace: Array<string> = []
      const traced = (name: string, device: DeviceCandidate["device"]): DeviceCandidate => ({
        name,
        device: Effect.tap(device, () => Effect.addFinalizer(() => Effect.sync(() => trace.push(`${name} back`))))
      })
      yield* Effect.scoped(
        Effect.tap(
          firstWorkingDevice([traced("wrong", wrong.device), traced("cpu", cpuDevice)]),
          () => Effect.sync(() => trace.push("used"))
        )
      )
      assert.deepStrictEqual(trace, ["wrong back", "used", "cpu back"])
    }))

  it.effect("passes over a device that does not start and one that computes wrongly, and says why", () =>
    Effect.gen(function* () {
      const { info } = yield* firstWorkingDevice([missing, wrong, { name: "cpu", device: cpuDevice }])
      assert.strictEqual(info.name, "cpu")
      assert.include(info.description, "Not used: missing (no driver).")
      assert.match(info.description, /Not used: wrong \(.*got 20 23 44 51/)
    }))

  it.effect("fails with every reason when no device works", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(firstWorkingDevice([missing, wrong]))
      assert.deepInclude(error, { _tag: "DeviceError", device: "auto", label: "start" })
      assert.include(error.message, "no driver")
      assert.include(error.message, "wrongly")
    }))
})
