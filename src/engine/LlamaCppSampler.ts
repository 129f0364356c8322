/**
 * A sampler by llama.cpp in this process (node-llama-cpp, an optional package): sequences of one context are drawn side by side, token ids in and out,
 * with the adapter of the trained parameters as a GGUF file.
 *
 * Its log-probabilities are off where it computes in less than float32: it quantises activations, whatever the weights are. They are an engine's, and
 * each costs a sort of the vocabulary.
 *
 * @module
 */
import { Effect, Exit, FileSystem, Layer, Path, Scope, Semaphore } from "effect"
import { ConfigError, PolicyError } from "../domain/Errors.ts"
import { Grammar } from "../domain/Grammar.ts"
import type { Parameters } from "../domain/Policy.ts"
import { Sampler, type SampleRequest, type SamplerService, type SamplingParameters } from "../domain/Sampler.ts"
import { failing } from "../domain/Throws.ts"
import { Tokenizer, type Tokens } from "../domain/Tokenizer.ts"
import type { Rollout } from "../domain/Trajectory.ts"
import { type AdapterWriter, versionOf, writeVersion } from "./AdapterPublisher.ts"
import { assertDrawing, endTokens, type EngineAnswer, engineError, type EngineWords, roomAfter, toRollout } from "./EngineRollout.ts"
import {
  type Llama,
  type LlamaContext,
  type LlamaDrawing,
  type LlamaModel,
  type LlamaPackage,
  loadLlamaPackage,
  startLlama
} from "./LlamaCpp.ts"

/** Which file is sampled from, and how much at once. */
export interface LlamaCppSettings {
  /** The GGUF file of the model that is trained, of any quantisation. */
  readonly path: string
  /** Texts written side by side. */
  readonly sequences: number
  readonly threads: number
  /** Use a GPU that llama.cpp finds. */
  readonly gpu: boolean
  /** Whether rollouts bring log-probabilities. */
  readonly logProbs: boolean
  /** Where adapters are written. */
  readonly folder: string
  /** In place of the installed package; for tests. */
  readonly load?: () => Promise<LlamaPackage>
}

const PREFIX = "adapter"

/** Adapters stay in memory as long as their model: after so many the model is opened anew. */
const ADAPTERS_OF_A_MODEL = 16

/** The most tokens that are read at once. */
const BATCH = 512

// To llama.cpp this seed means one of its own choice.
const CHOSEN_BY_ITSELF = 0xffffffff

/** What is at work: a model with the adapters that it has read, and a context of one version. */
interface Loaded {
  readonly version: string
  readonly tokens: number
  readonly context: LlamaContext
  readonly scope: Scope.Closeable
}

