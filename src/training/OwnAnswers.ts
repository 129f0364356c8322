/**
 * A model's own answers to training problems: the material of demonstrations with expert reflection.
 *
 * @module
 */
import { Effect, Result } from "effect"
import type { TokenizerError } from "../domain/Errors.ts"
import { Grammar, type GrammarService } from "../domain/Grammar.ts"
import type { Parameters } from "../domain/Policy.ts"
import { sampleGroups } from "../domain/Rollouts.ts"
import { onPolicy } from "../domain/Sampler.ts"
import { fold, type Seed } from "../domain/Seed.ts"
import { Task } from "../domain/Task.ts"
import type { Tokens } from "../domain/Tokenizer.ts"
import type { Trajectory } from "../domain/Trajectory.ts"
import type { OwnAnswer, OwnAnswers } from "./Demonstrations.ts"

/** How many problems, and answers to each. */
export interface PoolSize {
  readonly problems: number
  readonly answers: number
  /** The most tokens of a response that is text; left out: 256. Other grammars say themselves how long an answer is. */
  readonly maxTokens?: number
}

const DEFAULT_TOKENS = 256

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

// What closes an answer in its text: the end of a box or of a tag, of emphasis, of the sentence.
const CLOSING = /^(?:[*_)}\]$"'”’`]|\\[)\]]|<\/\w+>)*[.!?。！？]?/u

/** The first answer of a response; where it is text, with the text of its attempt. */
export const firstAnswer = (
  grammar: GrammarService,
  { promptLength, spans, tokens }: Trajectory
): Result.Result<OwnAnswer | undefined, TokenizerError> =>
  Result.gen(function* () {
    const span = spans.find((each) => each.kind === "sample" && each.answer !== undefined)
    if (span?.kind !== "sample" || span.answer === undefined) return undefined
    const { answer, end } = span
    if (grammar.writesText !== true) return { answer }
    const before = (yield* grammar.render({ tokens: tokens.slice(0, end), promptLength })).response
    const after = (yield* grammar.render({ tokens, promptLength })).response.slice(before.length)
    // The last token of an answer may hold more than the answer: nothing of the word that follows.
    return { answer, text: (before + (CLOSING.exec(after)?.[0] ?? "")).trimStart() }
  })

/**
 * Draws `problems` training problems, balanced over the task's levels, and `answers` first answers of the model to each, at
 * temperature 1.
 *
 * The pool is a function of the parameters and the seed alone, so a run that is resumed draws the same one. Only first answers are
 * taken: decisions of a model that was not taught any mean nothing yet. Text comes with its working. `Demonstrations.withExpert` judges them.
 */
export const drawOwnAnswers = Effect.fn("OwnAnswers.drawOwnAnswers")(function* (
  parameters: Parameters,
  { answers, maxTokens = DEFAULT_TOKENS, problems }: PoolSize,
  seed: Seed
) {
  const task = yield* Task
  const grammar = yield* Grammar
  const queries = Array.from({ length: problems }, (_, i) => task.training(task.levels[i % task.levels.length]!, fold(seed, "pool", i)))
  const prompts = yield* Effect.forEach(queries, (query) => Effect.fromResult(grammar.prompt(query)))
  const longest = grammar.writesText === true ? maxTokens : Math.max(...prompts.map((prompt) => firstAnswerLength(grammar, prompt)))
  const groups = yield* sampleGroups(parameters, queries, {
    groupSize: answers,
    sampling: { ...onPolicy, maxTokens: longest },
    seed: fold(seed, "pool answers")
  })
  const pool = yield* Effect.forEach(groups, ({ members, query }) =>
    Effect.map(
      Effect.forEach(members, ({ trajectory }) => Effect.fromResult(firstAnswer(grammar, trajectory))),
      (own): OwnAnswers => ({ query, answers: own.filter((answer) => answer !== undefined) })
    ))
  return pool.filter(({ answers: complete }) => complete.length > 0)
})
