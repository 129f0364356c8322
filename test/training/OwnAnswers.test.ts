import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Grammar } from "../../src/domain/Grammar.ts"
import { Policy } from "../../src/domain/Policy.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { Task } from "../../src/domain/Task.ts"
import { attempts } from "../../src/domain/Trajectory.ts"
import * as ArithmeticGrammar from "../../src/model/grammar/ArithmeticGrammar.ts"
import { Placement } from "../../src/model/policy/Placement.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import * as Demonstrations from "../../src/training/Demonstrations.ts"
import { drawOwnAnswers } from "../../src/training/OwnAnswers.ts"

// Binary 1 * 1, 10 * 1 and 11 * 1, least significant digit first: everything that levels 1x1 and 2x1 can ask.
const { equals, operator } = ArithmeticGrammar.arithmeticTokens(2)
const services = TabularPolicy.layer([[1, operator, 1], [0, 1, operator, 1], [1, 1, operator, 1]]).pipe(
  Layer.provideMerge(ArithmeticGrammar.layer({ radix: 2, maxAttempts: 4, context: "markov", positions: 12 })),
  Layer.merge(Reward.layerExact.pipe(Layer.provideMerge(Multiplication.layer({ radix: 2, levels: ["1x1", "2x1"] }))))
)
const smallest = Effect.provide(Multiplication.layer({ radix: 2, levels: ["1x1"] }))
const size = { problems: 40, answers: 25 }

describe("drawOwnAnswers", () => {
  it.effect("draws the same pool for the same parameters and seed, another for others, balanced over the levels", () =>
    Effect.gen(function* () {
      const { initialize } = yield* Policy
      const [parameters, others] = [yield* initialize(1), yield* initialize(2)]
      const pool = yield* drawOwnAnswers(parameters, size, 7)
      expect(yield* drawOwnAnswers(parameters, size, 7)).toEqual(pool)
      expect(yield* drawOwnAnswers(parameters, size, 8)).not.toEqual(pool)
      expect(yield* drawOwnAnswers(others, size, 7)).not.toEqual(pool)
      // Level 1x1 has one problem, so what differs between seeds is the answers.
      const answers = (seed: number) =>
        Effect.map(smallest(drawOwnAnswers(parameters, size, seed)), (drawn) => drawn.map((own) => own.answers))
      expect(yield* answers(8)).not.toEqual(yield* answers(7))
      expect(pool.filter(({ query }) => query.level === "1x1")).toHaveLength(20)
      const grammar = yield* Grammar
      for (const { answers, query } of pool) {
        expect(answers).toHaveLength(25)
        for (const { answer } of answers) {
          // In the task's normal form, and no longer than the product may be.
          expect(answer).toMatch(/^(0|1[01]*)$/)
          expect(grammar.write(query, [{ answer }])._tag).toBe("Success")
        }
      }
    }).pipe(Effect.provide(services)))

  it.effect("the answers are the model's: their frequencies are its probabilities", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const parameters = (yield* policy.initialize(1)).map((logit) => 2 * logit)
      const pool = yield* smallest(drawOwnAnswers(parameters, { problems: 20, answers: 100 }, 7))
      const drawn = pool.flatMap(({ answers }) => answers)
      for (const [text, digits] of [["0", [0, 0]], ["10", [0, 1]], ["1", [1, 0]], ["11", [1, 1]]] as const) {
        const [scores] = yield* policy.logProbs(
          parameters,
          [{ tokens: [1, operator, 1, equals, ...digits], promptLength: 3, offset: 0 }],
          1
        )
        const expected = Math.exp(scores!.reduce((sum, value) => sum + value, 0))
        const observed = drawn.filter(({ answer }) => answer === text).length / drawn.length
        // Four standard deviations of a share of 2,000.
        expect(Math.abs(observed - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / 2000))
      }
    }).pipe(Effect.provide(services)))

  it.effect("an expert's demonstrations of it are the model's answers, RESAMPLE after each wrong one, STOP after the right one", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const pool = yield* drawOwnAnswers(yield* policy.initialize(1), size, 7)
      const words = { grammar: yield* Grammar, placement: yield* Placement }
      const demonstration = Demonstrations.withExpert({ task: yield* Task, words, maxAttempts: 4 }, pool)
      const seen = Array.from({ length: 200 }, (_, i) => demonstration(1, i))
      const decisions = seen.flatMap((trajectory) => {
        const truth = [[1, 0], [0, 1, 0], [
          1,
          1,
          0
        ]][[3, 4, 4].indexOf(trajectory.promptLength) + (trajectory.promptLength === 4 ? trajectory.tokens[0]! : 0)]!
        return attempts(trajectory).map(({ decision, sample }) => ({
          action: decision?.action,
          isRight: trajectory.tokens.slice(sample.start, sample.end).join("") === truth.join("")
        }))
      })
      expect(decisions.filter(({ action, isRight }) => action !== (isRight ? "STOP" : "RESAMPLE"))).toEqual([])
      expect(new Set(decisions.map(({ isRight }) => isRight))).toEqual(new Set([true, false]))
    }).pipe(Effect.provide(services)))
})
