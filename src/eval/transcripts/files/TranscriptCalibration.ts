/**
 * The shape of `calibrate --json`: a calibration, and what was read to make it.
 *
 * @module
 */
import { Schema } from "effect"
import { Calibration } from "../../calibration/Calibration.ts"

/** Calibration of transcripts. */
export const TranscriptCalibration = Schema.Struct({
  ...Calibration.fields,
  /** The levels that `--trained` named; present with `trained` and `unseen`. */
  trainLevels: Schema.optionalKey(Schema.Array(Schema.String)),
  /** pass@k and pass^k for k = 1, 2, 4, … up to the fewest responses that any prompt has. */
  passAtK: Schema.Array(Schema.Struct({ k: Schema.Int, passAtK: Schema.Finite, passAllK: Schema.Finite })),
  badRowCount: Schema.Int,
  /** The first thousand. */
  badRows: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int, reason: Schema.String }))
})

/** Calibration of transcripts. */
export type TranscriptCalibration = typeof TranscriptCalibration.Type
