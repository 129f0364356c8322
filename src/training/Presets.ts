/**
 * Trainer presets: the field's methods as settings of the same parts, each with the defaults of the work or the library
 * that it names. None of them is a trainer of its own; every value can be replaced by spreading over it.
 *
 * What a preset says is the loss and how rollouts are drawn; queries a step, schedule and optimizer are the run's.
 *
 * | preset       | advantage                   | surrogate                   | KL                     | aggregation       |
 * |--------------|-----------------------------|-----------------------------|------------------------|-------------------|
 * | `grpoTrl`    | (r − mean) / (std + 1e-4)   | token ratio, clip 0.2       | none (TRL's β = 0)     | token-mean        |
 * | `grpoVerl`   | (r − mean) / (std + 1e-6)   | … and dual clip 3           | none (use_kl_loss off) | token-mean        |
 * | `paper`      | as `grpoVerl`               | as `grpoVerl`               | k3 in the loss, 0.001  | token-mean        |
 * | `drGrpo`     | r − mean                    | token ratio, clip 0.2       | none                   | sum / (B · T)     |
 * | `dapo`       | (r − mean) / (std + 1e-4)   | clip 0.2 below, 0.28 above  | none                   | token-mean        |
 * | `rloo`       | r − mean of the others      | log π                       | k1 in the reward, 0.05 | sum a sequence    |
 * | `gspo`       | (r − mean) / (std + 1e-4)   | sequence ratio, 3e-4, 4e-4  | none                   | mean a sequence   |
 * | `reinforce`  | r                           | log π                       | none                   | sum a sequence    |
 * | `psr`, `nsr` | r, r − 1; other class left out | as `grpoVerl`            | none                   | token-mean        |
 * | `wReinforce` | 0.1 if right, −1 if wrong   | as `grpoVerl`               | none                   | token-mean        |
 * | `cispo`      | (r − mean) / (std + 1e-4)   | −sg(min(r, 5)) A log π      | none                   | token-mean        |
 * | `sapo`       | (r − mean) / (std + 1e-4)   | soft gate, τ = 1, 1.05      | none                   | mean a sequence   |
 * | `gmpo`       | (r − mean) / (std + 1e-4)   | geometric mean, e^±0.4      | none                   | mean a sequence   |
 * | `luspo`      | (r − mean) / (std + 1e-4)   | sequence ratio, 2e-3, 2.5e-3 | none                  | sum a sequence    |
 * | `vespo`      | (r − mean) / (std + 1e-4)   | −sg(φ(W)) A log π           | none                   | token-mean        |
 * | `dppo`, `dppoKl` | r − mean                | probability moved by 0.15, KL 0.05 | none            | sum / (B · T)     |
 * | `clipCov`    | (r − mean) / (std + 1e-6)   | clip 1, a band of Cov left out | none                | token-mean        |
 * | `klCov`      | (r − mean) / (std + 1e-6)   | no clip, \|log r\| on high Cov | none                | token-mean        |
 * | `dapoVerl`   | as `grpoVerl`               | clip 0.2, 0.28, dual clip 10 | none                  | token-mean        |
 * | `rlooTrl`    | r − mean of the others      | log π                       | k1 before it, 0.05     | sum a sequence    |
 * | `rlooVerl`, `grpoPassK`, `opo`, `reMax`, `gpg`, `maxRl`, `reinforcePlusPlus`, `reinforcePlusPlusBaseline` | by name | as `grpoVerl` | none | token-mean |
 *
 * No preset has an entropy bonus (verl's entropy_coeff and TRL's entropy_coef are 0). A group of one rollout: TRL and most estimators refuse it; verl's
 * grpo, rloo, opo and gpg give the rollout its reward, and so do the presets named after them (`paper`, `psr` and `nsr` among them, which are verl's).
 *
 * @module
 */
