import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { Schema } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { paintFor } from "../../src/cli/calibrate/Explain.ts"
import { drawShare, joinBlocks } from "../../src/eval/transcripts/files/BootstrapShare.ts"
import { makeCalibrateThreads } from "../../src/eval/transcripts/files/CalibrateThreads.ts"
import { stateFileOf, tallyFiles, type TallyOptions } from "../../src/eval/transcripts/files/TallyFiles.ts"
import { TranscriptCalibration } from "../../src/eval/transcripts/files/TranscriptCalibration.ts"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import { Comparison } from "../../src/eval/calibration/Comparison.ts"
import { simulate } from "../../src/eval/calibration/Simulate.ts"
import { calibrateTallies, calibrateTalliesWith } from "../../src/eval/transcripts/CalibrateTallies.ts"
import { resampleGroups } from "../../src/eval/statistics/GroupedBootstrap.ts"
import { DEFAULT_READER_SPEC, defaultReader } from "../../src/eval/transcripts/Reader.ts"
import { styled } from "../../src/cli/Style.ts"
import { simulateTranscripts } from "../../src/eval/transcripts/SimulatedTranscript.ts"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const run = (args: ReadonlyArray<string>, input?: string | Buffer) =>
  input === undefined
    ? runProgram(args)
    : spawnSync(process.execPath, [program, ...args], { encoding: "utf8", maxBuffer: 1 << 28, input })

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-calibrate-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 5, n: 60, rolloutsPerQuery: 2, seed: 4, level: "3x4" }
const transcripts = simulateTranscripts(policy)
const expected = calibrate(simulate(policy), { rounds: 50 }).overall

// The same rollouts in every format; verl, TRL and lm-eval have no field for the cap, so those get `ending` as an extra.
const ending = (row: (typeof transcripts)[number]) => (row.hitCap === true ? { ending: "cap" } : {})
const lines: Readonly<Record<string, ReadonlyArray<object>>> = {
  plain: transcripts.map((row) => ({
    prompt: row.prompt,
    response: row.response,
    answer: row.answer,
    id: row.id,
    level: row.level,
    ...ending(row)
  })),
  verl: transcripts.map((row, step) => ({
    input: row.prompt,
    output: row.response,
    gts: row.answer,
    score: 0,
    step,
    uid: row.id,
    ...ending(row)
  })),
  trl: transcripts.map((row, step) => ({
    step,
    prompt: row.prompt,
    completion: [{ role: "assistant", content: row.response }],
    advantage: 0,
    ...ending(row)
  }))
}
const file = (name: string, rows: ReadonlyArray<object | string>): string => {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)) + "\n").join(""))
  return path
}

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(TranscriptCalibration))
const calibrateJson = (args: ReadonlyArray<string>, input?: string | Buffer) => {
  const { status, stderr, stdout } = run(["calibrate", ...args, "--json", "--rounds", "50"], input)
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return decode(stdout)
}

