/**
 * Statements of this paper that its text makes in passing, and a step of its calibration: C47 to C51.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

const date = "2026-11-26"

/** C47 … C51. */
export const FURTHER_STATEMENTS: ReadonlyArray<Claim> = [
  {
    id: "C47",
    where: "3, introduction",
    statement:
      "With perfect attribution, training the unified policy is equivalent to training the decomposed sub-policies with properly attributed rewards.",
    status: "under assumption",
    assumption: "The sub-policies share no parameter. Attribution has no part in it.",
    counterexample: {
      given:
        "Three logits at p = c = w = ½ with one parameter for two of them, θ_S = φ = −θ_W, and the 0/1 reward: how a step on φ moves θ_W, by π_D's own gradient and by that of both.",
      numbers: { byOwnGradient: 0.125, byBoth: -0.125 },
      instead:
        "The unified gradient is g_S + g_D (C02) under every reward. Without a shared parameter each sub-policy moves by its own part, under the KL penalty as under the surrogate; with shared ones it moves by the other's too, under both."
    },
    finding: "Equivalence is a property of the parametrisation, and neither needs balanced attribution nor follows from it.",
    shownBy: testsOf("laws/SharedParameters", [
      "without a shared parameter, for every policy and both rewards, balanced or not: each sub-policy moves as its own gradient moves it",
      "refuted with shared ones, for the balanced surrogate itself (counterexample found)",
      "by hand: θ_S = φ = −θ_W at p = c = w = ½. Apart θ_W rises by ⅛ a unit of step, together it falls by ⅛"
    ]),
    changes: [{ date, why: "The introduction of section 3 claims it, and the ledger had no entry for it." }]
  },
  {
    id: "C48",
    where: "3.2, interpretation",
    statement:
      "Imperfect attribution makes the sub-policies' updates interfere with each other (\"mismeshing\"); perfect attribution does not.",
    status: "refuted as stated",
    counterexample: {
      given:
        "The surrogate's expected gradient of the 0/1 reward at p = c = w = ½ on one shared parameter φ: ⟨g_S, g_D⟩ with θ_S = φ = −θ_W and with θ_S = φ = θ_W.",
      numbers: { opposed: -0.03125, aligned: 0.03125 },
      instead:
        "Interference is ⟨g_S, g_D⟩ over the parameters. It is 0 where none is shared, whatever the reward, and of either sign where some are, under the balanced surrogate as under the unbalanced KL penalty."
    },
    finding:
      "Whether updates interfere is decided by which parameters are shared and how, not by Definition 3.1. In eight trained networks (docs/results/deciding) the cosine of g_S and g_D lies between −0.07 and 0.06 at the start; what interferes is STOP with RESAMPLE, within π_D: −0.50 to −0.93.",
    shownBy: testsOf("laws/SharedParameters", [
      "without a shared parameter ⟨g_S, g_D⟩ = 0 for every policy, under the KL penalty as under the surrogate",
      "with shared ones it has either sign, under the balanced surrogate as under the KL penalty (counterexamples found)",
      "exact on three logits: for all rates the surrogate's parts on a shared φ agree where θ_S = θ_W = φ and oppose where θ_S = −θ_W = φ"
    ]),
    changes: [{ date, why: "Section 3.2 explains with it why attribution matters, and the ledger had no entry for it." }]
  },
  {
    id: "C49",
    where: "5.3",
    statement: "DFT's Q depends more on the trajectory's outcome than SFT's does.",
    status: "refuted as stated",
    counterexample: {
      given:
        "An answer of three tokens and STOP, once right and once wrong: Q of the answer under DFT, and under the surrogate with A = ±1.",
      numbers: { dftOfCorrect: 4, dftOfWrong: 4, surrogateOfCorrect: 1, surrogateOfWrong: -1 },
      instead: "DFT's Q is a function of lengths and of nothing else. SFT's has no outcome in it either, only the policy's probabilities."
    },
    finding: "What DFT takes out of Q is the policy (C35). An outcome comes in with neither; it is in the choice of demonstrations.",
    shownBy: testsOf("laws/Dft", [
      "refuted as stated: for all lengths, every two trajectories of the same lengths have one Q, whatever their tokens and so their answers",
      "the surrogate's Q does: a correct and a wrong trajectory of the same lengths have Q of opposite signs"
    ]),
    changes: [{ date, why: "Section 5.3 claims it, and the ledger had no entry for it." }]
  },
  {
    id: "C50",
    where: "D.4",
    statement: "DFT's asymmetric regularisation is similar to the KL penalty's, but weaker.",
    status: "refuted as stated",
    counterexample: {
      given:
        "Answers of 64 tokens, log-ratios ±s of tokens and decisions on policy: mean |r_S| over |r_D| of DFT and of the KL penalty, and the mean Q of RESAMPLE over its own term under both.",
      numbers: { dftRatio: 64, klRatioOfSize1: 29.58, klRatioOfSize03: 10.41, dftResample: 66, klResample: 66 },
      instead:
        "Between terms of one size DFT's ratio is L and the KL penalty's at most that: tanh(s/2)·L for long answers, of order √L for short ones (C16). What RESAMPLE carries of later lengths is in the mean the same."
    },
    finding:
      "Both are of order L, and DFT's is the larger one. (What they push towards differs: DFT's weight is a constant, the KL penalty's holds at a reference.)",
    shownBy: testsOf("laws/Dft", [
      "refuted as stated: for every size and length, |r_S|/|r_D| of the KL penalty on policy is at most DFT's, which is L",
      "both are of order L: beyond L* the KL penalty's is tanh(s/2) of DFT's, for every size",
      "and the mean Q of RESAMPLE is L + 2 times its own term under both, for every drift and length"
    ]),
    changes: [{ date, why: "Appendix D.4 claims it, and the ledger had no entry for it." }]
  },
  {
    id: "C51",
    where: "E.2",
    statement: "For the calibration, samples that exceed the token limit can be excluded.",
    status: "refuted as stated",
    counterexample: {
      given:
        "p = .3, c = .8, w = .6 and a limit of three attempts, then of two: the share that is excluded, and what the others' rates come to in the limit of many samples.",
      numbers: {
        excludedAt3: 0.1106,
        resampleGivenWrongAt3: 0.472,
        stopGivenCorrectAt3: 0.8703,
        sampleCorrectAt3: 0.3218,
        excludedAt2: 0.2304,
        resampleGivenWrongAt2: 0.3451,
        stopGivenCorrectAt2: 0.9193,
        sampleCorrectAt2: 0.3524
      },
      instead:
        "Count every first attempt and every decision that was seen, those of cut samples too: right censoring. Under a limit on attempts that gives all three rates exactly; under one on tokens p_D|C and p_D|W, if an attempt's length does not depend on the decision that ends it."
    },
    finding:
      "Excluding selects by the decisions themselves: p_D|W comes out too low and p_D|C too high for all rates and limits, p_S too high iff c + w > 1. Accuracy among finished samples is right under a limit on attempts, and under one on tokens if right and wrong answers are of equal lengths.",
    shownBy: [
      ...testsOf("laws/CensoredRates", [
        "equals, for all rates and limits, the rates read off the enumerated rollouts, finished ones and all",
        "leaving out takes p_D|W down and p_D|C up for all rates and limits, and p_S up iff c + w > 1",
        "counting what was seen is right for all rates and limits; accuracy of finished rollouts is p·c/S",
        "p = .3, c = .8, w = .6: w becomes .472 and c .870 when the cut comes after 3 attempts (11 % cut), .345 and .919 after 2 (23 %)",
        "counting what was seen gives the true p_D|C and p_D|W wherever lengths depend on the answer alone, and p_S where the first attempt fits",
        "qualified: not where lengths depend on the decision, and p_S not where long first answers are cut (counterexamples found)",
        "accuracy of finished rollouts is biased too once right and wrong answers differ in length (counterexample found), and not while they do not"
      ]),
      ...testsOf("eval/calibration/Truncation", [
        "left out, p_D|W = .6 is estimated as .472 when the cut comes after 3 attempts (11 %), .345 after 2 (23 %), and p_D|C = .8 as .870 and .919"
      ])
    ],
    changes: [{ date, why: "Appendix E.2 excludes them for figure 2, and the ledger had no entry for what that does to the rates." }]
  }
]
