/**
 * Takes a model's self-reflection apart into how well it samples and how well it decides (this paper, section 4.2),
 * from rollouts alone.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { byOutcome } from "../../domain/Outcomes.ts"
import {
  bootstrapOf,
  type BootstrapOptions,
  type Counts,
  percentileInterval,
  poolRounds,
  pValueOfZero,
  resample,
  resampledValues,
  type Rounds,
  sumCounts
} from "../statistics/Bootstrap.ts"
import type { Calibration, LevelCalibration, OutcomeCounts, Prediction, Rate } from "./Calibration.ts"
import type { Estimate } from "./Comparison.ts"
import { distributionShift } from "./DistributionShift.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"
import { isScored } from "./Outcomes.ts"
import { type Interval, normalInterval, wilsonInterval } from "../statistics/Interval.ts"
import { predictFromCounts, share } from "./Prediction.ts"
import { countRollout, noCounts, readCounts, type RolloutCounts } from "./RolloutCounts.ts"

/** Options of `calibrate`. */
export interface CalibrateOptions extends BootstrapOptions {
  /** Attempts allowed per rollout. Unless told, the longest rollout's number of attempts. */
  readonly cap?: number
  /** Levels in the order of the report. Unless told, those that occur, "2x1" before "10x1". */
  readonly levels?: ReadonlyArray<string>
  /** Levels that the model was trained on. If told, the trained and the unseen levels are also pooled apart. */
  readonly trainLevels?: ReadonlyArray<string>
}

/** The name of all levels pooled. */
export const OVERALL = "overall"
/** The name of the pooled levels that the model was trained on. */
export const TRAINED = "trained"
/** The name of the pooled levels that it was not trained on (out of distribution). */
export const UNSEEN = "unseen"

/**
 * Calibrates a model from its rollouts, level by level and pooled.
 *
 * Truncated rollouts and those with a broken reference answer are counted and left out (this paper, E.2). Unparsable ones
 * are wrong. Intervals: normal and Wilson for proportions, and the percentile bootstrap clustered by query for everything.
 * Throws `ConfigError` if a rollout has more attempts than the cap.
 */
export const calibrate = (rollouts: ReadonlyArray<EvaluatedRollout>, options: CalibrateOptions = {}): Calibration => {
  const cap = capOf(rollouts, options.cap)
  const levels = options.levels ?? levelsOf(rollouts)
  return calibrateLevels(
    levels.map((level): LevelTotals => {
      const members = rollouts.filter((rollout) => rollout.level === level)
      const clusters = [...clusterByQuery(members.filter(isScored), cap).values()]
      return {
        level,
        outcomes: countOutcomes(members),
        queries: clusters.length,
        totals: sumCounts([noCounts(cap), ...clusters]),
        rounds: resample(clusters, noCounts(cap).length, level, bootstrapOf(options))
      }
    }),
    cap,
    options
  )
}

/** What a level adds up to: all that its calibration is computed from. */
export interface LevelTotals {
  readonly level: string
  readonly outcomes: OutcomeCounts
  /** Distinct queries among the scored rollouts, the sum of their counts, and the same sums of every bootstrap round. */
  readonly queries: number
  readonly totals: Counts
  readonly rounds: Rounds
}

