/**
 * The models of the main job: who is trained from whom, on what, and how each stage is cached.
 *
 * @module
 */
import { Effect } from "effect"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import type { ModelResult } from "../../eval/Results.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import type { Preset } from "./Preset.ts"
import { cached, stageHash, type StageResult } from "./StageCache.ts"
import { sourceDigest } from "./SourceDigest.ts"
import * as Stages from "./Stages.ts"

const supervised = ["ArithmeticTokenizer", "Demonstrations", "SupervisedTrainer", "policy/ArithmeticWorker", "policy/ParallelPolicy"]

// The modules that a stage runs; with what they import they are part of its name in the cache.
const SOURCES: Readonly<Record<ModelResult["stage"], ReadonlyArray<string>>> = {
  base: supervised,
  sft: [...supervised, "OwnAnswers"],
  dft: [...supervised, "OwnAnswers"],
  rl: [...supervised, "GroupRelativeTrainer"]
}

/** A trained model before its evaluation. */
export interface TrainedModel extends Pick<ModelResult, "id" | "label" | "stage" | "start" | "parent"> {
  readonly result: StageResult
  readonly seconds: number
}

/**
 * Trains, or takes from the cache, every model of the main job, parents first:
 *
 *     base ─┬─ SFT (no reflection)
 *           ├─ SFT (echo reflection) ──┬─ GRPO from echo
 *           │                          └─ GRPO from echo, decision policy only
 *           ├─ SFT (expert reflection) ── GRPO from expert
 *           └─ DFT (expert reflection)
 */
export const trainAll = Effect.fn("Models.trainAll")(function* (preset: Preset, cacheFolder: string) {
  const tokenizer = yield* Tokenizer
  const data = Stages.dataConfig(preset)
  const models: Array<TrainedModel> = []
  // What training sees of the task; how a model is tested later does not rename it.
  const { context, maxAttempts, positions, radix, slip, trainLevels } = preset.task
  const trained = { context, maxAttempts, positions, radix, slip, trainLevels }

  const add = <E, R>(
    model: Omit<TrainedModel, "result" | "seconds">,
    settings: unknown,
    train: Effect.Effect<Omit<StageResult, "hash">, E, R>
  ) =>
    Effect.gen(function* () {
      const startedAt = performance.now()
      const parent = models.find(({ id }) => id === model.parent)?.result
      const hash = stageHash([model.id, preset.seed, preset.shards, trained, preset.model, settings], parent?.hash ?? "", sourceDigest(SOURCES[model.stage]))
      const result = yield* cached(cacheFolder, hash, train)
      models.push({ ...model, result, seconds: (performance.now() - startedAt) / 1000 })
      return result
    })

  const base = yield* add({ id: "base", label: "Base", stage: "base" }, preset.base, Stages.pretrain(preset))

  const finetune = (
    model: Omit<TrainedModel, "result" | "seconds" | "parent">,
    settings: unknown,
    demonstration: ReturnType<typeof Demonstrations.withoutReflection>,
    loss: typeof SupervisedTrainer.sft
  ) =>
    add({ ...model, parent: "base" }, [preset.sft, preset.attributionEvery.sft, settings],
      Stages.finetune(preset, model.label, base.parameters, demonstration, loss)
    )

  yield* finetune(
    { id: "sft-none", label: "SFT (no reflection)", stage: "sft", start: "none" },
    [],
    Demonstrations.withoutReflection(data, tokenizer),
    SupervisedTrainer.sft
  )
  const echo = yield* finetune(
    { id: "sft-echo", label: "SFT (echo reflection)", stage: "sft", start: "echo" },
    preset.echo,
    Demonstrations.withEcho(data, tokenizer, preset.echo.resampleRate),
    SupervisedTrainer.sft
  )
  // Drawn once, and only when a stage that needs it is not in the cache.
  const pool = yield* Effect.cached(Stages.ownAnswers(preset, base.parameters))
  const fromPool = (
    model: Omit<TrainedModel, "result" | "seconds" | "parent">,
    loss: typeof SupervisedTrainer.sft
  ) =>
    add({ ...model, parent: "base" }, [preset.sft, preset.attributionEvery.sft, preset.expert],
      Effect.flatMap(pool, (answers) =>
        Stages.finetune(preset, model.label, base.parameters, Demonstrations.withExpert(data, tokenizer, answers), loss)
      )
    )
  const expert = yield* fromPool({ id: "sft-expert", label: "SFT (expert reflection)", stage: "sft", start: "expert" }, SupervisedTrainer.sft)
  yield* fromPool({ id: "dft-expert", label: "DFT (expert reflection)", stage: "dft", start: "expert" }, SupervisedTrainer.dft)

  const reinforce = (
    model: Omit<TrainedModel, "result" | "seconds">,
    parent: StageResult,
    options: Parameters<typeof Stages.reinforce>[3] = {}
  ) =>
    add(model, [preset.grpo, preset.attributionEvery.grpo, options], Stages.reinforce(preset, model.label, parent.parameters, options))

  yield* reinforce({ id: "grpo-echo", label: "GRPO from echo", stage: "rl", start: "echo", parent: "sft-echo" }, echo)
  yield* reinforce({ id: "grpo-expert", label: "GRPO from expert", stage: "rl", start: "expert", parent: "sft-expert" }, expert)
  yield* reinforce(
    { id: "grpo-echo-decision", label: "GRPO from echo, π_D only", stage: "rl", start: "echo", parent: "sft-echo" },
    echo,
    { restrict: "decision" }
  )
  return models
})
