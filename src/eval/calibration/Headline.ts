/**
 * The findings of a calibration in two lines: what limits the model, sampling or deciding, and what to do next.
 *
 * @module
 */
import { percent } from "../report/Words.ts"
import type { CalibrationFindings } from "./Findings.ts"

// From this share of revisions on, echoes are worth a word of their own.
const MANY_ECHOES = 0.1

const limitOf = ({ rate, verdict }: CalibrationFindings["weakest"]): string =>
  verdict === "sampling"
    ? "sampling limits it more than deciding"
    : verdict === "decision"
    ? `deciding limits it more than sampling (it ${rate === "pStopGivenCorrect" ? "gives up right answers" : "keeps wrong answers"})`
    : rate === null
    ? "which of sampling and deciding limits it cannot be said"
    : "whether sampling or deciding limits it is not settled"

const reflectionOf = ({ verdict }: CalibrationFindings["reflection"]): string =>
  ({
    helps: "reflection helps",
    harms: "reflection harms",
    undecided: "whether reflection helps is not settled",
    none: "it never revised an answer"
  })[verdict]

const decisionOf = ({ echo, verdict }: CalibrationFindings["decision"]): ReadonlyArray<string> => [
  ...(verdict === "tells"
    ? ["its decisions tell right from wrong"]
    : verdict === "inverted"
    ? ["its decisions are the wrong way round"]
    : verdict === "undecided"
    ? ["that its decisions tell right from wrong is not shown"]
    : []),
  ...(echo === null ? [] : [
    echo >= MANY_ECHOES
      ? `of its revisions ${percent(echo)} are echoes, the same value again`
      : `it hardly echoes (${percent(echo)} of its revisions)`
  ])
]

const COMPARE = "then `compare BEFORE AFTER` says which of the two has moved"

const nextOf = ({ certainty, fit, reflection, usable, weakest }: CalibrationFindings): string => {
  if (usable.verdict === "many") return "find out why rows could not be used (--explain LINE shows how one was read)"
  if (certainty.verdict === "too-few-prompts") return "sample more prompts: on so few nothing is sure"
  if (weakest.rate === null && reflection.verdict === "none") {
    return "where it does revise, see with --explain how a response was read, and give its words for it with --markers FILE"
  }
  if (weakest.verdict === "undecided") {
    return fit.verdict === "disagrees"
      ? "look at the levels one by one: over all of them the three rates do not account for the accuracy"
      : "sample more prompts, or look at the levels one by one: as it stands either may be what limits it"
  }
  if (weakest.verdict === "sampling") return `train what it samples, its first answers; ${COMPARE}`
  return weakest.rate === "pStopGivenCorrect"
    ? `train it to stop at right answers; ${COMPARE}`
    : `train it to reject wrong answers (\`train\` weighs decisions by decisionWeighting); ${COMPARE}`
}

/** The findings in two lines, `In short` and `Next`; none where nothing could be counted. */
export const headlineOf = (findings: CalibrationFindings): ReadonlyArray<string> => {
  const { certainty, decision, reflection, usable, weakest } = findings
  if (usable.verdict === "all") return []
  const parts = [limitOf(weakest), reflectionOf(reflection), ...decisionOf(decision)]
  const isUnsure = certainty.verdict === "too-few-prompts"
  return [`In short${isUnsure ? ", on too few prompts" : ""}: ${parts.join("; ")}.`, `Next: ${nextOf(findings)}.`]
}
