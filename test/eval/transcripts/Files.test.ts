import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { Effect, Fiber, Schema, Stream } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Comparison } from "../../../src/eval/calibration/Comparison.ts"
import { gradeTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { calibrateFiles, calibrateFilesWith, compareFiles, type FilesError } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { type FoundLine, type FoundRow, readTranscripts } from "../../../src/eval/transcripts/files/ReadTranscripts.ts"
import { stateFileOf } from "../../../src/eval/transcripts/files/TallyFiles.ts"
import { TranscriptCalibration } from "../../../src/eval/transcripts/files/TranscriptCalibration.ts"
import { simulateTranscripts } from "../../../src/eval/transcripts/SimulatedTranscript.ts"
import { DEFAULT_MARKERS } from "../../../src/tasks/reading/Markers.ts"
import { runProgram } from "../../support/WarmProgram.ts"

const printed = (...args: ReadonlyArray<string>): unknown => {
  const { status, stderr, stdout } = runProgram([...args, "--json"])
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return JSON.parse(stdout)
}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-files-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 5, n: 60, rolloutsPerQuery: 2, seed: 4, level: "3x4" }
const transcripts = simulateTranscripts(policy)
const rows = transcripts.map(({ hitCap, ...row }, k) => ({
  ...row,
  level: k % 3 === 0 ? "3x3" : "3x4",
  ...(hitCap === true ? { ending: "cap" } : {})
}))
const better = simulateTranscripts({ ...policy, pResampleGivenWrong: 0.9 }).map(({ hitCap, ...row }) => ({
  ...row,
  ...(hitCap === true ? { ending: "cap" } : {})
}))

const file = (name: string, content: ReadonlyArray<object | string> | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(
    path,
    Buffer.isBuffer(content) ? content : content.map((row) => (typeof row === "string" ? row : JSON.stringify(row)) + "\n").join("")
  )
  return path
}

// Descriptors of this process that are still open on a file after a moment (closing takes one), where the system lists them.
const openPlaces = async (path: string): Promise<ReadonlyArray<string>> => {
  await new Promise((resolve) => setTimeout(resolve, 200))
  return existsSync("/proc/self/fd")
    ? readdirSync("/proc/self/fd").filter((descriptor) => {
      const place = `/proc/self/fd/${descriptor}`
      return existsSync(place) && readlinkSync(place) === path
    })
    : []
}

const errorOf = (effect: Effect.Effect<unknown, FilesError>): Promise<FilesError> => Effect.runPromise(Effect.flip(effect))