import * as Advantage from "../theory/Advantage.ts"
import * as Aggregate from "../theory/Aggregate.ts"
import * as Kl from "../theory/Kl.ts"
import * as Objective from "../theory/Objective.ts"
import { overlong } from "../theory/Overlong.ts"
import { negativeReinforcement, reinforcePlusPlus as reinforcePlusPlusRule } from "./AdvantageRule.ts"
import type { GroupRelativeConfig } from "./GroupRelativeTrainer.ts"
import * as SupervisedTrainer from "./SupervisedTrainer.ts"

/** What a preset settles of a trainer on groups. */
export type GroupRelativePreset = Pick<
  GroupRelativeConfig,
  | "groupSize"
  | "sampling"
  | "advantage"
  | "objective"
  | "kl"
  | "entropyCoefficient"
  | "aggregation"
  | "epochs"
  | "maskTruncated"
  | "maskZeroVariance"
  | "overlong"
  | "dynamicSampling"
>

const sampled = (maxTokens: number) => ({ temperature: 1, topK: 0, topP: 1, maxTokens })

/**
 * GRPO with the defaults of TRL's GRPOTrainer (docs of 2025): num_generations 8, β 0, ε 0.2, one iteration, scale_rewards
 * "group", loss_type "dapo" (the mean over the batch's tokens), completions of at most 512 tokens, no two-sided clip (`delta` null;
 * a delta of δ is `dualClip: δ`). With β > 0 TRL 1.16.0 multiplies its KL penalty by the ratio by default (`use_bias_correction_kl`): `corrected: true` of
 * `Kl.inLoss`. Shao et al., 2024.
 */
export const grpoTrl: GroupRelativePreset = {
  groupSize: 8,
  sampling: sampled(512),
  advantage: Advantage.GRPO_TRL.estimator,
  objective: Objective.surrogate(),
  kl: Kl.none,
  entropyCoefficient: 0,
  aggregation: Aggregate.tokenMean,
  epochs: 1,
  maskTruncated: false,
  maskZeroVariance: false
}

/**
 * GRPO with the defaults of verl: clip_ratio 0.2 on both sides, dual clip clip_ratio_c 3, log-ratio within ±20,
 * loss_agg_mode token-mean, norm_adv_by_std_in_grpo, no KL (use_kl_loss and use_kl_in_reward are off), responses of at most
 * 512 tokens. verl's own rollout.n is 1, which makes no group: 8 as in `grpoTrl`. Shao et al., 2024.
 */
export const grpoVerl: GroupRelativePreset = {
  ...grpoTrl,
  sampling: sampled(512),
  advantage: Advantage.GRPO_VERL.estimator,
  objective: Objective.surrogate({ dualClip: 3, logRatioClamp: 20 })
}

/**
 * The paper's reinforcement learning (appendix E.3): "VeRL … with Group Relative Policy Optimization", "Rollouts per query 8",
 * "KL loss coefficient 0.001", "KL loss type low_var_kl", "Max response length 8,192 tokens", sampling temperature 1.0 (E.4).
 * Everything that the appendix does not name is verl's default; "Train batch size 512" and "PPO mini-batch size 128" are
 * `queries` and `miniBatchQueries`. The learning rate is missing from the appendix's table.
 */
export const paper: GroupRelativePreset = {
  ...grpoVerl,
  sampling: sampled(8192),
  kl: Kl.inLoss({ beta: 0.001, estimator: "k3", logRatioClamp: 20, clamp: 10 })
}

/**
 * Dr. GRPO: no division by the group's standard deviation, and sums of tokens over a constant, so that neither easy
 * questions nor short answers weigh more. T is the longest completion that sampling allows. Liu et al., 2025; TRL dr_grpo.
 */
export const drGrpo = (maxTokens: number): GroupRelativePreset => ({
  ...grpoTrl,
  sampling: sampled(maxTokens),
  advantage: Advantage.DR_GRPO.estimator,
  aggregation: Aggregate.seqMeanTokenSumNorm(maxTokens)
})

/**
 * DAPO's loss: a higher clip above (0.28), token mean, no KL, truncated answers and groups of equal rewards left out, 16
 * rollouts a query. DAPO draws new queries in place of such groups and softens the reward of long answers; here they are
 * only left out, hence "style"; whole it is `dapoVerl`. The standard deviation has TRL's ε of 1e-4, not verl's. Yu et al., 2025, arXiv:2503.14476.
 */
