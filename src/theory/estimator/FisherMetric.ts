/**
 * The Fisher metric of a policy: lengths of gradients that no choice of coordinates changes.
 *
 * F = E[Σ_t s_t·s_tᵀ], the covariance of a trajectory's score ∇log π(τ). Scores of different actions are uncorrelated, so parameters of
 * one sub-policy alone make F block-diagonal by sub-policy. Source: Amari, 1998, "Natural Gradient Works Efficiently in Learning"; Kakade,
 * 2001, "A Natural Policy Gradient".
 *
 * @module
 */
import { reduceChain } from "../process/ProcessLinearSolve.ts"
import { mapScores, type ScoredChain } from "./ScoredChain.ts"

/** How often each state is visited in a trajectory: summed over a cap's cycles, or solved. */
const visitsOf = ({ branches }: ScoredChain, maxCycles: number | undefined): ReadonlyArray<number> => {
  const goesOn = branches.map((ofState) => {
    const row = branches.map(() => 0)
    for (const { next, probability } of ofState) if (next !== null) row[next]! += probability
    return row
  })
  const start: ReadonlyArray<number> = branches.map((_, state) => (state === 0 ? 1 : 0))
  if (maxCycles === undefined) {
    const leaves = branches.map((ofState) => ofState.reduce((sum, { next, probability }) => sum + (next === null ? probability : 0), 0))
    return Array.from(reduceChain(goesOn, leaves).visits(start))
  }
  const total = start.map(() => 0)
  let now = start
  for (let cycle = 0; cycle < maxCycles; cycle++) {
    now.forEach((visits, state) => (total[state]! += visits))
    now = start.map((_, state) => now.reduce((sum, visits, from) => sum + visits * goesOn[from]![state]!, 0))
  }
  return total
}

/**
 * Computes the Fisher matrix of a chain's parameters, F = Σ_c visits(c) Σ_b p_b (s_S s_Sᵀ + s_D s_Dᵀ).
 *
 * Shape: [parameters][parameters], symmetric, positive semidefinite; singular where a change of parameters changes no probability, as a
 * constant on all logits of a softmax. `maxCycles` is the cap; left out: none. Errors: `OutOfRange` where a chain is never left.
 */
export const fisherMatrix = (
  chain: ScoredChain,
  options: { readonly maxCycles?: number | undefined } = {}
): ReadonlyArray<Float64Array> => {
  const matrix = Array.from({ length: chain.parameters }, () => new Float64Array(chain.parameters))
  const visits = visitsOf(chain, options.maxCycles)
  chain.branches.forEach((branches, state) => {
    for (const { decision, probability, sampling } of branches) {
      for (const { score } of [sampling, decision]) {
        for (let i = 0; i < score.length; i++) {
          if (score[i] === 0) continue
          const left = visits[state]! * probability * score[i]!
          for (let j = 0; j < score.length; j++) matrix[i]![j]! += left * score[j]!
        }
      }
    }
  })
  return matrix
}

/** A pivot below this share of its own diagonal entry is rounding: the direction is one that F does not have. */
const RANK_TOLERANCE = 1e-12

/**
 * Gives the map v ↦ y with |y|² = vᵀ·F⁻·v, for v in the range of F, where every score and gradient lies.
 *
 * Cholesky's decomposition with pivoting stops at the rank r of F; y = L₁₁⁻¹·v on the r pivots. Any generalised inverse gives these
 * lengths. Shape: [parameters] → [r].
 */
export const whitening = (
  fisher: ReadonlyArray<Float64Array>
): { readonly rank: number; readonly apply: (v: Float64Array) => Float64Array } => {
  const n = fisher.length
  const left = fisher.map((row) => Float64Array.from(row))
  const diagonal = left.map((row, i) => row[i]!)
  const pivots: Array<number> = []
  const columns: Array<Float64Array> = []
  for (let step = 0; step < n; step++) {
    let best = -1
    // Relative to its own diagonal entry, so that a rarely visited logit counts as much as any.
    let share = RANK_TOLERANCE
    for (let i = 0; i < n; i++) {
      if (pivots.includes(i) || diagonal[i] === 0) continue
      const rest = left[i]![i]! / diagonal[i]!
      if (rest > share) [best, share] = [i, rest]
    }
    if (best < 0) break
    const root = Math.sqrt(left[best]![best]!)
    const column = Float64Array.from(left, (row) => row[best]! / root)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) left[i]![j]! -= column[i]! * column[j]!
    pivots.push(best)
    columns.push(column)
  }
  return {
    rank: pivots.length,
    apply: (v) => {
      const y = new Float64Array(pivots.length)
      pivots.forEach((pivot, k) => {
        let value = v[pivot]!
        for (let earlier = 0; earlier < k; earlier++) value -= columns[earlier]![pivot]! * y[earlier]!
        y[k] = value / columns[k]![pivot]!
      })
      return y
    }
  }
}

/** Writes a chain's scores in orthonormal coordinates of its Fisher metric: Euclidean lengths there are Fisher lengths. */
export const inFisherCoordinates = (chain: ScoredChain, options: { readonly maxCycles?: number | undefined } = {}): ScoredChain => {
  const { apply, rank } = whitening(fisherMatrix(chain, options))
  return mapScores(chain, rank, apply)
}
