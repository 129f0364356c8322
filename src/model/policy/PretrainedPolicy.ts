/**
 * A pretrained language model as a policy: its weights from its published files, its words as free text, and what of it is trained.
 *
 * @module
 */
import { Context, Effect, Layer, Result, Schema } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Parameters, Policy } from "../../domain/Policy.ts"
import type { Sampler } from "../../domain/Sampler.ts"
import { failing } from "../../domain/Throws.ts"
import type { Tokenizer, TokenizerService } from "../../domain/Tokenizer.ts"
import { graderNamed } from "../../tasks/grading/NamedGrader.ts"
import { compileMarkers } from "../../tasks/reading/Markers.ts"
import type { Architecture } from "../architecture/Architecture.ts"
import { llama } from "../architecture/Llama.ts"
import { llamaLayout } from "../architecture/LlamaConfig.ts"
import type { ParameterEntry } from "../architecture/ParameterLayout.ts"
import type { Backprop } from "../Backprop.ts"
import { Device, type DeviceError } from "../device/Device.ts"
import { makeText } from "../grammar/TextGrammar.ts"
import { type Words, wordsContext } from "../grammar/Words.ts"
import { type ChatMessage, hasChatTemplate, openChatTemplate } from "../pretrained/ChatTemplate.ts"
import { ADAPTER_TARGETS, loraConfig, type LoraSize, mergeAdapter, partOf } from "../pretrained/LoraWeights.ts"
import { ModelFileError } from "../pretrained/ModelFileError.ts"
import { readPeftAdapter } from "../pretrained/PeftAdapter.ts"
import { openModel, type PretrainedModel } from "../pretrained/PretrainedModel.ts"
import { numbersFor } from "../pretrained/StoredTensor.ts"
import { openTokenizer, type TextTokenizer } from "../pretrained/TextTokenizer.ts"
import { adapter } from "../weights/Adapter.ts"
import { allWeights, type Trained } from "../weights/Trained.ts"
import type { Placement } from "./Placement.ts"
import { assertMemory, machineMemory, type MemoryAsked, type ModelUse } from "./PretrainedMemory.ts"
import { policyContext } from "./PolicyServices.ts"
import { makePolicy, type PassLimits } from "./TransformerPolicy.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

export { ADAPTER_TARGETS } from "../pretrained/LoraWeights.ts"

/** What of a pretrained model is trained: an adapter (Hu et al., 2022) of a rank with α on the matrices that are named (left out: all seven), or every weight. */
export const PretrainedTraining = Schema.Union([
  Schema.Struct({
    _tag: Schema.tag("Adapter"),
    rank: Count,
    alpha: Schema.Finite,
    targets: Schema.optionalKey(Schema.NonEmptyArray(Schema.Literals(ADAPTER_TARGETS)))
  }),
  Schema.Struct({ _tag: Schema.tag("Whole") })
])
export type PretrainedTraining = typeof PretrainedTraining.Type

/** An adapter of rank 16 with α 32 on all matrices. */
export const DEFAULT_TRAINING: PretrainedTraining = { _tag: "Adapter", rank: 16, alpha: 32 }

/** The positions of a text, prompt included, unless told; at most the model's context. */
export const DEFAULT_POSITIONS = 1024

/** The most tokens of prompt and response together of a model that was trained with a context, where nothing else is asked for. */
export const defaultPositions = (context: number): number => Math.min(DEFAULT_POSITIONS, context)

/** How much is computed at once where nothing else is asked for: activations of 512 tokens, rows of 32 texts. */
export const PRETRAINED_LIMITS: PassLimits = { tokens: 512, rows: 32 }

/** A pretrained language model. */
export const PretrainedConfig = Schema.Struct({
  /** A folder of config.json and safetensors, a GGUF file, or a repository as owner/name that has been pulled. */
  path: Schema.NonEmptyString,
  /** The most tokens of prompt and response together; left out: 1,024, or the model's context if that is less. */
  positions: Schema.optionalKey(Count),
  /**
   * A folder of peft: the model is that of `path` with this adapter merged into its weights as they are read, and what is trained begins on top
   * of it. Left out: the published weights.
   */
  adapter: Schema.optionalKey(Schema.NonEmptyString),
  /** Left out: an adapter of rank 16 with α 32. */
  trains: Schema.optionalKey(PretrainedTraining),
  /** What the template's system message says; left out: what the template puts there itself. */
  system: Schema.optionalKey(Schema.String),
  /** What a decision to RESAMPLE begins with; left out: the lexicon. */
  markers: Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString)),
  /** What demonstrations write for RESAMPLE. */
  resample: Schema.optionalKey(Schema.NonEmptyString),
  /** How demonstrations put an answer forward, with {answer} in its place; left out: "The answer is {answer}." */
  announcement: Schema.optionalKey(Schema.NonEmptyString),
  /** What answers are, and how they are found in a text: a kind, or a grader of one's own as "./grader.ts#grader"; left out: the task's, else numbers. */
  answers: Schema.optionalKey(Schema.NonEmptyString),
  /** There is no decision: all that is written is one answer. */
  singleTurn: Schema.optionalKey(Schema.Boolean),
  /** Left out: 512 tokens of a pass, 32 rows of sampling. */
  limits: Schema.optionalKey(Schema.Struct({ tokens: Count, rows: Count }))
})
export type PretrainedConfig = typeof PretrainedConfig.Type

