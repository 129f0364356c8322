/** Section 10b: an exact, order-independent split of a difference in accuracy. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { twoStageAccuracy, type TwoStageRates } from "../../src/theory/Accuracy.ts"
import { gainByRate, gainBySubPolicy } from "../../src/theory/Shapley.ts"
import { anyRates, interiorRates } from "../support/TwoStageArbitraries.ts"

const rateNames = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const

const caps = fc.constantFrom(1, 2, 5, 40, Infinity)

const orders = <T>(items: ReadonlyArray<T>): ReadonlyArray<ReadonlyArray<T>> =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => orders(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))

/** Replaces the groups one after another and credits each with the change it makes. */
const creditInOrder = (
  order: ReadonlyArray<ReadonlyArray<keyof TwoStageRates>>,
  from: TwoStageRates,
  to: TwoStageRates,
  maxCycles: number
): ReadonlyMap<string, number> => {
  const credit = new Map<string, number>()
  let rates = from
  for (const group of order) {
    const next = { ...rates, ...Object.fromEntries(group.map((name) => [name, to[name]])) }
    credit.set(group.join(), twoStageAccuracy(next, maxCycles) - twoStageAccuracy(rates, maxCycles))
    rates = next
  }
  return credit
}

const meanCredit = (
  groups: ReadonlyArray<ReadonlyArray<keyof TwoStageRates>>,
  from: TwoStageRates,
  to: TwoStageRates,
  maxCycles: number
): ReadonlyArray<number> => {
  const credits = orders(groups).map((order) => creditInOrder(order, from, to, maxCycles))
  return groups.map((group) => credits.reduce((sum, credit) => sum + credit.get(group.join())!, 0) / credits.length)
}

describe("Section 10b: which policy made the gain", () => {
  it("the parts sum to the difference, for all pairs of models and caps, degenerate rates included", () => {
    fc.assert(fc.property(anyRates, anyRates, caps, (from, to, maxCycles) => {
      const difference = twoStageAccuracy(to, maxCycles) - twoStageAccuracy(from, maxCycles)
      const bySubPolicy = gainBySubPolicy(from, to, maxCycles)
      const byRate = gainByRate(from, to, maxCycles)
      expect(bySubPolicy.total).toBeCloseTo(difference, 12)
      expect(byRate.total).toBeCloseTo(difference, 12)
      expect(bySubPolicy.sampling + bySubPolicy.decision).toBeCloseTo(difference, 12)
      expect(rateNames.reduce((sum, name) => sum + byRate[name], 0)).toBeCloseTo(difference, 12)
    }))
  })

  it("equals the mean over all orders of replacing the rates one after another", () => {
    fc.assert(fc.property(anyRates, anyRates, caps, (from, to, maxCycles) => {
      const bySubPolicy = gainBySubPolicy(from, to, maxCycles)
      const [sampling, decision] = meanCredit([["sampleCorrect"], ["stopGivenCorrect", "resampleGivenWrong"]], from, to, maxCycles)
      expect(bySubPolicy.sampling).toBeCloseTo(sampling!, 12)
      expect(bySubPolicy.decision).toBeCloseTo(decision!, 12)
      const byRate = gainByRate(from, to, maxCycles)
      for (const [index, part] of meanCredit(rateNames.map((name) => [name]), from, to, maxCycles).entries()) {
        expect(byRate[rateNames[index]!]).toBeCloseTo(part, 12)
      }
    }))
  })

  it("gives a rate that did not change exactly nothing, and changes sign when the models trade places", () => {
    fc.assert(fc.property(interiorRates, interiorRates, fc.constantFrom(...rateNames), (from, to, name) => {
      expect(gainByRate(from, { ...to, [name]: from[name] })[name]).toBe(0)
      const forward = gainBySubPolicy(from, to)
      const backward = gainBySubPolicy(to, from)
      expect(forward.sampling + backward.sampling).toBeCloseTo(0, 12)
      expect(forward.decision + backward.decision).toBeCloseTo(0, 12)
    }))
  })

  it("depends on the order without averaging: one order credits sampling with more than the other", () => {
    const from = { sampleCorrect: 0.2, stopGivenCorrect: 0.9, resampleGivenWrong: 0.1 }
    const to = { sampleCorrect: 0.6, stopGivenCorrect: 0.9, resampleGivenWrong: 0.95 }
    const groups = [["sampleCorrect"], ["stopGivenCorrect", "resampleGivenWrong"]] as const
    const first = creditInOrder(groups, from, to, Infinity).get("sampleCorrect")!
    const last = creditInOrder(groups.toReversed(), from, to, Infinity).get("sampleCorrect")!
    expect(first - last).toBeGreaterThan(0.2)
  })
})
