/**
 * Calibration and comparison of files of transcripts: what `calibrate` and `compare` compute, as Effects.
 *
 * @module
 */
import { Effect, type Scope } from "effect"
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import { byCharacters } from "../../../domain/Order.ts"
import { failing, failingAsync } from "../../../domain/Throws.ts"
import { DEFAULT_MARKERS } from "../../../tasks/reading/Markers.ts"
import { readerOf, type ReaderSpec } from "../Reader.ts"
import { type CalibrateOptions, sortLevels } from "../../calibration/Calibrate.ts"
import type { Comparison } from "../../calibration/Comparison.ts"
import { bootstrapOf } from "../../statistics/Bootstrap.ts"
import { calibrateTalliesWith, compareTallies } from "../CalibrateTallies.ts"
import type { TranscriptInput } from "../../calibration/TranscriptInput.ts"
import { describeTallies, type ReadRows } from "../DescribeTallies.ts"
import { readerWords } from "../../calibration/ReaderReport.ts"
import type { BadRow } from "../ReadBlock.ts"
import type { ReadingTally } from "../ReadingTally.ts"
import type { CountedLevel } from "../Tallies.ts"
import { type CalibrateThreads, makeCalibrateThreads } from "./CalibrateThreads.ts"
import type { ReadingOptions } from "./FileFormat.ts"
import type { FileReading } from "./FileReading.ts"
import type { ModelReading } from "./ReadByModel.ts"
import { tallyFiles, type TallyResult } from "./TallyFiles.ts"
import type { TranscriptCalibration } from "./TranscriptCalibration.ts"

/** What reading told: how many rows could not be used, the first thousand of them, and what was read of each file. */
export interface ReadingReport {
  readonly badRowCount: number
  readonly badRows: ReadonlyArray<BadRow>
  readonly files: ReadonlyArray<FileReading>
}

/** How files are read, and the options of the statistics. */
export interface FilesOptions extends CalibrateOptions, ReadingOptions {
  /** What a decision to RESAMPLE begins with; unless told, `DEFAULT_MARKERS`. */
  readonly markers?: ReadonlyArray<string>
  /** The kind of answers, one of `ANSWER_KINDS`; unless told, what each reference shows ("auto"). */
  readonly answers?: string
  /** A grader of one's own, "module.ts#export", in place of `answers`. */
  readonly grade?: string
  /** Whether the rows' own verdicts decide about last answers; unless told, if `scoreField` names where they stand. */
  readonly isScored?: boolean
  /** Fail at the first row that cannot be used. */
  readonly isStrict?: boolean
  /** Told after every block of about half a megabyte: bytes read (unzipped), and bytes of all files on the disk. */
  readonly onProgress?: (read: number, total: number) => void
  /** Runs when files have been read, before the statistics. */
  readonly onRead?: (report: ReadingReport) => Effect.Effect<void>
}

/** How files are calibrated. */
export interface CalibrateFilesOptions extends FilesOptions {
  /** What a model listed in them (`readByModel`), in place of the rules. */
  readonly modelReading?: ModelReading
  /** Keep the state beside the first file (`stateFileOf`), and go on from it after an interruption. */
  readonly isResumable?: boolean
  /** What tells rows of a file without a problem and an id apart from those of other files; its name unless told. */
  readonly sourceOf?: (file: string) => string
}

/** How files are compared. */
export interface CompareFilesOptions extends FilesOptions {
  /** What a model listed in both (`readByModel`), in place of the rules. */
  readonly modelReading?: { readonly from: ModelReading; readonly to: ModelReading }
}

/** What can be wrong with files of transcripts or with the options. */
export type FilesError = FileError | ConfigError | RowError

/** What reading files and calibrating them throws. */
export const foreseen = [FileError, ConfigError, RowError] as const

/** How responses are read, from the options. */
export const specOf = (
  { answers = "auto", grade, isScored, markers = DEFAULT_MARKERS, modelReading, scoreField }: CalibrateFilesOptions
): ReaderSpec => ({
  markers,
  answers,
  ...(grade === undefined ? {} : { grade }),
  // Who names a field of verdicts wants them to count.
  ...(isScored ?? scoreField !== undefined ? { isScored: true } : {}),
  ...(modelReading === undefined ? {} : { listedBy: modelReading.name })
})

