/**
 * What the page on push and drag says of its values.
 *
 * @module
 */
import { LOGIT_NAMES, type LogitName } from "../../../theory/illustration/ThreeLogit.ts"
import { short } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import type { PushAndDrag, Reading } from "./PushAndDrag.ts"

const listed = (names: ReadonlyArray<LogitName>): string => names.map((name) => CHOICES[name].logit).join(", ")

const ratio = (over: number, under: number): string =>
  under === 0 ? (over === 0 ? "both are 0" : "the other is 0") : `${short(Math.abs(over) / Math.abs(under))} times`

const turned = ({ drag, push }: PushAndDrag): string => {
  const against = LOGIT_NAMES.filter((name) => push[name] * (push[name] + drag[name]) < 0)
  return against.length === 0
    ? "On no logit does the drag turn the push round."
    : `On ${listed(against)} the drag is larger than the push and turns it round.`
}

/** Says how the drag on θ_S compares with that on π_D's logits, and where it turns the push round. */
export const pushSentence = (computed: PushAndDrag, reading: Reading, beta: number): string => {
  const { drag } = computed
  const where = reading === "trajectory" ? "On this one trajectory" : "Over all trajectories"
  if (beta === 0) return `${where} nothing drags, as β is 0.`
  if (LOGIT_NAMES.every((name) => Math.abs(drag[name]) < 1e-12)) return `${where} nothing drags: the policy is its reference.`
  const { resampleGivenWrong, sampleCorrect, stopGivenCorrect } = drag
  return `${where} the KL drag on θ_S is ${short(sampleCorrect)}: beside that on θ_W ${
    ratio(sampleCorrect, resampleGivenWrong)
  }, beside that on θ_C ${ratio(sampleCorrect, stopGivenCorrect)}. ${turned(computed)}`
}
