/**
 * From a comparison of two models to the answer in words: which is better, and did sampling or deciding make the difference?
 *
 * @module
 */
import { points } from "../report/Words.ts"
import { FEWEST_CLUSTERS } from "../statistics/ClusteredInterval.ts"
import type { Comparison, LevelComparison } from "./Comparison.ts"
import type { ComparisonFindings } from "./Findings.ts"
import { inPoints, sideOf } from "./FindingWords.ts"

const differenceOf = ({ from, overall, to }: Comparison): ComparisonFindings["difference"] => {
  const { observed } = overall
  if (observed.value === null) {
    return { verdict: "undecided", points: observed, text: "NOTHING TO COMPARE: no level has finished responses of both models." }
  }
  const side = sideOf(observed)
  const verdict = side === "above" ? "better" : side === "below" ? "worse" : "undecided"
  const text = verdict !== "undecided"
    ? `${to} is ${verdict} than ${from}: ${inPoints(observed)} of accuracy.`
    : `Which of ${to} and ${from} is more accurate cannot be told: ${inPoints(observed)}.`
  return { verdict, points: observed, text }
}

const changesOf = ({ change }: LevelComparison): string => {
  const names = [["p_S", change.pSample], ["p_D|C", change.pStopGivenCorrect], ["p_D|W", change.pResampleGivenWrong]] as const
  return names.filter(([, { value }]) => value !== null).map(([name, { value }]) => `${name} ${points(value)}`).join(", ")
}

// Where the whole difference is a loss, the part that is further down is the larger one.
const causeOf = ({ overall }: Comparison): ComparisonFindings["cause"] => {
  const { decision, decisionLead, predicted, sampling } = overall
  if (predicted.value === null || decisionLead.value === null) {
    return { verdict: "undecided", text: "No answer of one of the models was read, so the difference has no parts." }
  }
  const parts = `of ${points(predicted.value)} points that the two-stage model predicts, ${inPoints(sampling)} are by sampling and ${
    inPoints(decision)
  } by decision (changes of the rates: ${changesOf(overall)})`
  const sign = predicted.value < 0 ? -1 : 1
  const larger = sign * decisionLead.value > 0 ? "decision" : "sampling"
  const side = sideOf(decisionLead)
  if (side === undefined) {
    return { verdict: "undecided", text: `Which made the larger part, sampling or decision, cannot be told: ${parts}.` }
  }
  return { verdict: larger, text: `${larger === "decision" ? "Deciding" : "Sampling"} made the larger part: ${parts}.` }
}

const pairsOf = ({ from, overall, to }: Comparison): ComparisonFindings["pairs"] => {
  const { fromQueries = overall.paired, paired, toQueries = overall.paired } = overall
  const numbers = { paired, from: fromQueries, to: toQueries }
  const sizes = `${fromQueries} prompts of ${from}, ${toQueries} of ${to}`
  if (paired === 0) {
    return {
      ...numbers,
      verdict: "none",
      text:
        `0 PAIRS: no prompt is in both (${sizes}), so the two are compared as if on different problems, and how hard these are counts as a ` +
        "difference. Are the prompts written differently, with a chat template in one?"
    }
  }
  const isAll = paired === fromQueries && paired === toQueries
  return {
    ...numbers,
    verdict: isAll ? "all" : "some",
    text: isAll
      ? `All ${paired} prompts are in both and are resampled as pairs.`
      : `${paired} prompts are in both and are resampled as pairs (${sizes}).`
  }
}

const fitOf = ({ overall: { observed, unexplained } }: Comparison): ComparisonFindings["fit"] => {
  if (unexplained.value === null) return { verdict: "undecided", text: "What the three rates account for is not defined." }
  if (unexplained.interval === null) {
    return { verdict: "undecided", text: `Of the observed difference ${inPoints(unexplained)} are not accounted for by the three rates.` }
  }
  return sideOf(unexplained) === undefined
    ? {
      verdict: "agrees",
      text: `The three rates account for the observed difference (${points(observed.value)}): ${inPoints(unexplained)} are left.`
    }
    : {
      verdict: "disagrees",
      text: `The three rates do not account for all of it: ${
        inPoints(unexplained)
      } are left, so read the parts as those of the model, not of the observation.`
    }
}

const certaintyOf = ({ overall, ...comparison }: Comparison): ComparisonFindings["certainty"] => {
  const fewest = comparison.method?.fewestQueries ?? FEWEST_CLUSTERS
  const smaller = Math.min(overall.fromQueries ?? overall.paired, overall.toQueries ?? overall.paired)
  if (smaller < fewest) {
    return {
      verdict: "too-few-prompts",
      text:
        `TOO FEW PROMPTS: one of the models has ${smaller}. With fewer than ${fewest} there is no interval: how far another sample would differ cannot be said.`
    }
  }
  return { verdict: "intervals", text: "Intervals are 95 %, by the bootstrap clustered by prompt." }
}

/** Computes the findings of a comparison. They speak of the levels that both models have, pooled. */
export const comparisonVerdictOf = (comparison: Comparison): ComparisonFindings => ({
  difference: differenceOf(comparison),
  cause: causeOf(comparison),
  pairs: pairsOf(comparison),
  fit: fitOf(comparison),
  certainty: certaintyOf(comparison)
})

/** The sentences of findings in the order of their weight. */
export const comparisonSentencesOf = (
  { cause, certainty, difference, fit, pairs }: ComparisonFindings
): ReadonlyArray<string> =>
  // Of levels that only one model has there is nothing else to say.
  pairs.from === 0 && pairs.to === 0 ? [difference.text] : [
    ...(certainty.verdict === "too-few-prompts" ? [certainty.text] : []),
    ...(pairs.verdict === "none" ? [pairs.text] : []),
    difference.text,
    cause.text,
    fit.text,
    ...(pairs.verdict === "none" ? [] : [pairs.text]),
    ...(certainty.verdict === "too-few-prompts" ? [] : [certainty.text])
  ]
