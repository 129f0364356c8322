/**
 * What the accuracy page says of the rates as they are.
 *
 * @module
 */
import { expectedCycles, reflectionHelps, stopProbability, twoStageAccuracy, type TwoStageRates } from "../../../theory/Accuracy.ts"
import { percent, short } from "../../chart/Chart.tsx"
import { CHOICES, points } from "../Names.ts"
import { gainsAt, mostGaining } from "./Sensitivity.ts"

const accuracyWords = (rates: TwoStageRates, cap: number): string => {
  const accuracy = twoStageAccuracy(rates, cap)
  const difference = accuracy - rates.sampleCorrect
  const against = Math.abs(difference) < 5e-4
    ? "as good as answering once"
    : `${points(difference)} ${difference > 0 ? "more" : "fewer"} than answering once (${percent(rates.sampleCorrect)})`
  const cycles = expectedCycles(rates, cap)
  return `Of 100 responses ${Number((100 * accuracy).toFixed(1))} end on a right answer, ${against}; a response takes ${
    short(cycles)
  } attempts on average.`
}

const reflectionWords = (rates: TwoStageRates, cap: number): string => {
  const accuracy = twoStageAccuracy(rates, cap)
  const helps = reflectionHelps(rates)
  if (helps && accuracy + 5e-4 < rates.sampleCorrect) {
    return "Without a cap deciding would help, as p_D|C + p_D|W is at least 1; the cap ends too many responses on a RESAMPLE."
  }
  return helps
    ? ""
    : "Deciding does harm at every p_S, since p_D|C + p_D|W is below 1: a wrong attempt is accepted more readily than a right one is."
}

const gainWords = (rates: TwoStageRates, cap: number): string => {
  const most = mostGaining(rates, cap)
  if (most.length === 0) return "No rate gains anything to first order here."
  const gains = gainsAt(rates, cap)
  const called = most.map((name) => CHOICES[name].rate).join(" and ")
  const decision = most.some((name) => CHOICES[name].owner === "π_D")
  const sampling = most.some((name) => CHOICES[name].owner === "π_S")
  const verdict = decision && sampling
    ? "deciding and sampling gain alike"
    : decision
    ? "improving what decides (π_D) beats improving what samples (π_S)"
    : "improving what samples (π_S) beats improving what decides (π_D)"
  return `A point more of ${called} gains most, ${short(gains[most[0]!])} points of accuracy: ${verdict} here.`
}

/** The page's answer: accuracy against answering once, whether reflection helps, and which rate gains most. */
export const accuracySentence = (rates: TwoStageRates, cap: number): string =>
  stopProbability(rates) === 0
    ? cap === Infinity
      ? "No attempt is ever accepted, so a response never ends: accuracy is 0 and has no derivative without a cap."
      : "No attempt is ever accepted: every response runs into the cap, and accuracy is 0."
    : [accuracyWords(rates, cap), reflectionWords(rates, cap), gainWords(rates, cap)].filter((words) => words !== "").join(" ")
