import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { deviceNodeGpu, nodeGpuDevice } from "../../../src/model/device/NodeGpu.ts"
import { wasmDevice } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"
import { examine } from "../../../src/training/Doctor.ts"

const isRun = process.env["TEST_TENSORFLOW_GPU"] === "1"

describe.skipIf(!isRun)(
  `the nodeGpu device on an NVIDIA GPU${isRun ? "" : " (skipped: npm run test:native -- --gpu runs this on a machine that has one)"}`,
  () => {
    deviceLaws("keeps the laws of all devices", deviceNodeGpu)

    it.effect("says which TensorFlow it is and that it is on a GPU", () =>
      Effect.gen(function* () {
        const { info } = yield* nodeGpuDevice({ processor: "gpu" })
        assert.match(info.description, /^TensorFlow \d+\.\d+\.\d+ on an NVIDIA GPU/)
      }))

    it.effect("multiplies in float32, not in the 10 bits of TF32", () =>
      Effect.gen(function* () {
        const device = yield* nodeGpuDevice({ processor: "gpu" })
        // 1 + 2⁻¹⁵ is 1 in TF32; 64 × 64 × 64 is large enough for tensor cores.
        const worst = yield* device.use("product", async (_ops, tf) => {
          const product = await tf.matMul(tf.mul(tf.ones([256, 256]), 1 + 2 ** -15), tf.eye(256)).data()
          return Math.max(...product.map((value) => Math.abs(value - (1 + 2 ** -15))))
        })
        assert.strictEqual(worst, 0)
      }))

    it.effect("samples, scores and differentiates the transformer policy as cpu does, to 1e-4", () =>
      Effect.gen(function* () {
        const { devices: [finding] } = yield* examine([{ name: "nodeGpu", device: nodeGpuDevice({ processor: "gpu" }) }], wasmDevice)
        assert.isTrue(finding!.isUsable && finding!.measurement.agrees)
      }), 120_000)
  }
)
