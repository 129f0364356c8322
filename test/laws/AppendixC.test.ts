/** Claims C24, C25 and C26: appendix C, its printed figures, and what is left of its ratios over all trajectories. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { appendixC, RESTORED } from "../../src/theory/illustration/AppendixC.ts"
import { PRINTED } from "../../src/theory/illustration/AppendixCPrinted.ts"
import { ratesOf, type ThreeLogitModel } from "../../src/theory/illustration/ThreeLogit.ts"
import { klChain, sumContributions, surrogateChain } from "../../src/theory/illustration/ThreeLogitChain.ts"
import { attributeLogits, klPenaltyLogitGradient } from "../../src/theory/illustration/ThreeLogitGradient.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { anyLengths } from "../support/ThreeLogitArbitraries.ts"
import { asVector, cappedKlPenalty } from "../support/ThreeLogitOracle.ts"

/** The size of the KL drag on θ_S over that on θ_W, on the appendix's trajectory. */
const dragRatio = (lengths: ThreeLogitModel["lengths"]): number => {
  const drag = sumContributions(klChain({ ...RESTORED.model, lengths }, RESTORED.cycles))
  return Math.abs(drag.sampleCorrect / drag.resampleGivenWrong)
}

const equal = (length: number): ThreeLogitModel["lengths"] => ({ correct: length, wrong: length })

describe("Appendix C, part 1 (C24): the reward push", () => {
  it("exact to rounding: −0.0987, +0.0989, +0.0499 from the restored inputs", () => {
    for (const row of appendixC().update) expect(Math.abs(row.reward - row.printed.reward)).toBeLessThan(0.00005)
  })

  it("is the advantage times the three scores, whatever the answers' lengths", () => {
    const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = ratesOf(RESTORED.model.policy)
    fc.assert(fc.property(anyLengths, (lengths) => {
      const push = sumContributions(surrogateChain({ ...RESTORED.model, lengths }, RESTORED.cycles, RESTORED))
      expectAllClose(asVector(push), [0.5 * (1 - p) - 0.5 * p, 0.5 * (1 - c), 0.5 * (1 - w)])
    }))
  })
})

describe("Appendix C, part 2 (C25): the KL drag", () => {
  it("exact to rounding: every printed figure of both tables is met to 0.0013", () => {
    expect(appendixC().largestDifference).toBeLessThan(0.0013)
    expect(appendixC().largestDifference).toBeGreaterThan(0.001)
  })

  it("the difference is the paper's rounding: with the log-ratios 0.0415 and 0.0588 the chain is the printed one", () => {
    const toPaper = (value: number): number => Math.round(value * 10_000) / 10_000
    const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = ratesOf(RESTORED.model.policy)
    const stop = -0.0218
    const correct = toPaper(8 * -0.0415 + stop)
    const resample = toPaper(-0.0429 + correct)
    const wrong = toPaper(8 * 0.0588 + resample)
    expect([stop, correct, resample, wrong]).toEqual(PRINTED.steps.map((row) => row.q))
    const contributions = [stop * (1 - c), correct * (1 - p), resample * (1 - w), wrong * -p]
    for (const [index, row] of PRINTED.steps.entries()) {
      expect(Math.abs(contributions[index]! - row.contribution)).toBeLessThan(0.00011)
    }
  })

  it("holds on this trajectory: the drag on θ_S is over 2 times that on θ_W and over 80 times that on θ_C", () => {
    const [spread, twice, eighty] = appendixC().claims
    expect([spread!.holds, twice!.holds, eighty!.holds]).toEqual([true, true, true])
    expect(twice!.value).toBeGreaterThan(2.3)
    expect(eighty!.value).toBeGreaterThan(85)
    expect(Math.abs(twice!.value - twice!.printed)).toBeLessThan(0.01)
  })

  it("one sample: over all trajectories the ratios are 13.5 and 19.4, so '80 times' does not hold in expectation", () => {
    const [spread, twice, eighty] = appendixC().claims
    expect(twice!.inExpectation).toBeCloseTo(13.48, 2)
    expect(eighty!.inExpectation).toBeCloseTo(19.44, 2)
    expect([twice!.holdsInExpectation, eighty!.holdsInExpectation]).toEqual([true, false])
    // The three pushes are 1 : 1 − c : w there, and 1 − c is 0.0998.
    expect(spread!.inExpectation).toBeCloseTo(10.03, 2)
    expect(spread!.holdsInExpectation).toBe(false)
  })

  it("the expectation is autodiff's gradient of the exact penalty, 40 cycles deep (0.39⁴⁰ of the trajectories go on)", () => {
    const drag = gradient(cappedKlPenalty(RESTORED.model, 40), asVector(RESTORED.model.policy))
    const { expectation } = appendixC()
    const found = ["s", "stopGivenCorrect", "resampleGivenWrong"].map(
      (parameter) => expectation.update.find((row) => row.parameter === parameter)!.kl
    )
    expectAllClose(found, drag)
  })

  it("the sample and the expectation differ in sign: this trajectory pushes θ_S down, the mean reward gradient up", () => {
    const { expectation, update } = appendixC()
    expect(update[0]!.reward).toBeLessThan(0)
    expect(expectation.update[0]!.reward).toBeGreaterThan(0)
    expect(expectation.update[0]!.net).toBeGreaterThan(0)
  })
})

describe("Appendix C, introduction (C26): no longer wrong answers are needed for the asymmetry", () => {
  it("exact: at equal lengths the drag on θ_S exceeds that on both decision logits, in expectation, for every L", () => {
    for (const length of [1, 2, 4, 8, 16, 64, 256, 1024]) {
      const drag = klPenaltyLogitGradient({ ...RESTORED.model, lengths: equal(length) }).total
      expect(attributeLogits(drag).ratio!).toBeGreaterThan(1.3)
    }
  })

  it("on the one trajectory the ratio to θ_W grows with L to a limit of 3.3 and is below 1 for one or two tokens", () => {
    expect(dragRatio(equal(1))).toBeLessThan(1)
    expect(dragRatio(equal(2))).toBeLessThan(1)
    expect(dragRatio(equal(8))).toBeGreaterThan(2)
    expectClose(dragRatio(equal(1e4)) / dragRatio(equal(2e4)), 1, 1e-3)
    expect(dragRatio(equal(2e4))).toBeCloseTo(3.296, 2)
  })

  it("but the lengths do matter: on it a longer wrong answer raises the ratio, a shorter one turns it below 1", () => {
    expect(dragRatio({ correct: 8, wrong: 16 })).toBeGreaterThan(5)
    expect(dragRatio({ correct: 8, wrong: 4 })).toBeLessThan(1)
  })
})