const attempted = <A>(
  where: string,
  what: string,
  advice: string,
  run: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, PolicyError> =>
  Effect.tryPromise({
    try: run,
    catch: (cause) => engineError(where, `${what} (${cause instanceof Error ? cause.message : String(cause)})`, advice)
  })

/** Draws one text. */
const write = async (
  context: LlamaContext,
  prompt: Tokens,
  drawing: LlamaDrawing,
  { ends, maxTokens, withLogProbs }: { readonly ends: ReadonlySet<number>; readonly maxTokens: number; readonly withLogProbs: boolean },
  signal: AbortSignal
): Promise<EngineAnswer> => {
  const sequence = context.getSequence()
  const tokens: Array<number> = []
  const logProbs: Array<number> = []
  try {
    const isLast = (token: number): boolean => {
      tokens.push(token)
      return signal.aborted || ends.has(token) || tokens.length >= maxTokens
    }
    if (withLogProbs) {
      for await (const { confidence, token } of sequence.evaluateWithMetadata([...prompt], { confidence: true }, drawing)) {
        logProbs.push(Math.log(confidence))
        if (isLast(token)) break
      }
    } else {
      for await (const token of sequence.evaluate([...prompt], drawing)) if (isLast(token)) break
    }
  } finally {
    await sequence.dispose()
  }
  return { tokens, finish: ends.has(tokens.at(-1) ?? -1) ? "stop" : "length", ...(withLogProbs ? { logProbs } : {}) }
}

/** The sampler over a started library, for as long as the scope. */
const make = Effect.fnUntraced(function* (llama: Llama, settings: LlamaCppSettings, writer: AdapterWriter, words: EngineWords) {
  const services = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const oneAtATime = yield* Semaphore.make(1)
  const where = `llama.cpp, ${settings.path}`
  const fileOf = (version: string): string => paths.join(settings.folder, `${version}.gguf`)
  let model: LlamaModel | undefined
  let adapters = 0
  let loaded: Loaded | undefined
  let ends: Tokens | undefined

  const closeContext = Effect.suspend(() => {
    const last = loaded
    loaded = undefined
    return last === undefined ? Effect.void : Scope.close(last.scope, Exit.void)
  })
  const closeModel = Effect.suspend(() => {
    const last = model
    model = undefined
    adapters = 0
    return last === undefined ? Effect.void : Effect.ignore(Effect.tryPromise(() => last.dispose()))
  })
  yield* Effect.addFinalizer(() => Effect.andThen(closeContext, closeModel))

  const openModel = Effect.suspend(() =>
    model !== undefined ? Effect.succeed(model) : Effect.tap(
      attempted(where, "the model cannot be opened", "It must be a GGUF file that llama.cpp reads", () =>
        llama.loadModel({ modelPath: settings.path })),
      (opened) =>
        Effect.sync(() => {
          model = opened
        })
    )
  )

  /** A context of these parameters with room for so many tokens a text; the one before is closed, with its file. */
  const contextOf = Effect.fnUntraced(function* (parameters: Parameters, tokens: number) {
    const version = versionOf(PREFIX, writer, parameters)
    if (loaded !== undefined && loaded.version === version && loaded.tokens >= tokens) return loaded
    yield* closeContext
    if (adapters >= ADAPTERS_OF_A_MODEL) yield* closeModel
    const file = fileOf(version)
    const opened = yield* openModel
    yield* writeVersion(writer, parameters, file)
    const scope = yield* Scope.make()
    yield* Scope.addFinalizer(scope, Effect.ignore(files.remove(file, { force: true })))
    const advice = "The adapter must be of this very model; fewer sequences or tokens take less memory"
    const context = yield* attempted(where, "no context with the adapter can be made", advice, () =>
      opened.createContext({
        sequences: settings.sequences,
        contextSize: tokens,
        batchSize: Math.min(BATCH, tokens * settings.sequences),
        threads: settings.threads,
        lora: { adapters: [{ filePath: file, scale: 1 }] }
      })).pipe(Effect.tapError(() => Scope.close(scope, Exit.void)))
    adapters++
    yield* Scope.addFinalizer(scope, Effect.ignore(Effect.tryPromise(() => context.dispose())))
    loaded = { version, tokens, context, scope }
    return loaded
  })

  const sample = Effect.fn("LlamaCppSampler.sample")(function* (
    parameters: Parameters,
    requests: ReadonlyArray<SampleRequest>,
    sampling: SamplingParameters
  ) {
    yield* failing([PolicyError], () => {
      assertDrawing(sampling, settings.logProbs ? "processed" : "none", "")
      ends ??= requests[0] === undefined ? undefined : endTokens(words, requests[0].prompt)
    })
    if (requests.length === 0) return []
    const stops = ends ?? []
    const isEnd = new Set(stops)
    const rooms = requests.map(({ prompt }) => roomAfter(words, prompt, stops, sampling.maxTokens))
    const longest = Math.max(...requests.map(({ prompt }, row) => prompt.length + rooms[row]!))
    const { context, version } = yield* contextOf(parameters, longest)
    return yield* Effect.forEach(requests, ({ prompt, seed }, row) =>
      Effect.gen(function* () {
        const { temperature, topK, topP } = sampling
        const drawing: LlamaDrawing = {
          temperature,
          topK,
          topP,
          minP: 0,
          seed: seed === CHOSEN_BY_ITSELF ? 0 : seed,
          yieldEogToken: true
        }
        const maxTokens = rooms[row]!
        const answer = yield* attempted(`${where}, rollout ${row}`, "sampling failed", "Is there memory left?", (signal) =>
          write(context, prompt, drawing, { ends: isEnd, maxTokens, withLogProbs: settings.logProbs }, signal))
        return yield* failing([PolicyError], (): Rollout =>
          toRollout(`${where}, rollout ${row}`, words, { prompt, ends: stops, maxTokens }, answer, settings.logProbs, version))
      }), { concurrency: settings.sequences })
  }, (effect) => effect.pipe(Effect.provideContext(services), oneAtATime.withPermit))

  const service: SamplerService = { logProbs: settings.logProbs ? "engine" : "none", sample }
  return service
})

/**
 * Layer of a sampler by llama.cpp. The parameters of every call are its adapter, written anew where they changed (a new name each time: llama.cpp
 * keeps adapters by their path); nothing is sampled before it is read. Fails with ConfigError where the package is missing, or for settings that are
 * none; the sampler itself with PolicyError (`Engine`).
 */
export const layer = (
  settings: LlamaCppSettings,
  writer: AdapterWriter
): Layer.Layer<Sampler, ConfigError, FileSystem.FileSystem | Path.Path | Grammar | Tokenizer> =>
  Layer.effect(
    Sampler,
    Effect.gen(function* () {
      const words = { grammar: yield* Grammar, vocabulary: (yield* Tokenizer).vocabulary }
      for (const field of ["sequences", "threads"] as const) {
        if (Number.isInteger(settings[field]) && settings[field] >= 1) continue
        return yield* new ConfigError({ field: `sampler.${field}`, value: String(settings[field]), expected: "a whole number from 1" })
      }
      const llama = yield* startLlama({ ...settings, load: settings.load ?? loadLlamaPackage })
      return yield* make(llama, settings, writer, words)
    })
  )
