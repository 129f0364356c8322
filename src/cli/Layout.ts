/**
 * Sentences and tables laid out for a terminal, the one place: nothing is wider than it. A table that is too wide goes on below, under the same labels.
 *
 * @module
 */
import { CliOutput } from "effect/cli"

/** The columns of a terminal that is not known: of a file, a pipe. No line is longer anywhere: a longer one is hard to read. */
export const TERMINAL_WIDTH = 120

const LEAST_WIDTH = 60

/** Where a program's output goes, as far as its width matters. */
export interface Screen {
  readonly columns?: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The columns that lines may take: those of COLUMNS or of the terminal, at least 60 and at most 120; 120 where neither is known. */
export const widthFor = ({ columns, env }: Screen): number => {
  const asked = /^\d{1,6}$/.test(env["COLUMNS"] ?? "") ? Number(env["COLUMNS"]) : 0
  const known = asked > 0 ? asked : columns ?? 0
  return known > 0 ? Math.max(LEAST_WIDTH, Math.min(TERMINAL_WIDTH, known)) : TERMINAL_WIDTH
}

/** `widthFor` of this process' standard output. */
export const outputWidth = (): number => widthFor({ columns: process.stdout.columns, env: process.env })

/** The same for a list of a line each: a file or a pipe has it whole, for whoever looks for a word in it. */
export const listWidth = (): number =>
  process.stdout.isTTY || process.env["COLUMNS"] !== undefined ? outputWidth() : Number.POSITIVE_INFINITY

const NARROW = /^[ -~]*$/

/** The columns of a terminal that a text takes. */
export const widthOf = (text: string): number => (NARROW.test(text) ? text.length : CliOutput.displayWidth(text))

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** The beginning of a text that takes at most so many columns. */
export const cutTo = (text: string, width: number): string => {
  // A grapheme takes a column at the least: what is longer costs nothing. Those of many marks are cut with it.
  const some = text.slice(0, 16 * width)
  if (NARROW.test(some)) return some.slice(0, width)
  let cut = ""
  let taken = 0
  for (const { segment } of graphemes.segment(some)) {
    taken += widthOf(segment)
    if (taken > width) break
    cut += segment
  }
  return cut
}

/** A text of at most so many columns; one that was longer ends with a mark. */
export const shortened = (text: string, width: number): string => {
  const whole = cutTo(text, width)
  return whole.length === text.length ? text : `${cutTo(text, width - 1)}…`
}

// Words that are longer than a line are broken where it ends.
const pieces = (word: string, width: number): ReadonlyArray<string> => {
  const parts: Array<string> = []
  for (let rest = word; rest !== "";) {
    const part = widthOf(rest) <= width ? rest : cutTo(rest, width)
    // A character wider than the line stands alone.
    const taken = part === "" ? [...rest][0]! : part
    parts.push(taken)
    rest = rest.slice(taken.length)
  }
  return parts
}

/** Breaks a sentence into lines between words; those after the first are indented. A number keeps its percent sign; a word longer than a line is broken. */
export const wrap = (sentence: string, width = TERMINAL_WIDTH, indent = 2): string => {
  const lines: Array<string> = []
  let line: string | undefined
  let used = 0
  for (const word of sentence.split(/ (?!%)/).flatMap((each) => each === "" ? [each] : pieces(each, width - indent))) {
    const more = widthOf(word)
    if (line === undefined) {
      line = word
      used = more
    } else if (used + 1 + more <= width) {
      line += ` ${word}`
      used += 1 + more
    } else {
      lines.push(line)
      line = " ".repeat(indent) + word
      used = indent + more
    }
  }
  return [...lines, line ?? ""].join("\n")
}

/** A name and what there is to say of it, beside it in a column of their own. */
export const beside = (name: string, text: string, from: number, width = TERMINAL_WIDTH): string => {
  const lines = text.split("\n").flatMap((line) => wrap(line, width - from, 0).split("\n"))
  const indent = " ".repeat(from)
  return [name + " ".repeat(Math.max(1, from - widthOf(name))) + lines[0], ...lines.slice(1).map((line) => indent + line)]
    .map((line) => line.trimEnd()).join("\n")
}

/** A table: rows of cells, the first of them the heads. Numbers are flush right but in the first column, words flush left. */
export interface Table {
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  readonly align?: "right" | "left"
  /** Columns that stay beside the one before them. */
  readonly kept?: ReadonlyArray<number>
}

/** A table of rows. */
export const columns = (rows: Table["rows"], align: Table["align"] = "right"): Table => ({ rows, align })

const GAP = "  "

// So few columns a label keeps: a table has to have something beside it.
const LEAST_LABEL = 12

/** Lays out a table. Columns that do not fit go on below, each time with the first, which names the rows. */
export const table = ({ align = "right", kept = [], rows }: Table, width = TERMINAL_WIDTH): string => {
  const heads = rows[0] ?? []
  const natural = heads.map((_, column) => rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? "")), 0))
  const widest = natural.slice(1).reduce((most, each) => Math.max(most, each), 0)
  const label = Math.min(natural[0] ?? 0, Math.max(LEAST_LABEL, width - GAP.length - widest))
  // Columns side by side as far as `most` goes, then anew.
  const grouped = (most: number): ReadonlyArray<ReadonlyArray<number>> => {
    const groups: Array<Array<number>> = [[]]
    let used = label
    for (let column = 1; column < heads.length; column++) {
      const more = GAP.length + natural[column]!
      const withNext = kept.includes(column + 1) ? GAP.length + natural[column + 1]! : 0
      if (used + more + withNext > most && groups.at(-1)!.length > 0) {
        groups.push([])
        used = label
      }
      groups.at(-1)!.push(column)
      used += more
    }
    return groups
  }
  // Of tables that go on below, each takes about as many columns: none is left with a straggler.
  let groups = grouped(width)
  for (let most = width - 1; most > label; most--) {
    const narrower = grouped(most)
    if (narrower.length > groups.length) break
    groups = narrower
  }
  const cell = (text: string, column: number): string => {
    const most = column === 0 ? label : Math.min(natural[column]!, width - GAP.length - label)
    const shown = shortened(text, most)
    const space = " ".repeat(Math.max(0, most - widthOf(shown)))
    return column === 0 || align === "left" ? shown + space : space + shown
  }
  return groups.map((group) =>
    rows.map((row) => [0, ...group].map((column) => cell(row[column] ?? "", column)).join(GAP).trimEnd()).join("\n")
  ).join("\n\n")
}

/** What stands on the screen one below the other: a sentence, an empty line (""), a table. */
export type Block = string | Table

/** Lays out blocks, each on lines of its own. */
export const layOut = (blocks: ReadonlyArray<Block>, width = TERMINAL_WIDTH): string =>
  blocks.map((block) => typeof block === "string" ? wrap(block, width) : table(block, width)).join("\n")
