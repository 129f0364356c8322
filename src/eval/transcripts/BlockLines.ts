/**
 * The lines of a block of bytes: the one loop under all that reads transcripts.
 *
 * @module
 */

const NEWLINE = 10

/** Calls back with every line that is not blank, its number, counted from 1 and blank ones with it, and the byte that it begins at. Returns how many lines there are. */
export const forLines = (block: Buffer, visit: (line: string, number: number, start: number) => void): number => {
  let lines = 0
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf(NEWLINE, start)
    const end = newline < 0 ? block.length : newline
    lines++
    // Line by line, because a text without a letter outside Latin-1 takes half the memory and is searched faster.
    const line = block.toString("utf8", start, end)
    if (line.trim() !== "") visit(line, lines, start)
    start = end + 1
  }
  return lines
}
