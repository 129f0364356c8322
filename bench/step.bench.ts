/** A training step and sampling on the wasm device, against the tensor library as it comes, taken in turns in one run. */
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { DeviceService } from "../src/domain/Device.ts"
import { compositeOps } from "../src/training/device/CompositeOps.ts"
import { tensorDevice } from "../src/training/device/TensorDevice.ts"
import { wasmDeviceWith } from "../src/training/device/Wasm.ts"
import { adam, initialize, update } from "../src/training/Optimizer.ts"
import { batchOf, initialParameters, lossAndGradient, sample } from "./TinyTransformer.ts"
import type { Sampling, Shape } from "./TinyTransformer.ts"
import { machine, table, timeInTurns } from "./Timing.ts"
import type { Contender, Timing } from "./Timing.ts"

const run = Effect.runPromise
const fused = await run(wasmDeviceWith("relaxed"))
const simd = await run(wasmDeviceWith("simd"))
const transposing = await run(wasmDeviceWith("none"))
const stock = await run(tensorDevice("stock", async () => {
  await tf.setBackend("wasm")
  return { info: { name: "stock", backend: "wasm", description: "", kernels: "composite" }, ops: compositeOps(tf) }
}))

const small: Shape = { width: 64, layers: 2, heads: 4, length: 48, vocabulary: 16 }
const arithmetic: Shape = { width: 64, layers: 3, heads: 4, length: 12, vocabulary: 16 }

/** A training step: parameters to the device, loss, gradient back, Adam on plain arrays. */
const step = (name: string, device: DeviceService, shape: Shape, rows: number): Contender => {
  const batch = batchOf(rows, shape)
  let parameters = initialParameters(shape)
  let state = initialize(parameters.length)
  return {
    name,
    run: async () => {
      const { gradient } = await run(lossAndGradient(device, shape, rows, parameters, batch))
      const next = update(adam, 1e-3, state, parameters, gradient)
      parameters = next.parameters as Float32Array<ArrayBuffer>
      state = next.state
    }
  }
}

const sampling = (name: string, device: DeviceService, shape: Shape, rows: number, how: Sampling): Contender => {
  const parameters = initialParameters(shape)
  return { name, run: () => run(sample(device, shape, rows, parameters, how)) }
}

const rowsOf = (timings: ReadonlyArray<Timing>, tokens: number) =>
  timings.map(({ name, best, median, processor, repetitions }) => [
    name, median.toFixed(1), best.toFixed(1), processor.toFixed(1), `${(tokens / median).toFixed(1)}k`, `${(tokens / best).toFixed(1)}k`, String(repetitions)
  ])

const header = ["", "ms median", "ms best", "ms processor (median)", "tokens/s median", "tokens/s best", "repetitions"]

const report = async (title: string, contenders: ReadonlyArray<Contender>, tokens: number, rounds: number, warmUp: number) => {
  console.log(`\n### ${title}\n\n${table(header, rowsOf(await timeInTurns(contenders, rounds, warmUp), tokens))}`)
}

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}`)
const versions = [["fused", fused], ["fused, no fused multiply-add", simd], ["tfjs kernels, transposed products", transposing], ["tfjs-wasm as it comes", stock]] as const
for (const [title, shape, rows] of [
  ["Step: d64 L3 H4 T12, batch 128", arithmetic, 128],
  ["Step: d64 L3 H4 T12, batch 64", arithmetic, 64],
  ["Step: d64 L2 H4 T48, batch 64", small, 64]
] as const) {
  await report(title, versions.map(([name, device]) => step(name, device, shape, rows)), rows * shape.length, 15, 3)
  await report(`${title}, fused alone`, [step("fused", fused, shape, rows)], rows * shape.length, 60, 10)
}
for (const [title, shape, rows] of [
  ["Sampling: d64 L3 H4, 11 new tokens, batch 128", arithmetic, 128],
  ["Sampling: d64 L2 H4, 47 new tokens, batch 128", small, 128]
] as const) {
  await report(title, [
    sampling("fused, cache", fused, shape, rows, "cached"),
    sampling("fused, naive", fused, shape, rows, "naive"),
    sampling("tfjs-wasm as it comes, cache", stock, shape, rows, "cached"),
    sampling("tfjs-wasm as it comes, naive", stock, shape, rows, "naive")
  ], rows * (shape.length - 1), 5, 1)
}
