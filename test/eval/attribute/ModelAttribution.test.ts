import { describe, expect, it } from "vitest"
import { scaledGradient } from "../../../src/eval/attribute/ModelAttribution.ts"

const share = { name: "0", parameters: 4, normSampling: 3, normDecision: 4, cosine: 0.5, shareSampling: 1, shareDecision: 1 }
const gradient = {
  normSampling: 3,
  normDecision: 4,
  cosine: 0.5,
  ratio: 0.75,
  tokensSampling: 5,
  tokensDecision: 2,
  signalSampling: 8,
  varianceSampling: 1,
  product: 6,
  sampling: { tokens: 5, actions: 1, perToken: 4.2, perAction: 21 },
  decision: { tokens: 2, actions: 0, perToken: 14, perAction: null },
  intervals: { normSampling: [2, 4], normDecision: null, ratio: [0.5, 1], cosine: [0.4, 0.6] },
  expected: {
    normSampling: 2.8,
    normDecision: 3.9,
    ratio: 0.72,
    cosine: 0.52,
    intervals: { normSampling: [2, 3.5], normDecision: [3, 4.5], ratio: [0.5, 1], cosine: [0.4, 0.6] }
  },
  layers: [share],
  weights: [share]
} as const

describe("scaledGradient", () => {
  it("multiplies norms by |factor| and squares by its square, and turns nothing", () => {
    const found = scaledGradient(gradient, -2)
    expect(found).toMatchObject({
      normSampling: 6,
      normDecision: 8,
      cosine: 0.5,
      ratio: 0.75,
      signalSampling: 32,
      varianceSampling: 4,
      product: 24,
      sampling: { perToken: 8.4, perAction: 42, tokens: 5 },
      decision: { perAction: null },
      intervals: { normSampling: [4, 8], normDecision: null, ratio: [0.5, 1], cosine: [0.4, 0.6] },
      expected: { normSampling: 5.6, ratio: 0.72, intervals: { normDecision: [6, 9], cosine: [0.4, 0.6] } },
      layers: [{ normSampling: 6, normDecision: 8, cosine: 0.5, shareSampling: 1 }]
    })
    expect(found.signalDecision).toBeUndefined()
    expect(scaledGradient(gradient, 1)).toEqual(gradient)
  })

  it("has neither ratio nor angle of nothing", () => {
    const { cosine, expected, intervals, layers, ratio } = scaledGradient(gradient, 0)
    expect([cosine, ratio, intervals!.ratio, expected!.cosine, expected!.intervals.cosine, layers[0]!.shareSampling]).toEqual([
      0,
      null,
      null,
      null,
      null,
      null
    ])
  })
})
