/**
 * An experiment for verl 0.9.1: overrides of its configuration, and rows that its `RLHFDataset` reads.
 *
 * @module
 */
import type { Query } from "../../domain/Query.ts"
import { promptOf } from "./Data.ts"
import { ADAM_EPSILON, type Base, type Reinforcement, type Sourced } from "./Experiment.ts"
import type { Setting } from "./Settings.ts"

/** The version that all of this is for. */
export const VERL = "0.9.1"

/** Steps between two tests. */
export const TEST_EVERY = 10

const set = (name: string, { note, origin, value }: Sourced<Setting["value"]>): Setting => ({ name, value, origin, note })
const ours = (name: string, value: Setting["value"], note: string): Setting => ({ name, value, origin: "ours", note })
// A path beside the run script, or the number of cards that it was told.
const variable = (name: string, value: string, note: string): Setting => ({ ...ours(name, value, note), hasVariables: true })

/** Rows of verl's data: the chat, what the reward is told, and what tells rows apart. */
export const verlRows = (base: Base, queries: ReadonlyArray<Query>, split: "train" | "test"): ReadonlyArray<object> =>
  queries.map((query, index) => ({
    data_source: "decision-sampling",
    prompt: promptOf(base, query.prompt),
    ability: "math",
    reward_model: { style: "rule", ground_truth: query.answer ?? "" },
    extra_info: { split, index, level: query.level, problem: query.prompt }
  }))

const ADAPTED = "actor_rollout_ref.model"
const ACTOR = "actor_rollout_ref.actor"
const ROLLOUT = "actor_rollout_ref.rollout"
const REF = "actor_rollout_ref.ref"

const klSettings = ({ kl }: Reinforcement): ReadonlyArray<Setting> => {
  const { note, origin, value } = kl
  const at = (name: string, of: Setting["value"]): Setting => ({ name, value: of, origin, note })
  switch (value.placement) {
    case "none":
      return [at(`${ACTOR}.use_kl_loss`, false), at("algorithm.use_kl_in_reward", false)]
    case "loss":
      return [
        at(`${ACTOR}.use_kl_loss`, true),
        at(`${ACTOR}.kl_loss_coef`, value.coefficient),
        at(`${ACTOR}.kl_loss_type`, value.estimator),
        at("algorithm.use_kl_in_reward", false)
      ]
    case "reward":
      return [
        at(`${ACTOR}.use_kl_loss`, false),
        at("algorithm.use_kl_in_reward", true),
        at("algorithm.kl_penalty", value.estimator),
        at("algorithm.kl_ctrl.kl_coef", value.coefficient)
      ]
  }
}

