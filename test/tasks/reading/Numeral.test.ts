import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { lastNumeral, normalizeNumeral, parseNumeral, readNumeral } from "../../../src/tasks/reading/Numeral.ts"

describe("numerals in running text", () => {
  it.each<readonly [text: string, value: string, length: number]>([
    ["408", "408", 3],
    ["0408", "408", 4],
    ["-5 apples", "-5", 2],
    ["−5", "-5", 2],
    ["–5", "-5", 2],
    ["-0", "0", 2],
    ["1,234,567 people", "1234567", 9],
    ["1{,}234", "1234", 7],
    ["1\\,234\\,567", "1234567", 11],
    ["1 234 567", "1234567", 9],
    ["1\u00a0234", "1234", 5],
    ["1\u202f234", "1234", 5],
    ["1_000_000", "1000000", 9],
    ["1'000'000", "1000000", 9],
    ["1’000", "1000", 5],
    ["1.234.567", "1234567", 9],
    ["1.234", "1.234", 5],
    ["1.50", "1.5", 4],
    ["12.0", "12", 4],
    ["12. Then", "12", 2],
    ["12, 13", "12", 2],
    ["4 0 8", "408", 5],
    ["1 2 3 45", "1", 1],
    // No grouped number as a whole; its beginning must not pass for one.
    ["1,234,56", "1", 1],
    ["12,34", "12", 2],
    ["1234,567", "1234", 4],
    ["1,234.50", "1234.5", 8],
    ["1.234.56", "1.234", 5]
  ])("%j begins with %s", (text, value, length) => {
    expect(readNumeral(text, 0)).toEqual({ start: 0, end: length, value })
  })

  it("where none begins there is none", () => {
    expect(["", "x", "-", "- 5", ".5", "a1"].map((text) => readNumeral(text, 0))).toEqual(Array.from({ length: 6 }, () => undefined))
  })

  it("the last of a stretch is that of the stretch alone, and loose digits are not run together", () => {
    expect(lastNumeral("we get 340 and 68, so 408.", 0, 26)).toEqual({ start: 22, end: 25, value: "408" })
    expect(lastNumeral("we get 340 and 68, so 408.", 0, 17)).toEqual({ start: 15, end: 17, value: "68" })
    expect(lastNumeral("4 0 8", 0, 5)?.value).toBe("8")
    expect(lastNumeral("nothing", 0, 7)).toBeUndefined()
    expect(lastNumeral("12 and -7", 0, 9)).toEqual({ start: 7, end: 9, value: "-7" })
  })

  it("is read back however it is grouped, at any length", () => {
    const separators = [",", " ", "{,}", String.raw`\,`, "_", "'", "’", "\u202f", "\u2009", ""]
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), fc.constantFrom(...separators), (value, separator) => {
        const grouped = String(value).replace(/\B(?=(?:\d{3})+$)/g, () => separator)
        expect(readNumeral(grouped, 0)).toEqual({ start: 0, end: grouped.length, value: String(value) })
        expect(lastNumeral(`so ${grouped}.`, 0, grouped.length + 4)?.value).toBe(String(value))
      })
    )
  })

  it("equal numbers have equal normal forms, and unequal ones unequal", () => {
    const integer = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n })
    fc.assert(
      fc.property(integer, integer, fc.integer({ min: 0, max: 4 }), (a, b, zeros) => {
        const padded = String(a).replace(/^-?/, (sign) => sign + "0".repeat(zeros)) + (zeros % 2 === 0 ? "" : ".00")
        expect(BigInt(normalizeNumeral(padded))).toBe(a)
        expect(normalizeNumeral(padded) === normalizeNumeral(String(b))).toBe(a === b)
      })
    )
    expect(normalizeNumeral("−1,024.0")).toBe("-1024")
    expect(normalizeNumeral("0.5000")).toBe("0.5")
  })

  it("a text that is a number and nothing else", () => {
    expect(["408", " $1,024$ ", "**7**.", "0", "-5", " 4 0 8 "].map(parseNumeral)).toEqual(["408", "1024", "7", "0", "-5", "408"])
    expect(["", "12 apples", "12*34", "x", "1,234,56", "7:30"].map(parseNumeral)).toEqual(Array.from({ length: 6 }, () => undefined))
  })

  it("any text has numerals that lie in it, and none twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123 .,-−_'x"), maxLength: 30 }), fc.nat(30), (text, at) => {
        const found = readNumeral(text, at)
        if (found === undefined) return
        expect(found.start).toBe(at)
        expect(found.end).toBeGreaterThan(at)
        expect(found.end).toBeLessThanOrEqual(text.length)
        const digits = text.slice(at, found.end).replace(/\D/g, "").replace(/^0+(?=\d)/, "")
        const whole = found.value.replace(/^-|\..*$/g, "")
        if (whole !== "0") expect(digits.startsWith(whole)).toBe(true)
      })
    )
  })
})
