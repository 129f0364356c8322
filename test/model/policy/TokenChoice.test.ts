import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { onPolicy } from "../../../src/domain/Sampler.ts"
import { allowedLogProbs, chooseIndex, scoringTemperature } from "../../../src/model/policy/TokenChoice.ts"

const logits = fc.array(fc.integer({ min: -5000, max: 5000 }).map((count) => count / 1000), { minLength: 2, maxLength: 6 })

describe("allowedLogProbs", () => {
  it("is the softmax over the allowed tokens alone, logits divided by the temperature", () => {
    // Of logits 0, 9, ln 3 tokens 2 and 0 are allowed: odds 3:1 at temperature 1 and √3:1 at 2.
    const row = [7, 0, 9, Math.log(3)]
    expect([...allowedLogProbs(row, 1, [2, 0], 1)].map(Math.exp)).toEqual([expect.closeTo(0.75, 12), expect.closeTo(0.25, 12)])
    expect(Math.exp(allowedLogProbs(row, 1, [2, 0], 2)[0]!)).toBeCloseTo(Math.sqrt(3) / (1 + Math.sqrt(3)), 12)
  })

  it("sums to 1 and does not move when a constant is added to all logits", () => {
    fc.assert(fc.property(logits, fc.integer({ min: -800, max: 800 }), (row, shift) => {
      const allowed = row.map((_, i) => i)
      const logProbs = allowedLogProbs(row, 0, allowed, 1)
      expect(logProbs.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 10)
      allowedLogProbs(row.map((value) => value + shift), 0, allowed, 1).forEach((value, i) => expect(value).toBeCloseTo(logProbs[i]!, 9))
    }))
  })
})

describe("chooseIndex", () => {
  const quarters = Float64Array.of(0.25, 0.5, 0.25).map(Math.log)

  it("inverts the distribution function: uniforms on a fine grid give each token its probability", () => {
    fc.assert(
      fc.property(logits, (row) => {
        const logProbs = allowedLogProbs(row, 0, row.map((_, i) => i), 1)
        const counts = row.map(() => 0)
        for (let i = 0; i < 2000; i++) counts[chooseIndex(logProbs, onPolicy, (i + 0.5) / 2000)]!++
        counts.forEach((count, i) => expect(Math.abs(count / 2000 - Math.exp(logProbs[i]!))).toBeLessThan(0.002))
      }),
      { numRuns: 30 }
    )
  })

  it("greedy takes the most probable token, the lower index on a tie", () => {
    expect(chooseIndex(quarters, { ...onPolicy, temperature: 0 }, 0.99)).toBe(1)
    expect(chooseIndex(Float64Array.of(0.5, 0.5).map(Math.log), { ...onPolicy, temperature: 0 }, 0.99)).toBe(0)
  })

  it("top-k 2 of 1/4, 1/2, 1/4 draws tokens 1 and 0 with odds 2:1", () => {
    const drawn = Array.from({ length: 300 }, (_, i) => chooseIndex(quarters, { ...onPolicy, topK: 2 }, (i + 0.5) / 300))
    expect([0, 1, 2].map((token) => drawn.filter((index) => index === token).length)).toEqual([100, 200, 0])
  })

  it("top-p keeps the smallest set that reaches p: 0.5 keeps one token here, 0.51 two, of what top-k left", () => {
    const kept = (topP: number, topK = 0) =>
      new Set(Array.from({ length: 300 }, (_, i) => chooseIndex(quarters, { ...onPolicy, topK, topP }, (i + 0.5) / 300)))
    expect(kept(0.5)).toEqual(new Set([1]))
    expect(kept(0.51)).toEqual(new Set([1, 0]))
    // After top-k 2 the mass is 3/4, of which token 1 has two thirds.
    expect(kept(0.6, 2)).toEqual(new Set([1]))
    expect(kept(0.7, 2)).toEqual(new Set([1, 0]))
  })
})

describe("scoringTemperature", () => {
  it("scores greedy choices at temperature 1 and all others at their own", () => {
    expect([0, 0.5, 1].map(scoringTemperature)).toEqual([1, 0.5, 1])
  })
})
