/**
 * The Q values along one trajectory of the three-logit model, and what each action contributes to which logit.
 *
 * The values are those of `KlPenalty` and `Surrogate` on the trajectory whose answer tokens all have the answer's
 * log-probability; an action contributes γ^{t−1}·Q·∇log π(action). Source: this paper, appendix C.
 *
 * @module
 */
import * as KlPenalty from "../KlPenalty.ts"
import { logSigmoid, sigmoid } from "../LogSpace.ts"
import type { QTable } from "../QTable.ts"
import { makeScoredTrajectory, type ScoredTrajectory } from "../ScoredTrajectory.ts"
import * as Surrogate from "../Surrogate.ts"
import { assertModel, type LogitName, mapLogits, type ThreeLogitModel, type ThreeLogits } from "./ThreeLogit.ts"

/** One cycle: whether the sampled answer was correct, and what was decided on it. */
export interface ThreeLogitCycle {
  readonly correct: boolean
  readonly decision: "STOP" | "RESAMPLE"
}

/** An action of the three-logit model. */
export type ThreeLogitAction = "SAMPLE_CORRECT" | "SAMPLE_WRONG" | "STOP" | "RESAMPLE"

/**
 * One action's row of the chain: Q = `immediate` + `future`, `contribution` = γ^{t−1}·Q·`score`.
 *
 * `step` is the cycle t from 1; `parameter` the only logit on which the action's log-probability depends, `score` that
 * derivative. Units of immediate, future, q and contribution: reward.
 */
export interface ChainStep {
  readonly step: number
  readonly action: ThreeLogitAction
  readonly parameter: LogitName
  readonly immediate: number
  readonly future: number
  readonly q: number
  readonly score: number
  readonly contribution: number
}

/** A choice of the model: the logit x that sets it, and whether the option of probability σ(x) was taken. */
interface Choice {
  readonly parameter: LogitName
  readonly taken: boolean
}

const samplingChoice = (cycle: ThreeLogitCycle): Choice => ({ parameter: "sampleCorrect", taken: cycle.correct })

const decisionChoice = (cycle: ThreeLogitCycle): Choice =>
  cycle.correct
    ? { parameter: "stopGivenCorrect", taken: cycle.decision === "STOP" }
    : { parameter: "resampleGivenWrong", taken: cycle.decision === "RESAMPLE" }

const logProbability = (logits: ThreeLogits, { parameter, taken }: Choice): number =>
  logSigmoid(taken ? logits[parameter] : -logits[parameter])

/** ∂ log σ(x)/∂x = σ(−x) for the option taken with σ(x), −σ(x) for the other. */
const scoreOf = (logits: ThreeLogits, { parameter, taken }: Choice): number =>
  taken ? sigmoid(-logits[parameter]) : -sigmoid(logits[parameter])

/**
 * Scores a trajectory under policy and reference: L tokens an answer, each with log-probability log π_S(answer).
 *
 * A last RESAMPLE is a truncation and allowed. Errors: as `assertModel`; `EmptyGroup` (no cycle), `MisplacedStop`.
 */
export const scoreTrajectory = (
  model: ThreeLogitModel,
  cycles: ReadonlyArray<ThreeLogitCycle>
): ScoredTrajectory => {
  assertModel("scoreTrajectory", model)
  const attempts = cycles.map((cycle) => {
    const tokens = Array.from({ length: cycle.correct ? model.lengths.correct : model.lengths.wrong })
    const sampling = samplingChoice(cycle)
    const decision = decisionChoice(cycle)
    return {
      tokenLogProbs: tokens.map(() => logProbability(model.policy, sampling)),
      referenceTokenLogProbs: tokens.map(() => logProbability(model.reference, sampling)),
      decision: cycle.decision,
      decisionLogProb: logProbability(model.policy, decision),
      referenceDecisionLogProb: logProbability(model.reference, decision)
    }
  })
  return makeScoredTrajectory({ attempts }, { allowTruncated: true })
}

const chainOf = (
  policy: ThreeLogits,
  cycles: ReadonlyArray<ThreeLogitCycle>,
  tables: { readonly immediate: QTable; readonly q: QTable; readonly gamma: number }
): ReadonlyArray<ChainStep> =>
  cycles
    .flatMap((cycle, index) => {
      const row = (part: "sampling" | "decision", action: ThreeLogitAction, choice: Choice): ChainStep => {
        const q = tables.q[part][index]!
        const immediate = tables.immediate[part][index]!
        const score = scoreOf(policy, choice)
        const contribution = tables.gamma ** index * q * score
        const { parameter } = choice
        return { step: index + 1, action, parameter, immediate, future: q - immediate, q, score, contribution }
      }
      return [
        row("sampling", cycle.correct ? "SAMPLE_CORRECT" : "SAMPLE_WRONG", samplingChoice(cycle)),
        row("decision", cycle.decision, decisionChoice(cycle))
      ]
    })
    .toReversed()

/**
 * Computes the chain of the KL penalty, last action first: Q_D(STOP) = r_D, Q_S = r_S + Q_D, Q_D(RESAMPLE) = r_D + γ·Q_S.
 *
 * r_S = −β·L·log(π/π_ref) of the answer, r_D = −β·log(π_D/π_D,ref). `gamma` ∈ [0, 1] a cycle (default 1).
 * Errors: as `scoreTrajectory`; `OutOfRange`. Source: this paper, eq. 12-14 and appendix C, part 2.
 */
export const klChain = (
  model: ThreeLogitModel,
  cycles: ReadonlyArray<ThreeLogitCycle>,
  gamma: number = 1
): ReadonlyArray<ChainStep> => {
  const trajectory = scoreTrajectory(model, cycles)
  const options = { beta: model.beta, gamma }
  const immediate = KlPenalty.immediate(trajectory, options)
  return chainOf(model.policy, cycles, { immediate, q: KlPenalty.qValues(trajectory, options), gamma })
}

/**
 * Computes the chain of the surrogate reward, last action first: Q = γ^{T−t}·A for every action, whatever the lengths.
 *
 * `gamma` ∈ [0, 1] a cycle (default 1). Errors: as `scoreTrajectory`; `OutOfRange`. Source: this paper, Theorem 3.1 and
 * appendix C, part 1.
 */
export const surrogateChain = (
  model: ThreeLogitModel,
  cycles: ReadonlyArray<ThreeLogitCycle>,
  options: { readonly advantage: number; readonly gamma?: number }
): ReadonlyArray<ChainStep> => {
  const trajectory = scoreTrajectory(model, cycles)
  const immediate = Surrogate.immediate(trajectory, options)
  const gamma = options.gamma ?? 1
  return chainOf(model.policy, cycles, { immediate, q: Surrogate.qValues(trajectory, options), gamma })
}

/** Sums a chain's contributions by logit: this trajectory's sample of the objective's gradient. */
export const sumContributions = (chain: ReadonlyArray<ChainStep>): ThreeLogits =>
  mapLogits((name) => chain.filter((step) => step.parameter === name).reduce((sum, step) => sum + step.contribution, 0))
