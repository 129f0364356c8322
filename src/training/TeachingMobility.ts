/**
 * How far a network lets each rate follow each push: the gradients of the three rates' logits in its parameters, and their inner products.
 *
 * A network's parameters are shared: a step that raises one rate moves the others too. To first order the logits of the mean rates move by
 * θ̇ = M·g, M_ij = ⟨∇θ_i, P ∇θ_j⟩, with g the gradient in the three logits and P the optimizer's preconditioner (1, or Adam's). `teach` follows that flow.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../domain/Policy.ts"
import type { GradedGroup } from "../domain/Rollouts.ts"
import { attempts, type Rollout } from "../domain/Trajectory.ts"
import { Backprop, gradientOf } from "../model/Backprop.ts"
import * as Batch from "../model/loss/Batch.ts"
import type { TwoStageRates } from "../theory/Accuracy.ts"
import { LOGIT_NAMES, type LogitName, mapLogits } from "../theory/illustration/ThreeLogit.ts"
import type { Mobility } from "../theory/DecisionWeights.ts"
import * as Objective from "../theory/Objective.ts"
import { NOT_OWNED, TWO_STAGE } from "../theory/Partition.ts"

/** The mean rates of rollouts and the gradient of each one's logit, log(rate/(1 − rate)), in the parameters. */
export interface RateGradients {
  readonly rates: TwoStageRates
  readonly gradients: Readonly<Record<LogitName, Float32Array>>
}

interface Weighted {
  readonly trajectory: Rollout
  /** Weight of ∇log π by token. */
  readonly weights: ReadonlyMap<number, number>
}

const probabilityOf = ({ logProbs }: Rollout, start: number, end: number): number =>
  Math.exp(logProbs.slice(start, end).reduce((sum, value) => sum + value, 0))

/** p̄ = mean over queries of π(right answer), of those whose right answer was sampled: ∇p = p·∇log π(right answer), without sampling noise. */
const samplingTerms = (groups: ReadonlyArray<GradedGroup>): { readonly rate: number; readonly terms: ReadonlyArray<Weighted> } => {
  const terms = groups.flatMap(({ members }): ReadonlyArray<Weighted> => {
    const right = members.find(({ trajectory }) => attempts(trajectory)[0]?.sample.correct === true)
    if (right === undefined) return []
    const { trajectory } = right
    const { end, start } = attempts(trajectory)[0]!.sample
    const weight = probabilityOf(trajectory, start, end) / groups.length
    return [{ trajectory, weights: new Map(Array.from({ length: end - start }, (_, i) => [start + i, weight])) }]
  })
  const firsts = groups.flatMap(({ members }) => members.map(({ trajectory }) => attempts(trajectory)[0]?.sample.correct === true))
  return { rate: firsts.filter(Boolean).length / firsts.length, terms }
}

/** The mean of π(named | answer) over the decisions at right or at wrong answers: ∇ = ±π(taken)·∇log π(taken). */
const decisionTerms = (
  groups: ReadonlyArray<GradedGroup>,
  isCorrect: boolean,
  named: "STOP" | "RESAMPLE"
): { readonly rate: number; readonly terms: ReadonlyArray<Weighted> } => {
  const found = groups.flatMap(({ members }) =>
    members.flatMap(({ trajectory }) =>
      attempts(trajectory).flatMap(({ decision, sample }) => {
        if (decision === undefined || sample.correct !== isCorrect) return []
        const probability = probabilityOf(trajectory, decision.start, decision.end)
        const isNamed = decision.action === named
        return [{
          trajectory,
          at: decision.start,
          rate: isNamed ? probability : 1 - probability,
          slope: isNamed ? probability : -probability
        }]
      })
    )
  )
  return {
    rate: found.reduce((sum, { rate }) => sum + rate, 0) / found.length,
    terms: found.map(({ at, slope, trajectory }) => ({ trajectory, weights: new Map([[at, slope / found.length]]) }))
  }
}

