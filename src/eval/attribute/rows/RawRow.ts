/**
 * A row with log-probabilities before anything of it is believed: its columns under whatever names they have.
 *
 * @module
 */
import { isCutOff } from "../../../domain/Finish.ts"
import { listColumn, type RawColumn } from "./LogProbs.ts"

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** One sequence of a line. */
export interface RawRow {
  readonly id: string | undefined
  readonly logProbs: RawColumn
  /** Texts or ids of the tokens; undefined where the line has none. */
  readonly tokens: ReadonlyArray<unknown> | undefined
  readonly reference: RawColumn | undefined
  readonly old: RawColumn | undefined
  readonly spans: unknown
  readonly advantage: RawValue | undefined
  readonly score: RawValue | undefined
  /** The response was cut off: whatever stands behind its last answer is no STOP. */
  readonly isCutOff: boolean
  /** Which tokens are the model's, where a column says so. */
  readonly mask: RawColumn | undefined
}

/** A field's name and value. */
export interface RawValue {
  readonly field: string
  readonly value: unknown
}

/** Why a line, or a row of it, cannot be read. */
export interface RawProblem {
  readonly problem: string
}

/** What a line says, or why it cannot be read. */
export type RawReading = { readonly rows: ReadonlyArray<RawRow | RawProblem> } | RawProblem

/** Tells objects from lists and null. */
export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value)

/** The first of several fields that is there and not null. */
export const firstOf = (row: Fields, names: ReadonlyArray<string>): RawValue | undefined => {
  const field = names.find((name) => row[name] !== undefined && row[name] !== null)
  return field === undefined ? undefined : { field, value: row[field] }
}

/** The first of several fields that is a list, as a column. */
export const listOf = (row: Fields, names: ReadonlyArray<string>): RawColumn | undefined => {
  const field = names.find((name) => Array.isArray(row[name]))
  return field === undefined ? undefined : listColumn(field, row[field] as ReadonlyArray<unknown>)
}

// The names that libraries give to one and the same column.
const REFERENCE = ["ref_logprobs", "ref_log_probs", "ref_log_prob", "reference_logprobs", "ref_per_token_logps"]
const OLD = ["old_logprobs", "old_log_probs", "old_per_token_logps", "inference_logprobs", "generation_logprobs"]
const TOKENS = ["tokens", "token_texts", "token_strings", "token_strs"]
const MASK = ["loss_mask", "token_loss_mask", "action_mask", "completion_mask", "response_mask"]

const FLAGS = ["truncated", "is_truncated"]
const REASONS = ["finish_reason", "stop_reason", "native_finish_reason", "ending", "status"]
const isMetaCutOff = (meta: unknown): boolean => isFields(meta) && isCutOff(meta["finish_reason"])

/** All of a row but its log-probabilities. */
export const restOf = (row: Fields, logProbs: RawColumn, tokens?: ReadonlyArray<unknown>): RawRow => {
  const id = firstOf(row, ["id", "uid", "custom_id"])?.value
  return {
    id: typeof id === "string" || typeof id === "number" ? String(id) : undefined,
    logProbs,
    tokens: tokens ?? listOf(row, TOKENS)?.values,
    reference: listOf(row, REFERENCE),
    old: listOf(row, OLD.filter((name) => name !== logProbs.field)),
    spans: row["spans"] ?? undefined,
    advantage: firstOf(row, ["advantage", "advantages"]),
    score: firstOf(row, ["score", "reward"]),
    isCutOff: FLAGS.some((name) => row[name] === true) || REASONS.some((name) => isCutOff(row[name])) || isMetaCutOff(row["meta_info"]),
    mask: listOf(row, MASK)
  }
}
