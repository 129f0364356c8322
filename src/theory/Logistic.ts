/** The logistic parametrisation of a binary choice, exact at large logits. */

/** Computes σ(x) = 1 / (1 + e^{−x}). Domain: any real x; ±∞ give 1 and 0. */
export const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const odds = Math.exp(x)
  return odds / (1 + odds)
}

/** Computes log σ(x) = −log(1 + e^{−x}), nats; about x for very negative x, where σ(x) itself underflows. */
export const logSigmoid = (x: number): number => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))

/**
 * Computes KL(σ(x)‖σ(y)) of two binary choices given by their logits, nats.
 *
 * σ(x)·(x − y) + log(σ(−x)/σ(−y)): equal to Σ π log π/π_ref since x − y is the difference of the two log-ratios. ≥ 0, 0 iff x = y.
 */
export const bernoulliKl = (logit: number, referenceLogit: number): number =>
  Math.max(0, sigmoid(logit) * (logit - referenceLogit) + logSigmoid(-logit) - logSigmoid(-referenceLogit))