export const dapo: GroupRelativePreset = {
  ...grpoTrl,
  groupSize: 16,
  sampling: sampled(20_480),
  objective: Objective.surrogate({ clipLow: 0.2, clipHigh: 0.28 }),
  maskTruncated: true,
  maskZeroVariance: true
}

/**
 * RLOO: REINFORCE on whole trajectories with a leave-one-out baseline; defaults of TRL's RLOOTrainer: two rollouts, β 0.05,
 * k1 in the reward, no scaling. TRL subtracts the whole trajectory's KL before the baseline, this library each token's KL
 * to come: the same gradient in expectation, with another variance; TRL's way is `rlooTrl`. TRL's loss has the product ratio of whole sequences, clipped at 0.2
 * (`surrogate({ ratio: "product" })`); with one iteration it is 1 and its gradient that of log π here. Ahmadian et al., 2024, arXiv:2402.14740.
 */
export const rloo: GroupRelativePreset = {
  ...grpoTrl,
  groupSize: 2,
  advantage: Advantage.RLOO.estimator,
  objective: Objective.surrogate({ ratio: "none" }),
  kl: Kl.inReward({ beta: 0.05 }),
  aggregation: Aggregate.withVariant(Aggregate.seqMeanTokenSum, "trl")
}

/**
 * GSPO: one importance ratio a sequence, the geometric mean of its tokens', clipped at 3e-4 and 4e-4. Zheng et al., 2025,
 * arXiv:2507.18071.
 */
export const gspo: GroupRelativePreset = {
  ...grpoTrl,
  objective: Objective.surrogate({ ratio: "sequence", clipLow: 3e-4, clipHigh: 4e-4 }),
  aggregation: Aggregate.withVariant(Aggregate.seqMeanTokenMean, "trl")
}

/**
 * CISPO with the bound of ScaleRL: TRL 1.16.0's loss_type "cispo" with epsilon_high 5 (left out, TRL takes 0.2 and bounds every weight by that). Chen et al.,
 * 2025, arXiv:2506.13585; Khatri et al., 2025, arXiv:2510.13786, whose rewards are scaled by the batch's deviation, 16 a query.
 */
export const cispo: GroupRelativePreset = { ...grpoTrl, objective: Objective.cispo() }

/** SAPO: TRL 1.16.0's loss_type "sapo", temperatures 1 and 1.05. Gao et al., 2025, arXiv:2511.20347. */
export const sapo: GroupRelativePreset = {
  ...grpoTrl,
  objective: Objective.sapo(),
  aggregation: Aggregate.withVariant(Aggregate.seqMeanTokenMean, "trl")
}

/** GMPO: log-ratios within ±0.4 (epsilon 0.4 of TRL 1.16.0's GMPOTrainer). Zhao et al., 2025, arXiv:2507.20673, section 4. */
export const gmpo: GroupRelativePreset = {
  ...grpoTrl,
  objective: Objective.geometricMean(),
  aggregation: Aggregate.withVariant(Aggregate.seqMeanTokenMean, "trl")
}

/**
 * LUSPO: GSPO's loss of a sequence times its length, so that long answers are not held back. TRL 1.16.0's loss_type "luspo" with
 * importance_sampling_level "sequence". arXiv:2602.05261 (2026), section 5.1.
 */
export const luspo: GroupRelativePreset = {
  ...grpoTrl,
  objective: Objective.surrogate({ ratio: "sequence", clipLow: 2e-3, clipHigh: 2.5e-3 }),
  aggregation: Aggregate.withVariant(Aggregate.seqMeanTokenSum, "trl")
}

/** VESPO: TRL 1.16.0's loss_type "vespo", k = 2, λ = 3 for gains and k = 3, λ = 2 for costs. arXiv:2602.10693 (2026). */
export const vespo: GroupRelativePreset = { ...grpoTrl, objective: Objective.vespo() }

