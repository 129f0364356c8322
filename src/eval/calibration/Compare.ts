/**
 * Which policy made the difference between two models: sampling or decision.
 *
 * @module
 */
import { twoStageAccuracy, type TwoStageRates } from "../../theory/Accuracy.ts"
import { gainByRate, gainBySubPolicy } from "../../theory/Shapley.ts"
import { type Counts, percentileInterval, poolRounds, resample, resampledValues, type Rounds, sumCounts } from "../statistics/Bootstrap.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import { type Design, expandedInterval } from "../statistics/ExpandedPercentile.ts"
import type { Interval } from "../statistics/Interval.ts"
import { type CalibrateOptions, capOf, clusterByQuery, isCounted, levelsOf, OVERALL, TRAINED, UNSEEN } from "./Calibrate.ts"
import { isEnough } from "./CalibrateLevel.ts"
import type { Comparison, Estimate, LevelComparison } from "./Comparison.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"
import { type Method, methodOf, saidOf } from "./Method.ts"
import type { TruncatedMode } from "./Outcomes.ts"
import { ratesFromCounts, share } from "./Prediction.ts"
import { noCounts, readCounts, type RolloutCounts } from "./RolloutCounts.ts"

/** A named model's rollouts. */
export interface ModelRollouts {
  readonly id: string
  readonly rollouts: ReadonlyArray<EvaluatedRollout>
}

/**
 * Compares two models on the levels that either was evaluated on, as `to` − `from`. Only levels that both were evaluated on are
 * pooled: another level would count as a difference between the models.
 *
 * Intervals come from resampling queries. A query that both models answered is drawn for both at once, which takes the
 * difficulty of the problems out of the difference. Truncated rollouts as in `calibrate`; where they are counted and none ended at the cap, the two-stage
 * model is the one without a cap, since the longest rollout is then where the token limit was. Throws `ConfigError` if a rollout has more attempts than the cap.
 */
export const compare = (from: ModelRollouts, to: ModelRollouts, options: CalibrateOptions = {}): Comparison => {
  const both = [...from.rollouts, ...to.rollouts]
  const cap = capOf(both, options.cap)
  const levels = options.levels ?? levelsOf(both)
  const { truncated } = methodOf(options)
  const nothing = [...noCounts(cap), ...noCounts(cap)]
  const pairs = levels.map((level): PairedLevel => {
    const clusters = pairClusters(ofLevel(from, level, truncated), ofLevel(to, level, truncated), cap)
    // Queries that only one of the two answered are strata of their own, so that each model keeps its number of queries.
    const strata = Object.entries(clusters).map(([who, vectors]) => resample(vectors, nothing.length, `${level} ${who}`, options))
    return {
      level,
      ...designOfPairs({ shared: clusters.shared.length, onlyFrom: clusters.onlyFrom.length, onlyTo: clusters.onlyTo.length }),
      totals: sumCounts([nothing, ...clusters.shared, ...clusters.onlyFrom, ...clusters.onlyTo]),
      rounds: poolRounds(strata)
    }
  })
  return comparePairs({ from: from.id, to: to.id }, pairs, cap, options)
}

/** Compares from paired totals, for those who count while they read; `cap` is the one that the totals were counted with. */
export const comparePairs = (
  models: { readonly from: string; readonly to: string },
  pairs: ReadonlyArray<PairedLevel>,
  cap: number,
  options: CalibrateOptions = {}
): Comparison => {
  const { trainLevels } = options
  const method = methodOf(options)
  const nothing = [...noCounts(cap), ...noCounts(cap)]
  const pool = (name: string, members: ReadonlyArray<PairedLevel>) => {
    const shared = members.filter(isShared)
    const sum = (value: (pair: PairedLevel) => number) => shared.reduce((total, pair) => total + value(pair), 0)
    return compareLevel(
      {
        level: name,
        paired: sum(({ paired }) => paired),
        fromQueries: sum(({ fromQueries }) => fromQueries),
        toQueries: sum(({ toQueries }) => toQueries),
        strata: sum(({ strata }) => strata),
        totals: sumCounts([nothing, ...shared.map(({ totals }) => totals)]),
        rounds: poolRounds(shared.map(({ rounds }) => rounds))
      },
      cap,
      method
    )
  }
  const levels = pairs.map((pair) => compareLevel(pair, cap, method))
  const [only] = pairs
  return {
    ...models,
    cap,
    levels,
    // The pool of one level is that level.
    overall: pairs.length === 1 && isShared(only!) ? { ...levels[0]!, level: OVERALL } : pool(OVERALL, pairs),
    ...(trainLevels === undefined ? {} : {
      trained: pool(TRAINED, pairs.filter(({ level }) => trainLevels.includes(level))),
      unseen: pool(UNSEEN, pairs.filter(({ level }) => !trainLevels.includes(level)))
    }),
    ...saidOf(method)
  }
}

