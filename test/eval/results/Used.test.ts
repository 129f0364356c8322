import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import type { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { usedOf, usedWords } from "../../../src/eval/results/Used.ts"

const responses = (level: string, problems: number, generations: number, isCut: (problem: number) => boolean = () => false) =>
  Array.from({ length: problems }, (_, problem) =>
    Array.from({ length: generations }, (_, g): EvaluatedRollout => ({
      id: `${level}/${problem}#${g}`,
      level,
      query: `${level}/${problem}`,
      attempts: [{ answer: "1", correct: problem % 2 === 0, ...(isCut(problem) ? {} : { decision: "STOP" as const }) }],
      outcome: isCut(problem) ? "Truncated" : problem % 2 === 0 ? "Correct" : "Wrong"
    }))).flat()

const model = (rollouts: ReadonlyArray<EvaluatedRollout>) => ({ calibration: calibrate(rollouts, { ...PAPER_METHOD, cap: 4, rounds: 2 }) })

describe("what was used", () => {
  const levels = ["3x1", "4x1", "5x1"]
  const models = [model([...responses("3x1", 47, 4), ...responses("4x1", 100, 4), ...responses("5x1", 100, 4)])]

  it("is counted, not what a preset asked for", () => {
    expect(usedOf(models, levels)).toEqual({
      generations: 4,
      levels: [
        { level: "3x1", problems: 47, responses: 188 },
        { level: "4x1", problems: 100, responses: 400 },
        { level: "5x1", problems: 100, responses: 400 }
      ]
    })
    expect(usedWords(usedOf(models, levels), 100)).toBe(
      "47 problems on 3x1 and 100 problems on each other level (all there are, where fewer than 100), 4 responses to each"
    )
  })

  it("counts problems whose responses were all cut off", () => {
    const cut = [model([...responses("3x1", 10, 2, (problem) => problem < 4), ...responses("4x1", 10, 2)])]
    expect(usedOf(cut, levels).levels.map(({ problems }) => problems)).toEqual([10, 10])
    expect(usedWords(usedOf(cut, levels), 10)).toBe("10 problems on each of 2 levels, 2 responses to each")
  })

  it("of no model is nothing", () => {
    expect(usedWords(usedOf([], levels), 100)).toBe("no problem")
  })
})
