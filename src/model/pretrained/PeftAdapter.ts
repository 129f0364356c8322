/**
 * Adapters as peft has them: a folder of adapter_config.json and adapter_model.safetensors, read and written. Factors lie there as the weights
 * of linear layers: A as [r, in], B as [out, r].
 *
 * @module
 */
import { Effect } from "effect"
import type { FileError } from "../../domain/Errors.ts"
import type { Parameters } from "../../domain/Policy.ts"
import { failing } from "../../domain/Throws.ts"
import { llamaLayout } from "../architecture/LlamaConfig.ts"
import { jsonFile, namesIn } from "./FileBytes.ts"
import { ADAPTER_TARGETS, assertLora, loraConfig, loraLayout, type LoraSize, type LoraWeights, partOf, transposed } from "./LoraWeights.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { peftConfig, type PeftSettings, peftSettings } from "./PeftConfig.ts"
import type { PretrainedModel } from "./PretrainedModel.ts"
import { openSafetensors, writeSafetensors, type WrittenTensor } from "./Safetensors.ts"
import { formatOf, readNow, type StoredTensor } from "./StoredTensor.ts"
import { storedName } from "./WeightNames.ts"
import { makeFolder, writeText } from "./WrittenFile.ts"

const CONFIG = "adapter_config.json"
const WEIGHTS = "adapter_model.safetensors"
const MOST_CONFIG = 1_000_000

/** Both factors of an adapted matrix: their names in our layout and in the file, their shapes in the file. */
const factorsOf = (config: PretrainedModel["config"], size: LoraSize) => {
  const { adapts } = loraConfig(size)
  return llamaLayout(config).entries.flatMap(({ name, shape: [rows = 0, columns = 0] }) => {
    if (adapts?.(name) !== true) return []
    const module = `base_model.model.${storedName(name, "safetensors")!.replace(/\.weight$/, "")}`
    return [
      { entry: `${name}.a`, stored: `${module}.lora_A.weight`, shape: [size.rank, rows] as const },
      { entry: `${name}.b`, stored: `${module}.lora_B.weight`, shape: [columns, size.rank] as const }
    ]
  })
}

/**
 * Writes an adapter of a model as a folder that peft, vLLM and others open. `base` is what the folder calls the model that it belongs to (left
 * out: the path of ours; transformers opens folders and repositories). The same numbers give the bytes that peft writes.
 *
 * Fails with FileError where it cannot be written. Throws RangeError for parameters that are not as many as the adapter's.
 */
export const writePeftAdapter = (
  folder: string,
  { config, path }: PretrainedModel,
  lora: LoraWeights,
  base: string = path
): Effect.Effect<void, FileError> => {
  const places = new Map(assertLora(config, lora).entries.map(({ name, offset, size }) => [name, [offset, offset + size] as const]))
  const tensors = factorsOf(config, lora)
    .map(({ entry, shape, stored }): readonly [string, WrittenTensor] => {
      const [rows, columns] = shape
      return [stored, { shape, values: transposed(lora.parameters.subarray(...places.get(entry)!), columns, rows) }]
    })
    .sort(([left], [right]) => (left < right ? -1 : 1))
  return makeFolder(folder).pipe(
    Effect.andThen(writeSafetensors(`${folder}/${WEIGHTS}`, new Map(tensors), { format: "pt" })),
    Effect.andThen(writeText(`${folder}/${CONFIG}`, `${JSON.stringify(peftConfig(lora, base), null, 2)}\n`))
  )
}

const missing = (file: string, expected: string, advice: string): ModelFileError =>
  new ModelFileError({ reason: "Missing", file, found: "there is no such file", expected, advice })

