/**
 * Whether a response was cut off, as the tools say it.
 *
 * @module
 */
import { isRow, type Row } from "./Row.ts"

// Reasons and states that mean "cut off", in lower case.
const CUT: ReadonlySet<string> = new Set([
  "length",
  "max_tokens",
  "max_output_tokens",
  "max_new_tokens",
  "max_completion_tokens",
  "max_total_completion_tokens",
  "max_total_completion_tokens_reached",
  "max_tokens_reached",
  "max_length",
  "max_context_length",
  "model_length",
  "model_context_window_exceeded",
  "context_length",
  "context_length_exceeded",
  "prompt_too_long",
  "token_limit",
  "token",
  "truncated",
  "incomplete",
  "aborted",
  "abort",
  "time",
  "working"
])

const FLAGS = ["truncated", "is_truncated", "response_truncated", "was_truncated", "overlong"] as const
const REASONS = [
  "finish_reason",
  "finish_reasons",
  "finishReason",
  "stop_reason",
  "stop_condition",
  "done_reason",
  "status",
  "incomplete_details"
] as const
const COUNTS = ["truncated_tokens_count"] as const

// A reason is a word, or an object that has it as its type or reason.
const isCut = (reason: unknown): boolean =>
  typeof reason === "string"
    ? CUT.has(reason.toLowerCase()) || CUT.has(reason.slice(reason.lastIndexOf(".") + 1).toLowerCase())
    : isRow(reason) && (isCutWord(reason["type"]) || isCutWord(reason["reason"]))

const isCutWord = (word: unknown): boolean => typeof word === "string" && CUT.has(word.toLowerCase())

const isSet = (flag: unknown): boolean => flag === true || flag === 1

// Of n samples, the value of sample k where there is a list of n, else the one value for all.
const of = (value: unknown, k: number, n: number): unknown => (Array.isArray(value) ? (value.length === n ? value[k] : undefined) : value)

const saysSo = (row: Row, k: number, n: number): boolean => {
  for (const field of FLAGS) if (row[field] !== undefined && isSet(of(row[field], k, n))) return true
  for (const field of REASONS) if (row[field] !== undefined && isCut(of(row[field], k, n))) return true
  for (const field of COUNTS) {
    const count = row[field] === undefined ? undefined : of(row[field], k, n)
    if (typeof count === "number" && count > 0) return true
  }
  return false
}

/** Whether sample `k` of a row's `n` was cut off, by the row's own fields or those of what a server answered. */
export const isCutOff = (row: Row, k = 0, n = 1): boolean => {
  if (saysSo(row, k, n)) return true
  const { meta_info: info, response } = row
  return (isRow(info) && saysSo(info, k, n)) || (isRow(response) && saysSo(response, k, n))
}
