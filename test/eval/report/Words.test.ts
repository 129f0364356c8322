import { describe, expect, it } from "vitest"
import {
  bracket,
  fixed,
  list,
  percent,
  percentInterval,
  points,
  pointsInterval,
  pointsWithInterval
} from "../../../src/eval/report/Words.ts"

describe("numbers as words", () => {
  it("prints fractions in percent, with a minus sign proper and no negative zero", () => {
    expect([0.934, 1, -0.0104, -0.0001, null].map(percent)).toEqual(["93.4 %", "100.0 %", "−1.0 %", "0.0 %", "–"])
    expect(percentInterval([-0.0096, 0.03])).toBe("−1.0 to 3.0 %")
    expect(bracket([0.91, 0.952])).toBe("[91.0, 95.2]")
    expect(percentInterval(null)).toBe("no interval")
  })

  it("prints differences in points with their sign; 0 has none", () => {
    expect([0.034, -0.034, 0, 0.0001, null].map(points)).toEqual(["+3.4", "−3.4", "0.0", "0.0", "–"])
    expect(pointsInterval([-0.01, 0.05])).toBe("−1.0 to +5.0")
    expect(pointsWithInterval({ value: 0.034, interval: [0.01, 0.058] })).toBe("+3.4 points (+1.0 to +5.8)")
  })

  it("prints real numbers and lists", () => {
    expect([fixed(-0.0218, 4), fixed(-0.00001, 4), fixed(null, 2)]).toEqual(["−0.0218", "0.0000", "–"])
    expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(list)).toEqual(["", "a", "a and b", "a, b and c"])
  })
})
