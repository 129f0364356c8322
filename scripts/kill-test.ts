/**
 * The kill test: a small run of GRPO is killed with SIGKILL at 50 random moments and resumed each time; whenever it gets to its
 * end, its folder must hold the same bytes as that of the run never killed: parameters, optimizer, reference, metrics.
 *
 *     node scripts/kill-test.ts [kills] [seed]
 *
 * A run that ends before all kills are spent is compared, and the next one starts. The exit code is 1 if any run differs.
 * Memory over 1,000 steps is measured first, in this process.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Stream } from "effect"
import { Reward } from "../src/domain/Reward.ts"
import { draws } from "../src/domain/Seed.ts"
import * as ModelLayer from "../src/model/ModelLayer.ts"
import * as TaskSpec from "../src/tasks/TaskSpec.ts"
import * as GroupRelativeTrainer from "../src/training/GroupRelativeTrainer.ts"
import * as TrainConfig from "../src/training/TrainConfig.ts"
import * as TrainerSettings from "../src/training/TrainerSettings.ts"
import { initialize } from "../src/training/TrainState.ts"
import { type Life, live } from "../test/support/KilledCommands.ts"
import { tinyConfiguration } from "../test/support/TinyConfiguration.ts"

const kills = Number(process.argv[2] ?? 50)
const seed = Number(process.argv[3] ?? 1)

const config = {
  ...tinyConfiguration(),
  steps: 300,
  checkpointEvery: 5,
  schedule: { peak: 0.003, warmup: 10, decay: "cosine", floor: 0.1, total: 300 },
  attributionEvery: 10,
  queries: 8,
  maxTokens: 32,
  referenceEvery: 20
}

const folder = mkdtempSync(join(tmpdir(), "kill-test-"))
const configFile = join(folder, "run.json")
writeFileSync(configFile, JSON.stringify(config))

/** Trains in a process of its own, killed after so many milliseconds unless it ends before. */
const train = (out: string, killAfter = Infinity): Promise<Life> =>
  live({}, ["train", "grpo", "--config", configFile, "--out", out, "--resume"], killAfter)

const bytesOf = (out: string): ReadonlyArray<readonly [string, string]> =>
  readdirSync(out)
    .toSorted()
    .map((name) => [name, readFileSync(join(out, name)).toString("latin1")] as const)

const decoded = await Effect.runPromise(TrainConfig.decode(TrainConfig.GroupRelativeRun, JSON.stringify(config)))
const memory = Effect.gen(function* () {
  const run = TrainerSettings.groupRelative("grpo", decoded)
  const start = yield* initialize(1)
  const query = { id: "1*1", level: "1x1", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }
  return yield* GroupRelativeTrainer.train({ ...run, queries: 1, miniBatchQueries: 1 }, start.parameters, () => [query])(start).pipe(
    Stream.take(1000),
    Stream.map(() => tf.memory().numTensors),
    Stream.runCollect
  )
}).pipe(
  Effect.provide(
    Layer.merge(ModelLayer.layer(decoded.model), Reward.layerExact.pipe(Layer.provide(TaskSpec.layer(decoded.task))))
  )
)

const counts = await Effect.runPromise(memory)
const isFlat = new Set(counts).size === 1
console.log(`memory: ${counts.length} steps, numTensors ${counts[0]} after the first and ${counts[counts.length - 1]} after the last`)

const whole = join(folder, "whole")
mkdirSync(whole)
const unbroken = await train(whole)
const expected = bytesOf(whole)
const startup = (await train(whole)).ms / 1000
console.log(`never killed: ${config.steps} steps in ${(unbroken.ms / 1000).toFixed(1)} s, of which ${startup.toFixed(1)} s are start-up`)

const stream = draws(seed)

let killed = 0
let same = 0
let different = 0
for (let index = 0; killed < kills; index++) {
  const out = join(folder, `run-${index}`)
  mkdirSync(out)
  const stepsAtKill: Array<number> = []
  for (;;) {
    const wait = killed < kills ? 1000 * stream.uniform() * (startup + 1.2) : Infinity
    const life = await train(out, wait)
    if (!life.isKilled) break
    killed++
    const rows = readdirSync(out).includes("metrics.jsonl") ? readFileSync(join(out, "metrics.jsonl"), "utf8").split("\n").length - 1 : 0
    stepsAtKill.push(rows)
  }
  const found = bytesOf(out)
  const isSame = JSON.stringify(found) === JSON.stringify(expected)
  if (isSame) same++
  else different++
  console.log(
    `run ${index}: killed ${stepsAtKill.length} times, after rows ${stepsAtKill.join(", ")}; ${
      isSame ? "every byte the same" : "DIFFERENT"
    }`
  )
}
console.log(`${killed} kills, ${same} of ${same + different} runs ended with the bytes of the run never killed`)
rmSync(folder, { recursive: true, force: true })
process.exit(different === 0 && isFlat ? 0 : 1)
