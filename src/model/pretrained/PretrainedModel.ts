/**
 * A pretrained language model as it is published: a folder of config.json, safetensors and tokenizer.json, or a GGUF file. Everything is
 * checked when it is opened; weights are then read one at a time.
 *
 * @module
 */
import { Effect } from "effect"
import { failing } from "../../domain/Throws.ts"
import { type LlamaConfig, llamaLayout } from "../architecture/LlamaConfig.ts"
import type { ParameterEntry } from "../architecture/ParameterLayout.ts"
import type { Family, ModelFacts } from "./Family.ts"
import { jsonFile, type JsonObject, namesIn, textOf } from "./FileBytes.ts"
import { type Gguf, openGguf } from "./Gguf.ts"
import { ggufFacts } from "./GgufConfig.ts"
import { resolveModel } from "./ResolveModel.ts"
import { huggingFaceFacts } from "./HuggingFaceConfig.ts"
import { ModelFileError } from "./ModelFileError.ts"
import { openSafetensors, openSafetensorsIndex } from "./Safetensors.ts"
import { formatOf, readTensor, sizeOf, type StoredTensor } from "./StoredTensor.ts"
import { isDerived, orderOf, storedName, storedShape, type WeightForm } from "./WeightNames.ts"

/** Where a model's words come from. */
export type WordSource =
  | {
    readonly _tag: "Json"
    /** tokenizer.json. */
    readonly file: string
    /** What tokenizer_config.json says; {} without one. */
    readonly config: JsonObject
    /** chat_template.jinja, where there is one. */
    readonly template?: string
  }
  | { readonly _tag: "Gguf"; readonly gguf: Gguf }

/** How many weights are stored in a format. */
export interface FormatShare {
  readonly format: string
  readonly tensors: number
  readonly weights: number
}

/** A model whose files have been checked. */
export interface PretrainedModel extends ModelFacts {
  /** The folder or the file. */
  readonly path: string
  readonly form: WeightForm
  readonly config: LlamaConfig
  /** All files of weights together, in bytes. */
  readonly bytes: number
  /** Formats of the weights, the most first. */
  readonly formats: ReadonlyArray<FormatShare>
  readonly words: WordSource
  /**
   * Reads an entry of `llamaLayout(config)` as float32, matrices as [in, out], the halves of a head as `rotate_half` has them, at once: into an
   * array of the entry's size where one is given, else a new one. Nothing of it is kept. Fails with ModelFileError: a name that is no entry, a file that has changed, a weight that is not finite.
   */
  readonly readWeights: (entry: string, into?: Float32Array) => Effect.Effect<Float32Array, ModelFileError>
}

const MOST_CONFIG = 1_000_000
const MOST_TEMPLATE = 1_000_000

interface Weights {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly bytes: number
}

const shapeError = ({ file, name, shape }: StoredTensor, expected: ReadonlyArray<number>): ModelFileError =>
  new ModelFileError({
    reason: "Shape",
    file,
    tensor: name,
    found: `[${shape.join(", ")}]`,
    expected: `[${expected.join(", ")}]`,
    advice: "Do the weights belong to the configuration beside them? Fetch both again, from one revision"
  })

/** The stored tensor of every entry of the layout; refuses one that is missing, of another shape or format, and any that is left over. */
const matched = (path: string, form: WeightForm, config: LlamaConfig, { tensors }: Weights): ReadonlyMap<string, StoredTensor> => {
  // Each layer has weights of its own, so a number of layers beyond that of tensors is not believed, nor laid out.
  if (config.layers > tensors.size) {
    throw new ModelFileError({
      reason: "Missing",
      file: path,
      found: `${tensors.size} tensors`,
      expected: `those of ${config.layers} layers`,
      advice: "Were all files of the model fetched, and do they belong to one revision?"
    })
  }
  const found = new Map(llamaLayout(config).entries.map((entry) => [entry.name, tensorOf(path, form, entry, tensors)]))
  const used = new Set([...found.values()].map(({ name }) => name))
  const left = [...tensors.values()].find(({ name }) => !used.has(name) && !isDerived(name, form, config))
  if (left === undefined) return found
  throw new ModelFileError({
    reason: "Architecture",
    file: left.file,
    tensor: left.name,
    found: `a weight of [${left.shape.join(", ")}] that this family does not have`,
    expected: "none besides those of its layers",
    advice: "Left out, every number would be another model's. Is it the model that its configuration says?"
  })
}

const tensorOf = (path: string, form: WeightForm, entry: ParameterEntry, tensors: ReadonlyMap<string, StoredTensor>): StoredTensor => {
  const name = storedName(entry.name, form) ?? entry.name
  const tensor = tensors.get(name)
  const expected = storedShape(entry)
  if (tensor === undefined) {
    throw new ModelFileError({
      reason: "Missing",
      file: path,
      tensor: name,
      found: "no such tensor",
      expected: `numbers of [${expected.join(", ")}]`,
      advice: "Were all files of the model fetched, and do they belong to one revision?"
    })
  }
  if (tensor.shape.length !== expected.length || tensor.shape.some((length, i) => length !== expected[i])) {
    throw shapeError(tensor, expected)
  }
  formatOf(tensor)
  return tensor
}

const formatsOf = (tensors: Iterable<StoredTensor>): ReadonlyArray<FormatShare> => {
  const shares = new Map<string, FormatShare>()
  for (const { format, shape } of tensors) {
    const { tensors: count, weights } = shares.get(format) ?? { tensors: 0, weights: 0 }
    shares.set(format, { format, tensors: count + 1, weights: weights + sizeOf(shape) })
  }
  return [...shares.values()].sort((a, b) => b.weights - a.weights)
}

