import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { Effect, Fiber, Schema, Stream } from "effect"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { calibrateFiles, compareFiles } from "../../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { poolTallies } from "../../../../src/eval/transcripts/PoolTallies.ts"
import { readBlock } from "../../../../src/eval/transcripts/ReadBlock.ts"
import { defaultReader } from "../../../../src/eval/transcripts/Reader.ts"
import { calibrateSteps, followSteps } from "../../../../src/eval/transcripts/steps/CalibrateSteps.ts"
import { compareSteps } from "../../../../src/eval/transcripts/steps/CompareSteps.ts"
import { makeStepsReader, type StepsReader } from "../../../../src/eval/transcripts/steps/ReadSteps.ts"
import { findStepFiles } from "../../../../src/eval/transcripts/steps/StepFiles.ts"
import { StepsCalibration } from "../../../../src/eval/transcripts/steps/StepsCalibration.ts"
import { type LevelTally, makeTallies } from "../../../../src/eval/transcripts/Tallies.ts"
import { verlRows, type VerlRun, verlText, writeVerlRun } from "../../../support/VerlRun.ts"
import { thisThread } from "../../../support/ThisThread.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-steps-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const rounds = 40
const learning: Omit<VerlRun, "folder" | "steps"> = {
  policy: (step) => ({ pResampleGivenWrong: 0.2 + 0.06 * step, n: 24, rolloutsPerQuery: 2 }),
  hasExtras: true
}
const write = (name: string, run: Partial<VerlRun> = {}): string =>
  writeVerlRun({ ...learning, steps: [1, 2, 3, 4], ...run, folder: join(folder, name) })
const run = (effect: Effect.Effect<unknown, Error, never>) => Effect.runPromise(effect)
const steps = (input: string | ReadonlyArray<string>, options = {}) =>
  Effect.runPromise(Effect.scoped(calibrateSteps(input, { rounds, ...options })))
const failure = (input: string | ReadonlyArray<string>, options = {}) =>
  Effect.runPromise(Effect.flip(Effect.scoped(calibrateSteps(input, { rounds, ...options })))).then(({ message }) => message)

const readerOf = (isFollowed: boolean, blockBytes: number): StepsReader =>
  makeStepsReader({ threads: thisThread, isStrict: false, isFollowed, blockBytes })

const plain = (levels: ReadonlyArray<LevelTally>) =>
  levels.map(({ level, patterns, queries, signatures }) => ({
    level,
    patterns: [...patterns].sort(),
    queries: [...queries()].sort(([a], [b]) => a - b),
    signatures: [...signatures].sort()
  })).sort((a, b) => (a.level < b.level ? -1 : 1))
const contents = (reader: StepsReader) => ({
  steps: reader.steps().map((step) => ({ ...step, version: "", levels: plain(step.levels) })),
  parts: reader.files().map(({ file, part }) => ({ ...part, file: file.file, steps: undefined }))
})

