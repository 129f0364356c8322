/**
 * Why log π/π_ref drifts upwards on the policy's own samples, and from which length that decides the size of an answer's KL term.
 *
 * Let x = log π/π_ref of a token drawn from π. Normalisation of the reference, E_π[e^{−x}] ≤ 1, forbids a mean of 0: E[x] is the token's
 * KL(π‖π_ref), and exactly E[e^{−x} − 1 + x] plus the reference's mass outside π's support, a sum of terms ≥ 0. So Σ x over L tokens has
 * mean Σ KL and, being a martingale around it, variance Σ Var x. Below L* = Var/KL² the spread √(L·Var) is the larger part and |Σ x| is of order √L,
 * above it the drift is and |Σ x| is of order L. Close to the reference E[x²] ≈ 2·KL, so L* ≈ 2/KL.
 *
 * For a log-ratio of two values everything is in closed form; with sizes ±s, P(up) ≥ σ(s), E[x] ≥ s·tanh(s/2), L* = 1/sinh²(s/2) ≈ 4/s².
 *
 * Units: nats, tokens. In place of "typical magnitude" in appendix A.5 of this paper.
 *
 * @module
 */
import { assertLength, assertRange, TheoryError } from "./TheoryError.ts"

/** The moments of one token's log-ratio x under the policy, nats: `mean` is KL(π‖π_ref), `crossoverLength` is L* = variance/mean². */
export interface Drift {
  readonly mean: number
  readonly secondMoment: number
  readonly variance: number
  readonly crossoverLength: number
}

/** A log-ratio that takes two values, `up` and −`down`, nats, both > 0. */
export interface TwoValues {
  readonly up: number
  readonly down: number
}

const driftOf = (values: ReadonlyArray<readonly [probability: number, logRatio: number]>): Drift => {
  const mean = values.reduce((sum, [probability, x]) => sum + probability * x, 0)
  const secondMoment = values.reduce((sum, [probability, x]) => sum + probability * x * x, 0)
  const variance = values.reduce((sum, [probability, x]) => sum + probability * (x - mean) ** 2, 0)
  return { mean, secondMoment, variance, crossoverLength: mean === 0 ? Infinity : mean === Infinity ? 0 : variance / (mean * mean) }
}

/** Throws unless entries are log-probabilities (−Infinity included) whose sum is at least `least` and at most 1, to 1e-6. */
const assertDistribution = (where: string, what: string, logProbs: ArrayLike<number>, least: number): void => {
  let total = 0
  for (let index = 0; index < logProbs.length; index++) {
    const value = logProbs[index]!
    if (!(value <= 1e-6)) throw new TheoryError(where, { _tag: "NotADistribution", what, index, value })
    total += Math.exp(value)
  }
  assertRange(where, `sum of the probabilities of ${what}`, total, total >= least - 1e-6 && total <= 1 + 1e-6, `[${least}, 1]`)
}

/**
 * Computes the drift of a policy against its reference over one token's options.
 *
 * Shapes: log-probabilities of V options each → moments. An option that the policy never takes (−Infinity) adds nothing; one that only the
 * reference never takes makes the KL infinite: there is no variance then (NaN), and the drift decides at any length, L* = 0. Equal policies
 * have no drift and L* = Infinity. The reference may lack mass, not the policy. Errors: `ShapeMismatch`, `NotADistribution`, `OutOfRange`.
 */
export const ofPolicies = (logProbs: ArrayLike<number>, referenceLogProbs: ArrayLike<number>): Drift => {
  const where = "OnPolicyDrift.ofPolicies"
  assertLength(where, "referenceLogProbs", logProbs.length, referenceLogProbs.length)
  assertDistribution(where, "logProbs", logProbs, 1)
  assertDistribution(where, "referenceLogProbs", referenceLogProbs, 0)
  const taken = Array.from(logProbs, (logProb, option) => [Math.exp(logProb), logProb - referenceLogProbs[option]!] as const)
  return driftOf(taken.filter(([probability]) => probability > 0))
}

const assertTwoValues = (where: string, { down, up }: TwoValues): void => {
  for (const [name, size] of Object.entries({ up, down })) {
    assertRange(where, name, size, size > 0 && Number.isFinite(size), "(0, ∞)")
  }
}

/**
 * Computes the least P(up) that a log-ratio of two values can have on policy: (1 − e^{−down}) / (1 − e^{−(up + down)}), at ±s σ(s).
 *
 * It solves E[e^{−x}] = 1; every policy of two options has it exactly. Errors: `OutOfRange`.
 */
