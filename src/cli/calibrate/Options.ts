/**
 * Flags that `calibrate` and `compare` share, as options of the library.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option } from "effect"
import { Flag } from "effect/cli"
import { FileError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import type { CalibrateOptions } from "../../eval/calibration/Calibrate.ts"
import { PAPER_METHOD } from "../../eval/calibration/Method.ts"
import { DEFAULT_ROUNDS, PAPER_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { type Format, FORMATS } from "../../eval/transcripts/Formats.ts"
import type { ReadingOptions } from "../../eval/transcripts/files/FileFormat.ts"
import type { ReaderSpec } from "../../eval/transcripts/Reader.ts"
import { ANSWER_KINDS, type AnswerKind } from "../../tasks/grading/Graders.ts"
import type { FilesOptions } from "../../eval/transcripts/files/CalibrateFiles.ts"
import { DEFAULT_MARKERS, parseMarkerList } from "../../tasks/reading/Markers.ts"
import { namingFlagsOf } from "../NamingFlags.ts"
import { Progress } from "../Progress.ts"
import { type ReaderFlags, readerFlags } from "./ReaderFlags.ts"
import { jsonFlag, withDefault } from "../Help.ts"

const TRUNCATED = ["counted", "left-out"] as const
const ECHOES = ["resample", "confirm"] as const

/** Flags of what is computed from what was read. */
export const statisticsFlags = {
  echoes: Flag.Literals("echoes", ECHOES).pipe(
    Flag.withDescription("What the same answer again after a doubt or a check is: an attempt of its own, or a confirmation"),
    Flag.optional
  ),
  cap: Flag.Int("cap").pipe(Flag.withDescription("Attempts allowed; the longest response's unless told"), Flag.optional),
  trained: Flag.String("trained").pipe(
    Flag.withDescription("Levels that the model was trained on, e.g. 3x3,3x4: the others are pooled apart"),
    Flag.optional
  ),
  rounds: Flag.Int("rounds").pipe(Flag.withDescription("Bootstrap rounds"), withDefault(DEFAULT_ROUNDS)),
  paper: Flag.Boolean("paper").pipe(
    Flag.withDescription(`The paper's way: truncated responses left out, percentile intervals, ${PAPER_ROUNDS} rounds`),
    Flag.withDefault(false)
  ),
  truncated: Flag.Literals("truncated", TRUNCATED).pipe(
    Flag.withDescription("Whether what was seen of cut-off responses counts in the rates, or they are left out"),
    Flag.optional
  ),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of the bootstrap"), withDefault(0))
}

/** Flags of how rows are read and graded. */
export const readingFlags = {
  format: Flag.Literals("format", FORMATS).pipe(
    Flag.withDescription("Row format; found from each row's fields unless told"),
    Flag.optional
  ),
  markers: Flag.String("markers").pipe(Flag.withDescription("A file of further revision markers, one a line"), Flag.optional),
  answers: Flag.Literals("answers", ANSWER_KINDS).pipe(
    Flag.withDescription("Kind of answers; what each reference shows unless told"),
    withDefault("auto" as const)
  ),
  grade: Flag.String("grade").pipe(Flag.withDescription("A grader of your own, ./module.ts#export, in place of --answers"), Flag.optional),
  scoreField: Flag.String("score-field").pipe(
    Flag.withDescription("The field of each row's own verdict on its last answer (1 right, 0 wrong), which then decides"),
    Flag.optional
  )
}

/** The flags. */
export const sharedFlags = {
  json: jsonFlag(),
  ...readingFlags,
  strict: Flag.Boolean("strict").pipe(
    Flag.withDescription("Fail at the first bad row, and where more than 5 % of rows are of no use"),
    Flag.withDefault(false)
  ),
  ...statisticsFlags,
  ...readerFlags
}

/** The values of the flags of what is computed. */
export interface StatisticsFlags {
  readonly cap: Option.Option<number>
  readonly trained: Option.Option<string>
  readonly rounds: number
  readonly paper: boolean
  readonly echoes: Option.Option<(typeof ECHOES)[number]>
  readonly truncated: Option.Option<(typeof TRUNCATED)[number]>
  readonly seed: number
}

