import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { describeModel, openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { ropeFactors, scalingOf } from "../../../src/model/pretrained/RopeFactors.ts"
import { openSafetensors, openSafetensorsIndex, type Safetensors, writeSafetensors } from "../../../src/model/pretrained/Safetensors.ts"
import { readTensor } from "../../../src/model/pretrained/StoredTensor.ts"
import { splitPairs } from "../../../src/model/pretrained/WeightNames.ts"
import { changeJson, copyOf, PRETRAINED, refusalOf, run } from "../../support/PretrainedFiles.ts"

let folder = ""
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pretrained-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const copy = (name: string): string => copyOf(name, join(folder, String(count++)))
const open = (name: string): PretrainedModel => run(openModel(join(PRETRAINED, name)))
const weightsOf = (model: PretrainedModel): ReadonlyMap<string, Float32Array> =>
  new Map(llamaLayout(model.config).entries.map(({ name }) => [name, run(model.readWeights(name))]))

/** What a matrix of [rows, columns] is when it is turned. */
const turned = (values: Float32Array, [rows = 1, columns = 1]: ReadonlyArray<number>): Float32Array =>
  Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!)

describe("a pretrained model", () => {
  it.each([
    ["llama", "Llama", { isTied: false, hasBiases: false, hasHeadNorms: false }, 33_952],
    ["llama-tied", "Llama", { isTied: true, hasBiases: false, hasHeadNorms: false }, 24_736],
    ["qwen2", "Qwen2", { isTied: false, hasBiases: true, hasHeadNorms: false }, 34_080],
    ["qwen3", "Qwen3", { isTied: true, hasBiases: false, hasHeadNorms: true, headWidth: 16 }, 30_944]
  ])("%s: its family, sizes and tokens are read", (name, family, part, parameters) => {
    const model = open(name)
    expect(model).toMatchObject({
      family,
      form: "safetensors",
      beginning: 0,
      ends: [2, 0],
      config: { vocabulary: 288, width: 32, layers: 2, heads: 4, keyHeads: 2, innerWidth: 48, context: 128, ...part }
    })
    expect(describeModel(model)).toMatchObject({ parameters, float32Bytes: 4 * parameters })
  })

  // The published orientation, of which ours is the transpose: a matrix is taken from the file by other code than that under test.
  it.each(["llama", "llama-tied", "qwen2", "qwen3"])("%s: weights are those of the file, matrices turned to [in, out]", (name) => {
    const model = open(name)
    const at = join(PRETRAINED, name)
    const file: Safetensors = run(
      name === "llama" ? openSafetensorsIndex(join(at, "model.safetensors.index.json")) : openSafetensors(join(at, "model.safetensors"))
    )
    const raw = (tensor: string): Float32Array => run(readTensor(file.tensors.get(tensor)!))
    const ours = (entry: string): Float32Array => run(model.readWeights(entry))
    const shapeOf = (tensor: string): ReadonlyArray<number> => file.tensors.get(tensor)!.shape
    for (const [entry, tensor] of [["query", "self_attn.q_proj"], ["projection", "self_attn.o_proj"], ["down", "mlp.down_proj"]]) {
      const stored = `model.layers.1.${tensor}.weight`
      expect(ours(`block1.${entry}`)).toEqual(turned(raw(stored), shapeOf(stored)))
    }
    expect(ours("embedding.token")).toEqual(raw("model.embed_tokens.weight"))
    expect(ours("block0.mlpGain")).toEqual(raw("model.layers.0.post_attention_layernorm.weight"))
    for (const { name: entry, size } of llamaLayout(model.config).entries) expect(ours(entry)).toHaveLength(size)
  })

  it.each(["llama", "qwen2"])("%s as a GGUF file has the same sizes and, to the bit, the same weights", (name) => {
    const [folderModel, fileModel] = [open(name), run(openModel(join(PRETRAINED, name, "model.gguf")))]
    expect({ ...fileModel.config, normEpsilon: folderModel.config.normEpsilon }).toEqual(folderModel.config)
    expect(fileModel).toMatchObject({ form: "gguf", family: folderModel.family, beginning: 0, ends: [2] })
    expect(fileModel.config.normEpsilon).toBe(folderModel.config.normEpsilon)
    expect(weightsOf(fileModel)).toEqual(weightsOf(folderModel))
  })

  it("a name that is no entry is refused", () => {
    expect(refusalOf(open("llama").readWeights("block2.query"))).toMatchObject({ reason: "Missing", tensor: "block2.query" })
    expect(refusalOf(open("llama").readWeights("constructor")).reason).toBe("Missing")
  })

  it("pairs side by side come half a head apart", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(splitPairs(4))).toEqual([0, 2, 1, 3, 4, 6, 5, 7])
  })

  describe("configurations", () => {
    const withConfig = (change: Readonly<Record<string, unknown>>, name = "llama") => {
      const made = copy(name)
      changeJson(join(made, "config.json"), change)
      return openModel(made)
    }

    it("of version 4 of transformers are read as those of version 5", () => {
      const { rope_parameters: rope, ...others } = JSON.parse(readFileSync(join(PRETRAINED, "llama", "config.json"), "utf8")) as {
        readonly rope_parameters: Readonly<Record<string, unknown>>
      }
      const { rope_theta: base, ...scaling } = rope
      const made = copy("llama")
      writeFileSync(join(made, "config.json"), JSON.stringify({ ...others, rope_theta: base, rope_scaling: scaling }))
      expect(run(openModel(made)).config).toEqual(open("llama").config)
      writeFileSync(join(made, "config.json"), JSON.stringify({ ...others, rope_theta: base, rope_scaling: null }))
      const { ropeScaling: _, ...plain } = open("llama").config
      expect(run(openModel(made)).config).toEqual(plain)
    })

    it("without generation_config.json name the tokens that end a response themselves", () => {
      const made = copy("llama")
      rmSync(join(made, "generation_config.json"))
      expect(run(openModel(made)).ends).toEqual([2])
    })

    it.each<[string, Readonly<Record<string, unknown>>, string, string]>([
      ["another family", { architectures: ["MistralForCausalLM"] }, "Architecture", "MistralForCausalLM"],
      ["no family", { architectures: undefined }, "Architecture", "no architecture"],
      ["a family named as a method of objects", { architectures: ["constructor"] }, "Architecture", "constructor"],
      ["another activation", { hidden_act: "gelu" }, "Setting", "hidden_act is \"gelu\""],
      ["a bias of the projection", { attention_bias: true }, "Setting", "attention_bias is true"],
      ["biases of the inner layers", { mlp_bias: true }, "Setting", "mlp_bias is true"],
      ["a sliding window", { use_sliding_window: true }, "Setting", "use_sliding_window is true"],
      ["a window in some layers", { layer_types: ["full_attention", "sliding_attention"] }, "Setting", "sliding_attention"],
      ["rotations stretched otherwise", { rope_parameters: { rope_type: "yarn", factor: 4 } }, "Setting", "\"yarn\""],
      ["a scaling that lacks a field", { rope_parameters: { rope_type: "llama3", factor: 4 } }, "Setting", "low_freq_factor is missing"],
      ["a part of heads turned", { partial_rotary_factor: 0.5 }, "Setting", "partial_rotary_factor is 0.5"],
      ["pairs side by side", { rope_interleaved: true }, "Setting", "rope_interleaved is true"],
      ["quantised weights", { quantization_config: { quant_method: "awq" } }, "Quantisation", "awq"],
      ["no width", { hidden_size: undefined }, "Setting", "hidden_size is missing"],
      ["a width of text", { hidden_size: "32" }, "Setting", "hidden_size is \"32\""],
      ["a fraction of layers", { num_hidden_layers: 1.5 }, "Setting", "num_hidden_layers is 1.5"],
      ["layers without end", { num_hidden_layers: 2_000_000_000 }, "Missing", "those of 2000000000 layers"],
      ["key heads that do not divide", { num_key_value_heads: 3 }, "Setting", "a divisor of the 4 heads"],
      ["an epsilon that is no number", { rms_norm_eps: null, head_dim: -8 }, "Setting", "head_dim is -8"],
      ["another width", { hidden_size: 64, head_dim: 8 }, "Shape", "[288, 64]"],
      ["a layer more", { num_hidden_layers: 3 }, "Missing", "model.layers.2."],
      ["a layer less", { num_hidden_layers: 1 }, "Architecture", "model.layers.1."],
      ["an unembedding that is not there", { tie_word_embeddings: "no" }, "Setting", "tie_word_embeddings is \"no\""]
    ])("refuses %s", (_, change, reason, part) => {
      const error = refusalOf(withConfig(change))
      expect(error.reason).toBe(reason)
      expect(error.message).toContain(part)
    })

    it("refuses ids that are no tokens, and an unembedding that is missing", () => {
      const made = copy("llama")
      writeFileSync(join(made, "generation_config.json"), JSON.stringify({ eos_token_id: [2, 288] }))
      expect(refusalOf(openModel(made)).message).toContain("eos_token_id is 288; expected ids from 0 to 287")
      expect(refusalOf(withConfig({ tie_word_embeddings: false }, "llama-tied"))).toMatchObject({
        reason: "Missing",
        tensor: "lm_head.weight"
      })
    })
  })

  describe("files", () => {
    const rewritten = (
      change: (tensors: Map<string, { readonly shape: ReadonlyArray<number>; readonly values: Float32Array }>) => unknown
    ) => {
      const made = copy("llama-tied")
      const file = join(made, "model.safetensors")
      const tensors = new Map(
        [...run(openSafetensors(file)).tensors].map(([name, tensor]) => [name, { shape: tensor.shape, values: run(readTensor(tensor)) }])
      )
      change(tensors)
      run(writeSafetensors(file, tensors))
      return openModel(made)
    }

    it("a tensor that is missing, of another shape or left over is named", () => {
      expect(refusalOf(rewritten((tensors) => tensors.delete("model.norm.weight")))).toMatchObject({
        reason: "Missing",
        tensor: "model.norm.weight"
      })
      const bias = { shape: [32], values: new Float32Array(32) }
      expect(refusalOf(rewritten((tensors) => tensors.set("model.layers.0.self_attn.o_proj.bias", bias)))).toMatchObject({
        reason: "Architecture",
        tensor: "model.layers.0.self_attn.o_proj.bias"
      })
      const narrow = { shape: [48, 31], values: new Float32Array(48 * 31) }
      expect(refusalOf(rewritten((tensors) => tensors.set("model.layers.0.mlp.up_proj.weight", narrow)))).toMatchObject({
        reason: "Shape",
        found: "[48, 31]",
        expected: "[48, 32]"
      })
      // Tied, and saved all the same; and what old versions saved of rotations.
      const copies = rewritten((tensors) => {
        tensors.set("lm_head.weight", { shape: [288, 32], values: new Float32Array(288 * 32) })
        tensors.set("model.layers.0.self_attn.rotary_emb.inv_freq", { shape: [4], values: new Float32Array(4) })
      })
      expect(run(copies).config.isTied).toBe(true)
    })

    it("a folder without configuration or weights, and no folder, say what is missing", () => {
      const made = copy("qwen2")
      rmSync(join(made, "config.json"))
      expect(refusalOf(openModel(made)).message).toContain("Name one of its GGUF files: model.gguf")
      const bare = copy("llama-tied")
      rmSync(join(bare, "model.safetensors"))
      expect(refusalOf(openModel(bare)).message).toContain("pytorch_model.bin are not read")
      expect(refusalOf(openModel(join(folder, "none"))).reason).toBe("Missing")
      writeFileSync(join(bare, "config.json"), "{")
      expect(refusalOf(openModel(bare))).toMatchObject({ reason: "Format", file: join(bare, "config.json") })
    })

    it("a GGUF file whose tables are changed is refused by what was changed", () => {
      const whole = readFileSync(join(PRETRAINED, "llama", "model.gguf"))
      const changed = (from: string, to: string): string => {
        const file = join(folder, "changed.gguf")
        const at = whole.indexOf(from)
        expect(at).toBeGreaterThan(0)
        const bytes = Buffer.from(whole)
        bytes.write(to, at)
        writeFileSync(file, bytes)
        return file
      }
      expect(refusalOf(openModel(changed("llama", "lamaX"))).message).toContain("the architecture \"lamaX\"")
      expect(refusalOf(openModel(changed("llama.block_count", "llama.block_coun_"))).message).toContain("llama.block_count is missing")
      expect(refusalOf(openModel(changed("blk.0.attn_q.weight", "blk.0.attn_x.weight")))).toMatchObject({
        reason: "Missing",
        tensor: "blk.0.attn_q.weight"
      })
      expect(refusalOf(openModel(changed("rope_freqs.weight", "rope_other.weight")))).toMatchObject({
        reason: "Architecture",
        tensor: "rope_other.weight"
      })
    })
  })
})

