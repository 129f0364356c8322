/**
 * A model's own answers to training problems: the material of demonstrations with expert reflection.
 *
 * @module
 */
import { Effect } from "effect"
import { onPolicy, type Parameters } from "../domain/Policy.ts"
import { sampleGroups } from "../domain/Rollouts.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import * as Task from "../domain/Task.ts"
import type { DataConfig, OwnAnswers } from "./Demonstrations.ts"

/** How many problems, and answers to each. */
export interface PoolSize {
  readonly problems: number
  readonly answers: number
}

/**
 * Draws `problems` training problems, balanced over the levels, and `answers` first answers of the model to each, at temperature 1.
 *
 * The pool is a function of the parameters and the seed alone, so a run that is resumed draws the same one. Sampling ends with
 * the first answer: decisions of a model that was not taught any mean nothing yet. `Demonstrations.withExpert` judges them.
 */
export const drawOwnAnswers = Effect.fn("OwnAnswers.drawOwnAnswers")(function* (
  { levels, task }: Pick<DataConfig, "task" | "levels">,
  parameters: Parameters,
  { answers, problems }: PoolSize,
  seed: Seed
) {
  const drawn = Array.from({ length: problems }, (_, i) => Task.trainProblem(task, Task.levelInTurn(levels, i), fold(seed, "pool", i)))
  const widest = Math.max(...levels.map((level) => level.left + level.right))
  const groups = yield* sampleGroups(
    parameters,
    drawn.map((problem) => Task.toQuery(task, problem)),
    // "=" and the digits of the first attempt.
    { groupSize: answers, sampling: { ...onPolicy, maxTokens: widest + 1 }, seed: fold(seed, "pool answers") }
  )
  return groups.map(({ members }, i): OwnAnswers => ({
    problem: drawn[i]!,
    answers: members.flatMap(({ trajectory }) =>
      trajectory.spans.flatMap((span) =>
        span.kind === "sample" && span.answer !== undefined ? [trajectory.tokens.slice(span.start, span.end)] : []
      ).slice(0, 1)
    )
  }))
})
