/**
 * Reads what engines answered to a batch into the rollouts file that `eval` writes: joined by `custom_id`, never by order; nothing twice; what has no
 * answer becomes the next files of requests.
 *
 * @module
 */
import { Effect, FileSystem, Path, Result, Schema } from "effect"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { refused, unwritten } from "../../domain/Files.ts"
import * as Lock from "../../domain/Lock.ts"
import { rowSettings } from "../OpenAiWire.ts"
import { cutHalfLine, openForAppending, TextRollout } from "../RolloutFile.ts"
import { type Answerer, drawnFrom, OTHER_RUN, rowName, rowOf, rowProblem, type TextQuery, wantedRow } from "../WantedRows.ts"
import { answerOf } from "./BatchAnswer.ts"
import {
  assertLimits,
  type Batch,
  type BatchLimits,
  type BatchManifest,
  NEXT_FOLDER,
  OPENAI_LIMITS,
  openBatch,
  parseCustomId,
  requestLines,
  writeRequests
} from "./BatchFolder.ts"
import { forLines } from "./Lines.ts"

/** Which requests become the next files: all without a response, those alone that failed, or none. */
export const NEXT_CHOICES = ["missing", "failed", "none"] as const

/** Which requests become the next files. */
export type NextChoice = (typeof NEXT_CHOICES)[number]

/** What is read, and into which file. */
export interface ReadBatchOptions {
  readonly folder: string
  /** Output and error files, in any order; one that was read before adds nothing. */
  readonly outputs: ReadonlyArray<string>
  /** The rollouts file; its rows are kept. */
  readonly file: string
  /** Left out: "missing". */
  readonly next?: NextChoice
  /** Of the next files; left out: OpenAI's. */
  readonly limits?: BatchLimits
  /** Told now and then: lines read so far. */
  readonly onLines?: (lines: number) => void
}

/** Some lines of a kind: how many there are, and the first of them with their places. */
export interface FoundLines {
  readonly count: number
  readonly first: ReadonlyArray<{ readonly file: string; readonly line: number; readonly reason: string }>
}

/** What was read. */
export interface ReadBatchResult {
  readonly file: string
  /** Rows that the file had before, and that were added. */
  readonly before: number
  readonly added: number
  /** Rows that it has now, of so many that the batch asks for. */
  readonly rows: number
  readonly requests: number
  /** Requests without a row: those that failed, with the first reasons, and those of which no file says anything. */
  readonly failed: FoundLines
  readonly unanswered: number
  /** Responses to requests that had one already, in the rollouts file or in an earlier line: not used. */
  readonly repeated: FoundLines
  /** Lines with ids of another batch, or none of this one's: not used. */
  readonly unknown: FoundLines
  /** Lines that cannot be read; half a line at a file's end is one. */
  readonly unreadable: FoundLines
  /** The next files of requests, in the batch's folder. */
  readonly next: ReadonlyArray<BatchManifest["files"][number]>
}

const LISTED = 10

const makeFound = () => {
  const first: Array<FoundLines["first"][number]> = []
  let count = 0
  return {
    add: (file: string, line: number, reason: string): void => {
      count++
      if (first.length < LISTED) first.push({ file, line, reason })
    },
    found: (): FoundLines => ({ count, first })
  }
}

const MISSING = 0
const DONE = 1
const FAILED = 2

// Which response a row is of, by its id; undefined for none of the batch.
const placeOf = (id: string, names: ReadonlyMap<string, number>, generations: number): readonly [q: number, g: number] | undefined => {
  const at = id.lastIndexOf("#")
  const q = names.get(id.slice(0, at))
  const g = /^(?:0|[1-9]\d{0,8})$/.test(id.slice(at + 1)) ? Number(id.slice(at + 1)) : generations
  return q === undefined || g >= generations ? undefined : [q, g]
}

const decodeRow = Schema.decodeUnknownResult(Schema.fromJsonString(TextRollout))

