/**
 * An experiment for LLaMA-Factory 0.9.5: its YAML files, and data sets of chats.
 *
 * @module
 */
import type { Sourced, Supervised } from "./Experiment.ts"
import type { Setting } from "./Settings.ts"

/** The version that all of this is for. */
export const LLAMAFACTORY = "0.9.5"

/** The name of a data set of demonstrations. */
export const dataSet = (kind: string): string => `sft_${kind}`

/** dataset_info.json, which tells the columns of each data set. */
export const dataSetInfo = (kinds: ReadonlyArray<string>): string =>
  JSON.stringify(
    Object.fromEntries(kinds.map((kind) => [dataSet(kind), {
      file_name: `${dataSet(kind)}.jsonl`,
      formatting: "sharegpt",
      columns: { messages: "messages" },
      tags: { role_tag: "role", content_tag: "content", user_tag: "user", assistant_tag: "assistant", system_tag: "system" }
    }])),
    undefined,
    2
  ) + "\n"

// Of one update so many sequences at once; the rest is accumulated.
const AT_ONCE = 4

const atOnceOf = ({ batch }: Supervised): number => [AT_ONCE, 2, 1].find((size) => batch.value % size === 0)!

// What LLaMA-Factory calls the chat template of a family.
const TEMPLATES: ReadonlyArray<readonly [RegExp, string]> = [
  [/qwen3/i, "qwen3"],
  [/qwen/i, "qwen"],
  [/llama-?3/i, "llama3"],
  [/llama-?2/i, "llama2"],
  [/smollm2/i, "smollm2"]
]

/** The template of a model by its name; undefined where it is not known. */
export const templateOf = (model: string): string | undefined => TEMPLATES.find(([family]) => family.test(model))?.[1]

/** The settings of supervised fine-tuning, as DFT where asked for. */
export const llamaFactorySettings = (experiment: Supervised, kind: string, isDft: boolean): ReadonlyArray<Setting> => {
  const { batch, betas, epsilon, lora, model, warmup, weightDecay } = experiment
  const set = (name: string, { note, origin, value }: Sourced<Setting["value"]>): Setting => ({ name, value, origin, note })
  const ours = (name: string, value: Setting["value"], note: string): Setting => ({ name, value, origin: "ours", note })
  const atOnce = atOnceOf(experiment)
  const template = templateOf(model.value)
  return [
    set("model_name_or_path", model),
    ours("stage", "sft", ""),
    ours("do_train", true, ""),
    ours("finetuning_type", lora === undefined ? "full" : "lora", lora === undefined ? "E.3 names no adapter" : "the model's adapter"),
    ...(lora === undefined ? [] : [
      ours("lora_rank", lora.rank, ""),
      ours("lora_alpha", lora.alpha, ""),
      ours("lora_target", lora.targets?.join(",") ?? "all", "")
    ]),
    ...(isDft ? [ours("use_dft_loss", true, "Wu et al. (2025): −p log p, p fixed")] : []),
    ours("dataset", dataSet(kind), "another by dataset=… on the command line"),
    ours("dataset_dir", "data", "where run.sh is"),
    ...(template === undefined ? [] : [
      ours(
        "template",
        template,
        template === "qwen"
          ? "adds the system prompt \"You are Qwen, created by Alibaba Cloud…\", as the tokenizer's own template does"
          : ""
      )
    ]),
    set("cutoff_len", experiment.tokens),
    ours("per_device_train_batch_size", atOnce, "sequences at once"),
    set("gradient_accumulation_steps", {
      ...batch,
      value: batch.value / atOnce,
      note: `${batch.note}: ${atOnce} × ${batch.value / atOnce} = ${batch.value} on one card`
    }),
    set("num_train_epochs", experiment.passes),
    set("learning_rate", experiment.learningRate),
    ...(experiment.decay.value === "cosine" && experiment.floor > 0
      ? [
        set("lr_scheduler_type", { ...experiment.decay, value: "cosine_with_min_lr" }),
        set("lr_scheduler_kwargs", { ...experiment.decay, value: `{"min_lr_rate": ${experiment.floor}}` })
      ]
      : [
        set(
          "lr_scheduler_type",
          experiment.decay.value === "constant" && warmup.value > 0
            ? { ...experiment.decay, value: "constant_with_warmup" }
            : experiment.decay
        )
      ]),
    set("warmup_steps", warmup.value === 0 ? warmup : { ...warmup, note: `${warmup.note}; its first update has the rate 0` }),
    { name: "optim", value: "adamw_torch", origin: "paper", note: "E.3: Adam; without weight decay AdamW is Adam" },
    set("adam_beta1", { ...betas, value: betas.value[0] }),
    set("adam_beta2", { ...betas, value: betas.value[1] }),
    set("adam_epsilon", epsilon),
    set("weight_decay", weightDecay),
    set("max_grad_norm", experiment.clipNorm),
    ours("pure_bf16", true, "7.6 B parameters with Adam in float32 need some 122 GB, in bfloat16 61; which the paper used it does not say"),
    ours("gradient_checkpointing", true, "memory; changes no gradient"),
    ours("logging_steps", 1, ""),
    ours("save_steps", 200, ""),
    ours("save_only_model", true, ""),
    ours("output_dir", `output/${isDft ? "dft" : "sft"}_${kind}`, ""),
    ours("overwrite_output_dir", true, ""),
    ours("report_to", "none", ""),
    ours("seed", experiment.seed, "order of the data")
  ]
}

