/**
 * Inner products ⟨a, b⟩ = Σ_i a_i·b_i.
 *
 * @module
 */

/** Computes Σ_i a_i·b_i in float64, over the length of `a`. */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
