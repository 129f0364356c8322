/**
 * The distribution one token is chosen from, on the host in float64: log-probabilities, entropy, and drawing.
 *
 * @module
 */
import type { SamplingParameters } from "../../domain/Sampler.ts"

/**
 * The temperature at which tokens are scored. Greedy choice (0) has no log-probabilities of its own and is scored at 1.
 */
export const scoringTemperature = (temperature: number): number => (temperature === 0 ? 1 : temperature)

/** Computes log softmax(logits/τ) over the allowed tokens alone, in the order of `allowed`, nats. `start` is the row's first logit. */
export const allowedLogProbs = (
  logits: ArrayLike<number>,
  start: number,
  allowed: ReadonlyArray<number>,
  temperature: number
): Float64Array => {
  // Plain loops: this runs once a token, and callbacks would cost more than the arithmetic.
  const count = allowed.length
  const logProbs = new Float64Array(count)
  let largest = -Infinity
  for (let i = 0; i < count; i++) {
    const scaled = logits[start + allowed[i]!]! / temperature
    logProbs[i] = scaled
    largest = Math.max(largest, scaled)
  }
  let sum = 0
  for (let i = 0; i < count; i++) sum += Math.exp(logProbs[i]! - largest)
  const logSum = largest + Math.log(sum)
  for (let i = 0; i < count; i++) logProbs[i]! -= logSum
  return logProbs
}

/** Inverts the distribution function of all tokens in order. */
const drawFromAll = (logProbs: Float64Array, uniform: number): number => {
  let mass = 0
  for (let i = 0; i < logProbs.length; i++) mass += Math.exp(logProbs[i]!)
  let left = uniform * mass
  for (let i = 0; i < logProbs.length; i++) {
    left -= Math.exp(logProbs[i]!)
    if (left < 0) return i
  }
  return logProbs.length - 1
}

/**
 * Draws an index by inverting the distribution function at `uniform` in [0, 1). Temperature 0 takes the most probable;
 * otherwise the k most probable are kept, then the smallest set of them whose mass reaches p, and one of those is drawn.
 * Ties go to the lower index.
 */
export const chooseIndex = (logProbs: Float64Array, { temperature, topK, topP }: SamplingParameters, uniform: number): number => {
  const isWhole = topK === 0 && topP === 1
  if (temperature !== 0 && isWhole) return drawFromAll(logProbs, uniform)
  const ranked = Array.from(logProbs, (_, i) => i).sort((a, b) => logProbs[b]! - logProbs[a]! || a - b)
  if (temperature === 0) return ranked[0]!
  const kept = topK > 0 ? ranked.slice(0, topK) : ranked
  const total = kept.reduce((sum, i) => sum + Math.exp(logProbs[i]!), 0)
  let mass = 0
  const nucleus: Array<number> = []
  for (const i of kept) {
    nucleus.push(i)
    mass += Math.exp(logProbs[i]!)
    if (topP < 1 && mass >= topP * total) break
  }
  let left = uniform * mass
  for (const i of nucleus) {
    left -= Math.exp(logProbs[i]!)
    if (left < 0) return i
  }
  return nucleus[nucleus.length - 1]!
}
