/**
 * `--reader`: has a model list the candidates before files are calibrated, compared or explained.
 *
 * @module
 */
import { Config, Duration, Effect, Layer, Option, Redacted, Stream } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { failing, failingAsync } from "../../domain/Throws.ts"
import * as ModelReader from "../../engine/ModelReader.ts"
import { assertKey, endpointOf } from "../../engine/Secrets.ts"
import type { TranscriptRow } from "../../eval/transcripts/Grade.ts"
import { readerOf } from "../../eval/transcripts/Reader.ts"
import { openReaderCache, type ReaderCache, readerCacheOf } from "../../eval/transcripts/files/ReaderCache.ts"
import { readByModel, type ReadByModelOptions, readRowsByModel } from "../../eval/transcripts/files/ReadByModel.ts"
import { readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"
import { httpClient, sayingWaits } from "../HttpClient.ts"
import { Progress } from "../Progress.ts"
import { namingFlags, readerSpec, readingOptions, readMarkers, type SharedFlags } from "./Options.ts"

const refused = (field: string, value: unknown, expected: string): ConfigError => new ConfigError({ field, value: String(value), expected })

// The server that the flags name; undefined without --reader.
const serverOf = Effect.fnUntraced(
  function* (flags: SharedFlags): Effect.fn.Return<ModelReader.ModelReaderSettings | undefined, ConfigError> {
    const { readerKeyEnv, readerMaxTokens, readerModel, readerRetries, readerTemperature, readerTimeout } = flags
    const endpoint = Option.getOrUndefined(flags.reader)
    const model = Option.getOrUndefined(readerModel)
    if (endpoint === undefined && model === undefined && Option.isNone(flags.readerCache)) return undefined
    if (endpoint === undefined) return yield* refused("--reader", "missing", "the address of a server, e.g. http://localhost:8000/v1")
    if (model === undefined) return yield* refused("--reader-model", "missing", "the reader's name at its server")
    if (readerMaxTokens < 1) return yield* refused("--reader-max-tokens", readerMaxTokens, "at least 1")
    if (readerTemperature < 0) return yield* refused("--reader-temperature", readerTemperature, "0 or more")
    if (readerTimeout <= 0) return yield* refused("--reader-timeout", readerTimeout, "more than 0 seconds")
    if (readerRetries < 0) return yield* refused("--reader-retries", readerRetries, "0 or more")
    const key = yield* Config.option(Config.Redacted(readerKeyEnv)).pipe(
      Effect.mapError(() => refused("--reader-key-env", readerKeyEnv, "the name of an environment variable"))
    )
    yield* failing([ConfigError], () => {
      endpointOf(endpoint, "--reader")
      assertKey(Option.match(key, { onNone: () => "", onSome: Redacted.value }), `the environment variable ${readerKeyEnv}`)
    })
    return {
      endpoint,
      model,
      key: Option.getOrUndefined(Option.filter(key, (value) => Redacted.value(value) !== "")),
      maxTokens: readerMaxTokens,
      temperature: readerTemperature,
      timeout: Duration.seconds(readerTimeout),
      retries: readerRetries,
      onWait: sayingWaits()
    }
  }
)

const layerOf = (server: ModelReader.ModelReaderSettings) => Layer.provide(ModelReader.layer(server), httpClient)

const optionsOf = Effect.fnUntraced(function* (flags: SharedFlags, cache: ReaderCache) {
  const spec = readerSpec(flags, yield* readMarkers(flags.markers))
  const reader = yield* failingAsync([ConfigError], () => readerOf(spec))
  return { reader, cache, concurrency: flags.readerConcurrency, seed: flags.seed, ...readingOptions(flags) } satisfies ReadByModelOptions
})

const openCache = (path: string, server: ModelReader.ModelReaderSettings) =>
  openReaderCache(path, { model: server.model, version: ModelReader.READER_VERSION })

const pathOf = (files: ReadonlyArray<string>, { readerCache }: SharedFlags): string =>
  Option.getOrElse(readerCache, () => readerCacheOf(files[0] ?? ""))

const countOf = (files: ReadonlyArray<string>, flags: SharedFlags) =>
  Stream.fromIterable(files).pipe(
    Stream.flatMap((file) => readTranscripts(file, readingOptions(flags))),
    Stream.filter(({ _tag }) => _tag === "Row"),
    Stream.runCount
  )

const read = Effect.fnUntraced(function* (files: ReadonlyArray<string>, flags: SharedFlags, cache: ReaderCache) {
  const options = yield* optionsOf(flags, cache)
  const progress = yield* Progress
  const total = files.includes("-") ? 0 : yield* countOf(files, flags)
  const stage = yield* progress.stage(`read by ${cache.model}`, total)
  return yield* readByModel(files, {
    ...options,
    onResponse: (done, asked) => stage.show(done, `responses, asked about ${asked}`)
  }).pipe(Effect.ensuring(stage.end))
})

/** What a model lists in files, as the flags say; undefined without `--reader`. */
export const filesByModel = Effect.fn("ModelReading.files")(function* (files: ReadonlyArray<string>, flags: SharedFlags) {
  const server = yield* serverOf(flags)
  if (server === undefined) return undefined
  const cache = yield* openCache(pathOf(files, flags), server)
  return yield* read(files, flags, cache).pipe(Effect.provide(layerOf(server)), Effect.mapError(namingFlags))
})

/** The same of two files that are compared; they may share a cache. */
export const comparedByModel = Effect.fn("ModelReading.compared")(function* (from: string, to: string, flags: SharedFlags) {
  const server = yield* serverOf(flags)
  if (server === undefined) return undefined
  const paths = [pathOf([from], flags), pathOf([to], flags)] as const
  const cache = yield* openCache(paths[0], server)
  const other = paths[0] === paths[1] ? cache : yield* openCache(paths[1], server)
  return yield* Effect.all({ from: read([from], flags, cache), to: read([to], flags, other) }).pipe(
    Effect.provide(layerOf(server)),
    Effect.mapError(namingFlags)
  )
})

/** The same of one row of files. */
export const rowByModel = Effect.fn("ModelReading.row")(function* (files: ReadonlyArray<string>, row: TranscriptRow, flags: SharedFlags) {
  const server = yield* serverOf(flags)
  if (server === undefined) return undefined
  const cache = yield* openCache(pathOf(files, flags), server)
  const options = yield* optionsOf(flags, cache)
  return yield* readRowsByModel(Stream.succeed(row), options).pipe(Effect.provide(layerOf(server)), Effect.mapError(namingFlags))
})
