import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { Grammar } from "../../src/domain/Grammar.ts"
import type { Query } from "../../src/domain/Query.ts"
import { Reward, RewardError } from "../../src/domain/Reward.ts"
import { layerReward, type RewardSpec } from "../../src/domain/RewardSpec.ts"
import { sampleGroups } from "../../src/domain/Rollouts.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import { Task, type Verdict } from "../../src/domain/Task.ts"
import type { Ending, Span, Trajectory } from "../../src/domain/Trajectory.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"

const query: Query = { id: "12*3", level: "2x1", prompt: "Calculate 12 * 3. Think step by step.", answer: "36" }
const task = Multiplication.layer({ radix: 10, levels: ["2x1"] })

const attempt = (answer: string, action: "STOP" | "RESAMPLE"): Array<Span> => [
  { kind: "sample", start: 0, end: 1, answer },
  { kind: "decision", start: 1, end: 2, action }
]

const trajectory = (ending: Ending, spans: ReadonlyArray<Span>): Trajectory => ({ tokens: [], promptLength: 0, offset: 0, ending, spans })

describe("Reward layers", () => {
  const grade = (ending: Ending, answer: string) =>
    Effect.flatMap(Reward, (reward) => reward.grade(query, trajectory(ending, attempt(answer, ending === "stop" ? "STOP" : "RESAMPLE"))))

  it.effect("A.4: the exact reward is 1 for a right final answer and 0 for everything else", () =>
    Effect.gen(function* () {
      expect((yield* grade("stop", "36")).reward).toBe(1)
      expect((yield* grade("stop", "35")).reward).toBe(0)
      expect((yield* grade("cap", "36")).reward).toBe(0)
      expect((yield* grade("truncated", "36")).reward).toBe(0)
    }).pipe(Effect.provide(Reward.layerExact), Effect.provide(task)))

  it.effect("the map from outcomes to numbers is the layer's", () =>
    Effect.gen(function* () {
      expect((yield* grade("stop", "36")).reward).toBe(1)
      expect((yield* grade("stop", "35")).reward).toBe(-1)
      expect((yield* grade("stop", "thirty-five")).reward).toBe(-2)
      expect((yield* grade("truncated", "36")).reward).toBe(-3)
    }).pipe(
      Effect.provide(Reward.layerOutcome({ Correct: 1, Wrong: -1, Unparsable: -2, GoldInvalid: 0, Truncated: -3 })),
      Effect.provide(task)
    ))

  it.effect("what is right is the task's word: under another checker another answer earns the reward", () =>
    Effect.gen(function* () {
      expect((yield* grade("stop", "35")).reward).toBe(1)
      expect((yield* grade("stop", "36")).reward).toBe(0)
    }).pipe(
      Effect.provide(Reward.layerExact),
      Effect.provide(
        Layer.effect(
          Task,
          Effect.map(
            Task,
            (own) => ({ ...own, check: (_: Query, candidate: string): Verdict => (candidate === "35" ? "Correct" : "Wrong") })
          )
        ).pipe(Layer.provide(task))
      )
    ))
})

describe("rewards of one's own", () => {
  /** Grades one rollout "36, STOP" by the reward and the task at hand. */
  const graded = sampleGroups(new Float32Array(0), [query], { groupSize: 1, sampling: onPolicy, seed: 1 }).pipe(
    Effect.provideService(Grammar, { prompt: () => Result.succeed([]) } as unknown as Grammar["Service"]),
    Effect.provideService(Sampler, { sample: () => Effect.succeed([{ ...trajectory("stop", attempt("36", "STOP")), logProbs: [] }]) })
  )

  it.effect("a verdict that is none, and a reward that is no number, are RewardErrors with the query and the outcome", () =>
    Effect.gen(function* () {
      const wrong = { ...(yield* Task), check: () => "Right" as Verdict }
      const unknown = yield* Effect.flip(graded).pipe(Effect.provide(Reward.layerExact), Effect.provideService(Task, wrong))
      expect(unknown).toBeInstanceOf(RewardError)
      expect(unknown.message).toMatch(/reward of 12\*3: it is undefined, not a finite number, for the outcome "Right"; outcomes are/)
      const values = { Correct: NaN, Wrong: 0, Unparsable: 0, GoldInvalid: 0, Truncated: 0 }
      const none = yield* Effect.flip(graded).pipe(Effect.provide(Reward.layerOutcome(values)))
      expect(none.message).toMatch(/it is NaN, not a finite number, for the outcome "Correct"/)
    }).pipe(Effect.provide(task)))

  it.effect("a module whose export makes no layer is a ConfigError", () =>
    Effect.gen(function* () {
      const spec: RewardSpec = { _tag: "Module", module: "data:text/javascript,export const reward = () => ({ Correct: 1 })" }
      const error = yield* Effect.flip(Effect.provide(Reward, layerReward(spec)))
      expect(error).toMatchObject({
        _tag: "ConfigError",
        field: "reward.module",
        expected: "a module whose export reward makes a layer of Reward; it is no layer"
      })
    }).pipe(Effect.provide(task)))
})
