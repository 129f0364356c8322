import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Draws, draws, fold } from "../../../src/domain/Seed.ts"
import {
  clusteredInterval,
  effectiveTrials,
  FEWEST_CLUSTERS,
  spreadsOf,
  studentQuantile
} from "../../../src/eval/statistics/ClusteredInterval.ts"
import { type Counts, percentileInterval, resample } from "../../../src/eval/statistics/Bootstrap.ts"
import { expandedInterval, SHARES } from "../../../src/eval/statistics/ExpandedPercentile.ts"
import { contains, wilsonInterval } from "../../../src/eval/statistics/Interval.ts"
import { centralQuantile } from "../../../src/eval/statistics/StudentT.ts"

type Clusters = ReadonlyArray<readonly [successes: number, trials: number]>

const strata = (...sets: ReadonlyArray<Clusters>) =>
  sets.map((clusters) => spreadsOf(clusters.map((cluster) => [cluster, 1] as const), [(counts) => [counts[0]!, counts[1]!]])[0]!)
const repeat = (count: number, cluster: readonly [number, number]): Clusters => Array.from({ length: count }, () => cluster)

describe("effectiveTrials, clusteredInterval", () => {
  it("30 prompts all right, whatever the number of responses: Wilson's of 30, [88.6, 100]", () => {
    for (const responses of [1, 2, 64]) {
      expect(clusteredInterval(strata(repeat(30, [responses, responses])))).toEqual(wilsonInterval(30, 30))
    }
    expect(wilsonInterval(30, 30)![0]).toBeCloseTo(0.886, 3)
    expect(clusteredInterval(strata(repeat(30, [0, 16])))).toEqual(wilsonInterval(0, 30))
  })

  it("one response a prompt is Wilson's own interval: trials are independent", () => {
    expect(clusteredInterval(strata([...repeat(7, [1, 1]), ...repeat(13, [0, 1]), ...repeat(5, [0, 0])]))).toEqual(wilsonInterval(7, 20))
  })

  it("12 prompts of 16 that are right always or never: by hand v = p(1 − p)/11, so 11 (1.96/2.201)² trials", () => {
    const half = [...repeat(6, [16, 16]), ...repeat(6, [0, 16])]
    expect(effectiveTrials(strata(half))).toBeCloseTo(11 * (1.96 / centralQuantile(0.95, 11)) ** 2, 10)
    // Wilson's of n at one half is ½ ± 0.98/√(n + z²), with n = 8.72.
    const [lower, upper] = clusteredInterval(strata(half))!
    expect([lower, upper].map((end) => Math.round(100 * end))).toEqual([22, 78])
  })

  it("prompts that are all alike tell as much as independent trials, and never more", () => {
    expect(effectiveTrials(strata(repeat(20, [1, 2])))).toBe(40)
    expect(effectiveTrials(strata(repeat(20, [1, 3])))).toBe(60)
  })

  it("a rate that fewer than ten prompts have trials of counts a prompt as one trial at most", () => {
    expect(effectiveTrials(strata([...repeat(2, [3, 4]), ...repeat(2, [2, 4]), ...repeat(50, [0, 0])]))).toBeLessThanOrEqual(4)
  })

  it("strata: what differs between sets that were resampled apart is no spread", () => {
    const [easy, hard] = [repeat(10, [3, 4]), repeat(10, [1, 4])]
    expect(effectiveTrials(strata(easy, hard))).toBe(80)
    expect(effectiveTrials(strata([...easy, ...hard]))).toBeLessThan(80)
  })

  it("never leaves [0, 1], contains the proportion, has a width, and does not depend on the order of prompts", () => {
    const cluster = fc.integer({ min: 1, max: 6 }).chain((t) => fc.tuple(fc.integer({ min: 0, max: t }), fc.constant(t)))
    fc.assert(fc.property(fc.array(cluster, { minLength: 2, maxLength: 40 }), (clusters) => {
      const interval = clusteredInterval(strata(clusters))!
      const [s, t] = [0, 1].map((k) => clusters.reduce((sum, each) => sum + each[k]!, 0)) as [number, number]
      expect(interval[0]).toBeGreaterThanOrEqual(0)
      expect(interval[1]).toBeLessThanOrEqual(1)
      expect(contains([interval[0] - 1e-12, interval[1] + 1e-12], s / t)).toBe(true)
      expect(interval[1] - interval[0]).toBeGreaterThan(0.01)
      expect(clusteredInterval(strata(clusters.toReversed()))![0]).toBeCloseTo(interval[0], 10)
    }))
  })

  it("no trials, no interval", () => {
    expect(clusteredInterval(strata(repeat(5, [0, 0])))).toBeNull()
    expect(clusteredInterval([])).toBeNull()
  })

  it("studentQuantile goes over into its expansion without a step", () => {
    for (const degrees of [101, 150, 400]) expect(studentQuantile(degrees)).toBeCloseTo(centralQuantile(0.95, degrees), 4)
  })
})

