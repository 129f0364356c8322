/**
 * Files that somebody writes while they are read: what tells that a file goes on as it began, and its lines that are whole.
 *
 * @module
 */
import { closeSync, openSync, readSync } from "node:fs"
import { parseRow } from "../Formats.ts"
import type { Block } from "./Blocks.ts"

/** The first and the last bytes of what was read: nobody writes another text that begins and ends alike. */
export interface Fingerprint {
  readonly first: Buffer
  readonly last: Buffer
  readonly length: number
}

const PRINTED = 4096
const NEWLINE = 10

const bytesAt = (file: string, places: ReadonlyArray<readonly [start: number, length: number]>): ReadonlyArray<Buffer> => {
  const descriptor = openSync(file, "r")
  try {
    return places.map(([start, length]) => {
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, start))
    })
  } finally {
    closeSync(descriptor)
  }
}

const placesOf = (length: number): ReadonlyArray<readonly [number, number]> => {
  const printed = Math.min(PRINTED, length)
  return [[0, printed], [length - printed, printed]]
}

/** The fingerprint of a file's first `length` bytes. */
export const fingerprint = (file: string, length: number): Fingerprint => {
  const [first, last] = bytesAt(file, placesOf(length))
  return { first: first!, last: last!, length }
}

/** Whether a file still begins as it did. */
export const isContinued = (file: string, { first, last, length }: Fingerprint): boolean => {
  const now = fingerprint(file, length)
  return now.first.equals(first) && now.last.equals(last)
}

/** Blocks without a last line that is not whole, of which `onWait` is told. A part of a JSON object is none. */
export async function* wholeLines(blocks: AsyncIterable<Block>, onWait: () => void): AsyncGenerator<Block> {
  for await (const { bytes, end } of blocks) {
    const cut = bytes.lastIndexOf(NEWLINE) + 1
    const rest = bytes.subarray(cut)
    if (rest.length === 0 || "row" in parseRow(rest.toString("utf8"))) yield { bytes, end }
    else {
      onWait()
      // A copy, as the bytes go to another thread with all the memory that they lie in.
      if (cut > 0) yield { bytes: Buffer.from(bytes.subarray(0, cut)), end: end - rest.length }
    }
  }
}
