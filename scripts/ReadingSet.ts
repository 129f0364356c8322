/**
 * The hand-labelled responses: their source form, with marks around every candidate, and the rows with offsets that follow from it.
 * bench/data/reading/README.md says what a candidate is and how the source is written.
 *
 * @module
 */
import type { Decision } from "../src/domain/Decision.ts"
import { fold } from "../src/domain/Seed.ts"

/** A value put forward as the answer: response[start, end) is its last place. */
export interface LabelledAttempt {
  readonly answer: string
  readonly start: number
  readonly end: number
  /** All marked places, in order; the last one is [start, end). */
  readonly places: ReadonlyArray<readonly [start: number, end: number]>
  /** What follows it; null where a cut-off response does not show it. */
  readonly decision: Decision | null
  /** A RESAMPLE that words of doubt, check or correction announce. */
  readonly marked: boolean
  /** The value is right. */
  readonly correct: boolean
  /** The same value as the attempt before it. */
  readonly echo?: true
}

/** A labelled response. */
export interface LabelledRow {
  readonly id: string
  readonly style: string
  readonly half: "tune" | "held"
  /** The kind of its answer: integer, number, math, choice, text, countdown. */
  readonly kind: string
  readonly language?: string
  readonly prompt: string
  readonly gold: string
  readonly choices?: ReadonlyArray<string>
  readonly numbers?: ReadonlyArray<number>
  readonly response: string
  /** Offsets in the response at which another turn of the model begins (a user spoke before it). */
  readonly turns?: ReadonlyArray<number>
  readonly truncated?: true
  readonly attempts: ReadonlyArray<LabelledAttempt>
  /** Checks or doubts after the last attempt that name no candidate any more. */
  readonly checks: number
  readonly outcome: "Correct" | "Wrong" | "Unparsable" | "Truncated"
}

/** What an answer may be. */
export const KINDS = ["integer", "number", "math", "choice", "text", "countdown"]

const HEADERS = new Set(["prompt", "gold", "kind", "language", "choices", "numbers", "checks", "truncated", "last"])
const MARK = /⟦(?:(\d+)([weu]*):([^⟦⟧]*)|\|)⟧/gu
// Chosen by the counts alone, before any text was read by a rule: every style is about half in either half.
const SALT = 4277

/** The half that an id belongs to, for good: a hash of it. Rules are made with "tune" and judged by "held". */
export const halfOf = (id: string): "tune" | "held" => (fold(SALT, id) % 2 === 0 ? "tune" : "held")

interface Draft {
  readonly flags: Set<string>
  readonly places: Array<readonly [number, number]>
  answer: string
}

interface Unmarked {
  readonly response: string
  readonly turns: ReadonlyArray<number>
  readonly drafts: ReadonlyArray<Draft>
}

// The response without its marks, the turns and the attempts that the marks name.
const unmark = (source: string, fail: (problem: string) => never): Unmarked => {
  const drafts: Array<Draft> = []
  const turns: Array<number> = []
  let response = ""
  let from = 0
  for (const match of source.matchAll(MARK)) {
    const [all, number, flags = "", answer = ""] = match
    response += source.slice(from, match.index)
    from = match.index + all.length
    if (number === undefined) {
      turns.push(response.length)
      continue
    }
    const index = Number(number) - 1
    if (index !== drafts.length && index !== drafts.length - 1) fail(`mark ${all} is out of order`)
    const draft = drafts[index] ?? { flags: new Set<string>(), places: [], answer }
    drafts[index] = draft
    for (const flag of flags) draft.flags.add(flag)
    draft.places.push([response.length, response.length + answer.length])
    draft.answer = answer
    response += answer
  }
  response += source.slice(from)
  if (/[⟦⟧]/u.test(response)) fail("a mark is malformed")
  return { response, turns, drafts }
}

const rowOf = (
  style: string,
  id: string,
  headers: ReadonlyMap<string, string>,
  source: string,
  fail: (problem: string) => never
): LabelledRow => {
  const text = (name: string): string => headers.get(name) ?? fail(`no ${name}`)
  const { drafts, response, turns } = unmark(source, fail)
  const kind = headers.get("kind") ?? "integer"
  if (!KINDS.includes(kind)) fail(`kind ${kind} is unknown`)
  const truncated = headers.get("truncated") === "yes"
  const last = headers.get("last")
  if (last !== undefined && last !== "STOP" && last !== "RESAMPLE") fail(`last is ${last}`)
  const attempts = drafts.map(({ answer, flags, places }, i): LabelledAttempt => {
    const [start, end] = places.at(-1)!
    const isLast = i === drafts.length - 1
    const decision = !isLast ? "RESAMPLE" : ((last as Decision | undefined) ?? (truncated ? null : "STOP"))
    return {
      answer,
      start,
      end,
      places,
      decision,
      marked: decision === "RESAMPLE" && drafts[i + 1]?.flags.has("u") !== true,
      correct: !flags.has("w"),
      ...(flags.has("e") ? { echo: true } : {})
    }
  })
  const final = attempts.at(-1)
  const language = headers.get("language")
  const choices = headers.get("choices")
  const numbers = headers.get("numbers")
  return {
    id,
    style,
    half: halfOf(id),
    kind,
    ...(language === undefined ? {} : { language }),
    prompt: text("prompt"),
    gold: text("gold"),
    ...(choices === undefined ? {} : { choices: choices.split(" | ") }),
    ...(numbers === undefined ? {} : { numbers: numbers.split(" ").map(Number) }),
    response,
    ...(turns.length === 0 ? {} : { turns }),
    ...(truncated ? { truncated } : {}),
    attempts,
    checks: Number(headers.get("checks") ?? 0),
    outcome: truncated ? "Truncated" : final === undefined ? "Unparsable" : final.correct ? "Correct" : "Wrong"
  }
}

/** Reads one source file; its name is the style. Throws, with file and line, where the source is malformed. */
export const rowsOfSource = (style: string, source: string): ReadonlyArray<LabelledRow> => {
  const lines = source.split("\n")
  const starts = lines.flatMap((line, i) => (line.startsWith("@@ ") ? [i] : []))
  return starts.map((start, i) => {
    const fail = (problem: string): never => {
      throw new Error(`${style}.txt:${start + 1}: ${problem}`)
    }
    const block = lines.slice(start + 1, starts[i + 1] ?? lines.length)
    const opening = block.indexOf("@@@")
    if (opening < 0) return fail("no line @@@ before the response")
    const headers = new Map(
      block.slice(0, opening).filter((line) => line.trim() !== "").map((line) => {
        const colon = line.indexOf(":")
        const name = line.slice(0, colon)
        if (!HEADERS.has(name)) fail(`header ${line} is unknown`)
        return [name, line.slice(colon + 1).trim().replaceAll("⏎", "\n")] as const
      })
    )
    const body = block.slice(opening + 1)
    while (body.at(-1) === "") body.pop()
    return rowOf(style, lines[start]!.slice(3).trim(), headers, body.join("\n"), fail)
  })
}

/** The rows of all sources (style → text), as the lines of labelled.jsonl. */
export const readingSet = (sources: ReadonlyMap<string, string>): string =>
  [...sources.keys()]
    .toSorted()
    .flatMap((style) => rowsOfSource(style, sources.get(style)!))
    .map((row) => JSON.stringify(row) + "\n")
    .join("")
