/**
 * The graders of answers that are one number: whole numbers, exact at any length, and numbers of every other writing.
 *
 * A candidate that is written otherwise ("\frac{816}{2}", "2^{10}", "408.0") is decided by mathematics. A number is read whole or not at all.
 * Units, currency and markup are dropped. "50\%" is right for 50 and for 0.5. A sum or a product that is not worked out is no answer.
 *
 * @module
 */
import type { GraderService, Reference, Value } from "../../domain/Grader.ts"
import type { Verdict } from "../../domain/Task.ts"
import { extentEnd } from "./Extent.ts"
import { leadEnd, saidAgain } from "./Lead.ts"
import { MOST_LENGTH } from "./mathematics/Clean.ts"
import { decide, isMathematics, type Mathematics, normalForm, readMathematics, valueNode } from "./mathematics/Decide.ts"
import { exactValue, lettersOf, numberNode } from "./mathematics/Evaluate.ts"
import { withinWrapper, withoutMarkup } from "./Markup.ts"
import { isDigit, isNormal, type Reading, readNumber } from "./NumberText.ts"
import { format } from "./Rational.ts"

const READING = { decimalComma: true, spacedDigits: true } as const

const isMinus = (sign: string | undefined): boolean => sign === "-" || sign === "−" || sign === "–"

const opening = /(?:[-−–+]\s?)?(?:\\?\$|[€£¥₹]|US\$)?\s?(?:[-−–+])?/y
// A unit of a script without spaces follows its number at once: "10通り", "42元", "5명".
const closing =
  /\s?(?:\\?\$|[€£¥₹]|(?:[ckm]?m|ft|in|yd)[²³])?\s*(?:(\\?%)\s*)?(?:[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]{1,8}[。.]?\s*)?/y

/** A text that is one plain number, with a sign, a currency or percent; its normal form. */
const plainNumber = (text: string, from: number, to: number, reading: Reading = READING): string | undefined => {
  opening.lastIndex = from
  opening.test(text)
  const start = opening.lastIndex
  const found = readNumber(text, start, to, reading)
  if (found === undefined) return undefined
  closing.lastIndex = found.end
  const [, percent] = closing.exec(text) ?? []
  if (closing.lastIndex < to) return undefined
  const isNegative = /[-−–]/.test(text.slice(from, start)) && found.value !== "0"
  return `${isNegative ? "-" : ""}${found.value}${percent === undefined ? "" : "%"}`
}

const WORKING = /^-?[\d.]+(?:[-+*/:][\d.]+)+$/
// "3/4", "3:2" and "5*1000000" (five million) are numbers.
const WORKED = /^-?[\d.]+(?:[/:][\d.]+|\*10+)$/

/** A sum or a product of plain numbers that nobody worked out. */
const isWorking = (cleaned: string): boolean => WORKING.test(cleaned) && !WORKED.test(cleaned)

const UNIT_LETTER = /=-?[\d.]+([mgshLlNJWVAKCF])$/

interface Side {
  readonly answer: string
  /** The value stands after the last equals sign, before the first one, or is all of the text. */
  readonly at: "last" | "first" | "whole"
}

/** The number that a value of mathematics comes to; of an equation the side that is worked out. undefined for mere working. */
const numberOf = (given: Mathematics): Side | undefined => {
  // "… = 16 m": a unit's letter that stands nowhere else is no unknown.
  const unit = UNIT_LETTER.exec(given.cleaned)?.[1]
  const read = unit === undefined || given.cleaned.split(unit).length > 2 ? given : readMathematics(given.cleaned.slice(0, -1))
  const { cleaned, node } = read
  if (node === undefined) return isMathematics(read) ? { answer: cleaned, at: "whole" } : undefined
  if (isWorking(cleaned)) return undefined
  if (node.kind !== "relation" || !node.signs.every((sign) => sign === "=")) return { answer: normalForm(read), at: "whole" }
  const sides = cleaned.split("=")
  const value = valueNode(read)
  if (value === undefined || lettersOf(value).size > 0) return { answer: cleaned, at: "whole" }
  const isFirst = value === node.parts[0] || isWorking(sides.at(-1)!)
  const side = isFirst ? sides[0]! : sides.at(-1)!
  return isWorking(side) ? undefined : { answer: normalForm(readMathematics(side)), at: isFirst ? "first" : "last" }
}

const valueAt = (text: string, from: number, to: number): Value | undefined => {
  const side = numberOf(readMathematics(text.slice(from, to)))
  if (side === undefined) return undefined
  if (side.at === "whole") return { start: from, end: to, answer: side.answer }
  const part = text.slice(from, to)
  const [start, end] = side.at === "last" ? [from + part.lastIndexOf("=") + 1, to] : [from, from + part.indexOf("=")]
  return { ...withoutMarkup(text, start, end), answer: side.answer }
}

