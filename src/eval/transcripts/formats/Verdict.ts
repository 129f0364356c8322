/**
 * The row's own verdict on its final answer. It is carried beside our grading, never used for it.
 *
 * @module
 */
import { VERDICT_FIELDS } from "../../../domain/ResponseFields.ts"
import { isRow, type Row, valueAt } from "./Row.ts"

const WORDS: Readonly<Record<string, number>> = { correct: 1, true: 1, incorrect: 0, wrong: 0, false: 0 }

// inspect_ai's. Elsewhere a lone letter is a choice.
const LETTERS: Readonly<Record<string, number>> = { C: 1, I: 0, P: 0.5, N: 0 }

const INNER = ["value", "score", "acc", "accuracy", "exact_match", "correct"] as const
const ANY_INNER: ReadonlySet<string> = new Set(["scores", "metric"])

// A verdict as a number: 1 right, 0 wrong, whatever a reward says. Of an object, its value; with `isAny`, else its first field that is one.
const verdictOf = (value: unknown, isAny: boolean, depth = 0): number | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "string") {
    if (value === "" || value.length > 32) return undefined
    const number = Number(value)
    if (isAny && Object.hasOwn(LETTERS, value)) return LETTERS[value]
    const word = value.toLowerCase()
    return Object.hasOwn(WORDS, word) ? WORDS[word] : Number.isFinite(number) ? number : undefined
  }
  if (!isRow(value) || depth > 2) return undefined
  for (const field of isAny ? [...INNER, ...Object.keys(value).slice(0, 16)] : INNER) {
    const inner = value[field] === undefined ? undefined : verdictOf(value[field], isAny, depth + 1)
    if (inner !== undefined) return inner
  }
  return undefined
}

const of = (value: unknown, k: number, n: number): unknown =>
  Array.isArray(value) ? (value.length === n ? value[k] : undefined) : n === 1 ? value : undefined

/** The verdict on sample `k` of a row's `n`, from the fields that tools use; undefined where there is none for each sample. */
export const scoreOf = (row: Row, k = 0, n = 1): number | undefined => {
  for (const field of VERDICT_FIELDS) {
    if (row[field] === undefined || row[field] === null) continue
    const found = verdictOf(of(row[field], k, n), ANY_INNER.has(field))
    if (found !== undefined) return found
  }
  return undefined
}

/** The verdict in the field at a dotted path; undefined where it is missing or says nothing. */
export const scoreAt = (row: Row, path: string, k: number, n: number): number | undefined => verdictOf(of(valueAt(row, path), k, n), true)
