/**
 * One choice of a softmax under a KL penalty: what estimator and placement make of its expected gradient.
 *
 * With x = log π_ref − log π of the option taken, each combination weighs the score ∇log π by a function of x; the expectation over
 * options is the gradient of some distance between π and π_ref, not always of the one that the estimator estimates. The distance is
 * found by comparison, not written down. On-policy. Source: estimators of Schulman, 2020; placements as in `Kl`.
 *
 * @module
 */
import * as Kl from "./Kl.ts"
import { klDivergence, logSoftmax } from "./LogSpace.ts"
import { assertLength } from "./TheoryError.ts"

/** Where a penalty is put: in the loss, in the loss times the importance ratio π/π_old, or in the reward. */
export type PlacementName = "loss" | "loss-corrected" | "reward"

/** Lists the placements. */
export const PLACEMENTS: ReadonlyArray<PlacementName> = ["loss", "loss-corrected", "reward"]

/** Logits of a softmax [V] and of its reference [V]. */
export interface Choice {
  readonly policy: ReadonlyArray<number>
  readonly reference: ReadonlyArray<number>
}

/**
 * Computes the weight of ∇log π of the option taken in the gradient of the penalised loss at β = 1.
 *
 * In the loss k′ (the derivative of the estimator k in log π), corrected k′ + k, in the reward k: there the penalty is held
 * constant, and each later token's k adds to it through reward-to-go. Pure number.
 */
export const scoreWeight = (
  estimator: Kl.Estimator,
  placement: PlacementName,
  logProb: number,
  referenceLogProb: number
): number => {
  const value = Kl.value(estimator, logProb, referenceLogProb)
  const slope = Kl.derivative(estimator, logProb, referenceLogProb)
  switch (placement) {
    case "loss":
      return slope
    case "loss-corrected":
      // k3's two parts are 1 − eˣ and eˣ − 1 − x: their sum is −x, which rounding would lose from x ≈ 37 on.
      return estimator === "k3" ? logProb - referenceLogProb : slope + value
    case "reward":
      return value
  }
}

/** E_π[weight·∇log π] by the logits: π_i·(weight_i − mean weight). */
const meanWeightedScore = (logProbs: Float64Array, weights: Float64Array): Float64Array => {
  const mean = weights.reduce((sum, weight, option) => sum + Math.exp(logProbs[option]!) * weight, 0)
  return weights.map((weight, option) => Math.exp(logProbs[option]!) * (weight - mean))
}

/**
 * Computes the expected gradient of the penalised loss by the choice's logits, β = 1: E_π[`scoreWeight`·∇log π].
 *
 * Shapes: [V] logits → [V]. To be descended. Errors: `ShapeMismatch`, `EmptyGroup`.
 */
export const expectedGradient = (estimator: Kl.Estimator, placement: PlacementName, choice: Choice): Float64Array => {
  assertLength("KlChoice.expectedGradient", "reference", choice.policy.length, choice.reference.length)
  const logProbs = logSoftmax(choice.policy)
  const reference = logSoftmax(choice.reference)
  return meanWeightedScore(
    logProbs,
    logProbs.map((logProb, option) => scoreWeight(estimator, placement, logProb, reference[option]!))
  )
}

/**
 * A distance of π from π_ref: KL(π‖π_ref) (reverse), KL(π_ref‖π) (forward), ‖π − π_ref‖₁, ½E_π[x²], E_π|x|, or a
 * sum or difference of several; "zero" is no distance at all, but a gradient of 0.
 */
export type DivergenceName =
  | "zero"
  | "reverse KL"
  | "forward KL"
  | "L1 distance"
  | "half mean square"
  | "mean absolute"
  | "reverse KL - forward KL"
  | "2 reverse KL"
  | "2 reverse KL - forward KL"
  | "half mean square - reverse KL"
  | "mean absolute - L1 distance"
  | "reverse KL + mean absolute - L1 distance"

interface BasicGradients {
  readonly reverse: Float64Array
  readonly forward: Float64Array
  readonly l1: Float64Array
  readonly halfMeanSquare: Float64Array
  readonly meanAbsolute: Float64Array
}

/**
 * Gradients by the logits, from the distances' definitions. With z = log(π/π_ref): reverse π_i(z_i − KL); forward π_i − ref_i;
 * L1 π_i(s_i − Σ π_j s_j), s = sign z; E[f(z)] has π_i(f(z_i) + f′(z_i) − mean of the same).
 */
const basicGradients = (choice: Choice): BasicGradients => {
  const logProbs = logSoftmax(choice.policy)
  const reference = logSoftmax(choice.reference)
  const z = logProbs.map((logProb, option) => logProb - reference[option]!)
  const total = klDivergence(logProbs, reference)
  return {
    reverse: z.map((ratio, option) => Math.exp(logProbs[option]!) * (ratio - total)),
    forward: logProbs.map((logProb, option) => Math.exp(logProb) - Math.exp(reference[option]!)),
    l1: meanWeightedScore(logProbs, z.map(Math.sign)),
    halfMeanSquare: meanWeightedScore(logProbs, z.map((ratio) => ratio ** 2 / 2 + ratio)),
    meanAbsolute: meanWeightedScore(logProbs, z.map((ratio) => Math.abs(ratio) + Math.sign(ratio)))
  }
}

const plus = (left: Float64Array, factor: number, right: Float64Array): Float64Array =>
  left.map((value, option) => value + factor * right[option]!)

/** Computes the gradient of each named distance by the choice's logits. Shapes: [V] each. Errors: `ShapeMismatch`, `EmptyGroup`. */
export const divergenceGradients = (choice: Choice): Readonly<Record<DivergenceName, Float64Array>> => {
  const { forward, halfMeanSquare, l1, meanAbsolute, reverse } = basicGradients(choice)
  return {
    zero: new Float64Array(reverse.length),
    "reverse KL": reverse,
    "forward KL": forward,
    "L1 distance": l1,
    "half mean square": halfMeanSquare,
    "mean absolute": meanAbsolute,
    "reverse KL - forward KL": plus(reverse, -1, forward),
    "2 reverse KL": plus(reverse, 1, reverse),
    "2 reverse KL - forward KL": plus(plus(reverse, 1, reverse), -1, forward),
    "half mean square - reverse KL": plus(halfMeanSquare, -1, reverse),
    "mean absolute - L1 distance": plus(meanAbsolute, -1, l1),
    "reverse KL + mean absolute - L1 distance": plus(plus(reverse, 1, meanAbsolute), -1, l1)
  }
}

const agree = (left: Float64Array, right: Float64Array): boolean =>
  left.every((value, option) => Math.abs(value - right[option]!) <= 1e-9 * Math.max(1, Math.abs(value)))

/**
 * Finds the distance whose gradient the expected gradient is, on all given choices at once; null if none of the names.
 *
 * At π = π_ref every gradient is 0, and close to it several agree to rounding: give choices away from the reference.
 */
export const matchingDivergence = (
  estimator: Kl.Estimator,
  placement: PlacementName,
  choices: ReadonlyArray<Choice>
): DivergenceName | null => {
  const found = choices.map((choice) => expectedGradient(estimator, placement, choice))
  const gradients = choices.map(divergenceGradients)
  const names = Object.keys(gradients[0] ?? {}) as ReadonlyArray<DivergenceName>
  return names.find((name) => gradients.every((each, index) => agree(found[index]!, each[name]))) ?? null
}
