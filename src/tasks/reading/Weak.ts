/**
 * Candidates that nothing announces: conclusions ("So she pays 29"), emphasised values, the asked expression worked out, closing equations.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import type { AskedExpression } from "../StatedProduct.ts"
import { CONDITIONAL, LINK_WORDS, RESULT_WORDS } from "./Announcements.ts"
import { isDigit, isLetter, readWord, sentenceEnd, skipSpaces } from "./Characters.ts"
import { readNumeral } from "./Numeral.ts"
import type { Announced, Scan } from "./Scan.ts"

/**
 * How much a candidate claims to be the answer: 3 announced as such, 2 concluded about the whole, 1.5 concluded, 1 the end of an equation.
 */
export interface Candidate extends Value {
  readonly strength: number
  readonly how: Announced
  /** Where what puts it forward begins. */
  readonly at: number
  /** It is the value of the very expression that the prompt asks for. */
  readonly isAsked: boolean
}

/** What reading a text needs to know. */
export interface Context {
  readonly text: string
  readonly scan: Scan
  readonly grader: GraderService
  readonly asked: AskedExpression | undefined
}

const LONGEST_SENTENCE = 300
const LHS = 100

// After a closing number: markup and a unit, then the end of the line or of the sentence.
const closes =
  /^[$*_)\]}> \\]*(?:(?:text|mathrm)\s*\{\s*)?(?:\p{L}{1,12}(?:\/\p{L}{1,8})?[²³]?)?[$*_)\]}> \\]*(?:$|[\n.!?;,。，；！？](?!\d))/u
const CLOSES_WITHIN = 40

const firstAtOrAfter = (places: ReadonlyArray<number>, at: number): number => {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (places[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}

/** The places in [from, to), the last first. */
function* backwards(
  places: ReadonlyArray<number>,
  from: number,
  to: number
): Generator<readonly [place: number, next: number | undefined]> {
  for (let i = firstAtOrAfter(places, to) - 1; i >= 0 && places[i]! >= from; i--) yield [places[i]!, places[i + 1]]
}

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

// A stretch whose last equations all come to nothing is no working that comes to a result.
const MOST_EQUATIONS = 200

/** The last equation of text[from, to) that works out the asked expression. */
export const askedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { asked, grader, scan, text } = context
  if (asked === undefined) return undefined
  let left = MOST_EQUATIONS
  for (const [equals] of backwards(scan.equals, from, to)) {
    if (!isAskedBefore(text, equals, asked)) continue
    if (left-- === 0) return undefined
    const value = grader.value(text, equals + 1, sentenceEnd(text, equals + 1, Math.min(to, equals + LONGEST_SENTENCE)), "begun")
    if (value !== undefined) return { ...value, strength: 2, how: "equation", at: equals, isAsked: true }
  }
  return undefined
}

/** The last closing equation of text[from, to). */
export const closingCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  let left = MOST_EQUATIONS
  for (const [equals, next] of backwards(context.scan.equals, from, to)) {
    if (left-- === 0) return undefined
    const value = closingValue(context, equals, next, to)
    if (value !== undefined) return { ...value, strength: 1, how: "equation", at: equals, isAsked: false }
  }
  return undefined
}

const WHOLE = /\b(?:in\s+(?:total|all)|altogether|overall|finally|insgesamt|au\s+total|en\s+total|in\s+totale|всего)\b|一共|总共|合計/iu
const EMPHASIS = /\*\*([^*\n]{1,80})\*\*/y
const DISPLAY = /\$\$([^$]{1,400})\$\$|\\\[((?:(?!\\\])[\s\S]){1,400})\\\]/y

const SIGNS = new Set([..."-−–"].map((sign) => sign.charCodeAt(0)))

// "s = -2": the sign belongs to the number, unless something stands before it that it takes away from.
const signedStart = (text: string, at: number, from: number): number =>
  at > from && SIGNS.has(text.charCodeAt(at - 1)) && !/[\p{L}\d)\]}]\s?$/u.test(text.slice(Math.max(from, at - 3), at - 1)) ? at - 1 : at

interface Said {
  /** After the last link ("is", "pays"), or emphasised. */
  readonly linked: Value | undefined
  /** The first and the last number. */
  readonly first: Value | undefined
  readonly last: Value | undefined
  /** It speaks of the whole: "in total", "the result". */
  readonly isWhole: boolean
}

