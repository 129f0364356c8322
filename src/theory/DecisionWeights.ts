/**
 * Weights that make gradient ascent move decisions as the natural gradient would: what the theory chooses to teach deciding.
 *
 * The plain gradient of accuracy on the three logits is 1 : 1 − c : w, so a policy that rarely rejects is hardly taught to, and what
 * rises first is sampling; the natural gradient, steepest ascent for a step's KL, is c(1 − w) : (1 − p)(1 − w) : p·c. The two differ by a factor a choice, the
 * inverse of its Fisher information. Weighing the advantages of decisions by that factor, relative to an answer's, gives the plain gradient the natural one's
 * direction; with parameters of a network it does so for the mean rates.
 *
 * @module
 */
import { assertRates, type TwoStageRates } from "./Accuracy.ts"
import { assertRange } from "./TheoryError.ts"

/** A factor for the advantages of decisions at right answers and at wrong ones; an answer's own factor is 1. */
export interface DecisionWeights {
  readonly correct: number
  readonly wrong: number
}

/**
 * Computes the natural weights of decisions, F_S/F_C = (1 − p)/(c(1 − c)) at right answers and F_S/F_W = p/(w(1 − w)) at wrong ones.
 *
 * F is the trajectory's Fisher information (`ThreeLogit.fisherInformation`), whose number of cycles cancels. With them the expected push on
 * (θ_S, θ_C, θ_W) is F_S times the natural gradient: (1, (1 − p)/c, p/(1 − w)) times that on θ_S. At p = c = w = ½ both are 2. Weights
 * are cut to [1/most, most], `most` ≥ 1 (default 10), because they diverge as a decision becomes sure, and with them the noise: a decision's
 * share of the gradient's variance grows by the weight squared.
 * Domain: rates in [0, 1]; a sure decision gets `most` (or 1/most where nothing is sampled that it is about). Errors: `OutOfRange`.
 * Source: Kakade, 2001 (natural policy gradient), for the two-stage process; Hennes et al., 2020 (NeuRD), weigh every choice by 1/π.
 */
export const naturalDecisionWeights = (rates: TwoStageRates, most: number = 10): DecisionWeights => {
  assertRates("naturalDecisionWeights", rates)
  assertRange("naturalDecisionWeights", "most", most, most >= 1, "[1, ∞)")
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  const cut = (sampling: number, variance: number): number =>
    sampling === 0 ? 1 / most : Math.min(most, Math.max(1 / most, sampling / variance))
  return { correct: cut(1 - p, c * (1 - c)), wrong: cut(p, w * (1 - w)) }
}
