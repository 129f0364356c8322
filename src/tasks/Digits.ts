/**
 * Numerals digit by digit, least significant first: the order in which column arithmetic writes them.
 *
 * @module
 */

/** The digits of a numeral, least significant first, filled up with zeros to `width`. */
export const leastFirst = (numeral: string, width = numeral.length): Array<number> =>
  Array.from(numeral.padStart(width, "0"), Number).toReversed()

/** The numeral that digits make, as they stand: zeros in front stay. */
export const digitsText = (digits: ReadonlyArray<number>): string => digits.toReversed().join("")

/** The numeral that digits make, without zeros in front: the inverse of `leastFirst`, whatever its width. */
export const numeralOf = (digits: ReadonlyArray<number>): string => digitsText(digits).replace(/^0+(?=\d)/, "")
