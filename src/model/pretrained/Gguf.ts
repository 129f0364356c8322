/**
 * Files of the GGUF format, versions 2 and 3: metadata, and which tensors lie where.
 *
 * The magic "GGUF", a version, the numbers of tensors and of metadata; the metadata, each a name, a type and a value; of each tensor its name,
 * dimensions (the fastest first), format and offset; then, aligned, the numbers. Little end first throughout.
 *
 * Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
 *
 * @module
 */
import type { Effect } from "effect"
import { failing } from "../../domain/Throws.ts"
import { type OpenFile, withFile } from "./FileBytes.ts"
import { FETCH_AGAIN, ModelFileError } from "./ModelFileError.ts"
import { isNumberFormat, NUMBER_FORMATS } from "./NumberFormats.ts"
import { sizeOf, type StoredTensor } from "./StoredTensor.ts"

/** A value of the metadata. Integers of 64 bits that a number holds exactly are numbers. */
export type GgufValue = number | bigint | boolean | string | ReadonlyArray<number> | ReadonlyArray<string> | ReadonlyArray<GgufValue>

/** What a GGUF file says about itself, and its tensors. */
export interface Gguf {
  readonly file: string
  readonly size: number
  readonly version: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: ReadonlyMap<string, StoredTensor>
}

/** Names of the formats of numbers by their number; those that are not read too, so that they can be named. */
const FORMATS: Readonly<Record<number, string>> = {
  0: "F32",
  1: "F16",
  2: "Q4_0",
  3: "Q4_1",
  6: "Q5_0",
  7: "Q5_1",
  8: "Q8_0",
  9: "Q8_1",
  10: "Q2_K",
  11: "Q3_K",
  12: "Q4_K",
  13: "Q5_K",
  14: "Q6_K",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  30: "BF16",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
  40: "NVFP4",
  41: "Q1_0"
}

const MAGIC = 0x46554747
const MOST_DIMENSIONS = 4
const MOST_DEPTH = 4
const PART = 1 << 20

/** Reads a file from its beginning on, a part at a time; no length that the file states is believed beyond the file's end. */
class Cursor {
  readonly #open: OpenFile
  #part = new Uint8Array(0)
  #view = new DataView(this.#part.buffer)
  #partStart = 0
  #at = 0

  constructor(open: OpenFile) {
    this.#open = open
  }

  get at(): number {
    return this.#at
  }

  get left(): number {
    return this.#open.size - this.#at
  }

