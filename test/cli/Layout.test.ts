import { fileURLToPath } from "node:url"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { attributionText } from "../../src/cli/attribute/AttributionText.ts"
import { calibrationText } from "../../src/cli/calibrate/CalibrationText.ts"
import { levelNames } from "../../src/cli/calibrate/Columns.ts"
import { comparisonText } from "../../src/cli/calibrate/ComparisonText.ts"
import { beside, columns, cutTo, layOut, shortened, table, TERMINAL_WIDTH, widthFor, widthOf, wrap } from "../../src/cli/Layout.ts"
import { startAttribution } from "../../src/eval/attribute/Accumulate.ts"
import { readAttributionRow } from "../../src/eval/attribute/AttributionInput.ts"
import type { EvaluatedRollout } from "../../src/eval/calibration/EvaluatedRollout.ts"
import { simulate } from "../../src/eval/calibration/Simulate.ts"
import { calibrateTallies, compareTallies } from "../../src/eval/transcripts/CalibrateTallies.ts"
import { describeTallies } from "../../src/eval/transcripts/DescribeTallies.ts"
import { makeTallies } from "../../src/eval/transcripts/Tallies.ts"
import { runProgram } from "../support/WarmProgram.ts"

const longest = (text: string): number => text.split("\n").reduce((most, line) => Math.max(most, widthOf(line)), 0)

const WIDTHS = [60, 80, 100, 120]

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 30, n: 24, rolloutsPerQuery: 4, seed: 3, cutAfter: 6 }
const LEVELS: Readonly<Record<string, ReadonlyArray<string>>> = {
  "one level": ["3x4"],
  "many levels": Array.from({ length: 40 }, (_, k) => `level ${k}`),
  "wide names": [
    "algebra/linear equations in one unknown",
    "algebra/linear equations in two unknowns",
    "代数方程式の解き方と証明の練習",
    "😀".repeat(30)
  ],
  "names of others": ["a".repeat(5_000), "b\u001b[2J\n\u202ec", " ", "e\u0301".repeat(300)]
}
const talliesOf = (rollouts: ReadonlyArray<EvaluatedRollout>) => {
  const tallies = makeTallies()
  for (const rollout of rollouts) tallies.add(rollout)
  return tallies.levels()
}
const of = (levels: ReadonlyArray<string>, changes: Partial<typeof policy> = {}) =>
  talliesOf(levels.flatMap((level, k) => simulate({ ...policy, ...changes, level, seed: 3 + k })))

describe("no line is wider than the screen", () => {
  const cases = Object.entries(LEVELS).flatMap(([what, levels]) => WIDTHS.map((width) => [what, width, levels] as const))

  it.each(cases)("calibration and comparison: %s, %i columns", (_, width, names) => {
    const levels = of(names)
    const options = { rounds: 20, trainLevels: [names[0]!] }
    const text = calibrationText(
      describeTallies(calibrateTallies(levels, names.length > 1 ? options : { rounds: 20 }), levels, { badRowCount: 1, badRows: [] }),
      width
    )
    expect(longest(text)).toBeLessThanOrEqual(width)
    expect(text).toMatch(/^In short: /)
    const [from, to] = ["before", "after"].map((id, k) => ({
      id: `/home/somebody/experiments/${"a-very-long-folder/".repeat(10)}${id}.jsonl`,
      levels: of(names, { pSample: 0.4 + 0.2 * k })
    }))
    expect(longest(comparisonText(compareTallies(from!, to!, { rounds: 20 }), width))).toBeLessThanOrEqual(width)
  })

  it.each(WIDTHS)("attribution with parts of long names: %i columns", (width) => {
    const part = "a-part-of-a-partition-with-a-name-that-is-longer-than-most"
    const accumulator = startAttribution({ gamma: 1, beta: 1, constant: 1 }, { partition: { names: [part, "decision"] } })
    for (const length of [2, 8, 40]) {
      const logprobs = Array.from({ length: length + 1 }, (_, i) => -0.1 - (i % 3) / 10)
      const line = JSON.stringify({
        logprobs,
        ref_logprobs: logprobs.map((value) => value - 0.2),
        old_logprobs: logprobs,
        advantage: 1,
        spans: [
          { kind: "sample", start: 0, end: length, part },
          { kind: "decision", start: length, end: length + 1, action: "STOP", part: "decision" }
        ]
      })
      accumulator.add(Result.getOrThrow(readAttributionRow(line, "line 1")))
    }
    accumulator.refuse(7, `no number ${"x".repeat(400)}`)
    const text = attributionText(accumulator.report(), width)
    expect(text).toContain("line 7")
    expect(longest(text)).toBeLessThanOrEqual(width)
  })
})

describe("what commands print fits the terminal that COLUMNS tells of", () => {
  const llama = fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url))
  const commands = [["theory", "appendix-c"], ["theory", "figure-1"], ["theory", "claims"], ["model", "info", llama]]

  it.each(commands.flatMap((args) => [60, 80].map((width) => [args.slice(0, 2).join(" "), width, args] as const)))(
    "%s, %i columns",
    (_, width, args) => {
      const { status, stdout } = runProgram(args, { env: { COLUMNS: String(width) } })
      expect(status).toBe(0)
      expect(longest(stdout)).toBeLessThanOrEqual(width)
      expect(stdout.split("\n").length).toBeGreaterThan(10)
    }
  )
})

