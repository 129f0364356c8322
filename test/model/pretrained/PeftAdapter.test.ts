import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { loraLayout, type LoraWeights } from "../../../src/model/pretrained/LoraWeights.ts"
import { readPeftAdapter, writePeftAdapter } from "../../../src/model/pretrained/PeftAdapter.ts"
import { openModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { openSafetensors, writeSafetensors } from "../../../src/model/pretrained/Safetensors.ts"
import { readNow } from "../../../src/model/pretrained/StoredTensor.ts"
import { changeJson, hashOf, PRETRAINED, refusalOf, run } from "../../support/PretrainedFiles.ts"
import { CHECKPOINTS, readCheckpoint } from "../../support/PretrainedFixture.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peft-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const modelOf = (name: string) => run(openModel(join(PRETRAINED, name)))
const published = (name: string): string => join(PRETRAINED, name, "golden", "adapter")
/** Numbers by their bytes: a difference of thousands is no message. */
const hashed = ({ parameters, ...size }: LoraWeights) => ({ ...size, parameters: hashOf(parameters) })
let copies = 0
/** A copy of an adapter to damage. */
const copied = (name = "llama"): string => {
  const target = join(folder, `copy-${copies++}`)
  cpSync(published(name), target, { recursive: true })
  return target
}
const configOf = (at: string): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(join(at, "adapter_config.json"), "utf8"))
const WEIGHTS = "adapter_model.safetensors"
const QUERY = "base_model.model.model.layers.0.self_attn.q_proj"

type Tensors = ReadonlyMap<string, { readonly shape: ReadonlyArray<number>; readonly values: Float32Array }>
/** Writes an adapter's tensors changed. */
const rewritten = (change: (tensors: Tensors) => Tensors): string => {
  const at = copied()
  const file = join(at, WEIGHTS)
  const tensors = new Map(
    [...run(openSafetensors(file)).tensors].map(([name, tensor]) => [name, { shape: tensor.shape, values: readNow(tensor) }])
  )
  run(writeSafetensors(file, change(tensors)))
  return at
}

describe.each(CHECKPOINTS)("an adapter of %s as peft's folder", (name) => {
  it("is read as the numbers that peft computes with, and written as the bytes that peft writes", () => {
    const model = modelOf(name)
    const lora = run(readPeftAdapter(published(name), model))
    expect(hashed(lora)).toEqual({
      rank: 4,
      alpha: 8,
      targets: ["query", "key", "value", "projection", "gate", "up", "down"],
      parameters: hashOf(readCheckpoint(name).adapter)
    })
    const target = join(folder, name)
    run(writePeftAdapter(target, model, lora, name))
    expect(readFileSync(join(target, WEIGHTS)).equals(readFileSync(join(published(name), WEIGHTS)))).toBe(true)
    expect(configOf(published(name))).toMatchObject(configOf(target))
    expect(hashed(run(readPeftAdapter(`${target}/`, model)))).toEqual(hashed(lora))
  })
})

describe("an adapter of some matrices", () => {
  const model = modelOf("llama")
  const size = { rank: 3, alpha: -1.5, targets: ["query", "down"] } as const
  const { count } = loraLayout(model.config, size)
  const lora: LoraWeights = { ...size, parameters: Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i))) }

  it("goes through the folder unchanged; a pattern in place of names is what the tensors show; names may be longer", () => {
    const target = join(folder, "some")
    run(writePeftAdapter(target, model, lora))
    expect(configOf(target)).toMatchObject({
      base_model_name_or_path: model.path,
      target_modules: ["down_proj", "q_proj"],
      r: 3,
      lora_alpha: -1.5
    })
    for (const target_modules of [undefined, "all-linear", ".*(q|down)_proj", ["self_attn.q_proj", "mlp.down_proj"]]) {
      changeJson(join(target, "adapter_config.json"), { target_modules })
      expect(hashed(run(readPeftAdapter(target, model)))).toEqual(hashed(lora))
    }
  })

  it("refuses to write other numbers than the adapter has", () => {
    expect(() => run(writePeftAdapter(join(folder, "odd"), model, { ...lora, parameters: new Float32Array(count + 1) }))).toThrow(
      RangeError
    )
  })
})

