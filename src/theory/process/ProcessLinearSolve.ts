/**
 * Exact values of an absorbing Markov chain, without subtraction.
 *
 * @module
 */
import { assertRange } from "../TheoryError.ts"

/**
 * An absorbing chain, reduced state by state: both of its systems are then solved in O(n²) a right side.
 *
 * `solve(b)` gives x = (I − A)⁻¹·b, the sum of b over the visits from each state. `visits(c)` gives y = cᵀ·(I − A)⁻¹, the
 * visits of each state from starts c. With b, c ≥ 0 both only add, multiply and divide, so no digit is lost.
 */
export interface ReducedChain {
  readonly states: number
  readonly solve: (rightSide: ArrayLike<number>) => Float64Array
  readonly visits: (starts: ArrayLike<number>) => Float64Array
}

/**
 * Reduces an absorbing chain: I − A = U·L with U unit upper and L lower triangular.
 *
 * `transition[i][j]` ≥ 0 is the (discounted) probability of going from state i to j, `leaving[i]` ≥ 0 what is left,
 * 1 − Σ_j A_ij. Shapes: [n][n], [n].
 *
 * States are eliminated one by one, the last first; a pivot is a sum (leaving + going elsewhere), never 1 − A_ii, so the
 * result is as exact as its inputs, however rarely the chain leaves. Takes n³/3 multiplications on one flat array. Errors:
 * `OutOfRange` where a state that cannot be left makes the system singular. Source: Grassmann, Taksar and Heyman, 1985,
 * "Regenerative Analysis and Steady State Distributions for Markov Chains" (state reduction), for absorbing chains.
 */
export const reduceChain = (transition: ReadonlyArray<ReadonlyArray<number>>, leaving: ReadonlyArray<number>): ReducedChain => {
  const n = transition.length
  const going = new Float64Array(n * n)
  transition.forEach((row, state) => going.set(row, state * n))
  const left = Float64Array.from(leaving)
  const pivots = new Float64Array(n)
  for (let state = n - 1; state >= 0; state--) {
    const own = state * n
    let pivot = left[state]!
    for (let other = 0; other < state; other++) pivot += going[own + other]!
    assertRange("reduceChain", `probability of ever leaving state ${state}`, pivot, pivot > 0, "(0, 1]")
    pivots[state] = pivot
    for (let other = 0; other < state; other++) {
      const row = other * n
      const share = going[row + state]! / pivot
      going[row + state] = share
      if (share === 0) continue
      for (let target = 0; target < state; target++) going[row + target]! += share * going[own + target]!
      left[other]! += share * left[state]!
    }
  }
  return {
    states: n,
    solve: (rightSide) => {
      const x = Float64Array.from(rightSide)
      for (let state = n - 1; state >= 0; state--) {
        for (let other = 0; other < state; other++) x[other]! += going[other * n + state]! * x[state]!
      }
      for (let state = 0; state < n; state++) {
        for (let other = 0; other < state; other++) x[state]! += going[state * n + other]! * x[other]!
        x[state]! /= pivots[state]!
      }
      return x
    },
    visits: (starts) => {
      const y = Float64Array.from(starts)
      for (let state = n - 1; state >= 0; state--) {
        y[state]! /= pivots[state]!
        for (let other = 0; other < state; other++) y[other]! += y[state]! * going[state * n + other]!
      }
      for (let state = 0; state < n; state++) {
        for (let other = 0; other < state; other++) y[state]! += y[other]! * going[other * n + state]!
      }
      return y
    }
  }
}

/**
 * Computes X = (I − A)⁻¹·B, one column of B at a time; for the arguments and errors see `reduceChain`.
 *
 * Shapes: [n][n], [n], [n][m] → [n][m].
 */
export const solveAbsorbingChain = (
  transition: ReadonlyArray<ReadonlyArray<number>>,
  leaving: ReadonlyArray<number>,
  rightSides: ReadonlyArray<ReadonlyArray<number>>
): ReadonlyArray<ReadonlyArray<number>> => {
  const chain = reduceChain(transition, leaving)
  const columns = (rightSides[0] ?? []).map((_, column) => chain.solve(rightSides.map((row) => row[column]!)))
  return rightSides.map((_, state) => columns.map((column) => column[state]!))
}
