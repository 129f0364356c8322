/**
 * Claims of section 3.3.2, figure 1, appendices A.5 and B.3, on the KL penalty of this paper: C14 to C23.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C14 … C23. */
export const KL_PENALTY: ReadonlyArray<Claim> = [
  {
    id: "C14",
    where: "3.3.2, eq. 11",
    statement: "The KL penalty of a trajectory is a sum over tokens and splits into a sampling and a decision part.",
    status: "exact",
    finding: "The immediate terms add up to −β·(log π(τ) − log π_ref(τ)), by sub-policy and in all.",
    shownBy: testsOf("laws/Kl", [
      "for every trajectory, the immediate terms add up to −β·(log π(τ) − log π_ref(τ)), and by sub-policy to the token batch's"
    ])
  },
  {
    id: "C15",
    where: "Theorem 3.2, eq. 12-16",
    statement: "Q of the KL penalty obeys Q_D(STOP) = r_D, Q_S = r_S + Q_D, Q_D(RESAMPLE) = r_D + γ·Q_S of the next cycle.",
    status: "in expectation",
    assumption: "The penalty is estimated by rewards-to-go, as eq. 12 to 14 do.",
    finding:
      "As a sum along a trajectory the recursion is exact; its scores' mean over trajectories is the gradient of the exact penalty, with the log-ratios differentiated or held constant (E[∇r] = 0), at token and at action level. It is one estimator of that gradient among several: the penalty as a trajectory scalar, (Σ r)·∇log π(τ), has the same mean, another variance, and one weight for every score.",
    counterexample: {
      given:
        "(p, c, w) = (0.3, 0.8, 0.6), policy ½ ahead of its reference on every logit, L = 8, β = 1: the total variance of the trajectory scalar and of the reward-to-go, and the ratio of score weights that the scalar has on every trajectory.",
      numbers: { scalarVariance: 7.077, rewardToGoVariance: 4.267, scalarWeightRatio: 1 },
      instead:
        "The recursion is a property of the reward-to-go estimator. Expected g_S and g_D are the objective's, and equal for all of them."
    },
    shownBy: [
      ...testsOf("laws/Kl", [
        "for every trajectory, β and γ, the recursion equals the sum over all penalties to come",
        "for every two policies and γ, Σ γ^{t−1}·Q·∇log π has, at token and at action level, the exact −β·KL's gradient as mean"
      ]),
      ...testsOf("laws/Process", [
        "Q form = autodiff's gradient of the exact penalty, its log-ratios differentiated too: E[∇r] = 0",
        "Q form without a cap = the central difference of the linear solve",
        "the table's Q is the conditional mean of the trajectories' recursion and closed sum, given the action"
      ]),
      ...testsOf("laws/Estimator", [
        "for every process, discount and cap, all estimators have one expectation: the exact gradient, of the return and of the KL penalty",
        "their variances differ, and each is that of its definition over all trajectories, pairs and triples of them",
        "at p = 0.3, c = 0.8, w = 0.6 the KL penalty's two estimators share the gradient and not the variance"
      ])
    ],
    changes: [
      {
        date: "2026-11-26",
        was: "the recursion as a property of the penalty",
        why:
          "It is one of its estimator: paid as a trajectory scalar, as in-reward GRPO does, the same penalty has the same expected gradient and one weight for every score."
      }
    ]
  },
  {
    id: "C16",
    where: "Theorem 3.2, A.5",
    statement: "An answer's immediate penalty is of order L, a decision's of order 1, their ratio about L.",
    status: "under assumption",
    assumption: "Answers are longer than L* ≈ 2/KL tokens, with KL that of a token.",
    counterexample: {
      given:
        "Tokens with log-ratios ±s on policy and decisions of the same size: the mean of |r_S| over |r_D| at 64 tokens for s = 1 and s = 0.3; and for s = 0.1 L* and the exponent of the ratio over 4, 8 and 16 tokens.",
      numbers: { ratioOfSize1: 29.58, ratioOfSize03: 10.41, crossoverOfSize01: 399.7, exponentOfSize01: 0.544 },
      instead:
        "The ratio is about L·tanh(s/2), not L, and only from L* = 1/sinh²(s/2) ≈ 4/s² on; below it is of order √L, √(2L/π). Close to the reference, where KL penalties are put to hold a policy, L* is long."
    },
    finding:
      "That the log-ratios of an answer's tokens have a common mean is no assumption: normalisation forces it. On policy E[x] = KL ≥ 0, for values ±s at least s·tanh(s/2), in general at least E[x²]·(e^{−M} − 1 + M)/M² with M the largest log-ratio. Exponent 0.996 over 16 to 128 tokens at s = 1.",
    shownBy: testsOf("laws/OnPolicyDrift", [
      "for every two policies, the drift is KL(π‖π_ref) and equals E[e^{−x} − 1 + x], a mean of terms ≥ 0",
      "for every log-ratio of two values, E[π_ref/π] = 1 at the least P(up); at ±s that is σ(s), the drift s·tanh(s/2) and L* = 1/sinh²(s/2)",
      "every two policies over two options attain it, and no other policy of two log-ratios goes below",
      "for every two policies, KL ≥ E[x²]·(e^{−M} − 1 + M)/M² with M the largest log-ratio",
      "no larger factor of M alone will do: a rare option of log-ratio M comes as near as one likes",
      "for every policy whose tokens depend on those before, Σ x over an answer has mean Σ KL and, around its own path of KLs, variance Σ Var",
      "is, for every size, β and length, the mean over walks of the KL penalty's own terms",
      "at s = 1 the exponent over L = 16 … 128 is 0.996, and the ratio at 64 tokens 29.6; at s = 0.3 it is 10.4",
      "for every size from 0.05 to 1, the exponent is below 0.62 up to L*/8, above 0.99 from 8·L* on, and within 0.7 … 0.86 at L* itself",
      "close to the reference L* is 2/KL for every policy, whatever its options"
    ]),
    changes: [{
      date: "2026-11-26",
      was: "under assumption: a common mean (drift); without it, with independent signs of probability ½, of order √L: 6.358 at 64 tokens",
      why:
        "Log-ratios ±s of probability ½ on policy are no policy, as E[π_ref/π] would be cosh s > 1. Drift comes by itself; what has to be assumed is length."
    }]
  },
  {
    id: "C17",
    where: "A.5, final sampling action",
    statement: "In the Q of the last answer the immediate penalty dominates.",
    status: "under assumption",
    assumption: "The answer is long compared with 8/s², s the size of the log-ratios.",
    counterexample: {
      given:
        "Tokens and a decision with log-ratios ±s on policy: the probability that |r_S| > |r_D| for two tokens of s = 0.3, and for 128 tokens of s = 0.1 and s = 1.",
      numbers: { at2TokensOfSize03: 0.5111, at128TokensOfSize01: 0.94, at128TokensOfSize1: 1 },
      instead: "At even lengths it is 1 − binomial(L, L/2)·(2·cosh(s/2))^{−L}, tending to 1 exponentially, by log cosh(s/2) ≈ s²/8 a token."
    },
    finding: "Confirmed for long answers, at a speed that the distance from the reference decides; close to it slowly.",
    shownBy: testsOf("laws/OnPolicyDrift", [
      "is, for every length, the probability over walks that |r_S| exceeds |Q_S − r_S|",
      "for every size, at even lengths it is 1 − binomial(L, L/2)·(2·cosh(s/2))^{−L}: to 1 exponentially, by log cosh(s/2) ≈ s²/8 a token",
      "qualified: two tokens of size 0.3 dominate in 51 of 100 answers, one token of the decision's size never"
    ]),
    changes: [{
      date: "2026-11-26",
      was: "under assumption: a common mean; without drift to 1 only as 1 − √(2/(πL)), 0.93 at 128 tokens",
      why: "A policy without drift does not exist away from its reference (C16), so the approach is exponential for every one."
    }]
  },
  {
    id: "C18",
    where: "A.5, penultimate decision",
    statement: "In the Q of RESAMPLE the future sampling penalty dominates.",
    status: "under assumption",
    assumption: "Answers are long enough; how long depends on the distance from the reference.",
    counterexample: {
      given:
        "Reference logits (0.3, 2, 1.2), policy 0.2 ahead on each: the future sampling penalties' part of RESAMPLE's expected gradient over its own penalty's.",
      numbers: { shareAt8Tokens: 0.3005, shareAt100Tokens: 3.756 },
      instead:
        "The share is linear in L and in the distance; here it passes 1 at 27 tokens. So a decision's KL gradient is not free of the answers' length, and the ratio of the two sub-policies' drags has a limit in L."
    },
    finding: "Confirmed for long answers; it works against C20.",
    shownBy: testsOf("laws/ThreeLogit", [
      "confirmed for long answers: the future sampling penalties outgrow RESAMPLE's own, linearly in L",
      "qualifies 'small KL on decisions': both sub-policies' drags grow with L, so their ratio has a limit in L"
    ])
  },
  {
    id: "C19",
    where: "Theorem 3.2, A.5, footnote 10",
    statement: "No single sufficient statistic serves both sub-policies under the KL penalty.",
    status: "under assumption",
    assumption: "The penalty is paid as rewards-to-go, and a statistic has to serve exactly.",
    counterexample: {
      given:
        "The same penalty as a trajectory scalar: the ratio of its score weights. The 0/1 return, whose attribution is called balanced: its true Q on three answers, the second wrong, p_STOP = 0.8, 0.4, 0.3 and uniform sampling, at Q_S and at Q_D(STOP). And answers of 100 tokens of one drift over 1, 2 and 5 attempts: Σ|Q_S|/Σ|Q_D|.",
      numbers: {
        scalarWeightRatio: 1,
        trueSampling: 0.9467,
        trueSamplingOfWrong: 0.44,
        trueStop: 1,
        trueStopOfWrong: 0,
        ratioOfOneAttempt: 101,
        ratioOfTwoAttempts: 2.942,
        ratioOfFiveAttempts: 1.493
      },
      instead:
        "Having no exact statistic does not tell the penalty from the return. Nor do magnitudes, beyond one attempt: with the future in Q they approach (T + 1)/(T − 1) at any length. What tells them apart is noise: under the penalty π_D's signal-to-noise falls with the answers' length, under the return it does not know it."
    },
    finding:
      "For rewards-to-go: with Q_S = r_S + F and Q_D = r_D + F one statistic exists iff r_S = r_D in every cycle; along the recursion the contradiction is r_S itself. On a grid of 125 policies π_S's signal-to-noise over π_D's has a median of 2.1 at one token, 35 at 8 and 84 at 100; the reward's is 1.7.",
    shownBy: [
      ...testsOf("laws/Kl", [
        "for every future F, Q_S = r_S + F and Q_D = r_D + F have one statistic iff r_S = r_D in every cycle",
        "for every trajectory, the KL recursion's own tables contradict each other by r_S in the first cycle where r_S ≠ 0",
        "qualified (footnote 10): a value function exists all the same, Q = r + γ·V with V = Q_S of the next cycle"
      ]),
      ...testsOf("laws/Estimator", [
        "for every trajectory, the KL penalty as a scalar weighs every score alike, as the surrogate does; as reward-to-go the same terms do not",
        "the true Q of the 0/1 return has no one statistic: for every process with both kinds of answer, Q_D(STOP) is 1 or 0, Q_S neither",
        "over T attempts of long answers of one drift, π_S's scores weigh (T + 1)/(T − 1) times π_D's by action, T/(T − 1) by token: L drops out",
        "for all 125 policies of a grid, ½ from the reference, π_D's signal-to-noise under the penalty is lower at 8 and at 100 tokens than at one, for three estimators",
        "π_S's over π_D's has a median of 2.07 at one token, 35.3 at 8 and 83.8 at 100, the 0/1 reward's 1.71 at any length"
      ])
    ],
    changes: [
      {
        date: "2026-11-26",
        was: "exact",
        why:
          "The trajectory scalar has one statistic for any terms, and the true Q of the return has none: the property is one of the estimator and does not tell the two objectives apart."
      }
    ]
  },
  {
    id: "C20",
    where: "3.3.2, interpretation",
    statement: "The net effect: π_D is pushed by the reward with little KL constraint, π_S is held at the reference.",
    status: "under assumption",
    assumption:
      "The policy is near its reference; or the penalty is put in the loss, where a decision pays for itself alone and its drag, though not 0, is free of L.",
    counterexample: {
      given:
        "p = c = w = ½, L = 100, β = 1, penalty in the reward, policy ahead of its reference by Δ on every logit: the net expected gradient on θ_W, the logit of RESAMPLE at a wrong answer; and at Δ = ½ the drag that k3 in the loss has there.",
      numbers: { netAtStep001: 0.2469, netAtStep05: -1.437, dragInLossAtStep05: 0.1224 },
      instead:
        "KL takes a larger part of the push from sampling than from decision once answers are long (all policies of a grid at L = 100, five in six at L = 8, fewer than half at L = 1). But in the reward RESAMPLE also pays for the answers that it causes, and far from the reference that outweighs its push."
    },
    finding:
      "Relative to its push, π_S is held more. 'Minimal constraint' on π_D is true near the reference; far from it, only of penalties in the loss is it true that answers' lengths do not matter to π_D.",
    shownBy: [
      ...testsOf("laws/ThreeLogit", [
        "holds for every policy of the grid at L = 100: KL takes a larger part of the push from sampling than from decision",
        "needs length: it holds for about five in six policies at L = 8 and fewer than half at L = 1",
        "the push on θ_W survives near the reference, while long answers already hold θ_S: L = 100, β = 1, Δ = 0.01",
        "refuted as 'minimal KL constraint' far from the reference: at Δ = 0.5 most policies' net gradient on θ_W is negative"
      ]),
      ...testsOf("laws/KlTable", [
        "C20 in the runs' placement: with k3 in the loss under token sums, what holds π_D is free of L for all policies",
        "C20 at p = c = w = ½, Δ = ½, L = 100: the push of ¼ on θ_W outlasts k3 in the loss (0.122) and not k1 in the reward (1.68)"
      ])
    ]
  },
  {
    id: "C21",
    where: "Figure 1",
    statement:
      "During training the surrogate's gradients are comparable on all parameters, the KL's are nearly ten times larger on sampling, and the KL's ratio stays above 2.",
    status: "under assumption",
    assumption: "The policy already reflects (c and w not near 1 and 0), answers have more than a token, and the reference is refreshed.",
    counterexample: {
      given:
        "A policy that accepts wrong answers, (p, c, w) = (0.12, 0.95, 0.05): the surrogate's ratio sampling : decision. And a run without refresh at L = 50 after 6,000 steps: the KL's ratio.",
      numbers: { surrogateRatio: 14.14, klRatioWithoutRefresh: 1.096 },
      instead:
        "The surrogate's ratio is 1/√((1 − c)² + w²), whatever p and L. Without refresh the drag balances the push in the end, so both have one ratio."
    },
    finding:
      "Confirmed at L = 8, β = 1 and a refresh every 50 steps: surrogate in [1, 1.42], KL above 3 with median 10; and over six reflecting starts and three periods.",
    shownBy: testsOf("laws/Dynamics", [
      "confirmed at the defaults: the surrogate's ratio stays in [1, 1.42], the KL's above 2 with a median near 10",
      "confirmed over six reflecting starts with a refresh at least every 50 steps: KL above 2, surrogate below 2.3",
      "qualified: from a policy that accepts wrong answers the surrogate is unbalanced too, 1/√((1 − c)² + w²) ≈ 14",
      "qualified: one token an answer (L = 1) brings the KL's ratio down to the surrogate's size",
      "qualified: 'above 2 throughout' comes from refreshing. Left alone, both parts cancel at the end and their ratios agree"
    ])
  },
  {
    id: "C22",
    where: "Footnote 11",
    statement: "The cycles of figure 1 come from replacing the reference.",
    status: "exact",
    finding:
      "On the exact dynamics the drag is 0 at every refresh and nowhere else, for every start and period; without refresh there are no cycles.",
    shownBy: testsOf("laws/Dynamics", [
      "confirmed: the drag is exactly 0 at every refresh and nowhere else, for every period, start and logit",
      "confirmed: within each period the drag on θ_S rises to a peak and the next one begins again from 0",
      "no refresh, no cycles: the drag is 0 at the start only, and p rises without a break"
    ])
  },
  {
    id: "C23",
    where: "3.3, remark on generality",
    statement: "The analysis applies to any partition of the policy into K sub-policies.",
    status: "exact",
    finding:
      "Log-probabilities, losses and gradients split into K parts that sum to the whole, under any aggregation. Worked out for plan, execute and verify tokens, and for one sub-policy a digit.",
    shownBy: [
      ...testsOf("laws/Factorization", [
        "for every partition and batch, the K parts of the log-probabilities add up to those of the owned tokens",
        "for every objective, the K restrictions' losses and derivatives add up to the whole's, under any aggregation"
      ]),
      ...testsOf("laws/NamedParts", [
        "for all lengths and terms, the three parts' sums add up to the whole, and merged they are the two-stage parts",
        "with one drift of the log-ratios, the immediate KL terms of the three parts stand to each other as their lengths do",
        "for all numbers of digits, every part's immediate DFT term is c, yet Q falls by c from digit to digit"
      ])
    ]
  }
]
