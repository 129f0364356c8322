/**
 * The problem of a row: its text, and which rows are of the same one.
 *
 * @module
 */
import { conversationOf, firstModelMessage, promptOfMessages } from "./Messages.ts"
import { firstText, isRow, type Row, type RowContext, scalarText } from "./Row.ts"
import { userText } from "./Template.ts"

/** Where the problem's text is looked for, the first that is not empty counts; `input` goes with `instruction`. */
export const PROMPT_FIELDS = ["prompt", "question", "problem", "instruction", "input", "query"] as const

/** Where it is looked for if none of those has it; of a conversation, what comes before the model speaks. */
export const OTHER_PROMPTS = ["messages", "conversations", "conversation", "full_prompt", "user_prompt", "origin_prompt"] as const

/** The text of a problem as a field holds it: text, messages, or a list of one; "" where it says nothing. */
export const promptText = (value: unknown): string => {
  if (typeof value === "string") {
    // "[".
    const messages = value.charCodeAt(0) === 91 ? conversationOf(value) : undefined
    return messages === undefined ? userText(value) : promptOfMessages(messages)
  }
  if (Array.isArray(value)) {
    const list: ReadonlyArray<unknown> = value
    return isRow(list[0]) ? promptOfMessages(list) : list.every((each) => typeof each === "string") ? userText(list.join("\n\n")) : ""
  }
  if (isRow(value)) return promptText(value["messages"] ?? value["prompt"] ?? value["content"])
  return scalarText(value) ?? ""
}

const beforeModel = (value: unknown): unknown => {
  const messages = conversationOf(value)
  if (messages === undefined) return value
  const end = firstModelMessage(messages)
  return end < 0 ? messages : messages.slice(0, end)
}

/** The text of a row's problem, of the first of `fields` that has one; "" where none has. */
export const problemOf = (row: Row, fields: ReadonlyArray<string> = PROMPT_FIELDS): string => {
  for (const field of fields) {
    if (row[field] === undefined || row[field] === null) continue
    const text = promptText(row[field])
    if (text.trim() === "") continue
    // Data sets for instruction tuning give the task and what it is about apart.
    const about = field === "instruction" && typeof row["input"] === "string" ? row["input"] : ""
    return about.trim() === "" ? text : `${text}\n\n${about}`
  }
  for (const field of OTHER_PROMPTS) {
    const text = row[field] === undefined ? "" : promptText(beforeModel(row[field]))
    if (text.trim() !== "") return text
  }
  return ""
}

// Token ids are a problem, though not in words.
const isUnreadable = (value: unknown): boolean =>
  typeof value === "boolean" || isRow(value) ||
  (Array.isArray(value) && value.length > 0 && !value.every((each) => typeof each === "number" || typeof each === "string"))

/** The first of a row's usual fields that holds something else than a problem's text, for a row whose problem has no text. */
export const unreadableProblem = (row: Row): string | undefined => PROMPT_FIELDS.find((field) => isUnreadable(row[field]))

const PROBLEM_IDS = [
  "problem_id",
  "question_id",
  "prompt_id",
  "example_id",
  "doc_id",
  "task_id",
  "group_index",
  "group_idx",
  "custom_id",
  "uid",
  "uuid",
  "id",
  "idx",
  "index"
] as const

// White space at an end, which templates add and drop.
const isPadded = (text: string): boolean => text.charCodeAt(0) <= 32 || text.charCodeAt(text.length - 1) <= 32

// "7", "7.0" and " 7" are one reference answer.
const goldKey = (answer: string): string => {
  const text = answer.trim()
  const value = text === "" || text.length > 15 ? NaN : Number(text)
  return Number.isNaN(value) ? text.toLowerCase() : String(value)
}

const LONGEST_GOLD = 200

/** Whether two reference answers of one prompt say that it is of two problems. Worked solutions do not: a problem has many. */
export const tellsApart = (answer: string, other: string): boolean =>
  answer.length <= LONGEST_GOLD && other.length <= LONGEST_GOLD && goldKey(answer) !== goldKey(other)

/**
 * Which problem a row is of, where its prompt alone does not say; undefined where it does. A row without the text of a problem is of the
 * problem that its id names, or else of its own.
 */
export const queryOf = (row: Row, prompt: string, answer: string | undefined, { place, plan, source }: RowContext): string | undefined => {
  if (prompt === "" || prompt.trim() === "") {
    const id = firstText(row, ...PROBLEM_IDS)
    return id === undefined ? `${source}${place}` : `#${id}`
  }
  const text = isPadded(prompt) ? prompt.trim() : prompt
  if (plan.isPartedByGold === true && answer !== undefined && answer.length <= LONGEST_GOLD) {
    return `${text}\n\n(reference: ${goldKey(answer)})`
  }
  return text === prompt ? undefined : text
}
