/**
 * Values of Parquet's columns as JSON has them, where the library that decodes them would give others: a decimal number as it is written, not the double
 * beside it (1.005, not 1.0050000000000001), a date without a time, JSON that is none as its text.
 *
 * @module
 */
import type { FileMetaData, ParquetParsers, SchemaElement, SchemaTree } from "hyparquet"

/** What is done with a value of a place of the schema. */
type Convert = (value: unknown) => unknown

const bytesToInteger = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString("hex")}`))

/** A decimal number, `unscaled` × 10^(−scale), as a number where that is written in the same digits, else as its digits. */
export const decimalOf = (unscaled: bigint, scale: number): number | string => {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0")
  const [whole, part] = [digits.slice(0, digits.length - scale), digits.slice(digits.length - scale).replace(/0+$/, "")]
  const text = `${unscaled < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`
  return String(Number(text)) === text ? Number(text) : text
}

// The fewest digits that give the same number of 32 bits: 0.1, which as a double is 0.10000000149011612.
const singleOf = (value: number): number => {
  for (let digits = 6; digits < 9; digits++) {
    const found = Number(value.toPrecision(digits))
    if (Math.fround(found) === value) return found
  }
  return value
}

const isDecimal = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === "DECIMAL" || logical?.type === "DECIMAL"

const MOST_SCALE = 1000

const decimal = ({ logical_type: logical, scale: told }: SchemaElement): Convert => {
  const scale = told ?? (logical?.type === "DECIMAL" ? logical.scale : undefined) ?? 0
  if (!Number.isInteger(scale) || scale < 0 || scale > MOST_SCALE) {
    throw new Error(`a decimal of the scale ${scale}; from 0 to ${MOST_SCALE} are read`)
  }
  return (value) =>
    value instanceof Uint8Array
      ? decimalOf(bytesToInteger(value), scale)
      : typeof value === "bigint" || typeof value === "number"
      ? decimalOf(BigInt(value), scale)
      : value
}

// What is in a list: its only child's only child, or its only child.
const inList = ({ children: [only, more] }: SchemaTree): SchemaTree | undefined =>
  only === undefined || more !== undefined ? undefined : only.children.length === 1 ? only.children[0] : only

// Undefined where nothing within has to be converted. A structure is an object, a list an array, a map an object of any names.
const converterOf = (node: SchemaTree): Convert | undefined => {
  if (node.children.length === 0) {
    if (!isDecimal(node.element)) return undefined
    const convert = decimal(node.element)
    return (value) => (Array.isArray(value) ? value.map(convert) : convert(value))
  }
  const named = new Map(node.children.flatMap((child) => {
    const convert = converterOf(child)
    return convert === undefined ? [] : [[child.element.name, convert] as const]
  }))
  if (named.size === 0) return undefined
  const list = inList(node)
  const each = list === undefined ? undefined : converterOf(list)
  const pair = node.children.length === 1 ? node.children[0] : undefined
  const valueOfMap = pair?.children.length === 2 ? converterOf(pair.children[1]!) : undefined
  const convert: Convert = (value) => {
    if (Array.isArray(value)) return value.map(each ?? convert)
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, (valueOfMap ?? named.get(key) ?? ((same: unknown) => same))(inner)])
    )
  }
  return convert
}

const asText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** What the library makes of dates, JSON and bytes. */
export const PARSERS: Partial<ParquetParsers> = {
  dateFromDays: (days) => {
    const date = new Date(days * 86_400_000)
    return Number.isNaN(date.getTime()) ? null : date.toISOString().split("T")[0]
  },
  // One bad value is its row's affair.
  jsonFromBytes: (bytes: Uint8Array | undefined): unknown => {
    if (bytes === undefined) return undefined
    const text = asText(bytes)
    try {
      return JSON.parse(text)
    } catch {
      return text
    }
  },
  geometryFromBytes: (bytes) => bytes,
  geographyFromBytes: (bytes) => bytes
}

/**
 * The metadata with which the library gives decimals as they are stored, and what makes a row's values of that. Throws an `Error` for a decimal that
 * makes no sense.
 */
export const exactValues = (
  metadata: FileMetaData,
  tree: SchemaTree
): { readonly metadata: FileMetaData; readonly row: (row: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> } => {
  const converters = tree.children.flatMap((child): ReadonlyArray<readonly [string, Convert]> => {
    const { children, element } = child
    const convert = converterOf(child)
    if (convert !== undefined) return [[element.name, convert]]
    const isSingle = children.length === 0 && element.type === "FLOAT" && element.repetition_type !== "REPEATED"
    return isSingle ? [[element.name, (value) => (typeof value === "number" ? singleOf(value) : value)]] : []
  })
  return {
    metadata: {
      ...metadata,
      schema: metadata.schema.map((element) => {
        if (!isDecimal(element)) return element
        const { converted_type: _, logical_type: __, ...raw } = element
        // Of what is "geometry" the bytes are handed on (PARSERS); those of no kind would be read as text.
        return element.type === "BYTE_ARRAY" ? { ...raw, logical_type: { type: "GEOMETRY" } } : raw
      })
    },
    row: (row) =>
      converters.length === 0 ? row : { ...row, ...Object.fromEntries(converters.map(([name, convert]) => [name, convert(row[name])])) }
  }
}
