/**
 * From a transcript to a row that calibration reads.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import { outcomeOf } from "../../domain/Grading.ts"
import type { Transcript } from "../../domain/Transcript.ts"
import type { EvaluatedRollout } from "../calibration/EvaluatedRollout.ts"
import { announcedCandidates } from "../../tasks/reading/Candidates.ts"
import type { Markers } from "../../tasks/reading/Markers.ts"
import { parseNumeral } from "../../tasks/reading/Numeral.ts"
import { statedProduct } from "../../tasks/StatedProduct.ts"
import { takeApart } from "../../tasks/reading/TakeApart.ts"

/** An attempt that a row brings ready made. */
export interface GivenAttempt {
  readonly answer?: string
  readonly correct: boolean
  readonly decision: Decision
}

/** A transcript as a reader gives it: always with an id. */
export interface TranscriptRow extends Transcript {
  readonly id: string
  /** Its last RESAMPLE was in the last allowed attempt. */
  readonly hitCap?: boolean
  /** Which problem it is of, where the prompt does not say or says it in several ways; rollouts of one problem are resampled together. */
  readonly query?: string
  /** Offsets in the response at which another turn of the model begins (a user spoke before it). */
  readonly turns?: ReadonlyArray<number>
  /** Other texts that are as right as `answer`. */
  readonly aliases?: ReadonlyArray<string>
  /** The options of a multiple-choice problem, in the order of their letters. */
  readonly choices?: ReadonlyArray<string>
  /** The numbers of a countdown problem, whose target is `answer`. */
  readonly numbers?: ReadonlyArray<number>
  /** The row's own verdict on the final answer: 1 right, 0 wrong. */
  readonly score?: number
  /** Attempts ready made: nothing of the response is read. */
  readonly attempts?: ReadonlyArray<GivenAttempt>
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
