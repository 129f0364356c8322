import { execFileSync } from "node:child_process"
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { OUTCOMES } from "../../../../src/domain/Outcomes.ts"
import { calibrateTallies } from "../../../../src/eval/transcripts/CalibrateTallies.ts"
import { readTranscript } from "../../../../src/eval/transcripts/Grade.ts"
import { attemptsOfPattern } from "../../../../src/eval/transcripts/Pattern.ts"
import { defaultReader } from "../../../../src/eval/transcripts/Reader.ts"
import { ROW_EVENTS, type RowEvent, type RowFilter, selectRows } from "../../../../src/eval/transcripts/rows/RowFilter.ts"
import { makeRowSet, type RowSet } from "../../../../src/eval/transcripts/rows/RowSet.ts"
import { talliesOfRows } from "../../../../src/eval/transcripts/rows/RowTallies.ts"
import { fieldsOf, piecesOf, placeLogProbs } from "../../../../src/eval/transcripts/rows/RowText.ts"
import { simulateTranscripts } from "../../../../src/eval/transcripts/SimulatedTranscript.ts"
import { findStepFiles } from "../../../../src/eval/transcripts/steps/StepFiles.ts"
import { makeTallies } from "../../../../src/eval/transcripts/Tallies.ts"
import { simulatedPolicies } from "../../../support/SimulatedPolicies.ts"
import { thisThread } from "../../../support/ThisThread.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-rows-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

let sets = 0
const setOf = (mostRows?: number): RowSet => {
  const spool = join(folder, `spool-${sets++}`)
  mkdirSync(spool)
  return makeRowSet({ threads: thisThread, spool, ...(mostRows === undefined ? {} : { mostRows }) })
}
const read = async (set: RowSet, ...paths: ReadonlyArray<string>): Promise<boolean> => set.read(findStepFiles(paths).files)
const all = (set: RowSet): Uint32Array => selectRows(set.columns(), {})
const ids = (set: RowSet): ReadonlyArray<string> => [...all(set)].map((row) => set.rollout(row).row.id)

const plain = (set: RowSet, rows: Uint32Array) => calibrateTallies(talliesOfRows(set.columns(), rows), { rounds: 2 })

const transcripts = [
  { id: "a", prompt: "Calculate 2 * 3.", response: "6. The answer is 6.", answer: "6", level: "1x1", step: 1 },
  {
    id: "b",
    prompt: "Calculate 2 * 3.",
    response: "The answer is 5. Wait, that is wrong. The answer is 6.",
    answer: "6",
    level: "1x1",
    step: 2
  },
  {
    id: "c",
    prompt: "Calculate 12 * 3.",
    response: "The answer is 35. Wait, let me check. The answer is 35.",
    answer: "36",
    level: "2x1",
    step: 2
  },
  {
    id: "d",
    prompt: "Was ist 4 · 3? «Größe» 数",
    response: "Die Antwort: 12. The answer is 12.",
    answer: "12",
    level: "2x1",
    step: 3,
    score: 0
  }
]
const lines = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
const escaped = (text: string): string =>
  text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
const write = (name: string, text: string | Buffer): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

