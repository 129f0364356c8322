/**
 * Models that `train` made: a run's folder or one of its checkpoints as a model spec with parameters.
 *
 * @module
 */
import { dirname, join } from "node:path"
import { Effect, FileSystem, Result, Schema } from "effect"
import { ConfigError, FileError } from "../domain/Errors.ts"
import { problemOf } from "../domain/Files.ts"
import type { Parameters } from "../domain/Policy.ts"
import { configErrorOf } from "../domain/SchemaFaults.ts"
import { PretrainedSpec } from "../model/ModelSpec.ts"
import { defaultPositions } from "../model/policy/PretrainedPolicy.ts"
import { trainedLayout } from "../model/policy/TrainedLayout.ts"
import { openModel } from "../model/pretrained/PretrainedModel.ts"
import * as Checkpoint from "../training/Checkpoint.ts"
import { checkpointName, checkpointSteps } from "../training/RunFolder.ts"

type Spec = typeof PretrainedSpec.Type

/** A pretrained model, and the parameters that training gave it; without them those that it begins with. */
export interface TrainedModel {
  readonly spec: Spec
  readonly parameters?: Parameters
  /** The checkpoint's file. */
  readonly file?: string
}

/** A model with what a run gave it, after so many steps. */
export interface OpenedRun extends Required<TrainedModel> {
  readonly step: number
}

const RunFile = Schema.fromJsonString(Schema.Struct({ model: Schema.Unknown }))

const decodeRun = Schema.decodeUnknownResult(RunFile)
const decodeSpec = Schema.decodeUnknownResult(PretrainedSpec, { errors: "all" })

/** Whether a path is a run's folder or a checkpoint, and no model of its own. */
export const isRun = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  if (path.endsWith(".checkpoint")) return true
  return yield* Effect.orElseSucceed(files.exists(join(path, "run.json")), () => false)
})

const missing = (file: string, problem: string, advice: string): FileError => new FileError({ file, problem, advice })

/** The checkpoint of a path: itself, or the newest of a folder. */
const checkpointOf = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const isFolder = yield* Effect.orElseSucceed(Effect.map(files.stat(path), ({ type }) => type === "Directory"), () => false)
  if (!isFolder) return path
  const [step] = yield* checkpointSteps(path)
  if (step !== undefined) return join(path, checkpointName(step))
  return yield* missing(path, "no checkpoint is in this folder", "Name a folder that `train` wrote, or a file step-….checkpoint of one")
})

/**
 * Opens a run's newest checkpoint, or the checkpoint named; which model it is of, and what of it was trained, run.json beside it says. `path`
 * names the base model in place of the one that run.json names.
 *
 * Fails with FileError or CheckpointError for files that cannot be read, ConfigError for a run of another kind of model and for parameters that
 * are not this model's, ModelFileError for the base model's files.
 */
export const openTrained = Effect.fn("TrainedRun.open")(function* (checkpoint: string, path?: string) {
  const files = yield* FileSystem.FileSystem
  const file = yield* checkpointOf(checkpoint)
  const { parameters, step } = yield* Checkpoint.load(file)
  const runFile = join(dirname(file), "run.json")
  const text = yield* Effect.mapError(
    files.readFileString(runFile),
    (cause) => missing(runFile, problemOf(cause), "It says what was trained; keep checkpoints in the folder of their run")
  )
  const run = decodeRun(text)
  if (Result.isFailure(run)) return yield* missing(runFile, "not the settings of a run", "Name a folder that `train` wrote")
  const decoded = decodeSpec(run.success.model)
  if (Result.isFailure(decoded)) {
    return yield* new ConfigError({
      field: "--checkpoint",
      value: JSON.stringify(checkpoint),
      expected: `a run of a pretrained model; ${runFile} has another model: ${
        configErrorOf(decoded.failure, run.success.model, "model").message
      }`
    })
  }
  const spec: Spec = path === undefined ? decoded.success : { ...decoded.success, path }
  const { config } = yield* openModel(spec.path)
  const { count } = trainedLayout(config, spec.trains)
  if (parameters.length !== count) {
    return yield* new ConfigError({
      field: "--checkpoint",
      value: `${file}, of ${parameters.length} parameters`,
      expected: `the ${count} that are trained of ${spec.path} (run.json: ${JSON.stringify(spec.trains ?? "an adapter as by default")})`
    })
  }
  const broken = parameters.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0) {
    return yield* missing(file, `parameter ${broken} is ${parameters[broken]}`, "Take a checkpoint from before training diverged")
  }
  const opened: OpenedRun = { spec, parameters, file, step }
  return opened
})

const DEFAULT_RANK = 16

/** The tokens that end a text of the model, and how many tokens it reads at once. */
export const sizesOf = Effect.fnUntraced(
  function* ({ model, positions }: { readonly model: string; readonly positions: number | undefined }) {
    const { config: { context }, ends } = yield* openModel(model)
    return { ends, positions: positions ?? defaultPositions(context) }
  }
)

/** Which model is meant, and what of it is looked at. */
export interface Subject {
  /** The model; left out: the one of `checkpoint`. */
  readonly model: string | undefined
  /** A run's folder or a checkpoint of `train`. */
  readonly checkpoint: string | undefined
  /** The most tokens of prompt and response; left out: the run's, else as `PretrainedPolicy` has it. */
  readonly positions: number | undefined
  /** Left out: what the checkpoint's run trained, else an adapter. */
  readonly parameters?: "lora" | "all" | undefined
  /** An untrained adapter's rank; left out: 16, or the checkpoint's. */
  readonly rank?: number | undefined
  /** What a decision to RESAMPLE begins with. */
  readonly markers?: ReadonlyArray<string>
  /** An adapter's folder as peft writes it, merged into the model; left out: the run's, if it has one. */
  readonly adapter?: string
}

/** Opens the model that is meant, with its parameters where a run gave it some. Fails with ConfigError for settings that exclude each other, else as `openTrained`. */
export const subjectOf = Effect.fnUntraced(function* (
  { adapter, checkpoint, markers: [first, ...more] = [], model, parameters: kind, positions, rank }: Subject
) {
  const own = {
    ...(first === undefined ? {} : { markers: [first, ...more] as const }),
    ...(positions === undefined ? {} : { positions }),
    ...(adapter === undefined ? {} : { adapter })
  }
  if (checkpoint === undefined) {
    if (model === undefined) {
      return yield* new ConfigError({ field: "--model", value: "missing", expected: "a model, or a run's --checkpoint" })
    }
    const untrained: TrainedModel = {
      spec: {
        _tag: "Pretrained",
        path: model,
        ...own,
        trains: kind === "all" ? { _tag: "Whole" } : { _tag: "Adapter", rank: rank ?? DEFAULT_RANK, alpha: 2 * (rank ?? DEFAULT_RANK) }
      }
    }
    return untrained
  }
  const trained = yield* openTrained(checkpoint, model)
  const of = trained.spec.trains ?? { _tag: "Adapter" as const, rank: DEFAULT_RANK }
  if (kind !== undefined && (kind === "all") !== (of._tag === "Whole")) {
    return yield* new ConfigError({
      field: "--parameters",
      value: kind,
      expected: `${of._tag === "Whole" ? "all" : "lora"}, what this run trained; left out it is that`
    })
  }
  if (rank !== undefined && (of._tag === "Whole" || of.rank !== rank)) {
    return yield* new ConfigError({ field: "--rank", value: String(rank), expected: "no rank: the checkpoint has its own" })
  }
  const withOwn: TrainedModel = { ...trained, spec: { ...trained.spec, ...own } }
  return withOwn
})
