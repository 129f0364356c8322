/**
 * Transcripts read by a model: what it has not listed yet is asked for, what arrives is kept at once, and all of it is held against the rules.
 *
 * @module
 */
import { Deferred, Effect, Result, Stream } from "effect"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { failing } from "../../../domain/Throws.ts"
import type { CompletionsError } from "../../../engine/Completions.ts"
import { ModelReader, type ModelReaderService } from "../../../engine/ModelReader.ts"
import { isOfOneRow, MOST_FAILED_FIRST } from "../../../engine/SampleTexts.ts"
import { type CandidateList, type FromCandidates, fromCandidates, isOfUse } from "../../../tasks/reading/FromCandidates.ts"
import { type Piece, piecesOf } from "../../../tasks/reading/Pieces.ts"
import type { ReaderReport } from "../../calibration/ReaderReport.ts"
import { agreementOf, makeAgreementSample } from "../Agreement.ts"
import { readTranscript, type TranscriptRow } from "../Grade.ts"
import type { Reader, TakeResponse } from "../Reader.ts"
import { STANDARD_INPUT } from "./Blocks.ts"
import type { ReadingOptions } from "./FileFormat.ts"
import { type ReaderCache, readerKey } from "./ReaderCache.ts"
import { readTranscripts } from "./ReadTranscripts.ts"

/** How a model is asked to read. */
export interface ReadByModelOptions {
  /** Lexicon and graders, as for the rules. */
  readonly reader: Reader
  readonly cache: ReaderCache
  /** Responses under way at a time; left out: 8. */
  readonly concurrency?: number
  /** Of the sample on which the rules are compared. */
  readonly seed?: number
  /** Told after every response: how many of all are read, and how many of those the model was asked about. */
  readonly onResponse?: (done: number, asked: number) => void
}

/** What a model listed, as a way to take responses apart, until its cache is closed. */
export interface ModelReading {
  /** The model, its version and its cache, as one name. */
  readonly name: string
  readonly take: TakeResponse
  readonly report: ReaderReport
}

/** Responses under way at a time, unless told. */
export const DEFAULT_READER_CONCURRENCY = 8

type Problem = Parameters<TakeResponse>[0]

// The lists of all pieces; undefined where one is missing, or is none.
const listsOf = (cache: ReaderCache, problem: Problem): ReadonlyArray<CandidateList> | undefined => {
  const key = readerKey(cache, problem)
  const lists: Array<CandidateList> = []
  for (const [k, piece] of piecesOf(problem.response).entries()) {
    const listing = cache.get(key, k)
    if (listing === undefined || "failed" in listing) return undefined
    lists.push({ ...piece, candidates: listing.candidates })
  }
  return lists
}

const takeFrom = (cache: ReaderCache, onTaken?: (taken: FromCandidates) => void): TakeResponse => (row, markers, options) => {
  const lists = listsOf(cache, row)
  const taken = lists === undefined ? undefined : fromCandidates(row.response, lists, markers, options)
  if (taken !== undefined) onTaken?.(taken)
  return taken !== undefined && isOfUse(taken) ? taken : undefined
}

// What brings its attempts, says nothing or cannot be graded is not worth a question.
const isWorthReading = (row: TranscriptRow, reader: Reader): boolean =>
  row.attempts === undefined && row.response.trim() !== "" && readTranscript(row, reader).rollout.outcome !== "GoldInvalid"

type Known = "asked" | "cached" | "refused"

