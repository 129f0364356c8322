/**
 * slime's samples: a label, and a status that says whether the response was cut off.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows with a `status`. */
export const slime = {
  name: "slime",
  of: "slime's samples",
  fits: (row) => row["status"] !== undefined && has(row, "prompt", "response") && ("label" in row || "rollout_log_probs" in row),
  read: (row, context) => readNamed(row, context, ["response"])
} as const satisfies RowFormat
