/**
 * How far a calibration has read, in a file beside the first input, so that an interrupted one goes on where it was.
 *
 * @module
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { Option, Schema } from "effect"
import { FileError } from "../../../domain/Errors.ts"
import { FORMATS } from "../Formats.ts"
import { ReadingTally } from "../ReadingTally.ts"
import { SavedTallies } from "../Tallies.ts"
import { FileReading } from "./FileReading.ts"

/** What is kept: the place in the files, and all that was counted before it. `job` says what the counts are of. */
export const SavedState = Schema.Struct({
  job: Schema.String,
  file: Schema.Int,
  offset: Schema.Number,
  line: Schema.Int,
  /** How the rest of the file is read; absent before its first row. */
  plan: Schema.optionalKey(Schema.Struct({
    format: Schema.optionalKey(Schema.Literals(FORMATS)),
    scoreField: Schema.optionalKey(Schema.String),
    filter: Schema.optionalKey(Schema.String),
    isPartedByGold: Schema.optionalKey(Schema.Boolean)
  })),
  badRowCount: Schema.Int,
  badRows: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int, reason: Schema.String })),
  /** What was read of each file so far. */
  reads: Schema.Array(FileReading),
  reading: ReadingTally,
  tallies: SavedTallies
})

/** What is kept. */
export type SavedState = typeof SavedState.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(SavedState))

/** Reads the state of a job; undefined where there is none. Throws `FileError` if it is of another job, or damaged. */
export const loadState = (path: string, job: string): SavedState | undefined => {
  if (!existsSync(path)) return undefined
  const state = Option.getOrUndefined(decode(readFileSync(path, "utf8")))
  if (state === undefined || state.job !== job) {
    const problem = state === undefined
      ? "not the state of a calibration"
      : "the state of a calibration of other files or with other options"
    throw new FileError({ file: path, problem, advice: "Remove it to begin again, or give the same files and options as before" })
  }
  return state
}

/** Writes a state so that the file is whole at every moment: beside it first, then renamed. */
export const saveState = (path: string, state: SavedState): void => {
  writeFileSync(`${path}.partial`, JSON.stringify(state))
  renameSync(`${path}.partial`, path)
}

/** Removes a state that is no longer needed. */
export const removeState = (path: string): void => rmSync(path, { force: true })
