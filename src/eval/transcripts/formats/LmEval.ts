/**
 * Samples of the lm-evaluation-harness: all responses to a document in one row, and every row again for each filter of the task.
 *
 * @module
 */
import { choiceLetter, choicesOf } from "./Choices.ts"
import { type FoundGold, goldOf } from "./Golds.ts"
import { isConversation } from "./Messages.ts"
import { problemOf, promptText, queryOf } from "./Problem.ts"
import { firstText, has, isRow, kindOf, type Row, type RowFormat, rowOf, scalarText } from "./Row.ts"
import { samplesOf, transcripts } from "./Samples.ts"

const textOf = (value: unknown): string | undefined => {
  const single: unknown = Array.isArray(value) && value.length === 1 && typeof value[0] === "string" ? value[0] : value
  return typeof single === "string" || isConversation(single) ? promptText(single) : undefined
}

// The prompt is in the request's arguments, which come in two shapes; older files have only the document.
const promptOf = (row: Row): string => {
  const request: unknown = Array.isArray(row["arguments"])
    ? row["arguments"][0]
    : isRow(row["arguments"])
    ? Object.values(row["arguments"])[0]
    : undefined
  const prompt = textOf(Array.isArray(request) ? request[0] : isRow(request) ? request["arg_0"] : undefined)
  if (prompt !== undefined) return prompt
  const doc = rowOf(row["doc"])
  if (doc === undefined) return scalarText(row["doc"]) ?? ""
  const text = problemOf(doc)
  return text === "" ? JSON.stringify(doc) : text
}

const goldOfDocument = (row: Row): FoundGold => {
  const doc = rowOf(row["doc"])
  const choices = doc === undefined ? undefined : choicesOf(doc)
  const letter = choices === undefined ? undefined : choiceLetter(row["target"], choices)
  if (choices !== undefined && letter !== undefined) return { answer: letter, choices: choices.texts }
  const gold = goldOf(row, ["target"])
  if (gold.answer !== undefined || doc === undefined) return gold
  const ofDocument = goldOf(doc)
  return ofDocument.answer === undefined ? gold : ofDocument
}

const BOOLEANS: ReadonlySet<unknown> = new Set([true, false, "True", "False"])

const isNumeric = (value: unknown): boolean =>
  typeof value === "number" || (typeof value === "string" && value.trim() !== "" && !Number.isNaN(Number(value.replace("inf", "Infinity"))))

// What a task of multiple choice has of each option: its log-likelihood, and whether it is the likeliest text at all.
const isLikelihood = (value: unknown): boolean =>
  Array.isArray(value) && ((value.length === 2 && BOOLEANS.has(value[1]) && isNumeric(value[0])) || value.some(isLikelihood))

/** Rows with `doc` and `resps`. */
export const lmEval = {
  name: "lm-eval",
  of: "the lm-evaluation-harness's samples",
  fits: (row) => row["resps"] !== undefined && has(row, "doc", "resps"),
  read: (row, context) => {
    const { plan } = context
    const { filter, resps } = row
    if (plan.filter !== undefined && typeof filter === "string" && filter !== plan.filter) {
      return {
        rows: [],
        note: { kind: "repeat", text: `rows of other filters than "${plan.filter}" say the same responses again, and were left out` }
      }
    }
    if (isLikelihood(resps)) {
      return { problem: `"resps" has log-likelihoods of options, no generated texts: there is no response to read` }
    }
    const samples = Array.isArray(resps) ? samplesOf((resps as ReadonlyArray<unknown>).flat()) : undefined
    if (samples === undefined || samples.length === 0) return { problem: `"resps" is ${kindOf(resps)}, expected lists of generated texts` }
    const doc = rowOf(row["doc"])
    const prompt = promptOf(row)
    const gold = goldOfDocument(row)
    // The same document in whatever words: models are compared though their templates and examples differ.
    const hash = row["doc_hash"]
    const query = typeof hash === "string" && hash !== "" ? `doc ${hash}` : queryOf(row, prompt, gold.answer, context)
    const level = doc === undefined ? undefined : scalarText(doc["level"])
    return transcripts(row, context, {
      prompt,
      samples,
      gold,
      id: firstText(row, "doc_id") ?? context.place,
      ...(query === undefined ? {} : { query }),
      ...(level === undefined ? {} : { level })
    })
  }
} as const satisfies RowFormat
