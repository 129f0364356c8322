/**
 * Row formats of rollout files: ours, verl, TRL, lm-evaluation-harness samples, and plain transcripts.
 *
 * @module
 */
import type { TranscriptRow } from "./Grade.ts"

/** A JSON object. */
export type Row = Readonly<Record<string, unknown>>

/** The known formats; a file is of the first one whose `fits` accepts its first row. */
export const FORMATS = ["rollouts", "verl", "lm-eval", "trl", "plain"] as const

/** The name of a format. */
export type Format = (typeof FORMATS)[number]

/** What a row says: the transcripts in it (lm-eval keeps all samples of a problem in one row), or why it cannot be used. */
export type Reading = { readonly rows: ReadonlyArray<TranscriptRow> } | { readonly problem: string }

interface Shape {
  readonly fits: (row: Row) => boolean
  readonly read: (row: Row, place: string) => Reading
}

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value)

const has = (row: Row, ...fields: ReadonlyArray<string>): boolean =>
  fields.every((field) => row[field] !== undefined && row[field] !== null)

/** Text of a field: a string, a number, or the last message of a chat. */
const text = (value: unknown): string | undefined => {
  if (typeof value === "string") return value
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value)
  if (Array.isArray(value)) {
    const last: unknown = value.at(-1)
    return isRow(last) ? text(last["content"]) : value.length === 1 ? text(last) : undefined
  }
  return undefined
}

/** The first of several fields that holds text. */
const firstText = (row: Row, ...fields: ReadonlyArray<string>): string | undefined => {
  for (const field of fields) {
    const found = text(row[field])
    if (found !== undefined) return found
  }
  return undefined
}

const flag = (row: Row): boolean => row["truncated"] === true || row["finish_reason"] === "length"

const one = (
  row: Row,
  place: string,
  fields: { readonly prompt: string; readonly response: string; readonly answer: string | undefined }
): Reading => {
  const response = text(row[fields.response])
  if (response === undefined) return { problem: `"${fields.response}" is ${kind(row[fields.response])}, expected text or chat messages` }
  const prompt = text(row[fields.prompt])
  if (prompt === undefined) return { problem: `"${fields.prompt}" is ${kind(row[fields.prompt])}, expected text or chat messages` }
  const read: { -readonly [K in keyof TranscriptRow]: TranscriptRow[K] } = { id: firstText(row, "id", "uid") ?? place, prompt, response }
  const level = text(row["level"])
  if (fields.answer !== undefined) read.answer = fields.answer
  if (level !== undefined) read.level = level
  if (flag(row)) read.truncated = true
  if (row["ending"] === "cap") read.hitCap = true
  return { rows: [read] }
}

const kind = (
  value: unknown
): string => (value === undefined
  ? "missing"
  : value === null
  ? "null"
  : Array.isArray(value)
  ? "a list"
  : `${typeof value === "object" ? "an" : "a"} ${typeof value}`)

// The prompt of an lm-eval sample is in its request arguments, which come in two shapes; older files have only the document.
const lmEvalPrompt = (row: Row): string => {
  const request: unknown = Array.isArray(row["arguments"])
    ? row["arguments"][0]
    : isRow(row["arguments"])
    ? Object.values(row["arguments"])[0]
    : undefined
  const prompt: unknown = Array.isArray(request) ? request[0] : isRow(request) ? request["arg_0"] : undefined
  if (typeof prompt === "string") return prompt
  const { doc } = row
  return (isRow(doc) ? firstText(doc, "prompt", "question", "problem", "query", "input") : text(doc)) ?? JSON.stringify(doc)
}

const lmEval = (row: Row, place: string): Reading => {
  const responses = Array.isArray(row["resps"]) ? (row["resps"] as ReadonlyArray<unknown>).flat() : []
  if (responses.length === 0 || !responses.every((response) => typeof response === "string")) {
    return { problem: `"resps" is ${kind(row["resps"])}, expected lists of generated texts` }
  }
  const id = firstText(row, "doc_id") ?? place
  const answer = text(row["target"])
  const level = isRow(row["doc"]) ? text(row["doc"]["level"]) : undefined
  const prompt = lmEvalPrompt(row)
  return {
    rows: responses.map((response, k) => ({
      id: responses.length === 1 ? id : `${id}#${k}`,
      prompt,
      response,
      ...(answer === undefined ? {} : { answer }),
      ...(level === undefined ? {} : { level })
    }))
  }
}

const ANSWER_FIELDS = ["answer", "gts", "ground_truth", "solution", "target", "gold"] as const

const shapes: Readonly<Record<Format, Shape>> = {
  rollouts: {
    fits: (row) => has(row, "prompt", "completion", "gts", "spans"),
    read: (row, place) => one(row, place, { prompt: "prompt", response: "completion", answer: text(row["gts"]) })
  },
  verl: {
    fits: (row) => has(row, "input", "output"),
    read: (row, place) => one(row, place, { prompt: "input", response: "output", answer: firstText(row, "gts", ...ANSWER_FIELDS) })
  },
  "lm-eval": { fits: (row) => has(row, "doc", "resps"), read: lmEval },
  trl: {
    fits: (row) => has(row, "prompt", "completion"),
    read: (row, place) => one(row, place, { prompt: "prompt", response: "completion", answer: firstText(row, ...ANSWER_FIELDS) })
  },
  plain: {
    fits: (row) => has(row, "prompt", "response"),
    read: (row, place) => one(row, place, { prompt: "prompt", response: "response", answer: text(row["answer"]) })
  }
}

/** Finds the format of a row by its fields. */
export const detectFormat = (row: Row): Format | undefined => FORMATS.find((format) => shapes[format].fits(row))

/**
 * Reads one line of a file in the given format, or in the format that the line itself has (`format` undefined).
 * `place` names rows without an id.
 */
export const readLine = (line: string, format: Format | undefined, place: string): Reading => {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  if (!isRow(value)) return { problem: `${kind(value)}, expected a JSON object` }
  const found = format ?? detectFormat(value)
  if (found === undefined) {
    return {
      problem: `no known format has the fields ${Object.keys(value).slice(0, 8).join(", ")}; name one with --format (${FORMATS.join(", ")})`
    }
  }
  return shapes[found].read(value, place)
}
