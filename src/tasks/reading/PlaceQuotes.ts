/**
 * Where quotes stand in a text, if they stand there at all: whoever quotes may have misread, reordered or invented.
 *
 * @module
 */
import { foldedAt, type FoldedText, foldText } from "./FoldText.ts"

/** A stretch of a text word for word, and the answer in it word for word. */
export interface CandidateQuote {
  readonly quote: string
  readonly answer: string
}

/** A quote that was found: it begins at `at`, its answer is text[start, end). */
export interface PlacedQuote {
  readonly at: number
  readonly start: number
  readonly end: number
}

/** Quotes in the order of the text, and how many of them do not occur in it after the one before. */
export interface PlacedQuotes {
  readonly placed: ReadonlyArray<PlacedQuote>
  readonly invented: number
}

/** The most units of a quote that are looked for, around its answer. */
export const LONGEST_QUOTE = 200

const AROUND = 24
const BROKEN_BEFORE = /(?:\d|\d[.,/]|\d\}?\s?\/\s?|\^\{?|\}\{|\\(?:[dt]?frac|sqrt)\{?)$/
const BROKEN_AFTER = /^(?:\d|[.,/]\d|\}?\s?\/\s?\d|\}?\{|\^|\s?\\(?:sqrt|pi|[dt]?frac|times|cdot)|\s?[π√])/
const SIGN_BEFORE = /(?:^|[\s(=:{[,$≈])[-−]\$?$/
const LETTER = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u
const ENDS_IN_DIGIT = /\d$/
const BEGINS_WITH_DIGIT = /^[\d.]/

// The place of a value from `start` to `end`, with its sign; undefined where it is a part of a longer number or word.
const wholeValue = (text: string, start: number, end: number): { readonly start: number; readonly end: number } | undefined => {
  const before = text.slice(Math.max(0, start - AROUND), start)
  const after = text.slice(end, end + AROUND)
  const [first, last] = [text.slice(start, start + 1), text.slice(end - 1, end)]
  if (LETTER.test(first) && LETTER.test(before.slice(-1))) return undefined
  if (LETTER.test(last) && LETTER.test(after.slice(0, 1))) return undefined
  if (ENDS_IN_DIGIT.test(last) && BROKEN_AFTER.test(after)) return undefined
  if (!BEGINS_WITH_DIGIT.test(first)) return { start, end }
  if (BROKEN_BEFORE.test(before)) return undefined
  return { start: SIGN_BEFORE.test(before) ? start - (before.endsWith("$") ? 2 : 1) : start, end }
}

// The last place of an answer in its quote that is no part of a longer value; else the last one.
const answerIn = (quote: string, answer: string): number => {
  const last = quote.lastIndexOf(answer)
  for (let at = last; at >= 0; at = at === 0 ? -1 : quote.lastIndexOf(answer, at - 1)) {
    if (wholeValue(quote, at, at + answer.length) !== undefined) return at
  }
  return last
}

interface Wanted {
  readonly quote: string
  readonly answer: string
  /** The answer's place in the quote. */
  readonly offset: number
}

const wanted = (quote: string, answer: string): Wanted | undefined => {
  if (answer === "" || answer.length > LONGEST_QUOTE) return undefined
  const offset = answerIn(quote, answer)
  if (offset < 0) return undefined
  const room = Math.floor((LONGEST_QUOTE - answer.length) / 2)
  const from = quote.length <= LONGEST_QUOTE ? 0 : Math.max(0, offset - room)
  const to = quote.length <= LONGEST_QUOTE ? quote.length : offset + answer.length + room
  return { quote: quote.slice(from, to), answer, offset: offset - from }
}

const exactly = (text: string, quote: Wanted | undefined, after: number): PlacedQuote | undefined => {
  if (quote === undefined) return undefined
  for (
    let at = text.indexOf(quote.quote, Math.max(0, after - quote.offset));
    at >= 0;
    at = text.indexOf(quote.quote, at + 1)
  ) {
    const start = at + quote.offset
    const value = wholeValue(text, start, start + quote.answer.length)
    if (value !== undefined) return { at, ...value }
  }
  return undefined
}

const folding = (text: string, folded: FoldedText, quote: Wanted | undefined, after: number): PlacedQuote | undefined => {
  if (quote === undefined) return undefined
  const { folded: signs, places } = folded
  for (
    let at = signs.indexOf(quote.quote, Math.max(0, foldedAt(folded, after) - quote.offset));
    at >= 0;
    at = signs.indexOf(quote.quote, at + 1)
  ) {
    const first = places[at + quote.offset]!
    const start = first > after && text[first - 1] === "\\" ? first - 1 : first
    const end = places[at + quote.offset + quote.answer.length - 1]! + 1
    const value = wholeValue(text, start, end)
    if (value !== undefined) return { at: Math.min(places[at]!, value.start), ...value }
  }
  return undefined
}

/**
 * Finds quotes in a text: each answer after the answer before it, the quote as it is written, else with white space and markup folded. Time is
 * linear in the length of the text for every quote that is not there, and for all together that are.
 */
export const placeQuotes = (text: string, quotes: ReadonlyArray<CandidateQuote>): PlacedQuotes => {
  const placed: Array<PlacedQuote> = []
  let after = 0
  let folded: FoldedText | undefined
  for (const { answer, quote } of quotes) {
    const exact = exactly(text, wanted(quote.trim(), answer.trim()), after)
    const found = exact ?? folding(text, folded ??= foldText(text), wanted(foldText(quote).folded, foldText(answer).folded), after)
    if (found === undefined) continue
    placed.push(found)
    after = found.end
  }
  return { placed, invented: quotes.length - placed.length }
}
