/**
 * What happens in a response, as one of a few kinds: so that of each an example can be shown.
 *
 * @module
 */
import { hasEcho } from "../calibration/Echoes.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { moves } from "./rows/RowFilter.ts"

/** The kinds, in the order in which examples are shown. */
export const TRANSCRIPT_KINDS = [
  "a wrong answer mended",
  "a right answer spoiled",
  "the same answer again",
  "a wrong answer exchanged for another wrong one",
  "a right answer given anew",
  "right at once",
  "wrong, and kept",
  "cut off",
  "no answer found",
  "no usable reference"
] as const

/** A kind. */
export type TranscriptKind = (typeof TRANSCRIPT_KINDS)[number]

/** The kind of a response. Of one in which several things happen, what changed the outcome tells. */
export const transcriptKindOf = (rollout: EvaluatedRollout): TranscriptKind => {
  const { attempts, outcome } = rollout
  if (outcome === "Truncated") return "cut off"
  if (outcome === "GoldInvalid") return "no usable reference"
  if (outcome === "Unparsable" || attempts.length === 0) return "no answer found"
  if (moves(rollout, false, true)) return "a wrong answer mended"
  if (moves(rollout, true, false)) return "a right answer spoiled"
  if (hasEcho(rollout)) return "the same answer again"
  if (moves(rollout, false, false)) return "a wrong answer exchanged for another wrong one"
  if (attempts.length > 1) return "a right answer given anew"
  return attempts[0]!.correct ? "right at once" : "wrong, and kept"
}
