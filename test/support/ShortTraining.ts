/** Pretrains the preset quick for a few steps on two threads, in a process of its own: `node ShortTraining.ts STEPS [seldom]`. */
import { Effect, Stream } from "effect"
import { collectSeldom } from "../../src/cli/GarbageCollection.ts"
import { quick } from "../../src/cli/reproduce/Preset.ts"
import { services } from "../../src/cli/reproduce/Reproduce.ts"
import { dataConfig } from "../../src/cli/reproduce/Stages.ts"
import * as Demonstrations from "../../src/training/Demonstrations.ts"
import * as SupervisedTrainer from "../../src/training/SupervisedTrainer.ts"
import { supervised } from "../../src/training/TrainerSettings.ts"
import { initialize } from "../../src/training/TrainState.ts"

const [steps, seldom] = process.argv.slice(2)
if (seldom !== undefined) collectSeldom()

const program = Effect.gen(function* () {
  const demonstration = Demonstrations.pretraining(yield* dataConfig(quick), quick.base)
  const states = SupervisedTrainer.train(supervised("sft", quick.base), demonstration)(yield* initialize(1))
  yield* Stream.runDrain(Stream.take(states, Number(steps)))
})

await Effect.runPromise(Effect.provide(program, services({ preset: quick, workers: 2 })))
