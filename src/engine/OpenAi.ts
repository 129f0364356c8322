/**
 * A text policy behind an OpenAI-compatible server, with patience for what servers do: queues, restarts, cut connections.
 *
 * @module
 */
import { Clock, Duration, Effect, Layer, Option, Redacted, Result } from "effect"
import { Headers, HttpClient, HttpClientRequest } from "effect/http"
import { draws, fold } from "../domain/Seed.ts"
import { requestOf, type RequestSettings, responseOf } from "./OpenAiWire.ts"
import { type Completion, type CompletionRequest, Completions, CompletionsError } from "./Completions.ts"

/** Where the server is, how it is asked, and how long to be patient. */
export interface OpenAiSettings extends RequestSettings {
  /** The address up to and with the version, e.g. "http://localhost:8000/v1". */
  readonly endpoint: string
  /** Sent as a bearer token; never printed. */
  readonly key: Redacted.Redacted | undefined
  /** How long one request may take. */
  readonly timeout: Duration.Input
  /** How often a request is repeated after the first try. */
  readonly retries: number
  /** The wait before the first repetition; it doubles each time up to `longestWait`. `Retry-After` of the server lengthens it. */
  readonly firstWait: Duration.Input
  readonly longestWait: Duration.Input
}

/** What is worth trying again, with the server's own wish for the wait in milliseconds. */
interface Transient {
  readonly _tag: "Transient"
  readonly reason: "Unavailable" | "Unreadable"
  readonly problem: string
  readonly retryAfter: number
}

const EXCERPT = 300

// 408 timeout, 409 and 425 "not now", 429 too many requests; 501 and 505 will not change by waiting.
const isTransient = (status: number): boolean =>
  [408, 409, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505)

const transient = (reason: Transient["reason"], problem: string, retryAfter = 0): Transient => ({
  _tag: "Transient",
  reason,
  problem,
  retryAfter
})

const adviceByStatus = (status: number): string => {
  if (status === 401 || status === 403) return "Set the server's key in the environment variable that --key-env names"
  if (status === 404) return "Check the address (it usually ends in /v1), the model's name, and whether the server has this --api"
  return "The server's words say what it does not accept; change the request or the server's settings"
}

/** The wait before repetition number `attempt`, in milliseconds: doubled each time, between half and all of it by the request's seed. */
const backoff = (settings: OpenAiSettings, request: CompletionRequest, attempt: number): number => {
  const whole = Math.min(Duration.toMillis(settings.firstWait) * 2 ** attempt, Duration.toMillis(settings.longestWait))
  return whole * (0.5 + 0.5 * draws(fold(request.seed, "backoff", attempt)).uniform())
}

/** Makes the policy from an HTTP client. */
const make = (client: HttpClient.HttpClient, settings: OpenAiSettings) => {
  const endpoint = settings.endpoint.replace(/\/+$/, "")
  const secret = settings.key === undefined ? undefined : Redacted.value(settings.key)
  // A server may repeat what it was sent; the key is cut out of everything that could be printed.
  const clean = (text: string): string =>
    (secret === undefined || secret === "" ? text : text.replaceAll(secret, "<key>")).slice(0, EXCERPT)

  const once = Effect.fnUntraced(function* (request: CompletionRequest): Effect.fn.Return<Completion, Transient | CompletionsError> {
    const { body, path } = requestOf(settings, request.prompt, request.seed)
    const where = `${endpoint}${path}, ${request.id}`
    const post = HttpClientRequest.post(`${endpoint}${path}`).pipe(HttpClientRequest.bodyJsonUnsafe(body), HttpClientRequest.acceptJson)
    const exchange = Effect.gen(function* () {
      const response = yield* client.execute(secret === undefined ? post : HttpClientRequest.bearerToken(post, secret))
      return { response, text: yield* response.text }
    }).pipe(
      Effect.mapError((error) => transient("Unavailable", `the connection failed (${clean(error.message)})`)),
      Effect.timeoutOrElse({
        duration: settings.timeout,
        orElse: () =>
          Effect.fail(transient("Unavailable", `no answer within ${Duration.format(Duration.fromInputUnsafe(settings.timeout))}`))
      })
    )
    const { response, text } = yield* exchange
    if (response.status < 200 || response.status >= 300) {
      const problem = `the server answers ${response.status}: ${clean(text.trim())}`
      if (isTransient(response.status)) {
        const now = yield* Clock.currentTimeMillis
        const wish = Option.flatMap(
          Headers.get(response.headers, "retry-after"),
          (value) => Result.getSuccess(Headers.parseRetryAfter(value))
        )
        return yield* Effect.fail(transient(
          "Unavailable",
          problem,
          Option.match(wish, {
            onNone: () => 0,
            onSome: (value) => Duration.toMillis(Headers.retryAfterDelay(value, now))
          })
        ))
      }
      return yield* new CompletionsError({ where, reason: "Refused", problem, advice: adviceByStatus(response.status) })
    }
    const answer = yield* Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: () => transient("Unreadable", `the answer is not JSON: ${clean(text)}`)
    })
    return yield* Effect.try({
      try: () => responseOf(settings.api, answer),
      catch: (cause) =>
        new CompletionsError({
          where,
          reason: "Unreadable",
          problem: `the answer is not of the ${settings.api} API (${clean(cause instanceof Error ? cause.message : String(cause))})`,
          advice: `Try the other --api, or check that the address is that of an OpenAI-compatible server`
        })
    })
  })

  const complete = (request: CompletionRequest, attempt = 0): Effect.Effect<Completion, CompletionsError> =>
    once(request).pipe(
      Effect.catchTag("Transient", ({ problem, reason, retryAfter }) =>
        attempt < settings.retries
          ? Effect.andThen(
            Effect.sleep(Math.max(retryAfter, backoff(settings, request, attempt))),
            Effect.suspend(() => complete(request, attempt + 1))
          )
          : Effect.fail(
            new CompletionsError({
              where: `${endpoint}, ${request.id}`,
              reason,
              problem: `${problem} (tried ${attempt + 1} times)`,
              advice:
                "Check that the server runs and is not overloaded (fewer --concurrency, longer --timeout); what has arrived is kept, --resume goes on"
            })
          ))
    )

  return { name: settings.model, complete: (request: CompletionRequest) => complete(request) }
}

/**
 * A server as a text policy. Repeats what may go better later (cut connections, timeouts, 408, 409, 425, 429, 5xx, answers that are not
 * JSON) with doubling waits, never sooner than the server's `Retry-After`; fails at once on what will not (other 4xx, another schema).
 */
export const layer = (settings: OpenAiSettings): Layer.Layer<Completions, never, HttpClient.HttpClient> =>
  Layer.effect(Completions, Effect.map(HttpClient.HttpClient, (client) => make(client, settings)))