/** The values of the flags of reading. */
export interface ReadingFlags {
  readonly format: Option.Option<Format>
  readonly markers: Option.Option<string>
  readonly answers: AnswerKind
  readonly grade: Option.Option<string>
  readonly scoreField: Option.Option<string>
}

/** The values of the flags. */
export interface SharedFlags extends StatisticsFlags, ReadingFlags, ReaderFlags {
  readonly strict: boolean
}

/** The default markers and those of a file. */
export const readMarkers = Effect.fn("Options.readMarkers")(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) return DEFAULT_MARKERS
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(file.value).pipe(
    Effect.mapError((cause) =>
      new FileError({
        file: file.value,
        problem: cause.message.startsWith("NotFound") ? "no such file" : problemOf(cause),
        advice: "Give a text file with one phrase a line"
      })
    )
  )
  return [...DEFAULT_MARKERS, ...parseMarkerList(text)]
})

/** How rows are read, from the flags. */
export const readingOptions = ({ format, scoreField }: Pick<SharedFlags, "format" | "scoreField">): ReadingOptions => ({
  ...(Option.isSome(format) ? { format: format.value } : {}),
  ...(Option.isSome(scoreField) ? { scoreField: scoreField.value } : {})
})

/** How responses are read and graded, from the flags. */
export const readerSpec = (
  { answers, grade, scoreField }: Pick<SharedFlags, "answers" | "grade" | "scoreField">,
  markers: ReadonlyArray<string>
): ReaderSpec => ({
  markers,
  answers,
  ...(Option.isSome(grade) ? { grade: grade.value } : {}),
  ...(Option.isSome(scoreField) ? { isScored: true } : {})
})

/** What is computed, from the flags. */
export const statisticsOptions = (flags: StatisticsFlags): CalibrateOptions => ({
  rounds: flags.paper && flags.rounds === DEFAULT_ROUNDS ? PAPER_ROUNDS : flags.rounds,
  ...(flags.paper ? PAPER_METHOD : {}),
  ...(Option.isSome(flags.echoes) ? { echoes: flags.echoes.value } : {}),
  ...(Option.isSome(flags.truncated) ? { truncated: flags.truncated.value } : {}),
  seed: flags.seed,
  ...(Option.isSome(flags.cap) ? { cap: flags.cap.value } : {}),
  ...(Option.isSome(flags.trained) ? { trainLevels: flags.trained.value.split(",").map((level) => level.trim()) } : {})
})

const megabytes = (bytes: number): number => Math.round(bytes / 1e6)

/** Options of the library from the flags, with progress and bad rows on standard error. */
export const filesOptions = Effect.fn("Options.filesOptions")(function* (flags: SharedFlags) {
  const markers = yield* readMarkers(flags.markers)
  const progress = yield* Progress
  const { end, show } = yield* progress.stage("reading transcripts", 100)
  return {
    ...readerSpec(flags, markers),
    isStrict: flags.strict,
    ...statisticsOptions(flags),
    ...readingOptions(flags),
    onProgress: (read, total) => show(Math.min(100, Math.round((100 * read) / Math.max(read, total))), `${megabytes(read)} MB`),
    onRead: Effect.fnUntraced(function* ({ badRowCount, badRows }) {
      yield* end
      for (const { file, line, reason } of badRows.slice(0, 10)) yield* Console.error(`${file}:${line}: ${reason}`)
      if (badRowCount > 10) yield* Console.error(`… ${badRowCount} bad rows in all`)
    })
  } satisfies FilesOptions
})

const FLAGS: Readonly<Record<string, string>> = {
  trainLevels: "--trained",
  isResumable: "--resume",
  every: "--every",
  window: "--window",
  until: "--until",
  answers: "--answers",
  grade: "--grade",
  concurrency: "--reader-concurrency",
  reader: "--reader"
}

/** Names the flag in place of the option that it sets. */
export const namingFlags = namingFlagsOf(FLAGS)
