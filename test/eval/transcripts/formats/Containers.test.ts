import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { crc32, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { calibrateFiles, calibrateFilesWith, type ReadingReport } from "../../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { isJsonText } from "../../../../src/eval/transcripts/files/JsonRows.ts"
import { makeRowSplitter } from "../../../../src/eval/transcripts/files/RowSplitter.ts"
import { readTranscripts } from "../../../../src/eval/transcripts/files/ReadTranscripts.ts"
import { stateFileOf } from "../../../../src/eval/transcripts/files/TallyFiles.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-containers-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
const lines = (rows: ReadonlyArray<object>): string => rows.map((row) => JSON.stringify(row) + "\n").join("")
const collect = (path: string, options = {}) => Effect.runPromise(Stream.runCollect(readTranscripts(path, options)))
const errorOf = (path: string) => Effect.runPromise(Effect.flip(Stream.runDrain(readTranscripts(path))))
const report = async (...files: ReadonlyArray<string>): Promise<ReadingReport & { readonly n: number; readonly queries: number }> => {
  let told: ReadingReport | undefined
  const { overall } = await Effect.runPromise(Effect.scoped(
    calibrateFilesWith(files, { rounds: 2, onRead: (each) => Effect.sync(() => (told = each)) }, Effect.succeed)
  ))
  return { ...told!, n: overall.n, queries: overall.queries }
}

const rows = [
  { prompt: "What is 3 plus 4?", response: "The answer is 7.", answer: "7" },
  { prompt: "What is 5\nplus 4? }],[{ \" \\", response: "The answer\r\nis 9.", answer: "9" },
  { prompt: "What is 6 plus 6?", response: "The answer is 12.", answer: "12" }
]

describe("rows that are not in lines", () => {
  it.each<readonly [what: string, name: string, content: () => string | Uint8Array]>([
    ["an array", "array.json", () => JSON.stringify(rows)],
    ["a pretty-printed array", "pretty.json", () => JSON.stringify(rows, null, 2)],
    ["an array with Windows' line ends", "windows.json", () => JSON.stringify(rows, null, 2).replaceAll("\n", "\r\n")],
    ["a gzip array", "array.json.gz", () => gzipSync(JSON.stringify(rows, null, 1))],
    ["zstd lines", "lines.jsonl.zst", () => zstdCompressSync(lines(rows))],
    ["an array after a byte order mark", "mark.json", () => `\uFEFF${JSON.stringify(rows)}`],
    ["an object that holds them", "holder.json", () => JSON.stringify({ version: 2, plan: [{ a: [1] }], samples: rows, end: [{ z: 1 }] })],
    [
      "a pretty-printed object that holds them",
      "log.json",
      () => JSON.stringify({ status: "x", eval: { samples: 3 }, samples: rows, end: {} }, null, 2)
    ],
    ["pretty-printed objects one after the other", "objects.json", () => rows.map((row) => JSON.stringify(row, null, 2)).join("\n")],
    ["arrays one after the other", "arrays.json", () => `${JSON.stringify(rows.slice(0, 1))}\n${JSON.stringify(rows.slice(1))}`]
  ])("%s", async (_, name, content) => {
    const found = await collect(file(name, content()))
    expect(found.map((each) => (each._tag === "Row" ? [each.line, each.row.prompt, each.row.response, each.row.answer] : each))).toEqual(
      rows.map(({ answer, prompt, response }, k) => [k + 1, prompt, response, answer])
    )
  })

  it("a bad element is a bad row in its place, and a cut-off file ends in one", async () => {
    const text = `[1, ${JSON.stringify(rows[0])}, null, ["x"], ${JSON.stringify(rows[2]).slice(0, -3)}`
    const found = await collect(file("bad.json", text))
    expect(found.map(({ _tag, line }) => `${_tag} ${line}`)).toEqual(["BadRow 1", "Row 2", "BadRow 3", "BadRow 4", "BadRow 5"])
  })

  it("law: however the bytes are cut into chunks, the lines are the rows", () => {
    const values = fc.array(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.integer(), fc.string(), fc.constant(null)), {
      maxLength: 5
    })
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 3), fc.integer({ min: 1, max: 9 }), fc.boolean(), (list, indent, size, isHeld) => {
        const held = list.filter((value) => typeof value === "object" && value !== null)
        if (isHeld && held.length === 0) return
        const text = Buffer.from(
          isHeld ? JSON.stringify({ a: { rows: [1] }, rows: held, b: "]" }, null, indent) : JSON.stringify(list, null, indent)
        )
        const splitter = makeRowSplitter()
        let out = ""
        for (let at = 0; at < text.length; at += size) out += splitter.push(text.subarray(at, at + size)).toString("utf8")
        out += splitter.end().toString("utf8")
        const read = out.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as unknown)
        expect(read).toEqual(JSON.parse(JSON.stringify(isHeld ? held : list)))
      }),
      { numRuns: 300 }
    )
  })

  it("lines stay lines, also where the first is broken or is itself a row of many samples", () => {
    const isJson = (text: string, isWhole = true): boolean => isJsonText(Buffer.from(text), isWhole)
    expect(isJson(`{"prompt": "p", "samples": [{"text": "x"}]}`)).toBe(false)
    expect(isJson(`{"prompt": "p", "resp\n${JSON.stringify(rows[0])}\n`)).toBe(false)
    expect(isJson(`{oops\n`)).toBe(false)
    expect(isJson(`{"a": 1}`)).toBe(false)
    expect(isJson(`{"prompt": "${"x".repeat(999)}`, false)).toBe(false)
    expect(isJson(`{"eval": {}, "samples": [{"id": 1, "x": "${"x".repeat(999)}`, false)).toBe(true)
    expect(isJson(` \n[`)).toBe(true)
  })

  it("text of another encoding is a typed error", async () => {
    expect(await errorOf(file("utf16.jsonl", Buffer.from(`\uFEFF${lines(rows)}`, "utf16le")))).toMatchObject({
      _tag: "FileError",
      problem: "text in UTF-16"
    })
  })
})

