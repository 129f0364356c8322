/**
 * What OpenAI-compatible servers answer (chat and text completions, responses, Ollama's and Anthropic's messages), saved with the request or
 * in a row with the problem and the reference answer.
 *
 * @module
 */
import { type FoundGold, goldOf } from "./Golds.ts"
import { problemOf } from "./Problem.ts"
import { isRow, type Reading, type Row, type RowContext, type RowFormat, scalarText, valueAt } from "./Row.ts"
import { samplesOf, transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const isChoices = (value: unknown): boolean =>
  Array.isArray(value) && isRow(value[0]) &&
  (isRow(value[0]["message"]) || (typeof value[0]["text"] === "string" && ("finish_reason" in value[0] || "index" in value[0])))

/** Whether an object is a server's answer. */
export const isAnswer = (value: unknown): value is Row =>
  isRow(value) &&
  (isChoices(value["choices"]) || (value["object"] === "response" && Array.isArray(value["output"])) ||
    (isRow(value["message"]) && value["message"]["role"] === "assistant") ||
    (value["role"] === "assistant" && value["content"] !== undefined))

// Everything of the row but what is a server's, whose `choices` are no options of a problem.
const ofCaller = (row: Row, answer: Row): Row => (answer === row ? { ...row, choices: undefined } : row)

/** Reads a server's answer that a row holds, with the problem and the reference answer of the row or of the request in it. */
export const readAnswer = (row: Row, answer: Row, context: RowContext): Reading => {
  const samples = samplesOf(
    answer["object"] === "response" ? answer["output"] : isChoices(answer["choices"]) ? answer["choices"] : answer["message"] ?? answer
  )
  if (samples === undefined || samples.length === 0) return { problem: "the server's answer has no message of the model" }
  const caller = ofCaller(row, answer)
  const inner = valueAt(row, "request.body")
  const requests = [caller, row["request"], inner, row["body"]].filter(isRow)
  const prompt = requests.map((each) => problemOf(each)).find((text) => text !== "") ?? ""
  const golds = [...requests, valueAt(row, "request.metadata"), valueAt(row, "metadata")].filter(isRow).map((each) => goldOf(each))
  const gold: FoundGold = golds.find((each) => each.answer !== undefined) ?? golds[0]!
  if (prompt === "" && gold.answer === undefined) {
    return {
      problem:
        "a server's answer without its request: neither the problem nor a reference answer is in the row; join it by its id with the requests and their answers"
    }
  }
  const id = scalarText(row["custom_id"]) ?? scalarText(row["id"])
  return transcripts({ ...caller, response: undefined }, context, {
    prompt,
    samples,
    gold,
    ...(isCutOff(answer) ? { isTruncated: true } : {}),
    ...(id === undefined ? {} : { id })
  })
}

const answerIn = (row: Row): Row | undefined => [row, row["response"], row["completion"], row["output"]].find(isAnswer)

/** Rows that are a server's answer, or hold one as `response`. */
export const openAi = {
  name: "openai",
  of: "answers of OpenAI-compatible servers, with their requests",
  fits: (row) => answerIn(row) !== undefined && row["custom_id"] === undefined,
  read: (row, context) => {
    const answer = answerIn(row)
    return answer === undefined ? { problem: "no choices of a server in the row" } : readAnswer(row, answer, context)
  }
} as const satisfies RowFormat

/** Lines of the batch interface of OpenAI and vLLM: `custom_id` and `response.body`. */
export const openAiBatch = {
  name: "openai-batch",
  of: "output of the batch interface of OpenAI and vLLM, with the problems joined to it",
  fits: (row) => row["custom_id"] !== undefined && (row["response"] !== undefined || row["error"] !== undefined),
  read: (row, context) => {
    const body = valueAt(row, "response.body")
    const answer = isAnswer(body) ? body : isAnswer(row["response"]) ? row["response"] : undefined
    if (answer !== undefined) return readAnswer(row, answer, context)
    const status = scalarText(valueAt(row, "response.status_code"))
    const message = scalarText(valueAt(row, "error.message")) ?? scalarText(valueAt(row, "response.body.error.message"))
    return {
      problem: `the request failed${status === undefined ? "" : `, status ${status}`}${
        message === undefined ? "" : `: ${message.slice(0, 200)}`
      }`
    }
  }
} as const satisfies RowFormat