/** Threads that read as options say, until the scope closes, also when the reading is interrupted. Fails for a grader or a kind of answers that is none. */
export const threadsFor = Effect.fnUntraced(
  function* (options: CalibrateFilesOptions): Effect.fn.Return<CalibrateThreads, FilesError, Scope.Scope> {
    const spec = specOf(options)
    const byRules = yield* failingAsync(foreseen, () => readerOf(spec))
    const { modelReading } = options
    const reader = modelReading === undefined ? byRules : { ...byRules, take: modelReading.take }
    return yield* Effect.acquireRelease(Effect.sync(() => makeCalibrateThreads(spec, reader)), ({ close }) => Effect.promise(close))
  }
)

/** Reads files into tallies, with progress and report as the options ask. */
export const tally = Effect.fnUntraced(function* (
  files: ReadonlyArray<string>,
  threads: CalibrateThreads,
  options: CalibrateFilesOptions
): Effect.fn.Return<TallyResult, FilesError> {
  const { format, isResumable = false, isStrict = false, onProgress, onRead, scoreField, sourceOf } = options
  // Before hours of reading, not after.
  yield* failing([ConfigError], () => bootstrapOf(options))
  const result = yield* failingAsync(foreseen, (signal) =>
    tallyFiles({
      files,
      threads,
      isStrict,
      isResumable,
      signal,
      ...(format === undefined ? {} : { format }),
      ...(scoreField === undefined ? {} : { scoreField }),
      ...(sourceOf === undefined ? {} : { sourceOf }),
      ...(onProgress === undefined ? {} : { onProgress })
    }))
  if (onRead !== undefined) yield* onRead({ badRowCount: result.badRowCount, badRows: result.badRows, files: result.files })
  return result
})

/** Refuses trained levels that no response has: they would silently pool nothing. */
export const assertLevels = (trainLevels: ReadonlyArray<string>, levels: ReadonlyArray<CountedLevel>): Effect.Effect<void, ConfigError> => {
  const known = levels.map(({ level }) => level)
  const unknown = trainLevels.filter((level) => !known.includes(level))
  return unknown.length === 0 ? Effect.void : Effect.fail(
    new ConfigError({
      field: "trainLevels",
      value: unknown.join(", "),
      expected: `levels of the responses: ${sortLevels(known).join(", ")}`
    })
  )
}

/** What was read of files, without the tallies. */
export type ReadFiles = Pick<TallyResult, "badRowCount" | "badRows" | "files" | "reading">

const formatOf = ({ formats }: FileReading): string =>
  Object.entries(formats).sort(([, a], [, b]) => b - a).map(([format]) => format).join(", ")

const inputsOf = ({ files }: ReadFiles): ReadonlyArray<TranscriptInput> =>
  files.map((read) => ({ file: read.file, format: formatOf(read), rows: read.rows }))

const notesOf = ({ files, reading }: ReadFiles): ReadonlyArray<string> => [
  ...files.flatMap(({ file, notes }) =>
    notes.map(({ count, line, text }) => `${file}: ${count} row${count === 1 ? "" : "s"}, the first in line ${line}: ${text}.`)
  ),
  ...countedNotes(reading)
]

/** What there is to say of the rows that were counted, whatever files they are in. */
export const countedNotes = (reading: ReadingTally): ReadonlyArray<string> => [
  ...(reading.engineless === 0 ? [] : [
    `${reading.engineless} references are sums, integrals and the like, which need the package @cortex-js/compute-engine: npm install @cortex-js/compute-engine.`
  ]),
  ...(reading.assumed === 0 ? [] : [
    `${reading.assumed} earlier answers are taken for wrong: no reference tells, and the verdict on the last answer is "wrong". p_S is a little low for it.`
  ]),
  ...(reading.kinds["verdict"] === undefined ? [] : [
    "Where no reference shows what kind of answers these are, numbers are looked for: --answers names another kind."
  ]),
  ...(reading.judged === 0 ? [] : [
    reading.contradicted === 0
      ? `Our grading agrees with the rows' own verdicts (${reading.judged}).`
      : `Our grading contradicts the rows' own verdicts in ${reading.contradicted} of ${reading.judged}, e.g. ${
        reading.contradictions.toSorted(byCharacters).slice(0, 3).join(", ")
      }: look at them with --explain.`
  ])
]

