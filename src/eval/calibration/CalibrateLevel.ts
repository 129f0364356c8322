/**
 * The numbers of one level, from its sums.
 *
 * @module
 */
import {
  type Counts,
  percentileInterval,
  pValueOfZero,
  resampledValues,
  type Rounds
} from "../statistics/Bootstrap.ts"
import { clusteredInterval, type ClusterSpread, FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import { degreesOf, type Design, DIFFERENCES, expandedInterval, expandedPValue, SHARES } from "../statistics/ExpandedPercentile.ts"
import { type Interval, normalInterval, wilsonInterval } from "../statistics/Interval.ts"
import type { LevelCalibration, OutcomeCounts, Prediction, Rate } from "./Calibration.ts"
import type { Estimate } from "./Comparison.ts"
import { gainsOf, largestOf } from "./Leverage.ts"
import type { Method } from "./Method.ts"
import { predictFromCounts, share } from "./Prediction.ts"
import { proportionAt, proportionsOf } from "./Proportions.ts"
import { readCounts, type RolloutCounts } from "./RolloutCounts.ts"

/** The queries of one set that is resampled apart from others: how many, and the moments of every proportion over them. */
export interface StratumSpread {
  readonly queries: number
  readonly spreads: ReadonlyArray<ClusterSpread>
}

/** What a level adds up to: all that its calibration is computed from. */
export interface LevelTotals {
  readonly level: string
  readonly outcomes: OutcomeCounts
  /** Distinct queries among the counted rollouts, the sum of their counts, and the same sums of every bootstrap round. */
  readonly queries: number
  readonly totals: Counts
  readonly rounds: Rounds
  /** One for each set of queries with a query in it. */
  readonly strata: ReadonlyArray<StratumSpread>
}

/** Tells whether there are enough queries for intervals: ten, and ten for a pool of levels as far as it takes to know how queries of one level differ. */
export const isEnough = (design: Design): boolean => design.clusters >= FEWEST_CLUSTERS && degreesOf(design) >= FEWEST_CLUSTERS - 1

interface Intervals {
  readonly of: (values: ReadonlyArray<number> | null, range: Interval | null) => Interval | null
  readonly ofRate: (name: string, values: ReadonlyArray<number> | null) => Interval | null
  readonly pValue: (values: ReadonlyArray<number> | null) => number | null
}

const given = <A>(values: ReadonlyArray<number> | null, of: (values: ReadonlyArray<number>) => A): A | null =>
  values === null ? null : of(values)

const percentiles: Intervals = {
  of: (values) => given(values, percentileInterval),
  ofRate: (_, values) => given(values, percentileInterval),
  pValue: (values) => given(values, pValueOfZero)
}

const clustered = ({ queries, strata }: LevelTotals, names: ReadonlyArray<string>): Intervals => {
  const design = { clusters: queries, strata: strata.length }
  const places = new Map(names.map((name, k) => [name, k]))
  return {
    of: (values, range) => given(values, (known) => expandedInterval(known, design, range)),
    ofRate: (name) => (isEnough(design) ? clusteredInterval(strata.map(({ spreads }) => spreads[places.get(name)!]!)) : null),
    pValue: (values) => given(values, (known) => expandedPValue(known, design))
  }
}

/** Calibrates one level, or a pool. */
export const calibrateLevel = (level: LevelTotals, { intervals }: Method): LevelCalibration => {
  const { outcomes, queries, rounds, totals } = level
  const counts = readCounts(totals)
  const cap = counts.attempts.length
  const proportions = proportionsOf(cap)
  // Where no rollout ended at the cap, it is only where the longest one stopped by itself: not what limits a model.
  const isCapped = counts.hitCap > 0
  const isClustered = intervals === "clustered"
  const byName = new Map(proportions.map((proportion) => [proportion.name, proportion]))
  const estimate = (sums: Counts): Estimates => ({
    // The clustered interval of a rate needs no rounds, and a response in a loop has a rate for each of its thousand attempts.
    ...(isClustered ? {} : Object.fromEntries(proportions.map((each) => [each.name, share(...proportionAt(sums, each))]))),
    ...estimateParts(readCounts(sums)),
    ...(isClustered ? estimateLeverage(readCounts(sums), isCapped) : {})
  })
  const kind = isClustered ? clustered(level, proportions.map(({ name }) => name)) : percentiles
  const estimates = estimate(totals)
  // Where there will be no interval, no round needs to be looked at.
  const looked = isClustered && !isEnough({ clusters: queries, strata: level.strata.length }) ? [] : rounds
  const columns = resampledValues(looked, (sums) => Object.values(estimate(sums)))
  const resampled = new Map(Object.keys(estimates).map((name, k) => [name, columns[k] ?? null]))
  const valuesOf = (name: string) => resampled.get(name) ?? null
  const rate = (name: string): Rate => {
    const [successes, trials] = proportionAt(totals, byName.get(name)!)
    const interval = kind.ofRate(name, valuesOf(name))
    return { value: share(successes, trials), successes, trials, wilson: wilsonInterval(successes, trials), interval }
  }
  const part = (name: string, range: Interval | null = DIFFERENCES): Estimate => ({
    value: estimates[name] ?? null,
    interval: kind.of(valuesOf(name), range)
  })
  const prediction = (name: string): Prediction => ({
    accuracy: estimates[name] ?? null,
    interval: kind.of(valuesOf(name), SHARES),
    gap: part(`${name}Gap`),
    pValue: kind.pValue(valuesOf(`${name}Gap`))
  })
  const leads = (name: string): number | null => {
    const values = valuesOf(name)
    return values === null ? null : values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return {
    level: level.level,
    n: counts.rollouts,
    queries,
    excluded: outcomes.Truncated + outcomes.GoldInvalid,
    outcomes,
    hitCap: counts.hitCap,
    observed: {
      accuracy: share(counts.correct, counts.rollouts),
      normal: normalInterval(counts.correct, counts.rollouts),
      wilson: wilsonInterval(counts.correct, counts.rollouts),
      interval: kind.ofRate("observed", valuesOf("observed"))
    },
    pSample: rate("pSample"),
    pSampleByAttempt: counts.attempts.map((_, k) => rate(`pSample${k + 1}`)),
    pStopGivenCorrect: rate("pStopGivenCorrect"),
    pResampleGivenWrong: rate("pResampleGivenWrong"),
    counts: {
      correctStop: counts.correctStop,
      correctResample: counts.correctResample,
      wrongStop: counts.wrongStop,
      wrongResample: counts.wrongResample
    },
    predicted: prediction("predicted"),
    predictedCapped: prediction("predictedCapped"),
    predictedByAttempt: prediction("predictedByAttempt"),
    firstAttemptAccuracy: share(counts.firstCorrect, counts.rollouts),
    contribution: { firstAnswer: part("firstAnswer", SHARES), reflection: part("reflection") },
    pFalseToTrue: rate("pFalseToTrue"),
    pTrueToFalse: rate("pTrueToFalse"),
    pFalseToTruePerWrong: rate("pFalseToTruePerWrong"),
    echo: rate("echo"),
    selfCorrection: selfCorrection(counts),
    ...(isClustered
      ? {
        solved: rate("solved"),
        discrimination: part("discrimination"),
        leverage: {
          pSample: { gain: part("gainPSample", null), leads: leads("leadsPSample") },
          pStopGivenCorrect: { gain: part("gainPStopGivenCorrect", null), leads: leads("leadsPStopGivenCorrect") },
          pResampleGivenWrong: { gain: part("gainPResampleGivenWrong", null), leads: leads("leadsPResampleGivenWrong") }
        }
      }
      : {})
  }
}

type Estimates = Readonly<Record<string, number | null>>

// Everything but proportions that gets a bootstrap interval, by name; the same names for every totals.
const estimateParts = (counts: RolloutCounts): Estimates => {
  const observed = share(counts.correct, counts.rollouts)
  const { byAttempt, capped, uncapped } = predictFromCounts(counts)
  const gap = (predicted: number | null) => (predicted === null || observed === null ? null : predicted - observed)
  return {
    firstAnswer: share(counts.firstCorrect, counts.rollouts),
    // One fraction, not a difference of two, so that equal counts give exactly 0.
    reflection: share(counts.correct - counts.firstCorrect, counts.rollouts),
    predicted: uncapped,
    predictedCapped: capped,
    predictedByAttempt: byAttempt,
    predictedGap: gap(uncapped),
    predictedCappedGap: gap(capped),
    predictedByAttemptGap: gap(byAttempt)
  }
}

const estimateLeverage = (counts: RolloutCounts, isCapped: boolean): Estimates => {
  const { correctResample, correctStop, wrongResample, wrongStop } = counts
  const rejectsWrong = share(wrongResample, wrongStop + wrongResample)
  const rejectsRight = share(correctResample, correctStop + correctResample)
  const gains = gainsOf(counts, isCapped)
  const leads = largestOf(gains)
  return {
    discrimination: rejectsWrong === null || rejectsRight === null ? null : rejectsWrong - rejectsRight,
    gainPSample: gains?.pSample ?? null,
    gainPStopGivenCorrect: gains?.pStopGivenCorrect ?? null,
    gainPResampleGivenWrong: gains?.pResampleGivenWrong ?? null,
    leadsPSample: leads.pSample,
    leadsPStopGivenCorrect: leads.pStopGivenCorrect,
    leadsPResampleGivenWrong: leads.pResampleGivenWrong
  }
}

const selfCorrection = (counts: RolloutCounts): LevelCalibration["selfCorrection"] => {
  const accuracyAtT1 = share(counts.firstCorrect, counts.rollouts)
  const accuracyAtT2 = share(counts.correctAtT2, counts.rollouts)
  return {
    accuracyAtT1,
    accuracyAtT2,
    delta: accuracyAtT1 === null || accuracyAtT2 === null ? null : accuracyAtT2 - accuracyAtT1,
    incorrectToCorrect: share(counts.fixedAtT2, counts.rollouts),
    correctToIncorrect: share(counts.spoiledAtT2, counts.rollouts)
  }
}
