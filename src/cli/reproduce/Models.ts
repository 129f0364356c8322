/**
 * The models of the main job: who is trained from whom, on what, and how each stage is cached.
 *
 * @module
 */
import { Effect } from "effect"
import type { DeviceError } from "../../model/device/Device.ts"
import type { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Policy } from "../../domain/Policy.ts"
import type { Reward } from "../../domain/Reward.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Sampler } from "../../domain/Sampler.ts"
import type { Task } from "../../domain/Task.ts"
import type { Placement } from "../../model/policy/Placement.ts"
import type { ModelResult } from "../../eval/results/Results.ts"
import * as ArithmeticGrammar from "../../model/grammar/ArithmeticGrammar.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import { extendSegments } from "../../model/architecture/Segments.ts"
import { transformerSizes } from "../../model/policy/TransformerPolicy.ts"
import type { SupervisedName } from "../../training/Presets.ts"
import { fromParameters } from "../../training/TrainState.ts"
import type { Preset, Reinforcement } from "./Preset.ts"
import { cached, stageHash, type StageResult } from "./StageCache.ts"
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
) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ConfigError | PolicyError | DeviceError, R>

type Description = Omit<TrainedModel, "result" | "seconds" | "context"> & Partial<ModelGrammar>

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

/**
 * Trains, or takes from the cache, every model of the main job, parents first:
 *
 *     base ─┬─ SFT (no reflection)
 *           ├─ SFT (echo reflection) ──┬─ GRPO from echo
 *           │                          └─ GRPO from echo, decision policy only
 *           ├─ SFT (expert reflection) ── GRPO from expert
 *           └─ DFT (expert reflection)
 *
 * and, where the preset asks for them: its variants of reinforcement learning; earlier moments of the base, each with SFT (echo)
 * and GRPO from it; both starts with the full history in sight, and GRPO from each. `isReinforced: false` ends with the
 * models that reinforcement learning starts from. `device` names what computes, where it is not the usual: stages of one are not
 * taken for stages of another.
 */
