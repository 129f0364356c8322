/**
 * Whether a file is JSON that is not in lines, told by its beginning: an array, pretty-printed objects, or an object that holds its rows in a
 * list (an inspect_ai log). RowSplitter.ts makes lines of it.
 *
 * @module
 */
import { isRow } from "../formats/Row.ts"
import { parseJson } from "../Json.ts"
import { HOLDERS, isBlank, makeRowSplitter, OF_ROWS } from "./RowSplitter.ts"

const OPEN_LIST = 91
const OPEN_OBJECT = 123
const LINE_FEED = 10

/** Bytes that are looked at to tell what a file is. */
export const LOOKED_AT = 1 << 20

const parsed = (line: string): unknown => {
  try {
    return parseJson(line)
  } catch {
    return undefined
  }
}

// The first line is an object that holds rows and is no row.
const isHolder = (value: unknown): boolean =>
  isRow(value) && !Object.keys(value).some((key) => OF_ROWS.has(key)) &&
  Object.entries(value).some(([key, list]) => HOLDERS.has(key) && Array.isArray(list) && isRow(list[0]))

/**
 * Whether a text that begins so is JSON that is not in lines: an array, an object over several lines, or one that holds rows. `isWhole`:
 * nothing comes after it.
 */
export const isJsonText = (beginning: Buffer, isWhole: boolean): boolean => {
  let first = 0
  while (first < beginning.length && isBlank(beginning[first]!)) first++
  if (beginning[first] === OPEN_LIST) return true
  if (beginning[first] !== OPEN_OBJECT) return false
  const newline = beginning.indexOf(LINE_FEED, first)
  if (newline < 0 && !isWhole) {
    const splitter = makeRowSplitter()
    splitter.push(beginning)
    return splitter.isHolding()
  }
  const line = beginning.toString("utf8", first, newline < 0 ? beginning.length : newline).trimEnd()
  const value = parsed(line)
  return value === undefined ? newline >= 0 && /[{[,]$/.test(line) : isHolder(value)
}
