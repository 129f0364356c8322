import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { OUTCOMES } from "../../src/domain/Outcomes.ts"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import type { EvaluatedRollout } from "../../src/eval/calibration/EvaluatedRollout.ts"
import { patternOf } from "../../src/eval/transcripts/Pattern.ts"
import type { RowColumns } from "../../src/eval/transcripts/rows/RowColumns.ts"
import { selectRows } from "../../src/eval/transcripts/rows/RowFilter.ts"
import { choosesByResult, countedBy, narrowed, type Narrowing, plainly } from "../../src/view/calibration/Behind.ts"
import { accuracySeriesOf, rateSeriesOf } from "../../src/view/calibration/CalibrationSeries.ts"
import { levelRows } from "../../src/view/calibration/LevelRows.ts"
import { stacked } from "../../src/view/compare/StackedParts.ts"
import { rollouts } from "../support/PartArbitraries.ts"

const columnsOf = (all: ReadonlyArray<EvaluatedRollout>): RowColumns => ({
  length: all.length,
  kinds: all.map((rollout) => ({ level: rollout.level, pattern: patternOf(rollout) })),
  kind: Uint32Array.from(all, (_, i) => i),
  query: new Float64Array(all.length),
  file: new Uint16Array(all.length),
  start: new Float64Array(all.length),
  line: new Uint32Array(all.length),
  part: new Uint32Array(all.length),
  signs: new Uint8Array(all.length)
})

// Some of which no answer could be read.
const partlyUnread = rollouts.map((all) =>
  all.map((rollout, i): EvaluatedRollout => {
    const { hitCap: _, ...others } = rollout
    return i % 5 === 4 ? { ...others, attempts: [], outcome: "Unparsable" } : rollout
  })
)

const filesOf = (all: ReadonlyArray<EvaluatedRollout>) => {
  const columns = columnsOf(all)
  return (narrowing: Narrowing, level: string): number => {
    const filter = narrowed({}, { ...narrowing, levels: [level] })
    return filter === undefined ? 0 : selectRows(columns, filter).length
  }
}

describe("the rollouts behind a number", () => {
  it("are as many as it counts, where it counts rollouts", () => {
    fc.assert(
      fc.property(partlyUnread, fc.constantFrom("counted" as const, "left-out" as const), (all, truncated) => {
        const found = filesOf(all)
        const behind = countedBy(truncated)
        for (const level of calibrate(all, { rounds: 1, truncated }).levels) {
          const { level: name } = level
          expect(found(behind.scored, name)).toBe(level.n)
          expect(found(behind.correct, name)).toBe(level.outcomes.Correct)
          expect(found(behind.truncated, name)).toBe(level.outcomes.Truncated)
          expect(found(behind.pSample.of, name)).toBe(level.pSample.successes)
          expect(found(behind.pSample.all, name)).toBe(level.pSample.trials)
          expect(found(behind.hitCap, name)).toBe(level.hitCap)
          expect(found(behind.firstAnswer, name)).toBe(Math.round((level.firstAttemptAccuracy ?? 0) * level.n))
        }
      }),
      { numRuns: 60 }
    )
  })

  it("are some where a number of answers or decisions is above 0, none where it is 0, and never more", () => {
    fc.assert(
      fc.property(partlyUnread, fc.constantFrom("counted" as const, "left-out" as const), (all, truncated) => {
        const found = filesOf(all)
        const behind = countedBy(truncated)
        for (const level of calibrate(all, { rounds: 1, truncated }).levels) {
          const isBehind = (narrowing: Narrowing, count: number): void => {
            const rows = found(narrowing, level.level)
            expect(rows).toBeLessThanOrEqual(count)
            expect(rows > 0).toBe(count > 0)
          }
          for (const name of ["pStopGivenCorrect", "pResampleGivenWrong", "pFalseToTrue", "pTrueToFalse", "echo"] as const) {
            isBehind(behind[name].of, level[name].successes)
            // A trial without a seen decision, or at the cap, is in the list and not in the count.
            if (level[name].trials > 0) expect(found(behind[name].all, level.level)).toBeGreaterThan(0)
          }
          for (const name of ["correctStop", "correctResample", "wrongStop", "wrongResample"] as const) {
            isBehind(behind[name], level.counts[name])
          }
        }
      }),
      { numRuns: 60 }
    )
  })
})

