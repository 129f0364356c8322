/**
 * Gradient attribution (Definition 3.1) as measurements and a decision.
 *
 * The definition has two clauses: one statistic Φ with Q_S = w_S·Φ and Q_D = w_D·Φ (balanced), immediate terms |r_S| ≫ |r_D|
 * (unbalanced). They are no opposites, and neither is a property of a gradient: the surrogate itself has r_S = 0. So three numbers are
 * measured, and a threshold is put on one of them. `attribution` compares what multiplies the scores ∇log π; `sufficientStatistic` says
 * whether one Φ serves both; `magnitudeRatio` and `termGrowth` compare the immediate terms. Two estimators of one gradient weigh their
 * scores differently, so a verdict is about the estimator: `EstimatorMoments` has what they share.
 *
 * @module
 */
import { discountedScoreWeights, type QTable } from "./QTable.ts"
import { assertFinite, assertLength, assertRange, TheoryError } from "./TheoryError.ts"

/** Q of the two sub-policies by cycle. */
export type SubPolicyValues = Pick<QTable, "sampling" | "decision">

/** One cycle's pair of Q values and where it stands. */
export interface Witness {
  readonly trajectory: number
  readonly cycle: number
  readonly sampling: number
  readonly decision: number
}

/**
 * The answer to "is there one sufficient statistic?".
 *
 * `Statistic`: Φ by trajectory and cycle, with Q_S = samplingWeight·Φ and Q_D = decisionWeight·Φ.
 * `Contradiction`: cycles that no Φ serves. With equal weights one cycle where Q_S ≠ Q_D, by `gap` = Q_S − Q_D; with free
 * weights two cycles whose Q pairs are not proportional, `gap` = Q_S·Q_D′ − Q_S′·Q_D.
 */
export type StatisticResult =
  | {
    readonly _tag: "Statistic"
    readonly phi: ReadonlyArray<ReadonlyArray<number>>
    readonly samplingWeight: number
    readonly decisionWeight: number
  }
  | { readonly _tag: "Contradiction"; readonly witnesses: ReadonlyArray<Witness>; readonly gap: number }

const magnitude = (pair: Witness): number => Math.hypot(pair.sampling, pair.decision)

/**
 * Decides whether one statistic Φ serves both sub-policies in all given cycles.
 *
 * `weights: "equal"` (default) asks for Q_S = Q_D = Φ, as the proofs of Theorems 3.1 and 3.2 do: with Q_S = r_S + F and
 * Q_D = r_D + F for one future F it exists iff r_S = r_D everywhere. `"free"` asks for constants w_S, w_D ≠ 0 with
 * Q_S = w_S·Φ and Q_D = w_D·Φ (Definition 3.1): iff all pairs (Q_S, Q_D) lie on one line through 0 that is no axis.
 * Numbers are equal when they differ by less than `tolerance` (default 1e-9) relative to their own pair's size, so that one large pair
 * hides no small one; free weights pass over pairs below 4e-15 of the largest, which are rounding.
 *
 * Shapes: tables of any numbers of cycles. Units: those of Q. Errors: `EmptyGroup` without a cycle, `ShapeMismatch`, `NonFinite`.
 */
export const sufficientStatistic = (
  tables: ReadonlyArray<SubPolicyValues>,
  options: { readonly weights?: "equal" | "free"; readonly tolerance?: number } = {}
): StatisticResult => {
  const where = "sufficientStatistic"
  const tolerance = options.tolerance ?? 1e-9
  // A number that is none would differ from nothing.
  tables.forEach(({ decision, sampling }, trajectory) => {
    assertLength(where, `tables[${trajectory}].decision`, sampling.length, decision.length)
    assertFinite(where, `tables[${trajectory}].sampling`, sampling)
    assertFinite(where, `tables[${trajectory}].decision`, decision)
  })
  const pairs: ReadonlyArray<Witness> = tables.flatMap((table, trajectory) =>
    table.sampling.map((sampling, cycle) => ({ trajectory, cycle, sampling, decision: table.decision[cycle]! }))
  )
  if (pairs.length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "tables", index: 0 })
  const phi = tables.map((table) => table.decision)
  const found = statisticOfPairs(pairs, options.weights ?? "equal", tolerance)
  return found._tag === "Statistic" ? { ...found, phi } : found
}

type PairResult =
  | { readonly _tag: "Statistic"; readonly samplingWeight: number; readonly decisionWeight: number }
  | Extract<StatisticResult, { _tag: "Contradiction" }>

