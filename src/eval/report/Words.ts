/**
 * Numbers as words and figures: one way to print each kind of number, used by the summary, the tables and the page.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"

/** What stands for a number that the data do not define. */
export const UNDEFINED = "–"

/** A fraction in percent with one digit: 0.934 is "93.4 %". */
export const percent = (value: number | null): string => (value === null ? UNDEFINED : `${signed((100 * value).toFixed(1))} %`)

/** A fraction in whole percent, for the words that describe a figure: 0.934 is "93 %". */
export const wholePercent = (value: number | null): string => (value === null ? "undefined" : `${Math.round(100 * value)} %`)

/** A difference of fractions in percentage points with its sign: 0.034 is "+3.4". */
export const points = (value: number | null): string => {
  if (value === null) return UNDEFINED
  const text = (100 * value).toFixed(1)
  return value > 0 && Number(text) !== 0 ? `+${text}` : signed(text)
}

/** An interval of fractions in percent: "91.0 to 95.2 %". */
export const percentInterval = (interval: Interval | null): string =>
  interval === null ? "no interval" : `${signed((100 * interval[0]).toFixed(1))} to ${signed((100 * interval[1]).toFixed(1))} %`

/** An interval of differences in points: "+1.0 to +3.2". */
export const pointsInterval = (interval: Interval | null): string =>
  interval === null ? "no interval" : `${points(interval[0])} to ${points(interval[1])}`

/** An interval in brackets, in percent without the sign, for tables: "[91.0, 95.2]". */
export const bracket = (interval: Interval | null): string =>
  interval === null ? "no interval" : `[${signed((100 * interval[0]).toFixed(1))}, ${signed((100 * interval[1]).toFixed(1))}]`

/** A difference with its interval: "+3.4 points (+1.0 to +5.8)". */
export const pointsWithInterval = (estimate: { readonly value: number | null; readonly interval: Interval | null }): string =>
  `${points(estimate.value)} points (${pointsInterval(estimate.interval)})`

/** A real number with a fixed number of digits after the point, minus sign and all. */
export const fixed = (value: number | null, digits: number): string => (value === null ? UNDEFINED : signed(value.toFixed(digits)))

/** "a", "a and b", "a, b and c". */
export const list = (items: ReadonlyArray<string>): string =>
  items.length <= 1 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`

// The minus sign proper, and no minus before a zero.
const signed = (text: string): string => (Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−"))
