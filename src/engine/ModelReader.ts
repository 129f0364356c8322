/**
 * A model as reader (after Kang et al., 2025, "First try matters", who had one list the candidate answers of long reasoning traces and where
 * they stand): asked for quotes only, so that whoever uses its answers can look them up in the text.
 *
 * @module
 */
import { Context, type Duration, Effect, Layer, type Redacted } from "effect"
import type { HttpClient } from "effect/http"
import type { ConfigError } from "../domain/Errors.ts"
import { fold } from "../domain/Seed.ts"
import type { CandidateQuote } from "../tasks/reading/PlaceQuotes.ts"
import { readCandidates } from "./CandidateAnswer.ts"
import { Completions, CompletionsError, type CompletionsService } from "./Completions.ts"
import * as OpenAi from "./OpenAi.ts"
import { ASK_AGAIN, type Passage, PROMPT_VERSION, readerPrompt } from "./ReaderPrompt.ts"

export { PROMPT_VERSION as READER_VERSION } from "./ReaderPrompt.ts"

/** A list of candidates, or why there is none. */
export type Listing = { readonly candidates: ReadonlyArray<CandidateQuote> } | { readonly failed: string }

/** Reads passages. */
export interface ModelReaderService {
  readonly model: string
  /** The version of the prompt and of the pieces. */
  readonly version: number
  /** Lists the candidates of a passage; `id` names it in errors. An answer that is no list is asked for once more. */
  readonly list: (id: string, passage: Passage) => Effect.Effect<Listing, CompletionsError>
}

/** The service tag. */
export class ModelReader extends Context.Service<ModelReader, ModelReaderService>()("decision-sampling/engine/ModelReader") {}

/** Where the server is, and how it is asked; what is left out is as in `OpenAi`. */
export interface ModelReaderSettings extends Pick<OpenAi.OpenAiSettings, "endpoint" | "model" | "onWait"> {
  readonly key?: Redacted.Redacted | undefined
  /** Tokens allowed to an answer, thoughts of the reader among them; left out: 16384. */
  readonly maxTokens?: number
  /** Left out: 0. */
  readonly temperature?: number
  readonly timeout?: Duration.Input
  readonly retries?: number
  readonly firstWait?: Duration.Input
  readonly longestWait?: Duration.Input
}

/** Tokens allowed to an answer of a reader. */
export const DEFAULT_READER_TOKENS = 16_384

const EXCERPT = 80
const LARGEST_LISTING = 1 << 22

// Advice in a reader's own flags; it has no --api, and its cache needs no --resume.
const ofReader = ({ advice, problem, reason, where }: CompletionsError): CompletionsError =>
  new CompletionsError({
    where,
    reason,
    problem,
    advice: advice
      .replaceAll(/--(concurrency|timeout|max-tokens|key-env)\b/g, "--reader-$1")
      .replace("--resume goes on", "the same command goes on")
      .replace(", or ask without --logprobs", "")
      .replace("Try the other --api, or check", "Check")
      .replace("this --api", "the chat API")
  })

/** A reader that asks a text policy. */
export const readerOver = (policy: CompletionsService): ModelReaderService => ({
  model: policy.name,
  version: PROMPT_VERSION,
  list: Effect.fnUntraced(function* (id: string, passage: Passage): Effect.fn.Return<Listing, CompletionsError> {
    const prompt = readerPrompt(passage)
    const first = yield* policy.complete({ id, prompt, seed: fold(0, "reader", id) }).pipe(Effect.mapError(ofReader))
    const listed = readCandidates(first.response)
    if (listed !== undefined) return { candidates: listed }
    const second = yield* policy.complete({ id, prompt: `${prompt}\n\n${ASK_AGAIN}`, seed: fold(1, "reader", id) }).pipe(
      Effect.mapError(ofReader)
    )
    const again = readCandidates(second.response)
    if (again !== undefined) return { candidates: again }
    const begun = second.response.slice(0, EXCERPT)
    return { failed: second.truncated ? "the token limit cut its answer off" : `no list of candidates: ${JSON.stringify(begun)}` }
  })
})

/**
 * A reader behind an OpenAI-compatible server (chat), with the patience, bounds and secrecy of `OpenAi.layer`. Fails with ConfigError for an
 * address that is none and a key that no header carries.
 */
export const layer = (settings: ModelReaderSettings): Layer.Layer<ModelReader, ConfigError, HttpClient.HttpClient> =>
  Layer.effect(ModelReader, Effect.map(Completions, readerOver)).pipe(
    Layer.provide(OpenAi.layer({
      key: undefined,
      timeout: "10 minutes",
      retries: 6,
      firstWait: "500 millis",
      longestWait: "30 seconds",
      maxTokens: DEFAULT_READER_TOKENS,
      temperature: 0,
      largestAnswer: LARGEST_LISTING,
      ...settings,
      api: "chat",
      logProbs: false
    }))
  )
