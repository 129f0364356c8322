/**
 * A list of candidates in a model's answer: JSON, with whatever models put around it and do to it.
 *
 * @module
 */
import type { CandidateQuote } from "../tasks/reading/PlaceQuotes.ts"

const THOUGHT_END = "</think>"
const MOST_OPENINGS = 64
const BACKSLASH = "\\"

// Escapes that JSON knows and that are the beginnings of LaTeX commands: written once where they should be written twice.
const LATEX = /(?:b|f|neq|nabla|right(?:arrow)?|rangle|rho|times|text(?:bf|it|rm)?|tfrac|theta|tau|triangle|therefore)(?:[^a-zA-Z]|$)/y
const ALWAYS_LATEX = new Set(["b", "f"])
const KNOWN_ESCAPES = new Set("\"\\/nrt")
const HEX = /^[0-9a-fA-F]{4}$/

// Where the value that opens at `open` closes, exclusive; −1 if it does not.
const closeOf = (text: string, open: number): number => {
  let depth = 0
  let isString = false
  for (let at = open; at < text.length; at++) {
    const sign = text[at]
    if (isString) {
      if (sign === BACKSLASH) at++
      else if (sign === "\"") isString = false
    } else if (sign === "\"") isString = true
    else if (sign === "{" || sign === "[") depth++
    else if (sign === "}" || sign === "]") {
      depth--
      if (depth === 0) return at + 1
    }
  }
  return -1
}

const isEscape = (text: string, at: number): boolean => {
  const sign = text[at] ?? ""
  if (ALWAYS_LATEX.has(sign)) return false
  if (sign === "u") return HEX.test(text.slice(at + 1, at + 5))
  LATEX.lastIndex = at
  return KNOWN_ESCAPES.has(sign) && !LATEX.test(text)
}

// JSON as models write it: LaTeX in strings, line breaks in strings, a comma after the last element.
const repaired = (text: string): string => {
  const parts: Array<string> = []
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    if (!isString) {
      if (sign === "\"") isString = true
      else if (sign === "," && /^\s{0,40}[\]}]/.test(text.slice(at + 1, at + 42))) continue
      parts.push(sign)
    } else if (sign === BACKSLASH) {
      if (isEscape(text, at + 1)) parts.push(sign, text[++at] ?? "")
      else parts.push(BACKSLASH, BACKSLASH)
    } else if (sign < " ") parts.push(`\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)
    else {
      if (sign === "\"") isString = false
      parts.push(sign)
    }
  }
  return parts.join("")
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(repaired(text))
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isEntry = (value: unknown): value is Readonly<Record<string, unknown>> => isObject(value) && ("quote" in value || "answer" in value)

const textOf = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "")

// An entry without a quote or an answer stays, as one that stands nowhere: it is counted as invented.
const quoteOf = (value: unknown): CandidateQuote =>
  isEntry(value) ? { quote: textOf(value["quote"]), answer: textOf(value["answer"]) } : { quote: "", answer: "" }

// A list, or undefined for JSON that is another thing.
const listOf = (value: unknown): ReadonlyArray<CandidateQuote> | undefined => {
  const list = isObject(value) ? value["candidates"] : value
  if (!Array.isArray(list)) return undefined
  const entries: ReadonlyArray<unknown> = list
  return entries.length === 0 || entries.some(isEntry) ? entries.map(quoteOf) : undefined
}

/**
 * Reads the list of candidates in a model's answer; undefined where there is none. Thoughts before it are passed over, and so are fences and
 * words around it; of several lists the last counts, and entries without a list around them are one. Time is linear in the answer's length.
 */
export const readCandidates = (answer: string): ReadonlyArray<CandidateQuote> | undefined => {
  const thought = answer.lastIndexOf(THOUGHT_END)
  const text = thought < 0 ? answer : answer.slice(thought + THOUGHT_END.length)
  // A thought that was cut off may hold drafts, but no answer.
  if (thought < 0 && text.trimStart().startsWith("<think>")) return undefined
  let last: ReadonlyArray<CandidateQuote> | undefined
  const single: Array<CandidateQuote> = []
  const opening = /[[{]/g
  let openings = 0
  for (let open = opening.exec(text); open !== null && openings < MOST_OPENINGS; open = opening.exec(text)) {
    const close = closeOf(text, open.index)
    const value = close < 0 ? undefined : parsed(text.slice(open.index, close))
    const list = listOf(value)
    if (list !== undefined) last = list
    else if (isEntry(value)) single.push(quoteOf(value))
    else {
      openings++
      continue
    }
    opening.lastIndex = close
  }
  return last ?? (single.length === 0 ? undefined : single)
}
