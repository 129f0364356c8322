/**
 * evalscope's reviews (messages, target, score) and predictions (messages and the model's output); of older versions, reviews of choices.
 *
 * @module
 */
import { goldOf } from "./Golds.ts"
import { firstModelMessage, isConversation, promptOfMessages, turnsOf } from "./Messages.ts"
import { problemOf } from "./Problem.ts"
import { isRow, type Reading, type Row, type RowContext, type RowFormat, valueAt } from "./Row.ts"
import { samplesOf, transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const readOlder = (row: Row, raw: Row, context: RowContext): Reading => {
  const samples = samplesOf(row["choices"])
  if (samples === undefined || samples.length === 0) return { problem: `"choices" has no message of the model` }
  const gold = valueAt(row, "choices.0.review.gold")
  return transcripts({ ...row, choices: undefined }, context, {
    prompt: problemOf(raw),
    samples,
    gold: goldOf(gold === undefined || gold === null ? raw : { gold })
  })
}

/** Rows with `sample_score` or `model_output`, or `raw_input` and choices. */
export const evalScope = {
  name: "evalscope",
  of: "evalscope's reviews and predictions",
  fits: (row) =>
    ((isRow(row["sample_score"]) || isRow(row["model_output"])) && isConversation(row["messages"])) ||
    (isRow(row["raw_input"]) && Array.isArray(row["choices"])),
  read: (row, context) => {
    const { messages, model_output: output, raw_input: raw } = row
    if (isRow(raw) && messages === undefined) return readOlder(row, raw, context)
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
