/**
 * Files of the safetensors format: tensors by name, in one file or in several with an index.
 *
 * A file is the length n of its header in 8 bytes, little end first; n bytes of JSON, {name: {dtype, shape, data_offsets: [begin, end)}};
 * then the numbers, without gaps.
 *
 * Source: https://github.com/huggingface/safetensors, README.
 *
 * @module
 */
import { Effect } from "effect"
import { bytesOf } from "../../domain/Bytes.ts"
import type { FileError } from "../../domain/Errors.ts"
import { oneLine } from "../../domain/OneLine.ts"
import { failing } from "../../domain/Throws.ts"
import { shownValue } from "../../domain/ShownValue.ts"
import { isObject, jsonFile, jsonObject, type OpenFile, withFile } from "./FileBytes.ts"
import { FETCH_AGAIN, ModelFileError } from "./ModelFileError.ts"
import { sizeOf, type StoredTensor } from "./StoredTensor.ts"
import { writeWhole } from "./WrittenFile.ts"

/** The tensors of a file, or of all files that an index names, and the texts that stand beside them. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
  /** Every file, and its size in bytes. */
  readonly files: ReadonlyMap<string, number>
}

/** The longest header that is read, in bytes: about 100,000 tensors. */
export const MOST_HEADER = 16_000_000

const BYTES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const areCounts = (value: unknown): value is ReadonlyArray<number> => Array.isArray(value) && value.every(isCount)

const damaged = (file: string, found: string, expected: string, tensor?: string): ModelFileError =>
  new ModelFileError({ reason: "Format", file, ...(tensor === undefined ? {} : { tensor }), found, expected, advice: FETCH_AGAIN })

const headerOf = ({ file, read, size }: OpenFile): { readonly text: string; readonly start: number } => {
  const cutOff = (found: string, expected: string) => new ModelFileError({ reason: "CutOff", file, found, expected, advice: FETCH_AGAIN })
  if (size < 8) throw cutOff(`${size} bytes`, "at least the 8 bytes of the header's length")
  const prefix = new Uint8Array(8)
  read(0, prefix)
  const length = new DataView(prefix.buffer).getBigUint64(0, true)
  if (length > BigInt(MOST_HEADER)) {
    throw damaged(file, `a header of ${length} bytes`, `at most ${MOST_HEADER}: is this a safetensors file?`)
  }
  const start = 8 + Number(length)
  if (start > size) throw cutOff(`the file ends at byte ${size}`, `a header up to byte ${start}`)
  const header = new Uint8Array(Number(length))
  read(8, header)
  const text = new TextDecoder().decode(header)
  if (!text.startsWith("{")) throw damaged(file, "a header that does not begin with {", "a safetensors file")
  return { text, start }
}

/** JSON.parse keeps the last of two equal names, so they are counted before. A quote within a string has a backslash before it. */
const tensorsNamedIn = (text: string): number => text.match(/"data_offsets"\s*:/g)?.length ?? 0

const tensorOf = (file: string, name: string, entry: unknown, start: number, end: number): StoredTensor => {
  if (!isObject(entry)) throw damaged(file, "no object", "{dtype, shape, data_offsets}", name)
  const { data_offsets: offsets, dtype, shape } = entry
  if (typeof dtype !== "string" || !areCounts(shape) || !areCounts(offsets) || offsets.length !== 2) {
    throw damaged(file, shownValue(entry), "{dtype, shape, data_offsets: [begin, end]} with whole numbers", name)
  }
  const [from, to] = offsets as readonly [number, number]
  const [values, width] = [sizeOf(shape), BYTES[dtype]]
  if (to < from || !Number.isSafeInteger(values) || (width !== undefined && to - from !== values * width)) {
    throw damaged(
      file,
      `bytes ${from} to ${to} for [${shape.join(", ")}] of ${dtype}`,
      width === undefined ? "a beginning before the end" : `${values * width} bytes`,
      name
    )
  }
  if (start + to > end) {
    throw new ModelFileError({
      reason: "CutOff",
      file,
      tensor: name,
      found: `the file ends at byte ${end}`,
      expected: `its numbers up to byte ${start + to}`,
      advice: FETCH_AGAIN
    })
  }
  return { name, file, format: dtype, shape, offset: start + from, bytes: to - from }
}

const fileNow = (path: string): Safetensors =>
  withFile(path, (open) => {
    const { file, size } = open
    const { start, text } = headerOf(open)
    const { __metadata__: texts, ...entries } = jsonObject(file, text)
    const names = Object.keys(entries)
    const tensors = new Map(names.map((name) => [name, tensorOf(file, name, entries[name], start, size)]))
    const named = tensorsNamedIn(text)
    if (named !== names.length) throw damaged(file, `${named} tensors with ${names.length} different names`, "every name once")
    const metadata = isObject(texts) ? texts : {}
    if (Object.values(metadata).some((value) => typeof value !== "string")) {
      throw damaged(file, "__metadata__ with values that are no text", "texts")
    }
    let at = start
    for (const { bytes, name, offset } of [...tensors.values()].sort((a, b) => a.offset - b.offset || a.bytes - b.bytes)) {
      if (offset !== at) throw damaged(file, `its numbers begin at byte ${offset}`, `byte ${at}, where those before it end`, name)
      at += bytes
    }
    if (at !== size) throw damaged(file, `${size} bytes`, `${at}, where the last tensor ends`)
    return { tensors, metadata: metadata as Readonly<Record<string, string>>, files: new Map([[file, size]]) }
  })