/** What a level adds up to in both models. Totals and rounds hold the counts of `from`, then those of `to`. */
export interface PairedLevel {
  readonly level: string
  /** Queries that both models answered. */
  readonly paired: number
  /** Queries of each model, those of both included, and how many sets of queries were resampled apart. */
  readonly fromQueries: number
  readonly toQueries: number
  readonly strata: number
  readonly totals: Counts
  readonly rounds: Rounds
}

/** Says how the queries of a level are resampled, from how many both models, only `from` and only `to` answered. */
export const designOfPairs = (sizes: { readonly shared: number; readonly onlyFrom: number; readonly onlyTo: number }) => ({
  paired: sizes.shared,
  fromQueries: sizes.shared + sizes.onlyFrom,
  toQueries: sizes.shared + sizes.onlyTo,
  strata: Object.values(sizes).filter((size) => size > 0).length
})

// None where either model has too few queries, or the two together have too few to know how queries of a set differ.
const intervalOf = (pair: PairedLevel, { intervals }: Method): (values: ReadonlyArray<number>) => Interval | null => {
  if (intervals === "percentile") return percentileInterval
  const design: Design = { clusters: pair.fromQueries + pair.toQueries - pair.paired, strata: pair.strata }
  const enough = Math.min(pair.fromQueries, pair.toQueries) >= FEWEST_CLUSTERS && isEnough(design)
  return (values) => (enough ? expandedInterval(values, design) : null)
}

// The queries of a level as vectors "counts of `from`, then counts of `to`", by who answered them.
interface PairedClusters {
  readonly shared: ReadonlyArray<Counts>
  readonly onlyFrom: ReadonlyArray<Counts>
  readonly onlyTo: ReadonlyArray<Counts>
}

// The counts of `from`, and those of `to`.
const readHalves = (sums: Counts): readonly [RolloutCounts, RolloutCounts] => {
  const half = sums.length / 2
  return [readCounts(sums.slice(0, half)), readCounts(sums.slice(half))]
}

const isShared = ({ totals }: PairedLevel): boolean => readHalves(totals).every(({ rollouts }) => rollouts > 0)

const ofLevel = (model: ModelRollouts, level: string, truncated: TruncatedMode) =>
  model.rollouts.filter((rollout) => rollout.level === level).filter(isCounted(truncated))

const pairClusters = (
  from: ReadonlyArray<EvaluatedRollout>,
  to: ReadonlyArray<EvaluatedRollout>,
  cap: number
): PairedClusters => {
  const before = clusterByQuery(from, cap)
  const after = clusterByQuery(to, cap)
  const nothing = noCounts(cap)
  const queries = [...new Set([...before.keys(), ...after.keys()])]
  const vector = (query: string) => [...(before.get(query) ?? nothing), ...(after.get(query) ?? nothing)]
  return {
    shared: queries.filter((query) => before.has(query) && after.has(query)).map(vector),
    onlyFrom: queries.filter((query) => !after.has(query)).map(vector),
    onlyTo: queries.filter((query) => !before.has(query)).map(vector)
  }
}

