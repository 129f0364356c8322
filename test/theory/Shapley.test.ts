import { describe, expect, it } from "vitest"
import { gainByRate, gainBySubPolicy, shapleyValues } from "../../src/theory/Shapley.ts"
import { TheoryError } from "../../src/theory/TheoryError.ts"

/** One left glove (player 0), two right ones: a coalition is worth the pairs it can make. */
const pairs = (joined: ReadonlySet<number>): number => joined.has(0) && (joined.has(1) || joined.has(2)) ? 1 : 0

describe("shapleyValues", () => {
  it("splits the glove game 2/3, 1/6, 1/6: one left glove is worth as much as the pair it completes", () => {
    const [left, right, otherRight] = shapleyValues(3, pairs)
    expect(left).toBeCloseTo(2 / 3, 15)
    expect(right).toBeCloseTo(1 / 6, 15)
    expect(otherRight).toBeCloseTo(1 / 6, 15)
  })

  it("gives all to the only player and refuses a game of none", () => {
    expect(shapleyValues(1, (joined) => joined.size * 7)).toEqual([7])
    expect(() => shapleyValues(0, () => 0)).toThrow(TheoryError)
  })
})

describe("gainBySubPolicy", () => {
  it("gives sampling 1/8 and decision 3/8 of a gain from p = c = w = 1/2 to p = 3/4, w = 1 by hand", () => {
    // acc(1/2, 1/2, 1/2) = 1/2 and acc(3/4, 1/2, 1/2) = 3/4; with w = 1 both are 1.
    // sampling: ½(3/4 − 1/2) + ½(1 − 1) = 1/8; decision: ½(1 − 1/2) + ½(1 − 3/4) = 3/8; total 1/2.
    const from = { sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }
    const to = { sampleCorrect: 0.75, stopGivenCorrect: 0.5, resampleGivenWrong: 1 }
    const split = gainBySubPolicy(from, to)
    expect(split.total).toBeCloseTo(1 / 2, 15)
    expect(split.sampling).toBeCloseTo(1 / 8, 15)
    expect(split.decision).toBeCloseTo(3 / 8, 15)
  })

  it("within one cycle gives RESAMPLE nothing: accuracy is p·c", () => {
    const from = { sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.1 }
    const to = { sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.9 }
    expect(gainBySubPolicy(from, to, 1)).toEqual({ total: 0, sampling: 0, decision: 0 })
    expect(gainByRate(from, to, 2).resampleGivenWrong).toBeGreaterThan(0)
  })
})
