/**
 * From a calibration to the answer in words: does the model sample or decide better, does reflection help, and how sure is that?
 *
 * @module
 */
import { type Calibrated, certaintyOf, passAtKOf, readingOf, truncatedOf, usableOf } from "./CountFindings.ts"
import type { CalibrationFindings } from "./Findings.ts"
import { decisionOf, fitOf, reflectionOf, weakestOf } from "./PolicyFindings.ts"

export type { Calibrated } from "./CountFindings.ts"

/** Computes the findings of a calibration. They speak of all levels pooled. */
export const verdictOf = (calibration: Calibrated): CalibrationFindings => {
  const { overall } = calibration
  const truncated = truncatedOf(calibration)
  const passAtK = passAtKOf(calibration)
  return {
    usable: usableOf(calibration),
    weakest: weakestOf(overall),
    reflection: reflectionOf(overall),
    decision: decisionOf(overall, calibration.confirming),
    fit: fitOf(overall, calibration.method),
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
