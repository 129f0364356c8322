import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, fold, shuffle } from "../../src/domain/Seed.ts"

describe("fold", () => {
  it("gives the same seed for the same path and different seeds for neighbouring paths", () => {
    const seeds = new Set<number>()
    for (let step = 0; step < 100; step++) for (let row = 0; row < 100; row++) seeds.add(fold(1, step, row))
    // 10,000 of 2^32 seeds: about 0.01 collisions are expected.
    expect(seeds.size).toBeGreaterThanOrEqual(9_999)
    expect(fold(1, 3, "x")).toBe(fold(1, 3, "x"))
    expect(fold(1, "ab")).not.toBe(fold(1, "a", "b"))
  })

  it("spreads consecutive paths evenly over 16 bins (chi-square, 15 degrees of freedom, below the 99.99 % point)", () => {
    const bins = Array.from({ length: 16 }, () => 0)
    for (let i = 0; i < 16_000; i++) bins[fold(7, i) % 16]!++
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chiSquare).toBeLessThan(44.3)
  })
})

describe("draws", () => {
  it("first draws of neighbouring seeds are uniform: mean 1/2 and variance 1/12 within four standard errors", () => {
    const first = Array.from({ length: 20_000 }, (_, i) => draws(fold(3, i)).uniform())
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length
    const variance = first.reduce((sum, value) => sum + (value - mean) ** 2, 0) / first.length
    expect(Math.abs(mean - 0.5)).toBeLessThan((4 * Math.sqrt(1 / 12)) / Math.sqrt(first.length))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan((4 * Math.sqrt(1 / 180)) / Math.sqrt(first.length))
  })

  it("integers stay within their bounds, both included", () => {
    const stream = draws(5)
    const seen = new Set(Array.from({ length: 200 }, () => stream.integer(2, 4)))
    expect([...seen].sort()).toEqual([2, 3, 4])
  })
})

describe("shuffle", () => {
  it("is a permutation, leaves its input alone, and repeats with its seed", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        const before = [...items]
        const shuffled = shuffle(items, seed)
        expect([...shuffled].sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b))
        expect(items).toEqual(before)
        expect(shuffle(items, seed)).toEqual(shuffled)
      })
    )
  })
})