/** Calibrates from totals, for those who count while they read. `rounds` must come from the rounds and seed of `options`. */
export const calibrateLevels = (levels: ReadonlyArray<LevelTotals>, cap: number, options: CalibrateOptions = {}): Calibration => {
  // The rounds of a pool are the sums of its levels' rounds, so pooled and single levels come from the same resamples.
  const pool = (name: string, members: ReadonlyArray<LevelTotals>): LevelTotals => ({
    level: name,
    outcomes: sumOutcomes(members.map(({ outcomes }) => outcomes)),
    queries: members.reduce((sum, { queries }) => sum + queries, 0),
    totals: sumCounts([noCounts(cap), ...members.map(({ totals }) => totals)]),
    rounds: poolRounds(members.map(({ rounds }) => rounds))
  })
  const { trainLevels } = options
  const trained = pool(TRAINED, levels.filter(({ level }) => trainLevels?.includes(level)))
  const unseen = pool(UNSEEN, levels.filter(({ level }) => !trainLevels?.includes(level)))
  return {
    cap,
    bootstrap: bootstrapOf(options),
    levels: levels.map(calibrateLevel),
    overall: calibrateLevel(pool(OVERALL, levels)),
    ...(trainLevels === undefined ? {} : {
      trained: calibrateLevel(trained),
      unseen: calibrateLevel(unseen),
      distributionShift: distributionShift(trained, unseen)
    }),
    outcomes: sumOutcomes(levels.map(({ outcomes }) => outcomes))
  }
}

/** Sorts level names in natural order, "2x1" before "10x1". */
export const sortLevels = (levels: Iterable<string>): ReadonlyArray<string> =>
  [...new Set(levels)].sort(new Intl.Collator("en", { numeric: true }).compare)

/** Finds the levels that occur, in natural order. */
export const levelsOf = (rollouts: ReadonlyArray<EvaluatedRollout>): ReadonlyArray<string> =>
  sortLevels(rollouts.map((rollout) => rollout.level))

/** Groups count vectors by query: one summed vector for each. */
export const clusterByQuery = (rollouts: ReadonlyArray<EvaluatedRollout>, cap: number): ReadonlyMap<string, Counts> => {
  const clusters = Map.groupBy(rollouts, (rollout) => rollout.query)
  return new Map([...clusters].map(([query, group]) => [query, sumCounts(group.map((rollout) => countRollout(rollout, cap)))]))
}

/** The number of attempts that the calibration counts up to; see `CalibrateOptions.cap`. */
export const capOf = (rollouts: ReadonlyArray<EvaluatedRollout>, cap: number | undefined): number => {
  const longest = rollouts.reduce((most, rollout) => Math.max(most, rollout.attempts.length), 1)
  const rollout = cap === undefined ? undefined : rollouts.find(({ attempts }) => attempts.length > cap)
  if (rollout !== undefined) {
    throw new ConfigError({
      field: "cap",
      value: String(cap),
      expected: `at least ${longest}, because rollout ${JSON.stringify(rollout.id)} has ${rollout.attempts.length} attempts`
    })
  }
  return cap ?? longest
}

