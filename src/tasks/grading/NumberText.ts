/**
 * Plain numbers in a text, read from left to right without going back: English, Indian and European grouping, decimals, powers of ten.
 * "1,234" and "1.234" could each be meant in two ways; both are read as English: 1234, and one and 234 thousandths.
 *
 * @module
 */

/** A number without its sign: where it ends, and its normal form (no separators, no zeros in front or behind the last decimal). */
export interface NumberText {
  readonly end: number
  readonly value: string
}

/** What else counts as one number. */
export interface Reading {
  /** "3,14" is 3.14: where a list of numbers cannot be meant. */
  readonly decimalComma?: boolean
  /** "4 0 8" is 408: models that write digit by digit. */
  readonly spacedDigits?: boolean
  /** Commas never group: "1,234" is 1, and a list goes on. */
  readonly noCommas?: boolean
}

const ZERO = 48

/** Says whether a character code is a digit's. */
export const isDigit = (code: number): boolean => code >= ZERO && code <= ZERO + 9

const digitsEnd = (text: string, at: number, to: number): number => {
  let end = at
  while (end < to && isDigit(text.charCodeAt(end))) end++
  return end
}

const separators = [",", "{,}", "\\,", "\\ ", " ", "\u00a0", "\u2009", "\u202f", "_", "'", "’", "."]

const hasDigits = (text: string, at: number, to: number, count: number): boolean =>
  digitsEnd(text, at, Math.min(to, at + count + 1)) === at + count

/** The end of groups of three digits, each after the same separator, and how many there are. */
const threes = (text: string, at: number, to: number, separator: string): { readonly end: number; readonly count: number } => {
  let end = at
  let count = 0
  while (text.startsWith(separator, end) && hasDigits(text, end + separator.length, to, 3)) {
    end += separator.length + 3
    count++
  }
  return { end, count }
}

/** "12,34,567" after its first group: pairs, then three; undefined for anything else. */
const indian = (text: string, at: number, to: number): number | undefined => {
  let end = at
  while (text[end] === "," && hasDigits(text, end + 1, to, 2)) end += 3
  return end > at && text[end] === "," && hasDigits(text, end + 1, to, 3) ? end + 4 : undefined
}

/** The end of the whole part that begins at `at`, whose first digits end at `first`; and what writes its decimals. */
const wholePart = (
  text: string,
  at: number,
  first: number,
  to: number,
  reading: Reading
): { readonly end: number; readonly point: "." | "," | "" } => {
  const none = { end: first, point: "." } as const
  if (first - at > 3 || first === to) return none
  const separator = separators.find((each) => text.startsWith(each, first))
  if (separator === undefined || (separator === "," && reading.noCommas === true)) return none
  const { count, end } = threes(text, first, to, separator)
  if (separator === ".") {
    const isEuropean = text[end] === "," && isDigit(text.charCodeAt(end + 1)) && end < to - 1
    const goesOn = text[end] === "." && isDigit(text.charCodeAt(end + 1))
    return count === 0 || goesOn || (count === 1 && !isEuropean) ? none : { end, point: "," }
  }
  if (separator === ",") {
    // "0,111" groups nothing; "0,5" may be a list.
    if (text[at] === "0") return count > 0 ? { end: first, point: "," } : none
    const pairs = count === 0 && first - at <= 2 ? indian(text, first, to) : undefined
    if (pairs !== undefined) return { end: pairs, point: "." }
    // "1,234,5" is a list.
    return count === 0 || (text[end] === "," && isDigit(text.charCodeAt(end + 1))) ? none : { end, point: "." }
  }
  // "1 234/500" is a mixed number.
  if (count > 0 && text[end] !== "/") return { end, point: "." }
  if (separator !== " " || reading.spacedDigits !== true || first - at !== 1) return none
  let spaced = first
  while (text[spaced] === " " && hasDigits(text, spaced + 1, to, 1)) spaced += 2
  return isDigit(text.charCodeAt(spaced)) || text[spaced] === "/" || (text[spaced] === " " && isDigit(text.charCodeAt(spaced + 1)))
    ? none
    : { end: spaced, point: "." }
}

