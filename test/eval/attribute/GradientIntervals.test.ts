import { describe, expect, it } from "vitest"
import { draws, fold } from "../../../src/domain/Seed.ts"
import { resampledGradient } from "../../../src/eval/attribute/GradientIntervals.ts"
import type { Interval } from "../../../src/eval/statistics/Interval.ts"

const DIMENSION = 12

/** Normal numbers of a seed. */
const normals = (seed: number) => {
  const { uniform } = draws(seed)
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}

/** What `clusters` prompts bring to two gradients whose means have the lengths and the cosine given; each number's deviation falls off. */
const sample = (clusters: number, [sampling, decision, cosine]: readonly [number, number, number], seed: number) => {
  const normal = normals(seed)
  const deviation = (i: number): number => 1 / Math.sqrt(i + 1)
  const drawn = (mean: (i: number) => number) =>
    Array.from(
      { length: clusters },
      () => Float64Array.from({ length: DIMENSION }, (_, i) => (mean(i) + deviation(i) * normal()) / clusters)
    )
  return {
    sampling: drawn((i) => (i === 2 ? sampling : 0)),
    decision: drawn((i) => (i === 2 ? decision * cosine : i === 3 ? decision * Math.sqrt(1 - cosine ** 2) : 0)),
    weigh: (times: Float64Array) => times
  }
}
const ones = (count: number) => Array.from({ length: count }, () => 1)

const TRACE = Array.from({ length: DIMENSION }, (_, i) => 1 / (i + 1)).reduce((sum, value) => sum + value, 0)

describe("resampledGradient", () => {
  it("estimates |E g|² and tr Cov without bias", () => {
    const rounds = 600
    const [clusters, truth] = [16, [0.6, 0.3, 0.5]] as const
    const found = Array.from(
      { length: rounds },
      (_, seed) => resampledGradient(sample(clusters, truth, fold(1, seed)), ones(clusters), undefined)
    )
    const mean = (of: (one: (typeof found)[number]) => number) => found.reduce((sum, one) => sum + of(one), 0) / rounds
    expect(mean(({ sampling }) => sampling.mean)).toBeCloseTo(0.36, 1)
    expect(mean(({ cross }) => cross.mean)).toBeCloseTo(0.09, 1)
    expect(mean(({ decision }) => decision.covariance) / (TRACE / clusters)).toBeCloseTo(1, 1)
    expect(found[0]!.intervals).toBeUndefined()
  })

  it("covers: 95 % intervals of both kinds hold the truth in nine of ten files or more, where percentiles of plain resamples do in two of three", () => {
    const [files, clusters] = [150, 20]
    for (const truth of [[1.2, 1.2, 0.5], [0.35, 0.35, 0.5]] as const) {
      const [s, d, c] = truth
      const noise = TRACE / clusters
      const ofFile = [Math.hypot(s, Math.sqrt(noise)), Math.sqrt((s * s + noise) / (d * d + noise))]
      const inside = (interval: Interval | null | undefined, value: number): boolean | undefined =>
        interval == null ? undefined : interval[0] <= value && value <= interval[1]
      const hits: Record<string, Array<boolean>> = {}
      const note = (name: string, hit: boolean | undefined) => {
        if (hit !== undefined) (hits[name] ??= []).push(hit)
      }
      for (let file = 0; file < files; file++) {
        const { expected, intervals } = resampledGradient(sample(clusters, truth, fold(2, file)), ones(clusters), {
          rounds: 200,
          seed: file
        })
        note("norm", inside(intervals?.normSampling, ofFile[0]!))
        note("ratio", inside(intervals?.ratio, ofFile[1]!))
        note("expected norm", inside(expected?.intervals.normSampling, s))
        note("expected ratio", inside(expected?.intervals.ratio, s / d))
        note("expected cosine", inside(expected?.intervals.cosine, c))
      }
      for (const [name, found] of Object.entries(hits)) {
        if (found.length < files / 2) continue
        expect([truth, name, found.filter(Boolean).length / found.length > 0.89]).toEqual([truth, name, true])
      }
      expect(hits["norm"]).toHaveLength(files)
    }
  })

  it("says nothing of a ratio or an angle of two gradients that are noise, and keeps their norms' intervals down to 0", () => {
    const { expected, intervals } = resampledGradient(sample(24, [0, 0, 0], 7), ones(24), { rounds: 300, seed: 1 })
    expect([expected!.cosine, expected!.intervals.cosine, expected!.intervals.normSampling![0]]).toEqual([null, null, 0])
    expect(intervals!.normSampling![0]).toBeGreaterThan(0)
  })

  it("leaves out resamples that have no gradient, and says nothing where they are many", () => {
    const whole = sample(12, [3, 3, 0.5], 4)
    const seldom = { ...whole, weigh: (times: Float64Array) => (times[0] === 0 ? undefined : times) }
    expect(resampledGradient(seldom, ones(12), { rounds: 200, seed: 1 }).intervals!.normSampling).toBeNull()
    expect(resampledGradient(whole, ones(12), { rounds: 200, seed: 1 }).intervals!.normSampling).not.toBeNull()
  })

  it("is the same for the same seed, and scales with the gradient", () => {
    const contributions = sample(15, [1, 1, 0.2], 9)
    const doubled = { ...contributions, sampling: contributions.sampling.map((vector) => vector.map((value) => 2 * value)) }
    const [one, two] = [contributions, doubled].map((each) => resampledGradient(each, ones(15), { rounds: 100, seed: 3 }))
    expect(resampledGradient(contributions, ones(15), { rounds: 100, seed: 3 })).toEqual(one)
    two!.intervals!.normSampling!.forEach((end, i) => expect(end).toBeCloseTo(2 * one!.intervals!.normSampling![i]!, 12))
    expect(two!.intervals!.cosine![0]).toBeCloseTo(one!.intervals!.cosine![0], 12)
  })
})
