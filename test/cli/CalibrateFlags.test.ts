import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TranscriptCalibration } from "../../src/eval/transcripts/files/TranscriptCalibration.ts"
import { runProgram } from "../support/WarmProgram.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-flags-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const run = (...args: ReadonlyArray<string>) => runProgram(["calibrate", ...args, "--rounds", "50"], { cwd: folder })
const file = (name: string, rows: ReadonlyArray<object | string>): string => {
  const path = join(folder, name)
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row)) + "\n").join(""))
  return path
}
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(TranscriptCalibration))
const calibration = (...args: ReadonlyArray<string>) => {
  const { status, stderr, stdout } = run(...args, "--json")
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return decode(stdout)
}

describe("flags of reading", () => {
  it("--answers chooses the kind of answers, which the output names", () => {
    const path = file("kinds.jsonl", [
      { prompt: "Which?", response: "The answer is 0.5.", answer: "1/2" },
      { prompt: "Which one?", response: "The answer is 3.", answer: "3" }
    ])
    expect(calibration(path)).toMatchObject({ overall: { outcomes: { Correct: 2 } } })
    const asText = calibration(path, "--answers", "text")
    expect(asText.kinds).toEqual({ text: 2 })
    expect(asText.overall.outcomes).toMatchObject({ Correct: 1, Wrong: 1 })
    expect(run(path, "--answers", "poem").status).toBe(1)
  })

  it("--grade takes a grader of one's own, for calibration and for --explain", () => {
    // Even numbers are right, whatever the reference says.
    const grader = `export const even = {
      kind: "even",
      reference: ({ text }) => ({ answer: text, check: (answer) => Number(answer) % 2 === 0 ? "Correct" : "Wrong" }),
      value: (text, from, to) => {
        const match = /\\d+/.exec(text.slice(from, to))
        return match === null ? undefined : { start: from + match.index, end: from + match.index + match[0].length, answer: match[0] }
      }
    }`
    writeFileSync(join(folder, "own.mjs"), grader)
    const path = file("own.jsonl", [
      { id: "a", prompt: "Which?", response: "The answer is 4.", answer: "7" },
      { id: "b", prompt: "Which one?", response: "The answer is 7.", answer: "7" }
    ])
    const { kinds, overall } = calibration(path, "--grade", "./own.mjs#even")
    expect(kinds).toEqual({ even: 2 })
    expect(overall.outcomes).toMatchObject({ Correct: 1, Wrong: 1 })
    expect(JSON.parse(run(path, "--grade", "./own.mjs#even", "--explain", "a", "--json").stdout)).toMatchObject({
      kind: "even",
      outcome: "Correct",
      attempts: [{ answer: "4", correct: true, decision: "STOP", start: 14, end: 15, announced: "words" }]
    })
    const { status, stderr, stdout } = run(path, "--grade", "./own.mjs#odd")
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" })
    expect(stderr).toMatch(/--grade is "\.\/own\.mjs#odd"; expected a module with the export odd; it has even/)
  })

  it("--score-field reads the rows' own verdict, and counts where ours is another", () => {
    const rows = [
      { prompt: "Which?", response: "The answer is 4.", answer: "4", passed: 1 },
      { prompt: "Which one?", response: "The answer is 5.", answer: "4", passed: 1 },
      { prompt: "Which two?", response: "The answer is 6.", passed: 0 },
      { prompt: "Which three?", response: "The answer is 6. Wait, no. The answer is 7.", passed: true }
    ]
    const path = file("scored.jsonl", rows)
    const scored = calibration(path, "--score-field", "passed")
    expect(scored.overall.outcomes).toMatchObject({ Correct: 3, Wrong: 1, GoldInvalid: 0 })
    expect(scored.reading!.notes).toContain(
      "Our grading contradicts the rows' own verdicts in 1 of 2, e.g. 2: look at them with --explain."
    )
    expect(calibration(path).overall.outcomes).toMatchObject({ Correct: 1, Wrong: 1, GoldInvalid: 2 })
  })

  it("attempts ready made are taken as they are", () => {
    const wrong = { correct: false, decision: "RESAMPLE" }
    const right = { correct: true, decision: "STOP" }
    const { kinds, overall } = calibration(file("given.jsonl", [
      { prompt: "a", attempts: [wrong, right] },
      { prompt: "b", attempts: [right] },
      { prompt: "c", attempts: [{ ...wrong, decision: "STOP" }] }
    ]))
    expect(kinds).toEqual({ given: 3 })
    expect(overall.counts).toEqual({ correctStop: 2, correctResample: 0, wrongStop: 1, wrongResample: 1 })
  })
})

describe("exit codes", () => {
  const good = (k: number) => ({ prompt: `Case ${k}: how many?`, response: `The answer is ${k}.`, answer: String(k) })
  const lacking = (k: number) => ({ prompt: `Case ${k}: how many?`, response: `The answer is ${k}.` })

  it.each<readonly [what: string, rows: ReadonlyArray<object>]>([
    ["no row has a reference answer", [lacking(1), lacking(2)]],
    ["one row has none", [lacking(1)]]
  ])("1 where nothing is usable: %s", (_, rows) => {
    const { status, stderr } = run(file("lacking.jsonl", rows))
    expect(status).toBe(1)
    expect(stderr).toMatch(/lacking\.jsonl: .*(?:no|none|could not).*--score-field/is)
  })

  it("1 where no row can be read", () => {
    const { status, stderr, stdout } = run(file("unreadable.jsonl", ["{oops", "{also"]), "--format", "plain")
    expect(status).toBe(1)
    expect(stdout).toMatch(/^NOTHING COULD BE COUNTED: of 2 rows 2 could not be read/)
    expect(stderr).toMatch(/unreadable\.jsonl:1: not JSON[^]*unreadable\.jsonl:2: not JSON/)
  })

  it("0 where few rows are of no use, with --strict too; 1 with it where more than 5 % are", () => {
    const many = Array.from({ length: 40 }, (_, k) => good(k))
    const few = file("few.jsonl", [...many, lacking(40)])
    expect([run(few).status, run(few, "--strict").status]).toEqual([0, 0])
    const more = file("more.jsonl", [...many, lacking(40), lacking(41), lacking(42)])
    expect(run(more).status).toBe(0)
    const strict = run(more, "--strict")
    expect(strict.status).toBe(1)
    expect(strict.stderr).toMatch(/more\.jsonl: .*7\.0 % of 43 rows could not be used \(3 had no usable reference answer\)/)
  })
})
