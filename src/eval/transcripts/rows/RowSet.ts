/**
 * Rollouts of files, any number of them, to look through: columns of all in memory (RowColumns.ts), and each one's text where it lies. What grows is read on, what is
 * written anew is read again.
 *
 * @module
 */
import { appendFileSync, closeSync, constants, fstatSync, openSync, readSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ConfigError, FileError } from "../../../domain/Errors.ts"
import { addCounts } from "../Counts.ts"
import { type Format, type LinePlan, parseRow, readLine } from "../Formats.ts"
import { type Block, BLOCK_BYTES, isPlain, readBlocks } from "../files/Blocks.ts"
import type { CalibrateThreads } from "../files/CalibrateThreads.ts"
import { planOf, type ReadingOptions } from "../files/FileFormat.ts"
import type { FileReading } from "../files/FileReading.ts"
import { type Fingerprint, fingerprint, isContinued, wholeLines } from "../files/GrowingFile.ts"
import { readInOrder } from "../files/ReadInOrder.ts"
import { LISTED_BAD_ROWS } from "../files/TallyFiles.ts"
import type { Row } from "../formats/Row.ts"
import type { TranscriptRow } from "../Grade.ts"
import type { BadRow, BlockReading } from "../ReadBlock.ts"
import { LARGEST_ROW } from "../RowSize.ts"
import { mergeNotes } from "../ReadingNotes.ts"
import { addReadings, NO_READING, type ReadingTally } from "../ReadingTally.ts"
import { isSameFile, type StepFile } from "../steps/StepFiles.ts"
import { makeColumns, type RowColumns } from "./RowColumns.ts"

/** How a set is read. */
export interface RowSetOptions extends ReadingOptions {
  readonly threads: CalibrateThreads
  /** A folder of the set's own for the lines of files that have none to be read again from (Parquet, gzip, JSON arrays): as many bytes as they have unpacked. */
  readonly spool: string
  /** The most rollouts that are held, 31 bytes each; unless told, 50 million. */
  readonly mostRows?: number
}

const MOST_ROWS = 50_000_000

/** A file of a set as far as it was read. */
export interface RowFile extends FileReading {
  readonly step: number | undefined
  readonly bytes: number
  /** Why it could not be read. */
  readonly problem?: string
  /** Its last line is not whole yet. */
  readonly waits: boolean
}

/** A rollout with its text. */
export interface FoundRollout {
  readonly row: TranscriptRow
  /** The row as it is in the file. */
  readonly json: Row
  readonly format: Format
  readonly file: string
  readonly line: number
}

/** A set of rollouts. */
export interface RowSet {
  readonly columns: () => RowColumns
  readonly files: () => ReadonlyArray<RowFile>
  /** The step that each file's name says. */
  readonly stepOfFile: () => ReadonlyArray<number | undefined>
  readonly reading: () => ReadingTally
  readonly badRows: () => { readonly count: number; readonly listed: ReadonlyArray<BadRow> }
  /** Another number whenever row numbers mean other rows. */
  readonly edition: () => number
  /** Reads what is new in files. Says whether there was anything. Not to be called again before it is done. */
  readonly read: (
    files: ReadonlyArray<StepFile>,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void }
  ) => Promise<boolean>
  /** A rollout by its number. Throws `FileError` where its line is not there any more. */
  readonly rollout: (row: number) => FoundRollout
  /** The numbers of rollouts of a choice whose prompt or response holds a text, in their order, as they are found. */
  readonly search: (rows: Uint32Array, text: string, signal?: AbortSignal) => AsyncGenerator<ReadonlyArray<number>>
}

interface State {
  readonly file: RowFile
  readonly found: StepFile
  /** Where its lines are read again: the file itself, or the spool. */
  readonly place: string
  readonly plan: LinePlan | undefined
  /** Bytes and lines that were read. */
  readonly offset: number
  readonly lines: number
  readonly print: Fingerprint | undefined
}

const NEWLINE = 10
const FIRST_PIECE = 1 << 14