describe("Llama 3's scaling from its factors", () => {
  it.each([
    ["Llama 3.1", { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192 }, 500_000, 64],
    ["Llama 3.2", { factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192 }, 500_000, 32],
    ["another context", { factor: 4, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 2000 }, 10_000, 32]
  ])("%s", (_, scaling, base, pairs) => {
    expect(scalingOf(Float32Array.from(ropeFactors(scaling, base, pairs)), base, undefined)).toEqual(scaling)
  })

  it("none where all are 1; another where the bounds are not Llama's", () => {
    expect(scalingOf([1, 1, 1], 10_000, undefined)).toBeUndefined()
    const other = ropeFactors({ factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 32, originalContext: 8192 }, 500_000, 64)
    expect(scalingOf(other, 500_000, undefined)).toBe("other")
    expect(scalingOf([1, 0.5], 10_000, undefined)).toBe("other")
    expect(scalingOf([8, 1], 10_000, undefined)).toBe("other")
  })

  it("a context that no pair tells is one that gives the same factors", () => {
    const scaling = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 700 }
    const factors = ropeFactors(scaling, 1e6, 3)
    const found = scalingOf(factors, 1e6, undefined)
    expect(found !== undefined && found !== "other" && ropeFactors(found, 1e6, 3)).toEqual(factors)
  })
})
