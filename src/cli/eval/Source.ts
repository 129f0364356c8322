/**
 * Whom `eval` asks: a server, or three rates.
 *
 * @module
 */
import { Config, Console, Duration, Effect, Layer, Option, Redacted } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import type { Completions } from "../../engine/Completions.ts"
import * as OpenAi from "../../engine/OpenAi.ts"
import { assertKey, endpointOf } from "../../engine/Secrets.ts"
import * as Simulated from "../../engine/Simulated.ts"

/** The HTTP client, loaded on demand: most commands speak to no server. */
export const httpClient = Layer.unwrap(
  Effect.map(Effect.promise(() => import("@effect/platform-node/NodeHttpClient")), ({ layerNodeHttp }) => layerNodeHttp)
)

/** A policy, and its name. */
export interface Source {
  readonly layer: Layer.Layer<Completions, ConfigError>
  readonly name: string
}

/** What the flags say of who is asked, and how. */
export interface SourceFlags {
  readonly endpoint: Option.Option<string>
  readonly model: Option.Option<string>
  readonly simulate: Option.Option<string>
  readonly api: "completions" | "chat"
  readonly maxTokens: number
  readonly maxCompletionTokens: Option.Option<number>
  readonly system: Option.Option<string>
  readonly temperature: number
  readonly logProbs: boolean
  readonly timeout: number
  readonly retries: number
  readonly keyEnv: string
  readonly cap: number
}

// Waits from this on are said.
const LONG_WAIT_MS = 5_000
const SAID_EVERY_MS = 15_000

/** Says long waits on standard error, not every one of many requests'. */
export const sayingWaits = () => {
  let saidAt = -Infinity
  return (milliseconds: number, problem: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const now = performance.now()
      if (milliseconds < LONG_WAIT_MS || now - saidAt < SAID_EVERY_MS) return Effect.void
      saidAt = now
      return Console.error(`waiting ${Math.round(milliseconds / 1000)} s: ${problem}`)
    })
}

// What the library would say when the first request is made, said of the flag before.
const checkSettings = (
  { api, endpoint, keyEnv, maxTokens, retries, system, temperature, timeout }: Omit<SourceFlags, "endpoint"> & {
    readonly endpoint: string
  },
  key: string
): void => {
  endpointOf(endpoint, "--endpoint")
  assertKey(key, `the environment variable ${keyEnv}`)
  const refuse = (field: string, value: unknown, expected: string): never => {
    throw new ConfigError({ field, value: String(value), expected })
  }
  if (maxTokens < 1) refuse("--max-tokens", maxTokens, "at least 1")
  if (temperature < 0) refuse("--temperature", temperature, "0 or more")
  if (timeout <= 0) refuse("--timeout", timeout, "more than 0 seconds")
  if (retries < 0) refuse("--retries", retries, "0 or more")
  if (Option.isSome(system) && api === "completions") refuse("--system", "given", "--api chat: the completions API has no system message")
}

/** Either a simulated policy or a server with a model: one of the two, said completely. */
export const sourceOf = Effect.fnUntraced(function* (flags: SourceFlags): Effect.fn.Return<Source, ConfigError> {
  if (Option.isSome(flags.simulate)) {
    const rates = yield* failing([ConfigError], () => Simulated.parseRates(Option.getOrElse(flags.simulate, () => ""), flags.cap))
    return { layer: Simulated.layer(rates), name: "simulated" }
  }
  if (Option.isNone(flags.endpoint) || Option.isNone(flags.model)) {
    return yield* new ConfigError({
      field: "the policy",
      value: "missing",
      expected: "--endpoint URL and --model NAME, or --simulate p_S,p_D|C,p_D|W"
    })
  }
  const endpoint = flags.endpoint.value
  const key = yield* Config.option(Config.Redacted(flags.keyEnv)).pipe(
    Effect.mapError(() => new ConfigError({ field: "--key-env", value: flags.keyEnv, expected: "the name of an environment variable" }))
  )
  const maxTokens = Option.getOrElse(flags.maxCompletionTokens, () => flags.maxTokens)
  yield* failing(
    [ConfigError],
    () => checkSettings({ ...flags, endpoint, maxTokens }, Option.match(key, { onNone: () => "", onSome: Redacted.value }))
  )
  const settings: OpenAi.OpenAiSettings = {
    endpoint,
    model: flags.model.value,
    api: flags.api,
    key: Option.getOrUndefined(Option.filter(key, (value) => Redacted.value(value) !== "")),
    maxTokens,
    ...(Option.isSome(flags.maxCompletionTokens) ? { limitField: "max_completion_tokens" } : {}),
    ...(Option.isSome(flags.system) ? { system: flags.system.value } : {}),
    temperature: flags.temperature,
    logProbs: flags.logProbs,
    timeout: Duration.seconds(flags.timeout),
    retries: flags.retries,
    firstWait: "500 millis",
    longestWait: "30 seconds",
    onWait: sayingWaits()
  }
  return { layer: Layer.provide(OpenAi.layer(settings), httpClient), name: flags.model.value }
})
