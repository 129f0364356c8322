import { describe, expect, it } from "vitest"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import type { CalibrationFindings } from "../../src/eval/calibration/Findings.ts"
import { headlineOf } from "../../src/eval/calibration/Headline.ts"
import { simulate, type SimulatedPolicy } from "../../src/eval/calibration/Simulate.ts"
import { verdictOf } from "../../src/eval/calibration/Verdict.ts"

const policy: SimulatedPolicy = {
  pSample: 0.5,
  pStopGivenCorrect: 0.9,
  pResampleGivenWrong: 0.6,
  cap: 30,
  n: 400,
  rolloutsPerQuery: 2,
  seed: 3,
  level: "3x4"
}
const findingsOf = (changes: Partial<SimulatedPolicy> = {}) => verdictOf(calibrate(simulate({ ...policy, ...changes }), { rounds: 200 }))

describe("the findings in two lines", () => {
  it.each<readonly [what: string, changes: Partial<SimulatedPolicy>, short: RegExp, next: RegExp]>([
    [
      "a model that samples badly",
      { pSample: 0.2 },
      /^In short: sampling limits it more than deciding; reflection helps; its decisions tell right from wrong/,
      /^Next: train what it samples, its first answers; then `compare BEFORE AFTER`/
    ],
    [
      "a model that keeps wrong answers",
      { pSample: 0.5, pStopGivenCorrect: 0.95, pResampleGivenWrong: 0.85 },
      /deciding limits it more than sampling \(it keeps wrong answers\)/,
      /^Next: train it to reject wrong answers/
    ],
    [
      "a model that gives up right answers",
      { pSample: 0.3, pStopGivenCorrect: 0.2, pResampleGivenWrong: 0.9, cap: 4 },
      /deciding limits it more than sampling \(it gives up right answers\)/,
      /^Next: train it to stop at right answers/
    ],
    [
      "a model that decides the wrong way round",
      { pStopGivenCorrect: 0.3, pResampleGivenWrong: 0.2 },
      /reflection harms; its decisions are the wrong way round/,
      /^Next: /
    ],
    ["a model that never revises", { pStopGivenCorrect: 1, pResampleGivenWrong: 0 }, /it never revised an answer\.$/, /^Next: /],
    [
      "a model that is always right",
      { pSample: 1, pStopGivenCorrect: 1 },
      /which of sampling and deciding limits it cannot be said/,
      /--markers FILE/
    ],
    ["a few prompts", { n: 4 }, /^In short, on too few prompts: /, /^Next: sample more prompts/]
  ])("%s", (_, changes, short, next) => {
    const lines = headlineOf(findingsOf(changes))
    expect(lines).toEqual([expect.stringMatching(short), expect.stringMatching(next)])
  })

  it("echoes are told by their share, and rows of no use come first in what to do", () => {
    const findings = findingsOf()
    const echoing = (echo: number): CalibrationFindings => ({ ...findings, decision: { ...findings.decision, echo } })
    expect(headlineOf(echoing(0.3))[0]).toContain("of its revisions 30.0 % are echoes, the same value again.")
    expect(headlineOf(echoing(0.02))[0]).toContain("it hardly echoes (2.0 % of its revisions).")
    const usable = (verdict: "many" | "all"): CalibrationFindings => ({ ...findings, usable: { ...findings.usable, verdict } })
    expect(headlineOf(usable("many"))[1]).toContain("--explain LINE")
    expect(headlineOf(usable("all"))).toEqual([])
  })
})
