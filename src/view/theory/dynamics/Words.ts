/**
 * What the page on dynamics says of a flow.
 *
 * @module
 */
import { LOGIT_NAMES, logitsOf } from "../../../theory/illustration/ThreeLogit.ts"
import { rejectionThreshold, type TaughtState } from "../../../theory/illustration/TeachingDynamics.ts"
import { percent, short } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import { decisionsAt, groupOf, inForce, restOf, type Setting } from "./Flow.ts"

const movedWords = (first: TaughtState, last: TaughtState): string =>
  `By time ${short(last.time)} ${
    LOGIT_NAMES.map((name) => `${CHOICES[name].rate} goes from ${percent(first.rates[name])} to ${percent(last.rates[name])}`).join(", ")
  }; accuracy from ${percent(first.accuracy)} to ${percent(last.accuracy)}.`

const learnerWords = (setting: Setting): string => {
  const { data, learner } = setting
  const isBlind = Math.abs(data.stopGivenCorrect + data.resampleGivenWrong - 1) < 1e-9
  switch (learner) {
    case "sft":
      return isBlind
        ? "The data's decisions do not look at the answer (p_D|C + p_D|W = 1), and that is what SFT teaches: deciding ends where it gains nothing."
        : "SFT pulls each rate to the data's, as often as the data shows its choice."
    case "dft":
      return "DFT pulls each rate towards the option that the data shows more often, and the less the surer the policy is."
    case "psr":
    case "nsr":
      return setting.cap === Infinity
        ? "In expectation right samples alone and wrong samples alone push alike: both are the gradient of accuracy."
        : "With a cap the gradient is still that of accuracy, truncations counting as wrong."
    case "signed":
      return "Rewards ±1 push twice as hard as 0/1, in the same direction."
    default:
      return ""
  }
}

const restWords = (setting: Setting): string => {
  const rest = restOf(setting)
  if (rest !== null) {
    return `It rests at ${LOGIT_NAMES.map((name) => `${CHOICES[name].rate} ${percent(rest.rates[name])}`).join(", ")}: ${rest.why}.`
  }
  const later = decisionsAt(setting, 0.99)
  if (later !== null) {
    return `It never rests, but its path is settled: when p_S comes to 99 %, p_D|W is at ${
      percent(later.resampleGivenWrong)
    } and p_D|C at ${percent(later.stopGivenCorrect)}, whatever the learning rate, the groups and the estimator.`
  }
  return ""
}

const thresholdWords = (setting: Setting): string => {
  const { beta, kl, learner, start } = setting
  if (kl !== "loss" || (learner !== "accuracy" && learner !== "grpo")) return ""
  const threshold = rejectionThreshold(logitsOf(start), groupOf(setting))
  return `A policy that hardly rejects learns to only below β = φ·accuracy, ${short(threshold)} at the start; here β is ${short(beta)}.`
}

/** Says where the rates went, what the learner does, and where the flow rests. */
export const dynamicsSentence = (given: Setting, states: ReadonlyArray<TaughtState>): string => {
  const setting = inForce(given)
  return [movedWords(states[0]!, states.at(-1)!), learnerWords(setting), restWords(setting), thresholdWords(setting)]
    .filter((words) => words !== "")
    .join(" ")
}
