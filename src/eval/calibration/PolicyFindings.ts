/**
 * What a calibration says of the two policies: which is the weaker, whether reflection helps, how it decides, and whether the model of two stages holds.
 *
 * @module
 */
import { percent, UNDEFINED } from "../report/Words.ts"
import type { LevelCalibration } from "./Calibration.ts"
import type { Calibrated } from "./CountFindings.ts"
import type { CalibrationFindings, RateName } from "./Findings.ts"
import { inPoints, share, sideOf } from "./FindingWords.ts"
import { type Gains, gainsByAttempt } from "./Leverage.ts"

// From these shares of bootstrap rounds on something is called sure, or likely.
const SURE = 0.95
const LIKELY = 0.8

// Where so many revisions give the same value again, p_D|C and p_D|W depend on what they are taken for.
const SOME_ECHOES = 0.1

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

const largestRate = (gains: Gains): RateName => RATES.toSorted((a, b) => gains[b] - gains[a])[0]!

// What would gain most with p_S by attempt, where the three rates alone are shown not to account for the accuracy; else nothing.
const byAttemptOf = (overall: LevelCalibration): Gains | undefined => {
  const { hitCap, predictedCapped, pResampleGivenWrong, pSampleByAttempt, pStopGivenCorrect } = overall
  const reached = pSampleByAttempt.flatMap(({ value }) => value ?? [])
  if (reached.length < 2 || sideOf(predictedCapped.gap) === undefined) return undefined
  const decision = { stopGivenCorrect: pStopGivenCorrect.value ?? 1, resampleGivenWrong: pResampleGivenWrong.value ?? 0 }
  return gainsByAttempt(reached, decision, hitCap > 0)
}

/**
 * Finds the rate that gains most accuracy if it is raised. Undecided, too, where the three rates alone do not account for the accuracy and another
 * rate gains most once p_S may change from attempt to attempt.
 */
export const weakestOf = (overall: LevelCalibration): CalibrationFindings["weakest"] => {
  const { leverage } = overall
  const gains = RATES.map((rate) => ({ rate, gain: leverage?.[rate].gain.value ?? null, leads: leverage?.[rate].leads ?? null }))
  const known = gains.flatMap(({ gain, leads, rate }) => (gain === null || gain <= 0 ? [] : [{ rate, gain, leads }]))
  const [best] = known.toSorted((a, b) => b.gain - a.gain)
  if (best === undefined) {
    const text = overall.pSample.trials === 0
      ? "No answer was read, so nothing can be said of sampling and deciding."
      : overall.pSample.value === 1 && overall.pStopGivenCorrect.trials === 0
      ? "All first answers are right, and what was decided about them was not seen: what limits this model cannot be said."
      : overall.pSample.value === 1
      ? "Nothing limits this model here: all of its first answers are right."
      : leverage === undefined
      ? "Which rate gains most is not computed by the paper's method."
      : overall.predicted.accuracy === 1
      ? "By the two-stage model nothing limits this model here: it goes on until its answer is right."
      : "By the two-stage model no single rate gains accuracy if it is raised: one of the others would have to move first."
    return { verdict: "undecided", rate: null, share: null, text }
  }
  const each = gains.map(({ gain, rate }) =>
    `${nameOf[rate]} (${percent(overall[rate].value)}) ${gain === null ? UNDEFINED : gain.toFixed(2)}`
  )
  const byAttempt = byAttemptOf(overall)
  const isElsewhere = byAttempt !== undefined && largestRate(byAttempt) !== best.rate
  const elsewhere = isElsewhere
    ? ` But the three rates alone do not account for the accuracy, and with p_S by attempt (raised in every attempt) it is ${
      nameOf[largestRate(byAttempt)]
    } that gains most: ${RATES.map((rate) => `${nameOf[rate]} ${byAttempt[rate].toFixed(2)}`).join(", ")}.`
    : ""
  const shown = best.leads === null ? "" : ` ${nameOf[best.rate]} gains most in ${percent(best.leads)} of the bootstrap rounds`
  const how = best.leads === null
    ? " How sure that is cannot be said."
    : isElsewhere
    ? `${shown}.`
    : `${shown}, which makes it ${best.leads >= SURE ? "sure" : best.leads >= LIKELY ? "likely" : "unsure"}.`
  const isKnown = !isElsewhere && (best.leads === null || best.leads >= LIKELY)
  return {
    verdict: !isKnown ? "undecided" : best.rate === "pSample" ? "sampling" : "decision",
    rate: best.rate,
    share: best.leads,
    text:
      `${isKnown ? "What limits this model" : "What limits this model most is not settled; as it stands it"} is ${limitOf[best.rate]}. ` +
      `Points of accuracy for each point that a rate is raised: ${each.join(", ")}.${how}${elsewhere}`
  }
}

const WHY_NOT_COMPARE =
  "Comparing responses that revised with those that did not would not tell: harder problems are revised more, so the former look worse whatever revising does."

/** Says whether reflection helps. */
export const reflectionOf = ({ contribution, counts, observed }: LevelCalibration): CalibrationFindings["reflection"] => {
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

/** Says whether the decision tells right from wrong. */
export const decisionOf = (overall: LevelCalibration, confirming: Calibrated["confirming"]): CalibrationFindings["decision"] => {
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
    undecided: discrimination.value === null
      ? "Whether it tells right from wrong when it decides was not tested"
      : "Whether it tells right from wrong when it decides is not shown"
  }[verdict]
  const difference = discrimination.value === null ? "" : `, a difference of ${inPoints(discrimination)}`
  const confirmed = confirming === undefined || (echo.value ?? 0) < SOME_ECHOES ?
    "" :
    ` Counted as confirmations (--echoes confirm), it rejected ${
      share(confirming.wrongResample, confirming.wrongResample + confirming.wrongStop)
    } of wrong answers and ${share(confirming.correctResample, confirming.correctResample + confirming.correctStop)} of right ones.`
  const echoes = echo.value === null ? "" : ` Of the revisions ${percent(echo.value)} gave the same value again.${confirmed}`
  return {
    verdict,
    discrimination,
    echo: echo.value,
    text: `${said}: it rejected ${ofWrong} of wrong answers and ${ofRight} of right ones${difference}.${echoes}`
  }
}

/** Says whether the three rates account for the accuracy. */
export const fitOf = (
  { observed, outcomes, predictedByAttempt, predictedCapped, pSampleByAttempt }: LevelCalibration,
  method: Calibrated["method"]
): CalibrationFindings["fit"] => {
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
  // Those that stopped early stayed, so the rates are no longer those of the accuracy.
  const isSelected = outcomes.Truncated > 0 && method?.truncated !== "counted"
  return {
    verdict: "disagrees",
    text: `${misses} p_S by attempt does not mend it (${inPoints(predictedByAttempt.gap)}): ${
      isSelected
        ? "leaving out responses that were cut off does that, and so do problems that differ in difficulty."
        : "most often problems differ in difficulty, and then what is said of the rates holds on average only."
    }`
  }
}
