/**
 * Calibration of a run step by step, at once or while it trains: what `calibrate --by step` computes, as an Effect and as a stream.
 *
 * @module
 */
import { Duration, Effect, Schedule, type Scope, Stream } from "effect"
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import { failing, failingAsync } from "../../../domain/Throws.ts"
import { methodOf, saidOf } from "../../calibration/Method.ts"
import { bootstrapOf } from "../../statistics/Bootstrap.ts"
import { addCounts } from "../Counts.ts"
import { assertLevels, type FilesError, type FilesOptions, threadsFor } from "../files/CalibrateFiles.ts"
import { badRowCountOf, badRowsOf, makeStepsReader, readRowsOf, type StepsReader } from "./ReadSteps.ts"
import { findStepFiles, type FoundFiles, type StepFile } from "./StepFiles.ts"
import { stepFindings } from "./StepFindings.ts"
import { readingOf, stepNotes } from "./StepNotes.ts"
import { assertChoice, isShown, makeStepRows, spread, type StepChoice, unitsOf } from "./StepRows.ts"
import { type StepRow, STEPS_VERSION, type StepsCalibration } from "./StepsCalibration.ts"

/** How a run is calibrated. */
export interface CalibrateStepsOptions extends FilesOptions, StepChoice {}

/** How a run is followed. */
export interface FollowStepsOptions extends CalibrateStepsOptions {
  /** Between two looks at the files; ten seconds unless told. */
  readonly poll?: Duration.Input
  /** The step after which nothing more is waited for: the stream ends when it has been read. */
  readonly until?: number
}

/** What a look at the files of a run has changed. */
export interface StepsUpdate {
  /** Rows that are whole (a later step has begun, or their files have not changed since the last look) and were not given before, or are others now. */
  readonly rows: ReadonlyArray<StepRow>
  /** The run as it is known now. */
  readonly calibration: StepsCalibration
  /** The step that was waited for is there. */
  readonly isDone: boolean
}

const foreseen = [FileError, ConfigError, RowError] as const

const assertOptions = (options: FollowStepsOptions): void => {
  bootstrapOf(options)
  assertChoice(options)
  const { until } = options
  if (until !== undefined && !(Number.isSafeInteger(until) && until >= 0)) {
    throw new ConfigError({ field: "until", value: String(until), expected: "a step: a whole number of 0 or more" })
  }
}

// Of files that are named by their steps only those are read that are shown.
const shownOf = (files: ReadonlyArray<StepFile>, choice: StepChoice): ReadonlyArray<StepFile> => {
  const first = files.find(({ step }) => step !== undefined)?.step ?? 0
  return files.filter(({ step }) => step === undefined || isShown(step, first, choice))
}

// Reads and computes, at once or again and again.
const makeRun = Effect.fnUntraced(function* (
  inputs: ReadonlyArray<string>,
  options: CalibrateStepsOptions,
  isFollowed: boolean
): Effect.fn.Return<
  {
    readonly reader: StepsReader
    readonly look: Effect.Effect<{ readonly found: FoundFiles; readonly fresh: ReadonlySet<string> }, FilesError>
    readonly calibration: (found: FoundFiles) => Effect.Effect<StepsCalibration, FilesError>
  },
  FilesError,
  Scope.Scope
> {
  yield* failing(foreseen, () => assertOptions(options))
  const threads = yield* threadsFor(options)
  const { every = 1, format, isStrict = false, onProgress, scoreField, trainLevels, window = 1 } = options
  const reader = makeStepsReader({
    threads,
    isStrict,
    isFollowed,
    ...(format === undefined ? {} : { format }),
    ...(scoreField === undefined ? {} : { scoreField })
  })
  const rowOf = makeStepRows(options)
  // Rows that were left out at the first look stay out, and all that come later are in.
  const skipped = new Set<number>()
  let hasLooked = false
  const look = failingAsync(foreseen, async (signal) => {
    const found = findStepFiles(inputs, isFollowed)
    const files = shownOf(found.files, options)
    const total = files.reduce((sum, { size }) => sum + size, 0)
    const names = await reader.read(files, {
      signal,
      ...(onProgress === undefined ? {} : { onProgress: (read) => onProgress(read, total) })
    })
    return { found, fresh: new Set(names) }
  })
  const calibration = Effect.fnUntraced(function* (found: FoundFiles): Effect.fn.Return<StepsCalibration, FilesError> {
    const steps = reader.steps()
    const units = unitsOf(steps, options)
    const files = reader.files()
    if (!hasLooked && options.most !== undefined) {
      const kept = new Set(spread(units, options.most))
      for (const unit of units) if (!kept.has(unit)) skipped.add(unit.last)
    }
    hasLooked ||= units.length > 0
    const shown = units.filter(({ last }) => !skipped.has(last))
    // Rows take a while; a run that is followed stays interruptible between them.
    const computed = yield* Effect.forEach(
      shown,
      (unit) => failing(foreseen, () => rowOf(unit, units[0]!)).pipe(Effect.tap(() => Effect.yieldNow))
    )
    const notes = stepNotes(reader, steps, units, found.leftOut)
    return {
      version: STEPS_VERSION,
      inputs,
      files: files.length,
      window,
      every,
      bootstrap: bootstrapOf(options),
      ...saidOf(methodOf(options)),
      formats: addCounts(...files.map(({ part }) => part.formats)),
      kinds: readingOf(files).kinds,
      ...(trainLevels === undefined ? {} : { trainLevels }),
      rowCount: units.length,
      steps: computed.map(({ row }) => row),
      findings: stepFindings(computed, units, notes),
      badRowCount: badRowCountOf(files),
      badRows: badRowsOf(files)
    }
  })
  return { reader, look, calibration }
})