/**
 * Reads which tensors a safetensors file has and where they lie; no numbers. Fails with ModelFileError on a file that is cut off or damaged:
 * every place is checked against the file's size, the tensors must fill it without gaps, and no name may come twice.
 */
export const openSafetensors = (file: string): Effect.Effect<Safetensors, ModelFileError> => failing([ModelFileError], () => fileNow(file))

const folderOf = (path: string): string => path.replace(/[^/\\]*$/, "")

const MOST_INDEX = 64_000_000

// Of all systems.
const LONGEST_NAME = 255

const indexNow = (index: string): Safetensors => {
  const { weight_map: places } = jsonFile(index, MOST_INDEX) ?? {}
  if (!isObject(places) || Object.values(places).some((place) => typeof place !== "string")) {
    throw damaged(index, "no weight_map of file names", "an index of safetensors files")
  }
  const shards = [...new Set(Object.values(places) as ReadonlyArray<string>)]
  // What no system takes as a file's name is told shortly.
  const foreign = shards.find((shard) => shard === "" || shard.length > LONGEST_NAME || /[/\\\n\r\0]/.test(shard) || shard === "..")
  if (foreign !== undefined) throw damaged(index, `the file ${JSON.stringify(oneLine(foreign, 80))}`, "files of the same folder")
  const opened = new Map(shards.map((shard) => [shard, fileNow(`${folderOf(index)}${shard}`)]))
  const tensors = new Map<string, StoredTensor>()
  for (const [name, shard] of Object.entries(places) as ReadonlyArray<[string, string]>) {
    const tensor = opened.get(shard)!.tensors.get(name)
    if (tensor === undefined) {
      throw new ModelFileError({
        reason: "Missing",
        file: `${folderOf(index)}${shard}`,
        tensor: name,
        found: "no such tensor",
        expected: `it, since ${index} says so`,
        advice: "Do the files belong to one revision of the model? Fetch them again together"
      })
    }
    tensors.set(name, tensor)
  }
  for (const [shard, { tensors: held }] of opened) {
    const extra = [...held.keys()].find((name) => places[name] !== shard)
    if (extra !== undefined) {
      throw damaged(
        index,
        `${places[extra] === undefined ? "it is not listed" : `listed in ${String(places[extra])}`}`,
        `it in ${shard}, where it is`,
        extra
      )
    }
  }
  return {
    tensors,
    metadata: Object.assign({}, ...[...opened.values()].map(({ metadata }) => metadata)) as Readonly<Record<string, string>>,
    files: new Map([...opened.values()].flatMap(({ files }) => [...files]))
  }
}

/** Reads which tensors the files have that an index (`model.safetensors.index.json`) names. Fails like `openSafetensors`, and where index and files disagree. */
export const openSafetensorsIndex = (index: string): Effect.Effect<Safetensors, ModelFileError> =>
  failing([ModelFileError], () => indexNow(index))

/** A tensor to be written: its numbers row by row. */
export interface WrittenTensor {
  readonly shape: ReadonlyArray<number>
  readonly values: Float32Array
}

/** Numbers begin at a multiple of this, as other writers have it: they can be mapped into memory. */
const ALIGNMENT = 8

const headerBytes = (shapes: ReadonlyMap<string, ReadonlyArray<number>>, metadata: Readonly<Record<string, string>>): Uint8Array => {
  let at = 0
  const entries = [...shapes].map(([name, shape]) => {
    const begin = at
    at += 4 * sizeOf(shape)
    return [name, { dtype: "F32", shape, data_offsets: [begin, at] }] as const
  })
  const texts = Object.keys(metadata).length === 0 ? [] : [["__metadata__", metadata] as const]
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...texts, ...entries])))
  const header = new Uint8Array(8 + Math.ceil(json.length / ALIGNMENT) * ALIGNMENT).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true)
  header.set(json, 8)
  return header
}

/**
 * Writes tensors as float32 one after the other, each made when its turn comes: memory holds one. Otherwise as `writeSafetensors`. Fails with
 * FileError, and as `valuesOf` does. A tensor of another size than its shape's is a defect.
 */
export const streamSafetensors = <E>(
  file: string,
  shapes: ReadonlyMap<string, ReadonlyArray<number>>,
  valuesOf: (name: string) => Effect.Effect<Float32Array, E>,
  metadata: Readonly<Record<string, string>> = {}
): Effect.Effect<void, E | FileError> =>
  writeWhole(file, (append) =>
    Effect.andThen(
      append(headerBytes(shapes, metadata)),
      Effect.forEach(shapes, ([name, shape]) =>
        Effect.flatMap(valuesOf(name), (values) =>
          values.length === sizeOf(shape)
            ? append(bytesOf(values))
            : Effect.die(new RangeError(`${name} has ${values.length} numbers, not [${shape.join(", ")}]`))), { discard: true })
    ))

/**
 * Writes tensors as float32 in the order of the map, with texts beside them; replaces the file once it is whole. The same tensors give the
 * same bytes. Fails with FileError where it cannot be written. Throws RangeError where a shape is not that of its numbers.
 */
export const writeSafetensors = (
  file: string,
  tensors: ReadonlyMap<string, WrittenTensor>,
  metadata: Readonly<Record<string, string>> = {}
): Effect.Effect<void, FileError> => {
  for (const [name, { shape, values }] of tensors) {
    if (sizeOf(shape) !== values.length) throw new RangeError(`${name} has ${values.length} numbers, not [${shape.join(", ")}]`)
  }
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]))
  return streamSafetensors(file, shapes, (name) => Effect.succeed(tensors.get(name)!.values), metadata)
}
