/**
 * Optimizers as pure functions on flat parameter vectors: `initialize` makes the moments, `update` makes new parameters
 * and new moments.
 *
 * @module
 */
import { Schema } from "effect"
import type { Parameters } from "../domain/Policy.ts"
import type { ParameterMatrix } from "../model/Backprop.ts"
import * as Adam from "./optimizer/Adam.ts"
import * as Muon from "./optimizer/Muon.ts"
import type { OptimizerState } from "./optimizer/State.ts"

export { adam, AdamConfig, preconditioner } from "./optimizer/Adam.ts"
export { muon, MuonConfig } from "./optimizer/Muon.ts"
export { initialize, type OptimizerState } from "./optimizer/State.ts"

/** An optimizer and its constants: Adam's, or Muon's by its tag. */
export const OptimizerConfig = Schema.Union([Muon.MuonConfig, Adam.AdamConfig])
export type OptimizerConfig = typeof OptimizerConfig.Type

/** New parameters, and what the next update needs. */
export interface Updated {
  readonly parameters: Parameters
  readonly state: OptimizerState
}

/** Whether an optimizer is Muon, which treats a network's matrices as a whole. */
export const isMuon = (config: OptimizerConfig): config is Muon.MuonConfig => "_tag" in config

/**
 * One step at a learning rate, by whichever optimizer is configured. `matrices` are the policy's hidden matrices (`Backprop.matrices`); Adam does not look at them.
 */
export const update = (
  config: OptimizerConfig,
  learningRate: number,
  state: OptimizerState,
  parameters: Parameters,
  gradient: Float32Array,
  matrices: ReadonlyArray<ParameterMatrix> = []
): Updated =>
  isMuon(config)
    ? Muon.update(config, learningRate, state, parameters, gradient, matrices)
    : Adam.update(config, learningRate, state, parameters, gradient)

/** The Euclidean norm √Σ g². */
export const norm = (vector: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!
  return Math.sqrt(sum)
}

/** Scales a gradient down to norm `limit` if it is longer (Pascanu et al., 2013); returns it unchanged otherwise. `length` is its norm, where that is known. */
export const clipByNorm = (gradient: Float32Array, limit: number, length: number = norm(gradient)): Float32Array => {
  if (length <= limit) return gradient
  const clipped = new Float32Array(gradient.length)
  for (let i = 0; i < gradient.length; i++) clipped[i] = (gradient[i]! * limit) / length
  return clipped
}
