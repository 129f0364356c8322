/**
 * Files as blocks of whole lines: plain, gzip or zstd, from a path or standard input; rows of Parquet, of a JSON array or log, and of .eval
 * archives as lines.
 *
 * @module
 */
import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs"
import { pipeline, Readable } from "node:stream"
import { createGunzip, createZstdDecompress } from "node:zlib"
import { FileError } from "../../../domain/Errors.ts"
import { oneLine } from "../../../domain/OneLine.ts"
import { archiveLines, isArchive } from "./InspectArchive.ts"
import { LARGEST_ROW } from "../RowSize.ts"
import { largeRowBytes } from "./LargeRow.ts"
import { isJsonText, LOOKED_AT } from "./JsonRows.ts"
import { isParquet, isParquetBytes, parquetLines } from "./ParquetLines.ts"
import { makeRowSplitter } from "./RowSplitter.ts"

/** The name that stands for standard input. */
export const STANDARD_INPUT = "-"

/** Whole lines of a file; `end` is the offset after them in the (unzipped) bytes, or in those of the lines that its rows were made. */
export interface Block {
  readonly bytes: Buffer
  readonly end: number
}

/** Bytes that are read at once: enough work for a thread, little memory. */
export const BLOCK_BYTES = 1 << 18

const NEWLINE = 10
const LARGEST_CHUNK = 1 << 20

// The marks that some programs put before text.
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
const isUtf16 = (bytes: Buffer): boolean => (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b
const isZstd = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === 0xfd2fb528

// All of a stream whose first chunk has been taken. A reader that has seen enough leaves no open file behind.
async function* rejoined(first: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}

// The bytes of a file between two places.
const streamOf = (file: string, chunkBytes: number, start: number, to: number): AsyncIterable<Buffer> =>
  createReadStream(file, { highWaterMark: chunkBytes, start, ...(to === Infinity ? {} : { end: to - 1 }) })

async function* bytesOf(file: string, chunkBytes: number, to: number): AsyncGenerator<Buffer> {
  if (to <= 0) return
  const source: AsyncIterable<Buffer> = file === STANDARD_INPUT ? process.stdin : streamOf(file, chunkBytes, 0, to)
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  if (isArchive(first.value)) {
    await iterator.return?.()
    if (file === STANDARD_INPUT) {
      throw new FileError({ file, problem: "a zip archive", advice: "Give an .eval log by its path: an archive is read from its end" })
    }
    yield* archiveLines(file)
    return
  }
  if (isParquetBytes(first.value)) {
    await iterator.return?.()
    if (file === STANDARD_INPUT) {
      throw new FileError({ file, problem: "a Parquet file", advice: "Give it by its path: it is read from its end" })
    }
    yield* parquetLines(file)
    return
  }
  const all = rejoined(first.value, iterator)
  if (isGzip(first.value) || isZstd(first.value)) {
    // A failure of either stream surfaces where the unzipped one is read.
    const unzip = isGzip(first.value) ? createGunzip() : createZstdDecompress()
    yield* pipeline(Readable.from(all), unzip, () => undefined) as AsyncIterable<Buffer>
    return
  }
  yield* all
}

const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes

async function* rowLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const splitter = makeRowSplitter()
  for await (const chunk of chunks) {
    const lines = splitter.push(chunk)
    if (lines.length > 0) yield lines
  }
  const rest = splitter.end()
  if (rest.length > 0) yield rest
}

// Lines as they are, or rows of JSON as lines: the beginning tells.
async function* chunksOf(file: string, chunkBytes: number, to: number): AsyncGenerator<Buffer> {
  if (isParquet(file)) {
    yield* parquetLines(file)
    return
  }
  const iterator = bytesOf(file, chunkBytes, to)
  const parts: Array<Buffer> = []
  let length = 0
  let isWhole = false
  while (length < LOOKED_AT && !parts.some((part) => part.includes(NEWLINE))) {
    const next = await iterator.next()
    if (next.done === true) {
      isWhole = true
      break
    }
    parts.push(next.value)
    length += next.value.length
  }
  if (length === 0) return
  const beginning = withoutMark(parts.length === 1 ? parts[0]! : Buffer.concat(parts))
  if (isUtf16(beginning)) {
    await iterator.return(undefined)
    throw new FileError({ file, problem: "text in UTF-16", advice: "Convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)" })
  }
  const all = rejoined(beginning, iterator)
  yield* isJsonText(beginning, isWhole) ? rowLines(all) : all
}

/** Whether the bytes of a file are its lines, so that reading may begin in its middle. */
export const isPlain = (file: string): boolean => {
  if (file === STANDARD_INPUT || isParquet(file)) return false
  const descriptor = openSync(file, "r")
  try {
    const first = Buffer.alloc(LOOKED_AT)
    const read = readSync(descriptor, first, 0, LOOKED_AT, 0)
    const beginning = first.subarray(0, read)
    const isPacked = isArchive(beginning) || isParquetBytes(beginning) || isGzip(beginning) || isZstd(beginning)
    const isMarked = isUtf16(beginning) || withoutMark(beginning).length < beginning.length
    return !isPacked && !isMarked && !isJsonText(beginning, read < LOOKED_AT)
  } finally {
    closeSync(descriptor)
  }
}