/** "3 digits", "2 decimal places": a count of how it is to be written. */
const counts = /[\s-]*(?:digits?|decimals?|decimal places|significant (?:figures|digits)|sig(?:nificant)? figs?)\b/iy

/** Units of which a value has several at once: "8 hours and 30 minutes" is neither 8 nor 30. */
const MEASURE = String
  .raw`(?:years?|yrs?|months?|weeks?|days?|hours?|hrs?|h|minutes?|mins?|feet|foot|ft|yards?|miles?|meters?|metres?|km|m|pounds?|lbs?|kilograms?|kg|gallons?|quarts?|degrees?)`
const LESSER = String
  .raw`(?:months?|weeks?|days?|hours?|hrs?|h|minutes?|mins?|seconds?|secs?|s|inch(?:es)?|in|feet|foot|ft|cm|centimet(?:er|re)s?|met(?:er|re)s?|m|ounces?|oz|grams?|g|quarts?|pints?|cups?)`

/** What makes of a number another one in words: "20 plus 8", "16 squared", "12 less than 20". It is all one value, and that number is none. */
const inWords = new RegExp(
  String
    .raw`\s+(?:squared|cubed)\b|\s+(?:plus|minus|times|divided by|multiplied by|to the power(?: of)?|(?:less|more|fewer|greater) than|&)\s+(?:\\?\$)?\d[\d.,]*(?<![.,])|\s*${MEASURE}(?:\s*,)?(?:\s+and)?\s+\d+(?:\.\d+)?\s*${LESSER}\b`,
  "iy"
)
/** "1 in 4" is a chance. */
const ONE_IN = /\s+in\s+\d+/y

/** "12 and a half", "2 dollars and 50 cents": how much is added. */
const ADDED = /\s+and\s+(?:(a|one)\s+half|(a|one)\s+quarter|(three)[\s-]quarters)\b|\s+dollars?\s+and\s+(\d\d?)\s+cents?\b/iy

const added = (text: string, at: number): { readonly end: number; readonly decimals: string } | undefined => {
  ADDED.lastIndex = at
  const found = ADDED.exec(text)
  if (found === null) return undefined
  const [, half, quarter, , cents] = found
  const decimals = half !== undefined ? "5" : quarter !== undefined ? "25" : cents === undefined ? "75" : cents.padStart(2, "0")
  return { end: ADDED.lastIndex, decimals: decimals.replace(/0+$/, "") }
}

