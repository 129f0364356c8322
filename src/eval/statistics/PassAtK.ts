/**
 * pass@k and pass^k from several rollouts of each query.
 *
 * @module
 */

/** Queries with n rollouts each, c of them correct. */
export interface QueryScore {
  readonly n: number
  readonly c: number
  readonly queries: number
}

/** P(at least one of k right) and P(all k right), for k rollouts drawn from the n of a query without replacement; means over queries. */
export interface PassAtK {
  readonly k: number
  readonly passAtK: number
  readonly passAllK: number
}

// C(n − m, k)/C(n, k): none of the m special ones among k drawn.
const noneOf = (n: number, m: number, k: number): number => {
  if (n - m < k) return 0
  let product = 1
  for (let i = n - m + 1; i <= n; i++) product *= 1 - k / i
  return product
}

/**
 * Computes pass@k = 1 − C(n − c, k)/C(n, k) (Chen et al. 2021, eq. 1) and pass^k = C(c, k)/C(n, k) (Yao et al. 2024), averaged over
 * queries, for k = 1, 2, 4, … up to the fewest rollouts that any query has. The order of the scores does not matter, to the last bit.
 */
export const passAtK = (scores: ReadonlyArray<QueryScore>): ReadonlyArray<PassAtK> => {
  if (scores.length === 0) return []
  // Sums in one order: the last bits tell nobody in which order the scores came.
  const ordered = scores.toSorted((a, b) => a.n - b.n || a.c - b.c || a.queries - b.queries)
  const fewest = scores.reduce((least, { n }) => Math.min(least, n), Infinity)
  const queries = scores.reduce((sum, score) => sum + score.queries, 0)
  const mean = (value: (score: QueryScore) => number) => ordered.reduce((sum, score) => sum + score.queries * value(score), 0) / queries
  const sizes = Array.from({ length: Math.floor(Math.log2(fewest)) + 1 }, (_, i) => 2 ** i)
  return sizes.map((k) => ({
    k,
    passAtK: mean(({ c, n }) => 1 - noneOf(n, c, k)),
    passAllK: mean(({ c, n }) => noneOf(n, n - c, k))
  }))
}
