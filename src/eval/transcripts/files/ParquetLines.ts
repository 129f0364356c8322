/**
 * Parquet files as JSON Lines: row k becomes line k, so that all that reads lines reads rows, and a bad line's number is its row's.
 *
 * @module
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib"
import { FileError } from "../../../domain/Errors.ts"

/** Tells whether a file is to be read as Parquet: by its name. */
export const isParquet = (file: string): boolean => file.toLowerCase().endsWith(".parquet")

/** Whether bytes begin a Parquet file, whatever its name. */
export const isParquetBytes = (bytes: Buffer): boolean => bytes.toString("latin1", 0, 4) === "PAR1"

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

/** Reads one row group after the other and yields its rows as lines; memory holds one group. Throws `FileError`. */
export async function* parquetLines(file: string): AsyncGenerator<Buffer> {
  try {
    const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import("hyparquet")
    const source = await asyncBufferFromFile(file)
    const metadata = await parquetMetadataAsync(source)
    const compressors = { GZIP: gunzip, BROTLI: brotli, ZSTD: zstd }
    let rowStart = 0
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      // Columns that do not fit the schema are refused while others are being read, and what then fails in those would end the process, as nobody
      // waits for it. So a first call asks for the same and is given nothing: it fails where the second would, or waits for ever.
      const refusal = parquetReadObjects({
        file: { byteLength: source.byteLength, slice: nothing },
        metadata,
        compressors,
        rowStart,
        rowEnd
      })
      await Promise.race([refusal, immediately()])
      const rows = await parquetReadObjects({ file: source, metadata, compressors, rowStart, rowEnd })
      for (let k = 0; k < rows.length; k += ROWS_PER_CHUNK) {
        yield Buffer.from(rows.slice(k, k + ROWS_PER_CHUNK).map((row) => JSON.stringify(row, asJson) + "\n").join(""))
      }
      rowStart = rowEnd
    }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new FileError({ file, problem, advice: "Is it a whole Parquet file, compressed with snappy, gzip, brotli, zstd or not at all?" })
  }
}

const gunzip = (bytes: Uint8Array): Uint8Array => new Uint8Array(gunzipSync(bytes))
const brotli = (bytes: Uint8Array): Uint8Array => new Uint8Array(brotliDecompressSync(bytes))
const zstd = (bytes: Uint8Array): Uint8Array => new Uint8Array(zstdDecompressSync(bytes))
