import { describe, expect, it } from "vitest"
import {
  attribution,
  growthExponent,
  immediateTerms,
  magnitudeRatio,
  PropertyTable,
  Sft,
  sufficientStatistic,
  termGrowth,
  weighedCycles
} from "decision-sampling/theory"
import { expectClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

describe("Attribution by hand", () => {
  // Answers' terms 1, −2 and 3; decisions' 0.5 and −1.5: |r_S| = 1, 3 (mean 2), tokens (1 + 2 + 3)/3 = 2, |r_D| mean 1.
  const table = immediateTerms([[1, -2], [3]], [0.5, -1.5])

  it("sizes and ratios, per action and per token", () => {
    expect(magnitudeRatio([table])).toEqual({ samplingPerAction: 2, samplingPerToken: 2, decision: 1, perAction: 2, perToken: 2 })
  })

  it("0/0 is 1, and something against nothing is infinite", () => {
    expect(magnitudeRatio([immediateTerms([[0]], [0])]).perAction).toBe(1)
    expect(magnitudeRatio([immediateTerms([[2]], [0])]).perAction).toBe(Infinity)
  })

  it("L, √L and a constant have exponents 1, ½ and 0", () => {
    const fit = (value: (length: number) => number) =>
      growthExponent([2, 5, 11].map((length) => ({ length, value: value(length) }))).exponent
    expectClose(fit((length) => 3 * length), 1)
    expectClose(fit((length) => 3 * Math.sqrt(length)), 0.5)
    expectClose(fit(() => 3), 0)
  })

  it("growth averages sizes, not terms: answers +1 and −1 of 2 tokens, +4 and −4 of 4, have exponent 2; their means would be 0", () => {
    const tables = [[1, 0], [-1, 0], [4, 0, 0, 0], [-4, 0, 0, 0]].map((tokens) => immediateTerms([tokens], [1]))
    expectClose(termGrowth(tables)!, 2)
    expect(termGrowth([table])).toBeCloseTo(Math.log(1 / 3) / Math.log(2), 12)
    expect(termGrowth([immediateTerms([[1]], [1])])).toBe(null)
    expect(termGrowth([immediateTerms([[0], [1, 1]], [1, 1])])).toBe(null)
  })

  it("weighs an answer by token or as one action, discounted by γ a cycle", () => {
    const q = { sampling: [8, 4], decision: [2, 1], tokens: [[8, 6], [4]] }
    expect(weighedCycles(q, { gamma: 0.5 })).toEqual([{ sampling: [8, 6], decision: [2] }, { sampling: [2], decision: [0.5] }])
    expect(weighedCycles(q, { level: "action" })).toEqual([{ sampling: [8], decision: [2] }, { sampling: [4], decision: [1] }])
  })

  // Answers' mean |w| are (|3| + |−1|)/2 = 2 and 8, decisions' 1 and 3: 10/4 = 2.5. Signed means are 1 and 8: (1·1 + 8·3)/√(65·10).
  const cycles = [[{ sampling: [3, -1], decision: [1] }], [{ sampling: [8], decision: [3] }]]

  it("a verdict by hand: quotient of sums, cosine, and two standard errors of its logarithm", () => {
    const found = attribution(cycles)
    expect(found).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
    expectClose(found.ratio!, 2.5)
    expectClose(found.alignment!, 25 / Math.sqrt(650))
    // Deviations 2/10 − 1/4 and 8/10 − 3/4 = ∓0.05; variance 2/1·2·0.05² = 0.01, two errors 0.2.
    expectClose(found.interval![0], 2.5 * Math.exp(-0.2))
    expectClose(found.interval![1], 2.5 * Math.exp(0.2))
    expect(found.isSettled).toBe(true)
    expect(attribution(cycles, { ratioBound: 2.1 })).toMatchObject({ verdict: "unbalanced", isSettled: false })
  })

  it("the bound is 2 on both sides: 2 and ½ are balanced, 2.01 and 0.49 are not", () => {
    const of = (sampling: number, decision: number) => {
      const { towards, verdict } = attribution([[{ sampling: [sampling], decision: [decision] }]])
      return [verdict, towards]
    }
    expect(of(2, 1)).toEqual(["balanced", null])
    expect(of(1, 2)).toEqual(["balanced", null])
    expect(of(2.01, 1)).toEqual(["unbalanced", "sampling"])
    expect(of(0.49, 1)).toEqual(["unbalanced", "decision"])
    expect(of(-1, 1)).toEqual(["balanced", null])
    expect(of(0, 1)).toEqual(["unbalanced", "decision"])
    expect(of(1, 0)).toEqual(["unbalanced", "sampling"])
  })

  it("all weights 0 are their own verdict, and one sub-policy's make no cosine", () => {
    expect(attribution([[{ sampling: [0, 0], decision: [0] }], []])).toMatchObject({
      verdict: "none",
      towards: null,
      ratio: null,
      interval: null,
      alignment: null
    })
    expect(attribution([[{ sampling: [0], decision: [1] }], [{ sampling: [0], decision: [2] }]])).toMatchObject({
      ratio: 0,
      interval: null,
      isSettled: false,
      alignment: null
    })
  })

  it("a large pair hides no small one: (2e13, 1e13) and (1, 1000) have no one statistic, rounding dust beside them does no harm", () => {
    const tables = (...pairs: ReadonlyArray<readonly [number, number]>) => [
      { sampling: pairs.map(([sampling]) => sampling), decision: pairs.map(([, decision]) => decision) }
    ]
    expect(sufficientStatistic(tables([2e13, 1e13], [1, 1000]), { weights: "free" })._tag).toBe("Contradiction")
    expect(sufficientStatistic(tables([2, 1], [1e-16, -3e-17]), { weights: "free" })._tag).toBe("Statistic")
  })

  it("with free weights, all-zero tables have the statistic 0", () => {
    expect(sufficientStatistic([{ sampling: [0], decision: [0] }], { weights: "free" })._tag).toBe("Statistic")
  })

  it("refuses nothing to look at, one length only, and lengths or values that have no logarithm", () => {
    expect(reasonOf(() => sufficientStatistic([]))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => magnitudeRatio([]))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => growthExponent([{ length: 2, value: 1 }, { length: 2, value: 2 }]))).toMatchObject({
      _tag: "GroupTooSmall",
      size: 1
    })
    expect(reasonOf(() => growthExponent([{ length: 0, value: 1 }]))).toMatchObject({ what: "length" })
    expect(reasonOf(() => growthExponent([{ length: 1, value: 0 }]))).toMatchObject({ what: "value" })
    expect(reasonOf(() => attribution(cycles, { ratioBound: 0.5 }))).toMatchObject({ what: "ratioBound" })
    expect(reasonOf(() => attribution([[]]))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => attribution([[{ sampling: [], decision: [1] }]]))).toMatchObject({ what: "trajectories[0][0].sampling" })
    expect(reasonOf(() => attribution([[{ sampling: [1], decision: [NaN] }]]))).toMatchObject({ _tag: "NonFinite" })
    const single = { attempts: [{ tokenLogProbs: [-1], decision: "STOP", decisionLogProb: -1 }] } as const
    expect(reasonOf(() => PropertyTable.properties(Sft, [single]))).toMatchObject({ _tag: "EmptyGroup" })
  })
})
