import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { openGguf } from "../../../src/model/pretrained/Gguf.ts"
import { writeGgufAdapter } from "../../../src/model/pretrained/GgufAdapter.ts"
import { loraLayout } from "../../../src/model/pretrained/LoraWeights.ts"
import { readPeftAdapter } from "../../../src/model/pretrained/PeftAdapter.ts"
import { openModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { readNow } from "../../../src/model/pretrained/StoredTensor.ts"
import { orderOf, storedName } from "../../../src/model/pretrained/WeightNames.ts"
import { PRETRAINED, refusalOf, run } from "../../support/PretrainedFiles.ts"
import { CHECKPOINTS } from "../../support/PretrainedFixture.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gguf-adapter-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.each(CHECKPOINTS)("an adapter of %s as a GGUF file", (name) => {
  const model = run(openModel(join(PRETRAINED, name)))
  const lora = run(readPeftAdapter(join(PRETRAINED, name, "golden", "adapter"), model))

  it("says what it is, and its factors multiply to the correction of the weight as the model's GGUF file has it", () => {
    const file = join(folder, `${name}.gguf`)
    run(writeGgufAdapter(file, model, lora))
    const { metadata, tensors } = run(openGguf(file))
    expect(Object.fromEntries(metadata)).toEqual({
      "general.type": "adapter",
      "general.architecture": model.family.toLowerCase(),
      "adapter.type": "lora",
      "adapter.lora.alpha": 8
    })
    const layout = loraLayout(model.config, lora)
    expect(tensors.size).toBe(layout.entries.length)
    for (const entry of llamaLayout(model.config).entries) {
      const [a, b] = ["a", "b"].map((factor) => layout.entries.find((each) => each.name === `${entry.name}.${factor}`))
      if (a === undefined || b === undefined) continue
      const [rows, columns] = entry.shape as readonly [number, number]
      const [storedA, storedB] = ["lora_a", "lora_b"].map((factor) => tensors.get(`${storedName(entry.name, "gguf")}.${factor}`)!) as [
        never,
        never
      ]
      const [fileA, fileB] = [readNow(storedA), readNow(storedB)]
      const { rowOf = (row: number) => row } = orderOf(entry, "gguf", model.family, model.config)
      for (let out = 0; out < columns; out++) {
        for (const input of [0, 1, rows - 1]) {
          let [got, expected] = [0, 0]
          for (let k = 0; k < 4; k++) {
            got += fileB[out * 4 + k]! * fileA[k * rows + input]!
            // The file's row `out` is ours at rowOf(out).
            expected += lora.parameters[a.offset + input * 4 + k]! * lora.parameters[b.offset + k * columns + rowOf(out)]!
          }
          expect(got).toBeCloseTo(expected, 6)
        }
      }
    }
    expect(refusalOf(openModel(file))).toMatchObject({ reason: "Architecture", found: `a file of type "adapter"` })
  })
})

describe("an adapter as a GGUF file", () => {
  it("of α 0 corrects nothing, though llama.cpp reads 0 as an α that is not given", () => {
    const model = run(openModel(join(PRETRAINED, "llama")))
    const lora = run(readPeftAdapter(join(PRETRAINED, "llama", "golden", "adapter"), model))
    const file = join(folder, "zero.gguf")
    run(writeGgufAdapter(file, model, { ...lora, alpha: 0 }))
    const b = run(openGguf(file)).tensors.get("blk.0.attn_q.weight.lora_b")!
    expect(readNow(b).every((value) => value === 0)).toBe(true)
  })
})