describe("a set of rollouts", () => {
  it("gives each rollout of JSON Lines, gzip, an array and Parquet by its number, with its place", async () => {
    const text = `\n${lines(transcripts.slice(0, 2))}not JSON\n${lines(transcripts.slice(2))}`
    const rows = transcripts.map(({ score: _score, ...row }) => row)
    const names = ["id", "prompt", "response", "answer", "level"] as const
    const parquet = Buffer.from(parquetWriteBuffer({ columnData: names.map((name) => ({ name, data: rows.map((row) => row[name]) })) }))
    for (
      const [file, places] of [
        [write("a.jsonl", text), [2, 3, 5, 6]],
        [write("a.jsonl.gz", gzipSync(text)), [2, 3, 5, 6]],
        [write("a.json", JSON.stringify(transcripts, null, 1)), [1, 2, 3, 4]],
        [write("a.parquet", parquet), [1, 2, 3, 4]]
      ] as const
    ) {
      const set = setOf()
      expect(await read(set, file)).toBe(true)
      expect(ids(set)).toEqual(["a", "b", "c", "d"])
      expect([...all(set)].map((row) => set.rollout(row).line)).toEqual(places)
      expect(set.rollout(3).row.response).toBe(transcripts[3]!.response)
      expect(set.files()[0]).toMatchObject({ rows: 4, badRows: file.includes(".jsonl") ? 1 : 0 })
      expect(await read(set, file)).toBe(false)
    }
  })

  it("reads on where a file grows, with a last line that is not whole, and anew where it was written anew", async () => {
    const file = write("live.jsonl", lines(transcripts.slice(0, 1)) + JSON.stringify(transcripts[1]).slice(0, 20))
    const set = setOf()
    await read(set, file)
    expect(ids(set)).toEqual(["a"])
    expect(set.files()[0]!.waits).toBe(true)
    const { edition } = set
    const before = edition()
    appendFileSync(file, JSON.stringify(transcripts[1]).slice(20) + "\n" + lines(transcripts.slice(2)))
    await read(set, file)
    expect(ids(set)).toEqual(["a", "b", "c", "d"])
    expect([...all(set)].map((row) => set.rollout(row).line)).toEqual([1, 2, 3, 4])
    expect(edition()).toBe(before)
    truncateSync(file, 0)
    writeFileSync(file, lines(transcripts.toReversed()))
    await read(set, file)
    expect(ids(set)).toEqual(["d", "c", "b", "a"])
    expect(edition()).toBeGreaterThan(before)
  })

  it("counts as a calibration of the whole file does, in any choice as one of those rows alone", () =>
    fc.assert(
      fc.asyncProperty(
        simulatedPolicies(fc.integer({ min: 1, max: 9 }).map((n) => n / 10)),
        fc.integer({ min: 2, max: 5 }),
        async (policy, k) => {
          const rows = simulateTranscripts(policy)
          const set = setOf()
          await read(set, write("simulated.jsonl", lines(rows)))
          const chosen = all(set).filter((row) => row % k === 0)
          const tallies = makeTallies()
          for (const row of chosen) tallies.add(readTranscript(set.rollout(row).row, defaultReader).rollout)
          expect(plain(set, chosen)).toEqual(calibrateTallies(tallies.levels(), { rounds: 2 }))
        }
      ),
      { numRuns: 12 }
    ))

  it("says of a file that it cannot read why, and reads the others", async () => {
    const broken = write("b1.jsonl.gz", gzipSync(lines(transcripts)).subarray(0, 60))
    const set = setOf()
    await read(set, broken, write("b2.jsonl", lines(transcripts)))
    expect(set.files()[0]!.problem).toMatch(/b1\.jsonl\.gz/)
    expect(set.files()[1]!.rows).toBe(4)
    // A file that is mended is read, and its rows stand once.
    writeFileSync(broken, gzipSync(lines(transcripts)))
    await read(set, broken, join(folder, "b2.jsonl"))
    expect(ids(set).toSorted()).toEqual(["a", "a", "b", "b", "c", "c", "d", "d"])
  })

  it("holds no more rollouts than it may", async () => {
    const set = setOf(3)
    await read(set, write("many.jsonl", lines(transcripts)))
    expect(set.files()[0]!.problem).toMatch(/more than 3; expected fewer, 31 bytes of memory each/)
  })

  it("gives each of very many rollouts of one line", async () => {
    const responses = Array.from({ length: 66_000 }, (_, k) => `${k}. The answer is 6.`)
    const set = setOf()
    await read(set, write("one-line.jsonl", lines([{ id: "a", prompt: "2 * 3", responses, answer: "6" }])))
    expect(set.columns().length).toBe(66_000)
    for (const row of [0, 65_535, 65_536, 65_999]) expect(set.rollout(row).row.response).toBe(responses[row])
  })

  it("says of a file that is no file any more that its lines are gone, and waits for nobody", async () => {
    const path = write("changing.jsonl", lines(transcripts))
    const set = setOf()
    await read(set, path)
    rmSync(path)
    expect(() => set.rollout(0)).toThrow(/the line is not there any more/)
    mkdirSync(path)
    expect(() => set.rollout(0)).toThrow(/the line is not there any more/)
    rmSync(path, { recursive: true })
    if (process.platform !== "win32") execFileSync("mkfifo", [path])
    expect(() => set.rollout(0)).toThrow(/the line is not there any more/)
    await expect(set.search(all(set), "answer").next()).rejects.toThrow(/the line is not there any more/)
  })

  it("ends a search when its files are written anew meanwhile", async () => {
    const long = { ...transcripts[0]!, response: `${"word ".repeat(1_000_000)}The answer is 6.` }
    const path = write("searched.jsonl", lines([long, long, long]))
    const set = setOf()
    await read(set, path)
    const search = set.search(all(set), "word")
    expect((await search.next()).value).toEqual([0])
    writeFileSync(path, lines(transcripts))
    await read(set, path)
    await expect(search.next()).rejects.toThrow(/the line is not there any more/)
  })

  it("says of a line that is gone that it is gone", async () => {
    const file = write("gone.jsonl", lines(transcripts))
    const set = setOf()
    await read(set, file)
    truncateSync(file, 10)
    expect(() => set.rollout(2)).toThrow(/the line is not there any more/)
  })
})

