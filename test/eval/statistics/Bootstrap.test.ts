import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, fold } from "../../../src/domain/Seed.ts"
import {
  bootstrapOf,
  type BootstrapOptions,
  type Counts,
  PAPER_ROUNDS,
  percentile,
  percentileIntervals,
  poolRounds,
  pValueOfZero,
  resample,
  type Statistics,
  sumCounts
} from "../../../src/eval/statistics/Bootstrap.ts"
import { contains, normalInterval } from "../../../src/eval/statistics/Interval.ts"

const rate = ([successes, trials]: Counts) => [trials === 0 ? null : successes! / trials!]

const bootstrapIntervals = (strata: ReadonlyArray<ReadonlyArray<Counts>>, statistics: Statistics, options: BootstrapOptions = {}) =>
  percentileIntervals(poolRounds(strata.map((clusters, k) => resample(clusters, 2, `stratum ${k}`, options))), statistics)

/** `count` queries of `size` rollouts with a success rate drawn per query: 0.1 or 0.9, mean 0.5. */
const clusteredSample = (seed: number, count: number, size: number): ReadonlyArray<Counts> => {
  const stream = draws(fold(seed, "clustered sample"))
  return Array.from({ length: count }, () => {
    const p = stream.uniform() < 0.5 ? 0.1 : 0.9
    return [Array.from({ length: size }, () => stream.uniform() < p).filter(Boolean).length, size]
  })
}

const coverage = (seeds: number, interval: (seed: number) => readonly [number, number]) =>
  Array.from({ length: seeds }, (_, seed) => contains(interval(seed), 0.5)).filter(Boolean).length / seeds

describe("percentile", () => {
  it("is linear between order statistics: quartiles of 1 2 3 4 are 1.75, 2.5, 3.25", () => {
    expect([0.25, 0.5, 0.75].map((q) => percentile([4, 2, 1, 3], q))).toEqual([1.75, 2.5, 3.25])
  })

  it("has the smallest and largest value at its ends, and rises in q", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (sample) => {
        expect(percentile(sample, 0)).toBe(Math.min(...sample))
        expect(percentile(sample, 1)).toBe(Math.max(...sample))
        const values = Array.from({ length: 11 }, (_, k) => percentile(sample, k / 10))
        expect([...values].sort((a, b) => a - b)).toEqual(values)
      })
    )
  })
})

describe("pValueOfZero", () => {
  it("of 9 values, 2 below 0: 2 (1 + 2)/10; all above: 2/10; all 0 or rounding errors: 1; none: 1", () => {
    expect(pValueOfZero([-2, -1, 1, 2, 3, 4, 5, 6, 7])).toBe(0.6)
    expect(pValueOfZero([1, 2, 3, 4, 5, 6, 7, 8, 9])).toBe(0.2)
    expect(pValueOfZero([0, 1e-16, -1e-16])).toBe(1)
    expect(pValueOfZero([])).toBe(1)
  })

  it("is the same for the statistic and its negative, and at most 1", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (values) => {
        expect(pValueOfZero(values.map((value) => -value))).toBe(pValueOfZero(values))
        expect(pValueOfZero(values)).toBeLessThanOrEqual(1)
        expect(pValueOfZero(values)).toBeGreaterThanOrEqual(2 / (values.length + 1))
      })
    )
  })
})

describe("bootstrapOf", () => {
  it("fills in what is left out, and refuses what gives no intervals or none that can be had again", () => {
    expect(bootstrapOf({})).toEqual({ rounds: 1000, seed: 0 })
    expect(bootstrapOf({ rounds: 1, seed: -3 })).toEqual({ rounds: 1, seed: -3 })
    for (const rounds of [0, -1, 1.5, Number.NaN, Infinity, 100_001, 1e9]) {
      expect(() => bootstrapOf({ rounds })).toThrow(/rounds is .*; expected a whole number of 1 to 100000/)
      expect(() => resample([[1, 2]], 2, "all", { rounds })).toThrow(/rounds is/)
    }
    for (const seed of [0.5, Number.NaN, 2 ** 53]) expect(() => bootstrapOf({ seed })).toThrow(/seed is .*; expected a whole number/)
  })
})

