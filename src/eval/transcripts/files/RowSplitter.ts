/**
 * Splits JSON that is not in lines into rows, byte by byte: the elements of an array, objects one after the other, or the rows that an object
 * holds in a list. Memory holds one row, of one that is too large nothing.
 *
 * @module
 */
import { LARGEST_ROW } from "../RowSize.ts"
import { largeRowBytes } from "./LargeRow.ts"

/** The names of lists that hold an object's rows. */
export const HOLDERS: ReadonlySet<string> = new Set([
  "samples",
  "rows",
  "data",
  "results",
  "examples",
  "records",
  "instances",
  "items",
  "transcripts",
  "predictions",
  "details"
])
/** An object with one of these is a row itself. */
export const OF_ROWS: ReadonlySet<string> = new Set([
  "prompt",
  "question",
  "problem",
  "instruction",
  "input",
  "query",
  "messages",
  "doc",
  "response",
  "answer"
])

const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const LINE_FEED = 10
const RETURN = 13
const SPACE = 32
const NEWLINE = Buffer.from("\n")

/** Whether a byte is white space of JSON. */
export const isBlank = (byte: number): boolean => byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === 9

/** Splits chunks of JSON into rows; a chunk in, the lines that end in it out. */
export interface RowSplitter {
  readonly push: (chunk: Buffer) => Buffer
  /** What is left at the end: a row that is not whole, as a line (to be told), or nothing. */
  readonly end: () => Buffer
  /** Whether an object has turned out to hold its rows in a list. */
  readonly isHolding: () => boolean
}

/** Makes a splitter, at the beginning of a text. */
export const makeRowSplitter = (largest: number = LARGEST_ROW): RowSplitter => {
  // What encloses the rows: nothing, a list, or a list in an object.
  let outside: "nothing" | "list" | "holder" | "rest" = "nothing"
  let depth = 0
  let inString = false
  let isEscaped = false
  let isScalar = false
  let parts: Array<Buffer> = []
  let held = 0
  let isTooLarge = false
  let isHolding = false
  // Keys of an object that may hold rows: the last one, as bytes, and whether it may.
  let key: Array<number> | undefined
  let lastKey = ""
  let sawColon = false
  let mayHold = false
  let isListNext = false

  const drop = (): void => {
    parts = []
    held = 0
    isTooLarge = false
  }
  const hold = (part: Buffer): void => {
    held += part.length
    isTooLarge ||= held > largest
    if (isTooLarge) parts = []
    else parts.push(part)
  }
  const row = (): ReadonlyArray<Buffer> => (isTooLarge ? [largeRowBytes()] : parts.length > 0 ? [...parts, NEWLINE] : [])

  const push = (source: Buffer): Buffer => {
    const chunk = Buffer.from(source)
    const out: Array<Buffer> = []
    let start = depth > 0 || inString || isScalar ? 0 : -1
    const finish = (end: number): void => {
      if (start >= 0) hold(chunk.subarray(start, end))
      if (outside !== "rest") out.push(...row())
      drop()
      start = -1
      isScalar = false
    }
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inString) {
        if (isEscaped) isEscaped = false
        else if (byte === BACKSLASH) isEscaped = true
        else if (byte === QUOTE) {
          inString = false
          if (key !== undefined) {
            lastKey = Buffer.from(key).toString("latin1")
            key = undefined
          }
          if (depth === 0) isScalar = true
          continue
        }
        if (key !== undefined && key.length < 32) key.push(byte)
        continue
      }
      if (byte === LINE_FEED || byte === RETURN) chunk[at] = SPACE
      if (isBlank(byte)) {
        if (isScalar && depth === 0) finish(at)
        continue
      }
      const isNext = isListNext
      isListNext = false
      if (depth === 0) {
        if (byte === COMMA) {
          if (isScalar) finish(at)
          continue
        }
        if (byte === CLOSE_LIST && outside !== "nothing") {
          if (isScalar) finish(at)
          outside = outside === "holder" ? "rest" : "nothing"
          // The rest of the holder is an object that began before its list.
          if (outside === "rest") {
            depth = 1
            start = at + 1
            mayHold = false
          }
          continue
        }
        if (byte === OPEN_LIST && outside === "nothing") {
          if (isScalar) finish(at)
          outside = "list"
          continue
        }
        if (start < 0) start = at
      }
      if (byte === QUOTE) {
        inString = true
        if (mayHold && depth === 1 && !sawColon) key = []
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (byte === OPEN_OBJECT && depth === 0) mayHold = outside === "nothing"
        if (byte === OPEN_OBJECT && isNext) {
          // The first row of a list that holds rows: all that came before is the holder's.
          drop()
          start = at
          depth = 0
          outside = "holder"
          isHolding = true
          mayHold = false
        }
        if (byte === OPEN_LIST && mayHold && depth === 1 && sawColon && HOLDERS.has(lastKey)) isListNext = true
        depth++
        isScalar = false
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth--
        if (depth <= 0) {
          depth = 0
          finish(at + 1)
          if (outside === "rest") outside = "nothing"
          sawColon = false
        }
      } else if (depth === 0) isScalar = true
      else if (depth === 1 && mayHold) {
        if (byte === COLON) {
          sawColon = true
          if (OF_ROWS.has(lastKey)) mayHold = false
        } else if (byte === COMMA) sawColon = false
      }
    }
    if (start >= 0) {
      // Nobody reads what comes after a holder's rows.
      if (outside !== "rest") hold(chunk.subarray(start))
    }
    return out.length === 1 ? out[0]! : Buffer.concat(out)
  }
  return {
    push,
    end: () => {
      const rest = outside === "rest" ? Buffer.alloc(0) : Buffer.concat(row())
      drop()
      return rest
    },
    isHolding: () => isHolding
  }
}