interface Opened {
  readonly model: PretrainedModel
  readonly words: Words
  readonly positions: number
}

/** Embeddings are padded to round numbers: a token beyond the tokenizer's last can be drawn, and says nothing. */
const padded = (tokenizer: TextTokenizer, vocabulary: number): TokenizerService => ({
  vocabulary,
  encode: tokenizer.encode,
  pieces: (tokens) => {
    if (!tokens.some((token) => token >= tokenizer.vocabulary && token < vocabulary)) return tokenizer.pieces(tokens)
    const known = tokens.filter((token) => token < tokenizer.vocabulary)
    return Result.map(tokenizer.pieces(known), (pieces) => {
      let next = 0
      return tokens.map((token) => (token < tokenizer.vocabulary ? pieces[next++]! : ""))
    })
  }
})

/** The text of a prompt: a conversation of one message as the model's template has it; without a template the prompt and a line break. */
const templateOf = Effect.fnUntraced(function* (model: PretrainedModel, tokenizer: TextTokenizer, system: string | undefined) {
  if (!hasChatTemplate(model)) {
    if (system === undefined) return (prompt: string) => Result.succeed(`${prompt}\n`)
    return yield* new ConfigError({
      field: "model.system",
      value: JSON.stringify(system),
      expected: "no system message: this model has no chat template"
    })
  }
  const template = yield* openChatTemplate(model, tokenizer)
  return (prompt: string): Result.Result<string, TokenizerError> => {
    const messages: ReadonlyArray<ChatMessage> = [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      { role: "user", content: prompt }
    ]
    return Result.mapError(
      template.render(messages),
      ({ message }) => new TokenizerError({ input: prompt, position: 0, problem: message })
    )
  }
})

/** Fails for an adapter of no rank, or of more than its widest matrix can have. */
export const checkRank = (
  { config }: PretrainedModel,
  training: PretrainedTraining = DEFAULT_TRAINING
): Effect.Effect<void, ConfigError> => {
  if (training._tag === "Whole") return Effect.void
  const { rank } = training
  const targets: ReadonlySet<string> = new Set(training.targets ?? ADAPTER_TARGETS)
  const most = Math.max(
    ...llamaLayout(config).entries.flatMap(({ name, shape }) => targets.has(partOf(name) ?? "") ? [Math.min(...shape)] : [])
  )
  return Number.isInteger(rank) && rank >= 1 && rank <= most
    ? Effect.void
    : Effect.fail(
      new ConfigError({
        field: "model.trains.rank",
        value: String(rank),
        expected: `a whole number from 1 to ${most}, the largest rank of a matrix`
      })
    )
}

const open = Effect.fnUntraced(function* (config: PretrainedConfig) {
  const { announcement, answers, markers, path, positions, resample, singleTurn, system, trains = DEFAULT_TRAINING } = config
  const model = yield* openModel(path)
  yield* checkRank(model, trains)
  const { context, vocabulary } = model.config
  if (positions !== undefined && positions > context) {
    return yield* new ConfigError({
      field: "model.positions",
      value: String(positions),
      expected: `at most ${context}, the context that ${path} was trained with`
    })
  }
  if (markers?.every((phrase) => phrase.trim() === "") === true) {
    return yield* new ConfigError({
      field: "model.markers",
      value: JSON.stringify(markers),
      expected: "at least one phrase that is not blank"
    })
  }
  const tokenizer = yield* openTokenizer(model)
  const grader = answers === undefined ? undefined : yield* graderNamed(answers, "model.answers")
  const template = yield* templateOf(model, tokenizer, system)
  const most = positions ?? defaultPositions(context)
  const words = yield* failing([ConfigError], () =>
    makeText({
      tokenizer: padded(tokenizer, vocabulary),
      endTokens: model.ends,
      template,
      positions: most,
      ...(markers && { markers: compileMarkers(markers) }),
      ...(resample !== undefined && { resample }),
      ...(announcement !== undefined && { announcement }),
      ...(grader !== undefined && { grader }),
      ...(singleTurn !== undefined && { singleTurn })
    }))
  const opened: Opened = { model, words, positions: most }
  return opened
})

/** All weights, read one after the other into one vector. */
const readAll = Effect.fnUntraced(function* (model: PretrainedModel) {
  const layout = llamaLayout(model.config)
  const parameters: Parameters = yield* failing([ModelFileError], () => numbersFor(layout.count, model.path))
  for (const { name, offset, size } of layout.entries) yield* model.readWeights(name, parameters.subarray(offset, offset + size))
  return parameters
})

// Weights are read at once, in one step.
const readNow = (model: PretrainedModel, name: string, into?: Float32Array): Float32Array => {
  const read = Effect.runSync(Effect.result(model.readWeights(name, into)))
  if (Result.isFailure(read)) throw read.failure
  return read.success
}

