/**
 * Claims of sections 3.1 and 3.2 and of appendices A.1 to A.3: this paper's setting, C01 to C08.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C01 … C08. */
export const SETTING: ReadonlyArray<Claim> = [
  {
    id: "C01",
    where: "Lemma 1, A.1, eq. 1-3",
    statement:
      "A trajectory's probability is the product of its sampling and decision probabilities; its logarithm is a sum over tokens that no length multiplies.",
    status: "exact",
    finding: "The probabilities of all trajectories of a small policy sum to 1, and each equals the chain rule's product over tokens.",
    shownBy: testsOf("laws/Factorization", [
      "for every policy, the probabilities of all trajectories of at most three cycles sum to 1",
      "for every policy and trajectory, log π(τ) is the chain rule's product over sites, with no length factor"
    ])
  },
  {
    id: "C02",
    where: "Corollary 1, A.2, eq. 4",
    statement: "The gradient of a trajectory's log-probability separates into a sum over sampling tokens and a sum over decision tokens.",
    status: "exact",
    finding: "Each masked sum equals autodiff of its own part, and the two add up to autodiff of the whole.",
    shownBy: testsOf("laws/Factorization", [
      "for every trajectory, the two parts of log π(τ) add up to the whole",
      "for every policy and trajectory, the scores masked to each sub-policy are autodiff of its part, and sum to autodiff of the whole",
      "with a discount a cycle, the parts are the discounted sums over each sub-policy's tokens"
    ])
  },
  {
    id: "C03",
    where: "A.2",
    statement: "A first decision added for notation is deterministic and adds nothing to the gradient.",
    status: "definition",
    finding:
      "A choice with a single option has log-probability 0 and score 0. An immediate term it can have all the same: SFT's 1/π of a sure token is 1, but it weighs a score of 0.",
    shownBy: testsOf("laws/Factorization", [
      "for every policy and trajectory, a choice with a single option has log-probability 0 and score 0: log π(τ) and its gradient stay",
      "but an immediate term it can have: SFT's 1/π of a sure token is 1, weighing a score of 0"
    ])
  },
  {
    id: "C04",
    where: "Lemma 2, A.3, eq. 5",
    statement: "The gradient of the expected return is a sum of scores weighed by Q_S and Q_D under the discounted visitation of states.",
    status: "exact",
    finding:
      "On finite processes the Q form equals autodiff of the exact return with every cap, and central differences of the linear solve without one. The visitation has to be discounted: undiscounted visits give another vector.",
    shownBy: testsOf("laws/Process", [
      "equals autodiff's gradient of the exact return, for all processes, discounts and caps",
      "equals it without a cap too: stationary Q and visitation against autodiff through 20 cycles at γ = 1/4",
      "equals the central difference of the linear solve, for all processes and discounts",
      "needs the visitation's discount: with undiscounted visits the gradient is another one"
    ])
  },
  {
    id: "C05",
    where: "A.3.1",
    statement: "The visitation of states follows a recursion: a state is reached by RESAMPLE in another state and by sampling its answer.",
    status: "exact",
    finding:
      "The linear solve of the recursion, its truncated sum and simulation agree; at γ = 1 the visits sum to the expected number of cycles.",
    shownBy: testsOf("laws/Process", [
      "linear solve = truncated sum of the recursion, for all processes with γ ≤ 1/2",
      "= simulation within six standard errors, discounted and not",
      "fulfils d(s) = 1[s = query] + γ Σ_c d(c) M(c, s), and at γ = 1 sums to the expected cycles"
    ])
  },
  {
    id: "C06",
    where: "Definition 3.1",
    statement:
      "Attribution is balanced if Q_S and Q_D are multiples, of one magnitude, of one statistic Φ; unbalanced if their immediate terms differ by more than a constant factor.",
    status: "definition",
    finding:
      "Its two clauses are no opposites and no property of a gradient: the surrogate has r_S = 0, far below r_D. So each is measured, one decides. Decided is what multiplies the scores: Σ mean |weight| of answers over that of decisions, with two standard errors; balanced within a factor of 2 (figure 1's line), none where all weights are 0, else unbalanced towards the larger. One statistic exists iff all pairs (Q_S, Q_D) lie on one line through 0 that is no axis; by degree it is a cosine (footnote 10).",
    shownBy: testsOf("laws/Attribution", [
      "for every Φ and weights, tables Q_S = w_S·Φ and Q_D = w_D·Φ have one statistic, and it gives the tables back",
      "for every two cycles whose Q pairs are not proportional, it returns a contradiction that holds on the tables",
      "a statistic that one sub-policy never sees is none: Q_S ≠ 0 with Q_D = 0 throughout is a contradiction",
      "for every batch and unit, the verdict depends on the weights alone and not on their unit",
      "for every ratio and lengths, a batch of one ratio is unbalanced iff it is above 2 or below ½, towards the larger, from 10⁻⁶ to 10⁶",
      "for every two batches of one side, the two together have that side: what agrees turns nothing",
      "for every batch, a small change of its weights changes ratio and cosine little: no switch of method",
      "the surrogate reward, its clipped loss at ratio 1 and the NLL of one demonstration have equal gradients, so equal verdicts",
      "for every L, immediate terms do not decide: the surrogate has r_S = 0, and terms 3.7·10⁻⁵·L of an answer leave Q_S at Q_D"
    ]),
    changes: [
      {
        date: "2026-11-26",
        was: "decided by growth of |r_S| where lengths vary and by a ratio above 2 elsewhere",
        why:
          "Two methods made jumps: terms of a million to one at two lengths were balanced, terms of 3.7·10⁻⁵ that grow unbalanced, and an agreeing trajectory turned the verdict. All-zero advantages were balanced, and equal gradients could have different verdicts."
      }
    ]
  },
  {
    id: "C07",
    where: "3.2, remark on perfect attribution",
    statement: "Under balance Φ is the value of the state, and Q = r + γV is Bellman's equation.",
    status: "in expectation",
    assumption:
      "Φ is read as the mean over what follows. A trajectory's own γ^{T−t}·A is one sample of it, and Q_D still depends on the decision taken.",
    finding:
      "Bellman's residuals are 0 for the return and for the KL penalty; without immediate terms an answer's Q_S is the mean of its Q_D over decisions.",
    shownBy: testsOf("laws/Process", [
      "hold with residual 0 for the stationary Q and V of the return and of the KL penalty",
      "the sampling and the decision of one answer share its value when no immediate term parts them (Φ is the state's value)"
    ])
  },
  {
    id: "C08",
    where: "3.2, remark on imperfect attribution",
    statement: "Imperfect attribution arises where the immediate term of an answer depends on its length and that of a decision does not.",
    status: "under assumption",
    assumption: "The terms of an answer's tokens have a common mean other than 0, so that their sum grows with the length.",
    counterexample: {
      given:
        "Answers of 3, 9, 27 and 81 tokens with terms +1, −1, +1, …, decisions with term 1. Every sum is 1: the terms depend on length, their size does not.",
      numbers: { growthExponent: 0, ratioPerAction: 1, weightRatio: 1.562 },
      instead:
        "With a common mean |r_S| grows like L, and from 6·|r_D|/|drift| tokens on a single attempt is unbalanced. Length is not needed either: one token with three times the decision's term is unbalanced too. Nor does it suffice over several attempts (C19)."
    },
    finding: "Confirmed for every drift of a single attempt, with growth exponent 1.",
    shownBy: testsOf("laws/Attribution", [
      "for every size of drift, answers' terms of one mean make |r_S| grow like L, and from 6·|r_D|/|drift| tokens on the scores of π_S weigh more",
      "qualified: without a common mean it need not. Terms +1, −1, +1, … add up to 1 at every odd length: no growth, balanced",
      "qualified: nor is length needed. One token with 3 times the decision's term is unbalanced too, alone and beside one of another length"
    ]),
    changes: [
      {
        date: "2026-11-26",
        was: "with a common mean the verdict is unbalanced",
        why: "The verdict was that of the terms' growth; what multiplies the scores also holds the future, which can outweigh it."
      }
    ]
  }
]
