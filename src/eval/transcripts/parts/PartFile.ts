/**
 * The file of a part: a header, then every query of every level in the order of their hashes, so that any number of parts is merged in one pass.
 *
 * A line of text says what it is and its version. Blocks follow, each with its length (4 bytes, little end first) and its bytes (raw deflate):
 * first the header as JSON, then up to `BLOCK_QUERIES` queries of a level. Such a block holds variable-length integers: the number of the level,
 * how many queries, the differences of their hashes to the hash before, and the number of each one's signature; a number that the level had
 * not yet is new, and the texts of those stand at the end. A length of 0 and the SHA-256 of all bytes before it close the file.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto"
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { deflateRawSync, inflateRawSync } from "node:zlib"
import { Result, Schema } from "effect"
import { FileError } from "../../../domain/Errors.ts"
import { refused, unwritten } from "../../../domain/Files.ts"
import { caught } from "../../../domain/Throws.ts"
import { PART_KIND } from "../files/FileFormat.ts"
import { PartHeader } from "./PartHeader.ts"

/** The version of the form that this module writes and reads. */
export const PART_VERSION = 1

const MAGIC = Buffer.from(`${PART_KIND}${PART_VERSION}\n`)
const LENGTH_BYTES = 4
const DIGEST_BYTES = 32

/** The queries of a block. */
const BLOCK_QUERIES = 8192
// The header of a hundred thousand files takes some 20 MB; beyond this a length is no length.
const LARGEST_BLOCK = 1 << 30

/** A query of a level: its hash, and which patterns its rollouts had. */
export type PartQuery = readonly [hash: number, signature: string]

/** The queries of a level by their hashes, smallest first. */
export interface PartLevel {
  readonly level: string
  readonly queries: Iterable<PartQuery>
}

/** What was written. */
export interface WrittenPart {
  readonly file: string
  readonly bytes: number
  readonly queries: number
  readonly digest: string
}

// Seven bits a byte, lowest first; the highest bit says that more follow. Hashes have 53 bits, so no bit operations.
const pushNumber = (out: Array<number>, number: number): void => {
  let rest = number
  while (rest >= 128) {
    out.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
}

const encodeHeader = Schema.encodeSync(Schema.fromJsonString(PartHeader))
const decodeHeader = Schema.decodeUnknownResult(Schema.fromJsonString(PartHeader))

// Cuts queries into blocks; signatures are numbered as they come.
function* levelBlocks(number: number, queries: Iterable<PartQuery>): Generator<readonly [block: Buffer, queries: number]> {
  const numbers = new Map<string, number>()
  let hashes: Array<number> = []
  let signatures: Array<number> = []
  let fresh: Array<string> = []
  let count = 0
  let last = 0
  const block = (): readonly [Buffer, number] => {
    const head: Array<number> = []
    pushNumber(head, number)
    pushNumber(head, count)
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from(hashes), Buffer.from(signatures), Buffer.from(fresh.join("\n"))])
    const written = count
    ;[hashes, signatures, fresh, count] = [[], [], [], 0]
    return [bytes, written]
  }
  for (const [hash, signature] of queries) {
    pushNumber(hashes, hash - last)
    last = hash
    const known = numbers.get(signature)
    pushNumber(signatures, known ?? numbers.size)
    if (known === undefined) {
      numbers.set(signature, numbers.size)
      fresh.push(signature)
    }
    if (++count === BLOCK_QUERIES) yield block()
  }
  if (count > 0) yield block()
}

const isPart = (file: string): boolean => {
  const open = caught([Error], () => openSync(file, "r"))
  if (Result.isFailure(open)) return false
  const bytes = Buffer.alloc(PART_KIND.length)
  const read = caught([Error], () => readSync(open.success, bytes, 0, bytes.length, 0))
  closeSync(open.success)
  return Result.isSuccess(read) && bytes.toString("latin1") === PART_KIND
}

const isThere = (file: string): boolean => Result.isSuccess(caught([Error], () => closeSync(openSync(file, "r"))))

const isFolder = (file: string): boolean =>
  Result.getOrElse(caught([Error], () => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true), () => false)

