/**
 * Metrics of rollouts and of updates made on them, under the field's names (docs/metrics.md).
 *
 * @module
 */
import { attempts } from "../domain/Trajectory.ts"
import { allEqual } from "../theory/advantage/Moments.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import { NOT_OWNED } from "../theory/Partition.ts"
import type { GradedGroup } from "../domain/Rollouts.ts"
import type { Metrics } from "./TrainState.ts"

const mean = (
  values: ReadonlyArray<number>
): number => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length)

const deviation = (values: ReadonlyArray<number>): number => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)))

/** What the rollouts themselves say: reward, lengths, and the three rates of the two-stage model where they are defined. */
export const rolloutMetrics = (groups: ReadonlyArray<GradedGroup>): Metrics => {
  const members = groups.flatMap((group) => group.members)
  const rewards = members.map((member) => member.reward)
  const lengths = members.map(({ trajectory }) => trajectory.tokens.length - trajectory.promptLength)
  const tries = members.map(({ trajectory }) => attempts(trajectory))
  const decided = tries.flat().filter(({ decision, sample }) => decision !== undefined && sample.correct !== undefined)
  const correct = decided.filter(({ sample }) => sample.correct)
  const wrong = decided.filter(({ sample }) => !sample.correct)
  const rate = (name: string, hits: number, trials: number): Metrics => (trials === 0 ? {} : { [name]: hits / trials })
  return {
    reward: mean(rewards),
    reward_std: mean(groups.map((group) => deviation(group.members.map((member) => member.reward)))),
    frac_reward_zero_std: mean(groups.map((group) => (allEqual(Float64Array.from(group.members, (member) => member.reward)) ? 1 : 0))),
    "completions/mean_length": mean(lengths),
    "completions/min_length": Math.min(...lengths),
    "completions/max_length": Math.max(...lengths),
    "completions/clipped_ratio": mean(members.map(({ trajectory }) => (trajectory.ending === "truncated" ? 1 : 0))),
    "attempts/mean": mean(tries.map((list) => list.length)),
    ...rate(
      "p_sample",
      tries.filter((list) => list[0]?.sample.correct).length,
      tries.filter((list) => list[0]?.sample.correct !== undefined).length
    ),
    ...rate("p_stop_given_correct", correct.filter(({ decision }) => decision?.action === "STOP").length, correct.length),
    ...rate("p_resample_given_wrong", wrong.filter(({ decision }) => decision?.action === "RESAMPLE").length, wrong.length)
  }
}

/** The share of trained tokens whose importance ratio lies outside the clip range; 0 for objectives that do not clip tokens. */
export const clipFraction = (logProbs: Float32Array, old: Float64Array, owner: Uint8Array, objective: Objective.Objective): number => {
  const range = Objective.clipRange(objective)
  if (range === null) return 0
  const [low, high] = [1 - (range.clipLow ?? Infinity), 1 + (range.clipHigh ?? Infinity)]
  let clipped = 0
  let count = 0
  for (let token = 0; token < logProbs.length; token++) {
    if (owner[token] === NOT_OWNED) continue
    const ratio = Math.exp(logProbs[token]! - old[token]!)
    count++
    if (ratio < low || ratio > high) clipped++
  }
  return count === 0 ? 0 : clipped / count
}

/** The mean k3 estimate of KL(π ‖ π_ref) a trained token, nats (Schulman, 2020); left out where there is none. */
export const meanKl = (logProbs: Float32Array, reference: Float64Array, owner: Uint8Array): Metrics => {
  let sum = 0
  let count = 0
  for (let token = 0; token < owner.length; token++) {
    if (owner[token] === NOT_OWNED) continue
    sum += Kl.value("k3", logProbs[token]!, reference[token]!)
    count++
  }
  return count === 0 ? {} : { kl: sum / count }
}

/** The share of trained tokens whose advantage is 0; 1 where no token is trained. Shapes: [tokens] each. */
export const zeroShare = (advantages: Float64Array, owner: Uint8Array): number => {
  let [zeros, count] = [0, 0]
  owner.forEach((value, token) => {
    if (value === NOT_OWNED) return
    count++
    if (advantages[token] === 0) zeros++
  })
  return count === 0 ? 1 : zeros / count
}

/** The mean of every metric over the updates of a step that have it. */
export const averaged = (updates: ReadonlyArray<Metrics>): Metrics =>
  Object.fromEntries(
    [...new Set(updates.flatMap(Object.keys))].map((name) => [
      name,
      mean(updates.flatMap((metrics) => (metrics[name] === undefined ? [] : [metrics[name]])))
    ])
  )
