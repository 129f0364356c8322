/**
 * How a model differs between the levels that it was trained on and the others.
 *
 * @module
 */
import { type Counts, percentileIntervals, type Rounds } from "../statistics/Bootstrap.ts"
import type { DistributionShift } from "./Calibration.ts"
import { share } from "./Prediction.ts"
import { readCounts } from "./RolloutCounts.ts"

/** Sums of counts over a set of rollouts, and the same sums of every bootstrap round. */
export interface Resampled {
  readonly totals: Counts
  readonly rounds: Rounds
}

const rates = (totals: Counts): ReadonlyArray<number | null> => {
  const counts = readCounts(totals)
  return [
    share(counts.correct, counts.rollouts),
    share(counts.correctAttempts[0] ?? 0, counts.attempts[0] ?? 0),
    share(counts.correctStop, counts.correctStop + counts.correctResample),
    share(counts.wrongResample, counts.wrongStop + counts.wrongResample)
  ]
}

/**
 * Computes the change out of distribution of the accuracy and of p_S, p_D|C and p_D|W.
 *
 *     Δ = rate on unseen levels − rate on trained levels
 *
 * The two sets share no query, so the k-th rounds of both are independent, and Δ of round k is the difference of its two
 * rates. Null where a set has no trials. Source: Chu et al. 2025 (arXiv 2501.17161), for the accuracies.
 */
export const distributionShift = (trained: Resampled, unseen: Resampled): DistributionShift => {
  const difference = (from: Counts, to: Counts): ReadonlyArray<number | null> => {
    const before = rates(from)
    return rates(to).map((value, k) => {
      const base = before[k] ?? null
      return value === null || base === null ? null : value - base
    })
  }
  const values = difference(trained.totals, unseen.totals)
  const width = trained.totals.length
  // A set without any level has no rounds; then there is nothing to compare.
  const paired = trained.rounds.length === 0 ? [] : unseen.rounds.map((totals, round) => [...trained.rounds[round]!, ...totals])
  const intervals = percentileIntervals(paired, (both) => difference(both.slice(0, width), both.slice(width)))
  const estimate = (k: number) => ({ value: values[k] ?? null, interval: intervals[k] ?? null })
  return { accuracy: estimate(0), pSample: estimate(1), pStopGivenCorrect: estimate(2), pResampleGivenWrong: estimate(3) }
}