describe("a table", () => {
  const rows = [["level", "one", "two", "three"], ["a", "1", "22", "333"], ["bcd", "4444", "5", "6"]]

  it("stands side by side where it fits, numbers flush right", () => {
    expect(table(columns(rows))).toBe("level   one  two  three\na         1   22    333\nbcd    4444    5      6")
    expect(table(columns(rows, "left"))).toBe("level  one   two  three\na      1     22   333\nbcd    4444  5    6")
  })

  it("goes on below under the same labels where it does not, about as much each time, and loses nothing", () => {
    const heads = ["level", ...Array.from({ length: 9 }, (_, k) => `column ${k}`)]
    const wide = [heads, ["of a name", ...heads.slice(1).map((_, k) => String(k))]]
    const parts = table(columns(wide), 60).split("\n\n")
    expect(parts.map((part) => part.split("\n")[0]!.match(/column \d/g)!.length)).toEqual([5, 4])
    expect(parts.join("\n").match(/column \d/g)).toEqual(heads.slice(1))
    for (const part of parts) expect(part.split("\n").map((line) => line.slice(0, 9).trim())).toEqual(["level", "of a name"])
  })

  it("keeps a column beside the one before it, where that is asked for", () => {
    const heads = ["level", "estimate", "its p", "estimate", "its p"]
    const text = table({ rows: [heads, ["a", "1".repeat(20), "0.5", "2".repeat(20), "0.7"]], kept: [2, 4] }, 60)
    expect(text.split("\n\n").map((part) => part.split("\n")[0]!.trim().split(/ {2,}/))).toEqual([heads.slice(0, 3), [
      "level",
      "estimate",
      "its p"
    ]])
  })

  it("shortens a cell that is wider than the screen, with a mark", () => {
    const text = table(columns([["name", "value"], ["x".repeat(300), "y".repeat(300)]]), 60)
    expect(longest(text)).toBeLessThanOrEqual(60)
    expect(text.match(/…/g)).toHaveLength(2)
  })
})

describe("sentences", () => {
  it("break between words, keep a number with its percent sign, and break a word that is longer than the line", () => {
    const lines = wrap(Array.from({ length: 60 }, (_, k) => `${k}.5 %`).join(" ")).split("\n")
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.every((line) => line.length <= TERMINAL_WIDTH && line.endsWith("%"))).toBe(true)
    const broken = wrap(`see ${"x".repeat(200)} there`, 60)
    expect(longest(broken)).toBe(60)
    expect(broken.replaceAll(/\n {2}/g, "")).toBe(`see${"x".repeat(200)} there`)
    expect(wrap("  set in", 60)).toBe("  set in")
    expect(longest(wrap("代数".repeat(100), 61))).toBeLessThanOrEqual(61)
  })

  it("stand beside a name, or below it where the name is long", () => {
    expect(beside("name", "one two three", 8, 14)).toBe("name    one\n        two\n        three")
    expect(beside("a", "first\nsecond", 4, 60)).toBe("a   first\n    second")
    expect(layOut(["a b", "", columns([["x", "y"]])], 60)).toBe("a b\n\nx  y")
  })

  it("texts are cut by what a terminal shows of them", () => {
    expect(cutTo("代数代数", 5)).toBe("代数")
    expect(shortened("12345", 5)).toBe("12345")
    expect(shortened("123456", 5)).toBe("1234…")
    expect(["é", "e\u0301", "代数", "😀"].map(widthOf)).toEqual([1, 1, 4, 2])
  })
})

describe("names of levels", () => {
  it("of at most 20 columns stand as they are and steer no terminal", () => {
    const { legend, of } = levelNames(["3x4", "twenty characters ok", "a\u001b[2Jb\n"])
    expect(["3x4", "twenty characters ok", "a\u001b[2Jb\n"].map(of)).toEqual(["3x4", "twenty characters ok", "a\uFFFD[2Jb\uFFFD"])
    expect(legend).toEqual([])
  })

  it("longer ones end with a mark, differ, and are told in full once", () => {
    const long = ["a level of more than twenty, first", "a level of more than twenty, second", "代数".repeat(6)]
    const { legend, of } = levelNames(long)
    expect(long.map(of)).toEqual(["a level of more tha…", "a level of more th…2", "代数代数代数代数代…"])
    for (const level of long) expect(widthOf(of(level))).toBeLessThanOrEqual(20)
    expect(legend).toEqual([`Shortened: ${long.map((level) => `${of(level)} is "${level}"`).join("; ")}.`])
  })

  it("very many of them are counted", () => {
    const { legend } = levelNames(Array.from({ length: 50 }, (_, k) => `a level of more than twenty characters, ${k}`))
    expect(legend[0]!.match(/ is "/g)).toHaveLength(20)
    expect(legend[0]).toMatch(/, and 30 more \(--json has all\)\.$/)
  })
})

describe("the width of the screen", () => {
  it("is COLUMNS, else the terminal's, from 60 to 120; 120 where neither is known", () => {
    expect(widthFor({ env: {} })).toBe(120)
    expect(widthFor({ columns: 80, env: {} })).toBe(80)
    expect(widthFor({ columns: 80, env: { COLUMNS: "100" } })).toBe(100)
    expect(widthFor({ columns: 300, env: { COLUMNS: "0" } })).toBe(120)
    expect(widthFor({ columns: 20, env: { COLUMNS: "wide" } })).toBe(60)
  })
})
