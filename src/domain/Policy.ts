/**
 * The policy as a service: it scores trajectories. Writing them is the {@link Sampler}'s, and what it takes to train one is a
 * service of its own (`Backprop` in `model`), so a policy that only answers, such as a remote model, is still a policy.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { PolicyError } from "./Errors.ts"
import type { Seed } from "./Seed.ts"
import type { Trajectory } from "./Trajectory.ts"

/**
 * What is trained of a policy, as one flat vector: all weights, or an adapter over frozen ones. Immutable by convention: an
 * update makes a new one.
 */
export type Parameters = Float32Array

/** The part of a trajectory that scoring reads. */
export type ScoredTokens = Pick<Trajectory, "tokens" | "promptLength" | "offset">

/** What a policy can do: start from a seed, and score. */
export interface PolicyService {
  /** Length of the parameter vector. */
  readonly parameterCount: number
  /** Draws initial parameters. */
  readonly initialize: (seed: Seed) => Effect.Effect<Parameters, PolicyError>
  /** log π of every token of every trajectory, nats; 0 for tokens that the grammar forces. Shapes follow the input. */
  readonly logProbs: (
    parameters: Parameters,
    trajectories: ReadonlyArray<ScoredTokens>,
    temperature: number
  ) => Effect.Effect<ReadonlyArray<Float64Array>, PolicyError>
}

/** The service tag. */
export class Policy extends Context.Service<Policy, PolicyService>()("decision-sampling/domain/Policy") {}
