/**
 * One response with its parts marked: candidates, revision markers, outcome.
 *
 * @module
 */
import { Effect, Option, Stream } from "effect"
import type { ConfigError, FileError } from "../../domain/Errors.ts"
import type { Decision } from "../../domain/Decision.ts"
import type { Outcome } from "../../domain/Query.ts"
import { readTranscript, type TranscriptRow } from "../../eval/transcripts/Grade.ts"
import type { Reader } from "../../eval/transcripts/Reader.ts"
import { visible } from "../../domain/Visible.ts"
import { styled } from "../Style.ts"
import type { ReadingOptions } from "../../eval/transcripts/files/FileFormat.ts"
import { type FoundRow, readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"

/**
 * Finds a transcript by its line number in the files, else by its id. A number is a line where there is such a line, whatever the ids are.
 */
export const findTranscript = (
  files: ReadonlyArray<string>,
  id: string,
  options: ReadingOptions
): Effect.Effect<TranscriptRow | undefined, FileError | ConfigError> => {
  const rows = Stream.fromIterable(files).pipe(
    Stream.flatMap((file) => readTranscripts(file, options)),
    Stream.filter((found) => found._tag === "Row")
  )
  const first = (isIt: (found: FoundRow) => boolean) =>
    rows.pipe(Stream.filter(isIt), Stream.runHead, Effect.map((found) => Option.getOrUndefined(found)?.row))
  const byId = first(({ row }) => row.id === id)
  return /^\d+$/.test(id)
    ? Effect.flatMap(first(({ line }) => String(line) === id), (row) => (row === undefined ? byId : Effect.succeed(row)))
    : byId
}

/** How a part is shown: colours on a terminal, brackets elsewhere. */
export interface Paint {
  readonly right: (text: string) => string
  readonly wrong: (text: string) => string
  readonly marker: (text: string) => string
  /** A candidate that nothing says right or wrong of. */
  readonly candidate: (text: string) => string
}

const colour = (code: number) => (text: string): string => styled(code, text)

/** Green, red and yellow. */
export const coloured: Paint = { right: colour(32), wrong: colour(31), marker: colour(33), candidate: colour(36) }

/** Brackets with words. */
export const bracketed: Paint = {
  right: (text) => `[right: ${text}]`,
  wrong: (text) => `[wrong: ${text}]`,
  marker: (text) => `[marker: ${text}]`,
  candidate: (text) => `[candidate: ${text}]`
}

/** Colours on a terminal, unless the environment asks for none (NO_COLOR, https://no-color.org); brackets elsewhere. */
export const paintFor = (out: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): Paint =>
  out.isTTY === true && (environment["NO_COLOR"] ?? "") === "" ? coloured : bracketed

// What is shown of a text, from place to place.
interface Part {
  readonly start: number
  readonly end: number
  readonly paint: (text: string) => string
}

const painted = (text: string, parts: ReadonlyArray<Part>): string => {
  let written = ""
  let at = 0
  for (const { end, paint, start } of parts.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue
    written += visible(text.slice(at, start)) + paint(visible(text.slice(start, end)))
    at = end
  }
  return written + visible(text.slice(at))
}

const decisionOf = (decision: Decision | undefined): string => decision ?? "cut off before the decision"

/** Writes a response with its candidates and markers painted, and how it was read and graded. */
export const explain = (row: TranscriptRow, reader: Reader, paint: Paint): string => {
  const { counts, reason, rollout, taken } = readTranscript(row, reader)
  const parts = (taken?.attempts ?? []).flatMap(({ candidate, marker }, k): ReadonlyArray<Part> => [
    { ...candidate, paint: rollout.outcome === "GoldInvalid" ? paint.candidate : rollout.attempts[k]!.correct ? paint.right : paint.wrong },
    ...(marker === undefined ? [] : [{ ...marker, paint: paint.marker }])
  ])
  const how = (k: number): string => taken?.attempts[k]?.candidate.how ?? "given"
  return [
    visible(row.prompt),
    "",
    painted(row.response, parts),
    "",
    ...rollout.attempts.map(({ answer, correct, decision }, k) =>
      `attempt ${k + 1}: ${visible(answer)} ${rollout.outcome === "GoldInvalid" ? "ungraded" : correct ? "right" : "wrong"} (${how(k)}), ${
        decisionOf(decision)
      }`
    ),
    ...(counts.checks === 0 ? [] : [`checks after which the answer stood: ${counts.checks}`]),
    `outcome: ${rollout.outcome}${rollout.hitCap === true ? " (RESAMPLE in the last allowed attempt)" : ""}: ${visible(reason())}`,
    `answers: ${counts.kind}, level ${visible(rollout.level)}`
  ].join("\n")
}

/** A response as it was read and graded, as data. The keys are stable. */
export interface Explanation {
  readonly id: string
  readonly outcome: Outcome
  /** Why the outcome is what it is. */
  readonly reason: string
  /** The kind of answers that it was graded by. */
  readonly kind: string
  readonly level: string
  /** Markers after which the same answer stood. */
  readonly checks: number
  /** `start` and `end` are the candidate's place in the response as it was read; null for attempts that the row brought ready made. `decision` is null where the response was cut off before it. */
  readonly attempts: ReadonlyArray<{
    readonly answer: string
    readonly correct: boolean
    readonly decision: Decision | null
    readonly start: number | null
    readonly end: number | null
    readonly announced: string | null
  }>
}

/** Reads and grades one response and says how. */
export const explanationOf = (row: TranscriptRow, reader: Reader): Explanation => {
  const { counts, reason, rollout, taken } = readTranscript(row, reader)
  return {
    id: rollout.id,
    outcome: rollout.outcome,
    reason: reason(),
    kind: counts.kind,
    level: rollout.level,
    checks: counts.checks,
    attempts: rollout.attempts.map(({ answer, correct, decision }, k) => {
      const candidate = taken?.attempts[k]?.candidate
      return {
        answer,
        correct,
        decision: decision ?? null,
        start: candidate?.start ?? null,
        end: candidate?.end ?? null,
        announced: candidate?.how ?? null
      }
    })
  }
}