describe("calibrateFiles", () => {
  it("gives what `calibrate --json` prints, bad rows, trained levels and further markers included", async () => {
    const [a, b] = [
      file("a.jsonl", [...rows.slice(0, 40), "{oops"]),
      file("b.jsonl.gz", gzipSync(rows.slice(40).map((row) => JSON.stringify(row)).join("\n")))
    ]
    const markers = file("markers.txt", ["scratch that"])
    const calibration = await Effect.runPromise(
      calibrateFiles([a, b], { rounds: 60, seed: 3, cap: 7, trainLevels: ["3x3"], markers: [...DEFAULT_MARKERS, "scratch that"] })
    )
    expect(calibration).toMatchObject({ badRowCount: 1, badRows: [{ file: a, line: 41 }], overall: { n: 120 } })
    expect(Schema.is(TranscriptCalibration)(calibration)).toBe(true)
    const flags = ["--rounds", "60", "--seed", "3", "--cap", "7", "--trained", "3x3", "--markers", markers]
    expect(JSON.parse(JSON.stringify(calibration))).toEqual(printed("calibrate", a, b, ...flags))
  })

  it("tells how far it is, and what it could not read before it computes anything", async () => {
    const path = file("told.jsonl", [...rows, "{oops", { prompt: "p" }])
    const told: Array<string> = []
    const error = await errorOf(
      calibrateFiles(path, {
        cap: 2,
        onProgress: (read, total) => told.push(`${read} of ${total}`),
        onRead: ({ badRowCount, badRows }) => Effect.sync(() => told.push(`${badRowCount}: ${badRows.map(({ line }) => line)}`))
      })
    )
    expect(error).toMatchObject({ _tag: "ConfigError", field: "cap" })
    expect(told).toEqual([expect.stringMatching(/^(\d+) of \1$/), "2: 121,122"])
  })

  it.each<readonly [what: string, path: () => string, options: Parameters<typeof calibrateFiles>[1], error: object]>([
    ["a missing file", () => join(folder, "none.jsonl"), {}, { _tag: "FileError", problem: "no such file" }],
    [
      "a folder",
      () => {
        const path = join(folder, "some.jsonl")
        mkdirSync(path, { recursive: true })
        return path
      },
      {},
      { _tag: "FileError", problem: "it is a folder" }
    ],
    ["a file without a row", () => file("empty.jsonl", ["", " "]), {}, { _tag: "FileError", problem: expect.stringMatching(/^no row/) }],
    ["a broken gzip file", () => file("broken.gz", gzipSync("x".repeat(10_000)).subarray(0, 20)), {}, { _tag: "FileError" }],
    ["a file that is not Parquet", () => file("text.parquet", ["not Parquet"]), {}, { _tag: "FileError" }],
    ["rows of no known format", () => file("odd.jsonl", [{ a: 1 }]), {}, {
      _tag: "ConfigError",
      field: expect.stringMatching(/^the format of/)
    }],
    ["the first broken row, where it is strict", () => file("broken.jsonl", [rows[0]!, "{oops", "{oops"]), { isStrict: true }, {
      _tag: "RowError",
      line: 2
    }],
    ["a trained level that no response has", () => file("plain.jsonl", rows), { trainLevels: ["3x4", "9x9"] }, {
      _tag: "ConfigError",
      field: "trainLevels",
      value: "9x9"
    }],
    ["markers without a phrase", () => file("plain.jsonl", rows), { markers: [" "] }, { _tag: "ConfigError", field: "markers" }],
    ["to resume standard input", () => "-", { isResumable: true }, { _tag: "ConfigError", field: "isResumable" }]
  ])("refuses %s with a typed error", async (_, path, options, expected) => {
    expect(await errorOf(calibrateFiles(path(), options))).toMatchObject(expected)
  })

  it("keeps the state of a resumable reading until what is done with the result has succeeded", async () => {
    const path = file("kept.jsonl", rows)
    const options = { rounds: 5, isResumable: true }
    expect(await errorOf(calibrateFiles(path, { ...options, cap: 2 }))).toMatchObject({ field: "cap" })
    expect(existsSync(stateFileOf(path))).toBe(true)
    const refused = calibrateFilesWith(path, options, ({ overall }) => Effect.fail(overall.n))
    expect(await Effect.runPromise(Effect.flip(refused))).toBe(120)
    expect(existsSync(stateFileOf(path))).toBe(true)
    const blocks: Array<number> = []
    const { overall } = await Effect.runPromise(calibrateFiles(path, { ...options, onProgress: (read) => blocks.push(read) }))
    expect(overall.n).toBe(120)
    expect(blocks).toEqual([])
    expect(existsSync(stateFileOf(path))).toBe(false)
  })
})

