/**
 * The rows of a Parquet file as JSON Lines, in the thread that ParquetLines starts.
 *
 * @module
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { assertSchema, checkGroups, checkPages, type GroupSize, LARGEST_PAGE } from "./ParquetPages.ts"
import { exactValues, PARSERS } from "./ParquetValues.ts"

// "PAR1" at both ends, and a length.
const SMALLEST = 12

/** Decompressed bytes of the rows that are read at once, about: groups of rows may be larger than memory. */
const SLICE_BYTES = 64 << 20
const ROWS_PER_CHUNK = 256

const nothing = (): Promise<ArrayBuffer> => new Promise(() => undefined)
const immediately = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

// 64-bit integers have no JSON: numbers where exact, else digits. Bytes (images) are nobody's words.
const asJson = (_: string, value: unknown): unknown =>
  typeof value === "bigint"
    ? Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    : value instanceof Uint8Array
    ? null
    : value

const bounded = { maxOutputLength: LARGEST_PAGE }
const compressors = {
  GZIP: (bytes: Uint8Array): Uint8Array => new Uint8Array(gunzipSync(bytes, bounded)),
  BROTLI: (bytes: Uint8Array): Uint8Array => new Uint8Array(brotliDecompressSync(bytes, bounded)),
  ZSTD: (bytes: Uint8Array): Uint8Array => new Uint8Array(zstdDecompressSync(bytes, bounded))
}

/**
 * Bytes of rows that are decoded at once, at most: beyond them lies no row that is read, but memory that is not there.
 */
export const MOST_DECODED = 2 ** 31

/** Into how many parts to divide a group. What is nested is decoded again for each of them: together twice the group at most, so that reading stays linear. */
export const partsOf = ({ nested, plain }: GroupSize, rows: number, sliceBytes: number): number => {
  const wanted = Math.ceil(plain / sliceBytes)
  const bearable = nested === 0 ? wanted : Math.floor(2 * (plain + nested) / nested)
  return Math.max(1, Math.min(wanted, bearable, rows))
}

/** Reads a file's rows, some at a time, and yields them as lines; `sliceBytes` are the decompressed bytes to read at once. Throws what the library throws. */
export async function* parquetRows(file: string, sliceBytes: number = SLICE_BYTES): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { asyncBufferFromFile, cachedAsyncBuffer, parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet")
  const source = await asyncBufferFromFile(file)
  if (source.byteLength < SMALLEST) throw new Error("it has too few bytes for a Parquet file")
  const read = await parquetMetadataAsync(source, { geoparquet: false, parsers: PARSERS })
  assertSchema(read)
  const tree = parquetSchema(read)
  checkGroups(source, read, tree)
  const { metadata, row: exact } = exactValues(read, tree)
  const plain = tree.children.filter(({ children, element }) => children.length === 0 && element.repetition_type !== "REPEATED")
  const line = (row: Readonly<Record<string, unknown>>): string => {
    // What is null is null; nothing at all is a value that its column's dictionary does not have.
    const damaged = plain.find(({ element: { name } }) => row[name] === undefined)
    if (damaged !== undefined) {
      throw new Error(`the column ${JSON.stringify(damaged.element.name)} is damaged: a row has none of its values`)
    }
    return JSON.stringify(exact(row), asJson) + "\n"
  }
  const options = { metadata, compressors, parsers: PARSERS, geoparquet: false }
  let groupStart = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    if (rows <= 0) continue
    const size = await checkPages(source, tree, group)
    const parts = partsOf(size, rows, sliceBytes)
    const held = size.packed + size.nested + Math.max(size.plain / parts, size.pages)
    if (held > MOST_DECODED) {
      throw new Error(
        `a group of ${rows} rows takes ${(held / 1e9).toFixed(1)} GB at once when decompressed, and ${
          (MOST_DECODED / 1e9).toFixed(1)
        } GB are read at most: write it with smaller groups (row_group_size=${Math.max(1, Math.floor(rows * 1e8 / held))})`
      )
    }
    const step = Math.ceil(rows / parts)
    // Every part of the group asks for the same bytes: they are read once.
    const bytes = cachedAsyncBuffer(source, { minSize: 0 })
    for (let from = 0; from < rows; from += step) {
      const range = { rowStart: groupStart + from, rowEnd: groupStart + Math.min(rows, from + step) }
      // Columns that do not fit the schema are refused while others are being read, and what then fails in those would end the thread, as nobody
      // waits for it. So a first call asks for the same and is given nothing: it fails where the second would, or waits for ever.
      const refusal = parquetReadObjects({ file: { byteLength: source.byteLength, slice: nothing }, ...options, ...range })
      await Promise.race([refusal, immediately()])
      const found = await parquetReadObjects({ file: bytes, ...options, ...range })
      for (let k = 0; k < found.length; k += ROWS_PER_CHUNK) {
        const chunk = found.slice(k, k + ROWS_PER_CHUNK)
        yield new TextEncoder().encode(chunk.map(line).join(""))
      }
    }
    groupStart += rows
  }
}
