/**
 * What an optimizer remembers between two updates.
 *
 * @module
 */

/** Two moments of the gradient, one number a parameter each, and the number of updates made. Muon keeps its momentum in `first`. */
export interface OptimizerState {
  readonly first: Float32Array
  readonly second: Float32Array
  readonly updates: number
}

/** Moments of zero for a parameter vector of this length. */
export const initialize = (length: number): OptimizerState => ({
  first: new Float32Array(length),
  second: new Float32Array(length),
  updates: 0
})
