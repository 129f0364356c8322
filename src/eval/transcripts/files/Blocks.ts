/**
 * Files as blocks of whole lines: plain or gzip, from a path or standard input, or rows of Parquet as lines.
 *
 * @module
 */
import { createReadStream, statSync } from "node:fs"
import { pipeline, Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import { FileError } from "../../../domain/Errors.ts"
import { isParquet, parquetLines } from "./ParquetLines.ts"

/** The name that stands for standard input. */
export const STANDARD_INPUT = "-"

/** Whole lines of a file; `end` is the offset after them in the (unzipped) bytes. */
export interface Block {
  readonly bytes: Buffer
  readonly end: number
}

/** Bytes that are read at once: enough work for a thread, little memory. */
export const BLOCK_BYTES = 1 << 19

const NEWLINE = 10
const LARGEST_CHUNK = 1 << 20

// The mark that some programs put before UTF-8 text.
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

async function* chunksOf(file: string, chunkBytes: number): AsyncGenerator<Buffer> {
  if (isParquet(file)) {
    yield* parquetLines(file)
    return
  }
  const source: AsyncIterable<Buffer> = file === STANDARD_INPUT ? process.stdin : createReadStream(file, { highWaterMark: chunkBytes })
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  async function* all(): AsyncGenerator<Buffer> {
    try {
      yield first.value
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
    } finally {
      // A reader that has seen enough leaves no open file behind.
      await iterator.return?.()
    }
  }
  if (!isGzip(first.value)) {
    yield* all()
    return
  }
  // A failure of either stream surfaces where the unzipped one is read.
  yield* pipeline(Readable.from(all()), createGunzip(), () => undefined) as AsyncIterable<Buffer>
}

const withoutMark = (bytes: Buffer, isAtStart: boolean): Buffer =>
  isAtStart && bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes

async function* linesOf(file: string, from: number, blockBytes: number): AsyncGenerator<Block> {
  let parts: Array<Buffer> = []
  let held = 0
  let end = 0
  let isAtStart = from === 0
  for await (const chunk of chunksOf(file, Math.min(blockBytes, LARGEST_CHUNK))) {
    end += chunk.length
    const fresh = end - chunk.length >= from ? chunk : chunk.subarray(Math.min(chunk.length, from - (end - chunk.length)))
    if (fresh.length === 0) continue
    const cut = held + fresh.length < blockBytes ? -1 : fresh.lastIndexOf(NEWLINE)
    if (cut < 0) {
      parts.push(fresh)
      held += fresh.length
      continue
    }
    yield { bytes: withoutMark(Buffer.concat([...parts, fresh.subarray(0, cut + 1)]), isAtStart), end: end - (fresh.length - cut - 1) }
    isAtStart = false
    parts = [fresh.subarray(cut + 1)]
    held = fresh.length - cut - 1
  }
  if (held > 0) yield { bytes: withoutMark(Buffer.concat(parts), isAtStart), end }
}

/** Reads a file from offset `from`, which must be the beginning of a line, in blocks of about `blockBytes`. Throws `FileError`. */
export async function* readBlocks(file: string, from: number, blockBytes: number): AsyncGenerator<Block> {
  try {
    yield* linesOf(file, from, blockBytes)
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      throw new FileError({ file, problem: error.message, advice: "Does the file exist, may it be read, and is it whole?" })
    }
    throw error
  }
}

/** Bytes of a file on the disk; 0 for standard input. Throws `FileError`. */
export const sizeOf = (file: string): number => {
  if (file === STANDARD_INPUT) return 0
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined || stats.isDirectory()) {
    throw new FileError({
      file,
      problem: stats === undefined ? "no such file" : "it is a folder",
      advice: "Give JSON Lines or Parquet files, or - for standard input"
    })
  }
  return stats.size
}