// Asks for the pieces that are missing; says how what is known of a response came to be known.
const makeAsking = (model: ModelReaderService, cache: ReaderCache) => {
  const underWay = new Map<string, Deferred.Deferred<void>>()
  const refused = new Set<string>()
  let [arrived, failures] = [0, 0]

  const askPiece = Effect.fnUntraced(function* (key: string, row: TranscriptRow, { from, to }: Piece, piece: number, pieces: number) {
    const before = arrived
    const { prompt, response } = row
    const asked = yield* Effect.result(
      model.list(pieces === 1 ? row.id : `${row.id}, piece ${piece + 1} of ${pieces}`, {
        prompt,
        text: response.slice(from, to),
        piece: piece + 1,
        pieces
      })
    )
    if (Result.isFailure(asked)) {
      failures++
      // What is wrong with one row is left to the rules; it is not kept, so that another run asks again.
      if (!isOfOneRow(asked.failure, arrived > before) || (arrived === 0 && failures >= MOST_FAILED_FIRST)) return yield* asked.failure
      refused.add(key)
      return false
    }
    arrived++
    yield* failing([FileError], () => cache.put(key, piece, asked.success))
    return !("failed" in asked.success)
  })

  return Effect.fnUntraced(function* (row: TranscriptRow): Effect.fn.Return<Known, CompletionsError | FileError> {
    const key = readerKey(cache, row)
    const before = underWay.get(key)
    if (before !== undefined) yield* Deferred.await(before)
    if (refused.has(key)) return "refused"
    const pieces = piecesOf(row.response)
    const known = pieces.map((_, k) => cache.get(key, k))
    // Of a response that the rules will read nothing more is asked for.
    if (known.some((listing) => listing !== undefined && "failed" in listing)) return "cached"
    const missing = [...pieces.entries()].filter(([k]) => known[k] === undefined)
    if (missing.length === 0) return "cached"
    const done = yield* Deferred.make<void>()
    underWay.set(key, done)
    const asking = Effect.gen(function* () {
      for (const [k, piece] of missing) if (!(yield* askPiece(key, row, piece, k, pieces.length))) return
    })
    yield* Effect.ensuring(
      asking,
      Effect.andThen(Effect.sync(() => underWay.delete(key)), Deferred.succeed(done, undefined))
    )
    return "asked"
  })
}

/** Has a model read transcripts. Errors as in `readByModel`, and those of the stream. */
export const readRowsByModel = Effect.fn("ReadByModel.readRows")(function* <E> (
  rows: Stream.Stream<TranscriptRow, E>,
  { cache, concurrency = DEFAULT_READER_CONCURRENCY, onResponse, reader, seed = 0 }: ReadByModelOptions
): Effect.fn.Return<ModelReading, E | CompletionsError | FileError | ConfigError, ModelReader> {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    return yield* new ConfigError({ field: "concurrency", value: String(concurrency), expected: "a whole number from 1" })
  }
  const model = yield* ModelReader
  const ask = makeAsking(model, cache)
  const sample = makeAgreementSample(seed)
  let [responses, asked, cached, invented, unread, fellBack] = [0, 0, 0, 0, 0, 0]
  yield* rows.pipe(
    Stream.filter((row) => isWorthReading(row, reader)),
    Stream.zipWithIndex,
    Stream.mapEffect(([row, number]) =>
      Effect.map(ask(row), (known) => {
        let taken: FromCandidates | undefined
        const byModel = readTranscript(row, { ...reader, take: takeFrom(cache, (found) => (taken = found)) })
        responses++
        if (known === "asked") asked++
        if (known === "cached") cached++
        invented += taken?.invented ?? 0
        unread += taken?.unread ?? 0
        if (taken === undefined || !isOfUse(taken)) fellBack++
        else sample.add(number, () => agreementOf(byModel, readTranscript(row, reader)))
        onResponse?.(responses, asked)
      }), { concurrency, unordered: true }),
    Stream.runDrain
  )
  return {
    name: `${cache.model}, version ${cache.version}, ${cache.file}`,
    take: takeFrom(cache),
    report: { model: model.model, responses, asked, cached, invented, unread, fellBack, agreement: sample.total() }
  }
})

/**
 * Has a model list the candidates of all responses in files of transcripts, a few at a time. What it answers is in the cache at once: a run that
 * is stopped loses only what is under way, and nothing is asked for twice. Responses that it cannot read are left to the rules, and counted.
 *
 * Fails with `CompletionsError` if the server refuses everybody or does not answer, with `FileError` and `ConfigError` for files that cannot be
 * read; standard input cannot, because it is read twice.
 */
export const readByModel = Effect.fn("ReadByModel.readByModel")(function* (
  files: ReadonlyArray<string>,
  options: ReadByModelOptions & ReadingOptions
): Effect.fn.Return<ModelReading, CompletionsError | FileError | ConfigError, ModelReader> {
  if (files.includes(STANDARD_INPUT)) {
    return yield* new ConfigError({
      field: "reader",
      value: "given with standard input",
      expected: "files only, because a model's reading goes through them twice"
    })
  }
  const rows = Stream.fromIterable(files).pipe(
    Stream.flatMap((file) => readTranscripts(file, options)),
    Stream.filter((found) => found._tag === "Row"),
    Stream.map(({ row }) => row)
  )
  return yield* readRowsByModel(rows, options)
})
