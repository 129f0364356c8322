/**
 * One response with its parts marked: candidates, revision markers, outcome.
 *
 * @module
 */
import { Effect, Option, Stream } from "effect"
import type { ConfigError, FileError } from "../../domain/Errors.ts"
import { gradeTranscript, type TranscriptRow } from "../../eval/transcripts/Grade.ts"
import { visible } from "../../domain/Visible.ts"
import type { Format } from "../../eval/transcripts/Formats.ts"
import type { Markers } from "../../tasks/reading/Markers.ts"
import { takeApart } from "../../tasks/reading/TakeApart.ts"
import { readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"

/** Finds a transcript by its id or its line number in the files. */
export const findTranscript = (
  files: ReadonlyArray<string>,
  id: string,
  format: Format | undefined
): Effect.Effect<TranscriptRow | undefined, FileError | ConfigError> =>
  Stream.fromIterable(files).pipe(
    Stream.flatMap((file) => readTranscripts(file, format === undefined ? {} : { format })),
    Stream.filter((found) => found._tag === "Row"),
    Stream.filter(({ line, row }) => row.id === id || String(line) === id),
    Stream.runHead,
    Effect.map((found) => Option.getOrUndefined(found)?.row)
  )

/** How a part is shown: colours on a terminal, brackets elsewhere. */
export interface Paint {
  readonly right: (text: string) => string
  readonly wrong: (text: string) => string
  readonly marker: (text: string) => string
}

const colour = (code: number) => (text: string): string => `\u001b[${code}m${text}\u001b[0m`

/** Green, red and yellow. */
export const coloured: Paint = { right: colour(32), wrong: colour(31), marker: colour(33) }

/** Brackets with words. */
export const bracketed: Paint = {
  right: (text) => `[right: ${text}]`,
  wrong: (text) => `[wrong: ${text}]`,
  marker: (text) => `[marker: ${text}]`
}

/** Colours on a terminal, unless the environment asks for none (NO_COLOR, https://no-color.org); brackets elsewhere. */
export const paintFor = (out: { readonly isTTY?: boolean }, environment: Readonly<Record<string, string | undefined>>): Paint =>
  out.isTTY === true && (environment["NO_COLOR"] ?? "") === "" ? coloured : bracketed

/** Writes a response with its candidates and markers painted, and how it was graded. */
export const explain = (row: TranscriptRow, markers: Markers, paint: Paint): string => {
  const { attempts } = takeApart(row.response, markers)
  const graded = gradeTranscript(row, markers)
  const spans = attempts.flatMap(({ candidate, marker }, k) => [
    { ...candidate, paint: graded.attempts[k]!.correct ? paint.right : paint.wrong },
    ...(marker === undefined ? [] : [{ ...marker, paint: paint.marker }])
  ])
  let text = ""
  let at = 0
  for (const span of spans) {
    text += visible(row.response.slice(at, span.start)) + span.paint(visible(row.response.slice(span.start, span.end)))
    at = span.end
  }
  text += visible(row.response.slice(at))
  return [
    visible(row.prompt),
    "",
    text,
    "",
    ...graded.attempts.map(({ answer, correct, decision }, k) => `attempt ${k + 1}: ${answer} ${correct ? "right" : "wrong"}, ${decision}`),
    `outcome: ${graded.outcome}${graded.hitCap === true ? " (RESAMPLE in the last allowed attempt)" : ""}, level ${graded.level}`
  ].join("\n")
}
