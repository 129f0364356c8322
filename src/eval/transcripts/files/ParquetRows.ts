/**
 * The rows of a Parquet file as JSON Lines, in the thread that ParquetLines starts.
 *
 * @module
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { checkPages, LARGEST_PAGE } from "./ParquetPages.ts"

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

/** Reads a file's rows, some at a time, and yields them as lines; `sliceBytes` are the decompressed bytes to read at once. Throws what the library throws. */
export async function* parquetRows(file: string, sliceBytes: number = SLICE_BYTES): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import("hyparquet")
  const source = await asyncBufferFromFile(file)
  const metadata = await parquetMetadataAsync(source)
  let groupStart = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    const bytes = await checkPages(source, metadata, group)
    const step = Math.max(1, Math.floor(sliceBytes / Math.max(1, bytes / rows)))
    for (let from = 0; from < rows; from += step) {
      const rowStart = groupStart + from
      const rowEnd = groupStart + Math.min(rows, from + step)
      // Columns that do not fit the schema are refused while others are being read, and what then fails in those would end the thread, as nobody
      // waits for it. So a first call asks for the same and is given nothing: it fails where the second would, or waits for ever.
      const refusal = parquetReadObjects({
        file: { byteLength: source.byteLength, slice: nothing },
        metadata,
        compressors,
        rowStart,
        rowEnd
      })
      await Promise.race([refusal, immediately()])
      const read = await parquetReadObjects({ file: source, metadata, compressors, rowStart, rowEnd })
      for (let k = 0; k < read.length; k += ROWS_PER_CHUNK) {
        yield new TextEncoder().encode(read.slice(k, k + ROWS_PER_CHUNK).map((row) => JSON.stringify(row, asJson) + "\n").join(""))
      }
    }
    groupStart += rows
  }
}
