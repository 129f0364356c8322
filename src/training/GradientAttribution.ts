/**
 * Gradient attribution of a real network: the gradient's parts, one a sub-policy, for every part of the objective.
 *
 * @module
 */
import { Effect } from "effect"
import type { GradientParts } from "../domain/GradientParts.ts"
import type { Parameters } from "../domain/Policy.ts"
import * as Objective from "../theory/Objective.ts"
import { Backprop, type LossRequest } from "../model/Backprop.ts"
import * as Optimizer from "./Optimizer.ts"

/** One part of the objective (`total`: all of it) at one step. */
export type AttributionRow = GradientParts

const subtract = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value - b[i]!)

const add = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, i) => value + b[i]!)

const cosine = (a: Float32Array, b: Float32Array): number => {
  const norms = Optimizer.norm(a) * Optimizer.norm(b)
  return norms === 0 ? 0 : a.reduce((sum, value, i) => sum + value * b[i]!, 0) / norms
}

/** Adds up vectors in order; none: zeros. */
const total = (vectors: ReadonlyArray<Float32Array>, length: number): Float32Array =>
  vectors.length === 0 ? new Float32Array(length) : vectors.reduce(add)

/**
 * Splits the gradient of every part of an objective into the shares of the partition's sub-policies:
 *
 *     g = Σ_t w_t ∂ℓ_t/∂log π_t ∇log π_t = Σ_k g_k,
 *
 * where g_k keeps the tokens of sub-policy k only (Definition 3.1 made measurable; g_S and g_D of the two-stage partition). The split is
 * exact because the gradient is a sum over tokens; the first sub-policy's share is found by subtraction where the whole is known, so P
 * parts among K sub-policies cost P·K − 1 derivatives.
 */
export const measure = Effect.fn("GradientAttribution.measure")(function* (
  step: number,
  parameters: Parameters,
  request: LossRequest,
  whole: Float32Array
) {
  const backprop = yield* Backprop
  const parts = Objective.parts(request.objective)
  const { names } = request.partition
  const derivative = (objective: Objective.Objective, owner: string) =>
    Effect.map(
      backprop.gradient(parameters, { ...request, objective: Objective.restrict(objective, owner) }),
      (result) => result.gradient
    )
  const byName = (value: (index: number) => number) => Object.fromEntries(names.map((name, index) => [name, value(index)]))
  const tokens = byName((index) => request.owner.reduce((sum, owner) => sum + (owner === index ? 1 : 0), 0))
  const row = (part: string, shares: ReadonlyArray<Float32Array>): AttributionRow => ({
    step,
    part,
    norms: byName((index) => Optimizer.norm(shares[index]!)),
    tokens,
    cosines: names.flatMap((second, j) => names.slice(0, j).map((first, i) => ({ first, second, cosine: cosine(shares[i]!, shares[j]!) })))
  })
  const rows: Array<AttributionRow> = []
  let totals = names.slice(1).map(() => new Float32Array(whole.length))
  let rest = whole
  for (const [i, part] of parts.entries()) {
    const others: Array<Float32Array> = []
    for (const name of names.slice(1)) others.push(yield* derivative(part.objective, name))
    const isLast = i === parts.length - 1
    const sumOfOthers = total(others, whole.length)
    const first: Float32Array = isLast ? subtract(rest, sumOfOthers) : yield* derivative(part.objective, names[0]!)
    rows.push(row(part.name, [first, ...others]))
    totals = totals.map((sum, k) => new Float32Array(add(sum, others[k]!)))
    if (!isLast) rest = subtract(rest, add(first, sumOfOthers))
  }
  return [row("total", [subtract(whole, total(totals, whole.length)), ...totals]), ...(parts.length > 1 ? rows : [])]
})
