import { describe, expect, it } from "vitest"
import { gainsByAttempt, gainsOf } from "../../../src/eval/calibration/Leverage.ts"
import { countRollout, readCounts } from "../../../src/eval/calibration/RolloutCounts.ts"
import { sumCounts } from "../../../src/eval/statistics/Bootstrap.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"
import { accuracyByAttempt } from "../../../src/theory/Accuracy.ts"

const STEP = 1e-6

describe("gainsByAttempt", () => {
  it.each<readonly [string, ReadonlyArray<number>, number, number, boolean]>([
    ["capped", [0.6, 0.3, 0.1], 0.8, 0.5, true],
    ["without a cap", [0.6, 0.3, 0.1], 0.8, 0.5, false],
    ["one attempt without a cap", [0.4], 0.7, 0.6, false],
    ["rising", [0.1, 0.9], 0.9, 0.9, false]
  ])("%s: the slope of accuracyByAttempt", (_, reached, c, w, isCapped) => {
    const accuracy = (dp: number, dc: number, dw: number) =>
      accuracyByAttempt(
        reached.map((p) => p + dp),
        { stopGivenCorrect: c + dc, resampleGivenWrong: w + dw },
        isCapped ? reached.length : Infinity
      )
    const slope = (...by: readonly [number, number, number]) => {
      const [dp, dc, dw] = by.map((each) => each * STEP) as [number, number, number]
      return (accuracy(dp, dc, dw) - accuracy(-dp, -dc, -dw)) / (2 * STEP)
    }
    const gains = gainsByAttempt(reached, { stopGivenCorrect: c, resampleGivenWrong: w }, isCapped)
    expect(gains.pSample).toBeCloseTo(slope(1, 0, 0), 6)
    expect(gains.pStopGivenCorrect).toBeCloseTo(slope(0, 1, 0), 6)
    expect(gains.pResampleGivenWrong).toBeCloseTo(slope(0, 0, 1), 6)
  })

  it("equal rates: what the three rates alone gain", () => {
    const rollouts = simulate({
      pSample: 0.5,
      pStopGivenCorrect: 0.8,
      pResampleGivenWrong: 0.6,
      cap: 3,
      n: 200,
      rolloutsPerQuery: 1,
      seed: 1
    })
    const counts = readCounts(sumCounts(rollouts.map((rollout) => countRollout(rollout, 3))))
    const p = counts.correctAttempts[0]! / counts.attempts[0]!
    const decision = {
      stopGivenCorrect: counts.correctStop / (counts.correctStop + counts.correctResample),
      resampleGivenWrong: counts.wrongResample / (counts.wrongStop + counts.wrongResample)
    }
    for (const isCapped of [true, false]) {
      const [alone, byAttempt] = [gainsOf(counts, isCapped)!, gainsByAttempt([p, p, p], decision, isCapped)]
      expect(byAttempt.pSample).toBeCloseTo(alone.pSample, 10)
      expect(byAttempt.pStopGivenCorrect).toBeCloseTo(alone.pStopGivenCorrect, 10)
      expect(byAttempt.pResampleGivenWrong).toBeCloseTo(alone.pResampleGivenWrong, 10)
    }
  })

  it("an attempt that is always right cannot be raised", () => {
    // acc = p + (1 − p)·w: 1 − w for p, 1 − p for w.
    const gains = gainsByAttempt([0.25, 1], { stopGivenCorrect: 1, resampleGivenWrong: 0.7 }, true)
    expect(gains.pSample).toBeCloseTo(0.3, 12)
    expect(gains.pResampleGivenWrong).toBeCloseTo(0.75, 12)
    expect(gains.pStopGivenCorrect).toBe(0)
  })
})
