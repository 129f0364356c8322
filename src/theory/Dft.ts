/**
 * Dynamic fine-tuning as policy gradient with a constant implicit reward c a token (Lemma 4, Theorem D.2).
 *
 * Weighing the SFT loss by sg(π) cancels 1/π: Q no longer depends on the policy. It still counts tokens, so the decision's Q
 * grows with the lengths of the answers to come.
 *
 * @module
 */
import { immediateTerms, type QTable, tailSums } from "./QTable.ts"
import { discountOf, fromImmediate } from "./ImmediateTerms.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"
import { assertRange } from "./TheoryError.ts"

/** The constant c (default 1) and the discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly constant?: number
  readonly gamma?: number
}

const settings = (options: Options): { readonly constant: number; readonly gamma: number } => {
  const { constant = 1 } = options
  const gamma = discountOf("Dft", options)
  assertRange("Dft", "constant", constant, Number.isFinite(constant), "the finite numbers")
  return { constant, gamma }
}

/** Gives the immediate terms: c on every token and decision. Errors: `OutOfRange`. Source: this paper, eq. 29. */
export const immediate = (trajectory: ScoredTrajectory, options: Options = {}): QTable => {
  const { constant } = settings(options)
  return immediateTerms(
    trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map(() => constant)),
    trajectory.attempts.map(() => constant)
  )
}

const recursion = fromImmediate<[options?: Options]>(immediate, (options = {}) => settings(options).gamma)

/**
 * Computes Q by recursion: Q_D(T) = c; Q(t,j) = c + Q of what follows; Q_D(t) = c + γ·Q(t+1,1).
 *
 * Errors: `OutOfRange`. Source: this paper, Theorem D.2, eq. 30-35.
 */
export const qValues = recursion.qValues

/**
 * Computes Q from the lengths alone: Q_D(t) = c·(1 + Σ_{k>t} γ^{k−t}·(L_k + 1)); Q(t,j) = c·(L_t − j + 1) + Q_D(t), j from 1.
 *
 * At γ = 1 it is c times the number of tokens to come, this one included. Errors: `OutOfRange`. Source: eq. 33-37.
 */
export const closedSum = (trajectory: ScoredTrajectory, options: Options = {}): QTable => {
  const { constant, gamma } = settings(options)
  const lengths = trajectory.attempts.map((attempt) => attempt.tokenLogProbs.length)
  const toCome = tailSums(lengths.map((length) => length + 1), gamma)
  const decision = lengths.map((_, cycle) => constant * (1 + gamma * (toCome[cycle + 1] ?? 0)))
  const tokens = trajectory.attempts.map((attempt, cycle) =>
    attempt.tokenLogProbs.map((_, token) => constant * (lengths[cycle]! - token) + decision[cycle]!)
  )
  return { sampling: lengths.map((length, cycle) => constant * length + decision[cycle]!), decision, tokens }
}

/** Computes the weights γ^{t−1}·Q of ∇log π in the implicit policy gradient. Errors: `OutOfRange`. */
export const scoreWeights = recursion.scoreWeights

/**
 * Gives the weights of ∇log π in the descent direction of the DFT loss itself: π of the token, so Σ π·∇log π = Σ ∇π.
 *
 * `sampling[t]` is the mean weight of the tokens of answer t. Source: this paper, Lemma 4, eq. 28-29.
 */
export const lossScoreWeights = (trajectory: ScoredTrajectory): QTable => {
  const tokens = trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map(Math.exp))
  return {
    sampling: tokens.map((row) => row.reduce((sum, weight) => sum + weight, 0) / row.length),
    decision: trajectory.attempts.map((attempt) => Math.exp(attempt.decisionLogProb)),
    tokens
  }
}
