/**
 * A training step and sampling on the wasm device against the tensor library as it comes, taken in turns in one run.
 * `npm run bench -- step` prints Markdown tables.
 */
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { DeviceService } from "../src/model/device/Device.ts"
import { compositeOps } from "../src/model/device/CompositeOps.ts"
import { tensorDevice } from "../src/model/device/TensorDevice.ts"
import { wasmDeviceWith } from "../src/model/device/Wasm.ts"
import { adam, initialize, update } from "../src/training/Optimizer.ts"
import { type Contender, machine, table, timeInTurns } from "./Timing.ts"
import { gradient, parametersOf, sample, type Sampling, type Shape, tokensOf } from "./TransformerWork.ts"

const run = Effect.runPromise
const fused = await run(wasmDeviceWith("relaxed"))
/** With the products of a BLAS, where the machine has one. */
const natives = await run(Effect.match(wasmDeviceWith("native"), {
  onSuccess: (device) => [device],
  onFailure: ({ message }) => {
    console.error(`left out: ${message}`)
    return []
  }
}))
const simd = await run(wasmDeviceWith("simd"))
const transposing = await run(wasmDeviceWith("none"))
const stock = await run(tensorDevice("stock", async () => {
  await tf.setBackend("wasm")
  return { info: { name: "stock", backend: "wasm", description: "", kernels: "composite" }, ops: compositeOps(tf) }
}))

/** Gigaflops of the product that a training step spends most of its time on, for comparing machines and loads. */
const product = (device: DeviceService): Promise<number> =>
  run(device.use("product", (_ops, tensors) => {
    const [a, b] = [tensors.ones([1536, 64]), tensors.ones([64, 256])]
    let best = Infinity
    for (let n = 0; n < 200; n++) {
      const start = performance.now()
      tensors.matMul(a, b).dispose()
      best = Math.min(best, performance.now() - start)
    }
    return (2 * 1536 * 64 * 256) / best / 1e6
  }))

/** A training step: gradient, then Adam on plain arrays. */
const step = (name: string, device: DeviceService, shape: Shape, rows: number): Contender => {
  const tokens = tokensOf(rows, shape)
  let parameters = parametersOf(shape)
  let state = initialize(parameters.length)
  return {
    name,
    run: async () => {
      const next = update(adam, 1e-3, state, parameters, await run(gradient(device, shape, rows, parameters, tokens)))
      parameters = next.parameters
      state = next.state
    }
  }
}

const sampling = (name: string, device: DeviceService, shape: Shape, rows: number, how: Sampling): Contender => {
  const parameters = parametersOf(shape)
  return { name: `${name}, ${how}`, run: () => run(sample(device, shape, rows, parameters, how)) }
}

const header = ["", "ms median", "ms best", "ms processor, median", "tokens/s median", "tokens/s best", "repetitions"]

const report = async (
  title: string,
  contenders: ReadonlyArray<Contender>,
  tokens: number,
  rounds: number,
  warmUp: number
): Promise<void> => {
  const timings = await timeInTurns(contenders, rounds, warmUp)
  const rows = timings.map(({ name, best, median, processor, repetitions }) => [
    name,
    ...[median, best, processor].map((ms) => ms.toFixed(1)),
    ...[median, best].map((ms) => `${(tokens / ms).toFixed(1)}k`),
    String(repetitions)
  ])
  console.log(`\n### ${title}\n\n${table(header, rows)}`)
}

const long: Shape = { width: 64, layers: 2, heads: 4, length: 48 }
const arithmetic: Shape = { width: 64, layers: 3, heads: 4, length: 12 }
const wide: Shape = { width: 128, layers: 4, heads: 4, length: 64 }
const asItComes = "tfjs-wasm as it comes"

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}`)
for (const { info } of natives) console.log(`Native products: ${info.products?.by} (${info.products?.path})`)
console.log(
  `\nProduct [1536,64]·[64,256], best of 200, GFLOP/s: ${
    (await Promise.all(natives.map(async (device) => `native ${(await product(device)).toFixed(1)}, `))).join("")
  }fused ${(await product(fused)).toFixed(1)}, without fused multiply-add ${(await product(simd)).toFixed(1)}, ${asItComes} ${
    (await product(stock)).toFixed(1)
  }`
)

for (
  const [title, shape, rows] of [
    ["Step: d64 L3 H4 T12, batch 128", arithmetic, 128],
    ["Step: d64 L3 H4 T12, batch 64", arithmetic, 64],
    ["Step: d64 L2 H4 T48, batch 64", long, 64],
    ["Step: d128 L4 H4 T64, batch 64", wide, 64]
  ] as const
) {
  await report(
    title,
    [
      ...natives.map((device) => step("native products", device, shape, rows)),
      step("fused", fused, shape, rows),
      step("fused, without fused multiply-add", simd, shape, rows),
      // A step of these takes seconds at the largest size.
      ...(shape === wide ? [] : [
        step("tfjs kernels, factors transposed first", transposing, shape, rows),
        step(asItComes, stock, shape, rows)
      ])
    ],
    rows * shape.length,
    15,
    3
  )
  await report(`${title}, fused alone`, [step("fused", fused, shape, rows)], rows * shape.length, 100, 20)
}
for (
  const [title, shape, rows] of [
    ["Sampling: d64 L3 H4, 11 new tokens, batch 128", arithmetic, 128],
    ["Sampling: d64 L2 H4, 47 new tokens, batch 128", long, 128]
  ] as const
) {
  await report(
    title,
    [
      ...natives.map((device) => sampling("native products", device, shape, rows, "cache")),
      sampling("fused", fused, shape, rows, "cache"),
      sampling("fused", fused, shape, rows, "no cache"),
      sampling(asItComes, stock, shape, rows, "cache"),
      sampling(asItComes, stock, shape, rows, "no cache")
    ],
    rows * (shape.length - 1),
    5,
    1
  )
}
