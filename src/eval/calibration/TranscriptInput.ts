/**
 * What was read for the JSON of `calibrate` and `compare`, and the version of its shape.
 *
 * @module
 */
import { Schema } from "effect"

/** The version of the JSON. 1, without this field: truncated rollouts left out, intervals for any number of prompts, no findings. */
export const TRANSCRIPTS_VERSION = 2

/** A file that was read: in which format, and how many rows could be used. */
export const TranscriptInput = Schema.Struct({ file: Schema.String, format: Schema.String, rows: Schema.Int })

/** A file that was read. */
export type TranscriptInput = typeof TranscriptInput.Type
