/**
 * TRL's tables of completions, as text or chat messages; AReaL's rollouts have the same fields.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows whose response is `completion`. */
export const trl = {
  name: "trl",
  of: "TRL's completions, AReaL's rollouts",
  fits: (row) => has(row, "prompt", "completion"),
  read: (row, context) => readNamed(row, context, ["completion"])
} as const satisfies RowFormat
