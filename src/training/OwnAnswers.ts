/**
 * A model's own answers to training problems: the material of demonstrations with expert reflection.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { Grammar, type GrammarService } from "../domain/Grammar.ts"
import type { Parameters } from "../domain/Policy.ts"
import { sampleGroups } from "../domain/Rollouts.ts"
import { onPolicy } from "../domain/Sampler.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import { Task } from "../domain/Task.ts"
import type { Tokens } from "../domain/Tokenizer.ts"
import type { OwnAnswers } from "./Demonstrations.ts"

/** How many problems, and answers to each. */
export interface PoolSize {
  readonly problems: number
  readonly answers: number
}

/** The number of tokens after a prompt with which its longest first answer is complete, as far as the grammar alone bounds it. */
const firstAnswerLength = (grammar: GrammarService, prompt: Tokens): number => {
  const tokens = [...prompt]
  let cursor = grammar.open(prompt)
  while (tokens.length - prompt.length < onPolicy.maxTokens) {
    const { next } = cursor
    if (next._tag === "Ended") break
    const token = next._tag === "Forced" ? next.token : next._tag === "Among" ? grammar.sets[next.set]![0]! : 0
    tokens.push(token)
    cursor = cursor.advance(token)
    const [first] = Result.getOrThrow(grammar.read({ tokens, promptLength: prompt.length })).spans
    if (first?.kind === "sample" && first.answer !== undefined) break
  }
  return tokens.length - prompt.length
}

/**
 * Draws `problems` training problems, balanced over the task's levels, and `answers` first answers of the model to each, at
 * temperature 1.
 *
 * The pool is a function of the parameters and the seed alone, so a run that is resumed draws the same one. Sampling ends with
 * the first answer: decisions of a model that was not taught any mean nothing yet. `Demonstrations.withExpert` judges them.
 */
export const drawOwnAnswers = Effect.fn("OwnAnswers.drawOwnAnswers")(function* (
  parameters: Parameters,
  { answers, problems }: PoolSize,
  seed: Seed
) {
  const task = yield* Task
  const grammar = yield* Grammar
  const queries = Array.from({ length: problems }, (_, i) => task.training(task.levels[i % task.levels.length]!, fold(seed, "pool", i)))
  const prompts = yield* Effect.forEach(queries, (query) => Effect.fromResult(grammar.prompt(query)))
  const longest = Math.max(...prompts.map((prompt) => firstAnswerLength(grammar, prompt)))
  const groups = yield* sampleGroups(parameters, queries, {
    groupSize: answers,
    sampling: { ...onPolicy, maxTokens: longest },
    seed: fold(seed, "pool answers")
  })
  const pool = groups.map(({ members, query }): OwnAnswers => ({
    query,
    answers: members.flatMap(({ trajectory }) =>
      trajectory.spans.flatMap((span) => (span.kind === "sample" && span.answer !== undefined ? [span.answer] : [])).slice(0, 1)
    )
  }))
  return pool.filter(({ answers: complete }) => complete.length > 0)
})
