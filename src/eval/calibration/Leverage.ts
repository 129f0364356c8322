/**
 * Which of the three rates would gain most accuracy if it were raised.
 *
 * @module
 */
import { accuracyGradient, cappedAccuracyGradient, stopProbability } from "../../theory/Accuracy.ts"
import { ratesFromCounts } from "./Prediction.ts"
import type { RolloutCounts } from "./RolloutCounts.ts"

/** Accuracy gained for each point that a rate is raised, at the rates as they are. */
export interface Gains {
  readonly pSample: number
  readonly pStopGivenCorrect: number
  readonly pResampleGivenWrong: number
}

/**
 * Computes the derivative of the two-stage accuracy by each rate, with a cap of as many attempts as are counted or without. A rate that is 1 cannot be raised and
 * gains 0. Null without attempts.
 */
export const gainsOf = (counts: RolloutCounts, isCapped: boolean): Gains | null => {
  const rates = ratesFromCounts(counts)
  if (rates === null) return null
  const gradient = isCapped || stopProbability(rates) === 0
    ? cappedAccuracyGradient(rates, counts.attempts.length)
    : accuracyGradient(rates)
  const gain = (rate: number, slope: number): number => (rate < 1 && slope !== 0 ? slope : 0)
  return {
    pSample: gain(rates.sampleCorrect, gradient.sampleCorrect),
    pStopGivenCorrect: gain(rates.stopGivenCorrect, gradient.stopGivenCorrect),
    pResampleGivenWrong: gain(rates.resampleGivenWrong, gradient.resampleGivenWrong)
  }
}

/** For each rate 1 if its gain is the largest, else 0; null where no rate can gain. */
export const largestOf = (gains: Gains | null): { readonly [Name in keyof Gains]: number | null } => {
  const largest = gains === null ? 0 : Math.max(gains.pSample, gains.pStopGivenCorrect, gains.pResampleGivenWrong)
  const isLargest = (gain: number | undefined): number | null => (largest <= 0 ? null : gain === largest ? 1 : 0)
  return {
    pSample: isLargest(gains?.pSample),
    pStopGivenCorrect: isLargest(gains?.pStopGivenCorrect),
    pResampleGivenWrong: isLargest(gains?.pResampleGivenWrong)
  }
}
