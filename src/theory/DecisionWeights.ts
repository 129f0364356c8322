/**
 * Weights that make gradient ascent move decisions as the natural gradient would: what the theory chooses to teach deciding.
 *
 * The plain gradient of accuracy on the three logits is 1 : 1 − c : w, so a policy that rarely rejects is hardly taught to, and what
 * rises first is sampling; the natural gradient, steepest ascent for a step's KL, is c(1 − w) : (1 − p)(1 − w) : p·c. The two differ by a factor a choice, the
 * inverse of its Fisher information. Weighing the advantages of decisions by that factor, relative to an answer's, gives the plain gradient the natural one's
 * direction. In a network, where a push on one rate moves the others too, the pushes have to be turned back by its mobility first.
 *
 * @module
 */
import { assertRates, type TwoStageRates } from "./Accuracy.ts"
import { LOGIT_NAMES, type LogitName } from "./illustration/ThreeLogit.ts"
import { assertFinite, assertRange } from "./TheoryError.ts"

/** A factor for the advantages of decisions at right answers and at wrong ones; an answer's own factor is 1. */
export interface DecisionWeights {
  readonly correct: number
  readonly wrong: number
}

/** How far each logit (row) follows a push on each logit (column). Symmetric and positive semi-definite where it comes from shared parameters. */
export type Mobility = Readonly<Record<LogitName, TwoStageRates>>

/** Solves M·x = y for three unknowns by Cramer's rule; undefined where M is singular to rounding. */
const solve = (mobility: Mobility, y: TwoStageRates): TwoStageRates | undefined => {
  const rows = LOGIT_NAMES.map((row) => LOGIT_NAMES.map((column) => mobility[row][column]))
  const minor = (m: ReadonlyArray<ReadonlyArray<number>>): number =>
    m[0]![0]! * (m[1]![1]! * m[2]![2]! - m[1]![2]! * m[2]![1]!) -
    m[0]![1]! * (m[1]![0]! * m[2]![2]! - m[1]![2]! * m[2]![0]!) +
    m[0]![2]! * (m[1]![0]! * m[2]![1]! - m[1]![1]! * m[2]![0]!)
  const determinant = minor(rows)
  if (!(Math.abs(determinant) > 1e-12 * Math.abs(rows[0]![0]! * rows[1]![1]! * rows[2]![2]!))) return undefined
  const at = (column: number): number =>
    minor(rows.map((row, i) => row.map((entry, j) => (j === column ? y[LOGIT_NAMES[i]!] : entry)))) / determinant
  return { sampleCorrect: at(0), stopGivenCorrect: at(1), resampleGivenWrong: at(2) }
}

/**
 * Computes the natural weights of decisions: with them the expected motion of (θ_S, θ_C, θ_W) is along the natural gradient.
 *
 * δ = (c(1 − w), (1 − p)(1 − w), p·c)/S is the natural gradient, g = (1, 1 − c, w) the plain one up to a factor, x = M⁻¹δ the pushes that move
 * a policy of mobility M by δ; the weight of decision k is (x_k/g_k)/(x_S/g_S). Without `mobility` M is 1 and they are F_S/F_C = (1 − p)/(c(1 − c))
 * at right answers and F_S/F_W = p/(w(1 − w)) at wrong ones, F the Fisher information: 2 and 2 at p = c = w = ½. M is common to all pushes' scale: a multiple of it
 * changes nothing. Weights are cut to [1/most, most], `most` ≥ 1 (default 10), because they diverge as a decision becomes sure, and with them the noise: a
 * decision's share of the gradient's variance grows by the weight squared. Where a mobility asks for a negative push on a decision its weight is 1/most, where it asks
 * for one on sampling the others' are `most`; a singular mobility is left out. Domain: rates in [0, 1]; a sure decision gets `most`. No cap, no KL. Errors: `OutOfRange`, `NonFinite`.
 * Source: Kakade, 2001 (natural policy gradient), for the two-stage process; Hennes et al., 2020 (NeuRD), weigh every choice by 1/π.
 */
export const naturalDecisionWeights = (
  rates: TwoStageRates,
  options: { readonly most?: number; readonly mobility?: Mobility } = {}
): DecisionWeights => {
  const where = "naturalDecisionWeights"
  const { mobility, most = 10 } = options
  assertRates(where, rates)
  assertRange(where, "most", most, most >= 1 && most < Infinity, "[1, ∞)")
  if (mobility !== undefined) {
    for (const row of LOGIT_NAMES) {
      assertFinite(
        where,
        `mobility.${row}`,
        LOGIT_NAMES.map((column) => mobility[row][column])
      )
    }
  }
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  const natural = { sampleCorrect: c * (1 - w), stopGivenCorrect: (1 - p) * (1 - w), resampleGivenWrong: p * c }
  const within = (weight: number): number => Math.min(most, Math.max(1 / most, weight))
  const pushes = mobility === undefined ? undefined : solve(mobility, natural)
  if (pushes === undefined) {
    // A quotient of δ would be 0/0 at right answers for w = 1 and at wrong ones for c = 0, where nothing is odd about the weight.
    const inverse = (fraction: number, variance: number): number => (variance === 0 ? most : within(fraction / variance))
    return { correct: inverse(1 - p, c * (1 - c)), wrong: inverse(p, w * (1 - w)) }
  }
  const cut = (push: number, plain: number): number => {
    if (push <= 0) return 1 / most
    return plain === 0 || pushes.sampleCorrect <= 0 ? most : within(push / plain / pushes.sampleCorrect)
  }
  return { correct: cut(pushes.stopGivenCorrect, 1 - c), wrong: cut(pushes.resampleGivenWrong, w) }
}
