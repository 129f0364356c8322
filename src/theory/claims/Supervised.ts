/**
 * Claims of sections 5.1, 5.3 and 5.4, footnote 12 and appendix D of this paper, on SFT, DFT and feedback: C27 to C40.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C27 … C40. */
export const SUPERVISED: ReadonlyArray<Claim> = [
  {
    id: "C27",
    where: "5.1",
    statement: "SFT works like a KL divergence to the data's distribution.",
    status: "exact",
    finding: "The SFT loss has the gradient of the forward KL(data‖π), for every distribution and policy.",
    shownBy: testsOf("laws/Sft", ["for every data distribution and policy, the SFT loss's gradient is that of the forward KL(data‖π)"])
  },
  {
    id: "C28",
    where: "5.1",
    statement: "SFT gives no gradient signal for when to correct.",
    status: "under assumption",
    assumption: "The demonstrations show no wrong candidate, or decisions that do not depend on whether the answer is correct.",
    counterexample: {
      given:
        "A policy with p = c = w = ½: the expected SFT gradient on θ_W from data without wrong candidates, and from an expert's decisions on the model's own answers.",
      numbers: { withoutWrongCandidates: 0, expertDecisions: 0.5 },
      instead:
        "SFT pulls each logit to the data's rate, as often as the data shows the choice. Data that shows wrong answers rejected teaches θ_W; echo data pulls c + w to 1, where reflection gains nothing."
    },
    finding: "A statement about the demonstrations, not about the loss.",
    shownBy: testsOf("laws/ThreeLogitFeedback", [
      "confirmed for demonstrations without a wrong answer: the gradient on θ_W is exactly 0 for every policy",
      "confirmed for echo reflection that does not look at the answer: SFT's fixed point has c + w = 1 and accuracy p",
      "qualified: expert decisions on the model's own answers do teach it, for every policy"
    ])
  },
  {
    id: "C29",
    where: "5.1",
    statement: "RL gives RESAMPLE at a wrong answer more reward than STOP.",
    status: "exact",
    finding:
      "For all p, c, w inside (0, 1) its advantage over STOP is acc > 0 at a wrong answer and acc − 1 < 0 at a correct one, and the expected gradient is positive on all three logits. By plain ascent on the logits it vanishes as w → 0, w times the push on θ_S: how far w rises is then settled by the start and by how far sampling moves. The natural gradient's push on θ_W is acc at every w.",
    shownBy: [
      ...testsOf("laws/ThreeLogitFeedback", [
        "exact for all (p, c, w) inside (0, 1): the advantage of RESAMPLE is acc > 0 there and acc − 1 < 0 at a correct answer",
        "equals the success rate of trajectories after (wrong, RESAMPLE), by enumeration",
        "exact: the expected gradient, plain or group-relative, is positive on all three logits for all (p, c, w)",
        "vanishes on θ_W as w → 0: a policy that never rejects cannot be taught to, the push being w times that on θ_S"
      ]),
      ...testsOf("laws/TeachingDynamics", [
        "C29's vanishing push is one of coordinates: as w → 0 the plain push on θ_W goes to 0 with w, the natural one to acc",
        "θ_W − e^−θ_W − θ_S and θ_C + e^θ_C − θ_S stand still under the flow, for every policy and estimator",
        "from w = 10⁻⁴ to ½ at p = 0.5, c = 0.9: 40,139 units of plain ascent, 18.7 of natural; it grows like 1/w₀ and like log 1/w₀"
      ])
    ],
    changes: [{
      date: "2026-11-26",
      was: "a policy that never rejects cannot be taught to",
      why: "That is a statement about plain gradients in the logits, not about the policy: in the Fisher metric the push does not vanish."
    }]
  },
  {
    id: "C30",
    where: "Lemma 3, eq. 17",
    statement: "The SFT gradient is a policy gradient with implicit reward 1/π on the demonstration.",
    status: "exact",
    finding: "By enumeration, for the probability of the whole sequence, and token by token in the demonstration's own states.",
    shownBy: testsOf("laws/Sft", [
      "for every policy and demonstration y*, ∇log π(y*) = E_π[(1[y = y*]/π(y)) ∇log π(y)]",
      "for every policy and demonstration, with its states teacher-forced: Σ_t E_{a~π(·|s_t)}[(1[a = y_t]/π(a|s_t))·∇log π(a|s_t)] is the SFT gradient"
    ]),
    changes: [{
      date: "2026-11-26",
      was: "for the probability of the whole sequence",
      why: "With teacher-forced states it holds token by token too."
    }]
  },
  {
    id: "C31",
    where: "Theorem D.1, eq. 18-24",
    statement: "SFT's implicit Q is the sum of all 1/π to come, so it depends on the policy.",
    status: "in expectation",
    finding:
      "The recursion equals its closed sum and is the exact Q of the implicit reward 1/π held constant; its derivative is −Σ (1/π)·∇log π over the tokens to come, never 0.",
    shownBy: testsOf("laws/Sft", [
      "for every trajectory and γ, the recursion equals the sum of all 1/π to come",
      "for every policy and γ, it is the exact Q of the implicit reward 1/π held constant, at token and at action level",
      "for every policy and trajectory, ∂Q/∂θ = −Σ (γ^{k−t}/π)·∇log π over the tokens to come: autodiff, central differences of Q itself and the formula"
    ])
  },
  {
    id: "C32",
    where: "Theorem D.1, eq. 20",
    statement: "The SFT gradient along a demonstration is the sum of scores weighed by these Q.",
    status: "refuted as stated",
    counterexample: {
      given:
        "One token of probability ½, then STOP of probability ½. Q of the token and of STOP, and the weight that the SFT loss gives each score.",
      numbers: { tokenQ: 4, stopQ: 2, lossWeight: 1, exactTokenQ: 2, exactStopQ: 4 },
      instead:
        "In the SFT loss every score has weight 1. Σ Q·∇log π is the gradient of another objective, the expected sum of 1/π held constant; weighed by π as sampling would, Q agrees with the loss on the last decision alone. The exact Q of C30's reward on the demonstration is 1/π(y_≤t), here 2 and 4: a product over past tokens, not eq. 18's sum over future ones. Times the policy's visits π(y_≤t) it is the loss's weight 1."
    },
    finding:
      "The property runner finds a counterexample at once. Lemma 3 does carry over to tokens (C30), in two ways, and eq. 18 is neither: in teacher-forced states each token's Q is its own 1/π and nothing is to come; on policy Q is 1/π(y_≤t) on the demonstration and 0 off it.",
    shownBy: testsOf("laws/Sft", [
      "the property runner finds a demonstration where Σ Q·∇log π, and Σ π·Q·∇log π, is not the SFT loss's gradient",
      "a counterexample by hand: one token of probability ½, then STOP of probability ½: Q = 4 and 2, the loss's weights 1 and 1",
      "for every trajectory and γ > 0, π·Q is the loss's weight 1 on the last decision and larger than 1 everywhere else",
      "for every policy and demonstration, Q of the reward 1/π(y*) is 1/π(y_≤t) on it: the mean reward of the trajectories that begin like it",
      "for every policy and demonstration, its scores under the policy's own visits are the SFT gradient, at token and at action level",
      "by hand: one token of probability ½, then STOP of probability ½: Q = 2 and 4, where eq. 18 has 4 and 2"
    ]),
    changes: [{
      date: "2026-11-26",
      was: "the lemma concerns the whole sequence's probability and does not carry over to tokens",
      why: "It does, in teacher-forced states; and its reward has an exact Q on the policy's own states, 1/π(y_≤t)."
    }]
  },
  {
    id: "C33",
    where: "Corollary 2, eq. 25-26",
    statement: "No unified statistic exists for SFT.",
    status: "exact",
    finding: "Q_S − Q_D = Σ 1/π ≥ L is never 0, and with free weights two trajectories contradict each other.",
    shownBy: testsOf("laws/Sft", [
      "for every trajectory and γ, Q_S and Q_D contradict each other by r_S = Σ 1/π ≥ L, never 0",
      "even with free weights: two trajectories of different token probabilities have Q pairs on different lines"
    ])
  },
  {
    id: "C34",
    where: "Lemma 4, eq. 27-29",
    statement: "Weighing the loss by sg(π) cancels 1/π: the DFT gradient is −Σ ∇π.",
    status: "exact",
    finding: "Per token, by autodiff with and without the stop-gradient.",
    shownBy: testsOf("laws/Dft", [
      "for every policy and demonstration, autodiff of −Σ sg(π) log π is autodiff of −Σ π, and the loss's weights times the scores",
      "for every trajectory, π times SFT's implicit reward 1/π is DFT's constant reward 1"
    ])
  },
  {
    id: "C35",
    where: "Theorem D.2, eq. 30-35",
    statement: "DFT's implicit Q is policy-free: a constant times the tokens to come.",
    status: "exact",
    finding:
      "The recursion equals the sum over lengths, ∂Q/∂θ = 0, and it is the exact Q of the constant reward. As with SFT (C32) it is not the weight of a score in the loss's gradient, which is π.",
    shownBy: testsOf("laws/Dft", [
      "for every trajectory, c and γ, the recursion equals the sum over lengths",
      "for every policy, trajectory and γ, ∂Q/∂θ = 0 for every token's Q",
      "for every policy and γ, it is the exact Q of the constant reward, at token and at action level"
    ])
  },
  {
    id: "C36",
    where: "D.4, eq. 36-37, footnote 14",
    statement: "A length asymmetry remains in DFT: Q_D is of the order of the lengths to come.",
    status: "exact",
    finding:
      "Q_D(t) = c·(1 + Σ_{k>t} (L_k + 1)) at γ = 1; one token more in answer k raises every earlier Q_D(t) by c·γ^{k−t} and no other.",
    shownBy: testsOf("laws/Dft", [
      "for all lengths at γ = 1, Q_D(t) = c·(1 + Σ_{k>t}(L_k + 1)): c times the tokens from this decision on",
      "for all lengths, one token more in answer k raises every earlier Q_D(t) by c·γ^{k−t} and no other",
      "the first decision's Q grows like L: exponent 1 over lengths, while its own reward is c at any length",
      "for every trajectory, Q_S − Q_D = c·L_t, so no one statistic serves both"
    ])
  },
  {
    id: "C37",
    where: "D.4, table",
    statement:
      "The comparison of SFT, DFT and the surrogate: dependence on the policy and on future lengths, sufficient statistic, attribution.",
    status: "under assumption",
    assumption: "Each objective is paid as rewards-to-go, and trajectories have few attempts.",
    counterexample: {
      given:
        "DFT with c = 1 on answers of 8 tokens: Σ|Q_S|/Σ|Q_D| over 1, 2 and 5 attempts. And the NLL loss itself, whose gradient is the surrogate's of A = 1: the ratio of its score weights.",
      numbers: { dftAtOneAttempt: 9, dftAtTwoAttempts: 2.455, dftAtFiveAttempts: 1.421, nllLoss: 1 },
      instead:
        "Four of the five cells are properties of the estimator at any length. The verdict falls with the attempts: at five DFT is balanced. Token by token, as trainers run it, the NLL weighs every score by 1 and is balanced as the surrogate is."
    },
    finding:
      "Every cell is found by changing the trajectory and looking at Q. On two attempts the verdicts are as the definition would have them; DFT's is unbalanced, which the paper calls improved. The KL penalty's column comes with it.",
    shownBy: [
      ...testsOf("laws/Attribution", [
        "for every γ > 0, advantage and constant, each cell is as the paper prints it, and the KL penalty's column beside it",
        "for every trajectory, the dependence on the policy found by a change of it is that of the derivative ∂Q/∂log π",
        "the surrogate reward, its clipped loss at ratio 1 and the NLL of one demonstration have equal gradients, so equal verdicts"
      ]),
      ...testsOf("laws/Estimator", [
        "over T attempts of long answers of one drift, π_S's scores weigh (T + 1)/(T − 1) times π_D's by action, T/(T − 1) by token: L drops out"
      ])
    ],
    changes: [
      {
        date: "2026-11-26",
        was: "exact",
        why:
          "The column of verdicts is one of the reward-to-go estimator on short trajectories: it changes with the number of attempts and with the level at which scores are weighed."
      }
    ]
  },
  {
    id: "C38",
    where: "5.3",
    statement: "DFT is closer to balanced attribution than SFT, but not fully balanced.",
    status: "in expectation",
    assumption:
      "The mean is over the policy's own trajectories, as in C31, and tokens have V > 2 options. On one demonstration, or over given data, it holds in size iff answer tokens are on average less sure (mean 1/π larger) than decisions.",
    counterexample: {
      given: "One demonstration, four tokens of probability ¾ and a STOP of probability ¼: |r_S|/|r_D| per action of SFT and of DFT.",
      numbers: { sftRatio: 1.333, dftRatio: 4 },
      instead:
        "On any batch DFT's ratio is the mean length L, SFT's that times mean 1/π of answer tokens over mean 1/π of decisions. In expectation under π the mean of 1/π is the number of options, whatever the policy: L against L·V/2."
    },
    finding:
      "\"Not fully\" is exact: both are unbalanced once lengths vary. \"Closer\" is exact in expectation, by a factor V/2 that is no matter of the policy: 16,000 for a vocabulary of 32,000. It depends on the policy demonstration by demonstration only.",
    shownBy: [
      ...testsOf("laws/Dft", [
        "in expectation exact: E_π[1/π] is the number of options for every policy, so SFT's ratio over DFT's is V/2 with V options a token"
      ]),
      ...testsOf("laws/Attribution", [
        "for every batch, DFT's ratio |r_S|/|r_D| is the mean length, and SFT's is that times mean 1/π of answer tokens over mean 1/π of decisions",
        "refuted as stated in size: SFT's ratio is the smaller one when decisions are less sure than tokens. ¾ four times and ¼: 4/3 against 4",
        "what holds: DFT's ratio depends on lengths alone, SFT's on the policy too; neither is balanced once lengths vary"
      ])
    ],
    changes: [{
      date: "2026-11-26",
      was: "under assumption: closer means free of the policy; 'closer' depends on the policy",
      why: "E_π[1/π] is the number of options exactly, so in expectation SFT's ratio is V/2 times DFT's under every policy."
    }]
  },
  {
    id: "C39",
    where: "5.4",
    statement: "Negative samples alone teach RESAMPLE.",
    status: "in expectation",
    finding:
      "Their expected gradient is ∇acc, positive on all three logits for all p, c, w, and under every cap from 2. It is also that of positive samples alone, so in expectation neither adds a direction; sample by sample they differ, and a negative sample may push θ_W down.",
    shownBy: testsOf("laws/ThreeLogitFeedback", [
      "exact for all (p, c, w): the negative samples' expected gradient is ∇acc, positive on all three logits",
      "stays positive on θ_W under every cap from 2, whether a truncation is punished or not",
      "adds no direction: negative and positive samples alone have one and the same expected gradient, with any cap",
      "differs sample by sample: every positive sample with a rejection pushes θ_W up, a negative one may push it down"
    ])
  },
  {
    id: "C40",
    where: "Footnote 12",
    statement: "Negative rewards tend to develop p_D|W.",
    status: "under assumption",
    assumption: "The learning rate is the same, so that rewards ±1 make steps twice those of rewards 0/1.",
    counterexample: {
      given: "(p, c, w) = (0.2, 0.9, 0.2): the expected gradient on θ_W for rewards 0/1, −1/0 and ±1.",
      numbers: { zeroOne: 0.03427, minusOneZero: 0.03427, plusMinusOne: 0.06853 },
      instead:
        "In expectation a reward's sign only scales the step; at equal step size trained policies end in the same place. Group-relative advantages do not see the difference at all (C11)."
    },
    finding: "Confirmed at one learning rate in eight seeded runs, not at equal gradient size.",
    shownBy: testsOf("laws/ThreeLogitFeedback", [
      "in expectation only by scale: ±1 gives exactly twice the gradient of 0/1, on every logit and for every policy",
      "confirmed at one learning rate: w gets closer to 1 with ±1 than with 0/1 (mean of eight seeded runs)",
      "not confirmed at equal gradient size: 0/1 at twice the rate, and −1/0 alone, end where ±1 does"
    ])
  }
]
