/**
 * From a calibration to the answer in words: does the model sample or decide better, does reflection help, and how sure is that?
 *
 * @module
 */
import { list, percent, points, pointsInterval, UNDEFINED } from "../report/Words.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import type { PassAtK } from "../statistics/PassAtK.ts"
import type { Calibration, LevelCalibration } from "./Calibration.ts"
import type { Estimate } from "./Comparison.ts"
import type { CalibrationFindings, RateName, ReadingSummary } from "./Findings.ts"

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
}

/** Above this share of unusable rows they are the first thing to be said. */
export const MOST_UNUSABLE = 0.05

// From these shares of bootstrap rounds on something is called sure, or likely.
const SURE = 0.95
const LIKELY = 0.8

const nameOf: Readonly<Record<RateName, string>> = {
  pSample: "p_S",
  pStopGivenCorrect: "p_D|C",
  pResampleGivenWrong: "p_D|W"
}

const limitOf: Readonly<Record<RateName, string>> = {
  pSample: "its sampling: first answers are where most accuracy is to be gained",
  pStopGivenCorrect: "its decisions: most accuracy is to be gained by accepting right answers",
  pResampleGivenWrong: "its decisions: most accuracy is to be gained by rejecting wrong answers"
}

const RATES = ["pSample", "pStopGivenCorrect", "pResampleGivenWrong"] as const

/** On which side of 0 an interval lies; undefined across it or without one. */
export const sideOf = ({ interval }: Pick<Estimate, "interval">): "above" | "below" | undefined =>
  interval === null ? undefined : interval[0] > 0 ? "above" : interval[1] < 0 ? "below" : undefined

/** "+3.4 points (+1.0 to +5.8)", without brackets where there is no interval. */
export const inPoints = ({ interval, value }: Estimate): string =>
  `${points(value)} points${interval === null ? "" : ` (${pointsInterval(interval)})`}`

