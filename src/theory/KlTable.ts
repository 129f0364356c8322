/**
 * Estimator × placement × aggregation of a KL penalty: where its expected gradient goes, exactly, for answers of any length.
 *
 * The ground is the three-logit process with real tokens: an answer is L independent choices of the logit θ_S, the first of which
 * says whether the answer is correct; then one choice of θ_C or θ_W decides. At most `maxCycles` cycles; RESAMPLE in the last ends
 * the trajectory, its penalty counts. γ = β = 1, on-policy, a batch so large that the means in denominators are exact.
 *
 * In the reward a decision also pays for the answers to come, which are long; in the loss it pays for itself alone. So the two placements
 * grow differently with L. Source: this paper, eq. 11-16 (reward) and appendix E (k3 in the loss); the table is not in the paper.
 *
 * @module
 */
import { type Aggregation, sequenceWeight } from "./Aggregate.ts"
import { growthExponent } from "./Attribution.ts"
import { type Estimator, ESTIMATORS, isStraightThrough } from "./Kl.ts"
import { type DivergenceName, matchingDivergence, type PlacementName, PLACEMENTS, scoreWeight } from "./KlChoice.ts"
import { logSigmoid, sigmoid } from "./LogSpace.ts"
import { assertFinite, assertRange } from "./TheoryError.ts"
import { LOGIT_NAMES, type LogitName, mapLogits, type ThreeLogits } from "./illustration/ThreeLogit.ts"
import type { ThreeLogitCycle } from "./illustration/ThreeLogitChain.ts"
import { attributeLogits } from "./illustration/ThreeLogitGradient.ts"

/** A policy, its KL reference, and the cap on cycles. */
export interface KlTableModel {
  readonly policy: ThreeLogits
  readonly reference: ThreeLogits
  readonly maxCycles: number
}

/** One combination at one answer length L, tokens. */
export interface KlCase {
  readonly estimator: Estimator
  readonly placement: PlacementName
  readonly aggregation: Aggregation
  readonly length: number
}

/** What the two options of a logit bring to a gradient; index 0 is the option that the logit favours. */
interface Options {
  readonly probability: readonly [number, number]
  readonly score: readonly [number, number]
  readonly weight: readonly [number, number]
}

const optionsOf = (model: KlTableModel, name: LogitName, { estimator, placement }: KlCase): Options => {
  const [logit, reference] = [model.policy[name], model.reference[name]]
  const weight = (sign: 1 | -1) => scoreWeight(estimator, placement, logSigmoid(sign * logit), logSigmoid(sign * reference))
  return {
    probability: [sigmoid(logit), sigmoid(-logit)],
    score: [sigmoid(-logit), -sigmoid(logit)],
    weight: [weight(1), weight(-1)]
  }
}

const mean = ({ probability }: Options, values: readonly [number, number]): number =>
  probability[0] * values[0] + probability[1] * values[1]

interface WeightedTrajectory {
  readonly cycles: ReadonlyArray<ThreeLogitCycle>
  readonly probability: number
}

/** Every trajectory of at most `maxCycles` cycles with its probability; the probabilities sum to 1. */
const trajectoriesOf = ({ maxCycles, policy }: KlTableModel): ReadonlyArray<WeightedTrajectory> => {
  const extend = ({ cycles, probability }: WeightedTrajectory): ReadonlyArray<WeightedTrajectory> =>
    [true, false].flatMap((correct) => {
      const answered = probability * sigmoid(correct ? policy.sampleCorrect : -policy.sampleCorrect)
      const stopLogit = correct ? policy.stopGivenCorrect : -policy.resampleGivenWrong
      const stopped = { cycles: [...cycles, { correct, decision: "STOP" as const }], probability: answered * sigmoid(stopLogit) }
      const resampled = { cycles: [...cycles, { correct, decision: "RESAMPLE" as const }], probability: answered * sigmoid(-stopLogit) }
      return [stopped, ...(resampled.cycles.length < maxCycles ? extend(resampled) : [resampled])]
    })
  return extend({ cycles: [], probability: 1 })
}

/** Σ weight·∇log π over one trajectory's tokens, in expectation over those answer tokens that decide nothing. */
const trajectoryGradient = (
  cycles: ReadonlyArray<ThreeLogitCycle>,
  options: Readonly<Record<LogitName, Options>>,
  { length, placement }: KlCase
): ThreeLogits => {
  const gradient = { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 }
  const sampling = options.sampleCorrect
  const otherTokens = length - 1
  const ownOfOthers = mean(sampling, [sampling.score[0] * sampling.weight[0], sampling.score[1] * sampling.weight[1]])
  let future = 0
  for (const { correct, decision } of cycles.toReversed()) {
    const name = correct ? "stopGivenCorrect" : "resampleGivenWrong"
    const decided = (decision === "STOP") === correct ? 0 : 1
    gradient[name] += options[name].score[decided] * (options[name].weight[decided] + future)
    const sampled = correct ? 0 : 1
    const laterInReward = placement === "reward"
      ? future + options[name].weight[decided] + otherTokens * mean(sampling, sampling.weight)
      : 0
    gradient.sampleCorrect += sampling.score[sampled] * (sampling.weight[sampled] + laterInReward) + otherTokens * ownOfOthers
    if (placement === "reward") future = laterInReward + sampling.weight[sampled]
  }
  return gradient
}

