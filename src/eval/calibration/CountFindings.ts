/**
 * What a calibration says of the responses that it counted.
 *
 * @module
 */
import { list, percent } from "../report/Words.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import type { PassAtK } from "../statistics/PassAtK.ts"
import type { Calibration } from "./Calibration.ts"
import type { CalibrationFindings, ReadingSummary } from "./Findings.ts"
import { count, share } from "./FindingWords.ts"
import type { RolloutCounts } from "./RolloutCounts.ts"

/** A calibration and what is known of how it came about. */
export interface Calibrated extends Calibration {
  /** Rows that could not be read. */
  readonly badRowCount?: number
  readonly passAtK?: ReadonlyArray<PassAtK>
  /** The same with truncated responses counted as not solved. */
  readonly passAtKOfAll?: ReadonlyArray<PassAtK>
  /** Responses that are word for word another response to the same prompt. */
  readonly duplicates?: number
  readonly reading?: ReadingSummary
  /** The decisions with echoes as confirmations, where they count as attempts. */
  readonly confirming?: Pick<RolloutCounts, "correctResample" | "correctStop" | "wrongResample" | "wrongStop">
}

/** Above this share of unusable rows they are the first thing to be said. */
export const MOST_UNUSABLE = 0.05

/** Counts the rows that could not be used. */
export const usableOf = ({ badRowCount = 0, outcomes }: Calibrated): CalibrationFindings["usable"] => {
  const responses = Object.values(outcomes).reduce((sum, value) => sum + value, 0)
  const rows = responses + badRowCount
  const unusable = badRowCount + outcomes.GoldInvalid
  const reasons = [
    ...(badRowCount === 0 ? [] : [`${badRowCount} could not be read`]),
    ...(outcomes.GoldInvalid === 0 ? [] : [`${outcomes.GoldInvalid} had no usable reference answer`])
  ]
  const verdict = unusable === rows ? "all" : unusable > MOST_UNUSABLE * rows ? "many" : "few"
  const text = rows === 0
    ? "NOTHING COULD BE COUNTED: there is no row."
    : verdict === "all"
    ? `NOTHING COULD BE COUNTED: of ${count(rows, "row")} ${list(reasons)}.`
    : unusable === 0
    ? `All ${count(rows, "row")} could be used.`
    : `${verdict === "many" ? "UNUSABLE ROWS: " : ""}${share(unusable, rows)} of ${count(rows, "row")} could not be used (${
      list(reasons)
    }).${verdict === "many" ? " What follows is of the others." : ""}`
  return { verdict, rows, unreadable: badRowCount, withoutReference: outcomes.GoldInvalid, text }
}

/** Says on how much it all rests. */
export const certaintyOf = ({ bootstrap, method, overall }: Calibrated): CalibrationFindings["certainty"] => {
  const { n, outcomes, queries } = overall
  const responses = method?.truncated === "counted" ? n + outcomes.Truncated : n
  // Where no answer was read, there is no rate that could have an interval, whatever the number of prompts; accuracy has one.
  const isUnread = overall.pSample.trials === 0
  const hasIntervals = (isUnread ? overall.observed.interval : overall.pSample.interval) !== null
  const rests = `${count(responses, "response")} to ${count(queries, "prompt")}`
  const text = hasIntervals
    ? `This rests on ${rests}. Intervals are 95 %, clustered by prompt (${count(bootstrap.rounds, "bootstrap round")}).`
    : isUnread && queries >= FEWEST_CLUSTERS
    ? `This rests on ${rests}, which hold nothing that an interval could be of.`
    : `TOO FEW PROMPTS: this rests on ${rests}${
      queries < FEWEST_CLUSTERS ? `. With fewer than ${FEWEST_CLUSTERS}` : ", too few of each level to know how they differ. So"
    } there is no interval, no star and no p-value: how far another sample would differ cannot be said.`
  return { verdict: hasIntervals ? "intervals" : "too-few-prompts", prompts: queries, responses, text }
}

/** Says what became of truncated responses; nothing where there are none. */
export const truncatedOf = ({ method, overall, passAtK = [], passAtKOfAll = [] }: Calibrated): CalibrationFindings["truncated"] => {
  const responses = overall.outcomes.Truncated
  if (responses === 0) return undefined
  const all = overall.n + responses
  const ofAll = overall.outcomes.Correct / all
  const [finished, every] = [passAtK[0], passAtKOfAll[0]]
  const passes = finished === undefined || every === undefined ? "" : `; pass@1 ${percent(finished.passAtK)} and ${percent(every.passAtK)}`
  const counting = method?.truncated === "counted"
    ? "Their answers and the decisions that were seen count in the rates, which is right if the cut depends on nothing but the attempts before it."
    : "They are left out of every rate, which takes p_D|W down and p_D|C up."
  return {
    responses,
    share: responses / all,
    accuracyOfFinished: overall.observed.accuracy,
    accuracyOfAll: ofAll,
    text: `${share(responses, all)} of the responses were cut off. Accuracy is ${percent(overall.observed.accuracy)} of finished ones, ${
      percent(ofAll)
    } if those cut off count as not solved${passes}. ${counting}`
  }
}

/** Says what pass@k is known for; nothing where there is no more than pass@1. */
export const passAtKOf = ({ duplicates = 0, overall, passAtK = [] }: Calibrated): CalibrationFindings["passAtK"] => {
  const largest = passAtK.at(-1)?.k
  if (largest === undefined || (largest < 2 && duplicates === 0)) return undefined
  const known = `pass@k is given for k up to ${largest}, as some prompt has fewer than ${2 * largest} finished responses.`
  const repeated = duplicates === 0
    ? ""
    : ` At least ${count(duplicates, "response")} of ${overall.n + overall.outcomes.Truncated} ${
      duplicates === 1 ? "is" : "are"
    } word for word another response to the same prompt: if a file has them twice, pass@k with k > 1 is too low.`
  return { largest, duplicates, text: `${known}${repeated}` }
}

/** Says what was counted how. */
export const readingOf = ({ outcomes, reading }: Calibrated): CalibrationFindings["reading"] => {
  const counted = Object.entries(outcomes).map(([outcome, number]) => `${outcome} ${number}`)
  const kinds = Object.entries(reading?.kinds ?? {}).map(([kind, number]) => `${number} ${kind}`)
  const parts = [
    `Outcomes: ${counted.join(", ")}.`,
    ...(kinds.length === 0 ? [] : [`Kinds of answers: ${list(kinds)}.`]),
    ...(reading === undefined || reading.confirmed === 0
      ? []
      : [`${count(reading.confirmed, "check")} of an answer that stood after it: no revision.`]),
    ...(reading === undefined || reading.unmarked === 0 ? [] : [`${count(reading.unmarked, "revision")} came without a known phrase.`]),
    ...(reading?.notes ?? [])
  ]
  return { text: parts.join(" ") }
}
