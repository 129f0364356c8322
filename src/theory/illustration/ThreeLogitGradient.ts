/**
 * Expected gradients on the three logits, exact over all trajectories.
 *
 * One cycle happens 1/S times on average, and every logit's gradient is (visits of its choice) · (variance of the choice) ·
 * (Q of one option − Q of the other). All are derivatives to be ascended; a KL penalty's gradient is a drag, −β·∇E[KL].
 *
 * @module
 */
import { type GroupEstimator, groupPush } from "../GroupPush.ts"
import {
  assertModel,
  choiceKl,
  choiceLogRatios,
  type CycleProbabilities,
  cycleProbabilities,
  expectedKlPenalty,
  mapLogits,
  type ThreeLogitModel,
  type ThreeLogits
} from "./ThreeLogit.ts"

/**
 * Holds an expected KL-penalty gradient, by logit, split by the penalties it comes from: `immediate` is the choice's own,
 * `futureSampling` and `futureDecision` are the later ones that Q carries back to it. The three sum to `total`.
 */
export interface KlPenaltyGradient {
  readonly total: ThreeLogits
  readonly immediate: ThreeLogits
  readonly futureSampling: ThreeLogits
  readonly futureDecision: ThreeLogits
}

/** Holds the size of a gradient on each sub-policy's logits, and their ratio. */
export interface LogitAttribution {
  readonly sampling: number
  readonly decision: number
  readonly ratio: number | null
}

/** Adds two gradients, the second times `factor`. */
export const addLogits = (first: ThreeLogits, second: ThreeLogits, factor: number = 1): ThreeLogits =>
  mapLogits((name) => first[name] + factor * second[name])

/** acc·(1 − acc), as p·c/S times (1 − p)(1 − w)/S: shares of S, where S² and the product of all four rates underflow. */
const accuracyVariance = ({ correct, stop, stopGivenCorrect, stopGivenWrong, wrong }: CycleProbabilities): number =>
  ((correct * stopGivenCorrect) / stop) * ((wrong * stopGivenWrong) / stop)

/**
 * Computes ∇acc by the logits, acc = p·c/S without a cap.
 *
 * (p(1 − p)·c·(1 − w)/S²) · (1, 1 − c, w) for (θ_S, θ_C, θ_W): all three are > 0. It is also the expected gradient
 * E[R·∇log π(τ)] of the 0/1 reward. Errors: `NonFinite`, `OutOfRange`.
 */
export const accuracyLogitGradient = (policy: ThreeLogits): ThreeLogits => {
  const at = cycleProbabilities(policy)
  const common = accuracyVariance(at)
  return {
    sampleCorrect: common,
    stopGivenCorrect: common * at.resampleGivenCorrect,
    resampleGivenWrong: common * at.resampleGivenWrong
  }
}

/**
 * Computes the expected gradient of the group-relative surrogate: E[A·∇log π(τ)], for an endless group with A = (R − acc)/√(acc(1 − acc)),
 * or for groups of `group.size` with the advantages of `group.estimator`.
 *
 * Endless: ∇acc/√(acc(1 − acc)) = (√(p(1 − p)·c·(1 − w))/S) · (1, 1 − c, w). Finite: φ_G(acc)·∇acc (`groupPush`), which at low accuracy is far
 * smaller: at acc = 0.05 half of it in groups of 8, at 0.001 a twelfth, because most groups hold no right answer. Either way sampling : STOP : RESAMPLE is
 * 1 : 1 − c : w, whatever p and the answer's length. Errors: `NonFinite`, `OutOfRange`. Source: this paper, eq. 6-10 and figure 1.
 */
export const surrogateLogitGradient = (
  policy: ThreeLogits,
  group?: { readonly estimator: GroupEstimator; readonly size: number }
): ThreeLogits => {
  const at = cycleProbabilities(policy)
  const variance = accuracyVariance(at)
  const common = group === undefined
    ? Math.sqrt(variance)
    : groupPush(group.estimator, group.size, Math.min(1, (at.correct * at.stopGivenCorrect) / at.stop)) * variance
  return {
    sampleCorrect: common,
    stopGivenCorrect: common * at.resampleGivenCorrect,
    resampleGivenWrong: common * at.resampleGivenWrong
  }
}

