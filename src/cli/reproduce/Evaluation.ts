/**
 * Evaluation in the main job: the same test problems for every model, and example transcripts as text.
 *
 * @module
 */
import { Effect } from "effect"
import { onPolicy, type Parameters } from "../../domain/Policy.ts"
import type { GradedGroup } from "../../domain/Rollouts.ts"
import { fold } from "../../domain/Seed.ts"
import * as Task from "../../domain/Task.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import { evaluate } from "../../eval/Evaluate.ts"
import type { Preset } from "./Preset.ts"

/** The test problems of a level, and what is known of them. */
export interface TestLevel {
  readonly level: string
  readonly isTrained: boolean
  readonly set: Task.TestSet
}

/** Chooses the test problems of every level of a preset. */
export const testLevels = (preset: Preset): ReadonlyArray<TestLevel> => {
  const { radix, testLevels: levels, testPerLevel, trainLevels } = preset.task
  return levels.map((level) => {
    const isTrained = trainLevels.includes(level)
    return { level, isTrained, set: Task.testSet({ radix }, Task.parseLevel(level), { count: testPerLevel, isTrained, seed: preset.seed }) }
  })
}

/** Samples every test problem of every level; one seed for all models, so that they meet the same problems. */
export const evaluateModel = Effect.fn("Evaluation.evaluateModel")(function* (preset: Preset, parameters: Parameters) {
  const task = { radix: preset.task.radix }
  const queries = testLevels(preset).flatMap(({ set }) => set.problems.map((problem) => Task.toQuery(task, problem)))
  return yield* evaluate(parameters, queries, {
    perQuery: preset.task.generations,
    sampling: onPolicy,
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
  const tokenizer = yield* Tokenizer
  const byLevel = Map.groupBy(groups, (group) => group.query.level)
  const chosen = [...byLevel.values()].flatMap((list) => list.slice(0, count).flatMap((group) => group.members.slice(0, 1)))
  return yield* Effect.forEach(
    chosen,
    ({ outcome, trajectory }) => Effect.map(tokenizer.decode(trajectory), (text): Example => ({ ...text, correct: outcome === "Correct" }))
  )
})
