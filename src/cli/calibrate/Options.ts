/**
 * Flags that `calibrate` and `compare` share, and reading files under them.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option } from "effect"
import { Flag } from "effect/cli"
import { ConfigError, FileError, RowError } from "../../domain/Errors.ts"
import { DEFAULT_ROUNDS, PAPER_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { type CalibrateOptions, sortLevels } from "../../eval/calibration/Calibrate.ts"
import { type Format, FORMATS } from "../../eval/transcripts/Formats.ts"
import { DEFAULT_MARKERS, parseMarkerList } from "../../tasks/reading/Markers.ts"
import type { LevelTally } from "../../eval/transcripts/Tallies.ts"
import { Progress } from "../Progress.ts"
import { type CalibrateThreads, makeCalibrateThreads } from "../../eval/transcripts/files/CalibrateThreads.ts"
import { tallyFiles, type TallyOptions } from "../../eval/transcripts/files/TallyFiles.ts"

/** The flags. */
export const sharedFlags = {
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false)),
  format: Flag.Literals("format", FORMATS).pipe(Flag.withDescription("Row format; found from the first row unless told"), Flag.optional),
  markers: Flag.String("markers").pipe(Flag.withDescription("A file of further revision markers, one a line"), Flag.optional),
  strict: Flag.Boolean("strict").pipe(Flag.withDescription("Fail at the first bad row"), Flag.withDefault(false)),
  cap: Flag.Int("cap").pipe(Flag.withDescription("Attempts allowed; the longest response's unless told"), Flag.optional),
  trained: Flag.String("trained").pipe(
    Flag.withDescription("Levels that the model was trained on, e.g. 3x3,3x4: the others are pooled apart"),
    Flag.optional
  ),
  rounds: Flag.Int("rounds").pipe(Flag.withDescription("Bootstrap rounds"), Flag.withDefault(DEFAULT_ROUNDS)),
  paper: Flag.Boolean("paper").pipe(Flag.withDescription(`The paper's ${PAPER_ROUNDS} rounds`), Flag.withDefault(false)),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of the bootstrap"), Flag.withDefault(0))
}

/** The values of the statistics' flags. */
export interface StatisticsFlags {
  readonly cap: Option.Option<number>
  readonly trained: Option.Option<string>
  readonly rounds: number
  readonly paper: boolean
  readonly seed: number
}

/** Options of the statistics from their flags. Throws `ConfigError` if a level is said to be trained that no response has. */
export const statisticsOptions = (
  { cap, paper, rounds, seed, trained }: StatisticsFlags,
  levels: ReadonlyArray<LevelTally>
): CalibrateOptions => {
  const trainLevels = Option.map(trained, (names) => names.split(",").map((level) => level.trim()))
  const known = levels.map(({ level }) => level)
  const unknown = Option.getOrElse(trainLevels, () => []).filter((level) => !known.includes(level))
  if (unknown.length > 0) {
    throw new ConfigError({
      field: "--trained",
      value: unknown.join(", "),
      expected: `levels of the responses: ${sortLevels(known).join(", ")}`
    })
  }
  return {
    rounds: paper ? PAPER_ROUNDS : rounds,
    seed,
    ...(Option.isSome(cap) ? { cap: cap.value } : {}),
    ...(Option.isSome(trainLevels) ? { trainLevels: trainLevels.value } : {})
  }
}

/** The default markers and those of a file. */
export const readMarkers = Effect.fn("Options.readMarkers")(function* (file: Option.Option<string>) {
  if (Option.isNone(file)) return DEFAULT_MARKERS
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(file.value).pipe(
    Effect.mapError((cause) =>
      new FileError({ file: file.value, problem: cause.message, advice: "Give a text file with one phrase a line" })
    )
  )
  return [...DEFAULT_MARKERS, ...parseMarkerList(text)]
})

const isForeseen = (error: unknown): error is ConfigError | FileError | RowError =>
  error instanceof ConfigError || error instanceof FileError || error instanceof RowError

/** Runs a computation that throws the errors of the domain; others are defects. */
export const foreseen = <A>(run: () => A | Promise<A>): Effect.Effect<A, ConfigError | FileError | RowError> =>
  Effect.tryPromise({ try: async () => run(), catch: (error) => error }).pipe(
    Effect.catch((error) => (isForeseen(error) ? Effect.fail(error) : Effect.die(error)))
  )

/** Values of the reading flags. */
export interface ReadingFlags {
  readonly format: Option.Option<Format>
  readonly strict: boolean
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6)

/** Threads for revision markers, until the scope closes. */
export const threadsFor = (markers: ReadonlyArray<string>) =>
  Effect.acquireRelease(Effect.sync(() => makeCalibrateThreads(markers)), ({ close }) => Effect.promise(close))

/** Reads files into tallies with progress on standard error. */
export const tally = Effect.fn("Options.tally")(function* (
  files: ReadonlyArray<string>,
  threads: CalibrateThreads,
  flags: ReadingFlags,
  more: Partial<TallyOptions> = {}
) {
  const progress = yield* Progress
  const show = yield* progress.stage("reading transcripts", 100)
  const result = yield* foreseen(() =>
    tallyFiles({
      files,
      threads,
      isStrict: flags.strict,
      isResumable: false,
      ...(Option.isSome(flags.format) ? { format: flags.format.value } : {}),
      onProgress: (read, total) => show(Math.min(100, Math.round((100 * read) / Math.max(read, total))), `${megabytes(read)} MB`),
      ...more
    })
  )
  for (const { file, line, reason } of result.badRows.slice(0, 10)) yield* Console.error(`${file}:${line}: ${reason}`)
  if (result.badRowCount > 10) yield* Console.error(`… ${result.badRowCount} bad rows in all`)
  return result
})
