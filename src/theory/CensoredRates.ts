/**
 * What rollouts that a limit cut off do to the rates p, c, w that are read off the others, and the count that they do nothing to.
 *
 * Leaving cut rollouts out selects by what was decided: whoever goes on is cut more often, so those that are left stopped early. In the limit
 * of many rollouts p_D|W is then too low and p_D|C too high, whatever the rates; accuracy is not touched by a limit on attempts. Counting every decision
 * that was *seen*, of cut rollouts too, is right censoring: each is a draw from π_D given its answer whatever comes after it, so its rates are
 * consistent, if the limit looks at nothing that depends on the decision it cuts.
 *
 * Units: probabilities, tokens. The model is that of `Accuracy`: cycles are independent. In place of appendix E.2 of this paper, which leaves cut
 * rollouts out of its calibration.
 *
 * @module
 */
import { assertRates, type TwoStageRates } from "./Accuracy.ts"
import { assertRange, TheoryError } from "./TheoryError.ts"

/** The 2×2 table of decisions, by whether the answer is right: counts, or expected counts a rollout. */
export interface DecisionCounts {
  readonly correctStop: number
  readonly correctResample: number
  readonly wrongStop: number
  readonly wrongResample: number
}

/** An answer with the decision taken on it; a decision that was never seen is left out. */
export interface SeenAttempt {
  readonly correct: boolean
  readonly decision?: "STOP" | "RESAMPLE"
}

/**
 * Gives the decision on an attempt as far as it was seen: a cut rollout ends where it was cut, not because π_D said STOP, so there a STOP is no
 * decision at all.
 */
export const seenDecision = ({ decision }: SeenAttempt, isCut: boolean): "STOP" | "RESAMPLE" | undefined =>
  isCut && decision === "STOP" ? undefined : decision

/** Counts the decisions of one rollout that were seen. */
export const countDecisions = (attempts: ReadonlyArray<SeenAttempt>, isCut: boolean): DecisionCounts => {
  const counts = { correctStop: 0, correctResample: 0, wrongStop: 0, wrongResample: 0 }
  for (const attempt of attempts) {
    const decision = seenDecision(attempt, isCut)
    if (decision !== undefined) counts[kindOf(attempt.correct, decision)] += 1
  }
  return counts
}

const kindOf = (correct: boolean, decision: "STOP" | "RESAMPLE"): keyof DecisionCounts =>
  correct ? (decision === "STOP" ? "correctStop" : "correctResample") : decision === "STOP" ? "wrongStop" : "wrongResample"

/** Rates as they are estimated; null where nothing was seen that the rate is of. */
export type EstimatedRates = { readonly [Name in keyof TwoStageRates]: number | null }

const share = (part: number, other: number): number | null => (part + other === 0 ? null : part / (part + other))

/** Computes p_D|C and p_D|W from a table of decisions; null for the rate of a row without entries. */
export const decisionRates = (counts: DecisionCounts): Omit<EstimatedRates, "sampleCorrect"> => ({
  stopGivenCorrect: share(counts.correctStop, counts.correctResample),
  resampleGivenWrong: share(counts.wrongResample, counts.wrongStop)
})

/** A distribution of lengths: tokens (integers from 1) with probabilities that sum to 1. */
export type LengthDistribution = ReadonlyArray<{ readonly tokens: number; readonly probability: number }>

/** The length of an attempt, its answer and its decision together, by whether it is right and what is decided on it. */
export type AttemptLengths = Readonly<Record<keyof DecisionCounts, LengthDistribution>>

/** Gives lengths that depend on whether the answer is right and not on the decision, the assumption under which counting is consistent. */
export const lengthsByAnswer = (correct: LengthDistribution, wrong: LengthDistribution = correct): AttemptLengths => ({
  correctStop: correct,
  correctResample: correct,
  wrongStop: wrong,
  wrongResample: wrong
})

/**
 * What a limit makes of the rates in the limit of many rollouts.
 *
 * - `truncated`: the probability that a rollout is cut.
 * - `accuracyOfFinished`: that of rollouts that stopped; null where none does.
 * - `leftOut`: the rates of finished rollouts alone (this paper, E.2), p_S from their first attempts.
 * - `counted`: the rates of all first attempts and all decisions that were seen.
 * - `decisions`: the expected table of decisions a rollout behind each.
 */
export interface Censoring {
  readonly truncated: number
  readonly accuracyOfFinished: number | null
  readonly leftOut: EstimatedRates
  readonly counted: EstimatedRates
  readonly decisions: { readonly leftOut: DecisionCounts; readonly counted: DecisionCounts }
}

const KINDS = ["correctStop", "correctResample", "wrongStop", "wrongResample"] as const