/** A pair that is this much smaller than the largest is what a sum that cancels leaves behind. */
const DUST = 16 * Number.EPSILON

const statisticOfPairs = (pairs: ReadonlyArray<Witness>, weights: "equal" | "free", tolerance: number): PairResult => {
  if (weights === "equal") {
    const differing = pairs.find((pair) => Math.abs(pair.sampling - pair.decision) > tolerance * magnitude(pair))
    return differing === undefined
      ? { _tag: "Statistic", samplingWeight: 1, decisionWeight: 1 }
      : { _tag: "Contradiction", witnesses: [differing], gap: differing.sampling - differing.decision }
  }
  const largest = pairs.reduce((best, pair) => (magnitude(pair) > magnitude(best) ? pair : best))
  const size = magnitude(largest)
  if (size === 0) return { _tag: "Statistic", samplingWeight: 1, decisionWeight: 1 }
  const minor = (pair: Witness) => largest.sampling * pair.decision - pair.sampling * largest.decision
  // The sine of the angle between two pairs, free of both sizes: |minor|/(size·size').
  const angle = (pair: Witness) =>
    Math.abs((largest.sampling / size) * (pair.decision / magnitude(pair)) - (pair.sampling / magnitude(pair)) * (largest.decision / size))
  const crossing = pairs.find((pair) => magnitude(pair) > DUST * size && angle(pair) > tolerance)
  if (crossing !== undefined) return { _tag: "Contradiction", witnesses: [largest, crossing], gap: minor(crossing) }
  const onAxis = Math.min(Math.abs(largest.sampling), Math.abs(largest.decision)) <= tolerance * size
  return onAxis
    ? { _tag: "Contradiction", witnesses: [largest], gap: largest.sampling - largest.decision }
    : { _tag: "Statistic", samplingWeight: largest.sampling / largest.decision, decisionWeight: 1 }
}

/**
 * Mean sizes of immediate terms over a batch of trajectories and their ratio.
 *
 * `samplingPerAction` is the mean |r_S| of an answer, `samplingPerToken` the mean |r| of an answer's token, `decision` the mean |r_D|.
 * `perAction` and `perToken` divide them by `decision`; 0/0 is 1, both sub-policies being untouched.
 */
export interface MagnitudeRatio {
  readonly samplingPerAction: number
  readonly samplingPerToken: number
  readonly decision: number
  readonly perAction: number
  readonly perToken: number
}

const meanSize = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length

const quotient = (numerator: number, denominator: number): number => numerator === 0 && denominator === 0 ? 1 : numerator / denominator

/**
 * Computes the ratio |r_S|/|r_D| of mean immediate terms, per action and per token (Definition 3.1).
 *
 * Shapes: one table of immediate terms a trajectory. Units: the terms' in sizes, none in ratios. Errors: `EmptyGroup`.
 */
export const magnitudeRatio = (immediate: ReadonlyArray<QTable>): MagnitudeRatio => {
  const decisions = immediate.flatMap((table) => table.decision)
  if (decisions.length === 0) throw new TheoryError("magnitudeRatio", { _tag: "EmptyGroup", what: "tables", index: 0 })
  const samplingPerAction = meanSize(immediate.flatMap((table) => table.sampling))
  const samplingPerToken = meanSize(immediate.flatMap((table) => table.tokens.flat()))
  const decision = meanSize(decisions)
  return {
    samplingPerAction,
    samplingPerToken,
    decision,
    perAction: quotient(samplingPerAction, decision),
    perToken: quotient(samplingPerToken, decision)
  }
}

/** A positive measurement at a length, tokens. */
export interface LengthPoint {
  readonly length: number
  readonly value: number
}

/**
 * Fits value = exp(intercept)·L^exponent by least squares of log value on log L.
 *
 * A Θ(L) quantity has exponent 1, a Θ(√L) one ½, one that does not grow 0. Domain: lengths and values > 0, two lengths at
 * least. Errors: `OutOfRange`, `GroupTooSmall`.
 */