describe("decision-sampling calibrate", () => {
  it.each(Object.keys(lines))("reads %s rows and finds what was simulated", (format) => {
    const { badRowCount, levels, overall } = calibrateJson([file(`${format}.jsonl`, lines[format]!)])
    expect(overall.counts).toEqual(expected.counts)
    expect(overall.pSample).toMatchObject({ successes: expected.pSample.successes, trials: expected.pSample.trials })
    expect(overall).toMatchObject({ n: 120, queries: 60, outcomes: expected.outcomes, selfCorrection: expected.selfCorrection })
    expect(levels.map(({ level }) => level)).toEqual(["3x4"])
    expect(badRowCount).toBe(0)
  })

  it("reads lm-eval samples, several responses a row", () => {
    const row = (k: number) => ({
      doc_id: k,
      doc: { question: `What is ${k + 10} * 3?` },
      target: String(3 * (k + 10)),
      resps: [[`The answer is ${3 * (k + 10)}.`, "The answer is 1. Let me recompute. The answer is 2."]]
    })
    const { overall, passAtK } = calibrateJson([file("samples.jsonl", [row(0), row(1)])])
    expect(overall).toMatchObject({ n: 4, queries: 2, counts: { correctStop: 2, correctResample: 0, wrongStop: 2, wrongResample: 2 } })
    expect(passAtK).toEqual([{ k: 1, passAtK: 0.5, passAllK: 0.5 }, { k: 2, passAtK: 1, passAllK: 0 }])
  })

  it("reads gzip and standard input, and several files as one", () => {
    const text = lines["plain"]!.map((row) => JSON.stringify(row)).join("\n")
    const zipped = join(folder, "plain.jsonl.gz")
    writeFileSync(zipped, gzipSync(text))
    expect(calibrateJson([zipped]).overall.counts).toEqual(expected.counts)
    expect(calibrateJson(["-"], text).overall.counts).toEqual(expected.counts)
    expect(calibrateJson(["-"], gzipSync(text)).overall.counts).toEqual(expected.counts)
    const both = calibrateJson([file("a.jsonl", lines["plain"]!.slice(0, 31)), file("b.jsonl", lines["verl"]!.slice(31))])
    expect(both.overall.counts).toEqual(expected.counts)
  })

  describe("Parquet", () => {
    type Columns = Parameters<typeof parquetWriteBuffer>[0]
    const parquet = (name: string, columnData: Columns["columnData"], more: Omit<Columns, "columnData"> = {}): string => {
      const path = join(folder, name)
      writeFileSync(path, Buffer.from(parquetWriteBuffer({ columnData, ...more })))
      return path
    }
    const column = (name: string, data: Array<unknown>) => ({ name, data })
    const endings = column("ending", transcripts.map((row) => (row.hitCap === true ? "cap" : null)))
    const verl = [
      column("input", transcripts.map((row) => row.prompt)),
      column("output", transcripts.map((row) => row.response)),
      column("gts", transcripts.map((row) => row.answer)),
      column("step", transcripts.map((_, step) => BigInt(step))),
      endings
    ]

    it("reads verl rows as it reads their JSON lines, over several row groups", () => {
      const path = parquet("verl.parquet", verl, { rowGroupSize: 50 })
      const { badRowCount, overall } = calibrateJson([path])
      expect(overall).toMatchObject({ n: 120, queries: 60, counts: expected.counts, outcomes: expected.outcomes })
      expect(badRowCount).toBe(0)
      expect(run(["compare", path, file("verl.jsonl", lines["verl"]!)]).status).toBe(0)
    })

    it("reads TRL rows whose completions are chats, compressed with gzip", () => {
      const chats = transcripts.map((row) => [{ role: "assistant", content: row.response }])
      const path = parquet("trl.parquet", [column("prompt", transcripts.map((row) => row.prompt)), column("completion", chats), endings], {
        codec: "GZIP",
        compressors: { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) }
      })
      expect(calibrateJson([path]).overall.counts).toEqual(expected.counts)
    })

    it("reports a bad row by its number, counted over row groups, and --explain finds a row by it", () => {
      const outputs = transcripts.map((row, k) => (k === 70 ? null : row.response))
      const path = parquet("bad.parquet", verl.map((each) => (each.name === "output" ? column("output", outputs) : each)), {
        rowGroupSize: 50
      })
      const { badRows, overall } = calibrateJson([path])
      expect(badRows).toEqual([{ file: path, line: 71, reason: "\"output\" is null, expected text or chat messages of the model" }])
      expect(overall.n).toBe(119)
      expect(run(["calibrate", path, "--explain", "3"]).stdout).toContain("outcome: ")
    })

    it("refuses a file that is not Parquet with a sentence", () => {
      const { status, stderr } = run(["calibrate", file("text.parquet", ["not parquet at all"])])
      expect(status).toBe(1)
      expect(stderr).toMatch(/text\.parquet: .*Is it a whole Parquet file/s)
    })
  })

  it("counts bad rows with file, line and reason; --strict fails at the first", () => {
    const path = file("bad.jsonl", [lines["plain"]![0]!, "{oops", "", { prompt: "p", response: 3.5 }, lines["plain"]![1]!])
    const { badRowCount, badRows, overall } = calibrateJson([path])
    expect(overall.n).toBe(2)
    expect(badRowCount).toBe(2)
    expect(badRows.map(({ file, line }) => [file, line])).toEqual([[path, 2], [path, 4]])
    const strict = run(["calibrate", path, "--strict"])
    expect(strict.status).toBe(1)
    expect(strict.stdout).toBe("")
    expect(strict.stderr).toContain(`${path}:2: not JSON`)
  })

  it("reads lines that end with CRLF, a byte order mark, bytes that are not UTF-8, and a last line without an end", () => {
    const rows = lines["plain"]!.map((row) => JSON.stringify(row))
    const path = join(folder, "windows.jsonl")
    writeFileSync(
      path,
      Buffer.concat([
        Buffer.from("\ufeff" + rows[0]! + "\r\n\r\n"),
        Buffer.from(rows[1]!.replace("Multiply", "Multipli\u00e9"), "latin1"),
        Buffer.from("\r\n" + rows.slice(2).join("\r\n"))
      ])
    )
    const { badRowCount, overall } = calibrateJson([path])
    expect(badRowCount).toBe(0)
    expect(overall).toMatchObject({ n: 120, counts: expected.counts })
    expect(run(["calibrate", path, "--explain", "1"]).stdout).toContain("outcome: ")
  })

  it("passes over an empty file and blank blocks among others, and counts their lines", () => {
    const blank = file("blank.jsonl", ["", "  "])
    expect(calibrateJson([blank, file("plain.jsonl", lines["plain"]!)]).overall.counts).toEqual(expected.counts)
  })

  it("prints tables without --json, with all outcomes", () => {
    const { status, stdout } = run(["calibrate", file("plain.jsonl", lines["plain"]!), "--paper", "--trained", "3x4"])
    expect(status).toBe(0)
    expect(stdout).toMatch(/p_S +p_D\|C +p_D\|W +observed$/m)
    expect(stdout).toMatch(/Correct \d+, Wrong \d+, Unparsable 0, GoldInvalid 0, Truncated 0/)
    expect(stdout).toMatch(/^trained /m)
  })

  it("with --trained, gives the change out of distribution in JSON and table", () => {
    const path = file("two.jsonl", [...lines["plain"]!, ...lines["plain"]!.slice(0, 7).map((row) => ({ ...row, level: "5x5" }))])
    const { distributionShift, trained, trainLevels, unseen } = calibrateJson([path, "--trained", "3x4"])
    expect(trainLevels).toEqual(["3x4"])
    expect(unseen!.n).toBe(7)
    expect(distributionShift!.accuracy.value).toBe(unseen!.observed.accuracy! - trained!.observed.accuracy!)
    expect(run(["calibrate", path, "--paper", "--trained", "3x4"]).stdout).toMatch(
      /^unseen − trained +observed +p_S +p_D\|C +p_D\|W\npoints +[+−]?\d/m
    )
  })

  it("explains a response: candidates and markers in place, control characters shown, not sent", () => {
    const path = file("explain.jsonl", [{
      id: "x",
      prompt: "Calculate 12 * 34.",
      response: "The answer is 400.\u001b[2J Hmm. Let me recompute. The answer is 408."
    }])
    const { status, stdout } = run(["calibrate", path, "--explain", "x"])
    expect(status).toBe(0)
    expect(stdout).toContain("The answer is [wrong: 400].\\u001b[2J Hmm. [marker: Let me recompute]. The answer is [right: 408].")
    expect(stdout).toContain(
      "attempt 2: 408 right (words), STOP\noutcome: Correct: the last answer 408 agrees with the reference 408\nanswers: integer, level 2x2"
    )
    expect(run(["calibrate", path, "--explain", "nobody"])).toMatchObject({ status: 1, stdout: "" })
  })

  it("paints in colours on a terminal only, and there not with NO_COLOR", () => {
    expect(paintFor({ isTTY: true }, {}).wrong("4")).toBe(styled(31, "4"))
    expect(paintFor({ isTTY: true }, { NO_COLOR: "" }).wrong("4")).toBe(styled(31, "4"))
    expect(paintFor({ isTTY: true }, { NO_COLOR: "1" }).wrong("4")).toBe("[wrong: 4]")
    expect(paintFor({}, {}).wrong("4")).toBe("[wrong: 4]")
  })

  it("takes further markers from a file", () => {
    const path = file("marked.jsonl", [{ prompt: "Calculate 12 * 34.", response: "The answer is 400. Rewind! The answer is 408." }])
    // An announced answer that changes is taken back either way; the marker says by which words.
    const [plain, marked] = [calibrateJson([path]), calibrateJson([path, "--markers", file("markers.txt", ["# mine", "rewind"])])]
    expect([plain, marked].map(({ overall }) => overall.counts.wrongResample)).toEqual([1, 1])
    expect([plain, marked].map(({ reading }) => reading?.unmarked)).toEqual([1, 0])
  })

  it.each<readonly [what: string, args: () => ReadonlyArray<string>, message: RegExp]>([
    ["a file that is not there", () => [join(folder, "none.jsonl")], /none\.jsonl: no such file/],
    ["an empty file", () => [file("empty.jsonl", [])], /empty\.jsonl: no row/],
    ["a file of blank lines", () => [file("blank.jsonl", ["", "  "])], /blank\.jsonl: no row/],
    [
      "rows of no known format",
      () => [file("odd.jsonl", [{ a: 1 }])],
      /format of .*odd\.jsonl.*expected rows of one of: rollouts, [^;]*verl/
    ],
    ["a cap below the longest response", () => [file("plain.jsonl", lines["plain"]!), "--cap", "2"], /cap is 2; expected at least/],
    [
      "a trained level that no response has",
      () => [file("plain.jsonl", lines["plain"]!), "--trained", "3x4, 3x3"],
      /--trained is 3x3; expected levels of the responses: 3x4/
    ],
    ["a broken gzip file", () => {
      const path = join(folder, "broken.gz")
      writeFileSync(path, gzipSync("x".repeat(10_000)).subarray(0, 20))
      return [path]
    }, /broken\.gz: /]
  ])("refuses %s with exit code 1 and a sentence", (_, args, message) => {
    const { status, stderr, stdout } = run(["calibrate", ...args()])
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toMatch(message)
  })
})