const count = (number: number, noun: string): string => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`

const share = (part: number, whole: number): string => percent(whole === 0 ? null : part / whole)

const usableOf = ({ badRowCount = 0, outcomes }: Calibrated): CalibrationFindings["usable"] => {
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

const weakestOf = (overall: LevelCalibration): CalibrationFindings["weakest"] => {
  const { leverage } = overall
  const gains = RATES.map((rate) => ({ rate, gain: leverage?.[rate].gain.value ?? null, leads: leverage?.[rate].leads ?? null }))
  const known = gains.flatMap(({ gain, leads, rate }) => (gain === null || gain <= 0 ? [] : [{ rate, gain, leads }]))
  const [best] = known.toSorted((a, b) => b.gain - a.gain)
  if (best === undefined) {
    const text = overall.pSample.trials === 0
      ? "No answer was read, so nothing can be said of sampling and deciding."
      : overall.pSample.value === 1
      ? "Nothing limits this model here: all of its first answers are right."
      : "By the two-stage model no single rate gains accuracy if it is raised: one of the others would have to move first."
    return { verdict: "undecided", rate: null, share: null, text }
  }
  const each = gains.map(({ gain, rate }) =>
    `${nameOf[rate]} (${percent(overall[rate].value)}) ${gain === null ? UNDEFINED : gain.toFixed(2)}`
  )
  const shown = best.leads === null ? "" : ` ${nameOf[best.rate]} gains most in ${percent(best.leads)} of the bootstrap rounds`
  const how = best.leads === null
    ? " How sure that is cannot be said."
    : `${shown}, which makes it ${best.leads >= SURE ? "sure" : best.leads >= LIKELY ? "likely" : "unsure"}.`
  const isKnown = best.leads === null || best.leads >= LIKELY
  return {
    verdict: !isKnown ? "undecided" : best.rate === "pSample" ? "sampling" : "decision",
    rate: best.rate,
    share: best.leads,
    text:
      `${isKnown ? "What limits this model" : "What limits this model most is not settled; as it stands it"} is ${limitOf[best.rate]}. ` +
      `Points of accuracy for each point that a rate is raised: ${each.join(", ")}.${how}`
  }
}

const WHY_NOT_COMPARE =
  "Comparing responses that revised with those that did not would not tell: harder problems are revised more, so the former look worse whatever revising does."

const reflectionOf = ({ contribution, counts, observed }: LevelCalibration): CalibrationFindings["reflection"] => {
  const points = contribution.reflection
  if (counts.correctResample + counts.wrongResample === 0) {
    const text =
      "No answer was revised, so reflection changed nothing here (if the model does revise, its words for it are not known: see --explain)."
    return { verdict: "none", points, text }
  }
  const side = sideOf(points)
  const verdict = side === "above" ? "helps" : side === "below" ? "harms" : "undecided"
  const said = {
    helps: "Reflection helps",
    harms: "Reflection harms",
    undecided: "Whether reflection helps cannot be told"
  }[verdict]
  const change = `${inPoints(points)} from the first answers (${percent(contribution.firstAnswer.value)}) to the final ones (${
    percent(observed.accuracy)
  })`
  return { verdict, points, text: `${said}: ${change}. ${WHY_NOT_COMPARE}` }
}

const decisionOf = (overall: LevelCalibration): CalibrationFindings["decision"] => {
  const { counts, discrimination = { value: null, interval: null }, echo } = overall
  const decisions = counts.correctResample + counts.correctStop + counts.wrongResample + counts.wrongStop
  const resamples = counts.correctResample + counts.wrongResample
  if (decisions === 0 || resamples === 0) {
    const text = decisions === 0 ? "No decision was seen." : "It never rejected an answer, right or wrong."
    return { verdict: "none", discrimination, echo: echo.value, text }
  }
  const ofRight = share(counts.correctResample, counts.correctResample + counts.correctStop)
  const ofWrong = share(counts.wrongResample, counts.wrongResample + counts.wrongStop)
  const side = sideOf(discrimination)
  const verdict = side === "above" ? "tells" : side === "below" ? "inverted" : "undecided"
  const said = {
    tells: "It tells right from wrong when it decides",
    inverted: "It decides the wrong way round",
    undecided: "Whether it tells right from wrong when it decides is not shown"
  }[verdict]
  const difference = discrimination.value === null ? "" : `, a difference of ${inPoints(discrimination)}`
  const echoes = echo.value === null ? "" : ` Of the revisions ${percent(echo.value)} gave the same value again.`
  return {
    verdict,
    discrimination,
    echo: echo.value,
    text: `${said}: it rejected ${ofWrong} of wrong answers and ${ofRight} of right ones${difference}.${echoes}`
  }
}

const fitOf = ({ observed, predictedByAttempt, predictedCapped, pSampleByAttempt }: LevelCalibration): CalibrationFindings["fit"] => {
  const [first, second] = pSampleByAttempt
  const numbers = `predicted ${percent(predictedCapped.accuracy)}, observed ${percent(observed.accuracy)}`
  if (observed.accuracy === null || predictedCapped.gap.value === null) {
    return { verdict: "undecided", text: "Prediction and observation cannot be compared: one of them is not defined." }
  }
  if (predictedCapped.pValue === null) {
    return { verdict: "undecided", text: `Whether the three rates account for the accuracy cannot be tested here (${numbers}).` }
  }
  if (sideOf(predictedCapped.gap) === undefined) {
    return { verdict: "agrees", text: `The three rates account for the accuracy: ${numbers}, a gap of ${inPoints(predictedCapped.gap)}.` }
  }
  const misses = `The three rates alone do not account for the accuracy: ${numbers}, a gap of ${inPoints(predictedCapped.gap)}.`
  if (sideOf(predictedByAttempt.gap) === undefined) {
    return {
      verdict: "agrees-by-attempt",
      text: `${misses} They do once p_S may change from attempt to attempt (${percent(first?.value ?? null)} of first answers are right, ` +
        `${percent(second?.value ?? null)} of second ones${
          (second?.value ?? 0) < (first?.value ?? 0) ? ": what is tried again is mostly harder" : ""
        }).`
    }
  }
  return {
    verdict: "disagrees",
    text:
      `${misses} p_S by attempt does not mend it (${
        inPoints(predictedByAttempt.gap)
      }): most often problems differ in difficulty, and then what is ` +
      "said of the rates holds on average only."
  }
}

const certaintyOf = ({ bootstrap, overall }: Calibrated): CalibrationFindings["certainty"] => {
  const { n, outcomes, queries } = overall
  const responses = n + outcomes.Truncated
  const hasIntervals = overall.pSample.interval !== null
  const rests = `${count(responses, "response")} to ${count(queries, "prompt")}`
  const text = hasIntervals
    ? `This rests on ${rests}. Intervals are 95 %, clustered by prompt (${count(bootstrap.rounds, "bootstrap round")}).`
    : `TOO FEW PROMPTS: this rests on ${rests}${
      queries < FEWEST_CLUSTERS ? `. With fewer than ${FEWEST_CLUSTERS}` : ", too few of each level to know how they differ. So"
    } there is no interval, no star and no p-value: how far another sample would differ cannot be said.`
  return { verdict: hasIntervals ? "intervals" : "too-few-prompts", prompts: queries, responses, text }
}

const truncatedOf = ({ method, overall, passAtK = [], passAtKOfAll = [] }: Calibrated): CalibrationFindings["truncated"] => {
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

const passAtKOf = ({ duplicates = 0, overall, passAtK = [] }: Calibrated): CalibrationFindings["passAtK"] => {
  const largest = passAtK.at(-1)?.k
  if (largest === undefined || (largest < 2 && duplicates === 0)) return undefined
  const known = `pass@k is given for k up to ${largest}, as some prompt has fewer than ${2 * largest} responses.`
  const repeated = duplicates === 0
    ? ""
    : ` ${count(duplicates, "response")} of ${overall.n + overall.outcomes.Truncated} ${
      duplicates === 1 ? "is" : "are"
    } word for word another response to the same prompt: if a file has them twice, pass@k with k > 1 is too low.`
  return { largest, duplicates, text: `${known}${repeated}` }
}

const readingOf = ({ outcomes, reading }: Calibrated): CalibrationFindings["reading"] => {
  const counted = Object.entries(outcomes).map(([outcome, number]) => `${outcome} ${number}`)
  const kinds = Object.entries(reading?.kinds ?? {}).map(([kind, number]) => `${number} ${kind}`)
  const parts = [
    `Outcomes: ${counted.join(", ")}.`,
    ...(kinds.length === 0 ? [] : [`Kinds of answers: ${list(kinds)}.`]),
    ...(reading === undefined || reading.checks === 0
      ? []
      : [`${count(reading.checks, "check")} of an answer, ${reading.confirmed} of which confirmed it, are no revision.`]),
    ...(reading === undefined || reading.unmarked === 0 ? [] : [`${count(reading.unmarked, "revision")} came without a known phrase.`]),
    ...(reading?.notes ?? [])
  ]
  return { text: parts.join(" ") }
}

/** Computes the findings of a calibration. They speak of all levels pooled. */
export const verdictOf = (calibration: Calibrated): CalibrationFindings => {
  const { overall } = calibration
  const truncated = truncatedOf(calibration)
  const passAtK = passAtKOf(calibration)
  return {
    usable: usableOf(calibration),
    weakest: weakestOf(overall),
    reflection: reflectionOf(overall),
    decision: decisionOf(overall),
    fit: fitOf(overall),
    certainty: certaintyOf(calibration),
    ...(truncated === undefined ? {} : { truncated }),
    ...(passAtK === undefined ? {} : { passAtK }),
    reading: readingOf(calibration)
  }
}

/** The sentences of findings in the order of their weight: unusable rows first where they are many, else near the end. */
export const sentencesOf = (findings: CalibrationFindings): ReadonlyArray<string> => {
  const { certainty, decision, fit, passAtK, reading, reflection, truncated, usable, weakest } = findings
  if (usable.verdict === "all") return [usable.text, reading.text]
  const isFew = certainty.verdict === "too-few-prompts"
  return [
    ...(usable.verdict === "many" ? [usable.text] : []),
    ...(isFew ? [certainty.text] : []),
    weakest.text,
    reflection.text,
    decision.text,
    fit.text,
    ...(isFew ? [] : [certainty.text]),
    ...(truncated === undefined ? [] : [truncated.text]),
    ...(passAtK === undefined ? [] : [passAtK.text]),
    ...(usable.verdict === "few" ? [usable.text] : []),
    reading.text
  ]
}