async function* linesOf(file: string, from: number, blockBytes: number, to: number): AsyncGenerator<Block> {
  let parts: Array<Buffer> = []
  let held = 0
  const chunkBytes = Math.min(blockBytes, LARGEST_CHUNK)
  // From a multiple of the chunks' size on, so that blocks end where they would if all of the file were read.
  const start = from > 0 && isPlain(file) ? Math.floor(from / chunkBytes) * chunkBytes : 0
  let end = start
  // A line has become too large to be held: the rest of it is passed over, and a line that says so stands for it.
  let isPassing = false
  const chunks: AsyncIterable<Buffer> = start > 0
    ? streamOf(file, chunkBytes, start, to)
    : chunksOf(file, chunkBytes, to)
  for await (const chunk of chunks) {
    end += chunk.length
    let fresh = end - chunk.length >= from ? chunk : chunk.subarray(Math.min(chunk.length, from - (end - chunk.length)))
    if (isPassing) {
      const newline = fresh.indexOf(NEWLINE)
      if (newline < 0) continue
      fresh = fresh.subarray(newline + 1)
      isPassing = false
      yield { bytes: largeRowBytes(), end: end - fresh.length }
    }
    if (fresh.length === 0) continue
    const cut = held + fresh.length < blockBytes ? -1 : fresh.lastIndexOf(NEWLINE)
    if (cut < 0) {
      parts.push(fresh)
      held += fresh.length
      if (held <= LARGEST_ROW) continue
      const before = parts.slice(0, parts.findLastIndex((part) => part.includes(NEWLINE)) + 1)
      const whole = Buffer.concat(before)
      const cutAt = whole.lastIndexOf(NEWLINE) + 1
      if (cutAt > 0) yield { bytes: whole.subarray(0, cutAt), end: end - held + cutAt }
      parts = []
      held = 0
      isPassing = true
      continue
    }
    yield { bytes: Buffer.concat([...parts, fresh.subarray(0, cut + 1)]), end: end - (fresh.length - cut - 1) }
    parts = [fresh.subarray(cut + 1)]
    held = fresh.length - cut - 1
  }
  if (held > 0) yield { bytes: Buffer.concat(parts), end }
  // Without the end of the line, which has not been seen.
  if (isPassing) yield { bytes: Buffer.from(largeRowBytes().subarray(0, -1)), end }
}

/**
 * Reads a file from offset `from`, which must be the beginning of a line, in blocks of about `blockBytes`; of a file that grows meanwhile, the bytes before
 * offset `to`. Throws `FileError`.
 */
export async function* readBlocks(file: string, from: number, blockBytes: number, to = Infinity): AsyncGenerator<Block> {
  try {
    yield* linesOf(file, from, blockBytes, to)
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      throw new FileError({ file, problem: error.message, advice: "Does the file exist, may it be read, and is it whole?" })
    }
    throw error
  }
}

// What a file is, whatever it is called: a link has the number of what it leads to.
const identityOf = (file: string): string => {
  if (file === STANDARD_INPUT) return file
  const { dev, ino } = statSync(file, { bigint: true })
  return `${dev}:${ino}`
}

/** Refuses a file that is given twice, under whatever name: its rows would count twice. All can be looked at (`sizeOf`). Throws `FileError`. */
export const assertOnce = (files: ReadonlyArray<string>): void => {
  const known = new Map<string, string>()
  for (const file of files) {
    const identity = identityOf(file)
    const before = known.get(identity)
    if (before !== undefined) {
      throw new FileError({
        file,
        problem: before === file
          ? "it is given twice, and its rows would count twice"
          : `it is ${before} too, and its rows would count twice`,
        advice: "Leave one of the two out"
      })
    }
    known.set(identity, file)
  }
}

const KINDS =
  "Give JSON Lines, JSON, Parquet or .eval files, or - for standard input; the folder of a training run goes with calibrate --by step"

/** Bytes of a file on the disk; 0 for standard input. Throws `FileError`. */
export const sizeOf = (file: string): number => {
  if (file === STANDARD_INPUT) return 0
  let stats
  try {
    stats = statSync(file, { throwIfNoEntry: false })
  } catch (cause) {
    // What is there and cannot be looked at: a folder that does not let anybody in, a link that leads in a circle, a name that is too long.
    throw new FileError({
      file,
      problem: oneLine(cause instanceof Error ? cause.message : String(cause)),
      advice: "Does the file exist, and may it be read?"
    })
  }
  if (stats === undefined) throw new FileError({ file, problem: "no such file", advice: KINDS })
  if (stats.isDirectory()) throw new FileError({ file, problem: "it is a folder", advice: KINDS })
  return stats.size
}