/**
 * DPPO by total variation, as verl's example of it: advantages and aggregation of Dr. GRPO, 16 rollouts a query, bounds of 0.15, no truncation. Qi et al.,
 * 2026, arXiv:2602.04879.
 */
export const dppo = (maxTokens: number): GroupRelativePreset => ({
  ...drGrpo(maxTokens),
  groupSize: 16,
  objective: Objective.dppo({ truncation: null })
})

/** DPPO by KL, bounds of 0.05; the rest as `dppo`. */
export const dppoKl = (maxTokens: number): GroupRelativePreset => ({
  ...dppo(maxTokens),
  objective: Objective.dppo({ divergence: "kl", truncation: null })
})

/**
 * Clip-Cov as its authors ran it in verl (recipe/entropy): 2e-4 of the tokens with covariances between 1 and 5 left out, ratios within [0, 2], 8
 * rollouts of at most 8,192 tokens. They leave groups of equal rewards out by drawing others; here they are only left out. Cui et al., 2025,
 * arXiv:2505.22617.
 */
export const clipCov: GroupRelativePreset = {
  ...grpoVerl,
  sampling: sampled(8192),
  objective: Objective.clipCov({ clipLow: 1, clipHigh: 1 }),
  maskZeroVariance: true
}

/** KL-Cov as its authors ran it for 7B: the penalty, coefficient 1, on the 2e-3 of the tokens of largest covariance; the rest as `clipCov`. */
export const klCov: GroupRelativePreset = { ...clipCov, objective: Objective.klCov({ fraction: 2e-3 }) }

/** REINFORCE without a baseline, one rollout a query: ∇ = mean of R ∇log π(τ). Williams, 1992. */
export const reinforce: GroupRelativePreset = {
  ...grpoTrl,
  groupSize: 1,
  advantage: Advantage.reinforce(),
  objective: Objective.surrogate({ ratio: "none" }),
  aggregation: Aggregate.seqMeanTokenSum
}

/** Learning from right answers only; wrong ones leave the denominators too. Zhu et al., 2025, arXiv:2506.01347, and its code. */
export const psr: GroupRelativePreset = {
  ...grpoVerl,
  sampling: sampled(3072),
  advantage: negativeReinforcement("psr", { dropOtherClass: true })
}

/** Learning from wrong answers only. Zhu et al., 2025, arXiv:2506.01347, and its code. */
export const nsr: GroupRelativePreset = { ...psr, advantage: negativeReinforcement("nsr", { dropOtherClass: true }) }

/** W-REINFORCE: 0.1 · PSR + NSR. Zhu et al., 2025, arXiv:2506.01347. */
export const wReinforce: GroupRelativePreset = { ...psr, advantage: negativeReinforcement("weighted", { lambda: 0.1 }) }

/**
 * DAPO whole, by verl's recipe: ε 1e-6, clip 0.2 below and 0.28 above, dual clip 10, token mean, no KL, 16 rollouts a query, queries of equal rewards
 * replaced (at most 10 batches), and the length punished softly over the last fifth of `maxTokens` (4,096 of 20,480), truncated answers trained on. Yu et
 * al., 2025, arXiv:2503.14476.
 */
export const dapoVerl = (maxTokens: number): GroupRelativePreset => ({
  ...grpoVerl,
  groupSize: 16,
  sampling: sampled(maxTokens),
  objective: Objective.surrogate({ clipLow: 0.2, clipHigh: 0.28, dualClip: 10, logRatioClamp: 20 }),
  overlong: overlong({ buffer: Math.max(1, Math.round(maxTokens / 5)) }),
  dynamicSampling: { maxBatches: 10 }
})

/**
 * RLOO with the KL where TRL 1.16.0's RLOOTrainer has it: k1 of whole trajectories, β 0.05, off the reward before the leave-one-out baseline. With its
 * one iteration the ratio is 1, and the gradient that of log π. Ahmadian et al., 2024, arXiv:2402.14740.
 */
