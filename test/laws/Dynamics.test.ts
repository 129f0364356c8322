/** Claims C21 and C22: figure 1 on exact dynamics, over several starts and refresh periods. */
import { describe, expect, it } from "vitest"
import { type DynamicsOptions, type DynamicsRun, simulateDynamics } from "../../src/theory/illustration/Dynamics.ts"
import { expectClose } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { asLogits, asVector } from "../support/ThreeLogitOracle.ts"
import { twoStageAccuracy } from "../../src/theory/Accuracy.ts"
import { expectedKlPenalty, logitsOf, ratesOf } from "../../src/theory/illustration/ThreeLogit.ts"

const start = (sampleCorrect: number, stopGivenCorrect: number, resampleGivenWrong: number): DynamicsOptions["start"] => ({
  sampleCorrect,
  stopGivenCorrect,
  resampleGivenWrong
})

/** Policies that already reflect: a coin in every logit, good ones, weak samplers, weak deciders. */
const reflectingStarts = [
  start(0.5, 0.5, 0.5),
  start(0.57, 0.88, 0.77),
  start(0.8, 0.8, 0.8),
  start(0.3, 0.7, 0.5),
  start(0.9, 0.6, 0.6),
  start(0.2, 0.6, 0.6)
]

/** A policy that accepts nearly every wrong answer, as after SFT without reflection. */
const acceptingStart = start(0.12, 0.95, 0.05)

const defined = (ratios: ReadonlyArray<number | null>): ReadonlyArray<number> => ratios.filter((ratio) => ratio !== null)

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const lastOf = <T>(values: ReadonlyArray<T>): T => values.at(-1)!

/** The size of the drag on θ_S at every step. */
const dragSize = (run: DynamicsRun): ReadonlyArray<number> => run.kl.sampleCorrect.map(Math.abs)

describe("Figure 1, C21: attribution along a run", () => {
  it("confirmed at the defaults: the surrogate's ratio stays in [1, 1.42], the KL's above 2 with a median near 10", () => {
    const run = simulateDynamics()
    for (const ratio of defined(run.attribution.surrogate)) {
      expect(ratio).toBeGreaterThan(0.99)
      expect(ratio).toBeLessThan(1.42)
    }
    expect(Math.min(...defined(run.attribution.kl))).toBeGreaterThan(2)
    expect(median(defined(run.attribution.kl))).toBeGreaterThan(7)
    expect(median(defined(run.attribution.kl))).toBeLessThan(15)
    expect(lastOf(run.accuracy)).toBeGreaterThan(0.97)
  })

  it("confirmed over six reflecting starts with a refresh at least every 50 steps: KL above 2, surrogate below 2.3", () => {
    for (const from of reflectingStarts) {
      for (const refreshEvery of [10, 25, 50]) {
        const run = simulateDynamics({ start: from, refreshEvery })
        expect(Math.min(...defined(run.attribution.kl))).toBeGreaterThan(2)
        expect(Math.max(...defined(run.attribution.surrogate))).toBeLessThan(2.3)
        expect(Math.min(...defined(run.attribution.surrogate))).toBeGreaterThan(0.95)
      }
    }
  })

  it("qualified: from a policy that accepts wrong answers the surrogate is unbalanced too, 1/√((1 − c)² + w²) ≈ 14", () => {
    const run = simulateDynamics({ start: acceptingStart })
    expectClose(run.attribution.surrogate[0]!, 1 / Math.hypot(0.05, 0.05))
    expect(Math.min(...defined(run.attribution.surrogate))).toBeGreaterThan(10)
  })

  it("qualified: one token an answer (L = 1) brings the KL's ratio down to the surrogate's size", () => {
    const run = simulateDynamics({ answerLength: 1 })
    expect(median(defined(run.attribution.kl))).toBeLessThan(3)
    expect(Math.min(...defined(run.attribution.kl))).toBeLessThan(1.5)
  })

  it("qualified: 'above 2 throughout' comes from refreshing. Left alone, both parts cancel at the end and their ratios agree", () => {
    const run = simulateDynamics({ refreshEvery: null, answerLength: 50, steps: 6000 })
    for (const name of ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const) {
      expect(Math.abs(lastOf(run.net[name]))).toBeLessThan(1e-6)
    }
    expectClose(lastOf(run.attribution.kl)!, lastOf(run.attribution.surrogate)!, 1e-5)
    expect(lastOf(run.attribution.kl)!).toBeLessThan(1.2)
  })

  it("without refresh it is below 2 at L = 8 as well, but there w escapes to 1: √(1 − w) of push beats (1 − w) of drag", () => {
    const run = simulateDynamics({ refreshEvery: null, steps: 6000 })
    expect(run.attribution.kl[1000]!).toBeLessThan(1.2)
    expect(lastOf(run.rates.resampleGivenWrong)).toBeGreaterThan(0.999)
    expect(lastOf(run.net.resampleGivenWrong)).toBeGreaterThan(0)
  })

  it("the ratio falls within every period, from the drag's linear part alone towards that balance", () => {
    const run = simulateDynamics()
    const afterRefresh = [1, 51, 101, 151, 201, 251].map((step) => run.attribution.kl[step]!)
    const beforeNext = [49, 99, 149, 199, 249, 299].map((step) => run.attribution.kl[step]!)
    for (const [period, ratio] of afterRefresh.entries()) expect(ratio).toBeGreaterThan(beforeNext[period]!)
  })
})

