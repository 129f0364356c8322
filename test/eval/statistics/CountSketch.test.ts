import { describe, expect, it } from "vitest"
import { draws } from "../../../src/domain/Seed.ts"
import { countSketch } from "../../../src/eval/statistics/CountSketch.ts"

const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!
  return sum
}

const LENGTH = 10_007
const WIDTH = 256
const stream = draws(3)
// A few coordinates carry most, as in a gradient, and their mean is not 0: without signs what meets would add up.
const x = Float64Array.from({ length: LENGTH }, (_, i) => (stream.uniform() - 0.3) * (i % 97 === 0 ? 40 : 1))
const y = Float64Array.from(x, (value) => 0.4 * value + stream.uniform() - 0.5)
const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)]

describe("countSketch", () => {
  it("has inner products whose mean is the vectors' and whose spread is that of the source: √((‖x‖²‖y‖² + ⟨x,y⟩²)/width)", () => {
    const rounds = 400
    const found = Array.from({ length: rounds }, (_, seed) => {
      const sketch = countSketch(LENGTH, WIDTH, seed)
      return dot(sketch.of(x), sketch.of(y))
    })
    const mean = found.reduce((sum, value) => sum + value, 0) / rounds
    const spread = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rounds)
    const bound = Math.sqrt((xx * yy + xy * xy) / WIDTH)
    expect(Math.abs(mean - xy)).toBeLessThan(3 * (bound / Math.sqrt(rounds)))
    expect(spread).toBeLessThan(1.1 * bound)
    expect(spread).toBeGreaterThan(0.5 * bound)
  })

  it("is linear, and the same for the same seed", () => {
    const { of, width } = countSketch(LENGTH, WIDTH, 5)
    const sum = of(x.map((value, i) => value - 2 * y[i]!))
    const [ofX, ofY] = [of(x), countSketch(LENGTH, WIDTH, 5).of(y)]
    expect(width).toBe(WIDTH)
    sum.forEach((value, i) => expect(value).toBeCloseTo(ofX[i]! - 2 * ofY[i]!, 9))
  })

  it("changes no inner product where the vectors are no longer than it", () => {
    const { of, width } = countSketch(LENGTH, 2 ** 16, 1)
    expect(width).toBe(LENGTH)
    expect(dot(of(x), of(y)) / xy).toBeCloseTo(1, 12)
    expect(countSketch(0, 8, 1).of([])).toEqual(new Float64Array(0))
  })
})
