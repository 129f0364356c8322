/**
 * The models of the main job: who is trained from whom, on what, and how each stage is cached.
 *
 * @module
 */
import { Effect, type PlatformError, Schema } from "effect"
import type { DeviceError } from "../../model/device/Device.ts"
import type { ModelFileError } from "../../model/pretrained/ModelFileError.ts"
import type { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { Query } from "../../domain/Query.ts"
import type { ModelResult } from "../../eval/results/Results.ts"
import * as ArithmeticGrammar from "../../model/grammar/ArithmeticGrammar.ts"
import type * as Checkpoint from "../../training/Checkpoint.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import { extendSegments } from "../../model/architecture/Segments.ts"
import { transformerSizes } from "../../model/policy/TransformerPolicy.ts"
import type { SupervisedName } from "../../training/Presets.ts"
import { type PlannedStage, Progress } from "../Progress.ts"
import type { StageBusy } from "./Lease.ts"
import type { Preset, Reinforcement } from "./Preset.ts"
import { cached, cachedValue, stageHash, type StageResult } from "./StageCache.ts"
import { sourceDigest } from "./SourceDigest.ts"
import * as Stages from "./Stages.ts"

const supervised = [
  "model/architecture/Segments",
  "model/ModelLayer",
  "model/parallel/Worker",
  "tasks/TaskSpec",
  "training/Demonstrations",
  "training/Run",
  "training/SupervisedTrainer",
  "training/TrainerSettings"
]

// The modules that a stage runs; with what they import they are part of its name in the cache.
const SOURCES: Readonly<Record<ModelResult["stage"], ReadonlyArray<string>>> = {
  base: supervised,
  sft: [...supervised, "training/OwnAnswers"],
  dft: [...supervised, "training/OwnAnswers"],
  rl: [...supervised, "model/grammar/SingleTurn", "training/GroupRelativeTrainer", "training/Presets"]
}

/** The words a model is trained with: what an attempt sees, and whether it may be revised. */
export interface ModelGrammar {
  readonly context: Preset["task"]["context"]
  readonly singleTurn: boolean
}

/** A trained model before its evaluation. */
export interface TrainedModel extends Pick<ModelResult, "id" | "label" | "stage" | "start" | "parent" | "variant"> {
  readonly context: ModelGrammar["context"]
  readonly result: StageResult
  readonly seconds: number
}

/** Runs an effect with the services of a grammar. */
export type Within = (
  grammar: ModelGrammar
) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ConfigError | PolicyError | DeviceError | ModelFileError, R>

type Description = Omit<TrainedModel, "result" | "seconds" | "context"> & Partial<ModelGrammar>

/** What training a stage may fail with and needs, whichever stage it is. */
type Training = ReturnType<ReturnType<typeof Stages.pretrain | typeof Stages.finetune | typeof Stages.reinforce>>
type Effects = Training | ReturnType<typeof Stages.ownAnswers> | ReturnType<typeof Checkpoint.save>
type Failure = Effect.Error<Effects> | StageBusy | ConfigError | PolicyError | DeviceError | ModelFileError | PlatformError.PlatformError
type Services = Effect.Services<Effects> | Progress
type Fresh = Omit<StageResult, "hash">

/** Own answers as a file of the cache keeps them. */
const OwnAnswers = Schema.Struct({
  query: Query,
  answers: Schema.Array(Schema.Struct({ answer: Schema.String, text: Schema.optionalKey(Schema.String) }))
})

/** The three runs of reinforcement learning that every preset has. */
export const reinforcements: ReadonlyArray<Reinforcement> = [
  { id: "grpo-echo", label: "GRPO from echo", parent: "sft-echo" },
  { id: "grpo-expert", label: "GRPO from expert", parent: "sft-expert" },
  { id: "grpo-echo-decision", label: "GRPO from echo, π_D only", parent: "sft-echo", restrict: "decision" }
]

/** GRPO from the echo start of a base kept after so many steps. */
export const reinforcementOfMoment = (step: number): Reinforcement => ({
  id: `grpo-echo-${step}`,
  label: `GRPO from echo of the base after ${step} steps`,
  parent: `sft-echo-${step}`
})

// What a stage costs, in pretraining's answers: measured on quick with two threads, its stages side by side.
const [DEMONSTRATION, ROLLOUT] = [1.1, 2.7]

/** A model to be: trained once, by whoever asks first, after its parent; or taken from the cache. */
export type ModelStage = Effect.Effect<TrainedModel, Failure, Services>

/** How the stages of a preset are named and which there are. */
export interface StageOptions {
  /** Without reinforcement learning the stages end with the models that it starts from. Left out: with it. */
  readonly isReinforced?: boolean
  /** What computes, where it is not the usual: stages of one are not taken for stages of another. */
  readonly device?: string
  /** The files of a pretrained base, by what is in them. */
  readonly modelDigest?: string
}

/**
 * The models of the main job as stages that train them or take them from the cache, each after its parent:
 *
 *     base ─┬─ SFT (no reflection)
 *           ├─ SFT (echo reflection) ──┬─ GRPO from echo
 *           │                          └─ GRPO from echo, decision policy only
 *           ├─ SFT (expert reflection) ── GRPO from expert
 *           └─ DFT (expert reflection)
 *
 * and, where the preset asks for them: its variants of reinforcement learning; earlier moments of the base, each with SFT (echo)
 * and GRPO from it; both starts with the full history in sight, and GRPO from each. Stages that do not need one another may run side by side,
 * as far as `within` lets them.
 */
export const stagesOf = Effect.fn("Models.stagesOf")(function* (
  preset: Preset,
  cacheFolder: string,
  within: Within,
  options: StageOptions = {}
) {
  const progress = yield* Progress
  const nodes = new Map<string, ModelStage>()
  const descriptions = new Map<string, Description>()
  const planned: Array<PlannedStage> = []
  // What training sees of the task; how a model is tested later does not rename it.
  const { context: usual, maxAttempts, positions, radix, slip, trainLevels } = preset.task
  const usualGrammar: ModelGrammar = { context: usual, singleTurn: false }
  const sizesOf = (context: ModelGrammar["context"]) => {
    // A language model has its whole text in sight.
    if ("_tag" in preset.model) throw new Error("a pretrained model has one context")
    const { placement, tokenizer } = ArithmeticGrammar.make({ radix, maxAttempts, context, positions })
    return transformerSizes(preset.model, { placement, vocabulary: tokenizer.vocabulary })
  }
  const nodeOf = (id: string | undefined): ModelStage =>
    nodes.get(id ?? "") ?? Effect.die(new Error(`a model starts from ${id}, which is no model of this preset before it`))
  const add = (
    { context = usual, singleTurn = false, ...model }: Description,
    settings: unknown,
    work: number,
    train: (
      run: (training: (folder: string) => Effect.Effect<Fresh, Failure, Services>) => Effect.Effect<Fresh, Failure, Services>,
      parent: StageResult | undefined
    ) => Effect.Effect<Fresh, Failure, Services>
  ) =>
    Effect.gen(function* () {
      planned.push({ name: model.label, work })
      descriptions.set(model.id, { ...model, context, singleTurn })
      const training: ModelStage = Effect.gen(function* () {
        const parent = model.parent === undefined ? undefined : (yield* nodeOf(model.parent)).result
        const trained = { context, maxAttempts, positions, radix, slip, trainLevels }
        const hash = stageHash(
          [
            model.id,
            preset.seed,
            preset.shards,
            trained,
            // A model is its files, wherever they lie.
            "_tag" in preset.model ? { ...preset.model, path: options.modelDigest } : preset.model,
            settings,
            ...(options.device === undefined ? [] : [options.device])
          ],
          parent?.hash ?? "",
          sourceDigest(SOURCES[model.stage])
        )
        // Of training alone: a stage may have waited for its turn. A stage of the cache takes none.
        let seconds: number | undefined
        const result = yield* cached(cacheFolder, hash, (claimed) =>
          // A stage is claimed when it is its turn: what is not yet computed here, others may compute.
          train((training) =>
            within({ context, singleTurn })(claimed((folder) => {
              const startedAt = performance.now()
              return Effect.tap(training(folder), () =>
                Effect.sync(() => {
                  seconds = (performance.now() - startedAt) / 1000
                }))
            })), parent)).pipe(Effect.tapErrorTag("StageBusy", () => progress.skip(model.label)))
        if (seconds === undefined) {
          yield* progress.skip(model.label)
        }
        return { ...model, context, result, seconds: seconds ?? 0 }
      })
      nodes.set(model.id, yield* Effect.cached(training))
    })

  const sftWork = preset.sft.steps * preset.sft.batchSize * DEMONSTRATION
  // With the full history in sight a model has more segments to embed.
  const inContext = ({ state }: StageResult, context: ModelGrammar["context"]): Parameters =>
    context === usual ? state.parameters : extendSegments(state.parameters, sizesOf(usual), sizesOf(context).segments)
  const finetune = (
    model: Description,
    settings: unknown,
    demonstrations: Effect.Effect<(data: Demonstrations.DataConfig) => Demonstrations.Demonstration, Failure, Services>,
    method: SupervisedName
  ) =>
    add(
      model,
      [preset.sft, settings],
      sftWork,
      (run, parent) =>
        Effect.flatMap(demonstrations, (make) =>
          run(Stages.finetune(preset, model.label, inContext(parent!, model.context ?? usual), make, method)))
    )

  const reinforce = ({ id, label, parent, singleTurn = false, ...settings }: Reinforcement, more: Partial<Description> = {}) => {
    const { context = usual, start } = descriptions.get(parent) ?? {}
    return add(
      { id, label, stage: "rl", parent, context, singleTurn, ...(start === undefined ? {} : { start }), ...more },
      [preset.grpo, settings, singleTurn],
      preset.grpo.steps * preset.grpo.queries * (preset.grpo.groupSize ?? 1) * ROLLOUT,
      (run, from) => run(Stages.reinforce(preset, label, from!.state.parameters, settings))
    )
  }

  // The base, and earlier moments of it.
  const moments = [...preset.base.keep.filter((kept) => kept < preset.base.steps), preset.base.steps]
  const baseId = (step: number): string => step === preset.base.steps ? "base" : `base-${step}`
  for (const [i, step] of moments.entries()) {
    const isLast = step === preset.base.steps
    const before = moments[i - 1]
    const { keep: _keep, ...base } = preset.base
    const label = isLast ? "Base" : `Base after ${step} steps`
    yield* add(
      { id: baseId(step), label, stage: "base", ...(isLast ? {} : { variant: true }) },
      [base, step],
      (step - (before ?? 0)) * base.batchSize * (base.taught + base.corrupted),
      (run) =>
        Effect.flatMap(
          before === undefined ? Effect.undefined : nodeOf(baseId(before)),
          (earlier) => run(step === 0 ? Stages.published(preset) : Stages.pretrain(preset, label, step, earlier?.result))
        )
    )
  }

  yield* finetune(
    { id: "sft-none", label: "SFT (no reflection)", stage: "sft", start: "none", parent: "base" },
    [],
    Effect.succeed(Demonstrations.withoutReflection),
    "sft"
  )
  const withEcho = (model: Pick<Description, "id" | "label" | "parent" | "context" | "variant">) =>
    finetune(
      { ...model, stage: "sft", start: "echo" },
      preset.echo,
      Effect.succeed((data) => Demonstrations.withEcho(data, preset.echo.resampleRate)),
      "sft"
    )
  yield* withEcho({ id: "sft-echo", label: "SFT (echo reflection)", parent: "base" })

  // Drawn once, and only when a stage that needs it is not in the cache. Whoever asks first, the model answers in the usual grammar.
  const pool = yield* Effect.cached(
    Effect.flatMap(nodeOf(preset.expert.from ?? "base"), ({ result }) =>
      cachedValue(
        cacheFolder,
        stageHash(["own answers", preset.seed, preset.expert], result.hash, sourceDigest(SOURCES.sft)),
        Schema.Array(OwnAnswers),
        (claimed) => within(usualGrammar)(claimed(() => Stages.ownAnswers(preset, result.state.parameters)))
      ))
  )
  const fromPool = (model: Omit<Description, "parent" | "start">, method: SupervisedName) =>
    finetune(
      { ...model, start: "expert", parent: "base" },
      preset.expert,
      Effect.map(pool, (answers) => (data) => Demonstrations.withExpert(data, answers)),
      method
    )
  yield* fromPool({ id: "sft-expert", label: "SFT (expert reflection)", stage: "sft" }, "sft")
  yield* fromPool({ id: "dft-expert", label: "DFT (expert reflection)", stage: "dft" }, "dft")

  const isReinforced = options.isReinforced ?? true
  if (isReinforced) {
    for (const run of reinforcements) yield* reinforce(run)
    for (const run of preset.variants) yield* reinforce(run, { variant: true })
  }
  for (const step of moments.slice(0, -1)) {
    yield* withEcho({ id: `sft-echo-${step}`, label: `SFT (echo) of the base after ${step} steps`, parent: `base-${step}`, variant: true })
    if (isReinforced) yield* reinforce(reinforcementOfMoment(step), { variant: true })
  }
  if (isReinforced && preset.history) {
    const inHistory = { context: "history", variant: true } as const
    yield* withEcho({ id: "sft-echo-history", label: "SFT (echo), full history", parent: "base", ...inHistory })
    yield* fromPool({ id: "sft-expert-history", label: "SFT (expert), full history", stage: "sft", ...inHistory }, "sft")
    for (const start of ["echo", "expert"]) {
      yield* reinforce(
        { id: `grpo-${start}-history`, label: `GRPO from ${start}, full history`, parent: `sft-${start}-history` },
        inHistory
      )
    }
  }

  yield* progress.plan(planned)
  const stages: ReadonlyArray<ModelStage> = [...nodes.values()]
  return stages
})

/**
 * Trains, or takes from the cache, every model of `stagesOf`; `after` is what is done with a model as soon as it is trained. The result is in the
 * order of the stages, and does not depend on who was ready first.
 */
export const trainAll = Effect.fn("Models.trainAll")(function* <A, E, R> (
  preset: Preset,
  cacheFolder: string,
  within: Within,
  after: (model: TrainedModel) => Effect.Effect<A, E, R>,
  options: StageOptions = {}
) {
  const stages = yield* stagesOf(preset, cacheFolder, within, options)
  return yield* Effect.forEach(stages, (stage) => Effect.flatMap(stage, after), { concurrency: "unbounded" })
})
