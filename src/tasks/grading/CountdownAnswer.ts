/**
 * The grader of countdown problems: an expression over the given numbers, each used once, that comes to the target exactly.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import { readExpression } from "../Expression.ts"
import { extentEnd } from "./Extent.ts"
import { leadEnd } from "./Lead.ts"
import { withinWrapper, withoutMarkup } from "./Markup.ts"
import { fromDecimal, isSame, rational } from "./Rational.ts"

/** Longer texts are no expression that anyone meant. */
const MOST_LENGTH = 2_000

const fraction = /\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g

/** LaTeX and typographic signs as "+-*" and "/", without spaces. */
const plainSigns = (text: string): string => {
  let plain = text
  // Fractions within fractions, from the inside.
  for (let i = 0; i < 8 && plain.includes("frac"); i++) plain = plain.replace(fraction, "(($1)/($2))")
  return plain
    .replace(/\\times|\\cdot|\\ast|[×·⋅∗]/g, "*")
    .replace(/\\div|[÷:]/g, "/")
    .replace(/[−–]/g, "-")
    .replace(/\\left|\\right|\\[()[\],;!: ]|[\s$]/g, "")
    .replace(/\[/g, "(")
    .replace(/\]/g, ")")
}

/** The side of "44 + 19 + 35 = 98" that computes; all of a text without an equals sign. */
const computing = (text: string): string => {
  const sides = text.split("=").map((side) => side.trim()).filter((side) => side !== "")
  return sides.find((side) => /\d\)*[-+*/(]/.test(side)) ?? sides[0] ?? ""
}

const value = (text: string, from: number, to: number, isWrapped: boolean): Value | undefined => {
  const lead = leadEnd(text, from, to) ?? from
  const inside = withinWrapper(text, lead, to)
  if (inside !== undefined) return value(text, inside.start, inside.end, true)
  const { end, start } = withoutMarkup(text, lead, isWrapped ? to : extentEnd(text, lead, to))
  if (start >= end || end - start > MOST_LENGTH) return undefined
  const answer = computing(plainSigns(text.slice(start, end)))
  return answer === "" || (!isWrapped && !/\d/.test(answer)) ? undefined : { start, end, answer }
}

const sorted = (numbers: ReadonlyArray<number | bigint>): string => numbers.map(String).toSorted().join()

/** Countdown: `numbers` are given, the reference's text is the target. */
export const countdown: GraderService = {
  kind: "countdown",
  reference: ({ numbers, text }) => {
    const target = /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? fromDecimal(text.trim()) : undefined
    if (numbers === undefined || numbers.length === 0 || target === undefined) return undefined
    if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return undefined
    const given = sorted(numbers)
    return {
      answer: text.trim(),
      check: (answer) => {
        const expression = readExpression(computing(plainSigns(answer)))
        const result = expression === undefined ? undefined : rational(expression.over, expression.under)
        if (expression === undefined) return "Unparsable"
        return result !== undefined && isSame(result, target) && sorted(expression.numbers) === given ? "Correct" : "Wrong"
      }
    }
  },
  value: (text, from, to, announcement) => value(text, from, to, announcement === "wrapped")
}