/** A setting as a line of YAML. */
const yamlLine = ({ name, value }: Setting): string => `${name}: ${typeof value === "string" ? JSON.stringify(value) : String(value)}`

/** A YAML file of settings. */
export const yaml = (settings: ReadonlyArray<Setting>): string => settings.map(yamlLine).join("\n") + "\n"

/** The script that trains one model a data set, and DFT on the last. */
export const llamaFactoryScript = (kinds: ReadonlyArray<string>, experiment: Supervised): string =>
  `#!/usr/bin/env bash
# Trains by LLaMA-Factory ${LLAMAFACTORY}: SFT on ${kinds.map(dataSet).join(", ")}, then DFT. One of them alone: bash run.sh sft none
# GPUS=8 bash run.sh for eight cards; settings of the YAML file follow: bash run.sh sft none learning_rate=2e-5
set -euo pipefail
cd "$(dirname "\${BASH_SOURCE[0]}")"
GPUS=\${GPUS:-1}
accumulated=${experiment.batch.value / atOnceOf(experiment)}
case $GPUS in
  ''|*[!0-9]*|0*) echo "run.sh: GPUS is '$GPUS', expected how many cards" >&2; exit 2 ;;
esac
if [ $((accumulated % GPUS)) -ne 0 ]; then
  echo "run.sh: $accumulated accumulated passes do not divide among $GPUS cards" >&2
  exit 2
fi
# It would take every card that it sees.
export NPROC_PER_NODE=$GPUS
train() {
  llamafactory-cli train "$1" "gradient_accumulation_steps=$((accumulated / GPUS))" "\${@:2}"
}
case \${1:-} in
  sft|dft)
    case \${2:-} in
      ${kinds.join("|")}) ;;
      *) echo "run.sh: after $1 comes one of ${kinds.join(", ")}" >&2; exit 2 ;;
    esac
    train "$1.yaml" "dataset=sft_$2" "output_dir=output/$1_$2" "\${@:3}"
    exit ;;
  ''|*=*) ;;
  *) echo "run.sh: $1 is neither sft, dft nor NAME=VALUE" >&2; exit 2 ;;
esac
for kind in ${kinds.join(" ")}; do
  train sft.yaml "dataset=sft_$kind" "output_dir=output/sft_$kind" "$@"
done
train dft.yaml "$@"
`
