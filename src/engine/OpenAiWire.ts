/**
 * The words of an OpenAI-compatible server, as far as they are needed: requests for one response, and answers with and without reasoning and
 * log-probabilities. vLLM, SGLang, llama.cpp and Ollama answer in these shapes; fields that we do not read are not looked at.
 *
 * @module
 */
import { Schema } from "effect"
import { isCutOff } from "../domain/Finish.ts"
import type { Seed } from "../domain/Seed.ts"
import { shownValue } from "../domain/ShownValue.ts"
import type { ChatMessage, Completion } from "./Completions.ts"

/** Which endpoint is asked: `completions` continues the prompt itself, `chat` puts it into the model's chat template. */
export const Api = Schema.Literals(["completions", "chat"])
export type Api = typeof Api.Type

/** The field that says how many tokens a response may have; newer servers of OpenAI refuse the first. */
export type LimitField = "max_tokens" | "max_completion_tokens"

/** How responses are sampled. `logProbs` asks for the log-probability of every token. */
export interface RequestSettings {
  readonly model: string
  readonly api: Api
  readonly maxTokens: number
  readonly temperature: number
  readonly logProbs: boolean
  /** Left out: `max_tokens`, and the other where the server asks for it. */
  readonly limitField?: LimitField
  /** No seed is sent: some servers refuse requests that have one. */
  readonly isUnseeded?: boolean
  /** What the system says before every prompt; of the chat API alone. */
  readonly system?: string
}

/** What rows say of how they were sampled. */
export const rowSettings = ({ api, maxTokens, system, temperature }: RequestSettings): Readonly<Record<string, string | number>> => ({
  api,
  temperature,
  maxTokens,
  ...(system === undefined ? {} : { system })
})

/** What is asked: a prompt, or the messages of a chat in its place. */
export interface Asked {
  readonly prompt: string
  readonly messages?: ReadonlyArray<ChatMessage>
}

/** The path below the endpoint's address and the JSON body that ask for one response. */
export const requestOf = (
  settings: RequestSettings,
  { messages, prompt }: Asked,
  seed: Seed
): { readonly path: string; readonly body: unknown } => {
  const common = {
    model: settings.model,
    [settings.limitField ?? "max_tokens"]: settings.maxTokens,
    temperature: settings.temperature,
    // Servers read a signed 32-bit integer.
    ...(settings.isUnseeded === true ? {} : { seed: seed >>> 1 })
  }
  if (settings.api === "completions") {
    return { path: "/completions", body: { ...common, prompt, ...(settings.logProbs ? { logprobs: 1 } : {}) } }
  }
  const system = settings.system === undefined ? [] : [{ role: "system", content: settings.system }]
  return {
    path: "/chat/completions",
    body: {
      ...common,
      messages: [...system, ...(messages ?? [{ role: "user", content: prompt }])],
      ...(settings.logProbs ? { logprobs: true } : {})
    }
  }
}

// Text, or a list of parts of which some are reasoning; null where the whole answer is reasoning, or a call of a tool.
const Part = Schema.StructWithRest(Schema.Struct({ type: Schema.optionalKey(Schema.NullOr(Schema.String)) }), [
  Schema.Record(Schema.String, Schema.Unknown)
])
const Content = Schema.Union([Schema.String, Schema.Null, Schema.Array(Schema.Union([Schema.String, Part]))])
type Content = typeof Content.Type

// Read by hand: every server has fields of its own, and whatever is no text is passed over.
const thoughtFields = {
  reasoning_content: Schema.optionalKey(Schema.Unknown),
  reasoning: Schema.optionalKey(Schema.Unknown),
  thinking: Schema.optionalKey(Schema.Unknown),
  reasoning_details: Schema.optionalKey(Schema.Unknown)
}
const ending = {
  finish_reason: Schema.optionalKey(Schema.Unknown),
  stop_reason: Schema.optionalKey(Schema.Unknown),
  native_finish_reason: Schema.optionalKey(Schema.Unknown)
}

const LogProbs = Schema.Struct({
  tokens: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.String))),
  token_logprobs: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.NullOr(Schema.Finite)))),
  // What the chat API says of each token; llama.cpp's server uses it for both APIs.
  content: Schema.optionalKey(
    Schema.NullOr(Schema.Array(Schema.Struct({ token: Schema.String, logprob: Schema.NullOr(Schema.Finite) })))
  )
})

const CompletionAnswer = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({
    text: Schema.String,
    ...thoughtFields,
    ...ending,
    logprobs: Schema.optionalKey(Schema.Unknown)
  }))
})

const ChatAnswer = Schema.Struct({
  choices: Schema.NonEmptyArray(Schema.Struct({
    message: Schema.Struct({
      content: Schema.optionalKey(Content),
      refusal: Schema.optionalKey(Schema.Unknown),
      tool_calls: Schema.optionalKey(Schema.Unknown),
      ...thoughtFields
    }).check(
      Schema.makeFilter((message) =>
        message.content !== undefined || thoughtOf(message) !== "" || message.refusal !== undefined || message.tool_calls !== undefined
          ? undefined
          : "a message with content"
      )
    ),
    ...ending,
    logprobs: Schema.optionalKey(Schema.Unknown)
  }))
})