describe("a search", () => {
  const search = async (set: RowSet, text: string, rows = all(set)): Promise<ReadonlyArray<number>> => {
    const found: Array<number> = []
    for await (const some of set.search(rows, text)) found.push(...some)
    return found
  }

  it("finds every rollout whose prompt or response holds a text, however its line is escaped, and no other", async () => {
    const texts = ["The answer is", "Größe", "数", "«", "Wait, that", "Calculate 2 * 3.", "\"id\"", "level", "nowhere", "12", "1x1"]
    for (const form of [lines(transcripts), escaped(lines(transcripts)), escaped(lines(transcripts)).replaceAll("\\u00f6", "\\u00F6")]) {
      const set = setOf()
      await read(set, write("texts.jsonl", form))
      for (const text of texts) {
        const expected = transcripts.flatMap(({ prompt, response }, i) => (prompt.includes(text) || response.includes(text) ? [i] : []))
        expect(await search(set, text)).toEqual(expected)
      }
      expect(await search(set, "The answer is", Uint32Array.of(0, 3))).toEqual([0, 3])
    }
  })

  it("finds both rollouts of one line, and lines far apart in a large file", async () => {
    const two = {
      doc_id: 0,
      doc: { question: "2*3?" },
      target: "6",
      arguments: [["2*3?"]],
      resps: [["needle 6", "needle 7"]],
      filtered_resps: ["6", "7"],
      filter: "none"
    }
    const filler = { id: "x", prompt: "p", response: "The answer is 1.", answer: "1", padding: "y".repeat(1 << 20) }
    const set = setOf()
    await read(set, write("two.jsonl", lines([filler, filler, filler, filler, filler, { ...filler, id: "n", response: "needle" }, filler])))
    expect(await search(set, "needle")).toEqual([5])
    const line = setOf()
    await read(line, write("lm.jsonl", lines([two])))
    expect(await search(line, "needle")).toEqual([...all(line)])
  })
})

