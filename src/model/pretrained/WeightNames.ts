/**
 * Where the weights of the Llama family stand in files: their names there, and how their rows lie.
 *
 * @module
 */
import type { LlamaConfig } from "../architecture/LlamaConfig.ts"
import type { ParameterEntry } from "../architecture/ParameterLayout.ts"
import type { Family } from "./Family.ts"
import type { TensorOrder } from "./StoredTensor.ts"

/** The two forms of files. */
export type WeightForm = "safetensors" | "gguf"

const WHOLE: Readonly<Record<string, Readonly<Record<WeightForm, string>>>> = {
  "embedding.token": { safetensors: "model.embed_tokens.weight", gguf: "token_embd.weight" },
  finalGain: { safetensors: "model.norm.weight", gguf: "output_norm.weight" },
  unembedding: { safetensors: "lm_head.weight", gguf: "output.weight" }
}

const PARTS: Readonly<Record<string, Readonly<Record<WeightForm, string>>>> = {
  attentionGain: { safetensors: "input_layernorm.weight", gguf: "attn_norm.weight" },
  query: { safetensors: "self_attn.q_proj.weight", gguf: "attn_q.weight" },
  key: { safetensors: "self_attn.k_proj.weight", gguf: "attn_k.weight" },
  value: { safetensors: "self_attn.v_proj.weight", gguf: "attn_v.weight" },
  queryBias: { safetensors: "self_attn.q_proj.bias", gguf: "attn_q.bias" },
  keyBias: { safetensors: "self_attn.k_proj.bias", gguf: "attn_k.bias" },
  valueBias: { safetensors: "self_attn.v_proj.bias", gguf: "attn_v.bias" },
  queryGain: { safetensors: "self_attn.q_norm.weight", gguf: "attn_q_norm.weight" },
  keyGain: { safetensors: "self_attn.k_norm.weight", gguf: "attn_k_norm.weight" },
  projection: { safetensors: "self_attn.o_proj.weight", gguf: "attn_output.weight" },
  mlpGain: { safetensors: "post_attention_layernorm.weight", gguf: "ffn_norm.weight" },
  gate: { safetensors: "mlp.gate_proj.weight", gguf: "ffn_gate.weight" },
  up: { safetensors: "mlp.up_proj.weight", gguf: "ffn_up.weight" },
  down: { safetensors: "mlp.down_proj.weight", gguf: "ffn_down.weight" }
}

const BLOCK = /^block(\d+)\.(\w+)$/

/** The name in a file of an entry of `llamaLayout`; undefined for a name that is none. */
export const storedName = (entry: string, form: WeightForm): string | undefined => {
  const whole = Object.hasOwn(WHOLE, entry) ? WHOLE[entry] : undefined
  if (whole !== undefined) return whole[form]
  const [, layer, part = ""] = BLOCK.exec(entry) ?? []
  const name = Object.hasOwn(PARTS, part) ? PARTS[part]?.[form] : undefined
  return name === undefined ? undefined : `${form === "gguf" ? "blk" : "model.layers"}.${layer}.${name}`
}

/** Tensors that stand in files and are computed from others, or are copies of others. */
export const isDerived = (name: string, form: WeightForm, config: LlamaConfig): boolean =>
  form === "gguf"
    ? name === "rope_freqs.weight"
    // A tied model's unembedding is the embedding, whatever a copy of it says: so transformers reads it too.
    : /(?:^|\.)rotary_emb\.inv_freq$/.test(name) || (config.isTied && name === "lm_head.weight")

const isMatrix = ({ name, shape }: ParameterEntry): boolean => shape.length === 2 && name !== "embedding.token"

/** The shape of an entry in a file: matrices are [out, in] there, of either form. */
export const storedShape = (entry: ParameterEntry): ReadonlyArray<number> => isMatrix(entry) ? entry.shape.toReversed() : entry.shape

/**
 * From pairs that lie side by side to pairs half a head apart. llama.cpp turns dimensions 2i and 2i + 1 of a head together, and its
 * converter orders the rows of a Llama's queries and keys so; `rotate_half`, and everything here, turns i and i + w/2.
 */
export const splitPairs = (headWidth: number) => (row: number): number => {
  const within = row % headWidth
  return row - within + (within % 2) * (headWidth / 2) + Math.floor(within / 2)
}

/** How an entry's numbers get from the file's order to ours. Of the GGUF families only Llama's rows are in another order. */
export const orderOf = (entry: ParameterEntry, form: WeightForm, family: Family, { headWidth }: LlamaConfig): TensorOrder => {
  const isTurned = /\.(?:query|key)$/.test(entry.name)
  return {
    isTransposed: isMatrix(entry),
    ...(form === "gguf" && family === "Llama" && isTurned ? { rowOf: splitPairs(headWidth) } : {})
  }
}
