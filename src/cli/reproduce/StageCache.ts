/**
 * The cache of trained stages. A stage is named by the hash of all that decides its result: its settings, its parent's
 * hash and the sources it runs; a second run, or one with a changed later stage, trains nothing twice.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { Effect, FileSystem, Option, Path, Result, Schema } from "effect"
import { writeAtomically } from "../../domain/WholeFile.ts"
import type { FileError } from "../../domain/Errors.ts"
import { unwritten } from "../../domain/Files.ts"
import { GradientParts } from "../../domain/GradientParts.ts"
import * as Checkpoint from "../../training/Checkpoint.ts"
import type { Metrics, TrainState } from "../../training/TrainState.ts"
import { Progress, type RunningStage } from "../Progress.ts"
import * as Lease from "./Lease.ts"
import { Leases, StageBusy } from "./Lease.ts"

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

/** Does the work of a stage under its lease: others that share the cache wait for it, or do something else. */
export type Claimed<A> = <E, R>(
  work: (folder: string) => Effect.Effect<A, E, R>
) => Effect.Effect<A, E | StageBusy | FileError, R | FileSystem.FileSystem | Path.Path>

// What an interrupted holder of the lease has left goes with it: into a folder of the new holder's own, because the old one may be a process
// that was stopped and wakes up.
const inherit = Effect.fnUntraced(function* (folder: string, name: string, generation: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folderOf = (generation: number): string => path.join(folder, `${name}.run-${generation}`)
  const own = folderOf(generation)
  // A higher one than the lease's is of leases that somebody has deleted.
  const left = yield* Lease.generationsOf(folder, name, "run")
  const [from] = left.slice(-1)
  if (from === undefined || from === generation) return own
  const partial = `${own}.partial`
  const failed = unwritten(own)
  yield* Effect.mapError(files.remove(partial, { recursive: true, force: true }), failed)
  yield* Effect.mapError(files.makeDirectory(partial, { recursive: true }), failed)
  // Checkpoints before metrics, newest first: a checkpoint is never ahead of its rows. What is deleted meanwhile was older.
  const entries = yield* Effect.orElseSucceed(files.readDirectory(folderOf(from)), (): ReadonlyArray<string> => [])
  const isLast = (entry: string): boolean => !entry.endsWith(".checkpoint")
  const kept = entries.filter((entry) => entry !== "lock" && !entry.endsWith(".partial"))
  for (const entry of kept.toSorted((a, b) => Number(isLast(a)) - Number(isLast(b)) || (a < b ? 1 : -1))) {
    const to = path.join(partial, entry)
    yield* Effect.catch(
      files.copyFile(path.join(folderOf(from), entry), to),
      (cause) =>
        Effect.flatMap(
          files.exists(path.join(folderOf(from), entry)),
          (isThere) => isThere ? Effect.fail(cause) : files.remove(to, { force: true })
        )
    ).pipe(Effect.mapError(failed))
  }
  yield* Effect.mapError(files.remove(own, { recursive: true, force: true }), failed)
  yield* Effect.mapError(files.rename(partial, own), failed)
  // The one that these were copied of stays until the work is done: whoever holds an older lease may still write there.
  for (const each of left.filter((each) => each !== from && each !== generation)) {
    yield* Effect.ignore(files.remove(folderOf(each), { recursive: true, force: true }))
  }
  return own
})

/** Under the lease of a name: what is kept meanwhile, or what `work` makes, kept by `keep`. */
const claimedOf = <A, EK, RK>(
  folder: string,
  name: string,
  stored: Effect.Effect<Option.Option<A>, never, RK>,
  keep: (made: A) => Effect.Effect<void, EK, RK>
) =>
<E, R>(work: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function* () {
    const lease = yield* Lease.take(folder, name)
    // Somebody may have been done between the look into the cache and the lease.
    const done = yield* stored
    if (Option.isSome(done)) {
      yield* lease.finish
      return done.value
    }
    const busy = new StageBusy({ name, holder: "a process that took it over" })
    const working = Effect.gen(function* () {
      const made = yield* work(yield* inherit(folder, name, lease.generation))
      yield* keep(made)
      yield* lease.finish
      return made
    })
    const lost = Effect.andThen(lease.lost, Effect.fail(busy))
    return yield* Effect.raceFirst(working, lost).pipe(
      // Whoever took the lease over may have tidied up what this process worked on.
      Effect.catch((error) =>
        Effect.gen(function* () {
          const there = yield* stored
          if (Option.isSome(there)) return there.value
          return yield* Effect.fail((yield* lease.isHeld) ? error : busy)
        })
      )
    )
  }))

