/**
 * Whether a response was cut off, as the tools say it.
 *
 * @module
 */
import { isCutOff as isCutReason } from "../../../domain/Finish.ts"
import { FINISH_REASONS, TRUNCATION_COUNTS, TRUNCATION_FLAGS } from "../../../domain/ResponseFields.ts"
import { isRow, type Row } from "./Row.ts"

// Tables of text keep flags as words.
const isSet = (flag: unknown): boolean => flag === true || flag === 1 || flag === "true" || flag === "True" || flag === "TRUE"

// Of n samples, the value of sample k where there is a list of n, else the one value for all.
const of = (value: unknown, k: number, n: number): unknown => (Array.isArray(value) ? (value.length === n ? value[k] : undefined) : value)

const saysSo = (row: Row, k: number, n: number): boolean => {
  for (const field of TRUNCATION_FLAGS) if (row[field] !== undefined && isSet(of(row[field], k, n))) return true
  for (const field of FINISH_REASONS) if (row[field] !== undefined && isCutReason(of(row[field], k, n))) return true
  for (const field of TRUNCATION_COUNTS) {
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
