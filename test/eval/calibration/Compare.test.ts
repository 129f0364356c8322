import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import { Comparison } from "../../../src/eval/calibration/Comparison.ts"
import { contains } from "../../../src/eval/statistics/Interval.ts"
import { simulate, type SimulatedPolicy } from "../../../src/eval/calibration/Simulate.ts"

const policy = { pSample: 0.6, pStopGivenCorrect: 0.7, pResampleGivenWrong: 0.3, cap: 4, n: 1500, seed: 1 }
const model = (id: string, changes: Partial<SimulatedPolicy> = {}) => ({ id, rollouts: simulate({ ...policy, ...changes }) })
const tenths = fc.integer({ min: 0, max: 10 }).map((k) => k / 10)

describe("compare", () => {
  it("splits exactly: sampling + decision = predicted = sum over the three rates, predicted + unexplained = observed, for any two policies", () => {
    fc.assert(
      fc.property(fc.array(tenths, { minLength: 6, maxLength: 6 }), fc.nat(1000), (rates, seed) => {
        const [p, c, w, p2, c2, w2] = rates as [number, number, number, number, number, number]
        const from = model("from", { pSample: p, pStopGivenCorrect: c, pResampleGivenWrong: w, n: 40, seed })
        const to = model("to", { pSample: p2, pStopGivenCorrect: c2, pResampleGivenWrong: w2, n: 40, seed: seed + 1 })
        const comparison = compare(from, to, { rounds: 5, cap: 4 })
        expect(Schema.decodeUnknownSync(Comparison)(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison)
        const { byRate, decision, observed, predicted, sampling, unexplained } = comparison.overall
        expect(sampling.value! + decision.value!).toBeCloseTo(predicted.value!, 12)
        const rateSum = byRate.pSample.value! + byRate.pStopGivenCorrect.value! + byRate.pResampleGivenWrong.value!
        expect(rateSum).toBeCloseTo(predicted.value!, 12)
        expect(predicted.value! + unexplained.value!).toBeCloseTo(observed.value!, 12)
      }),
      { numRuns: 50 }
    )
  })

  it("agrees with two calibrations of their own: differences of accuracy, prediction and rates", () => {
    const from = model("from")
    const to = model("to", { pSample: 0.9, seed: 2 })
    const { overall } = compare(from, to, { rounds: 5, cap: 4 })
    const [before, after] = [from, to].map(({ rollouts }) => calibrate(rollouts, { rounds: 5, cap: 4 }).overall)
    expect(overall.observed.value!).toBeCloseTo(after!.observed.accuracy! - before!.observed.accuracy!, 12)
    expect(overall.predicted.value!).toBeCloseTo(after!.predictedCapped.accuracy! - before!.predictedCapped.accuracy!, 12)
    expect(overall.change.pSample.value!).toBeCloseTo(after!.pSample.value! - before!.pSample.value!, 12)
    expect(overall.change.pResampleGivenWrong.value!).toBeCloseTo(
      after!.pResampleGivenWrong.value! - before!.pResampleGivenWrong.value!,
      12
    )
  })

  it("credits sampling alone when only p_S changed, and decision alone when only p_D|C and p_D|W changed", () => {
    const sampler = compare(model("from"), model("to", { pSample: 0.9, seed: 2 }), { rounds: 300 }).overall
    expect(sampler.sampling.interval![0]).toBeGreaterThan(0.1)
    expect(contains(sampler.decision.interval!, 0)).toBe(true)
    const decider =
      compare(model("from"), model("to", { pStopGivenCorrect: 0.95, pResampleGivenWrong: 0.8, seed: 2 }), { rounds: 300 }).overall
    expect(decider.decision.interval![0]).toBeGreaterThan(0.1)
    expect(contains(decider.sampling.interval!, 0)).toBe(true)
  })

  it("credits no change to a decision rate that cannot be seen: a model that is never wrong gained by sampling alone", () => {
    const perfect = model("to", { pSample: 1, pStopGivenCorrect: 0.7, seed: 2 })
    const { byRate, change, decision, predicted, sampling } =
      compare(model("from", { pStopGivenCorrect: 0.7 }), perfect, { rounds: 300, cap: 4 }).overall
    expect(change.pResampleGivenWrong).toEqual({ value: null, interval: null })
    expect(byRate.pResampleGivenWrong.value).toBe(0)
    expect(Math.abs(decision.value!)).toBeLessThan(0.01)
    expect(sampling.value! + decision.value!).toBeCloseTo(predicted.value!, 12)
    expect(decision.interval![1] - decision.interval![0]).toBeLessThan(0.05)
  })

  it("pairs the queries that both answered: a model against itself differs by exactly 0 in every resample", () => {
    const { overall } = compare(model("one"), model("same"), { rounds: 50, ...PAPER_METHOD })
    expect(overall.paired).toBe(policy.n)
    expect(overall.observed).toEqual({ value: 0, interval: [0, 0] })
    expect(overall.change.pStopGivenCorrect).toEqual({ value: 0, interval: [0, 0] })
  })

  it("handles models with no query in common", () => {
    const { overall } = compare(model("from"), {
      ...model("to"),
      rollouts: model("to").rollouts.map((rollout) => ({ ...rollout, query: `other ${rollout.query}` }))
    }, { rounds: 50 })
    expect(overall.paired).toBe(0)
    expect(overall.observed.interval).not.toBeNull()
  })

  it("pools only levels that both were evaluated on: a harder level of one model's alone does not count against it", () => {
    const [from, to] = [model("from"), model("to", { seed: 2 })]
    const more = { ...to, rollouts: [...to.rollouts, ...model("more", { level: "hard", pSample: 0.01 }).rollouts] }
    const [alone, beside] = [compare(from, to, { rounds: 50 }), compare(from, more, { rounds: 50, trainLevels: ["hard"] })]
    expect(beside.levels.filter(({ observed }) => observed.value === null).map(({ level }) => level)).toEqual(["hard"])
    expect(beside.overall).toEqual(alone.overall)
    expect(beside.trained!.observed).toEqual({ value: null, interval: null })
    expect({ ...beside.unseen, level: "" }).toEqual({ ...alone.overall, level: "" })
  })

  it("covers the true difference at about the nominal rate, over 200 pairs of samples", () => {
    const truth = 0.2
    const covered = Array.from({ length: 200 }, (_, seed) => {
      const from = model("from", { n: 120, seed })
      const to = model("to", { n: 120, seed: seed + 1000, pResampleGivenWrong: 0.3 + truth })
      return contains(compare(from, to, { rounds: 200, seed }).overall.change.pResampleGivenWrong.interval!, truth)
    })
    expect(covered.filter(Boolean).length / covered.length).toBeGreaterThan(0.9)
  })
})
