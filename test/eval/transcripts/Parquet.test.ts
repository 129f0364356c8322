/** Parquet files that do not hold what they say, and large groups of rows read in parts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parquetMetadata } from "hyparquet"
import { parquetHeader } from "hyparquet/src/column.js"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
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
    await expect(rowsOf(file)).rejects.toThrow(/run\.parquet: (Invalid array length|its rows take more than 1024 MB of memory)/)
  })

  it("gives up a file that yields no rows for too long", async () => {
    await expect(rowsOf(fixture("checksums.parquet"), { longest: 1 })).rejects.toThrow(
      "it is read without end: no rows came for 0.001 seconds"
    )
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
        const { row_groups: [group], schema } = parquetMetadata(other)
        if (Number(group!.num_rows) === 3 && schema.length === 2) places.push(k)
      } catch {
        // It held the file together.
      }
    }
    expect(places).toHaveLength(1)
    bytes[places[0]!] = 6
    await expect(rowsOf(written("short.parquet", bytes))).rejects.toThrow("the column \"response\" has 2 values for 3 rows")
  })
})
