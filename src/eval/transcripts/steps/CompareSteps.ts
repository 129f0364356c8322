/**
 * Steps of runs compared: "run/rollouts@10" with "run/rollouts@200".
 *
 * @module
 */
import { existsSync } from "node:fs"
import { Effect, type Scope } from "effect"
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import { failing, failingAsync } from "../../../domain/Throws.ts"
import type { Comparison } from "../../calibration/Comparison.ts"
import type { TranscriptInput } from "../../calibration/TranscriptInput.ts"
import { bootstrapOf } from "../../statistics/Bootstrap.ts"
import { compareTallies } from "../CalibrateTallies.ts"
import { assertLevels, type FilesError, type FilesOptions, threadsFor } from "../files/CalibrateFiles.ts"
import type { CalibrateThreads } from "../files/CalibrateThreads.ts"
import { poolTallies } from "../PoolTallies.ts"
import type { LevelTally } from "../Tallies.ts"
import { makeStepsReader, readRowsOf } from "./ReadSteps.ts"
import { findStepFiles, isRun } from "./StepFiles.ts"

/** Steps of a run: the folder, series or file, and the first and the last step; all rows of a file without them. */
export interface NamedSteps {
  readonly name: string
  readonly path: string
  readonly range: readonly [first: number, last: number] | undefined
}

const RANGE = /^(.+)@(\d{1,15})(?:-(\d{1,15}))?$/s

/** Reads "run/rollouts@10" or "run/rollouts@1-10". A path that is there is that path, whatever its name. */
export const namedSteps = (name: string): NamedSteps => {
  const [, path, first, last] = existsSync(name) ? [] : RANGE.exec(name) ?? []
  return path === undefined || first === undefined
    ? { name, path: name, range: undefined }
    : { name, path, range: [Number(first), Number(last ?? first)] }
}

/** Whether a name is of steps of a run, and not of a file of transcripts. */
export const namesSteps = (name: string): boolean => namedSteps(name).range !== undefined || isRun(name)

interface Side {
  readonly levels: ReadonlyArray<LevelTally>
  readonly inputs: ReadonlyArray<TranscriptInput>
}

const foreseen = [FileError, ConfigError, RowError] as const

const readSide = Effect.fnUntraced(function* (
  { name, path, range }: NamedSteps,
  threads: CalibrateThreads,
  options: FilesOptions
): Effect.fn.Return<Side, FilesError> {
  const { format, isStrict = false, onRead, scoreField } = options
  if (range !== undefined && range[0] > range[1]) {
    return yield* new ConfigError({ field: "the steps", value: name, expected: "the first step before the last" })
  }
  if (range === undefined && isRun(path)) {
    return yield* new ConfigError({ field: "the run", value: path, expected: `a step of it, or several: ${path}@10, ${path}@1-10` })
  }
  const isIn = (step: number): boolean => range === undefined || (step >= range[0] && step <= range[1])
  const reader = makeStepsReader({
    threads,
    isStrict,
    isFollowed: false,
    ...(format === undefined ? {} : { format }),
    ...(scoreField === undefined ? {} : { scoreField })
  })
  const { found, taken } = yield* failingAsync(foreseen, async (signal) => {
    const found = findStepFiles([path]).files
    const taken = found.filter(({ step }) => step === undefined || isIn(step))
    await reader.read(taken, { signal })
    return { found, taken }
  })
  const files = reader.files()
  const failed = files.find(({ problem }) => problem !== undefined)?.problem
  if (failed !== undefined) return yield* failed
  if (onRead !== undefined) {
    yield* onRead(readRowsOf(files))
  }
  const elsewhere = files.reduce((sum, { part }) => sum + part.elsewhere, 0)
  if (range !== undefined && elsewhere > 0) {
    return yield* new FileError({
      file: files.find(({ part }) => part.elsewhere > 0)!.file.file,
      problem: `${elsewhere} row${elsewhere === 1 ? "" : "s"} of another step than the file's name says`,
      advice: "Which step is meant? Rename the file, or see all steps with calibrate --by step"
    })
  }
  const steps = reader.steps()
  const parts = range === undefined
    ? files.flatMap(({ part }) => [...part.steps.values()].map(({ levels }) => levels))
    : steps.filter(({ step }) => isIn(step)).map(({ levels }) => levels)
  if (parts.length === 0) {
    const known = [...new Set([...found.flatMap(({ step }) => step ?? []), ...steps.map(({ step }) => step)])].sort((a, b) => a - b)
    return yield* new FileError({
      file: path,
      problem: range === undefined
        ? "no row that can be used"
        : `no rows of step ${range[0] === range[1] ? range[0] : `${range[0]} to ${range[1]}`}`,
      advice: known.length === 0
        ? "Give a folder that a trainer wrote its rollouts to"
        : `There ${known.length === 1 ? `is step ${known[0]}` : `are ${known.length} steps, ${known[0]} to ${known.at(-1)}`}`
    })
  }
  const formatOf = (formats: Readonly<Record<string, number>>): string =>
    Object.entries(formats).sort(([, a], [, b]) => b - a).map(([each]) => each).join(", ")
  return {
    levels: poolTallies(parts),
    inputs: files.filter(({ file }) => taken.includes(file)).map(({ file, part }) => ({
      file: file.file,
      format: formatOf(part.formats),
      rows: part.rows
    }))
  }
})

/**
 * Compares steps of runs, or a run's step with a file, as `compareFiles` compares files: "run/rollouts@10" is one step of a folder or series, "@1-10" several
 * pooled. Of a run whose files are named by their steps only those of the steps are read.
 *
 * Fails with `FileError` for what is not there, a step that no row is of and a file with rows of another step than its name; `ConfigError` for a
 * folder without a step.
 */
export const compareSteps = Effect.fn("CompareSteps.compareSteps")(function* (
  from: string,
  to: string,
  options: FilesOptions = {}
): Effect.fn.Return<Comparison, FilesError, Scope.Scope> {
  yield* failing(foreseen, () => bootstrapOf(options))
  const threads = yield* threadsFor(options)
  const before = yield* readSide(namedSteps(from), threads, options)
  const after = yield* readSide(namedSteps(to), threads, options)
  yield* assertLevels(options.trainLevels ?? [], [...before.levels, ...after.levels])
  const comparison = yield* failing(
    foreseen,
    () => compareTallies({ id: from, levels: before.levels }, { id: to, levels: after.levels }, options)
  )
  return { ...comparison, inputs: { from: before.inputs, to: after.inputs } }
}, Effect.scoped)