/** The overrides of verl's `ppo_trainer`. `$HERE` and `$GPUS` are the run script's. */
export const verlSettings = (experiment: Reinforcement): ReadonlyArray<Setting> => {
  const { betas, dualClip, epsilon, lora, promptTokens, responseTokens, temperature, weightDecay } = experiment
  const longest = promptTokens.value + responseTokens.value
  return [
    { name: "algorithm.adv_estimator", value: "grpo", origin: "paper", note: "E.3, algorithm" },
    set("algorithm.norm_adv_by_std_in_grpo", experiment.isScaled),
    variable("data.train_files", "$HERE/data/train.jsonl", ""),
    variable("data.val_files", "$HERE/data/test.jsonl", ""),
    set("data.train_batch_size", experiment.batch),
    set("data.max_prompt_length", promptTokens),
    set("data.max_response_length", responseTokens),
    ours("data.filter_overlong_prompts", true, "else a prompt that is too long ends the run"),
    ours("data.seed", experiment.seed, "order of the data"),
    set(`${ADAPTED}.path`, experiment.model),
    { name: `${ADAPTED}.enable_gradient_checkpointing`, value: true, origin: "paper", note: "E.3, gradient checkpointing" },
    ...(lora === undefined ? [] : [
      ours(`${ADAPTED}.lora_rank`, lora.rank, "the model's adapter"),
      ours(`${ADAPTED}.lora_alpha`, lora.alpha, "the model's adapter"),
      ours(`${ADAPTED}.target_modules`, lora.targets ?? "all-linear", "the model's adapter")
    ]),
    set(`${ACTOR}.optim.lr`, experiment.learningRate),
    set(`${ACTOR}.optim.lr_warmup_steps`, experiment.warmup),
    set(`${ACTOR}.optim.betas`, { ...betas, value: betas.value.map(String) }),
    // verl has no field of its own for it, only arguments for the optimizer's class.
    ...(epsilon.value === ADAM_EPSILON ? [] : [set(`+${ACTOR}.optim.override_optimizer_config.eps`, epsilon)]),
    set(`${ACTOR}.optim.weight_decay`, weightDecay),
    // The actor's own grad_clip is read by nobody in this version.
    set(`${ACTOR}.optim.clip_grad`, experiment.clipNorm),
    set(`${ACTOR}.ppo_mini_batch_size`, experiment.miniBatch),
    set(`${ACTOR}.ppo_epochs`, experiment.epochs),
    ours(`${ACTOR}.use_dynamic_bsz`, true, "as many sequences at once as fit; changes no gradient"),
    ours(`${ACTOR}.ppo_max_token_len_per_gpu`, Math.max(longest, 16_384), "at least a prompt and a response"),
    set(`${ACTOR}.clip_ratio_low`, experiment.clipLow),
    set(`${ACTOR}.clip_ratio_high`, experiment.clipHigh),
    // Beyond every ratio it never binds; verl has no way to leave it out.
    set(`${ACTOR}.clip_ratio_c`, { ...dualClip, value: dualClip.value ?? 1_000_000 }),
    set(`${ACTOR}.loss_agg_mode`, experiment.aggregation),
    { name: `${ACTOR}.entropy_coeff`, value: 0, origin: "default", note: "" },
    ...klSettings(experiment),
    ours(`${ACTOR}.fsdp_config.param_offload`, true, "one 80 GB card holds either the trainer or the engine"),
    ours(`${ACTOR}.fsdp_config.optimizer_offload`, true, "the same"),
    ours(`${REF}.fsdp_config.param_offload`, true, "the same"),
    ours(`${REF}.log_prob_use_dynamic_bsz`, true, "as the actor"),
    ours(`${REF}.log_prob_max_token_len_per_gpu`, Math.max(longest, 16_384), "as the actor"),
    ours(`${ROLLOUT}.log_prob_use_dynamic_bsz`, true, "as the actor"),
    ours(`${ROLLOUT}.log_prob_max_token_len_per_gpu`, Math.max(longest, 16_384), "as the actor"),
    ours(`${ROLLOUT}.name`, "vllm", "verl names none by itself"),
    ours(`${ROLLOUT}.tensor_model_parallel_size`, 1, "one card; verl's default is 2"),
    ours(`${ROLLOUT}.gpu_memory_utilization`, 0.6, "the rest is the trainer's"),
    set(`${ROLLOUT}.n`, experiment.groupSize),
    set(`${ROLLOUT}.temperature`, temperature),
    { name: `${ROLLOUT}.val_kwargs.do_sample`, value: true, origin: "paper", note: "E.4; verl tests greedily by itself" },
    { name: `${ROLLOUT}.val_kwargs.temperature`, value: 1, origin: "paper", note: "E.4" },
    { name: `${ROLLOUT}.val_kwargs.n`, value: 1, origin: "paper", note: "E.4, single generation per query" },
    variable("reward.custom_reward_function.path", "$HERE/reward.py", "grades as calibrate does"),
    ours("reward.custom_reward_function.name", "compute_score", ""),
    ours("reward.reward_manager.source", "importlib", "says which responses were cut off, and keeps them graded"),
    ours("reward.reward_manager.name", "DecisionSamplingRewardManager", ""),
    variable("reward.reward_manager.module.path", "$HERE/reward_manager.py", ""),
    set("trainer.total_epochs", experiment.passes),
    variable("trainer.n_gpus_per_node", "$GPUS", "GPUS=8 bash run.sh for a node of eight"),
    ours("trainer.nnodes", 1, ""),
    ours("trainer.logger", ["console"], "verl's default wants an account"),
    ours("trainer.project_name", "decision-sampling", ""),
    ours("trainer.experiment_name", experiment.name.replaceAll(/[^\w.-]+/g, "-"), ""),
    variable("trainer.default_local_dir", "$HERE/checkpoints", ""),
    variable("trainer.rollout_data_dir", "$HERE/rollouts", "every training step's rollouts, STEP.jsonl"),
    variable("trainer.validation_data_dir", "$HERE/validation", "every test's"),
    ours("trainer.test_freq", TEST_EVERY, "steps between two tests"),
    ours("trainer.save_freq", 20, "steps between two checkpoints")
  ]
}

const PLAIN = /^[\w./-]+$/

// Between hydra's quotes a quote has a backslash before it, and each backslash before a quote one more.
const quoted = (text: string): string =>
  `'${text.replaceAll(/(\\*)('|$)/g, (_, slashes: string, end) => slashes + slashes + (end === "" ? "" : "\\'"))}'`

/** A setting as an override of hydra's. A text that hydra would read otherwise is quoted. */
export const override = ({ hasVariables, name, value }: Setting): string => {
  if (typeof value === "object") return `${name}=[${value.join(",")}]`
  if (typeof value === "boolean") return `${name}=${value ? "True" : "False"}`
  if (typeof value === "number" || PLAIN.test(value) || (hasVariables && value === "$GPUS")) return `${name}=${value}`
  return `${name}=${quoted(value)}`
}

// Between double quotes the shell reads these; where a setting has variables its dollars are the script's.
const shell = (text: string, hasVariables = false): string => text.replaceAll(hasVariables ? /[\\"`]/g : /[\\"`$]/g, "\\$&")

/** The script that trains. */
export const verlScript = (settings: ReadonlyArray<Setting>): string =>
  `#!/usr/bin/env bash
# Trains by verl ${VERL}. GPUS=8 bash run.sh for eight cards; further overrides follow: bash run.sh trainer.total_epochs=1
set -euo pipefail
HERE=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
GPUS=\${GPUS:-1}
case $HERE in
  *[\\'\\"\\\\\$]*) echo "run.sh: move this folder to a path without quotes, backslashes and dollars, which hydra reads otherwise: $HERE" >&2; exit 2 ;;
esac
exec python3 -m verl.trainer.main_ppo \\
${settings.map((setting) => `  "${shell(override(setting), setting.hasVariables)}" \\`).join("\n")}
  "$@"
`
