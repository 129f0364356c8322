/**
 * The engine that a configuration names as its sampler, with the adapter's files in the form that it reads.
 *
 * @module
 */
import { resolve } from "node:path"
import { Config, Effect, type FileSystem, Layer, Option, type Path, Redacted } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { Grammar } from "../../domain/Grammar.ts"
import type { Sampler } from "../../domain/Sampler.ts"
import type { LlamaCppSamplerSpec, OpenAiSamplerSpec, SamplerSpec } from "../../domain/SamplerSpec.ts"
import { failing } from "../../domain/Throws.ts"
import type { Tokenizer } from "../../domain/Tokenizer.ts"
import * as LlamaCppSampler from "../../engine/LlamaCppSampler.ts"
import * as OpenAiSampler from "../../engine/OpenAiSampler.ts"
import type { ModelSpec } from "../../model/ModelSpec.ts"
import { DEFAULT_TRAINING } from "../../model/policy/PretrainedPolicy.ts"
import type { ModelFileError } from "../../model/pretrained/ModelFileError.ts"
import { openModel } from "../../model/pretrained/PretrainedModel.ts"
import type { GroupRelativeConfig } from "../../training/GroupRelativeTrainer.ts"
import * as OldLogProbs from "../../training/OldLogProbs.ts"
import { httpClient, sayingWaits } from "../HttpClient.ts"
import { ggufWriter, peftWriter } from "./AdapterWriters.ts"

const DEFAULT_KEY = "DECISION_SAMPLING_API_KEY"
const DEFAULTS = { concurrency: 64, timeout: 600, retries: 5, sequences: 8, threads: 1 }

/** The pretrained model of a spec, and the adapter of it that is trained. Throws ConfigError for a model that no engine can serve. */
const servable = (model: ModelSpec) => {
  const refuse = (field: string, value: string, expected: string): never => {
    throw new ConfigError({ field, value, expected })
  }
  if (model._tag !== "Pretrained") {
    return refuse(
      "sampler",
      "given",
      "left out: an engine serves pretrained models (\"_tag\": \"Pretrained\"), and this is a column transformer"
    )
  }
  const { adapter, path, trains = DEFAULT_TRAINING } = model
  if (trains._tag === "Whole") {
    return refuse("model.trains", "Whole", "an Adapter with a sampler: what is published to an engine each step is an adapter")
  }
  if (adapter !== undefined) {
    const expected =
      "left out with a sampler: the engine would sample without it. Merge it (`model export --as merged`), and serve and train that"
    return refuse("model.adapter", JSON.stringify(adapter), expected)
  }
  return { path, trains }
}

/** Refuses, before a run has a folder, a model that no engine can serve and settings that the sampler does not have. Throws ConfigError. */
export const assertFits = (spec: SamplerSpec, model: ModelSpec, config: GroupRelativeConfig): void => {
  servable(model)
  const { temperature } = config.sampling
  if (spec.logProbs === "none" || spec.logProbs === false) OldLogProbs.sourceOf(config, { logProbs: "none" })
  if (spec._tag === "OpenAi" && (spec.logProbs ?? "raw") === "raw" && temperature !== 1) {
    const expected =
      "1 where the sampler's \"logProbs\" are raw: those of another temperature are not what is drawn from. Start vLLM with " +
      "--logprobs-mode processed_logprobs and say \"processed\", or ask for \"none\""
    throw new ConfigError({ field: "temperature", value: String(temperature), expected })
  }
}

const servedModel = Effect.fnUntraced(function* (spec: ModelSpec) {
  const { path, trains } = yield* failing([ConfigError], () => servable(spec))
  return { model: yield* openModel(path), trains }
})

const openAi = Effect.fnUntraced(function* (spec: OpenAiSamplerSpec, model: ModelSpec, out: string) {
  const name = spec.keyEnv ?? DEFAULT_KEY
  const key = yield* Config.option(Config.Redacted(name)).pipe(
    Effect.mapError(() => new ConfigError({ field: "sampler.keyEnv", value: name, expected: "the name of an environment variable" }))
  )
  const served = yield* servedModel(model)
  const settings: OpenAiSampler.OpenAiSamplerSettings = {
    endpoint: spec.url,
    key: Option.getOrUndefined(Option.filter(key, (value) => Redacted.value(value) !== "")),
    logProbs: spec.logProbs ?? "raw",
    concurrency: spec.concurrency ?? DEFAULTS.concurrency,
    timeout: `${spec.timeout ?? DEFAULTS.timeout} seconds`,
    retries: spec.retries ?? DEFAULTS.retries,
    firstWait: "500 millis",
    longestWait: "30 seconds",
    onWait: sayingWaits()
  }
  const place = {
    folder: resolve(spec.folder ?? `${out}/adapters`),
    ...(spec.folderOnServer === undefined ? {} : { folderOnServer: spec.folderOnServer })
  }
  return Layer.provide(OpenAiSampler.layer(settings, peftWriter(served), place), httpClient)
})

const llamaCpp = Effect.fnUntraced(function* (spec: LlamaCppSamplerSpec, model: ModelSpec, out: string) {
  const served = yield* servedModel(model)
  return LlamaCppSampler.layer({
    path: resolve(spec.path),
    sequences: spec.sequences ?? DEFAULTS.sequences,
    threads: spec.threads ?? DEFAULTS.threads,
    gpu: spec.gpu ?? false,
    logProbs: spec.logProbs ?? true,
    folder: resolve(spec.folder ?? `${out}/adapters`)
  }, ggufWriter(served))
})

/** Layer of the sampler of a spec, for a model that is trained into the folder `out`. */
export const layer = (
  spec: SamplerSpec,
  model: ModelSpec,
  out: string
): Layer.Layer<Sampler, ConfigError | ModelFileError, Grammar | Tokenizer | FileSystem.FileSystem | Path.Path> =>
  Layer.unwrap(
    Effect.gen(function* () {
      return spec._tag === "OpenAi" ? yield* openAi(spec, model, out) : yield* llamaCpp(spec, model, out)
    })
  )
