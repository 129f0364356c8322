import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
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

    it("computes in worker threads, two at a time", async () => {
      const device = JSON.stringify(new URL("../../../src/model/device/NodeGpu.ts", import.meta.url).href)
      const source = `
        const { parentPort } = require("node:worker_threads")
        const compute = async () => {
          const [{ Effect }, { nodeGpuDevice }] = [await import("effect"), await import(${device})]
          const device = await Effect.runPromise(nodeGpuDevice())
          const product = device.use("product", async (_ops, tf) => (await tf.matMul(tf.ones([64, 300]), tf.ones([300, 64])).data())[0])
          for (let n = 0; n < 20; n++) parentPort.postMessage(await Effect.runPromise(product))
        }
        compute()`
      const results = await Promise.all([1, 2].map(async () => {
        const worker = new Worker(source, { eval: true, execArgv: [] })
        const products: Array<unknown> = []
        worker.on("message", (product) => products.push(product))
        const [code] = await once(worker, "exit")
        return { code, products }
      }))
      for (const { code, products } of results) {
        assert.strictEqual(code, 0)
        assert.deepStrictEqual(products, Array.from({ length: 20 }, () => 300))
      }
    }, 120_000)

    it.effect("samples, scores and differentiates the transformer policy as cpu does, to 1e-4", () =>
      Effect.gen(function* () {
        const { devices: [finding] } = yield* examine([{ name: "nodeGpu", device: nodeGpuDevice() }], wasmDevice)
        assert.isTrue(finding!.isUsable && finding!.measurement.agrees)
      }), 120_000)
  }
)
