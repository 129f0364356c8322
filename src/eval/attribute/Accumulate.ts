/**
 * Attribution of a rollouts file, row by row in bounded memory: no model, no gradient, only token log-probabilities and spans.
 *
 * @module
 */
import * as Aggregate from "../../theory/Aggregate.ts"
import {
  attribution,
  growthExponent,
  type MagnitudeRatio,
  magnitudeRatio,
  termGrowth,
  type Verdict,
  type WeighedCycle
} from "../../theory/Attribution.ts"
import type { QTable } from "../../theory/QTable.ts"
import type { AttributionRow } from "./AttributionInput.ts"
import type { AggregatedShare, AttributionReport, ObjectiveReport, PartReport, VerdictReport } from "./AttributionReport.ts"
import { type AttributedObjective, type AttributionSettings, lacking, OBJECTIVES, type RowNumbers, rowNumbers } from "./Objectives.ts"
import { NOT_OWNED, type Partition, TWO_STAGE } from "../../domain/Partition.ts"
import { addRow, emptyPartSums, emptySums, type PairOfSums, partsOf, type PartSums, real, totalsOf } from "./PartSums.ts"
import { tablesOf, tablesOfPart, weighedCyclesOf } from "./SpanTables.ts"

// The verdict needs its trajectories at once; the sums do not. So many tokens of the first rows are kept for each objective.
const VERDICT_TOKENS = 200_000

interface Lengths {
  sum: number
  count: number
}

/** What a row brings to a verdict: the weights of its scores, and the immediate terms behind them. */
interface Kept {
  readonly cycles: ReadonlyArray<WeighedCycle>
  readonly immediate: QTable
}

/** The sums by sub-policy of a partition that is finer than the two stages, and each one's kept tables. */
interface Finer {
  readonly partition: Partition
  readonly immediate: ReadonlyArray<PartSums>
  readonly weights: ReadonlyArray<PartSums>
  readonly kept: ReadonlyArray<Array<Kept>>
}

interface State {
  readonly objective: AttributedObjective
  readonly finer: Finer | undefined
  rows: number
  readonly lacking: Map<string, number>
  /** Some row's advantage is not 0. */
  hasAdvantage: boolean
  readonly immediate: PairOfSums
  readonly weights: PairOfSums
  /** Sum and count of |r_S| by the answer's length. */
  readonly byLength: Map<number, Lengths>
  readonly kept: Array<Kept>
  keptTokens: number
}

const isTwoStage = ({ names }: Partition): boolean => names.join() === TWO_STAGE.names.join()

const finerOf = (partition: Partition): Finer | undefined =>
  isTwoStage(partition) ? undefined : {
    partition,
    immediate: emptyPartSums(partition),
    weights: emptyPartSums(partition),
    kept: partition.names.map(() => [])
  }

const startOf = (objective: AttributedObjective, partition: Partition): State => ({
  objective,
  finer: finerOf(partition),
  rows: 0,
  lacking: new Map(),
  hasAdvantage: false,
  immediate: emptySums(),
  weights: emptySums(),
  byLength: new Map(),
  kept: [],
  keptTokens: 0
})

// What is larger overflows in squares and sums of rows, and one such token would decide every mean: a ratio e^{900}, an advantage of 1e300.
const LARGEST_TERM = 1e100
const SIZE = `terms below ${LARGEST_TERM} in size`

const overflows = ({ batch: { owner } }: AttributionRow, { q, terms, weights }: RowNumbers): boolean =>
  [terms, q, weights].some((values) => values.some((value, token) => owner[token] !== NOT_OWNED && !(Math.abs(value) < LARGEST_TERM)))

const addTo = (state: State, row: AttributionRow, settings: AttributionSettings): void => {
  const missing = lacking(state.objective, row)
  for (const input of missing) state.lacking.set(input, (state.lacking.get(input) ?? 0) + 1)
  if (missing.length > 0) return
  const numbers = rowNumbers(state.objective, row, settings)
  if (overflows(row, numbers)) {
    state.lacking.set(SIZE, (state.lacking.get(SIZE) ?? 0) + 1)
    return
  }
  state.rows++
  if (row.advantage !== undefined && row.advantage !== 0) state.hasAdvantage = true
  addRow(state.immediate, row, numbers.terms)
  addRow(state.weights, row, numbers.weights)
  if (state.finer !== undefined) {
    const owners = { partition: state.finer.partition, owner: row.partOwner }
    addRow(state.finer.immediate, row, numbers.terms, owners)
    addRow(state.finer.weights, row, numbers.weights, owners)
  }
  const { immediate } = tablesOf(state.objective, row, numbers)
  if (immediate.decision.length === 0) return
  immediate.tokens.forEach(({ length }, cycle) => {
    const entry = state.byLength.get(length) ?? { sum: 0, count: 0 }
    entry.sum += Math.abs(immediate.sampling[cycle]!)
    entry.count++
    state.byLength.set(length, entry)
  })
  if (state.keptTokens + row.batch.owner.length > VERDICT_TOKENS && state.kept.length > 0) return
  state.kept.push({ cycles: weighedCyclesOf(row, numbers), immediate })
  state.finer?.kept.forEach((kept, part) => {
    const mine = tablesOfPart(state.objective, row, numbers, part).immediate
    if (mine.decision.length > 0) kept.push({ cycles: weighedCyclesOf(row, numbers, part), immediate: mine })
  })
  state.keptTokens += row.batch.owner.length
}

