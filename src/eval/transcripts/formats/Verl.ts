/**
 * verl's dumps of training and validation: input, output, gts, score. Its parquet files have messages and `reward_model.ground_truth`, and
 * are read as samples.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows whose prompt is `input` and whose response is `output`. */
export const verl = {
  name: "verl",
  of: "verl's generations",
  fits: (row) =>
    has(row, "input", "output") && typeof row["input"] === "string" && typeof row["output"] === "string" && row["input"].trim() !== "" &&
    row["instruction"] === undefined,
  read: (row, context) => readNamed(row, context, ["output"], ["input", "prompt", "question", "problem", "instruction", "query"])
} as const satisfies RowFormat
