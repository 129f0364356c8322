/**
 * The checker of answers that are numbers.
 *
 * @module
 */
import type { Verdict } from "../../domain/Task.ts"

// The normal form of `normalizeNumeral`: no separators, no leading zeros, no "-0", no ".0".
const normal = /^(?:0|-?(?:[1-9]\d*|0(?=\.)))(?:\.\d*[1-9])?$/

/**
 * Compares a candidate with the reference, both numerals in normal form (`normalizeNumeral`), as strings, so exactly at any length.
 * Nothing is put into normal form here: "007", "1 2" and "1,234" are `Unparsable`; whoever reads a text decides what they mean. A
 * reference that is not in normal form is `GoldInvalid`.
 */
export const checkNumeral = (reference: string | undefined, candidate: string): Verdict => {
  if (reference === undefined || !normal.test(reference)) return "GoldInvalid"
  if (!normal.test(candidate)) return "Unparsable"
  return candidate === reference ? "Correct" : "Wrong"
}
