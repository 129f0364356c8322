/**
 * Claims of section 4 and appendix E of this paper, on calibration and experiments: C41 to C46.
 *
 * @module
 */
import { type Claim, testsOf } from "./Claim.ts"

/** C41 … C46. */
export const MEASUREMENT: ReadonlyArray<Claim> = [
  {
    id: "C41",
    where: "4.2",
    statement: "The two-stage model's accuracy is p·c/(p·c + (1 − p)·(1 − w)).",
    status: "exact",
    finding:
      "It is the limit of the capped sum over trajectories and agrees with enumeration and simulation. Reflection helps, acc ≥ p, iff c + w ≥ 1; with a cap that is no longer enough.",
    shownBy: testsOf("laws/Accuracy", [
      "equals, for all rates and caps, the summed probability of the trajectories that stop on a correct answer",
      "is the limit of the capped accuracy, the gap being (1 − S)^m of it",
      "is met by simulation within six standard errors",
      "holds on the whole grid without a cap, and the gain is acc − p",
      "refuted with a cap: c = 0.6, w = 0.6 helps without one and loses within a single cycle"
    ])
  },
  {
    id: "C42",
    where: "4.2, figure 2",
    statement: "The accuracy predicted from calibrated rates matches the observed accuracy.",
    status: "under assumption",
    assumption: "Attempts are independent with one p for all queries and attempts, and no cap is in reach.",
    counterexample: {
      given:
        "c = 0.95, w = 0.7. Half of the queries with p = 0.9, half with p = 0.02; and a model whose first attempt has p = 0.3, every later one 0.05. Predicted from the first attempts' rate, and true.",
      numbers: { predictedForMixture: 0.7295, trueForMixture: 0.5134, predictedForRepeats: 0.5758, trueForRepeats: 0.3571 },
      instead:
        "Predict by attempt number where later attempts differ, with the cap where it binds, and query by query where difficulty varies."
    },
    finding: "Simulated policies inside the assumptions are predicted to sampling error; each assumption has a policy that breaks it.",
    shownBy: [
      ...testsOf("laws/Accuracy", [
        "matches the observed accuracy when attempts are independent",
        "fails when a model repeats its wrong answer, and the prediction by attempt number repairs it",
        "fails when queries differ in difficulty, although every query alone fits the model"
      ]),
      ...testsOf("eval/calibration/Calibrate", [
        "predicts what it observes when the assumptions hold: the capped gap's interval contains 0 at about the nominal rate",
        "by attempt it is right again when only p_S changes with the attempt",
        "over-predicts without a cap where the cap binds, and the capped form does not: p_D|C = 0.4"
      ])
    ]
  },
  {
    id: "C43",
    where: "Table 1, E.4",
    statement: "Table 1's 95 % intervals are the normal approximation to the binomial.",
    status: "exact",
    finding: "28 of 28 printed intervals to 0.06 points, not cut at 0 and 100.",
    shownBy: testsOf("eval/statistics/Interval", [
      "Table 1: the printed interval of $cell is the normal one, to 0.06 points",
      "is not cut at 0 and 1: 98 of 100 reaches 100.7 %, and 0 of 100 has no width"
    ])
  },
  {
    id: "C44",
    where: "E.4",
    statement: "Predicted accuracy gets a percentile bootstrap interval from 100 resamples of the test set.",
    status: "empirical",
    finding:
      "Its coverage is about the nominal 95 % over 400 samples of independent rollouts. Queries, not rollouts, have to be resampled where rollouts of a query agree.",
    shownBy: testsOf("eval/statistics/Bootstrap", [
      "E.4: covers the truth at about 95 % over 400 samples of independent rollouts (100 rounds and 1000 rounds)",
      "covers at about 95 % when rollouts of a query agree with each other, where the interval for independent rollouts covers half"
    ])
  },
  {
    id: "C45",
    where: "4.1, 4.2, figures 2 and 3, table 1",
    statement: "Out of distribution RL keeps p_D|W and SFT loses it, and RL's gain is one of the decision policy.",
    status: "empirical",
    finding:
      "The printed intervals separate RL from SFT (reflection) exactly on levels 4 to 7. For own runs the report says agrees, disagrees or undecided, by rules that are tested on policies of known rates; the split of a gain between π_S and π_D is a Shapley value. Three seeds of the experiment (docs/results): RL raises p_D|W from a blind start in every seed and keeps it out of distribution better than SFT, but there the gain is one of sampling, and what fails is p_D|C. Eight seeds with predictions beforehand (docs/results/deciding): from an echo start RL raises p_D|W in all eight, by 6 to 34 points, where the base's verdicts are right in more than 90 %, and in none beyond noise (−8 to +5) where they are right in 56 to 75 %; the difference goes with the interference of the pushes on STOP and RESAMPLE at the start (Spearman 0.76 over both, 0.79 among the strong verifiers), of which a verifier's accuracy tells only that a weak one has too much of it.",
    shownBy: [
      ...testsOf("eval/results/PaperNumbers", [
        "Table 1: RL's advantage over SFT (reflection) is beyond their intervals exactly on levels 4 to 7"
      ]),
      ...testsOf("eval/results/Summary", [
        "agrees that RL raises p_D|W when it did, disagrees when it fell, and is undecided when nothing changed",
        "figures 2 and 3: p_D|W that falls to 0 beyond training is lost, p_D|W that holds is kept",
        "credits decision or sampling according to which of them changed"
      ]),
      ...testsOf("laws/Shapley", ["the parts sum to the difference, for all pairs of models and caps, degenerate rates included"])
    ],
    changes: [{
      date: "2026-11-26",
      why:
        "Eight seeds of a preset of their own, predicted from their starts, with strong and weak verifiers, say what decides by how much p_D|W rises."
    }]
  },
  {
    id: "C46",
    where: "Appendix E.3, footnote 9",
    statement: "The analysis of the KL penalty (k1 in the reward) describes the runs, which put k3 in the loss (low_var_kl).",
    status: "refuted as stated",
    counterexample: {
      given:
        "Appendix C's policy and reference, token sums: the expected gradient's ratio sampling : decision for k1 in the reward and for k3 in the loss, at 8 and at 512 tokens.",
      numbers: { rewardAt8Tokens: 11.08, lossAt8Tokens: 10.88, rewardAt512Tokens: 137.7, lossAt512Tokens: 696 },
      instead:
        "At the reference the two gradients agree. Away from it k3 in the loss descends the forward KL, has no reward-to-go, and its ratio is L times that at one token without limit; k1 in the reward descends the reverse KL, and its ratio has a limit. The asymmetry of order L is that of the runs."
    },
    finding:
      "Every estimator and placement descends a distance with a name; k1 in the loss descends nothing, but under sequence-mean-token-mean pushes towards longer trajectories. The aggregation does not change the ratio sampling : decision of one trajectory, only its absolute size, and shares between trajectories.",
    shownBy: [
      ...testsOf("laws/Kl", [
        "k1 in the loss: zero",
        "k3 in the loss: the forward KL's gradient, weight 1 − π_ref/π a token",
        "k1 in the reward: the reverse KL's gradient"
      ]),
      ...testsOf("laws/KlTable", [
        "which distance it is: k1 none in the loss, k2 and corrected k1, k3 reverse KL, k3 in the loss forward KL; the others by name",
        "for all policies, combinations, aggregations, lengths and caps it is the enumeration token by token",
        "in the loss, for all policies: the ratio sampling : decision is L times its value at L = 1, whatever the estimator",
        "in the reward, for all policies: a decision's part grows with L as well, so the ratio has a limit",
        "C46 at the reference the two agree: their gradients differ by less than 1 % of themselves at a distance of 1e-5, for all directions",
        "qualified: under sequence-mean-token-mean it is the gradient of E[1/tokens], a push towards longer trajectories, whatever the reference"
      ]),
      ...testsOf("laws/NamedParts", [
        "qualified: the mode changes the decision tokens' share only where trajectories differ; of 4 and 100 tokens it is 2/106 or (1/5 + 1/101)/2"
      ])
    ]
  }
]
