/**
 * Reads the files of a run, and again what is new in them.
 *
 * A file of JSON Lines is read in blocks. What was read up to the last block that is whole stays as it is when the file grows, and only what comes after it is
 * read again; so reading a file as it grows gives what reading it at the end gives, to the last bit. A file that shrank, or that begins or goes on otherwise than
 * it did, was written anew and is read from its beginning. Files of any other kind (Parquet, gzip, JSON arrays) are read whole whenever they change.
 *
 * @module
 */
import { ConfigError, FileError, RowError } from "../../../domain/Errors.ts"
import type { LinePlan } from "../Formats.ts"
import { type Block, BLOCK_BYTES, isPlain, readBlocks } from "../files/Blocks.ts"
import type { CalibrateThreads } from "../files/CalibrateThreads.ts"
import { planOf, type ReadingOptions } from "../files/FileFormat.ts"
import { type Fingerprint, fingerprint, isContinued, wholeLines } from "../files/GrowingFile.ts"
import type { ReadingReport } from "../files/CalibrateFiles.ts"
import { readInOrder } from "../files/ReadInOrder.ts"
import { LISTED_BAD_ROWS } from "../files/TallyFiles.ts"
import { poolTallies } from "../PoolTallies.ts"
import type { BadRow, BlockReading } from "../ReadBlock.ts"
import type { LevelTally } from "../Tallies.ts"
import { isSameFile, type StepFile } from "./StepFiles.ts"
import { addParts, type FilePart, makeFilePart, NO_PART, NO_STEP, type StepPart } from "./StepParts.ts"

/** What was read of a file, for notes. */
export interface ReadFile {
  readonly file: StepFile
  readonly part: FilePart
  /** Why it could not be read; it is tried again when it changes. */
  readonly problem?: FileError | ConfigError
  /** Its last line is not whole yet. */
  readonly waits: boolean
}

/** The rollouts of one step. */
export interface StepRead {
  readonly step: number
  readonly levels: ReadonlyArray<LevelTally>
  readonly rows: number
  readonly told: number
  readonly files: ReadonlyArray<string>
  /** Lines of its files that could not be used, where their names say the step. */
  readonly badRows: number
  /** Another text whenever the step's rollouts are others. */
  readonly version: string
}

/** How files of steps are read. */
export interface ReadStepsOptions extends ReadingOptions {
  readonly threads: CalibrateThreads
  readonly isStrict: boolean
  /** The files are still being written: a last line that is not whole waits. */
  readonly isFollowed: boolean
  readonly blockBytes?: number
  readonly signal?: AbortSignal
}

/** The files of a run as far as they were read. */
export interface StepsReader {
  /** Reads what is new in files; those that are not among them any more are forgotten. Gives the names of those that were read. Rejects with `RowError` for the first bad row of strict reading. */
  readonly read: (
    files: ReadonlyArray<StepFile>,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void }
  ) => Promise<ReadonlyArray<string>>
  readonly files: () => ReadonlyArray<ReadFile>
  /** In the order of steps. Rows of which no step is known are of none of them. */
  readonly steps: () => ReadonlyArray<StepRead>
  /** Rows of which no step is known. */
  readonly unplaced: () => number
  /** Files that were found written anew, and files that went. */
  readonly changes: () => { readonly rewritten: number; readonly gone: number }
}

interface State extends ReadFile {
  readonly version: number
  readonly settled: FilePart
  readonly offset: number
  readonly plan: LinePlan | undefined
  readonly print: Fingerprint | undefined
}

// A file may go, or be half written, while it is read.
const foreseen = (file: string, cause: unknown): FileError | ConfigError => {
  if (cause instanceof FileError || cause instanceof ConfigError) return cause
  if (cause instanceof Error && "code" in cause) return new FileError({ file, problem: cause.message, advice: "May it be read?" })
  throw cause
}

const FILES_AT_A_TIME = 4

const NO_PLAN: LinePlan = { isByStep: true }

