/**
 * How far a value of mathematics reaches that begins a text, where words may follow it: to the end of what can be mathematics, brackets, groups
 * and dollar signs closed. One pass over the value.
 *
 * @module
 */
import { groupEnd, MOST_LENGTH } from "./mathematics/Clean.ts"
import { isProduct, WORDS } from "./mathematics/Words.ts"
import { indexWithin } from "./Markup.ts"
import { isDigit, readNumber } from "./NumberText.ts"

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

const runEnd = (text: string, at: number, to: number): number => {
  let end = at
  while (end < to && isLetter(text.charCodeAt(end))) end++
  return end
}

/** A word within mathematics is a function, a scale or nothing that words are made of. */
const isWordy = (content: string): boolean =>
  [...content.replace(/\\(?:text|mathrm|operatorname|mbox)\s*\{[^{}]*\}|\\[a-zA-Z]+/g, " ").matchAll(/[a-zA-Z]{2,}/g)].some(([run]) =>
    !WORDS.has(run) && !isProduct(run)
  )

const OPERATORS = "+-*/^=<>−–×÷·⋅±∓∪∩∈≤≥≠≈∗"
const SYMBOLS = "π∞√∛°²³⁰¹⁴⁵⁶⁷⁸⁹⁻½¼¾⅓⅔∅θ'%!"
const CURRENCY = "€£¥₹"
/** Commands between which and their arguments a value goes on. */
const delimiters: Readonly<Record<string, string>> = { "\\(": "\\)", "\\[": "\\]" }
const listStart = /\s*(?:\$|\\|[-−–]?[\d.]|[-−–]?\(|\{|[a-zA-Z](?:_\w+)?\s*[=<>≤≥]|[π√])/y
const conjunction = /\s*(?:,\s*)?(?:and|or)(?![a-zA-Z])/y

const testAt = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

/** The end of "$…$" that opens at `at`; -1 where the sign is a currency's. */
const dollarsEnd = (text: string, at: number, to: number): number => {
  const mark = text.startsWith("$$", at) ? "$$" : "$"
  const close = indexWithin(text, mark, at + mark.length, to)
  if (close < 0 || close === at + mark.length) return -1
  const content = text.slice(at + mark.length, close)
  if (mark === "$" && content.includes("\n")) return -1
  const isCurrency = isDigit(content.charCodeAt(0)) && (isWordy(content) || /\s$/.test(content))
  return isCurrency ? -1 : close + mark.length
}

/** Where the value that begins at `from` ends; `from` where none begins. At most MOST_LENGTH characters. */
export const extentEnd = (text: string, from: number, most: number): number => {
  const to = Math.min(most, from + MOST_LENGTH)
  let end = from
  /** Where a list stood before its last part: the part is none if words follow it. */
  let before = -1
  let at = from
  const take = (next: number): void => {
    at = next
    end = next
  }
  while (at < to) {
    const sign = text[at]!
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9 || code === 0xa0) {
      at++
      continue
    }
    if (isDigit(code) || (sign === "." && isDigit(text.charCodeAt(at + 1)))) {
      take(readNumber(text, at, to)?.end ?? at + 1)
      continue
    }
    if (isLetter(code)) {
      const stop = runEnd(text, at, to)
      const run = text.slice(at, stop)
      const known = WORDS.get(run)
      if (known === ", ") {
        const next = end > from ? testAt(listStart, text, stop) : -1
        if (next < 0) break
        before = end
        at = stop
        continue
      }
      const isTouching = at > from && text[at - 1] !== " "
      if (known !== undefined && (stop - at > 1) && (known[0] === "\\" || end > from)) {
        take(stop)
        continue
      }
      const isVariable = run.length === 1
        ? !(/^[aAI]$/.test(run) && /^\s+[a-z]{2,}/.test(text.slice(stop, stop + 4)))
        : isProduct(run) && isTouching
      if (!isVariable || (end > from && !isTouching && /^\s+[a-z]{2,}/.test(text.slice(stop, stop + 4)))) {
        // Words follow: what stands after the last comma belongs to them.
        if (before >= 0) end = before
        break
      }
      take(stop)
      continue
    }
    if (sign === "$") {
      const close = dollarsEnd(text, at, to)
      if (close > 0) take(close)
      else at++
      continue
    }
    if (sign === "\\") {
      const open = text.slice(at, at + 2)
      const stop = runEnd(text, at + 1, to)
      if (delimiters[open] !== undefined) {
        const close = indexWithin(text, delimiters[open], at + 2, to)
        if (close < 0) break
        take(close + 2)
      } else if (stop > at + 1) {
        const environment = /^\\begin\s*\{[a-zA-Z*]+\}/.exec(text.slice(at, at + 40))?.[0]
        if (environment !== undefined) {
          const ending = environment.replace(/\\begin\s*/, "\\end")
          const close = indexWithin(text, ending, at, to)
          if (close < 0) break
          take(close + ending.length)
          continue
        }
        take(stop)
      } else if ("{}%$,;:! |".includes(open[1] ?? "x")) {
        if (open[1] === "{") {
          const close = indexWithin(text, "\\}", at, to)
          if (close < 0) break
          take(close + 2)
        } else if (open[1] === "%") take(at + 2)
        else at += 2
      } else break
      continue
    }
    if (sign === "(" || sign === "[" || sign === "{") {
      const close = sign === "{" ? groupEnd(text, at, "{", "}", to) : bracketEnd(text, at, to)
      if (close < 0) break
      const content = text.slice(at + 1, close - 1)
      const isBeside = end > from && text.slice(end, at).trim() === ""
      const isApart = isBeside && text[at - 1] === " " && !/[a-zA-Z\\]/.test(content) && isDigit(text.charCodeAt(end - 1))
      if (sign !== "{" && (isWordy(content) || isApart)) {
        if (before >= 0) end = before
        break
      }
      take(close)
      continue
    }
    if (sign === "*" && text[at + 1] === "*") break
    if (sign === "_" && !/^_(?:\{|\d|[a-zA-Z](?![a-zA-Z]))/.test(text.slice(at, at + 3))) break
    // "3-digit", "8-sided".
    if (sign === "-" && at > from && text[at - 1] !== " " && /^-[a-zA-Z]{2,}/.test(text.slice(at, at + 4))) break
    if (sign === "!" && text[at + 1] === "=") {
      at += 2
      continue
    }
    if (sign === "!" && !/[\d)a-z]/.test(text[at - 1] ?? "")) break
    if (sign === "!" && (at + 1 >= most || /[\s*]/.test(text[at + 1] ?? " ")) && !/^!\s?[=+*/×÷·-]\s?[\d(]/.test(text.slice(at, at + 5))) {
      break
    }
    if (sign === ":" && !(isDigit(text.charCodeAt(at - 1)) && isDigit(text.charCodeAt(at + 1)))) break
    if (sign === "," || sign === ";") {
      const word = testAt(conjunction, text, at)
      const next = end > from ? testAt(listStart, text, word > 0 ? word : at + 1) : -1
      if (next < 0) break
      before = end
      at = word > 0 ? word : at + 1
      continue
    }
    if (SYMBOLS.includes(sign)) take(at + 1)
    else if (OPERATORS.includes(sign) || sign === "_" || sign === ":" || sign === "|" || CURRENCY.includes(sign)) {
      at = sign === "|"
        ? (end = at + 1)
        : at + 1
    } else break
  }
  return end
}

/** The end of round or square brackets, closed by either kind: "(2, 5]". */
const bracketEnd = (text: string, at: number, to: number): number => {
  let depth = 0
  for (let i = at; i < to; i++) {
    const sign = text[i]!
    if (sign === "(" || sign === "[") depth++
    else if ((sign === ")" || sign === "]") && text[i - 1] !== "\\" && --depth === 0) return i + 1
    else if (sign === "\n") return -1
  }
  return -1
}
