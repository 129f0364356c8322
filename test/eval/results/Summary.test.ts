import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import type { ModelResult } from "../../../src/eval/results/Results.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"
import { summarize } from "../../../src/eval/results/Summary.ts"

type Rates = readonly [pSample: number, pStopGivenCorrect: number, pResampleGivenWrong: number]

const settings = { rounds: 200, cap: 4, levels: ["easy", "hard"], trainLevels: ["easy"] }
const task = { radix: 10, trainLevels: ["easy"], testLevels: ["easy", "hard"], testPerLevel: 600, cap: 4 }

const rollouts = (easy: Rates, hard: Rates, seed: number, spread = 0) =>
  [easy, hard].flatMap(([pSample, pStopGivenCorrect, pResampleGivenWrong], k) =>
    simulate({ level: settings.levels[k]!, pSample, pStopGivenCorrect, pResampleGivenWrong, cap: 4, n: 600, seed: 10 * seed + k, spread })
  )

const model = (
  id: string,
  stage: ModelResult["stage"],
  data: ReturnType<typeof rollouts>,
  more: Partial<ModelResult> = {}
): ModelResult => ({
  id,
  label: id.toUpperCase(),
  stage,
  steps: 1,
  calibration: calibrate(data, settings),
  examples: [],
  ...more
})

/** Findings of an RL model and the SFT model that it started from. */
const findings = (before: readonly [Rates, Rates], after: readonly [Rates, Rates], spread = 0) => {
  const from = rollouts(...before, 1, spread)
  const to = rollouts(...after, 2, spread)
  const models = [model("sft", "sft", from, { start: "echo" }), model("rl", "rl", to, { start: "echo", parent: "sft" })]
  const comparisons = [compare({ id: "sft", rollouts: from }, { id: "rl", rollouts: to }, settings)]
  return summarize({ models, comparisons, task })
}

const verdict = (all: ReturnType<typeof findings>, start: string) => {
  const matching = all.filter((finding) => finding.claim.startsWith(start))
  expect(matching.length, `findings that start with "${start}"`).toBe(1)
  return matching[0]!.verdict
}

const start: readonly [Rates, Rates] = [[0.6, 0.7, 0.3], [0.4, 0.7, 0.3]]

describe("summarize", () => {
  it("agrees that RL raises p_D|W when it did, disagrees when it fell, and is undecided when nothing changed", () => {
    const raises = "RL raises the probability of rejecting a wrong answer"
    expect(verdict(findings(start, [[0.6, 0.7, 0.8], [0.4, 0.7, 0.8]]), raises)).toBe("agrees")
    expect(verdict(findings(start, [[0.6, 0.7, 0.1], [0.4, 0.7, 0.1]]), raises)).toBe("disagrees")
    expect(verdict(findings(start, start), raises)).toBe("undecided")
  })

  it("credits decision or sampling according to which of them changed", () => {
    const gain = "RL's gain comes from deciding more than from sampling"
    expect(verdict(findings(start, [[0.6, 0.95, 0.9], [0.4, 0.95, 0.9]]), gain)).toBe("agrees")
    expect(verdict(findings(start, [[0.95, 0.7, 0.3], [0.8, 0.7, 0.3]]), gain)).toBe("disagrees")
  })

  it("judges out-of-distribution claims by the unseen level alone", () => {
    const better = findings(start, [[0.6, 0.7, 0.3], [0.8, 0.9, 0.8]])
    expect(verdict(better, "RL improves accuracy out of distribution")).toBe("agrees")
    const worse = findings(start, [[0.95, 0.9, 0.9], [0.15, 0.7, 0.3]])
    expect(verdict(worse, "RL improves accuracy out of distribution")).toBe("disagrees")
  })

  it("figures 2 and 3: p_D|W that falls to 0 beyond training is lost, p_D|W that holds is kept", () => {
    const lost = findings([[0.6, 0.9, 0.8], [0.4, 0.9, 0.02]], [[0.6, 0.9, 0.8], [0.4, 0.9, 0.02]])
    expect(verdict(lost, "SFT loses the rejection")).toBe("agrees")
    expect(verdict(lost, "RL keeps rejecting")).toBe("disagrees")
    const kept = findings([[0.6, 0.9, 0.8], [0.4, 0.9, 0.75]], [[0.6, 0.9, 0.8], [0.4, 0.9, 0.75]])
    expect(verdict(kept, "SFT loses the rejection")).toBe("disagrees")
    expect(verdict(kept, "RL keeps rejecting")).toBe("agrees")
  })

  it("says that predictions match when the model's assumptions hold, and that they do not when problems differ in difficulty", () => {
    const claim = "Predicted accuracy lies within the interval of the observed one, by the formula with the cap"
    const holds = findings([[0.6, 0.9, 0.6], [0.5, 0.9, 0.6]], [[0.7, 0.9, 0.7], [0.5, 0.9, 0.7]])
    expect(holds.find((finding) => finding.claim === claim)!.verdict).toBe("agrees")
    const broken = findings([[0.5, 0.95, 0.9], [0.5, 0.95, 0.9]], [[0.5, 0.95, 0.95], [0.5, 0.95, 0.95]], 0.45)
    expect(broken.find((finding) => finding.claim === claim)!.verdict).toBe("disagrees")
  })

  it("DFT is compared with the SFT model of the same demonstrations and parent", () => {
    const from = rollouts(...start, 1)
    const to = rollouts([0.9, 0.7, 0.3], [0.8, 0.7, 0.3], 2)
    const models = [
      model("base", "base", from),
      model("sft", "sft", from, { start: "expert", parent: "base" }),
      model("dft", "dft", to, { start: "expert", parent: "base" })
    ]
    const all = summarize({ models, comparisons: [compare({ id: "sft", rollouts: from }, { id: "dft", rollouts: to }, settings)], task })
    expect(verdict(all, "DFT generalises better than SFT")).toBe("agrees")
  })

  it("prints the numbers behind a verdict: those of the comparison", () => {
    const from = rollouts(...start, 1)
    const to = rollouts([0.6, 0.7, 0.8], [0.4, 0.7, 0.8], 2)
    const { overall } = compare({ id: "sft", rollouts: from }, { id: "rl", rollouts: to }, settings)
    const finding = findings(start, [[0.6, 0.7, 0.8], [0.4, 0.7, 0.8]]).find((each) => each.claim.startsWith("RL raises"))!
    expect(finding.evidence).toContain(`${(100 * overall.change.pResampleGivenWrong.value!).toFixed(1)} points`)
    expect(finding.evidence).toContain("above 0 on easy and hard, below 0 on no level")
  })
})