describe("laws", () => {
  it("a row says what calibrate says of its file, and its differences what compare says of the two files, to the last bit", async () => {
    const path = write("laws")
    const { steps: rows } = await steps(path)
    for (const [k, row] of rows.entries()) {
      const file = join(path, `${k + 1}.jsonl`)
      const { overall } = await Effect.runPromise(calibrateFiles(file, { rounds }))
      expect(overall).toMatchObject(row.overall)
      if (k === 0) continue
      const comparison = await Effect.runPromise(Effect.scoped(compareFiles(join(path, "1.jsonl"), file, { rounds })))
      expect(row.sinceFirst!.overall).toEqual(comparison.overall)
    }
  })

  it("all steps pooled are a calibration of the folder, and a validation dump pairs its prompts", async () => {
    const path = write("pooled", { isValidation: true })
    const { steps: rows } = await steps(path, { window: 100 })
    const files = [1, 2, 3, 4].map((step) => join(path, `${step}.jsonl`))
    const { overall } = await Effect.runPromise(calibrateFiles(files, { rounds }))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ first: 1, last: 100, steps: 4, rows: 4 * 48 })
    expect(overall).toMatchObject(rows[0]!.overall)
    const { steps: apart } = await steps(path)
    expect(apart.slice(1).map(({ sinceFirst }) => sinceFirst!.overall.paired)).toEqual([24, 24, 24])
  })

  it("tallies pooled from any split, in any order, are the tallies of the whole", () => {
    const rows = [1, 2, 3].flatMap((step) => verlRows({ ...learning, isValidation: true }, step))
    const reading = readBlock(Buffer.from(rows.map((row) => JSON.stringify(row) + "\n").join("")), {}, defaultReader)
    const tally = (kept: (i: number) => boolean) => {
      const { kind, kinds, query } = reading.marks
      const places = [...kind.keys()].filter(kept)
      const tallies = makeTallies()
      tallies.addMarks({ kinds, kind: Uint32Array.from(places, (i) => kind[i]!), query: Float64Array.from(places, (i) => query[i]!) })
      return tallies.levels()
    }
    const whole = plain(tally(() => true).filter(({ patterns }) => [...patterns.values()].some((count) => count > 0)))
    const used = (levels: ReadonlyArray<LevelTally>) =>
      plain(levels).map((level) => ({ ...level, patterns: level.patterns.filter(([, count]) => count > 0) }))
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: rows.length, maxLength: rows.length }), fc.boolean(), (part, isReversed) => {
        const parts = [0, 1, 2, 3].map((k) => tally((i) => part[i] === k))
        const pooled = poolTallies(isReversed ? parts.toReversed() : parts)
        expect(used(pooled)).toEqual(whole.map((level) => ({ ...level, patterns: level.patterns.filter(([, count]) => count > 0) })))
      }),
      { numRuns: 25 }
    )
  })

  it("a file read as it grows, cut anywhere, is the file read at its end", async () => {
    const path = join(folder, "growing")
    const whole = Buffer.from(verlText(learning, 1) + verlText(learning, 2) + "not json\n" + verlText(learning, 3))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 6 }),
        fc.constantFrom(1500, 4000, 1 << 18),
        async (places, blockBytes) => {
          rmSync(path, { recursive: true, force: true })
          mkdirSync(path)
          const file = join(path, "rollouts.jsonl")
          const reader = readerOf(true, blockBytes)
          writeFileSync(file, "")
          let from = 0
          for (const to of [...places.toSorted((a, b) => a - b), whole.length]) {
            appendFileSync(file, whole.subarray(from, to))
            from = to
            await reader.read(findStepFiles([path]).files)
          }
          const atEnd = readerOf(false, blockBytes)
          await atEnd.read(findStepFiles([path]).files)
          expect(contents(reader)).toEqual(contents(atEnd))
          expect(reader.changes()).toEqual({ rewritten: 0, gone: 0 })
        }
      ),
      { numRuns: 12 }
    )
  })

  it("what following says of a run is what calibrating it at its end says, to the last bit", async () => {
    const path = join(folder, "followed")
    const [complete] = [write("complete")]
    const updates: Array<ReadonlyArray<number>> = []
    const last = new Map<number, unknown>()
    const fiber = Effect.runFork(Stream.runForEach(followSteps(path, { rounds, poll: 60, until: 4 }), ({ rows }) =>
      Effect.sync(() => {
        if (rows.length > 0) updates.push(rows.map((row) => row.last))
        for (const row of rows) last.set(row.last, row)
      })))
    for (const step of [2, 1, 3, 4]) {
      await new Promise((resolve) => setTimeout(resolve, 250))
      mkdirSync(path, { recursive: true })
      const text = readFileSync(join(complete, `${step}.jsonl`))
      // In two pieces, the first with half a line.
      writeFileSync(join(path, `${step}.jsonl`), text.subarray(0, 5001))
      await new Promise((resolve) => setTimeout(resolve, 150))
      appendFileSync(join(path, `${step}.jsonl`), text.subarray(5001))
    }
    await Effect.runPromise(Fiber.join(fiber))
    expect([...last].sort(([a], [b]) => a - b).map(([, row]) => row)).toEqual((await steps(path)).steps)
    expect(updates.flat().at(-1)).toBe(4)
  })
})