/** A draw of Gamma(shape), Marsaglia and Tsang 2000; for shapes below 1 by U^(1/shape). */
const gamma = (stream: Draws, shape: number): number => {
  if (shape < 1) return gamma(stream, shape + 1) * stream.uniform() ** (1 / shape)
  const d = shape - 1 / 3
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform())
    const v = (1 + x / Math.sqrt(9 * d)) ** 3
    if (v > 0 && Math.log(1 - stream.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** The share of 1000 samples of `clusters` prompts whose interval covers p; responses of a prompt correlate by `icc` (beta-binomial). */
const coverage = (clusters: number, responses: number, p: number, icc: number): number => {
  const stream = draws(fold(5, "clustered coverage", clusters, responses, Math.round(100 * p), Math.round(100 * icc)))
  const ofPrompt = (): number => {
    if (icc === 0) return p
    const scale = 1 / icc - 1
    const [a, b] = [gamma(stream, p * scale), gamma(stream, (1 - p) * scale)]
    return a + b === 0 ? (stream.uniform() < p ? 1 : 0) : a / (a + b)
  }
  const samples = 1000
  let covered = 0
  for (let k = 0; k < samples; k++) {
    const sample = Array.from({ length: clusters }, () => {
      const rate = ofPrompt()
      return [Array.from({ length: responses }, () => stream.uniform() < rate).filter(Boolean).length, responses] as const
    })
    if (contains(clusteredInterval(strata(sample))!, p)) covered++
  }
  return covered / samples
}

describe("the bootstrap of few prompts, 8 responses each, p = .8, correlation .7", () => {
  const covers = (clusters: number): { readonly plain: number; readonly expanded: number } => {
    const stream = draws(fold(7, "few prompts", clusters))
    const samples = 400
    const hits = Array.from({ length: samples }, (_, seed) => {
      const sample = Array.from({ length: clusters }, (): Counts => {
        const [a, b] = [gamma(stream, 0.8 * (1 / 0.7 - 1)), gamma(stream, 0.2 * (1 / 0.7 - 1))]
        return [Array.from({ length: 8 }, () => stream.uniform() < a / (a + b)).filter(Boolean).length, 8]
      })
      const values = resample(sample, 2, "few", { rounds: 200, seed }).map(([s, t]) => s! / t!)
      return {
        plain: contains(percentileInterval(values), 0.8),
        expanded: contains(expandedInterval(values, { clusters, strata: 1 }, SHARES)!, 0.8)
      }
    })
    const share = (kind: "plain" | "expanded") => hits.filter((hit) => hit[kind]).length / samples
    return { plain: share("plain"), expanded: share("expanded") }
  }

  it("plain percentiles cover at 62 % with 4 prompts; expanded ones at 90 % with ten, the fewest that intervals are given for", () => {
    expect(covers(4).plain).toBeLessThan(0.7)
    const ten = covers(FEWEST_CLUSTERS)
    expect(ten.expanded).toBeGreaterThan(0.87)
    expect(ten.expanded).toBeGreaterThan(ten.plain + 0.02)
  })
})

describe("coverage of the clustered interval, beta-binomial prompts", () => {
  // The standard error of a coverage of 0.95 is 0.007.
  it.each(
    [FEWEST_CLUSTERS, 30, 100].flatMap((clusters) =>
      [0.5, 0.8, 0.95].flatMap((p) => [0, 0.2, 0.7].map((icc) => [clusters, p, icc] as const))
    )
  )("%d prompts of 8, p = %f, correlation %f: at least 93 %%, 88 %% where skewest", (clusters, p, icc) => {
    expect(coverage(clusters, 8, p, icc)).toBeGreaterThan(p === 0.95 && icc === 0.7 ? 0.88 : 0.93)
  })
})
