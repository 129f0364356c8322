/**
 * First and second moments of what policy-gradient estimators add up along a trajectory, exact over all trajectories of a chain.
 *
 * With the return G = Σ γ^{t−1}(r_S + r_D), the scores S_k = Σ s_k of sub-policy k ∈ {S, D}, and the reward-to-go estimator
 * X_k = Σ γ^{t−1}·s_k·(terms from that action on, less a baseline): E[G], E[G²], E[G·S_k], E[G²·S_k], E[X_k], E[G·X_k] and the inner
 * products E[S_k·S_l], E[G·S_k·S_l], E[G²·S_k·S_l], E[X_k·X_l]. Each obeys Bellman's equation
 * m(c) = known(c) + γ^e Σ_b p_b·m(next), e ∈ {0, 1, 2}: a recursion over a cap's cycles, or a linear solve without one.
 *
 * @module
 */
import { reduceChain, type ReducedChain } from "../process/ProcessLinearSolve.ts"
import type { ScoredBranch, ScoredChain } from "./ScoredChain.ts"

/** Two sub-policies' vectors. */
export type PairOfVectors = readonly [sampling: Float64Array, decision: Float64Array]

/** Inner products of two sub-policies' vectors: ⟨S, S⟩, ⟨S, D⟩, ⟨D, D⟩. */
export type Gram = readonly [samplingSampling: number, samplingDecision: number, decisionDecision: number]

/** The moments from one state on; names as in the module's text, E[S_k] being 0. */
export interface ChainMoments {
  readonly meanReturn: number
  readonly meanSquaredReturn: number
  /** E[G·S_k] = ∇_k E[G]. */
  readonly returnScore: PairOfVectors
  readonly scoreScore: Gram
  readonly returnScoreScore: Gram
  readonly squaredReturnScoreScore: Gram
  /** E[X_k], and E[X_k·X_l]. */
  readonly rewardToGo: PairOfVectors
  readonly rewardToGoProduct: Gram
}

/**
 * What is taken off the reward-to-go of a branch's two actions; it may depend on what came before the action alone, and on the cycles left,
 * this one included (∞ without a cap).
 */
export type BranchBaseline = (
  state: number,
  branch: ScoredBranch,
  cyclesLeft: number
) => { readonly sampling: number; readonly decision: number }

// A state's moments, flat, in stages: each is made of those before it and carries the γ that its own later value is discounted with.
const layoutOf = (parameters: number) => {
  const powers: Array<number> = []
  const take = (size: number, power: number): number => {
    const start = powers.length
    for (let i = 0; i < size; i++) powers.push(power)
    return start
  }
  const pairOf = (power: number) => [take(parameters, power), take(parameters, power)] as const
  const first = { g: take(1, 1), ss: take(3, 0) }
  const ends = [powers.length]
  const second = { gg: take(1, 2), gs: pairOf(1), x: pairOf(1) }
  ends.push(powers.length)
  const third = { ggs: pairOf(2), gx: pairOf(2), gss: take(3, 1) }
  ends.push(powers.length)
  const fourth = { ggss: take(3, 2), xx: take(3, 2) }
  ends.push(powers.length)
  return { ...first, ...second, ...third, ...fourth, powers, ends, size: powers.length }
}

const PAIRS = [[0, 0], [0, 1], [1, 1]] as const

const dot = (left: Float64Array, right: Float64Array, from: number): number => {
  let sum = 0
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[from + i]!
  return sum
}

const none = () => ({ sampling: 0, decision: 0 })