describe("a filter", () => {
  const events: Readonly<Record<RowEvent, (pattern: ReturnType<typeof graded>) => boolean>> = {
    "right-attempt": ({ attempts }) => attempts.some((a) => a.correct),
    "wrong-attempt": ({ attempts }) => attempts.some((a) => !a.correct),
    "stop-right": ({ attempts }) => attempts.some((a) => a.correct && a.decision === "STOP"),
    "resample-right": ({ attempts }) => attempts.some((a) => a.correct && a.decision === "RESAMPLE"),
    "stop-wrong": ({ attempts }) => attempts.some((a) => !a.correct && a.decision === "STOP"),
    "resample-wrong": ({ attempts }) => attempts.some((a) => !a.correct && a.decision === "RESAMPLE"),
    "first-right": ({ attempts }) => attempts[0]?.correct === true,
    "first-wrong": ({ attempts }) => attempts[0]?.correct === false,
    "wrong-to-right": ({ attempts }) => attempts.some((a, k) => k > 0 && !attempts[k - 1]!.correct && a.correct),
    "right-to-wrong": ({ attempts }) => attempts.some((a, k) => k > 0 && attempts[k - 1]!.correct && !a.correct),
    "wrong-to-wrong": ({ attempts }) => attempts.some((a, k) => k > 0 && !attempts[k - 1]!.correct && !a.correct),
    "right-to-right": ({ attempts }) => attempts.some((a, k) => k > 0 && attempts[k - 1]!.correct && a.correct),
    echo: ({ attempts }) => attempts.some((a, k) => k > 0 && attempts[k - 1]!.answer === a.answer),
    capped: ({ hitCap }) => hitCap === true,
    confirmed: ({ checks }) => checks > 0,
    unmarked: ({ unmarked }) => unmarked > 0,
    contradicted: ({ isContradicted }) => isContradicted === true
  }
  const graded = (set: RowSet, row: number) => {
    const { counts, isContradicted, rollout } = readTranscript(set.rollout(row).row, defaultReader)
    return { ...rollout, checks: counts.checks, unmarked: counts.unmarked, isContradicted }
  }

  it("chooses the rollouts to which it applies, each looked at by itself", () => {
    const some = <A>(values: ReadonlyArray<A>) => fc.option(fc.subarray([...values], { minLength: 1, maxLength: 2 }), { nil: undefined })
    const filters: fc.Arbitrary<RowFilter> = fc
      .record({
        levels: some(["2x1", "10x1"]),
        outcomes: some(OUTCOMES),
        events: some(ROW_EVENTS),
        attempts: fc.option(fc.tuple(fc.nat(2), fc.integer({ min: 2, max: 4 })), { nil: undefined })
      })
      .map((filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)))
    return fc.assert(
      fc.asyncProperty(
        simulatedPolicies(fc.integer({ min: 1, max: 9 }).map((n) => n / 10)),
        fc.array(filters, { maxLength: 8 }),
        async (policy, asked) => {
          const set = setOf()
          await read(set, write("filtered.jsonl", lines([...simulateTranscripts({ ...policy, level: "2x1" }), ...transcripts])))
          for (const { attempts, events: happening = [], levels, outcomes } of asked) {
            const expected = [...all(set)].filter((row) => {
              const rollout = graded(set, row)
              const isLevel = levels === undefined || levels.includes(rollout.level)
              const isOutcome = outcomes === undefined || outcomes.includes(rollout.outcome)
              const isLong = attempts === undefined || (rollout.attempts.length >= attempts[0] && rollout.attempts.length <= attempts[1])
              return isLevel && isOutcome && isLong && happening.every((event) => events[event](rollout))
            })
            const filter = { ...(attempts && { attempts }), events: happening, ...(levels && { levels }), ...(outcomes && { outcomes }) }
            expect([...selectRows(set.columns(), filter)]).toEqual(expected)
          }
        }
      ),
      { numRuns: 15 }
    )
  })

  it("knows the step that a row says, or its file's name, and the samples of a prompt", async () => {
    const set = setOf()
    await read(set, write("steps.jsonl", lines(transcripts)))
    expect([...selectRows(set.columns(), { steps: [2, 3] }, set.stepOfFile())]).toEqual([1, 2, 3])
    expect([...selectRows(set.columns(), { query: set.columns().query[0]! })]).toEqual([0, 1])
    const named = setOf()
    const run = join(folder, "run")
    mkdirSync(run)
    const rows = transcripts.map(({ step: _step, ...row }) => row)
    for (const step of [10, 20]) writeFileSync(join(run, `${step}.jsonl`), lines(rows))
    await read(named, run)
    expect([...selectRows(named.columns(), { steps: [15, 25] }, named.stepOfFile())]).toEqual([4, 5, 6, 7])
  })
})