export const leastUpProbability = (values: TwoValues): number => {
  assertTwoValues("OnPolicyDrift.leastUpProbability", values)
  return Math.expm1(-values.down) / Math.expm1(-(values.up + values.down))
}

/** log P(down) = log(1 − `leastUpProbability`), where the difference itself would round to 0 from about 37 nats on. */
const logDownProbability = ({ down, up }: TwoValues): number => -down + Math.log(Math.expm1(-up) / Math.expm1(-(up + down)))

/**
 * Computes the least drift of a log-ratio of two values, that at `leastUpProbability`; at ±s its mean is s·tanh(s/2). Exact for sizes of any order.
 * Errors: `OutOfRange`.
 */
export const ofTwoValues = (values: TwoValues): Drift => {
  const [up, down] = [leastUpProbability(values), Math.exp(logDownProbability(values))]
  // By the sum of terms ≥ 0, since E[x] itself cancels for small sizes.
  const mean = up * values.up ** 2 * driftFactor(values.up) + down * values.down ** 2 * driftFactor(-values.down)
  const variance = up * down * (values.up + values.down) ** 2
  return {
    mean,
    secondMoment: up * values.up ** 2 + down * values.down ** 2,
    variance,
    crossoverLength: (Math.sqrt(variance) / mean) ** 2
  }
}

/** (e^{−x} − 1 + x)/x². The quotient loses digits near 0, where the series has all of them; both are good to 1e-12 at the seam. */
const driftFactor = (x: number): number => Math.abs(x) < 1e-4 ? 0.5 - x / 6 + x ** 2 / 24 : (Math.expm1(-x) / x + 1) / x

/**
 * Computes a lower bound of KL(π‖π_ref) from the second moment of x = log π/π_ref and its largest value M:
 *
 *   KL ≥ E_π[x²]·(e^{−M} − 1 + M)/M²
 *
 * since (e^{−x} − 1 + x)/x² falls in x and its numerator's mean is at most the KL. ½·E[x²] in the limit M → 0. No larger factor of M alone holds
 * for all policies, and none but 0 where M = ∞. Domain: secondMoment finite and ≥ 0, M ≥ 0. Errors: `OutOfRange`.
 */
export const leastKl = (secondMoment: number, largest: number): number => {
  assertRange("OnPolicyDrift.leastKl", "secondMoment", secondMoment, secondMoment >= 0 && secondMoment < Infinity, "[0, ∞)")
  assertRange("OnPolicyDrift.leastKl", "largest", largest, largest >= 0, "[0, ∞]")
  return secondMoment * driftFactor(largest)
}

/** A value of Σ x over a number of tokens, and its probability. */
export interface LogRatioSum {
  readonly sum: number
  readonly probability: number
}

/**
 * Lists the distribution of Σ x over L independent tokens of two values at their least drift: binomial, L + 1 entries.
 *
 * Errors: `OutOfRange` (a length that is no whole number ≥ 0).
 */
export const sums = (values: TwoValues, length: number): ReadonlyArray<LogRatioSum> => {
  const up = leastUpProbability(values)
  assertRange("OnPolicyDrift.sums", "length", length, Number.isInteger(length) && length >= 0, "the integers from 0")
  const [logUp, logDown] = [Math.log(up), logDownProbability(values)]
  let logChoose = 0
  return Array.from({ length: length + 1 }, (_, ups) => {
    if (ups > 0) logChoose += Math.log(length - ups + 1) - Math.log(ups)
    return {
      sum: ups * values.up - (length - ups) * values.down,
      probability: Math.exp(logChoose + ups * logUp + (length - ups) * logDown)
    }
  })
}

/** Computes E|Σ x| over L tokens, exactly: the mean |r_S| of an answer at β = 1. Errors: `OutOfRange`. */
export const meanSize = (values: TwoValues, length: number): number =>
  sums(values, length).reduce((total, { probability, sum }) => total + probability * Math.abs(sum), 0)

/**
 * Computes Pr(|Σ x| > `decision`), how likely an answer's KL term is larger than its decision's of that size (nats).
 *
 * Sums within 1e-12·L of the size count as equal to it, so rounding does not break ties. Domain: decision ≥ 0. Errors: `OutOfRange`.
 */
export const dominance = (values: TwoValues, length: number, decision: number): number => {
  assertRange("OnPolicyDrift.dominance", "decision", decision, decision >= 0, "[0, ∞]")
  return sums(values, length).reduce((total, { probability, sum }) => {
    return Math.abs(sum) > decision + 1e-12 * (1 + length) ? total + probability : total
  }, 0)
}
