/**
 * Four rollouts of one query that are always the same, for updates derived by hand: rewards 1, 1, 0, 0; chosen tokens 3, 6, 3, 3.
 */
import { Effect, Layer, Result } from "effect"
import { Policy } from "../../src/domain/Policy.ts"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { Sampler, type SamplerLogProbs } from "../../src/domain/Sampler.ts"
import type { Trajectory } from "../../src/domain/Trajectory.ts"
import * as ArithmeticGrammar from "../../src/model/grammar/ArithmeticGrammar.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"

/** Binary 1 * 1 = 1: a table of 14 logits. */
export const config: ArithmeticGrammar.ArithmeticConfig = { radix: 2, maxAttempts: 2, context: "markov", positions: 8 }
/** The words' token ids. */
export const ids = ArithmeticGrammar.arithmeticTokens(2)
/** The prompt's tokens. */
export const prompt = [1, ids.operator, 1]
/** The query. */
export const query: Query = { id: "1*1", level: "1x1", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }
/** The reward of the task. */
export const exact = Reward.layerExact.pipe(Layer.provide(Multiplication.layer({ radix: 2, levels: ["1x1"] })))
/** The words. */
export const words = ArithmeticGrammar.layer(config)
/** The policy: a table. */
export const tabular = TabularPolicy.layer([prompt]).pipe(Layer.provideMerge(words))

/** A trajectory of the words: digits and decision of every attempt. */
export const written = (...lines: ReadonlyArray<ReadonlyArray<number>>): Trajectory => {
  const tokens = [...prompt, ...lines.flatMap((line) => [ids.equals, ...line])]
  return {
    tokens,
    promptLength: prompt.length,
    offset: 0,
    ...Result.getOrThrow(ArithmeticGrammar.make(config).grammar.read({ tokens, promptLength: prompt.length }))
  }
}

/** Right and STOP; wrong, RESAMPLE, right and STOP; wrong and STOP, twice. */
export const group = [
  written([1, 0, ids.stop]),
  written([1, 1, ids.resample], [1, 0, ids.stop]),
  written([1, 1, ids.stop]),
  written([0, 0, ids.stop])
]
/** The chosen tokens of each. */
export const LENGTHS = [3, 6, 3, 3]

/**
 * The tabular policy, whose rollouts are the four above, as if sampled `logRatio` a token less likely than they now are (or what the function says of row
 * and chosen token), by a sampler that says whose log-probabilities these are.
 */
export const fixedRollouts = (logRatio: number | ((row: number, chosen: number) => number), whose?: SamplerLogProbs) =>
  Layer.effect(
    Sampler,
    Effect.map(Policy, (policy) => ({
      ...(whose === undefined ? {} : { logProbs: whose }),
      sample: (parameters: Float32Array) =>
        Effect.map(policy.logProbs(parameters, group, 1), (scores) =>
          group.map((trajectory, i) => {
            let chosen = 0
            const off = () => (typeof logRatio === "number" ? logRatio : logRatio(i, chosen++))
            return { ...trajectory, logProbs: Array.from(scores[i]!, (value) => (value === 0 ? 0 : value - off())) }
          }))
    }))
  ).pipe(Layer.provideMerge(tabular), Layer.merge(exact))

/**
 * The gradient of Σ_i Σ_t c_{i,t} log π(token) by central differences of the scores: no code shared with Backprop. `coefficients` has a number for each
 * rollout, or a row for each with a number for each chosen token.
 */
export const gradientOf = (parameters: Float32Array, coefficients: ReadonlyArray<number | ReadonlyArray<number>>) =>
  Effect.gen(function* () {
    const policy = yield* Policy
    const value = (at: Float32Array) =>
      Effect.map(policy.logProbs(at, group, 1), (scores) =>
        scores.reduce((sum, row, i) => {
          const each = coefficients[i]!
          const chosen = [...row].filter((logProb) => logProb !== 0)
          return sum + chosen.reduce((total, logProb, t) => total + (typeof each === "number" ? each : each[t]!) * logProb, 0)
        }, 0))
    return yield* Effect.forEach([...parameters], (_, k) =>
      Effect.gen(function* () {
        const moved = (by: number) => parameters.map((theta, i) => (i === k ? theta + by : theta))
        return ((yield* value(moved(2 ** -7))) - (yield* value(moved(-(2 ** -7))))) / 2 ** -6
      }))
  })
