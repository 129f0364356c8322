import { describe, expect, it } from "vitest"
import type { ThreeLogitModel } from "../../../src/theory/illustration/ThreeLogit.ts"
import {
  accuracyLogitGradient,
  addLogits,
  attributeLogits,
  klPenaltyLogitGradient,
  surrogateLogitGradient
} from "../../../src/theory/illustration/ThreeLogitGradient.ts"
import { expectClose } from "../../../src/laws/support/Approx.ts"

// p = c = w = 1/2: S = 1/2, acc = 1/2.
const middle = { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 }

describe("accuracyLogitGradient", () => {
  it("is (1/4, 1/8, 1/8) at p = c = w = 1/2: p(1−p)·c(1−w)/S² = 1/16 · 4, times (1, 1/2, 1/2)", () => {
    expect(accuracyLogitGradient(middle)).toEqual({ sampleCorrect: 0.25, stopGivenCorrect: 0.125, resampleGivenWrong: 0.125 })
  })
})

describe("surrogateLogitGradient", () => {
  it("is twice that: the reward's standard deviation √(acc(1 − acc)) is 1/2", () => {
    expect(surrogateLogitGradient(middle)).toEqual({ sampleCorrect: 0.5, stopGivenCorrect: 0.25, resampleGivenWrong: 0.25 })
  })
})

describe("both gradients where a cycle hardly ever stops", () => {
  it("stay those of acc = p·c/S: at θ_S = −460, θ_W = 460 and c = ½ it is 1/3, so acc(1 − acc) = 2/9, though S² is 0 in float64", () => {
    const far = { sampleCorrect: -460, stopGivenCorrect: 0, resampleGivenWrong: 460 }
    const plain = accuracyLogitGradient(far)
    expect(plain.sampleCorrect).toBeCloseTo(2 / 9, 12)
    expect(plain.stopGivenCorrect).toBeCloseTo(1 / 9, 12)
    expect(surrogateLogitGradient(far).resampleGivenWrong).toBeCloseTo(Math.sqrt(2) / 3, 12)
  })
})

describe("klPenaltyLogitGradient", () => {
  it("is exactly 0 at the reference", () => {
    const model: ThreeLogitModel = { policy: middle, reference: middle, lengths: { correct: 9, wrong: 9 }, beta: 1 }
    const gradient = klPenaltyLogitGradient(model)
    for (const part of Object.values(gradient)) expect(attributeLogits(part).ratio).toBe(null)
  })

  it("by hand: θ_S = log 3 against reference 0, decisions at their reference 1/2, L = 4, β = 1", () => {
    // p = 3/4, S = 1/2, V = −4·KL(3/4‖1/2)/S; θ_S immediate −4·p(1−p)·log 3/S, future p(1−p)/S·(1/2 − 1/2)·V = 0;
    // θ_C: −V·p·c(1−c)/S = −V·3/8; θ_W: V·(1−p)·w(1−w)/S = V/8.
    const value = -8 * (0.75 * Math.log(1.5) + 0.25 * Math.log(0.5))
    const gradient = klPenaltyLogitGradient({
      policy: { ...middle, sampleCorrect: Math.log(3) },
      reference: middle,
      lengths: { correct: 4, wrong: 4 },
      beta: 1
    })
    expectClose(gradient.immediate.sampleCorrect, -4 * (3 / 16) * Math.log(3) * 2)
    expectClose(gradient.total.sampleCorrect, gradient.immediate.sampleCorrect)
    expectClose(gradient.futureSampling.stopGivenCorrect, (-value * 3) / 8)
    expectClose(gradient.futureSampling.resampleGivenWrong, value / 8)
    expectClose(attributeLogits(gradient.futureDecision).decision, 0)
    expectClose(attributeLogits(gradient.immediate).decision, 0)
  })
})

describe("attributeLogits", () => {
  it("compares |g_S| with the norm of (g_C, g_W)", () => {
    expect(attributeLogits({ sampleCorrect: -10, stopGivenCorrect: 3, resampleGivenWrong: -4 })).toEqual({
      sampling: 10,
      decision: 5,
      ratio: 2
    })
    expect(attributeLogits({ ...middle, sampleCorrect: 1 }).ratio).toBe(Infinity)
    expect(attributeLogits(middle).ratio).toBe(null)
  })
})

describe("addLogits", () => {
  it("adds the second gradient as often as told", () => {
    const one = { sampleCorrect: 1, stopGivenCorrect: 2, resampleGivenWrong: 3 }
    expect(addLogits(one, one, -1)).toEqual(middle)
    expect(addLogits(one, one)).toEqual({ sampleCorrect: 2, stopGivenCorrect: 4, resampleGivenWrong: 6 })
  })
})
