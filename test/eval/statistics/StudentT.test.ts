import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { centralProbability, centralQuantile, meanInterval } from "../../../src/eval/statistics/StudentT.ts"

describe("Student's t", () => {
  // Two-sided 95 % points as tables print them (Abramowitz and Stegun, table 26.10).
  it.each([[1, 12.706], [2, 4.303], [3, 3.182], [4, 2.776], [5, 2.571], [10, 2.228], [30, 2.042], [120, 1.98]])(
    "has the printed 95 %% point for %i degrees",
    (degrees, printed) => {
      expect(centralQuantile(0.95, degrees)).toBeCloseTo(printed, 3)
    }
  )

  it("the closed sum is the integral of the density, by Simpson's rule, for 1 to 12 degrees", () => {
    for (let degrees = 1; degrees <= 12; degrees++) {
      const density = (x: number) => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2)
      const simpson = (to: number, n: number) => {
        let sum = density(0) + density(to)
        for (let i = 1; i < n; i++) sum += density((i * to) / n) * (i % 2 === 1 ? 4 : 2)
        return (sum * to) / n / 3
      }
      // The density's constant from the integral over all t = √ν·tan u.
      let whole = 0
      const steps = 20_000
      for (let i = 0; i < steps; i++) {
        const u = ((i + 0.5) / steps) * (Math.PI / 2)
        whole += density(Math.sqrt(degrees) * Math.tan(u)) * (Math.sqrt(degrees) / Math.cos(u) ** 2) * (Math.PI / 2 / steps)
      }
      for (const t of [0.3, 1, 2.5]) expect(centralProbability(t, degrees)).toBeCloseTo(simpson(t, 400) / whole, 6)
    }
  })

  it("for every probability on a grid and 1 to 40 degrees the quantile inverts the probability", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 40 }), (percent, degrees) => {
        expect(centralProbability(centralQuantile(percent / 100, degrees), degrees)).toBeCloseTo(percent / 100, 10)
      })
    )
  })
})

describe("the interval of a mean", () => {
  it("by hand: 1, 2, 3 has s = 1, so 2 ± 4.3027/√3", () => {
    const { interval, mean } = meanInterval([1, 2, 3])
    expect(mean).toBe(2)
    expect(interval![1] - 2).toBeCloseTo(4.302653 / Math.sqrt(3), 5)
    expect(2 - interval![0]).toBeCloseTo(4.302653 / Math.sqrt(3), 5)
  })

  it("is a point for equal values and nothing for one", () => {
    expect(meanInterval([0.5, 0.5, 0.5]).interval).toEqual([0.5, 0.5])
    expect(meanInterval([0.5])).toEqual({ mean: 0.5, interval: null })
  })
})
