/** Generators of three-logit models. On grids, as in `Arbitraries`. */
import * as fc from "fast-check"
import type { ThreeLogitModel, ThreeLogits } from "../../src/theory/illustration/ThreeLogit.ts"
import { grid } from "./Arbitraries.ts"
import type { Cycle } from "./TwoStageTrajectories.ts"

/** Logits in [−3, 3], independent of each other. */
export const threeLogits: fc.Arbitrary<ThreeLogits> = fc.record({
  sampleCorrect: grid(-3, 3),
  stopGivenCorrect: grid(-3, 3),
  resampleGivenWrong: grid(-3, 3)
})

/** Answer lengths for both kinds of answer, equal. */
export const equalLengths = fc.integer({ min: 1, max: 60 }).map((length) => ({ correct: length, wrong: length }))

/** Answer lengths, drawn apart for correct and wrong answers. */
export const anyLengths = fc.record({ correct: fc.integer({ min: 1, max: 60 }), wrong: fc.integer({ min: 1, max: 60 }) })

/** Models with the given lengths and β in [0, 2]. */
export const modelWith = (lengths: fc.Arbitrary<ThreeLogitModel["lengths"]>): fc.Arbitrary<ThreeLogitModel> =>
  fc.record({ policy: threeLogits, reference: threeLogits, lengths, beta: grid(0, 2) })

/** Trajectories of 1 to 5 cycles that end in STOP. */
export const stoppedCycles: fc.Arbitrary<ReadonlyArray<Cycle>> = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 5 })
  .map((answers) => answers.map((correct, index) => ({ correct, decision: index === answers.length - 1 ? "STOP" : "RESAMPLE" })))
