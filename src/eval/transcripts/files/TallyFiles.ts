/**
 * From files to tallies, in bounded memory.
 *
 * @module
 */
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import type { Format } from "../Formats.ts"
import type { BadRow, BlockReading } from "../ReadBlock.ts"
import { makeTallies, type Tallies } from "../Tallies.ts"
import { BLOCK_BYTES, readBlocks, sizeOf, STANDARD_INPUT } from "./Blocks.ts"
import type { CalibrateThreads } from "./CalibrateThreads.ts"
import { formatOf } from "./FileFormat.ts"
import { loadState, removeState, type SavedState, saveState } from "./SavedState.ts"

/** What to read and how. */
export interface TallyOptions {
  readonly files: ReadonlyArray<string>
  /** Unless told, found for each file from its first row that has one. */
  readonly format?: Format
  /** What reads the blocks, and for which revision markers. */
  readonly threads: CalibrateThreads
  /** Fail at the first bad row. */
  readonly isStrict: boolean
  /** Keep the state in a file, and go on from it if it is there. */
  readonly isResumable: boolean
  readonly blockBytes?: number
  /** Bytes read between two saves of the state. */
  readonly saveEveryBytes?: number
  /** Told after every block: bytes read so far (unzipped) and bytes of all files on the disk. */
  readonly onProgress?: (read: number, total: number) => void
  /** Ends the reading: nothing is reported, counted or saved after it is aborted. */
  readonly signal?: AbortSignal
}

/** What was read. Of very many bad rows only the first are listed. */
export interface TallyResult {
  readonly tallies: Tallies
  readonly badRowCount: number
  readonly badRows: ReadonlyArray<BadRow>
  /** Removes the state, if there is one of this reading, once what was read is no longer needed. */
  readonly forget: () => void
}

/** How many bad rows are listed. */
export const LISTED_BAD_ROWS = 1000

const SAVE_EVERY_BYTES = 64 << 20

/** The state file of a calibration whose first input is `file`. */
export const stateFileOf = (file: string): string => `${file}.calibration-state.json`

// A format for blocks without a row, which is not asked for.
const ANY_FORMAT: Format = "plain"

/**
 * Reads files into tallies, blocks in threads. Rejects with `FileError` (also if there is no row in any file), `ConfigError` if a file's
 * format is not known, with `isStrict` `RowError` for the first bad row, and with the signal's reason once that is aborted.
 */
export const tallyFiles = async (options: TallyOptions): Promise<TallyResult> => {
  const { files, isResumable, threads } = options
  const sizes = files.map(sizeOf)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (isResumable && files.includes(STANDARD_INPUT)) {
    throw new ConfigError({
      field: "isResumable",
      value: "true for standard input",
      expected: "files only, because standard input cannot be read again"
    })
  }
  const job = JSON.stringify({ files, sizes, format: options.format ?? null, markers: threads.markers, isStrict: options.isStrict })
  const stateFile = stateFileOf(files[0] ?? "")
  const saved = isResumable ? loadState(stateFile, job) : undefined
  const tallies = makeTallies(saved?.tallies)
  const badRows: Array<BadRow> = [...(saved?.badRows ?? [])]
  let badRowCount = saved?.badRowCount ?? 0
  let hasRows = saved !== undefined
  let savedAt = 0
  let finished = 0

  const save = (place: Pick<SavedState, "file" | "offset" | "line" | "format">): void =>
    saveState(stateFile, { job, ...place, badRowCount, badRows, tallies: tallies.save() })
  for (const [index, file] of files.entries()) {
    if (index < (saved?.file ?? 0)) {
      finished += sizes[index]!
      continue
    }
    const isSavedFile = index === saved?.file
    let line = isSavedFile ? saved.line : 0
    const from = isSavedFile ? saved.offset : 0
    let format = options.format ?? (isSavedFile ? saved.format : undefined)

    const merge = ({ badRows: bad, lines, marks }: BlockReading, end: number): void => {
      options.signal?.throwIfAborted()
      tallies.addMarks(marks)
      for (const { line: place, reason } of bad) {
        if (options.isStrict) throw new RowError({ file, line: line + place, problem: reason })
        badRowCount++
        if (badRows.length < LISTED_BAD_ROWS) badRows.push({ file, line: line + place, reason })
      }
      line += lines
      options.onProgress?.(finished + end, total)
      if (isResumable && finished + end - savedAt >= (options.saveEveryBytes ?? SAVE_EVERY_BYTES)) {
        savedAt = finished + end
        save({ file: index, offset: end, line, format: format ?? ANY_FORMAT })
      }
    }

    // Blocks are merged in the order of the file, so that line numbers and the saved place are right.
    const pending: Array<{ readonly reading: Promise<BlockReading>; readonly end: number }> = []
    const mergeOldest = async (): Promise<void> => {
      const oldest = pending.shift()
      if (oldest !== undefined) merge(await oldest.reading, oldest.end)
    }
    for await (const { bytes, end } of readBlocks(file, from, options.blockBytes ?? BLOCK_BYTES)) {
      options.signal?.throwIfAborted()
      if (format === undefined || !hasRows) {
        const text = bytes.toString("utf8")
        const isBlank = text.trim() === ""
        if (!isBlank) format ??= formatOf(file, text)
        hasRows ||= !isBlank
      }
      const reading = threads.read(bytes, format ?? ANY_FORMAT)
      // A failure is reported when its turn comes; until then it is not an unhandled rejection.
      reading.catch(() => undefined)
      pending.push({ reading, end })
      if (pending.length > threads.width) await mergeOldest()
    }
    while (pending.length > 0) await mergeOldest()
    finished += sizes[index]!
  }
  if (!hasRows) {
    throw new FileError({
      file: files.join(", "),
      problem: "no row, only blank lines or nothing at all",
      advice: "Give JSON Lines or Parquet files with rows, or - for standard input"
    })
  }
  // Kept until `forget`: what comes after the reading may fail too.
  if (isResumable) save({ file: files.length, offset: 0, line: 0, format: ANY_FORMAT })
  return {
    tallies,
    badRowCount,
    badRows,
    forget: () => {
      if (isResumable) removeState(stateFile)
    }
  }
}
