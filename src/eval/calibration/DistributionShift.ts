/**
 * How a model differs between the levels that it was trained on and the others.
 *
 * @module
 */
import { type Counts, percentileInterval, resampledValues } from "../statistics/Bootstrap.ts"
import { expandedInterval } from "../statistics/ExpandedPercentile.ts"
import { isEnough, type LevelTotals } from "./CalibrateLevel.ts"
import type { DistributionShift } from "./Calibration.ts"
import type { Method } from "./Method.ts"
import { share } from "./Prediction.ts"
import { readCounts } from "./RolloutCounts.ts"

/** What the change is computed from: sums of counts over a set of rollouts, and the same sums of every bootstrap round. */
export type Resampled = Pick<LevelTotals, "totals" | "rounds" | "queries" | "strata">

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
 * rates. Null where a set has no trials, and no interval where either has too few queries. Source: Chu et al. 2025 (arXiv 2501.17161), for the accuracies.
 */
export const distributionShift = (trained: Resampled, unseen: Resampled, { intervals }: Method): DistributionShift => {
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
  const columns = resampledValues(paired, (both) => difference(both.slice(0, width), both.slice(width)))
  const designs = [trained, unseen].map(({ queries, strata }) => ({ clusters: queries, strata: strata.length }))
  const design = { clusters: trained.queries + unseen.queries, strata: trained.strata.length + unseen.strata.length }
  const intervalOf = (drawn: ReadonlyArray<number>) =>
    intervals === "percentile" ? percentileInterval(drawn) : designs.every(isEnough) ? expandedInterval(drawn, design) : null
  const estimate = (k: number) => {
    const drawn = columns[k] ?? null
    return { value: values[k] ?? null, interval: drawn === null ? null : intervalOf(drawn) }
  }
  return { accuracy: estimate(0), pSample: estimate(1), pStopGivenCorrect: estimate(2), pResampleGivenWrong: estimate(3) }
}
