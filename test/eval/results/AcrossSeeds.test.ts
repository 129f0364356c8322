import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { AcrossSeeds, acrossSeeds, spread } from "../../../src/eval/results/AcrossSeeds.ts"
import type { Results } from "../../../src/eval/results/Results.ts"
import { syntheticResults } from "../../support/SyntheticResults.ts"

const one = syntheticResults({ n: 40, rounds: 20 })
const verifier = [
  { level: "3x1", right: 30, acceptsRight: 0.9, wrong: 10, rejectsWrong: 0.8 },
  { level: "4x1", right: 10, acceptsRight: 0.5, wrong: 30, rejectsWrong: 0.4 },
  { level: "5x1", right: 0, acceptsRight: null, wrong: 40, rejectsWrong: 0.3 }
]
/** The same run under another seed, its first model's accuracy on the first level moved. */
const seeded = (seed: number, accuracy: number): Results => ({
  ...one,
  seed,
  models: one.models.map((model) => ({
    ...model,
    ...(model.id === "base" ? { verifier } : {}),
    calibration: {
      ...model.calibration,
      levels: model.calibration.levels.map((level, k) => (k === 0 ? { ...level, observed: { ...level.observed, accuracy } } : level))
    }
  }))
})
const runs = [seeded(1, 0.5), seeded(2, 0.6), seeded(3, 0.7)]

const pooled = (): AcrossSeeds => {
  const report = acrossSeeds(runs)
  if (typeof report === "string") throw new Error(report)
  return report
}

describe("several seeds as one", () => {
  it("keeps every seed's number in order, with mean and Student's interval: 0.5, 0.6, 0.7 is 0.6 ± 4.3027·0.1/√3", () => {
    const { accuracy } = pooled().seedModels[0]!.scopes[0]!
    expect(accuracy.values).toEqual([0.5, 0.6, 0.7])
    expect(accuracy.mean).toBeCloseTo(0.6, 12)
    expect(accuracy.interval![1]).toBeCloseTo(0.6 + (4.302653 * 0.1) / Math.sqrt(3), 6)
  })

  it("takes changes from the comparison with the model that a run started from", () => {
    const report = pooled()
    expect(report.seedModels[0]!.change).toBeUndefined()
    const echo = report.seedModels.find(({ id }) => id === "rl-echo")!
    const comparison = one.comparisons.find(({ from, to }) => from === "sft-echo" && to === "rl-echo")!
    expect(echo.change!.find(({ scope }) => scope === "trained")!.pResampleGivenWrong.mean).toBeCloseTo(
      comparison.trained!.change.pResampleGivenWrong.value!,
      12
    )
    expect(echo.change!.map(({ scope }) => scope)).toEqual(["3x1", "4x1", "5x1", "6x1", "7x1", "trained", "unseen", "overall"])
  })

  it("pools a verifier's levels by their counts: (30·0.9 + 10·0.5)/40 and (10·0.8 + 30·0.4)/40; a scope with no right answer is left out", () => {
    const { verifier: points } = pooled()
    expect(points.map(({ scope, seed }) => [seed, scope])).toEqual([[1, "trained"], [2, "trained"], [3, "trained"]])
    expect(points[0]!.acceptsRight).toBeCloseTo(0.8, 12)
    expect(points[0]!.rejectsWrong).toBeCloseTo(0.5, 12)
    expect(points[0]!.balancedAccuracy).toBeCloseTo(0.65, 12)
  })

  it("splits by part, by the median over measurements after step 0; the total only where there are no parts", () => {
    const row = (step: number, part: string, normSampling: number) => ({
      step,
      part,
      normSampling,
      normDecision: 1,
      cosine: 0.5,
      tokensSampling: 4,
      tokensDecision: 2
    })
    const attribution = [
      { model: "sft-echo", rows: [row(0, "total", 100), row(25, "total", 2), row(50, "total", 4)] },
      { model: "rl-echo", rows: [row(20, "total", 7), row(20, "surrogate", 3), row(20, "kl-k3", 0)] }
    ]
    const report = acrossSeeds(runs.map((run) => ({ ...run, attribution })))
    if (typeof report === "string") throw new Error(report)
    expect(report.splits.map(({ model, part, ratio, ratioPerToken }) => [model, part, ratio.mean, ratioPerToken.mean])).toEqual([
      ["sft-echo", "total", 3, 1.5],
      ["rl-echo", "surrogate", 3, 1.5],
      ["rl-echo", "kl-k3", null, null]
    ])
  })

  it("leaves out what a seed does not define, and says null where no seed does", () => {
    expect(spread([null, 0.2, 0.4])).toMatchObject({ values: [null, 0.2, 0.4], mean: 0.30000000000000004 })
    expect(spread([null, null])).toEqual({ values: [null, null], mean: null, interval: null })
  })

  it("survives JSON", () => {
    const report = pooled()
    expect(Schema.decodeUnknownSync(AcrossSeeds)(JSON.parse(JSON.stringify(Schema.encodeSync(AcrossSeeds)(report))))).toEqual(report)
  })

  it("refuses runs that are not the same experiment, and says why", () => {
    expect(acrossSeeds([])).toBe("no runs")
    expect(acrossSeeds([runs[0]!, { ...runs[1]!, preset: "other" }])).toBe("presets differ: synthetic, other")
    expect(acrossSeeds([runs[0]!, { ...runs[1]!, task: { ...runs[1]!.task, cap: 5 } }])).toMatch(/^tasks differ/)
    // Text has no cap of its own, but that of its longest response.
    const [one, two] = [7, 9].map((cap, i) => ({ ...runs[i]!, task: { ...runs[i]!.task, cap, model: "model.gguf" } }))
    expect(acrossSeeds([one!, two!])).toMatchObject({ task: { cap: 9 } })
    expect(acrossSeeds([one!, { ...two!, task: { ...two!.task, model: "other.gguf" } }])).toMatch(/^tasks differ/)
    expect(acrossSeeds([runs[0]!, { ...runs[1]!, models: runs[1]!.models.slice(1) }])).toBe("the runs hold different models")
    expect(acrossSeeds([runs[0]!, runs[0]!])).toBe("seeds repeat: 1, 1")
  })
})
