/**
 * A text policy behind an OpenAI-compatible server, with patience for what servers do: queues, restarts, cut connections.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { ConfigError } from "../domain/Errors.ts"
import { failing } from "../domain/Throws.ts"
import {
  errorIn,
  type LimitField,
  refusesSeed,
  requestOf,
  type RequestSettings,
  responseOf,
  rowSettings,
  wantsOtherLimit
} from "./OpenAiWire.ts"
import { type Completion, type CompletionRequest, Completions, CompletionsError } from "./Completions.ts"
import { isOfOneRequest, type PatienceSettings, patientPost, type Rejected, type Transient, transient } from "./PatientPost.ts"

/** Where the server is, how it is asked, and how long to be patient. */
export interface OpenAiSettings extends RequestSettings, PatienceSettings {}

const adviceByStatus = (status: number): string => {
  if (status === 401 || status === 403) return "Set the server's key in the environment variable that --key-env names"
  if (status === 404) return "Check the address (it usually ends in /v1), the model's name, and whether the server has this --api"
  return "The server's words say what it does not accept; change the request or the server's settings"
}

/** Makes the policy from an HTTP client. Throws `ConfigError` for an address that is none and a key that no header carries. */
const make = (client: HttpClient.HttpClient, settings: OpenAiSettings) => {
  const server = patientPost(client, settings)
  const { clean } = server
  // What the server taught us: it holds for all requests to come.
  let limitField: LimitField = settings.limitField ?? "max_tokens"
  let isUnseeded = settings.isUnseeded === true

  const once = (request: CompletionRequest): Effect.Effect<Completion, Transient | CompletionsError> =>
    Effect.suspend(() => {
      const sent = limitField
      const wasUnseeded = isUnseeded
      const { body, path } = requestOf({ ...settings, limitField: sent, isUnseeded: wasUnseeded }, request, request.seed)
      const where = `${server.shown}${path}, ${request.id}`
      const refused = ({ status, text }: Rejected): Effect.Effect<Completion, Transient | CompletionsError> => {
        if (wantsOtherLimit(status, text, sent)) {
          limitField = "max_completion_tokens"
          return once(request)
        }
        if (!wasUnseeded && refusesSeed(status, text)) {
          isUnseeded = true
          return once(request)
        }
        return Effect.fail(
          new CompletionsError({
            where,
            reason: isOfOneRequest(status) ? "BadRequest" : "Refused",
            problem: `the server answers ${status}: ${clean(text.trim())}`,
            advice: adviceByStatus(status)
          })
        )
      }
      return server.once(path, body, request.id).pipe(
        Effect.flatMap(server.json),
        Effect.flatMap((answer): Effect.Effect<Completion, Transient | CompletionsError> => {
          const failure = errorIn(answer)
          if (failure !== undefined) return Effect.fail(transient("Unreadable", `the server answers with an error: ${clean(failure)}`))
          return Effect.try({
            try: () => responseOf(settings.api, answer),
            catch: (cause) =>
              new CompletionsError({
                where,
                reason: "Unreadable",
                problem: `the answer is not of the ${settings.api} API (${clean(cause instanceof Error ? cause.message : String(cause))})`,
                advice: `Try the other --api, or check that the address is that of an OpenAI-compatible server`
              })
          })
        }),
        Effect.catchTag("Rejected", refused)
      )
    })

  return {
    name: settings.model,
    settings: rowSettings(settings),
    complete: (request: CompletionRequest) => server.patiently(request, once(request))
  }
}

/**
 * A server as a text policy. Repeats what may go better later (cut connections, timeouts, 408, 409, 425, 429, 5xx, answers that are not
 * JSON) with doubling waits, never sooner than the server's `Retry-After` within `longestAsked`; fails at once on what will not (other 4xx,
 * another schema, more than `largestAnswer`). Reasoning in a field of its own becomes `<think>…</think>` before the text. Fails with
 * ConfigError for an address that is none and a key that no header carries.
 */
export const layer = (settings: OpenAiSettings): Layer.Layer<Completions, ConfigError, HttpClient.HttpClient> =>
  Layer.effect(Completions, Effect.flatMap(HttpClient.HttpClient, (client) => failing([ConfigError], () => make(client, settings))))
