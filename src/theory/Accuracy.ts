/**
 * Final accuracy of the two-stage model, in closed form.
 *
 * A cycle samples an answer that is correct with probability p, then decides: a correct answer is accepted (STOP) with
 * probability c, a wrong one rejected (RESAMPLE) with probability w. Cycles are independent with the same three rates;
 * this is the whole assumption, and `accuracyByAttempt` relaxes it for p. A cycle ends the process with probability
 * S = p·c + (1 − p)·(1 − w).
 *
 * Units: probabilities in [0, 1], cycles as a real expectation.
 *
 * @module
 */
import { assertRange, TheoryError } from "./TheoryError.ts"

/**
 * Holds the three rates of the two-stage model, each a probability in [0, 1].
 *
 * - `sampleCorrect`: p = P(an attempt is correct), the paper's p_S.
 * - `stopGivenCorrect`: c = P(STOP | correct), the paper's p_D|C.
 * - `resampleGivenWrong`: w = P(RESAMPLE | wrong), the paper's p_D|W.
 */
export interface TwoStageRates {
  readonly sampleCorrect: number
  readonly stopGivenCorrect: number
  readonly resampleGivenWrong: number
}

/** Holds what the model predicts. `stops` is false iff S = 0: then no cycle ever ends and `accuracy` is 0. */
export interface AccuracyPrediction {
  readonly accuracy: number
  readonly stopProbability: number
  readonly expectedCycles: number
  readonly stops: boolean
}

/** Holds a derivative by each of the three rates. */
export type RateGradient = TwoStageRates

/** Throws `OutOfRange` unless all three rates are probabilities. */
export const assertRates = (where: string, rates: TwoStageRates): void => {
  const names = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const
  for (const name of names) assertRange(where, name, rates[name], rates[name] >= 0 && rates[name] <= 1, "[0, 1]")
}

const assertCycles = (where: string, maxCycles: number): void => {
  const holds = maxCycles === Infinity || (Number.isInteger(maxCycles) && maxCycles >= 1)
  assertRange(where, "maxCycles", maxCycles, holds, "the integers from 1, or Infinity for no cap")
}

/** 1 + q + … + q^(m−1) for q = 1 − S; expm1 and log1p keep it exact where S is tiny. S = 0 gives m. */
const geometricSum = (stop: number, maxCycles: number): number => stop === 0 ? maxCycles : -Math.expm1(maxCycles * Math.log1p(-stop)) / stop

/**
 * Computes S = p·c + (1 − p)·(1 − w), the probability that a cycle is the last.
 *
 * Errors: `OutOfRange`. Source: this paper, section 4.2 (denominator of the calibration formula).
 */
export const stopProbability = (rates: TwoStageRates): number => {
  assertRates("stopProbability", rates)
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  return p * c + (1 - p) * (1 - w)
}

/**
 * Computes the expected number of cycles, at most `maxCycles` (default: no cap).
 *
 * E[T] = Σ_{t=1..m} (1 − S)^{t−1} = (1 − (1 − S)^m) / S; without a cap 1 / S. S = 0 gives m, Infinity without a cap.
 * Errors: `OutOfRange`.
 */
export const expectedCycles = (rates: TwoStageRates, maxCycles: number = Infinity): number => {
  assertCycles("expectedCycles", maxCycles)
  return geometricSum(stopProbability(rates), maxCycles)
}

/**
 * Computes Pr(the process stops on a correct answer), with at most `maxCycles` cycles (default: no cap).
 *
 * acc = p·c / S; capped: acc_m = p·c·(1 − (1 − S)^m) / S, a RESAMPLE in cycle m being a failure.
 * Limits: w = 1 and p·c > 0 give 1 without a cap; m = 1 gives p·c; S = 0 gives 0, since such a process never stops
 * (`predictAccuracy` reports that). Errors: `OutOfRange`. Source: this paper, section 4.2.
 */
export const twoStageAccuracy = (rates: TwoStageRates, maxCycles: number = Infinity): number => {
  assertCycles("twoStageAccuracy", maxCycles)
  const stop = stopProbability(rates)
  const correctStop = rates.sampleCorrect * rates.stopGivenCorrect
  if (stop === 0) return 0
  return maxCycles === Infinity ? correctStop / stop : correctStop * geometricSum(stop, maxCycles)
}

/**
 * Computes accuracy, S and expected cycles in one record, and whether the process ever stops.
 *
 * Equal to `twoStageAccuracy`, `stopProbability` and `expectedCycles`. Errors: `OutOfRange`.
 */
export const predictAccuracy = (rates: TwoStageRates, maxCycles: number = Infinity): AccuracyPrediction => {
  const stop = stopProbability(rates)
  return {
    accuracy: twoStageAccuracy(rates, maxCycles),
    stopProbability: stop,
    expectedCycles: expectedCycles(rates, maxCycles),
    stops: stop > 0
  }
}

/**
 * Computes the accuracy when the sampling rate depends on the attempt number.
 *
 * acc = Σ_{t=1..m} Π_{j<t} (1 − S_j) · p_t·c with S_t = p_t·c + (1 − p_t)·(1 − w).
 * `sampleCorrectByAttempt` [K ≥ 1] is p_1 … p_K; attempts after the K-th keep p_K. Equal rates reduce it to
 * `twoStageAccuracy`. Errors: `EmptyGroup` (no rate), `OutOfRange`.
 */
