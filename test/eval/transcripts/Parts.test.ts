import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { gzipSync } from "node:zlib"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { FileError } from "../../../src/domain/Errors.ts"
import { shuffle } from "../../../src/domain/Seed.ts"
import type { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { calibrateTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { describeTallies } from "../../../src/eval/transcripts/DescribeTallies.ts"
import { calibrateFiles } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { countQueries, mergeQueries } from "../../../src/eval/transcripts/parts/MergeQueries.ts"
import { openPart, writePart } from "../../../src/eval/transcripts/parts/PartFile.ts"
import { assertMergeable, mergeHeaders, type NamedHeader, type PartHeader } from "../../../src/eval/transcripts/parts/PartHeader.ts"
import { calibrateParts, mergeParts, writeFilesPart } from "../../../src/eval/transcripts/parts/Parts.ts"
import { NO_READING } from "../../../src/eval/transcripts/ReadingTally.ts"
import { simulateTranscripts } from "../../../src/eval/transcripts/SimulatedTranscript.ts"
import { type CountedLevel, makeTallies } from "../../../src/eval/transcripts/Tallies.ts"
import { divisions, namedHeaders, rollouts } from "../../support/PartArbitraries.ts"

let folder = ""
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-parts-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const newFile = () => join(folder, `${files++}.part`)
const READING = { package: "1.0.0", markers: [], lexicon: "0", answers: "auto", isScored: false, isStrict: false }

const tallied = (rows: ReadonlyArray<EvaluatedRollout>) => {
  const tallies = makeTallies()
  for (const row of rows) tallies.add(row)
  return tallies.levels()
}

/** Writes rows as a part, as `calibrate --partial` does. */
const writeRows = (rows: ReadonlyArray<EvaluatedRollout>): string => {
  const levels = tallied(rows).toSorted((a, b) => (a.level < b.level ? -1 : 1))
  const header: PartHeader = {
    reading: READING,
    inputs: [],
    merged: [],
    badRowCount: 0,
    badRows: [],
    counted: NO_READING,
    levels: levels.map(({ level, patterns }) => ({ level, patterns: [...patterns].sort() }))
  }
  return writePart(newFile(), header, levels.map(({ level, sorted }) => ({ level, queries: sorted() }))).file
}

const withOpen = <A>(paths: ReadonlyArray<string>, use: (header: PartHeader, levels: ReturnType<typeof mergeQueries>) => A): A => {
  const parts = paths.map((path) => openPart(path))
  const [first, ...others] = parts.map(({ digest, file, header }): NamedHeader => ({ digest, file, header }))
  const header = mergeHeaders([first!, ...others])
  try {
    return use(header, mergeQueries(parts, header.levels.map(({ level }) => level)))
  } finally {
    for (const { close } of parts) close()
  }
}
const mergeFiles = (paths: ReadonlyArray<string>): string => withOpen(paths, (header, levels) => writePart(newFile(), header, levels).file)
const counted = (paths: ReadonlyArray<string>) => withOpen(paths, (header, levels) => countQueries("test", header, levels))

/** Everything that `calibrate --json` computes, as text: the same to the last bit. */
const calibration = (levels: ReadonlyArray<CountedLevel>) => {
  const options = { rounds: 20, seed: 3 }
  return JSON.stringify(describeTallies(calibrateTallies(levels, options), levels, { badRowCount: 0, badRows: [] }))
}

describe("parts", () => {
  it("however rows are divided, one query's among them, the merge calibrates as the whole: to the last bit, bootstrap and pass@k too", () => {
    fc.assert(
      fc.property(rollouts, divisions(4), fc.nat(), (rows, division, seed) => {
        const parts = [0, 1, 2, 3].map((part) => writeRows(rows.filter((_, i) => division[i % division.length] === part)))
        const whole = calibration(tallied(shuffle(rows, seed)))
        const [a, b, c, d] = shuffle(parts, seed) as [string, string, string, string]
        expect(calibration(counted([a, b, c, d]))).toBe(whole)
        // Grouped in two ways, and with a part of nothing.
        expect(calibration(counted([mergeFiles([a, b]), mergeFiles([d, c])]))).toBe(whole)
        expect(calibration(counted([writeRows([]), mergeFiles([mergeFiles([d, a]), c]), b]))).toBe(whole)
      }),
      { numRuns: 12 }
    )
  })

  it("headers add in any order and grouping, also where their lists are cut", () => {
    const named = (header: PartHeader, digest: string): NamedHeader => ({ file: digest, digest, header })
    fc.assert(
      fc.property(namedHeaders, namedHeaders, namedHeaders, (a, b, c) => {
        const all = mergeHeaders([a, b, c])
        expect(mergeHeaders([c, a, b])).toEqual(all)
        expect(mergeHeaders([named(mergeHeaders([a, b]), "ab"), c])).toEqual(all)
        expect(mergeHeaders([b, named(mergeHeaders([c, a]), "ca")])).toEqual(all)
        expect(all.badRows.length).toBeLessThanOrEqual(1000)
        expect(all.counted.contradictions.length).toBeLessThanOrEqual(10)
      }),
      { numRuns: 30 }
    )
  })

  it("hold queries of many rollouts, and more than a block of them", () => {
    const rows = Array.from({ length: 20_000 }, (_, i): EvaluatedRollout => ({
      id: String(i),
      level: "l",
      query: String(i % 9000),
      outcome: i % 3 === 0 ? "Correct" : "Wrong",
      attempts: [{ answer: "1", correct: i % 3 === 0, decision: "STOP" }]
    }))
    // One query with so many patterns that its signature is its own.
    const many = Array.from({ length: 600 }, (_, i): EvaluatedRollout => ({
      id: `m${i}`,
      level: "l",
      query: "many",
      outcome: "Wrong",
      attempts: Array.from(
        { length: 1 + (i % 60) },
        (_, k) => ({ answer: String(k), correct: false, decision: k < i % 60 ? "RESAMPLE" : "STOP" })
      )
    }))
    const all = [...rows, ...many]
    const halves = [0, 1].map((half) => writeRows(all.filter((_, i) => i % 2 === half)))
    expect(calibration(counted(halves))).toBe(calibration(tallied(all)))
  })

  it("that are written again are the old ones until the new ones are whole: a process that is killed meanwhile leaves those", () => {
    const file = writeRows([{
      id: "1",
      level: "l",
      query: "q",
      outcome: "Correct",
      attempts: [{ answer: "1", correct: true, decision: "STOP" }]
    }])
    const before = readFileSync(file)
    const part = openPart(file)
    part.close()
    let looks = 0
    const queries = function* (): Generator<readonly [hash: number, signature: string]> {
      // Blocks of 8,192 were written before the last of these.
      for (let hash = 1; hash <= 20_000; hash++) {
        if (hash % 5000 === 0) {
          looks++
          expect(readFileSync(file).equals(before)).toBe(true)
        }
        yield [hash, "1c"]
      }
    }
    writePart(file, part.header, [{ level: "l", queries: queries() }])
    expect(looks).toBe(4)
    expect(readFileSync(file).equals(before)).toBe(false)
  })

  it("that are cut off anywhere, or of which any byte was changed, are refused", () => {
    const path = writeRows(
      Array.from({ length: 40 }, (_, i): EvaluatedRollout => ({
        id: String(i),
        level: "l",
        query: String(i >> 1),
        outcome: "Wrong",
        attempts: [{ answer: "1", correct: false, decision: "STOP" }]
      }))
    )
    const bytes = readFileSync(path)
    const broken = newFile()
    const problem = (damaged: Buffer): string | undefined => {
      writeFileSync(broken, damaged)
      try {
        counted([broken])
        return undefined
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return error.problem
      }
    }
    expect(problem(bytes)).toBeUndefined()
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const edited = Buffer.from(bytes)
        edited[at]! ^= change
        // What is noticed first may be what the change made of the queries, before the digest at the end.
        expect(problem(edited)).toBeDefined()
        expect(problem(bytes.subarray(0, at))).toMatch(/cut off|not a part/)
      }),
      { numRuns: 60 }
    )
    expect(problem(Buffer.concat([bytes, Buffer.from("x")]))).toMatch(/changed/)
  })

  it("of another reading are refused, and the difference is named", () => {
    const part = (reading: Partial<PartHeader["reading"]>, digest: string): NamedHeader => ({
      file: `${digest}.part`,
      digest,
      header: {
        reading: { ...READING, ...reading },
        inputs: [],
        merged: [],
        badRowCount: 0,
        badRows: [],
        counted: NO_READING,
        levels: []
      }
    })
    const refusal = (reading: Partial<PartHeader["reading"]>) => () => assertMergeable([part({}, "a"), part(reading, "b")])
    expect(refusal({ package: "2.0.0" })).toThrow(/b\.part.*a\.part.*version of decision-sampling: "2.0.0", not "1.0.0"/)
    expect(refusal({ markers: ["Scratch that"], lexicon: "1" })).toThrow(/other markers \(--markers\): it has "Scratch that"/)
    expect(refusal({ lexicon: "1" })).toThrow(/markers/)
    expect(refusal({ answers: "number" })).toThrow(/kind of answers \(--answers\): "number", not "auto"/)
    expect(refusal({ grade: "grader, SHA-256 1" })).toThrow(/grader \(--grade\)/)
    expect(refusal({ isStrict: true })).toThrow(/strictness \(--strict\): true, not false/)
    expect(refusal({ scoreField: "score" })).toThrow(/field of verdicts/)
    expect(() => assertMergeable([part({}, "a"), part({}, "b"), { ...part({}, "a"), file: "c.part" }])).toThrow(
      /a\.part holds the same part/
    )
  })
})

