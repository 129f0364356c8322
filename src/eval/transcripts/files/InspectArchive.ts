/**
 * inspect_ai's .eval logs as lines: zip archives with a JSON file for each sample, deflated or zstd.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { basename } from "node:path"
import { crc32, inflateRawSync, zstdDecompressSync } from "node:zlib"
import { FileError } from "../../../domain/Errors.ts"
import { LARGEST_ROW } from "../RowSize.ts"
import { largeRowBytes } from "./LargeRow.ts"

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const END_BYTES = 22
const LARGEST_READ = 1 << 30
const LONGEST_COMMENT = 0xffff
const IN_64 = 0xffffffff
const STORED = 0
const DEFLATED = 8
const ZSTD = 93

interface Entry {
  readonly name: string
  readonly method: number
  readonly checksum: number
  readonly size: number
  readonly packed: number
  readonly offset: number
}

const problem = (file: string, what: string): FileError =>
  new FileError({ file, problem: what, advice: "Give a whole .eval log of inspect_ai, or the .json that `inspect log dump` makes of it" })

// slime's dumps of rollouts (--save-debug-rollout-data) among them. A pickle is a program; only Python should run it, and only a trusted one.
const pickled = (file: string): FileError =>
  new FileError({
    file,
    problem: "a file of torch.save, which holds a pickle",
    advice: "Of slime's rollouts make JSON Lines where torch is: " +
      `python -c "import json, sys, torch; [print(json.dumps(s, default=str)) for s in torch.load(sys.argv[1], weights_only=False)['samples']]" ${
        basename(file)
      } > ${basename(file).replace(/\.pt$/, "")}.jsonl`
  })

const big = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at))

// Sizes of 4 GB and more stand in a field of their own.
const entryAt = (bytes: Buffer, at: number): Entry & { readonly next: number } => {
  const [names, extras, comments] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30), bytes.readUInt16LE(at + 32)]
  const extraAt = at + ENTRY_BYTES + names
  let [packed, size, offset] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 42)]
  for (let extra = extraAt; extra + 4 <= extraAt + extras; extra += 4 + bytes.readUInt16LE(extra + 2)) {
    if (bytes.readUInt16LE(extra) !== 1) continue
    let field = extra + 4
    if (size === IN_64) [size, field] = [big(bytes, field), field + 8]
    if (packed === IN_64) [packed, field] = [big(bytes, field), field + 8]
    if (offset === IN_64) offset = big(bytes, field)
  }
  const name = bytes.toString("utf8", at + ENTRY_BYTES, extraAt)
  return {
    name,
    method: bytes.readUInt16LE(at + 10),
    checksum: bytes.readUInt32LE(at + 16),
    size,
    packed,
    offset,
    next: extraAt + extras + comments
  }
}

const unpacked = (file: string, { method, name }: Entry, bytes: Buffer): Buffer => {
  if (method === STORED) return bytes
  const limit = { maxOutputLength: LARGEST_ROW }
  if (method === DEFLATED) return inflateRawSync(bytes, limit)
  if (method === ZSTD) return zstdDecompressSync(bytes, limit)
  throw problem(file, `${name} is packed by method ${method}, which is not known`)
}

/** Whether bytes begin a zip archive. */
export const isArchive = (bytes: Buffer): boolean => bytes.length >= 4 && bytes.readUInt32LE(0) === LOCAL

/** Reads the samples of an archive, one a line, in its order; memory holds one. Throws `FileError`. */
export function* archiveLines(file: string): Generator<Buffer> {
  const descriptor = openSync(file, "r")
  const { size } = fstatSync(descriptor)
  // Places and lengths are the archive's own words: beyond its end no memory is taken, and beyond 2 GiB Node itself would end.
  const bytesAt = (position: number, length: number): Buffer => {
    if (position + length > size || length > LARGEST_READ) throw problem(file, "the archive is cut off")
    const bytes = Buffer.alloc(length)
    const read = readSync(descriptor, bytes, 0, length, position)
    if (read < length) throw problem(file, "the archive is cut off")
    return bytes
  }
  try {
    const tailAt = Math.max(0, size - END_BYTES - LONGEST_COMMENT)
    const tail = bytesAt(tailAt, size - tailAt)
    let end = tail.length - END_BYTES
    while (end >= 0 && tail.readUInt32LE(end) !== END) end--
    if (end < 0) throw problem(file, "the archive has no directory: it is cut off, or still being written")
    let [length, position] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
    if (position === IN_64 || length === IN_64 || tail.readUInt16LE(end + 10) === 0xffff) {
      if (end < 20 || tail.readUInt32LE(end - 20) !== LOCATOR_64) throw problem(file, "the archive's directory is damaged")
      const end64 = bytesAt(big(tail, end - 12), 56)
      if (end64.readUInt32LE(0) !== END_64) throw problem(file, "the archive's directory is damaged")
      ;[length, position] = [big(end64, 40), big(end64, 48)]
    }
    if (position + length > size) throw problem(file, "the archive's directory is damaged")
    const directory = bytesAt(position, length)
    let samples = 0
    for (let at = 0; at + ENTRY_BYTES <= directory.length;) {
      if (directory.readUInt32LE(at) !== ENTRY) throw problem(file, "the archive's directory is damaged")
      const entry = entryAt(directory, at)
      at = entry.next
      if (entry.name.endsWith("/data.pkl")) throw pickled(file)
      if (!entry.name.startsWith("samples/") || !entry.name.endsWith(".json")) continue
      if (entry.size > LARGEST_ROW || entry.packed > LARGEST_ROW) {
        samples++
        yield largeRowBytes()
        continue
      }
      const local = bytesAt(entry.offset, LOCAL_BYTES)
      if (local.readUInt32LE(0) !== LOCAL) throw problem(file, `${entry.name} is not where the archive's directory says`)
      const from = entry.offset + LOCAL_BYTES + local.readUInt16LE(26) + local.readUInt16LE(28)
      let json: Buffer
      try {
        json = unpacked(file, entry, bytesAt(from, entry.packed))
      } catch (error) {
        throw error instanceof FileError ? error : problem(file, `${entry.name}: ${error instanceof Error ? error.message : String(error)}`)
      }
      if (crc32(json) !== entry.checksum) throw problem(file, `${entry.name} is damaged: its checksum is another`)
      samples++
      // Line ends can only stand between the words of JSON.
      const line = Buffer.alloc(json.length + 1, "\n")
      json.copy(line)
      for (let k = 0; k < json.length; k++) if (line[k] === 10 || line[k] === 13) line[k] = 32
      yield line
    }
    if (samples === 0) throw problem(file, "the archive has no samples (samples/*.json)")
  } catch (error) {
    if (error instanceof RangeError) throw problem(file, "the archive's directory is damaged")
    throw error
  } finally {
    closeSync(descriptor)
  }
}
