import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { digitsText, leastFirst, numeralOf } from "../../src/tasks/Digits.ts"

describe("digits, least significant first", () => {
  it("are those of the numeral, zeros up to the width after them", () => {
    expect(leastFirst("1284")).toEqual([4, 8, 2, 1])
    expect(leastFirst("12", 4)).toEqual([2, 1, 0, 0])
    expect(digitsText([2, 1, 0, 0])).toBe("0012")
    expect([numeralOf([2, 1, 0, 0]), numeralOf([0, 0]), numeralOf([])]).toEqual(["12", "0", ""])
  })

  it("give the numeral back at every width and in every base", () => {
    fc.assert(fc.property(fc.nat(), fc.integer({ min: 2, max: 10 }), fc.nat({ max: 6 }), (value, radix, more) => {
      const numeral = value.toString(radix)
      expect(numeralOf(leastFirst(numeral, numeral.length + more))).toBe(numeral)
    }))
  })
})
