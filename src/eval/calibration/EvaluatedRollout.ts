/**
 * One generation of a model on one query, after extraction and scoring: what calibration reads.
 *
 * Training policies, transcripts of other libraries and simulated policies all end here, so the measurements know no model.
 *
 * @module
 */
import { Schema } from "effect"
import { Decision } from "../../domain/Decision.ts"
import { Outcome } from "../../domain/Query.ts"

/** One candidate answer and the decision taken on it. */
export const EvaluatedAttempt = Schema.Struct({
  /** The candidate answer, normalised: equal strings are the same answer. */
  answer: Schema.String,
  correct: Schema.Boolean,
  /** Absent where it was not seen: the token limit cut the rollout off between the answer and the decision on it. */
  decision: Schema.optionalKey(Decision)
})

/** One candidate answer and the decision taken on it. */
export type EvaluatedAttempt = typeof EvaluatedAttempt.Type

/**
 * One generation of a model on one query. Its outcome says how it ended:
 *
 * - `Correct`, `Wrong`: it stopped on a right or a wrong answer. A RESAMPLE in the last allowed attempt is `Wrong` with `hitCap`.
 * - `Unparsable`: it finished, but no answer could be read; counts as wrong.
 * - `GoldInvalid`: the reference answer is broken, so nothing can be said; counted and left out.
 * - `Truncated`: it ran into the token limit unfinished. Its attempts are what was seen of it; the last one may have no decision (and a STOP is taken for none). Whether they
 *   count is `CalibrateOptions.truncated`; this paper (E.2) leaves such rollouts out.
 */
export const EvaluatedRollout = Schema.Struct({
  id: Schema.String,
  /** Difficulty level, e.g. "3x1". */
  level: Schema.String,
  /** Key of the problem; rollouts with the same key are resampled together. */
  query: Schema.String,
  attempts: Schema.Array(EvaluatedAttempt),
  outcome: Outcome,
  /** True if the last allowed attempt ended in RESAMPLE. */
  hitCap: Schema.optionalKey(Schema.Boolean)
}).check(
  Schema.makeFilter((rollout) => contradiction(rollout) ?? true, {
    title: "consistent rollout",
    description: "decisions, correctness and outcome agree"
  })
)

/** One generation of a model on one query. */
export type EvaluatedRollout = typeof EvaluatedRollout.Type

// A row whose parts contradict each other would silently bend every rate, so it is refused with the reason.
const contradiction = (rollout: {
  readonly attempts: ReadonlyArray<EvaluatedAttempt>
  readonly outcome: Outcome
  readonly hitCap?: boolean
}): string | undefined => {
  const { attempts, outcome } = rollout
  const last = attempts.at(-1)
  const early = attempts.slice(0, -1).findIndex((attempt) => attempt.decision === "STOP")
  const unseen = attempts.findIndex((attempt) => attempt.decision === undefined)
  if (unseen >= 0 && unseen < attempts.length - 1) {
    return `attempt ${unseen + 1} has no decision but attempt ${unseen + 2} follows: give RESAMPLE`
  }
  if (unseen >= 0 && outcome !== "Truncated" && outcome !== "GoldInvalid") {
    return `attempt ${unseen + 1} has no decision, which only a rollout that was cut off can have (outcome "Truncated")`
  }
  if (early >= 0) return `attempt ${early + 1} decides STOP but attempt ${early + 2} follows: cut the rollout at its first STOP`
  if (outcome === "Correct" && !(last?.decision === "STOP" && last.correct)) {
    return `outcome "Correct" needs a last attempt that is correct and decides STOP`
  }
  if (outcome === "Wrong" && rollout.hitCap !== true && !(last?.decision === "STOP" && !last.correct)) {
    return `outcome "Wrong" needs a last attempt that is wrong and decides STOP, or hitCap: true`
  }
  if (rollout.hitCap === true && !(outcome === "Wrong" && last?.decision === "RESAMPLE")) {
    return `hitCap: true needs outcome "Wrong" and a last attempt that decides RESAMPLE`
  }
  return undefined
}
