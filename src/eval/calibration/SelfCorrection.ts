/**
 * The bridge between two ways to report self-correction: shares of all problems (SCoRe) and rates given the first answer.
 *
 * @module
 */

/** SCoRe's numbers for two attempts, as fractions of all problems. */
export interface JointRates {
  readonly accuracyAtT1: number
  readonly incorrectToCorrect: number
  readonly correctToIncorrect: number
}

/** P(second answer right | first right) and P(second right | first wrong); null where no first answer is right (or wrong). */
export interface ConditionalRates {
  readonly keepCorrect: number | null
  readonly fixWrong: number | null
}

/**
 * Computes conditional rates from joint ones.
 *
 *     keepCorrect = 1 − Δc→i / Acc@t1,   fixWrong = Δi→c / (1 − Acc@t1)
 *
 * so that Acc@t2 = Acc@t1 · keepCorrect + (1 − Acc@t1) · fixWrong. Source of the joint rates: Kumar et al. 2024
 * (arXiv 2409.12917), section 3.
 */
export const conditionalRates = ({ accuracyAtT1, correctToIncorrect, incorrectToCorrect }: JointRates): ConditionalRates => ({
  keepCorrect: accuracyAtT1 === 0 ? null : 1 - correctToIncorrect / accuracyAtT1,
  fixWrong: accuracyAtT1 === 1 ? null : incorrectToCorrect / (1 - accuracyAtT1)
})
