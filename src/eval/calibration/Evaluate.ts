/**
 * Evaluation of a policy: test queries through Grammar, Sampler and Reward, as rows that calibration reads.
 *
 * @module
 */
import { Effect } from "effect"
import type { Parameters } from "../../domain/Policy.ts"
import type { SamplingParameters } from "../../domain/Sampler.ts"
import type { Query } from "../../domain/Query.ts"
import { type GradedGroup, sampleGroups } from "../../domain/Rollouts.ts"
import type { Seed } from "../../domain/Seed.ts"
import { attempts } from "../../domain/Trajectory.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"

/** Turns graded rollouts into evaluation rows. An answer that was cut off before its decision is an attempt without one. */
export const toEvaluated = (groups: ReadonlyArray<GradedGroup>): ReadonlyArray<EvaluatedRollout> =>
  groups.flatMap(({ members, query }) =>
    members.map(({ outcome, trajectory }, g) => ({
      id: `${query.level}/${query.id}#${g}`,
      level: query.level,
      query: query.id,
      attempts: attempts(trajectory).flatMap(({ decision, sample }) =>
        sample.answer === undefined || (decision === undefined && outcome !== "Truncated" && outcome !== "GoldInvalid")
          ? []
          : [{ answer: sample.answer, correct: sample.correct === true, ...(decision === undefined ? {} : { decision: decision.action }) }]
      ),
      outcome,
      ...(trajectory.ending === "cap" ? { hitCap: true } : {})
    }))
  )

/** Samples `perQuery` trajectories of every query and returns both the graded groups and the evaluation rows. */
export const evaluate = Effect.fn("Evaluate.evaluate")(function* (
  parameters: Parameters,
  queries: ReadonlyArray<Query>,
  options: { readonly perQuery: number; readonly sampling: SamplingParameters; readonly seed: Seed }
) {
  const groups = yield* sampleGroups(parameters, queries, {
    groupSize: options.perQuery,
    sampling: options.sampling,
    seed: options.seed
  })
  return { groups, rollouts: toEvaluated(groups) }
})
