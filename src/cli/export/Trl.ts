/**
 * An experiment for TRL 1.16.0: settings of its `GRPOConfig`, and rows of chats.
 *
 * @module
 */
import { Effect } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { Query } from "../../domain/Query.ts"
import { promptOf } from "./Data.ts"
import type { Base, Reinforcement, Sourced } from "./Experiment.ts"
import type { Setting } from "./Settings.ts"

/** The version that all of this is for. */
export const TRL = "1.16.0"

/** Rows of TRL's data; columns beside the prompt reach the reward by their names. */
export const trlRows = (base: Base, queries: ReadonlyArray<Query>): ReadonlyArray<object> =>
  queries.map(({ answer = "", level, prompt }) => ({ prompt: promptOf(base, prompt), answer, level }))

/** Fails with ConfigError, naming the field, for what GRPOTrainer cannot do. */
export const checkTrl = ({ kl: { value } }: Reinforcement): Effect.Effect<void, ConfigError> => {
  if (value.placement === "none" || (value.placement === "loss" && value.estimator === "low_var_kl")) return Effect.void
  return Effect.fail(
    new ConfigError({
      field: "kl",
      value: `${value.estimator} in the ${value.placement}`,
      expected: "None, or InLoss with the estimator k3: GRPOTrainer has no other"
    })
  )
}

const PER_DEVICE = 8

/** What grpo.json says, with where each value is from. */
export interface TrlSettings {
  readonly config: ReadonlyArray<Setting>
  /** Completions of an update, and of a step; grpo.py divides them among the processes. */
  readonly updatesOf: Setting
  readonly stepOf: Setting
}

/** The settings that are equal to verl's. */
export const trlSettings = (experiment: Reinforcement): TrlSettings => {
  const { batch, betas, dualClip, epsilon, groupSize, kl, miniBatch, responseTokens, warmup, weightDecay } = experiment
  const set = (name: string, { note, origin, value }: Sourced<Setting["value"]>): Setting => ({ name, value, origin, note })
  const ours = (name: string, value: Setting["value"], note: string): Setting => ({ name, value, origin: "ours", note })
  const updates = (batch.value / miniBatch.value) * experiment.epochs.value
  const perDevice = [PER_DEVICE, 4, 2, 1].find((size) => (miniBatch.value * groupSize.value) % size === 0)!
  return {
    updatesOf: { ...set("updates_of", { ...miniBatch, value: miniBatch.value * groupSize.value }), note: "mini-batch × rollouts" },
    stepOf: { ...set("step_of", { ...batch, value: batch.value * groupSize.value }), note: "batch × rollouts" },
    config: [
      ours("output_dir", "output", "where grpo.py is started"),
      set("num_generations", groupSize),
      ours("per_device_train_batch_size", perDevice, "completions at once; changes no gradient"),
      set("num_iterations", experiment.epochs),
      set("num_train_epochs", experiment.passes),
      set("max_completion_length", responseTokens),
      set("learning_rate", experiment.learningRate),
      ours("lr_scheduler_type", warmup.value > 0 ? "constant_with_warmup" : "constant", "verl's default; TRL's is linear to 0"),
      set("warmup_steps", {
        ...warmup,
        value: warmup.value * updates,
        ...(warmup.value === 0 ? {} : { note: `${warmup.note}: ${warmup.value} steps of ${updates} updates, which TRL counts` })
      }),
      set("adam_beta1", { ...betas, value: betas.value[0] }),
      set("adam_beta2", { ...betas, value: betas.value[1] }),
      set("adam_epsilon", epsilon),
      set("weight_decay", weightDecay.value === 0 ? weightDecay : { ...weightDecay, note: `${weightDecay.note}; TRL's own is 0` }),
      set("max_grad_norm", experiment.clipNorm),
      {
        name: "beta",
        value: kl.value.placement === "loss" ? kl.value.coefficient : 0,
        origin: kl.origin,
        note: `${kl.note} (k3; without verl's clamps at 20 and 10)`
      },
      set("epsilon", experiment.clipLow),
      set("epsilon_high", experiment.clipHigh),
      ...(dualClip.value === undefined ? [] : [set("delta", { ...dualClip, value: dualClip.value })]),
      ours("loss_type", experiment.aggregation.value === "token-mean" ? "dapo" : "grpo", `verl's ${experiment.aggregation.value}`),
      set("scale_rewards", { ...experiment.isScaled, value: experiment.isScaled.value ? "group" : "none" }),
      set("temperature", experiment.temperature),
      ours("mask_truncated_completions", false, "truncated ones count as wrong, as with verl"),
      { name: "gradient_checkpointing", value: true, origin: "paper", note: "E.3, gradient checkpointing" },
      ours("bf16", true, "not said in E.3"),
      ours("use_vllm", true, "samples on the same card"),
      ours("vllm_mode", "colocate", ""),
      ours("vllm_gpu_memory_utilization", 0.3, "the rest is the trainer's"),
      ours("log_completions", true, "output/completions, which calibrate reads"),
      ours("save_steps", 80, "of updates"),
      ours("report_to", "none", "TRL's default wants an account where one is there"),
      ours("seed", experiment.seed, "")
    ]
  }
}

/** grpo.json. */
export const trlJson = ({ lora, model }: Reinforcement, { config, stepOf, updatesOf }: TrlSettings): string =>
  JSON.stringify(
    {
      model: model.value,
      updates_of: updatesOf.value,
      step_of: stepOf.value,
      ...(lora === undefined ? {} : { lora: { r: lora.rank, lora_alpha: lora.alpha, target_modules: lora.targets ?? "all-linear" } }),
      config: Object.fromEntries(config.map(({ name, value }) => [name, value]))
    },
    undefined,
    2
  ) + "\n"

/** The script that trains. */
export const trlScript = `#!/usr/bin/env bash
# Trains by TRL ${TRL}. GPUS=8 bash run.sh for eight cards; settings are replaced by --set, e.g. bash run.sh --set learning_rate=2e-6
set -euo pipefail
cd "$(dirname "\${BASH_SOURCE[0]}")"
exec accelerate launch --num_processes "\${GPUS:-1}" grpo.py "$@"
`
