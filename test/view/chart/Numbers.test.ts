import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { logTicks, percent, short } from "../../../src/view/chart/Numbers.ts"

describe("Numbers of charts", () => {
  it("are three digits with a real minus, in exponents too", () => {
    expect([short(-0.12345), short(1e-7), short(-2e-7), percent(-0.1234), short(0)]).toEqual([
      "−0.123",
      "1e−7",
      "−2e−7",
      "−12.3 %",
      "0"
    ])
  })

  it("ticks of a logarithmic axis lie within it, ascend, and are 1, 2 or 5 times a power of ten", () => {
    expect(logTicks(1, 512, 6)).toEqual([1, 10, 100])
    expect(logTicks(1, 64, 6)).toEqual([1, 2, 5, 10, 20, 50])
    fc.assert(fc.property(fc.integer({ min: -8, max: 6 }), fc.integer({ min: 1, max: 12 }), (low, decades) => {
      const [least, most] = [10 ** low, 10 ** (low + decades)]
      const ticks = logTicks(least, most, 5)
      expect(ticks.length).toBeGreaterThanOrEqual(2)
      expect(ticks.length).toBeLessThanOrEqual(7)
      expect(ticks).toEqual(ticks.toSorted((a, b) => a - b))
      expect(ticks.filter((tick) => tick < least * 0.999 || tick > most * 1.001)).toEqual([])
      expect(ticks.filter((tick) => !["1", "2", "5"].includes(tick.toExponential(0)[0]!))).toEqual([])
    }))
  })
})
