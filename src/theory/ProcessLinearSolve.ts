/**
 * Exact values of an absorbing Markov chain, without subtraction.
 */
import { assertRange } from "./TheoryError.ts"

/**
 * Computes X = (I − A)⁻¹·B for the transitions A of a chain that leaves.
 *
 * `transition[i][j]` ≥ 0 is the (discounted) probability of going from state i to j, `leaving[i]` ≥ 0 what is left,
 * 1 − Σ_j A_ij; `rightSides[i]` is row i of B. Shapes: [n][n], [n], [n][m] → [n][m].
 *
 * States are eliminated one by one, the last first; a pivot is a sum (leaving + going elsewhere), never 1 − A_ii, so with
 * B ≥ 0 no digit is lost, however rarely the chain leaves. Takes O(n²·(n + m)). Errors: `OutOfRange` where a state that cannot
 * be left makes the system singular. Source: Grassmann, Taksar and Heyman, 1985, "Regenerative Analysis and Steady State
 * Distributions for Markov Chains" (state reduction), for absorbing chains.
 */
export const solveAbsorbingChain = (
  transition: ReadonlyArray<ReadonlyArray<number>>,
  leaving: ReadonlyArray<number>,
  rightSides: ReadonlyArray<ReadonlyArray<number>>
): ReadonlyArray<ReadonlyArray<number>> => {
  const going = transition.map((row) => [...row])
  const left = [...leaving]
  const sides = rightSides.map((row) => [...row])
  const pivots: Array<number> = []
  for (let state = going.length - 1; state >= 0; state--) {
    let pivot = left[state]!
    for (let other = 0; other < state; other++) pivot += going[state]![other]!
    assertRange("solveAbsorbingChain", `probability of ever leaving state ${state}`, pivot, pivot > 0, "(0, 1]")
    pivots[state] = pivot
    for (let other = 0; other < state; other++) {
      const share = going[other]![state]! / pivot
      for (let target = 0; target < state; target++) going[other]![target]! += share * going[state]![target]!
      left[other]! += share * left[state]!
      for (const [column, value] of sides[state]!.entries()) sides[other]![column]! += share * value
    }
  }
  for (const [state, row] of sides.entries()) {
    for (let other = 0; other < state; other++) {
      for (const [column, value] of sides[other]!.entries()) row[column]! += going[state]![other]! * value
    }
    for (const column of row.keys()) row[column]! /= pivots[state]!
  }
  return sides
}
