/**
 * The tinker cookbook: trajectories of its benchmarks (turns as text), and summaries of rollouts, which hold counts of tokens and no text.
 *
 * @module
 */
import { goldOf } from "./Golds.ts"
import { firstModelMessage, isConversation, promptOfMessages, turnsOf } from "./Messages.ts"
import { isRow, type Row, type RowFormat, scalarText, valueAt } from "./Row.ts"
import { transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const isSummary = (row: Row): boolean => Array.isArray(row["steps"]) && isRow(row["steps"][0]) && row["steps"][0]["ac_len"] !== undefined

/** Rows of `trajectories.jsonl` and of `*_rollout_summaries.jsonl`. */
export const tinker = {
  name: "tinker",
  of: "the tinker cookbook's trajectories",
  fits: (row) => isConversation(row["turns"]) || isSummary(row),
  read: (row, context) => {
    const { metrics, turns } = row
    if (!isConversation(turns)) {
      return {
        problem:
          "a summary of a rollout: it counts tokens and holds no text; give the trajectories (trajectories.jsonl), whose turns are text"
      }
    }
    const end = firstModelMessage(turns)
    const said = end < 0 ? undefined : turnsOf(turns, end)
    if (said === undefined) return { problem: `"turns" has no message of the model` }
    const id = scalarText(row["example_id"])
    const prompt = promptOfMessages(turns.slice(0, end))
    const correct = valueAt(row, "metrics.correct")
    return transcripts(row, context, {
      prompt,
      samples: [said],
      // Metrics of this tool are its own, not names of fields.
      gold: goldOf({ ...row, metrics: undefined }),
      ...(id === undefined || id === "" || prompt !== "" ? {} : { query: `#${id}` }),
      ...(isRow(metrics) && isCutOff(metrics) ? { isTruncated: true } : {}),
      ...(typeof correct === "number" ? { score: correct } : {})
    })
  }
} as const satisfies RowFormat