const growthOf = ({ byLength }: State): number | null => {
  const points = [...byLength].map(([length, { count, sum }]) => ({ length, value: sum / count }))
  return points.length < 2 || points.some(({ value }) => value === 0 || !Number.isFinite(value)) ? null : growthExponent(points).exponent
}

const statisticWords = ({ alignment, statistic }: Verdict): string => {
  if (statistic._tag === "Statistic") return "One statistic serves every score"
  if (alignment === null) return "One sub-policy has no weight, so no statistic serves both"
  const [witness] = statistic.witnesses.slice(-1)
  const place = witness === undefined ? "" : ` (exactly they do not: trajectory ${witness.trajectory + 1}, cycle ${witness.cycle + 1})`
  return `Both follow one statistic to a cosine of ${alignment.toFixed(3)}${place}`
}

const weighing = ({ interval, isSettled, ratio }: Verdict & { readonly ratio: number }): ReadonlyArray<string> => {
  const size = ratio === Infinity
    ? "Only answers have weight"
    : `A score of an answer weighs ${ratio.toPrecision(3)} times one of its decision`
  const spread = interval === null ? "" : ` (${interval.map((end) => end.toPrecision(3)).join(" to ")} at two standard errors)`
  return [`${size}${spread}`, ...(isSettled || interval === null ? [] : ["These rows do not settle it: the interval crosses the bound"])]
}

const termWords = (exponent: number | null, ratio: MagnitudeRatio): string => {
  const grows = exponent === null ? "the growth of |r_S| with length cannot be told" : `|r_S| grows as L^${exponent.toFixed(2)}`
  return `Immediate terms: |r_S|/|r_D| is ${ratio.perAction.toPrecision(3)} an action and ${
    ratio.perToken.toPrecision(3)
  } a token; ${grows}`
}

const evidenceOf = (verdict: Verdict, exponent: number | null, ratio: MagnitudeRatio, nothing: string): ReadonlyArray<string> =>
  verdict.ratio === null
    ? [`${nothing}: nothing to attribute`]
    : [...weighing({ ...verdict, ratio: verdict.ratio }), statisticWords(verdict), termWords(exponent, ratio)]

const numbersOf = ({ cycles, immediate }: Kept): ReadonlyArray<number> => [
  ...cycles.flatMap(({ decision, sampling }) => [...sampling, ...decision]),
  ...immediate.sampling,
  ...immediate.decision
]

const whyNoVerdict = ({ kept }: State): string => kept.length === 0 ? "no row has an answer with a decision on it" : "its terms overflow"

const verdictOf = (kept: ReadonlyArray<Kept>, nothing = "All weights are 0"): VerdictReport | null => {
  // A term that overflowed has no ratio; such rows stay in the sums and leave the verdict.
  const finite = kept.filter((row) => numbersOf(row).every(Number.isFinite))
  if (finite.length === 0) return null
  const result = attribution(finite.map(({ cycles }) => cycles))
  const immediate = finite.map((row) => row.immediate)
  const [ratio, exponent] = [magnitudeRatio(immediate), termGrowth(immediate)]
  return {
    verdict: result.verdict,
    towards: result.towards,
    rows: finite.length,
    weightRatio: result.ratio === null ? null : real(result.ratio),
    interval: result.interval,
    isSettled: result.isSettled,
    alignment: result.alignment,
    hasStatistic: result.statistic._tag === "Statistic",
    ratioPerAction: real(ratio.perAction),
    ratioPerToken: real(ratio.perToken),
    growthExponent: exponent,
    evidence: evidenceOf(result, exponent, ratio, nothing)
  }
}

