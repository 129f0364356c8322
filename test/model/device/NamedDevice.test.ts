import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Device, DeviceError } from "../../../src/model/device/Device.ts"
import { DEVICE_NAMES } from "../../../src/model/device/DeviceName.ts"
import { layerNamed, resolveDevice } from "../../../src/model/device/NamedDevice.ts"
import { wasmDevice } from "../../../src/model/device/Wasm.ts"

describe("layerNamed", () => {
  it.effect.each(["wasm", "cpu"] as const)("%s is the device of that name, and computes", (name) =>
    Effect.gen(function* () {
      const device = yield* Device
      expect(device.info.name).toBe(name)
      expect(yield* device.use("product", async (_ops, tf) => (await tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).data())[0])).toBe(3)
    }).pipe(Effect.provide(layerNamed(name))))
})

describe("resolveDevice", () => {
  it.effect("a name is itself; auto is the first that works, and the description says why not those before it", () =>
    Effect.gen(function* () {
      expect((yield* resolveDevice("cpu")).name).toBe("cpu")
      const missing = Effect.fail(
        new DeviceError({ label: "start", device: "webgpu", message: "no driver", cause: new Error("no driver") })
      )
      const { info, name } = yield* resolveDevice("auto", {
        candidates: [{ name: "webgpu", device: missing }, { name: "wasm", device: wasmDevice }]
      })
      expect(name).toBe("wasm")
      expect(info.description).toContain("Not used: webgpu (no driver)")
      expect(DEVICE_NAMES).toContain((yield* resolveDevice("auto")).name)
    }))
})
