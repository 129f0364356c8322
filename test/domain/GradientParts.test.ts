import { expect, it } from "vitest"
import { toTwoStage } from "../../src/domain/GradientParts.ts"

it("sampling and decision are read by name, in whichever order a partition lists them", () => {
  const measured = { step: 1, part: "total", norms: { decision: 2, sampling: 1 }, tokens: { decision: 4, sampling: 3 } }
  const expected = { step: 1, part: "total", normSampling: 1, normDecision: 2, cosine: 0.5, tokensSampling: 3, tokensDecision: 4 }
  expect(toTwoStage({ ...measured, cosines: [{ first: "sampling", second: "decision", cosine: 0.5 }] })).toEqual(expected)
  const noise = { signals: { decision: -0.5, sampling: 0.25 }, variances: { decision: 2, sampling: 1 } }
  const pair = { first: "sampling", second: "decision", cosine: 0.5, product: 0.125, covariance: -1 }
  expect(toTwoStage({ ...measured, ...noise, cosines: [pair] })).toEqual({
    ...expected,
    signalSampling: 0.25,
    signalDecision: -0.5,
    varianceSampling: 1,
    varianceDecision: 2,
    product: 0.125,
    covariance: -1
  })
  expect(toTwoStage({ ...measured, cosines: [{ first: "decision", second: "sampling", cosine: 0.5 }] })).toEqual(expected)
})