const LOOK_AGAIN = "500 millis"

// Looks into the cache until something is there or may be made; who must not wait is told who makes it, and who looks on, what is waited for.
const untilDone = <A, E, R, RK>(
  folder: string,
  name: string,
  stored: Effect.Effect<Option.Option<A>, never, RK>,
  make: Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const { onBusy } = yield* Leases
    const progress = yield* Effect.serviceOption(Progress)
    let waiting: RunningStage | undefined
    for (;;) {
      const there = yield* stored
      if (Option.isSome(there)) {
        if (waiting !== undefined) yield* waiting.end
        return there.value
      }
      // Before it is made, because what makes it may first load a model.
      const busy = yield* Lease.busyWith(folder, name)
      if (busy === undefined && waiting !== undefined) {
        yield* waiting.end
        waiting = undefined
      }
      const made = yield* Effect.result<A, E | StageBusy, R>(busy === undefined ? make : Effect.fail(busy))
      if (Result.isSuccess(made)) return made.success
      if (onBusy === "fail" || !(made.failure instanceof StageBusy)) return yield* Effect.fail(made.failure)
      if (waiting === undefined && Option.isSome(progress)) waiting = yield* progress.value.stage("Others compute", 0)
      waiting?.show(0, `${made.failure.name} (${made.failure.holder})`)
      yield* Effect.sleep(LOOK_AGAIN)
    }
  })

/**
 * Returns a stage from the cache, or has it made and kept: by `run`, which calls `claimed` with the work once nothing else is to be waited for. A
 * damaged entry counts as missing. One process at a time makes a stage; one that is interrupted leaves the folder of its run, from which
 * the next goes on. Fails with StageBusy only where the process is not to wait (`Leases`).
 */
export const cached = Effect.fn("StageCache.cached")(function* <E, R> (
  folder: string,
  hash: string,
  run: (claimed: Claimed<Omit<StageResult, "hash">>) => Effect.Effect<Omit<StageResult, "hash">, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const checkpointFile = path.join(folder, `${hash}.checkpoint`)
  const historyFile = path.join(folder, `${hash}.json`)
  const read = Effect.gen(function* () {
    const state = yield* Checkpoint.load(checkpointFile)
    const history = yield* Effect.flatMap(files.readFileString(historyFile), Schema.decodeUnknownEffect(Schema.fromJsonString(History)))
    return {
      state,
      steps: history.steps,
      metrics: history.metrics as StageResult["metrics"],
      attribution: history.attribution
    }
  })
  // A process that was killed after the last write has left its folder.
  const stored = Effect.option(Effect.tap(read, () => Lease.tidy(folder, hash)))
  const keep = ({ attribution, metrics, state, steps }: Omit<StageResult, "hash">) =>
    Effect.gen(function* () {
      yield* writeAtomically(historyFile, new TextEncoder().encode(JSON.stringify({ steps, metrics, attribution })))
      yield* Checkpoint.save(checkpointFile, state)
    })
  const result: StageResult = { ...(yield* untilDone(folder, hash, stored, run(claimedOf(folder, hash, stored, keep)))), hash }
  return result
})

/** A value of a schema from a file of the cache, or made and kept there like a stage. A file that is damaged counts as missing. */
export const cachedValue = Effect.fn("StageCache.cachedValue")(function* <A, I, E, R> (
  folder: string,
  name: string,
  schema: Schema.Codec<A, I>,
  run: (claimed: Claimed<A>) => Effect.Effect<A, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, `${name}.json`)
  const stored = Effect.option(
    Effect.flatMap(files.readFileString(file), Schema.decodeUnknownEffect(Schema.fromJsonString(schema))).pipe(
      Effect.tap(() => Lease.tidy(folder, name))
    )
  )
  const keep = (value: A) =>
    Effect.gen(function* () {
      const encoded = yield* Effect.orDie(Schema.encodeEffect(schema)(value))
      yield* writeAtomically(file, new TextEncoder().encode(JSON.stringify(encoded)))
    })
  return yield* untilDone(folder, name, stored, run(claimedOf(folder, name, stored, keep)))
})
