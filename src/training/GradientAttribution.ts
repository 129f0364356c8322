/**
 * Gradient attribution of a real network: the gradient's parts g_S and g_D, for every part of the objective.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../domain/Policy.ts"
import * as Objective from "../theory/Objective.ts"
import type { Partition } from "../theory/Partition.ts"
import { Backprop, type LossRequest } from "../model/Backprop.ts"
import * as Optimizer from "./Optimizer.ts"

/** One part of the objective (`total`: all of it) at one step. Norms are in units of loss per unit of parameter. */
export interface AttributionRow {
  readonly step: number
  readonly part: string
  /** ‖g_S‖, the norm of the gradient that comes from sampling tokens. */
  readonly normSampling: number
  /** ‖g_D‖, the norm of the gradient that comes from decision tokens. */
  readonly normDecision: number
  /** cos(g_S, g_D); 0 where one of them is 0. */
  readonly cosine: number
  readonly tokensSampling: number
  readonly tokensDecision: number
}

const subtract = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]!)

const add = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!)

const cosine = (a: Float32Array, b: Float32Array): number => {
  const norms = Optimizer.norm(a) * Optimizer.norm(b)
  return norms === 0 ? 0 : a.reduce((sum, value, i) => sum + value * b[i]!, 0) / norms
}

const count = (request: LossRequest, partition: Partition, name: string): number => {
  const owner = partition.names.indexOf(name)
  return request.owner.reduce((sum, value) => sum + (value === owner ? 1 : 0), 0)
}

/**
 * Splits the gradient of every part of an objective into the share of the two sub-policies `sampling` and `decision`.
 *
 *     g = Σ_t w_t ∂ℓ_t/∂log π_t ∇log π_t = g_S + g_D,
 *
 * where g_S keeps the tokens of π_S only (Definition 3.1 made measurable). The split is exact because the gradient is a
 * sum over tokens; g_S of a part is found by subtraction where the whole is known, so P parts cost 2P − 1 derivatives.
 */
export const measure = Effect.fn("GradientAttribution.measure")(function* (
  step: number,
  parameters: Parameters,
  request: LossRequest,
  whole: Float32Array
) {
  const backprop = yield* Backprop
  const parts = Objective.parts(request.objective)
  const derivative = (objective: Objective.Objective, owner: string) =>
    Effect.map(
      backprop.gradient(parameters, { ...request, objective: Objective.restrict(objective, owner) }),
      (result) => result.gradient
    )
  const tokens = {
    tokensSampling: count(request, request.partition, "sampling"),
    tokensDecision: count(request, request.partition, "decision")
  }
  const row = (part: string, sampling: Float32Array, decision: Float32Array): AttributionRow => ({
    step,
    part,
    normSampling: Optimizer.norm(sampling),
    normDecision: Optimizer.norm(decision),
    cosine: cosine(sampling, decision),
    ...tokens
  })
  const rows: Array<AttributionRow> = []
  let totalDecision = new Float32Array(whole.length)
  let rest = whole
  for (const [i, part] of parts.entries()) {
    const decision = yield* derivative(part.objective, "decision")
    const isLast = i === parts.length - 1
    const sampling: Float32Array = isLast ? subtract(rest, decision) : yield* derivative(part.objective, "sampling")
    rows.push(row(part.name, sampling, decision))
    totalDecision = new Float32Array(add(totalDecision, decision))
    if (!isLast) rest = subtract(rest, add(sampling, decision))
  }
  return [row("total", subtract(whole, totalDecision), totalDecision), ...(parts.length > 1 ? rows : [])]
})
