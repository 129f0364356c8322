/**
 * The form that all small grammars share: a prompt, then for every attempt `= answer decision`.
 *
 *     1 2 3 * 4   =  4 8 2 1  RESAMPLE   =  4 8 2 1  STOP
 *
 * The `=` is forced, the answer is the sampling policy's, the decision is the decision policy's. A grammar of one's own says what a
 * prompt and an answer are (an {@link AttemptLanguage}); cursor, reading, writing and words follow from that.
 *
 * @module
 */
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Cursor, GrammarService, Next, Reading, WrittenAttempt } from "../../domain/Grammar.ts"
import type { TokenizerService, Tokens } from "../../domain/Tokenizer.ts"
import type { Ending, Span } from "../../domain/Trajectory.ts"
import { formatResponse } from "../../tasks/reading/RevisionMarkers.ts"

/** A place in an answer that is being written; `Done` when it is complete. */
export interface AnswerCursor {
  readonly next: Extract<Next, { readonly _tag: "Among" | "Forced" }> | { readonly _tag: "Done" }
  readonly advance: (token: number) => AnswerCursor
}

/** The tokens every attempt has beside its answer. */
export interface AttemptTokens {
  readonly equals: number
  readonly stop: number
  readonly resample: number
  /** Verdicts: used only to pretrain a latent verifier, never written by a sampler. */
  readonly ok: number
  readonly bad: number
}

/** What is special to a language of prompts and answers. */
export interface AttemptLanguage {
  /** The text of every token. */
  readonly vocabulary: ReadonlyArray<string>
  readonly tokens: AttemptTokens
  /** The sets that answers are chosen from; those of decisions and verdicts come after them. */
  readonly answerSets: ReadonlyArray<Tokens>
  /** The cap on attempts; RESAMPLE in the last one ends the trajectory without an answer. */
  readonly maxAttempts: number
  /** Token ids of a prompt's text. */
  readonly promptTokens: (text: string) => Result.Result<Tokens, TokenizerError>
  /** The text of a prompt's tokens. */
  readonly promptText: (prompt: Tokens) => Result.Result<string, TokenizerError>
  /** Opens an answer to a prompt. */
  readonly openAnswer: (prompt: Tokens) => AnswerCursor
  /** The text of a complete answer, in the task's normal form. */
  readonly answerText: (answer: Tokens) => string
  /** The text of an answer that was cut off. */
  readonly partialText: (answer: Tokens) => string
  /** The tokens of an answer's text. */
  readonly answerTokens: (text: string, prompt: Tokens) => Result.Result<Tokens, TokenizerError>
}

/** Throws ConfigError for a cap on attempts that is none. */
export const assertAttempts = (maxAttempts: number): void => {
  if (Number.isInteger(maxAttempts) && maxAttempts >= 1) return
  throw new ConfigError({ field: "grammar.maxAttempts", value: String(maxAttempts), expected: "a whole number of at least 1" })
}

const ended = (ending: Ending, attempt: number, place: number): Cursor => ({
  next: { _tag: "Ended", ending },
  attempt,
  place,
  advance: () => ended(ending, attempt, place)
})

/** The codec of a list of words: one token a symbol. A text is read by its longest symbols first; spaces between symbols are skipped. */
export const symbolTokenizer = (vocabulary: ReadonlyArray<string>): TokenizerService => {
  const longest = vocabulary.map((word, id) => ({ word, id })).sort((a, b) => b.word.length - a.word.length || a.id - b.id)
  return {
    vocabulary: vocabulary.length,
    encode: (text) => {
      const tokens: Array<number> = []
      for (let at = 0; at < text.length;) {
        if (text[at] === " ") {
          at++
          continue
        }
        const found = longest.find(({ word }) => text.startsWith(word, at))
        if (found === undefined) {
          return Result.fail(new TokenizerError({ input: text, position: at, problem: `no token begins with ${JSON.stringify(text[at])}` }))
        }
        tokens.push(found.id)
        at += found.word.length
      }
      return Result.succeed(tokens)
    },
    pieces: (tokens) => {
      const foreign = tokens.findIndex((token) => vocabulary[token] === undefined)
      if (foreign >= 0) return Result.fail(unknownToken(tokens, foreign, vocabulary.length))
      return Result.succeed(tokens.map((token) => vocabulary[token]!))
    }
  }
}

const unknownToken = (tokens: Tokens, at: number, size: number): TokenizerError =>
  new TokenizerError({ input: tokens.join(" "), position: at, problem: `no token ${tokens[at]}; ids run from 0 to ${size - 1}` })

