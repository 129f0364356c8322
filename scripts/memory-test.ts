/**
 * The memory test: a thousand steps of GRPO as `train` makes them (metrics, checkpoints, gradient attribution, a refreshed
 * reference), with the process's memory after every fifty.
 *
 *     node scripts/memory-test.ts [steps]
 *
 * Prints a Markdown table. The exit code is 1 if tensors are not as many after every step, if the WebAssembly memory grew in the
 * second half, or if the JavaScript heap after collection rises there by more than 1 MiB a thousand steps, a kilobyte a step.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { Reward } from "../src/domain/Reward.ts"
import type { Seed } from "../src/domain/Seed.ts"
import { Task, trainingQueries } from "../src/domain/Task.ts"
import * as TaskSpec from "../src/tasks/TaskSpec.ts"
import * as ModelLayer from "../src/model/ModelLayer.ts"
import * as GroupRelativeTrainer from "../src/training/GroupRelativeTrainer.ts"
import * as Run from "../src/training/Run.ts"
import type * as TrainConfig from "../src/training/TrainConfig.ts"
import * as TrainerSettings from "../src/training/TrainerSettings.ts"
import { initialize } from "../src/training/TrainState.ts"

const STEPS = Number(process.argv[2] ?? 1000)
const EVERY = Math.max(1, Math.floor(STEPS / 20))
const MIB = 2 ** 20

// V8's own collector, which a process gets hold of only this way.
setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const run: TrainConfig.GroupRelativeRun = {
  seed: 1,
  steps: STEPS,
  checkpointEvery: 50,
  task: { _tag: "Multiplication", radix: 2, levels: ["2x1", "3x1"] },
  model: {
    _tag: "Columns",
    words: { _tag: "Arithmetic", radix: 2, maxAttempts: 4, context: "markov", positions: 20 },
    transformer: { width: 32, layers: 2, heads: 4 }
  },
  schedule: { peak: 3e-4, warmup: 10, decay: "constant", floor: 1, total: 0 },
  attributionEvery: 20,
  queries: 16,
  maxTokens: 64,
  kl: { _tag: "InLoss", beta: 0.01, estimator: "k3" },
  entropyCoefficient: 0.001,
  referenceEvery: 100
}

interface Reading {
  readonly step: number
  readonly tensors: number
  /** All in MiB. The heap and what hangs on it are read after a collection, the resident set is what the system says. */
  readonly heap: number
  readonly arrays: number
  readonly wasm: number
  readonly resident: number
}

/** The WebAssembly memory behind the tensor library's backend, bytes; it can only grow. */
const wasmBytes = (): number => {
  const { wasm } = tf.backend() as unknown as { readonly wasm: { readonly HEAPU8: Uint8Array } }
  return wasm.HEAPU8.buffer.byteLength
}

const read = (step: number): Reading => {
  collectGarbage()
  const { arrayBuffers, heapUsed, rss } = process.memoryUsage()
  return {
    step,
    tensors: tf.memory().numTensors,
    heap: heapUsed / MIB,
    arrays: arrayBuffers / MIB,
    wasm: wasmBytes() / MIB,
    resident: rss / MIB
  }
}

const tensorCounts = new Set<number>()
const readings: Array<Reading> = []
const folder = mkdtempSync(join(tmpdir(), "memory-test-"))
const program = Effect.gen(function* () {
  const fresh = yield* initialize(run.seed)
  const task = yield* Task
  const queries = (seed: Seed, step: number) => trainingQueries(task, seed, step, run.queries)
  return yield* Run.run({
    folder,
    settings: {},
    steps: STEPS,
    checkpointEvery: run.checkpointEvery,
    start: { ...fresh, reference: fresh.parameters },
    train: GroupRelativeTrainer.train(TrainerSettings.groupRelative("grpo", run), fresh.parameters, queries),
    isResumed: false,
    onStep: ({ state: { step } }) =>
      Effect.sync(() => {
        tensorCounts.add(tf.memory().numTensors)
        if (step === 1 || step % EVERY === 0) readings.push(read(step))
      })
  })
}).pipe(
  Effect.provide(
    Layer.merge(ModelLayer.layer(run.model), Reward.layerExact.pipe(Layer.provideMerge(TaskSpec.layer(run.task))))
  ),
  Effect.provide(NodeServices.layer)
)

const startedAt = performance.now()
try {
  await Effect.runPromise(program)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Least squares' slope of a reading over the second half of the run, MiB a thousand steps. */
const settled = readings.filter(({ step }) => step >= STEPS / 2)
const slope = (what: "heap" | "arrays" | "wasm" | "resident"): number => {
  const mean = (value: (reading: Reading) => number) => settled.reduce((sum, reading) => sum + value(reading), 0) / settled.length
  const [meanStep, meanValue] = [mean(({ step }) => step), mean((reading) => reading[what])]
  const spread = settled.reduce((sum, { step }) => sum + (step - meanStep) ** 2, 0)
  return (1000 * settled.reduce((sum, reading) => sum + (reading.step - meanStep) * (reading[what] - meanValue), 0)) / spread
}

console.log("| step | tensors | JavaScript heap | array buffers | WebAssembly memory | resident |\n|---|---|---|---|---|---|")
for (const { arrays, heap, resident, step, tensors, wasm } of readings) {
  console.log(`| ${step} | ${tensors} | ${heap.toFixed(2)} | ${arrays.toFixed(2)} | ${wasm.toFixed(2)} | ${resident.toFixed(1)} |`)
}
const slopes = (["heap", "arrays", "wasm", "resident"] as const).map((what) =>
  `${slope(what) >= 0 ? "+" : "−"}${Math.abs(slope(what)).toFixed(2)}`
)
console.log(
  `| slope over steps ${STEPS / 2} to ${STEPS}, MiB a thousand steps | ${tensorCounts.size === 1 ? "0" : "not flat"} | ${
    slopes.join(" | ")
  } |`
)
console.log(
  `\n${STEPS} steps in ${((performance.now() - startedAt) / 1000).toFixed(0)} s; tensors after a step: ${[...tensorCounts].join(", ")}`
)
process.exit(tensorCounts.size === 1 && slope("wasm") === 0 && slope("heap") <= 1 ? 0 : 1)
