/**
 * The standard normal distribution.
 *
 * @module
 */

const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)

/**
 * Computes P(Z > x), to about 14 digits, also far out.
 *
 * Near 0 by the series Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …), beyond by Laplace's continued fraction φ(x)/(x + 1/(x + 2/(x + …))). Source:
 * Abramowitz and Stegun 1964, 26.2.11 and 26.2.14.
 */
export const normalTail = (x: number): number => {
  if (x < 0) return 1 - normalTail(-x)
  if (x < 3) {
    let term = x
    let sum = x
    for (let k = 3; term > 1e-17 * sum; k += 2) {
      term *= (x * x) / k
      sum += term
    }
    return 0.5 - density(x) * sum
  }
  let fraction = x
  for (let k = 100; k >= 1; k--) fraction = x + k / fraction
  return density(x) / fraction
}

/** Computes the x with P(Z > x) = `tail`, by bisection to the last digits. Domain: 0 < tail < 1. */
export const normalQuantile = (tail: number): number => {
  let [low, high] = [-40, 40]
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (normalTail(middle) > tail) low = middle
    else high = middle
  }
  return high
}