describe("an adapter that is computed otherwise, or damaged, is refused", () => {
  const model = modelOf("llama")
  const refused = (at: string) => refusalOf(readPeftAdapter(at, model))

  it.each<readonly [field: string, value: unknown]>([
    ["peft_type", "IA3"],
    ["peft_type", null],
    ["task_type", "SEQ_CLS"],
    ["bias", "lora_only"],
    ["rank_pattern", { "layers.0.self_attn.q_proj": 8 }],
    ["alpha_pattern", { q_proj: 1 }],
    ["use_rslora", true],
    ["use_dora", true],
    ["constructor", true],
    ["lora_bias", true],
    ["fan_in_fan_out", true],
    ["modules_to_save", ["lm_head"]],
    ["layers_to_transform", [0]],
    ["layer_replication", [[0, 2]]],
    ["trainable_token_indices", [1]],
    ["target_parameters", ["x"]],
    ["init_lora_weights", "pissa"],
    ["init_lora_weights", "pissa_niter_16"],
    ["init_lora_weights", "olora"],
    ["init_lora_weights", "loftq"],
    ["a_field_of_next_year", true],
    ["target_modules", ["q_proj", "lm_head"]],
    ["target_modules", ["c_attn"]],
    ["target_modules", [3]],
    ["r", 0],
    ["r", "4"],
    ["lora_alpha", null]
  ])("%s %j", (field, value) => {
    const at = copied()
    changeJson(join(at, "adapter_config.json"), { [field]: value })
    const { found, reason } = refused(at)
    expect(reason).toBe("Setting")
    expect(found).toContain(field)
  })

  it("another rank than its numbers have, with both shapes", () => {
    const at = copied()
    changeJson(join(at, "adapter_config.json"), { r: 8 })
    expect(refused(at)).toMatchObject({ reason: "Shape", tensor: `${QUERY}.lora_A.weight`, found: "[4, 32]", expected: "[8, 32]" })
  })

  it("a factor that is missing, or of a matrix that is named alone", () => {
    const name = `${QUERY}.lora_B.weight`
    expect(refused(rewritten((tensors) => new Map([...tensors].filter(([each]) => each !== name))))).toMatchObject({
      reason: "Missing",
      tensor: name
    })
    const queries = rewritten((tensors) => new Map([...tensors].filter(([each]) => !each.includes("q_proj"))))
    expect(refused(queries)).toMatchObject({ reason: "Missing", tensor: `${QUERY}.lora_A.weight` })
  })

  it("a tensor of a part or a layer that the model has not, or of a magnitude", () => {
    for (
      const name of [
        "base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight",
        "base_model.model.lm_head.weight",
        `${QUERY}.lora_magnitude_vector`
      ]
    ) {
      const at = rewritten((tensors) => new Map([...tensors, [name, { shape: [1], values: Float32Array.of(1) }]]))
      const { advice, reason, tensor } = refused(at)
      expect([reason, tensor]).toEqual(["Architecture", name])
      expect(advice).toContain("trained on this model? It says: on llama")
    }
  })

  it("numbers of another shape, in an order that only looks right, or not finite", () => {
    const shaped = rewritten((tensors) =>
      new Map(
        [...tensors].map((
          [name, { shape, values }]
        ) => [name, { shape: name.includes("q_proj.lora_B") ? shape.toReversed() : shape, values }])
      )
    )
    expect(refused(shaped)).toMatchObject({ reason: "Shape", tensor: `${QUERY}.lora_B.weight`, found: "[4, 32]", expected: "[32, 4]" })
    const infinite = rewritten((tensors) =>
      new Map([...tensors].map(([name, { shape, values }]) => [name, { shape, values: values.map(() => Infinity) }]))
    )
    expect(refused(infinite).reason).toBe("NotFinite")
  })

  it("an adapter of another model, by its widths", () => {
    expect(refusalOf(readPeftAdapter(published("qwen3"), model))).toMatchObject({ reason: "Shape" })
  })

  it("files that are missing, cut off, no folder, or a whole model's, with what to do", () => {
    const cut = copied()
    truncateSync(join(cut, WEIGHTS), 5000)
    expect(refused(cut).reason).toBe("CutOff")
    const old = copied()
    renameSync(join(old, WEIGHTS), join(old, "adapter_model.bin"))
    expect(refused(old).advice).toContain("runs code")
    expect(refused(join(PRETRAINED, "llama")).advice).toContain("name it as the model")
    expect(refused(join(folder, "nowhere"))).toMatchObject({ reason: "Missing", file: join(folder, "nowhere") })
    expect(refused(join(published("llama"), WEIGHTS))).toMatchObject({ reason: "Format", found: "it is no folder" })
    const spoilt = copied()
    writeFileSync(join(spoilt, "adapter_config.json"), "{")
    expect(refused(spoilt).reason).toBe("Format")
  })
})
