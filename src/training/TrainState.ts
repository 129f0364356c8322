/**
 * The state of training: all that a step reads and replaces. A checkpoint is this value and nothing else.
 *
 * @module
 */
import { Effect } from "effect"
import { type Parameters, Policy } from "../domain/Policy.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import type { EntropyState } from "../theory/Controllers.ts"
import * as Optimizer from "./Optimizer.ts"

/** The state of one run of training. */
export interface TrainState {
  /** Steps made so far. Data and rollouts of step n are a function of (seed, n), so this is the data cursor too. */
  readonly step: number
  readonly seed: Seed
  readonly parameters: Parameters
  readonly optimizer: Optimizer.OptimizerState
  /** The policy that a KL penalty holds on to, where it is part of the state: one that is refreshed, or one to resume with. */
  readonly reference?: Parameters
  /** What rollouts are drawn with, and the step that it is of, where that is not every step anew. */
  readonly sampler?: { readonly parameters: Parameters; readonly step: number }
  /** β, where a controller moves it. */
  readonly klCoefficient?: number
  /** The entropy coefficient and the entropy measured last, where a controller moves it. */
  readonly entropy?: EntropyState
}

/** Metrics of one step under the field's names (docs/metrics.md); only finite numbers. */
export type Metrics = Readonly<Record<string, number>>

/** Starts from given parameters: step 0, moments 0. */
export const fromParameters = (parameters: Parameters, seed: Seed): TrainState => ({
  step: 0,
  seed,
  parameters,
  optimizer: Optimizer.initialize(parameters.length)
})

/** Starts from fresh parameters of the policy at hand. */
export const initialize = Effect.fnUntraced(function* (seed: Seed) {
  const policy = yield* Policy
  return fromParameters(yield* policy.initialize(fold(seed, "parameters")), seed)
})