const compareLevel = (pair: PairedLevel, cap: number, method: Method): LevelComparison => {
  const { level, paired, rounds, totals } = pair
  const both = readHalves(totals)
  const isCutOnly = both.some(({ truncated }) => truncated > 0) && both.every(({ hitCap }) => hitCap === 0)
  const differences = (sums: Counts) => subtract(...readHalves(sums), isCutOnly ? Infinity : cap)
  const values = differences(totals)
  const names = Object.keys(values) as ReadonlyArray<keyof Differences>
  const columns = resampledValues(rounds, (sums) => {
    const drawn = differences(sums)
    return names.map((name) => drawn[name])
  })
  const interval = intervalOf(pair, method)
  const estimate = (name: keyof Differences): Estimate => {
    const column = columns[names.indexOf(name)] ?? null
    return { value: values[name], interval: column === null ? null : interval(column) }
  }
  return {
    level,
    paired,
    observed: estimate("observed"),
    predicted: estimate("predicted"),
    sampling: estimate("sampling"),
    decision: estimate("decision"),
    decisionLead: estimate("decisionLead"),
    byRate: {
      pSample: estimate("byPSample"),
      pStopGivenCorrect: estimate("byPStopGivenCorrect"),
      pResampleGivenWrong: estimate("byPResampleGivenWrong")
    },
    unexplained: estimate("unexplained"),
    change: {
      pSample: estimate("pSample"),
      pStopGivenCorrect: estimate("pStopGivenCorrect"),
      pResampleGivenWrong: estimate("pResampleGivenWrong")
    },
    ...(method.intervals === "percentile" ? {} : { fromQueries: pair.fromQueries, toQueries: pair.toQueries })
  }
}

interface Differences {
  readonly observed: number | null
  readonly predicted: number | null
  readonly sampling: number | null
  readonly decision: number | null
  readonly decisionLead: number | null
  readonly byPSample: number | null
  readonly byPStopGivenCorrect: number | null
  readonly byPResampleGivenWrong: number | null
  readonly unexplained: number | null
  readonly pSample: number | null
  readonly pStopGivenCorrect: number | null
  readonly pResampleGivenWrong: number | null
}

const minus = (to: number | null, from: number | null): number | null => (to === null || from === null ? null : to - from)

const subtract = (from: RolloutCounts, to: RolloutCounts, cap: number): Differences => {
  // A decision rate that one model never showed cannot be credited with a change: it is taken to be the other model's.
  const before = ratesFromCounts(from, ratesFromCounts(to) ?? undefined)
  const after = ratesFromCounts(to, ratesFromCounts(from) ?? undefined)
  const observed = minus(share(to.correct, to.rollouts), share(from.correct, from.rollouts))
  // Not `predictFromCounts`: where some were truncated and some capped, its parts would not add up to the whole.
  const accuracyOf = (rates: TwoStageRates | null) => (rates === null ? null : twoStageAccuracy(rates, cap))
  const predicted = minus(accuracyOf(ratesFromCounts(to)), accuracyOf(ratesFromCounts(from)))
  const bySubPolicy = before === null || after === null ? null : gainBySubPolicy(before, after, cap)
  const byRate = before === null || after === null ? null : gainByRate(before, after, cap)
  const change = (successes: (counts: RolloutCounts) => number, trials: (counts: RolloutCounts) => number) =>
    minus(share(successes(to), trials(to)), share(successes(from), trials(from)))
  return {
    observed,
    predicted,
    sampling: bySubPolicy?.sampling ?? null,
    decision: bySubPolicy?.decision ?? null,
    decisionLead: bySubPolicy === null ? null : bySubPolicy.decision - bySubPolicy.sampling,
    byPSample: byRate?.sampleCorrect ?? null,
    byPStopGivenCorrect: byRate?.stopGivenCorrect ?? null,
    byPResampleGivenWrong: byRate?.resampleGivenWrong ?? null,
    unexplained: minus(observed, predicted),
    pSample: change((counts) => counts.correctAttempts[0] ?? 0, (counts) => counts.attempts[0] ?? 0),
    pStopGivenCorrect: change((counts) => counts.correctStop, (counts) => counts.correctStop + counts.correctResample),
    pResampleGivenWrong: change((counts) => counts.wrongResample, (counts) => counts.wrongResample + counts.wrongStop)
  }
}
