/**
 * What trainers measure, by name: the one list that docs/metrics.md and the page of runs explain their names from.
 *
 * @module
 */

/** Metrics that are explained together. `meaning` is a sentence without its stop; names in backticks. */
export interface MetricMeaning {
  /** Names as they stand in metrics.jsonl; `<name>` stands for any. */
  readonly names: ReadonlyArray<string>
  readonly meaning: string
}

/** What each step measures, in the order of docs/metrics.md. */
export const STEP_METRICS: ReadonlyArray<MetricMeaning> = [
  {
    names: ["loss"],
    meaning: "Σ wₜ ℓₜ, what the step minimised (decision 3)"
  },
  {
    names: ["loss/nll"],
    meaning: "mean of −log π over trained tokens, whatever the objective: DFT's loss is an order smaller and easily mistaken for a bug"
  },
  {
    names: ["loss/part/<name>"],
    meaning:
      "Σ wₜ ℓₜ of one leaf of the objective, e.g. `loss/part/surrogate`, `loss/part/kl-k3`; `loss/part/entropy` is −c · Σ wₜ Hₜ of an entropy bonus"
  },
  {
    names: ["grad_norm"],
    meaning: "Euclidean norm of the gradient before clipping"
  },
  {
    names: ["learning_rate"],
    meaning: "the rate that this step used"
  },
  {
    names: ["entropy"],
    meaning:
      "mean entropy of the distributions that trained tokens were chosen from, over the allowed tokens and at the sampling temperature"
  },
  {
    names: ["entropy/sampling", "entropy/decision"],
    meaning: "the same over the tokens of π_S and of π_D; of another partition `entropy/<name>` for each sub-policy"
  },
  {
    names: ["num_tokens"],
    meaning: "tokens in the step's batch, prompts and forced tokens included"
  },
  {
    names: ["reward"],
    meaning: "mean reward of the step's rollouts, before any KL penalty"
  },
  {
    names: ["reward_std"],
    meaning: "mean over groups of the population standard deviation of the group's rewards"
  },
  {
    names: ["frac_reward_zero_std"],
    meaning: "share of groups whose rewards are all equal: they give no reward gradient"
  },
  {
    names: ["frac_advantage_zero"],
    meaning:
      "share of trained tokens whose advantage is 0, before the masks of an update; 1 where no token is trained. At 1 the step learnt no reward"
  },
  {
    names: ["decision_weight/correct", "decision_weight/wrong"],
    meaning: "the factors of `decisionWeighting` in force in this step"
  },
  {
    names: ["kl"],
    meaning: "mean over trained tokens of the k3 estimate of KL(π‖π_ref) before the update"
  },
  {
    names: ["clip_ratio/region_mean"],
    meaning: "share of trained tokens whose importance ratio is outside the clip range"
  },
  {
    names: ["reward/overlong"],
    meaning: "mean punishment of length (`overlong`), at most 0; not in `reward`"
  },
  {
    names: ["dynamic_sampling/batches"],
    meaning: "batches of queries that were drawn for the step; reward and completions are then of all of them, trained on or not"
  },
  {
    names: ["sampling/sampling_logp_difference/mean", "sampling/sampling_logp_difference/max"],
    meaning:
      "mean and largest |log π − log π_sampler| of trained tokens, before the step, where the policy scored the rollouts of another sampler (`oldLogProbs: \"policy\"`, or `correction`); `…/mean/sampling`, `…/mean/decision`: of π_S's and of π_D's tokens"
  },
  {
    names: ["rollout_corr/k3_kl"],
    meaning:
      "mean of eˣ − 1 − x with x = log π − log π_sampler, the k3 estimate of KL(π_sampler‖π) a token, nats; `/sampling`, `/decision` as above"
  },
  {
    names: ["sampling/steps_old"],
    meaning: "steps between the parameters that drew the rollouts and those that they train (`publishEvery`); with an engine always there"
  },
  {
    names: ["rollout_corr/kl"],
    meaning: "mean log π_sampler − log π over trained tokens, before the step (`correction`)"
  },
  {
    names: ["rollout_corr/rollout_is_eff_sample_size"],
    meaning: "(Σ w)² / (n Σ w²) of the importance weights of trained tokens"
  },
  {
    names: ["rollout_corr/rollout_is_ratio_fraction_high"],
    meaning: "share of trained tokens whose ratio π/π_sampler, of the token or of its sequence, exceeds the upper bound of the weights"
  },
  {
    names: ["rollout_corr/rollout_rs_masked_fraction"],
    meaning: "share of trained tokens that rejection and veto took out"
  },
  {
    names: ["off_policy/masked_fraction"],
    meaning: "share of rollouts further than `offPolicyThreshold` from the policy; those of them with a negative advantage teach nothing"
  },
  {
    names: ["kl_coef", "entropy_coef"],
    meaning: "coefficients in force in this step, where a controller moves them"
  },
  {
    names: ["completions/mean_length", "completions/min_length", "completions/max_length"],
    meaning: "tokens after the prompt, as sampled (not as masked)"
  },
  {
    names: ["completions/clipped_ratio"],
    meaning: "share of rollouts cut off by the token limit"
  },
  {
    names: ["attempts/mean"],
    meaning: "mean number of attempts a rollout"
  },
  {
    names: ["p_sample"],
    meaning: "share of rollouts whose first attempt is correct"
  },
  {
    names: ["p_stop_given_correct"],
    meaning: "STOP after a correct attempt, over all attempts"
  },
  {
    names: ["p_resample_given_wrong"],
    meaning: "RESAMPLE after a wrong attempt, over all attempts"
  }
]

/** What is measured of the gradient of each part of the objective, in the order of docs/metrics.md; in metrics.jsonl `attribution/<part>/` and a name's singular stand before it. */
export const ATTRIBUTION_METRICS: ReadonlyArray<MetricMeaning> = [
  {
    names: ["norms"],
    meaning:
      "‖g_k‖ by name: the gradient of the loss restricted to the tokens of sub-policy k (`sampling`, `decision`, or what the partition names), weights unchanged; Σ g_k = g"
  },
  {
    names: ["cosines"],
    meaning: "the cosine of every pair: cos(g_S, g_D); 0 if either is 0"
  },
  {
    names: ["tokens"],
    meaning: "by name, how many tokens each restriction keeps; divide by them for norms per token"
  },
  {
    names: ["signals"],
    meaning: "unbiased estimates of |E g_k|² by name. ‖g_k‖² itself is too large by the noise; a signal may be negative, then none was seen"
  },
  {
    names: ["variances"],
    meaning:
      "unbiased estimates of tr Cov(g_k) of this step's gradient; `signals`/`variances` is the step's signal-to-noise; n groups have n times that of one"
  },
  {
    names: ["product", "covariance"],
    meaning:
      "of every pair, unbiased: ⟨E g_k, E g_l⟩, their interference (0 where they share no parameter, below 0 where one undoes the other), and tr Cov(g_k, g_l)"
  }
]