/** What is said of a reading beside the calibration. */
export const describeReading = (
  read: ReadFiles,
  { markers }: Pick<ReaderSpec, "markers">,
  reader: ModelReading["report"] | undefined
): ReadRows => {
  const { badRowCount, badRows, reading } = read
  const known = new Set(DEFAULT_MARKERS)
  return {
    badRowCount,
    badRows,
    inputs: inputsOf(read),
    markers: markers.filter((phrase) => !known.has(phrase)),
    duplicates: reading.duplicates,
    reading: {
      // By name, as parts that are merged have no order of reading.
      kinds: Object.fromEntries(Object.entries(reading.kinds).toSorted(([a], [b]) => byCharacters(a, b))),
      confirmed: reading.confirmed,
      unmarked: reading.unmarked,
      notes: [...notesOf(read), ...(reader === undefined ? [] : [readerWords(reader)])]
    },
    ...(reader === undefined ? {} : { reader })
  }
}

const listOf = (files: string | ReadonlyArray<string>): ReadonlyArray<string> => (typeof files === "string" ? [files] : files)

/**
 * `calibrateFiles`, and then `use` of what it gives. A saved state (`isResumable`) goes when `use` has succeeded: whatever fails before, and
 * `use` itself, costs no second reading.
 */
export const calibrateFilesWith = Effect.fn("CalibrateFiles.calibrateFiles")(function* <A, E, R> (
  files: string | ReadonlyArray<string>,
  options: CalibrateFilesOptions,
  use: (calibration: TranscriptCalibration) => Effect.Effect<A, E, R>
): Effect.fn.Return<A, FilesError | E, R | Scope.Scope> {
  const threads = yield* threadsFor(options)
  const read = yield* tally(listOf(files), threads, options)
  const levels = read.tallies.levels()
  const { trainLevels } = options
  yield* assertLevels(trainLevels ?? [], levels)
  const calibration = yield* failingAsync(foreseen, () => calibrateTalliesWith(threads.resample, levels, options))
  const result = yield* use(
    describeTallies(calibration, levels, {
      ...describeReading(read, threads.reader, options.modelReading?.report),
      ...(trainLevels === undefined ? {} : { trainLevels })
    })
  )
  read.forget()
  return result
}, Effect.scoped)

/**
 * Calibrates a model from files of its transcripts, several as one: the result that `decision-sampling calibrate --json` prints. Blocks are
 * read in threads that live as long as the Effect; interrupting it ends them. Bootstrap and counts do not depend on their number.
 *
 * Fails with `FileError` for a file that cannot be read or files without a row, `ConfigError` for an unknown format or options that do not fit
 * the responses (a cap below the longest, a trained level that none has), and with `isStrict` with `RowError` at the first row that cannot be
 * used; without, such rows are counted and listed.
 */
export const calibrateFiles = (
  files: string | ReadonlyArray<string>,
  options: CalibrateFilesOptions = {}
): Effect.Effect<TranscriptCalibration, FilesError> => calibrateFilesWith(files, options, Effect.succeed)

/**
 * Compares two models from files of their transcripts (differences are `to` − `from`): the result that `decision-sampling compare --json`
 * prints. Models are called by their files. Threads and errors as in `calibrateFiles`.
 */
export const compareFiles = Effect.fn("CalibrateFiles.compareFiles")(function* (
  from: string | ReadonlyArray<string>,
  to: string | ReadonlyArray<string>,
  { modelReading, ...options }: CompareFilesOptions = {}
): Effect.fn.Return<Comparison, FilesError, Scope.Scope> {
  const threads = yield* threadsFor(modelReading === undefined ? options : { ...options, modelReading: modelReading.from })
  const before = yield* tally(listOf(from), threads, options)
  const threadsAfter = modelReading === undefined ? threads : yield* threadsFor({ ...options, modelReading: modelReading.to })
  const after = yield* tally(listOf(to), threadsAfter, options)
  const [fromLevels, toLevels] = [before.tallies.levels(), after.tallies.levels()]
  yield* assertLevels(options.trainLevels ?? [], [...fromLevels, ...toLevels])
  const comparison = yield* failing(foreseen, () =>
    compareTallies(
      { id: listOf(from).join(", "), levels: fromLevels },
      { id: listOf(to).join(", "), levels: toLevels },
      options
    ))
  return {
    ...comparison,
    inputs: { from: inputsOf(before), to: inputsOf(after) },
    ...(modelReading === undefined ? {} : { reader: { from: modelReading.from.report, to: modelReading.to.report } })
  }
}, Effect.scoped)