describe("decision-sampling compare", () => {
  it("splits the difference of two models between sampling and decision", () => {
    const better = simulateTranscripts({ ...policy, pResampleGivenWrong: 0.9 }).map((row) => ({ ...row, ...ending(row) }))
    const [from, to] = [file("from.jsonl", lines["plain"]!), file("to.jsonl", better)]
    const { status, stderr, stdout } = run(["compare", from, to, "--json", "--rounds", "50"])
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const { overall } = Schema.decodeUnknownSync(Schema.fromJsonString(Comparison))(stdout)
    expect(overall.paired).toBe(60)
    expect(overall.sampling.value! + overall.decision.value!).toBeCloseTo(overall.predicted.value!, 12)
    expect(run(["compare", from, to, "--rounds", "50"]).stdout).toMatch(/by sampling +by decision/)
  })

  it("says which levels only one file has, and shows the trained ones pooled", () => {
    const [from, to] = [
      file("from.jsonl", lines["plain"]!),
      file("to.jsonl", [...lines["plain"]!, ...lines["plain"]!.map((row) => ({ ...row, level: "9x9" }))])
    ]
    const { status, stdout } = run(["compare", from, to, "--rounds", "50", "--trained", "3x4"])
    expect(status).toBe(0)
    expect(stdout).toContain("Left out of the pooled rows, as only one file has them: 9x9.")
    expect(stdout).toMatch(/^trained +60 +[+−]?0\.0/m)
    expect(run(["compare", from, to, "--trained", "5x5"])).toMatchObject({ status: 1, stdout: "" })
  })
})

