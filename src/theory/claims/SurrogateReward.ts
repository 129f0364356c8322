/**
 * Claims of section 3.3.1, appendices A.4 and B.2, on the surrogate reward of this paper: C09 to C13.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C09 … C13. */
export const SURROGATE_REWARD: ReadonlyArray<Claim> = [
  {
    id: "C09",
    where: "Theorem 3.1, A.4, eq. 10",
    statement: "For the surrogate reward Q_S = Q_D = γ^{T−t}·A in cycle t of T: one statistic serves both sub-policies.",
    status: "under assumption",
    assumption: "γ = 1. Below it the Q is that of another objective than the surrogate of eq. 6.",
    counterexample: {
      given:
        "Three logits at p = .3, c = .8, w = .6, A = 1 on a correct STOP and 0 otherwise: the distance of the gradient that Q = γ^{T−t}·A has in Lemma 2 from that of eq. 6, over the latter's size, at γ = .9, .7 and .5; and the push on θ_W over that on θ_S at γ = 1 and .5.",
      numbers: {
        differenceAt09: 0.1286,
        differenceAt07: 0.3045,
        differenceAt05: 0.4175,
        resampleOverSampling: 0.6,
        resampleOverSamplingAt05: 0.1714
      },
      instead:
        "With this Q Lemma 2 gives the gradient of E[γ^{T−1}·A]. Eq. 6, which does not discount, has Q = A. With a reward for an advantage the discount is not neutral: it takes from RESAMPLE's push what a longer trajectory costs. With a group-relative one, of mean 0, it is, on three logits without a cap: the gradient is eq. 6's times S/(1 − γ(1 − S))."
    },
    finding:
      "As a recursion it holds on every trajectory, not only in the mean: γ^{t−1}·γ^{T−t} does not depend on t, so every score of a trajectory has the weight γ^{T−1}·A. A.4 identifies it by comparing with Lemma 2, which for γ < 1 compares two objectives.",
    shownBy: testsOf("laws/Surrogate", [
      "for every trajectory, advantage and discount, the recursion equals the formula",
      "for every policy, trajectory and γ, Σ γ^{t−1}·Q·∇log π = γ^{T−1}·A·∇log π(τ), at token and at action level",
      "for every policy, the mean of the weighted scores over all trajectories is autodiff of E[γ^{T−1}·A]",
      "at γ = 1, for every policy, eq. 6's: the gradient of E_old[(π/π_old)·A] at π = π_old",
      "refuted for γ < 1: it is that of E[γ^{T−1}·A], which is not eq. 6's (counterexample found)",
      "on three logits with A = 1 on a correct STOP: E[γ^{T−1}·A] = p·c/(1 − γ(1 − S)), whose push on RESAMPLE falls against that on sampling",
      "and with an advantage of mean 0, any group-relative one, the discount scales that gradient by S/(1 − γ(1 − S)) and turns it nowhere"
    ]),
    changes: [{
      date: "2026-11-26",
      was: "exact",
      why: "The recursion is, but the objective whose gradient it gives is eq. 6's at γ = 1 alone."
    }]
  },
  {
    id: "C10",
    where: "Theorem 3.1, B.2",
    statement: "The advantage weighs the gradients of π_S and π_D symmetrically.",
    status: "under assumption",
    assumption: "Weights are compared score by score: a token with a token, or an action with an action.",
    counterexample: {
      given: "One answer of 9 tokens and its decision, A = 1: each of the 10 scores has weight 1.",
      numbers: { samplingWeightSum: 9, decisionWeightSum: 1 },
      instead:
        "Per token and per action the weights are equal. The sum over an answer's L scores still stands against the decision's one; what becomes of it depends on the parameters and their coordinates: in the three logits the expected push is 1 : 1 − c : w at any length, by the natural gradient c(1−w)/S : 1 − acc : acc."
    },
    finding: "Confirmed per token and per action for every trajectory, advantage and discount.",
    shownBy: [
      ...testsOf("laws/Surrogate", [
        "for every trajectory, every token and every decision has one weight, and one statistic serves both: balanced",
        "qualified: per action the weights are equal, but an answer of L tokens adds L scores against the decision's one"
      ]),
      ...testsOf("laws/ThreeLogit", [
        "sampling : STOP : RESAMPLE is 1 : 1 − c : w for all policies, whatever the sampling rate and the lengths"
      ]),
      ...testsOf("laws/Estimator", [
        "for all (p, c, w), the natural gradient of accuracy in the logits is (c(1−w)/S, 1 − acc, acc)",
        "for all (p, c, w), |g_D|²/|g_S|² is (1−p)(1−c)/c + p·w/(1−w) by Fisher and (1−c)² + w² in the logits",
        "of the plain metric that is not true: rates and logits disagree about the ratio of the two parts (counterexample)"
      ])
    ],
    changes: [
      {
        date: "2026-11-26",
        was: "the expected push is 1 : 1 − c : w, without saying in which coordinates",
        why: "Rates instead of logits, or the natural gradient, give other ratios of the same gradient."
      }
    ]
  },
  {
    id: "C11",
    where: "A.4, eq. 7",
    statement: "The group-relative advantage has mean 0 and standard deviation 1 in its group.",
    status: "exact",
    finding:
      "For both conventions of the standard deviation at ε = 0. An affine map of the rewards with positive slope changes nothing, so rewards 0/1 and ±1 are one reward to it. A group of equal rewards gets exactly 0. In groups of G with rewards 0/1 the estimator's mean is φ_G(acc)·∇acc: REINFORCE on a function of each query's accuracy, finite where 1/√(acc(1 − acc)) is not.",
    shownBy: [
      ...testsOf("laws/Advantage", [
        "for every batch of groups and both conventions: mean 0, mean square 1, and the order of the rewards",
        "for every affine map of the rewards with positive slope, the advantages stay the same",
        "for every group of equal rewards, whatever their value, the advantages are exactly 0"
      ]),
      ...testsOf("laws/GroupPush", [
        "for every estimator, group size and accuracy, φ is the mean over all groups by enumeration",
        "at accuracy 0.05 in groups of eight it is 2.313 (sample) and 2.473 (population), where an endless group has 4.588"
      ])
    ]
  },
  {
    id: "C12",
    where: "A.4, eq. 6-9",
    statement: "The importance ratio is a product over tokens, and at θ = θ_old the gradient of the surrogate is E[A·∇log π(τ)].",
    status: "exact",
    finding: "Off-policy too, with the ratio kept as a weight. Autodiff of the exact objective agrees.",
    shownBy: testsOf("laws/Surrogate", [
      "for every two policies, π(τ)/π_old(τ) is the product of the two sub-policies' token ratios",
      "for every two policies, autodiff of E_old[(π/π_old)·A] is E_old[(π/π_old)·A·∇log π], on-policy E[A ∇log π]",
      "for every trajectory, the loss that a trainer runs has, on-policy, the recursion's weights with the sign of a loss"
    ])
  },
  {
    id: "C13",
    where: "Footnotes 6, 8 and 15",
    statement: "The analysis leaves clipping out.",
    status: "under assumption",
    assumption: "No ratio π/π_old is outside the clip range on the side where it counts; on-policy none is.",
    counterexample: {
      given: "One token with π/π_old = 2, clip range ±0.2, A = 1: the derivative of its loss in log π.",
      numbers: { simpleDerivative: -2, clippedDerivative: 0 },
      instead:
        "The clipped gradient is the simple one with the tokens outside the range removed. Off-policy a ratio per token is not the trajectory's ratio either, clipped or not."
    },
    finding: "Where the two part is known token by token.",
    shownBy: testsOf("laws/Surrogate", [
      "for every batch, the clipped gradient is the simple one, or 0 exactly where r > 1 + εₕ and A > 0, or r < 1 − εₗ and A < 0",
      "for every batch at θ = θ_old, the two are the same",
      "qualified: off-policy even the unclipped ratio per token is not the trajectory's ratio of Theorem 3.1 (counterexample found)"
    ])
  }
]
