/**
 * The main job: train the models, evaluate them level by level, compare them, and write results.json and report.html.
 *
 * @module
 */
import { availableParallelism } from "node:os"
import { basename } from "node:path"
import { Effect, FileSystem, Layer, Path, Schema, Semaphore } from "effect"
import { writeAtomically } from "../../domain/WholeFile.ts"
import { toTwoStage } from "../../domain/GradientParts.ts"
import { ConfigError } from "../../domain/Errors.ts"
import { RolloutRow } from "../../domain/Group.ts"
import * as Jsonl from "../../domain/Jsonl.ts"
import { Reward } from "../../domain/Reward.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { Outcome, Query } from "../../domain/Query.ts"
import { Rollout } from "../../domain/Trajectory.ts"
import { toEvaluated } from "../../eval/calibration/Evaluate.ts"
import type { TransformerConfig } from "../../model/architecture/Transformer.ts"
import { calibrate } from "../../eval/calibration/Calibrate.ts"
import { PAPER_METHOD } from "../../eval/calibration/Method.ts"
import { compare } from "../../eval/calibration/Compare.ts"
import { paperTable1 } from "../../eval/results/PaperNumbers.ts"
import { renderReport } from "../../eval/report/Report.ts"
import { Machine } from "../../eval/results/Machine.ts"
import { type ModelResult, Results, RESULTS_VERSION } from "../../eval/results/Results.ts"
import { summarize } from "../../eval/results/Summary.ts"
import * as RolloutLog from "../../training/RolloutLog.ts"
import { Task } from "../../domain/Task.ts"
import { reasonOf } from "../../model/device/Auto.ts"
import { resolveDevice } from "../../model/device/NamedDevice.ts"
import { choiceOf, type ProductChoice, type Products } from "../../model/device/Products.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import type { ModelSpec } from "../../model/ModelSpec.ts"
import * as TaskSpec from "../../tasks/TaskSpec.ts"
import { Progress } from "../Progress.ts"
import { evaluateModel, examples, testLevels } from "./Evaluation.ts"
import { machineOf } from "./MachineOf.ts"
import { type ModelGrammar, type ModelStage, type StageOptions, stagesOf, trainAll, type Within } from "./Models.ts"
import { modelDigest } from "./ModelDigest.ts"
import { type Preset, presets, pretrainedOf } from "./Preset.ts"
import { sourceDigest } from "./SourceDigest.ts"
import { cachedValue, stageHash } from "./StageCache.ts"
import { theoryResults } from "./TheoryResults.ts"
import { verifierByLevel } from "./Verifier.ts"

/** Settings of one run of the main job. */
export interface ReproduceOptions {
  readonly preset: Preset
  /** Where results.json, report.html and the rest go. */
  readonly out: string
  /** Where trained stages are kept between runs. */
  readonly cache: string
  /** Threads; they change the speed, not the results. */
  readonly workers: number
  /** What multiplies matrices. Left out: the relaxed kernels, whatever a machine has besides, because published results are theirs. */
  readonly products?: Products
}

/** Settles what multiplies matrices. Fails with why it cannot be had. */
export const settleProducts = (choice: ProductChoice): Effect.Effect<Products, ConfigError> =>
  choice === "relaxed"
    ? Effect.succeed({ kind: "relaxed", by: "own kernels" })
    : Effect.flatMap(
      Effect.mapError(
        resolveDevice("wasm", { products: choice }),
        (error) => new ConfigError({ field: "--products", value: choice, expected: `products that can be had here: ${reasonOf(error)}` })
      ),
      ({ info: { products } }) =>
        products === undefined ? Effect.die("The wasm device does not say what multiplies.") : Effect.succeed(products)
    )

/** How products are told in results and in the names of stages; undefined for the usual ones. */
const unusual = (products: Products | undefined): string | undefined =>
  products === undefined || products.kind === "relaxed" ? undefined : `wasm, ${products.kind} products: ${products.by}`

/** Finds a preset by name, with another seed or another place of its pretrained model if one is given. */
export const findPreset = (name: string, seed: number | undefined, model?: string): Effect.Effect<Preset, ConfigError> => {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined
  if (preset === undefined) {
    return Effect.fail(new ConfigError({ field: "--preset", value: name, expected: `one of ${Object.keys(presets).join(", ")}` }))
  }
  const seeded: Preset = { ...preset, seed: seed ?? preset.seed }
  if (model === undefined) return Effect.succeed(seeded)
  const pretrained = pretrainedOf(preset)
  return pretrained === undefined
    ? Effect.fail(
      new ConfigError({
        field: "--model",
        value: JSON.stringify(model),
        expected: `a preset with a pretrained model: ${name} trains its own from scratch`
      })
    )
    : Effect.succeed({ ...seeded, model: { ...pretrained, path: model } })
}

/** As many threads as cores, but no more than there are shards to compute. */
export const defaultWorkers = (preset: Preset): number => Math.max(1, Math.min(availableParallelism(), preset.shards))

