/**
 * The policy as a service: it samples trajectories and scores them. What it takes to train one is a service of its own
 * (`Backprop` in `training`), so a policy that only answers, such as a remote model, is still a policy.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { PolicyError } from "./Errors.ts"
import type { Seed } from "./Seed.ts"
import type { Rollout, Trajectory } from "./Trajectory.ts"

/** All parameters of a policy as one flat vector. Immutable by convention: an update makes a new one. */
export type Parameters = Float32Array

/** How tokens are drawn. Scoring takes the same values, so that sampler and trainer agree on every probability. */
export interface SamplingParameters {
  /** Divides the logits; 1 samples from the policy itself, 0 takes the most probable token. */
  readonly temperature: number
  /** Keep the k most probable tokens; 0 keeps all. */
  readonly topK: number
  /** Keep the smallest set of most probable tokens whose mass reaches p; 1 keeps all (Holtzman et al., 2020). */
  readonly topP: number
  /** The most tokens of a trajectory after the prompt; one that is longer ends as `truncated`. */
  readonly maxTokens: number
}

/** Temperature 1, nothing cut off: the policy itself. */
export const onPolicy: SamplingParameters = { temperature: 1, topK: 0, topP: 1, maxTokens: 1024 }

/** One trajectory to sample. `seed` is its own: the result does not depend on what else is sampled beside it. */
export interface SampleRequest {
  readonly prompt: ReadonlyArray<number>
  readonly offset: number
  readonly seed: Seed
}

/** What a policy can do: start from a seed, sample, and score. */
export interface PolicyService {
  /** Length of the parameter vector. */
  readonly parameterCount: number
  /** Draws initial parameters. */
  readonly initialize: (seed: Seed) => Effect.Effect<Parameters, PolicyError>
  /** Samples one trajectory for every request, in order, with the sampler's log-probability of every token (nats). */
  readonly sample: (
    parameters: Parameters,
    requests: ReadonlyArray<SampleRequest>,
    sampling: SamplingParameters
  ) => Effect.Effect<ReadonlyArray<Rollout>, PolicyError>
  /** log π of every token of every trajectory, nats; 0 for tokens that the grammar forces. Shapes follow the input. */
  readonly logProbs: (
    parameters: Parameters,
    trajectories: ReadonlyArray<Pick<Trajectory, "tokens" | "promptLength" | "offset">>,
    temperature: number
  ) => Effect.Effect<ReadonlyArray<Float64Array>, PolicyError>
}

/** The service tag. */
export class Policy extends Context.Service<Policy, PolicyService>()("decision-sampling/domain/Policy") {}
