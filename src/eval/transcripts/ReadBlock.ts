/**
 * Reads a block of whole lines into what the tallies need: the part of the work that can be done in any thread.
 */
import { isScored } from "../Outcomes.ts"
import { readLine, type Format } from "./Formats.ts"
import { gradeTranscript } from "./Grade.ts"
import { patternOf } from "./Pattern.ts"
import { hashText } from "./QueryIndex.ts"

/** A line that could not be used. */
export interface BadRow {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** Rollouts as columns: numbers of their level and pattern, hash of their query, and whether calibration uses them. */
export interface BlockMarks {
  readonly levels: ReadonlyArray<string>
  readonly patterns: ReadonlyArray<string>
  readonly level: ReadonlyArray<number>
  readonly pattern: ReadonlyArray<number>
  readonly query: ReadonlyArray<number>
  readonly isScored: ReadonlyArray<boolean>
}

/** What a block says. Line numbers of bad rows count from the block's first line, which is 1. */
export interface BlockReading {
  readonly lines: number
  readonly marks: BlockMarks
  readonly badRows: ReadonlyArray<Omit<BadRow, "file">>
}

const makeNames = () => {
  const numbers = new Map<string, number>()
  return {
    all: () => [...numbers.keys()],
    number: (name: string): number => {
      const known = numbers.get(name)
      if (known !== undefined) return known
      numbers.set(name, numbers.size)
      return numbers.size - 1
    }
  }
}

/** Reads a block of JSON lines. Blank lines count as lines and are skipped. */
export const readBlock = (block: string, format: Format | undefined, markers: RegExp): BlockReading => {
  const levels = makeNames()
  const patterns = makeNames()
  const columns = { level: [] as Array<number>, pattern: [] as Array<number>, query: [] as Array<number>, isScored: [] as Array<boolean> }
  const badRows: Array<Omit<BadRow, "file">> = []
  let lines = 0
  for (let start = 0; start < block.length; ) {
    const newline = block.indexOf("\n", start)
    const end = newline < 0 ? block.length : newline
    lines++
    const line = block.slice(start, end)
    start = end + 1
    if (line.trim() === "") continue
    const reading = readLine(line, format, "")
    if ("problem" in reading) {
      badRows.push({ line: lines, reason: reading.problem })
      continue
    }
    for (const row of reading.rows) {
      const rollout = gradeTranscript(row, markers)
      columns.level.push(levels.number(rollout.level))
      columns.pattern.push(patterns.number(patternOf(rollout)))
      columns.query.push(hashText(rollout.query))
      columns.isScored.push(isScored(rollout))
    }
  }
  return { lines, badRows, marks: { levels: levels.all(), patterns: patterns.all(), ...columns } }
}
