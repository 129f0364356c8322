import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { decodeObjective, encodeObjective } from "../../../src/model/loss/ObjectiveMessage.ts"
import { add, custom, evaluate, nll, type Objective, restrict, scale } from "../../../src/theory/Objective.ts"
import { TWO_STAGE } from "../../../src/theory/Partition.ts"
import { objectives } from "../../../src/laws/support/LossArbitraries.ts"
import { generalizedCrossEntropy, margin } from "../../../src/laws/OwnLosses.ts"

const ownLosses = new URL("../../../src/laws/OwnLosses.ts", import.meta.url).href

const sent = (objective: Objective) => Effect.flatMap(encodeObjective(objective), (encoded) => decodeObjective(structuredClone(encoded)))

describe("encodeObjective and decodeObjective", () => {
  it("for every objective of built-in leaves, what arrives is what was sent", () =>
    fc.assert(fc.asyncProperty(objectives, async (objective) => {
      expect(await Effect.runPromise(sent(objective))).toEqual(objective)
    })))

  it.effect("a loss of one's own arrives with its function, wherever it stands, by JSON too", () =>
    Effect.gen(function* () {
      const objective = add(scale(restrict(generalizedCrossEntropy({ q: 0.5 }), "decision"), 2), nll())
      const batch = { offsets: Int32Array.of(0, 2), owner: Uint8Array.of(0, 1), logProbs: Float64Array.of(-1, -2) }
      expect(() => structuredClone(objective)).toThrow(/could not be cloned/)
      const byJson = yield* Effect.flatMap(encodeObjective(objective), (encoded) => decodeObjective(JSON.parse(JSON.stringify(encoded))))
      for (const arrived of [yield* sent(objective), byJson]) {
        expect(evaluate(arrived, batch, TWO_STAGE)).toEqual(evaluate(objective, batch, TWO_STAGE))
      }
      expect(yield* sent(margin({ slope: 3 }))).toMatchObject({ _tag: "Custom", name: "margin", settings: { slope: 3 } })
    }))

  const evaluateOne = () => ({ loss: 0, derivative: 0 })

  it.effect("without a module, the error says to give one", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(encodeObjective(scale(custom({ name: "loose", evaluate: evaluateOne }), 2)))
      expect(error).toMatchObject({ _tag: "PolicyError", operation: "encodeObjective" })
      expect(error.message).toMatch(/"loose".*Objective\.custom a module: \{ url: import\.meta\.url, name/)
    }))

  it.effect("what is no objective is refused before it is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(encodeObjective({ _tag: "Hinge" } as unknown as Objective))
      expect(error.message).toMatch(/"Hinge", which is no objective/)
    }))

  it.effect.each<readonly [what: string, url: string, name: string, message: RegExp]>([
    ["a module that is not there", "file:///no/such/module.ts", "own", /cannot be loaded/],
    ["an export that is not there", ownLosses, "missing", /has no function "missing"/],
    ["an export that builds something else", ownLosses, "noLoss", /built something else/],
    ["another leaf than was sent", ownLosses, "generalizedCrossEntropy", /built something else/],
    ["an export that throws", ownLosses, "broken", /broken threw q is missing/]
  ])("fails with a PolicyError for %s", ([, url, name, message]) =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(sent(custom({ name: "own", evaluate: evaluateOne, settings: { q: 1 }, module: { url, name } })))
      expect(error).toMatchObject({ _tag: "PolicyError", operation: "decodeObjective" })
      expect(error.message).toMatch(message)
    }))
})
