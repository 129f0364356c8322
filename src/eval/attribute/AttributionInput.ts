/**
 * Rows of rollouts with token log-probabilities, as attribution reads them, and what they become: flat columns and owners.
 *
 * @module
 */
import { Result, Schema } from "effect"
import { parseLoose } from "../../domain/LooseJson.ts"
import { oneLine } from "../../domain/OneLine.ts"
import { namesOf, NOT_OWNED, owners, PartitionError, type TokenPartition, TWO_STAGE } from "../../domain/Partition.ts"
import { caught } from "../../domain/Throws.ts"
import { Span } from "../../domain/Trajectory.ts"
import { makeTokenBatch, type TokenBatch } from "../../theory/TokenBatch.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { defaultMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import { spansOfText } from "../../tasks/reading/TextSpans.ts"
import { advantageOf } from "./rows/Advantages.ts"
import { columnProblem, numbersOf } from "./rows/LogProbs.ts"
import { textsOfTokens } from "./rows/Pieces.ts"
import type { RawRow } from "./rows/RawRow.ts"
import { rawRows } from "./rows/ServerRows.ts"

const Column = Schema.Array(Schema.NullOr(Schema.Finite))
const MaybeColumn = Schema.optionalKey(Schema.NullOr(Column))
const MaybeNumber = Schema.optionalKey(Schema.NullOr(Schema.Finite))

/**
 * The plain form of a row, for programs that write one: log-probabilities (nats) of every token under the policy, under the KL reference and
 * under the policy that sampled where they were kept, an advantage (one, or one a token where they are equal) or a score, and the spans that
 * say which sub-policy wrote which tokens, or the tokens as texts, from which the spans are found. Log-probabilities of tokens outside all
 * spans may be null. Our own `RolloutRow` fits. `readAttributionRows` also reads what servers answer.
 */
export const AttributionInput = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  uid: Schema.optionalKey(Schema.String),
  logprobs: Column,
  ref_logprobs: MaybeColumn,
  old_logprobs: MaybeColumn,
  advantage: Schema.optionalKey(Schema.NullOr(Schema.Union([Schema.Finite, Column]))),
  score: MaybeNumber,
  spans: Schema.optionalKey(Schema.NullOr(Schema.NonEmptyArray(Span))),
  /** Texts or pieces of the tokenizer, one a log-probability; ids are not read. */
  tokens: Schema.optionalKey(Schema.NullOr(Schema.Array(Schema.Union([Schema.String, Schema.Int]))))
})
export type AttributionInput = typeof AttributionInput.Type

/** One row ready for the theory: a token batch of one sequence, its advantage, and where that came from. */
export interface AttributionRow {
  readonly id: string
  /** The row as a batch of one sequence; owners are the two stages, by the spans' kinds. */
  readonly batch: TokenBatch
  /** The owner of each token in the partition that the row was read with. */
  readonly partOwner: Uint8Array
  readonly spans: ReadonlyArray<Span>
  readonly advantage: number | undefined
  readonly advantageFrom: "advantage" | "score" | undefined
}

// Spans in order, inside the tokens, without overlap: otherwise a token would have two owners.
const spanProblem = (spans: ReadonlyArray<Span>, tokens: number): string | undefined => {
  let end = 0
  for (const [i, span] of spans.entries()) {
    if (span.end <= span.start) return `spans[${i}] is empty (${span.start} to ${span.end})`
    if (span.start < end) return `spans[${i}] starts at ${span.start}, before the end of the span before it`
    if (span.end > tokens) return `spans[${i}] ends at ${span.end}, but there are ${tokens} log-probabilities`
    end = span.end
  }
  return undefined
}

const isTwoStage = (partition: TokenPartition): boolean => namesOf(partition).names.join() === TWO_STAGE.names.join()

const decodeSpans = Schema.decodeUnknownResult(Schema.NonEmptyArray(Span))

// The response begins behind what nobody chose: the leading tokens without a log-probability, or those that a mask leaves out.
const responseStart = ({ logProbs, mask }: RawRow): Result.Result<number, string> => {
  const isChosen = (token: number): boolean =>
    logProbs.values[token] !== null && (mask === undefined || mask.values[token] === 1 || mask.values[token] === true)
  const first = logProbs.values.findIndex((_, token) => isChosen(token))
  if (first < 0) return Result.succeed(0)
  if (mask === undefined) return Result.succeed(first)
  if (mask.values.length !== logProbs.values.length) {
    return Result.fail(`"${mask.field}" has ${mask.values.length} entries for ${logProbs.values.length} log-probabilities`)
  }
  const other = logProbs.values.findIndex((_, token) => token > first && !isChosen(token))
  return other < 0
    ? Result.succeed(first)
    : Result.fail(`${mask.name(other)} leaves a token out within the response (a tool's?); give "spans" that say which tokens are whose`)
}

// Nobody stopped where a response was cut off; what stands behind its last answer is nobody's.
const withoutStop = (spans: ReadonlyArray<Span>): ReadonlyArray<Span> => {
  const last = spans.at(-1)
  return last?.kind === "decision" && last.action === "STOP" ? spans.slice(0, -1) : spans
}

