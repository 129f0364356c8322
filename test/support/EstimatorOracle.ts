/** The estimators of a capped chain, trajectory by trajectory: slow, and written out as they are defined. */
import type { ScoredAction, ScoredBranch, ScoredChain } from "../../src/theory/estimator/ScoredChain.ts"

/** A vector for each sub-policy. */
export type Parts = readonly [sampling: ReadonlyArray<number>, decision: ReadonlyArray<number>]

/** One trajectory: its probability, its return, and its scores summed by sub-policy and weighed by reward-to-go. */
export interface Draw {
  readonly probability: number
  readonly total: number
  readonly scores: Parts
  readonly rewardToGo: Parts
}

const trajectoriesOf = ({ branches }: ScoredChain, maxCycles: number): ReadonlyArray<ReadonlyArray<ScoredBranch>> => {
  const walk = (state: number, left: number): ReadonlyArray<ReadonlyArray<ScoredBranch>> =>
    branches[state]!.flatMap((branch) =>
      branch.next === null || left === 1 ? [[branch]] : walk(branch.next, left - 1).map((rest) => [branch, ...rest])
    )
  return walk(0, maxCycles)
}

const zeros = (size: number): Array<number> => Array.from({ length: size }, () => 0)

/** What is taken off the terms to come of an answer and of a decision, by cycle, state and answer. */
export type Baseline = (cycle: number, state: number, answer: number) => readonly [sampling: number, decision: number]

/** Lists every trajectory; the terms to come are summed anew for every action. */
export const drawsOf = (chain: ScoredChain, gamma: number, maxCycles: number, baseline: Baseline = () => [0, 0]): ReadonlyArray<Draw> =>
  trajectoriesOf(chain, maxCycles).map((cycles) => {
    const actions = cycles.flatMap((branch, cycle) => {
      const state = cycle === 0 ? 0 : cycles[cycle - 1]!.next!
      const [ofSampling, ofDecision] = baseline(cycle, state, branch.answer)
      const discount = gamma ** cycle
      return [
        { ...branch.sampling, owner: 0 as const, discount, less: discount * ofSampling },
        { ...branch.decision, owner: 1 as const, discount, less: discount * ofDecision }
      ]
    })
    const scores = [zeros(chain.parameters), zeros(chain.parameters)] as const
    const rewardToGo = [zeros(chain.parameters), zeros(chain.parameters)] as const
    const weighted = ({ discount, term }: ScoredAction & { readonly discount: number }) => discount * term
    actions.forEach(({ less, owner, score }, index) => {
      const later = actions.slice(index).reduce((sum, action) => sum + weighted(action), 0) - less
      score.forEach((value, i) => {
        scores[owner][i]! += value
        rewardToGo[owner][i]! += value * later
      })
    })
    return {
      probability: cycles.reduce((product, { probability }) => product * probability, 1),
      total: actions.reduce((sum, action) => sum + weighted(action), 0),
      scores,
      rewardToGo
    }
  })

const times = (parts: Parts, factor: number): Parts => [parts[0].map((x) => factor * x), parts[1].map((x) => factor * x)]

const plus = (a: Parts, b: Parts): Parts => [a[0].map((x, i) => x + b[0][i]!), a[1].map((x, i) => x + b[1][i]!)]

const inner = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

/** Mean, variance by part and covariance of an estimator given as its value and probability at every outcome. */
export const momentsOver = (outcomes: ReadonlyArray<{ readonly probability: number; readonly value: Parts }>) => {
  const mean = outcomes.map(({ probability, value }) => times(value, probability)).reduce(plus)
  const covariance = (k: 0 | 1, l: 0 | 1) =>
    outcomes.reduce((sum, { probability, value }) => sum + probability * inner(value[k], value[l]), 0) - inner(mean[k], mean[l])
  return { mean, sampling: covariance(0, 0), decision: covariance(1, 1), cross: covariance(0, 1) }
}

/** (G − b)·S of every trajectory. */
export const withBaseline = (draws: ReadonlyArray<Draw>, b: readonly [number, number]) =>
  draws.map(({ probability, scores, total }) => ({
    probability,
    value: [scores[0].map((x) => (total - b[0]) * x), scores[1].map((x) => (total - b[1]) * x)] as const
  }))

/** Leave-one-out over all groups of `size` trajectories. */
export const leaveOneOut = (draws: ReadonlyArray<Draw>, size: number) => {
  const groups = Array.from({ length: size - 1 }).reduce<ReadonlyArray<ReadonlyArray<Draw>>>(
    (found) => found.flatMap((group) => draws.map((draw) => [...group, draw])),
    draws.map((draw) => [draw])
  )
  return groups.map((group) => {
    const all = group.reduce((sum, { total }) => sum + total, 0)
    const terms = group.map(({ scores, total }) => times(scores, (total - (all - total) / (size - 1)) / size))
    return { probability: group.reduce((product, { probability }) => product * probability, 1), value: terms.reduce(plus) }
  })
}
