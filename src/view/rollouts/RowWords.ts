/**
 * A row of the list in words and signs.
 *
 * @module
 */
import { visible } from "../../domain/Visible.ts"

export { answerSign, attemptWords, decisionSign } from "../../eval/transcripts/rows/AttemptWords.ts"

/** A text of others in one line, with what would steer it shown. */
export const oneLine = (text: string): string => visible(text.replaceAll("\n", " "))

/** A sign of each outcome beside its word. */
export const OUTCOME_SIGNS = { Correct: "✓", Wrong: "✗", Unparsable: "?", GoldInvalid: "∅", Truncated: "…" } as const