const goesOn = /[ \t]*(?:[*·×÷^](?!\*)|\\(?:times|cdot|div)\b|[/+](?=\s*[\d(\\]))[ \t]*[\w(\\π√]/y

/** More than this between an announcement's ends is no number. */
const MOST_WRAPPED = 2_000

const wrapped = (text: string, from: number, to: number): Value | undefined => {
  const { end, start } = withoutMarkup(text, from, to)
  if (start >= end) return undefined
  const plain = plainNumber(text, start, end)
  if (plain !== undefined) return { start, end, answer: plain }
  if (end - start > MOST_WRAPPED) return undefined
  const part = text.slice(start, end)
  // "\boxed{The answer is 408.}": prose has an announcement of its own.
  const words = part.replace(/\\[a-zA-Z]+/g, " ").match(/[a-zA-Z]{2,}/g) ?? []
  if (words.length > 0 && !isDigit(part.charCodeAt(0))) {
    const inside = leadEnd(text, start, end)
    if (inside !== undefined && inside > start) return begun(text, inside, end)
    const said = [...part.matchAll(/\b(?:is|are|equals)\b|:/g)].at(-1)
    const value = said === undefined ? undefined : begun(text, start + said.index + said[0].length, end)
    if (value !== undefined) return value
  }
  if (isWorking(readMathematics(part).cleaned)) return undefined
  return valueAt(text, start, end) ?? { start, end, answer: readMathematics(part).cleaned }
}

/** Such values are written in quotes: they are no numbers, whatever mathematics makes of their words. */
const isInWords = (answer: string): boolean => answer.startsWith("“")

/** The value that words after a number make of it. */
const saidInWords = (text: string, { end, start }: { readonly start: number; readonly end: number }, to: number): Value | undefined => {
  const more = added(text, end)
  if (more !== undefined && more.end <= to) {
    const whole = plainNumber(text, start, end)
    if (whole !== undefined && isWhole(whole)) {
      return { start, end: more.end, answer: more.decimals === "" ? whole : `${whole}.${more.decimals}` }
    }
  }
  inWords.lastIndex = end
  ONE_IN.lastIndex = end
  const stop = inWords.test(text) ? inWords.lastIndex : text.slice(start, end) === "1" && ONE_IN.test(text) ? ONE_IN.lastIndex : 0
  return stop === 0 || stop > to ? undefined : { start, end: stop, answer: `“${text.slice(start, stop)}”` }
}

/** The value that begins at `at`, or nothing. */
const beginning = (text: string, at: number, to: number): Value | undefined => {
  const inside = withinWrapper(text, at, to)
  if (inside !== undefined) return wrapped(text, inside.start, inside.end) ?? begun(text, inside.start, inside.end)
  // A long number needs no grammar.
  const first = isMinus(text[at]) ? at + 1 : at
  const number = isDigit(text.charCodeAt(first)) ? readNumber(text, first, to, READING) : undefined
  if (number !== undefined && number.end - at > MOST_LENGTH / 2) {
    return { start: at, end: number.end, answer: first > at && number.value !== "0" ? `-${number.value}` : number.value }
  }
  const stretch = withoutMarkup(text, at, Math.max(extentEnd(text, at, to), number?.end ?? 0))
  if (stretch.start >= stretch.end) return undefined
  counts.lastIndex = stretch.end
  if (counts.test(text)) return undefined
  // What goes on with an operator was not read to its end.
  goesOn.lastIndex = stretch.end
  if (goesOn.test(text) && goesOn.lastIndex <= to) return undefined
  const more = saidInWords(text, stretch, to)
  if (more !== undefined) return more
  const plain = plainNumber(text, stretch.start, stretch.end)
  if (plain !== undefined) return { ...stretch, answer: plain }
  const part = text.slice(stretch.start, stretch.end)
  return /[\d\\π½¼¾√]/.test(part) ? valueAt(text, stretch.start, stretch.end) : undefined
}

const isWhole = (text: string): boolean => isNormal(text) && !text.includes(".")

const negated = (answer: string): string => (answer === "0" ? answer : answer.startsWith("-") ? answer.slice(1) : `-${answer}`)

const MINUS = /(?:minus|negative)\s+(?=(?:\\?\$)?[\d.])/iy

function begun(text: string, from: number, to: number): Value | undefined {
  const at = leadEnd(text, from, to)
  if (at === undefined) return undefined
  MINUS.lastIndex = at
  if (MINUS.test(text) && MINUS.lastIndex < to) {
    const amount = beginning(text, MINUS.lastIndex, to)
    return amount === undefined
      ? undefined
      : { start: at, end: amount.end, answer: isNormal(amount.answer) ? negated(amount.answer) : `-(${amount.answer})` }
  }
  const found = beginning(text, at, to)
  if (found !== undefined && !isInWords(found.answer)) return found
  for (const next of saidAgain(text, found?.end ?? at, to)) {
    const start = leadEnd(text, next, to)
    const value = start === undefined ? undefined : beginning(text, start, to)
    if (value !== undefined) return value
  }
  return found
}

const BACKSLASH = 92
const COMMA = 44
const STOP = 46
// "0.3", "0.\\overline{3}".
const goesOnAfterPoint = (code: number): boolean => isDigit(code) || code === BACKSLASH
const isLeading = (code: number): boolean => code === 32 || code === 36 || code === 42 || code === 58 || code === 61 || code === 10

/** After the digits: markup, and the end of a clause, or a word that is no part of a number ("apples", not "million" or "times"). */
const clauseEnds = new RegExp(
  String
    .raw`(?:\*\*|\$|\`|\))?(?:[.;?](?=[\s*)$]|$)|,(?=\s+[a-zA-Z])|\n|$| (?!(?:times|x|million|thousand|billion|trillion|hundred|dozen|over|divided|multiplied|plus|minus|squared|cubed|and|or|to|digits?|decimals?|significant|mod|modulo|choose|factorial|percent|pi|half|thirds?|quarters?|point|which|because|if|is|equals?|per|less|more|fewer|in)\b|(?:dollars?|${MEASURE})(?:,| and)? \d)[a-z]{2,})`,
  "y"
)

/** The end of "1,234,567" whose first digits end at `first`; `first` where no group follows. */
const groupsEnd = (text: string, start: number, first: number): number => {
  let end = first
  if (end - start > 3) return end
  while (
    text.charCodeAt(end) === COMMA && isDigit(text.charCodeAt(end + 1)) && isDigit(text.charCodeAt(end + 2)) &&
    isDigit(text.charCodeAt(end + 3)) && !isDigit(text.charCodeAt(end + 4))
  ) end += 4
  return end
}

/** Digits and then the end of a clause, as most answers are: read without a grammar. */
const bare = (text: string, from: number, to: number): Value | undefined => {
  let start = from
  while (start < to && isLeading(text.charCodeAt(start))) start++
  let end = start
  while (end < to && isDigit(text.charCodeAt(end))) end++
  if (end === start || (text.charCodeAt(start) === 48 && end > start + 1)) return undefined
  const next = end === to ? 10 : text.charCodeAt(end)
  if (next === 10 || (next === STOP && (end + 1 === to || !goesOnAfterPoint(text.charCodeAt(end + 1))))) {
    return { start, end, answer: text.slice(start, end) }
  }
  const last = groupsEnd(text, start, end)
  if (last > to) return undefined
  if (last < to) {
    clauseEnds.lastIndex = last
    if (!clauseEnds.test(text) || (last === end && text.charCodeAt(last) === COMMA && isDigit(text.charCodeAt(last + 1)))) return undefined
  }
  return { start, end: last, answer: last === end ? text.slice(start, end) : text.slice(start, last).replaceAll(",", "") }
}

const WORKING_SIGNS = new Set([..." .,$*×·⋅+-−–/÷=x"].map((sign) => sign.charCodeAt(0)))
const EQUALS = 61

/** After the last "=" of plain working such as "34 \\times 12 = 340 + 68 = 408"; −1 where there is none, or other things stand before it. */
const afterWorking = (text: string, from: number, to: number): number => {
  let last = -1
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code === EQUALS) last = at + 1
    else if (code === BACKSLASH) {
      if (text.startsWith("\\times", at)) at += 5
      else if (text.startsWith("\\cdot", at)) at += 4
      else return last
    } else if (!isDigit(code) && !WORKING_SIGNS.has(code)) return last
  }
  return last
}