export const growthExponent = (
  points: ReadonlyArray<LengthPoint>
): { readonly exponent: number; readonly intercept: number } => {
  const where = "growthExponent"
  for (const { length, value } of points) {
    assertRange(where, "length", length, length > 0, "(0, ∞)")
    assertRange(where, "value", value, value > 0, "(0, ∞)")
  }
  const size = new Set(points.map(({ length }) => length)).size
  if (size < 2) throw new TheoryError(where, { _tag: "GroupTooSmall", what: "set of lengths", index: 0, size, needed: 2 })
  const x = points.map(({ length }) => Math.log(length))
  const y = points.map(({ value }) => Math.log(value))
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length
  const covariance = x.reduce((sum, value, index) => sum + (value - meanX) * (y[index]! - meanY), 0)
  const exponent = covariance / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)
  return { exponent, intercept: meanY - exponent * meanX }
}

/**
 * Fits the growth of answers' immediate terms in their length: the exponent e of mean |r_S| = c·L^e over answers of L tokens.
 *
 * 1 where an answer's tokens have terms of one mean, ½ where they are independent of mean 0. Sizes are averaged, not terms: those of
 * either sign would cancel. Shapes: one table of immediate terms a trajectory. Null unless there are two lengths, all of non-zero terms.
 */
export const termGrowth = (immediate: ReadonlyArray<QTable>): number | null => {
  const byLength = new Map<number, Array<number>>()
  for (const table of immediate) {
    table.tokens.forEach((row, cycle) => {
      byLength.set(row.length, [...(byLength.get(row.length) ?? []), table.sampling[cycle]!])
    })
  }
  const points = [...byLength].map(([length, values]) => ({ length, value: meanSize(values) }))
  return points.length < 2 || points.some(({ value }) => value === 0) ? null : growthExponent(points).exponent
}

/** The weights of all scores ∇log π of one cycle: of the answer's tokens (or of the answer as one action), and of the decision's. */
export interface WeighedCycle {
  readonly sampling: ReadonlyArray<number>
  readonly decision: ReadonlyArray<number>
}

/**
 * Lays out the score weights γ^{t−1}·Q of a trajectory by cycle.
 *
 * `level: "token"` (default) weighs token j by Q(t,j), `"action"` the whole answer by Q_S(t): two estimators of one gradient (eq. 5).
 * γ ∈ [0, 1] a cycle (default 1). Units: those of Q. Source: this paper, Lemma 2.
 */
export const weighedCycles = (
  q: QTable,
  options: { readonly gamma?: number; readonly level?: "token" | "action" } = {}
): ReadonlyArray<WeighedCycle> => {
  const weights = discountedScoreWeights(q, options.gamma ?? 1)
  return weights.decision.map((decision, cycle) => ({
    sampling: options.level === "action" ? [weights.sampling[cycle]!] : weights.tokens[cycle]!,
    decision: [decision]
  }))
}

/**
 * A verdict on the weights of the two sub-policies' scores, and what it rests on.
 *
 * - `verdict`: `"none"` if all weights are 0; `"balanced"` if `ratio` is within the bound on both sides; `"unbalanced"` else, and `towards`
 *   says whose scores weigh more.
 * - `ratio`: Σ_t mean_j |w(t,j)| over Σ_t mean |w_D(t)|, ∞ where only decisions have weight 0; null for `"none"`.
 * - `interval`: two standard errors about log ratio, trajectories being the independent draws; null with fewer than two or at 0 and ∞.
 * - `isSettled`: the whole interval has the verdict's side of the bound.
 * - `alignment`: the cosine of the cycles' mean weights, Σ w_S·w_D/√(Σ w_S²·Σ w_D²) ∈ [−1, 1], ±1 where one statistic serves both
 *   actions; null where a sub-policy has no weight.
 * - `statistic`: whether exactly one statistic serves every score.
 */
export interface Verdict {
  readonly verdict: "none" | "balanced" | "unbalanced"
  readonly towards: "sampling" | "decision" | null
  readonly ratio: number | null
  readonly interval: readonly [low: number, high: number] | null
  readonly isSettled: boolean
  readonly alignment: number | null
  readonly statistic: StatisticResult
}

const total = (values: ReadonlyArray<number>): number => values.reduce((sum, value) => sum + value, 0)

const mean = (values: ReadonlyArray<number>): number => total(values) / values.length

/** log ratio of two sums over independent trajectories, with the standard error of a quotient (linearised). */
const logRatioInterval = (
  sampling: ReadonlyArray<number>,
  decision: ReadonlyArray<number>,
  ratio: number
): readonly [number, number] | null => {
  const draws = sampling.length
  if (draws < 2 || ratio === 0 || ratio === Infinity) return null
  const [samplingTotal, decisionTotal] = [total(sampling), total(decision)]
  const squares = total(sampling.map((value, index) => (value / samplingTotal - decision[index]! / decisionTotal) ** 2))
  const twoErrors = 2 * Math.sqrt((draws / (draws - 1)) * squares)
  return [ratio * Math.exp(-twoErrors), ratio * Math.exp(twoErrors)]
}