describe("resample, poolRounds, percentileIntervals", () => {
  it("draws every query equally often: of n unit vectors each is drawn n/n = 1 times a round on average, with variance 1 − 1/n", () => {
    const n = 5
    const rounds = 4000
    const units = Array.from({ length: n }, (_, k) => Array.from({ length: n }, (_, j) => (j === k ? 1 : 0)))
    const drawn = resample(units, n, "units", { rounds, seed: 3 })
    for (let k = 0; k < n; k++) {
      const mean = drawn.reduce((sum, totals) => sum + totals[k]! / rounds, 0)
      const variance = drawn.reduce((sum, totals) => sum + (totals[k]! - mean) ** 2 / rounds, 0)
      // Standard errors: √(0.8/4000) = 0.014 and about 0.03.
      expect(Math.abs(mean - 1)).toBeLessThan(0.06)
      expect(Math.abs(variance - (1 - 1 / n))).toBeLessThan(0.12)
      expect(drawn.every((totals) => sumCounts([totals]).reduce((a, b) => a + b) === n)).toBe(true)
    }
  })

  it("is a function of its seed: the same seed gives the same interval, another seed another", () => {
    const sample = clusteredSample(1, 40, 3)
    const run = (seed: number) => bootstrapIntervals([sample], rate, { rounds: PAPER_ROUNDS, seed })
    expect(run(7)).toEqual(run(7))
    expect(run(7)).not.toEqual(run(8))
  })

  it("has no width when all queries are alike, whatever the strata", () => {
    const alike = Array.from({ length: 12 }, () => [1, 2])
    expect(bootstrapIntervals([alike.slice(0, 5), alike.slice(5)], rate, { rounds: 50 })).toEqual([[0.5, 0.5]])
  })

  it("keeps each stratum's size: of one sure stratum and one impossible one the rate never moves", () => {
    const sure = Array.from({ length: 10 }, () => [1, 1])
    const impossible = Array.from({ length: 30 }, () => [0, 1])
    expect(bootstrapIntervals([sure, impossible], rate, { rounds: 200 })).toEqual([[0.25, 0.25]])
    const [lower, upper] = bootstrapIntervals([[...sure, ...impossible]], rate, { rounds: 200 })[0]!
    expect(upper - lower).toBeGreaterThan(0.1)
  })

  it("gives null for a rate that many resamples leave without trials, and for no queries", () => {
    const oneTrial = [[1, 1], ...Array.from({ length: 9 }, () => [0, 0])]
    expect(bootstrapIntervals([oneTrial], rate, { rounds: 200 })).toEqual([null])
    expect(bootstrapIntervals([[]], rate, { rounds: 20 })).toEqual([null])
  })

  it("E.4: covers the truth at about 95 % over 400 samples of independent rollouts (100 rounds and 1000 rounds)", () => {
    const sample = (seed: number): ReadonlyArray<Counts> => {
      const stream = draws(fold(seed, "independent sample"))
      return Array.from({ length: 100 }, () => [stream.uniform() < 0.5 ? 1 : 0, 1])
    }
    for (const rounds of [PAPER_ROUNDS, 1000]) {
      const covered = coverage(400, (seed) => bootstrapIntervals([sample(seed)], rate, { rounds, seed })[0]!)
      // Standard error of a coverage of 0.95 over 400 samples: 0.011. 100 rounds cover a little less.
      expect(covered).toBeGreaterThan(0.9)
      expect(covered).toBeLessThan(0.98)
    }
  })

  it("covers at about 95 % when rollouts of a query agree with each other, where the interval for independent rollouts covers half", () => {
    const clustered = coverage(300, (seed) => bootstrapIntervals([clusteredSample(seed, 60, 8)], rate, { rounds: 300, seed })[0]!)
    const independent = coverage(300, (seed) => {
      const [successes, trials] = sumCounts(clusteredSample(seed, 60, 8))
      return normalInterval(successes!, trials!)!
    })
    expect(clustered).toBeGreaterThan(0.91)
    expect(independent).toBeLessThan(0.75)
  })
})
