/**
 * Takes a model's self-reflection apart into how well it samples and how well it decides (this paper, section 4.2),
 * from rollouts alone.
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import { byOutcome } from "../../domain/Outcomes.ts"
import { bootstrapOf, type BootstrapOptions, type Counts, poolRounds, resample, sumCounts } from "../statistics/Bootstrap.ts"
import { spreadsOf } from "../statistics/ClusteredInterval.ts"
import { calibrateLevel, type LevelTotals, type StratumSpread } from "./CalibrateLevel.ts"
import type { Calibration, OutcomeCounts } from "./Calibration.ts"
import { distributionShift } from "./DistributionShift.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"
import { type Method, methodOf, saidOf } from "./Method.ts"
import { isCountedOutcome, type TruncatedMode } from "./Outcomes.ts"
import { proportionAt, proportionsOf } from "./Proportions.ts"
import { assertCap, countRollout, noCounts } from "./RolloutCounts.ts"

/** Options of `calibrate`. */
export interface CalibrateOptions extends BootstrapOptions, Partial<Method> {
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
 * Rollouts with a broken reference answer are counted and left out, unparsable ones are wrong. Of truncated ones the attempts count in the rates and
 * none in the observed accuracy (`truncated: "left-out"`: nothing, as in this paper, E.2). Each seen decision is a draw from the decision policy whatever
 * comes after it, so the rates are right if the cut depends on nothing but the attempts before it; leaving truncated rollouts out keeps those that
 * stopped early, and takes p_D|W down and p_D|C up. Intervals: normal and Wilson for independent proportions, and those clustered by query (Method.ts).
 * Throws `ConfigError` if a rollout has more attempts than the cap.
 */
export const calibrate = (rollouts: ReadonlyArray<EvaluatedRollout>, options: CalibrateOptions = {}): Calibration => {
  const cap = capOf(rollouts, options.cap)
  const levels = options.levels ?? levelsOf(rollouts)
  const { truncated } = methodOf(options)
  return calibrateLevels(
    levels.map((level): LevelTotals => {
      const members = rollouts.filter((rollout) => rollout.level === level)
      const clusters = [...clusterByQuery(members.filter(isCounted(truncated)), cap).values()]
      return {
        level,
        outcomes: countOutcomes(members),
        queries: clusters.length,
        totals: sumCounts([noCounts(cap), ...clusters]),
        rounds: resample(clusters, noCounts(cap).length, level, bootstrapOf(options)),
        strata: strataOf(clusters.map((counts) => [counts, 1] as const), clusters.length, cap)
      }
    }),
    cap,
    options
  )
}

/** Keeps the rollouts whose attempts count. */
export const isCounted = (truncated: TruncatedMode) => ({ outcome }: EvaluatedRollout): boolean => isCountedOutcome(outcome, truncated)

/** Computes what intervals need of `size` queries that are resampled together: of each its counts, and how many have the same. Nothing for none. */
export const strataOf = (
  queries: Iterable<readonly [counts: Counts, times: number]>,
  size: number,
  cap: number
): ReadonlyArray<StratumSpread> =>
  size === 0
    ? []
    : [{ queries: size, spreads: spreadsOf(queries, proportionsOf(cap).map((proportion) => (counts) => proportionAt(counts, proportion))) }]

/** Calibrates from totals, for those who count while they read. `rounds` must come from the rounds and seed of `options`. */
export const calibrateLevels = (levels: ReadonlyArray<LevelTotals>, cap: number, options: CalibrateOptions = {}): Calibration => {
  // The rounds of a pool are the sums of its levels' rounds, so pooled and single levels come from the same resamples.
  const pool = (name: string, members: ReadonlyArray<LevelTotals>): LevelTotals => ({
    level: name,
    outcomes: sumOutcomes(members.map(({ outcomes }) => outcomes)),
    queries: members.reduce((sum, { queries }) => sum + queries, 0),
    totals: sumCounts([noCounts(cap), ...members.map(({ totals }) => totals)]),
    rounds: poolRounds(members.map(({ rounds }) => rounds)),
    strata: members.flatMap(({ strata }) => strata)
  })
  const method = methodOf(options)
  const calibrated = (level: LevelTotals) => calibrateLevel(level, method)
  const { trainLevels } = options
  const trained = pool(TRAINED, levels.filter(({ level }) => trainLevels?.includes(level)))
  const unseen = pool(UNSEEN, levels.filter(({ level }) => !trainLevels?.includes(level)))
  return {
    cap,
    bootstrap: bootstrapOf(options),
    levels: levels.map(calibrated),
    overall: calibrated(pool(OVERALL, levels)),
    ...(trainLevels === undefined ? {} : {
      trained: calibrated(trained),
      unseen: calibrated(unseen),
      distributionShift: distributionShift(trained, unseen, method)
    }),
    outcomes: sumOutcomes(levels.map(({ outcomes }) => outcomes)),
    ...saidOf(method)
  }
}

/** Sorts level names in natural order, "2x1" before "10x1". Names that are one to it ("1", "01") stand in the order of their characters. */
export const sortLevels = (levels: Iterable<string>): ReadonlyArray<string> => {
  const { compare } = new Intl.Collator("en", { numeric: true })
  return [...new Set(levels)].sort((a, b) => compare(a, b) || (a < b ? -1 : 1))
}

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
  assertCap(cap)
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

const countOutcomes = (rollouts: ReadonlyArray<EvaluatedRollout>): OutcomeCounts =>
  byOutcome((outcome) => rollouts.filter((rollout) => rollout.outcome === outcome).length)

const sumOutcomes = (parts: ReadonlyArray<OutcomeCounts>): OutcomeCounts =>
  byOutcome((outcome) => parts.reduce((total, part) => total + part[outcome], 0))
