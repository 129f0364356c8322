import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Objective, type TokenBatch, TWO_STAGE } from "decision-sampling/theory"
import { reasonOf } from "../support/Errors.ts"
import { generalizedCrossEntropy, margin } from "../../src/laws/OwnLosses.ts"
import { type ObjectiveLawOptions, objectiveLaws } from "../../src/laws/ObjectiveLaws.ts"

const { LN2 } = Math
const [half, quarter] = [Math.log(0.5), Math.log(0.25)]

const away = (value: number, ...kinks: ReadonlyArray<number>) => kinks.every((kink) => Math.abs(value - kink) > 0.01)

const clips = [Math.log(0.8), Math.log(1.2), Math.log(3)]
const atOldRatio: ObjectiveLawOptions["isSmooth"] = ({ logProb, oldLogProb }) => away(logProb - oldLogProb, ...clips)

objectiveLaws("REINFORCE", () => Objective.surrogate({ ratio: "none" }), {
  example: { token: { logProb: half, advantage: 2 }, loss: 2 * LN2, derivative: -2 }
})

objectiveLaws("PPO's token ratio with dual clip", () => Objective.surrogate({ dualClip: 3 }), {
  example: { token: { logProb: half, oldLogProb: quarter, advantage: -1 }, loss: 2, derivative: 2 },
  isSmooth: atOldRatio
})

objectiveLaws("GSPO's sequence ratio", () => Objective.surrogate({ ratio: "sequence" }), {
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 3 }, loss: -1.5, derivative: -1.5 },
  isSmooth: ({ sequence }) => away(sequence, ...clips)
})

objectiveLaws("the KL penalty by k3", () => Objective.klInLoss({ beta: 2 }), {
  example: { token: { logProb: half, referenceLogProb: quarter }, loss: 2 * (0.5 - 1 + LN2), derivative: 1 }
})

objectiveLaws("the corrected KL penalty by |x|", () => Objective.klInLoss({ beta: 1, estimator: "abs", corrected: true }), {
  example: { token: { logProb: half, oldLogProb: half, referenceLogProb: quarter }, loss: LN2, derivative: 1 + LN2 },
  isSmooth: ({ logProb, referenceLogProb }) => away(logProb - referenceLogProb, 0)
})

objectiveLaws("the SFT loss", Objective.nll, { example: { token: { logProb: half }, loss: LN2, derivative: -1 } })

objectiveLaws("the DFT loss", Objective.dft, {
  example: { token: { logProb: quarter }, loss: LN2 / 2, derivative: -0.25 },
  fixed: ({ logProbs: held, owner }) => (logProbs) =>
    logProbs.reduce((total, logProb, token) => (owner[token] === 255 ? total : total - Math.exp(held[token]!) * logProb), 0)
})

objectiveLaws("the entropy bonus", () => Objective.entropyBonus({ coefficient: 0.5 }), {
  example: { token: { logProb: half, entropy: LN2 }, loss: -LN2 / 2, derivative: 0, entropyDerivative: -0.5 }
})

objectiveLaws("a loss of one's own, by settings", () => generalizedCrossEntropy({ q: 0.5 }), {
  example: { token: { logProb: quarter }, loss: 1, derivative: -0.5 }
})

objectiveLaws("a loss of one's own, by all columns", () => margin({ slope: 2 }), {
  // advantage 1, margin log ½ − log ¼ = log 2, old log-ratio 0, entropy 1: −(2 log 2)² + 3 · 1.
  example: {
    token: { logProb: half, oldLogProb: half, referenceLogProb: quarter, advantage: 1, entropy: 1 },
    loss: -4 * LN2 ** 2 + 3,
    derivative: -8 * LN2,
    entropyDerivative: 3
  }
})