const STORED = 0
const DEFLATED = 8
const ZSTD = 93

// A zip archive of files, each packed by a method.
const zip = (files: ReadonlyArray<readonly [name: string, content: string, method: number]>): Buffer => {
  const parts: Array<Buffer> = []
  const directory: Array<Buffer> = []
  let offset = 0
  for (const [name, content, method] of files) {
    const bytes = Buffer.from(content)
    const packed = method === STORED ? bytes : method === DEFLATED ? deflateRawSync(bytes) : zstdCompressSync(bytes)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(name.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(method, 10)
    entry.writeUInt32LE(crc32(bytes), 16)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(bytes.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(offset, 42)
    parts.push(local, Buffer.from(name), packed)
    directory.push(entry, Buffer.from(name))
    offset += 30 + name.length + packed.length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(entries.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, entries, end])
}

describe("inspect_ai's archives", () => {
  const sample = (id: number): string =>
    JSON.stringify(
      {
        id,
        epoch: 1,
        input: "What is 3 plus 4?",
        target: "7",
        output: { choices: [{ message: { role: "assistant", content: "The answer\nis 7." }, stop_reason: "stop" }] }
      },
      null,
      2
    )
  const log = (): Buffer =>
    zip([
      ["_journal/start.json", "{}", DEFLATED],
      ["samples/1_epoch_1.json", sample(1), DEFLATED],
      ["samples/2_epoch_1.json", sample(2), ZSTD],
      ["samples/3_epoch_1.json", sample(3), STORED],
      ["header.json", "{}", STORED]
    ])

  it("are read sample by sample, deflated, zstd or stored", async () => {
    const found = await collect(file("log.eval", log()))
    expect(found.map((each) => (each._tag === "Row" ? [each.line, each.row.id, each.row.response, each.format] : each))).toEqual(
      [1, 2, 3].map((id) => [id, `${id}#1`, "The answer\nis 7.", "inspect"])
    )
  })

  it("that are damaged or of something else are typed errors", async () => {
    const whole = log()
    expect(await errorOf(file("cut.eval", whole.subarray(0, -30)))).toMatchObject({
      _tag: "FileError",
      problem: expect.stringMatching(/no directory/)
    })
    expect(await errorOf(file("other.eval", zip([["a.txt", "x", STORED]])))).toMatchObject({
      _tag: "FileError",
      problem: expect.stringMatching(/no samples/)
    })
    expect(await errorOf(file("method.eval", zip([["samples/1.json", sample(1), 12]])))).toMatchObject({
      _tag: "FileError",
      problem: expect.stringMatching(/method 12/)
    })
    const at = whole.indexOf("is 7.")
    whole[at] = 120
    expect(await errorOf(file("flipped.eval", whole))).toMatchObject({ _tag: "FileError", problem: expect.stringMatching(/checksum/) })
  })

  it("with any bit flipped are read or refused, never a crash", async () => {
    const whole = log()
    for (let k = 0; k < 60; k++) {
      const flipped = Buffer.from(whole)
      flipped[(k * 7919) % flipped.length]! ^= 1 << k % 8
      const path = file("bit.eval", flipped)
      const outcome = await Effect.runPromise(Effect.result(Stream.runCollect(readTranscripts(path))))
      if (outcome._tag === "Failure") expect(["FileError", "ConfigError"]).toContain(outcome.failure._tag)
    }
  })
})

describe("a file's plan, settled at its first rows", () => {
  const lmEval = (doc: number, filter: string, answer = 7) => ({
    doc_id: doc,
    doc: { question: `What is ${doc} plus 4?` },
    target: "7",
    resps: [[`The answer is ${answer}. ${"x".repeat(400)}`]],
    filter
  })

  it("counts the first filter's rows of an lm-evaluation-harness file alone, in every thread, and says how many it left out", async () => {
    const count = 3000
    const docs = Array.from({ length: count }, (_, k) => k)
    const path = file(
      "filters.jsonl",
      lines([...docs.map((k) => lmEval(k, "strict-match")), ...docs.map((k) => lmEval(k, "flexible-extract"))])
    )
    const { files, n, queries } = await report(path)
    expect({ n, queries }).toEqual({ n: count, queries: count })
    expect(files).toMatchObject([{ file: path, rows: count, badRows: 0, formats: { "lm-eval": 2 * count } }])
    expect(files[0]!.notes).toEqual([{
      kind: "repeat",
      count,
      line: count + 1,
      text: expect.stringMatching(/other filters than "strict-match"/)
    }])
    const found = await collect(path)
    expect(found.filter(({ _tag }) => _tag === "RepeatedRow").length).toBe(count)
  })

  it("tells problems with one prompt and several references apart, by all that is written differently but means the same", async () => {
    const puzzle = (answer: unknown) => ({ prompt: "Solve the puzzle.", response: "The answer is 5.", answer })
    expect(await report(file("puzzles.jsonl", lines(["5", "7", 9, "5.0"].map(puzzle))))).toMatchObject({ n: 4, queries: 3 })
    expect(await report(file("puzzle.jsonl", lines([5, "5", "5.0", ["5"]].map(puzzle))))).toMatchObject({ n: 4, queries: 1 })
  })

  it("keeps rows apart that have neither a problem's text nor an id, across files too", async () => {
    const bare = Array.from({ length: 3 }, () => ({ response: "The answer is 7.", answer: "7" }))
    expect(await report(file("bare1.jsonl", lines(bare)), file("bare2.jsonl", lines(bare)))).toMatchObject({ n: 6, queries: 6 })
  })

  it("is each row's own format, counted; a file without a usable row is told by its counts", async () => {
    const messages = { messages: [{ role: "user", content: "3 + 4?" }, { role: "assistant", content: "The answer is 7." }], answer: "7" }
    const mixed = file(
      "mixed.jsonl",
      lines([rows[0]!, messages, { input: "3 + 4?", output: "The answer is 7.", gts: "7" }, { prompt: "p", response: "7" }])
    )
    const useless = file(
      "useless.jsonl",
      lines([{ custom_id: "q", response: { body: { choices: [{ message: { role: "assistant", content: "7" } }] } } }])
    )
    const { files } = await report(mixed, useless)
    expect(files[0]).toMatchObject({
      rows: 4,
      badRows: 0,
      formats: { plain: 2, messages: 1, verl: 1 },
      notes: [{ kind: "gold", count: 1, line: 4 }]
    })
    expect(files[1]).toMatchObject({ file: useless, rows: 0, badRows: 1, formats: {} })
  })

  it("goes on after an interruption, of an array as of lines", async () => {
    const many = Array.from(
      { length: 4000 },
      (_, k) => ({ prompt: `What is ${k} plus 4?`, response: `The answer is 7. ${"x".repeat(300)}`, answer: "7" })
    )
    const path = file("many.json", JSON.stringify(many))
    const options = { rounds: 2, isResumable: true }
    expect(await Effect.runPromise(Effect.flip(calibrateFiles(path, { ...options, trainLevels: ["none"] })))).toMatchObject({
      field: "trainLevels"
    })
    expect(existsSync(stateFileOf(path))).toBe(true)
    expect((await Effect.runPromise(calibrateFiles(path, options))).overall.n).toBe(4000)
    expect(existsSync(stateFileOf(path))).toBe(false)
  })

  it("carries the verdict of a named field into every row", async () => {
    const path = file("scored.jsonl", lines([{ ...rows[0]!, judge: { ok: true } }, rows[2]!]))
    const found = await collect(path, { scoreField: "judge.ok" })
    expect(found).toMatchObject([{ _tag: "Row", row: { score: 1 } }, { _tag: "BadRow", reason: expect.stringMatching(/judge.ok/) }])
  })
})

describe("Parquet", () => {
  it("gives whole numbers of 64 bits exactly, and reads golds of every column type", async () => {
    const columns = [
      { name: "prompt", data: ["a", "b"] },
      { name: "response", data: ["x", "y"] },
      { name: "answer", data: [9007199254740993n, 408n], type: "INT64" as const },
      { name: "score", data: [0.5, 1], type: "DOUBLE" as const }
    ]
    const found = await collect(file("numbers.parquet", Buffer.from(parquetWriteBuffer({ columnData: columns }))))
    expect(found).toMatchObject([{ row: { answer: "9007199254740993", score: 0.5 } }, { row: { answer: "408", score: 1 } }])
    const unnamed = await collect(file("numbers.data", Buffer.from(parquetWriteBuffer({ columnData: columns }))))
    expect(unnamed.map((each) => ("row" in each ? each.row : each))).toEqual(found.map((each) => ("row" in each ? each.row : each)))
  })
})