const calibrateLevel = ({ level, outcomes, queries, rounds, totals }: LevelTotals): LevelCalibration => {
  const counts = readCounts(totals)
  const estimates = estimate(counts)
  const columns = resampledValues(rounds, (totals) => Object.values(estimate(readCounts(totals))))
  const resampled = new Map(Object.keys(estimates).map((name, k) => [name, columns[k] ?? null]))
  const at = (name: string): Interval | null => {
    const values = resampled.get(name) ?? null
    return values === null ? null : percentileInterval(values)
  }
  const pValue = (name: string): number | null => {
    const values = resampled.get(name) ?? null
    return values === null ? null : pValueOfZero(values)
  }
  const rate = (name: string): Rate => {
    const [successes, trials] = proportions(counts)[name]!
    return { value: share(successes, trials), successes, trials, wilson: wilsonInterval(successes, trials), interval: at(name) }
  }
  const part = (name: string): Estimate => ({ value: estimates[name] ?? null, interval: at(name) })
  const prediction = (name: string): Prediction => ({
    accuracy: estimates[name] ?? null,
    interval: at(name),
    gap: { value: estimates[`${name}Gap`] ?? null, interval: at(`${name}Gap`) },
    pValue: pValue(`${name}Gap`)
  })
  return {
    level,
    n: counts.rollouts,
    queries,
    excluded: outcomes.Truncated + outcomes.GoldInvalid,
    outcomes,
    hitCap: counts.hitCap,
    observed: {
      accuracy: share(counts.correct, counts.rollouts),
      normal: normalInterval(counts.correct, counts.rollouts),
      wilson: wilsonInterval(counts.correct, counts.rollouts),
      interval: at("observed")
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
    firstAttemptAccuracy: share(counts.correctAttempts[0] ?? 0, counts.rollouts),
    contribution: { firstAnswer: part("firstAnswer"), reflection: part("reflection") },
    pFalseToTrue: rate("pFalseToTrue"),
    pTrueToFalse: rate("pTrueToFalse"),
    pFalseToTruePerWrong: rate("pFalseToTruePerWrong"),
    echo: rate("echo"),
    selfCorrection: selfCorrection(counts)
  }
}

// Every proportion of the report as [successes, trials]; the per-attempt ones are called pSample1, pSample2, …
const proportions = (counts: RolloutCounts): Readonly<Record<string, readonly [number, number]>> => {
  const wrong = counts.wrongStop + counts.wrongResample
  const transitions = counts.falseToTrue + counts.falseToFalse + counts.trueToFalse + counts.trueToTrue
  return {
    observed: [counts.correct, counts.rollouts],
    pSample: [counts.correctAttempts[0] ?? 0, counts.attempts[0] ?? 0],
    pStopGivenCorrect: [counts.correctStop, counts.correctStop + counts.correctResample],
    pResampleGivenWrong: [counts.wrongResample, wrong],
    pFalseToTrue: [counts.falseToTrue, counts.falseToTrue + counts.falseToFalse],
    pTrueToFalse: [counts.trueToFalse, counts.trueToFalse + counts.trueToTrue],
    pFalseToTruePerWrong: [counts.falseToTrue, wrong],
    echo: [counts.echoes, transitions],
    ...Object.fromEntries(counts.attempts.map((trials, k) => [`pSample${k + 1}`, [counts.correctAttempts[k]!, trials]] as const))
  }
}

// Everything that gets a bootstrap interval, by name; the same names for every totals.
const estimate = (counts: RolloutCounts): Readonly<Record<string, number | null>> => {
  const rates = Object.fromEntries(
    Object.entries(proportions(counts)).map(([name, [successes, trials]]) => [name, share(successes, trials)])
  )
  const { byAttempt, capped, uncapped } = predictFromCounts(counts)
  const observed = rates["observed"] ?? null
  const gap = (predicted: number | null) => (predicted === null || observed === null ? null : predicted - observed)
  return {
    ...rates,
    firstAnswer: share(counts.correctAttempts[0] ?? 0, counts.rollouts),
    // One fraction, not a difference of two, so that equal counts give exactly 0.
    reflection: share(counts.correct - (counts.correctAttempts[0] ?? 0), counts.rollouts),
    predicted: uncapped,
    predictedCapped: capped,
    predictedByAttempt: byAttempt,
    predictedGap: gap(uncapped),
    predictedCappedGap: gap(capped),
    predictedByAttemptGap: gap(byAttempt)
  }
}

const countOutcomes = (rollouts: ReadonlyArray<EvaluatedRollout>): OutcomeCounts =>
  byOutcome((outcome) => rollouts.filter((rollout) => rollout.outcome === outcome).length)

const sumOutcomes = (parts: ReadonlyArray<OutcomeCounts>): OutcomeCounts =>
  byOutcome((outcome) => parts.reduce((total, part) => total + part[outcome], 0))

const selfCorrection = (counts: RolloutCounts): LevelCalibration["selfCorrection"] => {
  const accuracyAtT1 = share(counts.correctAttempts[0] ?? 0, counts.rollouts)
  const accuracyAtT2 = share(counts.correctAtT2, counts.rollouts)
  return {
    accuracyAtT1,
    accuracyAtT2,
    delta: accuracyAtT1 === null || accuracyAtT2 === null ? null : accuracyAtT2 - accuracyAtT1,
    incorrectToCorrect: share(counts.fixedAtT2, counts.rollouts),
    correctToIncorrect: share(counts.spoiledAtT2, counts.rollouts)
  }
}
