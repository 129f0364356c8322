/**
 * Which policy made the difference between two models: sampling or decision.
 *
 * @module
 */
import { gainByRate, gainBySubPolicy } from "../../theory/Shapley.ts"
import { type Counts, percentileIntervals, poolRounds, resample, type Rounds, sumCounts } from "../statistics/Bootstrap.ts"
import { type CalibrateOptions, capOf, clusterByQuery, levelsOf, OVERALL, TRAINED, UNSEEN } from "./Calibrate.ts"
import type { Comparison, Estimate, LevelComparison } from "./Comparison.ts"
import type { EvaluatedRollout } from "./EvaluatedRollout.ts"
import { isScored } from "./Outcomes.ts"
import { predictFromCounts, ratesFromCounts, share } from "./Prediction.ts"
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
 * difficulty of the problems out of the difference. Throws `ConfigError` if a rollout has more attempts than the cap.
 */
export const compare = (from: ModelRollouts, to: ModelRollouts, options: CalibrateOptions = {}): Comparison => {
  const both = [...from.rollouts, ...to.rollouts]
  const cap = capOf(both, options.cap)
  const levels = options.levels ?? levelsOf(both)
  const nothing = [...noCounts(cap), ...noCounts(cap)]
  const pairs = levels.map((level): PairedLevel => {
    const clusters = pairClusters(ofLevel(from, level), ofLevel(to, level), cap)
    // Queries that only one of the two answered are strata of their own, so that each model keeps its number of queries.
    const strata = Object.entries(clusters).map(([who, vectors]) => resample(vectors, nothing.length, `${level} ${who}`, options))
    return {
      level,
      paired: clusters.shared.length,
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
  { trainLevels }: CalibrateOptions = {}
): Comparison => {
  const nothing = [...noCounts(cap), ...noCounts(cap)]
  const pool = (name: string, members: ReadonlyArray<PairedLevel>) => {
    const shared = members.filter(isShared)
    return compareLevel({
      level: name,
      paired: shared.reduce((sum, { paired }) => sum + paired, 0),
      totals: sumCounts([nothing, ...shared.map(({ totals }) => totals)]),
      rounds: poolRounds(shared.map(({ rounds }) => rounds))
    }, cap)
  }
  return {
    ...models,
    cap,
    levels: pairs.map((pair) => compareLevel(pair, cap)),
    overall: pool(OVERALL, pairs),
    ...(trainLevels === undefined ? {} : {
      trained: pool(TRAINED, pairs.filter(({ level }) => trainLevels.includes(level))),
      unseen: pool(UNSEEN, pairs.filter(({ level }) => !trainLevels.includes(level)))
    })
  }
}

/** What a level adds up to in both models. Totals and rounds hold the counts of `from`, then those of `to`. */
export interface PairedLevel {
  readonly level: string
  /** Queries that both models answered. */
  readonly paired: number
  readonly totals: Counts
  readonly rounds: Rounds
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

const ofLevel = (model: ModelRollouts, level: string) => model.rollouts.filter((rollout) => rollout.level === level && isScored(rollout))

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

const compareLevel = ({ level, paired, rounds, totals }: PairedLevel, cap: number): LevelComparison => {
  const differences = (sums: Counts) => subtract(...readHalves(sums), cap)
  const values = differences(totals)
  const names = Object.keys(values) as ReadonlyArray<keyof Differences>
  const intervals = percentileIntervals(rounds, (sums) => {
    const drawn = differences(sums)
    return names.map((name) => drawn[name])
  })
  const estimate = (name: keyof Differences): Estimate => ({ value: values[name], interval: intervals[names.indexOf(name)] ?? null })
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
    }
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
  const predicted = minus(predictFromCounts(to).capped, predictFromCounts(from).capped)
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
