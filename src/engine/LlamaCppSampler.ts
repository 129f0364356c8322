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
  type LlamaDrawing,
  type LlamaModel,
  type LlamaPackage,
  type LlamaSequence,
  type LlamaStep,
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
  readonly sequences: ReadonlyArray<LlamaSequence>
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

/** A text to be written. */
interface Job {
  readonly prompt: Tokens
  readonly drawing: LlamaDrawing
  readonly maxTokens: number
}

/** A sequence and the text that it is at. */
interface Slot {
  readonly sequence: LlamaSequence
  readonly row: number
  readonly tokens: Array<number>
  readonly logProbs: Array<number>
  readonly steps: AsyncIterator<LlamaStep>
}

async function* withoutConfidence(tokens: AsyncIterable<number>): AsyncGenerator<LlamaStep> {
  for await (const token of tokens) yield { token }
}

/**
 * Draws texts, as many side by side as there are sequences, all of them one token a round. Each round asks the sequences in their own order, and
 * prompts are read, but for their last token, before it.
 *
 * The order matters. Where a batch holds sequences out of order, or a prompt with a token to draw after it beside single tokens, llama.cpp computes
 * the logits in another order than asked and puts them right when they are first read; node-llama-cpp reads them in threads side by side. Then
 * some texts go on with a token drawn from another's logits.
 */
const drawAll = async (
  sequences: ReadonlyArray<LlamaSequence>,
  jobs: ReadonlyArray<Job>,
  ends: ReadonlySet<number>,
  withLogProbs: boolean,
  signal: AbortSignal
): Promise<ReadonlyArray<EngineAnswer>> => {
  const answers: Array<EngineAnswer> = []
  const slots: Array<Slot | undefined> = sequences.map(() => undefined)
  let next = 0

  const begin = async (sequence: LlamaSequence): Promise<Slot | undefined> => {
    const row = next++
    const job = jobs[row]
    if (job === undefined) return undefined
    const { drawing, prompt } = job
    const last = prompt.slice(-1)
    if (prompt.length > 1) await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1))
    const steps = withLogProbs
      ? sequence.evaluateWithMetadata(last, { confidence: true }, drawing)
      : withoutConfidence(sequence.evaluate(last, drawing))
    return { sequence, row, tokens: [], logProbs: [], steps: steps[Symbol.asyncIterator]() }
  }

  const end = async ({ sequence, steps }: Slot): Promise<void> => {
    await steps.return?.()
    await sequence.clearHistory()
  }

  /** Takes one token in; true where it was the text's last. */
  const take = (slot: Slot, { done, value }: IteratorResult<LlamaStep>): boolean => {
    const { logProbs, row, tokens } = slot
    if (done !== true) {
      tokens.push(value.token)
      if (value.confidence !== undefined) logProbs.push(Math.log(value.confidence))
      if (!ends.has(value.token) && tokens.length < jobs[row]!.maxTokens) return false
    }
    answers[row] = { tokens, finish: ends.has(tokens.at(-1) ?? -1) ? "stop" : "length", ...(withLogProbs ? { logProbs } : {}) }
    return true
  }

  /** One token of each of these slots; a slot whose text ended is free then. */
  const round = async (asked: ReadonlyArray<number>): Promise<void> => {
    const active = asked.flatMap((i) => (slots[i] === undefined ? [] : [{ i, slot: slots[i] }]))
    const results = await Promise.all(active.map(({ slot }) => slot.steps.next()))
    for (const [n, { i, slot }] of active.entries()) {
      if (!take(slot, results[n]!)) continue
      slots[i] = undefined
      await end(slot)
    }
  }

  const all = sequences.map((_, i) => i)
  try {
    while (!signal.aborted) {
      await round(all)
      const free = all.filter((i) => slots[i] === undefined)
      // What a text is begun with takes other paths than going on does: its first token is a round of its own.
      for (const i of free) slots[i] = await begin(sequences[i]!)
      await round(free)
      if (next >= jobs.length && slots.every((slot) => slot === undefined)) break
    }
  } finally {
    for (const slot of slots) if (slot !== undefined) await end(slot)
  }
  return answers
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
    const sequences = yield* attempted(
      where,
      "no sequences can be had",
      advice,
      async () => Array.from({ length: settings.sequences }, () => context.getSequence())
    ).pipe(Effect.tapError(() => Scope.close(scope, Exit.void)))
    loaded = { version, tokens, sequences, scope }
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
    const { sequences, version } = yield* contextOf(parameters, longest)
    const { temperature, topK, topP } = sampling
    const jobs = requests.map(({ prompt, seed }, row): Job => ({
      prompt,
      maxTokens: rooms[row]!,
      drawing: { temperature, topK, topP, minP: 0, seed: seed === CHOSEN_BY_ITSELF ? 0 : seed, yieldEogToken: true }
    }))
    const answers = yield* attempted(
      where,
      "sampling failed",
      "Is there memory left?",
      (signal) => drawAll(sequences, jobs, isEnd, settings.logProbs, signal)
    ).pipe(Effect.onError(() => closeContext))
    return yield* failing([PolicyError], () =>
      requests.map(({ prompt }, row): Rollout =>
        toRollout(
          `${where}, rollout ${row}`,
          words,
          { prompt, ends: stops, maxTokens: rooms[row]! },
          answers[row]!,
          settings.logProbs,
          version
        )
      ))
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
