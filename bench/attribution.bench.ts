/**
 * What measuring the gradient's parts adds to a step of GRPO, and what an entropy bonus adds: the same step, from the same
 * state and so on the same rollouts, with and without, taken in turns. `npm run bench -- attribution` prints Markdown tables.
 */
import { Layer, ManagedRuntime } from "effect"
import { Reward } from "../src/domain/Reward.ts"
import { Task, trainingQueries } from "../src/domain/Task.ts"
import * as TaskSpec from "../src/tasks/TaskSpec.ts"
import * as ModelLayer from "../src/model/ModelLayer.ts"
import * as GroupRelativeTrainer from "../src/training/GroupRelativeTrainer.ts"
import type * as TrainConfig from "../src/training/TrainConfig.ts"
import * as TrainerSettings from "../src/training/TrainerSettings.ts"
import { initialize } from "../src/training/TrainState.ts"
import { machine, table, timeInTurns } from "./Timing.ts"

const ROUNDS = Number(process.argv[3] ?? 25)
const shared = {
  seed: 1,
  steps: 1,
  checkpointEvery: 1,
  schedule: { peak: 3e-4, warmup: 0, decay: "constant", floor: 1, total: 0 },
  kl: { _tag: "InLoss", beta: 0.01, estimator: "k3" }
} as const

/** The preset quick of `reproduce`, and the example of docs/guide/train.md. */
const runs: ReadonlyArray<readonly [title: string, run: TrainConfig.GroupRelativeRun]> = [
  ["the preset quick: d64 L3 H4, 32 queries of 8 rollouts", {
    ...shared,
    task: { _tag: "Multiplication", radix: 5, levels: ["3x1", "4x1"] },
    model: {
      _tag: "Columns",
      words: { _tag: "Arithmetic", radix: 5, maxAttempts: 4, context: "markov", positions: 28 },
      transformer: { width: 64, layers: 3, heads: 4 }
    },
    queries: 32,
    maxTokens: 64
  }],
  ["the guide's run: d32 L2 H4, 16 queries of 8 rollouts", {
    ...shared,
    task: { _tag: "Multiplication", radix: 2, levels: ["2x1", "3x1"] },
    model: {
      _tag: "Columns",
      words: { _tag: "Arithmetic", radix: 2, maxAttempts: 4, context: "markov", positions: 20 },
      transformer: { width: 32, layers: 2, heads: 4 }
    },
    queries: 16,
    maxTokens: 64
  }]
]

const EVERY = TrainerSettings.groupRelative("grpo", runs[0]![1]).attributionEvery

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}`)
for (const [title, run] of runs) {
  const services = ManagedRuntime.make(
    Layer.merge(ModelLayer.layer(run.model), Reward.layerExact.pipe(Layer.provideMerge(TaskSpec.layer(run.task))))
  )
  const queries = trainingQueries(await services.runPromise(Task), 1, 0, run.queries)
  const start = await services.runPromise(initialize(1))
  const step = (changes: Partial<GroupRelativeTrainer.GroupRelativeConfig>) =>
    services.runPromise(
      GroupRelativeTrainer.step({ ...TrainerSettings.groupRelative("grpo", run), attributionEvery: 0, ...changes }, start.parameters)(
        start,
        queries
      )
    )
  const { num_tokens: tokens } = (await step({})).metrics
  const timings = await timeInTurns(
    [
      { name: "step", run: () => step({}) },
      { name: "step that measures its parts (surrogate, KL)", run: () => step({ attributionEvery: 1 }) },
      { name: "step with an entropy bonus", run: () => step({ entropyCoefficient: 0.01 }) },
      {
        name: "step with a bonus that measures its parts (surrogate, KL, entropy)",
        run: () => step({ entropyCoefficient: 0.01, attributionEvery: 1 })
      }
    ],
    ROUNDS,
    5
  )
  const extra = (of: number, over: number, every: number) => `${((100 * (of - over)) / over / every).toFixed(1)} %`
  const [plain, , bonus] = timings
  const added = [
    ["", ""],
    [extra(timings[1]!.processor, plain!.processor, EVERY), ""],
    ["", extra(bonus!.processor, plain!.processor, 1)],
    [
      extra(timings[3]!.processor, bonus!.processor, EVERY),
      ""
    ]
  ]
  const rows = timings.map((
    { best, median, name, processor },
    i
  ) => [name, processor.toFixed(1), median.toFixed(1), best.toFixed(1), ...added[i]!])
  console.log(`\n### GRPO, ${title} (${tokens} tokens), ${ROUNDS} rounds\n`)
  console.log(table(["", "ms processor, median", "ms median", "ms best", `attribution every ${EVERY} steps adds`, "the bonus adds"], rows))
  await services.dispose()
}
