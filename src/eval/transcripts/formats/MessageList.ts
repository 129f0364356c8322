/**
 * One list of messages a row: `messages`, or ShareGPT's `conversations` (from and value). What comes before the model first speaks is the
 * problem; all that the model says after it is the response.
 *
 * @module
 */
import { conversationOf, firstModelMessage, promptOfMessages, turnsOf } from "./Messages.ts"
import { kindOf, type Reading, type Row, type RowContext, type RowFormat } from "./Row.ts"
import { transcripts } from "./Samples.ts"

const readList = (field: string) => (row: Row, context: RowContext): Reading => {
  const value = conversationOf(row[field])
  if (value === undefined) return { problem: `"${field}" is ${kindOf(row[field])}, expected chat messages` }
  const end = firstModelMessage(value)
  const turns = end < 0 ? undefined : turnsOf(value, end)
  return turns === undefined
    ? { problem: `"${field}" has no message of the model` }
    : transcripts(row, context, { prompt: promptOfMessages(value.slice(0, end)), samples: [turns] })
}

/** Rows with `messages`. */
export const messages = {
  name: "messages",
  of: "one list of chat messages a row",
  fits: (row) => conversationOf(row["messages"]) !== undefined,
  read: readList("messages")
} as const satisfies RowFormat

/** Rows with `conversations`. */
export const shareGpt = {
  name: "sharegpt",
  of: "ShareGPT's conversations",
  fits: (row) => conversationOf(row["conversations"]) !== undefined || conversationOf(row["conversation"]) !== undefined,
  read: (row, context) => readList(row["conversations"] === undefined ? "conversation" : "conversations")(row, context)
} as const satisfies RowFormat
