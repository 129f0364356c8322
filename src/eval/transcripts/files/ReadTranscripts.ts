/**
 * The rows of anybody's transcripts as a stream, for statistics of one's own: read and numbered exactly as a calibration reads them.
 *
 * @module
 */
import { Stream } from "effect"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { failingStream } from "../../../domain/Throws.ts"
import { forLines } from "../BlockLines.ts"
import { type Format, readLine } from "../Formats.ts"
import type { TranscriptRow } from "../Grade.ts"
import type { BadRow } from "../ReadBlock.ts"
import { BLOCK_BYTES, readBlocks, sizeOf } from "./Blocks.ts"
import { formatOf } from "./FileFormat.ts"

/** A transcript, and where it stands. A line may hold several (lm-evaluation-harness keeps all samples of a problem in one). */
export interface FoundRow {
  readonly _tag: "Row"
  readonly row: TranscriptRow
  readonly format: Format
  readonly file: string
  /** The number of its line, from 1; of its row, in Parquet. */
  readonly line: number
}

/** A line that could not be used, and why. */
export interface RefusedRow extends BadRow {
  readonly _tag: "BadRow"
}

/** What a line of a file is. */
export type FoundLine = FoundRow | RefusedRow

async function* linesOf(file: string, given: Format | undefined): AsyncGenerator<ReadonlyArray<FoundLine>> {
  sizeOf(file)
  let format = given
  let before = 0
  for await (const { bytes } of readBlocks(file, 0, BLOCK_BYTES)) {
    const found: Array<FoundLine> = []
    const text = format === undefined ? bytes.toString("utf8") : ""
    if (text.trim() !== "") format = formatOf(file, text)
    before += forLines(bytes, (text, number) => {
      const line = before + number
      const reading = readLine(text, format, String(line))
      if ("problem" in reading) found.push({ _tag: "BadRow", file, line, reason: reading.problem })
      // A line that is not blank comes after the format was found.
      else for (const row of reading.rows) found.push({ _tag: "Row", row, format: format!, file, line })
    })
    yield found
  }
}

/**
 * Reads a file of transcripts row by row: JSON Lines or Parquet, gzip or not, `-` for standard input. The format is found from the first row
 * that has one, unless it is given; rows without an id are called by their line. A line that cannot be read is an element of the stream, with
 * its place and the reason, and ends nothing. Memory holds a block of half a megabyte (of Parquet, a row group); the file is closed when the
 * stream ends, wherever that is. Fails with `FileError` for a file that cannot be read, and `ConfigError` if its format is not known.
 */
export const readTranscripts = (
  file: string,
  options: { readonly format?: Format } = {}
): Stream.Stream<FoundLine, FileError | ConfigError> =>
  Stream.flattenIterable(failingStream([FileError, ConfigError], () => linesOf(file, options.format)))
