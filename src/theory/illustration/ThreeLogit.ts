/**
 * The paper's minimal two-stage process: three logits, one for each rate.
 *
 * P(correct) = σ(θ_S), P(STOP | correct) = σ(θ_C), P(RESAMPLE | wrong) = σ(θ_W). An answer of L tokens weighs its
 * log-ratio L times in the KL penalty, r_S = −β·L·log(π_S/π_S,ref), as if each of its tokens had that log-ratio; a decision
 * weighs its own once. There is no cap on cycles and γ = 1. Here are the model and its values; `ThreeLogitGradient` has the
 * expected gradients, `ThreeLogitChain` the Q values along one trajectory. Source: this paper, figure 1 and appendix C.
 *
 * @module
 */
import { assertRates, type TwoStageRates } from "../Accuracy.ts"
import { klDivergence, logSigmoid, sigmoid } from "../LogSpace.ts"
import { assertFinite, assertRange } from "../TheoryError.ts"

/** Holds one number for each logit: the logits themselves, or derivatives by them. Keys name the rate that a logit sets. */
export type ThreeLogits = TwoStageRates

/** Names a logit: θ_S is `sampleCorrect`, θ_C `stopGivenCorrect`, θ_W `resampleGivenWrong`. */
export type LogitName = keyof ThreeLogits

/** Lists the logits in the paper's order: θ_S, θ_C, θ_W. */
export const LOGIT_NAMES: ReadonlyArray<LogitName> = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"]

/** Holds a policy, its KL reference, the length of an answer (tokens) by its correctness, and β ≥ 0. */
export interface ThreeLogitModel {
  readonly policy: ThreeLogits
  readonly reference: ThreeLogits
  readonly lengths: { readonly correct: number; readonly wrong: number }
  readonly beta: number
}

/** Holds an expected penalty, split by who is penalised: `sampling` + `decision` = `total`. */
export interface PenaltyByPolicy {
  readonly total: number
  readonly sampling: number
  readonly decision: number
}

/** Holds the three rates, their complements, and S = p·c + (1 − p)·(1 − w), each exact at large logits. */
export interface CycleProbabilities {
  readonly correct: number
  readonly wrong: number
  readonly stopGivenCorrect: number
  readonly resampleGivenCorrect: number
  readonly stopGivenWrong: number
  readonly resampleGivenWrong: number
  readonly stop: number
}

/** Applies a function to each logit's entry. */
export const mapLogits = (compute: (name: LogitName) => number): ThreeLogits => ({
  sampleCorrect: compute("sampleCorrect"),
  stopGivenCorrect: compute("stopGivenCorrect"),
  resampleGivenWrong: compute("resampleGivenWrong")
})

/** Throws unless logits are finite, lengths whole and ≥ 1, and β finite and ≥ 0. Errors: `NonFinite`, `OutOfRange`. */
export const assertModel = (where: string, model: ThreeLogitModel): void => {
  for (const name of LOGIT_NAMES) {
    assertFinite(where, `policy.${name}`, [model.policy[name]])
    assertFinite(where, `reference.${name}`, [model.reference[name]])
  }
  for (const kind of ["correct", "wrong"] as const) {
    const length = model.lengths[kind]
    assertRange(where, `lengths.${kind}`, length, Number.isInteger(length) && length >= 1, "the integers from 1")
  }
  assertRange(where, "beta", model.beta, model.beta >= 0 && model.beta < Infinity, "[0, ∞)")
}

/** Computes the three rates σ(θ). Domain: finite logits. Errors: `NonFinite`. */
export const ratesOf = (logits: ThreeLogits): TwoStageRates => {
  for (const name of LOGIT_NAMES) assertFinite("ratesOf", name, [logits[name]])
  return mapLogits((name) => sigmoid(logits[name]))
}

/**
 * Computes the probabilities of a cycle's choices.
 *
 * Complements are σ(−θ), so 1 − w does not round to 0 where w rounds to 1. Errors: `NonFinite`; `OutOfRange` where the
 * logits are so large (beyond about ±700) that a cycle stops with probability 0 in float64.
 */
