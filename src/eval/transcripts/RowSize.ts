/**
 * How large a row and the texts in it may be. What is larger is a bad row like any other: counted, told with its place, and the file goes on.
 *
 * @module
 */
import type { TranscriptRow } from "./Grade.ts"

/** Bytes that one row may have: JavaScript's texts end at some 500 MB, and reading a row takes several times its size. */
export const LARGEST_ROW = 100 << 20

/**
 * Characters (UTF-16 units) that a prompt, a response or a reference answer may have, 16.8 million: some four million tokens, more than any model
 * writes, and read in seconds.
 */
export const LONGEST_TEXT = 1 << 24

/** Characters (UTF-16 units) that an id or a level may have: they stand in every table, finding and page. */
export const LONGEST_NAME = 10_000

const TOO_LARGE = `a row of more than ${
  LARGEST_ROW >> 20
} MB: is every row on a line of its own? Leave out what is not read (log-probabilities, events, images)`

/** What stands for a row of more than LARGEST_ROW bytes where its line is expected: a line that says so, and is no row. */
export const LARGE_ROW_LINE = JSON.stringify(TOO_LARGE)

/** Why a line is too large to be read; undefined where it is not. */
export const tooLargeLine = (line: string): string | undefined =>
  line.length > LARGEST_ROW || line === LARGE_ROW_LINE ? TOO_LARGE : undefined

const grouped = new Intl.NumberFormat("en")

const TEXTS: ReadonlyArray<readonly [what: string, of: (row: TranscriptRow) => string | undefined, most: number]> = [
  ["a response", ({ response }) => response, LONGEST_TEXT],
  ["a prompt", ({ prompt }) => prompt, LONGEST_TEXT],
  ["a reference answer", ({ answer }) => answer, LONGEST_TEXT],
  ["an id", ({ id }) => id, LONGEST_NAME],
  ["a level", ({ level }) => level, LONGEST_NAME]
]

/** Why a row's texts are too long to be read; undefined where none is. */
export const tooLongText = (rows: ReadonlyArray<TranscriptRow>): string | undefined => {
  for (const row of rows) {
    for (const [what, of, most] of TEXTS) {
      const length = of(row)?.length ?? 0
      if (length > most) return `${what} of ${grouped.format(length)} characters; ${grouped.format(most)} are read at most`
    }
  }
  return undefined
}
