/**
 * The sampler as a service: it writes trajectories. It may be the policy's own network or an engine that serves its weights,
 * so it is a service of its own beside {@link Policy}, which scores.
 *
 * @module
 */
import { Context, type Effect } from "effect"
import type { PolicyError } from "./Errors.ts"
import type { Parameters } from "./Policy.ts"
import type { Seed } from "./Seed.ts"
import type { Tokens } from "./Tokenizer.ts"
import type { Rollout } from "./Trajectory.ts"

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

/** One trajectory to sample. `seed`, any integer, is its own: the result does not depend on what else is sampled beside it. */
export interface SampleRequest {
  readonly prompt: Tokens
  readonly seed: Seed
}

/**
 * Whose log-probabilities a sampler's rollouts bring: the trained policy's, up to rounding (`policy`); those of an engine that computes the same
 * weights in another precision (`engine`); or nobody's (`none`): they are NaN, so that nothing can be computed from them unnoticed.
 */
export type SamplerLogProbs = "policy" | "engine" | "none"

/** What a sampler does. */
export interface SamplerService {
  /** Left out: `policy`. */
  readonly logProbs?: SamplerLogProbs
  /**
   * Samples one trajectory for every request, in order, with the sampler's log-probability of every token (nats). A shift of
   * position ids, where the architecture has one, is drawn from the request's seed and kept in the rollout.
   */
  readonly sample: (
    parameters: Parameters,
    requests: ReadonlyArray<SampleRequest>,
    sampling: SamplingParameters
  ) => Effect.Effect<ReadonlyArray<Rollout>, PolicyError>
}

/** The service tag. */
export class Sampler extends Context.Service<Sampler, SamplerService>()("decision-sampling/domain/Sampler") {}
