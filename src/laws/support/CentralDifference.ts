/**
 * The slow and obvious derivative.
 *
 * @module
 */

/**
 * Computes a gradient by the five-point central difference, error O(h⁴). Shapes: [P] → [P].
 *
 *   f′(x) ≈ (f(x − 2h) − 8 f(x − h) + 8 f(x + h) − f(x + 2h)) / 12h
 */
export const centralDifference = (
  f: (parameters: Float64Array) => number,
  at: ArrayLike<number>,
  step: number = 1e-3
): Float64Array =>
  Float64Array.from({ length: at.length }, (_, index) => {
    const moved = (steps: number) => {
      const parameters = Float64Array.from(at)
      parameters[index]! += steps * step
      return f(parameters)
    }
    return (moved(-2) - 8 * moved(-1) + 8 * moved(1) - moved(2)) / (12 * step)
  })
