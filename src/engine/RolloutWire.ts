/**
 * The words of an OpenAI-compatible server for rollouts: token ids in, token ids and log-probabilities out. Field names are vLLM's, whose
 * completions API takes a prompt as ids and has `return_token_ids` from 0.10.2 on (`vllm/entrypoints/openai/completion/protocol.py`, `serving.py`).
 *
 * @module
 */
import { Option, Schema } from "effect"
import type { PolicyError } from "../domain/Errors.ts"
import type { SamplingParameters } from "../domain/Sampler.ts"
import type { Seed } from "../domain/Seed.ts"
import type { Tokens } from "../domain/Tokenizer.ts"
import { shownValue } from "../domain/ShownValue.ts"
import { type EngineAnswer, engineError } from "./EngineRollout.ts"

/** What one rollout is asked with. */
export interface RolloutQuestion {
  /** The name of the weights, as the server knows it. */
  readonly model: string
  readonly prompt: Tokens
  readonly seed: Seed
  readonly sampling: SamplingParameters
  /** At most so many tokens. */
  readonly maxTokens: number
  readonly ends: Tokens
  readonly withLogProbs: boolean
}

/**
 * The JSON body that asks for one rollout. Everything that shapes the distribution is said, and said to be off: what a request leaves out, a server takes
 * from the model's generation_config.json, and many have a top-k or a repetition penalty there.
 */
export const rolloutBody = ({ ends, maxTokens, model, prompt, sampling, seed, withLogProbs }: RolloutQuestion): Readonly<
  Record<string, unknown>
> => ({
  model,
  prompt,
  max_tokens: maxTokens,
  temperature: sampling.temperature,
  top_p: sampling.topP,
  // −1: all tokens, for vLLM and for SGLang; vLLM would take 0, too.
  top_k: sampling.topK === 0 ? -1 : sampling.topK,
  min_p: 0,
  repetition_penalty: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  n: 1,
  seed,
  stream: false,
  stop_token_ids: ends,
  skip_special_tokens: false,
  add_special_tokens: false,
  return_token_ids: true,
  // 0: of the token that was drawn, and of no other.
  ...(withLogProbs ? { logprobs: 0, return_tokens_as_token_ids: true } : {})
})

const Nullable = <A, I>(schema: Schema.Codec<A, I>) => Schema.optionalKey(Schema.NullOr(schema))

const Answer = Schema.Struct({
  model: Schema.optionalKey(Schema.Unknown),
  choices: Schema.Array(Schema.Struct({
    finish_reason: Nullable(Schema.String),
    token_ids: Nullable(Schema.Array(Schema.Finite)),
    prompt_token_ids: Nullable(Schema.Array(Schema.Finite)),
    logprobs: Nullable(Schema.Struct({
      tokens: Nullable(Schema.Array(Schema.String)),
      token_logprobs: Nullable(Schema.Array(Schema.NullOr(Schema.Finite)))
    }))
  }))
})

const decode = Schema.decodeUnknownOption(Answer)

/** The ids in tokens that are written as "token_id:123"; undefined where one is not. */
const idsIn = (tokens: ReadonlyArray<string> | null | undefined): ReadonlyArray<number> | undefined => {
  const ids = tokens?.map((token) => (/^token_id:\d+$/.test(token) ? Number(token.slice("token_id:".length)) : NaN))
  return ids?.every((id) => !Number.isNaN(id)) === true ? ids : undefined
}

const isSame = (a: Tokens, b: Tokens): boolean => a.length === b.length && a.every((token, t) => token === b[t])

const NO_IDS =
  "vLLM gives them (`return_token_ids`, from 0.10.2 on); llama.cpp's own server, Ollama and hosted APIs do not: of a GGUF file, " +
  "sample with { \"_tag\": \"LlamaCpp\" }, which gives ids"

/**
 * Reads what a server answered to a question. Throws PolicyError (`Engine`): no answer of the completions API, none or several choices, another model
 * than was asked for (the weights would be others), no token ids, ids of another prompt, an ending that is neither `stop` nor `length`.
 */
export const answerOf = (where: string, { model, prompt, withLogProbs }: RolloutQuestion, json: unknown): EngineAnswer => {
  const refuse = (problem: string, advice: string): PolicyError => engineError(where, problem, advice)
  const found = decode(json)
  if (Option.isNone(found)) {
    throw refuse(
      "the answer is none of the completions API",
      "Check that the address is that of an OpenAI-compatible server, up to and with /v1"
    )
  }
  const { choices, model: by } = found.value
  const [choice] = choices
  if (choice === undefined || choices.length > 1) throw refuse(`the answer has ${choices.length} choices`, "One was asked for")
  if (by !== model) {
    throw refuse(
      `${shownValue(by, 80)} answered, ${JSON.stringify(model)} was asked for`,
      "A server that answers whatever model is asked for would sample from old weights: use one that serves adapters by name (vLLM: --enable-lora)"
    )
  }
  if (choice.prompt_token_ids != null && !isSame(choice.prompt_token_ids, prompt)) {
    throw refuse("the server read another prompt than it was given", "Does it truncate prompts, or put tokens before them?")
  }
  const written = idsIn(choice.logprobs?.tokens)
  const tokens = choice.token_ids ?? written
  if (tokens == null) throw refuse("the answer has no token ids", NO_IDS)
  if (choice.token_ids != null && written !== undefined && !isSame(choice.token_ids, written)) {
    throw refuse("the token ids of the answer and those of its log-probabilities differ", "The log-probabilities are of other tokens")
  }
  const { finish_reason: finish } = choice
  if (finish !== "stop" && finish !== "length") {
    throw refuse(`the answer ended by ${shownValue(finish ?? null, 80)}`, "Only stop and length are endings of a rollout")
  }
  const logProbs = choice.logprobs?.token_logprobs?.map((value) => value ?? NaN)
  return { tokens, finish, ...(withLogProbs && logProbs !== undefined ? { logProbs } : {}) }
}
