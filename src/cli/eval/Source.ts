/**
 * Whom `eval` asks: a server, a model's files, or three rates.
 *
 * @module
 */
import { Config, Duration, Effect, Layer, Option, Redacted } from "effect"
import { ConfigError, type PolicyError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import type { Completions } from "../../engine/Completions.ts"
import * as OpenAi from "../../engine/OpenAi.ts"
import { assertKey, endpointOf } from "../../engine/Secrets.ts"
import * as Simulated from "../../engine/Simulated.ts"
import type { DeviceError } from "../../model/device/Device.ts"
import type { DeviceName } from "../../model/device/DeviceName.ts"
import type { ProductChoice } from "../../model/device/Products.ts"
import type { ModelFileError } from "../../model/pretrained/ModelFileError.ts"
import { httpClient, sayingWaits } from "../HttpClient.ts"

/** A policy, and its name. */
export interface Source {
  readonly layer: Layer.Layer<Completions, ConfigError | PolicyError | DeviceError | ModelFileError>
  readonly name: string
  /** Requests under way at a time, where nothing else is asked for. */
  readonly concurrency: number
  /** What a decision to RESAMPLE begins with in its texts, where a run was trained with phrases of its own. */
  readonly markers?: ReadonlyArray<string>
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
  readonly adapter: Option.Option<string>
  readonly checkpoint: Option.Option<string>
  readonly device: DeviceName
  readonly products: ProductChoice
  readonly workers: number
}

/** Requests to a server under way at a time, where nothing else is asked for. */
const CONCURRENCY = 16

/** Refuses limits and temperatures that make no sense. Throws ConfigError. */
export const checkSampling = ({ maxTokens, temperature }: Pick<SourceFlags, "maxTokens" | "temperature">): void => {
  if (maxTokens < 1) throw new ConfigError({ field: "--max-tokens", value: String(maxTokens), expected: "at least 1" })
  if (!(temperature >= 0)) throw new ConfigError({ field: "--temperature", value: String(temperature), expected: "0 or more" })
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
  checkSampling({ maxTokens, temperature })
  if (timeout <= 0) refuse("--timeout", timeout, "more than 0 seconds")
  if (retries < 0) refuse("--retries", retries, "0 or more")
  if (Option.isSome(system) && api === "completions") refuse("--system", "given", "--api chat: the completions API has no system message")
}

/** Either a simulated policy, a server with a model, or a model's files: one of them, said completely. */
export const sourceOf = Effect.fnUntraced(function* (flags: SourceFlags) {
  if (Option.isSome(flags.adapter) && (Option.isSome(flags.checkpoint) || Option.isSome(flags.endpoint) || Option.isSome(flags.simulate))) {
    return yield* new ConfigError({
      field: "--adapter",
      value: JSON.stringify(flags.adapter.value),
      expected: "--model with a model's files beside it: a run has its own adapter, and a server what it was started with"
    })
  }
  if (Option.isSome(flags.simulate)) {
    const rates = yield* failing([ConfigError], () => Simulated.parseRates(Option.getOrElse(flags.simulate, () => ""), flags.cap))
    return { layer: Simulated.layer(rates), name: "simulated", concurrency: CONCURRENCY } satisfies Source
  }
  if (Option.isNone(flags.endpoint) && (Option.isSome(flags.model) || Option.isSome(flags.checkpoint))) {
    const { localSource } = yield* Effect.promise(() => import("./LocalSource.ts"))
    return yield* localSource(flags)
  }
  if (Option.isNone(flags.endpoint) || Option.isNone(flags.model)) {
    return yield* new ConfigError({
      field: "the policy",
      value: "missing",
      expected: "--model PATH (a model's files) or --checkpoint RUN, --endpoint URL and --model NAME, or --simulate p_S,p_D|C,p_D|W"
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
  return { layer: Layer.provide(OpenAi.layer(settings), httpClient), name: flags.model.value, concurrency: CONCURRENCY } satisfies Source
})