describe("an interrupted calibrateFiles", () => {
  const large = (): string => {
    const text = rows.map((row) => JSON.stringify(row) + "\n").join("")
    return file("large.jsonl", Buffer.from(text.repeat(Math.ceil(12e6 / text.length))))
  }

  it("reads no further and closes the file", async () => {
    const path = large()
    const read: Array<number> = []
    const fiber = Effect.runFork(
      calibrateFiles(path, {
        onProgress: (bytes) => {
          read.push(bytes)
          if (read.length === 2) fiber.interruptUnsafe()
        }
      })
    )
    await Effect.runPromise(Fiber.await(fiber))
    expect(await openPlaces(path)).toEqual([])
    expect(read.length).toBe(2)
  })

  it("ends its threads: a process with nothing else to do ends by itself", () => {
    const module = new URL("../../../src/eval/transcripts/files/CalibrateFiles.ts", import.meta.url).href
    const script = `
      import { Effect, Exit, Fiber } from "effect"
      import { calibrateFiles } from ${JSON.stringify(module)}
      let blocks = 0
      const fiber = Effect.runFork(calibrateFiles(${JSON.stringify(large())}, {
        onProgress: () => { if (++blocks === 3) fiber.interruptUnsafe() }
      }))
      const exit = await Effect.runPromise(Fiber.await(fiber))
      console.log(Exit.isFailure(exit) ? "interrupted after " + blocks : "complete")
    `
    const { signal, status, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      encoding: "utf8",
      timeout: 30_000
    })
    expect({ signal, status, stdout: stdout.trim() }).toEqual({ signal: null, status: 0, stdout: "interrupted after 3" })
  })
})

describe("compareFiles", () => {
  it("gives what `compare --json` prints", async () => {
    const [from, to] = [file("from.jsonl", rows), file("to.jsonl", better)]
    const comparison = await Effect.runPromise(compareFiles(from, to, { rounds: 60, trainLevels: ["3x4"] }))
    expect(Schema.is(Comparison)(comparison)).toBe(true)
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(printed("compare", from, to, "--rounds", "60", "--trained", "3x4"))
  })

  it("takes several files for a model, and refuses what calibrateFiles refuses", async () => {
    const [a, b, to] = [file("a.jsonl", rows.slice(0, 50)), file("b.jsonl", rows.slice(50)), file("to.jsonl", better)]
    const whole = await Effect.runPromise(compareFiles(file("from.jsonl", rows), to, { rounds: 20 }))
    const parts = await Effect.runPromise(compareFiles([a, b], to, { rounds: 20 }))
    // The findings and the inputs name the models by their files.
    expect({ ...parts, findings: null, inputs: null }).toEqual({ ...whole, from: `${a}, ${b}`, findings: null, inputs: null })
    expect(parts.inputs!.from.map(({ file, rows }) => [file, rows])).toEqual([[a, 50], [b, rows.length - 50]])
    expect(parts.inputs!.to).toEqual(whole.inputs!.to)
    expect(parts.findings!.cause).toEqual(whole.findings!.cause)
    expect(await errorOf(compareFiles(a, join(folder, "none.jsonl")))).toMatchObject({ _tag: "FileError" })
    expect(await errorOf(compareFiles(a, to, { cap: 1 }))).toMatchObject({ _tag: "ConfigError", field: "cap" })
    expect(await errorOf(compareFiles(a, to, { trainLevels: ["9x9"] }))).toMatchObject({ _tag: "ConfigError", field: "trainLevels" })
  })
})