export const rlooTrl: GroupRelativePreset = { ...rloo, kl: Kl.inReward({ beta: 0.05, placement: "trl" }) }

/** RLOO as verl computes it (adv_estimator=rloo): as `grpoVerl` but for the advantage. Ahmadian et al., 2024, arXiv:2402.14740. */
export const rlooVerl: GroupRelativePreset = { ...grpoVerl, advantage: Advantage.RLOO_VERL.estimator }

/** Pass@k: of a group only the best learns, by its lead over the second (adv_estimator=grpo_passk). Tang et al., 2025, arXiv:2503.19595. */
export const grpoPassK: GroupRelativePreset = { ...grpoVerl, advantage: Advantage.GRPO_PASSK.estimator }

/** OPO: the group's mean weighted by length as baseline (adv_estimator=opo); exactly on-policy, so one mini-batch. Hao et al., 2025, arXiv:2505.23585. */
export const opo: GroupRelativePreset = { ...grpoVerl, advantage: Advantage.OPO.estimator }

/** ReMax: the greedy rollout's reward as baseline (adv_estimator=remax), one rollout a query. Li et al., 2023, arXiv:2310.10505. */
export const reMax: GroupRelativePreset = { ...grpoVerl, groupSize: 1, advantage: Advantage.REMAX.estimator }

/** GPG: −A log π without a ratio (verl's loss_mode gpg), centred and rescaled (adv_estimator=gpg). Chu et al., 2025, arXiv:2504.02546. */
export const gpg: GroupRelativePreset = {
  ...grpoVerl,
  advantage: Advantage.GPG.estimator,
  objective: Objective.surrogate({ ratio: "none" })
}

/** MaxRL: centred and divided by the group's mean reward; for rewards ≥ 0. Tajwar et al., 2026, arXiv:2602.02710. */
export const maxRl: GroupRelativePreset = { ...grpoVerl, advantage: Advantage.MAXRL.estimator }

/** REINFORCE++: reward-to-go whitened over the step's tokens, one rollout a query (adv_estimator=reinforce_plus_plus). Hu et al., 2025, arXiv:2501.03262. */
export const reinforcePlusPlus: GroupRelativePreset = { ...grpoVerl, groupSize: 1, advantage: reinforcePlusPlusRule() }

/** REINFORCE++ with baseline: centred in groups, whitened over the step's tokens (adv_estimator=reinforce_plus_plus_baseline). Hu et al., 2025. */
export const reinforcePlusPlusBaseline: GroupRelativePreset = {
  ...grpoVerl,
  advantage: Advantage.REINFORCE_PLUS_PLUS_BASELINE.estimator
}

