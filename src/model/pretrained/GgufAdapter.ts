/**
 * Adapters as llama.cpp reads them: a GGUF file of the type adapter, its tensors named after those that they correct.
 *
 * @module
 */
import type { Effect } from "effect"
import type { FileError } from "../../domain/Errors.ts"
import { llamaLayout } from "../architecture/LlamaConfig.ts"
import type { Family } from "./Family.ts"
import { writeGguf } from "./GgufWriter.ts"
import { assertLora, loraConfig, type LoraWeights, transposed } from "./LoraWeights.ts"
import type { PretrainedModel } from "./PretrainedModel.ts"
import type { WrittenTensor } from "./Safetensors.ts"
import { orderOf, storedName } from "./WeightNames.ts"

const ARCHITECTURES: Readonly<Record<Family, string>> = { Llama: "llama", Qwen2: "qwen2", Qwen3: "qwen3" }

/** Takes row `rowOf(r)` as row r: from our order of a matrix's rows to the file's. */
const reordered = (values: Float32Array, columns: number, rowOf: (row: number) => number): Float32Array => {
  const result = new Float32Array(values.length)
  for (let row = 0; row * columns < values.length; row++) {
    const from = rowOf(row)
    result.set(values.subarray(from * columns, (from + 1) * columns), row * columns)
  }
  return result
}

/**
 * Writes an adapter of a model as a GGUF file for llama.cpp (`--lora`, node-llama-cpp's `lora`): A as [r, in], B as [out, r], with the rows of a
 * Llama's queries and keys in the order that GGUF files have them.
 *
 * Fails with FileError where it cannot be written. Throws RangeError for parameters that are not as many as the adapter's.
 */
export const writeGgufAdapter = (
  file: string,
  { config, family }: PretrainedModel,
  lora: LoraWeights
): Effect.Effect<void, FileError> => {
  const { adapts } = loraConfig(lora)
  const places = new Map(assertLora(config, lora).entries.map(({ name, offset, size }) => [name, [offset, offset + size] as const]))
  const tensors = new Map<string, WrittenTensor>()
  for (const entry of llamaLayout(config).entries) {
    if (adapts?.(entry.name) !== true) continue
    const [rows = 0, columns = 0] = entry.shape
    const [a, b] = ["a", "b"].map((factor) => lora.parameters.subarray(...places.get(`${entry.name}.${factor}`)!)) as [
      Float32Array,
      Float32Array
    ]
    const { rowOf } = orderOf(entry, "gguf", family, config)
    const name = storedName(entry.name, "gguf")!
    // llama.cpp takes an α of 0 for one that is not given.
    const outputs = lora.alpha === 0 ? new Float32Array(b.length) : transposed(b, lora.rank, columns)
    tensors.set(`${name}.lora_a`, { shape: [lora.rank, rows], values: transposed(a, rows, lora.rank) })
    tensors.set(`${name}.lora_b`, {
      shape: [columns, lora.rank],
      values: rowOf === undefined ? outputs : reordered(outputs, lora.rank, rowOf)
    })
  }
  return writeGguf(file, [
    ["general.type", "adapter"],
    ["general.architecture", ARCHITECTURES[family]],
    ["adapter.type", "lora"],
    ["adapter.lora.alpha", { float32: lora.alpha }]
  ], tensors)
}