/** Makes a reader of a run's files. */
export const makeStepsReader = (options: ReadStepsOptions): StepsReader => {
  const { blockBytes = BLOCK_BYTES, isFollowed, isStrict, threads } = options
  const states = new Map<string, State>()
  let order: ReadonlyMap<string, number> = new Map()
  let rewritten = 0
  let gone = 0
  let versions = 0

  const readOne = async (
    found: StepFile,
    before: State | undefined,
    signal?: AbortSignal,
    onBytes?: (end: number) => void
  ): Promise<State> => {
    const { file, size, step } = found
    const isLines = isPlain(file)
    const print = before?.print
    const isOn = isLines && print !== undefined && before !== undefined && size >= print.length && before.file.inode === found.inode &&
      isContinued(file, print)
    if (before !== undefined && before.part.lines > 0 && isLines && !isOn) rewritten++
    const from = isOn ? before.offset : 0
    let plan = isOn && from > 0 ? before.plan : undefined
    const settled = makeFilePart(step)
    const tail = makeFilePart(step)
    let lines = isOn ? before.settled.lines : 0
    let offset = from
    let end = from
    let waits = false
    const read = ({ bytes, end: blockEnd }: Block): Promise<BlockReading> => {
      signal?.throwIfAborted()
      if (plan === undefined) {
        const text = bytes.toString("utf8")
        if (text.trim() !== "") plan = { ...planOf(file, text, options), isByStep: true }
      }
      return threads.read(bytes, plan ?? NO_PLAN, `${file}@${blockEnd}:`)
    }
    const all = readBlocks(file, from, blockBytes, isLines ? size : Infinity)
    const blocks = isFollowed && isLines ? wholeLines(all, () => (waits = true)) : all
    for await (const block of readInOrder(blocks, read, threads.width)) {
      signal?.throwIfAborted()
      const bad = block.reading.badRows[0]
      if (isStrict && bad !== undefined) throw new RowError({ file, line: lines + bad.line, problem: bad.reason })
      lines += block.reading.lines
      end = block.end
      // The place up to which it was known where a block ends: later bytes move none of the blocks before it.
      const isSettled = isLines && end < size && Math.ceil(end / blockBytes) * blockBytes <= size
      if (isSettled) offset = end
      ;(isSettled ? settled : tail).add(block.reading)
      onBytes?.(end)
    }
    const kept = addParts(isOn ? before.settled : NO_PART, settled.part())
    return {
      file: found,
      version: ++versions,
      settled: kept,
      part: addParts(kept, tail.part()),
      offset,
      plan,
      waits,
      print: isLines ? fingerprint(file, end) : undefined
    }
  }

  const unreadable = (found: StepFile, cause: unknown): State => ({
    file: found,
    version: ++versions,
    settled: NO_PART,
    part: NO_PART,
    offset: 0,
    plan: undefined,
    print: undefined,
    waits: false,
    problem: foreseen(found.file, cause)
  })

  const read: StepsReader["read"] = async (files, { onProgress, signal } = {}) => {
    const names = new Set(files.map(({ file }) => file))
    for (const file of states.keys()) {
      if (names.has(file)) continue
      states.delete(file)
      gone++
    }
    order = new Map(files.map(({ file }, k) => [file, k]))
    const changed = files.filter((found) => {
      const before = states.get(found.file)
      return before === undefined || !isSameFile(before.file, found)
    })
    // Several files at a time, so that the threads have work while one file comes to its end.
    const ends = changed.map(() => 0)
    let next = 0
    const work = async (): Promise<void> => {
      for (let k = next++; k < changed.length; k = next++) {
        const found = changed[k]!
        const report = (end: number): void => {
          ends[k] = end
          onProgress?.(ends.reduce((sum, each) => sum + each, 0))
        }
        states.set(found.file, await readOne(found, states.get(found.file), signal, report).catch((cause) => unreadable(found, cause)))
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(FILES_AT_A_TIME, changed.length) }, work))
    } catch (cause) {
      // No further file is begun.
      next = changed.length
      throw cause
    }
    return changed.map(({ file }) => file)
  }

  const inOrder = (): ReadonlyArray<State> => [...states.values()].sort((a, b) => order.get(a.file.file)! - order.get(b.file.file)!)

  const parts = (): ReadonlyMap<number, ReadonlyArray<{ readonly state: State; readonly part: StepPart }>> => {
    const bySteps = new Map<number, Array<{ readonly state: State; readonly part: StepPart }>>()
    for (const state of inOrder()) {
      for (const [step, part] of state.part.steps) {
        const list = bySteps.get(step) ?? []
        if (list.length === 0) bySteps.set(step, list)
        list.push({ state, part })
      }
    }
    return bySteps
  }

  return {
    read,
    files: inOrder,
    steps: () =>
      [...parts()].filter(([step]) => step !== NO_STEP).sort(([a], [b]) => a - b).map(([step, list]): StepRead => ({
        step,
        levels: list.length === 1 ? list[0]!.part.levels : poolTallies(list.map(({ part }) => part.levels)),
        rows: list.reduce((sum, { part }) => sum + part.rows, 0),
        told: list.reduce((sum, { part }) => sum + part.told, 0),
        files: list.map(({ state }) => state.file.file),
        badRows: list.reduce((sum, { state }) => sum + (state.file.step === step ? state.part.badRowCount : 0), 0),
        version: list.map(({ state }) => state.version).join(",")
      })),
    unplaced: () => (parts().get(NO_STEP) ?? []).reduce((sum, { part }) => sum + part.rows, 0),
    changes: () => ({ rewritten, gone })
  }
}

/** How many rows of files could not be used. */
export const badRowCountOf = (files: ReadonlyArray<ReadFile>): number => files.reduce((sum, { part }) => sum + part.badRowCount, 0)

/** The bad rows of files, the first so many, with the names of the files. */
export const badRowsOf = (files: ReadonlyArray<ReadFile>, most = LISTED_BAD_ROWS): ReadonlyArray<BadRow> => {
  const rows: Array<BadRow> = []
  for (const { file, part } of files) {
    for (const row of part.badRows) if (rows.length < most) rows.push({ ...row, file: file.file })
  }
  return rows
}

/** What was read of files, as reports of a reading say it. */
export const readRowsOf = (files: ReadonlyArray<ReadFile>): ReadingReport => ({
  badRowCount: badRowCountOf(files),
  badRows: badRowsOf(files),
  files: files.map(({ file, part }) => ({
    file: file.file,
    rows: part.rows,
    badRows: part.badRowCount,
    formats: part.formats,
    notes: part.notes
  }))
})