describe("what changes under a run that is followed", () => {
  it("reads only what is new; a file that shrank, was replaced or went is noticed", async () => {
    const path = write("changes")
    const reader = readerOf(true, 4000)
    const read = () => reader.read(findStepFiles([path]).files)
    expect(await read()).toHaveLength(4)
    expect(await read()).toEqual([])
    const rowsOf = () => reader.steps().map(({ rows }) => rows)
    const file = (step: number) => join(path, `${step}.jsonl`)
    appendFileSync(file(4), verlText(learning, 4))
    expect(await read()).toEqual([file(4)])
    expect(rowsOf()).toEqual([48, 48, 48, 96])
    // A resumed run writes a step anew, with more bytes than before.
    writeFileSync(file(3), verlText({ ...learning, policy: () => ({ seed: 77, n: 30, rolloutsPerQuery: 2 }) }, 3))
    truncateSync(file(2), readFileSync(file(2)).indexOf("\n") + 1)
    await read()
    expect(rowsOf()).toEqual([48, 1, 60, 96])
    expect(reader.changes()).toEqual({ rewritten: 2, gone: 0 })
    rmSync(file(4))
    await read()
    expect(reader.changes()).toEqual({ rewritten: 2, gone: 1 })
    expect(reader.steps().map(({ step }) => step)).toEqual([1, 2, 3])
    // Touched, and the same.
    utimesSync(file(1), new Date(), new Date(Date.now() + 5000))
    expect(await read()).toEqual([file(1)])
    expect(rowsOf()).toEqual([48, 1, 60])
    expect(reader.changes().rewritten).toBe(2)
  })

  it("a Parquet file that is half written is read when it is whole", async () => {
    const path = join(folder, "trl")
    mkdirSync(path)
    const rows = verlRows(learning, 5) as ReadonlyArray<{ readonly input: string; readonly output: string; readonly gts: string }>
    // As TRL 1.16 writes them: chat messages, a reward a function, the advantage.
    const bytes = Buffer.from(parquetWriteBuffer({
      columnData: [
        { name: "step", data: rows.map(() => 5n), type: "INT64" },
        { name: "prompt", data: rows.map(({ input }) => JSON.stringify([{ role: "user", content: input }])), type: "STRING" },
        { name: "completion", data: rows.map(({ output }) => JSON.stringify([{ role: "assistant", content: output }])), type: "STRING" },
        { name: "answer", data: rows.map(({ gts }) => gts), type: "STRING" },
        { name: "advantage", data: rows.map(() => 0), type: "DOUBLE" }
      ]
    }))
    const file = join(path, "completions_00005.parquet")
    writeFileSync(file, bytes.subarray(0, bytes.length - 10))
    const reader = readerOf(true, 4000)
    await reader.read(findStepFiles([path]).files)
    expect(reader.steps()).toEqual([])
    expect(reader.files()[0]!.problem?.message).toMatch(/completions_00005\.parquet: .*whole Parquet file/)
    writeFileSync(file, bytes)
    await reader.read(findStepFiles([path]).files)
    expect(reader.steps()).toMatchObject([{ step: 5, rows: 48, told: 0 }])
    expect(await steps(path)).toMatchObject({
      formats: { trl: 48 },
      findings: { sentences: [expect.stringMatching(/^Step 5 alone is there/), expect.stringMatching(/^No step's rows say/)] }
    })
    await run(Effect.scoped(compareSteps(`${path}@5`, `${path}@5`, { rounds })))
  })

  it("ends when it is interrupted, and waits where there is nothing yet", async () => {
    const seen: Array<number> = []
    const fiber = Effect.runFork(
      Stream.runForEach(
        followSteps(join(folder, "not-yet"), { poll: 20 }),
        ({ calibration }) => Effect.sync(() => seen.push(calibration.steps.length))
      )
    )
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 20))
    await Effect.runPromise(Fiber.interrupt(fiber))
    const looks = seen.length
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(seen.length).toBe(looks)
    expect(new Set(seen)).toEqual(new Set([0]))
  })
})

describe("steps", () => {
  const lines = (rows: ReadonlyArray<object>): string => rows.map((row) => JSON.stringify(row) + "\n").join("")
  const put = (name: string, files: Readonly<Record<string, string | Buffer>>): string => {
    const path = join(folder, name)
    mkdirSync(path, { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text)
    return path
  }
  const said = (calibration: StepsCalibration): string => calibration.findings.sentences.join("\n")

  it("one file may hold many, in any order; a row's own step counts before its file's name, and the difference is said", async () => {
    const rows = [3, 1, 2].flatMap((step) => verlRows(learning, step))
    const mixed = await steps(join(put("mixed", { "all.jsonl": lines(rows) }), "all.jsonl"))
    expect(mixed.steps.map(({ first, rows: count }) => [first, count])).toEqual([[1, 48], [2, 48], [3, 48]])
    const apart = await steps(write("apart", { steps: [1, 2, 3] }))
    expect(mixed.steps.map(({ overall }) => overall)).toEqual(apart.steps.map(({ overall }) => overall))
    const disagreeing = await steps(put("disagreeing", { "7.jsonl": lines(rows), "8.jsonl": lines(verlRows(learning, 8)) }))
    expect(disagreeing.steps.map(({ first }) => first)).toEqual([1, 2, 3, 8])
    expect(said(disagreeing)).toMatch(
      /144 rows of 1 file say another step than the file's name, and count for the one that they say: .*7\.jsonl/
    )
    const error = await Effect.runPromise(
      Effect.flip(Effect.scoped(compareSteps(`${join(folder, "disagreeing")}@7`, `${join(folder, "disagreeing")}@8`)))
    )
    expect(error.message).toMatch(/144 rows of another step than the file's name says/)
  })

  it("names what is missing, unread, without a step, not told and left out; --strict fails instead", async () => {
    const text = (step: number, run: object = learning) => verlText({ ...learning, ...run }, step)
    const path = put("gaps", {
      "1.jsonl": text(1),
      "2.jsonl": text(2, { hasExtras: false }),
      "3.jsonl": text(3) + "{\"input\": \"half",
      "5.jsonl": text(5),
      "6.jsonl": "\u001f\u008bno gzip",
      "7.jsonl": gzipSync(Buffer.from(text(7))).subarray(0, 400),
      "train.log": "step 1"
    })
    const calibration = await steps(path)
    expect(calibration.steps.map(({ first }) => first)).toEqual([1, 2, 3, 5])
    expect(calibration.steps.map(({ badRows, endTold }) => [badRows, endTold])).toEqual([[0, 48], [0, 0], [1, 48], [0, 48]])
    const words = said(calibration)
    expect(words).toContain("these are missing: 4.")
    expect(words).toMatch(/The rows of step 2 do not say which responses were cut off/)
    expect(words).toMatch(/2 files could not be read and are left out: .*6\.jsonl/)
    expect(words).toContain("1 row could not be used.")
    expect(words).toMatch(/Left out are 1 other file of the folder: .*train\.log/)
    expect(calibration.badRows).toMatchObject([{ line: 49 }])
    expect(await failure(path, { isStrict: true })).toMatch(/\.jsonl/)
    // What is still being written waits where the run is followed.
    const [update] = await Effect.runPromise(Stream.runCollect(Stream.take(followSteps(path, { rounds, poll: 10 }), 1)))
    expect(update!.calibration.badRowCount).toBe(0)
    expect(said(update!.calibration)).toMatch(/A last line that is not whole waits in .*3\.jsonl/)
  })

  it("says where the same rollouts are there again, and where a step has several times the rows of others", async () => {
    const text = (step: number) => verlText(learning, step)
    const logged = (step: number) => lines(verlRows(learning, 1).map((row) => ({ ...row, step })))
    const again = said(await steps(put("again", { "1.jsonl": logged(1), "2.jsonl": logged(2), "3.jsonl": logged(3), "4.jsonl": text(4) })))
    expect(again).toContain("Steps 2, 3 have the very prompts and attempts of the step before: are the same rollouts written again?")
    const twice = said(
      await steps(put("resumed", { "1.jsonl": text(1), "2.jsonl": text(2) + text(2), "3.jsonl": text(3), "4.jsonl": text(4) }))
    )
    expect(twice).toContain("Step 2 has 96 rows, where most have 48: did a resumed run write it again? All of them count.")
    // The same prompts with other attempts, as a validation dump has them, are no repetition; neither is a run of which nothing is.
    const validation = said(await steps(write("validated", { isValidation: true })))
    for (const words of [validation, twice]) expect(words).not.toContain("of the step before")
    for (const words of [validation, again]) expect(words).not.toContain("did a resumed run")
  })

  it("fails with what to do: no file, no step, no row, no format, options that make no sense", async () => {
    expect(await failure(put("nothing", { "train.log": "x" }))).toMatch(/no file of rollouts .*only others such as .*train\.log/)
    const bare = verlRows(learning, 1).map((row) => ({ ...row, step: undefined }))
    expect(await failure(put("stepless", { "rollouts.jsonl": lines(bare) }))).toMatch(
      /48 rows, and none says a step\. Name files by their steps/
    )
    expect(await failure(put("blank", { "1.jsonl": "\n\n" }))).toMatch(/no row, only blank lines/)
    expect(await failure(put("foreign", { "1.jsonl": "{\"loss\": 1}\n" }))).toMatch(/the format of .*1\.jsonl is unknown/)
    const path = write("options", { steps: [1, 2] })
    expect(await failure(path, { window: 0 })).toMatch(/window is 0; expected a whole number of 1 or more/)
    expect(await failure(path, { window: 2, every: 2 })).toMatch(/one of the two/)
    expect(await failure(path, { trainLevels: ["9x9"] })).toMatch(/9x9/)
    expect(await failure(path, { cap: 1 })).toMatch(/cap is 1; expected at least/)
  })

  it("--every leaves steps out before they are read, windows pool, `most` thins what is computed", async () => {
    const path = write("many", { steps: [0, 1, 2, 3, 4, 5, 6, 7, 8], policy: () => ({ n: 3, rolloutsPerQuery: 1 }) })
    const some = await steps(path, { every: 4 })
    expect([some.files, some.steps.map(({ first }) => first)]).toEqual([3, [0, 4, 8]])
    const pooled = await steps(path, { window: 4 })
    expect(pooled.steps.map(({ first, last, steps: count }) => [first, last, count])).toEqual([[0, 0, 1], [1, 4, 4], [5, 8, 4]])
    const thinned = await steps(path, { most: 3 })
    expect([thinned.rowCount, thinned.steps.map(({ first }) => first)]).toEqual([9, [0, 4, 8]])
    expect(said(thinned)).toMatch(/^TOO FEW PROMPTS: with fewer than 10 in a row there is no interval \(3 in step 0, 3 in step 8\)/)
    expect(thinned.findings).toMatchObject({ verdict: "undecided", window: 4 })
  })

  it("says what moved: deciding, sampling, or not distinguishable yet; and when the mix of levels did", async () => {
    const big = { n: 60, rolloutsPerQuery: 4 }
    const deciding = await steps(
      write("deciding", { steps: [1, 2], policy: (step) => ({ ...big, pResampleGivenWrong: step === 1 ? 0.1 : 0.9 }) })
    )
    expect(deciding.findings).toMatchObject({ verdict: "decision", accuracy: "better" })
    expect(said(deciding)).toMatch(/Over training this run learnt to decide rather than to sample: \+\d+\.\d of \+\d+\.\d points\./)
    const sampling = await steps(write("sampling", { steps: [1, 2], policy: (step) => ({ ...big, pSample: step === 1 ? 0.3 : 0.8 }) }))
    expect(sampling.findings).toMatchObject({ verdict: "sampling", accuracy: "better" })
    const still = await steps(
      write("still", {
        steps: [1, 2, 3, 4, 5, 6, 7, 8],
        isValidation: true,
        policy: (step) => ({ n: 24, rolloutsPerQuery: 2, pSample: 0.5 + 0.001 * step })
      })
    )
    expect(still.findings).toMatchObject({ verdict: "undecided", window: expect.any(Number) })
    expect(said(still)).toMatch(
      /^Not distinguishable yet: from step 1 to step 8 accuracy moved by .* points \(.*\), by sampling .*, by decision /
    )
    expect(said(still)).toMatch(/Pool steps to see smaller changes: --window \d makes ±/)
    expect(said(still)).toMatch(/hold at each row alone \(pointwise\)/)
    const levels = await steps(write("levels", { steps: [1, 2], policy: (step) => ({ level: step === 1 ? "3x3" : "3x4" }) }))
    expect(said(levels)).toMatch(/^Step 1 and step 2 have no level with finished responses in common/)
    expect(said(levels)).toMatch(/The mix of levels is another at the end: "3x3" is 100.0 % of step 1 and 0.0 % of step 2/)
  })

  it("files of one step in a series with a star are pooled, and that is said; the result decodes", async () => {
    const path = put("shards", {
      "1_rank0.jsonl": verlText(learning, 1),
      "1_rank1.jsonl": verlText({ ...learning, policy: () => ({ seed: 9, n: 24, rolloutsPerQuery: 2 }) }, 1)
    })
    const pooled = await steps(join(path, "{step}_rank*.jsonl"))
    expect(pooled.steps.map(({ rows }) => rows)).toEqual([96])
    expect(said(pooled)).toMatch(/1 step is in several files, which are pooled: 1 /)
    expect(Schema.decodeUnknownSync(StepsCalibration)(JSON.parse(JSON.stringify(pooled)))).toEqual(pooled)
    renameSync(join(path, "1_rank1.jsonl"), join(path, "2_rank1.jsonl"))
    expect((await steps(join(path, "{step}_rank*.jsonl"))).steps.map(({ rows }) => rows)).toEqual([96])
  })
})

describe("compareSteps", () => {
  it("compares two steps, or two windows, as their files would be compared", async () => {
    const path = write("compared")
    const file = (step: number) => join(path, `${step}.jsonl`)
    const named = (from: string, to: string) => Effect.runPromise(Effect.scoped(compareSteps(from, to, { rounds })))
    const files = (from: ReadonlyArray<string>, to: ReadonlyArray<string>) =>
      Effect.runPromise(Effect.scoped(compareFiles(from, to, { rounds })))
    const one = await named(`${path}@1`, `${path}@4`)
    expect(one.overall).toEqual((await files([file(1)], [file(4)])).overall)
    expect([one.from, one.inputs!.to]).toEqual([`${path}@1`, [{ file: file(4), format: "verl", rows: 48 }]])
    expect((await named(`${path}@1-2`, file(4))).overall).toEqual((await files([file(1), file(2)], [file(4)])).overall)
    const message = (from: string, to: string) =>
      Effect.runPromise(Effect.flip(Effect.scoped(compareSteps(from, to)))).then((error) => error.message)
    expect(await message(path, `${path}@1`)).toContain(`expected a step of it, or several: ${path}@10`)
    expect(await message(`${path}@1`, `${path}@9`)).toMatch(/no rows of step 9\. There are 4 steps, 1 to 4/)
    expect(await message(`${path}@3-1`, `${path}@4`)).toMatch(/the first step before the last/)
  })
})
