/**
 * Candidates that are the ends of equations: the asked expression worked out, and others.
 *
 * @module
 */
import type { Value } from "../../domain/Grader.ts"
import type { AskedExpression } from "../StatedProduct.ts"
import { backwards, type Candidate, type Context, LONGEST_SENTENCE, MOST_PLACES } from "./Candidate.ts"
import { isDigit, sentenceEnd } from "./Characters.ts"
import { readNumeral } from "./Numeral.ts"

// A left side is looked at so far.
const LHS = 100

// After a closing number: markup and a unit, then the end of the line or of the sentence.
const closes =
  /^[$*_)\]}> \\]*(?:(?:text|mathrm)\s*\{\s*)?(?:\p{L}{1,12}(?:\/\p{L}{1,8})?[²³]?)?[$*_)\]}> \\]*(?:$|[\n.!?;,。，；！？](?!\d))/u
const CLOSES_WITHIN = 40

const formsOf = ({ numbers, operators }: AskedExpression): ReadonlyArray<string> => {
  const forward = numbers.map((number, k) => number + (operators[k] ?? "")).join("")
  const commutes = numbers.length === 2 && (operators[0] === "*" || operators[0] === "+")
  return commutes ? [forward, numbers.toReversed().join(operators[0])] : [forward]
}

const forms = new WeakMap<AskedExpression, ReadonlyArray<string>>()

const SKIPPED = new Set([..." ,$_{}"].map((sign) => sign.charCodeAt(0)))
const SIGNS_OF: Readonly<Record<string, string>> = { "*": "*×·⋅xX", "+": "+", "-": "-−–", "/": "/÷" }
const WORDS_OF: Readonly<Record<string, ReadonlyArray<string>>> = { "*": ["\\times", "\\cdot"], "/": ["\\div"], "+": [], "-": [] }

const skipBack = (text: string, at: number): number => {
  let before = at
  while (before >= 0 && SKIPPED.has(text.charCodeAt(before))) before--
  return before
}

// Whether an expression ends just before `equals`, read from its end: most equations differ in the last digit.
const endsWithExpression = (text: string, equals: number, form: string): boolean => {
  let at = equals - 1
  for (let k = form.length - 1; k >= 0; k--) {
    at = skipBack(text, at)
    if (at < 0) return false
    const expected = form[k]!
    const signs = SIGNS_OF[expected]
    if (text[at] === expected || signs?.includes(text[at]!) === true) {
      at--
      continue
    }
    const word = WORDS_OF[expected]?.find((each) => text.endsWith(each, at + 1))
    if (word === undefined) return false
    at -= word.length
  }
  const place = skipBack(text, at)
  const before = text[place]
  if (before === undefined || (before === "." && place < at)) return true
  // A list's dash is no minus.
  if (before === "-") return !/[\p{L}\d)\]}]/u.test(text[skipBack(text, place - 1)] ?? "")
  return !/[\d.+/×·⋅÷−]/.test(before)
}

const isAskedBefore = (text: string, equals: number, asked: AskedExpression): boolean => {
  const known = forms.get(asked) ?? formsOf(asked)
  forms.set(asked, known)
  return known.some((form) => endsWithExpression(text, equals, form))
}

const OPENS_VALUE = /[\s$*{(]{0,6}(?:[-−–+±]?\s?[$€£]?[\d.√π]|\\|[a-z(])/iuy

/** The end of "= …" at `equals`: a value that ends a sentence or a line. */
const closingValue = ({ grader, text }: Context, equals: number, next: number | undefined, to: number): Value | undefined => {
  OPENS_VALUE.lastIndex = equals + 1
  if (!OPENS_VALUE.test(text)) return undefined
  const limit = sentenceEnd(text, equals + 1, Math.min(to, next ?? to, equals + LONGEST_SENTENCE))
  const value = grader.value(text, equals + 1, limit, "begun")
  return value !== undefined && closes.test(text.slice(value.end, Math.min(to, value.end + CLOSES_WITHIN))) ? value : undefined
}

/** The last equation of text[from, to) that works out the asked expression. */
export const askedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { asked, grader, scan, text } = context
  if (asked === undefined) return undefined
  let left = MOST_PLACES
  // Whether an equation is the asked one shows at its last digits: all of them are looked at.
  for (const [equals] of backwards(scan.equals, from, to, Infinity)) {
    if (!isAskedBefore(text, equals, asked)) continue
    if (left-- === 0) return undefined
    const value = grader.value(text, equals + 1, sentenceEnd(text, equals + 1, Math.min(to, equals + LONGEST_SENTENCE)), "begun")
    if (value !== undefined) return { ...value, strength: 2, how: "equation", at: equals, isAsked: true }
  }
  return undefined
}

/** The last closing equation of text[from, to). */
export const closingCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  for (const [equals, next] of backwards(context.scan.equals, from, to)) {
    const value = closingValue(context, equals, next, to)
    if (value !== undefined) return { ...value, strength: 1, how: "equation", at: equals, isAsked: false }
  }
  return undefined
}

const CLAUSE_ENDS = ["\n", ";", "=", ": ", ", ", ". ", "? ", "! "]

// The left side of the equation at `at`: back to the clause's beginning.
const clauseBefore = (text: string, at: number): string => {
  const left = text.slice(Math.max(0, at - LHS), at)
  return left.slice(Math.max(...CLAUSE_ENDS.map((end) => left.lastIndexOf(end))) + 1)
}

/** Tells whether a candidate is the right side of an equation whose left side has a number as an operand: then it tests that number. */
export const tests = (text: string, { start }: Candidate, answer: string): boolean => {
  const before = text.slice(Math.max(0, start - LHS), start)
  const equals = before.lastIndexOf("=")
  if (equals < 0 || /[\p{L}\d]/u.test(before.slice(equals))) return false
  const clause = clauseBefore(text, start - before.length + equals)
  for (let place = 0; place < clause.length;) {
    const found = isDigit(clause.charCodeAt(place)) ? readNumeral(clause, place) : undefined
    if (found?.value === answer) return true
    place = found?.end ?? place + 1
  }
  return false
}

const leftOf = (text: string, at: number): string =>
  clauseBefore(text, at).replace(/[\s$*_`]|\\(?=times|cdot|div)/g, "").replace(/times|cdot|[×·⋅]/g, "*")

/** Tells whether two equations have the same left side. */
export const isSameLeft = (text: string, a: Candidate, b: Candidate): boolean =>
  a.how === "equation" && b.how === "equation" && leftOf(text, a.at) === leftOf(text, b.at)