/** The model of a preset as a spec, in its own grammar or another. */
export const modelSpec = (preset: Preset, { context, singleTurn }: ModelGrammar): ModelSpec => {
  const pretrained = pretrainedOf(preset)
  if (pretrained !== undefined) return { ...pretrained, answers: "integer", ...(singleTurn ? { singleTurn } : {}) }
  const { maxAttempts, positions, radix } = preset.task
  const words = { _tag: "Arithmetic", radix, maxAttempts, context, positions, ...(singleTurn ? { singleTurn } : {}) } as const
  return { _tag: "Columns", words, transformer: preset.model as TransformerConfig }
}

/** The services of a preset, in its own grammar or another: task, words, transformer policy computed by worker threads, exact reward. */
export const services = (
  { preset, products, workers }: Pick<ReproduceOptions, "preset" | "workers" | "products">,
  grammar: ModelGrammar = { context: preset.task.context, singleTurn: false }
) => {
  const [first, ...rest] = preset.task.trainLevels
  const task = TaskSpec.layer({ _tag: "Multiplication", radix: preset.task.radix, levels: [first ?? "1x1", ...rest] })
  return ModelLayer.layer(modelSpec(preset, grammar), {
    products: choiceOf(products?.kind ?? "relaxed"),
    threads: { workers, shards: preset.shards }
  }).pipe(
    Layer.merge(Reward.layerExact.pipe(Layer.provideMerge(task)))
  )
}

/** The modules that a model's responses depend on. */
const TESTED = ["cli/reproduce/Evaluation", "model/ModelLayer", "model/parallel/Worker", "tasks/TaskSpec"]

const Groups = Schema.Array(
  Schema.Struct({ query: Query, members: Schema.Array(Schema.Struct({ trajectory: Rollout, outcome: Outcome, reward: Schema.Finite })) })
)

/** A model's graded responses. Those of a language model take minutes, and are kept. */
const testModel = Effect.fnUntraced(function* ({ cache, preset }: ReproduceOptions, model: string, parameters: Parameters) {
  const sampled = Effect.map(evaluateModel(preset, parameters), ({ groups }) => groups)
  if (pretrainedOf(preset) === undefined) return yield* evaluateModel(preset, parameters)
  const { generations, maxTokens, testLevels: levels, testPerLevel } = preset.task
  const name = stageHash(["tested", preset.seed, levels, testPerLevel, generations, maxTokens], model, sourceDigest(TESTED))
  const groups = yield* cachedValue(cache, name, Groups, (claimed) => claimed(() => sampled))
  return { groups, rollouts: toEvaluated(groups) }
})

/** Where stages run: how many at once and in whose grammar; and what they are named by beside their settings. */
const stageRoom = Effect.fnUntraced(function* (options: ReproduceOptions) {
  const { preset } = options
  const pretrained = pretrainedOf(preset)
  // One stage more at once than there are threads: what some leave idle between two calls, the others use.
  // A language model's are many times larger, and leave nothing idle.
  const stagesAtOnce = yield* Semaphore.make(pretrained === undefined ? options.workers + 1 : 1)
  const within: Within = (grammar) => (effect) =>
    stagesAtOnce.withPermits(1)(
      grammar.context === preset.task.context && !grammar.singleTurn ? effect : Effect.provide(effect, services(options, grammar))
    )
  const device = unusual(options.products)
  const named: StageOptions = {
    ...(pretrained === undefined ? {} : { modelDigest: yield* modelDigest(pretrained.path) }),
    ...(device === undefined ? {} : { device })
  }
  return { within, named }
})

/**
 * Computes all stages of a preset that nobody else computes, into the cache; returns what others compute, because of which some are missing.
 * Where nothing is returned, `reproduce` finds all of them.
 */
export const computeStages = Effect.fn("Reproduce.computeStages")(function* (options: ReproduceOptions) {
  const { cache, preset } = options
  const { named, within } = yield* stageRoom(options)
  const compute = (stage: ModelStage) =>
    Effect.gen(function* () {
      const model = yield* stage
      // What reproduce keeps of a test is a stage of its own.
      if (pretrainedOf(preset) === undefined) return []
      yield* testModel(options, model.result.hash, model.result.state.parameters).pipe(
        within({ context: model.context, singleTurn: false })
      )
      return []
    }).pipe(Effect.catchTag("StageBusy", (busy) => Effect.succeed([busy])))
  const stages = yield* stagesOf(preset, cache, within, named)
  const busy = yield* Effect.forEach(stages, compute, { concurrency: "unbounded" })
  return [...new Map(busy.flat().map((each) => [each.name, each])).values()]
})

