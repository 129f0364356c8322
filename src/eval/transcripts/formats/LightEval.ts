/**
 * lighteval's details: a document with its choices and which of them is right, and the model's texts.
 *
 * @module
 */
import { letterOf } from "./Choices.ts"
import { type FoundGold, goldOf } from "./Golds.ts"
import { promptText } from "./Problem.ts"
import { isRow, type Row, type RowFormat, rowOf, scalarText } from "./Row.ts"
import { samplesIn, transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const listOf = (
  value: unknown
): ReadonlyArray<unknown> => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value])

const LETTER = /^\s{0,2}\(?([A-Z])[).]?\s{0,2}$/

// Right choices are the reference; the others are options where there are any, and not letters themselves.
const goldOfDocument = (doc: Row): FoundGold => {
  const choices = listOf(doc["choices"]).map(scalarText).filter((text) => text !== undefined)
  const places = listOf(doc["gold_index"]).map((place) => typeof place === "object" ? NaN : Number(place)).filter((place) =>
    choices[place] !== undefined
  )
  const golds = [...new Set(places.map((place) => choices[place]!))]
  if (golds.length === 0) return goldOf(doc)
  const isOpen = golds.length === new Set(choices).size
  const isLettered = choices.every((text) => LETTER.test(text))
  if (!isOpen && !isLettered) return { answer: letterOf(places[0]!), choices }
  const [answer, ...aliases] = golds.map((text) => (isLettered && !isOpen ? LETTER.exec(text)![1]! : text))
  return { answer: answer!, ...(aliases.length > 0 ? { aliases } : {}) }
}

/** Rows with `doc` and `model_response`, as objects or as JSON text. */
export const lightEval = {
  name: "lighteval",
  of: "lighteval's details",
  fits: (row) => row["model_response"] !== undefined && row["doc"] !== undefined && rowOf(row["model_response"]) !== undefined,
  read: (row, context) => {
    const doc = rowOf(row["doc"]) ?? {}
    const response = rowOf(row["model_response"]) ?? {}
    const texts = response["text"] ?? response["text_post_processed"]
    const samples = samplesIn(response, typeof texts === "string" ? [texts] : texts)
    if (samples === undefined || samples.length === 0) {
      return { problem: `"model_response" has no text: a task of log-likelihoods has no responses to read` }
    }
    const marked = samples.map((sample, k) => ({ ...sample, isTruncated: sample.isTruncated || isCutOff(response, k, samples.length) }))
    const metric = rowOf(row["metric"])
    const query = scalarText(doc["query"]) ?? promptText(response["input"])
    return transcripts({ ...row, ...(metric === undefined ? {} : { metric }) }, context, {
      prompt: promptText(query),
      samples: marked,
      gold: goldOfDocument(doc),
      ...(isRow(doc["specific"]) && scalarText(doc["specific"]["level"]) !== undefined
        ? { level: scalarText(doc["specific"]["level"])! }
        : {})
    })
  }
} as const satisfies RowFormat
