/**
 * What `view --export` writes: the one list of its files, for who writes and who reads them.
 *
 * @module
 */
import type { CalibrateOptions } from "../eval/calibration/Calibrate.ts"
import type { ReadRows } from "../eval/transcripts/DescribeTallies.ts"
import type { RolloutKind } from "../eval/transcripts/ReadBlock.ts"
import type { RowColumns } from "../eval/transcripts/rows/RowColumns.ts"
import type { RowDetail } from "./Api.ts"

/** The folder of the data, beside the page's files; its name stands in the page's `<meta name="data">`. */
export const DATA = "data"

/** Rows of a file of rows. */
export const ROWS_A_FILE = 500
/** Rows of a file of texts. */
export const TEXTS_A_FILE = 50

/** A set without its columns' numbers, which are in `columnsFile`. */
export interface StaticSet {
  readonly length: number
  readonly kinds: ReadonlyArray<RolloutKind>
  readonly stepOfFile: ReadonlyArray<number | null>
  readonly options: CalibrateOptions
  readonly read: ReadRows
}

/** A rollout with all of its text; its other samples are found by their query. */
export type StaticText = Omit<RowDetail, "others" | "samples">

/** Names of files, in the data's folder. */
export const staticFile = {
  overview: () => "overview.json",
  metrics: (run: string) => `${run}-metrics.json`,
  document: (id: string) => `${id}-document.json`,
  set: (set: string) => `${set}.json`,
  columns: (set: string) => `${set}.bin`,
  rows: (set: string, row: number) => `${set}-rows-${Math.floor(row / ROWS_A_FILE)}.json`,
  texts: (set: string, row: number) => `${set}-texts-${Math.floor(row / TEXTS_A_FILE)}.json`
} as const

// In this order in the file: each begins at a multiple of its numbers' size.
const bytesOf = (length: number): number => length * (8 + 4 + 2 + 1)

/** Columns as bytes, little-endian: query (float64), kind (uint32), file (uint16), signs (uint8). Where lines stand is of no use without the files. */
export const packColumns = ({ file, kind, length, query, signs }: RowColumns): Uint8Array => {
  const bytes = new Uint8Array(bytesOf(length))
  const view = new DataView(bytes.buffer)
  for (let row = 0; row < length; row++) {
    view.setFloat64(8 * row, query[row]!, true)
    view.setUint32(8 * length + 4 * row, kind[row]!, true)
    view.setUint16(12 * length + 2 * row, file[row]!, true)
    view.setUint8(14 * length + row, signs[row]!)
  }
  return bytes
}

/** Columns again. Throws where the bytes are not as many as they should be. */
export const unpackColumns = ({ kinds, length }: Pick<StaticSet, "kinds" | "length">, bytes: ArrayBuffer): RowColumns => {
  if (bytes.byteLength !== bytesOf(length)) throw new Error(`${bytes.byteLength} bytes of columns, expected ${bytesOf(length)}`)
  const view = new DataView(bytes)
  return {
    length,
    kinds,
    query: Float64Array.from({ length }, (_, row) => view.getFloat64(8 * row, true)),
    kind: Uint32Array.from({ length }, (_, row) => view.getUint32(8 * length + 4 * row, true)),
    file: Uint16Array.from({ length }, (_, row) => view.getUint16(12 * length + 2 * row, true)),
    signs: Uint8Array.from({ length }, (_, row) => view.getUint8(14 * length + row)),
    start: new Float64Array(length),
    line: new Uint32Array(length),
    part: new Uint32Array(length)
  }
}
