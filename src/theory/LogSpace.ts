/**
 * Probability in log space: the few functions that stay exact where exp and log lose digits.
 *
 * All logarithms are natural (nats). −∞ is the log of 0 and is allowed wherever a probability may be 0.
 *
 * @module
 */
import { assertLength, TheoryError } from "./TheoryError.ts"

/**
 * Computes log Σ exp(xᵢ) without overflow.
 *
 * The largest entry is taken out first: log Σ exp(xᵢ) = m + log Σ exp(xᵢ − m). All entries −∞ give −∞.
 * Errors: `EmptyGroup`. `logSumExp([Math.log(1), Math.log(3)])` is log 4.
 */
export const logSumExp = (values: ArrayLike<number>): number => {
  if (values.length === 0) throw new TheoryError("logSumExp", { _tag: "EmptyGroup", what: "values", index: 0 })
  let largest = -Infinity
  for (let index = 0; index < values.length; index++) largest = Math.max(largest, values[index]!)
  if (!Number.isFinite(largest)) return largest
  let sum = 0
  for (let index = 0; index < values.length; index++) sum += Math.exp(values[index]! - largest)
  return largest + Math.log(sum)
}

/** Computes log(exp a + exp b); the two-term `logSumExp`. */
export const logAddExp = (a: number, b: number): number => {
  const larger = Math.max(a, b)
  return larger === -Infinity ? larger : larger + Math.log1p(Math.exp(-Math.abs(a - b)))
}

/**
 * Normalises logits to log-probabilities: xᵢ − log Σ exp(xⱼ).
 *
 * Shapes: [V] → [V]. The result does not change when a constant is added to all logits. Errors: `EmptyGroup`.
 */
export const logSoftmax = (logits: ArrayLike<number>): Float64Array => {
  const total = logSumExp(logits)
  return Float64Array.from(logits, (logit) => logit - total)
}

/** Normalises logits to probabilities, the exponential of `logSoftmax`. Shapes: [V] → [V]. Errors: `EmptyGroup`. */
export const softmax = (logits: ArrayLike<number>): Float64Array => logSoftmax(logits).map(Math.exp)

/**
 * Computes log(1 − eˣ), the log-probability of the complement.
 *
 * Domain: x ≤ 0. Above −log 2 it is log(−expm1 x), below log1p(−eˣ): each keeps the digits that the other loses
 * (Mächler, 2012, "Accurately computing log(1 − exp(−|a|))"). x = 0 gives −∞. Errors: `NotADistribution` (x > 0 or NaN).
 */
export const log1mExp = (x: number): number => {
  if (!(x <= 0)) throw new TheoryError("log1mExp", { _tag: "NotADistribution", what: "x", index: 0, value: x })
  return x > -Math.LN2 ? Math.log(-Math.expm1(x)) : Math.log1p(-Math.exp(x))
}

/** Computes log σ(x) = −log(1 + e⁻ˣ) without overflow on either side. */
export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))

/** Computes the logistic function σ(x) = 1/(1 + e⁻ˣ). */
export const sigmoid = (x: number): number => Math.exp(logSigmoid(x))

/**
 * Computes the exact divergence KL(p‖q) = Σ pᵢ (log pᵢ − log qᵢ) from log-probabilities, in nats.
 *
 * Shapes: [V], [V]. A pᵢ of 0 adds nothing; a qᵢ of 0 with pᵢ > 0 gives ∞. It is ≥ 0, and 0 iff p = q.
 * Errors: `ShapeMismatch`. Source: Kullback and Leibler, 1951.
 */
export const klDivergence = (logP: ArrayLike<number>, logQ: ArrayLike<number>): number => {
  assertLength("klDivergence", "logQ", logP.length, logQ.length)
  let sum = 0
  for (let index = 0; index < logP.length; index++) {
    if (logP[index] === -Infinity) continue
    sum += Math.exp(logP[index]!) * (logP[index]! - logQ[index]!)
  }
  return sum
}

/** Multiplies, and gives 0 wherever a factor is 0: what is weighed by nothing stays 0 though it overflowed to ±Infinity. */
export const weighed = (weight: number, value: number): number => (weight === 0 || value === 0 ? 0 : weight * value)