const assertLengths = (where: string, lengths: AttemptLengths): void => {
  for (const kind of KINDS) {
    const distribution = lengths[kind]
    if (distribution.length === 0) throw new TheoryError(where, { _tag: "EmptyGroup", what: `lengths of ${kind}`, index: 0 })
    for (const { probability, tokens } of distribution) {
      assertRange(where, "tokens", tokens, Number.isInteger(tokens) && tokens >= 1, "the integers from 1")
      assertRange(where, "probability", probability, probability >= 0 && probability <= 1, "[0, 1]")
    }
    const total = distribution.reduce((sum, { probability }) => sum + probability, 0)
    assertRange(where, `sum of the probabilities of ${kind}`, total, Math.abs(total - 1) < 1e-9, "[1, 1]")
  }
}

interface Outcome {
  readonly kind: keyof DecisionCounts
  readonly tokens: number
  readonly probability: number
  readonly stops: boolean
}

const outcomesOf = ({ resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c }: TwoStageRates, lengths: AttemptLengths) => {
  const chances = { correctStop: p * c, correctResample: p * (1 - c), wrongStop: (1 - p) * (1 - w), wrongResample: (1 - p) * w }
  return KINDS.flatMap((kind): ReadonlyArray<Outcome> =>
    lengths[kind].map(({ probability, tokens }) => ({
      kind,
      tokens,
      probability: chances[kind] * probability,
      stops: kind === "correctStop" || kind === "wrongStop"
    }))
  )
}

const noDecisions = (): Record<keyof DecisionCounts, number> => ({ correctStop: 0, correctResample: 0, wrongStop: 0, wrongResample: 0 })

/**
 * Computes what a limit on tokens makes of the rates: a rollout is cut as soon as an attempt would take it beyond `maxTokens`, and that attempt
 * is not seen.
 *
 * Exact, by the expected visits of every number of tokens used and the probability of finishing from there. If lengths depend on the answer
 * alone (`lengthsByAnswer`), `counted` has the true p_D|C and p_D|W; its p_S is true if every first attempt fits or right and wrong answers are of equal
 * lengths. If they depend on the decision, neither way is right. Takes O(maxTokens · number of lengths). Errors: `OutOfRange`, `EmptyGroup`.
 */
export const byTokens = (rates: TwoStageRates, maxTokens: number, lengths: AttemptLengths): Censoring => {
  const where = "CensoredRates.byTokens"
  assertRates(where, rates)
  assertRange(where, "maxTokens", maxTokens, Number.isInteger(maxTokens) && maxTokens >= 1, "the integers from 1")
  assertLengths(where, lengths)
  const outcomes = outcomesOf(rates, lengths).filter(({ probability }) => probability > 0)
  const [visits, finishing] = [new Float64Array(maxTokens + 1), new Float64Array(maxTokens + 1)]
  visits[0] = 1
  for (let used = maxTokens; used >= 0; used--) {
    for (const { probability, stops, tokens } of outcomes) {
      if (used + tokens <= maxTokens) finishing[used]! += probability * (stops ? 1 : finishing[used + tokens]!)
    }
  }
  const [seen, finished] = [noDecisions(), noDecisions()]
  const first = { seen: noDecisions(), finished: noDecisions() }
  for (let used = 0; used <= maxTokens; used++) {
    if (visits[used] === 0) continue
    for (const { kind, probability, stops, tokens } of outcomes) {
      if (used + tokens > maxTokens) continue
      const reached = visits[used]! * probability
      const ends = reached * (stops ? 1 : finishing[used + tokens]!)
      seen[kind] += reached
      finished[kind] += ends
      if (used === 0) {
        first.seen[kind] += reached
        first.finished[kind] += ends
      }
      if (!stops) visits[used + tokens]! += reached
    }
  }
  const estimates = (all: DecisionCounts, firsts: DecisionCounts): EstimatedRates => ({
    sampleCorrect: share(firsts.correctStop + firsts.correctResample, firsts.wrongStop + firsts.wrongResample),
    ...decisionRates(all)
  })
  return {
    truncated: 1 - finishing[0]!,
    accuracyOfFinished: share(finished.correctStop, finished.wrongStop),
    leftOut: estimates(finished, first.finished),
    counted: estimates(seen, first.seen),
    decisions: { leftOut: finished, counted: seen }
  }
}

/**
 * Computes what a limit on attempts makes of the rates: a rollout that has not stopped after `maxAttempts` is cut.
 *
 * `counted` has the true rates, whatever they are. `leftOut` has p_D|W too low, p_D|C too high, and p_S too high iff c + w > 1; its accuracy is
 * the true one, p·c/S. With p = .3, c = .8, w = .6 and a cut after three attempts, 11 % are cut, w is estimated at .472 and c at .870.
 * Reduces to `byTokens` with attempts of one token. Errors: `OutOfRange`.
 */
export const byAttempts = (rates: TwoStageRates, maxAttempts: number): Censoring => {
  const where = "CensoredRates.byAttempts"
  assertRates(where, rates)
  assertRange(where, "maxAttempts", maxAttempts, Number.isInteger(maxAttempts) && maxAttempts >= 1, "the integers from 1")
  return byTokens(rates, maxAttempts, lengthsByAnswer([{ tokens: 1, probability: 1 }]))
}
