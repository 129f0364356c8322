/**
 * A text policy behind an OpenAI-compatible server, with patience for what servers do: queues, restarts, cut connections.
 *
 * @module
 */
import { Clock, Duration, Effect, Layer, Option, Redacted, Result, Stream } from "effect"
import { Headers, HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { ConfigError } from "../domain/Errors.ts"
import { draws, fold } from "../domain/Seed.ts"
import { failing } from "../domain/Throws.ts"
import { errorIn, type LimitField, refusesSeed, requestOf, type RequestSettings, responseOf, wantsOtherLimit } from "./OpenAiWire.ts"
import { type Completion, type CompletionRequest, Completions, CompletionsError } from "./Completions.ts"
import { assertKey, below, endpointOf, masking } from "./Secrets.ts"

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
  /** The longest wait that a server may ask for; one that asks for more is not available. Left out: 10 minutes. */
  readonly longestAsked?: Duration.Input
  /** The largest answer, bytes; left out: 64 MiB. */
  readonly largestAnswer?: number
  /** Told before every wait: how long, in milliseconds, and why. */
  readonly onWait?: (milliseconds: number, problem: string) => Effect.Effect<void>
}

/** What is worth trying again, with the server's own wish for the wait in milliseconds. */
interface Transient {
  readonly _tag: "Transient"
  readonly reason: "Unavailable" | "Unreadable"
  readonly problem: string
  readonly retryAfter: number
}

const EXCERPT = 300
const LONGEST_ASKED = "10 minutes"
const LARGEST_ANSWER = 1 << 26

/** An answer that is no JSON was cut, or will always be none: it is asked for again this often at most. */
const UNREADABLE_RETRIES = 2

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

// Of one request (its prompt is too long, or not allowed) rather than of all.
const isOfOneRequest = (status: number): boolean => [400, 413, 422].includes(status)

/** Reads an answer's text, at most so many bytes; undefined for more. */
const textOf = (response: HttpClientResponse.HttpClientResponse, most: number) =>
  Effect.gen(function* () {
    const decoder = new TextDecoder()
    const parts: Array<string> = []
    let size = 0
    yield* Stream.runForEachWhile(response.stream, (chunk) =>
      Effect.sync(() => {
        size += chunk.length
        if (size > most) return false
        parts.push(decoder.decode(chunk, { stream: true }))
        return true
      }))
    return size > most ? undefined : parts.join("") + decoder.decode()
  })

/** The wait before repetition number `attempt`, in milliseconds: doubled each time, between half and all of it by the request's seed. */
const backoff = (settings: OpenAiSettings, request: CompletionRequest, attempt: number): number => {
  const whole = Math.min(Duration.toMillis(settings.firstWait) * 2 ** attempt, Duration.toMillis(settings.longestWait))
  return whole * (0.5 + 0.5 * draws(fold(request.seed, "backoff", attempt)).uniform())
}

