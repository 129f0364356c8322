import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deviceNodeGpuWith, nodeGpuDevice } from "../../../src/model/device/NodeGpu.ts"
import { wasmDevice } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"
import { examine } from "../../../src/training/Doctor.ts"

const isRun = process.env["TEST_TENSORFLOW"] === "1"

describe.skipIf(!isRun)(
  `the nodeGpu device on TensorFlow's native library${isRun ? "" : " (skipped: npm run test:native installs one and runs this)"}`,
  () => {
    deviceLaws("keeps the laws of all devices", deviceNodeGpuWith({ processor: "any" }))

    it.effect("says which TensorFlow it is and that it is not on a GPU, which it refuses to be used for", () =>
      Effect.gen(function* () {
        const { info } = yield* nodeGpuDevice()
        assert.match(info.description, /^TensorFlow \d+\.\d+\.\d+'s native library on the processor, all cores, NOT on a GPU: /)
        assert.match((yield* Effect.flip(nodeGpuDevice({ processor: "gpu" }))).message, /build for processors|no CUDA device/)
      }))

    it.effect("samples, scores and differentiates the transformer policy as cpu does, to 1e-4", () =>
      Effect.gen(function* () {
        const { devices: [finding] } = yield* examine([{ name: "nodeGpu", device: nodeGpuDevice() }], wasmDevice)
        assert.isTrue(finding!.isUsable && finding!.measurement.agrees)
      }), 120_000)
  }
)
