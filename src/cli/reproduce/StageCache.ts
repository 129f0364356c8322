/**
 * The cache of trained stages. A stage is named by the hash of all that decides its result: its settings, its parent's
 * hash and the sources it runs; a second run, or one with a changed later stage, trains nothing twice.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Effect, FileSystem, Path, Schema } from "effect"
import { GradientParts } from "../../domain/GradientParts.ts"
import * as Checkpoint from "../../training/Checkpoint.ts"
import type { Metrics, TrainState } from "../../training/TrainState.ts"

/** What a stage leaves behind. */
export interface StageResult {
  readonly hash: string
  /** The state after the last step; its parameters are the model. */
  readonly state: TrainState
  /** Steps of training that made the model from what the stage started from. */
  readonly steps: number
  readonly metrics: ReadonlyArray<Metrics & { readonly step: number }>
  readonly attribution: ReadonlyArray<GradientParts>
}

const History = Schema.Struct({
  steps: Schema.Int,
  metrics: Schema.Array(Schema.Record(Schema.String, Schema.Finite)),
  attribution: Schema.Array(GradientParts)
})

/** The name of a stage: SHA-256 of its settings, its parent's name and the digest of its sources, 16 hex digits. */
export const stageHash = (settings: unknown, parent: string, sources: string): string =>
  createHash("sha256").update(JSON.stringify([settings, parent, sources])).digest("hex").slice(0, 16)

/**
 * Returns a stage from the cache, or runs it and keeps it. A damaged entry counts as missing. A stage that is interrupted goes on from the
 * folder of its run, which is removed when it is done.
 */
export const cached = Effect.fn("StageCache.cached")(function* <E, R> (
  folder: string,
  hash: string,
  run: (folder: string) => Effect.Effect<Omit<StageResult, "hash">, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const checkpointFile = path.join(folder, `${hash}.checkpoint`)
  const historyFile = path.join(folder, `${hash}.json`)
  const stored = Effect.gen(function* () {
    const state = yield* Checkpoint.load(checkpointFile)
    const history = yield* Effect.flatMap(files.readFileString(historyFile), Schema.decodeUnknownEffect(Schema.fromJsonString(History)))
    const result: StageResult = {
      hash,
      state,
      steps: history.steps,
      metrics: history.metrics as StageResult["metrics"],
      attribution: history.attribution
    }
    return result
  })
  const fresh = Effect.gen(function* () {
    const running = path.join(folder, `${hash}.run`)
    const result = yield* run(running)
    const history = { steps: result.steps, metrics: result.metrics, attribution: result.attribution }
    yield* Checkpoint.writeAtomically(historyFile, new TextEncoder().encode(JSON.stringify(history)))
    yield* Checkpoint.save(checkpointFile, result.state)
    yield* files.remove(running, { recursive: true, force: true })
    return { ...result, hash }
  })
  // A process that was killed after the last write has left its folder.
  const tidied = Effect.tap(stored, () => Effect.ignore(files.remove(path.join(folder, `${hash}.run`), { recursive: true, force: true })))
  return yield* Effect.catch(tidied, () => fresh)
})

/** A value of a schema from a file of the cache, or made and kept there. A file that is damaged counts as missing. */
export const cachedValue = Effect.fn("StageCache.cachedValue")(function* <A, I, E, R> (
  folder: string,
  name: string,
  schema: Schema.Codec<A, I>,
  make: Effect.Effect<A, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, `${name}.json`)
  const stored = Effect.flatMap(files.readFileString(file), Schema.decodeUnknownEffect(Schema.fromJsonString(schema)))
  const fresh = Effect.gen(function* () {
    const value = yield* make
    const encoded = yield* Effect.orDie(Schema.encodeEffect(schema)(value))
    yield* Checkpoint.writeAtomically(file, new TextEncoder().encode(JSON.stringify(encoded)))
    return value
  })
  return yield* Effect.catch(stored, () => fresh)
})
