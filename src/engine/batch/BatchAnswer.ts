/**
 * A line of an engine's output or error file: `{"custom_id", "response": {"status_code", "body"} | null, "error"}`, as vLLM's run-batch and OpenAI's
 * Batch API write it.
 *
 * @module
 */
import { Result } from "effect"
import { oneLine } from "../../domain/OneLine.ts"
import { shownValue } from "../../domain/ShownValue.ts"
import type { Completion } from "../Completions.ts"
import { errorIn, responseOf } from "../OpenAiWire.ts"

type Row = Readonly<Record<string, unknown>>

/** What a line says: a response, why there is none, or that it is no line of such a file. */
export type BatchAnswer =
  | { readonly _tag: "Response"; readonly customId: string; readonly completion: Completion }
  | { readonly _tag: "Failure"; readonly customId: string; readonly reason: string }
  | { readonly _tag: "Unreadable"; readonly reason: string }

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value)

// Text, or an object with a message, an object with such an object as `error`; anything else as it is written.
const reasonOf = (error: unknown): string | undefined => {
  if (error === null || error === undefined) return undefined
  if (typeof error === "string") return error.trim() === "" ? undefined : error
  if (!isRow(error)) return shownValue(error)
  const { code, message } = error
  const inner = reasonOf(error["error"])
  if (inner !== undefined) return inner
  return typeof message === "string"
    ? (typeof code === "string" ? `${code}: ${message}` : message)
    : shownValue(error)
}

const parse = (text: string): Result.Result<unknown, string> => {
  try {
    return Result.succeed(JSON.parse(text))
  } catch (cause) {
    return Result.fail(cause instanceof Error ? cause.message : String(cause))
  }
}

/** Reads a line. Nothing in it is believed: what is no answer is a failure with its reason. */
export const answerOf = (text: string): BatchAnswer => {
  const parsed = parse(text)
  if (Result.isFailure(parsed)) return { _tag: "Unreadable", reason: `not JSON: ${oneLine(parsed.failure)}` }
  const line = parsed.success
  const customId = isRow(line) ? line["custom_id"] : undefined
  if (!isRow(line) || typeof customId !== "string") {
    return { _tag: "Unreadable", reason: "no custom_id: not a line of a batch's output or error file" }
  }
  if (line["response"] === undefined && line["error"] === undefined && typeof line["url"] === "string") {
    return { _tag: "Unreadable", reason: "a request, not an answer to one" }
  }
  const failed = (reason: string): BatchAnswer => ({ _tag: "Failure", customId, reason: oneLine(reason) })
  const { error, response } = line
  const body = isRow(response) ? response["body"] : undefined
  const status = isRow(response) ? response["status_code"] ?? 200 : undefined
  // Ray Data's rows that failed bring their reason under a name of their own.
  const rays = isRow(response) ? undefined : reasonOf(line["__inference_error__"])
  const said = reasonOf(error) ?? rays ??
    (isRow(body) ? errorIn(body) === undefined ? undefined : reasonOf(body["error"] ?? body["detail"]) : undefined)
  if (status !== 200 || said !== undefined) {
    const code = status === undefined || status === 200 ? "" : `status ${shownValue(status)}`
    return failed([code, said ?? ""].filter((part) => part !== "").join(": ") || "no response and no error")
  }
  try {
    return { _tag: "Response", customId, completion: responseOf("chat", body) }
  } catch (cause) {
    return failed(`the answer is not of the chat API (${cause instanceof Error ? cause.message : String(cause)})`)
  }
}
