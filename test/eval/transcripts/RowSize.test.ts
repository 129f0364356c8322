import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { calibrateFiles } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { readTranscripts } from "../../../src/eval/transcripts/files/ReadTranscripts.ts"
import { makeRowSplitter } from "../../../src/eval/transcripts/files/RowSplitter.ts"
import { readLine } from "../../../src/eval/transcripts/Formats.ts"
import { LARGE_ROW_LINE, LARGEST_ROW, LONGEST_NAME, LONGEST_TEXT } from "../../../src/eval/transcripts/RowSize.ts"
import { selectRows } from "../../../src/eval/transcripts/rows/RowFilter.ts"
import { makeRowSet } from "../../../src/eval/transcripts/rows/RowSet.ts"
import { findStepFiles } from "../../../src/eval/transcripts/steps/StepFiles.ts"
import { thisThread } from "../../support/ThisThread.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-size-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const row = (id: string, response = "The answer is 7."): string =>
  JSON.stringify({ id, prompt: "What is 3 plus 4?", response, answer: "7" })

describe("a text that is too long is a bad row in every format", () => {
  const long = "x".repeat(LONGEST_TEXT + 1)
  it.each<readonly [format: string, of: (text: string) => object, what: RegExp]>([
    ["plain", (response) => ({ prompt: "p", response, answer: "1" }), /^a response of 16,777,217 characters; 16,777,216 are read at most$/],
    ["plain", (prompt) => ({ prompt, response: "r", answer: "1" }), /^a prompt of 16,777,217 /],
    ["plain", (answer) => ({ prompt: "p", response: "r", answer }), /^a reference answer of 16,777,217 /],
    ["messages", (content) => ({ messages: [{ role: "user", content: "p" }, { role: "assistant", content }] }), /^a response of /],
    ["lm-eval", (text) => ({ doc: { question: "p" }, target: "1", resps: [["short"], [text]] }), /^a response of /],
    ["openai", (content) => ({ prompt: "p", answer: "1", choices: [{ message: { role: "assistant", content } }] }), /^a response of /],
    ["verl", (output) => ({ input: "p", output, gts: "1", score: 1, step: 1 }), /^a response of /]
  ])("%s", (format, of, what) => {
    expect(readLine(JSON.stringify(of("short")), {}, "1")).toMatchObject({ format, rows: expect.anything() })
    expect(readLine(JSON.stringify(of(long)), {}, "1")).toEqual({ format, problem: expect.stringMatching(what) })
    expect(readLine(JSON.stringify(of(long.slice(1))), {}, "1")).toMatchObject({ format, rows: expect.anything() })
  })

  it.each([["plain", "id"], ["plain", "level"], ["attempts", "level"]])("%s: %s, which is a name", (format, field) => {
    const of = (name: string): string =>
      JSON.stringify(
        format === "plain"
          ? { prompt: "p", response: "r", answer: "1", [field]: name }
          : { prompt: "p", attempts: [{ correct: true, decision: "STOP" }], [field]: name }
      )
    const problem = `${field === "id" ? "an id" : "a level"} of 10,001 characters; 10,000 are read at most`
    expect(readLine(of("x".repeat(LONGEST_NAME)), {}, "1")).toMatchObject({ format, rows: expect.anything() })
    expect(readLine(of("x".repeat(LONGEST_NAME + 1)), {}, "1")).toEqual({ format, problem })
  })

  it("and the file goes on", async () => {
    const path = join(folder, "long.jsonl")
    writeFileSync(path, [row("a"), row("b", long), row("c")].join("\n"))
    expect(await Effect.runPromise(calibrateFiles(path, { rounds: 2 }))).toMatchObject({
      overall: { n: 2 },
      badRowCount: 1,
      badRows: [{ line: 2, reason: expect.stringMatching(/^a response of/) }]
    })
  })
})

const REASON = JSON.parse(LARGE_ROW_LINE) as string
const EXPECTED = [["a", 1], [REASON, 2], ["c", 3], ["d", 4]]
const found = async (path: string): Promise<ReadonlyArray<readonly [string, number]>> =>
  (await Effect.runPromise(Stream.runCollect(readTranscripts(path))))
    .map((each) => [each._tag === "Row" ? each.row.id : each.reason, each.line] as const)

// Zeros that take no room on the disk.
const withLargeLine = (name: string, before: string, after: string): string => {
  const path = join(folder, name)
  writeFileSync(path, before)
  truncateSync(path, before.length + LARGEST_ROW + (2 << 20))
  appendFileSync(path, after)
  return path
}

describe("a row that is too large is a bad row", () => {
  it("in lines, also as the first and as the last one", async () => {
    expect(await found(withLargeLine("middle.jsonl", `${row("a")}\n`, `\n${row("c")}\n${row("d")}\n`))).toEqual(EXPECTED)
    expect(await found(withLargeLine("first.jsonl", "", `\n${row("c")}\n`))).toEqual([[REASON, 1], ["c", 2]])
    expect(await found(withLargeLine("last.jsonl", `${row("a")}\n`, ""))).toEqual([["a", 1], [REASON, 2]])
  })

  it("in gzip lines and in an array", async () => {
    const zeros = Buffer.alloc(LARGEST_ROW + (1 << 20), " ")
    const [quoted, after] = [Buffer.concat([Buffer.from(`{"x": "`), zeros, Buffer.from(`"}`)]), `${row("c")}`]
    const gzip = join(folder, "large.jsonl.gz")
    const lines = Buffer.concat([Buffer.from(`${row("a")}\n`), quoted, Buffer.from(`\n${after}\n${row("d")}`)])
    writeFileSync(gzip, gzipSync(lines, { level: 1 }))
    expect(await found(gzip)).toEqual(EXPECTED)
    const array = join(folder, "large.json.gz")
    writeFileSync(
      array,
      gzipSync(Buffer.concat([Buffer.from(`[${row("a")},`), quoted, Buffer.from(`,${after},${row("d")}]`)]), { level: 1 })
    )
    expect(await found(array)).toEqual(EXPECTED)
  })

  it("and what comes after it is found again where it lies", async () => {
    const path = withLargeLine("seen.jsonl", `${row("a")}\n`, `\n${row("c", "It is 7, ümläut.")}\n${row("d")}\n`)
    const spool = join(folder, "spool")
    mkdirSync(spool)
    const set = makeRowSet({ threads: thisThread, spool })
    await set.read(findStepFiles([path]).files)
    expect([...selectRows(set.columns(), {})].map((each) => set.rollout(each)).map(({ line, row: { id } }) => [id, line])).toEqual(
      [["a", 1], ["c", 3], ["d", 4]]
    )
    expect(set.badRows()).toEqual({ count: 1, listed: [{ file: path, line: 2, reason: REASON }] })
  })
})

describe("an array of rows, some too large", () => {
  it("gives a line for each, whatever its chunks are", () => {
    fc.assert(fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (sizes, chunk) => {
        const splitter = makeRowSplitter(40)
        const text = Buffer.from(JSON.stringify(sizes.map((size) => ({ a: "b".repeat(size) }))))
        const out: Array<Buffer> = []
        for (let at = 0; at < text.length; at += chunk) out.push(splitter.push(text.subarray(at, at + chunk)))
        const lines = Buffer.concat([...out, splitter.end()]).toString().split("\n").slice(0, -1)
        expect(lines).toEqual(sizes.map((size) => (size + 8 > 40 ? LARGE_ROW_LINE : JSON.stringify({ a: "b".repeat(size) }))))
      }
    ))
  })
})
