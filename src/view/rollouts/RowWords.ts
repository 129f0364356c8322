/**
 * A row of the list in words and signs.
 *
 * @module
 */

/** A text of others in one line. */
export const inOneLine = (text: string): string => text.replaceAll("\n", " ")

/** A sign of each outcome beside its word. */
export const OUTCOME_SIGNS = { Correct: "✓", Wrong: "✗", Unparsable: "?", GoldInvalid: "∅", Truncated: "…" } as const
