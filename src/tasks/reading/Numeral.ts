/**
 * Whole numbers in running text: grouped by separators, spaced out, signed. Kept as digit strings, so any length is exact.
 *
 * @module
 */

// One separator throughout: "1,234,567", "1{,}234", "1\,234", "1 234 567", "1_234", "1'234".
const grouped = (name: string): string => String.raw`\d{1,3}(?=(?<${name}>,|\{,\}|\\,|[ \u00a0\u2009\u202f_'’]))(?:\k<${name}>\d{3})+(?!\d)`
// Full stops, where there are two at least: "1.234" is a decimal fraction.
const dotted = String.raw`\d{1,3}(?:\.\d{3}){2,}(?![\d.]*\d)`
const spaced = String.raw`\d(?: \d)+(?!\d)`

/** The text of a numeral as a regular expression. `name` must be unique among the numerals of one expression. */
export const numeralPattern = (name: string): string => String.raw`[-−–]?(?:${dotted}|(?:${grouped(name)}|${spaced}|\d+)(?:\.\d+)?)`

/** A numeral in a text: where it stands, and its normal form. */
export interface Numeral {
  readonly start: number
  readonly end: number
  readonly value: string
}

/**
 * Normal form of a numeral: no separators, no leading zeros, "-" as the sign, no ".0". Equal numbers are equal strings.
 *
 * normalizeNumeral("−1,024.0") = "-1024".
 */
export const normalizeNumeral = (text: string): string => {
  if (/^[1-9]\d*$/.test(text)) return text
  const isNegative = /^[-−–]/.test(text)
  const parts = text.replace(/[^\d.]/g, "").split(".")
  const [whole = "", fraction = ""] = parts.length > 2 ? [parts.join("")] : parts
  const digits = whole.replace(/^0+(?=\d)/, "")
  const decimals = fraction.replace(/0+$/, "")
  const value = decimals === "" ? digits : `${digits}.${decimals}`
  return isNegative && value !== "0" ? `-${value}` : value
}

const numeral = new RegExp(numeralPattern("separator"), "y")
const single = new RegExp(String.raw`[-−–]?(?:${dotted}|\d+(?:,\d{3})*(?:\.\d+)?)`, "g")

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Reads the numeral that begins at `at`, if one does. */
export const readNumeral = (text: string, at: number): Numeral | undefined => {
  // Nearly all numerals are bare digits between words; those need no regular expression.
  let end = at
  while (isDigit(text.charCodeAt(end))) end++
  if (end > at && text.charCodeAt(at) !== 48) {
    const next = text.charCodeAt(end)
    const plain = Number.isNaN(next) || next === 10 || (next === 46 && !isDigit(text.charCodeAt(end + 1)))
    if (plain) return { start: at, end, value: text.slice(at, end) }
  }
  numeral.lastIndex = at
  const match = numeral.exec(text)
  return match === null ? undefined : { start: at, end: numeral.lastIndex, value: normalizeNumeral(match[0]) }
}

/** Finds the last numeral of text[from, to), with commas at most as separators: loose digits are not run together. */
export const lastNumeral = (text: string, from: number, to: number): Numeral | undefined => {
  const match = [...text.slice(from, to).matchAll(single)].at(-1)
  return match === undefined
    ? undefined
    : { start: from + match.index, end: from + match.index + match[0].length, value: normalizeNumeral(match[0]) }
}

/** Normal form of a text that is a numeral and nothing else, but for `$`, bold and spaces around it. */
export const parseNumeral = (text: string): string | undefined => {
  const whole = readNumeral(text, 0)
  if (whole?.end === text.length) return whole.value
  const bare = text.replace(/^[\s$*]+|[\s$*.]+$/g, "")
  const found = readNumeral(bare, 0)
  return found?.end === bare.length ? found.value : undefined
}
