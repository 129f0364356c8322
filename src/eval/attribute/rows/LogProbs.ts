/**
 * Columns of log-probabilities as they come in files: which of their values are none, and how to say so.
 *
 * @module
 */
import { NOT_OWNED } from "../../../domain/Partition.ts"

/** A column of a row: any values, and what the value of a token is called in the file. */
export interface RawColumn {
  readonly field: string
  readonly values: ReadonlyArray<unknown>
  readonly name: (token: number) => string
}

/** A column that is a list of the row. */
export const listColumn = (field: string, values: ReadonlyArray<unknown>): RawColumn => ({
  field,
  values,
  name: (token) => `${field}[${token}]`
})

/**
 * Nats from which on a log-probability is taken for −∞: no sampler draws a token of e^-1000, but servers and trainers write -9999, -1e9 or
 * -1e30 where a probability is 0 or not known.
 */
export const STANDS_FOR_MINUS_INFINITY = -1000

/** Nats above 0 that rounding in 32 or 16 bits can make of a probability of 1. */
const ROUNDING = 1e-6

const shown = (
  value: unknown
): string => (typeof value === "number"
  ? String(value)
  : typeof value === "string"
  ? `"${value.slice(0, 20)}"`
  : value === null
  ? "null"
  : typeof value)

const isProbability = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1

/** What is wrong with a column, for the tokens that somebody owns: in words that name the token and the field. undefined for nothing. */
export const columnProblem = ({ field, name, values }: RawColumn, owner: Uint8Array): string | undefined => {
  if (values.length !== owner.length) return `"${field}" has ${values.length} entries for ${owner.length} tokens`
  const owned = values.filter((_, token) => owner[token] !== NOT_OWNED)
  const bad = values.findIndex((value, token) =>
    owner[token] !== NOT_OWNED && !(typeof value === "number" && value <= ROUNDING && value > STANDS_FOR_MINUS_INFINITY)
  )
  if (bad < 0) return undefined
  const value = values[bad]
  const what = `${name(bad)} is ${shown(value)}`
  if (typeof value !== "number") {
    return value === "NaN" ? `${what.replaceAll("\"", "")}, no number` : `${what}, but the token is in a span; expected its log-probability`
  }
  if (value <= STANDS_FOR_MINUS_INFINITY) {
    return value === -Infinity
      ? `${what}: no finite log-probability; one such token would decide every mean`
      : `${what}, which stands for −∞ (a probability of 0, or one that was not kept); one such token would decide every mean`
  }
  return owned.every(isProbability)
    ? `${what}, above 0: "${field}" look like probabilities; give their natural logarithms`
    : `${what}, above 0; a log-probability is at most 0 (is it negated, a logit, or a probability?)`
}

/** The column as numbers: NaN where nobody owns the token, 0 for what rounding left above 0. To be called for columns without a problem. */
export const numbersOf = ({ values }: RawColumn, owner: Uint8Array): Float64Array =>
  Float64Array.from(values, (value, token) => (owner[token] === NOT_OWNED ? NaN : Math.min(0, value as number)))
