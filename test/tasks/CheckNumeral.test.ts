import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { checkNumeral } from "../../src/tasks/grading/CheckNumeral.ts"
import { normalizeNumeral } from "../../src/tasks/reading/Numeral.ts"

describe("checkNumeral", () => {
  it("whole numbers of any length: right if equal, else wrong", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), (a, b) => {
        expect(checkNumeral(String(a), String(a))).toBe("Correct")
        expect(checkNumeral(String(a), String(b))).toBe(a === b ? "Correct" : "Wrong")
      })
    )
  })

  it("nothing is dropped: spaces, separators, leading zeros, signs without need and units make an answer Unparsable", () => {
    for (
      const text of [
        "012",
        "00",
        "1 2",
        " 12",
        "12 ",
        "12\n",
        "1,200",
        "+12",
        "-0",
        "12.0",
        ".5",
        "12.",
        "36 apples",
        "",
        "１２",
        "1e3",
        "0x10",
        "NaN",
        "--1"
      ]
    ) {
      expect([text, checkNumeral("12", text)]).toEqual([text, "Unparsable"])
    }
  })

  it("a candidate is parsable if and only if it is its own normal form", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^-?\d{1,8}(\.\d{1,4})?$/), (text) => {
        expect([text, checkNumeral("12", text) !== "Unparsable"]).toEqual([text, normalizeNumeral(text) === text])
        expect(checkNumeral(normalizeNumeral(text), normalizeNumeral(text))).toBe("Correct")
      }),
      { numRuns: 1_000 }
    )
  })

  it("a reference that is no numeral in normal form is GoldInvalid, whatever the candidate", () => {
    for (const reference of [undefined, "", "n/a", "012", "1 2", "1,200"]) {
      for (const candidate of ["12", "", reference ?? "x"]) expect(checkNumeral(reference, candidate)).toBe("GoldInvalid")
    }
  })

  it("100,000 characters take no time", () => {
    const startedAt = performance.now()
    const long = "1".repeat(100_000)
    expect(checkNumeral(long, long)).toBe("Correct")
    for (const text of [`${long}x`, `0.${"0".repeat(100_000)}`, "0".repeat(100_000), " ".repeat(100_000), "-".repeat(100_000)]) {
      expect(checkNumeral("12", text)).toBe("Unparsable")
    }
    expect(performance.now() - startedAt).toBeLessThan(500)
  })
})
