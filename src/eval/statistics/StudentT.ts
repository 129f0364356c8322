/**
 * Student's t distribution for whole degrees of freedom, and the interval of a mean of a few independent values.
 *
 * @module
 */
import type { Interval } from "./Interval.ts"

/**
 * Computes P(|T| ≤ t) for ν degrees of freedom, with θ = atan(t/√ν), c = cos θ, s = sin θ.
 *
 *     ν = 1:  2θ/π
 *     ν odd:  2/π · (θ + s·(c + 2/3·c³ + … + (2·4…(ν−3))/(3·5…(ν−2))·c^(ν−2)))
 *     ν even: s·(1 + 1/2·c² + 1·3/(2·4)·c⁴ + … + (1·3…(ν−3))/(2·4…(ν−2))·c^(ν−2))
 *
 * Domain: t ≥ 0, ν a whole number of at least 1. Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
 */
export const centralProbability = (t: number, degrees: number): number => {
  const theta = Math.atan(t / Math.sqrt(degrees))
  const [cosine, sine] = [Math.cos(theta), Math.sin(theta)]
  const isOdd = degrees % 2 === 1
  let term = isOdd ? cosine : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = isOdd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine * cosine
    sum += term
  }
  return isOdd ? (2 / Math.PI) * (theta + sine * sum) : sine * sum
}

/** Computes the t with P(|T| ≤ t) = `probability`, by bisection to the last digits. Domain: 0 < probability < 1, ν ≥ 1 whole. */
export const centralQuantile = (probability: number, degrees: number): number => {
  let high = 1
  while (centralProbability(high, degrees) < probability) high *= 2
  let low = 0
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (centralProbability(middle, degrees) < probability) low = middle
    else high = middle
  }
  return high
}

/** A mean with its interval, and what it is the mean of. */
export interface MeanWithInterval {
  readonly mean: number
  readonly interval: Interval | null
}

/**
 * Computes the mean of n values and its 95 % interval, mean ± t(0.95, n−1)·s/√n with s² = Σ(x − mean)²/(n − 1): exact for
 * independent normal values, wide for few. Null interval for n = 1. Needs at least one value. Source: Student 1908.
 */
export const meanInterval = (values: ReadonlyArray<number>): MeanWithInterval => {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  if (n < 2) return { mean, interval: null }
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1))
  const half = (centralQuantile(0.95, n - 1) * deviation) / Math.sqrt(n)
  return { mean, interval: [mean - half, mean + half] }
}
