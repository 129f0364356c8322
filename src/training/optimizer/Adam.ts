/**
 * Adam and AdamW.
 *
 * @module
 */
import { Schema } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import { Size } from "../Bounds.ts"
import type { OptimizerState } from "./State.ts"

/** How much of a moment an update keeps: a memory of 1 or more never forgets, or grows. */
export const Memory = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true }))

/** The constants of Adam and AdamW. */
export const AdamConfig = Schema.Struct({
  beta1: Memory,
  beta2: Memory,
  epsilon: Size,
  /** Decoupled weight decay (Loshchilov and Hutter, 2019); 0 is plain Adam. */
  weightDecay: Size
})
export type AdamConfig = typeof AdamConfig.Type

/** Adam's usual constants, no weight decay. */
export const adam: AdamConfig = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

/** Entries `from` (included) to `to` (excluded) of a vector. */
export type Range = readonly [from: number, to: number]

/**
 * One step of AdamW:
 *
 *     m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,
 *     θ ← θ − η ( m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε) + λ θ )
 *
 * Reduces to Adam for λ = 0. Parameters outside `ranges` (left out: there are none) become 0, and so do their moments, for another optimizer to
 * write. Source: Kingma and Ba (2015), algorithm 1; Loshchilov and Hutter (2019).
 */
export const update = (
  config: AdamConfig,
  learningRate: number,
  state: OptimizerState,
  parameters: Parameters,
  gradient: Float32Array,
  ranges: ReadonlyArray<Range> = [[0, parameters.length]]
): { readonly parameters: Parameters; readonly state: OptimizerState } => {
  const { beta1, beta2, epsilon, weightDecay } = config
  const updates = state.updates + 1
  const { first: firstBefore, second: secondBefore } = state
  const first = new Float32Array(parameters.length)
  const second = new Float32Array(parameters.length)
  const next = new Float32Array(parameters.length)
  const correction1 = 1 / (1 - beta1 ** updates)
  const correction2 = 1 / (1 - beta2 ** updates)
  for (const [from, to] of ranges) {
    for (let i = from; i < to; i++) {
      const g = gradient[i]!
      const m = beta1 * firstBefore[i]! + (1 - beta1) * g
      const v = beta2 * secondBefore[i]! + (1 - beta2) * g * g
      first[i] = m
      second[i] = v
      const direction = (m * correction1) / (Math.sqrt(v * correction2) + epsilon)
      next[i] = parameters[i]! - learningRate * (direction + weightDecay * parameters[i]!)
    }
  }
  return { parameters: next, state: { first, second, updates } }
}

/** Adam's preconditioner at a state, the diagonal 1/(√(v / (1 − β₂ᵗ)) + ε) that multiplies the mean gradient; undefined before the first update. */
export const preconditioner = (
  { beta2, epsilon }: Pick<AdamConfig, "beta2" | "epsilon">,
  { second, updates }: OptimizerState
): Float64Array | undefined =>
  updates === 0 ? undefined : Float64Array.from(second, (value) => 1 / (Math.sqrt(value / (1 - beta2 ** updates)) + epsilon))
