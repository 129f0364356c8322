/**
 * Transcripts: trajectories as text, with the paper's revision markers.
 *
 * @module
 */
import { Schema } from "effect"
import type { Decision } from "./Decision.ts"

/**
 * A prompt and a response as text, with the true answer where it is known: the least that calibration needs.
 * `id` names the row; `truncated` says that the token limit cut it off.
 */
export const Transcript = Schema.Struct({
  prompt: Schema.String,
  response: Schema.String,
  answer: Schema.optionalKey(Schema.String),
  level: Schema.optionalKey(Schema.String),
  id: Schema.optionalKey(Schema.String),
  truncated: Schema.optionalKey(Schema.Boolean)
})
export type Transcript = typeof Transcript.Type

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
