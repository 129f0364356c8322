/**
 * Results of verifiers environments: messages, a stop condition, and metrics laid out beside them.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows of `results.jsonl`. Their metrics have names of any kind, so that only `answer` is a reference. */
export const verifiers = {
  name: "verifiers",
  of: "verifiers' results",
  fits: (row) => (row["example_id"] !== undefined || row["stop_condition"] !== undefined) && has(row, "prompt", "completion"),
  read: (row, context) => readNamed(row, context, ["completion"], undefined, ["answer", "info.answer", "info.ground_truth"])
} as const satisfies RowFormat
