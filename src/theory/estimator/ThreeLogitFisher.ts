/**
 * The three logits in their Fisher metric: what of their attribution is a fact of the policy and what of its coordinates.
 *
 * One cycle happens N = 1/S times, so F = N·diag(p(1−p), p·c(1−c), (1−p)·w(1−w)) in the logits. Dividing by it takes visits and saturation
 * out of every gradient. Source: Kakade, 2001, "A Natural Policy Gradient", for the model of this paper's figure 1.
 *
 * @module
 */
import { expectedCycles } from "../Accuracy.ts"
import { cycleProbabilities, mapLogits, ratesOf, type ThreeLogits } from "../illustration/ThreeLogit.ts"

/**
 * Computes the Fisher matrix of a trajectory in the logits, E[∇log π(τ) ∇log π(τ)ᵀ], with at most `maxCycles` cycles (default: no cap).
 *
 * N·(p(1−p), p·c(1−c), (1−p)·w(1−w)) with N the expected cycles, 1/S without a cap; off the diagonal it is 0, because a choice's score has mean 0
 * whatever came before. Errors: as `cycleProbabilities` and `expectedCycles`.
 */
export const logitFisher = (policy: ThreeLogits, maxCycles: number = Infinity): ThreeLogits => {
  const at = cycleProbabilities(policy)
  const cycles = maxCycles === Infinity ? 1 / at.stop : expectedCycles(ratesOf(policy), maxCycles)
  return {
    sampleCorrect: cycles * at.correct * at.wrong,
    stopGivenCorrect: cycles * at.correct * at.stopGivenCorrect * at.resampleGivenCorrect,
    resampleGivenWrong: cycles * at.wrong * at.resampleGivenWrong * at.stopGivenWrong
  }
}

/** Computes F⁻¹·g of a gradient by the logits. Domain: logits within about ±700, beyond which F is 0 in float64. */
export const naturalLogitGradient = (policy: ThreeLogits, gradient: ThreeLogits): ThreeLogits => {
  const fisher = logitFisher(policy)
  return mapLogits((name) => gradient[name] / fisher[name])
}

/**
 * Computes the natural gradient of accuracy by the logits: (c(1−w)/S, 1 − acc, acc).
 *
 * The push on RESAMPLE is the accuracy itself: it does not vanish as w → 0, where the plain gradient's share w does. In the rates it is
 * this times x(1−x), the same direction in the space of policies. Errors: as `cycleProbabilities`.
 */
export const naturalAccuracyGradient = (policy: ThreeLogits): ThreeLogits => {
  const at = cycleProbabilities(policy)
  return {
    sampleCorrect: (at.stopGivenCorrect * at.stopGivenWrong) / at.stop,
    stopGivenCorrect: (at.wrong * at.stopGivenWrong) / at.stop,
    resampleGivenWrong: (at.correct * at.stopGivenCorrect) / at.stop
  }
}

/**
 * Computes how the gradient of accuracy falls on the sub-policies in the Fisher metric: |g_D|²/|g_S|² by F⁻¹.
 *
 * = (1−p)·(1−c)/c + p·w/(1−w), the first summand of STOP, the second of RESAMPLE. In the logits' own metric it is (1−c)² + w².
 * Errors: as `cycleProbabilities`.
 */
export const fisherDecisionShare = (
  policy: ThreeLogits
): { readonly stopGivenCorrect: number; readonly resampleGivenWrong: number; readonly total: number } => {
  const at = cycleProbabilities(policy)
  const stopGivenCorrect = (at.wrong * at.resampleGivenCorrect) / at.stopGivenCorrect
  const resampleGivenWrong = (at.correct * at.resampleGivenWrong) / at.stopGivenWrong
  return { stopGivenCorrect, resampleGivenWrong, total: stopGivenCorrect + resampleGivenWrong }
}
