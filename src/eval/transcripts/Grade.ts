/**
 * From a transcript to a row that calibration reads.
 *
 * @module
 */
import { outcomeOf } from "../../domain/Grading.ts"
import type { Transcript } from "../../domain/Transcript.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { announcedCandidates } from "../../tasks/reading/Candidates.ts"
import type { Markers } from "../../tasks/reading/Markers.ts"
import { parseNumeral } from "../../tasks/reading/Numeral.ts"
import { statedProduct } from "../../tasks/StatedProduct.ts"
import { takeApart } from "../../tasks/reading/TakeApart.ts"

/** A transcript as a reader gives it: always with an id; `hitCap` says that its last RESAMPLE was in the last allowed attempt. */
export interface TranscriptRow extends Transcript {
  readonly id: string
  readonly hitCap?: boolean
}

/** The level of transcripts that neither give one nor state a product. */
export const NO_LEVEL = "all"

/** Reads a reference answer: a number alone, or the last one announced in a worked solution ("#### 72"). */
export const referenceAnswer = (text: string): string | undefined => parseNumeral(text) ?? announcedCandidates(text).at(-1)?.answer

/**
 * Grades a transcript: its attempts, their decisions, and how it ended.
 *
 * The reference answer is the row's, else the product that the prompt states (in base ten). Answers are compared as digit strings, so
 * exactly at any length. Rollouts of one prompt share a query. `GoldInvalid`: no usable reference answer. `Truncated`: so flagged, or it
 * takes its last candidate back and gives no other.
 */
export const gradeTranscript = (row: TranscriptRow, markers: Markers): EvaluatedRollout => {
  const stated = row.answer === undefined || row.level === undefined ? statedProduct(row.prompt) : undefined
  const gold = row.answer === undefined ? stated?.value : referenceAnswer(row.answer)
  const level = row.level ?? stated?.level ?? NO_LEVEL
  const taken = takeApart(row.response, markers)
  const last = taken.attempts.at(-1)
  const outcome = outcomeOf({
    isGoldValid: gold !== undefined,
    isTruncated: row.truncated === true,
    isUnfinished: taken.isUnfinished,
    hitCap: row.hitCap === true,
    last: last === undefined ? undefined : last.candidate.answer === gold ? "Correct" : "Wrong"
  })
  const rollout: EvaluatedRollout = {
    id: row.id,
    level,
    query: row.prompt,
    attempts: taken.attempts.map(({ candidate, decision }) => ({ answer: candidate.answer, correct: candidate.answer === gold, decision })),
    outcome
  }
  return outcome === "Wrong" && taken.isUnfinished ? { ...rollout, hitCap: true } : rollout
}
