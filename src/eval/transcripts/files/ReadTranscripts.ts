/**
 * The rows of anybody's transcripts as a stream, for statistics of one's own: read and numbered exactly as a calibration reads them.
 *
 * @module
 */
import { Stream } from "effect"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { failingStream } from "../../../domain/Throws.ts"
import { forLines } from "../BlockLines.ts"
import { type Format, type LinePlan, readLine, type RowNote } from "../Formats.ts"
import type { TranscriptRow } from "../Grade.ts"
import type { BadRow } from "../ReadBlock.ts"
import { BLOCK_BYTES, readBlocks, sizeOf } from "./Blocks.ts"
import { planOf, type ReadingOptions } from "./FileFormat.ts"

/** A transcript, and where it stands. A line may hold several (lm-evaluation-harness keeps all samples of a problem in one). */
export interface FoundRow {
  readonly _tag: "Row"
  readonly row: TranscriptRow
  readonly format: Format
  readonly file: string
  /** The number of its line, from 1; of its row, in Parquet, JSON arrays and logs. */
  readonly line: number
  /** What there is to say of it, e.g. where its reference answer was looked for. */
  readonly note?: RowNote
}

/** A line that could not be used, and why. */
export interface RefusedRow extends BadRow {
  readonly _tag: "BadRow"
}

/** A line that was left out because another says the same, and why that is known. */
export interface RepeatedRow {
  readonly _tag: "RepeatedRow"
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** What a line of a file is. */
export type FoundLine = FoundRow | RefusedRow | RepeatedRow

async function* linesOf(file: string, options: ReadingOptions): AsyncGenerator<ReadonlyArray<FoundLine>> {
  sizeOf(file)
  let plan: LinePlan | undefined
  let before = 0
  for await (const { bytes } of readBlocks(file, 0, BLOCK_BYTES)) {
    const found: Array<FoundLine> = []
    const text = plan === undefined ? bytes.toString("utf8") : ""
    if (text.trim() !== "") plan = planOf(file, text, options)
    before += forLines(bytes, (text, number) => {
      const line = before + number
      const reading = readLine(text, plan ?? options, String(line), `${file}:`)
      if ("problem" in reading) {
        found.push({ _tag: "BadRow", file, line, reason: reading.problem })
        return
      }
      const { note } = reading
      if (reading.rows.length === 0) found.push({ _tag: "RepeatedRow", file, line, reason: note?.text ?? "said by another row" })
      // A line that was read has a format.
      for (const row of reading.rows) {
        found.push({ _tag: "Row", row, format: reading.format!, file, line, ...(note === undefined ? {} : { note }) })
      }
    })
    yield found
  }
}

/**
 * Reads a file of transcripts row by row: JSON Lines, JSON arrays and logs, Parquet, .eval archives, gzip or not, `-` for standard input. The
 * format of each row is found from its fields, unless it is given; rows without an id are called by their line. A line that cannot be read is an element of the stream, with
 * its place and the reason, and ends nothing. Memory holds a block of half a megabyte (of Parquet, a row group); the file is closed when the
 * stream ends, wherever that is. Fails with `FileError` for a file that cannot be read, and `ConfigError` if its format is not known.
 */
export const readTranscripts = (
  file: string,
  options: ReadingOptions = {}
): Stream.Stream<FoundLine, FileError | ConfigError> =>
  Stream.flattenIterable(failingStream([FileError, ConfigError], () => linesOf(file, options)))