// Without spans, the tokens' texts say them.
const spansOf = (row: RawRow, markers: Markers): Result.Result<ReadonlyArray<Span>, string> => {
  const { logProbs, spans, tokens } = row
  const count = logProbs.values.length
  if (spans !== undefined) {
    return Result.flatMap(
      Result.mapError(decodeSpans(spans), ({ message }) => `"spans": ${message}`),
      (decoded) => {
        const problem = spanProblem(decoded, count)
        return problem === undefined ? Result.succeed(decoded) : Result.fail(problem)
      }
    )
  }
  if (tokens === undefined || !tokens.every((token) => typeof token === "string")) {
    const ids = tokens === undefined ? "no \"tokens\"" : "\"tokens\" that are ids"
    return Result.fail(
      `"${logProbs.field}" without "spans", and with ${ids}: add "tokens" as texts (one a log-probability), or "spans" that say which tokens are answers and decisions`
    )
  }
  if (tokens.length !== count) return Result.fail(`${tokens.length} tokens, but ${count} log-probabilities`)
  const found = Result.flatMap(
    responseStart(row),
    (start) => Result.flatMap(textsOfTokens(tokens), (texts) => spansOfText(texts, start, markers))
  )
  return row.isCutOff ? Result.map(found, withoutStop) : found
}

const built = (row: RawRow, place: string, markers: Markers, partition: TokenPartition): Result.Result<AttributionRow, string> => {
  const nested = row.logProbs.values.findIndex(Array.isArray)
  if (nested >= 0) {
    return Result.fail(`${row.logProbs.name(nested)} is a list: give one row for each sequence, with "tokens" as texts or "spans"`)
  }
  return Result.flatMap(spansOf(row, markers), (spans) => {
    const labelled = { tokens: row.logProbs.values.map(() => 0), spans }
    const owned = caught([PartitionError], () => ({ owner: owners(labelled), partOwner: owners(labelled, partition) }))
    if (Result.isFailure(owned)) return Result.fail(owned.failure.message)
    // With named parts there is something to tell apart even so.
    if (row.spans !== undefined && isTwoStage(partition) && spans.every(({ kind }) => kind === "sample")) {
      return Result.fail("\"spans\" have no decision: nothing in the row is π_D's")
    }
    const stopped = spans.findIndex((span) => span.kind === "decision" && span.action === "STOP")
    if (isTwoStage(partition) && stopped >= 0 && stopped < spans.length - 1) {
      return Result.fail(`spans[${stopped}] says STOP, but more follow: a decision that another answer follows is RESAMPLE`)
    }
    const { owner, partOwner } = owned.success
    const columns = [row.logProbs, row.reference, row.old].filter((column) => column !== undefined)
    const problem = columns.map((column) => columnProblem(column, owner)).find((each) => each !== undefined)
    if (problem !== undefined) return Result.fail(problem)
    return Result.flatMap(advantageOf(row, (token) => owner[token] !== NOT_OWNED, owner.length), ({ advantage, advantageFrom }) => {
      const batch = caught([TheoryError], () =>
        makeTokenBatch({
          offsets: Int32Array.of(0, owner.length),
          owner,
          logProbs: numbersOf(row.logProbs, owner),
          ...(row.reference === undefined ? {} : { referenceLogProbs: numbersOf(row.reference, owner) }),
          ...(row.old === undefined ? {} : { oldLogProbs: numbersOf(row.old, owner) }),
          ...(advantage === undefined ? {} : { advantages: new Float64Array(owner.length).fill(advantage) })
        }, TWO_STAGE))
      return Result.mapBoth(batch, {
        onFailure: ({ message }) => message,
        onSuccess: (made): AttributionRow => ({ id: row.id ?? place, batch: made, partOwner, spans, advantage, advantageFrom })
      })
    })
  })
}

/** Reads a value that JSON made; a list is the rows in it. See {@link readAttributionRows}. */
export const attributionRowsOf = (
  value: unknown,
  place: string,
  markers: Markers = defaultMarkers,
  partition: TokenPartition = TWO_STAGE
): ReadonlyArray<Result.Result<AttributionRow, string>> => {
  if (Array.isArray(value)) {
    return value.flatMap((element: unknown, i) => {
      const at = `${place}[${i}]`
      return Array.isArray(element)
        ? [Result.fail(`element ${i} is a list, expected a JSON object`)]
        : attributionRowsOf(element, at, markers, partition).map((row) => Result.mapError(row, (reason) => `element ${i}: ${reason}`))
    })
  }
  const reading = rawRows(value)
  if ("problem" in reading) return [Result.fail(oneLine(reading.problem))]
  return reading.rows.map((row, i) =>
    "problem" in row
      ? Result.fail(oneLine(row.problem))
      : Result.mapError(built(row, reading.rows.length === 1 ? place : `${place}#${i}`, markers, partition), (reason) => oneLine(reason))
  )
}

/**
 * Reads one line: a row, a list of rows, or a server's answer, of which every choice is a row. `markers` are what a decision to RESAMPLE begins
 * with in a text, `partition` says whose tokens are whose, by the `part` of each span. What cannot be read says what is wrong and where in the
 * row. NaN and Infinity may stand bare in the line, as Python writes them.
 */
export const readAttributionRows = (
  line: string,
  place: string,
  markers: Markers = defaultMarkers,
  partition: TokenPartition = TWO_STAGE
): ReadonlyArray<Result.Result<AttributionRow, string>> => {
  const value = caught([SyntaxError, RangeError], () => parseLoose(line))
  return Result.isFailure(value)
    ? [Result.fail(`not JSON: ${oneLine(value.failure.message)}`)]
    : attributionRowsOf(value.success, place, markers, partition)
}

/** Reads a line that is one row. Fails with what is wrong and where in the row, and where the line has several rows. */
export const readAttributionRow = (
  line: string,
  place: string,
  markers: Markers = defaultMarkers,
  partition: TokenPartition = TWO_STAGE
): Result.Result<AttributionRow, string> => {
  const rows = readAttributionRows(line, place, markers, partition)
  const [row] = rows
  return row !== undefined && rows.length === 1 ? row : Result.fail(`${rows.length} rows in one line; readAttributionRows reads them all`)
}