const assertCase = (model: KlTableModel, { length }: KlCase): void => {
  const where = "expectedKlGradient"
  for (const name of LOGIT_NAMES) assertFinite(where, name, [model.policy[name], model.reference[name]])
  assertRange(where, "length", length, Number.isInteger(length) && length >= 1, "the integers from 1")
  const { maxCycles } = model
  assertRange(where, "maxCycles", maxCycles, Number.isInteger(maxCycles) && maxCycles >= 1 && maxCycles <= 12, "the integers 1 … 12")
}

/**
 * Computes the expected gradient of the aggregated KL penalty by the three logits, at β = 1, to be descended.
 *
 * Σ_τ π(τ)·w(τ)·Σ_tokens weight·∇log π, where w is the aggregation's weight of a token of τ. By enumeration of all trajectories,
 * O(2^maxCycles); the length costs nothing. Errors: `NonFinite`, `OutOfRange`.
 */
export const expectedKlGradient = (model: KlTableModel, options: KlCase): ThreeLogits => {
  assertCase(model, options)
  const { aggregation, length } = options
  const choices = {
    sampleCorrect: optionsOf(model, "sampleCorrect", options),
    stopGivenCorrect: optionsOf(model, "stopGivenCorrect", options),
    resampleGivenWrong: optionsOf(model, "resampleGivenWrong", options)
  }
  const trajectories = trajectoriesOf(model)
  const tokensIn = (cycles: number): number => cycles * (length + 1)
  const meanTokens = trajectories.reduce((sum, { cycles, probability }) => sum + probability * tokensIn(cycles.length), 0)
  const counts = { tokens: meanTokens, sequences: 1, rows: 1 }
  const parts = trajectories.map(({ cycles, probability }) => ({
    gradient: trajectoryGradient(cycles, choices, options),
    weight: probability * sequenceWeight(aggregation, tokensIn(cycles.length), counts)
  }))
  return mapLogits((name) => parts.reduce((sum, { gradient, weight }) => sum + weight * gradient[name], 0))
}

/** A row's entry for one length: the gradient, its sizes on π_S and π_D, and π_D's share of their sum; null where both are 0. */
export interface KlTableEntry {
  readonly length: number
  readonly gradient: ThreeLogits
  readonly sampling: number
  readonly decision: number
  readonly ratio: number | null
  readonly decisionShare: number | null
}

/**
 * One combination over several lengths.
 *
 * `divergence` names the distance whose gradient one choice feels in expectation (`KlChoice`). `growth` has the exponents of L in the
 * sizes of both parts and in their ratio; null for a part that is 0 or for a single length.
 */
export interface KlTableRow {
  readonly estimator: Estimator
  readonly placement: PlacementName
  readonly aggregation: Aggregation
  readonly divergence: DivergenceName | null
  readonly entries: ReadonlyArray<KlTableEntry>
  readonly growth: { readonly sampling: number | null; readonly decision: number | null; readonly ratio: number | null }
}

const ZERO = 1e-12

const entryOf = (model: KlTableModel, options: KlCase): KlTableEntry => {
  const gradient = expectedKlGradient(model, options)
  const { decision, sampling } = attributeLogits(gradient)
  const nothing = sampling < ZERO && decision < ZERO
  return {
    length: options.length,
    gradient,
    sampling,
    decision,
    ratio: nothing ? null : sampling / decision,
    decisionShare: nothing ? null : decision / (sampling + decision)
  }
}

const growthOf = (entries: ReadonlyArray<KlTableEntry>, size: (entry: KlTableEntry) => number | null): number | null => {
  const points = entries.map((entry) => ({ length: entry.length, value: size(entry) ?? 0 }))
  return points.length < 2 || points.some(({ value }) => value < ZERO || value === Infinity) ? null : growthExponent(points).exponent
}

/**
 * Computes the whole table: every estimator, placement and given aggregation over the given lengths.
 *
 * Straight-through estimators in the reward are left out, being the plain ones there. Lengths are distinct integers ≥ 1. Errors: as `expectedKlGradient`.
 */
export const klTable = (
  model: KlTableModel,
  options: { readonly aggregations: ReadonlyArray<Aggregation>; readonly lengths: ReadonlyArray<number> }
): ReadonlyArray<KlTableRow> => {
  const choices = LOGIT_NAMES.map((name) => ({ policy: [model.policy[name], 0], reference: [model.reference[name], 0] }))
  return ESTIMATORS.flatMap((estimator) =>
    PLACEMENTS.filter((placement) => !(isStraightThrough(estimator) && placement === "reward")).flatMap((placement) => {
      const divergence = matchingDivergence(estimator, placement, choices)
      return options.aggregations.map((aggregation): KlTableRow => {
        const entries = options.lengths.map((length) => entryOf(model, { estimator, placement, aggregation, length }))
        const growth = {
          sampling: growthOf(entries, (entry) => entry.sampling),
          decision: growthOf(entries, (entry) => entry.decision),
          ratio: growthOf(entries, (entry) => entry.ratio)
        }
        return { estimator, placement, aggregation, divergence, entries, growth }
      })
    })
  )
}
