/**
 * The stages of the main job: pretraining, supervised fine-tuning, reinforcement learning. Each composes trainers from
 * the services and folds their stream into a {@link StageResult}.
 *
 * @module
 */
import { Effect, type Stream } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { Grammar } from "../../domain/Grammar.ts"
import { TWO_STAGE } from "../../domain/Partition.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { fold } from "../../domain/Seed.ts"
import { Task, trainingQueries } from "../../domain/Task.ts"
import { failing } from "../../domain/Throws.ts"
import { Placement } from "../../model/policy/Placement.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import * as GroupRelativeTrainer from "../../training/GroupRelativeTrainer.ts"
import { drawOwnAnswers } from "../../training/OwnAnswers.ts"
import type { SupervisedName } from "../../training/Presets.ts"
import * as Run from "../../training/Run.ts"
import * as RunFolder from "../../training/RunFolder.ts"
import type { StepReport } from "../../training/StepReport.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import { groupRelative, type GroupRelativeSettings, supervised } from "../../training/TrainerSettings.ts"
import { fromParameters, initialize, type Metrics, type TrainState } from "../../training/TrainState.ts"
import { Progress } from "../Progress.ts"
import type { Preset, Reinforcement } from "./Preset.ts"
import type { StageResult } from "./StageCache.ts"

type Fresh = Omit<StageResult, "hash">

/** Where a stage is trained, and how it shows itself. */
interface Stage {
  /** The folder of its run: a stage that is interrupted goes on from there. */
  readonly folder: string
  readonly name: string
  readonly steps: number
  /** Keep the metrics of every so many steps, of the first and of the last. */
  readonly every: number
  readonly shown: ReadonlyArray<string>
  /** The sub-policies of its partition by name; left out: the two stages. */
  readonly partition?: ReadonlyArray<string> | undefined
  readonly checkpointEvery?: number | undefined
}

const CHECKPOINT_EVERY = 200

/** Trains a stage as a run in its folder, up to step `steps`, and reads back what it leaves; `before` is what it goes on from. */
const runStage = Effect.fnUntraced(function* <E extends { readonly message: string }, R> (
  { checkpointEvery = CHECKPOINT_EVERY, every, folder, name, partition = TWO_STAGE.names, shown, steps }: Stage,
  start: TrainState,
  train: (from: TrainState) => Stream.Stream<StepReport, E, R>,
  before: Pick<Fresh, "metrics" | "attribution"> = { metrics: [], attribution: [] }
) {
  const progress = yield* Progress
  const stage = yield* progress.stage(name, steps)
  const text = (metrics: Metrics) => shown.map((metric) => `${metric} ${metrics[metric]?.toFixed(3) ?? "–"}`).join("  ")
  const state = yield* Run.run({
    folder,
    settings: { stage: name },
    steps,
    checkpointEvery,
    start,
    train,
    isResumed: true,
    onStart: (from) => Effect.sync(() => stage.from(from.step)),
    onStep: ({ metrics, state: { step } }) => Effect.sync(() => stage.show(step, text(metrics)))
  }).pipe(Effect.onError(() => stage.end))
  const rows = (yield* RunFolder.readMetrics(folder, start.step, steps)).map((row) => Run.readRow(row, partition))
  const kept = rows.filter(({ step }) => step % every === 0 || step === 1 || step === steps)
  const result: Fresh = {
    state,
    steps,
    metrics: [...before.metrics, ...kept.map(({ metrics, step }) => ({ step, ...metrics }))],
    attribution: [...before.attribution, ...rows.flatMap(({ attribution }) => attribution)]
  }
  yield* stage.done(text(result.metrics.at(-1) ?? {}))
  return result
})

/** The data settings of a preset, in the words at hand. */
export const dataConfig = Effect.fnUntraced(function* (preset: Preset) {
  const data: Demonstrations.DataConfig = {
    task: yield* Task,
    words: { grammar: yield* Grammar, placement: yield* Placement },
    maxAttempts: preset.task.maxAttempts,
    slip: preset.task.slip
  }
  return data
})

const finite = (examples: number, demonstration: Demonstrations.Demonstration): Demonstrations.Demonstration => (seed, index) =>
  demonstration(seed, examples === 0 ? index : index % examples)