/** Runs the main job and returns where its report is. */
export const reproduce = Effect.fn("Reproduce.reproduce")(function* (options: ReproduceOptions) {
  const { cache, out, preset } = options
  const path = yield* Path.Path
  const files = yield* FileSystem.FileSystem
  const progress = yield* Progress
  const startedAt = performance.now()

  const { named, within } = yield* stageRoom(options)
  const pretrained = pretrainedOf(preset)
  const methodOf = (cap: number) => ({
    ...PAPER_METHOD,
    cap,
    rounds: preset.bootstrapRounds,
    seed: preset.seed,
    levels: preset.task.testLevels,
    trainLevels: preset.task.trainLevels
  })
  const tested = yield* trainAll(preset, cache, within, (model) =>
    Effect.gen(function* () {
      const { parameters } = model.result.state
      const stage = yield* progress.stage(`${model.label}, tested`, 1)
      const { groups, rollouts } = yield* testModel(options, model.result.hash, parameters)
      const verifier = model.stage === "base" && pretrained === undefined
        ? yield* verifierByLevel(parameters, groups, preset.task.radix)
        : undefined
      const rows = yield* RolloutLog.rows({ source: model.id, step: 0, groups })
      yield* Jsonl.write(path.join(out, RolloutLog.FOLDER, `${model.id}.jsonl`), RolloutRow, rows)
      yield* Jsonl.write(path.join(out, "metrics", `${model.id}.jsonl`), Schema.Record(Schema.String, Schema.Finite), model.result.metrics)
      yield* stage.done(`${rollouts.length} rollouts`)
      return { ...model, verifier, rollouts, examples: yield* examples(groups, 2) }
    }).pipe(within({ context: model.context, singleTurn: false })), named)
  // Text has no cap of its own: that of the longest response of any model.
  const longest = Math.max(1, ...tested.flatMap(({ rollouts }) => rollouts.map(({ attempts }) => attempts.length)))
  const cap = pretrained === undefined ? preset.task.maxAttempts : longest
  const calibrationOptions = methodOf(cap)
  const evaluated = tested.map((model) => ({ ...model, calibration: calibrate(model.rollouts, calibrationOptions) }))

  const models = evaluated.map((
    { calibration, examples: shown, id, label, parent, result, stage, start, variant, verifier }
  ): ModelResult => ({
    id,
    label,
    stage,
    ...(start === undefined ? {} : { start }),
    ...(parent === undefined ? {} : { parent }),
    ...(variant === undefined ? {} : { variant }),
    ...(verifier === undefined ? {} : { verifier }),
    steps: result.steps,
    calibration,
    examples: shown
  }))
  const between = (from: string | undefined, to: string) => {
    const [before, after] = [from, to].map((id) => evaluated.find((model) => model.id === id))
    return before === undefined || after === undefined ? [] : [compare(before, after, calibrationOptions)]
  }
  // Every model against the one it started from, and DFT against SFT on the same demonstrations.
  const comparisons = [...evaluated.flatMap(({ id, parent }) => between(parent, id)), ...between("sft-expert", "dft-expert")]
  const task = {
    radix: preset.task.radix,
    trainLevels: preset.task.trainLevels,
    testLevels: preset.task.testLevels,
    testPerLevel: preset.task.testPerLevel,
    cap,
    ...(pretrained === undefined ? {} : { model: basename(pretrained.path) })
  }
  const results: Results = {
    version: RESULTS_VERSION,
    preset: preset.name,
    seed: preset.seed,
    ...(named.device === undefined ? {} : { device: named.device }),
    task,
    models,
    training: evaluated.map(({ id, result }) => ({ model: id, rows: result.metrics })),
    attribution: evaluated.map(({ id, result }) => ({ model: id, rows: result.attribution.map(toTwoStage) })),
    ...theoryResults(),
    paperTable1,
    comparisons,
    summary: summarize({ models: models.filter(({ variant }) => variant !== true), comparisons, task })
  }
  const timings = {
    ...Object.fromEntries(evaluated.map(({ id, seconds }) => [id, seconds])),
    total: (performance.now() - startedAt) / 1000
  }
  const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value, null, 2) + "\n")
  const encoded = yield* Schema.encodeEffect(Results)(results)
  const overlaps = testLevels(yield* Task, preset).map(({ isTrained, level, set }) => ({
    level,
    isTrained,
    problems: set.queries.length,
    available: set.available,
    overlapWithTraining: set.overlap
  }))
  const machine = machineOf(options, evaluated.filter(({ seconds }) => seconds === 0).length)
  yield* writeAtomically(path.join(out, "timings.json"), json(timings))
  yield* writeAtomically(path.join(out, "machine.json"), json(yield* Schema.encodeEffect(Machine)(machine)))
  yield* writeAtomically(path.join(out, "preset.json"), json({ ...preset, testSets: overlaps }))
  const report = path.join(out, "report.html")
  yield* writeAtomically(report, new TextEncoder().encode(yield* renderReport({ ...results, timings, machine })))
  // Last: where it is, a sweep takes all of it for written.
  yield* writeAtomically(path.join(out, "results.json"), json(encoded))
  return { report: yield* files.realPath(report), results, timings }
})