/** Builds the grammar of a language of attempts. */
export const attemptGrammar = (language: AttemptLanguage): GrammarService => {
  const { answerSets, maxAttempts, tokens: ids, vocabulary } = language
  const decision: Next = { _tag: "Among", set: answerSets.length, also: answerSets.length + 1 }
  const marks = new Set([ids.stop, ids.resample, ids.ok, ids.bad])
  const opening: Next = { _tag: "Forced", token: ids.equals }

  const atOpening = (prompt: Tokens, attempt: number): Cursor => ({
    next: opening,
    attempt,
    place: 0,
    advance: () => inAnswer(prompt, attempt, 1, language.openAnswer(prompt))
  })

  const inAnswer = (prompt: Tokens, attempt: number, place: number, answer: AnswerCursor): Cursor =>
    answer.next._tag === "Done"
      ? atDecision(prompt, attempt, place)
      : { next: answer.next, attempt, place, advance: (token) => inAnswer(prompt, attempt, place + 1, answer.advance(token)) }

  const atDecision = (prompt: Tokens, attempt: number, place: number): Cursor => ({
    next: decision,
    attempt,
    place,
    advance: (token) => {
      // A verdict decides nothing: the next answer follows, however many there were.
      if (token === ids.ok || token === ids.bad) return atOpening(prompt, attempt + 1)
      if (token === ids.stop) return ended("stop", attempt, place + 1)
      return attempt + 1 === maxAttempts ? ended("cap", attempt, place + 1) : atOpening(prompt, attempt + 1)
    }
  })

  const open = (prompt: Tokens): Cursor => atOpening(prompt, 0)

  const read: GrammarService["read"] = ({ promptLength, tokens }) => {
    const foreign = tokens.findIndex((token) => vocabulary[token] === undefined)
    if (foreign >= 0) return Result.fail(unknownToken(tokens, foreign, vocabulary.length))
    const spans: Array<Span> = []
    let cursor = open(tokens.slice(0, promptLength))
    let start = -1
    let ending: Ending = "truncated"
    for (let t = promptLength; t < tokens.length; t++) {
      const { next } = cursor
      if (next._tag === "Ended") {
        return Result.fail(new TokenizerError({ input: tokens.join(" "), position: t, problem: `token ${tokens[t]} after the end` }))
      }
      ending = "truncated"
      if (next === opening) start = t + 1
      if (next === decision) {
        if (!marks.has(tokens[t]!)) {
          return Result.fail(
            new TokenizerError({ input: tokens.join(" "), position: t, problem: `${tokens[t]} where a decision stands` })
          )
        }
        const answer = tokens.slice(start, t)
        spans.push({ kind: "sample", start, end: t, answer: language.answerText(answer) })
        const accepts = tokens[t] === ids.stop || tokens[t] === ids.ok
        spans.push({ kind: "decision", start: t, end: t + 1, action: accepts ? "STOP" : "RESAMPLE" })
        start = -1
        ending = accepts ? "stop" : "truncated"
      }
      cursor = cursor.advance(tokens[t]!)
    }
    if (cursor.next._tag === "Ended") ending = cursor.next.ending
    if (start >= 0 && start < tokens.length) {
      const isComplete = cursor.next === decision
      const span = { kind: "sample", start, end: tokens.length } as const
      spans.push(isComplete ? { ...span, answer: language.answerText(tokens.slice(start)) } : span)
    }
    return Result.succeed({ spans, ending })
  }

  const markOf = ({ decision: action, verdict }: WrittenAttempt): Tokens => {
    if (verdict !== undefined) return [verdict ? ids.ok : ids.bad]
    return action === undefined ? [] : [action === "STOP" ? ids.stop : ids.resample]
  }

  const attemptTokens = (prompt: Tokens, attempt: WrittenAttempt): Result.Result<Tokens, TokenizerError> =>
    Result.map(language.answerTokens(attempt.answer, prompt), (answer) => [ids.equals, ...answer, ...markOf(attempt)])

  const write: GrammarService["write"] = (query, attempts) =>
    Result.gen(function* () {
      const prompt = yield* language.promptTokens(query.prompt)
      const tokens = [...prompt]
      for (const attempt of attempts) tokens.push(...(yield* attemptTokens(prompt, attempt)))
      const reading: Reading = yield* read({ tokens, promptLength: prompt.length })
      return { tokens, promptLength: prompt.length, ...reading }
    })

  const render: GrammarService["render"] = ({ promptLength, tokens }) =>
    Result.gen(function* () {
      const { spans } = yield* read({ tokens, promptLength })
      const prompt = yield* language.promptText(tokens.slice(0, promptLength))
      const lines = spans.flatMap((span, i) => {
        if (span.kind === "decision") return []
        if (span.answer === undefined) return [`The answer is ...${language.partialText(tokens.slice(span.start, span.end))}`]
        const next = spans[i + 1]
        const text = formatResponse([{ answer: span.answer, decision: next?.kind === "decision" ? next.action : undefined }])
        // Without a decision the sentence is not closed yet.
        return [next === undefined ? text.slice(0, -1) : text]
      })
      return { prompt, response: lines.join("\n") }
    })

  return {
    sets: [...answerSets, [ids.stop, ids.resample], [ids.ok, ids.bad]],
    prompt: ({ prompt }) => language.promptTokens(prompt),
    open,
    read,
    write,
    render
  }
}
