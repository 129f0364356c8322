/**
 * A rollout's text in pieces: what belongs to which attempt, its candidates, what took them back, and how likely its tokens were.
 *
 * @module
 */
import type { GradedTranscript } from "../Grade.ts"
import { isRow, type Row } from "../formats/Row.ts"

/** A piece of a response. */
export interface TextPiece {
  readonly start: number
  readonly end: number
  readonly kind: "plain" | "candidate" | "marker"
  /** The attempt that it is in, from 0: the text up to its candidate, and the decision on it; −1 where there is none. */
  readonly attempt: number
  /** Of a candidate: right, wrong, or `null` where nothing was graded. */
  readonly correct?: boolean | null
  /** How a candidate was put forward. */
  readonly how?: string
}

/** Cuts a response of so many characters into pieces, in order and without gaps. */
export const piecesOf = ({ rollout, taken }: GradedTranscript, length: number): ReadonlyArray<TextPiece> => {
  const attempts = taken?.attempts ?? []
  const pieces: Array<TextPiece> = []
  let at = 0
  let attempt = attempts.length === 0 ? -1 : 0
  const put = (end: number, piece: Omit<TextPiece, "start" | "end" | "attempt">, of = attempt): void => {
    const to = Math.min(end, length)
    if (to <= at) return
    pieces.push({ start: at, end: to, attempt: of, ...piece })
    at = to
  }
  attempts.forEach(({ candidate, marker }, k) => {
    attempt = k
    put(candidate.start, { kind: "plain" })
    const correct = rollout.outcome === "GoldInvalid" ? null : rollout.attempts[k]?.correct ?? null
    put(candidate.end, { kind: "candidate", correct, how: candidate.how })
    if (marker !== undefined) {
      put(marker.start, { kind: "plain" })
      put(marker.end, { kind: "marker" })
    }
    // The decision goes on to where the next attempt's text begins.
    put(attempts[k + 1]?.start ?? at, { kind: "plain" })
  })
  put(length, { kind: "plain" }, attempt)
  return pieces
}

/** A token's log-probability, nats, and where its text stands in the response. */
export interface PlacedLogProb {
  readonly start: number
  readonly end: number
  readonly logProb: number
}

/** Tokens as texts with their log-probabilities, as servers and `attribute`'s rows write them. */
const tokensOf = (row: Row): ReadonlyArray<{ readonly text: string; readonly logProb: number }> | undefined => {
  const choice = Array.isArray(row["choices"]) ? row["choices"][0] as unknown : undefined
  for (const holder of [isRow(choice) ? choice["logprobs"] : undefined, row["logprobs"]]) {
    const content = isRow(holder) ? holder["content"] : undefined
    if (!Array.isArray(content)) continue
    const tokens = content.flatMap((each: unknown) =>
      isRow(each) && typeof each["token"] === "string" && typeof each["logprob"] === "number"
        ? [{ text: each["token"], logProb: each["logprob"] }]
        : []
    )
    if (tokens.length === content.length && tokens.length > 0) return tokens
  }
  const [pieces, all] = [row["pieces"], row["logprobs"] ?? row["logProbs"]]
  const texts: unknown = pieces ?? row["tokens"]
  if (!Array.isArray(texts) || !Array.isArray(all) || texts.length === 0) return undefined
  // Pieces are the response's; log-probabilities are there for the prompt's tokens too, and for those before it.
  const logProbs: ReadonlyArray<unknown> = pieces === undefined ? all : all.slice(-texts.length)
  if (texts.length !== logProbs.length) return undefined
  const isPlaced = texts.every((text) => typeof text === "string") && logProbs.every((each) => typeof each === "number" || each === null)
  return isPlaced ? texts.map((text: string, i) => ({ text, logProb: Number(logProbs[i] ?? 0) })) : undefined
}

/** The log-probabilities of a row's tokens in its response; undefined where it has none, or their texts are not the response's. */
export const placeLogProbs = (row: Row, response: string): ReadonlyArray<PlacedLogProb> | undefined => {
  const tokens = tokensOf(row)
  if (tokens === undefined) return undefined
  const whole = tokens.map(({ text }) => text).join("")
  // A prompt before the response, or an end token after it, is not its text.
  const offset = whole.indexOf(response)
  if (offset < 0) return undefined
  const placed: Array<PlacedLogProb> = []
  let at = 0 - offset
  for (const { logProb, text } of tokens) {
    const end = at + text.length
    if (at >= 0 && end <= response.length && text !== "") placed.push({ start: at, end, logProb })
    at = end
  }
  return placed.length === 0 ? undefined : placed
}

// What the row's text is read from, and what is too long to read: not shown a second time.
const MOST_CHARACTERS = 200

/** The further fields of a row that can be read at a glance: numbers, truth values, texts of one short line; those in objects by their path. */
export const fieldsOf = (row: Row, shown: ReadonlySet<string>): Readonly<Record<string, string>> => {
  // Entries: a field may be called "__proto__".
  const fields = new Map<string, string>()
  const add = (name: string, value: unknown, depth: number): void => {
    if (typeof value === "number" || typeof value === "boolean") fields.set(name, String(value))
    else if (typeof value === "string" && value.length <= MOST_CHARACTERS && !value.includes("\n") && !shown.has(value)) {
      fields.set(name, value)
    } else if (isRow(value) && depth < 3) { for (const [key, inner] of Object.entries(value)) add(`${name}.${key}`, inner, depth + 1) }
  }
  for (const [name, value] of Object.entries(row)) add(name, value, 0)
  return Object.fromEntries(fields)
}
