import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ConfigError } from "../../src/domain/Errors.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { layerReward, type RewardSpec } from "../../src/domain/RewardSpec.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import { ownModules } from "../support/OwnModules.ts"

const moduleOf = ownModules()

const query = Multiplication.toQuery({ radix: 10 }, { level: "2x1", left: 12, right: 3 })
const rewardOf = (spec: RewardSpec, answer: string) =>
  Effect.flatMap(
    Reward,
    (reward) =>
      reward.grade(query, { tokens: [], promptLength: 0, offset: 0, ending: "stop", spans: [{ kind: "sample", start: 0, end: 1, answer }] })
  ).pipe(
    Effect.map(({ reward }) => reward),
    Effect.provide(layerReward(spec).pipe(Layer.provide(Multiplication.layer({ radix: 10, levels: ["2x1"] }))))
  )

describe("a reward's spec", () => {
  it.effect("Exact and Outcome give each outcome its number", () =>
    Effect.gen(function* () {
      const values = { Correct: 2, Wrong: -1, Unparsable: -3, GoldInvalid: 0, Truncated: 0 }
      for (const [answer, exact, outcome] of [["36", 1, 2], ["35", 0, -1], ["a", 0, -3]] as const) {
        expect(yield* rewardOf({ _tag: "Exact" }, answer)).toBe(exact)
        expect(yield* rewardOf({ _tag: "Outcome", values }, answer)).toBe(outcome)
      }
    }))

  it.effect("Module: a ConfigError that its `reward` throws of the settings is the layer's", () =>
    Effect.gen(function* () {
      // The class comes with the settings: a test's modules and Node's are not the same ones.
      const module = moduleOf(
        "picky.mjs",
        "export const reward = (Refusal) => { throw new Refusal({ field: 'settings.size', value: '0', expected: 'more' }) }"
      )
      expect(yield* Effect.flip(rewardOf({ _tag: "Module", module, settings: ConfigError }, "36"))).toMatchObject({
        _tag: "ConfigError",
        field: "settings.size"
      })
    }))

  it.effect("Module: one without the export is refused by its field", () =>
    Effect.gen(function* () {
      const module = moduleOf("other.mjs", "export const rewards = 1")
      expect(yield* Effect.flip(rewardOf({ _tag: "Module", module }, "36"))).toMatchObject({
        field: "reward.module",
        expected: "a module with the export reward; it has rewards"
      })
    }))
})
