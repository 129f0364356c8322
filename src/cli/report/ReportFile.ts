/**
 * Result files of this program's commands, told apart by what is in them.
 *
 * @module
 */
import { basename } from "node:path"
import { Console, Effect, FileSystem, Path, Result, Schema } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { refused } from "../../domain/Files.ts"
import { configErrorOf } from "../../domain/SchemaFaults.ts"
import { failing } from "../../domain/Throws.ts"
import { AttributionReport } from "../../eval/attribute/AttributionReport.ts"
import { Calibration } from "../../eval/calibration/Calibration.ts"
import { Comparison } from "../../eval/calibration/Comparison.ts"
import { Machine } from "../../eval/results/Machine.ts"
import { Results, Timings } from "../../eval/results/Results.ts"
import { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"

// What `calibrate` and `eval` add to a calibration may be missing: the library's own has only the calibration.
const { badRowCount, badRows, passAtK } = TranscriptCalibration.fields
const CalibrationFile = Schema.Struct({
  ...Calibration.fields,
  passAtK: Schema.optionalKey(passAtK),
  badRowCount: Schema.optionalKey(badRowCount),
  badRows: Schema.optionalKey(badRows)
})

/** A file's content with the name that the page gives it. */
export type ReportFile =
  | { readonly _tag: "Results"; readonly label: string; readonly content: Results }
  | { readonly _tag: "Calibration"; readonly label: string; readonly content: typeof CalibrationFile.Type }
  | { readonly _tag: "Comparison"; readonly label: string; readonly content: Comparison }
  | { readonly _tag: "Attribution"; readonly label: string; readonly content: AttributionReport }

const has = (value: unknown, field: string): boolean => typeof value === "object" && value !== null && field in value

const decodeAs = (label: string, value: unknown): Result.Result<ReportFile, string> | undefined => {
  if (has(value, "models")) {
    return decoded(Results, value, (content) => ({ _tag: "Results", label, content }))
  }
  if (has(value, "attribution")) {
    return decoded(AttributionReport, value, (content) => ({ _tag: "Attribution", label, content }))
  }
  if (has(value, "from") && has(value, "to")) {
    return decoded(Comparison, value, (content) => ({ _tag: "Comparison", label, content }))
  }
  if (has(value, "levels")) {
    return decoded(CalibrationFile, value, (content) => ({ _tag: "Calibration", label, content }))
  }
  return undefined
}

const decoded = <A, I>(schema: Schema.Codec<A, I>, value: unknown, wrap: (content: A) => ReportFile): Result.Result<ReportFile, string> =>
  Result.mapBoth(Schema.decodeUnknownResult(schema, { errors: "all" })(value), {
    onSuccess: wrap,
    onFailure: (error) => configErrorOf(error, value, "the file").message
  })

// A file that stands beside results.json; undefined where there is none. The results are whole without it, so one of another kind is told of and left out.
const beside = Effect.fnUntraced(function* <A, I> (folder: string, name: string, schema: Schema.Codec<A, I>) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, name)
  if (!(yield* Effect.orElseSucceed(files.exists(file), () => false))) return undefined
  return yield* files.readFileString(file).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(schema))),
    Effect.catch(({ message }) => Effect.as(Console.error(`${file} is not what reproduce writes, and is left out: ${message}`), undefined))
  )
})

/** The results of a run with its machine and timings, which `reproduce` writes beside them because they differ between equal runs. */
const withWhatStandsBeside = Effect.fnUntraced(function* (file: string, results: Results) {
  const path = yield* Path.Path
  const folder = path.dirname(file)
  const machine = results.machine ?? (yield* beside(folder, "machine.json", Machine))
  const timings = results.timings ?? (yield* beside(folder, "timings.json", Timings))
  return { ...results, ...(machine === undefined ? {} : { machine }), ...(timings === undefined ? {} : { timings }) }
})

/** Reads a file; it is results.json of `reproduce`, or the JSON of `calibrate`, `compare`, `eval` or `attribute`. */
export const readReportFile = Effect.fn("ReportFile.read")(
  function* (file: string): Effect.fn.Return<ReportFile, FileError, FileSystem.FileSystem | Path.Path> {
    const files = yield* FileSystem.FileSystem
    const text = yield* files.readFileString(file).pipe(
      Effect.mapError(refused(file, "Does the file exist, and may it be read?"))
    )
    const advice = "Pass results.json of reproduce, or what calibrate, compare, eval or attribute print with --json"
    const value = yield* failing([SyntaxError], (): unknown => JSON.parse(text)).pipe(
      Effect.mapError(({ message }) => new FileError({ file, problem: message, advice }))
    )
    const result = decodeAs(basename(file, ".json"), value)
    if (result === undefined) {
      return yield* new FileError({ file, problem: "neither results nor a calibration, a comparison or an attribution", advice })
    }
    if (Result.isFailure(result)) return yield* new FileError({ file, problem: result.failure, advice })
    const { success } = result
    return success._tag === "Results" ? { ...success, content: yield* withWhatStandsBeside(file, success.content) } : success
  }
)
