/**
 * Pretrained models' files for tests: the fixtures, and files made or damaged on purpose.
 */
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ModelFileError } from "../../src/model/pretrained/ModelFileError.ts"

/** The folder of the tiny checkpoints. */
export const PRETRAINED = join(import.meta.dirname, "..", "fixtures", "pretrained")

/** Runs what must succeed. */
export const run = <A, E>(effect: Effect.Effect<A, E>): A => Effect.runSync(effect)

/** The ModelFileError of what must fail with one; its message must name the file and say what to do. */
export const refusalOf = <A, E>(effect: Effect.Effect<A, E>): ModelFileError => {
  const error: unknown = Effect.runSync(Effect.flip(effect))
  if (!(error instanceof ModelFileError)) throw error
  if (!error.message.startsWith(error.file) || error.advice === "") throw new Error(`a message without place or advice: ${error.message}`)
  return error
}

/** A digest of numbers to compare them by: of thousands that differ a test shows this, and not all of them. */
export const hashOf = ({ buffer, byteLength, byteOffset }: Float32Array): string =>
  createHash("sha256").update(new Uint8Array(buffer, byteOffset, byteLength)).digest("hex")

/** Copies a checkpoint to a folder, without what was computed from it. */
export const copyOf = (name: string, folder: string): string => {
  const target = join(folder, name)
  cpSync(join(PRETRAINED, name), target, { recursive: true, filter: (path) => !path.includes("golden") })
  return target
}

/** Changes a JSON file. */
export const changeJson = (file: string, change: Readonly<Record<string, unknown>>): void => {
  const before = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>
  writeFileSync(file, JSON.stringify({ ...before, ...change }))
}

/** The bytes of a safetensors file with a header of one's own. */
export const safetensorsBytes = (header: string, data: Uint8Array): Uint8Array => {
  const json = new TextEncoder().encode(header)
  const bytes = new Uint8Array(8 + json.length + data.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(data, 8 + json.length)
  return bytes
}

/** A value of GGUF's metadata: a text, an unsigned integer of 32 bits, or the bytes of a type and its value. */
export type Metadata = string | number | { readonly type: number; readonly bytes: ReadonlyArray<number> }

/** A tensor of a GGUF file: dimensions the fastest first. */
export interface GgufTensor {
  readonly name: string
  readonly dimensions: ReadonlyArray<number | bigint>
  readonly type: number
  readonly offset: number | bigint
}

const integer = (value: number | bigint, width: 4 | 8): ReadonlyArray<number> => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return [...bytes.subarray(0, width)]
}
const text = (value: string): ReadonlyArray<number> => {
  const bytes = new TextEncoder().encode(value)
  return [...integer(bytes.length, 8), ...bytes]
}

/** The bytes of a GGUF file. */
export const ggufBytes = (
  metadata: ReadonlyArray<readonly [string, Metadata]>,
  tensors: ReadonlyArray<GgufTensor>,
  data: ReadonlyArray<number>,
  { magic = "GGUF", version = 3 }: { readonly magic?: string; readonly version?: number } = {}
): Uint8Array => {
  const head = [
    ...new TextEncoder().encode(magic),
    ...integer(version, 4),
    ...integer(tensors.length, 8),
    ...integer(metadata.length, 8),
    ...metadata.flatMap(([key, value]) => [
      ...text(key),
      ...(typeof value === "string"
        ? [...integer(8, 4), ...text(value)]
        : typeof value === "number"
        ? [...integer(4, 4), ...integer(value, 4)]
        : [...integer(value.type, 4), ...value.bytes])
    ]),
    ...tensors.flatMap(({ dimensions, name, offset, type }) => [
      ...text(name),
      ...integer(dimensions.length, 4),
      ...dimensions.flatMap((length) => integer(length, 8)),
      ...integer(type, 4),
      ...integer(offset, 8)
    ])
  ]
  return Uint8Array.from([...head, ...Array.from({ length: (32 - (head.length % 32)) % 32 }, () => 0), ...data])
}
