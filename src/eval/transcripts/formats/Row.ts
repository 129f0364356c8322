/**
 * What a row of a file is, and what reading one gives: the words that all formats share.
 *
 * @module
 */
import { oneLine } from "../../../domain/OneLine.ts"
import type { TranscriptRow } from "../Grade.ts"

/** A JSON object. */
export type Row = Readonly<Record<string, unknown>>

/** What there is to say of a row that is used all the same, or of one that is left out on purpose. */
export interface RowNote {
  /** `gold`: no reference answer; `problem`: no text of the problem; `repeat`: the row says again what another says. */
  readonly kind: "gold" | "problem" | "repeat"
  readonly text: string
}

/** What a row says: the transcripts in it (some tools keep all samples of a problem in one row), or why it cannot be used. */
export type Reading =
  | {
    readonly rows: ReadonlyArray<TranscriptRow>
    readonly note?: RowNote
    /** A number of the reference answer has more digits than a JSON number keeps: read the row again with numbers as text. */
    readonly isInexact?: boolean
  }
  | { readonly problem: string }

/** How the rows of a file are read: settled at its first rows, or by the caller, and the same in every thread. */
export interface ReadingPlan {
  /** The dotted path of the field that holds the row's own verdict; a row without it cannot be used. */
  readonly scoreField?: string
  /** Of files that repeat every response once per filter, the one that counts. */
  readonly filter?: string
  /** The file has the same prompt with different reference answers: problems are told apart by both. */
  readonly isPartedByGold?: boolean
}

/** Where a row stands and how it is read. */
export interface RowContext {
  /** Names a row without an id: its line. */
  readonly place: string
  /** Comes before `place` where problems without a text are told apart: names the file. */
  readonly source: string
  readonly plan: ReadingPlan
}

/** One format of rows. */
export interface RowFormat<Name extends string = string> {
  readonly name: Name
  /** Who writes it, in a few words. */
  readonly of: string
  /** Whether a row is of it, by its fields. */
  readonly fits: (row: Row) => boolean
  readonly read: (row: Row, context: RowContext) => Reading
}

/** Whether a value is a JSON object. */
export const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value)

/** A JSON object, or one that is written as text (tables of columns keep nested values so); undefined for anything else. */
export const rowOf = (value: unknown): Row | undefined => {
  if (isRow(value)) return value
  if (typeof value !== "string" || value[0] !== "{") return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isRow(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Whether fields are there and not null. */
export const has = (row: Row, ...fields: ReadonlyArray<string>): boolean =>
  fields.every((field) => row[field] !== undefined && row[field] !== null)

/** The value at a dotted path, list places counted from 0; undefined where there is none. A field whose name has dots is found first. */
export const valueAt = (row: Row, path: string): unknown => {
  if (row[path] !== undefined) return row[path]
  let value: unknown = row
  for (const key of path.split(".")) {
    value = isRow(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined
  }
  return value
}

/** Text of a value that is one: a string, or a number. */
export const scalarText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" && Number.isFinite(value) ? String(value) : undefined

/** The first of several fields that holds text or a number. */
export const firstText = (row: Row, ...fields: ReadonlyArray<string>): string | undefined => {
  for (const field of fields) {
    const found = scalarText(row[field])
    if (found !== undefined) return found
  }
  return undefined
}

/** What a value is, in words. */
export const kindOf = (value: unknown): string =>
  value === undefined
    ? "missing"
    : value === null
    ? "null"
    : Array.isArray(value)
    ? value.length === 0 ? "an empty list" : "a list"
    : typeof value === "object"
    ? "an object"
    : `a ${typeof value}`

const LONGEST_NAME = 40

/** The names of a row's fields, the first twelve. */
export const fieldNames = (row: Row): string => {
  const names = Object.keys(row)
  return names.slice(0, 12).map((name) => oneLine(name, LONGEST_NAME)).join(", ") + (names.length > 12 ? ", …" : "")
}
