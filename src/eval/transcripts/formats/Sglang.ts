/**
 * Answers of sglang's own endpoint, saved with the prompt and the reference answer: `text` and `meta_info`.
 *
 * @module
 */
import { has, isRow, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows with `meta_info`. */
export const sglang = {
  name: "sglang",
  of: "sglang's answers",
  fits: (row) => row["meta_info"] !== undefined && isRow(row["meta_info"]) && has(row, "text"),
  read: (row, context) => readNamed(row, context, ["text"])
} as const satisfies RowFormat
