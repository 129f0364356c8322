/**
 * What attribution is a property of: the estimator of a policy gradient. Its expectation on π_S and on π_D, its variance, and how the two
 * parts interfere, exact over all trajectories of a chain.
 *
 * Estimators of ∇E[G], G = Σ γ^{t−1}r, from one trajectory τ; s_t are scores, S = Σ s_t, and every one is split by who owns the score:
 *
 * - `trajectory`: G·S. Every score has one weight, Definition 3.1's balance, for any terms (verl's in-reward KL under GRPO).
 * - `reward-to-go`: Σ γ^{t−1}·s_t·Q_t, Q_t the terms from the action on (eq. 5; Theorems 3.1 and 3.2).
 * - `leave-one-out`: (G_i − mean of the other n − 1 returns)·S_i, averaged over a group of n independent trajectories (RLOO).
 * - `optimal-baseline`: (G − b)·S with the b of least total variance, b = E[G|S|²]/E[|S|²].
 * - `optimal-baseline-by-part`: the same with a b of its own for g_S and for g_D.
 * - `value-baseline`: Σ γ^{t−1}·s_t·(Q_t − V_t), V_t the expected Q before the action: the exact critic.
 *
 * All have one expectation. Source: Williams, 1992 (trajectory, baseline); Greensmith, Bartlett and Baxter, 2004, "Variance Reduction
 * Techniques for Gradient Estimates in Reinforcement Learning" (optimal baseline); Kool, van Hoof and Welling, 2019 (leave-one-out).
 *
 * @module
 */
import { dot } from "../Vectors.ts"
import { type BranchBaseline, type ChainMoments, chainMoments, type Gram, type PairOfVectors } from "./ChainMoments.ts"
import { inFisherCoordinates } from "./FisherMetric.ts"
import type { ScoredChain } from "./ScoredChain.ts"
import { assertRange } from "../TheoryError.ts"

/** Lists the estimators. */
export const ESTIMATORS = [
  "trajectory",
  "reward-to-go",
  "leave-one-out",
  "optimal-baseline",
  "optimal-baseline-by-part",
  "value-baseline"
] as const

/** Names an estimator. */
export type Estimator = (typeof ESTIMATORS)[number]

/**
 * One part of an estimator: |E g|², the variance tr Cov(g) of one trajectory, and their quotient.
 *
 * The mean of n independent trajectories has a variance n times smaller and a `signalToNoise` n times larger; one group of n
 * (`leave-one-out`) is held by the same rule. `signalToNoise` is Infinity without noise, null without noise and signal.
 */
export interface PartMoments {
  readonly squaredNorm: number
  readonly variance: number
  readonly signalToNoise: number | null
}

/**
 * An estimator's moments. `gradient` = E g_S and E g_D in the chain's parameters; `cross` has ⟨E g_S, E g_D⟩ and tr Cov(g_S, g_D), both 0
 * where no parameter is shared; `baseline` what is taken off the return, null where that is no constant.
 *
 * Lengths and products are those of the chosen geometry.
 */
export interface EstimatorMoments {
  readonly gradient: { readonly sampling: Float64Array; readonly decision: Float64Array }
  readonly sampling: PartMoments
  readonly decision: PartMoments
  readonly total: PartMoments
  readonly cross: { readonly mean: number; readonly covariance: number }
  readonly baseline: { readonly sampling: number; readonly decision: number } | null
}

/** Settings: γ a cycle (default 1), a cap on cycles (default none), the group of `leave-one-out` (default 2), and the inner product. */
export interface EstimatorOptions {
  readonly gamma?: number
  readonly maxCycles?: number
  readonly groupSize?: number
  readonly geometry?: "euclidean" | "fisher"
}

const PAIRS = [[0, 0], [0, 1], [1, 1]] as const

