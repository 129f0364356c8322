/**
 * How tests of reading write what was read: "54-R 56+S Correct" is a wrong answer taken back, a right one kept, and the outcome.
 *
 * @module
 */
import { type GradedTranscript, readTranscript, type TranscriptRow } from "../../../src/eval/transcripts/Grade.ts"

/** A response, its reference answer, and what it should be read as. */
export type Row = readonly [response: string, gold: string, read: string]

/** Writes a reading: answers with "+" right or "-" wrong, "S" STOP, "R" RESAMPLE or "?" not seen; then the outcome. */
export const written = ({ rollout: { attempts, outcome } }: GradedTranscript): string =>
  [...attempts.map(({ answer, correct, decision }) => `${answer}${correct ? "+" : "-"}${decision?.[0] ?? "?"}`), outcome].join(" ")

/** Reads a response and writes what was read. */
export const read = (response: string, gold: string, more: Partial<TranscriptRow> = {}): string =>
  written(readTranscript({ id: "1", prompt: "How many?", response, answer: gold, ...more }))