const value: GraderService["value"] = (text, from, to, announcement) => {
  const worked = announcement === "begun" ? afterWorking(text, from, to) : -1
  const plain = worked > from ? bare(text, worked, to) : bare(text, from, to)
  if (plain !== undefined && (announcement === "begun" || plain.end >= to - 1)) return plain
  return announcement === "begun" ? begun(text, from, to) : wrapped(text, from, to)
}

/** Checks against a reference in normal form; mathematics is asked only where the answer is no plain number. */
const referenceOf = (gold: string): Reference => {
  let read: Mathematics | undefined
  const isPlain = isNormal(gold)
  const check = (answer: string): Verdict => {
    if (answer === gold) return "Correct"
    if (isPlain && isNormal(answer)) return "Wrong"
    if (answer === "" || answer.length > MOST_LENGTH || isInWords(answer)) return "Unparsable"
    read ??= isPlain ? { cleaned: gold, node: numberNode(gold) } : readMathematics(gold)
    return decide(read, readMathematics(answer))
  }
  return { answer: gold, check }
}

/** A number with what is counted after it: "14 apples", "25 miles per hour", not "12 Angry Men". */
const counted = /^[-−–+$€£\d.,\s]*\d(?:\s*%|\s+[a-z]+(?:[ /][a-z]+){0,3}(?:\^?[23²³])?)?\.?$/

/** The reference's number in normal form; undefined where it is none. */
const goldNumber = (text: string): string | undefined => {
  const { end, start } = withoutMarkup(text, 0, text.length)
  // A reference "3,5" is two numbers, as data sets write them.
  const plain = plainNumber(text, start, end, { spacedDigits: true })
  if (plain !== undefined) return plain
  if (end - start > MOST_LENGTH) return undefined
  const part = text.slice(start, end)
  const hasWords = /[a-zA-Z]{2,}/.test(part.replace(/\\(?:text|mathrm|mbox)\s*\{[^{}]*\}|\\[a-zA-Z]+/g, ""))
  if (hasWords && !counted.test(part.replaceAll("$", ""))) return undefined
  const { cleaned, node } = readMathematics(part)
  if (node === undefined || node.kind === "base" || node.kind === "degree" || cleaned.includes(":")) return undefined
  if (node.kind === "percent") return cleaned
  const number = node.kind === "relation" ? undefined : exactValue(node)
  return number === undefined || isWorking(cleaned) ? undefined : format(number)
}

/** Whole numbers, exact at any length. */
export const integer: GraderService = {
  kind: "integer",
  reference: ({ text }) => {
    const number = goldNumber(text)
    return number === undefined || !isWhole(number) ? undefined : referenceOf(number)
  },
  value
}

/** Numbers: decimals, fractions, powers of ten, percent; whole ones too. */
export const number: GraderService = {
  kind: "number",
  reference: ({ text }) => {
    const found = goldNumber(text)
    return found === undefined ? undefined : referenceOf(found)
  },
  value
}
