/**
 * Samples of inspect_ai logs, one a row: of a .json log, a .eval archive, or lines.
 *
 * @module
 */
import { isConversation, promptOfMessages, roleOf, turnsOf } from "./Messages.ts"
import { promptText } from "./Problem.ts"
import { isRow, type Row, type RowFormat, scalarText, valueAt } from "./Row.ts"
import { samplesOf, transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const ATTACHMENT = "attachment://"

// Long texts may be kept once, beside the messages.
const resolved = (value: unknown, attachments: Row, depth = 0): unknown => {
  if (typeof value === "string") return value.startsWith(ATTACHMENT) ? attachments[value.slice(ATTACHMENT.length)] ?? value : value
  if (depth > 4) return value
  if (Array.isArray(value)) return value.map((each: unknown) => resolved(each, attachments, depth + 1))
  if (!isRow(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, attachments, depth + 1)]))
}

// Examples in the input are the model's in form only: how many of the messages they end after.
const afterExamples = (messages: ReadonlyArray<Row>, input: unknown): number => {
  const isModels = (message: unknown): boolean => isRow(message) && roleOf(message) === "model"
  let left = Array.isArray(input) ? input.filter(isModels).length : 0
  return left === 0 ? 0 : messages.findIndex((message) => isModels(message) && --left === 0) + 1
}

/** Rows with an `output` of choices and an `input`. */
export const inspect = {
  name: "inspect",
  of: "inspect_ai's logs",
  fits: (row) => row["input"] !== undefined && isRow(row["output"]) && Array.isArray(row["output"]["choices"]),
  read: (row, context) => {
    const { attachments } = row
    const hasAttachments = isRow(attachments) && Object.keys(attachments).length > 0
    const whole = (value: unknown): unknown => (hasAttachments ? resolved(value, attachments) : value)
    const choices = whole(valueAt(row, "output.choices"))
    const messages = whole(row["messages"])
    const input = whole(row["input"])
    const list: ReadonlyArray<unknown> = Array.isArray(choices) ? choices : []
    const turns = list.length <= 1 && isConversation(messages) ? turnsOf(messages, afterExamples(messages, input)) : undefined
    const samples = turns === undefined ? samplesOf(list) : [turns]
    if (samples === undefined || samples.length === 0) {
      const error = scalarText(valueAt(row, "error.message"))
      return {
        problem: error === undefined
          ? `neither "messages" nor "output" has a message of the model`
          : `the sample failed: ${error.slice(0, 200)}`
      }
    }
    const isCut = list.length === 1 && isRow(list[0]) && isCutOff(list[0])
    const epoch = scalarText(row["epoch"])
    const id = scalarText(row["id"])
    const level = scalarText(valueAt(row, "metadata.level"))
    return transcripts(row, context, {
      prompt: isConversation(input) ? promptOfMessages(input) : promptText(input),
      samples,
      ...(id === undefined ? {} : { id: epoch === undefined ? id : `${id}#${epoch}` }),
      ...(isCut || isRow(row["limit"]) ? { isTruncated: true } : {}),
      ...(level === undefined ? {} : { level })
    })
  }
} as const satisfies RowFormat
