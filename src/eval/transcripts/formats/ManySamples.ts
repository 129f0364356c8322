/**
 * Rows with a problem and a list of its samples, under the names that data sets use; verl's parquet files among them.
 *
 * @module
 */
import { MANY_FIELDS } from "../../../domain/ResponseFields.ts"
import type { Row, RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

const fieldOf = (row: Row): string | undefined => MANY_FIELDS.find((field) => Array.isArray(row[field]))

/** Rows with a list of responses. */
export const manySamples = {
  name: "samples",
  of: "several samples a row",
  fits: (row) => fieldOf(row) !== undefined,
  read: (row, context) => readNamed(row, context, [fieldOf(row) ?? MANY_FIELDS[0]])
} as const satisfies RowFormat