const partOf = (squaredNorm: number, variance: number): PartMoments => ({
  squaredNorm,
  variance,
  signalToNoise: variance > 0 ? squaredNorm / variance : squaredNorm > 0 ? Infinity : null
})

/** E[G] from every state on, by the cycles left: one row without a cap, whose cycles are all alike. */
const valuesOf = (chain: ScoredChain, gamma: number, maxCycles: number | undefined): ReadonlyArray<ReadonlyArray<number>> => {
  if (maxCycles === undefined) return [chainMoments(chain, { gamma }).map(({ meanReturn }) => meanReturn)]
  const rows = [chain.branches.map(() => 0)]
  for (let left = 1; left <= maxCycles; left++) {
    const next = rows[left - 1]!
    rows.push(chain.branches.map((branches) =>
      branches.reduce(
        (sum, branch) =>
          sum +
          branch.probability * (branch.sampling.term + branch.decision.term + (branch.next === null ? 0 : gamma * next[branch.next]!)),
        0
      )
    ))
  }
  return rows
}

/** What a critic takes off: the value of a state before its answer, and of an answer before the decision on it. */
const valueBaseline = (chain: ScoredChain, gamma: number, maxCycles: number | undefined): BranchBaseline => {
  const rows = valuesOf(chain, gamma, maxCycles)
  const at = (left: number): ReadonlyArray<number> => rows[left === Infinity ? 0 : left]!
  const known = new Map<string, number>()
  const decisionValue = (state: number, answer: number, left: number): number => {
    const key = `${state} ${answer} ${left}`
    const found = known.get(key)
    if (found !== undefined) return found
    const next = at(left === Infinity ? left : left - 1)
    let weight = 0
    let sum = 0
    for (const branch of chain.branches[state]!) {
      if (branch.answer !== answer) continue
      weight += branch.probability
      sum += branch.probability * (branch.decision.term + (branch.next === null ? 0 : gamma * next[branch.next]!))
    }
    const value = weight === 0 ? 0 : sum / weight
    known.set(key, value)
    return value
  }
  return (state, { answer }, left) => ({ sampling: at(left)[state]!, decision: decisionValue(state, answer, left) })
}

const momentsOf = (chain: ScoredChain, options: EstimatorOptions) => {
  const { gamma = 1, groupSize: n = 2, maxCycles } = options
  const m = chainMoments(chain, { gamma, maxCycles })[0]!
  const withValues = chainMoments(chain, { gamma, maxCycles, baseline: valueBaseline(chain, gamma, maxCycles) })[0]!
  const meanProducts = (means: PairOfVectors): Gram => [dot(means[0], means[0]), dot(means[0], means[1]), dot(means[1], means[1])]
  const mean = meanProducts(m.returnScore)
  const less = (by: (pair: 0 | 1 | 2) => number): Gram => [by(0), by(1), by(2)]
  // E⟨(G − b_k)·S_k, (G − b_l)·S_l⟩ − ⟨E g_k, E g_l⟩; baselines leave the means as they are, because E[S_k] = 0.
  const shifted = (b: readonly [number, number]): Gram =>
    less((pair) => {
      const [k, l] = PAIRS[pair]
      return m.squaredReturnScoreScore[pair] - (b[k] + b[l]) * m.returnScoreScore[pair] + b[k] * b[l] * m.scoreScore[pair] - mean[pair]
    })
  const whole = (gram: Gram): number => gram[0] + 2 * gram[1] + gram[2]
  const quotient = (top: number, bottom: number): number => (bottom === 0 ? 0 : top / bottom)
  const best = quotient(whole(m.returnScoreScore), whole(m.scoreScore))
  const byPart = [quotient(m.returnScoreScore[0], m.scoreScore[0]), quotient(m.returnScoreScore[2], m.scoreScore[2])] as const
  const returnVariance = m.meanSquaredReturn - m.meanReturn ** 2
  const centred = shifted([m.meanReturn, m.meanReturn])
  // n times the variance of a sample covariance between G and S (E[S] = 0): μ₂₂ − μ₁₁² + (μ₂₀μ₀₂ + μ₁₁²)/(n − 1).
  const leaveOneOut = less((pair) => centred[pair] + (returnVariance * m.scoreScore[pair] + mean[pair]) / (n - 1))
  const rewardToGo = (of: ChainMoments) => less((pair) => of.rewardToGoProduct[pair] - meanProducts(of.rewardToGo)[pair])
  const covariances: Readonly<Record<Estimator, Gram>> = {
    trajectory: shifted([0, 0]),
    "reward-to-go": rewardToGo(m),
    "leave-one-out": leaveOneOut,
    "optimal-baseline": shifted([best, best]),
    "optimal-baseline-by-part": shifted(byPart),
    "value-baseline": rewardToGo(withValues)
  }
  const baselines: Readonly<Record<Estimator, readonly [number, number] | null>> = {
    trajectory: [0, 0],
    "reward-to-go": [0, 0],
    "leave-one-out": null,
    "optimal-baseline": [best, best],
    "optimal-baseline-by-part": byPart,
    "value-baseline": null
  }
  const means: Readonly<Record<Estimator, PairOfVectors>> = {
    trajectory: m.returnScore,
    "reward-to-go": m.rewardToGo,
    "leave-one-out": m.returnScore,
    "optimal-baseline": m.returnScore,
    "optimal-baseline-by-part": m.returnScore,
    "value-baseline": withValues.rewardToGo
  }
  return { covariances, baselines, means, meanProducts, whole }
}

