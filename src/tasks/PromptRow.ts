/**
 * Problems of any kind in the fields that data sets have: one row, one problem.
 *
 * @module
 */
import { Schema } from "effect"
import { notFiniteIn } from "../domain/NotFinite.ts"
import { oneLine } from "../domain/OneLine.ts"
import type { Query } from "../domain/Query.ts"
import { ENDING_FIELDS, MANY_FIELDS, RESPONSE_FIELDS, VERDICT_FIELDS } from "../domain/ResponseFields.ts"
import { jsonOf } from "../domain/ShownValue.ts"

/** The level of problems that name none. */
const NO_LEVEL = "all"

const PROMPT = ["prompt", "question", "problem", "instruction", "query"]
const MESSAGES = ["messages", "prompt"]
const ANSWER = ["answer", "gold", "target", "ground_truth", "expected_answer", "solution"]

/** A message of a chat; content is text, or parts as servers take them. */
export interface ChatMessage {
  readonly role: string
  readonly content: unknown
}

/** A row of any fields. */
export const Line = Schema.Record(Schema.String, Schema.Unknown)
type Line = typeof Line.Type

const Messages = Schema.NonEmptyArray(Schema.Struct({ role: Schema.NonEmptyString, content: Schema.Unknown }))
const isMessages = Schema.is(Messages)

// Numbers stand for the texts that JSON has of them.
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : undefined

const firstText = (line: Line, names: ReadonlyArray<string>): string | undefined => {
  for (const name of names) {
    const text = textOf(line[name])
    if (text !== undefined && text !== "") return text
  }
  return undefined
}

// Text, or parts of which all are text; anything else as it is written.
const contentOf = (content: unknown): string => {
  if (typeof content === "string") return content
  const texts = Array.isArray(content)
    ? (content as ReadonlyArray<{ readonly text?: unknown } | string | null>).map((part) => (typeof part === "string" ? part : part?.text))
    : []
  return texts.length > 0 && texts.every((text) => typeof text === "string") ? texts.join("\n") : JSON.stringify(content) ?? ""
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// A number beside options is the place of the right one, counted from 0; as text it could be taken for an option's words.
const letterOf = (line: Line): string | undefined => {
  const options = line["choices"] ?? line["options"]
  const place = ANSWER.map((name) => line[name]).find((value) => textOf(value) !== undefined && value !== "")
  return Array.isArray(options) && typeof place === "number" && place in options ? LETTERS[place] : undefined
}

// What names the problem: a lone message of a user is a prompt like any other, of a chat every message counts.
const namedBy = (messages: ReadonlyArray<ChatMessage>): string => {
  const [only] = messages
  return messages.length === 1 && only?.role === "user"
    ? contentOf(only.content)
    : messages.map(({ content, role }) => `${role}: ${contentOf(content)}`).join("\n\n")
}

// Fields in which a row of some tool has its response, says how it ended, or how it was judged: what the problem has under such a name must not be read
// as the model's.
const OF_RESPONSES: ReadonlySet<string> = new Set([
  ...RESPONSE_FIELDS,
  ...MANY_FIELDS,
  ...ENDING_FIELDS,
  ...VERDICT_FIELDS,
  "messages",
  "conversation",
  "conversations",
  "input",
  "filtered_resps",
  "sample",
  "doc",
  "spans",
  "attempts",
  "choices_logprobs",
  "logprobs",
  "tokens",
  "reasoning",
  "reasoning_content",
  "thinking",
  "_full_generation",
  "code",
  "steps",
  "turns",
  "meta_info",
  "reasoning_details",
  "ending",
  "sample_score"
])

const fieldsOf = (line: Line): Line =>
  Object.fromEntries(Object.entries(line).map(([name, value]) => [OF_RESPONSES.has(name) ? `prompt_${name}` : name, value]))

/** A problem of a row, and what its row carries along. */
export interface PromptRow extends Query {
  /** The chat in the prompt's place, which then only names it. */
  readonly messages?: ReadonlyArray<ChatMessage>
  /** Further fields of the row. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** The problem of a row, the `number`th of its file; in words what is missing where it is none. */
export const promptRowOf = (line: Line, number: number): PromptRow | string => {
  // Where the row is written again, it would be null.
  const none = notFiniteIn(line)
  if (none !== undefined) return `${oneLine(none.path, 80)} is larger than a number can be`
  if (jsonOf(line) === undefined) return "it is nested too deeply"
  const chat = MESSAGES.map((name) => line[name]).find((value) => isMessages(value))
  const prompt = chat === undefined ? firstText(line, PROMPT) : namedBy(chat)
  if (prompt === undefined || prompt.trim() === "") {
    return `no prompt: give text as ${
      PROMPT.map((name) => `"${name}"`).join(", ")
    }, or a list of {"role", "content"} as "messages"; the row has ${
      Object.keys(line).slice(0, 8).map((name) => oneLine(name, 40)).join(", ") || "no fields"
    }`
  }
  const answer = letterOf(line) ?? firstText(line, ANSWER)
  const several = ANSWER.map((name) => line[name]).find((value) => Array.isArray(value))
  return {
    id: textOf(line["id"]) || String(number),
    level: textOf(line["level"]) || NO_LEVEL,
    prompt,
    ...(answer === undefined ? {} : { answer }),
    ...(chat === undefined ? {} : { messages: chat.map(({ content, role }) => ({ role, content })) }),
    // A list of right answers is no text; under this name the reader finds it in the rollout's row.
    fields: answer === undefined && several !== undefined ? { ...fieldsOf(line), ground_truth: several } : fieldsOf(line)
  }
}
