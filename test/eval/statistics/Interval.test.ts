import { readFileSync } from "node:fs"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { contains, normalInterval, wilsonInterval } from "../../../src/eval/statistics/Interval.ts"

interface PaperRow {
  readonly model: string
  readonly accuracy: ReadonlyArray<number>
  readonly ci: ReadonlyArray<readonly [number, number]>
}
const table1: { readonly n: number; readonly rows: ReadonlyArray<PaperRow> } = JSON.parse(
  readFileSync(new URL("../../golden/paper.json", import.meta.url), "utf8")
).table1

/** Successes out of trials, 1 ≤ n ≤ 500. */
const proportion = fc.integer({ min: 1, max: 500 }).chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))

describe("normalInterval", () => {
  const cells = table1.rows.flatMap((row) =>
    row.accuracy.map((percent, k) => ({ cell: `${row.model} ${k + 1}`, percent, printed: row.ci[k]! }))
  )

  it("has all 28 cells of table 1 to compare with", () => {
    expect(cells.length).toBe(28)
  })

  it.each(cells)("Table 1: the printed interval of $cell is the normal one, to 0.06 points", ({ percent, printed }) => {
    const [lower, upper] = normalInterval(percent, table1.n)!
    expect(Math.abs(100 * lower - printed[0])).toBeLessThanOrEqual(0.06)
    expect(Math.abs(100 * upper - printed[1])).toBeLessThanOrEqual(0.06)
  })

  it("is not cut at 0 and 1: 98 of 100 reaches 100.7 %, and 0 of 100 has no width", () => {
    expect(normalInterval(98, 100)![1]).toBeCloseTo(1.0074, 4)
    expect(normalInterval(0, 100)).toEqual([0, 0])
  })

  it("is null without trials", () => {
    expect(normalInterval(0, 0)).toBeNull()
  })
})

describe("wilsonInterval", () => {
  it("gives the published example: 10 of 20 is 0.299 to 0.701, 0 of 10 is 0 to 0.278", () => {
    // By hand for k = n/2: centre 1/2, half-width (z √(1/4n + z²/4n²))/(1 + z²/n) = 0.5 z/√(n + z²) = 0.98/√23.8416 = 0.20071.
    const [lower, upper] = wilsonInterval(10, 20)!
    expect(lower).toBeCloseTo(0.5 - 0.20071, 5)
    expect(upper).toBeCloseTo(0.5 + 0.20071, 5)
    // By hand for k = 0: upper = z²/(n + z²) = 3.8416/13.8416.
    expect(wilsonInterval(0, 10)![1]).toBeCloseTo(3.8416 / 13.8416, 12)
  })

  it("ends where the z-test of k of n just rejects: |p − p₀| = z √(p₀(1 − p₀)/n) for all k, n", () => {
    fc.assert(
      fc.property(proportion, ([k, n]) => {
        for (const end of wilsonInterval(k, n)!) {
          expect(Math.abs(k / n - end)).toBeCloseTo(1.96 * Math.sqrt((end * (1 - end)) / n), 10)
        }
      })
    )
  })

  it("stays inside [0, 1], contains k/n, has positive width, and mirrors: the interval of n − k is 1 minus that of k", () => {
    fc.assert(
      fc.property(proportion, ([k, n]) => {
        const [lower, upper] = wilsonInterval(k, n)!
        const [mirrorLower, mirrorUpper] = wilsonInterval(n - k, n)!
        expect(lower).toBeGreaterThanOrEqual(0)
        expect(upper).toBeLessThanOrEqual(1)
        expect(contains([lower, upper], k / n)).toBe(true)
        expect(upper - lower).toBeGreaterThan(0)
        expect(lower).toBeCloseTo(1 - mirrorUpper, 12)
        expect(upper).toBeCloseTo(1 - mirrorLower, 12)
      })
    )
  })

  it("covers the truth at least as well as the normal interval does, worst case over p, at n = 40 (exact binomial sums)", () => {
    // The probabilities of k = 0 … n by the ratio recursion; no simulation, so the comparison has no noise.
    const coverage = (interval: typeof wilsonInterval, p: number, n: number) => {
      let mass = (1 - p) ** n
      let covered = 0
      for (let k = 0; k <= n; k++) {
        if (contains(interval(k, n)!, p)) covered += mass
        mass *= ((n - k) / (k + 1)) * (p / (1 - p))
      }
      return covered
    }
    const grid = Array.from({ length: 99 }, (_, i) => (i + 1) / 100)
    const worst = (interval: typeof wilsonInterval) => Math.min(...grid.map((p) => coverage(interval, p, 40)))
    const mean = (interval: typeof wilsonInterval) => grid.reduce((sum, p) => sum + coverage(interval, p, 40) / grid.length, 0)
    expect(worst(wilsonInterval)).toBeGreaterThan(0.83)
    expect(worst(normalInterval)).toBeLessThan(0.4)
    expect(Math.abs(mean(wilsonInterval) - 0.95)).toBeLessThan(0.01)
  })
})
