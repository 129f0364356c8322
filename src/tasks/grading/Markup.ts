/**
 * Markup around a value: dollar signs, bold, quotes, LaTeX's delimiters, a full stop. Looks at a bounded number of characters.
 *
 * @module
 */
import { groupEnd } from "./mathematics/Clean.ts"

/** A part of a text. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Where a text stands within text[from, to), -1 where it does not; only that stretch is searched. */
export const indexWithin = (text: string, wanted: string, from: number, to: number): number => {
  const found = text.slice(from, to).indexOf(wanted)
  return found < 0 ? -1 : from + found
}

/** Wrapped values are no longer than this. */
const WITHIN = 4_000

/** More markup than this around a value is no markup. */
const MOST = 64

const before = /\s+|\*+|_+(?=[\s*\d])|[$"'“”‘’`#]|\\[([,;:! ]|\\displaystyle(?![a-zA-Z])/y
const AFTER = new Set(" \t\n\r*$_\"'“”‘’`.,;:!")

// "5!", "n!", "(n+1)!", not "Paris!".
const isFactorial = /(?:[\d)}]|(?:^|[^a-zA-Z])[a-z])!$/

/** The stretch without the markup at both ends. */
export const withoutMarkup = (text: string, from: number, to: number): Stretch => {
  let start = from
  for (let i = 0; i < MOST && start < to; i++) {
    before.lastIndex = start
    if (!before.test(text)) break
    start = Math.min(to, before.lastIndex)
  }
  let end = to
  for (let i = 0; i < MOST && end > start; i++) {
    const last = text[end - 1]!
    if (AFTER.has(last) && !(last === "!" && isFactorial.test(text.slice(Math.max(start, end - 3), end)))) end--
    else if ((last === ")" || last === "]") && text[end - 2] === "\\") end -= 2
    else break
  }
  // "\," at the end is a space.
  if (end < to && end > start && text[end - 1] === "\\") end--
  return { start, end }
}

const wrapper = /\\(?:boxed|fbox|text|textbf|mathbf|mathrm|mathit)\s*\{/y

/** What is within "**…**" or "\boxed{…}" that begins at `at`, on one line; undefined where nothing does. */
export const withinWrapper = (text: string, at: number, to: number): Stretch | undefined => {
  if (text.startsWith("**", at)) {
    if (/\s|\*/.test(text[at + 2] ?? " ")) return undefined
    const close = indexWithin(text, "**", at + 2, Math.min(to, at + WITHIN))
    return close < 0 || text.slice(at, close).includes("\n") ? undefined : { start: at + 2, end: close }
  }
  wrapper.lastIndex = at
  if (!wrapper.test(text)) return undefined
  const close = groupEnd(text, wrapper.lastIndex - 1, "{", "}", Math.min(to, at + WITHIN))
  return close < 0 ? undefined : { start: wrapper.lastIndex, end: close - 1 }
}
