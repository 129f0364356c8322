/**
 * Free text as a grammar: a language model writes what it likes until a token that ends the sequence, and the reading of text says afterwards
 * which tokens put an answer forward and which decide about it (`spansOfText`).
 *
 * An answer's tokens are π_S's, up to and including the last of its candidate; what follows is π_D's: the words that take it back, or, for STOP,
 * the text after the last candidate with the token that ends the sequence. A text that ends after it has taken its last answer back is `unfinished`.
 *
 * @module
 */
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { GraderService } from "../../domain/Grader.ts"
import type { Cursor, GrammarService, WrittenAttempt } from "../../domain/Grammar.ts"
import type { TokenizerService, Tokens } from "../../domain/Tokenizer.ts"
import type { Span } from "../../domain/Trajectory.ts"
import { number } from "../../tasks/grading/Numbers.ts"
import { defaultMarkers, findMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import { spansOfText } from "../../tasks/reading/TextSpans.ts"
import { askedExpression } from "../../tasks/StatedProduct.ts"
import { sequencePlacement } from "../policy/Placement.ts"
import type { Words } from "./Words.ts"

/** What text is made of. */
export interface TextConfig {
  readonly tokenizer: TokenizerService
  /** Tokens that end a sequence, the one that is written first; their text is not the response's. */
  readonly endTokens: Tokens
  /** The text of a prompt, such as a chat template makes it; left out: the prompt as it is. */
  readonly template?: (prompt: string) => Result.Result<string, TokenizerError>
  /** What a decision to RESAMPLE begins with; left out: the lexicon. */
  readonly markers?: Markers
  /** What demonstrations write for RESAMPLE; one of the markers must be in it. */
  readonly resample?: string
  /** How demonstrations put an answer forward: text with "{answer}" in it once; what follows that is π_D's. */
  readonly announcement?: string
  /** What answers are, and how they are found in a text; left out: numbers. */
  readonly grader?: GraderService
  /** There is no decision: all that is written is π_S's, and its last answer counts. Left out: decisions. */
  readonly singleTurn?: boolean
  /** The most tokens of prompt and response together: the model's context, or less. */
  readonly positions: number
}

/** What demonstrations write for RESAMPLE where nothing else is asked for. */
export const RESAMPLE_TEXT = "\nWait, I made a mistake. Let me recompute.\n"

/** How demonstrations put an answer forward where nothing else is asked for. */
export const ANNOUNCEMENT = "The answer is {answer}."

/** A message by which the form of all is found out. */
const EXAMPLE = "Calculate 7 * 8."

/** What precedes an answer and what follows it. Throws ConfigError for a text without the one place of the answer. */
const announcementOf = (announcement: string): readonly [before: string, after: string] => {
  const [before, after, ...more] = announcement.split("{answer}")
  if (before !== undefined && after !== undefined && more.length === 0) return [before, after]
  throw new ConfigError({ field: "announcement", value: JSON.stringify(announcement), expected: "a text with {answer} in it once" })
}

/** No vocabulary has tokens of so many characters on average. */
const MOST_CHARACTERS = 64

// A sentence that is over needs no further sign.
const isClosed = (text: string): boolean => /[.!?。！？]["”’)\]}*]*$/u.test(text)

const assertConfig = ({ endTokens, positions, tokenizer: { vocabulary } }: TextConfig, markers: Markers, resample: string): void => {
  if (endTokens.length === 0 || !endTokens.every((token) => Number.isInteger(token) && token >= 0 && token < vocabulary)) {
    throw new ConfigError({
      field: "endTokens",
      value: JSON.stringify(endTokens),
      expected: `at least one token below ${vocabulary}: without one no text ends`
    })
  }
  if (!Number.isInteger(positions) || positions < 2) {
    throw new ConfigError({ field: "positions", value: String(positions), expected: "a whole number of at least 2" })
  }
  if (findMarkers(resample, markers).length === 0) {
    throw new ConfigError({ field: "resample", value: JSON.stringify(resample), expected: "words among which is one of the markers" })
  }
}

// One answer, the last that is put forward, from the first token to the last.
const withoutDecisions = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> => {
  const [first] = spans
  if (first === undefined) return []
  const { start } = first
  const { end } = spans.at(-1)!
  const answer = spans.findLast((span) => span.kind === "sample" && span.answer !== undefined)
  return [
    answer?.kind === "sample" && answer.answer !== undefined
      ? { kind: "sample", answer: answer.answer, start, end }
      : { kind: "sample", start, end }
  ]
}

/** Makes the words of free text. Throws ConfigError for settings that make no sense. */
export const makeText = (config: TextConfig): Words => {
  const {
    announcement = ANNOUNCEMENT,
    endTokens,
    grader = number,
    markers = defaultMarkers,
    positions,
    resample = RESAMPLE_TEXT,
    singleTurn = false,
    template = Result.succeed,
    tokenizer
  } = config
  assertConfig(config, markers, resample)
  const [before, after] = announcementOf(announcement)
  const isEnd = (token: number | undefined): boolean => token !== undefined && endTokens.includes(token)
  const ended = (ending: "stop" | "truncated", place: number): Cursor => {
    const cursor: Cursor = { next: { _tag: "Ended", ending }, attempt: 0, place, advance: () => cursor }
    return cursor
  }
  const follow = (place: number, room: number): Cursor =>
    room <= 0 ? ended("truncated", place) : {
      next: { _tag: "Free" },
      attempt: 0,
      place,
      advance: (token) => (isEnd(token) ? ended("stop", place + 1) : follow(place + 1, room - 1))
    }

  /** Encodes a text, unless it is so long that it cannot fit whatever its tokens: encoding megabytes takes minutes. */
  const encode = (text: string): Result.Result<Tokens, TokenizerError> =>
    text.length <= MOST_CHARACTERS * positions ? tokenizer.encode(text) : Result.fail(
      new TokenizerError({
        input: text,
        position: 0,
        problem: `it has ${text.length} characters, and prompt and response together may have ${positions} tokens (model.positions)`
      })
    )

  const encodePrompt = (prompt: string): Result.Result<Tokens, TokenizerError> =>
    Result.flatMap(
      Result.flatMap(template(prompt), encode),
      (tokens) =>
        tokens.length < positions ? Result.succeed(tokens) : Result.fail(
          new TokenizerError({
            input: prompt,
            position: prompt.length,
            problem: `the prompt has ${tokens.length} tokens, and prompt and response together may have ${positions} (model.positions)`
          })
        )
    )

  /** The text of each token; tokens that end the sequence have none. */
  const piecesOf = (tokens: Tokens): Result.Result<ReadonlyArray<string>, TokenizerError> =>
    Result.map(tokenizer.pieces(tokens), (pieces) => pieces.map((piece, t) => (isEnd(tokens[t]) ? "" : piece)))

  // What the template writes before and after a message.
  const [head, tail, ...others] = Result.getOrElse(
    Result.map(Result.flatMap(Result.flatMap(template(EXAMPLE), encode), piecesOf), (pieces) => pieces.join("").split(EXAMPLE)),
    (): ReadonlyArray<string> => []
  )
  /** The message that a prompt was made of. Of a prompt that the template did not make all text, where what closes a message ends its last line. */
  const questionOf = (tokens: Tokens, pieces: ReadonlyArray<string>): string => {
    const text = pieces.join("")
    const isFramed = head !== undefined && tail !== undefined && others.length === 0 && text.length >= head.length + tail.length &&
      text.startsWith(head) && text.endsWith(tail)
    return isFramed
      ? text.slice(head.length, text.length - tail.length)
      : pieces.map((piece, t) => (isEnd(tokens[t]) ? "\n" : piece)).join("")
  }

  const read: GrammarService["read"] = ({ promptLength, tokens }) =>
    Result.map(piecesOf(tokens), (pieces) => {
      const isStopped = tokens.length > promptLength && isEnd(tokens.at(-1))
      const whole: ReadonlyArray<Span> = tokens.length > promptLength ? [{ kind: "sample", start: promptLength, end: tokens.length }] : []
      // As calibration reads it: an equation whose left side the prompt asks for is an answer.
      const options = { grader, asked: askedExpression(questionOf(tokens, pieces.slice(0, promptLength))), isTruncated: !isStopped }
      // A text without a candidate, or one of which a token covers several pieces, is π_S's alone.
      const spans = Result.getOrElse(spansOfText(pieces, promptLength, markers, options), () => whole)
      const last = spans.at(-1)
      if (singleTurn) return { spans: withoutDecisions(spans), ending: isStopped ? "stop" : "truncated" }
      // It took its last answer back and put no other forward.
      const isTakenBack = spans.length > 1 && (last?.kind === "decision" ? last.action === "RESAMPLE" : last?.answer === undefined)
      return { spans, ending: !isStopped ? "truncated" : isTakenBack ? "unfinished" : "stop" }
    })

  const textOf = ({ answer, decision, text, working }: WrittenAttempt): string => {
    const put = text ?? `${working === undefined ? "" : `${working} `}${before}${answer}`
    const closed = text !== undefined && isClosed(text) ? put : put + after
    return decision === "RESAMPLE" ? closed + resample : closed
  }
  const normal = (answer: string): string => grader.value(answer, 0, answer.length, "wrapped")?.answer ?? answer

  /** What the reading of text makes of attempts that were written otherwise. */
  const misread = (attempts: ReadonlyArray<WrittenAttempt>, spans: ReadonlyArray<Span>): string | undefined => {
    const asked = attempts.flatMap(({ answer, decision }) => [normal(answer), ...(decision === undefined || singleTurn ? [] : [decision])])
    const found = spans.flatMap((span) => (span.kind === "decision" ? [span.action] : span.answer === undefined ? [] : [span.answer]))
    return asked.join() === found.join()
      ? undefined
      : `the attempts ${asked.join(", ")} are read as ${
        found.join(", ") || "none"
      }; announce each answer ("The answer is 42.") and begin what takes it back with a marker`
  }

  const write: GrammarService["write"] = ({ prompt }, attempts) =>
    Result.gen(function* () {
      const head = yield* encodePrompt(prompt)
      const text = attempts.map(textOf).join("")
      const refuse = (problem: string) => Result.fail(new TokenizerError({ input: text, position: 0, problem }))
      if (attempts.some(({ verdict }) => verdict !== undefined)) return yield* refuse("free text has no token for a verdict")
      if (singleTurn && (attempts.length > 1 || attempts[0]?.decision === "RESAMPLE")) {
        return yield* refuse("single-turn text: one answer and no second")
      }
      const isStopped = attempts.at(-1)?.decision === "STOP"
      const tokens = [...head, ...(yield* encode(text)), ...(isStopped ? [endTokens[0]!] : [])]
      if (tokens.length > positions) {
        return yield* refuse(`prompt and response have ${tokens.length} tokens together, and may have ${positions}`)
      }
      const written = { tokens, promptLength: head.length }
      const reading = yield* read(written)
      const problem = misread(attempts, reading.spans)
      return problem === undefined ? { ...written, ...reading } : yield* refuse(problem)
    })

  return {
    tokenizer,
    grammar: {
      sets: [],
      writesText: true,
      prompt: ({ prompt }) => encodePrompt(prompt),
      open: (prompt) => follow(0, positions - prompt.length),
      read,
      write,
      render: ({ promptLength, tokens }) =>
        Result.map(piecesOf(tokens), (all) => {
          const pieces = all.slice(promptLength)
          return { prompt: all.slice(0, promptLength).join(""), response: pieces.join(""), pieces }
        })
    },
    placement: sequencePlacement({ context: "history", maxAttempts: 1, positions })
  }
}
