/**
 * The words of an OpenAI-compatible server, as far as they are needed: requests for one response, and answers with and without
 * log-probabilities. vLLM, SGLang, llama.cpp and Ollama answer in these shapes; fields that we do not read are not looked at.
 *
 * @module
 */
import { Schema } from "effect"
import type { Seed } from "../domain/Seed.ts"
import type { Completion } from "./Completions.ts"

/** Which endpoint is asked: `completions` continues the prompt itself, `chat` puts it into the model's chat template. */
export const Api = Schema.Literals(["completions", "chat"])
export type Api = typeof Api.Type

/** How responses are sampled. `logProbs` asks for the log-probability of every token. */
export interface RequestSettings {
  readonly model: string
  readonly api: Api
  readonly maxTokens: number
  readonly temperature: number
  readonly logProbs: boolean
}

const FinishReason = Schema.optionalKey(Schema.NullOr(Schema.String))

// What the chat API says of each token; llama.cpp's server uses it for both APIs.
const TokenLogProbs = Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Struct({ token: Schema.String, logprob: Schema.Finite }))))

const CompletionAnswer = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({
    text: Schema.String,
    finish_reason: FinishReason,
    logprobs: Schema.optionalKey(Schema.NullOr(Schema.Struct({
      tokens: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
      token_logprobs: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.NullOr(Schema.Finite)))),
      content: TokenLogProbs
    })))
  }))
})

const ChatAnswer = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({
    message: Schema.Struct({
      content: Schema.NullOr(Schema.String)
    }),
    finish_reason: FinishReason,
    logprobs: Schema.optionalKey(Schema.NullOr(Schema.Struct({
      content: TokenLogProbs
    })))
  }))
})

/** The path below the endpoint's address and the JSON body that ask for one response. */
export const requestOf = (settings: RequestSettings, prompt: string, seed: Seed): { readonly path: string; readonly body: unknown } => {
  const common = {
    model: settings.model,
    max_tokens: settings.maxTokens,
    temperature: settings.temperature,
    // Servers read a signed 32-bit integer.
    seed: seed >>> 1
  }
  return settings.api === "chat"
    ? {
      path: "/chat/completions",
      body: { ...common, messages: [{ role: "user", content: prompt }], ...(settings.logProbs ? { logprobs: true } : {}) }
    }
    : { path: "/completions", body: { ...common, prompt, ...(settings.logProbs ? { logprobs: 1 } : {}) } }
}

const completion = (
  response: string,
  finish: string | null | undefined,
  tokens: ReadonlyArray<readonly [string, number]> | undefined
): Completion => ({
  response,
  truncated: finish === "length",
  ...(tokens === undefined || tokens.length === 0
    ? {}
    : { tokens: tokens.map(([token]) => token), logprobs: tokens.map(([, logprob]) => logprob) })
})

const decodeCompletion = Schema.decodeUnknownSync(CompletionAnswer)
const decodeChat = Schema.decodeUnknownSync(ChatAnswer)

const pairsOf = (content: ReadonlyArray<{ readonly token: string; readonly logprob: number }> | null | undefined) =>
  content?.map(({ logprob, token }) => [token, logprob] as const)

// Log-probabilities are kept only where every token has one: half a column would shift the others.
const fromCompletion = (answer: unknown): Completion => {
  const [choice] = decodeCompletion(answer).choices
  const content = pairsOf(choice.logprobs?.content)
  if (content !== undefined) return completion(choice.text, choice.finish_reason, content)
  const tokens = choice.logprobs?.tokens ?? []
  const logprobs = choice.logprobs?.token_logprobs ?? []
  const pairs = tokens.flatMap((token, i) => (logprobs[i] == null ? [] : [[token, logprobs[i]] as const]))
  return completion(
    choice.text,
    choice.finish_reason,
    pairs.length === tokens.length && pairs.length === logprobs.length ? pairs : undefined
  )
}

const fromChat = (answer: unknown): Completion => {
  const [choice] = decodeChat(answer).choices
  return completion(choice.message.content ?? "", choice.finish_reason, pairsOf(choice.logprobs?.content))
}

/** Reads a server's answer. Throws a schema error that says which field is missing or of the wrong kind. */
export const responseOf = (api: Api, answer: unknown): Completion => (api === "chat" ? fromChat(answer) : fromCompletion(answer))
