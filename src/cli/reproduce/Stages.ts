/**
 * The stages of the main job: pretraining, supervised fine-tuning, reinforcement learning. Each composes trainers from
 * the services and folds their stream into a {@link StageResult}.
 *
 * @module
 */
import { Effect, Stream } from "effect"
import { onPolicy, type Parameters } from "../../domain/Policy.ts"
import type { Query } from "../../domain/Query.ts"
import { fold, type Seed } from "../../domain/Seed.ts"
import * as Task from "../../domain/Task.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import type { Trajectory } from "../../domain/Trajectory.ts"
import * as Advantage from "../../theory/Advantage.ts"
import * as Kl from "../../theory/Kl.ts"
import * as Objective from "../../theory/Objective.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import * as GroupRelativeTrainer from "../../training/GroupRelativeTrainer.ts"
import { adam } from "../../training/Optimizer.ts"
import { drawOwnAnswers } from "../../training/OwnAnswers.ts"
import * as Schedule from "../../training/Schedule.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import { fromParameters, initialize, type TrainState } from "../../training/TrainState.ts"
import { Progress } from "../Progress.ts"
import type { Preset } from "./Preset.ts"
import type { StageResult } from "./StageCache.ts"

type Fresh = Omit<StageResult, "hash">

/** Folds a trainer's stream of reports into a result, showing progress. */
const collect = Effect.fnUntraced(function* <E, R>(
  name: string,
  steps: number,
  every: number,
  shown: ReadonlyArray<string>,
  start: TrainState,
  reports: Stream.Stream<SupervisedTrainer.StepReport, E, R>
) {
  const progress = yield* Progress
  const show = yield* progress.stage(name, steps)
  const result = yield* reports.pipe(
    Stream.take(steps),
    Stream.runFold(
      (): { state: TrainState; metrics: Array<StageResult["metrics"][number]>; attribution: Array<StageResult["attribution"][number]> } => ({
        state: start,
        metrics: [],
        attribution: []
      }),
      (sofar, report) => {
        const { step } = report.state
        show(step, shown.map((metric) => `${metric} ${report.metrics[metric]?.toFixed(3) ?? "–"}`).join("  "))
        if (step % every === 0 || step === 1 || step === steps) sofar.metrics.push({ step, ...report.metrics })
        sofar.attribution.push(...report.attribution)
        sofar.state = report.state
        return sofar
      }
    )
  )
  const last = result.metrics.at(-1)
  yield* progress.done(shown.map((metric) => `${metric} ${last?.[metric]?.toFixed(3) ?? "–"}`).join("  "))
  const fresh: Fresh = { parameters: result.state.parameters, steps, metrics: result.metrics, attribution: result.attribution }
  return fresh
})

/** The data settings of a preset. */
export const dataConfig = (preset: Preset): Demonstrations.DataConfig => ({
  task: { radix: preset.task.radix },
  levels: preset.task.trainLevels.map(Task.parseLevel),
  maxAttempts: preset.task.maxAttempts,
  slip: preset.task.slip
})

const finite = (examples: number, demonstration: (seed: Seed, index: number) => Trajectory) => (seed: Seed, index: number): Trajectory =>
  demonstration(seed, examples === 0 ? index : index % examples)

/** Pretraining from scratch: digits from a teacher who slips, verdicts on them; STOP and RESAMPLE stay untrained. */
export const pretrain = Effect.fn("Stages.pretrain")(function* (preset: Preset) {
  const tokenizer = yield* Tokenizer
  const { base } = preset
  const config: SupervisedTrainer.SupervisedConfig = {
    ...SupervisedTrainer.sft,
    objective: Objective.add(
      Objective.restrict(Objective.nll(), "sampling"),
      Objective.scale(Objective.restrict(Objective.nll(), "decision"), base.verdictWeight)
    ),
    batchSize: base.batchSize,
    optimizer: { ...adam, beta2: 0.98, weightDecay: base.weightDecay },
    schedule: Schedule.cosine(base.learningRate, base.steps, base.warmup),
    clipNorm: 1,
    attributionEvery: 0
  }
  const start = yield* initialize(preset.seed)
  const demonstration = finite(base.examples, Demonstrations.pretraining(dataConfig(preset), tokenizer, base))
  return yield* collect("base", base.steps, 50, ["loss"], start, SupervisedTrainer.train(config, demonstration)(start))
})

/** Supervised fine-tuning of `parent` on one kind of demonstrations, with SFT's or DFT's loss. */
export const finetune = Effect.fn("Stages.finetune")(function* (
  preset: Preset,
  name: string,
  parent: Parameters,
  demonstration: (seed: Seed, index: number) => Trajectory,
  loss: Pick<SupervisedTrainer.SupervisedConfig, "objective" | "aggregation">
) {
  const { sft } = preset
  const config: SupervisedTrainer.SupervisedConfig = {
    ...loss,
    batchSize: sft.batchSize,
    optimizer: { ...adam, weightDecay: sft.weightDecay },
    schedule: Schedule.cosine(sft.learningRate, sft.steps, sft.warmup),
    clipNorm: 1,
    attributionEvery: preset.attributionEvery.sft
  }
  const start = fromParameters(parent, fold(preset.seed, "sft"))
  return yield* collect(name, sft.steps, 10, ["loss", "loss/nll"], start, SupervisedTrainer.train(config, finite(sft.examples, demonstration))(start))
})

/** The model's own answers to training problems, for demonstrations with expert reflection. */
export const ownAnswers = (preset: Preset, parameters: Parameters) => drawOwnAnswers(dataConfig(preset), parameters, preset.expert, preset.seed)

/** Draws the queries of a step of reinforcement learning from the training levels, balanced. */
export const trainingQueries = (preset: Preset) => (seed: Seed, step: number): ReadonlyArray<Query> => {
  const { levels, task } = dataConfig(preset)
  return Array.from({ length: preset.grpo.queries }, (_, i) =>
    Task.toQuery(task, Task.trainProblem(task, levels[i % levels.length], fold(seed, "query", step, i)))
  )
}

/** GRPO from `parent`, which is also the reference policy; `restrict` limits the reward part to one sub-policy's tokens. */
export const reinforce = Effect.fn("Stages.reinforce")(function* (
  preset: Preset,
  name: string,
  parent: Parameters,
  options: { readonly restrict?: "sampling" | "decision" } = {}
) {
  const { grpo } = preset
  const surrogate = Objective.surrogate({ ...GroupRelativeTrainer.grpo.objective, clipLow: grpo.clip, clipHigh: grpo.clip })
  const config: GroupRelativeTrainer.GroupRelativeConfig = {
    ...GroupRelativeTrainer.grpo,
    queries: grpo.queries,
    miniBatchQueries: grpo.miniBatchQueries,
    groupSize: grpo.groupSize,
    sampling: onPolicy,
    advantage: Advantage.groupRelative({ std: "population", epsilon: 1e-4 }),
    objective: options.restrict === undefined ? surrogate : Objective.restrict(surrogate, options.restrict),
    kl: Kl.inLoss({ ...GroupRelativeTrainer.grpo.kl, beta: grpo.klCoefficient }),
    optimizer: adam,
    schedule: Schedule.constant(grpo.learningRate, grpo.warmup),
    clipNorm: 1,
    attributionEvery: preset.attributionEvery.grpo
  }
  const start = fromParameters(parent, fold(preset.seed, "rl"))
  return yield* collect(
    name,
    grpo.steps,
    1,
    ["reward", "p_sample", "p_stop_given_correct", "p_resample_given_wrong"],
    start,
    GroupRelativeTrainer.train(config, parent, trainingQueries(preset))(start)
  )
})
