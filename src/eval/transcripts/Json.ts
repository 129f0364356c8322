/**
 * JSON as programs write it: Python's NaN and Infinity, and numbers of more digits than a number keeps.
 *
 * @module
 */

const NOT_JSON = /-?Infinity|NaN/g
const QUOTE = "\""
const BACKSLASH = 92

// Where the string that begins at a quote ends: after the next quote that no odd number of backslashes escapes.
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf(QUOTE, start + 1); at >= 0; at = text.indexOf(QUOTE, at + 1)) {
    let from = at
    while (text.charCodeAt(from - 1) === BACKSLASH) from--
    if ((at - from) % 2 === 0) return at + 1
  }
  return text.length
}

/** A JSON text with the bare words NaN, Infinity and -Infinity, which Python writes, as null; words within strings stay. Linear in its length. */
export const withoutBareWords = (text: string): string => {
  const pieces: Array<string> = []
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf(QUOTE, at)
    const end = quote < 0 ? text.length : quote
    pieces.push(text.slice(at, end).replace(NOT_JSON, "null"))
    at = quote < 0 ? text.length : endOfString(text, quote)
    if (quote >= 0) pieces.push(text.slice(quote, at))
  }
  return pieces.join("")
}

/** Parses a JSON text, with or without Python's words. Throws `SyntaxError` for what is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!text.includes("NaN") && !text.includes("Infinity")) throw error
    try {
      return JSON.parse(withoutBareWords(text))
    } catch {
      throw error
    }
  }
}

// The text of a number that a reviver gets.
interface Source {
  readonly source?: string
}

const KEPT_DIGITS = 15

const exact = (_: string, value: unknown, context?: Source): unknown => {
  if (typeof value !== "number" || context?.source === undefined) return value
  const isKept = Number.isFinite(value) && (Number.isInteger(value) ? Number.isSafeInteger(value) : context.source.length <= KEPT_DIGITS)
  return isKept ? value : context.source
}

/** `parseJson`, with numbers of many digits as the text that they are written in. */
export const parseExactJson = (text: string): unknown => {
  try {
    return JSON.parse(text, exact)
  } catch {
    return JSON.parse(withoutBareWords(text), exact)
  }
}
