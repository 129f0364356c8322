/**
 * From what a checker says of candidates to the outcome of a whole response: the one place where outcomes are made, for
 * trajectories of tokens and for transcripts alike. Only types are imported: a thread that reads transcripts loads nothing else.
 *
 * @module
 */
import type { Outcome } from "./Query.ts"
import type { Verdict } from "./Task.ts"
import type { Trajectory } from "./Trajectory.ts"

/** How a response ended, and what the checker said of its last candidate. */
export interface Ended {
  /** Whether the reference answer is of use; without one nothing can be right or wrong. */
  readonly isGoldValid: boolean
  /** The token limit cut it off. */
  readonly isTruncated: boolean
  /** Its last decision was RESAMPLE and no answer came after it. */
  readonly isUnfinished: boolean
  /** That last RESAMPLE fell in the last allowed attempt, so that there is no answer by right. */
  readonly hitCap: boolean
  /** The verdict on the last candidate; undefined where there is none. */
  readonly last: Verdict | undefined
}

/**
 * The outcome of a response. A sound reference comes first; then being cut off; a RESAMPLE that ran into the cap has no final answer
 * and is `Wrong`, one that nothing follows for another reason is `Truncated`; then the last candidate decides.
 */
export const outcomeOf = ({ hitCap, isGoldValid, isTruncated, isUnfinished, last }: Ended): Outcome => {
  if (!isGoldValid) return "GoldInvalid"
  if (isTruncated) return "Truncated"
  if (isUnfinished) return hitCap ? "Wrong" : "Truncated"
  return last ?? "Unparsable"
}

/** Marks every answer of a trajectory as correct or not, and says how the trajectory came out. */
export const gradeTrajectory = <T extends Trajectory>(
  check: (candidate: string) => Verdict,
  trajectory: T
): { readonly trajectory: T; readonly outcome: Outcome } => {
  const verdicts = new Map<string, Verdict>()
  const verdictOf = (answer: string): Verdict => {
    const known = verdicts.get(answer)
    if (known !== undefined) return known
    const verdict = check(answer)
    verdicts.set(answer, verdict)
    return verdict
  }
  const spans = trajectory.spans.map((span) =>
    span.kind === "sample" ? { ...span, correct: span.answer !== undefined && verdictOf(span.answer) === "Correct" } : span
  )
  const last = trajectory.spans.findLast((span) => span.kind === "sample")?.answer
  const verdict = last === undefined ? undefined : verdictOf(last)
  const outcome = outcomeOf({
    // A reference answer that is none is none whatever the candidate.
    isGoldValid: verdictOf("") !== "GoldInvalid",
    isTruncated: trajectory.ending === "truncated",
    isUnfinished: trajectory.ending === "cap" || trajectory.ending === "unfinished",
    hitCap: trajectory.ending === "cap",
    last: verdict
  })
  return { trajectory: { ...trajectory, spans }, outcome }
}
