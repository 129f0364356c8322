/**
 * Rollouts of a file as trajectories of a language model: rows that bring token ids and spans as they are, transcripts of any known format by the
 * model's own words.
 *
 * @module
 */
import { Effect, Result, Schema, Stream } from "effect"
import type { GrammarService } from "../../domain/Grammar.ts"
import { parseLoose } from "../../domain/LooseJson.ts"
import { type ConfigError, FileError } from "../../domain/Errors.ts"
import { failingStream } from "../../domain/Throws.ts"
import type { TokenizerService, Tokens } from "../../domain/Tokenizer.ts"
import { Span } from "../../domain/Trajectory.ts"
import type { ScoredTokens } from "../../domain/Policy.ts"
import { forLines } from "../../eval/transcripts/BlockLines.ts"
import { readTranscript } from "../../eval/transcripts/Grade.ts"
import { BLOCK_BYTES, readBlocks, STANDARD_INPUT } from "../../eval/transcripts/files/Blocks.ts"
import { readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"
import type { BadRow } from "../../eval/transcripts/ReadBlock.ts"

/** A rollout of the model: its tokens, whose they are, and what it earned. */
export interface ModelRow extends ScoredTokens {
  readonly line: number
  readonly spans: ReadonlyArray<Span>
  /** The line's own fields. */
  readonly fields: Readonly<Record<string, unknown>>
  /** The row's own score, else 1 where the final answer is right and 0 where it is not; absent where neither can be told. */
  readonly score?: number
}

/** What a file holds. */
export interface ModelRows {
  readonly rows: ReadonlyArray<ModelRow>
  readonly badRows: ReadonlyArray<BadRow>
}

/** The error of a file none of whose rows can be used. */
export const noRow = (file: string, [first]: ReadonlyArray<BadRow>): FileError =>
  new FileError({
    file,
    problem: first === undefined ? "no rows" : `no row could be read; line ${first.line}: ${first.reason}`,
    advice: "A row needs prompt and response, or tokens as ids with promptLength and spans; see the guide on language models"
  })

interface Words {
  readonly grammar: GrammarService
  readonly tokenizer: TokenizerService
  readonly positions: number
  /** The tokens that end a sequence, the one that is written first. */
  readonly ends: Tokens
}

/** A row of token ids: taken as it is. */
const IdRow = Schema.Struct({
  tokens: Schema.NonEmptyArray(Schema.Int),
  promptLength: Schema.Int,
  spans: Schema.NonEmptyArray(Span),
  offset: Schema.optionalKey(Schema.Int),
  score: Schema.optionalKey(Schema.NullOr(Schema.Finite))
})

const decodeIds = Schema.decodeUnknownResult(IdRow)

const hasIds = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null || !("tokens" in value) || !("promptLength" in value)) return false
  return Array.isArray(value.tokens) && !value.tokens.some((token) => typeof token === "string")
}

/** What of a rollout the model cannot have written: more tokens than it reads, or any after one that ends a sequence. */
const tokenProblem = (tokens: Tokens, promptLength: number, { ends, positions }: Words): string | undefined => {
  if (tokens.length > positions) return `${tokens.length} tokens, and the model reads ${positions} at once (--positions)`
  const end = tokens.findIndex((token, t) => t >= promptLength && ends.includes(token))
  return end < 0 || end === tokens.length - 1
    ? undefined
    : `token ${end - promptLength} of the response is ${tokens[end]}, which ends a sequence, and ${tokens.length - 1 - end} more follow`
}

const idProblem = ({ promptLength, spans, tokens }: typeof IdRow.Type, words: Words): string | undefined => {
  const { vocabulary } = words.tokenizer
  const wrong = tokens.findIndex((token) => !(token >= 0 && token < vocabulary))
  if (wrong >= 0) return `tokens[${wrong}] is ${tokens[wrong]}, and the model has ${vocabulary} tokens`
  if (!(promptLength >= 1 && promptLength <= tokens.length)) return `promptLength is ${promptLength} of ${tokens.length} tokens`
  const problem = tokenProblem(tokens, promptLength, words)
  if (problem !== undefined) return problem
  let end = promptLength
  for (const [i, span] of spans.entries()) {
    if (!(span.start >= end && span.end > span.start && span.end <= tokens.length)) {
      return `spans[${i}] goes from ${span.start} to ${span.end}: spans lie in order within the response, tokens ${promptLength} to ${tokens.length}`
    }
    end = span.end
  }
  return undefined
}

/** A line with token ids, or the fields of one that is left to the formats of transcripts. */
type IdLine = readonly [line: number, row: Result.Result<ModelRow, string> | { readonly other: ModelRow["fields"] }]