/** Gives every state's moments from those of the next cycle's. */
const backup = (
  { branches, parameters }: ScoredChain,
  next: ReadonlyArray<Float64Array>,
  gamma: number,
  baseline: BranchBaseline,
  cyclesLeft: number
): ReadonlyArray<Float64Array> => {
  const at = layoutOf(parameters)
  const ended = new Float64Array(at.size)
  return branches.map((ofState, state) => {
    const m = new Float64Array(at.size)
    for (const branch of ofState) {
      const { probability: p, decision, sampling } = branch
      const later = branch.next === null ? ended : next[branch.next]!
      const r = sampling.term + decision.term
      const less = baseline(state, branch, cyclesLeft)
      const scores = [sampling.score, decision.score] as const
      const rho = [r - less.sampling, decision.term - less.decision] as const
      const g1 = gamma * later[at.g]!
      const g2 = gamma * gamma * later[at.gg]!
      const squared = r * r + 2 * r * g1 + g2
      m[at.g]! += p * (r + g1)
      m[at.gg]! += p * squared
      for (const k of [0, 1] as const) {
        const s = scores[k]
        for (let i = 0; i < parameters; i++) {
          const [gs, x] = [gamma * later[at.gs[k] + i]!, gamma * later[at.x[k] + i]!]
          m[at.gs[k] + i]! += p * ((r + g1) * s[i]! + gs)
          m[at.ggs[k] + i]! += p * (squared * s[i]! + 2 * r * gs + gamma * gamma * later[at.ggs[k] + i]!)
          m[at.x[k] + i]! += p * (s[i]! * (rho[k] + g1) + x)
          m[at.gx[k] + i]! += p * (s[i]! * (r * rho[k] + (r + rho[k]) * g1 + g2) + r * x + gamma * gamma * later[at.gx[k] + i]!)
        }
      }
      PAIRS.forEach(([k, l], pair) => {
        const [sk, sl] = [scores[k], scores[l]]
        const own = dot(sk, sl, 0)
        // ⟨s_k, E[v_l]⟩ + ⟨s_l, E[v_k]⟩ for a vector moment v of the later trajectory.
        const cross = (vectors: readonly [number, number]) => dot(sk, later, vectors[l]) + dot(sl, later, vectors[k])
        const gs = gamma * cross(at.gs)
        m[at.ss + pair]! += p * (own + later[at.ss + pair]!)
        m[at.gss + pair]! += p * ((r + g1) * own + gs + r * later[at.ss + pair]! + gamma * later[at.gss + pair]!)
        m[at.ggss + pair]! += p * (squared * own + 2 * r * gs + gamma * gamma * cross(at.ggs) + r * r * later[at.ss + pair]! +
          2 * r * gamma * later[at.gss + pair]! + gamma * gamma * later[at.ggss + pair]!)
        const x = gamma * (rho[k] * dot(sk, later, at.x[l]) + rho[l] * dot(sl, later, at.x[k]))
        m[at.xx + pair]! += p * (own * (rho[k] * rho[l] + (rho[k] + rho[l]) * g1 + g2) + x + gamma * gamma * cross(at.gx) +
          gamma * gamma * later[at.xx + pair]!)
      })
    }
    return m
  })
}

/** The chain of states with γ^e a cycle; what does not go on, ends. */
const discountedChain = ({ branches }: ScoredChain, factor: number): ReducedChain =>
  reduceChain(
    branches.map((ofState) => {
      const row = branches.map(() => 0)
      for (const { next, probability } of ofState) if (next !== null) row[next]! += factor * probability
      return row
    }),
    branches.map((ofState) =>
      ofState.reduce((sum, { next, probability }) => sum + (next === null ? probability : (1 - factor) * probability), 0)
    )
  )

const solveSigned = (chain: ReducedChain, column: ReadonlyArray<number>): ReadonlyArray<number> => {
  const gains = chain.solve(column.map((value) => Math.max(value, 0)))
  const losses = chain.solve(column.map((value) => Math.max(-value, 0)))
  return Array.from(gains, (value, state) => value - losses[state]!)
}

const solved = (chain: ScoredChain, gamma: number, baseline: BranchBaseline): ReadonlyArray<Float64Array> => {
  const at = layoutOf(chain.parameters)
  const byPower = [0, 1, 2].map((power) => discountedChain(chain, gamma ** power))
  const moments = chain.branches.map(() => new Float64Array(at.size))
  let from = 0
  for (const to of at.ends) {
    const known = backup(chain, moments, gamma, baseline, Infinity)
    for (let entry = from; entry < to; entry++) {
      solveSigned(byPower[at.powers[entry]!]!, known.map((values) => values[entry]!)).forEach((value, state) => {
        moments[state]![entry] = value
      })
    }
    from = to
  }
  return moments
}

/**
 * Computes the moments from every state on; state 0 is where trajectories begin.
 *
 * γ ∈ [0, 1] discounts terms once a cycle; with `maxCycles` a RESAMPLE in the last cycle ends the trajectory, its terms counted. Scores
 * must have mean 0 in every state. Takes O(branches · parameters) a cycle, or one solve a parameter without a cap. Errors: `OutOfRange`
 * where a chain without a cap is never left.
 */
export const chainMoments = (
  chain: ScoredChain,
  options: { readonly gamma: number; readonly maxCycles?: number | undefined; readonly baseline?: BranchBaseline }
): ReadonlyArray<ChainMoments> => {
  const { baseline = none, gamma, maxCycles } = options
  const at = layoutOf(chain.parameters)
  let flat: ReadonlyArray<Float64Array> = chain.branches.map(() => new Float64Array(at.size))
  if (maxCycles === undefined) flat = solved(chain, gamma, baseline)
  else for (let left = 1; left <= maxCycles; left++) flat = backup(chain, flat, gamma, baseline, left)
  return flat.map((values): ChainMoments => {
    const vectors = ([sampling, decision]: readonly [number, number]): PairOfVectors => [
      values.slice(sampling, sampling + chain.parameters),
      values.slice(decision, decision + chain.parameters)
    ]
    const gram = (start: number): Gram => [values[start]!, values[start + 1]!, values[start + 2]!]
    return {
      meanReturn: values[at.g]!,
      meanSquaredReturn: values[at.gg]!,
      returnScore: vectors(at.gs),
      scoreScore: gram(at.ss),
      returnScoreScore: gram(at.gss),
      squaredReturnScoreScore: gram(at.ggss),
      rewardToGo: vectors(at.x),
      rewardToGoProduct: gram(at.xx)
    }
  })
}