describe("a rollout's text", () => {
  it("is cut into pieces that are its text again, with every candidate and marker among them", async () => {
    const set = setOf()
    await read(set, write("pieces.jsonl", lines(transcripts)))
    for (const row of all(set)) {
      const found = set.rollout(row).row
      const reading = readTranscript(found, defaultReader)
      const pieces = piecesOf(reading, found.response.length)
      expect(pieces.map(({ end, start }) => found.response.slice(start, end)).join("")).toBe(found.response)
      expect(pieces.filter(({ kind }) => kind === "candidate").length).toBe(
        attemptsOfPattern(`0${"a".repeat(reading.rollout.attempts.length)}`)
      )
      expect(pieces.every(({ end }, i) => end === (pieces[i + 1]?.start ?? found.response.length))).toBe(true)
    }
    const [, b] = transcripts
    const pieces = piecesOf(readTranscript({ ...b!, id: "b" }, defaultReader), b!.response.length)
    expect(pieces.map(({ attempt, end, kind, start }) => [b!.response.slice(start, end), kind, attempt])).toEqual([
      ["The answer is ", "plain", 0],
      ["5", "candidate", 0],
      [". ", "plain", 0],
      ["Wait", "marker", 0],
      [", that is wrong", "plain", 0],
      [". The answer is ", "plain", 1],
      ["6", "candidate", 1],
      [".", "plain", 1]
    ])
  })

  it("has log-probabilities where the tokens' texts are its own, with or without a prompt before them", () => {
    const content = [{ token: "6", logprob: -0.1 }, { token: " is", logprob: -2 }, { token: "<end>", logprob: -0.5 }]
    expect(placeLogProbs({ choices: [{ logprobs: { content } }] }, "6 is")).toEqual([
      { start: 0, end: 1, logProb: -0.1 },
      { start: 1, end: 4, logProb: -2 }
    ])
    expect(placeLogProbs({ tokens: ["2*3=", "6", " is"], logprobs: [null, -1, -2] }, "6 is")).toEqual([
      { start: 0, end: 1, logProb: -1 },
      { start: 1, end: 4, logProb: -2 }
    ])
    // Our own rows: ids, the texts of the response's, and log-probabilities of the prompt's tokens too.
    expect(placeLogProbs({ tokens: [4, 1, 2, 9], pieces: ["6", " is", "<end>"], logprobs: [0, -1, -2, -3] }, "6 is<end>")).toEqual([
      { start: 0, end: 1, logProb: -1 },
      { start: 1, end: 4, logProb: -2 },
      { start: 4, end: 9, logProb: -3 }
    ])
    expect(placeLogProbs({ tokens: [1, 2], pieces: ["6", " is"], logprobs: [-1] }, "6 is")).toBeUndefined()
    expect(placeLogProbs({ tokens: ["other"], logprobs: [-1] }, "6 is")).toBeUndefined()
    expect(placeLogProbs({ tokens: [1, 2], logprobs: [-1, -2] }, "6 is")).toBeUndefined()
  })

  it("has the further fields of its row that can be read at a glance", () => {
    const row = { id: "a", response: "long", score: 1, meta: { ok: true, deep: { list: [1] } }, text: "x".repeat(300), lines: "a\nb" }
    expect(fieldsOf(row, new Set(["long"]))).toEqual({ id: "a", score: "1", "meta.ok": "true" })
  })
})
