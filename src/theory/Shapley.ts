/**
 * Which rate, and which sub-policy, made a difference in accuracy.
 *
 * Two models differ in up to three rates (p, c, w). Replacing one after another credits each with a change that depends on
 * the order; the Shapley value averages over all orders, so it is independent of order and sums to the difference.
 *
 * @module
 */
import { twoStageAccuracy, type TwoStageRates } from "./Accuracy.ts"
import { assertRange } from "./TheoryError.ts"

/** Holds a difference in accuracy split by sub-policy: `sampling` is {p}, `decision` is {c, w}; the two sum to `total`. */
export interface GainBySubPolicy {
  readonly total: number
  readonly sampling: number
  readonly decision: number
}

/** Holds a difference in accuracy split by rate; the three sum to `total`. */
export interface GainByRate extends TwoStageRates {
  readonly total: number
}

/**
 * Computes the Shapley values of n players for any value of a coalition.
 *
 * φ_i = Σ_{K ⊆ N∖{i}} |K|!·(n − |K| − 1)!/n! · (v(K ∪ {i}) − v(K)), with Σ_i φ_i = v(N) − v(∅).
 * `value` receives the set of players (0 … n − 1) that have joined. Takes n·2^(n−1) pairs of evaluations; 1 ≤ n ≤ 16.
 * Errors: `OutOfRange`. Source: Shapley, 1953, A value for n-person games.
 */
export const shapleyValues = (
  players: number,
  value: (coalition: ReadonlySet<number>) => number
): ReadonlyArray<number> => {
  const holds = Number.isInteger(players) && players >= 1 && players <= 16
  assertRange("shapleyValues", "players", players, holds, "the integers 1 … 16")
  const { coalitions, everyone } = coalitionsOf(players)
  const worth = coalitions.map((coalition) => value(coalition))
  return everyone.map((player) =>
    coalitions.reduce((sum, coalition, bits) => {
      if (coalition.has(player)) return sum
      return sum + orderShare(coalition.size, players) * (worth[bits | (1 << player)]! - worth[bits]!)
    }, 0)
  )
}

interface Coalitions {
  readonly everyone: ReadonlyArray<number>
  /** By the bits of their members. */
  readonly coalitions: ReadonlyArray<ReadonlySet<number>>
}

// Bootstraps ask for those of two and of three players by the thousand.
const ofFew = new Map<number, Coalitions>()
const FEW = 4

const coalitionsOf = (players: number): Coalitions => {
  const known = ofFew.get(players)
  if (known !== undefined) return known
  const everyone = Array.from({ length: players }, (_, player) => player)
  const all = {
    everyone,
    coalitions: Array.from({ length: 2 ** players }, (_, bits) => new Set(everyone.filter((player) => (bits >> player) & 1)))
  }
  if (players <= FEW) ofFew.set(players, all)
  return all
}

/** k!·(n − k − 1)!/n!, the share of orders in which exactly one given set of k players comes before a given other. */
const orderShare = (before: number, players: number): number => {
  let share = 1 / players
  for (let k = 1; k <= before; k++) share *= k / (players - k)
  return share
}

const splitBy = <const Groups extends ReadonlyArray<ReadonlyArray<keyof TwoStageRates>>>(
  groups: Groups,
  from: TwoStageRates,
  to: TwoStageRates,
  maxCycles: number
) =>
  shapleyValues(groups.length, (joined) => {
    const rates: { -readonly [K in keyof TwoStageRates]: TwoStageRates[K] } = { ...from }
    for (const group of joined) for (const name of groups[group]!) rates[name] = to[name]
    return twoStageAccuracy(rates, maxCycles)
  }) as { readonly [Group in keyof Groups]: number }

/**
 * Splits acc(to) − acc(from) between the sampling policy {p} and the decision policy {c, w}.
 *
 * sampling = ½·[acc(p', c, w) − acc(p, c, w)] + ½·[acc(p', c', w') − acc(p, c', w')]; decision likewise.
 * A process that never stops (S = 0) counts with accuracy 0. `maxCycles` caps both models (default: no cap).
 * Errors: `OutOfRange`.
 */
export const gainBySubPolicy = (
  from: TwoStageRates,
  to: TwoStageRates,
  maxCycles: number = Infinity
): GainBySubPolicy => {
  const groups = [["sampleCorrect"], ["stopGivenCorrect", "resampleGivenWrong"]] as const
  const [sampling, decision] = splitBy(groups, from, to, maxCycles)
  return {
    total: twoStageAccuracy(to, maxCycles) - twoStageAccuracy(from, maxCycles),
    sampling,
    decision
  }
}

/**
 * Splits acc(to) − acc(from) among the three rates, over all six orders of replacing them.
 *
 * The parts of c and w need not sum to `gainBySubPolicy`'s decision part: there the two join at once.
 * `maxCycles` caps both models (default: no cap). Errors: `OutOfRange`.
 */
export const gainByRate = (from: TwoStageRates, to: TwoStageRates, maxCycles: number = Infinity): GainByRate => {
  const groups = [["sampleCorrect"], ["stopGivenCorrect"], ["resampleGivenWrong"]] as const
  const [sampleCorrect, stopGivenCorrect, resampleGivenWrong] = splitBy(groups, from, to, maxCycles)
  return {
    total: twoStageAccuracy(to, maxCycles) - twoStageAccuracy(from, maxCycles),
    sampleCorrect,
    stopGivenCorrect,
    resampleGivenWrong
  }
}
