/**
 * Which of the three rates would gain most accuracy if it were raised.
 *
 * @module
 */
import { accuracyGradient, cappedAccuracyGradient, stopProbability, twoStageAccuracy } from "../../theory/Accuracy.ts"
import { type DecisionRates, ratesFromCounts } from "./Prediction.ts"
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

/**
 * Computes the derivative of `accuracyByAttempt` by each rate; p_S is raised in every attempt where it is below 1. A rate that is 1 gains 0.
 *
 * From the last attempt backwards: acc_k = p_k·c + q_k·acc_{k+1} with q_k = p_k·(1 − c) + (1 − p_k)·w. After the K attempts of `reached` comes
 * nothing if they are a cap, else the two-stage process at p_K. Equal rates reduce it to `gainsOf`. Domain: K ≥ 1.
 */
export const gainsByAttempt = (reached: ReadonlyArray<number>, decision: DecisionRates, isCapped: boolean): Gains => {
  const { resampleGivenWrong: w, stopGivenCorrect: c } = decision
  const last = { ...decision, sampleCorrect: reached.at(-1)! }
  const isOver = isCapped || stopProbability(last) === 0
  const tail = isOver ? { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 } : accuracyGradient(last)
  let accuracy = isOver ? 0 : twoStageAccuracy(last)
  let gains: Gains = {
    pSample: last.sampleCorrect < 1 ? tail.sampleCorrect : 0,
    pStopGivenCorrect: tail.stopGivenCorrect,
    pResampleGivenWrong: tail.resampleGivenWrong
  }
  for (const p of reached.toReversed()) {
    const goesOn = p * (1 - c) + (1 - p) * w
    gains = {
      pSample: (p < 1 ? c + (1 - c - w) * accuracy : 0) + goesOn * gains.pSample,
      pStopGivenCorrect: p * (1 - accuracy) + goesOn * gains.pStopGivenCorrect,
      pResampleGivenWrong: (1 - p) * accuracy + goesOn * gains.pResampleGivenWrong
    }
    accuracy = p * c + goesOn * accuracy
  }
  return {
    pSample: gains.pSample,
    pStopGivenCorrect: c < 1 ? gains.pStopGivenCorrect : 0,
    pResampleGivenWrong: w < 1 ? gains.pResampleGivenWrong : 0
  }
}