/** Makes the policy from an HTTP client. Throws `ConfigError` for an address that is none and a key that no header carries. */
const make = (client: HttpClient.HttpClient, settings: OpenAiSettings) => {
  const endpoint = endpointOf(settings.endpoint)
  const secret = settings.key === undefined ? "" : Redacted.value(settings.key)
  assertKey(secret, "key")
  // A server may repeat what it was sent; keys are cut out of everything that could be printed, before it is shortened.
  const mask = masking([secret, ...endpoint.secrets])
  const clean = (text: string): string => mask(text.slice(0, EXCERPT + 10_000)).slice(0, EXCERPT)
  const most = settings.largestAnswer ?? LARGEST_ANSWER
  const longestAsked = Duration.toMillis(settings.longestAsked ?? LONGEST_ASKED)
  // What the server taught us: it holds for all requests to come.
  let limitField: LimitField = settings.limitField ?? "max_tokens"
  let isUnseeded = settings.isUnseeded === true

  const authorized = (post: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest =>
    secret !== ""
      ? HttpClientRequest.bearerToken(post, secret)
      : endpoint.authorization === undefined
      ? post
      : HttpClientRequest.setHeader(post, "authorization", endpoint.authorization)

  const once = Effect.fnUntraced(function* (request: CompletionRequest): Effect.fn.Return<Completion, Transient | CompletionsError> {
    const sent = limitField
    const wasUnseeded = isUnseeded
    const { body, path } = requestOf({ ...settings, limitField: sent, isUnseeded: wasUnseeded }, request, request.seed)
    const where = `${endpoint.shown}${path}, ${request.id}`
    const post = HttpClientRequest.post(below(endpoint, path)).pipe(HttpClientRequest.bodyJsonUnsafe(body), HttpClientRequest.acceptJson)
    const exchange = Effect.gen(function* () {
      const response = yield* client.execute(authorized(post))
      return { response, text: yield* textOf(response, most) }
    }).pipe(
      Effect.mapError((error) => transient("Unavailable", `the connection failed (${clean(error.message)})`)),
      Effect.timeoutOrElse({
        duration: settings.timeout,
        orElse: () =>
          Effect.fail(transient("Unavailable", `no answer within ${Duration.format(Duration.fromInputUnsafe(settings.timeout))}`))
      })
    )
    const { response, text } = yield* exchange
    if (text === undefined) {
      return yield* new CompletionsError({
        where,
        reason: "Unreadable",
        problem: `the answer has more than ${most} bytes`,
        advice: "Lower --max-tokens, or ask without --logprobs"
      })
    }
    if (response.status < 200 || response.status >= 300) {
      if (wantsOtherLimit(response.status, text, sent)) {
        limitField = "max_completion_tokens"
        return yield* once(request)
      }
      if (!wasUnseeded && refusesSeed(response.status, text)) {
        isUnseeded = true
        return yield* once(request)
      }
      const problem = `the server answers ${response.status}: ${clean(text.trim())}`
      if (isTransient(response.status)) {
        const now = yield* Clock.currentTimeMillis
        const wish = Option.flatMap(
          Headers.get(response.headers, "retry-after"),
          (value) => Result.getSuccess(Headers.parseRetryAfter(value))
        )
        const asked = Option.match(wish, {
          onNone: () => 0,
          onSome: (value) => Duration.toMillis(Headers.retryAfterDelay(value, now))
        })
        if (asked > longestAsked) {
          return yield* new CompletionsError({
            where,
            reason: "Unavailable",
            problem: `${problem} and asks to come back after ${Math.round(asked / 1000)} s, longer than the ${
              longestAsked / 1000
            } s that are waited`,
            advice: "Come back then: what has arrived is kept, --resume goes on"
          })
        }
        return yield* Effect.fail(transient("Unavailable", problem, asked))
      }
      return yield* new CompletionsError({
        where,
        reason: isOfOneRequest(response.status) ? "BadRequest" : "Refused",
        problem,
        advice: adviceByStatus(response.status)
      })
    }
    const answer = yield* Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: () => transient("Unreadable", `the answer is not JSON: ${clean(text)}`)
    })
    const failure = errorIn(answer)
    if (failure !== undefined) return yield* Effect.fail(transient("Unreadable", `the server answers with an error: ${clean(failure)}`))
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
        attempt < Math.min(settings.retries, reason === "Unreadable" ? UNREADABLE_RETRIES : Infinity)
          ? Effect.suspend(() => {
            const wait = Math.max(retryAfter, backoff(settings, request, attempt))
            return Effect.andThen(
              settings.onWait?.(wait, problem) ?? Effect.void,
              Effect.andThen(
                Effect.sleep(wait),
                Effect.suspend(() =>
                  complete(request, attempt + 1)
                )
              )
            )
          })
          : Effect.fail(
            new CompletionsError({
              where: `${endpoint.shown}, ${request.id}`,
              reason,
              problem: `${problem} (tried ${attempt + 1} times)`,
              advice:
                "Check that the server runs and is not overloaded (fewer --concurrency, longer --timeout); what has arrived is kept, --resume goes on"
            })
          ))
    )

  return {
    name: settings.model,
    settings: {
      api: settings.api,
      temperature: settings.temperature,
      maxTokens: settings.maxTokens,
      ...(settings.system === undefined ? {} : { system: settings.system })
    },
    complete: (request: CompletionRequest) => complete(request)
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