/** Refuses to write a part over a file that is none, or a folder. Throws `FileError`. */
export const assertWritable = (file: string): void => {
  if (/[/\\]$/.test(file) || isFolder(file)) {
    throw new FileError({ file, problem: "it is a folder", advice: "Name a file in it for the part" })
  }
  if (!isThere(file) || isPart(file)) return
  throw new FileError({
    file,
    problem: "there is a file of this name that is no part of a calibration, and it would be lost",
    advice: "Name another file for the part, or remove this one"
  })
}

/**
 * Writes a part: beside the file first, then renamed, so that it is whole at every moment; an older part of this name is replaced. `levels` come
 * in the order of the header. Throws `FileError` if it cannot be written, or if the name is that of a file that is no part.
 */
export const writePart = (file: string, header: PartHeader, levels: Iterable<PartLevel>): WrittenPart => {
  assertWritable(file)
  const beside = `${file}.writing`
  const open = Result.getOrThrowWith(
    caught([Error], () => {
      mkdirSync(dirname(file), { recursive: true })
      return openSync(beside, "w")
    }),
    unwritten(file)
  )
  const hash = createHash("sha256")
  let bytes = 0
  const write = (part: Buffer): void => {
    Result.getOrThrowWith(
      caught([Error], () => {
        for (let written = 0; written < part.length;) written += writeSync(open, part, written)
      }),
      unwritten(file)
    )
    bytes += part.length
  }
  const put = (part: Buffer): void => {
    hash.update(part)
    write(part)
  }
  const putBlock = (block: Buffer): void => {
    const packed = deflateRawSync(block, { level: 1 })
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(packed.length)
    put(length)
    put(packed)
  }
  try {
    put(MAGIC)
    putBlock(Buffer.from(encodeHeader(header)))
    let queries = 0
    let number = 0
    for (const level of levels) {
      for (const [block, count] of levelBlocks(number, level.queries)) {
        putBlock(block)
        queries += count
      }
      number++
    }
    put(Buffer.alloc(LENGTH_BYTES))
    const digest = hash.digest()
    write(digest)
    Result.getOrThrowWith(
      caught([Error], () => {
        fsyncSync(open)
        renameSync(beside, file)
      }),
      unwritten(file)
    )
    return { file, bytes, queries, digest: digest.toString("hex") }
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  } finally {
    closeSync(open)
  }
}

/** A part that is open. Its queries come once, in the order of levels and hashes; the digest is checked when the last has come. */
export interface OpenPart {
  readonly file: string
  /** The digest that stands at the file's end. */
  readonly digest: string
  readonly header: PartHeader
  readonly queries: () => Generator<readonly [level: number, hash: number, signature: string]>
  readonly close: () => void
}

const damaged = (file: string, problem: string): FileError =>
  new FileError({ file, problem, advice: "Make this part again with calibrate --partial; the others are not affected" })

const notPart = (file: string, beginning: Buffer): FileError => {
  const text = beginning.toString("latin1")
  const other = text.startsWith(PART_KIND) ? text.slice(PART_KIND.length).split("\n")[0]!.trim() : undefined
  return new FileError({
    file,
    problem: other === undefined
      ? "not a part of a calibration"
      : `a part in the form of version ${other}; this program reads version ${PART_VERSION}`,
    advice: other === undefined
      ? "Give files that calibrate --partial wrote; transcripts themselves are read by calibrate"
      : "Make all parts and merge them with the same version of decision-sampling"
  })
}

// The numbers of a block, one after the other.
const numbersOf = (bytes: Buffer) => {
  let at = 0
  return {
    next: (): number => {
      let number = 0
      let scale = 1
      for (;;) {
        const byte = bytes[at++]
        if (byte === undefined) throw new RangeError("a block ends within a number")
        if (byte < 128) return number + byte * scale
        number += (byte - 128) * scale
        scale *= 128
      }
    },
    rest: (): string => bytes.toString("utf8", at)
  }
}

