/**
 * One trajectory τ = (a_1, d_1, …, a_T, d_T) with the log-probabilities that the objectives need.
 *
 * An attempt is one cycle: the L_t tokens of a candidate answer and the decision on it. Log-probabilities are of what was
 * taken, in nats, under the policy and, where a KL penalty is wanted, under the reference.
 *
 * @module
 */
import { DECISION, SAMPLING } from "./Partition.ts"
import { repeatOnTokens, type TokenBatch } from "./TokenBatch.ts"
import { assertLength, assertLogProbs, TheoryError } from "./TheoryError.ts"

/** One cycle: an answer's token log-probabilities [L_t] and the decision taken on it with its log-probability. */
export interface ScoredAttempt {
  readonly tokenLogProbs: ReadonlyArray<number>
  readonly referenceTokenLogProbs?: ReadonlyArray<number>
  readonly decision: "STOP" | "RESAMPLE"
  readonly decisionLogProb: number
  readonly referenceDecisionLogProb?: number
}

/** A trajectory of T ≥ 1 attempts; all but the last end in RESAMPLE. */
export interface ScoredTrajectory {
  readonly attempts: ReadonlyArray<ScoredAttempt>
}

/**
 * Validates a scored trajectory and returns it.
 *
 * Log-probabilities are finite and ≤ 0, no attempt is empty, reference columns have the tokens' length, and STOP is at the
 * end and only there. `allowTruncated` accepts a last RESAMPLE: the cap of cycles was hit.
 *
 * Errors: `EmptyGroup`, `NonFinite`, `NotADistribution`, `ShapeMismatch`, `MisplacedStop`.
 */
export const makeScoredTrajectory = (
  trajectory: ScoredTrajectory,
  options: { readonly allowTruncated?: boolean } = {}
): ScoredTrajectory => {
  const where = "makeScoredTrajectory"
  const count = trajectory.attempts.length
  if (count === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "attempts of trajectory", index: 0 })
  trajectory.attempts.forEach((attempt, index) => {
    const at = `attempts[${index}]`
    const length = attempt.tokenLogProbs.length
    if (length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "attempt", index })
    assertLogProbs(where, `${at}.tokenLogProbs`, attempt.tokenLogProbs)
    assertLogProbs(where, `${at}.decisionLogProb`, [attempt.decisionLogProb])
    if (attempt.referenceTokenLogProbs !== undefined) {
      assertLength(where, `${at}.referenceTokenLogProbs`, length, attempt.referenceTokenLogProbs.length)
      assertLogProbs(where, `${at}.referenceTokenLogProbs`, attempt.referenceTokenLogProbs)
    }
    if (attempt.referenceDecisionLogProb !== undefined) {
      assertLogProbs(where, `${at}.referenceDecisionLogProb`, [attempt.referenceDecisionLogProb])
    }
    const last = index === count - 1
    const stops = attempt.decision === "STOP"
    if (stops !== last && !(last && options.allowTruncated === true)) {
      throw new TheoryError(where, { _tag: "MisplacedStop", attempt: index, attempts: count })
    }
  })
  return trajectory
}

/** Holds an attempt with its reference log-probabilities present. */
export interface ReferencedAttempt extends ScoredAttempt {
  readonly referenceTokenLogProbs: ReadonlyArray<number>
  readonly referenceDecisionLogProb: number
}

/** Gives the attempts with their reference log-probabilities. Errors: `MissingInput` where one lacks them. */
export const referencedAttempts = (trajectory: ScoredTrajectory, neededBy: string): ReadonlyArray<ReferencedAttempt> =>
  trajectory.attempts.map((attempt, index) => {
    const { referenceDecisionLogProb, referenceTokenLogProbs } = attempt
    if (referenceTokenLogProbs === undefined || referenceDecisionLogProb === undefined) {
      const what = `attempts[${index}].reference…LogProb`
      throw new TheoryError("referencedAttempts", { _tag: "MissingInput", what, neededBy })
    }
    return { ...attempt, referenceDecisionLogProb, referenceTokenLogProbs }
  })

/**
 * Lays trajectories end to end as a token batch of the two-stage partition: each attempt's tokens, then its decision.
 *
 * The reference column is there iff every attempt has one; `advantages` [B] are repeated on tokens. On-policy: pass
 * `onPolicy` to make `oldLogProbs` equal `logProbs`. Errors: `ShapeMismatch`.
 */
export const toTokenBatch = (
  trajectories: ReadonlyArray<ScoredTrajectory>,
  options: { readonly advantages?: ArrayLike<number>; readonly onPolicy?: boolean } = {}
): TokenBatch => {
  const attempts = trajectories.flatMap((trajectory) => trajectory.attempts)
  const offsets = new Int32Array(trajectories.length + 1)
  trajectories.forEach((trajectory, index) => {
    const tokens = trajectory.attempts.reduce((sum, attempt) => sum + attempt.tokenLogProbs.length + 1, 0)
    offsets[index + 1] = offsets[index]! + tokens
  })
  const owner = Uint8Array.from(attempts.flatMap((attempt) => [...attempt.tokenLogProbs.map(() => SAMPLING), DECISION]))
  const logProbs = Float64Array.from(attempts.flatMap((attempt) => [...attempt.tokenLogProbs, attempt.decisionLogProb]))
  const hasReference = attempts.every(
    (attempt) => attempt.referenceTokenLogProbs !== undefined && attempt.referenceDecisionLogProb !== undefined
  )
  const reference = () =>
    trajectories
      .flatMap((trajectory) => referencedAttempts(trajectory, "toTokenBatch"))
      .flatMap((attempt) => [...attempt.referenceTokenLogProbs, attempt.referenceDecisionLogProb])
  return {
    offsets,
    owner,
    logProbs,
    ...(options.onPolicy === true ? { oldLogProbs: logProbs.slice() } : {}),
    ...(hasReference ? { referenceLogProbs: Float64Array.from(reference()) } : {}),
    ...(options.advantages === undefined ? {} : { advantages: repeatOnTokens(options.advantages, offsets) })
  }
}
