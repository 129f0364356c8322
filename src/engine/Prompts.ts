/**
 * A file of prompts: problems of any kind, one a line, in the fields that data sets have.
 *
 * @module
 */
import { Effect, Result, Schema, Stream } from "effect"
import { ENDING_FIELDS, MANY_FIELDS, RESPONSE_FIELDS, VERDICT_FIELDS } from "../domain/ResponseFields.ts"
import { ConfigError, FileError, RowError } from "../domain/Errors.ts"
import * as Jsonl from "../domain/Jsonl.ts"
import type { ChatMessage } from "./Completions.ts"
import type { TextQuery } from "./SampleTexts.ts"

/** The level of problems that name none. */
const NO_LEVEL = "all"

const PROMPT = ["prompt", "question", "problem", "instruction", "query"]
const MESSAGES = ["messages", "prompt"]
const ANSWER = ["answer", "gold", "target", "ground_truth", "expected_answer", "solution"]

const Line = Schema.Record(Schema.String, Schema.Unknown)
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

const queryOf = (line: Line, number: number): TextQuery | string => {
  const chat = MESSAGES.map((name) => line[name]).find((value) => isMessages(value))
  const prompt = chat === undefined ? firstText(line, PROMPT) : namedBy(chat)
  if (prompt === undefined || prompt.trim() === "") {
    return `no prompt: give text as ${
      PROMPT.map((name) => `"${name}"`).join(", ")
    }, or a list of {"role", "content"} as "messages"; the row has ${Object.keys(line).slice(0, 8).join(", ") || "no fields"}`
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

/**
 * Reads JSON Lines of `{prompt | question | problem | messages, answer?, level?, id?}`; other fields are kept for the rows (as `prompt_…`
 * where some tool has responses under the name). Rows without an id are
 * called by their line, without a level they are all of one. Fails with RowError at the first line that is no prompt, ConfigError for an id that
 * is there twice, FileError for a file that cannot be read or has none.
 */
export const readPrompts = Effect.fn("Prompts.readPrompts")(function* (file: string) {
  const lines = yield* Stream.runCollect(Jsonl.read(file, Line))
  const queries: Array<TextQuery> = []
  const seen = new Set<string>()
  for (const [i, line] of lines.entries()) {
    const query = Result.map(line, (value) => queryOf(value, i + 1))
    if (Result.isFailure(query)) return yield* query.failure
    const found = query.success
    if (typeof found === "string") return yield* new RowError({ file, line: i + 1, problem: found })
    const key = JSON.stringify([found.level, found.id])
    if (seen.has(key)) {
      return yield* new ConfigError({
        field: `id of row ${i + 1} of ${file}`,
        value: JSON.stringify(found.id),
        expected: "an id that no row before it has"
      })
    }
    seen.add(key)
    queries.push(found)
  }
  if (queries.length > 0) return queries
  return yield* new FileError({ file, problem: "no prompts", advice: "Give JSON Lines with a \"prompt\" in each" })
})
