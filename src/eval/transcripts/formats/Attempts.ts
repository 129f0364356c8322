/**
 * Rows that bring their attempts ready made: nothing of the response is read.
 *
 * @module
 */
import type { GivenAttempt } from "../Grade.ts"
import { goldOf } from "./Golds.ts"
import { problemOf, queryOf } from "./Problem.ts"
import { firstText, isRow, kindOf, type Row, type RowFormat, scalarText } from "./Row.ts"
import { isCutOff } from "./Truncation.ts"

const attemptOf = (value: unknown): GivenAttempt | string => {
  if (!isRow(value)) return `is ${kindOf(value)}, expected {"correct": true or false, "decision": "STOP" or "RESAMPLE"}`
  const { correct, decision } = value
  if (typeof correct !== "boolean" && correct !== 0 && correct !== 1) {
    return `has a "correct" that is ${kindOf(correct)}, expected true or false`
  }
  if (decision !== "STOP" && decision !== "RESAMPLE") {
    return `has a "decision" that is ${
      typeof decision === "string" ? JSON.stringify(decision.slice(0, 40)) : kindOf(decision)
    }, expected "STOP" or "RESAMPLE"`
  }
  const answer = scalarText(value["answer"])
  return { ...(answer === undefined ? {} : { answer }), correct: correct === true || correct === 1, decision }
}

// An attempt is followed by another exactly where it was taken back, but for a response that ended there.
const orderOf = (attempts: ReadonlyArray<GivenAttempt>, hasMore: boolean): string | undefined => {
  const stopped = attempts.findIndex(({ decision }) => decision === "STOP")
  if (stopped >= 0 && stopped < attempts.length - 1) return `attempt ${stopped + 1} of ${attempts.length} says STOP, but more follow`
  return stopped < 0 && attempts.length > 0 && !hasMore
    ? `the last attempt says RESAMPLE: where the response was cut off add "truncated": true, where no further attempt was allowed "ending": "cap"`
    : undefined
}

const responseOf = (row: Row): string => firstText(row, "response", "completion", "output") ?? ""

/** Rows with a list of `attempts`. */
export const attempts = {
  name: "attempts",
  of: "attempts ready made: correct and decision of each",
  fits: (row) => Array.isArray(row["attempts"]) && (row["attempts"].length === 0 || isRow(row["attempts"][0])),
  read: (row, context) => {
    const list: ReadonlyArray<unknown> = Array.isArray(row["attempts"]) ? row["attempts"] : []
    if (list.length === 0) {
      return { problem: `"attempts" is ${kindOf(row["attempts"])}, expected a list of attempts` }
    }
    const read: Array<GivenAttempt> = []
    for (const [k, value] of list.entries()) {
      const attempt = attemptOf(value)
      if (typeof attempt === "string") return { problem: `attempt ${k + 1} ${attempt}` }
      read.push(attempt)
    }
    const truncated = isCutOff(row)
    const hitCap = row["ending"] === "cap"
    const wrong = orderOf(read, truncated || hitCap)
    if (wrong !== undefined) return { problem: wrong }
    const prompt = problemOf(row)
    const { answer } = goldOf(row)
    const query = queryOf(row, prompt, answer, context)
    const level = scalarText(row["level"])
    return {
      rows: [{
        id: firstText(row, "id", "uid", "uuid") ?? context.place,
        prompt,
        response: responseOf(row),
        attempts: read,
        ...(answer === undefined ? {} : { answer }),
        ...(level === undefined ? {} : { level }),
        ...(query === undefined ? {} : { query }),
        ...(truncated ? { truncated } : {}),
        ...(hitCap ? { hitCap } : {})
      }]
    }
  }
} as const satisfies RowFormat
