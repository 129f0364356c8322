/**
 * What training made of a pretrained model, taken away: as an adapter that peft or llama.cpp reads, or as a whole model.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { problemOf, refused as refusedFile } from "../../domain/Files.ts"
import { DEFAULT_TRAINING, loraSize } from "../../model/policy/PretrainedPolicy.ts"
import { writeGgufAdapter } from "../../model/pretrained/GgufAdapter.ts"
import { type LoraWeights, mergeAdapter, sumAdapters, withWeights } from "../../model/pretrained/LoraWeights.ts"
import { writeModel } from "../../model/pretrained/ModelFolder.ts"
import { readPeftAdapter, writePeftAdapter } from "../../model/pretrained/PeftAdapter.ts"
import { openModel, type PretrainedModel } from "../../model/pretrained/PretrainedModel.ts"
import type { ExportForm } from "./ExportForms.ts"
import { openTrained } from "../TrainedRun.ts"

/** What is asked for. */
export interface ExportOptions {
  /** A run's folder, a checkpoint in one, or an adapter's folder as peft writes it. */
  readonly from: string
  readonly as: ExportForm
  readonly out: string
  /** The model's files, where they lie elsewhere than the run says; of an adapter's folder the model that it belongs to. */
  readonly model?: string
  /** What a peft folder calls the model that it belongs to. */
  readonly base?: string
}

/** What was written. */
export interface Exported {
  /** The folder, or the file of a GGUF adapter. */
  readonly path: string
  readonly as: ExportOptions["as"]
  /** The model that it was made from. */
  readonly model: string
  /** The step of the checkpoint; none of an adapter's folder. */
  readonly step?: number
  readonly rank?: number
  readonly alpha?: number
}

/** The model as it was published, and what training made of it: an adapter to it, or all its weights. */
interface Trained {
  readonly model: PretrainedModel
  /** As it was called. */
  readonly name: string
  readonly step?: number
  readonly result: LoraWeights | Float32Array
}

const refused = (field: string, value: string, expected: string): ConfigError => new ConfigError({ field, value, expected })

/** Fails unless the folder is new or empty: what lies there would stay beside what is written, and be read with it. */
const checkRoom = Effect.fnUntraced(function* (out: string) {
  const files = yield* FileSystem.FileSystem
  const failed = refusedFile(out, "Name a folder that is new or empty")
  if (!(yield* Effect.mapError(files.exists(out), failed))) return
  const names = yield* Effect.mapError(files.readDirectory(out), failed)
  if (names.length === 0) return
  return yield* new FileError({ file: out, problem: `the folder holds ${names[0]} already`, advice: "Give another --out, or empty it" })
})

const fromRun = Effect.fnUntraced(function* ({ from, model: elsewhere }: ExportOptions) {
  const { parameters, spec, step } = yield* openTrained(from, elsewhere)
  const { adapter, path: name, trains = DEFAULT_TRAINING } = spec
  const model = yield* openModel(name)
  const before = adapter === undefined ? undefined : yield* readPeftAdapter(adapter, model)
  if (trains._tag === "Whole") return { model, name, step, result: parameters }
  const trained: LoraWeights = { ...loraSize(trains), parameters }
  return { model, name, step, result: before === undefined ? trained : sumAdapters(model.config, before, trained) }
})

const fromAdapter = Effect.fnUntraced(function* ({ from, model: name }: ExportOptions) {
  if (name === undefined) return yield* refused("--model", "missing", `the model that the adapter ${from} belongs to`)
  const model = yield* openModel(name)
  return { model, name, result: yield* readPeftAdapter(from, model) }
})

const read = Effect.fnUntraced(function* (options: ExportOptions) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const failed = refusedFile(options.from, "Name a run's folder, a checkpoint, or an adapter's folder")
  const { type } = yield* Effect.mapError(files.stat(options.from), failed)
  const isAdapter = type === "Directory" &&
    (yield* Effect.mapError(files.exists(path.join(options.from, "adapter_config.json")), failed))
  const trained: Trained = isAdapter ? yield* fromAdapter(options) : yield* fromRun(options)
  return trained
})

const merged = ({ model, result }: Trained): Effect.Effect<PretrainedModel, ConfigError> => {
  if (!(result instanceof Float32Array)) return Effect.succeed(mergeAdapter(model, result))
  return Effect.try({
    try: () => withWeights(model, result),
    catch: (cause) => refused("the model", model.path, `that of the checkpoint (${cause instanceof Error ? cause.message : String(cause)})`)
  })
}

/**
 * Writes what a run of `train` made of a pretrained model, from its newest checkpoint or from the one that is named. An adapter that the run's model had
 * from the start (`model.adapter`) is part of what is written: the two are added, so their ranks are.
 *
 * Fails with ConfigError for a run whose result has no such form, with FileError, CheckpointError and ModelFileError for files that cannot be used.
 */
export const exportModel = Effect.fn("Export.exportModel")(function* (options: ExportOptions) {
  const { as, base, out } = options
  yield* checkRoom(out)
  const path = yield* Path.Path
  const trained = yield* read(options)
  const { model, name, result, step } = trained
  const facts = { as, model: name, ...(step === undefined ? {} : { step }) }
  if (as === "merged") {
    yield* writeModel(out, yield* merged(trained))
    const exported: Exported = { path: out, ...facts }
    return exported
  }
  if (result instanceof Float32Array) {
    return yield* refused("--as", as, "merged: the run trained every weight (trains: Whole), so there is no adapter")
  }
  const { alpha, rank } = result
  if (as === "peft") {
    yield* writePeftAdapter(out, model, result, base ?? name)
    const exported: Exported = { path: out, ...facts, rank, alpha }
    return exported
  }
  const files = yield* FileSystem.FileSystem
  yield* Effect.mapError(
    files.makeDirectory(out, { recursive: true }),
    (cause) =>
      new FileError({ file: out, problem: problemOf(cause), advice: "May the folder be written to, and is there room on the disk?" })
  )
  const file = path.join(out, "adapter.gguf")
  yield* writeGgufAdapter(file, model, result)
  const exported: Exported = { path: file, ...facts, rank, alpha }
  return exported
})
