/**
 * Means, deviations and equality of rewards, as every estimator of advantages takes them.
 *
 * mean = Σ r / n; deviation = √(Σ (r − mean)² / (n − 1)) (`sample`, Bessel) or … / n (`population`). Rewards that differ by their last bits
 * only are equal: what is left of them after subtracting a mean is rounding, which a division by a deviation would blow up to ±1.
 *
 * @module
 */

/** Divides squares by n − 1 (`sample`) or by n (`population`). */
export type Deviation = "sample" | "population"

/** Computes the mean Σ r / n, also where the sum itself overflows. */
export const mean = (values: Float64Array): number => {
  const sum = values.reduce((total, value) => total + value, 0)
  return Number.isFinite(sum) ? sum / values.length : values.reduce((total, value) => total + value / values.length, 0)
}

const largestDistance = (values: Float64Array, centre: number): number =>
  values.reduce((largest, value) => Math.max(largest, Math.abs(value - centre)), 0)

/** Computes the standard deviation; of one value it is 0. Squares that would overflow or vanish are taken in another unit. */
export const standardDeviation = (values: Float64Array, kind: Deviation): number => {
  const centre = mean(values)
  const largest = largestDistance(values, centre)
  const isSafe = largest === 0 || (largest > 1e-150 && largest < 1e150)
  const unit = isSafe ? 1 : 2 ** Math.floor(Math.log2(largest))
  const squares = values.reduce((sum, value) => sum + ((value - centre) / unit) ** 2, 0)
  return unit * Math.sqrt(squares / Math.max(1, kind === "sample" ? values.length - 1 : values.length))
}

/** Rewards further apart than 16 last bits of the largest are different ones. */
const ROUNDING = 2 ** -48

/** Says whether all values are equal, up to the rounding of the largest. */
export const allEqual = (values: Float64Array): boolean => {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  return low === high || high - low <= ROUNDING * Math.max(Math.abs(low), Math.abs(high))
}

/**
 * Whitens values that stand for `weights` equal entries each: (a − μ) / √(σ² + 1e-8), μ = Σ w a / W, σ² = Σ w (a − μ)² / (W − 1), W = Σ w.
 *
 * With weights the lengths of sequences these are the moments over tokens, as verl's `masked_whiten` takes them. Equal values give 0.
 */
export const whitened = (values: Float64Array, weights: ArrayLike<number>): Float64Array => {
  if (values.length === 0 || allEqual(values)) return new Float64Array(values.length)
  let [total, sum] = [0, 0]
  values.forEach((value, index) => {
    total += weights[index]!
    sum += weights[index]! * value
  })
  const centre = sum / Math.max(total, 1)
  const squares = values.reduce((so, value, index) => so + weights[index]! * (value - centre) ** 2, 0)
  const spread = Math.sqrt(squares / Math.max(total - 1, 1) + 1e-8)
  return values.map((value) => (value - centre) / spread)
}
