/**
 * Evaluation in the main job: the same test problems for every model, and example transcripts as text.
 *
 * @module
 */
import { Effect } from "effect"
import { Grammar } from "../../domain/Grammar.ts"
import type { Parameters } from "../../domain/Policy.ts"
import type { GradedGroup } from "../../domain/Rollouts.ts"
import { onPolicy } from "../../domain/Sampler.ts"
import { fold } from "../../domain/Seed.ts"
import { Task, type TaskService, type TestQueries } from "../../domain/Task.ts"
import { evaluate } from "../../eval/calibration/Evaluate.ts"
import type { Preset } from "./Preset.ts"

/** The test problems of a level, and what is known of them. */
export interface TestLevel {
  readonly level: string
  readonly isTrained: boolean
  readonly set: TestQueries
}

/** Chooses the test problems of every level of a preset. */
export const testLevels = (task: TaskService, preset: Preset): ReadonlyArray<TestLevel> =>
  preset.task.testLevels.map((level) => ({
    level,
    isTrained: task.levels.includes(level),
    set: task.test(level, { count: preset.task.testPerLevel, seed: preset.seed })
  }))

/** Samples every test problem of every level; one seed for all models, so that they meet the same problems. */
export const evaluateModel = Effect.fn("Evaluation.evaluateModel")(function* (preset: Preset, parameters: Parameters) {
  const queries = testLevels(yield* Task, preset).flatMap(({ set }) => set.queries)
  return yield* evaluate(parameters, queries, {
    perQuery: preset.task.generations,
    sampling: { ...onPolicy, maxTokens: preset.task.maxTokens ?? onPolicy.maxTokens },
    seed: fold(preset.seed, "evaluation")
  })
})

/** A rollout as text. */
export interface Example {
  readonly prompt: string
  readonly response: string
  readonly correct: boolean
}

/** The first rollout of `count` queries of each level, as text. */
export const examples = Effect.fnUntraced(function* (groups: ReadonlyArray<GradedGroup>, count: number) {
  const grammar = yield* Grammar
  const byLevel = Map.groupBy(groups, (group) => group.query.level)
  const chosen = [...byLevel.values()].flatMap((list) => list.slice(0, count).flatMap((group) => group.members.slice(0, 1)))
  return yield* Effect.forEach(
    chosen,
    ({ outcome, trajectory }) =>
      Effect.map(Effect.fromResult(grammar.render(trajectory)), (text): Example => ({ ...text, correct: outcome === "Correct" }))
  )
})