// Marks the rows that the file has. They may be more than memory holds: they are looked at one by one.
const markRows = Effect.fnUntraced(function* (
  file: string,
  answerer: Answerer,
  { manifest: { generations }, queries }: Batch,
  states: Uint8Array
) {
  const files = yield* FileSystem.FileSystem
  const reading = refused(file, "May the file be read and written?")
  if (!(yield* Effect.mapError(files.exists(file), reading))) return 0
  const names = new Map(queries.map((query, q) => [rowName(query), q]))
  let rows = 0
  yield* forLines(file, (lines) =>
    Effect.gen(function* () {
      for (const { isEnded, number, text } of lines) {
        // Half a row, of a run that was killed; anything else is somebody's file.
        if (!isEnded && (rows > 0 || /^\{(?:"|$)/.test(text))) continue
        const row = decodeRow(text)
        if (Result.isFailure(row)) {
          return yield* new FileError({
            file,
            problem: `line ${number} is no row of a rollouts file`,
            advice: "Only a file that eval wrote can be added to: correct the line, or write to another file"
          })
        }
        const place = placeOf(row.success.id, names, generations)
        const query: TextQuery | undefined = place === undefined ? undefined : queries[place[0]]
        const problem = rowProblem(answerer, row.success, query)
        if (problem !== undefined || place === undefined) {
          return yield* new FileError({ file, problem: problem ?? "a row of another run", advice: OTHER_RUN })
        }
        const request = place[0] * generations + place[1]
        if (states[request] === DONE) {
          return yield* new FileError({
            file,
            problem: `row ${JSON.stringify(row.success.id)} is there twice`,
            advice: "Remove one of the two lines"
          })
        }
        states[request] = DONE
        rows++
      }
    }))
  // Only now: the rows before it are this batch's.
  yield* Effect.mapError(cutHalfLine(file), reading)
  return rows
})

// The next requests, as a folder that is whole at every moment.
const writeNext = Effect.fnUntraced(function* (batch: Batch, isWanted: (request: number) => boolean, isAny: boolean, limits: BatchLimits) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = path.join(batch.folder, NEXT_FOLDER)
  const fileError = unwritten(folder)
  const remove = (name: string) => Effect.mapError(files.remove(name, { recursive: true, force: true }), fileError)
  const beside = `${folder}.writing`
  yield* remove(beside)
  if (!isAny) {
    yield* remove(folder)
    return []
  }
  yield* Effect.mapError(files.makeDirectory(beside, { recursive: true }), fileError)
  const written = yield* writeRequests(beside, requestLines(batch, isWanted), limits)
  yield* remove(folder)
  yield* Effect.mapError(files.rename(beside, folder), fileError)
  return written.map((each) => ({ ...each, file: path.join(NEXT_FOLDER, each.file) }))
})

/**
 * Reads output and error files into the rollouts file. The rows are those that `eval` would write of the same answers, so `eval --resume` with the
 * same flags goes on from the file, and so does another reading: what is there is not added again, and half a line that a killed run left is cut off.
 * Memory grows with the prompts and a byte a request, not with responses.
 *
 * Fails with `FileError` where the folder is no batch, a file cannot be read or holds no line of this batch, or the rollouts file has rows of
 * another run; with `ConfigError` for no output and limits below 1.
 */
export const readBatch = Effect.fn("Batch.read")(function* (options: ReadBatchOptions) {
  const { file, folder, limits = OPENAI_LIMITS, next = "missing", outputs } = options
  if (outputs.length === 0) {
    return yield* new ConfigError({ field: "outputs", value: "none", expected: "at least one output or error file of an engine" })
  }
  yield* assertLimits(limits)
  const batch = yield* openBatch(folder)
  const { manifest: { generations, key, seed, settings }, queries } = batch
  const requests = queries.length * generations
  yield* Lock.holdFile(file, { doing: "writes into this file", otherwise: "write to another file" })
  // Another reading may be into another file, but the next requests lie in one place.
  if (next !== "none") {
    yield* Lock.holdFile((yield* Path.Path).join(folder, NEXT_FOLDER), {
      doing: "writes the next requests of this batch",
      otherwise: "write none (--next none)"
    })
  }
  const answerer = drawnFrom({ name: settings.model, settings: rowSettings(settings) }, seed)
  const states = new Uint8Array(requests)
  const before = yield* markRows(file, answerer, batch, states)
  const append = yield* openForAppending(file)
  const [failures, repeated, unknown, unreadable] = [makeFound(), makeFound(), makeFound(), makeFound()]
  // The first lines that failed; those that later ones answer are left out at the end.
  const firstFailed: Array<FoundLines["first"][number] & { readonly request: number }> = []
  let added = 0
  let read = 0
  for (const output of new Set(outputs)) {
    let ours = 0
    let others = 0
    let strange: string | undefined
    yield* forLines(output, (lines) =>
      Effect.suspend(() => {
        const rows: Array<TextRollout> = []
        for (const { isEnded, number, text } of lines) {
          const answer = answerOf(text)
          if (answer._tag === "Unreadable") {
            const isHalf = !isEnded && text.startsWith("{")
            unreadable.add(output, number, isHalf ? `half a line: the engine was stopped while it wrote (${answer.reason})` : answer.reason)
            if (isHalf) continue
            others++
            strange ??= answer.reason
            continue
          }
          const place = parseCustomId(answer.customId)
          if (place === undefined || place.key !== key || place.q >= queries.length || place.g >= generations) {
            others++
            strange ??= "its custom_ids are another batch's"
            unknown.add(output, number, `custom_id ${JSON.stringify(answer.customId)} is none of this batch`)
            continue
          }
          ours++
          const request = place.q * generations + place.g
          const query = queries[place.q]!
          const wanted = wantedRow(query, place.q, place.g, { generations, seed })
          if (answer._tag === "Failure") {
            if (states[request] !== MISSING) continue
            states[request] = FAILED
            if (firstFailed.length < 100 * LISTED) {
              firstFailed.push({ file: output, line: number, reason: `${wanted.id}: ${answer.reason}`, request })
            }
            continue
          }
          if (states[request] === DONE) {
            repeated.add(output, number, `a second response to ${wanted.id}`)
            continue
          }
          states[request] = DONE
          rows.push(rowOf(answerer, wanted, answer.completion))
        }
        added += rows.length
        read += lines.length
        options.onLines?.(read)
        return rows.length === 0 ? Effect.void : append(...rows)
      }))
    if (ours === 0 && others > 0) {
      return yield* new FileError({
        file: output,
        problem: `none of its lines answers a request of the batch in ${folder}: ${strange}`,
        advice: "Give what the engine wrote for this batch's requests, or name the folder of the batch that it answered"
      })
    }
  }
  for (const { file: output, line, reason, request } of firstFailed) if (states[request] === FAILED) failures.add(output, line, reason)
  const failed = states.reduce((sum, state) => sum + (state === FAILED ? 1 : 0), 0)
  const unanswered = states.reduce((sum, state) => sum + (state === MISSING ? 1 : 0), 0)
  const written = next === "none"
    ? []
    : yield* writeNext(
      batch,
      (request) => states[request] === FAILED || (next === "missing" && states[request] === MISSING),
      failed > 0 || (next === "missing" && unanswered > 0),
      limits
    )
  return {
    file,
    before,
    added,
    rows: before + added,
    requests,
    failed: { count: failed, first: failures.found().first },
    unanswered,
    repeated: repeated.found(),
    unknown: unknown.found(),
    unreadable: unreadable.found(),
    next: written
  } satisfies ReadBatchResult
}, Effect.scoped)
