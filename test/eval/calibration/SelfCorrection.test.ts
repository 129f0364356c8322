import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { conditionalRates } from "../../../src/eval/calibration/SelfCorrection.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"

describe("conditionalRates", () => {
  // Kumar et al. 2024 on MATH: Acc@t1, Acc@t2, Δi→c, Δc→i in percent.
  it.each([
    ["base model", 52.6, 41.4, 4.6, 15.8, 0.7, 0.097],
    ["SCoRe", 60, 64.4, 5.8, 1.4, 0.977, 0.145]
  ])("SCoRe's table, %s: keeps and fixes as published, and Acc@t2 follows", (_, t1, t2, fixed, spoiled, keepCorrect, fixWrong) => {
    const rates = conditionalRates({ accuracyAtT1: t1 / 100, incorrectToCorrect: fixed / 100, correctToIncorrect: spoiled / 100 })
    expect(rates.keepCorrect!).toBeCloseTo(keepCorrect, 3)
    expect(rates.fixWrong!).toBeCloseTo(fixWrong, 3)
    expect((t1 / 100) * rates.keepCorrect! + (1 - t1 / 100) * rates.fixWrong!).toBeCloseTo(t2 / 100, 12)
  })

  it("of independent attempts: a wrong answer is fixed with p_D|W · p_S, a right one kept with 1 − (1 − p_D|C)(1 − p_S)", () => {
    const [p, c, w] = [0.6, 0.7, 0.5]
    const rollouts = simulate({ pSample: p, pStopGivenCorrect: c, pResampleGivenWrong: w, cap: 2, n: 20000, seed: 3 })
    const { accuracyAtT1, correctToIncorrect, incorrectToCorrect } = calibrate(rollouts, { rounds: 2 }).overall.selfCorrection
    const rates = conditionalRates({
      accuracyAtT1: accuracyAtT1!,
      correctToIncorrect: correctToIncorrect!,
      incorrectToCorrect: incorrectToCorrect!
    })
    expect(Math.abs(rates.fixWrong! - w * p)).toBeLessThan(0.02)
    expect(Math.abs(rates.keepCorrect! - (1 - (1 - c) * (1 - p)))).toBeLessThan(0.02)
  })

  it("is null where there is nothing to condition on", () => {
    expect(conditionalRates({ accuracyAtT1: 0, incorrectToCorrect: 0.2, correctToIncorrect: 0 })).toEqual({
      keepCorrect: null,
      fixWrong: 0.2
    })
    expect(conditionalRates({ accuracyAtT1: 1, incorrectToCorrect: 0, correctToIncorrect: 0.1 })).toEqual({
      keepCorrect: 0.9,
      fixWrong: null
    })
  })
})
