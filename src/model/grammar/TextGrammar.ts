/**
 * Free text as a grammar: a language model writes what it likes until a token that ends the sequence, and the reading of text says afterwards
 * which tokens put an answer forward and which decide about it (`spansOfText`).
 *
 * An answer's tokens are π_S's, up to and including the last of its candidate; what follows is π_D's: the words that take it back, or, for STOP,
 * the text after the last candidate with the token that ends the sequence. A text that ends after it has taken its last answer back has the ending
 * `cap`: no further attempt came.
 *
 * @module
 */
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Cursor, GrammarService } from "../../domain/Grammar.ts"
import type { TokenizerService, Tokens } from "../../domain/Tokenizer.ts"
import type { Span } from "../../domain/Trajectory.ts"
import { defaultMarkers, findMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import { spansOfText } from "../../tasks/reading/TextSpans.ts"
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
  /** What demonstrations write for RESAMPLE; it must begin with one of the markers. */
  readonly resample?: string
  /** The most tokens of prompt and response together: the model's context, or less. */
  readonly positions: number
}

/** What demonstrations write for RESAMPLE where nothing else is asked for. */
export const RESAMPLE_TEXT = "\nWait, I made a mistake. Let me recompute.\n"

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

/** Makes the words of free text. Throws ConfigError for settings that make no sense. */
export const makeText = (config: TextConfig): Words => {
  const { endTokens, markers = defaultMarkers, positions, resample = RESAMPLE_TEXT, template = Result.succeed, tokenizer } = config
  assertConfig(config, markers, resample)
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

  const encodePrompt = (prompt: string): Result.Result<Tokens, TokenizerError> =>
    Result.flatMap(
      Result.flatMap(template(prompt), tokenizer.encode),
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

  const read: GrammarService["read"] = ({ promptLength, tokens }) =>
    Result.map(piecesOf(tokens), (pieces) => {
      const isStopped = tokens.length > promptLength && isEnd(tokens.at(-1))
      const whole: ReadonlyArray<Span> = tokens.length > promptLength ? [{ kind: "sample", start: promptLength, end: tokens.length }] : []
      // A text without a candidate, or one of which a token covers several pieces, is π_S's alone.
      const spans = Result.getOrElse(spansOfText(pieces, promptLength, markers, { isTruncated: !isStopped }), () => whole)
      const last = spans.at(-1)
      // It took its last answer back and put no other forward.
      const isTakenBack = spans.length > 1 && (last?.kind === "decision" ? last.action === "RESAMPLE" : last?.answer === undefined)
      return { spans, ending: !isStopped ? "truncated" : isTakenBack ? "cap" : "stop" }
    })

  const write: GrammarService["write"] = ({ prompt }, attempts) =>
    Result.gen(function* () {
      const head = yield* encodePrompt(prompt)
      const text = attempts.map(({ answer, decision }) => answer + (decision === "RESAMPLE" ? resample : "")).join("")
      const refuse = (problem: string) => Result.fail(new TokenizerError({ input: text, position: 0, problem }))
      if (attempts.some(({ verdict }) => verdict !== undefined)) return yield* refuse("free text has no token for a verdict")
      const isStopped = attempts.at(-1)?.decision === "STOP"
      const tokens = [...head, ...(yield* tokenizer.encode(text)), ...(isStopped ? [endTokens[0]!] : [])]
      const written = { tokens, promptLength: head.length }
      const reading = yield* read(written)
      const answers = reading.spans.filter((span) => span.kind === "sample" && span.answer !== undefined).length
      if (answers !== attempts.length) {
        return yield* refuse(
          `of ${attempts.length} attempts the reading of text finds ${answers}; announce each answer ("The answer is 42.") and begin what takes it back with a marker`
        )
      }
      return { ...written, ...reading }
    })

  return {
    tokenizer,
    grammar: {
      sets: [],
      prompt: ({ prompt }) => encodePrompt(prompt),
      open: (prompt) => follow(0, positions - prompt.length),
      read,
      write,
      render: ({ promptLength, tokens }) =>
        Result.map(piecesOf(tokens), (pieces) => ({
          prompt: pieces.slice(0, promptLength).join(""),
          response: pieces.slice(promptLength).join("")
        }))
    },
    placement: sequencePlacement({ context: "history", maxAttempts: 1, positions })
  }
}
