/**
 * The evaluation harness of Qwen2.5-Math and its many descendants: question, gt, and lists of code (the responses), pred and score.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows whose responses are `code`. */
export const mathHarness = {
  name: "math-harness",
  of: "the math evaluation harness's outputs",
  fits: (row) => Array.isArray(row["code"]) && (has(row, "question") || has(row, "problem") || has(row, "prompt")),
  read: (row, context) => readNamed(row, context, ["code"], ["question", "problem", "prompt"])
} as const satisfies RowFormat
