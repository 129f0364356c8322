/**
 * Log-probabilities as servers and trainers write them: OpenAI's chat and completions, vLLM's objects, SGLang's triples, and columns of trainers.
 *
 * @module
 */
import { type Fields, firstOf, isFields, listOf, type RawReading, restOf } from "./RawRow.ts"
import type { RawColumn } from "./LogProbs.ts"

interface Found {
  readonly column: RawColumn
  readonly tokens?: ReadonlyArray<unknown>
}

type Entry = readonly [logProb: unknown, token: unknown]

const pairs = (field: string, suffix: string, entries: ReadonlyArray<Entry>): Found => {
  const texts = entries.map(([, token]) => token)
  return {
    column: { field, values: entries.map(([logProb]) => logProb), name: (token) => `${field}[${token}]${suffix}` },
    ...(texts.every((text) => text === undefined || text === null) ? {} : { tokens: texts })
  }
}

// vLLM keeps for a token one entry, or one by id for every candidate of which the sampled one is first.
const ofObject = (entry: unknown): Entry => {
  if (!isFields(entry)) return [entry, undefined]
  const own = "logprob" in entry ? entry : Object.values(entry).find(isFields) ?? {}
  return [own["logprob"], own["token"] ?? own["decoded_token"]]
}

const isObjects = (values: ReadonlyArray<unknown>): boolean => values.some(isFields)

/** What stands in a field "logprobs", whatever its shape; undefined where that is none that is known. */
const inLogprobs = (value: unknown, field: string): Found | undefined => {
  if (Array.isArray(value)) {
    return isObjects(value)
      ? pairs(field, ".logprob", value.map(ofObject))
      : { column: { field, values: value, name: (token) => `${field}[${token}]` } }
  }
  if (!isFields(value)) return undefined
  if (Array.isArray(value["content"])) return pairs(`${field}.content`, ".logprob", value["content"].map(ofObject))
  const [values, tokens] = [value["token_logprobs"], value["tokens"]]
  if (!Array.isArray(values)) return undefined
  return {
    column: { field: `${field}.token_logprobs`, values, name: (token) => `${field}.token_logprobs[${token}]` },
    ...(Array.isArray(tokens) ? { tokens } : {})
  }
}

// [[log-probability, id, text], …]; the text is null unless it was asked for.
const ofTriples = (value: unknown, field: string): Found | undefined =>
  Array.isArray(value)
    ? pairs(field, "[0]", value.map((entry): Entry => (Array.isArray(entry) ? [entry[0], entry[2]] : [entry, undefined])))
    : undefined

const COLUMNS = [
  "token_logprobs",
  "trainer_logprobs",
  "prev_logprobs",
  "rollout_log_probs",
  "completion_logprobs",
  "response_logprobs",
  "inference_logprobs",
  "generation_logprobs"
]

const found = (row: Fields): Found | undefined => {
  const own = inLogprobs(row["logprobs"], "logprobs")
  if (own !== undefined) return own
  const { meta_info: meta, tokens: inner } = row
  const triples = isFields(meta) ? ofTriples(meta["output_token_logprobs"], "meta_info.output_token_logprobs") : undefined
  if (triples !== undefined) return triples
  const bare = ofTriples(row["output_token_logprobs"], "output_token_logprobs")
  if (bare !== undefined) return bare
  const nested = isFields(inner) ? listOf(inner, ["logprobs", ...COLUMNS]) : undefined
  if (nested !== undefined) {
    return { column: { ...nested, field: `tokens.${nested.field}`, name: (token) => `tokens.${nested.name(token)}` } }
  }
  const column = listOf(row, COLUMNS)
  return column === undefined
    ? undefined
    : isObjects(column.values)
    ? pairs(column.field, ".logprob", column.values.map(ofObject))
    : { column }
}

const named = (fields: Fields): string => {
  const names = Object.keys(fields).slice(0, 8)
  return names.length === 0 ? "no field" : names.join(", ")
}

// A list beside the choices that is as long as they are is one number for each of them.
const ofChoice = (row: Fields, choices: number, i: number): Fields =>
  Object.fromEntries(
    ["advantage", "advantages", "score", "scores", "reward", "rewards"].flatMap((field) => {
      const value = row[field]
      return Array.isArray(value) && value.length === choices ? [[field.replace(/s$/, ""), value[i] as unknown]] : []
    })
  )

const choicesOf = (row: Fields, choices: ReadonlyArray<unknown>): RawReading => {
  if (choices.length === 0) return { problem: "\"choices\" is empty" }
  return {
    rows: choices.map((choice, i) => {
      if (!isFields(choice)) return { problem: `choices[${i}] is no object` }
      const own = inLogprobs(choice["logprobs"], `choices[${i}].logprobs`)
      if (own === undefined) {
        return { problem: `choices[${i}].logprobs is missing or empty; ask the server for log-probabilities ("logprobs": true, or 1)` }
      }
      const merged = restOf({ ...row, ...ofChoice(row, choices.length, i), ...choice }, own.column, own.tokens)
      return choices.length === 1 || merged.id === undefined ? merged : { ...merged, id: `${merged.id}#${i}` }
    })
  }
}

/** Reads a value as rows: its choices where it is a server's answer (also within a batch line), itself where it has a column. */
export const rawRows = (value: unknown): RawReading => {
  if (!isFields(value)) {
    return { problem: `${value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`}, expected a JSON object` }
  }
  const response = value["response"]
  const answer = [value, response, isFields(response) ? response["body"] : undefined].find((each): each is Fields =>
    isFields(each) && Array.isArray(each["choices"])
  )
  if (answer !== undefined) {
    return choicesOf(
      answer === value ? value : { ...answer, ...value, id: value["custom_id"] ?? value["id"] ?? answer["id"] },
      answer["choices"] as ReadonlyArray<unknown>
    )
  }
  const own = found(value)
  if (own === undefined) {
    const near = firstOf(value, ["logprobs", "tokens", "completion_logprobs", "meta_info"])
    return {
      problem: near?.field === "logprobs"
        ? `"logprobs" is ${typeof near.value}, expected a list of a number for every token, or a server's log-probabilities`
        : `no "logprobs" (a number for every token), no "choices" with log-probabilities, no "meta_info.output_token_logprobs"; the row has ${
          named(value)
        }`
    }
  }
  return { rows: [restOf(value, own.column, own.tokens)] }
}
