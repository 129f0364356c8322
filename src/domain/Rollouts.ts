/**
 * Rollouts: groups of graded trajectories, sampled through the services Grammar, Sampler and Reward.
 *
 * @module
 */
import { Effect } from "effect"
import { Grammar } from "./Grammar.ts"
import type { Parameters } from "./Policy.ts"
import type { Query } from "./Query.ts"
import { type Graded, Reward, RewardError, type RewardService } from "./Reward.ts"
import { Sampler, type SamplingParameters } from "./Sampler.ts"
import { fold, type Seed } from "./Seed.ts"
import type { Rollout } from "./Trajectory.ts"

/** The graded rollouts of one query. */
export interface GradedGroup {
  readonly query: Query
  readonly members: ReadonlyArray<Graded<Rollout>>
}

/** Grades a rollout. A reward that is no number would be found much later, where nobody knows its query any more. */
const gradeFinite = (reward: RewardService, query: Query, rollout: Rollout): Effect.Effect<Graded<Rollout>, RewardError> =>
  Effect.flatMap(reward.grade(query, rollout), (graded) =>
    Number.isFinite(graded.reward)
      ? Effect.succeed(graded)
      : Effect.fail(
        new RewardError({
          query: query.id,
          problem: `it is ${graded.reward}, not a finite number, for the outcome ${JSON.stringify(graded.outcome)}; ` +
            `outcomes are what the task's check returns (Correct, Wrong, Unparsable, GoldInvalid) and Truncated`
        })
      ))

/**
 * Samples `groupSize` trajectories of every query and grades them. The draws of member g of
 * query i follow from fold(seed, i, g) alone, so a group does not depend on what is sampled beside it. Fails with a RewardError where
 * a reward is not finite.
 */
export const sampleGroups = Effect.fn("Rollouts.sampleGroups")(function* (
  parameters: Parameters,
  queries: ReadonlyArray<Query>,
  options: { readonly groupSize: number; readonly sampling: SamplingParameters; readonly seed: Seed }
) {
  const grammar = yield* Grammar
  const sampler = yield* Sampler
  const reward = yield* Reward
  const prompts = yield* Effect.forEach(queries, (query) => Effect.fromResult(grammar.prompt(query)))
  const requests = prompts.flatMap((prompt, i) =>
    Array.from({ length: options.groupSize }, (_, g) => ({ prompt, seed: fold(options.seed, i, g) }))
  )
  const rollouts = yield* sampler.sample(parameters, requests, options.sampling)
  return yield* Effect.forEach(queries, (query, i): Effect.Effect<GradedGroup, RewardError> =>
    Effect.map(
      Effect.forEach(rollouts.slice(i * options.groupSize, (i + 1) * options.groupSize), (rollout) => gradeFinite(reward, query, rollout)),
      (members) => ({ query, members })
    ))
})
