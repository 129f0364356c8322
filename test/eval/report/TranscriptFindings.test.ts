import { describe, expect, it } from "vitest"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { simulate, type SimulatedPolicy } from "../../../src/eval/calibration/Simulate.ts"
import { sentencesOf } from "../../../src/eval/calibration/Verdict.ts"
import { calibrationSection } from "../../../src/eval/report/CalibrationSection.ts"
import { filesSummarySection } from "../../../src/eval/report/FilesSummarySection.ts"
import { comparisonFileSection } from "../../../src/eval/report/ComparisonSection.ts"
import { escapeHtml, html } from "../../../src/eval/report/Html.ts"
import { bracket } from "../../../src/eval/report/Words.ts"
import { calibrateTallies, compareTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { describeTallies } from "../../../src/eval/transcripts/DescribeTallies.ts"
import { makeTallies } from "../../../src/eval/transcripts/Tallies.ts"

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 30, n: 40, rolloutsPerQuery: 8, seed: 3, spread: 0.4 }
const levelsOf = (changes: Partial<SimulatedPolicy>) => {
  const tallies = makeTallies()
  for (const rollout of simulate({ ...policy, ...changes })) tallies.add(rollout)
  return tallies.levels()
}
const described = (changes: Partial<SimulatedPolicy> = {}, method = {}) => {
  const levels = levelsOf(changes)
  return describeTallies(calibrateTallies(levels, { rounds: 60, ...method }), levels, { badRowCount: 0, badRows: [] })
}
const name = (id: string) => html`${id}`
const sectionOf = (content: ReturnType<typeof described>) => {
  const models = [{ ...content, id: "one", label: "One", calibration: content }]
  const summary = filesSummarySection({ models, comparisons: [], attributions: [] }, { figure: null, byLevel: null, name })
  return summary.body.text + calibrationSection({ models }, new Map(), name).body.text
}

describe("the report of transcripts", () => {
  it("says the findings on the first screen, and shows the intervals that are clustered by prompt", () => {
    const content = described()
    const text = sectionOf(content)
    for (const sentence of sentencesOf(content.findings!)) expect(text).toContain(`<li>${escapeHtml(sentence)}</li>`)
    const { interval, wilson } = content.overall.pSample
    expect(text).toContain(bracket(interval))
    expect(text).not.toContain(bracket(wilson))
  })

  it("has no interval for four prompts", () => {
    const text = sectionOf(described({ n: 4 }))
    expect(text).toContain("TOO FEW PROMPTS")
    expect(text.slice(text.indexOf("<table"))).not.toMatch(/\[\d/)
  })

  it("shows pass@k of finished responses beside that of all where some were cut off", () => {
    const text = sectionOf(described({ cutAfter: 2 }))
    expect(text).toContain("pass@k, finished")
    expect(text).toContain("pass@k, all")
    expect(sectionOf(described())).not.toContain("pass@k, finished")
  })

  it("in the paper's way shows Wilson's intervals and says no more than it did", () => {
    const { findings: _said, ...content } = described({}, PAPER_METHOD)
    const text = sectionOf(content)
    expect(text).toContain(bracket(content.overall.pSample.wilson))
    expect(text).not.toContain("clustered by prompt:")
  })

  it("a comparison says its findings too", () => {
    const comparison = compareTallies({ id: "a", levels: levelsOf({}) }, { id: "b", levels: levelsOf({ pSample: 0.8 }) }, { rounds: 60 })
    const { body } = comparisonFileSection({ id: "c", label: "C", comparison, figure: html`` })
    expect(body.text).toContain(`<li>${escapeHtml(comparison.findings!.difference.text)}</li>`)
  })
})