/** The values in a sentence text[from, to). */
export const valuesOfSentence = ({ grader, text }: Context, from: number, to: number): Said => {
  let isWhole = WHOLE.test(text.slice(from, to))
  let linked: Value | undefined
  let first: Value | undefined
  let last: Value | undefined
  for (let at = from; at < to;) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) {
      const value = grader.value(text, signedStart(text, at, from), to, "begun")
      first ??= value
      last = value ?? last
      at = Math.max(value?.end ?? 0, readNumeral(text, at)?.end ?? 0, at + 1)
      continue
    }
    if (code === 42 && text.startsWith("**", at)) {
      EMPHASIS.lastIndex = at
      const bold = EMPHASIS.exec(text)
      const value = bold === null || !looksLikeValue(grader, bold[1]!)
        ? undefined
        : grader.value(text, at + 2, EMPHASIS.lastIndex - 2, "wrapped")
      if (value !== undefined) linked = value
      at = value === undefined ? at + 2 : EMPHASIS.lastIndex
      continue
    }
    if (!isLetter(code)) {
      at++
      continue
    }
    const word = readWord(text, at)
    at = Math.max(word.end, at + 1)
    if (RESULT_WORDS.has(word.text)) isWhole = true
    if (!LINK_WORDS.has(word.text)) continue
    const value = grader.value(text, at, to, "begun")
    if (value === undefined) continue
    linked = value
    at = Math.max(at, value.end)
  }
  return { linked, first, last, isWhole }
}

// Of an expression that reaches a target the left side is the answer, which stands first.
const saidValue = (
  { grader }: Context,
  { first, last, linked }: Said
): Value | undefined => (grader.kind === "countdown" ? first : linked ?? last)

const isBare = (text: string, from: number, to: number): boolean => to - from < 24 && !/[\p{L}\d]/u.test(text.slice(from, to))

/** The last conclusion of text[from, to) that has a value; one that ends the stretch is about the whole. */
export const concludedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { grader, scan, text } = context
  // Any words could be the value of "So …".
  if (grader.kind === "text") return undefined
  for (const [at] of backwards(scan.conclusions, from, to)) {
    const end = sentenceEnd(text, at, Math.min(to, at + LONGEST_SENTENCE))
    if (CONDITIONAL.test(text.slice(at, end))) continue
    const said = valuesOfSentence(context, at, end)
    const value = saidValue(context, said)
    if (value === undefined) continue
    return { ...value, strength: said.isWhole || isBare(text, end, to) ? 2 : 1.5, how: "conclusion", at, isAsked: false }
  }
  return undefined
}

