/**
 * What a GGUF file's metadata say about the model in it.
 *
 * @module
 */
import type { LlamaConfig, RopeScaling } from "../architecture/LlamaConfig.ts"
import { checkIds, checkSizes, type Family, fieldReader, type ModelFacts, settingError, unknownArchitecture } from "./Family.ts"
import type { Gguf } from "./Gguf.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { scalingOf } from "./RopeFactors.ts"
import { readNow } from "./StoredTensor.ts"
import { shownValue } from "../../domain/ShownValue.ts"

const FAMILIES: Readonly<Record<string, Family>> = { llama: "Llama", qwen2: "Qwen2", qwen3: "Qwen3" }

const ROPE_FACTORS = "rope_freqs.weight"

const ropeScalingOf = ({ file, metadata, tensors }: Gguf, prefix: string, base: number, headWidth: number): RopeScaling | undefined => {
  const type = metadata.get(`${prefix}.rope.scaling.type`)
  if (type !== undefined && type !== "none" && metadata.get(`${prefix}.rope.scaling.factor`) !== 1) {
    throw settingError(file, `${prefix}.rope.scaling.type`, type, `"none"; Llama 3's scaling is in the tensor ${ROPE_FACTORS}`)
  }
  const tensor = tensors.get(ROPE_FACTORS)
  if (tensor === undefined) return undefined
  if (tensor.shape.length !== 1 || tensor.shape[0] !== headWidth / 2) {
    throw new ModelFileError({
      reason: "Shape",
      file,
      tensor: ROPE_FACTORS,
      found: `[${tensor.shape.join(", ")}]`,
      expected: `[${headWidth / 2}]`,
      advice: "It has one factor for each pair of a head's dimensions; was the file made for this model?"
    })
  }
  const factors = readNow(tensor)
  const original = metadata.get(`${prefix}.rope.scaling.original_context_length`)
  const scaling = scalingOf(factors, base, typeof original === "number" ? original : undefined)
  if (scaling !== "other") return scaling
  throw settingError(file, ROPE_FACTORS, Array.from(factors.subarray(0, 8)), "factors as Llama 3.1 has them")
}

/** Fields that change what is computed, and the values that do not. */
const NEUTRAL: ReadonlyArray<readonly [field: string, neutral: ReadonlyArray<unknown>]> = [
  ["expert_count", [0]],
  ["attention.sliding_window", [0]],
  ["attention.scale", []],
  ["logit_scale", [1]],
  ["embedding_scale", [1]],
  ["residual_scale", [1]],
  ["attention.causal", [true]],
  ["attention.clamp_kqv", [0]],
  ["attn_logit_softcapping", [0]],
  ["final_logit_softcapping", [0]],
  ["rope.scale_linear", [1]]
]

/** What a GGUF file says about its model. Throws ModelFileError: another architecture, a setting that is not computed, a size that is missing. */
export const ggufFacts = (gguf: Gguf): ModelFacts => {
  const { file, metadata, tensors } = gguf
  const type = metadata.get("general.type")
  const architecture = metadata.get("general.architecture")
  if (type !== undefined && type !== "model") {
    throw unknownArchitecture(file, `a file of type ${shownValue(type)}`, ["model"])
  }
  const family = typeof architecture === "string" && Object.hasOwn(FAMILIES, architecture) ? FAMILIES[architecture] : undefined
  if (family === undefined || typeof architecture !== "string") {
    throw unknownArchitecture(file, `the architecture ${shownValue(String(architecture))}`, Object.keys(FAMILIES))
  }
  for (const [field, neutral] of NEUTRAL) {
    const found = metadata.get(`${architecture}.${field}`)
    if (found !== undefined && !neutral.includes(found)) {
      throw settingError(file, `${architecture}.${field}`, found, neutral.length === 0 ? "none" : `none, or ${neutral.join(", ")}`)
    }
  }
  const read = fieldReader(file, (field) => metadata.get(`${architecture}.${field}`), `${architecture}.`)
  const embedding = tensors.get("token_embd.weight")
  if (embedding === undefined) {
    throw new ModelFileError({
      reason: "Missing",
      file,
      tensor: "token_embd.weight",
      found: "no such tensor",
      expected: "the token embedding",
      advice: "If the model is split over several files, join them (llama-gguf-split --merge) and name the whole"
    })
  }
  const [width, heads] = [read.count("embedding_length"), read.count("attention.head_count")]
  const headWidth = read.count("attention.key_length", width % heads === 0 ? width / heads : undefined)
  const valueWidth = read.count("attention.value_length", headWidth)
  if (valueWidth !== headWidth) throw settingError(file, `${architecture}.attention.value_length`, valueWidth, `${headWidth}, as of keys`)
  const turned = read.count("rope.dimension_count", headWidth)
  if (turned !== headWidth) throw settingError(file, `${architecture}.rope.dimension_count`, turned, `${headWidth}, all of a head`)
  const ropeBase = read.positive("rope.freq_base", 10_000)
  const ropeScaling = ropeScalingOf(gguf, architecture, ropeBase, headWidth)
  const config: LlamaConfig = {
    vocabulary: embedding.shape[0] ?? 0,
    width,
    layers: read.count("block_count"),
    heads,
    keyHeads: read.count("attention.head_count_kv", heads),
    headWidth,
    innerWidth: read.count("feed_forward_length"),
    normEpsilon: shortest(read.positive("attention.layer_norm_rms_epsilon")),
    ropeBase,
    ...(ropeScaling === undefined ? {} : { ropeScaling }),
    context: read.count("context_length"),
    isTied: !tensors.has("output.weight"),
    hasBiases: family === "Qwen2",
    hasHeadNorms: family === "Qwen3"
  }
  checkSizes(file, config)
  const ids = (field: string): ReadonlyArray<number> => {
    const id = metadata.get(`tokenizer.ggml.${field}`)
    return id === undefined ? [] : checkIds(file, `tokenizer.ggml.${field}`, [id], config.vocabulary)
  }
  const [beginning] = ids("bos_token_id")
  return {
    family,
    config,
    ...(beginning === undefined ? {} : { beginning }),
    ends: [...new Set([...ids("eos_token_id"), ...ids("eot_token_id"), ...ids("eom_token_id")])]
  }
}

/** The shortest decimal with this value in float32, which is what the model's authors wrote: 1e-5 for 0.000009999999747378752. */
const shortest = (value: number): number => {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === Math.fround(value)) return short
  }
  return value
}
