/**
 * Percentile bootstrap, clustered by query.
 *
 * Everything that calibration estimates is a function of sums of counts over rollouts. So a query is summarised once by its
 * vector of counts, a round draws queries with replacement and adds their vectors, and every statistic is read off the
 * same totals. Rollouts of one query stay together, because they are not independent of each other.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { draws, fold } from "../../domain/Seed.ts"
import type { Interval } from "./Interval.ts"

/** Rounds and seed of a bootstrap. */
export interface BootstrapOptions {
  /** Number of resamples; 1000 unless told, 100 in the paper. */
  readonly rounds?: number
  /** Seed of the resampling; 0 unless told. */
  readonly seed?: number
}

/** More rounds than this are a mistake: intervals move by less than they can be read, and the totals of every level fill gigabytes. */
export const MOST_ROUNDS = 100_000

/** The library's number of rounds. */
export const DEFAULT_ROUNDS = 1000

/** The number of rounds of this paper (appendix E.4): its intervals move by some tenths of a point from seed to seed. */
export const PAPER_ROUNDS = 100

/**
 * The options with what is left out filled in. Throws `ConfigError` unless `rounds` is a whole number of 1 to 100,000 and `seed` is
 * whole: no rounds would give no intervals without a word.
 */
export const bootstrapOf = ({ rounds = DEFAULT_ROUNDS, seed = 0 }: BootstrapOptions): Required<BootstrapOptions> => {
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MOST_ROUNDS) {
    throw new ConfigError({ field: "rounds", value: String(rounds), expected: `a whole number of 1 to ${MOST_ROUNDS}` })
  }
  if (!Number.isSafeInteger(seed)) throw new ConfigError({ field: "seed", value: String(seed), expected: "a whole number" })
  return { rounds, seed }
}

/** What one query adds to the totals, e.g. [attempts, correct attempts, …]. All of a call have one length. */
export type Counts = readonly number[]

/** Numbers computed from totals, each null where the totals do not define it (a rate of 0 trials). Always equally many. */
export type Statistics = (totals: Counts) => ReadonlyArray<number | null>

/** The totals of every round of a bootstrap, in order. */
export type Rounds = ReadonlyArray<Counts>

/**
 * Resamples queries: each round draws as many as there are, with replacement, and adds their vectors of `width` counts.
 *
 * `stratum` names the set of queries, so that sets resampled with one seed are independent of each other. Without any query all
 * totals are 0. Throws `ConfigError` as {@link bootstrapOf} does. Source: Davison and Hinkley 1997, section 3.8 (resampling whole clusters).
 */
export const resample = (
  clusters: ReadonlyArray<Counts>,
  width: number,
  stratum: string,
  options: BootstrapOptions = {}
): Rounds => {
  const { rounds, seed } = bootstrapOf(options)
  const stream = draws(fold(seed, "bootstrap", stratum))
  // One flat array: a round reads every count once, and there are thousands of queries times a thousand rounds.
  const table = Float64Array.from(clusters.flat())
  return Array.from({ length: rounds }, () => {
    const totals = zeros(width)
    for (let draw = 0; draw < clusters.length; draw++) {
      const start = width * stream.integer(0, clusters.length - 1)
      for (let k = 0; k < width; k++) totals[k]! += table[start + k]!
    }
    return totals
  })
}

/**
 * Pools strata round by round: the k-th pooled totals are the sum of the strata's k-th totals.
 *
 * Each stratum keeps its size in every round (levels have sizes that were chosen, not sampled). Source: Davison and Hinkley
 * 1997, section 3.2 (stratified resampling).
 */
export const poolRounds = (strata: ReadonlyArray<Rounds>): Rounds =>
  (strata[0] ?? []).map((_, round) => sumCounts(strata.map((rounds) => rounds[round]!)))

/**
 * Computes several statistics in the same rounds: for each one its values over the rounds that define it.
 *
 * Null if fewer than 90 % of the rounds define a statistic: what is said of the lucky rounds would claim too much.
 */
export const resampledValues = (rounds: Rounds, statistics: Statistics): ReadonlyArray<ReadonlyArray<number> | null> => {
  const values = rounds.map(statistics)
  return (values[0] ?? []).map((_, s) => {
    const column = values.flatMap((row) => row[s] ?? [])
    return column.length < 0.9 * rounds.length ? null : column
  })
}

/** The 95 % percentile interval of a statistic's values: the 2.5th to the 97.5th percentile. Source: Efron 1979; this paper, appendix E.4. */
export const percentileInterval = (values: ReadonlyArray<number>): Interval => [percentile(values, 0.025), percentile(values, 0.975)]

/** Computes 95 % percentile intervals of several statistics from the same rounds; null as in `resampledValues`. */
export const percentileIntervals = (rounds: Rounds, statistics: Statistics): ReadonlyArray<Interval | null> =>
  resampledValues(rounds, statistics).map((values) => (values === null ? null : percentileInterval(values)))

// Statistics that are 0 by algebra come out as rounding errors of either sign.
const ROUNDING = 1e-12

/**
 * Computes the two-sided p-value of the hypothesis that a statistic is 0, from its values t₁ … t_R in the rounds of a bootstrap.
 *
 *     p = min(1, 2 (1 + min(#{t ≤ 0}, #{t ≥ 0})) / (R + 1))
 *
 * It is below 0.05 where 0 lies outside the 95 % percentile interval (up to one round), and never below 2/(R + 1), as R rounds
 * cannot show less. No value at all gives 1. Source: Davison and Hinkley 1997, chapter 4 (the 1 + and + 1), for
 * the percentile interval that just excludes 0.
 */
export const pValueOfZero = (values: ReadonlyArray<number>): number => {
  const below = values.filter((value) => value <= ROUNDING).length
  const above = values.filter((value) => value >= -ROUNDING).length
  return Math.min(1, (2 * (1 + Math.min(below, above))) / (values.length + 1))
}

/** Adds count vectors. An empty list gives an empty vector. */
export const sumCounts = (vectors: ReadonlyArray<Counts>): Counts => {
  const totals = zeros(vectors[0]?.length ?? 0)
  for (const counts of vectors) counts.forEach((count, k) => (totals[k]! += count))
  return totals
}

const zeros = (length: number): Array<number> => Array.from({ length }, () => 0)

/**
 * The q-quantile of a non-empty sample, linear between order statistics (Hyndman and Fan 1996, type 7: the default of NumPy and R).
 * percentile([1, 2, 3, 4], 0.5) = 2.5.
 */
export const percentile = (sample: ReadonlyArray<number>, q: number): number => {
  const sorted = [...sample].sort((a, b) => a - b)
  const position = (sorted.length - 1) * q
  const below = Math.floor(position)
  const lower = sorted[below]!
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!
  return lower + (position - below) * (upper - lower)
}
