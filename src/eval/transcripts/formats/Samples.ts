/**
 * Transcripts from a row: its problem, its reference answer, and each of its samples. What all formats come to.
 *
 * @module
 */
import { RESPONSE_FIELDS } from "../../../domain/ResponseFields.ts"
import type { TranscriptRow } from "../Grade.ts"
import { type FoundGold, goldOf } from "./Golds.ts"
import { conversationOf, isConversation, roleOf, type Turns, turnsOf } from "./Messages.ts"
import { problemOf, queryOf, unreadableProblem } from "./Problem.ts"
import { reasoningOf, withReasoning } from "./Reasoning.ts"
import { firstText, isRow, kindOf, type Reading, type Row, type RowContext, type RowNote, scalarText } from "./Row.ts"
import { isCutOff } from "./Truncation.ts"
import { scoreAt, scoreOf } from "./Verdict.ts"

/** One response of a model, and what belongs to it alone. */
export interface Sample extends Turns {
  readonly score?: number
}

const NO_TURNS: ReadonlyArray<number> = []
const DEEPEST = 3

const ofText = (text: string, reasoning: string | undefined): Sample => ({
  response: withReasoning(text, reasoning, true),
  turns: NO_TURNS,
  isTruncated: false
})

/** The sample that an object is: a message, a server's choice (`message` or `text`), a record with one of the response fields. */
const ofRecord = (record: Row, depth: number): Sample | undefined => {
  const message = record["message"]
  const isMessage = roleOf(record) !== undefined || record["content"] !== undefined
  const sample = isMessage ? turnsOf([record]) : isRow(message) ? turnsOf([{ role: "assistant", ...message }]) : ofField(record, depth)
  if (sample === undefined) return undefined
  const score = scoreOf(record)
  return { ...sample, isTruncated: sample.isTruncated || isCutOff(record), ...(score === undefined ? {} : { score }) }
}

const ofField = (record: Row, depth: number): Sample | undefined => {
  for (const field of RESPONSE_FIELDS) {
    const value = record[field]
    if (value === undefined || value === null) continue
    if (typeof value === "string") return ofText(value, reasoningOf(record))
    const samples = samplesOf(value, depth + 1)
    if (samples?.length === 1) return samples[0]!
  }
  const reasoning = reasoningOf(record)
  return reasoning === undefined ? undefined : ofText("", reasoning)
}

// Parts of one message's content: their types say so.
const isParts = (value: ReadonlyArray<unknown>): boolean =>
  value.some((part) => isRow(part) && typeof part["type"] === "string" && roleOf(part) === undefined)

/**
 * The samples that a field holds: a text is one, messages are one (the model's turns in them), a list of anything is as many as it has
 * elements. Undefined where something in it is none.
 */
export const samplesOf = (value: unknown, depth = 0, reasoning?: string): ReadonlyArray<Sample> | undefined => {
  if (typeof value === "string") {
    // "[".
    const turns = value.charCodeAt(0) === 91 ? turnsOf(conversationOf(value) ?? []) : undefined
    return [turns ?? ofText(value, reasoning)]
  }
  if (typeof value === "number" && depth === 0 && Number.isSafeInteger(value)) return [ofText(String(value), reasoning)]
  // One of several samples that failed.
  if (value === null && depth > 0) return [ofText("", undefined)]
  if (depth > DEEPEST) return undefined
  if (isRow(value)) {
    const { choices } = value
    if (Array.isArray(choices)) return samplesOf(choices, depth + 1)
    const sample = ofRecord(value, depth)
    return sample === undefined ? undefined : [sample]
  }
  if (!Array.isArray(value) || value.length === 0) return undefined
  const list: ReadonlyArray<unknown> = value
  if (isConversation(list) || isParts(list)) {
    const turns = isConversation(list) ? turnsOf(list) : turnsOf([{ role: "assistant", content: list }])
    return turns === undefined ? undefined : [turns]
  }
  const samples: Array<Sample> = []
  for (const each of list) {
    const found = samplesOf(each, depth + 1)
    if (found === undefined) return undefined
    for (const sample of found) samples.push(sample)
  }
  return samples
}

// Reasoning of n samples beside them, as a list of n.
const withReasonings = (row: Row, samples: ReadonlyArray<unknown>): ReadonlyArray<unknown> | undefined => {
  for (const field of ["reasoning_content", "reasoning", "reasonings", "thinking"]) {
    const list = row[field]
    if (!Array.isArray(list) || list.length !== samples.length || !samples.every((each) => typeof each === "string")) continue
    return samples.map((content, k) => ({ role: "assistant", content, reasoning_content: (list as ReadonlyArray<unknown>)[k] }))
  }
  return undefined
}

