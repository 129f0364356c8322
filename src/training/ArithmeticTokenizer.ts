/**
 * The tokenizer of multiplication: digits, least significant first, operators, and one token each for STOP and RESAMPLE.
 *
 * A trajectory reads `a * b` (the prompt) and then, for every attempt, `= digits decision`. The `=` is forced, the digits
 * are the sampling policy's, the decision is the decision policy's:
 *
 *     1 2 3 * 4   =  4 8 2 1  RESAMPLE   =  4 8 2 1  STOP        (321 * 4 = 1284)
 *
 * Positions are coupled by column: digit i of both operands and of every answer share the position id offset + i (plus
 * one for the answer, which is read one token later), so that "add the column, carry to the next" is the same movement
 * at every length. A random offset in training makes all position ids familiar, also those that only longer problems
 * reach. Source: position coupling (Cho et al., 2024) and Abacus embeddings (McLeish et al., 2024).
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { ConfigError, TokenizerError } from "../domain/Errors.ts"
import { type Cursor, type Layout, type LayoutRequest, type Slot, Tokenizer, type TokenizerService } from "../domain/Tokenizer.ts"
import type { Ending, Span } from "../domain/Trajectory.ts"
import { formatResponse, REVISION_MARKERS } from "../domain/RevisionMarkers.ts"

/** Settings of the arithmetic tokenizer. */
export const ArithmeticConfig = Schema.Struct({
  /** Base of the numerals, 2 to 10. */
  radix: Schema.Int,
  /** The cap on attempts; RESAMPLE in the last one ends the trajectory without an answer. */
  maxAttempts: Schema.Int,
  /** `markov`: an attempt sees the query alone, a decision sees the query and its attempt; `history`: both see all before. */
  context: Schema.Literals(["markov", "history"]),
  /** Number of position ids. */
  positions: Schema.Int
})
export type ArithmeticConfig = typeof ArithmeticConfig.Type

const CHOICE_DIGIT = 0
const CHOICE_DECISION = 1
const CHOICE_VERDICT = 2
const FORCED = -1

const SEGMENT_LEFT = 0
const SEGMENT_TIMES = 1
const SEGMENT_RIGHT = 2
const SEGMENT_ANSWER = 3

/** The ids of the tokens that are not digits. */
export interface ArithmeticTokens {
  readonly times: number
  readonly equals: number
  readonly stop: number
  readonly resample: number
  /** Verdicts: used only to pretrain a latent verifier, never part of a trajectory. */
  readonly ok: number
  readonly bad: number
}

/** Token ids after the digits 0 … radix − 1. */
export const arithmeticTokens = (radix: number): ArithmeticTokens => ({
  times: radix,
  equals: radix + 1,
  stop: radix + 2,
  resample: radix + 3,
  ok: radix + 4,
  bad: radix + 5
})

const PROMPT = /^Calculate (\d+) \* (\d+)\. Think step by step\.$/
const ANSWER = "The answer is "

/** The digits of a numeral, least significant first, padded with zeros to `width`. */
export const leastFirst = (numeral: string, width = numeral.length): Array<number> =>
  Array.from(numeral.padStart(width, "0"), Number).toReversed()

const numeralOf = (digits: ReadonlyArray<number>): string => digits.toReversed().join("").replace(/^0+(?=\d)/, "")

