/**
 * The percentile bootstrap for few clusters.
 *
 * Resamples of n clusters vary by √((n − 1)/n) too little, and their quantiles are those of a normal distribution where Student's t is due. Both are made
 * good by taking quantiles further out. Source: Hesterberg 2015, "What teachers should know about the bootstrap", section 5.3 (expanded
 * percentile interval).
 *
 * @module
 */
import { percentile, pValueOfZero } from "./Bootstrap.ts"
import { studentQuantile } from "./ClusteredInterval.ts"
import { type Interval, wilsonInterval } from "./Interval.ts"
import { normalQuantile, normalTail } from "./Normal.ts"
import { centralProbability } from "./StudentT.ts"

/** Of what the rounds are resamples. */
export interface Design {
  readonly clusters: number
  /** Sets of clusters that were resampled apart. */
  readonly strata: number
}

// With more degrees of freedom there is nothing to make good: Student's t differs by a tenth of a percent.
const MANY_DEGREES = 1000

/** The degrees of freedom of a design: clusters − strata. */
export const degreesOf = ({ clusters, strata }: Design): number => clusters - strata

// By how much resamples vary too little.
const shrinkage = (design: Design): number => Math.sqrt(degreesOf(design) / design.clusters)

/** The values that a share can have. */
export const SHARES: Interval = [0, 1]
/** The values that a difference of shares can have. */
export const DIFFERENCES: Interval = [-1, 1]

// Where all n clusters are alike, at most the share ε = z²/(n + z²) of others is different (the end of Wilson's interval of 0 of n), and by no more than the range.
const alikeInterval = (value: number, clusters: number, [least, most]: Interval): Interval => {
  const different = wilsonInterval(0, clusters)![1]
  return [(1 - different) * value + different * least, (1 - different) * value + different * most]
}

/**
 * Computes the 95 % interval of a statistic from its values in the rounds: the quantiles at Φ(∓ t_ν·√(n/ν)) with ν = clusters − strata, n = clusters; for many
 * clusters the plain percentiles. Where all values are equal, resamples say nothing of how a second sample would differ: then
 * (1 − ε)·value + ε·range, with ε = z²/(n + z²) the largest share of clusters that may be unlike those seen. Null without degrees of freedom, and where all
 * values of a statistic without a range are equal.
 */
export const expandedInterval = (
  values: ReadonlyArray<number>,
  design: Design,
  range: Interval | null = DIFFERENCES
): Interval | null => {
  const degrees = degreesOf(design)
  if (degrees < 1) return null
  const tail = degrees > MANY_DEGREES ? 0.025 : normalTail(studentQuantile(degrees) / shrinkage(design))
  const [lower, upper] = [percentile(values, tail), percentile(values, 1 - tail)]
  if (upper - lower > 1e-12) return [lower, upper]
  return range === null ? null : alikeInterval(lower, design.clusters, range)
}

/** Computes the two-sided p-value of the hypothesis that a statistic is 0 so that it fits `expandedInterval`; null without degrees of freedom. */
export const expandedPValue = (values: ReadonlyArray<number>, design: Design): number | null => {
  const degrees = degreesOf(design)
  if (degrees < 1) return null
  const plain = pValueOfZero(values)
  if (degrees > MANY_DEGREES || plain === 1) return plain
  return 1 - centralProbability(normalQuantile(plain / 2) * shrinkage(design), degrees)
}
