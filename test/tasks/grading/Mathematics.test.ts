import fc from "fast-check"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { mathematics } from "../../../src/tasks/grading/Mathematics.ts"
import { clean } from "../../../src/tasks/grading/mathematics/Clean.ts"
import { decide, readMathematics } from "../../../src/tasks/grading/mathematics/Decide.ts"
import { graderFor } from "../../../src/tasks/grading/Graders.ts"
import { processorMs } from "../../support/ProcessorTime.ts"

const verdict = (gold: string, answer: string) => decide(readMathematics(gold), readMathematics(answer))

interface Pair {
  readonly kind: string
  readonly gold: string
  readonly answer: string
  readonly right: boolean
}

const pairs = readFileSync(new URL("../../../bench/data/mathematics-pairs.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Pair)

// A sum or a product that nobody worked out is no answer where a number is asked for, though it is equal.
const working = new Set(["1+2+3", "2 \\cdot 2"])

describe("pairs with verdicts by hand", () => {
  it("at least 300, right and wrong ones", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(300)
    expect(pairs.filter(({ right }) => !right).length).toBeGreaterThan(80)
  })

  it("all are decided so, as a boxed answer", () => {
    const differing = pairs
      .filter(({ answer }) => !working.has(answer))
      .filter(({ answer, gold, right }) => {
        const graded = graderFor({ text: gold, prompt: "" })
        const value = graded?.grader.value(answer, 0, answer.length, "wrapped")
        return (value !== undefined && graded?.reference.check(value.answer) === "Correct") !== right
      })
    expect(differing).toEqual([])
  })

  it("equality of mathematics is symmetric on them", () => {
    const skipped = pairs.filter(({ answer, gold }) => verdict(gold, answer) === "Unparsable" || verdict(answer, gold) === "Unparsable")
    const differing = pairs.filter((pair) => !skipped.includes(pair) && !pair.answer.includes("approx")).filter(({ answer, gold }) =>
      verdict(gold, answer) !== verdict(answer, gold)
    )
    expect(differing.map(({ answer, gold }) => [gold, answer])).toEqual([])
    expect(skipped.length).toBeLessThan(10)
  })

  it("each is itself, and cleaning twice is cleaning once", () => {
    for (const { answer, gold } of pairs) {
      for (const text of [answer, gold]) {
        expect([text, verdict(text, text)]).toEqual([text, "Correct"])
        expect(clean(clean(text))).toBe(clean(text))
      }
    }
  })
})

describe("references among each other", () => {
  const golds = [...new Set(pairs.map(({ gold }) => gold))].filter((gold) => !gold.includes("sum"))
  const reads = golds.map(readMathematics)
  const equal = reads.map((a) => reads.map((b) => decide(a, b) === "Correct"))
  const isPercent = (i: number) => golds[i]!.includes("%")

  it("equality is symmetric and, but for percent, transitive; what overflows or is infinite equals nothing else", () => {
    const broken: Array<ReadonlyArray<string | undefined>> = []
    for (let i = 0; i < golds.length; i++) {
      for (let j = 0; j < golds.length; j++) {
        if (equal[i]![j] !== equal[j]![i]) broken.push([golds[i], golds[j]])
        if (!equal[i]![j] || isPercent(i) || isPercent(j)) continue
        for (let k = 0; k < golds.length; k++) {
          if (equal[j]![k] && !isPercent(k) && !equal[i]![k]) broken.push([golds[i], golds[j], golds[k]])
        }
      }
    }
    expect(broken).toEqual([])
    const [power, line] = [golds.indexOf("2^{2024}"), golds.indexOf("(-\\infty,\\infty)")]
    expect([power, line].map((i) => equal[i]!.filter(Boolean).length)).toEqual([1, 1])
  })
})

const writings: ReadonlyArray<(p: number, q: number) => string> = [
  (p, q) => `\\frac{${p}}{${q}}`,
  (p, q) => `\\dfrac{${2 * p}}{${2 * q}}`,
  (p, q) => `${p}/${q}`,
  (p, q) => `(${p})/(${q})`,
  (p, q) => `\\left(\\frac{${3 * p}}{${3 * q}}\\right)`,
  (p, q) => `x = \\frac{${p}}{${q}}`,
  (p, q) => `\\frac{${p}}{${q}}\\text{ cm}`,
  (p, q) => `\\frac{${100 * p}}{${q}}\\%`,
  (p, q) => `${p} \\cdot ${q}^{-1}`,
  (p, q) => `\\frac{${p - q}}{${q}} + 1`,
  (p, q) => (p < q ? `\\frac{${p}}{${q}}` : `${Math.floor(p / q)}\\frac{${p % q}}{${q}}`)
]

describe("fractions", () => {
  it("every writing of one is it, and is no other", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 2, max: 999 }),
        fc.integer({ min: 0, max: writings.length - 1 }),
        fc.integer({ min: 0, max: writings.length - 1 }),
        (p, q, i, j) => {
          const [a, b] = [writings[i]!(p, q), writings[j]!(p, q)]
          expect([a, b, verdict(a, b)]).toEqual([a, b, "Correct"])
          const other = writings[j]!(p + 1, q)
          expect([a, other, verdict(a, other)]).toEqual([a, other, "Wrong"])
        }
      ),
      { numRuns: 500 }
    )
  })
})