/** Builds the tokenizer as a plain value; `layer` offers it as the service. Throws ConfigError for settings that cannot work. */
export const make = (config: ArithmeticConfig): TokenizerService => {
  const { context, maxAttempts, positions, radix } = config
  if (!Number.isInteger(radix) || radix < 2 || radix > 10) {
    throw new ConfigError({ field: "tokenizer.radix", value: String(radix), expected: "a whole number from 2 to 10" })
  }
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new ConfigError({ field: "tokenizer.maxAttempts", value: String(maxAttempts), expected: "a whole number of at least 1" })
  }
  const ids = arithmeticTokens(radix)
  const digits = Array.from({ length: radix }, (_, digit) => digit)
  const vocabulary = [...digits.map(String), "*", "=", "STOP", "RESAMPLE", "OK", "BAD"]

  const widths = (prompt: ReadonlyArray<number>): { readonly left: number; readonly answer: number } => {
    const left = prompt.indexOf(ids.times)
    return { left, answer: prompt.length - 1 }
  }

  const attemptSlot = (attempt: number, position: number): Pick<Slot, "position" | "segment" | "group"> => ({
    position,
    segment: context === "markov" ? SEGMENT_ANSWER : SEGMENT_ANSWER + attempt,
    group: context === "markov" ? attempt + 1 : 0
  })

  // place 0 is the forced "=", 1 … width the digits, width + 1 the decision.
  const slotAt = (width: number, offset: number, attempt: number, place: number): Slot => ({
    ...attemptSlot(attempt, offset + place),
    allowed: place === 0 ? FORCED : place <= width ? CHOICE_DIGIT : CHOICE_DECISION,
    token: ids.equals
  })

  const cursor = (width: number, offset: number, attempt: number, place: number): Cursor => ({
    slot: slotAt(width, offset, attempt, place),
    advance: (token) => {
      if (place <= width) return cursor(width, offset, attempt, place + 1)
      if (token === ids.stop) return ended("stop")
      return attempt + 1 === maxAttempts ? ended("cap") : cursor(width, offset, attempt + 1, 0)
    }
  })

  const ended = (ending: Ending): Cursor => ({ slot: ending, advance: () => ended(ending) })

  const layout = ({ offset, promptLength, tokens }: LayoutRequest): Layout => {
    const length = tokens.length
    const arrays: Layout = {
      positions: new Int32Array(length),
      segments: new Int32Array(length),
      groups: new Int32Array(length),
      allowed: new Int32Array(length).fill(FORCED)
    }
    const width = widths(tokens.slice(0, promptLength))
    for (let i = 0; i < length; i++) {
      if (i < promptLength) {
        const isTimes = i === width.left
        const isLeft = i < width.left
        arrays.positions[i] = offset + (isTimes ? width.answer : isLeft ? i : i - width.left - 1)
        arrays.segments[i] = isTimes ? SEGMENT_TIMES : isLeft ? SEGMENT_LEFT : SEGMENT_RIGHT
        continue
      }
      const cycle = width.answer + 2
      const slot = slotAt(width.answer, offset, Math.floor((i - promptLength) / cycle), (i - promptLength) % cycle)
      const isVerdict = tokens[i] === ids.ok || tokens[i] === ids.bad
      arrays.positions[i] = slot.position
      arrays.segments[i] = slot.segment
      arrays.groups[i] = slot.group
      arrays.allowed[i] = isVerdict ? CHOICE_VERDICT : slot.allowed
    }
    return arrays
  }

  const spans: TokenizerService["spans"] = ({ promptLength, tokens }) => {
    const width = promptLength - 1
    const found: Array<Span> = []
    for (let start = promptLength + 1; start < tokens.length; start += width + 2) {
      const end = Math.min(start + width, tokens.length)
      const isComplete = end === start + width
      found.push(
        isComplete ? { kind: "sample", start, end, answer: numeralOf(tokens.slice(start, end)) } : { kind: "sample", start, end }
      )
      if (isComplete && end < tokens.length) {
        const action = tokens[end] === ids.stop || tokens[end] === ids.ok ? "STOP" : "RESAMPLE"
        found.push({ kind: "decision", start: end, end: end + 1, action })
      }
    }
    const last = found.at(-1)
    const isDecided = last?.kind === "decision" && last.end === tokens.length
    const ending = !isDecided
      ? "truncated"
      : last.action === "STOP"
      ? "stop"
      : found.length === 2 * maxAttempts
      ? "cap"
      : "truncated"
    return { spans: found, ending }
  }

  const encodePrompt = (prompt: string): Effect.Effect<ReadonlyArray<number>, TokenizerError> => {
    const match = PROMPT.exec(prompt.trim())
    if (match === null) {
      return Effect.fail(new TokenizerError({ input: prompt, position: 0, problem: "expected \"Calculate a * b. Think step by step.\"" }))
    }
    const [, first = "", second = ""] = match
    const [left, right] = [leastFirst(first), leastFirst(second)]
    const foreign = [...left, ...right].find((digit) => digit >= radix)
    return foreign === undefined
      ? Effect.succeed([...left, ids.times, ...right])
      : Effect.fail(
        new TokenizerError({ input: prompt, position: prompt.indexOf(String(foreign)), problem: `digit ${foreign} in base ${radix}` })
      )
  }

  // One line of a response: "The answer is 1284." (decided), "The answer is 1284" (no decision yet), "The answer is ...84" (cut off).
  const encodeAttempt = (line: string, width: number): ReadonlyArray<number> | string => {
    const match = /^The answer is (\.\.\.)?(\d*)(\.)?$/.exec(line)
    if (match === null) return `expected "${ANSWER}…", found ${JSON.stringify(line)}`
    const [, partial, numeral = "", isDecided] = match
    if (partial !== undefined) {
      return numeral.length < width
        ? [ids.equals, ...leastFirst(numeral)]
        : "a cut-off answer that is not shorter than a whole one"
    }
    if (numeral === "" || numeral.length > width) return `an answer of ${numeral.length} digits where 1 to ${width} fit`
    const tokens = leastFirst(numeral, width)
    if (tokens.some((digit) => digit >= radix)) return `a digit of ${numeral} does not exist in base ${radix}`
    return [ids.equals, ...tokens, ...(isDecided === undefined ? [] : [ids.stop])]
  }

  const encode: TokenizerService["encode"] = Effect.fnUntraced(function* ({ prompt, response }) {
    const head = yield* encodePrompt(prompt)
    const width = head.length - 1
    const tokens = [...head]
    for (const line of response.split("\n")) {
      if (line.trim() === "") continue
      if (REVISION_MARKERS.includes(line.trim())) {
        if (tokens.at(-1) !== ids.stop) {
          return yield* new TokenizerError({
            input: response,
            position: response.indexOf(line),
            problem: "a revision marker with no answer before it"
          })
        }
        tokens[tokens.length - 1] = ids.resample
        continue
      }
      const attempt = encodeAttempt(line.trim(), width)
      if (typeof attempt === "string" || tokens.at(-1) === ids.stop) {
        return yield* new TokenizerError({
          input: response,
          position: response.indexOf(line),
          problem: typeof attempt === "string" ? attempt : "an answer after the trajectory stopped"
        })
      }
      tokens.push(...attempt)
    }
    return { tokens, promptLength: head.length }
  })

  const decode: TokenizerService["decode"] = Effect.fnUntraced(function* ({ promptLength, tokens }) {
    const foreign = tokens.findIndex((token) => !(token >= 0 && token < vocabulary.length))
    const times = tokens.indexOf(ids.times)
    if (foreign >= 0 || times <= 0 || times >= promptLength - 1) {
      return yield* new TokenizerError({
        input: tokens.join(" "),
        position: Math.max(foreign, 0),
        problem: foreign >= 0 ? `no token ${tokens[foreign]}; ids run from 0 to ${vocabulary.length - 1}` : "the prompt is not a product"
      })
    }
    const prompt = `Calculate ${tokens.slice(0, times).toReversed().join("")} * ${
      tokens.slice(times + 1, promptLength).toReversed().join("")
    }. Think step by step.`
    const parts = spans({ promptLength, tokens }).spans
    const lines = parts.flatMap((span, i) => {
      if (span.kind === "decision") return []
      const next = parts[i + 1]
      if (span.answer === undefined) return [`${ANSWER}...${tokens.slice(span.start, span.end).toReversed().join("")}`]
      const text = formatResponse([{ answer: span.answer, decision: next?.kind === "decision" ? next.action : undefined }])
      return [next === undefined ? text.slice(0, -1) : text]
    })
    return { prompt, response: lines.join("\n") }
  })

  return {
    vocabulary,
    allowedSets: [digits, [ids.stop, ids.resample], [ids.ok, ids.bad]],
    positions,
    segments: SEGMENT_ANSWER + (context === "markov" ? 1 : maxAttempts),
    encodePrompt,
    encode,
    decode,
    largestOffset: (prompt) => positions - (prompt.length + 1),
    open: (prompt, offset) => cursor(prompt.length - 1, offset, 0, 0),
    layout,
    spans
  }
}

/** The layer of the arithmetic tokenizer. */
export const layer = (config: ArithmeticConfig): Layer.Layer<Tokenizer> => Layer.succeed(Tokenizer, make(config))
