/**
 * Exponential smoothing of a series.
 *
 * @module
 */

/**
 * The exponential moving average of weight w: sₜ = w sₜ₋₁ + (1 − w) yₜ from s₀ = 0, divided by 1 − wᵗ, so that the beginning is not drawn towards 0 (Kingma and Ba 2015,
 * section 3). Values that are missing stay so and count as no step. w = 0 gives the values themselves.
 */
export const smoothed = (values: ReadonlyArray<number | null>, weight: number): ReadonlyArray<number | null> => {
  let [sum, left] = [0, 1]
  return values.map((value) => {
    if (value === null) return null
    sum = weight * sum + (1 - weight) * value
    left *= weight
    return sum / (1 - left)
  })
}

/** The weight that an address says: from 0 to 0.99; 0 where it says none. */
export const weightOf = (text: string | null): number => {
  const weight = Number(text ?? 0)
  return Number.isFinite(weight) ? Math.min(0.99, Math.max(0, weight)) : 0
}
