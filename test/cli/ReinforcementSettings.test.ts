import { describe, expect, it } from "vitest"
import { quick } from "../../src/cli/reproduce/Preset.ts"
import { reinforcementSettings } from "../../src/cli/reproduce/Stages.ts"

// A preset that says everything that a method of its own replaces.
const preset = {
  ...quick,
  grpo: { ...quick.grpo, clipLow: 0.1, clipHigh: 0.2, dualClip: 3, aggregation: "token-mean" as const, epochs: 2 }
}
const { steps: _, ...whole } = preset.grpo

describe("the settings of one run of reinforcement learning", () => {
  it("are the preset's, but for what the run says", () => {
    expect(reinforcementSettings(preset, {})).toEqual(whole)
    const own = { kl: { _tag: "None" }, aggregation: "seq-mean-token-sum", restrict: "decision" } as const
    for (const [field, value] of Object.entries(own)) {
      expect(reinforcementSettings(preset, { [field]: value })).toEqual({ ...whole, [field]: value })
    }
  })

  it("a method of its own brings advantage, clips and aggregation; KL, sizes and learning rate stay the preset's", () => {
    const { advantage: _a, aggregation: _b, clipHigh: _c, clipLow: _d, dualClip: _e, ...common } = whole
    expect(reinforcementSettings(preset, { method: "rloo" })).toEqual(common)
    expect(reinforcementSettings(preset, { method: "rloo", aggregation: "token-mean", restrict: "sampling" })).toEqual({
      ...common,
      aggregation: "token-mean",
      restrict: "sampling"
    })
  })
})
