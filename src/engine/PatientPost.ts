/**
 * Requests to a server that is asked for long: JSON goes out, text comes back, with patience for what servers do: queues, restarts, cut
 * connections.
 *
 * @module
 */
import { Clock, Duration, Effect, Option, Redacted, Result, Stream } from "effect"
import { Headers, type HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { draws, fold, type Seed } from "../domain/Seed.ts"
import { CompletionsError } from "./Completions.ts"
import { assertKey, below, endpointOf, masking } from "./Secrets.ts"

/** Where a server is, and how long to be patient. */
export interface PatienceSettings {
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
export interface Transient {
  readonly _tag: "Transient"
  readonly reason: "Unavailable" | "Unreadable"
  readonly problem: string
  readonly retryAfter: number
}

/** An answer that says no, and will say it again. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly status: number
  readonly text: string
}

const EXCERPT = 300
const LONGEST_ASKED = "10 minutes"
const LARGEST_ANSWER = 1 << 26

/** An answer that is no JSON was cut, or will always be none: it is asked for again this often at most. */
const UNREADABLE_RETRIES = 2

// 408 timeout, 409 and 425 "not now", 429 too many requests; 501 and 505 will not change by waiting.
const isTransient = (status: number): boolean =>
  [408, 409, 425, 429].includes(status) || (status >= 500 && status !== 501 && status !== 505)

/** Something that is worth trying again. */
export const transient = (reason: Transient["reason"], problem: string, retryAfter = 0): Transient => ({
  _tag: "Transient",
  reason,
  problem,
  retryAfter
})

/** Whether a refusal is of one request (its prompt is too long, or not allowed) rather than of all. */
export const isOfOneRequest = (status: number): boolean => [400, 413, 422].includes(status)

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
const backoff = (settings: PatienceSettings, seed: Seed, attempt: number): number => {
  const whole = Math.min(Duration.toMillis(settings.firstWait) * 2 ** attempt, Duration.toMillis(settings.longestWait))
  return whole * (0.5 + 0.5 * draws(fold(seed, "backoff", attempt)).uniform())
}

/** Who asks, in messages, and the seed of the waits. */
export interface Asking {
  readonly id: string
  readonly seed: Seed
}

/** A server that can be asked. */
export interface PatientPost {
  /** The address as messages may show it. */
  readonly shown: string
  /** A text without keys, at most 300 characters of it. */
  readonly clean: (text: string) => string
  /** Asks once; the text of an answer of success. */
  readonly once: (path: string, body: unknown, id: string) => Effect.Effect<string, Transient | Rejected | CompletionsError>
  /** Asks again, later and later, what may go better then. */
  readonly patiently: <A, E>(
    asking: Asking,
    once: Effect.Effect<A, Transient | E>
  ) => Effect.Effect<A, CompletionsError | Exclude<E, Transient>>
  /** The JSON of an answer's text; what is none is worth trying again. */
  readonly json: (text: string) => Effect.Effect<unknown, Transient>
}

/** Makes it from an HTTP client. Throws `ConfigError` for an address that is none and a key that no header carries. */
export const patientPost = (client: HttpClient.HttpClient, settings: PatienceSettings): PatientPost => {
  const endpoint = endpointOf(settings.endpoint)
  const secret = settings.key === undefined ? "" : Redacted.value(settings.key)
  assertKey(secret, "key")
  // A server may repeat what it was sent; keys are cut out of everything that could be printed, before it is shortened.
  const mask = masking([secret, ...endpoint.secrets])
  const clean = (text: string): string => text.trim() === "" ? "an empty body" : mask(text.slice(0, EXCERPT + 10_000)).slice(0, EXCERPT)
  const most = settings.largestAnswer ?? LARGEST_ANSWER
  const longestAsked = Duration.toMillis(settings.longestAsked ?? LONGEST_ASKED)

  const authorized = (post: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest =>
    secret !== ""
      ? HttpClientRequest.bearerToken(post, secret)
      : endpoint.authorization === undefined
      ? post
      : HttpClientRequest.setHeader(post, "authorization", endpoint.authorization)

  const once: PatientPost["once"] = Effect.fnUntraced(function* (path, body, id) {
    const where = `${endpoint.shown}${path}, ${id}`
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
    if (response.status >= 200 && response.status < 300) return text
    if (!isTransient(response.status)) return yield* Effect.fail<Rejected>({ _tag: "Rejected", status: response.status, text })
    const problem = `the server answers ${response.status}: ${clean(text.trim())}`
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
  })

  const patiently = <A, E>(
    { id, seed }: Asking,
    once: Effect.Effect<A, Transient | E>,
    attempt = 0
  ): Effect.Effect<A, CompletionsError | Exclude<E, Transient>> =>
    Effect.catch(once, (error): Effect.Effect<A, CompletionsError | Exclude<E, Transient>> => {
      if (!isTransientError(error)) return Effect.fail(error as Exclude<E, Transient>)
      const { problem, reason, retryAfter } = error
      if (attempt < Math.min(settings.retries, reason === "Unreadable" ? UNREADABLE_RETRIES : Infinity)) {
        const wait = Math.max(retryAfter, backoff(settings, seed, attempt))
        return (settings.onWait?.(wait, problem) ?? Effect.void).pipe(
          Effect.andThen(Effect.sleep(wait)),
          Effect.andThen(Effect.suspend(() => patiently({ id, seed }, once, attempt + 1)))
        )
      }
      return Effect.fail(
        new CompletionsError({
          where: `${endpoint.shown}, ${id}`,
          reason,
          problem: `${problem} (tried ${attempt + 1} times)`,
          advice:
            "Check that the server runs and is not overloaded (fewer --concurrency, longer --timeout); what has arrived is kept, --resume goes on"
        })
      )
    })

  return {
    shown: endpoint.shown,
    clean,
    once,
    patiently: (asking, once) => patiently(asking, once),
    json: (text) =>
      Effect.try({
        try: (): unknown => JSON.parse(text),
        catch: () => transient("Unreadable", `the answer is not JSON: ${clean(text)}`)
      })
  }
}

const isTransientError = (error: unknown): error is Transient =>
  typeof error === "object" && error !== null && "_tag" in error && error._tag === "Transient"