  /** The place, in the part at hand, of the next `length` bytes, which are passed. */
  #take(length: number, what: string): number {
    if (length > this.left) {
      throw new ModelFileError({
        reason: "CutOff",
        file: this.#open.file,
        found: `the file ends at byte ${this.#open.size}`,
        expected: `${length} bytes of ${what} from byte ${this.#at} on`,
        advice: FETCH_AGAIN
      })
    }
    if (this.#at + length > this.#partStart + this.#part.length) {
      this.#part = new Uint8Array(Math.min(this.left, Math.max(PART, length)))
      this.#view = new DataView(this.#part.buffer)
      this.#partStart = this.#at
      this.#open.read(this.#at, this.#part)
    }
    const place = this.#at - this.#partStart
    this.#at += length
    return place
  }

  readonly u8 = (what: string): number => {
    const place = this.#take(1, what)
    return this.#view.getUint8(place)
  }
  readonly i8 = (what: string): number => {
    const place = this.#take(1, what)
    return this.#view.getInt8(place)
  }
  readonly u16 = (what: string): number => {
    const place = this.#take(2, what)
    return this.#view.getUint16(place, true)
  }
  readonly i16 = (what: string): number => {
    const place = this.#take(2, what)
    return this.#view.getInt16(place, true)
  }
  readonly u32 = (what: string): number => {
    const place = this.#take(4, what)
    return this.#view.getUint32(place, true)
  }
  readonly i32 = (what: string): number => {
    const place = this.#take(4, what)
    return this.#view.getInt32(place, true)
  }
  readonly f32 = (what: string): number => {
    const place = this.#take(4, what)
    return this.#view.getFloat32(place, true)
  }
  readonly f64 = (what: string): number => {
    const place = this.#take(8, what)
    return this.#view.getFloat64(place, true)
  }
  readonly u64 = (what: string): bigint => {
    const place = this.#take(8, what)
    return this.#view.getBigUint64(place, true)
  }
  readonly i64 = (what: string): bigint => {
    const place = this.#take(8, what)
    return this.#view.getBigInt64(place, true)
  }

  /** A number of things of at least `least` bytes each, which the rest of the file must hold. */
  readonly count = (what: string, least: number): number => {
    const count = this.u64(what)
    if (count > BigInt(Math.floor(this.left / least))) {
      throw new ModelFileError({
        reason: "CutOff",
        file: this.#open.file,
        found: `${what} of ${count}, with ${this.left} bytes left`,
        expected: `at least ${least} bytes for each`,
        advice: FETCH_AGAIN
      })
    }
    return Number(count)
  }

  readonly text = (what: string): string => {
    const length = this.count(`the length of ${what}`, 1)
    const place = this.#take(length, what)
    return decoder.decode(this.#part.subarray(place, place + length))
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

const plain = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Readers of the types of values by their number, and the least bytes of one. */
const TYPES: Readonly<Record<number, { readonly least: number; readonly read: (cursor: Cursor, what: string) => GgufValue }>> = {
  0: { least: 1, read: (cursor, what) => cursor.u8(what) },
  1: { least: 1, read: (cursor, what) => cursor.i8(what) },
  2: { least: 2, read: (cursor, what) => cursor.u16(what) },
  3: { least: 2, read: (cursor, what) => cursor.i16(what) },
  4: { least: 4, read: (cursor, what) => cursor.u32(what) },
  5: { least: 4, read: (cursor, what) => cursor.i32(what) },
  6: { least: 4, read: (cursor, what) => cursor.f32(what) },
  7: { least: 1, read: (cursor, what) => cursor.u8(what) !== 0 },
  8: { least: 8, read: (cursor, what) => cursor.text(what) },
  10: { least: 8, read: (cursor, what) => plain(cursor.u64(what)) },
  11: { least: 8, read: (cursor, what) => plain(cursor.i64(what)) },
  12: { least: 8, read: (cursor, what) => cursor.f64(what) }
}
const ARRAY = 9

const valueOf = (cursor: Cursor, file: string, key: string, type: number, depth: number): GgufValue => {
  if (type !== ARRAY) {
    const reader = TYPES[type]
    if (reader === undefined) throw damaged(file, `${key} is a value of type ${type}`, "a type from 0 to 12")
    return reader.read(cursor, key)
  }
  if (depth >= MOST_DEPTH) throw damaged(file, `${key} has arrays in arrays, ${depth} deep`, "fewer")
  const itemType = cursor.u32(key)
  const reader = TYPES[itemType]
  const length = cursor.count(`the length of ${key}`, itemType === ARRAY ? 12 : (reader?.least ?? 1))
  const items: Array<GgufValue> = []
  for (let i = 0; i < length; i++) {
    items.push(reader === undefined ? valueOf(cursor, file, key, itemType, depth + 1) : reader.read(cursor, key))
  }
  return items
}

const damaged = (file: string, found: string, expected: string, tensor?: string): ModelFileError =>
  new ModelFileError({ reason: "Format", file, ...(tensor === undefined ? {} : { tensor }), found, expected, advice: FETCH_AGAIN })

interface TensorHeader {
  readonly name: string
  readonly shape: ReadonlyArray<number>
  readonly format: string
  /** From where the numbers begin. */
  readonly offset: number
}

const tensorHeader = (cursor: Cursor, file: string): TensorHeader => {
  const name = cursor.text("a tensor's name")
  const dimensions = cursor.u32(`the dimensions of ${name}`)
  if (dimensions > MOST_DIMENSIONS) throw damaged(file, `${dimensions} dimensions`, `at most ${MOST_DIMENSIONS}`, name)
  const lengths = Array.from({ length: dimensions }, () => Number(cursor.u64(`the shape of ${name}`)))
  if (!Number.isSafeInteger(sizeOf(lengths)) || lengths.some((length) => !Number.isSafeInteger(length))) {
    throw damaged(file, `the shape [${lengths.toReversed().join(", ")}]`, "fewer numbers than 2^53", name)
  }
  const type = cursor.u32(`the format of ${name}`)
  const offset = Number(cursor.u64(`the place of ${name}`))
  return { name, shape: lengths.toReversed(), format: FORMATS[type] ?? `format ${type}`, offset }
}

const placed = (
  { format, name, offset, shape }: TensorHeader,
  file: string,
  size: number,
  start: number,
  alignment: number
): StoredTensor => {
  if (!Number.isSafeInteger(offset) || offset % alignment !== 0) {
    throw damaged(file, `its numbers begin ${offset} bytes after the header`, `a multiple of ${alignment}`, name)
  }
  const { bytes, values } = isNumberFormat(format) ? NUMBER_FORMATS[format] : { bytes: 0, values: 1 }
  if ((shape.at(-1) ?? 1) % values !== 0) {
    throw damaged(file, `rows of ${shape.at(-1)} as ${format}`, `rows of a multiple of ${values}`, name)
  }
  const length = (sizeOf(shape) / values) * bytes
  if (start + offset + length > size) {
    throw new ModelFileError({
      reason: "CutOff",
      file,
      tensor: name,
      found: `the file ends at byte ${size}`,
      expected: `its numbers up to byte ${start + offset + length}`,
      advice: FETCH_AGAIN
    })
  }
  return { name, file, format, shape, offset: start + offset, bytes: length }
}

const checkApart = (file: string, tensors: ReadonlyArray<StoredTensor>): void => {
  let end = 0
  for (const { bytes, name, offset } of tensors.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
    if (offset < end) throw damaged(file, `its numbers begin at byte ${offset}`, `not before byte ${end}, where those before it end`, name)
    end = offset + bytes
  }
}

const openNow = (path: string): Gguf =>
  withFile(path, (open) => {
    const { file, size } = open
    const cursor = new Cursor(open)
    const magic = cursor.u32("the magic GGUF")
    if (magic !== MAGIC) {
      throw damaged(file, `it begins with 0x${magic.toString(16).padStart(8, "0")}`, "the magic GGUF: is this a GGUF file?")
    }
    const version = cursor.u32("the version")
    if (version !== 2 && version !== 3) {
      throw damaged(
        file,
        `version ${version}${version % 0x10000 === 0 ? " (the other byte order)" : ""}`,
        "version 2 or 3, little end first"
      )
    }
    const tensorCount = cursor.count("the number of tensors", 24)
    const metadataCount = cursor.count("the number of metadata", 13)
    const metadata = new Map<string, GgufValue>()
    for (let i = 0; i < metadataCount; i++) {
      const key = cursor.text("a metadata's name")
      if (metadata.has(key)) throw damaged(file, `${key} comes twice`, "every name of metadata once")
      metadata.set(key, valueOf(cursor, file, key, cursor.u32(key), 0))
    }
    const headers = Array.from({ length: tensorCount }, () => tensorHeader(cursor, file))
    const alignment = metadata.get("general.alignment") ?? 32
    if (typeof alignment !== "number" || alignment < 1 || alignment % 8 !== 0) {
      throw damaged(file, `general.alignment ${String(alignment)}`, "a multiple of 8")
    }
    const start = Math.ceil(cursor.at / alignment) * alignment
    const tensors = new Map<string, StoredTensor>()
    for (const header of headers) {
      if (tensors.has(header.name)) throw damaged(file, "it comes twice", "every name once", header.name)
      tensors.set(header.name, placed(header, file, size, start, alignment))
    }
    checkApart(file, [...tensors.values()])
    return { file, size, version, metadata, tensors }
  })

/**
 * Reads what a GGUF file says about itself and where its tensors lie; no numbers. Fails with ModelFileError on a file that is cut off or
 * damaged: every length is checked against what is left of the file before anything of that length is made, and no name may come twice.
 */
export const openGguf = (file: string): Effect.Effect<Gguf, ModelFileError> => failing([ModelFileError], () => openNow(file))
