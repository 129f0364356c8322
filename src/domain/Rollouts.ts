/**
 * Rollouts: groups of graded trajectories, sampled through the services Tokenizer, Policy and Reward.
 *
 * @module
 */
import { Effect } from "effect"
import { type Parameters, Policy, type SamplingParameters } from "./Policy.ts"
import type { Query } from "./Query.ts"
import { type Graded, Reward, type RewardError } from "./Reward.ts"
import { draws, fold, type Seed } from "./Seed.ts"
import { Tokenizer } from "./Tokenizer.ts"
import type { Rollout } from "./Trajectory.ts"

/** The graded rollouts of one query. */
export interface GradedGroup {
  readonly query: Query
  readonly members: ReadonlyArray<Graded<Rollout>>
}

/**
 * Samples `groupSize` trajectories of every query and grades them. The position offset and the draws of member g of
 * query i follow from fold(seed, i, g) alone, so a group does not depend on what is sampled beside it.
 */
export const sampleGroups = Effect.fn("Rollouts.sampleGroups")(function* (
  parameters: Parameters,
  queries: ReadonlyArray<Query>,
  options: { readonly groupSize: number; readonly sampling: SamplingParameters; readonly seed: Seed }
) {
  const tokenizer = yield* Tokenizer
  const policy = yield* Policy
  const reward = yield* Reward
  const prompts = yield* Effect.forEach(queries, (query) => tokenizer.encodePrompt(query.prompt))
  const requests = prompts.flatMap((prompt, i) =>
    Array.from({ length: options.groupSize }, (_, g) => {
      const seed = fold(options.seed, i, g)
      return { prompt, seed, offset: draws(fold(seed, "offset")).integer(0, tokenizer.largestOffset(prompt)) }
    })
  )
  const rollouts = yield* policy.sample(parameters, requests, options.sampling)
  return yield* Effect.forEach(queries, (query, i): Effect.Effect<GradedGroup, RewardError> =>
    Effect.map(
      Effect.forEach(rollouts.slice(i * options.groupSize, (i + 1) * options.groupSize), (rollout) => reward.grade(query, rollout)),
      (members) => ({ query, members })
    ))
})