const built = (path: string, form: WeightForm, facts: ModelFacts, weights: Weights, words: WordSource): PretrainedModel => {
  const { config, family } = facts
  const tensors = matched(path, form, config, weights)
  const entries = new Map(llamaLayout(config).entries.map((entry) => [entry.name, entry]))
  return {
    ...facts,
    path,
    form,
    bytes: weights.bytes,
    formats: formatsOf(tensors.values()),
    words,
    readWeights: (name, into) => {
      const [entry, tensor] = [entries.get(name), tensors.get(name)]
      if (entry !== undefined && tensor !== undefined) return readTensor(tensor, orderOf(entry, form, family, config), into)
      return Effect.fail(
        new ModelFileError({
          reason: "Missing",
          file: path,
          tensor: name,
          found: "no such entry",
          expected: "a name of llamaLayout(config)",
          advice: "Names are those of this package, such as block0.query"
        })
      )
    }
  }
}

const missing = (file: string, expected: string, advice: string): ModelFileError =>
  new ModelFileError({ reason: "Missing", file, found: "there is no such file", expected, advice })

const openFolder = Effect.fnUntraced(function* (folder: string, names: ReadonlyArray<string>) {
  const at = (name: string): string => `${folder.replace(/[/\\]$/, "")}/${name}`
  const read = yield* failing([ModelFileError], () => ({
    config: jsonFile(at("config.json"), MOST_CONFIG),
    generation: jsonFile(at("generation_config.json"), MOST_CONFIG),
    words: jsonFile(at("tokenizer_config.json"), 64 * MOST_CONFIG),
    template: textOf(at("chat_template.jinja"), MOST_TEMPLATE)
  }))
  const { config, generation, template, words } = read
  if (config === undefined) {
    const models = names.filter((name) => name.endsWith(".gguf"))
    const advice = models.length === 0 ? "Is it the folder of a model?" : `Name one of its GGUF files: ${models.join(", ")}`
    return yield* missing(at("config.json"), "a model's folder", advice)
  }
  const facts = yield* failing([ModelFileError], () => huggingFaceFacts(at("config.json"), config, generation))
  const [single, index] = ["model.safetensors", "model.safetensors.index.json"]
  if (!names.includes(single) && !names.includes(index)) {
    return yield* missing(
      at(single),
      "model.safetensors, or model.safetensors.index.json and the files that it names",
      "Weights as pytorch_model.bin are not read, since reading them runs code; convert them with safetensors"
    )
  }
  const { files, tensors } = yield* names.includes(single) ? openSafetensors(at(single)) : openSafetensorsIndex(at(index))
  const bytes = [...files.values()].reduce((sum, size) => sum + size, 0)
  return yield* failing([ModelFileError], () =>
    built(folder, "safetensors", facts, { tensors, bytes }, {
      _tag: "Json",
      file: at("tokenizer.json"),
      config: words ?? {},
      ...(template === undefined ? {} : { template })
    }))
})

const openFile = Effect.fnUntraced(function* (file: string) {
  const gguf = yield* openGguf(file)
  const parts = gguf.metadata.get("split.count")
  if (typeof parts === "number" && parts > 1) {
    return yield* new ModelFileError({
      reason: "Setting",
      file,
      found: `one of ${parts} parts of a model`,
      expected: "a whole model in a file",
      advice: "Join the parts (llama-gguf-split --merge) and name the whole"
    })
  }
  return yield* failing(
    [ModelFileError],
    () => built(file, "gguf", ggufFacts(gguf), { tensors: gguf.tensors, bytes: gguf.size }, { _tag: "Gguf", gguf })
  )
})

/**
 * Opens a model: a folder as it is published on Hugging Face, a `.gguf` file, or a repository `owner/name` (or `owner/name/file.gguf`) that has been
 * pulled into the user's cache. Nothing is fetched.
 *
 * Reads the sizes, checks that every weight of the family is there with its shape in a format that is read, and that there is none besides.
 * Fails with ModelFileError, before any weight is read.
 */
export const openModel = (name: string): Effect.Effect<PretrainedModel, ModelFileError> =>
  Effect.gen(function* () {
    const path = yield* resolveModel(name)
    const names = yield* failing([ModelFileError], () => namesIn(path))
    return yield* names === undefined ? openFile(path) : openFolder(path, names)
  })

/** What a model is, in figures. */
export interface ModelDescription {
  readonly path: string
  readonly form: WeightForm
  readonly family: Family
  readonly config: LlamaConfig
  readonly parameters: number
  /** Of the parameters, those of the token embedding, and of an unembedding that is not tied. */
  readonly embeddingParameters: number
  readonly bytes: number
  readonly formats: ReadonlyArray<FormatShare>
  /** All weights as float32, in bytes: what they take in memory, without gradients, optimizer and activations. */
  readonly float32Bytes: number
  readonly beginning: number | null
  readonly ends: ReadonlyArray<number>
}

/** Describes a model. */
export const describeModel = ({ beginning, bytes, config, ends, family, form, formats, path }: PretrainedModel): ModelDescription => {
  const { count, entries } = llamaLayout(config)
  const embeddings = entries.filter(({ name }) => name === "embedding.token" || name === "unembedding")
  return {
    path,
    form,
    family,
    config,
    parameters: count,
    embeddingParameters: embeddings.reduce((sum, { size }) => sum + size, 0),
    bytes,
    formats,
    float32Bytes: 4 * count,
    beginning: beginning ?? null,
    ends
  }
}
