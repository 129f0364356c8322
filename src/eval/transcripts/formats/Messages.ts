/**
 * Conversations as lists of messages: who says what, in the shapes that tools write (role and content, from and value).
 *
 * @module
 */
import { joinSegments, reasoningOf, segmentsOf, withReasoning } from "./Reasoning.ts"
import { isRow, type Row } from "./Row.ts"
import { isCutOff } from "./Truncation.ts"

/** Who speaks. The words of tools and of unknown roles are no one's. */
export type Role = "user" | "model" | "system" | "other"

const ROLES: Readonly<Record<string, Role>> = {
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "model",
  gpt: "model",
  model: "model",
  bot: "model",
  ai: "model",
  chatgpt: "model",
  system: "system",
  developer: "system"
}

/** Who speaks in a message; undefined where it does not say. */
export const roleOf = (message: Row): Role | undefined => {
  const author = message["author"]
  const role = message["role"] ?? message["from"] ?? (isRow(author) ? author["role"] : author)
  if (typeof role === "string") return Object.hasOwn(ROLES, role.toLowerCase()) ? ROLES[role.toLowerCase()]! : "other"
  const { type } = message
  // Items of the Responses API and of LangChain say it by their type.
  return type === "reasoning" || type === "ai" ? "model" : type === "human" ? "user" : undefined
}

const contentOf = (message: Row): unknown => message["content"] ?? message["value"] ?? message["text"] ?? message["prompt"]

/** Whether a value is a list of messages. */
export const isConversation = (value: unknown): value is ReadonlyArray<Row> =>
  Array.isArray(value) && value.length > 0 && isRow(value[0]) && (roleOf(value[0]) !== undefined)

// As far as a text is looked at to tell that it is a list of objects.
const WRITTEN = /^\s{0,8}\[\s{0,8}\{\s{0,8}"/

/** A list of messages, also one that is written as JSON text (as tables keep nested values); undefined for anything else. */
export const conversationOf = (value: unknown): ReadonlyArray<Row> | undefined => {
  if (isConversation(value)) return value
  if (typeof value !== "string" || !WRITTEN.test(value.slice(0, 32))) return undefined
  try {
    const parsed: unknown = JSON.parse(value)
    return isConversation(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/** What users say in messages, joined; where none speaks, what anybody says. */
export const promptOfMessages = (messages: ReadonlyArray<unknown>): string => {
  const texts = (role: Role | undefined): ReadonlyArray<string> =>
    messages.filter(isRow)
      .filter((message) => role === undefined || (roleOf(message) ?? "user") === role)
      .map((message) => joinSegments(segmentsOf(contentOf(message)), false).trim())
      .filter((text) => text !== "")
  const said = texts("user")
  return (said.length > 0 ? said : texts(undefined)).join("\n\n")
}

/** What a model says in a conversation. */
export interface Turns {
  readonly response: string
  /** Where another turn of the model begins: a user spoke before it. */
  readonly turns: ReadonlyArray<number>
  /** A message was cut off. */
  readonly isTruncated: boolean
}

/** The model's words in messages from place `from`; undefined where it says none. A message that no role is given for is the model's. */
export const turnsOf = (messages: ReadonlyArray<unknown>, from = 0): Turns | undefined => {
  const isModels = (message: unknown): message is Row =>
    isRow(message) && (roleOf(message) ?? "model") === "model" && message["source"] !== "input"
  const last = messages.findLastIndex(isModels)
  if (last < from) return undefined
  let response = ""
  let hasSpoken = false
  let isAnswered = false
  let isTruncated = false
  const turns: Array<number> = []
  for (let k = from; k <= last; k++) {
    const message = messages[k]
    if (!isModels(message)) {
      if (isRow(message) && roleOf(message) === "user") isAnswered = hasSpoken
      continue
    }
    isTruncated = isCutOff(message)
    const { type } = message
    const words = type === "reasoning"
      ? joinSegments(segmentsOf([message]), k === last)
      : withReasoning(contentOf(message), reasoningOf(message), k === last)
    hasSpoken = true
    if (words === "") continue
    if (response !== "") response += "\n\n"
    if (isAnswered) turns.push(response.length)
    isAnswered = false
    response += words
  }
  return { response, turns, isTruncated }
}

/** Where a conversation's prompt ends: at its first message of the model. */
export const firstModelMessage = (messages: ReadonlyArray<unknown>): number =>
  messages.findIndex((message) => isRow(message) && roleOf(message) === "model" && message["source"] !== "input")
