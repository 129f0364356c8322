/**
 * Rows with a problem and a list of its samples, under the names that data sets use; verl's parquet files among them.
 *
 * @module
 */
import type { Row, RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Fields of lists of responses. */
export const MANY_FIELDS = [
  "responses",
  "generations",
  "completions",
  "samples",
  "outputs",
  "resps",
  "predictions",
  "model_outputs",
  "candidates"
] as const

const fieldOf = (row: Row): string | undefined => MANY_FIELDS.find((field) => Array.isArray(row[field]))

/** Rows with a list of responses. */
export const manySamples = {
  name: "samples",
  of: "several samples a row",
  fits: (row) => fieldOf(row) !== undefined,
  read: (row, context) => readNamed(row, context, [fieldOf(row) ?? MANY_FIELDS[0]])
} as const satisfies RowFormat
