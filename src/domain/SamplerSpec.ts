/**
 * An engine that samples, as a serialisable value: what a configuration names.
 *
 * @module
 */
import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))

/** A vLLM server, or another of the OpenAI API that takes and gives token ids and loads adapters by vLLM's requests. */
export const OpenAiSamplerSpec = Schema.Struct({
  _tag: Schema.tag("OpenAi"),
  /** The address up to and with the version, e.g. "http://localhost:8000/v1". */
  url: Schema.NonEmptyString,
  /** The environment variable with the server's key; left out: DECISION_SAMPLING_API_KEY. The key itself has no place in a file. */
  keyEnv: Schema.optionalKey(Schema.NonEmptyString),
  /**
   * What its log-probabilities are of: `raw`, logits at temperature 1 (vLLM's default, `--logprobs-mode raw_logprobs`); `processed`, what is drawn from
   * (`processed_logprobs`); `none`: do not ask for them. Left out: `raw`.
   */
  logProbs: Schema.optionalKey(Schema.Literals(["raw", "processed", "none"])),
  /** Requests under way at once; left out: 64. */
  concurrency: Schema.optionalKey(Count),
  /** Seconds that one request may take; left out: 600. */
  timeout: Schema.optionalKey(Schema.Finite.check(Schema.isGreaterThan(0))),
  /** How often a request is repeated; left out: 5. */
  retries: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
  /** Where adapters are written; left out: `adapters` in the run's folder. */
  folder: Schema.optionalKey(Schema.NonEmptyString),
  /** How the server's machine calls that folder; left out: the same. */
  folderOnServer: Schema.optionalKey(Schema.NonEmptyString)
})
export type OpenAiSamplerSpec = typeof OpenAiSamplerSpec.Type

/** llama.cpp in this process, by the optional package node-llama-cpp. */
export const LlamaCppSamplerSpec = Schema.Struct({
  _tag: Schema.tag("LlamaCpp"),
  /** The GGUF file of the model that is trained, of any quantisation. */
  path: Schema.NonEmptyString,
  /** Texts written side by side; left out: 8. */
  sequences: Schema.optionalKey(Count),
  /** Left out: 1. */
  threads: Schema.optionalKey(Count),
  /** Use a GPU that llama.cpp finds; left out: no. */
  gpu: Schema.optionalKey(Schema.Boolean),
  /** Left out: true. */
  logProbs: Schema.optionalKey(Schema.Boolean),
  /** Where adapters are written; left out: `adapters` in the run's folder. */
  folder: Schema.optionalKey(Schema.NonEmptyString)
})
export type LlamaCppSamplerSpec = typeof LlamaCppSamplerSpec.Type

/** An engine that samples. */
export const SamplerSpec = Schema.Union([OpenAiSamplerSpec, LlamaCppSamplerSpec])
export type SamplerSpec = typeof SamplerSpec.Type

/** The part of a spec that decides results: a run may go on with another address, other folders, and as many requests at once as it likes. */
export const decisive = (spec: SamplerSpec): Readonly<Record<string, string | boolean>> =>
  spec._tag === "OpenAi"
    ? { _tag: spec._tag, logProbs: spec.logProbs ?? "raw" }
    : { _tag: spec._tag, path: spec.path, logProbs: spec.logProbs ?? true }
