/**
 * Tables and sentences for a terminal of 120 columns.
 *
 * @module
 */
import type { Interval } from "../../eval/statistics/Interval.ts"
import { fixed, points, UNDEFINED } from "../../eval/report/Words.ts"

/** The columns that a terminal has at the least. */
export const TERMINAL_WIDTH = 120

// A level's name that is wider is cut, so that the numbers beside it fit.
const LONGEST_LEVEL = 20

// Characters that a terminal draws two columns wide: those of East Asia, and pictures.
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u

const NARROW = /^[ -~]*$/

/** The columns of a terminal that a text takes. */
export const widthOf = (text: string): number =>
  NARROW.test(text) ? text.length : [...text].reduce((sum, each) => sum + (/\p{M}/u.test(each) ? 0 : WIDE.test(each) ? 2 : 1), 0)

/** Lays out rows in columns; the first column is flush left. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (rows[0] ?? []).map((_, column) => rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? "")), 0))
  return rows.map((row) =>
    row.map((cell, column) => {
      const space = " ".repeat((widths[column] ?? 0) - widthOf(cell))
      return column === 0 ? cell + space : space + cell
    }).join("  ").trimEnd()
  ).join("\n")
}

/** The rows of a calibration or a comparison in the order of a table: levels, trained and unseen ones pooled, all pooled. */
export const rowsOf = <Level>({ levels, overall, trained, unseen }: {
  readonly levels: ReadonlyArray<Level>
  readonly overall: Level
  readonly trained?: Level
  readonly unseen?: Level
}): ReadonlyArray<Level> => [
  ...levels,
  ...(trained === undefined ? [] : [trained]),
  ...(unseen === undefined ? [] : [unseen]),
  // Of one level the pooled row says nothing more.
  ...(levels.length === 1 ? [] : [overall])
]

/** A level's name in a table: at most 20 columns, and none that steers a terminal. */
export const levelName = (level: string): string => {
  // Cut first, so that a name of a megabyte costs nothing.
  const characters = [...level.slice(0, 2 * LONGEST_LEVEL + 2).replace(/\p{Cc}/gu, "\uFFFD")]
  const whole = characters.join("")
  if (widthOf(whole) <= LONGEST_LEVEL) return whole
  let cut = ""
  for (const each of characters) {
    if (widthOf(cut + each) > LONGEST_LEVEL - 1) break
    cut += each
  }
  return `${cut}…`
}

/** A share in percent without the sign: "93.4", "100". */
export const share = (value: number | null): string => {
  const text = value === null ? UNDEFINED : fixed(100 * value, 1)
  return text === "100.0" ? "100" : text
}

const brackets = (interval: Interval | null, end: (value: number) => string): string =>
  interval === null ? "" : ` [${end(interval[0])}, ${end(interval[1])}]`

/** A share with its interval, in percent: "93.4 [91.0, 95.2]"; alone where it has none. */
export const shareCell = (value: number | null, interval: Interval | null): string =>
  value === null ? UNDEFINED : share(value) + brackets(interval, share)

/** A difference with its interval, in points: "+3.4 [+1.0, +5.8]"; alone where it has none. */
export const pointsCell = ({ interval, value }: { readonly value: number | null; readonly interval: Interval | null }): string =>
  value === null ? UNDEFINED : points(value) + brackets(interval, points)

/** Breaks a sentence into lines of at most 120 characters between words; those after the first are indented. A longer word stays whole. */
export const wrap = (sentence: string): string => {
  const lines: Array<string> = []
  let line = ""
  // A number keeps its percent sign.
  for (const word of sentence.split(/ (?!%)/)) {
    if (line === "") line = word
    else if (line.length + 1 + word.length <= TERMINAL_WIDTH) line += ` ${word}`
    else {
      lines.push(line)
      line = `  ${word}`
    }
  }
  return [...lines, line].join("\n")
}
