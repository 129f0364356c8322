/** Claims C41 and C42: the closed forms of section 4.2, against enumeration, simulation and central differences. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  accuracyByAttempt,
  accuracyGradient,
  cappedAccuracyGradient,
  expectedCycles,
  falseToTrue,
  reflectionGain,
  reflectionHelps,
  stopProbability,
  twoStageAccuracy,
  type TwoStageRates
} from "../../src/theory/Accuracy.ts"
import { anyRates, interiorRates, rateGrid, smallCaps } from "../support/TwoStageArbitraries.ts"
import { type Cycle, enumerateTrajectories, simulateTrajectories, sixSigma, succeeds } from "../support/TwoStageTrajectories.ts"

const rateNames = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const

const share = (values: ReadonlyArray<boolean>): number => values.filter(Boolean).length / values.length

const gainOf = (rates: TwoStageRates): number => twoStageAccuracy(rates) - rates.sampleCorrect

const onTheBoundary = (rates: TwoStageRates): boolean => Math.abs(rates.stopGivenCorrect + rates.resampleGivenWrong - 1) < 1e-9

/** Reads p_S off first attempts and both decision rates off all decisions, as the paper does. */
const calibrate = (runs: ReadonlyArray<ReadonlyArray<Cycle>>): TwoStageRates => {
  const all = runs.flat()
  const given = (correct: boolean) => all.filter((cycle) => cycle.correct === correct)
  return {
    sampleCorrect: share(runs.map((cycles) => cycles[0]!.correct)),
    stopGivenCorrect: share(given(true).map((cycle) => cycle.decision === "STOP")),
    resampleGivenWrong: share(given(false).map((cycle) => cycle.decision === "RESAMPLE"))
  }
}

describe("Section 4.2 (C41): accuracy of the two-stage model", () => {
  it("equals, for all rates and caps, the summed probability of the trajectories that stop on a correct answer", () => {
    fc.assert(fc.property(anyRates, smallCaps, (rates, maxCycles) => {
      const trajectories = enumerateTrajectories(rates, maxCycles)
      const total = trajectories.reduce((sum, { probability }) => sum + probability, 0)
      const accuracy = trajectories.reduce((sum, t) => sum + (succeeds(t.cycles) ? t.probability : 0), 0)
      const cycles = trajectories.reduce((sum, t) => sum + t.probability * t.cycles.length, 0)
      expect(total).toBeCloseTo(1, 12)
      expect(twoStageAccuracy(rates, maxCycles)).toBeCloseTo(accuracy, 12)
      expect(expectedCycles(rates, maxCycles)).toBeCloseTo(cycles, 12)
    }))
  })

  it("is the limit of the capped accuracy, the gap being (1 − S)^m of it", () => {
    fc.assert(fc.property(interiorRates, smallCaps, (rates, maxCycles) => {
      const gap = twoStageAccuracy(rates) - twoStageAccuracy(rates, maxCycles)
      expect(gap).toBeCloseTo(twoStageAccuracy(rates) * (1 - stopProbability(rates)) ** maxCycles, 12)
    }))
  })

  it("satisfies the renewal equation acc = p·c + (1 − S)·acc", () => {
    fc.assert(fc.property(interiorRates, (rates) => {
      const renewed = rates.sampleCorrect * rates.stopGivenCorrect + (1 - stopProbability(rates)) * twoStageAccuracy(rates)
      expect(twoStageAccuracy(rates)).toBeCloseTo(renewed, 12)
    }))
  })

  it("is met by simulation within six standard errors", () => {
    const count = 40_000
    for (
      const [seed, rates] of [
        { sampleCorrect: 0.2, stopGivenCorrect: 0.95, resampleGivenWrong: 0.5 },
        { sampleCorrect: 0.6, stopGivenCorrect: 0.7, resampleGivenWrong: 0.1 },
        { sampleCorrect: 0.05, stopGivenCorrect: 0.99, resampleGivenWrong: 0.9 }
      ].entries()
    ) {
      const runs = simulateTrajectories(rates, { count, seed, maxCycles: 1000 })
      expect(Math.abs(share(runs.map(succeeds)) - twoStageAccuracy(rates))).toBeLessThan(sixSigma(0.5, count))
      const meanCycles = runs.reduce((sum, cycles) => sum + cycles.length, 0) / count
      const deviation = Math.sqrt(1 - stopProbability(rates)) / stopProbability(rates)
      expect(Math.abs(meanCycles - expectedCycles(rates))).toBeLessThan(sixSigma(deviation, count))
    }
  })

  it("has the analytic gradient, capped and uncapped, by central differences, and no negative part uncapped", () => {
    const step = 1e-5
    const slope = (accuracy: (rates: TwoStageRates) => number, rates: TwoStageRates, name: keyof TwoStageRates) =>
      (accuracy({ ...rates, [name]: rates[name] + step }) - accuracy({ ...rates, [name]: rates[name] - step })) / (2 * step)
    fc.assert(fc.property(interiorRates, smallCaps, (rates, maxCycles) => {
      const gradient = accuracyGradient(rates)
      const capped = cappedAccuracyGradient(rates, maxCycles)
      // The third derivative grows as 1/S⁴, the difference quotient's error with it.
      const allowed = 1e-8 + 1e-10 / stopProbability(rates) ** 4
      for (const name of rateNames) {
        expect(Math.abs(gradient[name] - slope(twoStageAccuracy, rates, name))).toBeLessThan(allowed)
        const cappedSlope = slope((at) => twoStageAccuracy(at, maxCycles), rates, name)
        expect(Math.abs(capped[name] - cappedSlope)).toBeLessThan(allowed)
        expect(gradient[name]).toBeGreaterThanOrEqual(0)
      }
    }))
  })
})

