/**
 * Claims of appendix C of this paper, the numerical illustration: C24 to C26.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C24 … C26. */
export const APPENDIX_C: ReadonlyArray<Claim> = [
  {
    id: "C24",
    where: "Appendix C, part 1",
    statement:
      "On the trajectory (wrong, RESAMPLE, correct, STOP) the reward pushes are −0.0987, +0.0989 and +0.0499, of one order of magnitude and independent of length.",
    status: "exact",
    finding:
      "Met to the printed digits from the restored inputs θ = (0.4, 2.2, 1.4), A = ½, at any length. (In expectation the pushes are 1 : 1 − c : w, here 10 : 1 between the largest and the smallest.)",
    shownBy: testsOf("laws/AppendixC", [
      "exact to rounding: −0.0987, +0.0989, +0.0499 from the restored inputs",
      "is the advantage times the three scores, whatever the answers' lengths"
    ])
  },
  {
    id: "C25",
    where: "Appendix C, part 2 and table",
    statement: "The KL drag on θ_S is more than double that on θ_W and over 80 times that on θ_C.",
    status: "under assumption",
    assumption: "It is read as a statement about this one trajectory, which is one sample of a gradient.",
    counterexample: {
      given:
        "The same model, lengths and reference in expectation over all trajectories, beside the sample: |drag on θ_S| over that on θ_W and over that on θ_C.",
      numbers: { sampleOverWrong: 2.374, sampleOverCorrect: 85.22, meanOverWrong: 13.48, meanOverCorrect: 19.44 },
      instead:
        "In expectation the drag on θ_S is 13.5 times that on θ_W and 19.4 times that on θ_C: unbalanced, by other factors. The sample even has the wrong sign of the reward's push on θ_S."
    },
    finding:
      "Every printed figure of both tables is met to 0.0013; the rest is the paper's rounding of log-ratios before multiplying by 8.",
    shownBy: testsOf("laws/AppendixC", [
      "exact to rounding: every printed figure of both tables is met to 0.0013",
      "the difference is the paper's rounding: with the log-ratios 0.0415 and 0.0588 the chain is the printed one",
      "holds on this trajectory: the drag on θ_S is over 2 times that on θ_W and over 80 times that on θ_C",
      "one sample: over all trajectories the ratios are 13.5 and 19.4, so '80 times' does not hold in expectation",
      "the sample and the expectation differ in sign: this trajectory pushes θ_S down, the mean reward gradient up"
    ])
  },
  {
    id: "C26",
    where: "Appendix C, introduction",
    statement: "The asymmetry does not need wrong answers to be longer than correct ones.",
    status: "in expectation",
    assumption: "On one trajectory it takes some length: here the ratio to θ_W is below 1 for one or two tokens.",
    finding:
      "At equal lengths the expected drag on θ_S exceeds that on both decision logits, for every length from 1 to 1,024. On the trajectory the ratio grows to a limit of 3.3; a longer wrong answer raises it, a shorter one turns it below 1.",
    shownBy: testsOf("laws/AppendixC", [
      "exact: at equal lengths the drag on θ_S exceeds that on both decision logits, in expectation, for every L",
      "on the one trajectory the ratio to θ_W grows with L to a limit of 3.3 and is below 1 for one or two tokens",
      "but the lengths do matter: on it a longer wrong answer raises the ratio, a shorter one turns it below 1"
    ])
  }
]
