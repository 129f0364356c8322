/**
 * The model that a run of `train` made: its spec from run.json, its parameters from a checkpoint.
 *
 * @module
 */
import { Effect, FileSystem, Path, Schema } from "effect"
import { FileError } from "../domain/Errors.ts"
import type { Parameters } from "../domain/Policy.ts"
import { ModelSpec } from "../model/ModelSpec.ts"
import * as Checkpoint from "../training/Checkpoint.ts"
import * as RunFolder from "../training/RunFolder.ts"

const RunFile = Schema.fromJsonString(Schema.Struct({ model: ModelSpec }))

/** A trained model. */
export interface RunModel {
  readonly spec: ModelSpec
  readonly parameters: Parameters
  /** The checkpoint that they are from. */
  readonly file: string
}

/**
 * Reads the model of a run's folder (its newest checkpoint) or of one checkpoint in it. Fails with FileError where there is none, or run.json
 * is not that of a run, and with CheckpointError for a damaged checkpoint.
 */
export const readRunModel = Effect.fn("RunModel.readRunModel")(function* (place: string) {
  const [files, path] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const refuse = (file: string, problem: string) =>
    new FileError({ file, problem, advice: "Name the folder that `train --out` wrote, or a .checkpoint file in it" })
  const isFile = place.endsWith(".checkpoint")
  const folder = isFile ? path.dirname(place) : place
  const settings = path.join(folder, "run.json")
  const text = yield* Effect.mapError(files.readFileString(settings), ({ message }) => refuse(settings, message))
  const { model: spec } = yield* Effect.mapError(
    Schema.decodeUnknownEffect(RunFile)(text),
    ({ message }) => refuse(settings, `no run's settings: ${message}`)
  )
  const [newest] = yield* RunFolder.checkpointSteps(folder)
  if (!isFile && newest === undefined) return yield* refuse(folder, "it has no checkpoint")
  const file = isFile ? place : path.join(folder, RunFolder.checkpointName(newest!))
  const { parameters } = yield* Checkpoint.load(file)
  const model: RunModel = { spec, parameters, file }
  return model
})
