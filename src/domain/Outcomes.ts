/**
 * The names of outcomes, once. No schema here, so that a thread that only reads text loads nothing else.
 *
 * @module
 */

/** All outcomes, in the order of reports. */
export const OUTCOMES = ["Correct", "Wrong", "Unparsable", "GoldInvalid", "Truncated"] as const

/** A value for each outcome. */
export const byOutcome = <A>(valueOf: (outcome: (typeof OUTCOMES)[number]) => A): Readonly<Record<(typeof OUTCOMES)[number], A>> => ({
  Correct: valueOf("Correct"),
  Wrong: valueOf("Wrong"),
  Unparsable: valueOf("Unparsable"),
  GoldInvalid: valueOf("GoldInvalid"),
  Truncated: valueOf("Truncated")
})
