/**
 * Formats of rows: all of them, which one a row is of, and reading a line. Each is described in a file of its own (formats/).
 *
 * @module
 */
import { oneLine } from "../../domain/OneLine.ts"
import { attempts } from "./formats/Attempts.ts"
import { evalScope } from "./formats/EvalScope.ts"
import { inspect } from "./formats/Inspect.ts"
import { lightEval } from "./formats/LightEval.ts"
import { lmEval } from "./formats/LmEval.ts"
import { manySamples } from "./formats/ManySamples.ts"
import { mathHarness } from "./formats/MathHarness.ts"
import { messages, shareGpt } from "./formats/MessageList.ts"
import { nemo } from "./formats/Nemo.ts"
import { openAi, openAiBatch } from "./formats/OpenAi.ts"
import { plain, readSimple } from "./formats/Plain.ts"
import { primeRl } from "./formats/PrimeRl.ts"
import { rollouts } from "./formats/Rollouts.ts"
import { fieldNames, isRow, kindOf, type Reading, type ReadingPlan, type Row, type RowContext, type RowFormat } from "./formats/Row.ts"
import { sglang } from "./formats/Sglang.ts"
import { slime } from "./formats/Slime.ts"
import { markOf, type StepMark } from "./formats/StepMark.ts"
import { tinker } from "./formats/Tinker.ts"
import { trl } from "./formats/Trl.ts"
import { verifiers } from "./formats/Verifiers.ts"
import { verl } from "./formats/Verl.ts"
import { parseExactJson, parseJson } from "./Json.ts"
import { tooLargeLine, tooLongText } from "./RowSize.ts"

export type { Reading, ReadingPlan, Row, RowNote } from "./formats/Row.ts"

// A row is of the first that fits: the more particular ones come first.
const ALL = [
  rollouts,
  attempts,
  lmEval,
  lightEval,
  inspect,
  evalScope,
  openAiBatch,
  openAi,
  sglang,
  slime,
  primeRl,
  verifiers,
  tinker,
  mathHarness,
  nemo,
  manySamples,
  verl,
  trl,
  plain,
  messages,
  shareGpt
] as const

/** The name of a format. */
export type Format = (typeof ALL)[number]["name"]

/** The names of the known formats. A row is of the first that fits it. */
export const FORMATS = ALL.map(({ name }) => name) as [Format, ...Array<Format>]

/** Who writes each format, in a few words. */
export const FORMAT_WRITERS = Object.fromEntries(ALL.map(({ name, of }) => [name, of])) as Readonly<Record<Format, string>>

const BY_NAME: ReadonlyMap<Format, RowFormat<Format>> = new Map(ALL.map((format) => [format.name, format]))

/** Finds the format of a row by its fields. */
export const detectFormat = (row: Row): Format | undefined => ALL.find((format) => format.fits(row))?.name

/** How the lines of a file are read: the format, unless each line is of its own, and what its first rows have settled. */
export interface LinePlan extends ReadingPlan {
  readonly format?: Format
  /** Rows say of which step of training they are. */
  readonly isByStep?: boolean
  /** It is asked where each rollout stands. */
  readonly isPlaced?: boolean
}

/** What a line says, the format that it was read in (none where it is no row), and its step, where the plan asks for that. */
export type LineReading = Reading & { readonly format?: Format; readonly mark?: StepMark }

/** Parses a line that is a row, or says what else it is. */
export const parseRow = (line: string): { readonly row: Row } | { readonly problem: string } => {
  const tooLarge = tooLargeLine(line)
  if (tooLarge !== undefined) return { problem: tooLarge }
  try {
    const value = parseJson(line)
    return isRow(value) ? { row: value } : { problem: `${kindOf(value)}, expected a JSON object` }
  } catch (error) {
    return { problem: `not JSON: ${oneLine(error instanceof Error ? error.message : String(error))}` }
  }
}

// A reason may show a field's value, which is the row's to choose.
const LONGEST_PROBLEM = 600

// Values nested by the thousand are no one's transcript; what meets them first runs out of stack.
const guarded = (format: RowFormat<Format>, row: Row, context: RowContext): Reading => {
  try {
    const reading = format.read(row, context)
    return "problem" in reading ? { problem: oneLine(reading.problem, LONGEST_PROBLEM) } : reading
  } catch (error) {
    if (error instanceof RangeError) return { problem: "nested too deeply" }
    throw error
  }
}

/**
 * Reads one line of a file as its plan says: in the plan's format, or in the one that the line itself has. `place` names rows without an id;
 * `source` comes before it where rows of several files are told apart by it.
 */
export const readLine = (line: string, plan: LinePlan, place: string, source = ""): LineReading => {
  const parsed = parseRow(line)
  if ("problem" in parsed) return parsed
  const read = readParsed(line, parsed.row, plan, place, source)
  const tooLong = "rows" in read ? tooLongText(read.rows) : undefined
  const reading: LineReading = tooLong === undefined
    ? read
    : { problem: tooLong, ...(read.format === undefined ? {} : { format: read.format }) }
  return plan.isByStep === true ? { ...reading, mark: markOf(parsed.row) } : reading
}

const readParsed = (line: string, row: Row, plan: LinePlan, place: string, source: string): LineReading => {
  const context = { place, source, plan }
  const simple = plan.format === undefined || plan.format === "plain" ? readSimple(row, context) : undefined
  if (simple !== undefined) return { ...simple, format: "plain" }
  const format = plan.format === undefined ? ALL.find((each) => each.fits(row)) : BY_NAME.get(plan.format)
  if (format === undefined) {
    return { problem: `no known format has the fields ${fieldNames(row)}; name one with --format (${FORMATS.join(", ")})` }
  }
  const reading = guarded(format, row, context)
  if (!("rows" in reading) || reading.isInexact !== true) return { ...reading, format: format.name }
  const exact = exactRow(line)
  return { ...(exact === undefined ? reading : guarded(format, exact, context)), format: format.name }
}

const exactRow = (line: string): Row | undefined => {
  try {
    const value = parseExactJson(line)
    return isRow(value) ? value : undefined
  } catch {
    return undefined
  }
}