export const trainAll = Effect.fn("Models.trainAll")(function* (
  preset: Preset,
  cacheFolder: string,
  within: Within,
  options: { readonly isReinforced?: boolean; readonly device?: string } = {}
) {
  const models: Array<TrainedModel> = []
  // What training sees of the task; how a model is tested later does not rename it.
  const { context: usual, maxAttempts, positions, radix, slip, trainLevels } = preset.task
  const sizesOf = (context: ModelGrammar["context"]) => {
    const { placement, tokenizer } = ArithmeticGrammar.make({ radix, maxAttempts, context, positions })
    return transformerSizes(preset.model, { placement, vocabulary: tokenizer.vocabulary })
  }
  const add = <E2, R>(
    { context = usual, singleTurn = false, ...model }: Description,
    settings: unknown,
    train: (folder: string) => Effect.Effect<Omit<StageResult, "hash">, E2, R>
  ) =>
    Effect.gen(function* () {
      const startedAt = performance.now()
      const parent = models.find(({ id }) => id === model.parent)?.result
      const trained = { context, maxAttempts, positions, radix, slip, trainLevels }
      const hash = stageHash(
        [
          model.id,
          preset.seed,
          preset.shards,
          trained,
          preset.model,
          settings,
          ...(options.device === undefined ? [] : [options.device])
        ],
        parent?.hash ?? "",
        sourceDigest(SOURCES[model.stage])
      )
      const result = yield* cached(cacheFolder, hash, (folder) => within({ context, singleTurn })(train(folder)))
      models.push({ ...model, context, result, seconds: (performance.now() - startedAt) / 1000 })
      return result
    })

  const finetune = (
    model: Description,
    parent: StageResult,
    settings: unknown,
    make: (data: Demonstrations.DataConfig) => Demonstrations.Demonstration,
    method: SupervisedName
  ) =>
    add(
      model,
      [preset.sft, settings],
      Stages.finetune(preset, model.label, parent.state.parameters, make, method)
    )

  const reinforce = ({ id, label, parent, singleTurn, ...settings }: Reinforcement, more: Partial<Description> = {}) => {
    const from = models.find((model) => model.id === parent)
    if (from === undefined) return Effect.die(new Error(`${id} starts from ${parent}, which is no model of this preset`))
    const model: Description = {
      id,
      label,
      stage: "rl",
      parent,
      context: from.context,
      ...(from.start === undefined ? {} : { start: from.start }),
      ...(singleTurn === true ? { singleTurn } : {}),
      ...more
    }
    return add(
      model,
      [preset.grpo, settings, singleTurn === true],
      Stages.reinforce(preset, label, from.result.state.parameters, settings)
    )
  }

  // The base, and earlier moments of it.
  const moments: Array<{ readonly step: number; readonly result: StageResult }> = []
  for (const step of [...preset.base.keep.filter((kept) => kept < preset.base.steps), preset.base.steps]) {
    const before = moments.at(-1)?.result
    const isLast = step === preset.base.steps
    const { keep: _keep, ...base } = preset.base
    const result = yield* add(
      isLast
        ? { id: "base", label: "Base", stage: "base" }
        : { id: `base-${step}`, label: `Base after ${step} steps`, stage: "base", variant: true },
      [base, step],
      Stages.pretrain(preset, step, before)
    )
    moments.push({ step, result })
  }
  const base = moments.at(-1)!.result

  yield* finetune(
    { id: "sft-none", label: "SFT (no reflection)", stage: "sft", start: "none", parent: "base" },
    base,
    [],
    Demonstrations.withoutReflection,
    "sft"
  )
  const withEcho = (model: Pick<Description, "id" | "label" | "parent" | "context" | "variant">, parent: StageResult) =>
    finetune(
      { ...model, stage: "sft", start: "echo" },
      parent,
      preset.echo,
      (data) => Demonstrations.withEcho(data, preset.echo.resampleRate),
      "sft"
    )
  yield* withEcho({ id: "sft-echo", label: "SFT (echo reflection)", parent: "base" }, base)

  // Drawn once, and only when a stage that needs it is not in the cache.
  // Whoever asks first, the base answers in its own grammar.
  const usualServices = yield* Effect.context<Policy | Sampler | Grammar | Placement | Task | Reward>()
  const pool = yield* Effect.cached(Effect.provideContext(Stages.ownAnswers(preset, base.state.parameters), usualServices))
  const fromPool = (model: Omit<Description, "parent" | "start">, parent: StageResult, method: SupervisedName) =>
    add(
      { ...model, start: "expert", parent: "base" },
      [preset.sft, preset.expert],
      (folder) =>
        Effect.flatMap(pool, (answers) =>
          Stages.finetune(preset, model.label, parent.state.parameters, (data) =>
            Demonstrations.withExpert(data, answers), method)(folder))
    )
  yield* fromPool({ id: "sft-expert", label: "SFT (expert reflection)", stage: "sft" }, base, "sft")
  yield* fromPool({ id: "dft-expert", label: "DFT (expert reflection)", stage: "dft" }, base, "dft")

  const earlier = moments.slice(0, -1)
  const echoOfMoment = ({ result, step }: (typeof moments)[number]) =>
    withEcho(
      { id: `sft-echo-${step}`, label: `SFT (echo) of the base after ${step} steps`, parent: `base-${step}`, variant: true },
      result
    )
  if (options.isReinforced === false) {
    for (const moment of earlier) yield* echoOfMoment(moment)
    return models
  }
  for (const run of reinforcements) yield* reinforce(run)
  for (const run of preset.variants) yield* reinforce(run, { variant: true })

  for (const moment of earlier) {
    yield* echoOfMoment(moment)
    yield* reinforce(reinforcementOfMoment(moment.step), { variant: true })
  }

  if (preset.history) {
    const parameters = extendSegments(base.state.parameters, sizesOf(usual), sizesOf("history").segments)
    const extended: StageResult = { ...base, state: fromParameters(parameters, preset.seed) }
    const inHistory = { context: "history", variant: true } as const
    yield* withEcho({ id: "sft-echo-history", label: "SFT (echo), full history", parent: "base", ...inHistory }, extended)
    yield* fromPool(
      { id: "sft-expert-history", label: "SFT (expert), full history", stage: "sft", ...inHistory },
      extended,
      "sft"
    )
    for (const start of ["echo", "expert"]) {
      yield* reinforce(
        { id: `grpo-${start}-history`, label: `GRPO from ${start}, full history`, parent: `sft-${start}-history` },
        inHistory
      )
    }
  }
  return models
})
