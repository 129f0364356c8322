/**
 * A tensor that lies in a file, and its numbers as float32: a part of the file at a time, so that memory holds one tensor and not the file.
 *
 * @module
 */
import type { Effect } from "effect"
import { failing } from "../../domain/Throws.ts"
import { withFile } from "./FileBytes.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { isNumberFormat, NUMBER_FORMATS, type NumberFormat } from "./NumberFormats.ts"

/** Where a tensor lies and how. */
export interface StoredTensor {
  readonly name: string
  readonly file: string
  /** The name of the format of its numbers, whether that is read or not. */
  readonly format: string
  /** Lengths of the dimensions, the slowest first: a matrix of [rows, columns] lies row by row. */
  readonly shape: ReadonlyArray<number>
  /** The first byte, counted from the file's beginning. */
  readonly offset: number
  readonly bytes: number
}

/** How a tensor's numbers are laid out in the result. */
export interface TensorOrder {
  /** The result is [columns, rows]. */
  readonly isTransposed?: boolean
  /** The row of the result that row r of the file becomes. */
  readonly rowOf?: (row: number) => number
}

const PART = 1 << 16
const TILE = 64
const EXPONENT = 0x7f800000
const EXPONENT_ONE = 0x00800000

/** The number of values of a shape; 1 for a scalar. */
export const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((product, length) => product * length, 1)

/** The format of a tensor's numbers, or why they cannot be read. */
export const formatOf = ({ file, format, name }: StoredTensor): NumberFormat => {
  if (isNumberFormat(format)) return NUMBER_FORMATS[format]
  throw new ModelFileError({
    reason: "Quantisation",
    file,
    tensor: name,
    found: `numbers stored as ${format}`,
    expected: `one of ${Object.keys(NUMBER_FORMATS).join(", ")}`,
    advice: "Take a file of this model in one of these formats"
  })
}

/** Writes [rows, columns], tile by tile, as columns into [columns, total rows]. */
const scatter = (
  part: Float32Array,
  rows: number,
  columns: number,
  firstRow: number,
  total: number,
  rowOf: (row: number) => number,
  target: Float32Array
): void => {
  const places = new Int32Array(rows)
  for (let r = 0; r < rows; r++) places[r] = rowOf(firstRow + r)
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const r1 = Math.min(rows, r0 + TILE)
    for (let c = 0; c < columns; c++) {
      const to = c * total
      for (let r = r0, from = r0 * columns + c; r < r1; r++, from += columns) target[to + places[r]!] = part[from]!
    }
  }
}

// Room for a part, of the last tensor that was read: hundreds are read one after the other, and each anew would be garbage.
let sourceRoom = new Uint8Array(0)
let numberRoom = new Float32Array(0)
const sourceOf = (count: number): Uint8Array => (sourceRoom.length < count ? (sourceRoom = new Uint8Array(count)) : sourceRoom)
const numbersOf = (count: number): Float32Array => (numberRoom.length < count ? (numberRoom = new Float32Array(count)) : numberRoom)

const same = (row: number): number => row

/**
 * Reads a tensor's numbers as float32, in the order asked for: into an array of as many, or a new one. What float32 cannot hold does not occur: no format is
 * wider.
 *
 * Fails with ModelFileError: a format that is not read, a file that ends too early or cannot be read, a number that is NaN or infinite.
 */
export const readTensor = (
  tensor: StoredTensor,
  order: TensorOrder = {},
  into?: Float32Array
): Effect.Effect<Float32Array, ModelFileError> => failing([ModelFileError], () => readNow(tensor, order, into))

/** Room for so many numbers of a model. Throws ModelFileError (`Memory`) where the system gives none. */
export const numbersFor = (count: number, file: string, tensor?: string): Float32Array => {
  try {
    return new Float32Array(count)
  } catch (cause) {
    throw new ModelFileError({
      reason: "Memory",
      file,
      ...(tensor === undefined ? {} : { tensor }),
      found: `no room for its ${count} numbers (${cause instanceof Error ? cause.message : String(cause)})`,
      expected: `${4 * count} bytes in one piece`,
      advice: "Take a smaller model, or a machine with more memory; every weight takes four bytes, and several times that to be trained"
    })
  }
}

/** `readTensor` for plain code: throws the ModelFileError. */
export const readNow = (
  tensor: StoredTensor,
  { isTransposed = false, rowOf = same }: TensorOrder = {},
  into?: Float32Array
): Float32Array => {
  const { bytes, values, decode } = formatOf(tensor)
  const count = sizeOf(tensor.shape)
  const columns = tensor.shape.at(-1) ?? 1
  const rows = columns === 0 ? 0 : count / columns
  const target = into ?? numbersFor(count, tensor.file, tensor.name)
  if (target.length !== count) throw new RangeError(`room for ${target.length} numbers, where ${tensor.name} has ${count}`)
  // A part is whole rows, so whole blocks: where blocks are longer than a number, rows are a whole number of them.
  const rowsAtOnce = Math.max(1, Math.min(rows, Math.floor(PART / columns)))
  const isInOrder = !isTransposed && rowOf === same
  withFile(tensor.file, ({ read }) => {
    const source = sourceOf((rowsAtOnce * columns / values) * bytes)
    const decoded = isInOrder ? undefined : numbersOf(rowsAtOnce * columns)
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const here = Math.min(rowsAtOnce, rows - row)
      const from = source.subarray(0, (here * columns / values) * bytes)
      read(tensor.offset + (row * columns / values) * bytes, from)
      const part = decoded?.subarray(0, here * columns) ?? target.subarray(row * columns, (row + here) * columns)
      decode(from, part)
      checkFinite(tensor, part, row * columns, values)
      if (isTransposed) scatter(part, here, columns, row, rows, rowOf, target)
      else if (decoded !== undefined) {
        for (let r = 0; r < here; r++) target.set(part.subarray(r * columns, (r + 1) * columns), rowOf(row + r) * columns)
      }
    }
  })
  return target
}

// A block's numbers are its scale times small integers: all of them are finite, or none is. One of each block is looked at.
const checkFinite = ({ file, name }: StoredTensor, values: Float32Array, first: number, block: number): void => {
  // All bits of the exponent are set in what is not finite, and only there: then adding one at its end carries into the sign's place.
  const words = new Int32Array(values.buffer, values.byteOffset, values.length)
  let carried = 0
  for (let i = 0; i < words.length; i += block) carried |= (words[i]! & EXPONENT) + EXPONENT_ONE
  if (carried >= 0) return
  const at = values.findIndex((value) => !Number.isFinite(value))
  throw new ModelFileError({
    reason: "NotFinite",
    file,
    tensor: name,
    found: `number ${first + at} is ${values[at]}`,
    expected: "finite numbers",
    advice: "A model with such a weight computes nothing: fetch it again, or ask who published it"
  })
}