const SENTENCE_BEFORE = /[.!?。！？\n:](?=[\s*_"”')\]]|$)|[。！？]/gu

// Where the answer is a name, the first sentence gives it and the others tell about it.
const firstStated = (context: Context, from: number, to: number): Candidate | undefined => {
  const { text } = context
  const start = skipSpaces(text, from)
  const end = sentenceEnd(text, start, Math.min(to, start + LONGEST_SENTENCE))
  const { linked } = CONDITIONAL.test(text.slice(start, end)) ? { linked: undefined } : valuesOfSentence(context, start, end)
  return linked === undefined ? undefined : { ...linked, strength: 1.5, how: "conclusion", at: start, isAsked: false }
}

/** What the last sentence of text[from, to) states, if it states a value and asks nothing: 2 if it says so by a link or emphasis, else 0.9. */
export const statedCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { grader, text } = context
  if (grader.kind === "text") return firstStated(context, from, to)
  let end = to
  while (end > from && /[\s*_"”')\]}$\\.。]/u.test(text[end - 1]!)) end--
  if (end === from || /[?？]/.test(text[end - 1]!)) return undefined
  const window = Math.max(from, end - LONGEST_SENTENCE)
  const before = [...text.slice(window, end).matchAll(SENTENCE_BEFORE)].at(-1)
  const start = before === undefined ? window : window + before.index + before[0].length
  const sentence = text.slice(start, end)
  // What an equation comes to is looked at where equations are.
  if (sentence.includes("=") || CONDITIONAL.test(sentence)) return undefined
  const said = valuesOfSentence(context, start, Math.min(to, end + 3))
  const value = saidValue(context, said)
  if (value === undefined) return undefined
  return { ...value, strength: said.linked === undefined ? 0.9 : 2, how: "conclusion", at: start, isAsked: false }
}

/** The last value of text[from, to) that stands alone in bold or as a formula, and ends a sentence or a line. */
export const emphasisedCandidate = ({ grader, scan, text }: Context, from: number, to: number): Candidate | undefined => {
  for (const [at] of backwards(scan.emphases, from, to)) {
    const expression = text.charCodeAt(at) === 42 ? EMPHASIS : DISPLAY
    expression.lastIndex = at
    const match = expression.exec(text)
    const end = expression.lastIndex
    if (match === null || end > to) continue
    const value = looksLikeValue(grader, text.slice(at + 2, end - 2)) ? grader.value(text, at + 2, end - 2, "wrapped") : undefined
    if (value === undefined || !/^[^\n.!?]{0,24}(?:$|[\n.!?])/.test(text.slice(end, Math.min(to, end + 40)))) continue
    return { ...value, strength: 2, how: "emphasis", at, isAsked: false }
  }
  return undefined
}

const LONGEST_WHOLE = 120
const MOST_WORDS = 4
const NUMERIC: ReadonlySet<string> = new Set(["integer", "number", "mathematics", "countdown"])
const BEGINS_VALUE =
  /^[\s$*_\\([{|]*(?:[-−–+±]?\s*\\?[$€£¥₹]?\s*[\d.√π∞½¼¾]|(?:d|t)?frac|sqrt|pi\b|infty|left|begin|boxed|text|mathrm|displaystyle|[a-z]\s*=|[-+]?[a-z]\b\s*[-+^*/])/iu
const SENTENCE = /[.!?:;]\s+\S/u

/** Tells whether a line or a bold phrase can be a value of a kind. A grader takes whatever is wrapped for one. */
export const looksLikeValue = ({ kind }: GraderService, text: string): boolean => {
  const bare = text.trim()
  if (bare === "" || SENTENCE.test(bare)) return false
  if (!NUMERIC.has(kind)) return true
  if (!BEGINS_VALUE.test(bare)) return false
  const words = bare.replace(/\\[a-zA-Z]+/g, " ").match(/\p{L}{2,}/gu) ?? []
  return words.length <= MOST_WORDS && !/\d\s*=/.test(bare)
}

/** text[from, to) where that is a value and nothing else. */
export const wholeCandidate = ({ grader, text }: Context, from: number, to: number): Candidate | undefined => {
  if (to - from > 2 * LONGEST_WHOLE) return undefined
  const part = text.slice(from, to)
  if (part.trim().length > LONGEST_WHOLE || !looksLikeValue(grader, part)) return undefined
  const value = grader.value(text, from, to, "wrapped")
  return value === undefined ? undefined : { ...value, strength: 3, how: "whole", at: from, isAsked: false }
}

/** The last line of text[from, to), if it is a value and nothing else. */
export const lastLineCandidate = (context: Context, from: number, to: number): Candidate | undefined => {
  const { text } = context
  let end = to
  while (end > from && /\s/.test(text[end - 1]!)) end--
  const window = Math.max(from, end - LONGEST_WHOLE)
  const line = text.slice(window, end).lastIndexOf("\n")
  if (line < 0) return undefined
  const candidate = wholeCandidate(context, window + line + 1, end)
  return candidate === undefined ? undefined : { ...candidate, strength: 2 }
}

const YES_OR_NO = /^[\s*_"“>#]{0,8}(yes|no|true|false)\b/iu

/** "Yes, …" at the beginning of an answer to a yes-or-no question. */
export const openingCandidate = ({ grader, text }: Context, from: number): Candidate | undefined => {
  if (grader.kind !== "boolean") return undefined
  const match = YES_OR_NO.exec(text.slice(from, from + 16))
  const word = match?.[1]
  if (match === null || word === undefined) return undefined
  const end = from + match[0].length
  const value = grader.value(text, end - word.length, end, "wrapped")
  return value === undefined ? undefined : { ...value, strength: 2, how: "whole", at: from, isAsked: false }
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "number"])

// Among steps of working, "x + 1 = 6" is no number that anybody puts forward.
const isOfKind = ({ kind }: GraderService, candidate: Candidate | undefined): candidate is Candidate =>
  candidate !== undefined && (!NUMBERS.has(kind) || !/[a-zA-Z=]/.test(candidate.answer.replace(/\\[a-zA-Z]+/g, "")))

/** The best of text[from, to) that nothing announces; of equals the last. `others` finds more of them. */
export const weakCandidate = (
  context: Context,
  from: number,
  to: number,
  others: () => ReadonlyArray<Candidate | undefined>
): Candidate | undefined => {
  const asked = askedCandidate(context, from, to)
  // The asked expression worked out at the end: nothing else can be better, or later.
  if (asked !== undefined && isBare(context.text, asked.end, to)) return asked
  let best = asked
  for (const each of [...others(), concludedCandidate(context, from, to), emphasisedCandidate(context, from, to)]) {
    if (!isOfKind(context.grader, each)) continue
    if (best === undefined || each.strength > best.strength || (each.strength === best.strength && each.end > best.end)) best = each
  }
  if (best !== undefined && best.strength >= 1) return best
  const closing = closingCandidate(context, from, to)
  return closing !== undefined && isOfKind(context.grader, closing) ? closing : best
}

const CLAUSE_ENDS = ["\n", ";", "=", ": ", ", ", ". ", "? ", "! "]

// The left side of the equation at `at`: back to the clause's beginning.
const clauseBefore = (text: string, at: number): string => {
  const left = text.slice(Math.max(0, at - LHS), at)
  return left.slice(Math.max(...CLAUSE_ENDS.map((end) => left.lastIndexOf(end))) + 1)
}

/** Tells whether the left side of the equation of a candidate has a number as an operand: then it tests that number. */
export const tests = (text: string, { at, how }: Candidate, answer: string): boolean => {
  if (how !== "equation") return false
  const clause = clauseBefore(text, at)
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

/** Tells whether nothing but markup and punctuation follows a candidate in its stretch. */
export const endsStretch = (text: string, { end }: Candidate, to: number): boolean => isBare(text, end, to)