const jsonl = (name: string, rows: ReadonlyArray<object>): string => {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => JSON.stringify(row) + "\n").join(""))
  return path
}
const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) => Effect.runPromise(Effect.provide(effect, NodeServices.layer))
const problemOf = <A, E extends Error>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  run(Effect.flip(effect)).then((error) => error.message)
const write = (file: string, out: string) => writeFilesPart([file], out).pipe(Effect.scoped)

describe("writeFilesPart, mergeParts", () => {
  it("many parts are merged in groups, to the same", async () => {
    const parts: Array<string> = []
    for (let k = 0; k < 5; k++) {
      const rows = simulateTranscripts({
        pSample: 0.5,
        pStopGivenCorrect: 0.9,
        pResampleGivenWrong: 0.6,
        cap: 4,
        n: 8,
        seed: k,
        level: "3x3"
      })
      parts.push((await run(write(jsonl(`many-${k}.jsonl`, rows), newFile()))).file)
    }
    const merged = await run(calibrateParts(parts, { rounds: 10 }))
    expect(await run(calibrateParts(parts.toReversed(), { rounds: 10, mostOpen: 2 }))).toEqual(merged)
    const one = await run(mergeParts(parts, newFile(), { mostOpen: 2 }))
    expect(await run(calibrateParts([one.file], { rounds: 10 }))).toEqual(merged)
    expect(await problemOf(calibrateParts([one.file, parts[3]!]))).toMatch(/holds the same part/)
  })

  it("rows that nothing tells apart but their place are not one prompt's because two machines call their files alike", async () => {
    const rows = (answer: string) => [1, 2, 3].map(() => ({ response: `The answer is ${answer}.`, answer: "4" }))
    const parts: Array<string> = []
    for (const answer of ["4", "5"]) parts.push((await run(write(jsonl("alike.jsonl", rows(answer)), newFile()))).file)
    const { calibration: { overall } } = await run(calibrateParts(parts, { rounds: 10 }))
    expect([overall.n, overall.queries]).toEqual([6, 6])
  })

  it("a file in two parts is named, also under another name; a file that is no part is not overwritten", async () => {
    const rows = simulateTranscripts({
      pSample: 0.5,
      pStopGivenCorrect: 0.9,
      pResampleGivenWrong: 0.6,
      cap: 4,
      n: 8,
      seed: 1,
      level: "3x3"
    })
    const [first, second] = [jsonl("first.jsonl", rows), jsonl("second.jsonl", rows)]
    const a = await run(write(first, newFile()))
    const b = await run(write(second, newFile()))
    expect(await problemOf(mergeParts([a.file, b.file], newFile()))).toMatch(
      /second\.jsonl \(the same bytes as .*first\.jsonl\), and so does/
    )
    expect(await problemOf(write(first, second))).toMatch(/no part of a calibration, and it would be lost/)
    expect(readFileSync(second, "utf8")).toContain("3x3")
  })

  it("files without a row are all alike, and counted twice they count nothing: they are no file in two parts", async () => {
    const rows = (answer: string) => [{ prompt: "2 + 2", response: `The answer is ${answer}.`, answer: "4" }]
    const packed = (name: string) => {
      const file = join(folder, name)
      writeFileSync(file, gzipSync(""))
      return file
    }
    const parts: Array<string> = []
    for (const answer of ["4", "5"]) {
      const files = [jsonl(`with-${answer}.jsonl`, rows(answer)), jsonl(`0-${answer}.jsonl`, []), jsonl(`1-${answer}.jsonl`, [])]
      parts.push((await run(writeFilesPart([...files, packed(`${answer}.jsonl.gz`)], newFile()))).file)
    }
    const { calibration } = await run(calibrateParts(parts, { rounds: 10 }))
    expect(calibration.overall.n).toBe(2)
  })

  it("a part is not replaced by what holds it, by whatever name, nor is a folder taken for a part", async () => {
    const rows = [{ prompt: "2 + 2", response: "The answer is 4.", answer: "4" }]
    const { file } = await run(write(jsonl("own.jsonl", rows), newFile()))
    const before = readFileSync(file)
    expect(await problemOf(mergeParts([file], `${folder}/./${basename(file)}`))).toMatch(/out is .*a file that is none of the parts/)
    expect(readFileSync(file).equals(before)).toBe(true)
    for (const name of [folder, `${folder}/`, join(folder, "not-there/")]) {
      expect(await problemOf(write(jsonl("own.jsonl", rows), name))).toMatch(/it is a folder\. Name a file in it/)
    }
    expect(existsSync(join(folder, "not-there"))).toBe(false)
  })

  it("kinds of answers and contradicted responses are told in one order, whichever file came first", async () => {
    const rows = (answer: string, score: number) =>
      [1, 2].map((n) => ({ id: `${answer}${n}`, prompt: `${answer} ${n}`, response: `The answer is ${answer}.`, answer, score }))
    const files = [jsonl("texts.jsonl", rows("Paris", 0)), jsonl("numbers.jsonl", rows("12", 0))]
    const parts: Array<string> = []
    for (const file of files) parts.push((await run(write(file, newFile()))).file)
    const whole = await run(calibrateFiles(files, { rounds: 10 }))
    const { calibration } = await run(calibrateParts(parts, { rounds: 10 }))
    expect(JSON.stringify(calibration.reading)).toBe(JSON.stringify(whole.reading))
    expect(JSON.stringify(calibration.findings)).toBe(JSON.stringify(whole.findings))
  })

  it("statistics are chosen at the merge, and fit it; a part is no transcript, and a transcript no part", async () => {
    const rows = simulateTranscripts({
      pSample: 0.5,
      pStopGivenCorrect: 0.9,
      pResampleGivenWrong: 0.6,
      cap: 4,
      n: 8,
      seed: 2,
      level: "3x3"
    })
    const file = jsonl("chosen.jsonl", rows)
    const { file: part } = await run(write(file, newFile()))
    for (
      const options of [{ rounds: 10 }, { rounds: 10, echoes: "confirm", truncated: "left-out", trainLevels: ["3x3"], cap: 7 } as const]
    ) {
      expect((await run(calibrateParts([part], options))).calibration).toEqual(await run(calibrateFiles(file, options)))
    }
    expect(await problemOf(calibrateParts([part], { trainLevels: ["9x9"] }))).toMatch(/trainLevels is 9x9/)
    expect(await problemOf(calibrateParts([part], { cap: 1 }))).toMatch(/cap is 1/)
    expect(await problemOf(calibrateParts([]))).toMatch(/at least one part/)
    expect(await problemOf(calibrateParts([part], { mostOpen: 1 }))).toMatch(/mostOpen is 1/)
    expect(await problemOf(calibrateParts([file]))).toMatch(/not a part of a calibration/)
    expect(await problemOf(calibrateParts([folder]))).toMatch(/it is a folder/)
    expect(await problemOf(calibrateParts([join(folder, "nowhere.part")]))).toMatch(/nowhere\.part/)
    expect(await problemOf(calibrateFiles(part))).toMatch(/a part of a calibration, not transcripts.*calibrate merge/)
    const older = newFile()
    writeFileSync(older, "decision-sampling part of a calibration, version 0\n...")
    expect(await problemOf(calibrateParts([older]))).toMatch(/version 0; this program reads version 1/)
  })
})
