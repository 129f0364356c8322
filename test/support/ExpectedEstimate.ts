/**
 * The mean and the variance of a policy-gradient estimate from G independent rollouts of the tiny policy, by writing out every G-tuple.
 */
import { DECISION, SAMPLING } from "decision-sampling/theory"
import { type Cycles, probabilities, tokensOf, weightedScore } from "./TinyPolicy.ts"

/** Rollouts laid end to end as a trainer has them. */
export interface Laid {
  readonly rollouts: ReadonlyArray<Cycles>
  readonly rewards: Float64Array
  readonly groups: Int32Array
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly lengths: ReadonlyArray<number>
}

/** 1 for a trajectory that stops on the right answer, answer 0. */
export const isSolved = (cycles: Cycles): number => (cycles.at(-1)!.answer === 0 && cycles.at(-1)!.decision === "STOP" ? 1 : 0)

/** Lays rollouts of one query end to end. */
export const layOut = (rollouts: ReadonlyArray<Cycles>, reward: (cycles: Cycles) => number = isSolved): Laid => {
  const tokens = rollouts.map(tokensOf)
  const lengths = tokens.map((each) => each.length)
  return {
    rollouts,
    rewards: Float64Array.from(rollouts, reward),
    groups: Int32Array.of(0, rollouts.length),
    offsets: Int32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0))]),
    owner: Uint8Array.from(tokens.flat(), ({ owner }) => (owner === "decision" ? DECISION : SAMPLING)),
    lengths
  }
}

/** Mean and total variance of an estimate. */
export interface Moments {
  readonly mean: Float64Array
  readonly variance: number
}

/**
 * The moments of (1/G) Σ_i Σ_t A_t ∇log π_t over all G-tuples of `trajectories`; `advantages` gives one number a rollout or a token.
 */
export const momentsOf = (
  logits: ReadonlyArray<number>,
  trajectories: ReadonlyArray<Cycles>,
  groupSize: number,
  advantages: (laid: Laid) => ArrayLike<number>
): Moments => {
  const chances = probabilities(logits, trajectories)
  const mean = new Float64Array(logits.length)
  let square = 0
  const extend = (chosen: ReadonlyArray<number>, chance: number): void => {
    if (chosen.length < groupSize) {
      trajectories.forEach((_, index) => extend([...chosen, index], chance * chances[index]!))
      return
    }
    const laid = layOut(chosen.map((index) => trajectories[index]!))
    const values = advantages(laid)
    const perToken = values.length === laid.owner.length
    const estimate = new Float64Array(logits.length)
    laid.rollouts.forEach((cycles, i) => {
      const [from, to] = [laid.offsets[i]!, laid.offsets[i + 1]!]
      const weights = Array.from({ length: to - from }, (_, t) => values[perToken ? from + t : i]!)
      weightedScore(logits, cycles, weights).forEach((slope, k) => {
        estimate[k]! += slope / groupSize
      })
    })
    estimate.forEach((slope, k) => {
      mean[k]! += chance * slope
      square += chance * slope * slope
    })
  }
  extend([], 1)
  return { mean, variance: square - mean.reduce((sum, slope) => sum + slope * slope, 0) }
}
