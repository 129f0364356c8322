/**
 * Two readings of one response, held against each other.
 *
 * @module
 */
import { fold } from "../../domain/Seed.ts"
import type { ReaderAgreement } from "../calibration/ReaderReport.ts"
import type { GradedTranscript } from "./Grade.ts"

/** Nothing compared. */
export const NO_AGREEMENT: ReaderAgreement = {
  responses: 0,
  both: 0,
  onlyModel: 0,
  onlyRules: 0,
  decisions: { agree: 0, of: 0 },
  firstAnswers: { agree: 0, of: 0 }
}

// Attempts with the stretch of text that is theirs: up to the next one's candidate.
const attemptsOf = ({ rollout, taken }: GradedTranscript) => {
  const spans = taken?.attempts ?? []
  return spans.map(({ candidate, end, start }, k) => ({
    answer: candidate.answer,
    decision: rollout.attempts[k]?.decision,
    start,
    end: k + 1 < spans.length ? Math.max(end, spans[k + 1]!.start) : Infinity
  }))
}

/** Compares a model's reading of a response with the rules': candidates are the same if their values are and their attempts overlap. */
export const agreementOf = (byModel: GradedTranscript, byRules: GradedTranscript): ReaderAgreement => {
  const [model, rules] = [attemptsOf(byModel), attemptsOf(byRules)]
  let [m, r, both, agree] = [0, 0, 0, 0]
  while (m < model.length && r < rules.length) {
    const [ours, theirs] = [model[m]!, rules[r]!]
    if (ours.answer === theirs.answer && ours.start < theirs.end && theirs.start < ours.end) {
      both++
      if (ours.decision === theirs.decision) agree++
      m++
      r++
    } else if (ours.end <= theirs.end) m++
    else r++
  }
  const [first, firstByRules] = [byModel.rollout.attempts[0], byRules.rollout.attempts[0]]
  const hasFirst = first !== undefined || firstByRules !== undefined
  return {
    responses: 1,
    both,
    onlyModel: model.length - both,
    onlyRules: rules.length - both,
    decisions: { agree, of: both },
    firstAnswers: { agree: hasFirst && first?.correct === firstByRules?.correct ? 1 : 0, of: hasFirst ? 1 : 0 }
  }
}

const added = (a: ReaderAgreement, b: ReaderAgreement): ReaderAgreement => ({
  responses: a.responses + b.responses,
  both: a.both + b.both,
  onlyModel: a.onlyModel + b.onlyModel,
  onlyRules: a.onlyRules + b.onlyRules,
  decisions: { agree: a.decisions.agree + b.decisions.agree, of: a.decisions.of + b.decisions.of },
  firstAnswers: { agree: a.firstAnswers.agree + b.firstAnswers.agree, of: a.firstAnswers.of + b.firstAnswers.of }
})

/** Up to so many responses all are compared, of more a sample of this size. */
export const SAMPLED = 200

/** Compares a seeded sample of responses: which ones are in it depends on the seed and their numbers, not on when they arrive. */
export const makeAgreementSample = (seed: number, size = SAMPLED) => {
  let kept: Array<{ readonly rank: number; readonly number: number; readonly agreement: ReaderAgreement }> = []
  const inOrder = () => kept.sort((a, b) => a.rank - b.rank || a.number - b.number)
  return {
    /** `compare` runs only for a response that is in the sample so far. */
    add: (number: number, compare: () => ReaderAgreement): void => {
      const rank = fold(seed, "agreement", number)
      const last = kept.length < size ? undefined : kept.at(-1)
      if (last !== undefined && (rank > last.rank || (rank === last.rank && number > last.number))) return
      kept.push({ rank, number, agreement: compare() })
      kept = inOrder().slice(0, size)
    },
    total: (): ReaderAgreement => kept.reduce((sum, { agreement }) => added(sum, agreement), NO_AGREEMENT)
  }
}
