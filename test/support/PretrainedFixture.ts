/** The tiny checkpoints of test/fixtures/pretrained with what transformers and peft computed from them. */
import { readdirSync, readFileSync } from "node:fs"
import { type LlamaConfig, llamaLayout } from "../../src/model/architecture/LlamaConfig.ts"
import { adapterLayout } from "../../src/model/weights/Adapter.ts"
import type { ParameterLayout } from "../../src/model/architecture/ParameterLayout.ts"

/** A tensor of a file. */
export interface Stored {
  readonly shape: ReadonlyArray<number>
  readonly values: Float32Array
}

const half = new Float32Array(1)
const halfBits = new Uint32Array(half.buffer)

const fromFloat16 = (bits: number): number => {
  const [sign, exponent, fraction] = [bits >>> 15 === 1 ? -1 : 1, (bits >>> 10) & 31, bits & 1023]
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}

const fromBfloat16 = (bits: number): number => {
  halfBits[0] = bits << 16
  return half[0]!
}

/** All tensors of a safetensors file. */
export const readStored = (file: URL): Readonly<Record<string, Stored>> => {
  const bytes = readFileSync(file)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length)) as Readonly<
    Record<string, { readonly dtype: string; readonly shape: ReadonlyArray<number>; readonly data_offsets: readonly [number, number] }>
  >
  return Object.fromEntries(
    Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, { data_offsets: [start, end], dtype, shape }]) => {
      const data = bytes.subarray(8 + length + start, 8 + length + end)
      const count = shape.reduce((product, size) => product * size, 1)
      const value = (i: number): number =>
        dtype === "F32" ? data.readFloatLE(4 * i) : (dtype === "F16" ? fromFloat16 : fromBfloat16)(data.readUInt16LE(2 * i))
      return [name, { shape, values: Float32Array.from({ length: count }, (_, i) => value(i)) }]
    })
  )
}

const transposed = ({ shape: [rows, columns], values }: Stored): Float32Array =>
  Float32Array.from(values, (_, i) => values[(i % rows!) * columns! + Math.floor(i / rows!)]!)

const PARTS: Readonly<Record<string, string>> = {
  attentionGain: "input_layernorm.weight",
  query: "self_attn.q_proj.weight",
  key: "self_attn.k_proj.weight",
  value: "self_attn.v_proj.weight",
  queryBias: "self_attn.q_proj.bias",
  keyBias: "self_attn.k_proj.bias",
  valueBias: "self_attn.v_proj.bias",
  queryGain: "self_attn.q_norm.weight",
  keyGain: "self_attn.k_norm.weight",
  projection: "self_attn.o_proj.weight",
  mlpGain: "post_attention_layernorm.weight",
  gate: "mlp.gate_proj.weight",
  up: "mlp.up_proj.weight",
  down: "mlp.down_proj.weight"
}

const WHOLE: Readonly<Record<string, string>> = {
  "embedding.token": "model.embed_tokens.weight",
  finalGain: "model.norm.weight",
  unembedding: "lm_head.weight"
}

const publishedName = (name: string): string => {
  const [, block, part] = /^block(\d+)\.(.+)$/.exec(name) ?? []
  return part === undefined ? WHOLE[name]! : `model.layers.${block}.${PARTS[part]}`
}

/** Tensors of a layout, end to end. */
const flat = (layout: ParameterLayout, valuesOf: (name: string) => Float32Array): Float32Array => {
  const all = new Float32Array(layout.count)
  for (const { name, offset } of layout.entries) all.set(valuesOf(name), offset)
  return all
}

/** The batch, and what is expected of it. */
export interface Batch {
  readonly tokens: ReadonlyArray<ReadonlyArray<number>>
  readonly lengths: ReadonlyArray<number>
  readonly loss: number
  readonly adapterLoss: number
}

/** The names of the checkpoints. */
export const CHECKPOINTS = ["llama", "llama-tied", "qwen2", "qwen3"] as const

/** A checkpoint: sizes, weights, adapter, and what they must give. */
export const readCheckpoint = (name: (typeof CHECKPOINTS)[number]) => {
  const folder = new URL(`../fixtures/pretrained/${name}/`, import.meta.url)
  const published = JSON.parse(readFileSync(new URL("config.json", folder), "utf8"))
  const rope = published.rope_parameters
  const config: LlamaConfig = {
    vocabulary: published.vocab_size,
    width: published.hidden_size,
    layers: published.num_hidden_layers,
    heads: published.num_attention_heads,
    keyHeads: published.num_key_value_heads,
    headWidth: published.head_dim ?? published.hidden_size / published.num_attention_heads,
    innerWidth: published.intermediate_size,
    normEpsilon: published.rms_norm_eps,
    ropeBase: rope.rope_theta,
    ...(rope.rope_type === "llama3" && {
      ropeScaling: {
        factor: rope.factor,
        lowFrequencyFactor: rope.low_freq_factor,
        highFrequencyFactor: rope.high_freq_factor,
        originalContext: rope.original_max_position_embeddings
      }
    }),
    context: published.max_position_embeddings,
    isTied: published.tie_word_embeddings,
    hasBiases: published.model_type === "qwen2",
    hasHeadNorms: published.model_type === "qwen3"
  }
  const layout = llamaLayout(config)
  const weights = Object.assign(
    {},
    ...readdirSync(folder).filter((file) => file.endsWith(".safetensors")).map((file) => readStored(new URL(file, folder)))
  ) as Readonly<
    Record<string, Stored>
  >
  const golden = (file: string) => readStored(new URL(`golden/${file}`, folder))
  const adapterSizes = adapterLayout({ layout }, { rank: 4, alpha: 8 })
  const adapterValues = (stored: Readonly<Record<string, Stored>>) =>
    flat(adapterSizes, (part) => {
      const [, matrix = "", factor = ""] = /^(.*)\.([ab])$/.exec(part) ?? []
      const key = Object.keys(stored).find((found) =>
        found.includes(publishedName(matrix).replace(/\.weight$/, "")) && found.includes(`lora_${factor.toUpperCase()}.`)
      )
      return transposed(stored[key!]!)
    })
  const gradients = golden("gradients.safetensors")
  return {
    config,
    layout,
    adapterLayout: adapterSizes,
    parameters: flat(layout, (entry) => {
      const stored = weights[publishedName(entry)]!
      return stored.shape.length === 2 && entry !== "embedding.token" ? transposed(stored) : stored.values
    }),
    adapter: adapterValues(golden("adapter/adapter_model.safetensors")),
    batch: JSON.parse(readFileSync(new URL("golden/batch.json", folder), "utf8")) as Batch,
    logits: golden("outputs.safetensors")["logits"]!,
    logProbs: golden("outputs.safetensors")["logProbs"]!,
    gradient: flat(layout, (entry) => gradients[entry]!.values),
    adapterLogProbs: golden("adapter-outputs.safetensors")["logProbs"]!,
    adapterGradient: adapterValues(golden("adapter-gradients.safetensors"))
  }
}