export const cycleProbabilities = (logits: ThreeLogits): CycleProbabilities => {
  const where = "cycleProbabilities"
  for (const name of LOGIT_NAMES) assertFinite(where, name, [logits[name]])
  const correct = sigmoid(logits.sampleCorrect)
  const wrong = sigmoid(-logits.sampleCorrect)
  const stopGivenCorrect = sigmoid(logits.stopGivenCorrect)
  const stopGivenWrong = sigmoid(-logits.resampleGivenWrong)
  const stop = correct * stopGivenCorrect + wrong * stopGivenWrong
  assertRange(where, "stop", stop, stop > 0, "(0, 1]")
  return {
    correct,
    wrong,
    stopGivenCorrect,
    resampleGivenCorrect: sigmoid(-logits.stopGivenCorrect),
    stopGivenWrong,
    resampleGivenWrong: sigmoid(logits.resampleGivenWrong),
    stop
  }
}

/** Computes the logits log(x/(1 − x)) of three rates, undoing `ratesOf`. Domain: (0, 1). Errors: `OutOfRange`, `NonFinite`. */
export const logitsOf = (rates: TwoStageRates): ThreeLogits => {
  assertRates("logitsOf", rates)
  const logits = mapLogits((name) => Math.log(rates[name]) - Math.log1p(-rates[name]))
  for (const name of LOGIT_NAMES) assertFinite("logitsOf", name, [logits[name]])
  return logits
}

const logPair = (logit: number): readonly [number, number] => [logSigmoid(logit), logSigmoid(-logit)]

/** Computes KL(π‖π_ref) of the choice that one logit sets, in nats; for θ_S that of one token of an answer. */
export const choiceKl = (model: ThreeLogitModel, name: LogitName): number =>
  klDivergence(logPair(model.policy[name]), logPair(model.reference[name]))

/**
 * Computes the log-ratios log(π/π_ref) of the two options that one logit sets, in nats.
 *
 * `taken` is the option named by the logit (correct; STOP given correct; RESAMPLE given wrong), `other` its complement.
 * taken − other = θ − θ_ref.
 */
export const choiceLogRatios = (
  model: ThreeLogitModel,
  name: LogitName
): { readonly taken: number; readonly other: number } => {
  const [logTaken, logOther] = logPair(model.policy[name])
  const [referenceTaken, referenceOther] = logPair(model.reference[name])
  return { taken: logTaken - referenceTaken, other: logOther - referenceOther }
}

/**
 * Computes the expected KL penalty of a trajectory, E[Σ_t r_S,t + r_D,t] = −β·E[KL].
 *
 * With S the probability that a cycle stops:
 * sampling = −β·[p·L_C·log(p/p_ref) + (1 − p)·L_W·log((1 − p)/(1 − p_ref))] / S, for equal lengths −β·L·KL(p‖p_ref) / S;
 * decision = −β·[p·KL(c‖c_ref) + (1 − p)·KL(w‖w_ref)] / S.
 * Units: nats times β. Errors: as `assertModel`. Source: this paper, appendix C (expectation not in the paper).
 */
export const expectedKlPenalty = (model: ThreeLogitModel): PenaltyByPolicy => {
  assertModel("expectedKlPenalty", model)
  const { beta, lengths } = model
  const { correct, stop, wrong } = cycleProbabilities(model.policy)
  const ratio = choiceLogRatios(model, "sampleCorrect")
  const samplingKl = correct * lengths.correct * ratio.taken + wrong * lengths.wrong * ratio.other
  const decisionKl = correct * choiceKl(model, "stopGivenCorrect") + wrong * choiceKl(model, "resampleGivenWrong")
  const sampling = (-beta * samplingKl) / stop
  const decision = (-beta * decisionKl) / stop
  return { total: sampling + decision, sampling, decision }
}
