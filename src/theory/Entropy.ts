/**
 * The entropy of one choice and its derivative: what an entropy bonus is made of.
 *
 * Unlike every other loss of a token it is no function of the probability of what was taken but of the whole distribution
 * that it was taken from, so its derivative is one in the logits of all alternatives.
 *
 * @module
 */

/**
 * Computes the entropy H(π) = −Σ πᵢ log πᵢ in nats from log-probabilities.
 *
 * Shapes: [V] → scalar in [0, log V]; 0 iff one πᵢ is 1, log V iff all are equal. A πᵢ of 0 (log −∞) adds nothing.
 * Source: Shannon, 1948.
 */
export const entropy = (logProbs: ArrayLike<number>): number => {
  let sum = 0
  for (let option = 0; option < logProbs.length; option++) {
    const logProb = logProbs[option]!
    if (logProb !== -Infinity) sum -= Math.exp(logProb) * logProb
  }
  return sum
}

/**
 * Computes ∂H/∂zᵢ = −πᵢ (log πᵢ + H), the entropy's derivative in the logits z of π = softmax(z).
 *
 * Shapes: [V] log-probabilities → [V]. It sums to 0 and is 0 where H is largest, π uniform, and where π is certain. For
 * π = softmax(θ/τ) the derivative in θ is this divided by τ. Derivation: ∂πⱼ/∂zᵢ = πⱼ(δᵢⱼ − πᵢ) and
 * ∂H/∂πⱼ = −(log πⱼ + 1), so ∂H/∂zᵢ = −πᵢ(log πᵢ + 1) + πᵢ Σⱼ πⱼ(log πⱼ + 1) = −πᵢ log πᵢ − πᵢ H.
 */
export const entropyGradient = (logProbs: ArrayLike<number>): Float64Array => {
  const total = entropy(logProbs)
  return Float64Array.from(logProbs, (logProb) => (logProb === -Infinity ? 0 : -Math.exp(logProb) * (logProb + total)))
}
