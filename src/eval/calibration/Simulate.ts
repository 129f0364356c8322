/**
 * A policy that is nothing but its three rates: the two-stage model itself, sampled. Calibration must find the rates again,
 * and where the model's assumptions are broken on purpose its predictions must go wrong.
 *
 * @module
 */
import { draws, fold } from "../../domain/Seed.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "./EvaluatedRollout.ts"

/** The rates of a simulated policy, the number of rollouts to draw, and how to break the assumptions. */
export interface SimulatedPolicy {
  /** p_S: one number, or one for each attempt (the last one holds for all later attempts). */
  readonly pSample: number | ReadonlyArray<number>
  readonly pStopGivenCorrect: number
  readonly pResampleGivenWrong: number
  /** Attempts allowed; RESAMPLE in the last one fails. */
  readonly cap: number
  /** Number of queries, and rollouts of each (1 unless told). */
  readonly n: number
  readonly rolloutsPerQuery?: number
  readonly seed: number
  readonly level?: string
  /** Half of the queries get p_S + spread and half p_S − spread, cut to [0, 1]: problems differ in difficulty. */
  readonly spread?: number
  /** Probability that an attempt after the first repeats the answer before it. */
  readonly echo?: number
  /** The token limit cuts a rollout off after so many attempts: one that would go on is `Truncated`. */
  readonly cutAfter?: number
  /** The cut falls before the decision on the last of these attempts, so that it is not seen. */
  readonly cutsDecision?: boolean
}

/**
 * Draws rollouts of a simulated policy. Same seed, same rollouts; a query's draws depend on its number alone.
 *
 * Answers are "right" for the correct one and "wrong-1" … "wrong-9" for wrong ones.
 */
export const simulate = (policy: SimulatedPolicy): ReadonlyArray<EvaluatedRollout> =>
  Array.from(
    { length: policy.n },
    (_, query) => Array.from({ length: policy.rolloutsPerQuery ?? 1 }, (_, rollout) => simulateRollout(policy, query, rollout))
  ).flat()

const simulateRollout = (policy: SimulatedPolicy, query: number, rollout: number): EvaluatedRollout => {
  const stream = draws(fold(policy.seed, "simulate", query, rollout))
  const happens = (probability: number) => stream.uniform() < probability
  const shift = (policy.spread ?? 0) * (query % 2 === 0 ? 1 : -1)
  const attempts: Array<EvaluatedAttempt> = []
  const most = Math.min(policy.cap, policy.cutAfter ?? Infinity)
  while (attempts.length < most && attempts.at(-1)?.decision !== "STOP") {
    const previous = attempts.at(-1)
    const answer = previous !== undefined && happens(policy.echo ?? 0)
      ? previous.answer
      : happens(pSampleAt(policy, attempts.length) + shift)
      ? "right"
      : `wrong-${stream.integer(1, 9)}`
    const correct = answer === "right"
    const stops = happens(correct ? policy.pStopGivenCorrect : 1 - policy.pResampleGivenWrong)
    attempts.push({ answer, correct, decision: stops ? "STOP" : "RESAMPLE" })
  }
  const last = attempts.at(-1)!
  const level = policy.level ?? "simulated"
  const base = { id: `${level}/${query}/${rollout}`, level, query: `${level}/${query}`, attempts }
  const isCut = attempts.length === policy.cutAfter && policy.cutAfter < policy.cap
  if (isCut && policy.cutsDecision === true) {
    const { answer, correct } = last
    return { ...base, attempts: [...attempts.slice(0, -1), { answer, correct }], outcome: "Truncated" }
  }
  if (isCut && last.decision === "RESAMPLE") return { ...base, outcome: "Truncated" }
  return last.decision === "RESAMPLE"
    ? { ...base, outcome: "Wrong", hitCap: true }
    : { ...base, outcome: last.correct ? "Correct" : "Wrong" }
}

const pSampleAt = (policy: SimulatedPolicy, attempt: number): number =>
  typeof policy.pSample === "number" ? policy.pSample : policy.pSample[Math.min(attempt, policy.pSample.length - 1)]!
