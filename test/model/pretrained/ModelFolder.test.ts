import { Effect, Result } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { FileError } from "../../../src/domain/Errors.ts"
import { llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { mergeAdapter, sumAdapters, withWeights } from "../../../src/model/pretrained/LoraWeights.ts"
import { writeModel } from "../../../src/model/pretrained/ModelFolder.ts"
import { readPeftAdapter } from "../../../src/model/pretrained/PeftAdapter.ts"
import { openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { openSafetensors } from "../../../src/model/pretrained/Safetensors.ts"
import { openTokenizer } from "../../../src/model/pretrained/TextTokenizer.ts"
import { hashOf, PRETRAINED, run } from "../../support/PretrainedFiles.ts"
import { CHECKPOINTS, readCheckpoint } from "../../support/PretrainedFixture.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "model-folder-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const adapted = (name: string, file = "") => {
  const model = run(openModel(join(PRETRAINED, name, file)))
  return { model, lora: run(readPeftAdapter(join(PRETRAINED, name, "golden", "adapter"), model)) }
}
const all = (model: PretrainedModel) =>
  Object.fromEntries(llamaLayout(model.config).entries.map(({ name }) => [name, run(model.readWeights(name))]))
const hashes = (model: PretrainedModel) => Object.fromEntries(Object.entries(all(model)).map(([name, values]) => [name, hashOf(values)]))
/** The largest difference. */
const apart = (values: Float32Array, expected: Float32Array): number =>
  values.length === expected.length ? values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) : Infinity
const jsonOf = (file: string): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(file, "utf8"))

describe.each(CHECKPOINTS)("a merged model of %s", (name) => {
  const { lora, model } = adapted(name)
  const { adapterLayout, layout, parameters } = readCheckpoint(name)

  it("has W + (α/r)·A·B in its adapted matrices, and all else as it was", () => {
    const merged = all(mergeAdapter(model, lora))
    for (const { name, offset, shape: [, columns = 0], size } of layout.entries) {
      const a = adapterLayout.entries.find((entry) => entry.name === `${name}.a`)
      const b = adapterLayout.entries.find((entry) => entry.name === `${name}.b`)
      const before = parameters.subarray(offset, offset + size)
      const expected = a === undefined || b === undefined ? before : before.map((weight, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns]
        let sum = weight
        for (let k = 0; k < 4; k++) sum += 2 * lora.parameters[a.offset + row * 4 + k]! * lora.parameters[b.offset + k * columns + column]!
        return sum
      })
      expect(apart(merged[name]!, expected)).toBeLessThan(1e-6)
    }
  })

  it("as a folder is the same model: weights, words, template and end; a tied one stays tied", () => {
    const target = join(folder, name)
    const merged = mergeAdapter(model, lora)
    run(writeModel(target, merged))
    const again = run(openModel(target))
    const { config, ends, family } = model
    expect({ config: again.config, ends: again.ends, family: again.family }).toEqual({ config, ends, family })
    expect(hashes(again)).toEqual(hashes(merged))
    const { metadata, tensors } = run(openSafetensors(join(target, "model.safetensors")))
    expect([tensors.has("lm_head.weight"), metadata]).toEqual([!config.isTied, { format: "pt" }])
    expect(jsonOf(join(target, "config.json"))).toEqual({ ...jsonOf(join(PRETRAINED, name, "config.json")), dtype: "float32" })
    for (const file of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"]) {
      const source = join(PRETRAINED, name, file)
      expect(existsSync(join(target, file))).toBe(existsSync(source))
      if (existsSync(source)) expect(readFileSync(join(target, file), "utf8")).toBe(readFileSync(source, "utf8"))
    }
  })

  it("of the sum of two adapters is the merged one of one after the other", () => {
    const other = { ...lora, alpha: -3, targets: lora.targets }
    const both = sumAdapters(model.config, lora, other)
    expect([both.rank, both.alpha]).toEqual([8, 8])
    const [once, twice] = [all(mergeAdapter(model, both)), all(mergeAdapter(mergeAdapter(model, lora), other))]
    for (const [entry, values] of Object.entries(once)) {
      expect(apart(values, twice[entry]!)).toBeLessThan(1e-6)
    }
  })
})

describe("a model of a GGUF file as a folder", () => {
  it.each(["llama", "qwen2"])("is the %s that its safetensors are, tokens with their ids", async (name) => {
    const { model } = adapted(name, "model.gguf")
    const target = join(folder, `${name}-gguf`)
    run(writeModel(target, model))
    const [again, source] = [run(openModel(target)), run(openModel(join(PRETRAINED, name)))]
    expect(again.config).toEqual(source.config)
    expect(again.family).toBe(source.family)
    expect(hashes(again)).toEqual(hashes(source))
    const [tokenizer, expected] = [await Effect.runPromise(openTokenizer(again)), await Effect.runPromise(openTokenizer(source))]
    for (const text of ["47 * 6 = 282", "<|im_start|>user\nHi ½ ٣ 🤗<|im_end|>\n"]) {
      expect(Result.getOrThrow(tokenizer.encode(text))).toEqual(Result.getOrThrow(expected.encode(text)))
    }
    // The Rust library gives an added token that is no word the next free id, whatever is said beside it.
    const { added_tokens: added, model: { vocab } } = jsonOf(join(target, "tokenizer.json")) as {
      readonly added_tokens: ReadonlyArray<{ readonly id: number; readonly content: string }>
      readonly model: { readonly vocab: Readonly<Record<string, number>> }
    }
    expect(added.length).toBe(3)
    for (const { content, id } of added) expect(vocab[content]).toBe(id)
    expect(jsonOf(join(target, "tokenizer_config.json"))).toMatchObject({ bos_token: "<|endoftext|>", eos_token: "<|im_end|>" })
  })
})

describe("a model with other weights", () => {
  it("has those, and refuses another number of them", () => {
    const { model } = adapted("llama")
    const { count, entries } = llamaLayout(model.config)
    const other = withWeights(model, Float32Array.from({ length: count }, (_, i) => i))
    const { name, offset } = entries[5]!
    expect(run(other.readWeights(name))[3]).toBe(offset + 3)
    expect(() => withWeights(model, new Float32Array(count - 1))).toThrow(RangeError)
    expect(run(Effect.flip(other.readWeights("block9.query")))).toMatchObject({ reason: "Missing" })
  })

  it("leaves no half of a file where it cannot be written", () => {
    const { model } = adapted("llama")
    expect(run(Effect.flip(writeModel(join(PRETRAINED, "llama", "config.json", "within"), model)))).toBeInstanceOf(FileError)
    const target = join(folder, "half")
    const broken: PretrainedModel = {
      ...model,
      readWeights: (name) => (name === "finalGain" ? model.readWeights("none") : model.readWeights(name))
    }
    expect(run(Effect.flip(writeModel(target, broken)))).toMatchObject({ reason: "Missing" })
    expect([existsSync(join(target, "model.safetensors")), existsSync(join(target, "model.safetensors.partial"))]).toEqual([false, false])
  })
})
