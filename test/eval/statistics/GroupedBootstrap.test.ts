import { describe, expect, it } from "vitest"
import { type GroupedQueries, resampleGroups, sumGroups } from "../../../src/eval/statistics/GroupedBootstrap.ts"

// Large and small groups, parts in common, a part several times. Vectors count [queries, something, something else].
const grouped: GroupedQueries = {
  width: 3,
  vectors: [[1, 0, 2], [0, 3, 0], [0, 1, 1]],
  groups: [
    { parts: [[0, 1]], queries: 30 },
    { parts: [[0, 1], [1, 2]], queries: 9 },
    { parts: [[0, 1], [2, 1]], queries: 3 },
    { parts: [[0, 1], [1, 1], [2, 4]], queries: 2 },
    { parts: [[0, 1], [2, 2]], queries: 1 },
    { parts: [[0, 1], [1, 5]], queries: 1 }
  ]
}
const countsOf = (parts: GroupedQueries["groups"][number]["parts"]): ReadonlyArray<number> =>
  [0, 1, 2].map((k) => parts.reduce((sum, [vector, times]) => sum + times * grouped.vectors[vector]![k]!, 0))
const queries = grouped.groups.flatMap(({ parts, queries }) => Array.from({ length: queries }, () => countsOf(parts)))

describe("resampleGroups", () => {
  it("the totals are those of all queries", () => {
    expect(sumGroups(grouped)).toEqual([0, 1, 2].map((k) => queries.reduce((sum, counts) => sum + counts[k]!, 0)))
  })

  it("every round draws as many queries as there are; means and covariances are those of independent draws", () => {
    const rounds = resampleGroups(grouped, "moments", { rounds: 10_000, seed: 3 })
    const n = queries.length
    expect(new Set(rounds.map(([count]) => count))).toEqual(new Set([n]))
    const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
    const covariance = (xs: ReadonlyArray<number>, ys: ReadonlyArray<number>) => mean(xs.map((x, i) => x * ys[i]!)) - mean(xs) * mean(ys)
    const column = (rows: ReadonlyArray<ReadonlyArray<number>>, k: number) => rows.map((row) => row[k]!)
    for (const [a, b] of [[1, 1], [1, 2], [2, 2]] as const) {
      // Totals of n independent queries: n times the mean, n times the covariance. Five standard errors of 10,000 rounds are below 8 %.
      const expected = n * covariance(column(queries, a), column(queries, b))
      const scale = n * Math.sqrt(covariance(column(queries, a), column(queries, a)) * covariance(column(queries, b), column(queries, b)))
      expect(Math.abs(covariance(column(rounds, a), column(rounds, b)) - expected)).toBeLessThan(0.08 * scale)
      expect(Math.abs(mean(column(rounds, a)) - sumGroups(grouped)[a]!)).toBeLessThan(
        0.06 * Math.sqrt(n * covariance(column(queries, a), column(queries, a)))
      )
    }
  })

  it("the same seed and stratum give the same rounds, another stratum others; no query gives zeros", () => {
    expect(resampleGroups(grouped, "a", { rounds: 5 })).toEqual(resampleGroups(grouped, "a", { rounds: 5 }))
    expect(resampleGroups(grouped, "a", { rounds: 5 })).not.toEqual(resampleGroups(grouped, "b", { rounds: 5 }))
    expect(resampleGroups({ ...grouped, groups: [] }, "a", { rounds: 1 })).toEqual([[0, 0, 0]])
  })
})
