import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { layerSequence, Placement } from "../../../src/model/policy/Placement.ts"

const placed = (positions: number) => Effect.provide(Placement, layerSequence({ positions, context: "history", maxAttempts: 3 }))

describe("a sequence's placement", () => {
  it("counts on from the prompt; with the full history in sight every attempt has a segment and one group is all", async () => {
    const placement = await Effect.runPromise(placed(9))
    expect([placement.positions, placement.segments, placement.largestOffset([1, 2])]).toEqual([9, 4, 0])
    expect(placement.at([1, 2], 0, { attempt: 2, place: 3 })).toEqual({ position: 5, segment: 3, group: 0 })
  })

  it("a number of positions that is none fails the layer, as a ConfigError", async () => {
    for (const positions of [0, 1.5]) {
      expect(await Effect.runPromise(Effect.flip(placed(positions)))).toMatchObject({ _tag: "ConfigError", field: "placement.positions" })
    }
  })
})
