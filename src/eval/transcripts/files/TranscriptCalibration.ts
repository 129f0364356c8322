/**
 * The shape of `calibrate --json`: a calibration, what was read to make it, and what it says.
 *
 * @module
 */
import { Schema } from "effect"
import { Calibration } from "../../calibration/Calibration.ts"
import { CalibrationFindings, ReadingSummary } from "../../calibration/Findings.ts"
import { ReaderReport } from "../../calibration/ReaderReport.ts"
import { TranscriptInput, TRANSCRIPTS_VERSION } from "../../calibration/TranscriptInput.ts"

const PassAtKRows = Schema.Array(Schema.Struct({ k: Schema.Int, passAtK: Schema.Finite, passAllK: Schema.Finite }))

/** Calibration of transcripts. Whoever reads files fills what is optional here. */
export const TranscriptCalibration = Schema.Struct({
  ...Calibration.fields,
  version: Schema.optionalKey(Schema.Literal(TRANSCRIPTS_VERSION)),
  /** The files, in which format each was read, and how many rows of it could be used. */
  inputs: Schema.optionalKey(Schema.Array(TranscriptInput)),
  /** Responses by kind of answer. */
  kinds: Schema.optionalKey(Schema.Record(Schema.String, Schema.Int)),
  /** What a revision was known by. */
  markers: Schema.optionalKey(Schema.Array(Schema.String)),
  reading: Schema.optionalKey(ReadingSummary),
  /** The model that listed the candidates, where it was not the rules. */
  reader: Schema.optionalKey(ReaderReport),
  /** The answer in words. */
  findings: Schema.optionalKey(CalibrationFindings),
  /** The levels that `--trained` named; present with `trained` and `unseen`. */
  trainLevels: Schema.optionalKey(Schema.Array(Schema.String)),
  /** pass@k and pass^k of finished responses, for k = 1, 2, 4, … up to the fewest that any prompt with one has. */
  passAtK: PassAtKRows,
  /** The same of all responses, those that were cut off counted as not solved; where any was. */
  passAtKOfAll: Schema.optionalKey(PassAtKRows),
  /** Responses that are word for word another response to the same prompt, of those that stand near each other in a file: the least that there are. */
  duplicates: Schema.optionalKey(Schema.Int),
  badRowCount: Schema.Int,
  /** The first thousand. */
  badRows: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int, reason: Schema.String }))
})

/** Calibration of transcripts. */
export type TranscriptCalibration = typeof TranscriptCalibration.Type