describe("polynomials", () => {
  const term = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 4 }))
  const written = (terms: ReadonlyArray<readonly [number, number]>): string =>
    terms.map(([a, n]) => `${a < 0 ? "-" : "+"}${Math.abs(a)}x^{${n}}`).join("")
  it("the order of terms says nothing; one more term does", () => {
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (terms, more) => {
        expect(verdict(written(terms), written(terms.toReversed()))).toBe("Correct")
        expect(verdict(written(terms), `${written(terms)}+${more}`)).toBe("Wrong")
      })
    )
  })
})

describe("what only the engine reads", () => {
  it.each([
    ["\\sum_{k=1}^{10} k", "55", "Correct"],
    ["\\sum_{k=1}^{10} k", "54", "Wrong"],
    ["\\int_0^1 x^2 dx", "\\frac{1}{3}", "Correct"],
    ["\\int_0^1 x^2 dx", "\\frac{1}{2}", "Wrong"],
    ["\\prod_{k=1}^{5} k", "120", "Correct"],
    ["\\gcd(12,18)", "6", "Correct"],
    ["\\sum_{n=1}^\\infty \\frac{1}{n^2}", "\\frac{\\pi^2}{6}", "Correct"]
  ])("%s is %s: %s", (gold, answer, expected) => {
    expect(verdict(gold, answer)).toBe(expected)
  })

  it("is bounded in time", () => {
    const started = processorMs()
    for (
      const text of [
        "\\sum_{k=1}^{1000000000} k",
        "\\prod_{k=1}^{100000} k",
        "\\sum".repeat(40),
        `\\int ${"(".repeat(40)}x${")".repeat(40)}`
      ]
    ) {
      expect(verdict(text, "5")).not.toBe("Correct")
    }
    expect(processorMs() - started).toBeLessThan(10_000)
  })
})

describe("values that are near, small or large", () => {
  it.each([
    ["e^{-30}", "e^{-40}", "Wrong"],
    ["x^{2024}", "x^{2023}", "Wrong"],
    ["x_{12}", "x_{21}", "Wrong"],
    ["\\sin\\pi", "0", "Correct"],
    ["10^{-20}", "0", "Wrong"],
    ["\\infty", "10^{400}", "Wrong"],
    ["\\infty", "-\\infty", "Wrong"],
    ["\\sqrt{2}", "1.41421356237", "Correct"],
    ["\\sqrt{2}", "1.4142", "Wrong"],
    ["x>2", "-x<-2", "Correct"],
    ["x>2", "x<2", "Wrong"],
    ["(a,b)", "(b,a)", "Wrong"],
    ["2", "2 xy", "Wrong"],
    ["2xy", "2 xy", "Correct"],
    ["2", "2 mm", "Correct"],
    ["5", "5 m", "Correct"],
    ["5", "5 m + 3", "Wrong"],
    ["5", "5m", "Wrong"],
    ["5", "5 x", "Wrong"],
    ["(3,4)", "x=4,y=3", "Wrong"],
    ["x+y=1", "y=1-x", "Correct"]
  ])("%s, %s: %s", (gold, answer, expected) => {
    expect(verdict(gold, answer)).toBe(expected)
  })
})

describe("never throws, and is linear", () => {
  it("on random strings of mathematics", () => {
    const sign = fc.constantFrom(
      ..."0123456789.,;:()[]{}+-*/^_=<>|!%&$ xyei'\"\\",
      "\\frac",
      "\\sqrt",
      "\\left",
      "\\text{",
      "\\pm",
      "\\{",
      "\\begin{pmatrix}",
      "\\end{pmatrix}",
      "²",
      "π",
      "½"
    )
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 30 }), fc.array(sign, { maxLength: 30 }), (a, b) => {
        const [x, y] = [a.join(""), b.join("")]
        expect(["Correct", "Wrong", "Unparsable"]).toContain(verdict(x, y))
        const value = mathematics.value(x, 0, x.length, "begun")
        expect(value === undefined || (value.start >= 0 && value.end <= x.length && value.start < value.end)).toBe(true)
        expect(verdict(x, x)).toBe("Correct")
      }),
      { numRuns: 3_000 }
    )
  })

  it("deep nesting and towers of powers are read as text", () => {
    for (
      const text of [
        "(".repeat(150) + "1" + ")".repeat(150),
        "\\frac{1}{".repeat(40) + "2" + "}".repeat(40),
        "10^{10^{10^{10}}}",
        "9!!!!!!!!",
        "2^{-99999999}",
        "((((9^9)^9)^9)^9)^9"
      ]
    ) {
      expect(verdict(text, "2")).not.toBe("Correct")
      expect(verdict(text, text)).toBe("Correct")
    }
    expect(verdict("10^{10^{10}}", "10^{10^{10}}+1")).toBe("Wrong")
  })
})