/** Holds a weight on the device, read where it is to lie if that can be. */
const holdWeight = (model: PretrainedModel, device: Device["Service"], { name, shape }: ParameterEntry) =>
  device.hold(`weight ${name}`, (ops, tf) => [
    ops.filled?.(shape, (numbers) => void readNow(model, name, numbers)) ?? tf.tensor(readNow(model, name), [...shape])
  ]).pipe(Effect.catch((error) => Effect.fail(error.cause instanceof ModelFileError ? error.cause : error)))

/** The frozen weights on the device, for as long as the scope; read and moved there one at a time. */
const holdWeights = Effect.fnUntraced(function* (model: PretrainedModel, device: Device["Service"]) {
  const held = yield* Effect.forEach(llamaLayout(model.config).entries, (entry) => holdWeight(model, device, entry))
  return held.flat()
})

/** The size of an adapter that is trained. */
export const loraSize = (
  { alpha, rank, targets = ADAPTER_TARGETS }: Extract<PretrainedTraining, { readonly _tag: "Adapter" }>
): LoraSize => ({
  rank,
  alpha,
  targets
})

/** The model that a configuration names, with its adapter. Fails with ModelFileError. Reads the adapter, and no weights of the model yet. */
export const openConfigured = (
  { adapter: folder, path }: Pick<PretrainedConfig, "adapter" | "path">
): Effect.Effect<PretrainedModel, ModelFileError> => Effect.flatMap(openModel(path), (model) => withAdapter(model, folder))

const withAdapter = (model: PretrainedModel, folder: string | undefined): Effect.Effect<PretrainedModel, ModelFileError> =>
  folder === undefined ? Effect.succeed(model) : Effect.map(readPeftAdapter(folder, model), (lora) => mergeAdapter(model, lora))

/** The trained part: an adapter over weights that the device holds, or all weights, which begin as the published ones. */
const trainedPart = Effect.fnUntraced(function* (
  model: PretrainedModel,
  architecture: Architecture,
  device: Device["Service"],
  training: PretrainedTraining
) {
  if (training._tag === "Whole") {
    const published = yield* readAll(model)
    const whole: Trained = { ...allWeights(architecture), initialize: () => published.slice() }
    return whole
  }
  return adapter(architecture, yield* holdWeights(model, device), loraConfig(loraSize(training)))
})

/** What memory a configured model takes, for a use of it on a number of threads; see `memoryOf`. */
export const memoryAsked = (
  { limits = PRETRAINED_LIMITS, positions, trains = DEFAULT_TRAINING }: Pick<PretrainedConfig, "limits" | "positions" | "trains">,
  context: number,
  use: ModelUse,
  workers = 1
): MemoryAsked => ({
  trains: trains._tag === "Whole" ? "whole" : loraSize(trains),
  positions: positions ?? defaultPositions(context),
  limits,
  workers,
  use
})

/**
 * Fails with ModelFileError (`Memory`) where a configured model cannot fit for certain on so many threads, see `assertMemory`, and with ConfigError for
 * an adapter of a rank that it cannot have. Reads no weights.
 */
export const checkMemory = Effect.fnUntraced(function* (config: PretrainedConfig, use: ModelUse, workers: number, device: string) {
  const model = yield* openModel(config.path)
  yield* checkRank(model, config.trains)
  const { context } = model.config
  yield* assertMemory(config.path, model.config, memoryAsked(config, context, use, workers), machineMemory(device))
})

/** Layer of a pretrained model's words alone. Reads no weights. */
export const layerWords = (config: PretrainedConfig): Layer.Layer<Tokenizer | Grammar | Placement, ConfigError | ModelFileError> =>
  Layer.effectContext(Effect.map(open(config), ({ words }) => wordsContext(words)))

/**
 * Layer of a pretrained model: its words, and its policy on the device at hand. `Parameters` are the adapter alone, or with `Whole` all weights;
 * `Policy.initialize` gives the published model either way (an adapter begins as none).
 *
 * Fails with ModelFileError for files that cannot be used and a model that cannot fit into memory, before a weight is read; with ConfigError for settings that do not fit the model.
 */
export const layer = (
  config: PretrainedConfig
): Layer.Layer<Sampler | Policy | Backprop | Tokenizer | Grammar | Placement, ConfigError | DeviceError | ModelFileError, Device> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const device = yield* Device
      const { model: published, positions, words } = yield* open(config)
      yield* assertMemory(
        config.path,
        published.config,
        memoryAsked(config, published.config.context, "score"),
        machineMemory(device.info.name)
      )
      const model = yield* withAdapter(published, config.adapter)
      const architecture = llama(model.config, positions)
      const speech = { grammar: words.grammar, placement: words.placement, vocabulary: model.config.vocabulary }
      const trained = yield* trainedPart(model, architecture, device, config.trains ?? DEFAULT_TRAINING)
      const services = policyContext(makePolicy(speech, device, architecture, trained, config.limits ?? PRETRAINED_LIMITS))
      return Context.merge(services, wordsContext(words))
    })
  )