describe("Section 4.2 (C41): attempts whose sampling rate depends on their number", () => {
  it("equal the enumeration of trajectories under that rule, for all lists and caps", () => {
    const lists = fc.array(fc.integer({ min: 0, max: 100 }).map((count) => count / 100), { minLength: 1, maxLength: 5 })
    fc.assert(fc.property(lists, anyRates, smallCaps, (list, rates, maxCycles) => {
      const rule = (attempt: number): number => list[Math.min(attempt, list.length - 1)]!
      const accuracy = enumerateTrajectories(rates, maxCycles, rule)
        .reduce((sum, t) => sum + (succeeds(t.cycles) ? t.probability : 0), 0)
      expect(accuracyByAttempt(list, rates, maxCycles)).toBeCloseTo(accuracy, 12)
    }))
  })
})

describe("Section 10b: reflection helps iff c + w ≥ 1", () => {
  it("holds on the whole grid without a cap, and the gain is acc − p", () => {
    for (const rates of rateGrid) expect(reflectionGain(rates)).toBeCloseTo(gainOf(rates), 12)
    for (const rates of rateGrid.filter((each) => !onTheBoundary(each))) {
      expect(gainOf(rates) > 0).toBe(reflectionHelps(rates))
    }
    expect(rateGrid.filter(onTheBoundary).length).toBeGreaterThan(0)
  })

  it("at c + w = 1 exactly it helps by nothing, acc = p, and that counts as helping", () => {
    for (let percent = 0; percent <= 100; percent++) {
      const decision = { stopGivenCorrect: percent / 100, resampleGivenWrong: (100 - percent) / 100 }
      expect(reflectionHelps(decision)).toBe(true)
      if (percent > 0) expect(twoStageAccuracy({ ...decision, sampleCorrect: 0.3 })).toBeCloseTo(0.3, 12)
    }
  })

  it("refuted with a cap: c = 0.6, w = 0.6 helps without one and loses within a single cycle", () => {
    const rates = { sampleCorrect: 0.5, stopGivenCorrect: 0.6, resampleGivenWrong: 0.6 }
    expect(reflectionHelps(rates)).toBe(true)
    expect(twoStageAccuracy(rates)).toBeGreaterThan(0.5)
    expect(twoStageAccuracy(rates, 1)).toBeLessThan(0.5)
  })
})

describe("p(F→T)", () => {
  it("equals the simulated share of wrong candidates that are rejected and followed by a correct one", () => {
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.9, resampleGivenWrong: 0.6 }
    const runs = simulateTrajectories(rates, { count: 40_000, seed: 11, maxCycles: 1000 })
    const corrected = runs.flatMap((cycles) => cycles.flatMap((cycle, t) => cycle.correct ? [] : [cycles[t + 1]?.correct ?? false]))
    expect(Math.abs(share(corrected) - falseToTrue(rates))).toBeLessThan(sixSigma(0.5, corrected.length))
  })
})

describe("Section 4.2 (C42): the calibrated prediction", () => {
  const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.95, resampleGivenWrong: 0.7 }
  const count = 40_000

  it("matches the observed accuracy when attempts are independent", () => {
    const runs = simulateTrajectories(rates, { count, seed: 21, maxCycles: 1000 })
    expect(Math.abs(twoStageAccuracy(calibrate(runs)) - share(runs.map(succeeds)))).toBeLessThan(0.02)
  })

  it("fails when a model repeats its wrong answer, and the prediction by attempt number repairs it", () => {
    const rule = (attempt: number): number => attempt === 0 ? rates.sampleCorrect : 0.05
    const runs = simulateTrajectories(rates, { count, seed: 22, maxCycles: 1000, rule })
    const observed = share(runs.map(succeeds))
    const calibrated = calibrate(runs)
    expect(twoStageAccuracy(calibrated) - observed).toBeGreaterThan(0.15)
    const second = runs.flatMap((cycles) => cycles.slice(1, 2))
    const byAttempt = [calibrated.sampleCorrect, share(second.map((cycle) => cycle.correct))]
    expect(Math.abs(accuracyByAttempt(byAttempt, calibrated) - observed)).toBeLessThan(0.02)
  })

  it("fails when queries differ in difficulty, although every query alone fits the model", () => {
    const runs = [0.9, 0.02].flatMap((sampleCorrect, seed) =>
      simulateTrajectories({ ...rates, sampleCorrect }, { count: count / 2, seed, maxCycles: 1000 })
    )
    expect(Math.abs(twoStageAccuracy(calibrate(runs)) - share(runs.map(succeeds)))).toBeGreaterThan(0.1)
  })
})