describe("readTranscripts", () => {
  const collect = (path: string, options = {}): Promise<ReadonlyArray<FoundLine>> =>
    Effect.runPromise(Stream.runCollect(readTranscripts(path, options)))
  const found = (lines: ReadonlyArray<FoundLine>): ReadonlyArray<FoundRow> => lines.filter((line) => line._tag === "Row")

  it("gives every row with its format and line, and bad rows in their place", async () => {
    const path = file("mixed.jsonl", ["", rows[0]!, "{oops", { prompt: "p", response: 3.5 }, { ...rows[1]!, id: undefined }])
    const lines = await collect(path)
    expect(lines.map(({ _tag, line }) => `${_tag} ${line}`)).toEqual(["Row 2", "BadRow 3", "BadRow 4", "Row 5"])
    expect(lines[0]).toMatchObject({ file: path, format: "plain", row: { id: rows[0]!.id, response: rows[0]!.response } })
    expect(lines[1]).toEqual({ _tag: "BadRow", file: path, line: 3, reason: expect.stringMatching(/^not JSON: /) })
    expect(lines[3]).toMatchObject({ row: { id: "5" } })
  })

  it("reads every format, plain, gzip or Parquet, the same rows", async () => {
    const verl = rows.map(({ answer, id, prompt, response }) => ({ input: prompt, output: response, gts: answer, uid: id }))
    const columns = (["input", "output", "gts", "uid"] as const).map((name) => ({ name, data: verl.map((row) => row[name]) }))
    const lmEval = rows.map(({ answer, id, prompt, response }) => ({
      doc_id: id,
      doc: { question: prompt },
      target: answer,
      resps: [[response]]
    }))
    const text = verl.map((row) => JSON.stringify(row)).join("\n")
    const files = [
      file("verl.jsonl", verl),
      file("verl.jsonl.gz", gzipSync(text)),
      file("verl.parquet", Buffer.from(parquetWriteBuffer({ columnData: columns, rowGroupSize: 50 }))),
      file("samples.jsonl", lmEval),
      file("trl.jsonl", rows.map(({ answer, id, prompt, response }) => ({ id, prompt, completion: response, answer })))
    ]
    for (const path of files) {
      const lines = found(await collect(path))
      expect(lines.map(({ row: { id, response } }) => [id, response])).toEqual(rows.map(({ id, response }) => [id, response]))
      expect(lines.map(({ line }) => line)).toEqual(rows.map((_, k) => k + 1))
    }
  })

  it("numbers lines across blocks, and counts what calibrateFiles counts", async () => {
    const text = rows.map((row) => JSON.stringify(row) + "\n").join("")
    const times = Math.ceil(1.2e6 / text.length)
    const path = file("blocks.jsonl", Buffer.from(text.repeat(times) + "{oops\n"))
    const lines = await collect(path)
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: rows.length * times + 1 }, (_, k) => k + 1))
    const outcomes = found(lines).map(({ row }) => gradeTranscript(row).outcome)
    const { overall } = await Effect.runPromise(calibrateFiles(path, { rounds: 1 }))
    expect(overall.outcomes.Correct).toBe(outcomes.filter((outcome) => outcome === "Correct").length)
    expect(overall.outcomes.Wrong).toBe(outcomes.filter((outcome) => outcome === "Wrong").length)
  })

  it("takes the format that it is given; a stream can be run again, and ended early", async () => {
    const text = rows.map((row) => JSON.stringify(row) + "\n").join("")
    const path = file("again.jsonl", Buffer.from(text.repeat(Math.ceil(2e6 / text.length))))
    const refused = await collect(path, { format: "verl" })
    expect(refused[0]).toMatchObject({ _tag: "BadRow", line: 1, reason: expect.stringMatching(/^"output" is missing/) })
    const two = Stream.take(readTranscripts(path), 2)
    const lines = await Effect.runPromise(Effect.all([Stream.runCollect(two), Stream.runCollect(two)]))
    expect(lines[0]).toEqual(lines[1])
    expect(lines[0].length).toBe(2)
    expect(await openPlaces(path)).toEqual([])
  })

  it("fails with a typed error where there is nothing to read, and a broken row is none", async () => {
    const errors: ReadonlyArray<readonly [path: string, tag: string]> = [
      [join(folder, "none.jsonl"), "FileError"],
      [folder, "FileError"],
      [file("broken.gz", gzipSync("x".repeat(10_000)).subarray(0, 20)), "FileError"],
      [file("odd.jsonl", [{ a: 1 }]), "ConfigError"]
    ]
    for (const [path, tag] of errors) {
      expect(await Effect.runPromise(Effect.flip(Stream.runDrain(readTranscripts(path))))).toMatchObject({ _tag: tag })
    }
    expect(await collect(file("blank.jsonl", ["", " "]))).toEqual([])
  })
})
