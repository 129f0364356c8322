import { describe, expect, it } from "vitest"
import { numeralsExplained, productIn, valueIn } from "../../../src/eval/report/Numerals.ts"

describe("numerals of another base", () => {
  it("have a value where all digits are of the base", () => {
    expect(valueIn("2334", 5)).toBe(344n)
    expect(valueIn("0", 5)).toBe(0n)
    for (const none of ["5", "-1", "1.2", "", "a"]) expect(valueIn(none, 5)).toBeUndefined()
  })

  it("are explained below a prompt that asks for a product, and only in another base than ten", () => {
    expect(numeralsExplained("Calculate 3 * 4. Think step by step.", 5)).toBe("In base 5: 3 · 4 = 22 is 3 · 4 = 12 in decimal.")
    expect(numeralsExplained("Calculate 3 * 4.", 10)).toBeUndefined()
    expect(numeralsExplained("Calculate 3 * 7.", 5)).toBeUndefined()
    expect(numeralsExplained("Calculate 3 + 4.", 5)).toBeUndefined()
    expect(numeralsExplained("Tell a story.", 5)).toBeUndefined()
  })

  it("of large factors are exact", () => {
    expect(productIn("Calculate 44444444444444444444444444 * 4.", 5)?.value).toBe(
      (((5n ** 26n) - 1n) * 4n).toString(5)
    )
  })
})
