/**
 * adapter_config.json, what peft says about an adapter: written, and read with everything refused that would be computed otherwise.
 *
 * Source: peft 0.21.2, `LoraConfig`.
 *
 * @module
 */
import { settingError } from "./Family.ts"
import { isObject, type JsonObject } from "./FileBytes.ts"
import { ADAPTER_TARGETS, type AdapterTarget, type LoraSize } from "./LoraWeights.ts"
import { storedName } from "./WeightNames.ts"

/** What peft calls each matrix, by its last name: `q_proj` of `model.layers.0.self_attn.q_proj`. */
export const PEFT_NAMES: Readonly<Record<AdapterTarget, string>> = Object.fromEntries(
  ADAPTER_TARGETS.map((target) => [target, storedName(`block0.${target}`, "safetensors")!.split(".").at(-2)!])
) as Record<AdapterTarget, string>

/** The configuration of an adapter as peft reads it; what is left out has peft's defaults, which change nothing. */
export const peftConfig = ({ alpha, rank, targets }: LoraSize, base: string): JsonObject => ({
  base_model_name_or_path: base,
  bias: "none",
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  layers_to_transform: null,
  lora_alpha: alpha,
  lora_dropout: 0,
  modules_to_save: null,
  peft_type: "LORA",
  r: rank,
  rank_pattern: {},
  alpha_pattern: {},
  target_modules: targets.map((target) => PEFT_NAMES[target]).sort(),
  task_type: "CAUSAL_LM",
  use_dora: false,
  use_rslora: false
})

/** Fields that do not change what a finished adapter computes, or are read. */
const FREE: ReadonlySet<string> = new Set([
  "auto_mapping",
  "base_model_name_or_path",
  "ensure_weight_tying",
  "eva_config",
  "exclude_modules",
  "inference_mode",
  "layers_pattern",
  "lora_alpha",
  "lora_dropout",
  "megatron_core",
  "peft_type",
  "peft_version",
  "qalora_group_size",
  "r",
  "revision",
  "runtime_config",
  "target_modules"
])

/** What a field must be, beside what stands for "not there". */
const REQUIRED: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  task_type: ["CAUSAL_LM"],
  bias: ["none"],
  // The others take a part out of the base model's weights when they begin, so the adapter belongs to other weights than the published ones.
  init_lora_weights: [true, false, "gaussian", "orthogonal", "eva"]
}

const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0)

const targetOf = (module: string): AdapterTarget | undefined =>
  ADAPTER_TARGETS.find((target) => PEFT_NAMES[target] === module.split(".").at(-1))

/** What is read of adapter_config.json. */
export interface PeftSettings {
  readonly rank: number
  readonly alpha: number
  /** The matrices that are named; undefined where a pattern stands for them, which the tensors then show. */
  readonly targets: ReadonlyArray<AdapterTarget> | undefined
  /** The model that it was trained on, as it was called there. */
  readonly base: string | undefined
}

/** Reads an adapter's settings. Throws ModelFileError: another kind of adapter, or one with something that is not computed. */
export const peftSettings = (file: string, config: JsonObject): PeftSettings => {
  if (config["peft_type"] !== "LORA") throw settingError(file, "peft_type", config["peft_type"], `"LORA"`)
  for (const [field, value] of Object.entries(config)) {
    const allowed = Object.hasOwn(REQUIRED, field) ? REQUIRED[field] : undefined
    if (FREE.has(field) || isUnset(value) || allowed?.includes(value) === true) continue
    throw settingError(file, field, value, allowed === undefined ? "none" : allowed.map((each) => JSON.stringify(each)).join(", "))
  }
  const { base_model_name_or_path: base, lora_alpha: alpha, r: rank, target_modules: modules } = config
  if (typeof rank !== "number" || !Number.isInteger(rank) || rank < 1) throw settingError(file, "r", rank, "a whole number from 1 on")
  if (typeof alpha !== "number" || !Number.isFinite(alpha)) throw settingError(file, "lora_alpha", alpha, "a finite number")
  const named = Array.isArray(modules)
    ? modules.map((module: unknown) => {
      const target = typeof module === "string" ? targetOf(module) : undefined
      if (target === undefined) {
        throw settingError(file, "target_modules", module, `matrices of blocks: ${Object.values(PEFT_NAMES).join(", ")}`)
      }
      return target
    })
    : undefined
  return {
    rank,
    alpha,
    targets: named,
    base: typeof base === "string" && base !== "" ? base : undefined
  }
}