/**
 * Pretraining from scratch, or on from an earlier moment of it, up to step `to`: digits from a teacher who slips, verdicts on them;
 * STOP and RESAMPLE stay untrained.
 */
export const pretrain = (preset: Preset, name: string, to: number, before?: Fresh) =>
  Effect.fn("Stages.pretrain")(function* (folder: string) {
    const data = yield* dataConfig(preset)
    const { base } = preset
    const start = before?.state ?? (yield* initialize(preset.seed))
    const train = SupervisedTrainer.train(supervised("sft", base), finite(base.examples, Demonstrations.pretraining(data, base)))
    return yield* runStage(
      { folder, name, steps: to, every: 50, shown: ["loss"], partition: base.partition, checkpointEvery: preset.checkpointEvery },
      start,
      train,
      before
    )
  })

/** A pretrained model as it was published: a base that nothing was done to. */
export const published = (preset: Preset) =>
  Effect.fn("Stages.published")(function* (_folder: string) {
    const result: Fresh = { state: yield* initialize(preset.seed), steps: 0, metrics: [], attribution: [] }
    return result
  })

/** Supervised fine-tuning of `parent` on one kind of demonstrations, with SFT's or DFT's loss. */
export const finetune = (
  preset: Preset,
  name: string,
  parent: Parameters,
  demonstrations: (data: Demonstrations.DataConfig) => Demonstrations.Demonstration,
  method: SupervisedName
) =>
  Effect.fn("Stages.finetune")(function* (folder: string) {
    const { sft } = preset
    const start = fromParameters(parent, fold(preset.seed, "sft"))
    const train = SupervisedTrainer.train(supervised(method, sft), finite(sft.examples, demonstrations(yield* dataConfig(preset))))
    return yield* runStage(
      {
        folder,
        name,
        steps: sft.steps,
        every: 10,
        shown: ["loss", "loss/nll"],
        partition: sft.partition,
        checkpointEvery: preset.checkpointEvery
      },
      start,
      train
    )
  })

/** The model's own answers to training problems, for demonstrations with expert reflection. */
export const ownAnswers = (preset: Preset, parameters: Parameters) => drawOwnAnswers(parameters, preset.expert, preset.seed)

/** The settings of a run: the preset's, but for what it says itself. A method of its own brings its own reward part. */
export const reinforcementSettings = (
  preset: Preset,
  { aggregation, decisionWeighting, kl, method, restrict }: Partial<Reinforcement>
): GroupRelativeSettings => {
  const { steps: _steps, ...grpo } = preset.grpo
  const own = {
    ...(aggregation && { aggregation }),
    ...(kl && { kl }),
    ...(restrict && { restrict }),
    ...(decisionWeighting && { decisionWeighting })
  }
  if (method === undefined) return { ...grpo, ...own }
  const {
    advantage: _advantage,
    aggregation: _aggregation,
    aggregationVariant: _variant,
    clipHigh: _high,
    clipLow: _low,
    dualClip: _dual,
    loss: _loss,
    ...common
  } = grpo
  return { ...common, ...own }
}

/** Reinforcement learning from `parent`, which is also the reference policy: the preset's GRPO, but for what `settings` says. */
export const reinforce = (preset: Preset, name: string, parent: Parameters, run: Partial<Reinforcement>) =>
  Effect.fn("Stages.reinforce")(function* (folder: string) {
    const task = yield* Task
    const settings = reinforcementSettings(preset, run)
    const start = fromParameters(parent, fold(preset.seed, "rl"))
    const config = yield* failing([ConfigError], () => groupRelative(run.method ?? "grpo", settings))
    const train = GroupRelativeTrainer.train(
      config,
      parent,
      (seed, step) => trainingQueries(task, seed, step, settings.queries)
    )
    const shown = ["reward", "p_sample", "p_stop_given_correct", "p_resample_given_wrong"]
    return yield* runStage(
      {
        folder,
        name,
        steps: preset.grpo.steps,
        every: 1,
        shown,
        partition: settings.partition,
        checkpointEvery: preset.checkpointEvery
      },
      start,
      train
    )
  })
