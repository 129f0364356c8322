/**
 * Whether a group of rows in a Parquet file is what it says, before it is decoded: the sizes and counts of its pages, and their checksums where the
 * file has any. The library that decodes believes what a page's header says: a negative size leads it back to the same page for ever, a wrong count
 * to rows without values.
 *
 * @module
 */
import { crc32 } from "node:zlib"
import type { AsyncBuffer, FileMetaData, PageHeader, SchemaTree } from "hyparquet"

type RowGroup = FileMetaData["row_groups"][number]
type Column = NonNullable<RowGroup["columns"][number]["meta_data"]>
type ReadHeader = (reader: { view: DataView; offset: number }) => PageHeader

/** Bytes of a page when decompressed, at most; writers make pages of one megabyte, DuckDB of up to a hundred. */
export const LARGEST_PAGE = 1 << 29

/** Values of a page, at most; a constant column may have as many as its group has rows. */
export const MOST_PAGE_VALUES = 1 << 24

const within = (value: unknown, most: number): value is number => typeof value === "number" && value >= 0 && value <= most

// What a data page says of itself, in either version of the format.
const saysNonsense = (
  { data_page_header: first, data_page_header_v2: second, dictionary_page_header: words }: PageHeader,
  size: number
): boolean => {
  const counts = [first, second, words].filter((each) => each !== undefined).map(({ num_values }) => num_values)
  if (counts.length !== 1 || !within(counts[0], MOST_PAGE_VALUES)) return true
  if (second === undefined) return false
  const { definition_levels_byte_length: definition, num_nulls, num_rows, num_values, repetition_levels_byte_length: repetition } = second
  return !within(num_nulls, num_values) || !within(num_rows, num_values) || !within(definition, size) ||
    !within(repetition, size - definition)
}

/** How a column's values belong to rows: `one` has one for each, `nested` one for each within a structure, `many` any number. */
type Shape = "one" | "nested" | "many"

const shapeOf = (path: ReadonlyArray<string>, tree: SchemaTree): Shape => {
  let node: SchemaTree | undefined = tree
  for (const name of path) {
    node = node?.children.find(({ element }) => element.name === name)
    if (node?.element.repetition_type === "REPEATED") return "many"
  }
  return path.length === 1 ? "one" : "nested"
}

const checkColumn = async (source: AsyncBuffer, column: Column, rows: number, shape: Shape, readHeader: ReadHeader): Promise<number> => {
  const place = `the column ${JSON.stringify(column.path_in_schema.join("."))}`
  const start = Number(column.dictionary_page_offset || column.data_page_offset)
  const end = start + Number(column.total_compressed_size)
  if (!within(start, end) || !within(end, source.byteLength)) throw new Error(`${place} does not lie within the file`)
  const bytes = await source.slice(start, end)
  const reader = { view: new DataView(bytes), offset: 0 }
  let [values, size] = [0, 0]
  // As far as the library reads: what follows the last row of a plain column it leaves alone.
  const enough = shape === "one" ? rows : Infinity
  while (reader.offset < bytes.byteLength - 1 && values < enough) {
    const page = readHeader(reader)
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = page
    if (!within(packed, bytes.byteLength - reader.offset)) {
      throw new Error(`${place} has a page of ${packed} bytes, which do not lie within it`)
    }
    if (!within(unpacked, LARGEST_PAGE)) {
      throw new Error(`${place} has a page of ${unpacked} bytes when decompressed; ${LARGEST_PAGE} are read at most`)
    }
    if (saysNonsense(page, packed)) {
      throw new Error(`${place} has a page whose counts make no sense or exceed ${MOST_PAGE_VALUES} values`)
    }
    // The format keeps the checksum as a signed number.
    if (page.crc !== undefined && crc32(new Uint8Array(bytes, reader.offset, packed)) !== page.crc >>> 0) {
      throw new Error(`${place} is damaged: a page's checksum is another`)
    }
    reader.offset += packed
    values += page.data_page_header?.num_values ?? page.data_page_header_v2?.num_values ?? 0
    size += unpacked
  }
  if (shape === "many" ? values < rows : values !== rows) throw new Error(`${place} has ${values} values for ${rows} rows`)
  return size
}

/**
 * Checks the pages of a group of rows and gives how many bytes they are when decompressed.
 *
 * Throws an `Error` that names the column.
 */
export const checkPages = async (source: AsyncBuffer, metadata: FileMetaData, group: RowGroup): Promise<number> => {
  const { parquetSchema } = await import("hyparquet")
  const { parquetHeader } = await import("hyparquet/src/column.js")
  const tree = parquetSchema(metadata)
  let size = 0
  for (const { meta_data: column } of group.columns) {
    // The library refuses a column that is kept elsewhere.
    if (column === undefined) continue
    size += await checkColumn(source, column, Number(group.num_rows), shapeOf(column.path_in_schema, tree), parquetHeader)
  }
  return size
}
