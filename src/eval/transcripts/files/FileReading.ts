/**
 * What was read of a file: how many rows, of which formats, and what there is to say of them.
 *
 * @module
 */
import { Schema } from "effect"
import { CountedNote } from "../ReadingNotes.ts"

/** What was read of a file. A file of which nothing was usable has `rows` 0. */
export const FileReading = Schema.Struct({
  file: Schema.String,
  /** Transcripts; a line may hold several. */
  rows: Schema.Int,
  /** Lines that could not be used. */
  badRows: Schema.Int,
  /** Lines of each format. */
  formats: Schema.Record(Schema.String, Schema.Int),
  notes: Schema.Array(CountedNote)
})

/** What was read of a file. */
export type FileReading = typeof FileReading.Type
