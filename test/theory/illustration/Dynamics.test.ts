import { describe, expect, it } from "vitest"
import { FIGURE_1, simulateDynamics } from "../../../src/theory/illustration/Dynamics.ts"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import { expectClose } from "../../../src/laws/support/Approx.ts"

const sigma = (x: number): number => 1 / (1 + Math.exp(-x))

describe("simulateDynamics", () => {
  it("starts at p = c = w = 1/2 with no drag and takes the surrogate's step (1/2, 1/4, 1/4)·η", () => {
    const run = simulateDynamics({ steps: 2, learningRate: 0.2 })
    expect(run.accuracy[0]).toBe(0.5)
    expect(run.attribution.kl[0]).toBe(null)
    expect(run.net.sampleCorrect[0]).toBe(0.5)
    expectClose(run.rates.sampleCorrect[1]!, sigma(0.1))
    expectClose(run.rates.stopGivenCorrect[1]!, sigma(0.05))
    expectClose(run.rates.resampleGivenWrong[1]!, sigma(0.05))
  })

  it("feels the drag from step 1 on: net is surrogate + drag, logit by logit", () => {
    const run = simulateDynamics({ steps: 5 })
    for (const name of ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const) {
      for (let step = 0; step < 5; step++) {
        expectClose(run.net[name][step]!, run.surrogate[name][step]! + run.kl[name][step]!)
      }
      expect(Math.abs(run.kl[name][1]!)).toBeGreaterThan(0)
    }
  })

  it("records as many states as asked and replaces the reference every K steps but not at the start", () => {
    const run = simulateDynamics({ steps: 11, refreshEvery: 5 })
    expect(run.accuracy.length).toBe(11)
    expect(run.refreshes).toEqual([5, 10])
    expect(simulateDynamics({ steps: 11, refreshEvery: null }).refreshes).toEqual([])
    expect(simulateDynamics({ steps: 3, refreshEvery: 1 }).refreshes).toEqual([1, 2])
    expect(simulateDynamics({ steps: 1 }).accuracy).toEqual([0.5])
    expect(simulateDynamics({ steps: 3 }).options).toEqual({ ...FIGURE_1, steps: 3 })
  })

  it("without a KL penalty climbs the surrogate alone, whatever the length", () => {
    const [short, long] = [1, 500].map((answerLength) => simulateDynamics({ beta: 0, answerLength, steps: 20 }))
    expect(short!.rates).toEqual(long!.rates)
    expect(short!.attribution.kl.every((ratio) => ratio === null)).toBe(true)
  })

  it("survives JSON", () => {
    const run = simulateDynamics({ steps: 60, refreshEvery: 20 })
    expect(JSON.parse(JSON.stringify(run))).toMatchObject({ accuracy: run.accuracy, rates: run.rates, attribution: run.attribution })
  })

  it("refuses a start of 0 or 1, no steps, a period of 0 and a step size that is no number", () => {
    const start = { ...FIGURE_1.start, sampleCorrect: 1 }
    for (const options of [{ start }, { steps: 0 }, { refreshEvery: 0 }, { refreshEvery: 2.5 }, { learningRate: Number.NaN }]) {
      expect(() => simulateDynamics(options)).toThrow(TheoryError)
    }
  })
})
