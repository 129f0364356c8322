import { describe, expect, it } from "vitest"
import { clampedRatio, clippedTerm, logRatioDerivative } from "decision-sampling/theory"

const bounds = { clipLow: 0.2, clipHigh: 0.2, dualClip: 3 }
const slopeAt = (ratio: number, advantage: number) => clippedTerm(ratio, advantage, bounds).slope

describe("clippedTerm at its edges", () => {
  it("an edge belongs to the inside, where the slope is −A: 1 + clipHigh, 1 − clipLow and the dual clip; one step outside it is 0", () => {
    const step = 1e-15
    expect([slopeAt(1 + 0.2, 2), slopeAt(1 + 0.2 + step, 2)]).toEqual([-2, 0])
    expect([slopeAt(1 - 0.2, -2), slopeAt(1 - 0.2 - step, -2)]).toEqual([2, 0])
    expect([slopeAt(3, -2), slopeAt(3 + step, -2)]).toEqual([2, 0])
  })

  it("each bound counts for one sign of the advantage", () => {
    expect([slopeAt(5, 2), slopeAt(2, -2), slopeAt(0.1, 2), slopeAt(0.1, -2)]).toEqual([0, 2, -2, 0])
  })

  it("nothing is lost or gained at A = 0, though the ratio is infinite", () => {
    for (const dualClip of [3, null]) {
      expect(clippedTerm(Infinity, 0, { clipLow: null, clipHigh: null, dualClip })).toEqual({ loss: 0, slope: 0 })
    }
  })
})

describe("clampedRatio and the derivative in the log-ratio", () => {
  it("the clamp itself is inside; one step beyond it is not, and the ratio stays", () => {
    for (const sign of [1, -1]) {
      expect(clampedRatio(20 * sign, 20)).toEqual({ ratio: Math.exp(20 * sign), inside: true })
      expect(clampedRatio((20 + 1e-14) * sign, 20)).toEqual({ ratio: Math.exp(20 * sign), inside: false })
    }
  })

  it("is slope·ratio inside the clamp and 0 outside, and 0 where a clipped ratio has overflowed", () => {
    const derivative = (logRatio: number, advantage: number, clamp: number | null = null) => {
      const clamped = clampedRatio(logRatio, clamp)
      return logRatioDerivative(clippedTerm(clamped.ratio, advantage, bounds), clamped)
    }
    expect(derivative(0.1, 2)).toBe(-2 * Math.exp(0.1))
    expect([derivative(1000, 2), derivative(1000, 0), derivative(1000, -2)]).toEqual([0, 0, 0])
    expect(derivative(-0.1, 2, 0.05)).toBe(0)
  })
})
