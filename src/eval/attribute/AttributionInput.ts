/**
 * Rows of rollouts with token log-probabilities, as attribution reads them, and what they become: flat columns and owners.
 *
 * @module
 */
import { Result, Schema } from "effect"
import { owners, PartitionError, type TokenPartition, TWO_STAGE } from "../../domain/Partition.ts"
import { caught } from "../../domain/Throws.ts"
import { Span } from "../../domain/Trajectory.ts"
import { makeTokenBatch, type TokenBatch } from "../../theory/TokenBatch.ts"
import { TheoryError } from "../../theory/TheoryError.ts"
import { defaultMarkers, type Markers } from "../../tasks/reading/Markers.ts"
import { spansOfText } from "../../tasks/reading/TextSpans.ts"

const Column = Schema.Array(Schema.NullOr(Schema.Finite))
const MaybeColumn = Schema.optionalKey(Schema.NullOr(Column))
const MaybeNumber = Schema.optionalKey(Schema.NullOr(Schema.Finite))

/**
 * A rollout of any library: log-probabilities (nats) of every token under the policy, under the KL reference and under the policy that
 * sampled where they were kept, an advantage or a score, and the spans that say which sub-policy wrote which tokens, or the tokens as texts, from which
 * the spans are found. Log-probabilities of tokens outside all spans may be null. Our own `RolloutRow` fits.
 */
export const AttributionInput = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  uid: Schema.optionalKey(Schema.String),
  logprobs: Column,
  ref_logprobs: MaybeColumn,
  old_logprobs: MaybeColumn,
  advantage: MaybeNumber,
  score: MaybeNumber,
  spans: Schema.optionalKey(Schema.NullOr(Schema.NonEmptyArray(Span))),
  /** Texts, one a log-probability; ids are not read. */
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

const column = (values: ReadonlyArray<number | null>): Float64Array => Float64Array.from(values, (value) => value ?? NaN)

// Without spans, the tokens' texts say them; those at the beginning that nobody chose are the prompt.
const spansOf = ({ logprobs, spans, tokens }: AttributionInput, markers: Markers): Result.Result<ReadonlyArray<Span>, string> => {
  if (spans != null) {
    const problem = spanProblem(spans, logprobs.length)
    return problem === undefined ? Result.succeed(spans) : Result.fail(problem)
  }
  if (tokens == null || !tokens.every((token) => typeof token === "string")) {
    return Result.fail(`no "spans", and no "tokens" as texts to find them in`)
  }
  if (tokens.length !== logprobs.length) return Result.fail(`${tokens.length} tokens, but ${logprobs.length} log-probabilities`)
  const first = logprobs.findIndex((value) => value !== null)
  return spansOfText(tokens, first < 0 ? 0 : first, markers)
}

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(AttributionInput))

/**
 * Reads one line; `markers` are what a decision to RESAMPLE begins with in a text, `partition` says whose tokens are whose, by the `part` of
 * each span. Fails with what is wrong and where in the row.
 */
export const readAttributionRow = (
  line: string,
  place: string,
  markers: Markers = defaultMarkers,
  partition: TokenPartition = TWO_STAGE
): Result.Result<AttributionRow, string> => {
  const decoded = decode(line)
  if (Result.isFailure(decoded)) return Result.fail(decoded.failure.message)
  const row = decoded.success
  const found = spansOf(row, markers)
  if (Result.isFailure(found)) return Result.fail(found.failure)
  const spans = found.success
  const advantage = row.advantage ?? row.score ?? undefined
  const built = caught([TheoryError, PartitionError], () => {
    const labelled = { tokens: row.logprobs.map(() => 0), spans }
    const batch = makeTokenBatch({
      offsets: Int32Array.of(0, row.logprobs.length),
      owner: owners(labelled),
      logProbs: column(row.logprobs),
      ...(row.ref_logprobs == null ? {} : { referenceLogProbs: column(row.ref_logprobs) }),
      ...(row.old_logprobs == null ? {} : { oldLogProbs: column(row.old_logprobs) }),
      ...(advantage === undefined ? {} : { advantages: new Float64Array(row.logprobs.length).fill(advantage) })
    }, TWO_STAGE)
    return { batch, partOwner: owners(labelled, partition) }
  })
  return Result.mapBoth(built, {
    onFailure: ({ message }) => message,
    onSuccess: ({ batch, partOwner }) => ({
      id: row.id ?? row.uid ?? place,
      batch,
      partOwner,
      spans,
      advantage,
      advantageFrom: advantage === undefined ? undefined : row.advantage == null ? "score" : "advantage"
    })
  })
}
