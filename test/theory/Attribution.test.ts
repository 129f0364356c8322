import { describe, expect, it } from "vitest"
import {
  attribution,
  growthExponent,
  immediateTerms,
  magnitudeRatio,
  PropertyTable,
  Sft,
  sufficientStatistic
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

  it("terms that do not grow and are of one magnitude are balanced, though no one statistic exists", () => {
    const immediate = immediateTerms([[1], [1]], [1, 0.9])
    const q = { sampling: [2, 1], decision: [1, 2], tokens: [[2], [1]] }
    const { statistic, verdict } = attribution([{ immediate, q }])
    expect([statistic._tag, verdict]).toEqual(["Contradiction", "balanced"])
  })

  it("a growth over lengths decides before the ratio does", () => {
    const growing = [1, 4, 16].map((length) => {
      const immediate = immediateTerms([Array.from({ length }, () => 0.01)], [1])
      return { immediate, q: { sampling: [length], decision: [1], tokens: immediate.tokens } }
    })
    const result = attribution(growing)
    expect(result.verdict).toBe("unbalanced")
    expectClose(result.growthExponent!, 1)
    expect(result.ratio.perAction).toBeLessThan(1)
    expect(attribution(growing, { growthBound: 1.5 }).verdict).toBe("balanced")
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
    expect(reasonOf(() => attribution([{ immediate: table, q: table }], { ratioBound: 0.5 }))).toMatchObject({ what: "ratioBound" })
    const single = { attempts: [{ tokenLogProbs: [-1], decision: "STOP", decisionLogProb: -1 }] } as const
    expect(reasonOf(() => PropertyTable.properties(Sft, [single]))).toMatchObject({ _tag: "EmptyGroup" })
  })
})
