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
import * as Aggregate from "../../theory/Aggregate.ts"
import * as Kl from "../../theory/Kl.ts"
import * as Objective from "../../theory/Objective.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import * as GroupRelativeTrainer from "../../training/GroupRelativeTrainer.ts"
import { adam } from "../../training/Optimizer.ts"
import { drawOwnAnswers } from "../../training/OwnAnswers.ts"
import * as Presets from "../../training/Presets.ts"
import * as Schedule from "../../training/Schedule.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import { fromParameters, initialize, type TrainState } from "../../training/TrainState.ts"
import { Progress } from "../Progress.ts"
import type { Preset, Reinforcement } from "./Preset.ts"
import type { StageResult } from "./StageCache.ts"

type Fresh = Omit<StageResult, "hash">

/** Folds a trainer's stream of reports up to step `steps` into a result that goes on from `before`, showing progress. */
const collect = Effect.fnUntraced(function* <E, R> (
  name: string,
  steps: number,
  every: number,
  shown: ReadonlyArray<string>,
  start: TrainState,
  reports: Stream.Stream<SupervisedTrainer.StepReport, E, R>,
  before: Pick<Fresh, "metrics" | "attribution"> = { metrics: [], attribution: [] }
) {
  const progress = yield* Progress
  const show = yield* progress.stage(name, steps)
  const result = yield* reports.pipe(
    Stream.take(steps - start.step),
    Stream.runFold(
      (): {
        state: TrainState
        metrics: Array<StageResult["metrics"][number]>
        attribution: Array<StageResult["attribution"][number]>
      } => ({
        state: start,
        metrics: [...before.metrics],
        attribution: [...before.attribution]
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
  const fresh: Fresh = { state: result.state, steps, metrics: result.metrics, attribution: result.attribution }
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

/**
 * Pretraining from scratch, or on from an earlier moment of it, up to step `to`: digits from a teacher who slips, verdicts on them;
 * STOP and RESAMPLE stay untrained.
 */
export const pretrain = Effect.fn("Stages.pretrain")(function* (preset: Preset, to: number, before?: Fresh) {
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
  const start = before?.state ?? (yield* initialize(preset.seed))
  const demonstration = finite(base.examples, Demonstrations.pretraining(dataConfig(preset), tokenizer, base))
  return yield* collect("base", to, 50, ["loss"], start, SupervisedTrainer.train(config, demonstration)(start), before)
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
  return yield* collect(
    name,
    sft.steps,
    10,
    ["loss", "loss/nll"],
    start,
    SupervisedTrainer.train(config, finite(sft.examples, demonstration))(start)
  )
})

/** The model's own answers to training problems, for demonstrations with expert reflection. */
export const ownAnswers = (preset: Preset, parameters: Parameters) =>
  drawOwnAnswers(dataConfig(preset), parameters, preset.expert, preset.seed)

/** Draws the queries of a step of reinforcement learning from the training levels, balanced. */
export const trainingQueries = (preset: Preset) => (seed: Seed, step: number): ReadonlyArray<Query> => {
  const { levels, task } = dataConfig(preset)
  return Array.from(
    { length: preset.grpo.queries },
    (_, i) => Task.toQuery(task, Task.trainProblem(task, Task.levelInTurn(levels, i), fold(seed, "query", step, i)))
  )
}

// The longest completion of a training problem: every attempt has "=", its digits and a decision.
const longestCompletion = (preset: Preset): number => {
  const { levels, maxAttempts } = dataConfig(preset)
  return maxAttempts * (Math.max(...levels.map(({ left, right }) => left + right)) + 2)
}

/** Advantage, reward part and aggregation of a run of reinforcement learning. */
const rewardPart = (
  preset: Preset,
  { aggregation, method }: Partial<Reinforcement>
): Pick<GroupRelativeTrainer.GroupRelativeConfig, "advantage" | "objective" | "aggregation"> => {
  if (method !== undefined) return Presets.groupRelative(longestCompletion(preset))[method]
  return {
    advantage: Advantage.groupRelative({ std: "population", epsilon: 1e-4 }),
    objective: Objective.surrogate({ ...GroupRelativeTrainer.grpo.objective, clipLow: preset.grpo.clip, clipHigh: preset.grpo.clip }),
    aggregation: aggregation === "seq-mean-token-mean" ? Aggregate.seqMeanTokenMean : Aggregate.tokenMean
  }
}

const klPart = (beta: number, kl: Reinforcement["kl"]): Kl.Placement => {
  switch (kl) {
    case "none":
      return Kl.none
    case "k1 in the reward":
      return Kl.inReward({ beta })
    case undefined:
      return Kl.inLoss({ ...GroupRelativeTrainer.grpo.kl, beta })
  }
}

/** Reinforcement learning from `parent`, which is also the reference policy: the preset's GRPO, but for what `settings` says. */
export const reinforce = Effect.fn("Stages.reinforce")(function* (
  preset: Preset,
  name: string,
  parent: Parameters,
  settings: Pick<Reinforcement, "aggregation" | "kl" | "klCoefficient" | "method" | "restrict">
) {
  const { grpo } = preset
  const reward = rewardPart(preset, settings)
  const config: GroupRelativeTrainer.GroupRelativeConfig = {
    ...GroupRelativeTrainer.grpo,
    ...reward,
    queries: grpo.queries,
    miniBatchQueries: grpo.miniBatchQueries,
    groupSize: grpo.groupSize,
    sampling: onPolicy,
    objective: settings.restrict === undefined ? reward.objective : Objective.restrict(reward.objective, settings.restrict),
    kl: klPart(settings.klCoefficient ?? grpo.klCoefficient, settings.kl),
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