const THOUGHT_PART = /thinking|reasoning|thought/

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

// Text of whatever holds text: itself, a list's, an object's. Lists of lists are nobody's answer.
const textOf = (value: unknown): string => {
  if (typeof value === "string") return value
  if (Array.isArray(value)) return value.map((part: unknown) => (Array.isArray(part) ? "" : textOf(part))).join("")
  if (!isObject(value)) return ""
  for (const field of ["text", "thinking", "content", "reasoning", "summary"]) {
    if (typeof value[field] === "string") return value[field]
  }
  return ""
}

type Thoughts = { readonly [K in keyof typeof thoughtFields]?: unknown }

// One of them: servers that have two of these fields have the same text in both.
const thoughtOf = (fields: Thoughts): string => {
  for (const value of [fields.reasoning_content, fields.reasoning, fields.thinking, fields.reasoning_details]) {
    const text = textOf(value)
    if (text !== "") return text
  }
  return ""
}

/** Splits parts of a content into its thoughts and the rest. */
const partsOf = (content: Content | undefined): { readonly thought: string; readonly said: string } => {
  if (typeof content === "string" || content == null) return { thought: "", said: content ?? "" }
  const isThought = (part: (typeof content)[number]): boolean => typeof part !== "string" && THOUGHT_PART.test(part.type ?? "")
  return { thought: textOf(content.filter(isThought)), said: textOf(content.filter((part) => !isThought(part))) }
}

// As models write it that keep all in one text. Nothing after the thought: it was cut off in it, and stays open.
const joined = (thought: string, said: string): string => {
  if (thought.trim() === "" || said.includes("</think>") || said.trimStart().startsWith("<think>")) return said
  return said.trim() === "" ? `<think>\n${thought}` : `<think>\n${thought.trim()}\n</think>\n\n${said.trimStart()}`
}

type Pair = readonly [token: string, logProb: number]

const decodeLogProbs = Schema.decodeUnknownOption(LogProbs)

// Log-probabilities are kept only where every token has one: half a column would shift the others.
const pairsOf = (value: unknown): ReadonlyArray<Pair> | undefined => {
  const found = decodeLogProbs(value)
  if (found._tag === "None") return undefined
  const { content, token_logprobs, tokens } = found.value
  const all = content?.map(({ logprob, token }) => [token, logprob] as const) ??
    (tokens?.length === token_logprobs?.length ? tokens?.map((token, i) => [token, token_logprobs![i]!] as const) : undefined)
  return all?.every((pair): pair is Pair => pair[1] !== null) === true ? all : undefined
}

interface Ended {
  readonly finish_reason?: unknown
  readonly stop_reason?: unknown
  readonly native_finish_reason?: unknown
  readonly logprobs?: unknown
}

const completion = (response: string, { finish_reason, logprobs, native_finish_reason, stop_reason }: Ended): Completion => {
  const pairs = pairsOf(logprobs)
  return {
    response,
    truncated: [finish_reason, stop_reason, native_finish_reason].some(isCutOff),
    ...(pairs === undefined || pairs.length === 0
      ? {}
      : { tokens: pairs.map(([token]) => token), logprobs: pairs.map(([, logprob]) => logprob) })
  }
}

const decodeCompletion = Schema.decodeUnknownSync(CompletionAnswer)
const decodeChat = Schema.decodeUnknownSync(ChatAnswer)

const fromCompletion = (answer: unknown): Completion => {
  const [choice] = decodeCompletion(answer).choices
  return completion(joined(thoughtOf(choice), choice.text), choice)
}

const fromChat = (answer: unknown): Completion => {
  const [choice] = decodeChat(answer).choices
  const { message } = choice
  const { said, thought } = partsOf(message.content)
  return completion(joined(thoughtOf(message) || thought, said === "" ? textOf(message.refusal) : said), choice)
}

/** Reads a server's answer. Throws a schema error that says which field is missing or of the wrong kind. */
export const responseOf = (api: Api, answer: unknown): Completion => (api === "chat" ? fromChat(answer) : fromCompletion(answer))

/** Says whether a refusal asks for the other name of the token limit. */
export const wantsOtherLimit = (status: number, text: string, sent: LimitField): boolean =>
  (status === 400 || status === 422) && sent === "max_tokens" && text.includes("max_completion_tokens")

// "Unrecognized request argument supplied: seed", "unknown field `seed`", and the last place of a path: ["body", "seed"].
const NAMES_SEED = /["'`]seed["'`]|(?:argument|parameter|field|property|input)s?\b[^."'{}]{0,40}\bseed\b/i

/** Says whether a refusal is about the seed. */
export const refusesSeed = (status: number, text: string): boolean => (status === 400 || status === 422) && NAMES_SEED.test(text)

// More than is shown of it: what masks keys looks at whole ones.
const MOST_SAID = 2000

/** What a server says of a failure in an answer that has the status of success, as proxies send it; undefined where it says none. */
export const errorIn = (answer: unknown): string | undefined => {
  if (!isObject(answer) || answer["choices"] !== undefined) return undefined
  const { error, detail } = answer
  const said = error ?? detail
  return said === undefined || said === null ? undefined : typeof said === "string" ? said : shownValue(said, MOST_SAID)
}
