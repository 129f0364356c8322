/**
 * Writes GGUF files, version 3, of float32 tensors; see `Gguf.ts` for the format.
 *
 * @module
 */
import { Effect } from "effect"
import { bytesOf, concatBytes } from "../../domain/Bytes.ts"
import type { FileError } from "../../domain/Errors.ts"
import type { WrittenTensor } from "./Safetensors.ts"
import { sizeOf } from "./StoredTensor.ts"
import { writeWhole } from "./WrittenFile.ts"

/** A value of the metadata to be written: texts, and numbers by their type there. */
export type WrittenValue = string | { readonly uint32: number } | { readonly float32: number }

const ALIGNMENT = 32
const [UINT32, FLOAT32, STRING] = [4, 6, 8]
const F32 = 0

const number = (bytes: number, set: (view: DataView) => void): Uint8Array => {
  const part = new Uint8Array(bytes)
  set(new DataView(part.buffer))
  return part
}
const u32 = (value: number): Uint8Array => number(4, (view) => view.setUint32(0, value, true))
const u64 = (value: number): Uint8Array => number(8, (view) => view.setBigUint64(0, BigInt(value), true))
const f32 = (value: number): Uint8Array => number(4, (view) => view.setFloat32(0, value, true))
const text = (value: string): Uint8Array => {
  const bytes = new TextEncoder().encode(value)
  return concatBytes([u64(bytes.length), bytes])
}

const typed = (value: WrittenValue): Uint8Array =>
  typeof value === "string"
    ? concatBytes([u32(STRING), text(value)])
    : "uint32" in value
    ? concatBytes([u32(UINT32), u32(value.uint32)])
    : concatBytes([u32(FLOAT32), f32(value.float32)])

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/**
 * Writes tensors as float32 with metadata, in the orders given; shapes are the slowest dimension first, which the format turns around. Replaces the
 * file once it is whole. Fails with FileError where it cannot be written.
 */
export const writeGguf = (
  file: string,
  metadata: ReadonlyArray<readonly [key: string, value: WrittenValue]>,
  tensors: ReadonlyMap<string, WrittenTensor>
): Effect.Effect<void, FileError> => {
  let at = 0
  const described = [...tensors].map(([name, { shape }]) => {
    const begin = at
    at += aligned(4 * sizeOf(shape))
    return concatBytes([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(F32), u64(begin)])
  })
  const header = concatBytes([
    new TextEncoder().encode("GGUF"),
    u32(3),
    u64(tensors.size),
    u64(metadata.length),
    ...metadata.map(([key, value]) => concatBytes([text(key), typed(value)])),
    ...described
  ])
  return writeWhole(file, (append) => {
    const padded = (bytes: Uint8Array) => Effect.andThen(append(bytes), append(new Uint8Array(aligned(bytes.length) - bytes.length)))
    return Effect.andThen(padded(header), Effect.forEach(tensors.values(), ({ values }) => padded(bytesOf(values)), { discard: true }))
  })
}
