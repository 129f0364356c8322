import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
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
