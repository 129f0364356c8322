/**
 * Accuracy that the two-stage model predicts from the rates of a set of rollouts, in three forms.
 *
 * `uncapped` is this paper's formula (section 4.2). `capped` knows that a RESAMPLE in the last attempt is a failure.
 * `byAttempt` also lets p_S differ from attempt to attempt, which real models need: hard problems select themselves
 * into later attempts. Where rollouts were truncated, the last two are of those that finish, as the observed accuracy is.
 *
 * @module
 */
import { accuracyByAttempt, predictAccuracy, stopProbability, type TwoStageRates } from "../../theory/Accuracy.ts"
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

// The share of rollouts that make `cap` attempts and stop on none, where p_S is `reached` by attempt (the last one holds for later ones).
const unfinishedShare = (reached: ReadonlyArray<number>, rates: TwoStageRates, cap: number): number => {
  let share = 1
  for (let k = 0; k < cap && share > 0; k++) {
    share *= 1 - stopProbability({ ...rates, sampleCorrect: reached[Math.min(k, reached.length - 1)]! })
  }
  return share
}

/**
 * Computes the three predictions from counts. Uncapped is null if the process would never stop.
 *
 * Of the rollouts that the model leaves unfinished after the last attempt, those that the cap ended are wrong and those that were truncated are in no accuracy: the
 * latter are left out of the prediction, in the proportion in which the two were seen. Without truncated ones nothing is.
 */
export const predictFromCounts = (counts: RolloutCounts): Predictions => {
  const rates = ratesFromCounts(counts)
  if (rates === null) return undefinedPredictions
  const cap = counts.attempts.length
  const uncapped = predictAccuracy(rates)
  const reached = counts.attempts.flatMap((trials, k) => share(counts.correctAttempts[k]!, trials) ?? [])
  const truncatedShare = counts.truncated === 0 ? 0 : counts.truncated / (counts.truncated + counts.hitCap)
  const ofFinished = (accuracy: number, unfinished: () => number): number | null => {
    if (truncatedShare === 0) return accuracy
    const finished = 1 - truncatedShare * unfinished()
    return finished <= 0 ? null : Math.min(1, accuracy / finished)
  }
  return {
    uncapped: uncapped.stops ? uncapped.accuracy : null,
    capped: ofFinished(predictAccuracy(rates, cap).accuracy, () => (1 - uncapped.stopProbability) ** cap),
    byAttempt: ofFinished(accuracyByAttempt(reached, rates, cap), () => unfinishedShare(reached, rates, cap))
  }
}
