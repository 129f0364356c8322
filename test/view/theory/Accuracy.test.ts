import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { centralDifference } from "../../../src/laws/support/CentralDifference.ts"
import { twoStageAccuracy } from "../../../src/theory/Accuracy.ts"
import { LOGIT_NAMES } from "../../../src/theory/illustration/ThreeLogit.ts"
import { CAPS } from "../../../src/view/theory/accuracy/AccuracyForm.ts"
import { curves, gainsAt, leverageMap, mapShares, mostGaining, sensitivities } from "../../../src/view/theory/accuracy/Sensitivity.ts"
import { accuracySentence } from "../../../src/view/theory/accuracy/Words.ts"
import { interiorRates } from "../../support/TwoStageArbitraries.ts"

const caps = fc.constantFrom(Infinity, ...CAPS)
const rates = (sampleCorrect: number, stopGivenCorrect: number, resampleGivenWrong: number) => ({
  sampleCorrect,
  stopGivenCorrect,
  resampleGivenWrong
})

describe("What each rate is worth", () => {
  it("is the slope of accuracy, with every cap and without, and by the logit rate·(1 − rate) of it", () => {
    fc.assert(fc.property(interiorRates, caps, (at, cap) => {
      const slopes = centralDifference(
        (vector) => twoStageAccuracy(rates(vector[0]!, vector[1]!, vector[2]!), cap),
        Object.values(at),
        1e-4
      )
      sensitivities(at, cap).forEach(({ gain, name, onLogit }, index) => {
        expect(Math.abs(gain - slopes[index]!)).toBeLessThan(1e-6 * Math.max(1, gain))
        expect(onLogit).toBeCloseTo(at[name] * (1 - at[name]) * gain, 12)
      })
    }))
  })

  it("without a cap is 1 : 1 − c : w by the logits", () => {
    const [s, c, w] = sensitivities(rates(0.3, 0.8, 0.6), Infinity)
    expect(c!.onLogit / s!.onLogit).toBeCloseTo(0.2, 12)
    expect(w!.onLogit / s!.onLogit).toBeCloseTo(0.6, 12)
  })

  it("of a rate that is 1 is 0, and where nothing ever stops the page still answers", () => {
    expect(gainsAt(rates(0.3, 1, 0.6), Infinity).stopGivenCorrect).toBe(0)
    expect(sensitivities(rates(0.5, 0, 1), Infinity).map(({ elasticity }) => elasticity)).toEqual([null, null, null])
    expect(mostGaining(rates(1, 1, 1), Infinity)).toEqual([])
  })

  it("curves pass through the point itself and share their places", () => {
    fc.assert(
      fc.property(interiorRates, caps, (at, cap) => {
        const along = curves(at, cap)
        const places = along.sampleCorrect.map(({ x }) => x)
        for (const name of LOGIT_NAMES) {
          expect(along[name].map(({ x }) => x)).toEqual(places)
          expect(along[name].find(({ x }) => x === at[name])!.y).toBe(twoStageAccuracy(at, cap))
        }
      }),
      { numRuns: 20 }
    )
  })

  it("the map names in each field the rate that gains most at its middle, and covers the plane", () => {
    for (const cap of [Infinity, 2]) {
      const stretches = leverageMap(0.8, cap, 12)
      for (const { from, name, row, to } of stretches) {
        for (let column = from; column < to; column++) {
          expect(mostGaining(rates((column + 0.5) / 12, 0.8, (row + 0.5) / 12), cap)).toContain(name)
        }
      }
      const shares = mapShares(stretches, 12)
      expect(shares.sampleCorrect + shares.stopGivenCorrect + shares.resampleGivenWrong).toBeCloseTo(1, 12)
    }
  })
})

describe("The sentence on accuracy", () => {
  it("compares with answering once and names what gains most", () => {
    expect(accuracySentence(rates(0.3, 0.8, 0.6), Infinity)).toBe(
      "Of 100 responses 46.2 end on a right answer, 16.2 points more than answering once (30 %); a response takes 1.92 attempts on average. A point more of p_S gains most, 1.18 points of accuracy: improving what samples (π_S) beats improving what decides (π_D) here."
    )
    expect(accuracySentence(rates(0.3, 0.95, 0.95), Infinity)).toContain("improving what decides (π_D) beats improving what samples (π_S)")
  })

  it("says where deciding does harm, and where the cap does", () => {
    expect(accuracySentence(rates(0.5, 0.5, 0.3), Infinity)).toContain("Deciding does harm")
    expect(accuracySentence(rates(0.5, 0.6, 0.6), 1)).toContain("the cap ends too many responses on a RESAMPLE")
    expect(accuracySentence(rates(0.5, 0.6, 0.6), Infinity)).not.toContain("cap")
  })

  it("has words for a process that never stops, with and without a cap, and for one that cannot gain", () => {
    expect(accuracySentence(rates(0.5, 0, 1), Infinity)).toContain("never ends")
    expect(accuracySentence(rates(0.5, 0, 1), 3)).toContain("runs into the cap")
    expect(accuracySentence(rates(1, 1, 1), Infinity)).toContain("No rate gains anything")
    fc.assert(fc.property(fc.constantFrom(0, 0.5, 1), fc.constantFrom(0, 0.5, 1), fc.constantFrom(0, 0.5, 1), caps, (p, c, w, cap) => {
      expect(accuracySentence(rates(p, c, w), cap)).not.toMatch(/NaN|Infinity|undefined|null/)
    }))
  })
})
