/**
 * Accuracy that the two-stage model predicts from the rates of a set of rollouts, in three forms.
 *
 * `uncapped` is this paper's formula (section 4.2). `capped` knows that a RESAMPLE in the last attempt is a failure.
 * `byAttempt` also lets p_S differ from attempt to attempt, which real models need: hard problems select themselves
 * into later attempts.
 *
 * @module
 */
import { accuracyByAttempt, predictAccuracy, type TwoStageRates } from "../../theory/Accuracy.ts"
import type { RolloutCounts } from "./RolloutCounts.ts"

/** k/n, or null for n = 0. */
export const share = (successes: number, trials: number): number | null => (trials === 0 ? null : successes / trials)

/** Predicted accuracies; null where the counts do not define them. */
export interface Predictions {
  readonly uncapped: number | null
  readonly capped: number | null
  readonly byAttempt: number | null
}

const undefinedPredictions: Predictions = { uncapped: null, capped: null, byAttempt: null }

/** How a policy decides: p_D|C and p_D|W. */
export type DecisionRates = Omit<TwoStageRates, "sampleCorrect">

/** A policy that always stops. */
const ALWAYS_STOP: DecisionRates = { stopGivenCorrect: 1, resampleGivenWrong: 0 }

/**
 * Reads the three rates off counts: p_S of first attempts, p_D|C and p_D|W of all decisions. Null without attempts.
 *
 * If no answer at all was correct (or wrong), the decision rate on such answers has no trials; it is then taken from `unseen`.
 * To the model's own prediction it makes no difference, because the model never meets such answers.
 */
export const ratesFromCounts = (counts: RolloutCounts, unseen: DecisionRates = ALWAYS_STOP): TwoStageRates | null => {
  const sampleCorrect = share(counts.correctAttempts[0] ?? 0, counts.attempts[0] ?? 0)
  if (sampleCorrect === null) return null
  return {
    sampleCorrect,
    stopGivenCorrect: share(counts.correctStop, counts.correctStop + counts.correctResample) ?? unseen.stopGivenCorrect,
    resampleGivenWrong: share(counts.wrongResample, counts.wrongStop + counts.wrongResample) ?? unseen.resampleGivenWrong
  }
}

/** Computes the three predictions from counts. Uncapped is null if the process would never stop. */
export const predictFromCounts = (counts: RolloutCounts): Predictions => {
  const rates = ratesFromCounts(counts)
  if (rates === null) return undefinedPredictions
  const cap = counts.attempts.length
  const uncapped = predictAccuracy(rates)
  const reached = counts.attempts.flatMap((trials, k) => share(counts.correctAttempts[k]!, trials) ?? [])
  return {
    uncapped: uncapped.stops ? uncapped.accuracy : null,
    capped: predictAccuracy(rates, cap).accuracy,
    byAttempt: accuracyByAttempt(reached, rates, cap)
  }
}