describe("a filter and what a number asks for besides", () => {
  it("must both hold; where nothing can, there is nothing to lead to", () => {
    expect(narrowed({ levels: ["a", "b"], events: ["echo"] }, { levels: ["b"], events: ["first-right", "echo"] })).toEqual({
      levels: ["b"],
      events: ["echo", "first-right"]
    })
    expect(narrowed({ levels: ["a"] }, { levels: ["b"] })).toBeUndefined()
    expect(narrowed({ outcomes: ["Wrong"] }, { outcomes: ["Correct"] })).toBeUndefined()
    expect(narrowed({ attempts: [1, 1] }, { attempts: [2, 9] })).toBeUndefined()
    expect(narrowed({ attempts: [1, 5] }, { attempts: [2, 9] })).toEqual({ attempts: [2, 5] })
    expect(narrowed({ text: "so", steps: [1, 2], promptOf: 0 }, {})).toEqual({ text: "so", steps: [1, 2], promptOf: 0 })
    expect(narrowed({}, { outcomes: OUTCOMES })).toEqual({})
  })

  it("are said plainly of a set: what all of it has asks for nothing", () => {
    const set = { mostAttempts: 3, outcomes: { Correct: 1, Wrong: 2, Unparsable: 0, GoldInvalid: 0, Truncated: 0 } }
    const { pSample, revised } = countedBy("counted")
    expect(plainly(set, pSample.all)).toEqual({ attempts: [1, 3] })
    expect(plainly({ ...set, outcomes: { ...set.outcomes, GoldInvalid: 1 } }, pSample.of).outcomes).toEqual(pSample.of.outcomes)
    expect(narrowed({}, plainly({ ...set, mostAttempts: 1 }, revised))).toBeUndefined()
  })

  it("say what chooses rollouts by what happened in them", () => {
    expect(choosesByResult({ levels: ["a"], steps: [1, 2], promptOf: 3 })).toEqual([])
    expect(choosesByResult({ outcomes: ["Wrong"], events: ["echo"], attempts: [1, 2], text: "x" })).toHaveLength(4)
  })
})

describe("figures and tables by level", () => {
  const calibration = calibrate(
    ["a", "b"].flatMap((level) =>
      ["1", "2"].map((query): EvaluatedRollout => ({
        id: level + query,
        level,
        query: level + query,
        attempts: [{ answer: "1", correct: query === "1", decision: "STOP" }],
        outcome: query === "1" ? "Correct" : "Wrong"
      }))
    ),
    { rounds: 1, trainLevels: ["a"] }
  )

  it("have a row for each level, for those trained on, for the others, and for all", () => {
    expect(levelRows(calibration, ["a"]).map(({ levels, name }) => [name, levels])).toEqual([
      ["a", ["a"]],
      ["b", ["b"]],
      ["trained", ["a"]],
      ["unseen", ["b"]],
      ["overall", undefined]
    ])
    expect(levelRows({ levels: calibration.levels.slice(0, 1), overall: calibration.overall })).toHaveLength(1)
  })

  it("draw rates and accuracies at their levels, each value with its link", () => {
    const behind = countedBy("counted")
    const rates = rateSeriesOf(calibration.levels, behind, ({ level }, { events }) => `${level} ${events?.join()}`)
    expect(rates.map(({ name }) => name)).toEqual(["p_S", "p_D|C", "p_D|W"])
    expect(rates[0]!.points[1]).toMatchObject({ x: 1, y: 0.5, href: "b first-right" })
    expect(rates.map(({ points }) => points[1]!.y)).toEqual([0.5, 1, 0])
    expect(accuracySeriesOf(calibration.levels, behind, () => undefined).map(({ name, points }) => [name, points[0]!.y])).toEqual([
      ["observed", 0.5],
      ["predicted", 0.5],
      ["capped", 0.5],
      ["by attempt", 0.5]
    ])
  })
})

describe("stacked parts", () => {
  it("lie on their side of 0, end at the sums of both sides, and are as long as their values", () => {
    fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: -9, max: 9 })), { maxLength: 6 }), (values) => {
      const parts = stacked(values)
      parts.forEach(({ from, to }, i) => {
        expect(to - from).toBe(Math.abs(values[i] ?? 0))
        expect(from >= 0 || to <= 0).toBe(true)
      })
      const sum = (side: number) => values.reduce<number>((all, value) => all + (Math.sign(value ?? 0) === side ? value! : 0), 0)
      expect(Math.max(0, ...parts.map(({ to }) => to))).toBe(sum(1))
      expect(Math.min(0, ...parts.map(({ from }) => from))).toBe(sum(-1))
    }))
  })
})
