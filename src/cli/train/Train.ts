/**
 * Training from a configuration file: the services, the data and the trainer that it describes, in a folder of its own.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { availableParallelism } from "node:os"
import { Effect, FileSystem, Layer } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { Reward } from "../../domain/Reward.ts"
import { fold, type Seed } from "../../domain/Seed.ts"
import * as Task from "../../tasks/Multiplication.ts"
import { failing } from "../../domain/Throws.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import * as ArithmeticTokenizer from "../../model/grammar/ArithmeticTokenizer.ts"
import * as Checkpoint from "../../training/Checkpoint.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import { reasonOf } from "../../model/device/Auto.ts"
import { type DeviceChoice, type DeviceName, hasOneAThread } from "../../model/device/DeviceName.ts"
import { layerNamed, resolveDevice } from "../../model/device/NamedDevice.ts"
import * as GroupRelativeTrainer from "../../training/GroupRelativeTrainer.ts"
import { drawOwnAnswers } from "../../training/OwnAnswers.ts"
import * as ParallelPolicy from "../../model/parallel/ParallelPolicy.ts"
import * as TransformerPolicy from "../../model/policy/TransformerPolicy.ts"
import * as Run from "../../training/Run.ts"
import * as SingleTurn from "../../model/grammar/SingleTurn.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import * as TrainConfig from "../../training/TrainConfig.ts"
import { fromParameters, initialize, type TrainState } from "../../training/TrainState.ts"
import { Progress } from "../Progress.ts"
import { record } from "./Telemetry.ts"

/** What the command line says. */
export interface TrainOptions {
  readonly trainer: (typeof TrainConfig.SUPERVISED_NAMES)[number] | (typeof TrainConfig.GROUP_RELATIVE_NAMES)[number]
  readonly config: string
  readonly out: string
  readonly isResumed: boolean
  /** In place of the configuration's. */
  readonly device?: DeviceChoice
}

type AnyRun = TrainConfig.SupervisedRun | TrainConfig.GroupRelativeRun

const services = (run: AnyRun, device: DeviceName) => {
  const isSingleTurn = "singleTurn" in run && run.singleTurn === true
  const tokenizer = isSingleTurn
    ? SingleTurn.layer.pipe(Layer.provide(ArithmeticTokenizer.layer(run.tokenizer)))
    : ArithmeticTokenizer.layer(run.tokenizer)
  const shards = run.shards ?? 1
  const workers = hasOneAThread(device) ? Math.min(shards, availableParallelism()) : 1
  const policy = shards > 1
    ? ParallelPolicy.layerArithmetic({ workers, shards, device, transformer: run.model, tokenizer: run.tokenizer })
    : TransformerPolicy.layer(run.model).pipe(Layer.provide(tokenizer), Layer.provide(layerNamed(device)))
  return Layer.mergeAll(tokenizer, policy, Reward.layerExact)
}

/** What the schema cannot say: settings that exclude each other, radixes and levels that do not fit. */
const check = (run: AnyRun): Effect.Effect<ReadonlyArray<Task.Level>, ConfigError> =>
  Effect.suspend(() => {
    if (run.task.radix !== run.tokenizer.radix) {
      return Effect.fail(
        new ConfigError({ field: "tokenizer.radix", value: String(run.tokenizer.radix), expected: `the task's, ${run.task.radix}` })
      )
    }
    if ("demonstrations" in run && run.demonstrations.kind === "expert" && run.start === undefined) {
      return Effect.fail(
        new ConfigError({ field: "start", value: "missing", expected: "a checkpoint: the expert judges the answers of its model" })
      )
    }
    if ("singleTurn" in run && run.singleTurn === true && (run.shards ?? 1) > 1) {
      return Effect.fail(
        new ConfigError({ field: "shards", value: String(run.shards), expected: "1 with singleTurn: threads have a grammar of their own" })
      )
    }
    return failing([ConfigError], () => run.task.levels.map((level) => Task.validateLevel(run.task, Task.parseLevel(level))))
  })

/** The device that a run computes on, told to the reader. Fails with why it cannot be used. */
const deviceOf = Effect.fnUntraced(function* (options: TrainOptions, run: AnyRun) {
  const choice = options.device ?? run.device ?? "wasm"
  const progress = yield* Progress
  yield* progress.stage("device", 1)
  const { info, name } = yield* resolveDevice(choice).pipe(
    Effect.mapError((error) =>
      new ConfigError({
        field: "device",
        value: choice,
        expected: `one that works here: ${reasonOf(error)}. \`decision-sampling doctor\` examines all`
      })
    )
  )
  yield* progress.done(`${name}: ${info.description}`)
  return name
})

/** SHA-256 of the parameters that a run starts from, where a file gives them: part of its settings, because files change. */
const startDigest = (run: AnyRun, { parameters }: TrainState) =>
  run.start === undefined
    ? {}
    : {
      startDigest: createHash("sha256").update(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)).digest(
        "hex"
      )
    }

const startOf = Effect.fnUntraced(function* (run: AnyRun) {
  const fresh = yield* initialize(run.seed)
  if (run.start === undefined) return fresh
  const { parameters } = yield* Checkpoint.load(run.start)
  if (parameters.length === fresh.parameters.length) return fromParameters(parameters, run.seed)
  return yield* new ConfigError({
    field: "model",
    value: `one of ${fresh.parameters.length} parameters`,
    expected: `that of ${run.start}, which has ${parameters.length}`
  })
})

