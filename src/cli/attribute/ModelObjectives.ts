/**
 * The objectives that are differentiated through a language model, by name.
 *
 * @module
 */

/** Estimators of KL penalties. */
export const ESTIMATORS = ["k1", "k2", "k3"] as const

/** The objectives, in the order of reports. */
export const MODEL_OBJECTIVES: ReadonlyArray<string> = [
  "nll",
  "dft",
  "surrogate",
  ...ESTIMATORS.flatMap((estimator) => [`kl-loss-${estimator}`, `kl-reward-${estimator}`])
]