const statisticOfScores = (trajectories: ReadonlyArray<ReadonlyArray<WeighedCycle>>): StatisticResult => {
  const pairs = trajectories.flatMap((cycles, trajectory) =>
    cycles.flatMap((scores, cycle) =>
      scores.sampling.flatMap((sampling) => scores.decision.map((decision) => ({ trajectory, cycle, sampling, decision })))
    )
  )
  const found = statisticOfPairs(pairs, "free", 1e-9)
  return found._tag === "Statistic" ? { ...found, phi: trajectories.map((cycles) => cycles.map(({ decision }) => decision[0]!)) } : found
}

/**
 * Decides whether a gradient estimator weighs the scores of π_S and of π_D alike, over a batch of trajectories.
 *
 * Cycle by cycle the mean size of the answer's score weights stands beside that of the decision's; the verdict is a threshold on the
 * quotient of their sums: balanced within [1/`ratioBound`, `ratioBound`] (default 2, figure 1's line), else unbalanced towards sampling or
 * towards decision. It depends on the weights alone, so equal gradients have equal verdicts; it does not change with their unit; a
 * trajectory of the same side never turns it, because a quotient of sums lies between the quotients. Definition 3.1's first clause is
 * `statistic` and, by degree, `alignment` (footnote 10): they do not decide, because even the true Q of the return has no exact statistic.
 *
 * Shapes: a trajectory is its cycles, each with a score of either sub-policy at least. Units: none but those of the weights.
 * Errors: `EmptyGroup` without a cycle or with one that lacks a sub-policy's scores, `NonFinite`, `OutOfRange` (`ratioBound` < 1).
 */
export const attribution = (
  trajectories: ReadonlyArray<ReadonlyArray<WeighedCycle>>,
  options: { readonly ratioBound?: number } = {}
): Verdict => {
  const where = "attribution"
  const ratioBound = options.ratioBound ?? 2
  assertRange(where, "ratioBound", ratioBound, ratioBound >= 1, "[1, ∞)")
  const filled = trajectories.filter(({ length }) => length > 0)
  if (filled.length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: "trajectories", index: 0 })
  let largest = 0
  trajectories.forEach((cycles, trajectory) => {
    cycles.forEach(({ decision, sampling }, cycle) => {
      for (const [name, weights] of [["sampling", sampling], ["decision", decision]] as const) {
        const what = `trajectories[${trajectory}][${cycle}].${name}`
        if (weights.length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what, index: cycle })
        assertFinite(where, what, weights)
        for (const weight of weights) largest = Math.max(largest, Math.abs(weight))
      }
    })
  })
  const statistic = statisticOfScores(filled)
  if (largest === 0) {
    return { verdict: "none", towards: null, ratio: null, interval: null, isSettled: true, alignment: null, statistic }
  }
  // In units near the largest weight neither sums nor squares overflow; a power of 2 rounds nothing.
  const unit = 2 ** Math.floor(Math.log2(largest))
  const size = (weight: number): number => Math.abs(weight / unit)
  const sampling = filled.map((cycles) => total(cycles.map((cycle) => mean(cycle.sampling.map(size)))))
  const decision = filled.map((cycles) => total(cycles.map((cycle) => mean(cycle.decision.map(size)))))
  const ratio = total(sampling) / total(decision)
  const side = (value: number): Verdict["towards"] => (value > ratioBound ? "sampling" : value < 1 / ratioBound ? "decision" : null)
  const towards = side(ratio)
  const interval = logRatioInterval(sampling, decision, ratio)
  const signed = filled.flatMap((cycles) =>
    cycles.map((cycle) => [mean(cycle.sampling.map((weight) => weight / unit)), mean(cycle.decision.map((weight) => weight / unit))])
  )
  const product = (first: number, second: number): number => total(signed.map((pair) => pair[first]! * pair[second]!))
  const norms = Math.sqrt(product(0, 0)) * Math.sqrt(product(1, 1))
  return {
    verdict: towards === null ? "balanced" : "unbalanced",
    towards,
    ratio,
    interval,
    isSettled: interval !== null && interval.every((end) => side(end) === towards),
    alignment: norms === 0 ? null : Math.max(-1, Math.min(1, product(0, 1) / norms)),
    statistic
  }
}
