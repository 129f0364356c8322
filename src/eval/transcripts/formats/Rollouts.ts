/**
 * Our own rollouts, as `reproduce` and `train` write them.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows with spans of tokens. */
export const rollouts = {
  name: "rollouts",
  of: "our own rollouts",
  fits: (row) => row["spans"] !== undefined && has(row, "prompt", "completion", "gts"),
  read: (row, context) => readNamed(row, context, ["completion"])
} as const satisfies RowFormat
