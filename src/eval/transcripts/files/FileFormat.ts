/**
 * The format of a file, found from its first row that has one.
 *
 * @module
 */
import { ConfigError } from "../../../domain/Errors.ts"
import { detectFormat, type Format, FORMATS, readLine, type Row } from "../Formats.ts"

const asRow = (line: string): Row | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : undefined
  } catch {
    return undefined
  }
}

/** The format of the first row of a text that has one. */
const sniff = (text: string): Format | undefined => {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start)
    const end = newline < 0 ? text.length : newline
    const row = asRow(text.slice(start, end))
    const format = row === undefined ? undefined : detectFormat(row)
    if (format !== undefined) return format
    start = end + 1
  }
  return undefined
}

/** The format of the first rows of a file, given as text that is not blank. Throws `ConfigError` if it is none that is known. */
export const formatOf = (file: string, text: string): Format => {
  const format = sniff(text)
  if (format !== undefined) return format
  const first = readLine(text.split("\n").find((line) => line.trim() !== "") ?? "", undefined, "")
  throw new ConfigError({
    field: `the format of ${file}`,
    value: `unknown (first row: ${"problem" in first ? first.problem : "blank"})`,
    expected: `rows of one of: ${FORMATS.join(", ")}; one JSON object on each line`
  })
}
