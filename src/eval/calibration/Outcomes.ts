/**
 * What outcomes mean to the statistics. No schema here, so that a thread that only reads text loads nothing else.
 *
 * @module
 */
import type { Outcome } from "../../domain/Query.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"

/** True for the outcomes that calibration uses: the model finished and the reference answer is sound. */
export const isScoredOutcome = (outcome: Outcome): boolean => outcome !== "Truncated" && outcome !== "GoldInvalid"

/** True for the rollouts that calibration uses. */
export const isScored = ({ outcome }: EvaluatedRollout): boolean => isScoredOutcome(outcome)