const shown = (names: ReadonlyArray<string>, metrics: Readonly<Record<string, number>>): string =>
  names.flatMap((name) => (metrics[name] === undefined ? [] : [`${name} ${metrics[name].toFixed(3)}`])).join("  ")

/** Runs a trainer with progress: the metrics that matter to it, and the last measured split of its gradient. */
const supervise = Effect.fnUntraced(function* <E extends { readonly message: string }, R> (
  options: TrainOptions,
  run: AnyRun,
  device: DeviceName,
  names: ReadonlyArray<string>,
  rest: Pick<Run.RunOptions<E, R>, "start" | "train">
) {
  const progress = yield* Progress
  const show = yield* progress.stage(options.trainer, run.steps)
  const { checkpointEvery, steps, ...settings } = run
  let split = ""
  let text = ""
  const last = yield* Run.run({
    ...rest,
    folder: options.out,
    settings: { trainer: options.trainer, ...settings, device, ...startDigest(run, rest.start) },
    steps,
    checkpointEvery,
    isResumed: options.isResumed,
    onStep: (report) =>
      Effect.suspend(() => {
        const total = report.attribution.find(({ part }) => part === "total")
        if (total !== undefined) {
          split = `  ‖g_S‖ ${total.normSampling.toPrecision(2)} ‖g_D‖ ${total.normDecision.toPrecision(2)} cos ${total.cosine.toFixed(2)}`
        }
        text = shown(names, report.metrics) + split
        show(report.state.step, text)
        return record(report)
      })
  })
  yield* progress.done(text === "" ? `complete at step ${last.step}` : text)
  return last
})

/** What a supervised run learns from: example `index` of a seed. Expert demonstrations are made of the start model's own answers. */
const demonstrationOf = Effect.fnUntraced(
  function* (
    { demonstrations, seed, task, tokenizer: { maxAttempts } }: TrainConfig.SupervisedRun,
    levels: ReadonlyArray<Task.Level>,
    start: Parameters
  ) {
    const tokenizer = yield* Tokenizer
    const data = { task, levels, maxAttempts, slip: "slip" in demonstrations ? demonstrations.slip : 0 }
    switch (demonstrations.kind) {
      case "none":
        return Demonstrations.withoutReflection(data, tokenizer)
      case "echo":
        return Demonstrations.withEcho(data, tokenizer, demonstrations.resampleRate)
      case "pretraining":
        return Demonstrations.pretraining(data, tokenizer, demonstrations)
      case "expert":
        return Demonstrations.withExpert(data, tokenizer, yield* drawOwnAnswers(data, start, demonstrations, seed))
    }
  }
)

const runSupervised = Effect.fnUntraced(
  function* (options: TrainOptions, name: (typeof TrainConfig.SUPERVISED_NAMES)[number], run: TrainConfig.SupervisedRun) {
    const levels = yield* check(run)
    const device = yield* deviceOf(options, run)
    return yield* Effect.gen(function* () {
      const start = yield* startOf(run)
      const demonstration = yield* demonstrationOf(run, levels, start.parameters)
      const train = SupervisedTrainer.train(TrainConfig.supervised(name, run), demonstration)
      return yield* supervise(options, run, device, ["loss", "loss/nll"], { start, train })
    }).pipe(Effect.provide(services(run, device)))
  }
)

const runGroups = Effect.fnUntraced(
  function* (options: TrainOptions, name: (typeof TrainConfig.GROUP_RELATIVE_NAMES)[number], run: TrainConfig.GroupRelativeRun) {
    const levels = yield* check(run)
    const config = TrainConfig.groupRelative(name, run)
    if (typeof config.advantage !== "function" && config.advantage._tag === "LeaveOneOut" && config.groupSize < 2) {
      return yield* new ConfigError({
        field: "groupSize",
        value: String(config.groupSize),
        expected: "at least 2: a rollout is compared with the others of its group"
      })
    }
    const device = yield* deviceOf(options, run)
    const queries = (seed: Seed, step: number) =>
      Array.from(
        { length: run.queries },
        (_, i) => Task.toQuery(run.task, Task.trainProblem(run.task, levels[i % levels.length], fold(seed, "query", step, i)))
      )
    return yield* Effect.gen(function* () {
      const fresh = yield* startOf(run)
      const start = config.kl._tag === "None" ? fresh : { ...fresh, reference: fresh.parameters }
      const metrics = ["reward", "p_sample", "p_stop_given_correct", "p_resample_given_wrong"]
      return yield* supervise(options, run, device, metrics, {
        start,
        train: GroupRelativeTrainer.train(config, fresh.parameters, queries)
      })
    }).pipe(Effect.provide(services(run, device)))
  }
)

const isSupervised = (name: TrainOptions["trainer"]): name is (typeof TrainConfig.SUPERVISED_NAMES)[number] =>
  TrainConfig.SUPERVISED_NAMES.some((supervised) => supervised === name)

/** Trains as the configuration file says and returns the last state. */
export const train = Effect.fn("Train.train")(function* (options: TrainOptions) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(options.config).pipe(
    Effect.mapError((cause) =>
      new FileError({ file: options.config, problem: cause.message, advice: "Does the configuration exist, and may it be read?" })
    )
  )
  const { trainer } = options
  if (isSupervised(trainer)) return yield* runSupervised(options, trainer, yield* TrainConfig.decode(TrainConfig.SupervisedRun, text))
  return yield* runGroups(options, trainer, yield* TrainConfig.decode(TrainConfig.GroupRelativeRun, text))
})
