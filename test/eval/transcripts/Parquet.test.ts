/** Parquet files that do not hold what they say, and large groups of rows read in parts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import fc from "fast-check"
import { parquetMetadata, parquetSchema } from "hyparquet"
import { parquetHeader } from "hyparquet/src/column.js"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { assertSchema, checkGroups } from "../../../src/eval/transcripts/files/ParquetPages.ts"
import { partsOf } from "../../../src/eval/transcripts/files/ParquetRows.ts"
import { decimalOf } from "../../../src/eval/transcripts/files/ParquetValues.ts"
import { parquetLines, type ParquetReading } from "../../../src/eval/transcripts/files/ParquetLines.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-parquet-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/parquet/${name}`, import.meta.url))

const rowsOf = async (file: string, reading: ParquetReading = {}): Promise<ReadonlyArray<unknown>> => {
  let text = ""
  for await (const lines of parquetLines(file, reading)) text += lines.toString()
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as unknown)
}

const written = (name: string, bytes: Uint8Array): string => {
  const file = join(folder, name)
  writeFileSync(file, bytes)
  return file
}

const rows = Array.from({ length: 1000 }, (_, k) => ({
  prompt: `How many? ${"x".repeat(k % 50)}`,
  response: k % 7 === 0 ? null : `The answer is ${k}.`,
  scores: Array.from({ length: k % 5 }, (_, j) => k + j),
  extra: { id: k, note: k % 3 === 0 ? null : "seen" }
}))
const columns = (["prompt", "response", "scores", "extra"] as const).map((name) => ({ name, data: rows.map((row) => row[name]) }))
const schema = [
  { name: "root", num_children: 4 },
  { name: "prompt", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
  { name: "response", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
  { name: "scores", repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  { name: "element", type: "INT32", repetition_type: "REQUIRED" },
  { name: "extra", repetition_type: "REQUIRED", num_children: 2 },
  { name: "id", type: "INT32", repetition_type: "REQUIRED" },
  { name: "note", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }
] as const

describe("Parquet", () => {
  it("reads groups of rows in parts of any size, the same rows", async () => {
    const file = written(
      "parts.parquet",
      new Uint8Array(parquetWriteBuffer({ columnData: columns, schema: [...schema], rowGroupSize: 600, pageSize: 500 }))
    )
    for (const sliceBytes of [1, 3000, 20_000, undefined]) {
      expect(await rowsOf(file, sliceBytes === undefined ? {} : { sliceBytes })).toEqual(rows)
    }
  })

  it("finds every changed byte of a page that has a checksum", async () => {
    const whole = readFileSync(fixture("checksums.parquet"))
    const { row_groups: [group] } = parquetMetadata(Uint8Array.from(whole))
    const data: Array<number> = []
    for (const { meta_data: column } of group!.columns) {
      const start = Number(column!.data_page_offset)
      const reader = { view: new DataView(Uint8Array.from(whole).buffer, start), offset: 0 }
      const { compressed_page_size: size } = parquetHeader(reader)
      for (let k = 0; k < size; k++) data.push(start + reader.offset + k)
    }
    expect(await rowsOf(fixture("checksums.parquet"))).toEqual([
      { prompt: "What is 2 + 3?", response: "The answer is 5.", answer: "5" },
      { prompt: "What is 2 + 4?", response: "The answer is 7. Wait, it is 6.", answer: "6" }
    ])
    expect(data.length).toBeGreaterThan(80)
    for (const place of data.filter((_, k) => k % 5 === 0)) {
      const damaged = Buffer.from(whole)
      damaged[place]! ^= 1
      await expect(rowsOf(written("damaged.parquet", damaged))).rejects.toThrow(
        /the column "(prompt|response|answer)" is damaged: a page's checksum is another/
      )
    }
  })

  it("gives decimals as they are written, wherever they are, single floats in the fewest digits and dates as dates", async () => {
    const found = await rowsOf(fixture("values.parquet"))
    const same = {
      big: "12345678901234567891",
      huge: "-1234567890123456789012345678901234567890123.45",
      lf: [0.10000000149011612],
      dt: "2024-02-29",
      h: 0.5
    }
    const [full, empty] = [{ ls: [{ a: 1.005 }, { a: 2 }], m: { k: 1.005, j: 4.2 } }, { ls: [], m: {} }]
    expect(found).toEqual([
      { ...same, ...full, d: 1.005, s: 1.005, l: [1.005, null], st: { a: 1.005, b: "x" }, f: 0.1 },
      { ...same, ...empty, d: -0.001, s: -0.01, l: [], f: 1.5 },
      { ...same, ...full, d: 0.1, s: 0.1, st: { a: null, b: "y" }, f: -3.3 },
      { ...same, ...empty, d: -7.25, s: -7.25, l: [2.5], st: { a: 3.1, b: null }, f: null },
      { ...same, ...full, d: "123456789012345.678", s: 12.5, l: [1.005, null], st: { a: 1.005, b: "x" }, f: 1e-7 },
      { ...same, ...empty, d: null, s: null, l: [], f: 16777216 }
    ])
  })

  it("law: a decimal is its digits, as a number where that is written alike", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }), (unscaled, scale) => {
        const found = decimalOf(unscaled, scale)
        const [whole = "", part = ""] = String(found).split(".")
        expect(BigInt(whole + part.padEnd(scale, "0"))).toBe(unscaled)
        expect(typeof found === "number" || String(Number(found)) !== found).toBe(true)
      })
    )
  })

  // A page's header is found again by the library's reader, and numbers of it are changed where they stand.
  const edited = (name: string, edit: (bytes: Buffer, header: number, page: number) => void): string => {
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [{ name: "response", data: rows.map(({ response }) => response), type: "STRING", nullable: true }],
        codec: "UNCOMPRESSED"
      })
    )
    const column = parquetMetadata(Uint8Array.from(bytes)).row_groups[0]!.columns[0]!.meta_data!
    const start = Number(column.dictionary_page_offset ?? column.data_page_offset)
    const reader = { view: new DataView(bytes.buffer, bytes.byteOffset + start), offset: 0 }
    parquetHeader(reader)
    edit(bytes, start, start + reader.offset)
    return written(name, bytes)
  }

  it("refuses a page of negative size instead of reading it for ever", async () => {
    // Field 3 of the header, its size: zigzag, so that an odd number is negative.
    const file = edited("negative.parquet", (bytes, header) => {
      const at = bytes.indexOf(0x15, bytes.indexOf(0x15, header + 2) + 1) + 1
      bytes[at]! |= 1
    })
    await expect(rowsOf(file)).rejects.toThrow(/a page of -\d+ bytes/)
    await expect(rowsOf(fixture("without-end.parquet"))).rejects.toThrow(/the column "prompt" has a page/)
  })

  it("survives a run of a billion values where a thousand are", async () => {
    const file = edited("run.parquet", (bytes, _, page) => Buffer.from([0x80, 0x80, 0x80, 0x80, 0x08, 0]).copy(bytes, page))
    await expect(rowsOf(file)).rejects.toThrow(
      /run\.parquet: (it is damaged, and cannot be read \(Invalid array length\)|its rows take more than 4096 MB of memory)/
    )
  })

  it("gives up a file that yields no rows for too long", async () => {
    await expect(rowsOf(fixture("checksums.parquet"), { longest: 1 })).rejects.toThrow(
      "it is read without end: no rows came for 0.001 seconds"
    )
  })

  it("reads groups whose nested columns are larger than what is read at once a bounded number of times", async () => {
    // Each part decodes the lists anew: a thousand parts would take a thousand times as long.
    const many = Array.from({ length: 1000 }, (_, k) => ({ ...rows[k]!, scores: Array.from({ length: 500 }, () => k) }))
    const data = (["prompt", "response", "scores", "extra"] as const).map((name) => ({ name, data: many.map((row) => row[name]) }))
    const file = written(
      "nested.parquet",
      new Uint8Array(parquetWriteBuffer({ columnData: data, schema: [...schema], rowGroupSize: 1000 }))
    )
    expect(partsOf({ nested: 1e9, plain: 1e9, pages: 1e6, packed: 1e6 }, 1e6, 1)).toBe(4)
    expect(partsOf({ nested: 0, plain: 1e9, pages: 1e6, packed: 1e6 }, 1e6, 1e8)).toBe(10)
    expect(partsOf({ nested: 0, plain: 1e9, pages: 1e6, packed: 1e6 }, 5, 1)).toBe(5)
    expect(partsOf({ nested: 1e9, plain: 10, pages: 10, packed: 10 }, 1e6, 1e8)).toBe(1)
    expect(await rowsOf(file, { sliceBytes: 1 })).toEqual(many)
  })

  it("refuses two columns of one name, and columns in one place", async () => {
    const twice = parquetWriteBuffer({
      columnData: [{ name: "answer", data: ["7"], type: "STRING" }, { name: "answer", data: ["8"], type: "STRING" }]
    })
    await expect(rowsOf(written("twice.parquet", new Uint8Array(twice)))).rejects.toThrow("two columns are called \"answer\"")
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: columns.slice(0, 2), rowGroupSize: 500 }))
    const metadata = parquetMetadata(bytes)
    const [first, second] = metadata.row_groups
    const source = { byteLength: bytes.length, slice: () => new ArrayBuffer(0) }
    expect(() =>
      checkGroups(source, { ...metadata, row_groups: [first!, { ...first!, num_rows: second!.num_rows }] }, parquetSchema(metadata))
    ).toThrow(
      "the column \"prompt\" of group 2 lies where the column \"prompt\" of group 1 does"
    )
    expect(() => checkGroups(source, { ...metadata, row_groups: [first!] }, parquetSchema(metadata))).toThrow(
      "it says that it has 1000 rows, and its groups have 500"
    )
    expect(() => checkGroups(source, metadata, parquetSchema(metadata))).not.toThrow()
  })

  it.each([
    ["larger than is read", Array.from({ length: 10_001 }, () => ({ name: "a" })), "it has 10001 columns; 10000 are read at most"],
    ["without end", [{ name: "root", num_children: 2 }, { name: "a" }], "its schema ends before its columns do"],
    ["with too much", [{ name: "root", num_children: 1 }, { name: "a" }, { name: "b" }], "its schema has columns that belong nowhere"],
    ["too deep", [...Array.from({ length: 200 }, () => ({ name: "a", num_children: 1 })), { name: "a" }], "nested deeper than 100 levels"],
    ["of a negative structure", [{ name: "root", num_children: -1 }], "its schema has a structure of -1 columns"],
    ["of nothing", [], "it has no schema"]
  ])("refuses a schema %s", (_, elements, problem) => {
    expect(() => assertSchema({ schema: elements } as never)).toThrow(problem)
  })

  it("refuses a column that has fewer values than there are rows", async () => {
    // The number of rows of the only group is the last but few of the footer; the file's own comes first.
    const bytes = Buffer.from(parquetWriteBuffer({ columnData: [{ name: "response", data: ["a", "b"], type: "STRING" }] }))
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)
    const places: Array<number> = []
    for (let k = footer; k < bytes.length - 8; k++) {
      if (bytes[k] !== 4) continue
      const other = Uint8Array.from(bytes)
      other[k] = 6
      try {
        const { num_rows, row_groups: [group], schema } = parquetMetadata(other)
        if (Number(group!.num_rows) === 3 && schema.length === 2) places.push(k)
        if (Number(num_rows) === 3 && schema.length === 2) places.push(k)
      } catch {
        // It held the file together.
      }
    }
    expect(places).toHaveLength(2)
    for (const place of places) bytes[place] = 6
    await expect(rowsOf(written("short.parquet", bytes))).rejects.toThrow("the column \"response\" has 2 values for 3 rows")
  })
})
