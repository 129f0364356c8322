/**
 * Where each part of this paper went: its sections, numbered statements, tables, figures, and footnotes that claim something.
 *
 * @module
 */

/** A part of the paper: the claims that carry it, the files that implement or reproduce it, and a note where neither says enough. */
export interface PaperSection {
  readonly place: string
  readonly content: string
  readonly claims: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
  readonly note?: string
}

/** Lists the paper's parts in reading order. */
export const PAPER_SECTIONS: ReadonlyArray<PaperSection> = [
  {
    place: "1",
    content: "Introduction: three contributions",
    claims: ["C06", "C09", "C19", "C42", "C45"],
    files: [],
    note: "announces what later sections claim"
  },
  { place: "Footnotes 1, 2, 7", content: "two abilities; echoing; other domains", claims: ["C28"], files: [] },
  { place: "2", content: "Related work", claims: [], files: ["docs/papers.md"], note: "no claim of its own" },
  { place: "Footnotes 3-5", content: "convergence left out; TRPO; PPO", claims: ["C13"], files: ["src/theory/ClippedRatio.ts"] },
  { place: "Footnote 6", content: "no clipping or trust region", claims: ["C13"], files: ["src/theory/ClippedRatio.ts"] },
  {
    place: "3, introduction",
    content: "unified training equals training sub-policies",
    claims: ["C47"],
    files: [],
    note: "a law on shared parameters"
  },
  {
    place: "3.1",
    content: "States, policies, trajectories, reward, return",
    claims: ["C01", "C04"],
    files: ["src/theory/ScoredTrajectory.ts", "src/theory/process/Process.ts", "docs/theory/3.1-setting.md"]
  },
  { place: "Lemma 1", content: "trajectory factorization", claims: ["C01"], files: ["src/theory/Factorization.ts"] },
  { place: "Corollary 1", content: "gradient decomposition", claims: ["C02"], files: ["src/theory/Factorization.ts"] },
  { place: "Lemma 2", content: "policy gradient in Q form", claims: ["C04"], files: ["src/theory/process/ProcessGradient.ts"] },
  { place: "Footnote 8", content: "simple instead of clipped surrogate", claims: ["C13"], files: ["src/theory/ClippedRatio.ts"] },
  {
    place: "Definition 3.1",
    content: "balanced and unbalanced attribution",
    claims: ["C06"],
    files: ["src/theory/Attribution.ts", "src/theory/estimator/EstimatorMoments.ts", "docs/theory/3.2-attribution.md"]
  },
  {
    place: "3.2, interpretation",
    content: "mismeshing of sub-policies' gradients",
    claims: ["C48"],
    files: ["docs/theory/3.2-attribution.md"]
  },
  {
    place: "3.2, remark on perfect attribution",
    content: "Φ is the state value",
    claims: ["C07"],
    files: ["src/theory/process/ProcessBellman.ts"]
  },
  {
    place: "3.2, remark on imperfect attribution",
    content: "length-dependent immediate terms",
    claims: ["C08"],
    files: ["src/theory/Attribution.ts"]
  },
  {
    place: "3.2, remark on operational identification",
    content: "decisions found by lexical markers",
    claims: [],
    files: ["src/domain/Transcript.ts"],
    note: "a method, not a claim; own runs have decision tokens"
  },
  {
    place: "3.3.1, Theorem 3.1",
    content: "the surrogate is balanced",
    claims: ["C09", "C10"],
    files: ["src/theory/Surrogate.ts", "docs/theory/3.3-surrogate.md"]
  },
  {
    place: "3.3.2, eq. 11",
    content: "token-level KL penalty",
    claims: ["C14"],
    files: ["src/theory/KlPenalty.ts", "docs/theory/3.3-kl.md"]
  },
  {
    place: "Theorem 3.2",
    content: "the KL penalty is unbalanced",
    claims: ["C15", "C16", "C17", "C18", "C19"],
    files: ["src/theory/KlPenalty.ts", "src/theory/OnPolicyDrift.ts", "src/theory/estimator/EstimatorMoments.ts"]
  },
  { place: "Footnote 9", content: "the penalty is in the reward", claims: ["C46"], files: ["src/theory/Kl.ts", "src/theory/KlTable.ts"] },
  {
    place: "3.3.2, interpretation",
    content: "net effect on π_S and π_D",
    claims: ["C20"],
    files: ["src/theory/illustration/ThreeLogitGradient.ts"]
  },
  { place: "Footnote 10", content: "a value function exists; a matter of degree", claims: ["C19"], files: ["src/theory/Attribution.ts"] },
  {
    place: "3.3.2, remark on the contrast",
    content: "surrogate against KL penalty",
    claims: ["C09", "C19"],
    files: ["src/theory/PropertyTable.ts"]
  },
  {
    place: "Figure 1",
    content: "training dynamics on three logits",
    claims: ["C21", "C22"],
    files: ["src/theory/illustration/Dynamics.ts"]
  },
  {
    place: "Footnote 11",
    content: "cycles from refreshing the reference",
    claims: ["C22"],
    files: ["src/theory/illustration/Dynamics.ts"]
  },
  {
    place: "3.3, remark on generality",
    content: "K sub-policies",
    claims: ["C23"],
    files: ["src/theory/NamedParts.ts", "src/theory/WorkedPartitions.ts"]
  },
  {
    place: "4.1, table 1",
    content: "accuracy of four models on seven levels",
    claims: ["C43", "C45"],
    files: ["src/eval/results/PaperNumbers.ts"]
  },
  {
    place: "4.2",
    content: "calibration formula",
    claims: ["C41", "C42"],
    files: ["src/theory/Accuracy.ts", "docs/theory/4.2-calibration.md"]
  },
  {
    place: "Footnote 12",
    content: "negative rewards and p_D|W",
    claims: ["C40"],
    files: ["src/theory/illustration/ThreeLogitFeedback.ts"]
  },
  {
    place: "Figures 2 and 3",
    content: "rates by level, RL and SFT",
    claims: ["C42", "C45"],
    files: ["src/eval/calibration/Calibrate.ts", "src/eval/results/Summary.ts"]
  },
  {
    place: "5.1",
    content: "SFT's echo chamber",
    claims: ["C27", "C28", "C29"],
    files: ["src/theory/illustration/ThreeLogitFeedback.ts", "docs/theory/5.1-sft.md"]
  },
  {
    place: "5.1, table",
    content: "p(F→T) by share of corrective data (Kang et al.)",
    claims: ["C28"],
    files: ["src/eval/results/PaperNumbers.ts", "src/theory/Accuracy.ts"],
    note: "another paper's measurement, kept as numbers to compare with"
  },
  {
    place: "5.2",
    content: "memorisation against generalisation (Chu et al.)",
    claims: ["C45"],
    files: ["src/eval/calibration/Compare.ts"],
    note: "another paper's measurement"
  },
  {
    place: "5.3, footnotes 13 and 14",
    content: "why DFT works better",
    claims: ["C31", "C35", "C36", "C38", "C49"],
    files: ["src/theory/Dft.ts", "docs/theory/5.3-dft.md"]
  },
  {
    place: "5.4",
    content: "negative feedback",
    claims: ["C39"],
    files: ["src/theory/NegativeReinforcement.ts", "docs/theory/5.4-negative-feedback.md"]
  },
  { place: "6", content: "Conclusion and limitations", claims: ["C13", "C42", "C45"], files: [], note: "repeats earlier claims" },
  { place: "A.1", content: "proof of Lemma 1", claims: ["C01"], files: ["src/theory/Factorization.ts"] },
  { place: "A.2", content: "proof of Corollary 1; the first decision", claims: ["C02", "C03"], files: ["src/theory/Factorization.ts"] },
  { place: "A.3, A.3.1", content: "proof of Lemma 2; visitation", claims: ["C04", "C05"], files: ["src/theory/process/ProcessSolve.ts"] },
  {
    place: "A.4",
    content: "proof of Theorem 3.1; group-relative advantage",
    claims: ["C09", "C11", "C12"],
    files: ["src/theory/Surrogate.ts", "src/theory/Advantage.ts"]
  },
  {
    place: "A.5",
    content: "proof of Theorem 3.2; magnitudes; no statistic",
    claims: ["C14", "C15", "C16", "C17", "C18", "C19"],
    files: ["src/theory/KlPenalty.ts", "src/theory/OnPolicyDrift.ts"]
  },
  { place: "B, eq. 1-5", content: "alternative proof: factorization, policy gradient", claims: ["C01", "C02", "C04"], files: [] },
  { place: "B.2, eq. 6-10", content: "alternative proof: surrogate", claims: ["C09", "C10", "C11", "C12"], files: [] },
  { place: "B.3, eq. 11-16", content: "alternative proof: KL penalty", claims: ["C14", "C15", "C16", "C19"], files: [] },
  {
    place: "C.1 and its table",
    content: "numerical illustration: push and drag",
    claims: ["C24", "C25", "C26"],
    files: ["src/theory/illustration/AppendixC.ts", "docs/theory/C-illustration.md"]
  },
  { place: "Footnote 15", content: "clipping simplified away", claims: ["C13"], files: ["src/theory/ClippedRatio.ts"] },
  { place: "C.2 and its table", content: "net update", claims: ["C20", "C24", "C25"], files: ["src/theory/illustration/AppendixC.ts"] },
  {
    place: "D.1, Lemma 3",
    content: "SFT as policy gradient",
    claims: ["C30"],
    files: ["src/theory/Sft.ts", "docs/theory/D-sft-and-dft.md"]
  },
  { place: "D.2, Theorem D.1", content: "SFT's Q and its entanglement", claims: ["C31", "C32"], files: ["src/theory/Sft.ts"] },
  { place: "Corollary 2", content: "no statistic for SFT", claims: ["C33"], files: ["src/theory/Attribution.ts"] },
  { place: "D.3, Lemma 4", content: "DFT cancels 1/π", claims: ["C34"], files: ["src/theory/Dft.ts"] },
  { place: "D.3, Theorem D.2", content: "DFT's Q", claims: ["C35"], files: ["src/theory/Dft.ts"] },
  {
    place: "D.4 and its table",
    content: "remaining length asymmetry; comparison",
    claims: ["C36", "C37", "C50"],
    files: ["src/theory/PropertyTable.ts"]
  },
  {
    place: "E.1, E.2",
    content: "task and data",
    claims: [],
    files: ["src/tasks/Multiplication.ts", "src/training/Demonstrations.ts"],
    note: "settings"
  },
  {
    place: "E.2, exclusion",
    content: "calibration without samples beyond the token limit",
    claims: ["C51"],
    files: ["src/theory/CensoredRates.ts", "docs/decisions/0013-truncated-rollouts-count.md"]
  },
  {
    place: "E.3 and its tables",
    content: "models and hyperparameters",
    claims: ["C46"],
    files: ["src/training/GroupRelativeTrainer.ts", "src/training/SupervisedTrainer.ts"]
  },
  {
    place: "E.4",
    content: "evaluation protocol and intervals",
    claims: ["C43", "C44"],
    files: ["src/eval/statistics/Interval.ts", "src/eval/statistics/Bootstrap.ts"]
  },
  { place: "E.5", content: "compute", claims: [], files: [], note: "no claim" }
]
