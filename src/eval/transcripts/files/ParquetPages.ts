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

const named = ({ path_in_schema: path }: Column): string => `the column ${JSON.stringify(path.join("."))}`

// As the library takes it: a dictionary stands before the pages that use it.
const placeOf = ({ data_page_offset: data, dictionary_page_offset: words, total_compressed_size: size }: Column) => {
  const start = Number(words || data)
  return { start, end: start + Number(size) }
}

const checkColumn = async (
  source: AsyncBuffer,
  column: Column,
  rows: number,
  shape: Shape,
  readHeader: ReadHeader
): Promise<{ readonly size: number; readonly largest: number }> => {
  const place = named(column)
  const { end, start } = placeOf(column)
  const bytes = await source.slice(start, end)
  const reader = { view: new DataView(bytes), offset: 0 }
  let [values, size, largest] = [0, 0, 0]
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
    largest = Math.max(largest, unpacked)
  }
  if (shape === "many" ? values < rows : values !== rows) throw new Error(`${place} has ${values} values for ${rows} rows`)
  return { size, largest }
}

/** Columns that a file may have, structures counted as one each, and how deep they may be nested. */
export const MOST_COLUMNS = 10_000
const DEEPEST = 100

/** Refuses a schema that is none, or larger or deeper than is read. Throws an `Error`. */
export const assertSchema = ({ schema }: FileMetaData): void => {
  if (schema.length === 0) throw new Error("it has no schema")
  if (schema.length > MOST_COLUMNS) throw new Error(`it has ${schema.length} columns; ${MOST_COLUMNS} are read at most`)
  // Children that are still to come, from the outermost on.
  const open: Array<number> = []
  for (const [k, { num_children: children = 0 }] of schema.entries()) {
    if (k > 0 && open.length === 0) throw new Error("its schema has columns that belong nowhere")
    if (k > 0) open[open.length - 1]!--
    if (!within(children, schema.length)) throw new Error(`its schema has a structure of ${children} columns`)
    if (children > 0) open.push(children)
    if (open.length > DEEPEST) throw new Error(`its columns are nested deeper than ${DEEPEST} levels`)
    while (open.at(-1) === 0) open.pop()
  }
  if (open.length > 0) throw new Error("its schema ends before its columns do")
}

/** What a group of rows takes when it is decoded, in bytes. */
export interface GroupSize {
  /** Of columns with one plain value a row, of which any rows can be decoded alone. */
  readonly plain: number
  /** Of columns within structures and lists, which are decoded whole. */
  readonly nested: number
  /** Of the largest page of each plain column: less is never decoded. */
  readonly pages: number
  /** As they lie in the file. */
  readonly packed: number
}

/**
 * Checks that a file's groups are what it says they are: together as many rows, each column in a place of its own, each name once.
 *
 * Throws an `Error` that says what is wrong.
 */
export const checkGroups = (source: AsyncBuffer, metadata: FileMetaData, tree: SchemaTree): void => {
  const names = tree.children.map(({ element: { name } }) => name)
  const twice = names.find((name, k) => names.indexOf(name) !== k)
  if (twice !== undefined) throw new Error(`two columns are called ${JSON.stringify(twice)}, and which one counts is not said`)
  const groups = metadata.row_groups.filter(({ num_rows: rows }) => rows > 0n)
  const rows = groups.reduce((sum, { num_rows: each }) => sum + each, 0n)
  if (rows !== metadata.num_rows) throw new Error(`it says that it has ${metadata.num_rows} rows, and its groups have ${rows}`)
  const places = groups.flatMap((group, k) => {
    if (group.columns.length === 0) throw new Error(`its group ${k + 1} of ${group.num_rows} rows has no columns`)
    return group.columns.flatMap(({ meta_data: column }) => column === undefined ? [] : [{ column, ...placeOf(column), group: k + 1 }])
  }).toSorted((a, b) => a.start - b.start)
  for (const [k, { column, end, group, start }] of places.entries()) {
    const what = `${named(column)} of group ${group}`
    // Of a code that the format does not have.
    if (column.codec as unknown === undefined) throw new Error(`${what} is compressed in an unknown way`)
    if (!within(start, end) || !within(end, source.byteLength)) throw new Error(`${what} does not lie within the file`)
    const before = places[k - 1]
    if (before !== undefined && before.end > start) {
      throw new Error(`${what} lies where ${named(before.column)} of group ${before.group} does`)
    }
  }
}

/**
 * Checks the pages of a group of rows and gives how large they are when decompressed.
 *
 * Throws an `Error` that names the column.
 */
export const checkPages = async (source: AsyncBuffer, tree: SchemaTree, group: RowGroup): Promise<GroupSize> => {
  const { parquetHeader } = await import("hyparquet/src/column.js")
  let [plain, nested, pages, packed] = [0, 0, 0, 0]
  for (const { meta_data: column } of group.columns) {
    // The library refuses a column that is kept elsewhere.
    if (column === undefined) continue
    packed += Number(column.total_compressed_size)
    const shape = shapeOf(column.path_in_schema, tree)
    const { largest, size } = await checkColumn(source, column, Number(group.num_rows), shape, parquetHeader)
    if (shape === "one") {
      plain += size
      pages += largest
    } else nested += size
  }
  return { plain, nested, pages, packed }
}
