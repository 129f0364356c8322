/**
 * Gradient attribution (Definition 3.1) as measurements and a decision.
 *
 * Balanced: one statistic Φ with Q_S = w_S·Φ and Q_D = w_D·Φ, the weights of one magnitude. Unbalanced: the immediate terms
 * differ by more than a constant factor, |r_S| ≫ |r_D|, growing with the answer's length L. Both are decided here from tables
 * of Q and of immediate terms; a verdict comes with its evidence.
 *
 * @module
 */
import type { QTable } from "./QTable.ts"
import { assertRange, TheoryError } from "./TheoryError.ts"

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
 * Numbers are equal when they differ by less than `tolerance` (default 1e-9) relative to the pairs' size.
 *
 * Shapes: tables of any numbers of cycles. Units: those of Q. Errors: `EmptyGroup` without a cycle.
 */
export const sufficientStatistic = (
  tables: ReadonlyArray<SubPolicyValues>,
  options: { readonly weights?: "equal" | "free"; readonly tolerance?: number } = {}
): StatisticResult => {
  const tolerance = options.tolerance ?? 1e-9
  const pairs: ReadonlyArray<Witness> = tables.flatMap((table, trajectory) =>
    table.sampling.map((sampling, cycle) => ({ trajectory, cycle, sampling, decision: table.decision[cycle]! }))
  )
  if (pairs.length === 0) throw new TheoryError("sufficientStatistic", { _tag: "EmptyGroup", what: "tables", index: 0 })
  const phi = tables.map((table) => table.decision)
  if ((options.weights ?? "equal") === "equal") {
    const differing = pairs.find((pair) => Math.abs(pair.sampling - pair.decision) > tolerance * magnitude(pair))
    return differing === undefined
      ? { _tag: "Statistic", phi, samplingWeight: 1, decisionWeight: 1 }
      : { _tag: "Contradiction", witnesses: [differing], gap: differing.sampling - differing.decision }
  }
  const largest = pairs.reduce((best, pair) => (magnitude(pair) > magnitude(best) ? pair : best))
  const size = magnitude(largest)
  if (size === 0) return { _tag: "Statistic", phi, samplingWeight: 1, decisionWeight: 1 }
  const minor = (pair: Witness) => largest.sampling * pair.decision - pair.sampling * largest.decision
  const crossing = pairs.find((pair) => Math.abs(minor(pair)) > tolerance * size * size)
  if (crossing !== undefined) return { _tag: "Contradiction", witnesses: [largest, crossing], gap: minor(crossing) }
  const onAxis = Math.min(Math.abs(largest.sampling), Math.abs(largest.decision)) <= tolerance * size
  return onAxis
    ? { _tag: "Contradiction", witnesses: [largest], gap: largest.sampling - largest.decision }
    : { _tag: "Statistic", phi, samplingWeight: largest.sampling / largest.decision, decisionWeight: 1 }
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

/** What a trajectory brings to a verdict: its immediate terms and its Q. */
export interface AttributedTrajectory {
  readonly immediate: QTable
  readonly q: QTable
}

/** A verdict of Definition 3.1 with what it rests on; `growthExponent` is null without two lengths of non-zero terms. */
export interface Verdict {
  readonly verdict: "balanced" | "unbalanced"
  readonly statistic: StatisticResult
  readonly ratio: MagnitudeRatio
  readonly growthExponent: number | null
}

const growthOverLengths = (immediate: ReadonlyArray<QTable>): number | null => {
  const byLength = new Map<number, Array<number>>()
  for (const table of immediate) {
    table.tokens.forEach((row, cycle) => {
      byLength.set(row.length, [...(byLength.get(row.length) ?? []), table.sampling[cycle]!])
    })
  }
  const points = [...byLength].map(([length, values]) => ({ length, value: meanSize(values) }))
  return points.length < 2 || points.some(({ value }) => value === 0) ? null : growthExponent(points).exponent
}

/**
 * Decides between balanced and unbalanced attribution for a batch of trajectories of one objective.
 *
 * Balanced if one statistic serves both sub-policies with free weights of one magnitude (their ratio within `ratioBound`).
 * Otherwise unbalanced if |r_S| grows with the answer's length faster than L^`growthBound` (default ¼, between no growth and the √L
 * of independent terms; |r_D| is one token's at any length), or, where lengths do not vary, if |r_S|/|r_D| per action exceeds `ratioBound` (default 2,
 * figure 1's line). What is left, tables without one statistic whose terms are of one magnitude, is balanced: the property is
 * one of degree (footnote 10 of this paper). Errors: `EmptyGroup`, `OutOfRange`.
 */
export const attribution = (
  trajectories: ReadonlyArray<AttributedTrajectory>,
  options: { readonly ratioBound?: number; readonly growthBound?: number } = {}
): Verdict => {
  const ratioBound = options.ratioBound ?? 2
  assertRange("attribution", "ratioBound", ratioBound, ratioBound >= 1, "[1, ∞)")
  const statistic = sufficientStatistic(trajectories.map(({ q }) => q), { weights: "free" })
  const immediate = trajectories.map((trajectory) => trajectory.immediate)
  const ratio = magnitudeRatio(immediate)
  const exponent = growthOverLengths(immediate)
  const weight = statistic._tag === "Statistic" ? Math.abs(statistic.samplingWeight) : Infinity
  const served = weight <= ratioBound && weight >= 1 / ratioBound
  const separated = exponent === null ? ratio.perAction > ratioBound : exponent > (options.growthBound ?? 0.25)
  return { verdict: !served && separated ? "unbalanced" : "balanced", statistic, ratio, growthExponent: exponent }
}
