import { describe, expect, it } from "vitest"
import {
  accuracyByAttempt,
  accuracyGradient,
  cappedAccuracyGradient,
  expectedCycles,
  falseToTrue,
  predictAccuracy,
  reflectionGain,
  reflectionHelps,
  stopProbability,
  twoStageAccuracy
} from "../../src/theory/Accuracy.ts"
import { reasonOf } from "../support/Errors.ts"

// p = 1/2, c = 4/5, w = 3/5: S = 1/2·4/5 + 1/2·2/5 = 3/5, accuracy = (2/5)/(3/5) = 2/3, E[T] = 5/3.
const rates = { sampleCorrect: 0.5, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }

describe("twoStageAccuracy", () => {
  it("gives 2/3 at p = 1/2, c = 4/5, w = 3/5, stopping with probability 3/5 a cycle", () => {
    expect(stopProbability(rates)).toBeCloseTo(3 / 5, 15)
    expect(twoStageAccuracy(rates)).toBeCloseTo(2 / 3, 15)
    expect(expectedCycles(rates)).toBeCloseTo(5 / 3, 15)
  })

  it("gives 14/25 with a cap of two cycles: 2/5 at once, 2/5 · 2/5 after one RESAMPLE", () => {
    expect(twoStageAccuracy(rates, 1)).toBeCloseTo(2 / 5, 15)
    expect(twoStageAccuracy(rates, 2)).toBeCloseTo(14 / 25, 15)
    expect(expectedCycles(rates, 2)).toBeCloseTo(7 / 5, 15)
  })

  it("is 1 when no wrong answer is accepted and a correct one sometimes is", () => {
    for (const stopGivenCorrect of [0.01, 0.5, 1]) {
      expect(twoStageAccuracy({ sampleCorrect: 0.02, stopGivenCorrect, resampleGivenWrong: 1 })).toBe(1)
    }
  })

  it("stays exact where a cycle almost never stops", () => {
    const rare = { sampleCorrect: 1e-12, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    expect(twoStageAccuracy(rare)).toBe(1)
    expect(twoStageAccuracy(rare, 1000) / 1e-9).toBeCloseTo(1, 8)
    expect(expectedCycles(rare, 1000)).toBeCloseTo(1000, 5)
  })
})

describe("predictAccuracy", () => {
  it("says of a process with S = 0 that it never stops, with accuracy 0 and no expected end", () => {
    const stuck = [
      { sampleCorrect: 0, stopGivenCorrect: 0.7, resampleGivenWrong: 1 },
      { sampleCorrect: 1, stopGivenCorrect: 0, resampleGivenWrong: 0.4 },
      { sampleCorrect: 0.3, stopGivenCorrect: 0, resampleGivenWrong: 1 }
    ]
    for (const process of stuck) {
      expect(predictAccuracy(process)).toEqual({ accuracy: 0, stopProbability: 0, expectedCycles: Infinity, stops: false })
      expect(predictAccuracy(process, 7)).toEqual({ accuracy: 0, stopProbability: 0, expectedCycles: 7, stops: false })
    }
  })

  it("agrees with the three single functions elsewhere", () => {
    expect(predictAccuracy(rates, 3)).toEqual({
      accuracy: twoStageAccuracy(rates, 3),
      stopProbability: stopProbability(rates),
      expectedCycles: expectedCycles(rates, 3),
      stops: true
    })
  })
})

describe("accuracyByAttempt", () => {
  it("gives 12/25 + 13/25·2/5 … by hand for p = (1/2, 1/4), two cycles", () => {
    // Cycle 1: 1/2·4/5 = 2/5 correct; goes on with 1 − 3/5 = 2/5. Cycle 2: 1/4·4/5 = 1/5. Sum 2/5 + 2/5·1/5 = 12/25.
    expect(accuracyByAttempt([0.5, 0.25], rates, 2)).toBeCloseTo(12 / 25, 15)
  })

  it("keeps the last rate after the end of the list and looks at no rate beyond the cap", () => {
    expect(accuracyByAttempt([0.5, 0.25], rates, 5)).toBeCloseTo(accuracyByAttempt([0.5, 0.25, 0.25, 0.25], rates, 5), 15)
    expect(accuracyByAttempt([0.5, 0.25, 0.9], rates, 2)).toBeCloseTo(12 / 25, 15)
    expect(accuracyByAttempt([0.5], rates)).toBe(twoStageAccuracy(rates))
  })
})

describe("reflection", () => {
  it("adds 1/6 at p = 1/2, c = 4/5, w = 3/5 and takes all of p from a process that never stops", () => {
    expect(reflectionGain(rates)).toBeCloseTo(2 / 3 - 1 / 2, 15)
    expect(reflectionHelps(rates)).toBe(true)
    expect(reflectionHelps({ stopGivenCorrect: 0.5, resampleGivenWrong: 0.49 })).toBe(false)
    expect(reflectionGain({ sampleCorrect: 0.3, stopGivenCorrect: 0, resampleGivenWrong: 1 })).toBe(-0.3)
  })

  it("turns a wrong candidate into a correct one with probability w·p", () => {
    expect(falseToTrue(rates)).toBeCloseTo(0.3, 15)
  })
})

describe("accuracyGradient", () => {
  it("is (8/9, 5/18, 5/9) at p = 1/2, c = 4/5, w = 3/5", () => {
    // 1/S² = 25/9; c(1−w) = 8/25; p(1−p)(1−w) = 1/10; p·c·(1−p) = 1/5.
    const gradient = accuracyGradient(rates)
    expect(gradient.sampleCorrect).toBeCloseTo(8 / 9, 14)
    expect(gradient.stopGivenCorrect).toBeCloseTo(5 / 18, 14)
    expect(gradient.resampleGivenWrong).toBeCloseTo(5 / 9, 14)
  })

  it("stays finite where S² underflows: p = 1e-200, c = 1/2, w = 1 has S = 5e-201 and accuracy 1, whose slope in w is (1 − p)/S", () => {
    const gradient = accuracyGradient({ sampleCorrect: 1e-200, stopGivenCorrect: 0.5, resampleGivenWrong: 1 })
    expect(gradient.sampleCorrect).toBe(0)
    expect(gradient.stopGivenCorrect).toBe(0)
    expect(gradient.resampleGivenWrong / 2e200).toBeCloseTo(1, 12)
  })

  it("is that of p·c with one cycle, where RESAMPLE can only lose", () => {
    expect(cappedAccuracyGradient(rates, 1)).toEqual({ sampleCorrect: 0.8, stopGivenCorrect: 0.5, resampleGivenWrong: -0 })
  })
})

describe("refused inputs", () => {
  it("names the rate that is no probability", () => {
    const bad = { sampleCorrect: 0.5, stopGivenCorrect: 1.2, resampleGivenWrong: 0.1 }
    const expected = { _tag: "OutOfRange", what: "stopGivenCorrect", index: 0, value: 1.2, range: "[0, 1]" }
    for (
      const run of [stopProbability, twoStageAccuracy, predictAccuracy, accuracyGradient, reflectionGain, reflectionHelps, falseToTrue]
    ) {
      expect(reasonOf(() => run(bad))).toEqual(expected)
    }
    expect(reasonOf(() => twoStageAccuracy({ ...bad, stopGivenCorrect: Number.NaN }))).toMatchObject({ _tag: "OutOfRange" })
  })

  it("refuses a cap that is no positive whole number, a list without rates, and a gradient at S = 0", () => {
    for (const cap of [0, -1, 2.5, Number.NaN]) {
      expect(reasonOf(() => twoStageAccuracy(rates, cap))).toMatchObject({ what: "maxCycles" })
    }
    expect(reasonOf(() => cappedAccuracyGradient(rates, Infinity))).toMatchObject({ what: "maxCycles" })
    expect(reasonOf(() => accuracyByAttempt([], rates))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => accuracyByAttempt([0.2, 1.1], rates))).toMatchObject({ what: "sampleCorrect", value: 1.1 })
    const stuck = { sampleCorrect: 0, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    expect(reasonOf(() => accuracyGradient(stuck))).toMatchObject({ what: "stopProbability" })
  })
})
