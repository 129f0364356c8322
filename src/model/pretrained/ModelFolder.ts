/**
 * A model as a folder that transformers opens: config.json, one file of float32 safetensors, and its words.
 *
 * @module
 */
import { Effect } from "effect"
import type { FileError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { llamaLayout } from "../architecture/LlamaConfig.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import type { Family } from "./Family.ts"
import { isObject, jsonFile, type JsonObject, namesIn } from "./FileBytes.ts"
import { transposed } from "./LoraWeights.ts"
import { ModelFileError } from "./ModelFileError.ts"
import type { PretrainedModel } from "./PretrainedModel.ts"
import { streamSafetensors } from "./Safetensors.ts"
import { type TokenizerTables, tokenizerTables } from "./TokenizerTables.ts"
import { storedName, storedShape } from "./WeightNames.ts"
import { makeFolder, writeText } from "./WrittenFile.ts"
import { unwritten } from "../../domain/Files.ts"

/** What lies beside the weights of a published model and says how it is used. */
const BESIDE = [
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "vocab.json",
  "merges.txt",
  "tokenizer.model",
  "chat_template.jinja"
]

const CLASSES: Readonly<Record<Family, readonly [architecture: string, type: string]>> = {
  Llama: ["LlamaForCausalLM", "llama"],
  Qwen2: ["Qwen2ForCausalLM", "qwen2"],
  Qwen3: ["Qwen3ForCausalLM", "qwen3"]
}

/** config.json of a model whose file has none. The base of rotations stands as versions 4 of transformers have it, which version 5 reads too. */
const describedConfig = ({ beginning, config, ends, family }: PretrainedModel): JsonObject => {
  const [architecture, type] = CLASSES[family]
  const { ropeScaling: scaling } = config
  return {
    architectures: [architecture],
    model_type: type,
    hidden_act: "silu",
    vocab_size: config.vocabulary,
    hidden_size: config.width,
    intermediate_size: config.innerWidth,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headWidth,
    rms_norm_eps: config.normEpsilon,
    rope_theta: config.ropeBase,
    rope_scaling: scaling === undefined ? null : {
      rope_type: "llama3",
      factor: scaling.factor,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
      original_max_position_embeddings: scaling.originalContext
    },
    max_position_embeddings: config.context,
    tie_word_embeddings: config.isTied,
    ...(family === "Qwen2" ? { use_sliding_window: false } : { attention_bias: false }),
    bos_token_id: beginning ?? null,
    eos_token_id: ends.length === 1 ? ends[0] : ends,
    torch_dtype: "float32"
  }
}

const generationOf = ({ beginning, ends }: PretrainedModel): JsonObject => ({
  ...(beginning === undefined ? {} : { bos_token_id: beginning }),
  ...(ends.length === 0 ? {} : { eos_token_id: ends.length === 1 ? ends[0] : ends })
})

/**
 * tokenizer.json of a GGUF file's tables. Added tokens stand among the words too: one that does not is given the next free id by the Rust library, in
 * place of its own.
 */
const tokenizerOf = ({ added, json }: TokenizerTables): JsonObject => {
  const model = isObject(json["model"]) ? json["model"] : {}
  const words = isObject(model["vocab"]) ? model["vocab"] : {}
  return { ...json, model: { ...model, vocab: { ...words, ...Object.fromEntries(added.map(({ content, id }) => [content, id])) } } }
}

/** The words of a GGUF file as files: its tables as tokenizer.json, and the tokens that have a name. */
const wordsOf = (model: PretrainedModel): ReadonlyMap<string, string> => {
  const { words } = model
  if (words._tag !== "Gguf") return new Map()
  const tables = tokenizerTables(words)
  const template = words.gguf.metadata.get("tokenizer.chat_template")
  const tokenOf = (name: string, id: unknown): JsonObject =>
    typeof id === "number" && tables.words[id] !== undefined ? { [name]: tables.words[id] } : {}
  const { metadata } = words.gguf
  return new Map([
    ["tokenizer.json", `${JSON.stringify(tokenizerOf(tables))}\n`],
    [
      "tokenizer_config.json",
      `${
        JSON.stringify(
          {
            tokenizer_class: "PreTrainedTokenizerFast",
            clean_up_tokenization_spaces: false,
            model_max_length: model.config.context,
            ...tokenOf("bos_token", metadata.get("tokenizer.ggml.bos_token_id")),
            ...tokenOf("eos_token", metadata.get("tokenizer.ggml.eos_token_id")),
            ...tokenOf("unk_token", metadata.get("tokenizer.ggml.unknown_token_id")),
            ...tokenOf("pad_token", metadata.get("tokenizer.ggml.padding_token_id"))
          },
          null,
          2
        )
      }\n`
    ],
    ...(typeof template === "string" ? [["chat_template.jinja", template] as const] : [])
  ])
}

const json = (value: JsonObject): string => `${JSON.stringify(value, null, 2)}\n`

interface Beside {
  readonly texts: ReadonlyMap<string, string>
  /** Files of the model's own folder. */
  readonly copied: ReadonlyArray<string>
}

const besideWeights = (model: PretrainedModel): Beside => {
  if (model.form === "gguf") {
    const texts = new Map([
      ["config.json", json(describedConfig(model))],
      ["generation_config.json", json(generationOf(model))],
      ...wordsOf(model)
    ])
    return { texts, copied: [] }
  }
  const config = jsonFile(`${model.path}/config.json`, 1_000_000) ?? {}
  // Version 5 of transformers calls it dtype, those before torch_dtype.
  const type = config["dtype"] === undefined ? { torch_dtype: "float32" } : { dtype: "float32" }
  const names = namesIn(model.path) ?? []
  return { texts: new Map([["config.json", json({ ...config, ...type })]]), copied: BESIDE.filter((name) => names.includes(name)) }
}

/**
 * Writes a model as a folder that transformers, vLLM and llama.cpp's converter open: all weights as float32 in one file, a tied unembedding left to its
 * embedding; config.json, the tokenizer and the template as they are beside the model, or made of what its GGUF file says. Weights are read and
 * written one at a time, so memory holds one. With `mergeAdapter` and `withWeights` it writes what training made.
 *
 * Fails with ModelFileError as `readWeights` does, or for words that cannot be read; with FileError where the folder cannot be written.
 */
export const writeModel = (folder: string, model: PretrainedModel): Effect.Effect<void, FileError | ModelFileError> =>
  Effect.gen(function* () {
    const { copied, texts } = yield* failing([ModelFileError], () => besideWeights(model))
    yield* makeFolder(folder)
    const entries = new Map(llamaLayout(model.config).entries.map((entry) => [storedName(entry.name, "safetensors")!, entry]))
    const shapes = new Map([...entries].map(([stored, entry]) => [stored, storedShape(entry)]))
    const valuesOf = (stored: string) => {
      const { name, shape: [rows = 0, columns = 0] } = entries.get(stored)!
      const isTurned = name !== "embedding.token" && entries.get(stored)!.shape.length === 2
      return Effect.map(model.readWeights(name), (values) => (isTurned ? transposed(values, rows, columns) : values))
    }
    yield* streamSafetensors(`${folder}/model.safetensors`, shapes, valuesOf, { format: "pt" })
    for (const [name, text] of texts) yield* writeText(`${folder}/${name}`, text)
    const { copyFileSync } = nodeBuiltin("node:fs", "writing a model's files")
    for (const name of copied) {
      yield* Effect.try({ try: () => copyFileSync(`${model.path}/${name}`, `${folder}/${name}`), catch: unwritten(`${folder}/${name}`) })
    }
  })