const gone = (file: string): FileError =>
  new FileError({ file, problem: "the line is not there any more", advice: "Was the file written anew? Look again in a moment" })

// Opens what was a file when it was read. A pipe that stands in its place is not waited for.
const openAgain = (file: string): number => {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    if (fstatSync(descriptor).isFile()) return descriptor
    closeSync(descriptor)
  } catch {
    throw gone(file)
  }
  throw gone(file)
}

// The line that begins at a byte.
const lineAt = (file: string, start: number): string => {
  const descriptor = openAgain(file)
  try {
    const pieces: Array<Buffer> = []
    let held = 0
    for (let size = FIRST_PIECE; held <= LARGEST_ROW; size = Math.min(2 * size, 1 << 24)) {
      const piece = Buffer.alloc(size)
      const read = readSync(descriptor, piece, 0, size, start + held)
      const end = piece.subarray(0, read).indexOf(NEWLINE)
      pieces.push(piece.subarray(0, end < 0 ? read : end))
      held += read
      if (end >= 0 || read === 0) return Buffer.concat(pieces).toString("utf8")
    }
    throw gone(file)
  } finally {
    closeSync(descriptor)
  }
}

interface ParsedLine {
  readonly json: Row
  readonly rows: ReadonlyArray<TranscriptRow>
  readonly format: Format
}

const parseLine = (text: string, plan: LinePlan, place: string, source: string): ParsedLine | undefined => {
  const parsed = parseRow(text)
  const found = readLine(text, plan, place, source)
  return "row" in parsed && "rows" in found ? { json: parsed.row, rows: found.rows, format: found.format! } : undefined
}

// What every writer of JSON leaves as it is; the longest run of it is looked for in the bytes, and the rest of the text in what was found.
const PLAIN_RUN = /[\w .,:;=+*()-]+/g

