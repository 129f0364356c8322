/**
 * The reward as a service: it grades a trajectory, and maps the grade to a number in a separate step.
 *
 * @module
 */
import { Context, Effect, Layer, Schema } from "effect"
import { gradeTrajectory } from "./Grading.ts"
import type { Outcome, Query } from "./Query.ts"
import { Task } from "./Task.ts"
import type { Trajectory } from "./Trajectory.ts"

/** A reward that could not be computed (a checker that failed, not an answer that was wrong). */
export class RewardError extends Schema.TaggedError<RewardError>()("RewardError", {
  query: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `reward of ${this.query}: ${this.problem}`
  }
}

/** A graded trajectory: each sample span says whether its answer was correct; `outcome` is the final answer's. */
export interface Graded<T extends Trajectory = Trajectory> {
  readonly trajectory: T
  readonly outcome: Outcome
  /** R(τ), reward units. */
  readonly reward: number
}

/** What a reward does: grade one trajectory of a query. */
export interface RewardService {
  readonly grade: <T extends Trajectory>(query: Query, trajectory: T) => Effect.Effect<Graded<T>, RewardError>
}

/** The service tag. `layerExact` is the paper's reward: 1 if the task says that the final answer is right, else 0 (A.4). */
export class Reward extends Context.Service<Reward, RewardService>()("decision-sampling/domain/Reward") {
  static readonly layerExact: Layer.Layer<Reward, never, Task> = Reward.layerOutcome({
    Correct: 1,
    Wrong: 0,
    Unparsable: 0,
    GoldInvalid: 0,
    Truncated: 0
  })

  /** A reward of one's own that depends only on the outcome, e.g. ±1. The task at hand checks the answers. */
  static layerOutcome(values: Readonly<Record<Outcome, number>>): Layer.Layer<Reward, never, Task> {
    return Layer.effect(
      Reward,
      Effect.map(Task, (task) => ({
        grade: (query, trajectory) =>
          Effect.sync(() => {
            const { outcome, trajectory: graded } = gradeTrajectory((candidate) => task.check(query, candidate), trajectory)
            return { trajectory: graded, outcome, reward: values[outcome] }
          })
      }))
    )
  }
}