/** The presets on groups by the name that the command line uses, each with what it is; a function where the loss depends on the longest completion. */
const GROUP_RELATIVE = {
  grpo: [paper, "GRPO as the paper runs it: verl's defaults, KL 0.001 in the loss"],
  "grpo-trl": [grpoTrl, "GRPO with TRL's defaults: token ratio, clip 0.2, no KL"],
  "grpo-verl": [grpoVerl, "GRPO with verl's defaults: dual clip 3, no KL"],
  drgrpo: [drGrpo, "Dr. GRPO: no division by the deviation, sums over a constant"],
  dapo: [dapo, "DAPO's loss: clip 0.2 and 0.28, flat groups and cut-off answers left out"],
  rloo: [rloo, "RLOO: REINFORCE, baseline of the others, KL 0.05 in the reward"],
  gspo: [gspo, "GSPO: one ratio a sequence, clipped very tightly"],
  cispo: [cispo, "CISPO: log π weighed by a bounded ratio, no token left out"],
  sapo: [sapo, "SAPO: a soft gate in place of the clip"],
  gmpo: [gmpo, "GMPO: the geometric mean of a sequence's ratios"],
  luspo: [luspo, "LUSPO: GSPO times the length, so that long answers count"],
  vespo: [vespo, "VESPO: log π weighed by a smooth function of the sequence's ratio"],
  dppo: [dppo, "DPPO: trust region of probabilities, by total variation"],
  "dppo-kl": [dppoKl, "DPPO by KL"],
  "clip-cov": [clipCov, "Clip-Cov: tokens of high covariance left out, against collapsing entropy"],
  "kl-cov": [klCov, "KL-Cov: a KL penalty on tokens of high covariance"],
  reinforce: [reinforce, "REINFORCE without a baseline, one rollout a query"],
  psr: [psr, "PSR: learns from right answers only"],
  nsr: [nsr, "NSR: learns from wrong answers only"],
  "w-reinforce": [wReinforce, "W-REINFORCE: 0.1 PSR + NSR"],
  "dapo-verl": [dapoVerl, "DAPO whole, by verl's recipe: queries drawn anew, long answers punished"],
  "rloo-trl": [rlooTrl, "RLOO with KL where TRL has it, off the reward before the baseline"],
  "rloo-verl": [rlooVerl, "RLOO as verl computes it: grpo-verl with another advantage"],
  "grpo-passk": [grpoPassK, "Pass@k: of a group only the best learns, by its lead"],
  opo: [opo, "OPO: the baseline weighs rewards by length"],
  remax: [reMax, "ReMax: the greedy rollout's reward as baseline"],
  gpg: [gpg, "GPG: log π without a ratio, centred and rescaled"],
  maxrl: [maxRl, "MaxRL: divided by the group's mean reward"],
  "reinforce++": [reinforcePlusPlus, "REINFORCE++: reward-to-go whitened over the step"],
  "reinforce++-baseline": [reinforcePlusPlusBaseline, "REINFORCE++ centred in groups, whitened over the step"]
} satisfies Record<string, readonly [GroupRelativePreset | ((maxTokens: number) => GroupRelativePreset), about: string]>

/** The name of a preset on groups. */
export type GroupRelativeName = keyof typeof GROUP_RELATIVE
/** The names of the presets on groups. */
export const GROUP_RELATIVE_NAMES = Object.keys(GROUP_RELATIVE) as ReadonlyArray<GroupRelativeName>

const forCompletions = (preset: GroupRelativePreset | typeof drGrpo, maxTokens: number): GroupRelativePreset =>
  typeof preset === "function" ? preset(maxTokens) : { ...preset, sampling: sampled(maxTokens) }

/** The presets on groups by the name that the command line uses, for completions of at most `maxTokens`. */
export const groupRelative = (maxTokens: number): Readonly<Record<GroupRelativeName, GroupRelativePreset>> =>
  Object.fromEntries(
    GROUP_RELATIVE_NAMES.map((name) => [name, forCompletions(GROUP_RELATIVE[name][0], maxTokens)])
  ) as unknown as Readonly<Record<GroupRelativeName, GroupRelativePreset>>

const SUPERVISED = {
  sft: [SupervisedTrainer.sft, "SFT: −log π of demonstrations, averaged over tokens"],
  dft: [SupervisedTrainer.dft, "DFT: the same, each token weighed by its probability"]
} as const

/** The supervised presets by the name that the command line uses. */
export const supervised = { sft: SUPERVISED.sft[0], dft: SUPERVISED.dft[0] }

/** The name of a supervised preset. */
export type SupervisedName = keyof typeof supervised
/** The names of the supervised presets. */
export const SUPERVISED_NAMES = Object.keys(supervised) as ReadonlyArray<SupervisedName>

/** The paper's supervised fine-tuning (appendix E.3): "Optimizer Adam", "Batch size 128", "Epochs 4.0"; −log π averaged over tokens. */
export const paperSft = { ...SupervisedTrainer.sft, batchSize: 128 }

/** Every preset by the name that the command line uses, and what it is, in the order in which they are told. */
export const ABOUT: ReadonlyArray<readonly [name: SupervisedName | GroupRelativeName, about: string]> = [
  ...SUPERVISED_NAMES.map((name) => [name, SUPERVISED[name][1]] as const),
  ...GROUP_RELATIVE_NAMES.map((name) => [name, GROUP_RELATIVE[name][1]] as const)
]
