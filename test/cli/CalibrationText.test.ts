import { describe, expect, it } from "vitest"
import { calibrationText } from "../../src/cli/calibrate/CalibrationText.ts"
import { comparisonText } from "../../src/cli/calibrate/ComparisonText.ts"
import { TERMINAL_WIDTH, widthOf } from "../../src/cli/Layout.ts"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import type { EvaluatedRollout } from "../../src/eval/calibration/EvaluatedRollout.ts"
import { simulate, type SimulatedPolicy } from "../../src/eval/calibration/Simulate.ts"
import { calibrateTallies, compareTallies } from "../../src/eval/transcripts/CalibrateTallies.ts"
import { describeTallies } from "../../src/eval/transcripts/DescribeTallies.ts"
import { makeTallies } from "../../src/eval/transcripts/Tallies.ts"

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 30, n: 60, rolloutsPerQuery: 4, seed: 3 }
const LEVEL = "twenty characters ok"
const longest = (text: string): number => text.split("\n").reduce((most, line) => Math.max(most, widthOf(line)), 0)
const levelsOf = (rollouts: ReadonlyArray<EvaluatedRollout>) => {
  const tallies = makeTallies()
  for (const rollout of rollouts) tallies.add(rollout)
  return tallies.levels()
}
const described = (rollouts: ReadonlyArray<EvaluatedRollout>, trainLevels?: ReadonlyArray<string>) => {
  const levels = levelsOf(rollouts)
  const options = { rounds: 100, ...(trainLevels === undefined ? {} : { trainLevels }) }
  return describeTallies(calibrateTallies(levels, options), levels, { badRowCount: 3, badRows: [] })
}

describe("the text of a calibration", () => {
  const models: ReadonlyArray<readonly [string, Partial<SimulatedPolicy>]> = [
    ["ordinary", {}],
    ["100 % everywhere", { pSample: 1, pStopGivenCorrect: 1, n: 300 }],
    ["0 % everywhere", { pSample: 0, pStopGivenCorrect: 0, pResampleGivenWrong: 0.99 }],
    ["truncated", { cutAfter: 2 }],
    ["few prompts", { n: 4, rolloutsPerQuery: 16 }]
  ]

  it.each(models)("fits 120 columns with levels of 20 characters: %s", (_, changes) => {
    const rollouts = [
      ...simulate({ ...policy, ...changes, level: LEVEL }),
      ...simulate({ ...policy, ...changes, level: "a level of more than twenty characters", seed: 8 })
    ]
    const text = calibrationText(described(rollouts, [LEVEL]))
    expect(text).toMatch(new RegExp(`^${LEVEL} `, "m"))
    expect(longest(text)).toBeLessThanOrEqual(TERMINAL_WIDTH)
  })

  it("fits where every number has all its digits: a hundred million responses, intervals of 99.9 and 100", () => {
    const { overall, ...rest } = described(simulate({ ...policy, n: 400, pSample: 0.99, pStopGivenCorrect: 0.99, level: LEVEL }))
    const wide = { ...overall, level: LEVEL, n: 123_456_789, queries: 1_234_567, observed: { ...overall.observed, accuracy: 0.999 } }
    const counts = { correctStop: 123_456_789, correctResample: 12_345_678, wrongStop: 12_345_678, wrongResample: 12_345_678 }
    expect(longest(calibrationText({ ...rest, levels: [wide], overall: { ...wide, counts } }))).toBeLessThanOrEqual(TERMINAL_WIDTH)
  })

  it("has the findings first, whether they came with the calibration or not", () => {
    const { findings, ...bare } = described(simulate(policy))
    const text = calibrationText({ ...bare, findings: findings! })
    expect(text).toMatch(/^In short: .*\n(?:  .*\n)*Next: .*\n(?:  .*\n)*\nWhat limits this model/)
    expect(calibrationText(bare)).toBe(text)
  })

  it("shows clustered intervals, and a star only where there is one", () => {
    const rollouts = simulate({ ...policy, spread: 0.4, n: 60, rolloutsPerQuery: 64 })
    const { pSample } = calibrate(rollouts, { rounds: 100 }).overall
    const bounds = pSample.interval!.map((end) => (100 * end).toFixed(1)).join(", ")
    const independent = pSample.wilson!.map((end) => (100 * end).toFixed(1)).join(", ")
    const text = calibrationText(described(rollouts))
    expect(text).toContain(`[${bounds}]`)
    expect(text).not.toContain(`[${independent}]`)
    expect(text).toMatch(/\]\*/)
    const few = calibrationText(described(simulate({ ...policy, spread: 0.4, n: 4, rolloutsPerQuery: 64 })))
    expect(few.slice(few.indexOf("\nlevel"), few.indexOf("Brackets:"))).not.toMatch(/\[|\*/)
    expect(few).toContain("No brackets: fewer than 10 prompts.")
  })

  it("pass@k stands beside that of all responses where some were cut off", () => {
    const text = calibrationText(described(simulate({ ...policy, cutAfter: 2 })))
    expect(text).toMatch(/^k +pass@k +pass\^k +pass@k of all +pass\^k of all$/m)
    expect(text).toContain("solved of all")
  })
})

describe("the text of a comparison", () => {
  it("fits 120 columns with levels of 20 characters and every point lost", () => {
    const always = { ...policy, pStopGivenCorrect: 1, pResampleGivenWrong: 0, level: LEVEL }
    const models = [{ ...always, pSample: 1 }, { ...always, pSample: 0.02, seed: 4 }].map((each, k) => ({
      id: `model ${k}`,
      levels: levelsOf(simulate(each))
    }))
    const comparison = compareTallies(models[0]!, models[1]!, { rounds: 100 })
    expect(comparison).toMatchObject({ version: 2, findings: { difference: { verdict: "worse" }, cause: { verdict: "sampling" } } })
    const text = comparisonText(comparison)
    expect(longest(text)).toBeLessThanOrEqual(TERMINAL_WIDTH)
    expect(text.startsWith("model 1 is worse than model 0: −")).toBe(true)
  })
})
