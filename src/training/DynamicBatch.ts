/**
 * The groups of a step: those of its queries, or, with dynamic sampling, of further queries until enough have rewards that differ.
 *
 * @module
 */
import { Effect } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Parameters } from "../domain/Policy.ts"
import type { Query } from "../domain/Query.ts"
import { type GradedGroup, sampleGroups } from "../domain/Rollouts.ts"
import type { SamplingParameters } from "../domain/Sampler.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import { informative } from "../theory/DynamicSampling.ts"

/** Draw at most so many batches of queries a step (verl's `max_num_gen_batches`, 10 in its DAPO recipe). */
export interface DynamicSampling {
  readonly maxBatches: number
}

/** The groups that are trained on, and all that were drawn for them, in order. */
export interface Drawn {
  readonly groups: ReadonlyArray<GradedGroup>
  readonly drawn: ReadonlyArray<GradedGroup>
  readonly batches: number
}

/** The rewards of groups end to end [M], with the groups' offsets [Q+1]. */
export const rewardsOf = (groups: ReadonlyArray<GradedGroup>): { readonly rewards: Float64Array; readonly offsets: Int32Array } => {
  const offsets = new Int32Array(groups.length + 1)
  groups.forEach(({ members }, i) => {
    offsets[i + 1] = offsets[i]! + members.length
  })
  return { rewards: Float64Array.from(groups.flatMap(({ members }) => members.map(({ reward }) => reward))), offsets }
}

/**
 * Samples the groups of a step. With dynamic sampling the groups whose rewards differ stay, the first of them in the order drawn, and `more(1)`,
 * `more(2)`, … give the queries of further batches until there are as many as first queries. Fails with ConfigError where there are not enough after
 * `maxBatches` batches.
 */
export const draw = Effect.fnUntraced(function* (
  parameters: Parameters,
  queries: ReadonlyArray<Query>,
  options: { readonly groupSize: number; readonly sampling: SamplingParameters; readonly seed: Seed },
  dynamic: DynamicSampling | undefined,
  more: (batch: number) => ReadonlyArray<Query>
) {
  const first = yield* sampleGroups(parameters, queries, options)
  if (dynamic === undefined) return { groups: first, drawn: first, batches: 1 } satisfies Drawn
  const drawn: Array<GradedGroup> = []
  const groups: Array<GradedGroup> = []
  for (let batch = 0; batch < dynamic.maxBatches; batch++) {
    const next = batch === 0
      ? first
      : yield* sampleGroups(parameters, more(batch), { ...options, seed: fold(options.seed, "further", batch) })
    drawn.push(...next)
    const { offsets, rewards } = rewardsOf(next)
    groups.push(...informative(rewards, offsets, queries.length - groups.length).map((group) => next[group]!))
    if (groups.length === queries.length) return { groups, drawn, batches: batch + 1 } satisfies Drawn
  }
  return yield* new ConfigError({
    field: "dynamicSampling.maxBatches",
    value: String(dynamic.maxBatches),
    expected:
      `enough to find ${queries.length} queries whose rollouts do not all have the same reward; of ${drawn.length} that were drawn, ` +
      `${groups.length} did not. Ask queries that are neither always nor never solved, sample more rollouts of each, or allow more batches`
  })
})
