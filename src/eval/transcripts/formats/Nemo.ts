/**
 * NeMo-Skills and NeMo-RL: problem, generation, expected_answer.
 *
 * @module
 */
import { has, type RowFormat } from "./Row.ts"
import { readNamed } from "./Samples.ts"

/** Rows whose response is `generation`; the whole one, where the reasoning was taken out of it. */
export const nemo = {
  name: "nemo",
  of: "NeMo-Skills' and NeMo-RL's generations",
  fits: (row) => row["generation"] !== undefined && has(row, "problem", "generation"),
  read: (row, context) => readNamed(row, context, has(row, "_full_generation") ? ["_full_generation"] : ["generation"])
} as const satisfies RowFormat