// The queries of a block; `before` is where the block before it ended.
const readQueries = function* (bytes: Buffer, before: { level: number; hash: number; signatures: Array<string> }) {
  const { next, rest } = numbersOf(bytes)
  const level = next()
  const count = next()
  if (level < before.level || count < 1 || count > BLOCK_QUERIES) throw new RangeError("a block of no level")
  if (level > before.level) {
    before.level = level
    before.hash = 0
    before.signatures = []
  }
  const { signatures } = before
  const hashes = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    before.hash += next()
    hashes[i] = before.hash
  }
  const numbers = new Uint32Array(count)
  for (let i = 0; i < count; i++) numbers[i] = next()
  const texts = rest()
  if (texts !== "") signatures.push(...texts.split("\n"))
  for (let i = 0; i < count; i++) {
    const signature = signatures[numbers[i]!]
    if (signature === undefined) throw new RangeError("a signature that no block has told")
    yield [level, hashes[i]!, signature] as const
  }
}

/**
 * Opens a part and reads its header. Throws `FileError` where it is missing, no part, of another version, cut off or damaged; what is wrong
 * with its queries is thrown while they are read, and that their digest is another when the last was read.
 */
export const openPart = (file: string): OpenPart => {
  const open = Result.getOrThrowWith(
    caught([Error], () => openSync(file, "r")),
    refused(file, "Does the file exist, and may it be read?")
  )
  const close = (): void => closeSync(open)
  const hash: Hash = createHash("sha256")
  let at = 0
  const take = (length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length)
    for (let read = 0; read < length;) {
      const more = Result.getOrThrowWith(
        caught([Error], () => readSync(open, bytes, read, length - read, at + read)),
        refused(file, "May the file be read?")
      )
      if (more === 0) throw damaged(file, "the file is cut off")
      read += more
    }
    at += length
    return bytes
  }
  const takeHashed = (length: number): Buffer => {
    const bytes = take(length)
    hash.update(bytes)
    return bytes
  }
  // The next block; undefined at the end.
  const block = (): Buffer | undefined => {
    const length = takeHashed(LENGTH_BYTES).readUInt32LE()
    if (length === 0) return undefined
    if (length > size - at) throw damaged(file, "the file is cut off")
    if (length > LARGEST_BLOCK) throw damaged(file, "the file was changed after it was written")
    const packed = takeHashed(length)
    return Result.getOrThrowWith(
      caught([Error], () => inflateRawSync(packed, { maxOutputLength: LARGEST_BLOCK })),
      () => damaged(file, "the file was changed after it was written")
    )
  }
  let size = 0
  const header = caught([Error], () => {
    const stats = fstatSync(open)
    if (stats.isDirectory()) throw new FileError({ file, problem: "it is a folder", advice: "Name the parts in it, e.g. parts/*.part" })
    size = stats.size
    const beginning = takeHashed(Math.min(size, MAGIC.length))
    if (!beginning.equals(MAGIC)) {
      throw MAGIC.subarray(0, beginning.length).equals(beginning) ? damaged(file, "the file is cut off") : notPart(file, beginning)
    }
    const bytes = block()
    const read = bytes === undefined ? undefined : Result.getOrUndefined(decodeHeader(bytes.toString("utf8")))
    if (read === undefined) throw damaged(file, "its header cannot be read")
    const digest = Buffer.alloc(DIGEST_BYTES)
    readSync(open, digest, 0, DIGEST_BYTES, Math.max(0, size - DIGEST_BYTES))
    return { read, digest: digest.toString("hex") }
  })
  if (Result.isFailure(header)) {
    close()
    throw header.failure
  }
  const { digest, read } = header.success
  return {
    file,
    digest,
    header: read,
    queries: function* () {
      const before = { level: 0, hash: 0, signatures: [] as Array<string> }
      try {
        for (let bytes = block(); bytes !== undefined; bytes = block()) yield* readQueries(bytes, before)
      } catch (error) {
        throw error instanceof RangeError ? damaged(file, `the file was changed after it was written (${error.message})`) : error
      }
      const found = hash.digest()
      if (!take(DIGEST_BYTES).equals(found) || at !== size) throw damaged(file, "the file was changed after it was written")
    },
    close
  }
}
