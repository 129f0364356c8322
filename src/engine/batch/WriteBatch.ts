/**
 * Writes a batch: requests for what `eval` would ask a server, as files for engines that answer them in one go.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import * as Lock from "../../domain/Lock.ts"
import { unwritten, withoutSlash } from "../../domain/Files.ts"
import type { Seed } from "../../domain/Seed.ts"
import { sharedName, type TextQuery } from "../WantedRows.ts"
import {
  assertLimits,
  assertWhole,
  BATCH_VERSION,
  batchKey,
  type BatchLimits,
  type BatchManifest,
  type BatchSettings,
  MANIFEST_FILE,
  OPENAI_LIMITS,
  QUERIES_FILE,
  queryLine,
  requestLines,
  writeRequests
} from "./BatchFolder.ts"
import { writeLines } from "./Lines.ts"
import { RAY_FILE, RAY_SCRIPT } from "./RayScript.ts"

/** What is asked, how, and where the batch goes. */
export interface WriteBatchOptions {
  readonly folder: string
  readonly settings: BatchSettings
  readonly queries: ReadonlyArray<TextQuery>
  /** Responses to each query: so many lines, each with a seed of its own. */
  readonly generations: number
  readonly seed: Seed
  /** Left out: OpenAI's, 50,000 requests and 200 MB a file. */
  readonly limits?: BatchLimits
  /** Whether a script for Ray Data is written beside the requests. */
  readonly ray?: boolean
}

/** What was written. */
export interface WrittenBatch extends BatchManifest {
  readonly folder: string
  readonly requests: number
  readonly bytes: number
}

/**
 * Writes a batch into a folder that is not there yet, or is empty: beside it first, then renamed, so that what is there is whole. Requests are
 * made one at a time; memory grows with the queries alone. Fails with `FileError` where the folder has something in it or cannot be written,
 * with `ConfigError` for numbers below 1 and queries whose rows would have one name.
 */
export const writeBatch = Effect.fn("Batch.write")(function* (options: WriteBatchOptions) {
  const { generations, limits = OPENAI_LIMITS, queries, ray = false, seed, settings } = options
  yield* assertWhole("generations", generations)
  yield* assertLimits(limits)
  const shared = sharedName(queries)
  if (shared !== undefined) {
    return yield* new ConfigError({
      field: "queries",
      value: `${JSON.stringify(shared)} twice`,
      expected: "a level and an id of its own for each"
    })
  }
  const folder = withoutSlash(options.folder)
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const fileError = unwritten(folder)
  yield* Lock.holdFile(folder, { doing: "writes this batch", otherwise: "name another folder" })
  const there = yield* Effect.orElseSucceed(files.readDirectory(folder), () => undefined)
  const isFile = there === undefined && (yield* Effect.mapError(files.exists(folder), fileError))
  if (isFile || (there !== undefined && there.length > 0)) {
    return yield* new FileError({
      file: folder,
      problem: there?.includes(MANIFEST_FILE) === true ? "there is a batch already" : "there is something else already",
      advice: "Read the batch that is there, or name another folder"
    })
  }
  const beside = `${folder}.writing`
  yield* files.remove(beside, { recursive: true, force: true }).pipe(
    Effect.andThen(files.makeDirectory(beside, { recursive: true })),
    Effect.mapError(fileError)
  )
  // A killed run leaves it to the next; one that failed, perhaps of a full disk, leaves nothing.
  yield* Effect.addFinalizer(() => Effect.ignore(files.remove(beside, { recursive: true, force: true })))
  const texts = function* (): Generator<string> {
    for (const query of queries) yield queryLine(query)
  }
  const unfinished: BatchManifest = {
    kind: "decision-sampling batch",
    version: BATCH_VERSION,
    key: batchKey(settings, { generations, seed, lines: texts() }),
    settings,
    seed,
    generations,
    queries: queries.length,
    files: []
  }
  const encoder = new TextEncoder()
  const queryLines = function* (): Generator<Uint8Array> {
    for (const text of texts()) yield encoder.encode(text + "\n")
  }
  yield* writeLines(path.join(beside, QUERIES_FILE), queryLines())
  const written = yield* writeRequests(beside, requestLines({ manifest: unfinished, queries }, () => true), limits)
  const manifest: BatchManifest = { ...unfinished, files: written }
  if (ray) yield* Effect.mapError(files.writeFileString(path.join(beside, RAY_FILE), RAY_SCRIPT), fileError)
  yield* files.writeFileString(path.join(beside, MANIFEST_FILE), JSON.stringify(manifest, null, 2) + "\n").pipe(
    Effect.andThen(files.remove(folder, { recursive: true, force: true })),
    Effect.andThen(files.rename(beside, folder)),
    Effect.mapError(fileError)
  )
  return {
    ...manifest,
    folder,
    requests: queries.length * generations,
    bytes: written.reduce((sum, { bytes }) => sum + bytes, 0)
  } satisfies WrittenBatch
}, Effect.scoped)
