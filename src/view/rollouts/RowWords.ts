/**
 * A rollout's attempts and decisions as signs and as words.
 *
 * @module
 */
import { visible } from "../../domain/Visible.ts"
import type { AttemptInfo } from "../Api.ts"

/** A sign of what an attempt was: right or wrong. */
export const answerSign = ({ correct }: AttemptInfo): string => (correct ? "✓" : "✗")

/** A sign of what was decided on it: go on, stop, or cut off before. */
export const decisionSign = ({ decision }: AttemptInfo): string => (decision === "RESAMPLE" ? "→" : decision === "STOP" ? "■" : "…")

/** The words of an attempt, for who hears them. */
export const attemptWords = ({ correct, decision, isEcho }: AttemptInfo): string =>
  `${correct ? "right" : "wrong"}${isEcho ? " again" : ""}, ${decision === null ? "cut off before a decision" : decision}`

/** A text of others in one line, with what would steer it shown. */
export const oneLine = (text: string): string => visible(text.replaceAll("\n", " "))

/** A sign of each outcome beside its word. */
export const OUTCOME_SIGNS = { Correct: "✓", Wrong: "✗", Unparsable: "?", GoldInvalid: "∅", Truncated: "…" } as const