/**
 * Computes the moments of every estimator on a chain, exactly.
 *
 * `geometry: "euclidean"` (default) measures in the chain's own parameters, `"fisher"` by gᵀ·F⁻·g with the trajectory's Fisher matrix, which
 * no change of coordinates alters; optimal baselines are optimal in the geometry that is asked for. Units: terms squared over parameters
 * squared; Fisher: terms squared. Errors: `OutOfRange` (γ outside [0, 1], a cap below 1, a group below 2, a chain without a cap that is never
 * left).
 */
export const estimatorMoments = (chain: ScoredChain, options: EstimatorOptions = {}): Readonly<Record<Estimator, EstimatorMoments>> => {
  const where = "estimatorMoments"
  const { gamma = 1, groupSize = 2, maxCycles } = options
  assertRange(where, "gamma", gamma, gamma >= 0 && gamma <= 1, "[0, 1]")
  assertRange(where, "groupSize", groupSize, Number.isInteger(groupSize) && groupSize >= 2, "the integers from 2")
  if (maxCycles !== undefined) {
    assertRange(where, "maxCycles", maxCycles, Number.isInteger(maxCycles) && maxCycles >= 1, "the integers from 1")
  }
  const own = momentsOf(chain, options)
  const measured = options.geometry === "fisher" ? momentsOf(inFisherCoordinates(chain, { maxCycles }), options) : own
  const of = (estimator: Estimator): EstimatorMoments => {
    // Rounding can leave a variance of −1e-17 where there is none.
    const covariance = measured.covariances[estimator]
    const mean = measured.meanProducts(measured.means[estimator])
    const [sampling, decision] = own.means[estimator]
    const baseline = measured.baselines[estimator]
    return {
      gradient: { sampling, decision },
      sampling: partOf(mean[0], Math.max(0, covariance[0])),
      decision: partOf(mean[2], Math.max(0, covariance[2])),
      total: partOf(measured.whole(mean), Math.max(0, measured.whole(covariance))),
      cross: { mean: mean[1], covariance: covariance[1] },
      baseline: baseline === null ? null : { sampling: baseline[0], decision: baseline[1] }
    }
  }
  return Object.fromEntries(ESTIMATORS.map((estimator) => [estimator, of(estimator)])) as Record<Estimator, EstimatorMoments>
}
