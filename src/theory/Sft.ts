/**
 * Supervised fine-tuning as policy gradient with the implicit reward 1/π a token (Lemma 3, Theorem D.1).
 *
 * The recursion gives the exact Q of that implicit reward, held constant, in expectation under π; Q depends on π, and on the
 * probabilities of all future tokens. It does *not* give the loss gradient of one demonstration: there every token has weight 1
 * (`lossScoreWeights`), and Q, even weighed by π as sampling weighs it, agrees with that on the last decision alone.
 *
 * What does give it is the reward of Lemma 3 itself, 1/π(y*) for producing the demonstration y*: its exact Q there is 1/π(y_≤t), a product
 * over the tokens that came *before* (`demonstrationQ`), where eq. 18 sums over those to come.
 *
 * @module
 */
import { immediateTerms, type QTable } from "./QTable.ts"
import { discountOf, fromImmediate } from "./ImmediateTerms.ts"
import type { ScoredTrajectory } from "./ScoredTrajectory.ts"

/** The discount γ ∈ [0, 1] a cycle (default 1). */
export interface Options {
  readonly gamma?: number
}

const discount = (options: Options = {}): number => discountOf("Sft", options)

/** Computes the immediate terms 1/π of every token and decision, pure numbers ≥ 1. Errors: `OutOfRange`. Source: eq. 17. */
export const immediate = (trajectory: ScoredTrajectory, options: Options = {}): QTable => {
  discount(options)
  return immediateTerms(
    trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map((logProb) => Math.exp(-logProb))),
    trajectory.attempts.map((attempt) => Math.exp(-attempt.decisionLogProb))
  )
}

const recursion = fromImmediate<[options?: Options]>(immediate, discount)

/**
 * Computes Q by recursion: Q_D(T) = 1/π_D; Q(t,j) = 1/π(y_{t,j}) + Q of what follows; Q_D(t) = 1/π_D + γ·Q(t+1,1).
 *
 * Errors: `OutOfRange`. Source: this paper, Theorem D.1, eq. 18-24.
 */
export const qValues = recursion.qValues

/** Computes Q by the sum of all 1/π to come, written out; equals `qValues`. Errors: `OutOfRange`. */
export const closedSum = recursion.closedSum

/** Computes the weights γ^{t−1}·Q of ∇log π in the implicit policy gradient. Errors: `OutOfRange`. */
export const scoreWeights = recursion.scoreWeights

/**
 * Gives the weights of ∇log π in the descent direction of the SFT loss itself: 1 on every token of the demonstration.
 *
 * It is π·(1/π): sampling from π cancels the implicit reward. `sampling[t]` is the weight of each token of answer t.
 */
export const lossScoreWeights = (trajectory: ScoredTrajectory): QTable => ({
  sampling: trajectory.attempts.map(() => 1),
  decision: trajectory.attempts.map(() => 1),
  tokens: trajectory.attempts.map((attempt) => attempt.tokenLogProbs.map(() => 1))
})

/** Σ −log π up to and with each token of an answer, after `before` nats. */
const nats = (logProbs: ReadonlyArray<number>, before: number): ReadonlyArray<number> => {
  let total = before
  return logProbs.map((logProb) => (total -= logProb))
}

/**
 * Computes log Q of Lemma 3's reward on its demonstration: −log π(y_≤t), nats, this token included.
 *
 * The reward is 1/π(y*) for producing the demonstration y* and 0 for anything else, so Q(y_≤t) = E[reward | y_≤t] = π(y_>t | y_≤t)/π(y*)
 * = 1/π(y_≤t) on it and 0 off it. `sampling[t]` is that of answer t as one action, its last token's. π reaches y_≤t with probability π(y_≤t), so
 * on policy Σ Q·∇log π has the mean Σ 1·∇log π(y_t): the SFT gradient, exactly. The reward comes once and at the end: γ = 1.
 *
 * Source: Lemma 3 and eq. 17 of this paper, whose eq. 18 has Σ 1/π over the tokens to come in its place.
 */
export const demonstrationLogQ = (trajectory: ScoredTrajectory): QTable => {
  let before = 0
  const cycles = trajectory.attempts.map(({ decisionLogProb, tokenLogProbs }) => {
    const tokens = nats(tokenLogProbs, before)
    const sampling = tokens.at(-1) ?? before
    before = sampling - decisionLogProb
    return { tokens, sampling, decision: before }
  })
  return {
    sampling: cycles.map(({ sampling }) => sampling),
    decision: cycles.map(({ decision }) => decision),
    tokens: cycles.map(({ tokens }) => tokens)
  }
}

/**
 * Computes Q of Lemma 3's reward on its demonstration, 1/π(y_≤t) ≥ 1; see `demonstrationLogQ`, which stays finite.
 *
 * One token and a STOP of probability ½ each have Q = 2 and 4, where eq. 18 has 4 and 2. Infinity beyond 709 nats.
 */
export const demonstrationQ = (trajectory: ScoredTrajectory): QTable => {
  const { decision, sampling, tokens } = demonstrationLogQ(trajectory)
  return { sampling: sampling.map(Math.exp), decision: decision.map(Math.exp), tokens: tokens.map((row) => row.map(Math.exp)) }
}
