/**
 * `calibrate --page`: the calibration as a page, with a transcript of each kind as it was read.
 *
 * @module
 */
import { basename } from "node:path"
import { Effect, Option, Path, Stream } from "effect"
import { Flag } from "effect/cli"
import { ConfigError, type FileError } from "../../domain/Errors.ts"
import { failingAsync } from "../../domain/Throws.ts"
import type { Marked } from "../../eval/report/MarkedTranscript.ts"
import { readTranscript } from "../../eval/transcripts/Grade.ts"
import { type Reader, readerOf, type ReaderSpec } from "../../eval/transcripts/Reader.ts"
import { TRANSCRIPT_KINDS, type TranscriptKind, transcriptKindOf } from "../../eval/transcripts/TranscriptKinds.ts"
import type { ReadingOptions } from "../../eval/transcripts/files/FileFormat.ts"
import { readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { tryFile, writeResult } from "../Destination.ts"

/** The flag. */
export const pageFlag = Flag.String("page").pipe(
  Flag.withDescription("Also write it as a page, .html: figure, findings, tables, and a transcript of each kind with its parts marked"),
  Flag.optional
)

/** Rows that are looked at for examples: a kind that is rarer than that goes without one. */
export const MOST_LOOKED_AT = 20_000

/** The first transcript of each kind among the first rows of the files, in the order of the kinds; none from standard input, which is read once. */
export const examplesOfKinds = Effect.fnUntraced(function* (
  files: ReadonlyArray<string>,
  reader: Reader,
  options: ReadingOptions
): Effect.fn.Return<ReadonlyArray<Marked>, FileError | ConfigError> {
  if (files.includes("-")) return []
  const found = new Map<TranscriptKind, Marked>()
  yield* Stream.fromIterable(files).pipe(
    Stream.flatMap((file) => readTranscripts(file, options)),
    Stream.filter((line) => line._tag === "Row"),
    Stream.take(MOST_LOOKED_AT),
    // A row that brings its attempts ready made has no text to mark.
    Stream.filter(({ row }) => row.attempts === undefined),
    Stream.takeUntil(({ row }) => {
      const { rollout } = readTranscript(row, reader)
      const kind = transcriptKindOf(rollout)
      if (!found.has(kind)) found.set(kind, { row, reader, kind, title: `${row.id}, level ${rollout.level}: ${rollout.outcome}` })
      return found.size === TRANSCRIPT_KINDS.length
    }),
    Stream.runDrain
  )
  return TRANSCRIPT_KINDS.flatMap((kind) => found.get(kind) ?? [])
})

/**
 * What writes the page of the files. Fails before anything is read for a name that does not end in .html, is one of the files, or cannot be written.
 */
export const pageFile = Effect.fnUntraced(function* (file: Option.Option<string>, names: ReadonlyArray<string>) {
  if (Option.isNone(file)) return () => Effect.void
  const out = file.value
  const path = yield* Path.Path
  if (path.extname(out).toLowerCase() !== ".html") {
    return yield* new ConfigError({ field: "--page", value: JSON.stringify(out), expected: "a file whose name ends in .html" })
  }
  yield* tryFile(out, names)
  return Effect.fnUntraced(function* (
    calibration: TranscriptCalibration,
    { take, ...options }: ReaderSpec & ReadingOptions & Pick<Reader, "take">
  ) {
    const byRules = yield* failingAsync([ConfigError], () => readerOf(options))
    const transcripts = yield* examplesOfKinds(names, take === undefined ? byRules : { ...byRules, take }, options)
    const { renderFiles } = yield* Effect.promise(() => import("../report/ReportPage.ts"))
    const label = names.map((name) => (name === "-" ? "standard input" : basename(name))).join(", ")
    const text = yield* renderFiles([{ _tag: "Calibration", label, content: calibration }], transcripts)
    yield* writeResult(out, text)
  })
})
