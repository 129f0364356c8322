/**
 * How a file is read, settled at its first rows: whether they have a format that is known, which filter of a file that repeats itself
 * counts, and whether its prompts tell its problems apart.
 *
 * @module
 */
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { type Format, FORMATS, type LinePlan, parseRow, readLine } from "../Formats.ts"
import { tellsApart } from "../formats/Problem.ts"
import { tooLargeLine } from "../RowSize.ts"

/** What the caller says of how files are read. */
export interface ReadingOptions {
  /** The format of every row; unless told, each row's own. */
  readonly format?: Format
  /** The dotted path of the field with the row's own verdict. */
  readonly scoreField?: string
}

/** What the first line of a part (parts/PartFile.ts) begins with, before its version. */
export const PART_KIND = "decision-sampling part of a calibration, version "

// Rows enough to see a prompt twice; the plan costs a second reading of them.
const MOST_BYTES = 1 << 19

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length && start < MOST_BYTES;) {
    const newline = text.indexOf("\n", start)
    const end = newline < 0 ? text.length : newline
    const line = text.slice(start, end)
    if (line.trim() !== "") yield line
    start = end + 1
  }
}

const filterOf = (line: string): string | undefined => {
  const parsed = parseRow(line)
  const filter = "row" in parsed ? parsed.row["filter"] : undefined
  return typeof filter === "string" ? filter : undefined
}

const planFrom = ({ format, scoreField }: ReadingOptions): LinePlan => ({
  ...(format === undefined ? {} : { format }),
  ...(scoreField === undefined ? {} : { scoreField })
})

/**
 * The plan for a file whose first rows are given as text that is not blank. Throws `ConfigError` if none of them has a format that is known,
 * and none was told; `FileError` if it is a part of a calibration.
 */
export const planOf = (file: string, text: string, options: ReadingOptions): LinePlan => {
  if (text.startsWith(PART_KIND)) {
    throw new FileError({ file, problem: "a part of a calibration, not transcripts", advice: "Merge parts with calibrate merge" })
  }
  let filter: string | undefined
  let hasFormat = options.format !== undefined
  let isPartedByGold = false
  const golds = new Map<string, string>()
  for (const line of linesOf(text)) {
    const reading = readLine(line, options, "")
    if (reading.format === undefined) continue
    hasFormat = true
    if (reading.format === "lm-eval") filter ??= filterOf(line)
    if (isPartedByGold || !("rows" in reading)) continue
    for (const { answer, prompt, query } of reading.rows) {
      // A problem that has a name of its own needs no telling apart.
      if (answer === undefined || prompt === "" || (query !== undefined && query !== prompt.trim())) continue
      const known = golds.get(query ?? prompt)
      if (known === undefined) golds.set(query ?? prompt, answer)
      else isPartedByGold ||= tellsApart(known, answer)
    }
  }
  // A first line that is too large tells nothing about the others: each then has the format that it shows.
  if (!hasFormat && [...linesOf(text)].every((line) => tooLargeLine(line) !== undefined)) return planFrom(options)
  if (!hasFormat) {
    const first = readLine(linesOf(text).next().value ?? "", {}, "")
    throw new ConfigError({
      field: `the format of ${file}`,
      value: `unknown (first row: ${"problem" in first ? first.problem : "blank"})`,
      expected: `rows of one of: ${FORMATS.join(", ")}; one JSON object on each line, a JSON array of them, Parquet, or an inspect_ai log`
    })
  }
  return {
    ...planFrom(options),
    ...(filter === undefined ? {} : { filter }),
    ...(isPartedByGold ? { isPartedByGold } : {})
  }
}