/**
 * Computes the expected gradient of the KL penalty in the reward, E[Σ_t Q_t·∇log π_t], split by its sources.
 *
 * With V = −β·E[KL] (the value of a new cycle) and visits N = 1/S:
 * θ_S: N·p(1 − p)·[r_S(C) − r_S(W) + (r̄_C + (1 − c)V) − (r̄_W + wV)], r̄_C = −β·KL(c‖c_ref), r̄_W = −β·KL(w‖w_ref);
 * θ_C: N·p·c(1 − c)·[−β(θ_C − θ_C,ref) − V];  θ_W: N·(1 − p)·w(1 − w)·[−β(θ_W − θ_W,ref) + V].
 * For equal lengths V ≤ 0, so the future part pushes both decisions towards STOP, and its sampling part grows with L: a
 * decision's Q is not free of the answers' length. There the total is the derivative of `expectedKlPenalty`; for unequal
 * ones it holds the penalties constant, as the estimator does, and that derivative has −β·N·p(1 − p)·(L_C − L_W) more
 * on θ_S (in this model a log-ratio weighs L times while its score weighs once; real tokens have no such term).
 * Errors: as `assertModel`. Source: this paper, eq. 11-16 and appendix C.
 */
export const klPenaltyLogitGradient = (model: ThreeLogitModel): KlPenaltyGradient => {
  assertModel("klPenaltyLogitGradient", model)
  const { beta, lengths, policy, reference } = model
  const at = cycleProbabilities(policy)
  const value = expectedKlPenalty(model)
  const sampleWeight = (at.correct * at.wrong) / at.stop
  const stopWeight = (at.correct * at.stopGivenCorrect * at.resampleGivenCorrect) / at.stop
  const resampleWeight = (at.wrong * at.stopGivenWrong * at.resampleGivenWrong) / at.stop
  const ratio = choiceLogRatios(model, "sampleCorrect")
  const goesOn = at.resampleGivenCorrect - at.resampleGivenWrong
  const immediate: ThreeLogits = {
    sampleCorrect: -beta * sampleWeight * (lengths.correct * ratio.taken - lengths.wrong * ratio.other),
    stopGivenCorrect: -beta * stopWeight * (policy.stopGivenCorrect - reference.stopGivenCorrect),
    resampleGivenWrong: -beta * resampleWeight * (policy.resampleGivenWrong - reference.resampleGivenWrong)
  }
  const carriedBack = (newCycle: number, difference: number): ThreeLogits => ({
    sampleCorrect: sampleWeight * (difference + goesOn * newCycle),
    stopGivenCorrect: -stopWeight * newCycle,
    resampleGivenWrong: resampleWeight * newCycle
  })
  const futureSampling = carriedBack(value.sampling, 0)
  const decisionNow = -beta * (choiceKl(model, "stopGivenCorrect") - choiceKl(model, "resampleGivenWrong"))
  const futureDecision = carriedBack(value.decision, decisionNow)
  return {
    total: addLogits(immediate, addLogits(futureSampling, futureDecision)),
    immediate,
    futureSampling,
    futureDecision
  }
}

/**
 * Computes how a gradient on the logits falls on the two sub-policies.
 *
 * sampling = |g_S|, decision = √(g_C² + g_W²) (Euclidean norm of π_D's two logits), ratio = sampling / decision; `null`
 * where both are 0, Infinity where only the decision's is.
 */
export const attributeLogits = (gradient: ThreeLogits): LogitAttribution => {
  const sampling = Math.abs(gradient.sampleCorrect)
  const decision = Math.hypot(gradient.stopGivenCorrect, gradient.resampleGivenWrong)
  return { sampling, decision, ratio: sampling === 0 && decision === 0 ? null : sampling / decision }
}