const nothingFound = (inputs: ReadonlyArray<string>, { leftOut }: FoundFiles): FileError =>
  new FileError({
    file: inputs.join(", "),
    problem: `no file of rollouts (.jsonl or .parquet)${leftOut.count === 0 ? "" : `, only others such as ${leftOut.names[0]}`}`,
    advice:
      "Give the folder that the trainer writes its rollouts to (verl: trainer.rollout_data_dir; TRL: OUTPUT/completions), or --follow to wait for its first step"
  })

// Why no step was found in files that are there. The failure of a file that could not be read comes first.
const noStep = (inputs: ReadonlyArray<string>, reader: StepsReader): FilesError => {
  const files = reader.files()
  const failed = files.find(({ problem }) => problem !== undefined)
  if (failed?.problem !== undefined) return failed.problem
  const [bad] = badRowsOf(files, 1)
  if (reader.unplaced() > 0) {
    return new FileError({
      file: inputs.join(", "),
      problem: `${reader.unplaced()} rows, and none says a step`,
      advice: "Name files by their steps (200.jsonl), give rows a field \"step\", or calibrate them without --by step"
    })
  }
  return new FileError({
    file: inputs.join(", "),
    problem: bad === undefined
      ? "no row, only blank lines or nothing at all"
      : `no row that can be used (${bad.file}:${bad.line}: ${bad.reason})`,
    advice: "See one row with calibrate --explain 1"
  })
}

/**
 * Calibrates a run step by step: rates, accuracy, and how far each step is from the first, split into what sampling and what deciding made (Shapley's value, as in
 * `compareFiles`). Inputs are folders, series ("run/step_{step}/traces.jsonl") and files (`findStepFiles`). A row's step is its own, or else that of its file's
 * name. Rows of the result are what `calibrateFiles` and `compareFiles` say of the same rollouts, to the last bit. Memory holds tallies, some kilobytes a step.
 *
 * Fails with `FileError` where no step is found, `ConfigError` for several series in a folder and for options that make no sense, and with `isStrict`
 * with `RowError` at the first row that cannot be used and with a file that cannot be read; without, such rows and files are counted and named in the findings.
 */
export const calibrateSteps = Effect.fn("CalibrateSteps.calibrateSteps")(function* (
  inputs: string | ReadonlyArray<string>,
  options: CalibrateStepsOptions = {}
): Effect.fn.Return<StepsCalibration, FilesError, Scope.Scope> {
  const list = typeof inputs === "string" ? [inputs] : inputs
  const { calibration, look, reader } = yield* makeRun(list, options, false)
  const { found } = yield* look
  const { isStrict = false, onRead, trainLevels = [] } = options
  if (reader.files().length === 0) return yield* nothingFound(list, found)
  const failed = reader.files().find(({ problem }) => problem !== undefined)?.problem
  if (isStrict && failed !== undefined) return yield* failed
  const steps = reader.steps()
  if (steps.length === 0) return yield* noStep(list, reader)
  yield* assertLevels(trainLevels, steps.flatMap(({ levels }) => levels))
  if (onRead !== undefined) {
    yield* onRead(readRowsOf(reader.files()))
  }
  return yield* calibration(found)
}, Effect.scoped)

const DEFAULT_POLL = Duration.seconds(10)

/**
 * Follows a run: looks at its files again and again, reads what is new, and gives what has changed; the first look at once. Files are looked up by listing
 * folders and sizes, which works on network file systems. A last line that is not whole waits for its rest, a Parquet file for its end; a file that shrank or was
 * written anew is read again. What is there at the end is what `calibrateSteps` says of the files as they are then, to the last bit. Ends with `until`, else never.
 * Fails as `calibrateSteps` does, but waits where no step is there yet.
 */
export const followSteps = (
  inputs: string | ReadonlyArray<string>,
  options: FollowStepsOptions = {}
): Stream.Stream<StepsUpdate, FilesError> => {
  const list = typeof inputs === "string" ? [inputs] : inputs
  return Stream.unwrap(
    Effect.gen(function* () {
      const { calibration, look, reader } = yield* makeRun(list, options, true)
      const given = new Map<number, StepRow>()
      const update = Effect.gen(function* (): Effect.fn.Return<StepsUpdate, FilesError> {
        const { found, fresh } = yield* look
        const now = yield* calibration(found)
        const last = now.steps.at(-1)
        const newest = reader.steps().at(-1)
        const { until } = options
        const waiting = new Set(reader.files().flatMap(({ file, waits }) => (waits ? [file.file] : [])))
        const isGrowing = newest?.files.some((file) => fresh.has(file) || waiting.has(file)) === true
        const isReached = until !== undefined && [newest, ...found.files].some((each) => (each?.step ?? -1) >= until)
        const isDone = isReached && !isGrowing
        // The last row is whole when its files have stopped growing and, of a window, when its last step is there.
        const isWhole = isDone || (!isGrowing && newest?.step === last?.last)
        const rows = now.steps.filter((row) => given.get(row.last) !== row && (row !== last || isWhole))
        for (const row of rows) given.set(row.last, row)
        return { rows, calibration: now, isDone }
      })
      return Stream.fromEffectSchedule(update, Schedule.spaced(options.poll ?? DEFAULT_POLL)).pipe(Stream.takeUntil(({ isDone }) => isDone))
    })
  )
}
