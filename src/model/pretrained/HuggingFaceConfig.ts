/**
 * config.json and generation_config.json of a model's folder, as transformers writes them, versions 4 and 5.
 *
 * @module
 */
import type { LlamaConfig, RopeScaling } from "../architecture/LlamaConfig.ts"
import { checkIds, checkSizes, type Family, fieldReader, type ModelFacts, settingError, unknownArchitecture } from "./Family.ts"
import { isObject, type JsonObject } from "./FileBytes.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { shownValue } from "../../domain/ShownValue.ts"

const FAMILIES: Readonly<Record<string, Family>> = {
  LlamaForCausalLM: "Llama",
  Qwen2ForCausalLM: "Qwen2",
  Qwen3ForCausalLM: "Qwen3"
}

const familyOf = (file: string, { architectures, model_type: type }: JsonObject): Family => {
  const name: unknown = Array.isArray(architectures) ? architectures[0] : undefined
  const family = typeof name === "string" && Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined
  if (family !== undefined) return family
  const found = name === undefined ? `no architecture (model_type is ${shownValue(type)})` : `the architecture ${shownValue(name)}`
  throw unknownArchitecture(file, found, Object.keys(FAMILIES))
}

/** What a field must be, where it is there at all, for the model to be one that is computed. */
const REQUIRED: ReadonlyArray<readonly [field: string, value: unknown]> = [
  ["hidden_act", "silu"],
  ["attention_bias", false],
  ["mlp_bias", false],
  ["use_sliding_window", false],
  ["partial_rotary_factor", 1],
  ["rope_interleaved", false]
]

const checkComputed = (file: string, config: JsonObject): void => {
  for (const [field, value] of REQUIRED) {
    const found = config[field]
    if (found !== undefined && found !== null && found !== value) throw settingError(file, field, found, JSON.stringify(value))
  }
  const { layer_types: types, quantization_config: quantisation } = config
  if (Array.isArray(types) && types.some((type) => type !== "full_attention")) {
    throw settingError(file, "layer_types", types.find((type) => type !== "full_attention"), `"full_attention" in every layer`)
  }
  if (isObject(quantisation)) {
    throw new ModelFileError({
      reason: "Quantisation",
      file,
      found: `weights quantised by ${shownValue(quantisation["quant_method"] ?? "a method without a name")}`,
      expected: "float32, float16 or bfloat16 in safetensors",
      advice: "Take the model before it was quantised, or a GGUF file of it"
    })
  }
}

const ropeOf = (file: string, config: JsonObject): { readonly ropeBase: number; readonly ropeScaling?: RopeScaling } => {
  // Version 5 has both in rope_parameters; before, the base stood beside rope_scaling.
  const given = config["rope_parameters"] ?? config["rope_scaling"]
  const rope: JsonObject = isObject(given) ? given : {}
  const field = config["rope_parameters"] === undefined || config["rope_parameters"] === null ? "rope_scaling" : "rope_parameters"
  const read = fieldReader(file, (name) => rope[name], `${field}.`)
  const base = fieldReader(file, () => rope["rope_theta"] ?? config["rope_theta"])
  const ropeBase = base.positive("rope_theta", 10_000)
  const type = rope["rope_type"] ?? rope["type"] ?? "default"
  if (type === "default") return { ropeBase }
  if (type !== "llama3") throw settingError(file, `${field}.rope_type`, type, `"default" or "llama3"`)
  return {
    ropeBase,
    ropeScaling: {
      factor: read.positive("factor"),
      lowFrequencyFactor: read.positive("low_freq_factor"),
      highFrequencyFactor: read.positive("high_freq_factor"),
      originalContext: read.count("original_max_position_embeddings")
    }
  }
}

/** Where the class of a family has a default of its own for a field that the file may leave out. */
const headWidthOf = (family: Family, width: number, heads: number): number | undefined =>
  family === "Qwen3" ? 128 : width % heads === 0 ? width / heads : undefined

const idsOf = (
  value: unknown
): ReadonlyArray<unknown> => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value])

/**
 * What config.json says, and generation_config.json, whose tokens that end a response count where it names some. Throws ModelFileError:
 * another architecture, or a setting that is not computed.
 */
export const huggingFaceFacts = (file: string, config: JsonObject, generation: JsonObject | undefined): ModelFacts => {
  const family = familyOf(file, config)
  checkComputed(file, config)
  const read = fieldReader(file, (field) => config[field])
  const [width, heads] = [read.count("hidden_size"), read.count("num_attention_heads")]
  const sizes: LlamaConfig = {
    vocabulary: read.count("vocab_size"),
    width,
    layers: read.count("num_hidden_layers"),
    heads,
    keyHeads: read.count("num_key_value_heads", family === "Llama" ? heads : undefined),
    headWidth: read.count("head_dim", headWidthOf(family, width, heads)),
    innerWidth: read.count("intermediate_size"),
    normEpsilon: read.positive("rms_norm_eps", 1e-6),
    ...ropeOf(file, config),
    context: read.count("max_position_embeddings"),
    isTied: read.flag("tie_word_embeddings", false),
    hasBiases: family === "Qwen2",
    hasHeadNorms: family === "Qwen3"
  }
  checkSizes(file, sizes)
  const { vocabulary } = sizes
  const [beginning] = checkIds(file, "bos_token_id", idsOf(config["bos_token_id"]).slice(0, 1), vocabulary)
  const ends = idsOf(generation?.["eos_token_id"] ?? config["eos_token_id"])
  return {
    family,
    config: sizes,
    ...(beginning === undefined ? {} : { beginning }),
    ends: checkIds(file, "eos_token_id", ends, vocabulary)
  }
}
