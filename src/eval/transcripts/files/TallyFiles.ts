/**
 * From files to tallies, in bounded memory.
 *
 * @module
 */
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import type { LinePlan } from "../Formats.ts"
import type { BadRow, BlockReading } from "../ReadBlock.ts"
import { addCounts } from "../Counts.ts"
import { mergeNotes } from "../ReadingNotes.ts"
import { addReadings, NO_READING, type ReadingTally } from "../ReadingTally.ts"
import { makeTallies, type Tallies } from "../Tallies.ts"
import { assertOnce, type Block, BLOCK_BYTES, readBlocks, sizeOf, STANDARD_INPUT } from "./Blocks.ts"
import type { CalibrateThreads } from "./CalibrateThreads.ts"
import { planOf, type ReadingOptions } from "./FileFormat.ts"
import type { FileReading } from "./FileReading.ts"
import { readInOrder } from "./ReadInOrder.ts"
import { loadState, removeState, type SavedState, saveState } from "./SavedState.ts"

/** What to read and how. */
export interface TallyOptions extends ReadingOptions {
  readonly files: ReadonlyArray<string>
  /** What reads the blocks, and how. */
  readonly threads: CalibrateThreads
  /** Fail at the first bad row. */
  readonly isStrict: boolean
  /** Keep the state in a file, and go on from it if it is there. */
  readonly isResumable: boolean
  /** What tells rows of a file without a problem and an id apart from those of other files; its name unless told. */
  readonly sourceOf?: (file: string) => string
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
  /** What was read of each file. */
  readonly files: ReadonlyArray<FileReading>
  /** What was counted beside rollouts. */
  readonly reading: ReadingTally
  /** Removes the state, if there is one of this reading, once what was read is no longer needed. */
  readonly forget: () => void
}

/** How many bad rows are listed. */
export const LISTED_BAD_ROWS = 1000

const SAVE_EVERY_BYTES = 64 << 20

/** The state file of a calibration whose first input is `file`. */
export const stateFileOf = (file: string): string => `${file}.calibration-state.json`

// For blocks without a row, which is not asked for.
const NO_PLAN: LinePlan = {}

/**
 * Reads files into tallies, blocks in threads. Rejects with `FileError` (also if there is no row in any file), `ConfigError` if a file's
 * format is not known, with `isStrict` `RowError` for the first bad row, and with the signal's reason once that is aborted.
 */
export const tallyFiles = async (options: TallyOptions): Promise<TallyResult> => {
  const { files, isResumable, threads } = options
  const sizes = files.map(sizeOf)
  assertOnce(files)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (isResumable && files.includes(STANDARD_INPUT)) {
    throw new ConfigError({
      field: "isResumable",
      value: "true for standard input",
      expected: "files only, because standard input cannot be read again"
    })
  }
  const job = JSON.stringify({
    files,
    sizes,
    format: options.format ?? null,
    scoreField: options.scoreField ?? null,
    reader: threads.reader,
    isStrict: options.isStrict
  })
  const stateFile = stateFileOf(files[0] ?? "")
  const saved = isResumable ? loadState(stateFile, job) : undefined
  const tallies = makeTallies(saved?.tallies)
  const badRows: Array<BadRow> = [...(saved?.badRows ?? [])]
  let badRowCount = saved?.badRowCount ?? 0
  let reading = saved?.reading ?? NO_READING
  const reads: Array<FileReading> = [...(saved?.reads ?? [])]
  let hasRows = saved !== undefined
  let savedAt = 0
  let finished = 0

  const save = (place: Pick<SavedState, "file" | "offset" | "line" | "plan">): void =>
    saveState(stateFile, { job, ...place, badRowCount, badRows, reads, reading, tallies: tallies.save() })
  for (const [index, file] of files.entries()) {
    if (index < (saved?.file ?? 0)) {
      finished += sizes[index]!
      continue
    }
    const isSavedFile = index === saved?.file
    let line = isSavedFile ? saved.line : 0
    const from = isSavedFile ? saved.offset : 0
    let plan: LinePlan | undefined = isSavedFile ? saved.plan : undefined
    const source = options.sourceOf?.(file) ?? file
    reads[index] ??= { file, rows: 0, badRows: 0, formats: {}, notes: [] }

    const merge = ({ badRows: bad, formats, lines, marks, notes, reading: counted }: BlockReading, end: number): void => {
      options.signal?.throwIfAborted()
      tallies.addMarks(marks)
      reading = addReadings(reading, counted)
      const before = reads[index]!
      reads[index] = {
        file,
        rows: before.rows + marks.kind.length,
        badRows: before.badRows + bad.length,
        formats: addCounts(before.formats, formats),
        notes: mergeNotes(before.notes, notes, line)
      }
      for (const { line: place, reason } of bad) {
        if (options.isStrict) throw new RowError({ file, line: line + place, problem: reason })
        badRowCount++
        if (badRows.length < LISTED_BAD_ROWS) badRows.push({ file, line: line + place, reason })
      }
      line += lines
      options.onProgress?.(finished + end, total)
      if (isResumable && finished + end - savedAt >= (options.saveEveryBytes ?? SAVE_EVERY_BYTES)) {
        savedAt = finished + end
        save({ file: index, offset: end, line, ...(plan === undefined ? {} : { plan }) })
      }
    }

    const read = ({ bytes, end }: Block): Promise<BlockReading> => {
      options.signal?.throwIfAborted()
      if (plan === undefined || !hasRows) {
        const text = bytes.toString("utf8")
        const isBlank = text.trim() === ""
        if (!isBlank) plan ??= planOf(file, text, options)
        hasRows ||= !isBlank
      }
      return threads.read(bytes, plan ?? NO_PLAN, `${source}@${end}:`)
    }
    // Blocks are merged in the order of the file, so that line numbers and the saved place are right.
    const blocks = readBlocks(file, from, options.blockBytes ?? BLOCK_BYTES)
    for await (const { end, reading: block } of readInOrder(blocks, read, threads.width)) merge(block, end)
    finished += sizes[index]!
  }
  if (!hasRows) {
    throw new FileError({
      file: files.join(", "),
      problem: "no row, only blank lines or nothing at all",
      advice: "Give JSON Lines, JSON, Parquet or .eval files with rows, or - for standard input"
    })
  }
  // Kept until `forget`: what comes after the reading may fail too.
  if (isResumable) save({ file: files.length, offset: 0, line: 0 })
  return {
    tallies,
    badRowCount,
    badRows,
    files: reads,
    reading,
    forget: () => {
      if (isResumable) removeState(stateFile)
    }
  }
}
