/**
 * Whole numbers in running text: grouped by separators, spaced out, signed. Kept as digit strings, so any length is exact. All of it reads a
 * text once: what a looping model writes ("1.111.111.…", "0.000…01") takes time in proportion to its length.
 *
 * @module
 */

/** A numeral in a text: where it stands, and its normal form. */
export interface Numeral {
  readonly start: number
  readonly end: number
  readonly value: string
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57

const FULL_STOP = 46
const COMMA = 44
const ZERO = 48

const isSign = (code: number): boolean => code === 45 || code === 0x2212 || code === 0x2013

const trimDecimals = (fraction: string): string => {
  let end = fraction.length
  while (end > 0 && fraction.charCodeAt(end - 1) === ZERO) end--
  return fraction.slice(0, end)
}

const trimZeros = (digits: string): string => {
  let start = 0
  while (start < digits.length - 1 && digits.charCodeAt(start) === ZERO) start++
  return digits.slice(start)
}

const normalForm = (isNegative: boolean, whole: string, fraction: string): string => {
  const digits = trimZeros(whole === "" ? "0" : whole)
  const decimals = trimDecimals(fraction)
  const value = decimals === "" ? digits : `${digits}.${decimals}`
  return isNegative && value !== "0" ? `-${value}` : value
}

/**
 * Normal form of a numeral: no separators, no leading zeros, "-" as the sign, no ".0". Equal numbers are equal strings.
 *
 * normalizeNumeral("−1,024.0") = "-1024".
 */
export const normalizeNumeral = (text: string): string => {
  if (/^[1-9]\d*$/.test(text)) return text
  const parts = text.replace(/[^\d.]/g, "").split(".")
  const [whole = "", fraction = ""] = parts.length > 2 ? [parts.join("")] : parts
  return normalForm(isSign(text.charCodeAt(0)), whole, fraction)
}

// How long the separator at a place is: "," "{,}" "\," a space of any width, "_", "'" or "’"; 0 where none stands.
const separatorAt = (text: string, at: number): number => {
  const code = text.charCodeAt(at)
  if (code === 0x7b) return text.startsWith("{,}", at) ? 3 : 0
  if (code === 0x5c) return text.charCodeAt(at + 1) === COMMA ? 2 : 0
  return code === COMMA || code === 32 || code === 0xa0 || code === 0x2009 || code === 0x202f || code === 0x5f || code === 39 ||
      code === 0x2019
    ? 1
    : 0
}

const digitsEnd = (text: string, at: number): number => {
  let end = at
  while (isDigit(text.charCodeAt(end))) end++
  return end
}

// A longer chain of groups is no number that anybody writes; looking further from every group of a loop would take time by the square.
const MOST_GROUPS = 100

// The end of "1,234,567" if the first digits [at, first) begin one, else `first`. One separator throughout.
const groupedEnd = (text: string, at: number, first: number): number => {
  const width = first - at > 3 ? 0 : separatorAt(text, first)
  if (width === 0) return first
  const separator = text.slice(first, first + width)
  let end = first
  for (let groups = 0; groups < MOST_GROUPS && text.startsWith(separator, end); groups++) {
    const next = digitsEnd(text, end + width)
    if (next - end - width !== 3) break
    end = next
  }
  // "1,234,56" is no grouped number as a whole; its beginning must not pass for one.
  return end > first && text.startsWith(separator, end) && isDigit(text.charCodeAt(end + width)) ? first : end
}

// The end of "1.234.567", where there are two full stops at least: "1.234" is a decimal fraction.
const dottedEnd = (text: string, at: number, first: number): number => {
  if (first - at > 3) return first
  let end = first
  let groups = 0
  while (groups < MOST_GROUPS && text.charCodeAt(end) === FULL_STOP) {
    const next = digitsEnd(text, end + 1)
    if (next - end - 1 !== 3) break
    end = next
    groups++
  }
  const goesOn = text.charCodeAt(end) === FULL_STOP && isDigit(text.charCodeAt(end + 1))
  return groups >= 2 && !goesOn ? end : first
}

// The end of "4 0 8", digits one by one, else `first`.
const spacedEnd = (text: string, at: number, first: number): number => {
  if (first - at !== 1) return first
  let end = first
  while (text.charCodeAt(end) === 32 && isDigit(text.charCodeAt(end + 1)) && !isDigit(text.charCodeAt(end + 2))) end += 2
  return text.charCodeAt(end) === 32 && isDigit(text.charCodeAt(end + 1)) ? first : end
}

const onlyDigits = (text: string, from: number, to: number): string => text.slice(from, to).replace(/[^\d]/g, "")

const read = (text: string, at: number, canSpaceOut: boolean): Numeral | undefined => {
  const isNegative = isSign(text.charCodeAt(at))
  const start = isNegative ? at + 1 : at
  const first = digitsEnd(text, start)
  if (first === start) return undefined
  const dotted = dottedEnd(text, start, first)
  if (dotted > first) return { start: at, end: dotted, value: normalForm(isNegative, onlyDigits(text, start, dotted), "") }
  const separated = groupedEnd(text, start, first)
  const whole = separated > first || !canSpaceOut ? separated : spacedEnd(text, start, first)
  const end = text.charCodeAt(whole) === FULL_STOP ? digitsEnd(text, whole + 1) : whole
  const hasDecimals = end > whole + 1
  return {
    start: at,
    end: hasDecimals ? end : whole,
    value: normalForm(isNegative, onlyDigits(text, start, whole), hasDecimals ? text.slice(whole + 1, end) : "")
  }
}

/** Reads the numeral that begins at `at`, if one does. */
export const readNumeral = (text: string, at: number): Numeral | undefined => {
  // Nearly all numerals are bare digits between words.
  const end = digitsEnd(text, at)
  if (end > at && text.charCodeAt(at) !== ZERO) {
    const next = text.charCodeAt(end)
    const plain = Number.isNaN(next) || next === 10 || (next === FULL_STOP && !isDigit(text.charCodeAt(end + 1)))
    if (plain) return { start: at, end, value: text.slice(at, end) }
  }
  return read(text, at, true)
}

/** Finds the last numeral of text[from, to), with separators of thousands at most: loose digits are not run together. */
export const lastNumeral = (text: string, from: number, to: number): Numeral | undefined => {
  const part = text.slice(from, to)
  let last: Numeral | undefined
  for (let at = 0; at < part.length;) {
    const code = part.charCodeAt(at)
    const found = isDigit(code) || isSign(code) ? read(part, at, false) : undefined
    if (found !== undefined) last = found
    at = found?.end ?? at + 1
  }
  return last === undefined ? undefined : { start: from + last.start, end: from + last.end, value: last.value }
}

const isAround = (code: number): boolean => code === 36 || code === 42 || code === 32 || (code >= 9 && code <= 13) || code === 0xa0

/** Normal form of a text that is a numeral and nothing else, but for `$`, bold and spaces around it. */
export const parseNumeral = (text: string): string | undefined => {
  let start = 0
  let end = text.length
  const whole = readNumeral(text, 0)
  if (whole?.end === text.length) return whole.value
  while (start < end && isAround(text.charCodeAt(start))) start++
  while (end > start && (isAround(text.charCodeAt(end - 1)) || text.charCodeAt(end - 1) === FULL_STOP)) end--
  const bare = text.slice(start, end)
  const found = readNumeral(bare, 0)
  return found?.end === bare.length ? found.value : undefined
}
