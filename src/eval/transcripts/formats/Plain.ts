/**
 * Plain rows: a problem, a response and a reference answer, each under any of its usual names.
 *
 * @module
 */
import { GOLD_FIELDS } from "./Golds.ts"
import type { TranscriptRow } from "../Grade.ts"
import { OTHER_PROMPTS, PROMPT_FIELDS, promptText, queryOf } from "./Problem.ts"
import { unwrapped } from "./Reasoning.ts"
import { has, type Reading, type Row, type RowContext, type RowFormat } from "./Row.ts"
import { RESPONSE_FIELDS } from "../../../domain/ResponseFields.ts"
import { readNamed } from "./Samples.ts"

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

const SIMPLE_FIELDS: ReadonlySet<string> = new Set(["prompt", "response", "answer", "level", "id", "truncated", "ending"])

// "{" and "[" may begin an answer that is written as JSON.
const isWritten = (answer: string): boolean => answer.charCodeAt(0) === 123 || answer.charCodeAt(0) === 91

/**
 * Reads a row that has no other fields than the plainest, all of them text, as `plain` does, at a fraction of the time: the rows that come by
 * the million. Undefined for any other.
 */
export const readSimple = (row: Row, context: RowContext): Reading | undefined => {
  for (const field in row) if (!SIMPLE_FIELDS.has(field)) return undefined
  const { answer, ending, id, level, prompt, response, truncated } = row
  if (typeof prompt !== "string" || typeof response !== "string" || typeof answer !== "string" || isWritten(answer)) return undefined
  // Messages that are written as JSON.
  if (response.charCodeAt(0) === 91) return undefined
  if ((id !== undefined && typeof id !== "string") || (level !== undefined && typeof level !== "string")) return undefined
  if ((truncated !== undefined && typeof truncated !== "boolean") || prompt.trim() === "" || answer.trim() === "") return undefined
  if (context.plan.scoreField !== undefined) return undefined
  const said = promptText(prompt)
  const read: { -readonly [K in keyof TranscriptRow]: TranscriptRow[K] } = {
    id: id ?? context.place,
    prompt: said,
    response: unwrapped(response),
    answer
  }
  const query = queryOf(row, said, answer, context)
  if (level !== undefined) read.level = level
  if (query !== undefined) read.query = query
  if (truncated === true) read.truncated = true
  if (ending === "cap") read.hitCap = true
  return { rows: [read] }
}
