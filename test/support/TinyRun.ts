/** A GRPO run on a table of 14 logits: fast enough to be killed and resumed many times in a test. */
import { Effect, Layer } from "effect"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import * as ArithmeticGrammar from "../../src/model/grammar/ArithmeticGrammar.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import * as Presets from "../../src/training/Presets.ts"
import type * as Run from "../../src/training/Run.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import { initialize } from "../../src/training/TrainState.ts"

const ids = ArithmeticGrammar.arithmeticTokens(2)

/** Binary 1 * 1 = 1. */
export const query: Query = { id: "1*1", level: "1x1", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }

/** The task of that problem. */
export const task = Multiplication.layer({ radix: 2, levels: ["1x1"] })

/** Words, tabular policy, task and exact reward. */
export const services = TabularPolicy.layer([[1, ids.operator, 1]]).pipe(
  Layer.provideMerge(ArithmeticGrammar.layer({ radix: 2, maxAttempts: 2, context: "markov", positions: 8 })),
  Layer.merge(Reward.layerExact.pipe(Layer.provideMerge(task)))
)

/** The trainer's settings: KL in the loss, the reference refreshed every three steps, attribution every other step. */
export const config: GroupRelativeTrainer.GroupRelativeConfig = {
  ...Presets.groupRelative(8).grpo,
  groupSize: 8,
  queries: 4,
  miniBatchQueries: 2,
  optimizer: adam,
  schedule: Schedule.constant(0.05),
  clipNorm: 1,
  attributionEvery: 2,
  referenceEvery: 3
}

/** A run in a folder, with anything replaced. */
export const runOptions = Effect.fnUntraced(function* (
  folder: string,
  overrides: Partial<Omit<Run.RunOptions<never, never>, "train">> & {
    readonly config?: Partial<GroupRelativeTrainer.GroupRelativeConfig>
  } = {}
) {
  const start = yield* initialize(4)
  const settings = { ...config, ...overrides.config }
  return {
    folder,
    settings: { config: settings, seed: 4 },
    steps: 8,
    checkpointEvery: 2,
    start,
    isResumed: false,
    ...overrides,
    train: GroupRelativeTrainer.train(settings, start.parameters, () => [query, query, query, query])
  }
})
