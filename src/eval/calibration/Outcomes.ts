/**
 * What outcomes mean to the statistics. No schema here, so that a thread that only reads text loads nothing else.
 *
 * @module
 */
import type { Decision } from "../../domain/Decision.ts"
import type { Outcome } from "../../domain/Query.ts"
import * as CensoredRates from "../../theory/CensoredRates.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "./EvaluatedRollout.ts"

/**
 * What becomes of truncated rollouts: `counted`, their first attempts and the decisions that were seen count in the rates and only the accuracy is
 * that of finished ones; `left-out`, nothing of them counts (this paper, E.2).
 */
export type TruncatedMode = "counted" | "left-out"

/** True for the outcomes that an accuracy is over: the model finished and the reference answer is sound. */
export const isScoredOutcome = (outcome: Outcome): boolean => outcome !== "Truncated" && outcome !== "GoldInvalid"

/** True for the outcomes whose attempts count in the rates. */
export const isCountedOutcome = (outcome: Outcome, truncated: TruncatedMode): boolean =>
  outcome !== "GoldInvalid" && (outcome !== "Truncated" || truncated === "counted")

/** The decision on an attempt as far as it was seen: `CensoredRates.seenDecision` of the theory, by outcome. */
export const seenDecision = (outcome: Outcome, attempt: EvaluatedAttempt): Decision | undefined =>
  CensoredRates.seenDecision(attempt, outcome === "Truncated")

/** True for the rollouts that an accuracy is over. */
export const isScored = ({ outcome }: EvaluatedRollout): boolean => isScoredOutcome(outcome)
