/**
 * Confidence intervals of a proportion: k successes in n independent trials.
 *
 * Trials that share a query are not independent; for those see Bootstrap.ts, which resamples whole queries.
 *
 * @module
 */

/** Lower and upper end, as fractions (not percent). */
export type Interval = readonly [lower: number, upper: number]

/** The paper's z for 95 %: 1.96, not the unrounded 1.95996…, so that its table 1 is reproduced digit by digit. */
export const Z_95 = 1.96

/**
 * Normal ("Wald") interval of a proportion.
 *
 *     p ± z √(p(1 − p)/n),  p = k/n
 *
 * As in this paper's table 1 it is not cut at 0 and 1 (98 of 100 gives 0.953, 1.007), and it has width 0 at k = 0 and k = n.
 * Null for n = 0. Source: this paper, appendix E.4.
 */
export const normalInterval = (successes: number, trials: number, z: number = Z_95): Interval | null => {
  if (trials === 0) return null
  const p = successes / trials
  const halfWidth = z * Math.sqrt((p * (1 - p)) / trials)
  return [p - halfWidth, p + halfWidth]
}

/**
 * Wilson's score interval of a proportion: all p₀ that a z-test of k out of n would not reject.
 *
 *     (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n),  p = k/n
 *
 * Always inside [0, 1], and of positive width even at k = 0 and k = n. Null for n = 0.
 * Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
 */
export const wilsonInterval = (successes: number, trials: number, z: number = Z_95): Interval | null => {
  if (trials === 0) return null
  const p = successes / trials
  const z2 = z * z
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
  const halfWidth = (z * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials))) / (1 + z2 / trials)
  return [successes === 0 ? 0 : centre - halfWidth, successes === trials ? 1 : centre + halfWidth]
}

/** Tells whether a value lies in an interval, ends included. */
export const contains = ([lower, upper]: Interval, value: number): boolean => lower <= value && value <= upper
