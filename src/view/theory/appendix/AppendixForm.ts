/**
 * What the page on push and drag lets choose; its first values are the restored inputs of appendix C.
 *
 * @module
 */
import { RESTORED } from "../../../theory/illustration/AppendixC.ts"
import { type Form, lengthStops } from "../form/Form.ts"
import { LOGIT_QUANTITIES } from "../form/LogitQuantities.ts"
import { LONGEST } from "./PushAndDrag.ts"

const length = { least: 1, most: LONGEST, step: 1, stops: lengthStops(LONGEST), isWhole: true } as const

/** Logits, lengths, β and A, and whose gradient the figures draw. */
export const APPENDIX_FORM = {
  quantities: [
    ...LOGIT_QUANTITIES,
    { name: "right", label: "Tokens of a right answer", initial: RESTORED.model.lengths.correct, ...length },
    { name: "wrong", label: "Tokens of a wrong answer", initial: RESTORED.model.lengths.wrong, ...length },
    { name: "beta", label: "β, the KL coefficient", least: 0, most: 5, step: 0.05, initial: RESTORED.model.beta },
    { name: "A", label: "A, the trajectory's advantage", least: -3, most: 3, step: 0.1, initial: RESTORED.advantage }
  ],
  choices: [{
    name: "over",
    label: "Figures over",
    options: [{ id: "trajectory", name: "the paper's one trajectory" }, { id: "expectation", name: "all trajectories, in expectation" }],
    initial: "trajectory"
  }]
} as const satisfies Form
