import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import type { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"
import * as CensoredRates from "../../../src/theory/CensoredRates.ts"
import { contains } from "../../../src/eval/statistics/Interval.ts"
import { calibrateTallies, compareTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { makeTallies } from "../../../src/eval/transcripts/Tallies.ts"

const truth = { pSample: 0.3, pStopGivenCorrect: 0.8, pResampleGivenWrong: 0.6 }

/** What the theory says the rates come to when rollouts cut after k attempts are left out. */
const leftOut = (k: number) => {
  const rates = { sampleCorrect: truth.pSample, stopGivenCorrect: truth.pStopGivenCorrect, resampleGivenWrong: truth.pResampleGivenWrong }
  const { leftOut: estimated, truncated } = CensoredRates.byAttempts(rates, k)
  return {
    truncated,
    pSample: estimated.sampleCorrect!,
    pStopGivenCorrect: estimated.stopGivenCorrect!,
    pResampleGivenWrong: estimated.resampleGivenWrong!
  }
}

const tally = (rollouts: ReadonlyArray<EvaluatedRollout>) => {
  const tallies = makeTallies()
  for (const rollout of rollouts) tallies.add(rollout)
  return tallies.levels()
}

describe("E.2: rollouts that the token limit cuts off, p_S = .3, p_D|C = .8, p_D|W = .6", () => {
  it("left out, p_D|W = .6 is estimated as .472 when the cut comes after 3 attempts (11 %), .345 after 2 (23 %), and p_D|C = .8 as .870 and .919", () => {
    const rounded = [3, 2].map(leftOut).map(({ pResampleGivenWrong, pStopGivenCorrect, truncated }) =>
      [truncated, pResampleGivenWrong, pStopGivenCorrect].map((value) => value.toFixed(3))
    )
    expect(rounded).toEqual([["0.111", "0.472", "0.870"], ["0.230", "0.345", "0.919"]])
  })

  it.each([3, 2])("a cut after %d attempts: the paper's way finds those values, counting what was seen finds the true ones", (cutAfter) => {
    const rollouts = simulate({ ...truth, cap: 50, n: 40_000, seed: 11, cutAfter })
    const few = { rounds: 1 }
    const paper = calibrate(rollouts, { ...few, ...PAPER_METHOD }).overall
    const counted = calibrate(rollouts, few).overall
    const expected = leftOut(cutAfter)
    expect(Math.abs(counted.outcomes.Truncated / rollouts.length - expected.truncated)).toBeLessThan(0.01)
    for (const name of ["pStopGivenCorrect", "pResampleGivenWrong"] as const) {
      // Three standard errors of 10,000 decisions are below 0.015; the bias is at least 0.07.
      expect(Math.abs(paper[name].value! - expected[name])).toBeLessThan(0.015)
      expect(Math.abs(counted[name].value! - truth[name])).toBeLessThan(0.015)
    }
    expect(Math.abs(counted.pSample.value! - truth.pSample)).toBeLessThan(0.01)
    expect(Math.abs(paper.pSample.value! - expected.pSample)).toBeLessThan(0.01)
    // Every ending is right with the same probability p c/S, so finished rollouts show the accuracy of the uncut model.
    const uncut = (0.3 * 0.8) / (0.3 * 0.8 + 0.7 * 0.4)
    expect(Math.abs(counted.observed.accuracy! - uncut)).toBeLessThan(0.012)
    for (const form of ["predicted", "predictedCapped", "predictedByAttempt"] as const) {
      expect(Math.abs(counted[form].accuracy! - uncut)).toBeLessThan(0.02)
    }
    expect(counted.solved!.value).toBe(counted.outcomes.Correct / rollouts.length)
  })

  it("a cut before the decision: the answer counts in p_S and the transitions, and no decision is made up for it", () => {
    const rollouts = simulate({ ...truth, cap: 50, n: 40_000, seed: 12, cutAfter: 2, cutsDecision: true })
    const { counts, echo, n, outcomes, pResampleGivenWrong, pSampleByAttempt, pStopGivenCorrect } =
      calibrate(rollouts, { rounds: 1 }).overall
    const decisions = counts.correctStop + counts.correctResample + counts.wrongStop + counts.wrongResample
    expect(decisions).toBe(rollouts.length)
    expect(pSampleByAttempt.map(({ trials }) => trials)).toEqual([rollouts.length, outcomes.Truncated])
    expect(echo.trials).toBe(outcomes.Truncated)
    expect(n).toBe(rollouts.length - outcomes.Truncated)
    expect(Math.abs(pStopGivenCorrect.value! - 0.8)).toBeLessThan(0.015)
    expect(Math.abs(pResampleGivenWrong.value! - 0.6)).toBeLessThan(0.015)
  })

  it("the intervals cover the true rates, and 0 for the gap, at about the nominal rate when a fifth is cut: 150 seeds", () => {
    const runs = Array.from(
      { length: 150 },
      (_, seed) => calibrate(simulate({ ...truth, cap: 50, n: 150, seed, cutAfter: 2 }), { rounds: 200, seed }).overall
    )
    for (const name of ["pSample", "pStopGivenCorrect", "pResampleGivenWrong"] as const) {
      // 95 % of 150 is 142; fewer than 134 has a probability below 0.002.
      expect(runs.filter((run) => contains(run[name].interval!, truth[name])).length).toBeGreaterThanOrEqual(134)
    }
    expect(runs.filter((run) => contains(run.predictedCapped.gap.interval!, 0)).length).toBeGreaterThanOrEqual(134)
  })

  it("a model against one of the same rates that was cut: no difference in the rates, where the paper's way sees one of 20 points", () => {
    const from = { id: "whole", rollouts: simulate({ ...truth, cap: 50, n: 4000, seed: 3 }) }
    const to = { id: "cut", rollouts: simulate({ ...truth, cap: 50, n: 4000, seed: 4, cutAfter: 2 }) }
    const change = compare(from, to, { rounds: 100 }).overall.change.pResampleGivenWrong
    expect(contains(change.interval!, 0)).toBe(true)
    expect(compare(from, to, { rounds: 100, ...PAPER_METHOD }).overall.change.pResampleGivenWrong.value!).toBeLessThan(-0.2)
  })
})

describe("truncated rollouts in tallies", () => {
  const cut = (seed: number, cutsDecision: boolean) =>
    simulate({ ...truth, echo: 0.3, cap: 9, n: 40, rolloutsPerQuery: 3, seed, cutAfter: 2, cutsDecision, level: "a" })
  const numbers = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(
        value,
        (key, part: unknown) => (["interval", "pValue", "leads", "findings", "version"].includes(key) ? undefined : part)
      )
    )

  it.each([["counted", {}], ["left out", PAPER_METHOD]] as const)("%s: give the numbers of the rollouts themselves", (_, method) => {
    const [one, other] = [[...cut(1, false), ...cut(2, true)], cut(3, true)]
    const options = { rounds: 2, ...method }
    expect(numbers(calibrateTallies(tally(one), options))).toEqual(numbers(calibrate(one, options)))
    const compared = compareTallies({ id: "a", levels: tally(one) }, { id: "b", levels: tally(other) }, options)
    expect(numbers(compared)).toEqual(numbers(compare({ id: "a", rollouts: one }, { id: "b", rollouts: other }, options)))
  })

  it("left out, a query with nothing but truncated rollouts is none; counted, it is one", () => {
    const [first, ...rest] = cut(1, true).filter(({ outcome }) => outcome === "Truncated")
    const alone = { ...first!, query: "only truncated" }
    const counted = calibrateTallies(tally([...rest, alone]), { rounds: 1 }).overall
    expect(counted.queries).toBe(new Set(rest.map(({ query }) => query)).size + 1)
    expect(calibrateTallies(tally([alone]), { rounds: 1, ...PAPER_METHOD }).overall.queries).toBe(0)
  })

  it("refuses a word that is no way of counting", () => {
    expect(() => calibrate([], { truncated: "ignored" as "counted" })).toThrow(/truncated is ignored; expected one of: counted, left-out/)
  })
})
