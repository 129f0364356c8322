/**
 * A sampler behind an OpenAI-compatible server that takes and gives token ids: vLLM. Prompts go there as ids, so that no template and no tokenizer of the
 * server can make them others; before rollouts are asked for, the parameters are published.
 *
 * @module
 */
import { Effect, type FileSystem, Layer, type Path } from "effect"
import { HttpClient } from "effect/http"
import { ConfigError, PolicyError } from "../domain/Errors.ts"
import { Grammar } from "../domain/Grammar.ts"
import type { Parameters } from "../domain/Policy.ts"
import { Sampler, type SampleRequest, type SamplerService, type SamplingParameters } from "../domain/Sampler.ts"
import { failing } from "../domain/Throws.ts"
import { Tokenizer, type Tokens } from "../domain/Tokenizer.ts"
import type { Rollout } from "../domain/Trajectory.ts"
import { type AdapterPlace, type AdapterPublisher, type AdapterWriter, publishToVllm } from "./AdapterPublisher.ts"
import type { CompletionsError } from "./Completions.ts"
import { assertDrawing, endTokens, engineError, type EngineWords, roomAfter, toRollout } from "./EngineRollout.ts"
import { errorIn } from "./OpenAiWire.ts"
import { type PatienceSettings, type PatientPost, patientPost, type Rejected, type Transient, transient } from "./PatientPost.ts"
import { answerOf, rolloutBody, type RolloutQuestion } from "./RolloutWire.ts"

/** What a server's log-probabilities are of: vLLM's `--logprobs-mode` raw_logprobs (its default) or processed_logprobs; or none are asked for. */
export type ServerLogProbs = "raw" | "processed" | "none"

/** Where the server is, how patiently and by how many requests at once it is asked. */
export interface OpenAiSamplerSettings extends PatienceSettings {
  readonly logProbs: ServerLogProbs
  /** Requests under way at once. */
  readonly concurrency: number
}

const RAW_ADVICE =
  "Sample at temperature 1; or start vLLM with --logprobs-mode processed_logprobs and say so (\"logProbs\": \"processed\"); or ask for " +
  "none (\"logProbs\": \"none\")"

const ADVICE: Readonly<Record<CompletionsError["reason"], string>> = {
  Refused: "Check the address (it usually ends in /v1), the key, and that the server serves adapters",
  BadRequest: "The server's words say what it does not accept: a prompt beyond its --max-model-len, or a field that it does not know",
  Unreadable: "Check that the address is that of an OpenAI-compatible server; a proxy may cut long answers",
  Unavailable: "Check that the server runs and is not overloaded (fewer at once: \"concurrency\"; longer: \"timeout\")"
}

/** The sampler of a server, over a publisher and the words of the model that is trained. */
export const openAiSampler = (
  server: PatientPost,
  settings: Pick<OpenAiSamplerSettings, "concurrency" | "logProbs">,
  publisher: AdapterPublisher,
  words: EngineWords
): SamplerService => {
  const path = "/completions"
  let ends: Tokens | undefined
  const withLogProbs = settings.logProbs !== "none"

  const refused = (where: string) => (error: PolicyError | Rejected | CompletionsError): PolicyError => {
    if (error._tag === "PolicyError") return error
    if (error._tag === "CompletionsError") return engineError(error.where, error.problem, ADVICE[error.reason])
    const advice = error.status === 400 || error.status === 413 || error.status === 422 ? ADVICE.BadRequest : ADVICE.Refused
    return engineError(where, `the server answers ${error.status}: ${server.clean(error.text.trim())}`, advice)
  }

  const one = (
    model: string,
    { prompt, seed }: SampleRequest,
    row: number,
    sampling: SamplingParameters
  ): Effect.Effect<Rollout, PolicyError> =>
    Effect.suspend(() => {
      const id = `rollout ${row}`
      const where = `${server.shown}${path}, ${id}`
      const stops = ends ?? []
      const maxTokens = roomAfter(words, prompt, stops, sampling.maxTokens)
      const question: RolloutQuestion = { model, prompt, seed, sampling, maxTokens, ends: stops, withLogProbs }
      const once = server.once(path, rolloutBody(question), id).pipe(
        Effect.flatMap(server.json),
        Effect.flatMap((json): Effect.Effect<Rollout, Transient | PolicyError> => {
          const failure = errorIn(json)
          if (failure !== undefined) {
            return Effect.fail(transient("Unreadable", `the server answers with an error: ${server.clean(failure)}`))
          }
          return failing(
            [PolicyError],
            () => toRollout(where, words, { prompt, ends: stops, maxTokens }, answerOf(where, question, json), withLogProbs, model)
          )
        })
      )
      return Effect.mapError(
        server.patiently<Rollout, Transient | Rejected | CompletionsError | PolicyError>({ id, seed }, once),
        refused(where)
      )
    })

  return {
    logProbs: withLogProbs ? "engine" : "none",
    sample: Effect.fn("OpenAiSampler.sample")(function* (
      parameters: Parameters,
      requests: ReadonlyArray<SampleRequest>,
      sampling: SamplingParameters
    ) {
      yield* failing([PolicyError], () => {
        assertDrawing(sampling, settings.logProbs, RAW_ADVICE)
        ends ??= requests[0] === undefined ? undefined : endTokens(words, requests[0].prompt)
      })
      if (requests.length === 0) return []
      const model = yield* publisher.publish(parameters)
      return yield* Effect.forEach(requests, (request, row) => one(model, request, row, sampling), { concurrency: settings.concurrency })
    })
  }
}

/**
 * Layer of a sampler on a vLLM server. Repeats what may go better later (cut connections, timeouts, 408, 409, 425, 429, 5xx, answers that are no
 * JSON); everything else ends the call with PolicyError (`Engine`), so that no rollout is of other weights, another prompt or other tokens than asked
 * for. Fails with ConfigError for an address that is none, a key that no header carries, and no requests at once.
 */
export const layer = (
  settings: OpenAiSamplerSettings,
  writer: AdapterWriter,
  place: AdapterPlace
): Layer.Layer<Sampler, ConfigError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path | Grammar | Tokenizer> =>
  Layer.effect(
    Sampler,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const words = { grammar: yield* Grammar, vocabulary: (yield* Tokenizer).vocabulary }
      const { concurrency } = settings
      if (!Number.isInteger(concurrency) || concurrency < 1) {
        return yield* new ConfigError({ field: "sampler.concurrency", value: String(concurrency), expected: "a whole number from 1" })
      }
      const server = yield* failing([ConfigError], () => patientPost(client, settings))
      return openAiSampler(server, settings, yield* publishToVllm(server, writer, place), words)
    })
  )
