/**
 * What different kinds of feedback teach the three logits, in expectation.
 *
 * Rewards for outcomes (0/1, ±1, positive samples only, negative samples only) and demonstrations (SFT) on one model, so that
 * their pushes on θ_W, the logit of RESAMPLE at a wrong answer, can be compared. Source: this paper, sections 5.1 and 5.4.
 *
 * @module
 */
import { cappedAccuracyGradient, expectedCycles, twoStageAccuracy, type TwoStageRates } from "../Accuracy.ts"
import { sigmoid } from "../LogSpace.ts"
import { LOGIT_NAMES, mapLogits, ratesOf, type ThreeLogits } from "./ThreeLogit.ts"
import { accuracyLogitGradient } from "./ThreeLogitGradient.ts"
import { assertFinite, assertRange } from "../TheoryError.ts"

/** Holds the reward of a trajectory by its outcome: stopped on a correct answer, on a wrong one, or cut at the cap. */
export interface OutcomeRewards {
  readonly correct: number
  readonly wrong: number
  readonly truncated: number
}

/** Reward 1 for success, else 0. Without a baseline only successes teach: positive sample reinforcement (PSR). */
export const POSITIVE_ONLY: OutcomeRewards = { correct: 1, wrong: 0, truncated: 0 }

/** Reward −1 for failure, truncations included, else 0: negative sample reinforcement (NSR; Zhu et al., 2025, 2506.01347). */
export const NEGATIVE_ONLY: OutcomeRewards = { correct: 0, wrong: -1, truncated: -1 }

/** Reward 1 for success and −1 for failure: the sum of `POSITIVE_ONLY` and `NEGATIVE_ONLY`. */
export const SIGNED: OutcomeRewards = { correct: 1, wrong: -1, truncated: -1 }

const byLogit = (rates: TwoStageRates, gradient: TwoStageRates): ThreeLogits =>
  mapLogits((name) => gradient[name] * rates[name] * (1 - rates[name]))

/**
 * Computes E[R·∇log π(τ)] for a reward given by the outcome, with at most `maxCycles` cycles (default: no cap).
 *
 * = (r_C − r_T)·∇Pr(stops correct) + (r_W − r_T)·∇Pr(stops wrong), r_T the reward of a truncation; without a cap nothing is
 * truncated and it is (r_C − r_W)·∇acc. A constant added to all three rewards changes nothing.
 * Errors: `NonFinite`, `OutOfRange`. Source: this paper, Lemma 2, for these rewards.
 */
export const outcomeLogitGradient = (
  policy: ThreeLogits,
  rewards: OutcomeRewards,
  maxCycles: number = Infinity
): ThreeLogits => {
  assertFinite("outcomeLogitGradient", "rewards", [rewards.correct, rewards.wrong, rewards.truncated])
  if (maxCycles === Infinity) {
    const gradient = accuracyLogitGradient(policy)
    return mapLogits((name) => (rewards.correct - rewards.wrong) * gradient[name])
  }
  const rates = ratesOf(policy)
  const correct = byLogit(rates, cappedAccuracyGradient(rates, maxCycles))
  // Stopping wrong is stopping correct with the two kinds of answer exchanged.
  const mirrored = cappedAccuracyGradient(
    {
      sampleCorrect: 1 - rates.sampleCorrect,
      stopGivenCorrect: 1 - rates.resampleGivenWrong,
      resampleGivenWrong: 1 - rates.stopGivenCorrect
    },
    maxCycles
  )
  const wrong = byLogit(rates, {
    sampleCorrect: -mirrored.sampleCorrect,
    stopGivenCorrect: -mirrored.resampleGivenWrong,
    resampleGivenWrong: -mirrored.stopGivenCorrect
  })
  return mapLogits(
    (name) => (rewards.correct - rewards.truncated) * correct[name] + (rewards.wrong - rewards.truncated) * wrong[name]
  )
}

/**
 * Computes what RESAMPLE is worth over STOP on each kind of answer: Q_D(·, RESAMPLE) − Q_D(·, STOP) for the 0/1 reward.
 *
 * acc − 1 ≤ 0 on a correct answer, acc − 0 ≥ 0 on a wrong one; no cap. Errors: `OutOfRange`. Source: this paper, section 5.1.
 */
export const resampleAdvantage = (policy: ThreeLogits): { readonly correct: number; readonly wrong: number } => {
  const accuracy = twoStageAccuracy(ratesOf(policy))
  return { correct: accuracy - 1, wrong: accuracy }
}

/** How often a demonstration shows each choice: N' = 1/S', N'·p', N'·(1 − p'). */
const choicesShown = (where: string, policy: ThreeLogits, demonstrations: TwoStageRates): ThreeLogits => {
  for (const name of LOGIT_NAMES) assertFinite(where, name, [policy[name]])
  const cycles = expectedCycles(demonstrations)
  assertRange(where, "expected cycles of a demonstration", cycles, cycles < Infinity, "[1, ∞)")
  return {
    sampleCorrect: cycles,
    stopGivenCorrect: cycles * demonstrations.sampleCorrect,
    resampleGivenWrong: cycles * (1 - demonstrations.sampleCorrect)
  }
}

/**
 * Computes the expected SFT gradient E_τ~data[∇log π(τ)] (ascended) for demonstrations of a two-stage process.
 *
 * `demonstrations` holds the data's own rates (p', c', w') and N' = 1/S' its expected cycles:
 * θ_S: N'·(p' − p);  θ_C: N'·p'·(c' − c);  θ_W: N'·(1 − p')·(w' − w).
 * Each logit is pulled to the data's rate, as often as the data shows its choice: data without a wrong candidate (p' = 1)
 * gives θ_W exactly 0, and data whose reflection does not look at the answer (w' = 1 − c') pulls c + w to 1, where
 * reflection gains nothing. Errors: `NonFinite`, `OutOfRange` (rates; demonstrations that never stop).
 * Source: this paper, Lemma 3 and section 5.1.
 */
export const sftLogitGradient = (policy: ThreeLogits, demonstrations: TwoStageRates): ThreeLogits => {
  const shown = choicesShown("sftLogitGradient", policy, demonstrations)
  return mapLogits((name) => shown[name] * (demonstrations[name] - sigmoid(policy[name])))
}

/**
 * Computes the expected DFT gradient E_τ~data[Σ ∇π] (ascended) for demonstrations of a two-stage process, an answer being one choice.
 *
 * With x = σ(θ) a choice's rate, x' the data's, and its choices shown as `sftLogitGradient` counts them: shown·(2x' − 1)·x(1 − x). So DFT pulls a
 * choice towards whichever option the data shows more often, all the way to 0 or 1, where SFT comes to rest at x'; and a choice that the policy is sure
 * of learns nothing. Errors: as `sftLogitGradient`. Source: this paper, Lemma 4 (eq. 29), for this process.
 */
export const dftLogitGradient = (policy: ThreeLogits, demonstrations: TwoStageRates): ThreeLogits => {
  const shown = choicesShown("dftLogitGradient", policy, demonstrations)
  return mapLogits((name) => shown[name] * (2 * demonstrations[name] - 1) * sigmoid(policy[name]) * sigmoid(-policy[name]))
}
