/**
 * Exact draws from a binomial distribution, fast for any number of trials.
 *
 * @module
 */
import type { Draws } from "../../domain/Seed.ts"

/**
 * Draws the number of successes in n independent trials of probability p.
 *
 * Inversion by sequential search where n·min(p, 1 − p) < 10, else transformed rejection with Stirling's correction (Hörmann 1993,
 * algorithm BTRS). Both are exact.
 */
export const drawBinomial = (stream: Draws, n: number, p: number): number => {
  if (p > 0.5) return n - drawBinomial(stream, n, 1 - p)
  if (n === 0 || p <= 0) return 0
  return n * p < 10 ? invert(stream, n, p) : reject(stream, n, p)
}

const invert = (stream: Draws, n: number, p: number): number => {
  const odds = p / (1 - p)
  let probability = Math.exp(n * Math.log1p(-p))
  let rest = stream.uniform()
  let k = 0
  while (rest > probability && k < n) {
    rest -= probability
    k++
    probability *= (odds * (n - k + 1)) / k
  }
  return k
}

// ln k! − ((k + ½) ln(k + 1) − (k + 1) + ½ ln 2π).
const stirlingRest = (k: number): number => {
  const x = k + 1
  return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / (x * x)) / (x * x)) / (x * x)) / x
}

const reject = (stream: Draws, n: number, p: number): number => {
  const spread = Math.sqrt(n * p * (1 - p))
  const b = 1.15 + 2.53 * spread
  const a = -0.0873 + 0.0248 * b + 0.01 * p
  const centre = n * p + 0.5
  const squeeze = 0.92 - 4.2 / b
  const alpha = (2.83 + 5.1 / b) * spread
  const odds = p / (1 - p)
  const mode = Math.floor((n + 1) * p)
  for (;;) {
    const u = stream.uniform() - 0.5
    const v = stream.uniform()
    const distance = 0.5 - Math.abs(u)
    const k = Math.floor((2 * a / distance + b) * u + centre)
    if (distance >= 0.07 && v <= squeeze) return k
    if (k < 0 || k > n) continue
    const logRatio = (mode + 0.5) * Math.log((mode + 1) / (odds * (n - mode + 1))) +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((odds * (n - k + 1)) / (k + 1)) +
      stirlingRest(mode) + stirlingRest(n - mode) - stirlingRest(k) - stirlingRest(n - k)
    if (Math.log((v * alpha) / (a / (distance * distance) + b)) <= logRatio) return k
  }
}