describe("Figure 1, C22: the cycles", () => {
  it("confirmed: the drag is exactly 0 at every refresh and nowhere else, for every period, start and logit", () => {
    for (const from of reflectingStarts) {
      for (const refreshEvery of [10, 25, 50, 100]) {
        const run = simulateDynamics({ start: from, refreshEvery })
        const silent = dragSize(run).flatMap((size, step) => (size === 0 ? [step] : []))
        expect(silent).toEqual([0, ...run.refreshes])
        expect(run.attribution.kl.flatMap((ratio, step) => (ratio === null ? [step] : []))).toEqual(silent)
      }
    }
  })

  it("confirmed: within each period the drag on θ_S rises to a peak and the next one begins again from 0", () => {
    const run = simulateDynamics()
    for (const refresh of run.refreshes.slice(0, -1)) {
      const period = dragSize(run).slice(refresh, refresh + 50)
      expect(period[0]).toBe(0)
      expect(period[10]!).toBeGreaterThan(period[1]!)
      expect(Math.max(...period)).toBeGreaterThan(3 * period[1]!)
      expect(period.at(-1)).toBeGreaterThan(Math.max(...period) / 2)
    }
  })

  it("no refresh, no cycles: the drag is 0 at the start only, and p rises without a break", () => {
    for (const from of reflectingStarts) {
      const run = simulateDynamics({ start: from, refreshEvery: null })
      expect(dragSize(run).flatMap((size, step) => (size === 0 ? [step] : []))).toEqual([0])
      const steps = run.rates.sampleCorrect.slice(1).map((rate, step) => rate - run.rates.sampleCorrect[step]!)
      const largest = Math.max(...steps)
      expect(steps.indexOf(largest)).toBe(0)
    }
  })
})

describe("Figure 1: the dynamics themselves", () => {
  it("each step ascends surrogate + KL penalty: a run's net gradient is their central difference at that policy", () => {
    const run = simulateDynamics({ steps: 40, refreshEvery: 30 })
    const logitsAt = (step: number) =>
      logitsOf(start(run.rates.sampleCorrect[step]!, run.rates.stopGivenCorrect[step]!, run.rates.resampleGivenWrong[step]!))
    for (const [step, referenceStep] of [[7, 0], [29, 0], [35, 30]] as const) {
      const policy = logitsAt(step)
      const accuracy = twoStageAccuracy(ratesOf(policy))
      const slope = centralDifference((at) => {
        const moved = asLogits(at)
        const model = { policy: moved, reference: logitsAt(referenceStep), lengths: { correct: 8, wrong: 8 }, beta: 1 }
        return twoStageAccuracy(ratesOf(moved)) / Math.sqrt(accuracy * (1 - accuracy)) + expectedKlPenalty(model).total
      }, asVector(policy))
      expectClose(run.net.sampleCorrect[step]!, slope[0]!)
      expectClose(run.net.stopGivenCorrect[step]!, slope[1]!)
      expectClose(run.net.resampleGivenWrong[step]!, slope[2]!)
    }
  })
})