describe("Objective.custom", () => {
  const batch: TokenBatch = { offsets: Int32Array.of(0, 1), owner: Uint8Array.of(0), logProbs: Float64Array.of(-1) }
  const derivativeOf = (objective: Objective.Objective) => Objective.evaluate(objective, batch, TWO_STAGE).derivative[0]!

  it("for every q, it reduces to the SFT loss at q → 0 and to −π at q = 1", () => {
    fc.assert(fc.property(fc.double({ min: -4, max: 0, noNaN: true }), (logProb) => {
      const at = { ...batch, logProbs: Float64Array.of(logProb) }
      const slope = (objective: Objective.Objective) => Objective.evaluate(objective, at, TWO_STAGE).derivative[0]!
      expect(slope(generalizedCrossEntropy({ q: 1e-9 }))).toBeCloseTo(slope(Objective.nll()), 6)
      expect(slope(generalizedCrossEntropy({ q: 1 }))).toBeCloseTo(slope(Objective.dft()), 12)
    }))
  })

  it("adds, scales, restricts and is named like any leaf", () => {
    const mixed = Objective.add(Objective.scale(Objective.restrict(generalizedCrossEntropy({ q: 1 }), "sampling"), 2), Objective.nll())
    expect(derivativeOf(mixed)).toBeCloseTo(-2 * Math.exp(-1) - 1, 12)
    expect(Objective.parts(mixed).map(({ name }) => name)).toEqual(["gce-sampling", "nll"])
    expect(Objective.readsEntropies(margin({ slope: 1 }))).toBe(true)
    expect(Objective.readsEntropies(mixed)).toBe(false)
  })

  it("asks for the columns it needs, by its name, before its function is called", () => {
    expect(reasonOf(() => derivativeOf(margin({ slope: 1 })))).toEqual({ _tag: "MissingInput", what: "advantages", neededBy: `"margin"` })
  })

  it("refuses a derivative in the entropy that was not announced, and a leaf whose function was lost on the way", () => {
    const sly = Objective.custom({ name: "sly", evaluate: () => ({ loss: 0, derivative: 0, entropyDerivative: 1 }) })
    expect(reasonOf(() => derivativeOf(sly))).toMatchObject({ _tag: "MissingInput", what: `"entropies" among its needs` })
    const copied = JSON.parse(JSON.stringify(generalizedCrossEntropy({ q: 1 })))
    expect(reasonOf(() => derivativeOf(copied))).toMatchObject({ _tag: "MissingInput", neededBy: `"gce"` })
  })
})

describe("an objective from outside that is none", () => {
  const batch: TokenBatch = { offsets: Int32Array.of(0, 1), owner: Uint8Array.of(0), logProbs: Float64Array.of(-1) }
  const known = [
    "KlInLoss",
    "Surrogate",
    "Cispo",
    "GeometricMean",
    "Sapo",
    "Vespo",
    "Dppo",
    "Dro",
    "ClipCov",
    "KlCov",
    "NegativeLogLikelihood",
    "DynamicFineTuning",
    "EntropyBonus",
    "Custom",
    "Sum",
    "Scale",
    "Restrict"
  ]

  it.each([[{ _tag: "Hinge" }, "Hinge"], [{}, "undefined"], [null, "null"], ["nll", "nll"], [undefined, "undefined"]])(
    "%j is refused by its tag, its place and the known ones, never by a TypeError",
    (node, tag) => {
      const leaf = node as unknown as Objective.Objective
      const nested = Objective.restrict({ _tag: "Sum", parts: [Objective.nll(), leaf] }, "sampling")
      const place = (path: string) => ({ _tag: "UnknownObjective", tag, path, known })
      expect(reasonOf(() => Objective.parts(leaf))).toEqual(place("objective"))
      expect(reasonOf(() => Objective.evaluate(leaf, batch, TWO_STAGE))).toEqual(place("objective"))
      expect(reasonOf(() => Objective.parts(nested))).toEqual(place("objective.objective.parts[1]"))
      expect(reasonOf(() => Objective.evaluate(nested, batch, TWO_STAGE))).toEqual(place("objective.objective.parts[1]"))
      expect(reasonOf(() => Objective.readsEntropies(nested))).toMatchObject({ _tag: "UnknownObjective" })
    }
  )
})
