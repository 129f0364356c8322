/**
 * Plain rows: a problem, a response and a reference answer, each under any of its usual names.
 *
 * @module
 */
import { GOLD_FIELDS } from "./Golds.ts"
import { OTHER_PROMPTS, PROMPT_FIELDS } from "./Problem.ts"
import { has, type Row, type RowFormat } from "./Row.ts"
import { readNamed, RESPONSE_FIELDS } from "./Samples.ts"

const isThere = (row: Row, field: string): boolean => row[field] !== undefined

/** Rows with a response and a problem, or a response and a reference answer. */
export const plain = {
  name: "plain",
  of: "rows with a problem, a response and a reference answer under any usual name",
  fits: (row) => {
    const response = RESPONSE_FIELDS.find((field) => row[field] !== undefined)
    if (response === undefined) return false
    if (PROMPT_FIELDS.some((field) => isThere(row, field)) || OTHER_PROMPTS.some((field) => isThere(row, field))) return true
    // A text with a label and nothing else is a data set for classifiers.
    return response !== "text" && GOLD_FIELDS.some((field) => has(row, field))
  },
  read: (row, context) => readNamed(row, context, RESPONSE_FIELDS)
} as const satisfies RowFormat
