/**
 * Unpacking some entries of a zip archive of any size, one after the other through a small buffer.
 *
 * @module
 */
import { createReadStream, createWriteStream, type ReadStream } from "node:fs"
import { type FileHandle, mkdir, open } from "node:fs/promises"
import { dirname } from "node:path"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { crc32, createInflateRaw } from "node:zlib"

/** An entry of a zip archive as its directory lists it. */
export interface ZipEntry {
  readonly name: string
  /** 0: stored as it is; 8: deflated. */
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Where its own header begins. */
  readonly offset: number
}

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_SIZE = 22
const LONGEST_COMMENT = 0xffff
const LARGEST_READ = 1 << 30
const SIZE_IN_ZIP64 = 0xffffffff

const read = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  // Places and lengths are the archive's own words: beyond its end no memory is taken, and beyond 2 GiB Node itself would end.
  const { size } = await file.stat()
  if (position + length > size || length > LARGEST_READ) throw new Error("the archive ends too early")
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, position)
  if (bytesRead < length) throw new Error("the archive ends too early")
  return bytes
}

const entriesOf = async (file: FileHandle): Promise<ReadonlyArray<ZipEntry>> => {
  const { size } = await file.stat()
  const tail = await read(file, Math.max(0, size - END_SIZE - LONGEST_COMMENT), Math.min(size, END_SIZE + LONGEST_COMMENT))
  let end = tail.length - END_SIZE
  while (end >= 0 && tail.readUInt32LE(end) !== END) end--
  if (end < 0) throw new Error("it is no zip archive, or not the whole of one")
  const count = tail.readUInt16LE(end + 10)
  const directory = await read(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12))
  const entries: Array<ZipEntry> = []
  for (let at = 0; entries.length < count;) {
    if (directory.readUInt32LE(at) !== ENTRY) throw new Error("its directory is damaged")
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number
    ]
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42)
    })
    at += 46 + nameLength + extraLength + commentLength
  }
  return entries
}

const extract = async (archive: string, file: FileHandle, entry: ZipEntry, target: string): Promise<void> => {
  if ([entry.packed, entry.size, entry.offset].includes(SIZE_IN_ZIP64)) throw new Error(`${entry.name} has more than 4 GB`)
  const header = await read(file, entry.offset, 30)
  if (header.readUInt32LE(0) !== LOCAL) throw new Error(`the header of ${entry.name} is damaged`)
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  await mkdir(dirname(target), { recursive: true })
  const source: ReadStream | ReadonlyArray<Buffer> = entry.packed === 0
    ? []
    : createReadStream(archive, { start, end: start + entry.packed - 1 })
  let [crc, size] = [0, 0]
  const check = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      crc = crc32(chunk, crc)
      size += chunk.length
      done(null, chunk)
    }
  })
  const out = createWriteStream(target)
  if (entry.method === 0) await pipeline(source, check, out)
  else if (entry.method === 8) await pipeline(source, createInflateRaw(), check, out)
  else throw new Error(`${entry.name} is packed by method ${entry.method}, which is not read here`)
  if (crc !== entry.crc || size !== entry.size) throw new Error(`${entry.name} is damaged: its checksum or size is another`)
}

/**
 * Unpacks the entries of a zip archive for which `place` gives a path, to that path, and returns those paths. Each entry is checked
 * against its CRC-32. Reads deflated and stored entries below 4 GB; throws an Error that says what is wrong with the archive.
 */
export const unzip = async (archive: string, place: (name: string) => string | undefined): Promise<ReadonlyArray<string>> => {
  const file = await open(archive)
  try {
    const written: Array<string> = []
    for (const entry of await entriesOf(file)) {
      const target = entry.name.endsWith("/") ? undefined : place(entry.name)
      if (target === undefined) continue
      if (entry.name.split(/[/\\]/).includes("..")) throw new Error(`${entry.name} leads out of the archive's folder`)
      await extract(archive, file, entry, target)
      written.push(target)
    }
    return written
  } finally {
    await file.close()
  }
}