/** The samples in a row's field, with reasoning that the row keeps beside them. */
export const samplesIn = (row: Row, value: unknown): ReadonlyArray<Sample> | undefined => {
  if (Array.isArray(value)) {
    const joined = withReasonings(row, value)
    if (joined !== undefined) return joined.flatMap((each) => samplesOf([each]) ?? [])
  }
  return samplesOf(value, 0, reasoningOf(row)) ?? reasoningOnly(row, value)
}

// A server that had only thoughts to give leaves the text null.
const reasoningOnly = (row: Row, value: unknown): ReadonlyArray<Sample> | undefined => {
  const reasoning = value === null || value === undefined ? reasoningOf(row) : undefined
  return reasoning === undefined ? undefined : [ofText("", reasoning)]
}

/** What a format knows of a row; what it does not say is looked for in the row's usual fields. */
export interface Parts {
  readonly prompt?: string
  readonly samples: ReadonlyArray<Sample>
  readonly gold?: FoundGold
  readonly query?: string
  readonly id?: string
  readonly level?: string
  readonly isTruncated?: boolean
  readonly score?: number
}

const NO_PROBLEM: RowNote = {
  kind: "problem",
  text: "no text of the problem: rows without one are told apart by their id, or count as a problem each"
}

/** The rows of a reading, made of its parts. */
export const transcripts = (row: Row, context: RowContext, parts: Parts): Reading => {
  const { samples } = parts
  const prompt = parts.prompt ?? problemOf(row)
  if (prompt === "" && parts.prompt === undefined) {
    const field = unreadableProblem(row)
    if (field !== undefined) return { problem: `"${field}" is ${kindOf(row[field])}, expected text or chat messages` }
  }
  const gold = parts.gold ?? goldOf(row)
  const id = parts.id ?? firstText(row, "id", "uid", "uuid") ?? context.place
  const query = parts.query ?? queryOf(row, prompt, gold.answer, context)
  const level = parts.level ?? scalarText(row["level"])
  const n = samples.length
  const { scoreField } = context.plan
  const rows: Array<TranscriptRow> = []
  for (let k = 0; k < n; k++) {
    const sample = samples[k]!
    const read: { -readonly [K in keyof TranscriptRow]: TranscriptRow[K] } = {
      id: n === 1 ? id : `${id}#${k}`,
      prompt,
      response: sample.response
    }
    if (gold.answer !== undefined) read.answer = gold.answer
    if (gold.aliases !== undefined) read.aliases = gold.aliases
    if (gold.choices !== undefined) read.choices = gold.choices
    if (gold.numbers !== undefined) read.numbers = gold.numbers
    if (level !== undefined) read.level = level
    if (query !== undefined) read.query = query
    if (sample.turns.length > 0) read.turns = sample.turns
    if (sample.isTruncated || parts.isTruncated === true || isCutOff(row, k, n)) read.truncated = true
    if (row["ending"] === "cap") read.hitCap = true
    const score = scoreField === undefined ? sample.score ?? parts.score ?? scoreOf(row, k, n) : scoreAt(row, scoreField, k, n)
    if (scoreField !== undefined && score === undefined) {
      return { problem: `no verdict in "${scoreField}", which was named as the score's field` }
    }
    if (score !== undefined) read.score = score
    rows.push(read)
  }
  const note = gold.note ?? (prompt.trim() === "" ? NO_PROBLEM : undefined)
  return { rows, ...(note === undefined ? {} : { note }), ...(gold.isInexact === true ? { isInexact: true } : {}) }
}

/** Reads a row whose response is in the first of `responses` that it has, and its problem in the first of `prompts`, if given. */
export const readNamed = (
  row: Row,
  context: RowContext,
  responses: ReadonlyArray<string>,
  prompts?: ReadonlyArray<string>,
  golds?: ReadonlyArray<string>
): Reading => {
  const field = responses.find((each) => row[each] !== undefined && row[each] !== null) ?? responses.find((each) => each in row) ??
    responses[0]!
  const value = row[field]
  const samples = samplesIn(row, value)
  if (samples === undefined || samples.length === 0) {
    const is = isConversation(value) ? "chat messages, none of them the model's" : kindOf(value)
    return { problem: `"${field}" is ${is}, expected text or chat messages of the model` }
  }
  return transcripts(row, context, {
    samples,
    ...(prompts === undefined ? {} : { prompt: problemOf(row, prompts) }),
    ...(golds === undefined ? {} : { gold: goldOf(row, golds) })
  })
}