const onlyDigits = (text: string): string => {
  let isPlain = true
  for (let i = 0; i < text.length && isPlain; i++) isPlain = isDigit(text.charCodeAt(i))
  return isPlain ? text : text.replace(/\D/g, "")
}

/** Zeros in front and at the end of the decimals dropped; loops, because an expression would try each zero again. */
const normal = (digits: string, decimals: string): string => {
  let start = 0
  while (start < digits.length - 1 && digits.charCodeAt(start) === ZERO) start++
  let end = decimals.length
  while (end > 0 && decimals.charCodeAt(end - 1) === ZERO) end--
  const whole = digits === "" ? "0" : digits.slice(start)
  return end === 0 ? whole : `${whole}.${decimals.slice(0, end)}`
}

/** Larger powers of ten are left to arithmetic that may say that they are too large. */
const MOST_EXPONENT = 4_000

const shifted = (digits: string, decimals: string, exponent: number): string =>
  exponent >= 0
    ? normal(digits + decimals.slice(0, exponent).padEnd(exponent, "0"), decimals.slice(exponent))
    : normal(digits.slice(0, exponent), digits.slice(exponent).padStart(-exponent, "0") + decimals)

const exponentPattern = /[eE]([-+−]?\d{1,4})(?![\dA-Za-z.])/y

/** Reads the unsigned number that begins at `at` and ends before `to`; undefined where none does. */
export const readNumber = (text: string, at: number, to: number, reading: Reading = {}): NumberText | undefined => {
  const first = digitsEnd(text, at, to)
  const isBare = first === at
  if (isBare && !(text[at] === "." && at + 1 < to && isDigit(text.charCodeAt(at + 1)))) return undefined
  const whole = isBare ? { end: first, point: "." } : wholePart(text, at, first, to, reading)
  let end = whole.end
  const digits = onlyDigits(text.slice(at, end))
  let decimals = ""
  const follows = end < to ? text[end] : undefined
  const pointEnd = follows === whole.point ? digitsEnd(text, end + 1, to) : 0
  const commaEnd = reading.decimalComma === true && follows === "," && end === first ? digitsEnd(text, end + 1, to) : 0
  if (pointEnd > end + 1) {
    decimals = text.slice(end + 1, pointEnd)
    end = pointEnd
  } else if (commaEnd > end + 1 && commaEnd !== end + 4 && text[commaEnd] !== ",") {
    decimals = text.slice(end + 1, commaEnd)
    end = commaEnd
  }
  const mark = end < to ? text[end] : undefined
  if (mark === "e" || mark === "E") {
    exponentPattern.lastIndex = end
    const found = exponentPattern.exec(text)
    const exponent = Number(found?.[1]?.replace("−", "-"))
    if (found !== null && exponentPattern.lastIndex <= to && Math.abs(exponent) <= MOST_EXPONENT) {
      return { end: exponentPattern.lastIndex, value: shifted(digits, decimals, exponent) }
    }
  }
  return { end, value: normal(digits, decimals) }
}

/** Says whether a text is a number in normal form, with a sign or without; "-0" is none. */
export const isNormal = (text: string): boolean => {
  let at = text.charCodeAt(0) === 45 ? 1 : 0
  const start = at
  while (isDigit(text.charCodeAt(at))) at++
  if (at === start || (text.charCodeAt(start) === ZERO && at > start + 1)) return false
  if (at === text.length) return !(start === 1 && text === "-0")
  if (text.charCodeAt(at) !== 46) return false
  const decimals = at + 1
  at++
  while (isDigit(text.charCodeAt(at))) at++
  return at === text.length && at > decimals && text.charCodeAt(at - 1) !== ZERO
}