const idRows = (file: string, words: Words): Stream.Stream<IdLine, FileError> => {
  async function* lines() {
    let before = 0
    for await (const { bytes } of readBlocks(file, 0, BLOCK_BYTES)) {
      const found: Array<IdLine> = []
      const from = before
      before += forLines(bytes, (text, number) => {
        const line = from + number
        let value: unknown
        try {
          value = parseLoose(text)
        } catch {
          value = undefined
        }
        if (!hasIds(value)) {
          found.push([line, { other: fieldsOf(value) }])
          return
        }
        const decoded = Result.flatMap(Result.mapError(decodeIds(value), ({ message }) => message.replaceAll(/\s+/g, " ")), (row) => {
          const problem = idProblem(row, words)
          return problem === undefined ? Result.succeed(row) : Result.fail(problem)
        })
        found.push([
          line,
          Result.map(decoded, ({ offset = 0, promptLength, score, spans, tokens }) => ({
            line,
            tokens,
            promptLength,
            offset,
            spans,
            fields: fieldsOf(value),
            ...(typeof score === "number" ? { score } : {})
          }))
        ])
      })
      yield found
    }
  }
  return Stream.flattenIterable(failingStream([FileError], lines))
}

const fieldsOf = (value: unknown): ModelRow["fields"] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as ModelRow["fields"]) : {}

const scoreOf = (outcome: string): number | undefined => outcome === "Correct" ? 1 : outcome === "GoldInvalid" ? undefined : 0

/**
 * Reads a file. A transcript becomes the prompt as the model's template has it, the response's tokens, and the token that ends a sequence unless it
 * was cut off; its spans are those of the reading of text. Fails for a file that cannot be read; a row that cannot be used is listed.
 */
export const readModelRows = Effect.fn("ModelRows.read")(function* (
  file: string,
  words: Words
): Effect.fn.Return<ModelRows, FileError | ConfigError> {
  if (file === STANDARD_INPUT) {
    return yield* new FileError({ file, problem: "standard input cannot be read twice", advice: "Write it to a file first" })
  }
  const { ends, grammar, tokenizer } = words
  const rows: Array<ModelRow> = []
  const badRows: Array<BadRow> = []
  const taken = new Set<number>()
  const others = new Map<number, ModelRow["fields"]>()
  yield* Stream.runForEach(idRows(file, words), ([line, row]) =>
    Effect.sync(() => {
      if ("other" in row) {
        others.set(line, row.other)
        return
      }
      taken.add(line)
      if (Result.isSuccess(row)) rows.push(row.success)
      else badRows.push({ file, line, reason: row.failure })
    }))
  if (taken.size > 0 && others.size === 0) return { rows, badRows }
  const transcripts = Stream.runForEach(readTranscripts(file), (found) =>
    Effect.sync(() => {
      if (taken.has(found.line)) return
      if (found._tag !== "Row") {
        if (found._tag === "BadRow") badRows.push(found)
        return
      }
      const { line, row } = found
      const built = Result.gen(function* () {
        const prompt = yield* grammar.prompt(row)
        const response = yield* tokenizer.encode(row.response)
        const isEnded = row.truncated === true || ends.includes(response.at(-1) ?? -1)
        const tokens = [...prompt, ...response, ...(isEnded ? [] : ends.slice(0, 1))]
        const { spans } = yield* grammar.read({ tokens, promptLength: prompt.length })
        return { tokens, promptLength: prompt.length, spans }
      })
      if (Result.isFailure(built)) {
        badRows.push({ file, line, reason: built.failure.message })
        return
      }
      const { promptLength, spans, tokens } = built.success
      const problem = tokenProblem(tokens, promptLength, words)
      if (problem !== undefined) {
        badRows.push({ file, line, reason: problem })
        return
      }
      const score = row.score ?? scoreOf(readTranscript(row).rollout.outcome)
      rows.push({ line, tokens, promptLength, offset: 0, spans, fields: others.get(line) ?? {}, ...(score === undefined ? {} : { score }) })
    }))
  // Where there are rows of ids, one line of another kind does not make the file unknown.
  yield* Effect.catchTag(transcripts, "ConfigError", (error) => {
    if (taken.size === 0) return Effect.fail(error)
    for (const line of others.keys()) badRows.push({ file, line, reason: "neither a row of token ids nor a transcript of a known format" })
    return Effect.void
  })
  return { rows: rows.toSorted((a, b) => a.line - b.line), badRows: badRows.toSorted((a, b) => a.line - b.line) }
})
