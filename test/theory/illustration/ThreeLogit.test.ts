import { describe, expect, it } from "vitest"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import {
  choiceKl,
  choiceLogRatios,
  cycleProbabilities,
  expectedKlPenalty,
  logitsOf,
  ratesOf,
  type ThreeLogitModel
} from "../../../src/theory/illustration/ThreeLogit.ts"
import { expectClose } from "../../../src/laws/support/Approx.ts"

// Logits log 3, log 4, 0 give p = 3/4, c = 4/5, w = 1/2; the reference is p = 1/2, c = 4/5, w = 1/2.
const model: ThreeLogitModel = {
  policy: { sampleCorrect: Math.log(3), stopGivenCorrect: Math.log(4), resampleGivenWrong: 0 },
  reference: { sampleCorrect: 0, stopGivenCorrect: Math.log(4), resampleGivenWrong: 0 },
  lengths: { correct: 2, wrong: 2 },
  beta: 0.5
}

describe("ratesOf and logitsOf", () => {
  it("give 3/4, 4/5, 1/2 for logits log 3, log 4, 0, and back", () => {
    const rates = ratesOf(model.policy)
    expectClose(rates.sampleCorrect, 0.75)
    expectClose(rates.stopGivenCorrect, 0.8)
    expectClose(rates.resampleGivenWrong, 0.5)
    expectClose(logitsOf(rates).sampleCorrect, Math.log(3))
  })

  it("refuse a rate of 0 or 1, whose logit is infinite, and a logit that is no number", () => {
    expect(() => logitsOf({ sampleCorrect: 1, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 })).toThrow(TheoryError)
    expect(() => ratesOf({ ...model.policy, stopGivenCorrect: Number.NaN })).toThrow("stopGivenCorrect[0] = NaN")
  })
})

describe("cycleProbabilities", () => {
  it("stops with probability 3/4·4/5 + 1/4·1/2 = 29/40", () => {
    expectClose(cycleProbabilities(model.policy).stop, 29 / 40)
  })

  it("keeps the complements where the rates round to 1: accepting a wrong answer at θ_W = 40 has probability e⁻⁴⁰", () => {
    const at = cycleProbabilities({ sampleCorrect: -40, stopGivenCorrect: 40, resampleGivenWrong: 40 })
    expect(at.resampleGivenWrong).toBe(1)
    expectClose(at.stopGivenWrong / Math.exp(-40), 1)
    expectClose(at.stop / (2 * Math.exp(-40)), 1)
  })

  it("refuses logits at which a cycle stops with probability 0", () => {
    const stuck = { sampleCorrect: -800, stopGivenCorrect: 0, resampleGivenWrong: 800 }
    expect(() => cycleProbabilities(stuck)).toThrow(TheoryError)
  })
})

describe("expectedKlPenalty", () => {
  it("is −β·L·KL(3/4‖1/2)/S on sampling and 0 on decisions equal to the reference's", () => {
    const kl = 0.75 * Math.log(1.5) + 0.25 * Math.log(0.5)
    expectClose(choiceKl(model, "sampleCorrect"), kl)
    const penalty = expectedKlPenalty(model)
    expectClose(penalty.sampling, (-0.5 * 2 * kl) / (29 / 40))
    expectClose(penalty.decision, 0, 0)
    expect(penalty.total).toBe(penalty.sampling)
  })

  it("has log-ratios whose difference is the difference of the logits", () => {
    const ratios = choiceLogRatios(model, "sampleCorrect")
    expectClose(ratios.taken, Math.log(1.5))
    expectClose(ratios.other, Math.log(0.5))
    expectClose(ratios.taken - ratios.other, Math.log(3))
  })

  it("refuses an answer without tokens and a negative β", () => {
    expect(() => expectedKlPenalty({ ...model, lengths: { correct: 0, wrong: 2 } })).toThrow("lengths.correct")
    expect(() => expectedKlPenalty({ ...model, lengths: { correct: 2, wrong: 2.5 } })).toThrow("lengths.wrong")
    expect(() => expectedKlPenalty({ ...model, beta: -1 })).toThrow("beta")
    expect(() => expectedKlPenalty({ ...model, beta: Infinity })).toThrow("beta")
    expect(() => expectedKlPenalty({ ...model, reference: { ...model.reference, sampleCorrect: Infinity } })).toThrow(
      "reference.sampleCorrect"
    )
  })
})
