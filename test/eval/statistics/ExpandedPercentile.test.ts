import { describe, expect, it } from "vitest"
import { draws, fold } from "../../../src/domain/Seed.ts"
import { type Counts, percentileInterval, pValueOfZero, resample } from "../../../src/eval/statistics/Bootstrap.ts"
import { DIFFERENCES, expandedInterval, expandedPValue, SHARES } from "../../../src/eval/statistics/ExpandedPercentile.ts"
import { contains, wilsonInterval } from "../../../src/eval/statistics/Interval.ts"
import { normalQuantile, normalTail } from "../../../src/eval/statistics/Normal.ts"

describe("the normal distribution", () => {
  // Upper tails as tables print them (Abramowitz and Stegun 1964, tables 26.1 and 26.2).
  it.each([[0, 0.5], [1, 0.1586552539], [1.959963985, 0.025], [2.999, 0.00135434], [3.001, 0.00134551], [5, 2.866515719e-7]])(
    "P(Z > %f) = %f",
    (x, tail) => {
      expect(normalTail(x) / tail).toBeCloseTo(1, 4)
      expect(normalTail(-x)).toBeCloseTo(1 - tail, 6)
      expect(normalQuantile(normalTail(x))).toBeCloseTo(x, 9)
    }
  )
})

describe("expandedInterval, expandedPValue", () => {
  const grid = Array.from({ length: 2001 }, (_, k) => normalQuantile(1 - (k + 0.5) / 2001))

  it("of normal values with n clusters reaches to t·√(n/(n − 1)) standard errors: n = 10 to 2.262·1.054", () => {
    const [lower, upper] = expandedInterval(grid, { clusters: 10, strata: 1 })!
    expect(upper).toBeCloseTo(2.262 * Math.sqrt(10 / 9), 1)
    expect(lower).toBeCloseTo(-upper, 6)
  })

  it("is the plain percentile interval for very many clusters", () => {
    expect(expandedInterval(grid, { clusters: 5000, strata: 1 })).toEqual(percentileInterval(grid))
    expect(expandedPValue(grid, { clusters: 5000, strata: 1 })).toBe(pValueOfZero(grid))
  })

  it("says nothing where resamples cannot differ because each stratum has one cluster", () => {
    expect(expandedInterval(grid, { clusters: 20, strata: 20 })).toBeNull()
    expect(expandedPValue(grid, { clusters: 20, strata: 20 })).toBeNull()
  })

  it("does not collapse where all 30 clusters are alike: 1 of [0, 1] is Wilson's [88.6, 100], 0 of [−1, 1] is ±11.4 points", () => {
    const design = { clusters: 30, strata: 1 }
    expect(expandedInterval([1, 1, 1], design, SHARES)).toEqual(wilsonInterval(30, 30))
    const [lower, upper] = expandedInterval([0, 0, 0], design, DIFFERENCES)!
    expect(upper).toBeCloseTo(3.8416 / 33.8416, 12)
    expect(lower).toBe(-upper)
    expect(expandedInterval([-1, -1], design)![1]).toBeLessThan(-0.7)
    expect(expandedInterval([0.7, 0.7], design, null)).toBeNull()
  })

  it("the p-value is about 0.05 where the interval ends at 0, and larger than the plain one", () => {
    const design = { clusters: 12, strata: 1 }
    const [lower] = expandedInterval(grid, design)!
    const shifted = grid.map((value) => value - lower)
    expect(Math.abs(expandedPValue(shifted, design)! - 0.05)).toBeLessThan(0.01)
    expect(expandedPValue(shifted, design)!).toBeGreaterThan(pValueOfZero(shifted))
  })

  it("covers the mean of 10 independent values at about 95 %, where plain percentiles cover at 90 %: 600 samples", () => {
    const covered = { expanded: 0, plain: 0 }
    const samples = 600
    for (let seed = 0; seed < samples; seed++) {
      const stream = draws(fold(seed, "ten values"))
      const sample = Array.from({ length: 10 }, (): Counts => [normalQuantile(0.5 * stream.uniform() + 0.25 + 1e-9), 1])
      const values = resample(sample, 2, "ten", { rounds: 300, seed }).map(([sum, count]) => sum! / count!)
      if (contains(expandedInterval(values, { clusters: 10, strata: 1 })!, 0)) covered.expanded++
      if (contains(percentileInterval(values), 0)) covered.plain++
    }
    expect(covered.expanded / samples).toBeGreaterThan(0.925)
    expect(covered.plain / samples).toBeLessThan(covered.expanded / samples - 0.02)
  })
})