describe("tallyFiles", () => {
  const threads = makeCalibrateThreads(DEFAULT_READER_SPEC, defaultReader, { fewBytes: 1 })
  afterAll(threads.close)
  const options = (path: string): TallyOptions => ({
    files: [path],
    threads,
    isStrict: false,
    isResumable: true,
    blockBytes: 4000,
    saveEveryBytes: 1
  })

  it("reads blocks in threads in the order of the file", async () => {
    const rows = [...lines["plain"]!.slice(0, 50), "{oops", ...lines["plain"]!.slice(50)]
    const path = file("blocks.jsonl", rows)
    const { badRows, tallies } = await tallyFiles({ ...options(path), isResumable: false })
    expect(badRows).toMatchObject([{ file: path, line: 51 }])
    expect(calibrateTallies(tallies.levels(), { rounds: 1 }).overall.counts).toEqual(expected.counts)
  })

  it("goes on after an interruption without counting anything twice, bad rows included, also one after the reading", async () => {
    const path = file("resumed.jsonl", ["{oops", ...lines["verl"]!])
    let blocks = 0
    const interrupted = tallyFiles({
      ...options(path),
      onProgress: () => {
        if (++blocks === 4) throw new Error("interrupted")
      }
    })
    await expect(interrupted).rejects.toThrow("interrupted")
    const { offset } = JSON.parse(readFileSync(stateFileOf(path), "utf8")) as { readonly offset: number }
    expect(offset).toBeGreaterThan(8000)
    const read: Array<number> = []
    const resumed = await tallyFiles({ ...options(path), onProgress: (bytes) => read.push(bytes) })
    expect(read[0]).toBeGreaterThan(offset)
    const again = await tallyFiles({ ...options(path), onProgress: () => expect.unreachable("everything was read") })
    for (const { badRowCount, tallies } of [resumed, again]) {
      expect(badRowCount).toBe(1)
      expect(calibrateTallies(tallies.levels(), { rounds: 1 }).overall).toMatchObject({ counts: expected.counts, n: 120, queries: 60 })
    }
    again.forget()
    expect(existsSync(stateFileOf(path))).toBe(false)
  })

  it("draws the same bootstrap in any number of threads", async () => {
    const { tallies } = await tallyFiles({ ...options(file("threads.jsonl", lines["plain"]!)), isResumable: false })
    const levels = tallies.levels()
    const bootstrap = { rounds: 170, seed: 2 }
    const alone = calibrateTallies(levels, bootstrap)
    expect(await calibrateTalliesWith(threads.resample, levels, bootstrap)).toEqual(alone)
    await calibrateTalliesWith(
      async (strata, options) => {
        for (const shares of [1, 2, 3, 7]) {
          const drawn = Array.from({ length: shares }, (_, share) => drawShare(strata, options, share, shares)).flat()
          joinBlocks(drawn, strata.length).forEach((rounds, s) => {
            const { grouped, name } = strata[s]!
            expect(rounds).toEqual(resampleGroups(grouped, name, options))
            expect(rounds.length).toBe(170)
          })
        }
        return strata.map(({ grouped, name }) => resampleGroups(grouped, name, options))
      },
      levels,
      bootstrap
    )
  })

  it("keeps its state until the result is printed", () => {
    const path = file("kept.jsonl", lines["plain"]!)
    expect(run(["calibrate", path, "--resume", "--cap", "2"])).toMatchObject({ status: 1, stdout: "" })
    expect(existsSync(stateFileOf(path))).toBe(true)
    // A run without --resume neither uses a state nor takes it away.
    expect(calibrateJson([path]).overall.n).toBe(120)
    expect(existsSync(stateFileOf(path))).toBe(true)
    expect(calibrateJson([path, "--resume"]).overall).toMatchObject({ counts: expected.counts, n: 120 })
    expect(existsSync(stateFileOf(path))).toBe(false)
  })

  it("refuses the state of another job", async () => {
    const path = file("other.jsonl", lines["plain"]!)
    writeFileSync(stateFileOf(path), JSON.stringify({ job: "another" }))
    await expect(tallyFiles(options(path))).rejects.toThrow(/Remove it to begin again/)
  })
})
