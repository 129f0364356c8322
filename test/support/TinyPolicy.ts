/**
 * A two-stage softmax policy small enough to enumerate: the oracle behind the laws in expectation.
 *
 * Answers are the token sequences [0], [1,0], [1,1]. An answer's tokens depend on the previous answer (or the query), a decision
 * on the current one. Each choice is a *site* with two logits; a site's log-probabilities are its softmax. The parameter vector is all logits.
 */
import type { ScoredTrajectory } from "decision-sampling/theory"
import { type Algebra, floats, logSoftmaxOf, sumOf } from "./Differentiable.ts"

/** The answers' tokens; answer 0 is the right one. */
export const ANSWERS: ReadonlyArray<ReadonlyArray<number>> = [[0], [1, 0], [1, 1]]

const CONTEXTS = ANSWERS.length + 1
const SAMPLING_SITES = 2 * CONTEXTS

/** The number of logits: two for each of 8 sampling and 3 decision sites. */
export const PARAMETERS = 2 * (SAMPLING_SITES + ANSWERS.length)

/** One cycle: which answer was sampled and what was decided. */
export interface Cycle {
  readonly answer: number
  readonly decision: "STOP" | "RESAMPLE"
}

/** A trajectory of the tiny policy. */
export type Cycles = ReadonlyArray<Cycle>

/** One taken token: whose it is, in which cycle (0-based), at which site, and which of its two choices. */
export interface TakenToken {
  readonly owner: "sampling" | "decision"
  readonly cycle: number
  readonly site: number
  readonly choice: number
}

/** Lists every trajectory of at most `maxCycles` cycles; RESAMPLE in the last cycle ends it too. */
export const enumerate = (maxCycles: number): ReadonlyArray<Cycles> => {
  const continueFrom = (prefix: Cycles): ReadonlyArray<Cycles> =>
    ANSWERS.flatMap((_, answer) => {
      const stopped: Cycles = [...prefix, { answer, decision: "STOP" }]
      const resampled: Cycles = [...prefix, { answer, decision: "RESAMPLE" }]
      return [stopped, ...(resampled.length === maxCycles ? [resampled] : continueFrom(resampled))]
    })
  return continueFrom([])
}

/** Lists a trajectory's tokens in order, each answer's and then its decision. */
export const tokensOf = (cycles: Cycles): ReadonlyArray<TakenToken> =>
  cycles.flatMap(({ answer, decision }, cycle) => {
    const context = cycle === 0 ? 0 : cycles[cycle - 1]!.answer + 1
    const answerTokens = ANSWERS[answer]!.map((choice, position) => ({
      owner: "sampling" as const,
      cycle,
      site: 2 * context + position,
      choice
    }))
    const site = SAMPLING_SITES + answer
    return [...answerTokens, { owner: "decision" as const, cycle, site, choice: decision === "STOP" ? 0 : 1 }]
  })

/** Computes the log-probability of every site's two choices. */
export const siteLogProbs = <T>(algebra: Algebra<T>, logits: ReadonlyArray<T>): ReadonlyArray<ReadonlyArray<T>> =>
  Array.from({ length: logits.length / 2 }, (_, site) => logSoftmaxOf(algebra, logits.slice(2 * site, 2 * site + 2)))

/** Adds up a trajectory's log-probability from the sites'. */
export const trajectoryLogProb = <T>(
  algebra: Algebra<T>,
  sites: ReadonlyArray<ReadonlyArray<T>>,
  cycles: Cycles
): T => sumOf(algebra, tokensOf(cycles).map(({ choice, site }) => sites[site]![choice]!))

/** Computes an expectation over trajectories, Σ π(τ)·value(τ), differentiable through π. */
export const expectation = <T>(
  algebra: Algebra<T>,
  sites: ReadonlyArray<ReadonlyArray<T>>,
  trajectories: ReadonlyArray<Cycles>,
  value: (cycles: Cycles) => T
): T =>
  sumOf(
    algebra,
    trajectories.map((cycles) => algebra.multiply(algebra.exp(trajectoryLogProb(algebra, sites, cycles)), value(cycles)))
  )

/** Computes the probability of each trajectory in plain float64. */
export const probabilities = (logits: ReadonlyArray<number>, trajectories: ReadonlyArray<Cycles>): ReadonlyArray<number> => {
  const sites = siteLogProbs(floats, logits)
  return trajectories.map((cycles) => Math.exp(trajectoryLogProb(floats, sites, cycles)))
}

/**
 * Adds weightₜ·∇log π of each token of a trajectory, by the softmax's own derivative: 1 at the choice, minus the site's probabilities.
 *
 * `weights` is in token order. Shapes: [tokens] → [PARAMETERS].
 */
export const weightedScore = (
  logits: ReadonlyArray<number>,
  cycles: Cycles,
  weights: ArrayLike<number>
): Float64Array => {
  const sites = siteLogProbs(floats, logits)
  const gradient = new Float64Array(logits.length)
  tokensOf(cycles).forEach(({ choice, site }, token) => {
    for (let option = 0; option < 2; option++) {
      const score = (option === choice ? 1 : 0) - Math.exp(sites[site]![option]!)
      gradient[2 * site + option]! += weights[token]! * score
    }
  })
  return gradient
}

/** Averages a vector over trajectories, Σ π(τ)·vector(τ). */
export const expectedVector = (
  logits: ReadonlyArray<number>,
  trajectories: ReadonlyArray<Cycles>,
  vector: (cycles: Cycles, index: number) => ArrayLike<number>
): Float64Array => {
  const weights = probabilities(logits, trajectories)
  const total = new Float64Array(logits.length)
  trajectories.forEach((cycles, index) => {
    const values = vector(cycles, index)
    for (let entry = 0; entry < total.length; entry++) total[entry]! += weights[index]! * values[entry]!
  })
  return total
}

/** Scores a trajectory under a policy and a reference. */
export const scored = (
  logits: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
  cycles: Cycles
): ScoredTrajectory => {
  const sites = siteLogProbs(floats, logits)
  const referenceSites = siteLogProbs(floats, reference)
  const tokens = tokensOf(cycles)
  const read = (table: ReadonlyArray<ReadonlyArray<number>>) => (cycle: number, owner: TakenToken["owner"]) =>
    tokens.filter((token) => token.cycle === cycle && token.owner === owner).map((token) => table[token.site]![token.choice]!)
  const policy = read(sites)
  const base = read(referenceSites)
  return {
    attempts: cycles.map(({ decision }, cycle) => ({
      tokenLogProbs: policy(cycle, "sampling"),
      referenceTokenLogProbs: base(cycle, "sampling"),
      decision,
      decisionLogProb: policy(cycle, "decision")[0]!,
      referenceDecisionLogProb: base(cycle, "decision")[0]!
    }))
  }
}
