/**
 * Spans of a response whose tokens are texts: who wrote which tokens, read off the text as calibration reads it (TakeApart.ts).
 *
 * @module
 */
import { Result } from "effect"
import type { Decision } from "../../domain/Decision.ts"
import type { Span } from "../../domain/Trajectory.ts"
import { findMarkers, type Markers } from "./Markers.ts"
import { type ReadingOptions, takeApart } from "./TakeApart.ts"

/** A run of characters and who wrote it. */
type Piece =
  | { readonly kind: "sample"; readonly end: number; readonly answer?: string }
  | { readonly kind: "decision"; readonly end: number; readonly action: Decision }
  | { readonly kind: "nobody"; readonly end: number }

// The whole text in pieces, each from the end of the one before it.
const piecesOf = (text: string, markers: Markers, options: ReadingOptions): ReadonlyArray<Piece> => {
  const { attempts, isUnfinished } = takeApart(text, markers, options)
  const isTakenBack = isUnfinished && attempts.at(-1)?.decision !== undefined
  const decisionEnd = (k: number): number => attempts[k + 1]?.start ?? (isTakenBack ? findMarkers(text, markers).at(-1)!.end : text.length)
  const pieces = attempts.flatMap(({ candidate, decision, end }, k): ReadonlyArray<Piece> => [
    { kind: "sample", end, answer: candidate.answer },
    // What a text that was cut off would have decided is not in it. One that breaks off by itself goes on.
    decision === undefined && options.isTruncated === true
      ? { kind: "nobody", end: decisionEnd(k) }
      : { kind: "decision", end: decisionEnd(k), action: decision ?? "RESAMPLE" }
  ])
  // After the last RESAMPLE an answer that was not finished.
  return isTakenBack ? [...pieces, { kind: "sample", end: text.length }] : pieces
}

/**
 * Finds the spans of a response: an answer is the text up to and including its candidate, the decision what follows, up to and including the
 * markers before the next answer.
 *
 * `tokens` are texts that follow each other, the response's from `from` on; `options` are those of the reading. A token belongs to the piece that its first character is in.
 * A STOP without a token (the response ends with its number) has no span, nor what follows the last answer of a text that was cut off before it decided. Fails if the response has no candidate answer, or if a token covers all of an
 * answer or of a RESAMPLE.
 */
export const spansOfText = (
  tokens: ReadonlyArray<string>,
  from: number,
  markers: Markers,
  options: ReadingOptions = {}
): Result.Result<ReadonlyArray<Span>, string> => {
  const pieces = piecesOf(tokens.slice(from).join(""), markers, options)
  if (pieces.length === 0) return Result.fail("no candidate answer in the text of the tokens")
  const spans: Array<Span> = []
  let token = from
  let at = 0
  for (const [p, { end, ...piece }] of pieces.entries()) {
    const start = token
    const isLast = p === pieces.length - 1
    for (; token < tokens.length && at < end; token++) at += tokens[token]!.length
    // Tokens without a character, such as the end of the sequence, belong to the last piece, which alone may have none: a STOP or an unfinished answer.
    if (isLast) token = tokens.length
    if (piece.kind === "nobody") continue
    if (token > start) spans.push({ ...piece, start, end: token })
    else if (!isLast) {
      return Result.fail(
        `token ${start - 1} (${JSON.stringify(tokens[start - 1])}) covers all of ${piece.kind === "sample" ? "an answer" : "a decision"}`
      )
    }
  }
  return Result.succeed(spans)
}
