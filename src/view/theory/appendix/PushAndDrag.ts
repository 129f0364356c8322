/**
 * Appendix C with other inputs: the reward's push and the KL penalty's drag on the three logits, on the paper's trajectory and over all trajectories.
 *
 * @module
 */
import { RESTORED } from "../../../theory/illustration/AppendixC.ts"
import { PRINTED, type TableParameter } from "../../../theory/illustration/AppendixCPrinted.ts"
import { LOGIT_NAMES, type LogitName, type ThreeLogitModel, type ThreeLogits } from "../../../theory/illustration/ThreeLogit.ts"
import { type ChainStep, klChain, sumContributions, surrogateChain } from "../../../theory/illustration/ThreeLogitChain.ts"
import { klPenaltyLogitGradient, surrogateLogitGradient } from "../../../theory/illustration/ThreeLogitGradient.ts"
import { lengthStops } from "../form/Form.ts"

/** What the page computes from: a model, and the advantage of the trajectory. */
export interface PushInputs {
  readonly model: ThreeLogitModel
  readonly advantage: number
}

/** Whose gradient: of the trajectory (wrong, RESAMPLE, correct, STOP), or the mean over all trajectories. */
export type Reading = "trajectory" | "expectation"

/** Push and drag by logit, both ascended; net is their sum. */
export interface PushAndDrag {
  readonly push: ThreeLogits
  readonly drag: ThreeLogits
}

/** The chain of the KL penalty on the trajectory, last action first. */
export const chainOf = ({ model }: PushInputs): ReadonlyArray<ChainStep> => klChain(model, RESTORED.cycles, RESTORED.gamma)

/** Computes both gradients; in expectation the push is that of endless groups. */
export const pushAndDrag = (inputs: PushInputs, reading: Reading): PushAndDrag => {
  const { advantage, model } = inputs
  if (reading === "expectation") return { push: surrogateLogitGradient(model.policy), drag: klPenaltyLogitGradient(model).total }
  const push = sumContributions(surrogateChain(model, RESTORED.cycles, { advantage, gamma: RESTORED.gamma }))
  return { push, drag: sumContributions(chainOf(inputs)) }
}

/** The lengths of the curves, and the longest answer. */
export const LONGEST = 512
const LENGTHS = lengthStops(LONGEST)

/** Both gradients by length, right and wrong answers of one length. */
export const byLength = (inputs: PushInputs, reading: Reading): ReadonlyArray<PushAndDrag & { readonly length: number }> => {
  const own = [inputs.model.lengths.correct, inputs.model.lengths.wrong]
  const lengths = [...new Set([...LENGTHS, ...own])].sort((a, b) => a - b)
  return lengths.map((length) => ({
    length,
    ...pushAndDrag({ ...inputs, model: { ...inputs.model, lengths: { correct: length, wrong: length } } }, reading)
  }))
}

const TABLE_NAMES: Readonly<Record<LogitName, TableParameter>> = {
  sampleCorrect: "s",
  stopGivenCorrect: "stopGivenCorrect",
  resampleGivenWrong: "resampleGivenWrong"
}

/** The paper's row of a logit. */
export const printedOf = (name: LogitName) => PRINTED.update.find(({ parameter }) => parameter === TABLE_NAMES[name])!

/** Says whether all inputs but the lengths are those that reproduce the printed tables: then the printed values lie on the curves. */
export const isRestored = ({ advantage, model }: PushInputs): boolean => {
  const { model: restored } = RESTORED
  return advantage === RESTORED.advantage && model.beta === restored.beta &&
    LOGIT_NAMES.every((name) => model.policy[name] === restored.policy[name] && model.reference[name] === restored.reference[name])
}

/** Says whether the lengths are the printed tables' too. */
export const hasRestoredLengths = ({ model: { lengths } }: PushInputs): boolean =>
  lengths.correct === RESTORED.model.lengths.correct && lengths.wrong === RESTORED.model.lengths.wrong