/**
 * Measures the gradients of θ_S, θ_C and θ_W, the logits of the mean rates over sampled rollouts.
 *
 * θ_S from the right answer of every query that has one among its rollouts, so it leaves out queries that are never answered right (their part
 * of ∇p is nearly 0); decisions are one token of two options. Shapes: [parameters] each. `undefined` where the rollouts hold no right or no wrong
 * answer with a decision, for then a rate has no logit. Errors: those of Backprop.
 */
export const rateGradients = Effect.fn("TeachingMobility.rateGradients")(function* (
  parameters: Parameters,
  groups: ReadonlyArray<GradedGroup>,
  options: { readonly temperature?: number; readonly batch?: number } = {}
) {
  const backprop = yield* Backprop
  const { batch = 256, temperature = 1 } = options
  const measured = {
    sampleCorrect: samplingTerms(groups),
    stopGivenCorrect: decisionTerms(groups, true, "STOP"),
    resampleGivenWrong: decisionTerms(groups, false, "RESAMPLE")
  }
  const rates = mapLogits((name) => measured[name].rate)
  if (LOGIT_NAMES.some((name) => !(rates[name] > 0 && rates[name] < 1))) return undefined
  const gradientOfRate = Effect.fnUntraced(function* (name: LogitName) {
    const { terms } = measured[name]
    const sum = new Float64Array(parameters.length)
    for (let at = 0; at < terms.length; at += batch) {
      const part = terms.slice(at, at + batch)
      const { offsets, owner, trajectories } = Batch.make(part.map(({ trajectory }) => trajectory), TWO_STAGE)
      const weights = new Float64Array(owner.length)
      part.forEach((term, row) => term.weights.forEach((weight, token) => (weights[offsets[row]! + token] = weight)))
      const kept = owner.map((each, token) => (weights[token] === 0 ? NOT_OWNED : each))
      // The likelihood's loss is −log π, so minus its gradient is Σ weight·∇log π.
      const { gradient } = yield* gradientOf(backprop, parameters, {
        trajectories,
        offsets,
        owner: kept,
        objective: Objective.nll(),
        partition: TWO_STAGE,
        temperature,
        weights
      })
      for (let i = 0; i < sum.length; i++) sum[i]! -= gradient[i]!
    }
    const scale = 1 / (rates[name] * (1 - rates[name]))
    return Float32Array.from(sum, (value) => value * scale)
  })
  const gradients = {
    sampleCorrect: yield* gradientOfRate("sampleCorrect"),
    stopGivenCorrect: yield* gradientOfRate("stopGivenCorrect"),
    resampleGivenWrong: yield* gradientOfRate("resampleGivenWrong")
  }
  const result: RateGradients = { rates, gradients }
  return result
})

/** ⟨a, P b⟩ in float64; P = 1 where none is given. Shapes: [parameters]. */
export const innerProduct = (a: ArrayLike<number>, b: ArrayLike<number>, preconditioner?: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]! * (preconditioner?.[i] ?? 1)
  return sum
}

/** Computes M_ij = ⟨∇θ_i, P ∇θ_j⟩. `preconditioner` [parameters] is P's diagonal, Adam's 1/(√v + ε); left out: 1. */
export const mobilityOf = ({ gradients }: Pick<RateGradients, "gradients">, preconditioner?: ArrayLike<number>): Mobility =>
  mapMobility((row, column) => innerProduct(gradients[row], gradients[column], preconditioner))

/** Builds a mobility entry by entry. */
export const mapMobility = (entry: (row: LogitName, column: LogitName) => number): Mobility => ({
  sampleCorrect: mapLogits((column) => entry("sampleCorrect", column)),
  stopGivenCorrect: mapLogits((column) => entry("stopGivenCorrect", column)),
  resampleGivenWrong: mapLogits((column) => entry("resampleGivenWrong", column))
})