const escapedForms = (text: string): ReadonlyArray<string> => {
  const utf8 = JSON.stringify(text).slice(1, -1)
  const ascii = utf8.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return [...new Set([utf8, ascii, ascii.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`)])]
}

/** Texts of which one stands in the bytes of every JSON line that holds the text. */
const needlesOf = (text: string): ReadonlyArray<Buffer> => {
  const longest = (text.match(PLAIN_RUN) ?? []).reduce((best, run) => (run.length > best.length ? run : best), "")
  return (longest === "" ? escapedForms(text) : [longest]).map((form) => Buffer.from(form))
}

const WINDOW = 1 << 22

/** Rows that lie one after the other in a file, up to a window of bytes. */
function* windowsOf({ file, start }: RowColumns, rows: Uint32Array): Generator<Uint32Array> {
  for (let from = 0; from < rows.length;) {
    const [first, place] = [start[rows[from]!]!, file[rows[from]!]!]
    let to = from + 1
    while (
      to < rows.length && file[rows[to]!] === place && start[rows[to]!]! >= start[rows[to - 1]!]! && start[rows[to]!]! < first + WINDOW
    ) to++
    yield rows.subarray(from, to)
    from = to
  }
}

const lineEnd = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(NEWLINE, from)
  return end < 0 ? bytes.length : end
}

/** The rows of a window whose lines hold one of the needles. */
const holding = (place: string, rows: Uint32Array, starts: Float64Array, needles: ReadonlyArray<Buffer>): ReadonlyArray<number> => {
  const first = starts[rows[0]!]!
  const last = starts[rows.at(-1)!]!
  const descriptor = openAgain(place)
  let bytes: Buffer
  try {
    const lines = Buffer.alloc(last - first)
    bytes = Buffer.concat([
      lines.subarray(0, readSync(descriptor, lines, 0, lines.length, first)),
      Buffer.from(lineAt(place, last)),
      Buffer.of(NEWLINE)
    ])
  } finally {
    closeSync(descriptor)
  }
  const isFound = new Set<number>()
  for (const needle of needles) {
    let at = bytes.indexOf(needle)
    for (let k = 0; at >= 0 && k < rows.length;) {
      const begin = starts[rows[k]!]! - first
      const end = lineEnd(bytes, begin)
      if (at >= end) k++
      else if (at < begin) at = bytes.indexOf(needle, begin)
      else {
        isFound.add(rows[k]!)
        k++
        // Another rollout of the same line holds it too.
        if (k >= rows.length || starts[rows[k]!]! - first !== begin) at = bytes.indexOf(needle, end)
      }
    }
  }
  return [...rows].filter((row) => isFound.has(row))
}

/** Makes a set; nothing is read yet. */
export const makeRowSet = (options: RowSetOptions): RowSet => {
  const { threads } = options
  let columns = makeColumns()
  let states: Array<State> = []
  let reading = NO_READING
  let badRowCount = 0
  let badRows: Array<BadRow> = []
  let edition = 0
  // The last line of several rollouts: whoever looks at one of them looks at its neighbours.
  let shared: { readonly place: string; readonly line: number; readonly text: string; readonly parsed: ParsedLine } | undefined

  const forget = (): void => {
    columns = makeColumns()
    states = []
    reading = NO_READING
    badRowCount = 0
    badRows = []
    shared = undefined
    edition++
  }

  const readFile = async (
    found: StepFile,
    before: State | undefined,
    number: number,
    signal: AbortSignal | undefined,
    onProgress: ((bytes: number) => void) | undefined
  ): Promise<State> => {
    const { file, size, step } = found
    const isLines = isPlain(file)
    const place = isLines ? file : join(options.spool, `${number}.jsonl`)
    if (!isLines) writeFileSync(place, "")
    let plan = before?.plan
    let [offset, lines] = [before?.offset ?? 0, before?.lines ?? 0]
    let waits = false
    let of = before?.file ?? { file, step, rows: 0, badRows: 0, formats: {}, notes: [], bytes: size, waits: false }
    // The bytes of blocks that threads are reading, in order.
    const lengths: Array<number> = []
    let known = offset
    const read = ({ bytes, end }: Block): Promise<BlockReading> => {
      signal?.throwIfAborted()
      if (plan === undefined) {
        const text = bytes.toString("utf8")
        if (text.trim() !== "") plan = { ...planOf(file, text, options), isByStep: true, isPlaced: true }
      }
      const kept = isLines || bytes.at(-1) === NEWLINE ? bytes : Buffer.concat([bytes, Buffer.of(NEWLINE)])
      if (!isLines) appendFileSync(place, kept)
      // What stands for a line that is too large is shorter than it.
      lengths.push(isLines ? end - known : kept.length)
      known = end
      // As a calibration calls them: what has neither a problem nor an id is told apart by it.
      return threads.read(bytes, plan ?? { isByStep: true, isPlaced: true }, `${file}@${end}:`)
    }
    const all = readBlocks(file, offset, BLOCK_BYTES, isLines ? size : Infinity)
    const blocks = isLines ? wholeLines(all, () => (waits = true)) : all
    for await (const { reading: block } of readInOrder(blocks, read, threads.width)) {
      signal?.throwIfAborted()
      if (columns.columns().length + block.marks.kind.length > (options.mostRows ?? MOST_ROWS)) {
        throw new ConfigError({
          field: "the number of rollouts",
          value: `more than ${options.mostRows ?? MOST_ROWS}`,
          expected: "fewer, 31 bytes of memory each: name fewer files, or allow more"
        })
      }
      columns.append(block.marks, { file: number, start: offset, line: lines })
      reading = addReadings(reading, block.reading)
      for (const { line, reason } of block.badRows) {
        badRowCount++
        if (badRows.length < LISTED_BAD_ROWS) badRows.push({ file, line: lines + line, reason })
      }
      of = {
        ...of,
        rows: of.rows + block.marks.kind.length,
        badRows: of.badRows + block.badRows.length,
        formats: addCounts(of.formats, block.formats),
        notes: mergeNotes(of.notes, block.notes, lines)
      }
      offset += lengths.shift()!
      lines += block.lines
      onProgress?.(offset)
    }
    return {
      found,
      file: { ...of, bytes: size, waits },
      place,
      plan,
      offset,
      lines,
      print: isLines ? fingerprint(file, offset) : undefined
    }
  }

  /** Whether what was read of a file is still its beginning. */
  const isGoingOn = (found: StepFile, { found: then, offset, print }: State): boolean => {
    try {
      return isSameFile(found, then) || (print !== undefined && found.size >= offset && isContinued(found.file, print))
    } catch {
      return false
    }
  }

  // Of a file that breaks off in the middle there are the rows before; they stay until it changes.
  const failed = (found: StepFile, problem: string, rows: number): State => ({
    found,
    file: { file: found.file, step: found.step, rows, badRows: 0, formats: {}, notes: [], bytes: found.size, waits: false, problem },
    place: found.file,
    plan: undefined,
    offset: 0,
    lines: 0,
    print: undefined
  })

  const read: RowSet["read"] = async (files, { onProgress, signal } = {}) => {
    const known = new Map(states.map((state, number) => [state.found.file, number]))
    const present = new Map(files.map((found) => [found.file, found]))
    const isKept = states.every((state) => {
      const found = present.get(state.found.file)
      if (found === undefined) return false
      const { problem, rows } = state.file
      return problem === undefined ? isGoingOn(found, state) : rows === 0 || isSameFile(found, state.found)
    })
    if (!isKept) {
      forget()
      known.clear()
    }
    let isNew = !isKept
    let finished = 0
    for (const found of files) {
      const number = known.get(found.file) ?? states.length
      const before = states[number]
      if (before === undefined || !isSameFile(found, before.found)) {
        const isOn = before !== undefined && before.file.problem === undefined
        const rowsBefore = columns.columns().length
        try {
          states[number] = await readFile(found, isOn ? before : undefined, number, signal, (bytes) => onProgress?.(finished + bytes))
        } catch (cause) {
          if (signal?.aborted === true) throw cause
          if (!(cause instanceof FileError || cause instanceof ConfigError || (cause instanceof Error && "code" in cause))) throw cause
          states[number] = failed(found, cause.message, columns.columns().length - rowsBefore)
        }
        isNew = true
      }
      finished += found.size
    }
    return isNew
  }

  const rollout = (row: number): FoundRollout => {
    const all = columns.columns()
    const state = states[all.file[row] ?? -1]
    if (row >= all.length || state === undefined) throw gone("the set")
    const { file: { file }, place, plan } = state
    const line = all.line[row]!
    const text = lineAt(place, all.start[row]!)
    const known = shared?.place === place && shared.line === line && shared.text === text ? shared.parsed : undefined
    const parsed = known ?? parseLine(text, plan ?? {}, String(line), `${file}:`)
    const transcript = parsed?.rows[all.part[row]!]
    if (parsed === undefined || transcript === undefined) throw gone(file)
    if (parsed.rows.length > 1) shared = { place, line, text, parsed }
    return { row: transcript, json: parsed.json, format: parsed.format, file, line }
  }

  async function* search(rows: Uint32Array, text: string, signal?: AbortSignal): AsyncGenerator<ReadonlyArray<number>> {
    const needles = needlesOf(text)
    const all = columns.columns()
    const begun = edition
    for (const window of windowsOf(all, rows)) {
      signal?.throwIfAborted()
      if (edition !== begun) throw gone("the set")
      const { place } = states[all.file[window[0]!]!]!
      yield holding(place, window, all.start, needles).filter((row) => {
        const { prompt, response } = rollout(row).row
        return prompt.includes(text) || response.includes(text)
      })
      // Others want an answer too.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  return {
    columns: () => columns.columns(),
    files: () => states.map(({ file }) => file),
    stepOfFile: () => states.map(({ file }) => file.step),
    reading: () => reading,
    badRows: () => ({ count: badRowCount, listed: badRows }),
    edition: () => edition,
    read,
    rollout,
    search
  }
}