/** Σ w|weight| under every aggregation of the field, the file as one batch; the constant length of the last is the longest row's. */
const aggregationOf = ({ rows, weights }: State, longestRow: number): ReadonlyArray<AggregatedShare> => {
  const tokens = weights[0].tokens + weights[1].tokens
  const counts: Aggregate.Counts = { tokens, sequences: rows, rows }
  const modes = [Aggregate.tokenMean, Aggregate.seqMeanTokenMean, Aggregate.seqMeanTokenSum, Aggregate.seqMeanTokenSumNorm(longestRow)]
  return modes.map((mode) => {
    // All weights but those of the mean of means are the same for every row; that one divides by the row's own length.
    const [sampling, decision] = weights.map((sum) =>
      (mode._tag === "seq-mean-token-mean" ? sum.overLength : sum.absolute) * Aggregate.sequenceWeight(mode, 1, counts)
    ) as [number, number]
    return { mode: mode._tag, sampling: real(sampling), decision: real(decision), decisionShare: real(decision / (sampling + decision)) }
  })
}

const partReports = ({ immediate, kept, partition, weights }: Finer): Readonly<Record<string, PartReport>> => {
  const shares = (sums: ReadonlyArray<PartSums>) => {
    const total = sums.reduce((all, { absolute }) => all + absolute, 0)
    return sums.map(({ absolute }) => real(absolute / total))
  }
  const [immediateShares, weightShares] = [shares(immediate), shares(weights)]
  return Object.fromEntries(partition.names.map((name, k) => [name, {
    immediate: totalsOf(immediate[k]!),
    immediateShare: immediateShares[k]!,
    scoreWeights: totalsOf(weights[k]!),
    scoreWeightShare: weightShares[k]!,
    verdict: verdictOf(kept[k]!)
  }]))
}

const reportOf = (state: State, longestRow: number): ObjectiveReport => {
  const { finer, objective, rows } = state
  const isIdle = objective.needs.includes("advantage or score") && !state.hasAdvantage
  const verdict = verdictOf(state.kept, isIdle ? "All advantages are 0" : undefined)
  return {
    name: objective.name,
    meaning: objective.meaning,
    source: objective.source,
    placement: objective.placement,
    rows,
    lacking: Object.fromEntries(state.lacking),
    immediate: rows === 0 ? null : partsOf(state.immediate),
    scoreWeights: rows === 0 ? null : partsOf(state.weights),
    aggregation: rows === 0 ? [] : aggregationOf(state, longestRow),
    growthExponent: growthOf(state),
    verdict,
    ...(verdict !== null || rows === 0 ? {} : { undefinedBecause: whyNoVerdict(state) }),
    ...(finer === undefined || rows === 0 ? {} : { parts: partReports(finer) })
  }
}

/** An attribution that is under way; `add` and `refuse` change it in place. */
export interface AttributionAccumulator {
  readonly add: (row: AttributionRow) => void
  readonly refuse: (line: number, reason: string) => void
  readonly report: () => AttributionReport
}

/** What an attribution is made of: whose tokens are whose, as the rows were read, and which objectives. */
export interface AttributionChoice {
  readonly partition?: Partition
  readonly objectives?: ReadonlyArray<AttributedObjective>
}

/**
 * Starts the attribution of a file; left out: of the two stages, under every objective of the library. Memory does not grow with the number
 * of rows, but for what is said of bad ones.
 */
export const startAttribution = (settings: AttributionSettings, choice: AttributionChoice = {}): AttributionAccumulator => {
  const { objectives = OBJECTIVES, partition = TWO_STAGE } = choice
  const states = objectives.map((objective) => startOf(objective, partition))
  const advantages = { advantage: 0, score: 0, neither: 0 }
  const badRows: Array<{ readonly line: number; readonly reason: string }> = []
  let rows = 0
  let longestRow = 0
  let unfinished = 0
  return {
    add: (row) => {
      rows++
      advantages[row.advantageFrom ?? "neither"]++
      const last = row.spans.at(-1)
      if (last?.kind !== "decision" || last.action !== "STOP") unfinished++
      longestRow = Math.max(longestRow, row.spans.reduce((tokens, { end, start }) => tokens + end - start, 0))
      for (const state of states) addTo(state, row, settings)
    },
    refuse: (line, reason) => void badRows.push({ line, reason }),
    report: () => ({
      attribution: "2",
      rows,
      settings,
      advantages: { ...advantages },
      longestRow,
      unfinished,
      objectives: states.map((state) => reportOf(state, longestRow)),
      badRows: [...badRows]
    })
  }
}
