/**
 * The paper's revision markers: RESAMPLE in text. Plain data, so that a thread that only reads text loads nothing else.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"

/**
 * The revision markers that stand for RESAMPLE in text (this paper, 2026, appendix E; the tokens from a marker to the
 * next candidate are the decision). The first is the one we write; all are understood.
 */
export const REVISION_MARKERS: ReadonlyArray<string> = [
  "Wait, I made a mistake. Let me recompute.",
  "I made a mistake.",
  "Let me recompute.",
  "I'll go back and check."
]

/** Writes a response: "The answer is …" for every attempt, a revision marker between two attempts. */
export const formatResponse = (
  attempts: ReadonlyArray<{ readonly answer: string; readonly decision: Decision | undefined }>
): string =>
  attempts
    .map(({ answer, decision }) => `The answer is ${answer}.` + (decision === "RESAMPLE" ? `\n${REVISION_MARKERS[0]}` : ""))
    .join("\n")
