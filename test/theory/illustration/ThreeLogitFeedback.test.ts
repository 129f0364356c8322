import { describe, expect, it } from "vitest"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import {
  NEGATIVE_ONLY,
  outcomeLogitGradient,
  POSITIVE_ONLY,
  resampleAdvantage,
  sftLogitGradient,
  SIGNED
} from "../../../src/theory/illustration/ThreeLogitFeedback.ts"
import { expectAllClose } from "../../../src/laws/support/Approx.ts"
import { asVector } from "../../support/ThreeLogitOracle.ts"

// p = c = w = 1/2: S = 1/2, acc = 1/2, ∇acc = (1/4, 1/8, 1/8).
const middle = { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 }

describe("outcomeLogitGradient", () => {
  it("is ∇acc for positive samples, the same for negative ones, and twice for both", () => {
    expectAllClose(asVector(outcomeLogitGradient(middle, POSITIVE_ONLY)), [1 / 4, 1 / 8, 1 / 8])
    expectAllClose(asVector(outcomeLogitGradient(middle, NEGATIVE_ONLY)), [1 / 4, 1 / 8, 1 / 8])
    expectAllClose(asVector(outcomeLogitGradient(middle, SIGNED)), [1 / 2, 1 / 4, 1 / 4])
  })

  it("with one cycle is that of p·c, or of −(1 − p)(1 − w) where a truncation costs nothing", () => {
    expectAllClose(asVector(outcomeLogitGradient(middle, POSITIVE_ONLY, 1)), [1 / 8, 1 / 8, 0])
    expectAllClose(asVector(outcomeLogitGradient(middle, { correct: 0, wrong: -1, truncated: 0 }, 1)), [1 / 8, 0, 1 / 8])
  })

  it("refuses a reward that is no number", () => {
    expect(() => outcomeLogitGradient(middle, { correct: 1, wrong: Number.NaN, truncated: 0 })).toThrow("rewards[1] = NaN")
  })
})

describe("resampleAdvantage", () => {
  it("is acc − 1 at a correct answer and acc at a wrong one", () => {
    expect(resampleAdvantage(middle)).toEqual({ correct: -0.5, wrong: 0.5 })
  })
})

describe("sftLogitGradient", () => {
  it("by hand: data with p' = 1/2, c' = 1, w' = 1 shows 2 answers, 1 correct and 1 wrong", () => {
    // S' = 1/2, N' = 2; θ_S: 2·(1/2 − 1/2) = 0; θ_C: 1·(1 − 1/2); θ_W: 1·(1 − 1/2).
    const data = { sampleCorrect: 0.5, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    expectAllClose(asVector(sftLogitGradient(middle, data)), [0, 1 / 2, 1 / 2])
  })

  it("refuses demonstrations that never stop and rates that are no probabilities", () => {
    const never = { sampleCorrect: 0, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    expect(() => sftLogitGradient(middle, never)).toThrow("expected cycles of a demonstration")
    expect(() => sftLogitGradient(middle, { ...never, sampleCorrect: 2 })).toThrow(TheoryError)
  })
})