export const accuracyByAttempt = (
  sampleCorrectByAttempt: ReadonlyArray<number>,
  decision: Omit<TwoStageRates, "sampleCorrect">,
  maxCycles: number = Infinity
): number => {
  const where = "accuracyByAttempt"
  assertCycles(where, maxCycles)
  const last = sampleCorrectByAttempt.length - 1
  if (last < 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "sampleCorrectByAttempt", index: 0 })
  let reached = 1
  let accuracy = 0
  for (const sampleCorrect of sampleCorrectByAttempt.slice(0, Math.min(last, maxCycles))) {
    accuracy += reached * sampleCorrect * decision.stopGivenCorrect
    reached *= 1 - stopProbability({ ...decision, sampleCorrect })
  }
  const cyclesLeft = maxCycles - last
  if (cyclesLeft <= 0) return accuracy
  return accuracy + reached * twoStageAccuracy({ ...decision, sampleCorrect: sampleCorrectByAttempt[last]! }, cyclesLeft)
}

/**
 * Computes the derivative of `twoStageAccuracy` without a cap by each rate.
 *
 * ∂acc/∂p = c·(1 − w) / S²,  ∂acc/∂c = p·(1 − p)·(1 − w) / S²,  ∂acc/∂w = p·c·(1 − p) / S². All are ≥ 0: each rate can
 * only help. Domain: S > 0. Errors: `OutOfRange`.
 */
export const accuracyGradient = (rates: TwoStageRates): RateGradient => {
  const stop = stopProbability(rates)
  assertRange("accuracyGradient", "stopProbability", stop, stop > 0, "(0, 1], since at S = 0 accuracy has no derivative")
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  // By two divisions: S² is 0 in float64 from S = 1e-162 down, and with a rate of 0 beside it the product 0·∞.
  return {
    sampleCorrect: (c / stop) * ((1 - w) / stop),
    stopGivenCorrect: (p / stop) * (((1 - p) * (1 - w)) / stop),
    resampleGivenWrong: ((p * c) / stop) * ((1 - p) / stop)
  }
}

/**
 * Computes the derivative of the capped `twoStageAccuracy` by each rate.
 *
 * With F = Σ_{k<m} (1 − S)^k and F' = −Σ_{k<m} k·(1 − S)^{k−1}: ∂acc_m = F·∂(p·c) + p·c·F'·∂S, where
 * ∂S = (c − 1 + w, p, −(1 − p)). Defined for every rate, S = 0 included; m → ∞ reduces to `accuracyGradient`.
 * Domain: finite `maxCycles`; takes O(m). Errors: `OutOfRange`.
 */
export const cappedAccuracyGradient = (rates: TwoStageRates, maxCycles: number): RateGradient => {
  const where = "cappedAccuracyGradient"
  assertRange(where, "maxCycles", maxCycles, Number.isInteger(maxCycles) && maxCycles >= 1, "the integers from 1")
  const stop = stopProbability(rates)
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  const sum = geometricSum(stop, maxCycles)
  let slope = 0
  for (let k = 1; k < maxCycles; k++) slope -= k * (1 - stop) ** (k - 1)
  return {
    sampleCorrect: c * sum + p * c * slope * (c - 1 + w),
    stopGivenCorrect: p * sum + p * c * slope * p,
    resampleGivenWrong: -p * c * slope * (1 - p)
  }
}

/**
 * Computes what deciding adds to answering once: acc − p = p·(1 − p)·(c + w − 1) / S.
 *
 * No cap; S = 0 gives −p, since nothing is ever answered. Errors: `OutOfRange`.
 */
export const reflectionGain = (rates: TwoStageRates): number => {
  const stop = stopProbability(rates)
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  return stop === 0 ? -p : (p * (1 - p) * (c + w - 1)) / stop
}

/**
 * Decides whether reflection helps, acc ≥ p: iff c + w ≥ 1.
 *
 * Holds without a cap, for 0 < p < 1 and S > 0; the sampling rate does not matter. Errors: `OutOfRange`.
 * Source: theorem 1 of arXiv 2510.12157 (2025), e₋ + e₊ ≤ 1, at one step.
 */
export const reflectionHelps = (decision: Omit<TwoStageRates, "sampleCorrect">): boolean => {
  assertRates("reflectionHelps", { ...decision, sampleCorrect: 0 })
  return decision.stopGivenCorrect + decision.resampleGivenWrong >= 1
}

/**
 * Computes p(F→T) = w·p: a wrong candidate is rejected and the next candidate is correct.
 *
 * Per wrong candidate; given that there is a next candidate it is p, whatever the decision policy. Errors: `OutOfRange`.
 * Source: Kang et al., 2025, arXiv 2510.08308, measured there; under independent attempts it has this value.
 */
export const falseToTrue = (rates: TwoStageRates): number => {
  assertRates("falseToTrue", rates)
  return rates.resampleGivenWrong * rates.sampleCorrect
}
