import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Announcement } from "../../../src/domain/Grader.ts"
import { integer, number } from "../../../src/tasks/grading/Numbers.ts"
import { isNormal, readNumber } from "../../../src/tasks/grading/NumberText.ts"

const read = (text: string, announcement: Announcement = "begun"): string | undefined =>
  integer.value(text, 0, text.length, announcement)?.answer

const check = (gold: string, answer: string) => number.reference({ text: gold, prompt: "" })?.check(answer)

describe("a number that begins a text", () => {
  it.each<readonly [string, string | undefined]>([
    [" 408.", "408"],
    ["12.50 per hour for 8 hours of work", "12.5"],
    ["$12.50 per hour for 8 hours of work.", "12.5"],
    ["408 (34 groups of 12)", "408"],
    ["34 * 12 = 408", "408"],
    ["408 = 34 × 12", "408"],
    ["340 + 68, which is 408", "408"],
    ["34 * 12.", undefined],
    ["12 + 3 apples", undefined],
    ["not 418", undefined],
    ["between 400 and 410, namely 408", "408"],
    ["the product of 34 and 12, i.e. 408", "408"],
    ["3 digits", undefined],
    ["3-digit", undefined],
    ["7:30", "7:30"],
    ["$\\frac{1}{2}$, since both are as likely", "0.5"],
    ["**408**", "408"],
    ["** 408", "408"],
    ["\\boxed{408}", "408"],
    ["$9{,}500$.", "9500"],
    ["12 345 678.", "12345678"],
    ["1.2e5.", "120000"],
    ["1.2 \\times 10^5.", "120000"],
    ["1,234,567 people", "1234567"],
    ["12,34,567", "1234567"],
    ["1.234,56", "1234.56"],
    ["3/4.", "0.75"],
    ["12 km/h.", "12"],
    ["-$3", "-3"],
    ["−3", "-3"],
    ["x = 7", "7"],
    ["408, 409", "408, 409"],
    ["3 and 5", "3, 5"],
    ["5 and it is nice", "5"],
    ["5, 3 more than before", "5"],
    ["3\\sqrt{2}", "3\\sqrt{2}"],
    ["3\\pi", "3\\pi"],
    ["50\\% of them", "50%"],
    ["$70,000.", "70000"],
    ["5 million", "5000000"],
    ["4 0 8", "408"],
    ["408!", "408"],
    ["\n\n49", "49"],
    ["the number 408.", "408"],
    ["408 – that is it", "408"],
    ["five", undefined],
    ["unknown", undefined],
    ["(B)", undefined],
    ["", undefined]
  ])("%j is %j", (text, expected) => {
    expect(read(text)).toBe(expected)
  })

  it("stands where it is said to stand", () => {
    for (const [text, value] of [["about $12.50 an hour", "12.50"], ["34 * 12 = 408.", "408"], ["**408** eggs", "408"]] as const) {
      const found = integer.value(text, 0, text.length, "begun")!
      expect(text.slice(found.start, found.end)).toBe(value)
    }
    const text = "So the answer is 408. Next."
    expect(integer.value(text, 16, text.length, "begun")).toEqual({ start: 17, end: 20, answer: "408" })
  })
})

describe("a number that is all of a text", () => {
  it.each<readonly [string, string | undefined]>([
    ["$9{,}500", "9500"],
    ["10\\,000", "10000"],
    ["10,\\!000", "10000"],
    ["\\$12{,}345.60", "12345.6"],
    ["35 \\text{ cm}^2", "35"],
    ["x = 7", "7"],
    ["10^5", "100000"],
    ["\\dfrac{816}{2}", "408"],
    ["34 \\times 12 = 408", "408"],
    ["34 \\times 12", undefined],
    ["\n408 apples\n", "408"],
    ["The answer is 408.", "408"],
    ["\\text{none}", "\\text{none}"],
    ["(2,7)", "(2, 7)"],
    ["3,14", "3.14"],
    ["408 \\text{ (34 groups of 12)}", "408"],
    ["004", "4"],
    ["1/3", "1/3"],
    ["", undefined],
    ["$$", undefined]
  ])("%j is %j", (text, expected) => {
    expect(read(text, "wrapped")).toBe(expected)
  })
})

describe("the check", () => {
  it("whole numbers of any length are exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 500n), max: 10n ** 500n }), fc.bigInt({ min: -3n, max: 3n }), (a, more) => {
        const reference = integer.reference({ text: String(a), prompt: "" })!
        const text = `${a + more}`
        expect(reference.check(integer.value(text, 0, text.length, "wrapped")!.answer)).toBe(more === 0n ? "Correct" : "Wrong")
      })
    )
  })

  it.each([
    ["408", "\\frac{816}{2}", "Correct"],
    ["50", "50%", "Correct"],
    ["0.5", "50%", "Correct"],
    ["5", "50%", "Wrong"],
    ["3", "3\\pi", "Wrong"],
    ["3", "3\\sqrt{2}", "Wrong"],
    ["3", "0.75", "Wrong"],
    ["7", "7:30", "Wrong"],
    ["1/3", "0.333", "Wrong"],
    ["1/3", "0.3333333333", "Correct"],
    ["408", "\\text{none}+", "Unparsable"],
    ["408", "", "Unparsable"],
    ["408", "{", "Unparsable"]
  ])("%s, answered %s: %s", (gold, answer, expected) => {
    expect(check(gold, answer)).toBe(expected)
  })

  it("references: numbers with what is counted, not titles", () => {
    const of = (text: string) => number.reference({ text, prompt: "" })?.answer
    expect(["14 apples", "$14$", "\\$18.90", " 408.00 ", "\\frac34", "25 miles per hour", "50\\%", "1.5e3"].map(of)).toEqual([
      "14",
      "14",
      "18.9",
      "408",
      "0.75",
      "25",
      "50%",
      "1500"
    ])
    expect(["12 Angry Men", "Apollo 11", "7 Up", "3 or 5", "x", "3\\pi", "", "1010_2"].map(of)).toEqual(
      Array.from({ length: 8 }, () => undefined)
    )
    expect(integer.reference({ text: "0.5", prompt: "" })).toBeUndefined()
  })
})

describe("plain numbers", () => {
  it("grouping of any kind is the same number", () => {
    const grouped = (digits: string, separator: string) => digits.replace(/\B(?=(?:\d{3})+$)/g, separator)
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1_000_000n, max: 10n ** 30n }),
        fc.constantFrom(",", "{,}", "\\,", " ", "_", "'", "."),
        (value, separator) => {
          const text = grouped(String(value), separator)
          expect(readNumber(text, 0, text.length)).toEqual({ end: text.length, value: String(value) })
        }
      )
    )
  })

  it("normal forms are told from others", () => {
    for (const text of ["0", "-1", "12.5", "0.05", "-0.5"]) expect([text, isNormal(text)]).toEqual([text, true])
    for (const text of ["", "-", "-0", "00", "01", "1.", ".5", "1.50", "1e3", "+1", "1,000", "x"]) {
      expect([text, isNormal(text)]).toEqual([text, false])
    }
  })

  it("decimals and powers of ten agree with doubles where those are exact", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 9 }), fc.integer({ min: -8, max: 8 }), (value, exponent) => {
        const text = `${value}e${exponent}`
        expect(Number(readNumber(text, 0, text.length)!.value)).toBe(Number(text))
      })
    )
  })
})
