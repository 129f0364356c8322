import { describe, expect, it } from "vitest"
import { counterpartOf, modelStyles } from "../../../src/eval/figures/ModelStyle.ts"
import { paperTable1 } from "../../../src/eval/results/PaperNumbers.ts"

const main = ["base", "sft-none", "sft-echo", "sft-expert", "dft-expert", "grpo-echo", "grpo-expert", "grpo-echo-decision"]

describe("modelStyles", () => {
  it("gives the main models of every report the same colours, whatever else it has and in whatever order", () => {
    const [alone, among] = [modelStyles(main), modelStyles(["base-1500", ...main.toReversed(), "nsr-echo"])]
    for (const id of main) expect(among(id)).toEqual(alone(id))
    expect(new Set(main.map((id) => alone(id).color)).size).toBe(8)
  })

  it("tells every other model from the main ones and from each other", () => {
    const ids = ["base-1500", ...main, "nsr-echo", "single-turn"]
    const styleOf = modelStyles(ids)
    expect(new Set(ids.map((id) => JSON.stringify(styleOf(id)))).size).toBe(ids.length)
  })

  it("gives files of anybody's the first colours", () => {
    const styleOf = modelStyles(["file-1", "file-2"])
    expect([styleOf("file-1"), styleOf("file-2")]).toEqual([modelStyles(main)("base"), modelStyles(main)("sft-none")])
  })

  it("gives each of the paper's models the colour of the one that has its part", () => {
    const ids = paperTable1.rows.map(({ model }) => counterpartOf(model))
    expect(ids).toEqual(["base", "sft-none", "sft-expert", "grpo-echo"])
    for (const id of ids) expect(modelStyles(ids)(id)).toEqual(modelStyles(main)(id))
    expect(counterpartOf("Another")).toBe("Another")
  })
})
