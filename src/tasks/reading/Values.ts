/**
 * Values in running text: what looks like one, and which ones a sentence has.
 *
 * @module
 */
import type { GraderService, Value } from "../../domain/Grader.ts"
import { LINK_WORDS, LOOSE_LINKS, RESULT_WORDS } from "./Announcements.ts"
import type { Context } from "./Candidate.ts"
import { isDigit, isLetter, readWord } from "./Characters.ts"
import { readNumeral } from "./Numeral.ts"

const WHOLE = /\b(?:in\s+(?:total|all)|altogether|overall|finally|insgesamt|au\s+total|en\s+total|in\s+totale|всего)\b|一共|总共|合計/iu
/** An emphasised phrase. */
export const EMPHASIS = /\*\*([^*\n]{1,80})\*\*/y

const MOST_WORDS = 4
const NUMERIC: ReadonlySet<string> = new Set(["integer", "number", "mathematics", "countdown"])
const BEFORE_VALUE = /[\s$*_\\([{|]/
// After those. A run of spaces has one place in the expression, so that one that disappoints is passed once.
const BEGINS_VALUE =
  /(?:(?:[-−–+±]\s*)?(?:\\?[$€£¥₹]\s*|\\\s*)?[\d.√π∞½¼¾]|(?:d|t)?frac|sqrt|pi\b|infty|left|begin|boxed|text|mathrm|displaystyle|[a-z]\s*=|[-+]?[a-z]\b\s*[-+^*/])/iuy
// Words between values that no value has: "400 and then 408" is said of two.
const PROSE = /\b(?:then|rather|maybe|perhaps|so|but|now|actually|instead|later|finally|hence|thus|therefore|that|done)\b/iu
const SENTENCE = /[.!?:;]\s+\S/u

const beginsValue = (text: string): boolean => {
  let at = 0
  while (at < text.length && BEFORE_VALUE.test(text[at]!)) at++
  BEGINS_VALUE.lastIndex = at
  return BEGINS_VALUE.test(text)
}

/** Tells whether a line or a bold phrase can be a value of a kind. A grader takes whatever is wrapped for one. */
export const looksLikeValue = ({ kind }: GraderService, text: string): boolean => {
  const bare = text.trim()
  if (bare === "" || SENTENCE.test(bare)) return false
  if (!NUMERIC.has(kind)) return true
  if (!beginsValue(bare) || PROSE.test(bare)) return false
  const words = bare.replace(/\\[a-zA-Z]+/g, " ").match(/\p{L}{2,}/gu) ?? []
  return words.length <= MOST_WORDS && !/\d\s*=/.test(bare)
}

const SIGNS = new Set([..."-−–"].map((sign) => sign.charCodeAt(0)))

// "half of 12", "less than 20": another number is meant.
const OTHER_MEANT =
  /\b(?:half(?:\s+of)?|twice|double|triple|thrice|(?:third|quarter|fourth|fifth|root|cube|square|logarithm)\s+of|(?:less|more|fewer|greater|smaller|larger)\s+than)\s+(?:\\?\$)?$/iu
const MODIFIES = 24
const ONE_VALUE = /^(?:-?[\d./]+%?|[A-J])$/u
const NEGATES = /(?<!\d\s)\b(?:minus|negative)\s$/iu
const WORKING = /(?:\s?[-−–+*/×÷·⋅^]\s?(?:\\?\$)?\d[\d.,]{0,40}){0,20}/y

// "s = -2": the sign belongs to the number, unless something stands before it that it takes away from.
const signedStart = (text: string, at: number, from: number): number => {
  const word = NEGATES.exec(text.slice(Math.max(from, at - 12), at))
  if (word !== null) return at - word[0].length
  return at > from && SIGNS.has(text.charCodeAt(at - 1)) && !/[\p{L}\d)\]}]\s?$/u.test(text.slice(Math.max(from, at - 3), at - 1))
    ? at - 1
    : at
}

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
      const isOther = OTHER_MEANT.test(text.slice(Math.max(from, at - MODIFIES), at))
      const value = isOther ? undefined : grader.value(text, signedStart(text, at, from), to, "begun")
      first ??= value
      last = value ?? last
      at = Math.max(value?.end ?? 0, readNumeral(text, at)?.end ?? 0, at + 1)
      if (value !== undefined || isOther) continue
      // What was not read whole is not read in parts.
      WORKING.lastIndex = at
      WORKING.test(text)
      at = Math.max(at, Math.min(to, WORKING.lastIndex))
      continue
    }
    if (code === 42 && text.startsWith("**", at)) {
      EMPHASIS.lastIndex = at
      const bold = EMPHASIS.exec(text)
      const value = bold === null || EMPHASIS.lastIndex > to || !looksLikeValue(grader, bold[1]!)
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
    if (value === undefined || (LOOSE_LINKS.has(word.text) && !ONE_VALUE.test(value.answer))) continue
    linked = value
    at = Math.max(at, value.end)
  }
  return { linked, first, last, isWhole }
}

/** The value that a sentence states. Of an expression that reaches a target the left side is the answer, which stands first. */
export const saidValue = (
  { grader }: Context,
  { first, last, linked }: Said
): Value | undefined => (grader.kind === "countdown" ? first : linked ?? last)
