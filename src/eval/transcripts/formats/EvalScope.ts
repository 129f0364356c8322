/**
 * evalscope's reviews (messages, target, score) and predictions (messages and the model's output).
 *
 * @module
 */
import { firstModelMessage, isConversation, promptOfMessages, turnsOf } from "./Messages.ts"
import { isRow, type RowFormat, valueAt } from "./Row.ts"
import { samplesOf, transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

/** Rows with `sample_score` or `model_output`. */
export const evalScope = {
  name: "evalscope",
  of: "evalscope's reviews and predictions",
  fits: (row) => (isRow(row["sample_score"]) || isRow(row["model_output"])) && isConversation(row["messages"]),
  read: (row, context) => {
    const { messages, model_output: output } = row
    const list = isConversation(messages) ? messages : []
    const end = firstModelMessage(list)
    const turns = end < 0 ? undefined : turnsOf(list, end)
    const samples = turns === undefined ? isRow(output) ? samplesOf(output) : undefined : [turns]
    if (samples === undefined) return { problem: `neither "messages" nor "model_output" has a message of the model` }
    const score = valueAt(row, "sample_score.score.value")
    const first: unknown = isRow(score) ? Object.values(score).find((each) => typeof each === "number") : score
    const choices = isRow(output) ? output["choices"] : undefined
    return transcripts(row, context, {
      prompt: promptOfMessages(end < 0 ? list : list.slice(0, end)),
      samples,
      ...(Array.isArray(choices) && choices.some((choice) => isRow(choice) && isCutOff(choice)) ? { isTruncated: true } : {}),
      ...(typeof first === "number" ? { score: first } : {})
    })
  }
} as const satisfies RowFormat