const settingsIn = (folder: string): PeftSettings => {
  const names = namesIn(folder)
  if (names === undefined) {
    throw new ModelFileError({
      reason: "Format",
      file: folder,
      found: "it is no folder",
      expected: `a folder of ${CONFIG} and ${WEIGHTS}, as peft writes it`,
      advice: "Name the folder; GGUF adapters are written and not read"
    })
  }
  const file = `${folder}/${CONFIG}`
  const config = jsonFile(file, MOST_CONFIG)
  if (config === undefined) {
    throw missing(
      file,
      "an adapter's folder, as peft writes it",
      names.includes("config.json") ? "It is the folder of a whole model: name it as the model" : "Is it the right folder?"
    )
  }
  const settings = peftSettings(file, config)
  if (!names.includes(WEIGHTS)) {
    throw missing(
      `${folder}/${WEIGHTS}`,
      "the adapter's numbers as safetensors",
      names.includes("adapter_model.bin")
        ? "Those as adapter_model.bin are not read, since reading them runs code; load and save it with a newer peft"
        : "Was the folder copied whole?"
    )
  }
  return settings
}

const belongs = ({ base }: PeftSettings): string =>
  `Was the adapter trained on this model?${base === undefined ? "" : ` It says: on ${base}`}`

const matched = (
  file: string,
  settings: PeftSettings,
  tensors: ReadonlyMap<string, StoredTensor>,
  factors: ReturnType<typeof factorsOf>
): ReadonlyMap<string, StoredTensor> => {
  const used = new Set(factors.map(({ stored }) => stored))
  // A layer that the model lacks says more than what is missing then.
  const left = [...tensors.values()].find(({ name }) => !used.has(name))
  if (left !== undefined) {
    throw new ModelFileError({
      reason: "Architecture",
      file,
      tensor: left.name,
      found: `numbers of [${left.shape.join(", ")}] for a part that is not corrected here`,
      expected: `lora_A and lora_B of matrices that the model's blocks have`,
      advice: belongs(settings)
    })
  }
  return new Map(factors.map(({ entry, shape, stored }) => {
    const tensor = tensors.get(stored)
    if (tensor === undefined) {
      throw new ModelFileError({
        reason: "Missing",
        file,
        tensor: stored,
        found: "no such tensor",
        expected: `numbers of [${shape.join(", ")}]: every layer has both factors of every matrix that is adapted`,
        advice: belongs(settings)
      })
    }
    if (tensor.shape.length !== 2 || tensor.shape.some((length, i) => length !== shape[i])) {
      throw new ModelFileError({
        reason: "Shape",
        file,
        tensor: stored,
        found: `[${tensor.shape.join(", ")}]`,
        expected: `[${shape.join(", ")}]`,
        advice: belongs(settings)
      })
    }
    formatOf(tensor)
    return [entry, tensor]
  }))
}

/**
 * Reads an adapter that peft wrote, for a model. Of the configuration everything is refused that would make it compute something else: ranks or α
 * that differ from matrix to matrix, α/√r (rsLoRA), magnitudes (DoRA), biases, modules that are saved whole, beginnings that change the model's own
 * weights (PiSSA, OLoRA, CorDA, LoftQ), and any field that is set and not known.
 *
 * Fails with ModelFileError: a file that is missing or damaged, a setting as above, a matrix that the model does not have, a factor that is
 * missing, of another shape or not finite.
 */
export const readPeftAdapter = (folder: string, { config }: PretrainedModel): Effect.Effect<LoraWeights, ModelFileError> =>
  Effect.gen(function* () {
    const at = folder.replace(/[/\\]$/, "")
    const file = `${at}/${WEIGHTS}`
    const settings = yield* failing([ModelFileError], () => settingsIn(at))
    const { tensors } = yield* openSafetensors(file)
    return yield* failing([ModelFileError], () => {
      const all = factorsOf(config, { ...settings, targets: ADAPTER_TARGETS })
      const shown = new Set(all.flatMap(({ entry, stored }) => (tensors.has(stored) ? [partOf(entry)?.replace(/\.[ab]$/, "")] : [])))
      const targets = ADAPTER_TARGETS.filter((target) => settings.targets?.includes(target) === true || shown.has(target))
      if (targets.length === 0 && tensors.size === 0) throw missing(file, "numbers of at least one matrix", belongs(settings))
      const size = { rank: settings.rank, alpha: settings.alpha, targets }
      const places = matched(file, settings, tensors, factorsOf(config, size))
      const layout = loraLayout(config, size)
      const parameters: Parameters = new Float32Array(layout.count)
      for (const { name, offset } of layout.entries) parameters.set(readNow(places.get(name)!, { isTransposed: true }), offset)
      return { ...size, parameters }
    })
  })
