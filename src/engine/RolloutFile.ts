/**
 * A JSON Lines file of transcripts that grows while answers arrive, and from which an interrupted run goes on.
 *
 * @module
 */
import { Effect, FileSystem, Option, Path, Result, Schema, Semaphore, Stream } from "effect"
import { FileError } from "../domain/Errors.ts"
import { refused, unwritten } from "../domain/Files.ts"
import * as Jsonl from "../domain/Jsonl.ts"
import { Ending } from "../domain/Trajectory.ts"

const fields = {
  id: Schema.NonEmptyString,
  /** Who answered, and with which settings: rows of different runs are not mixed by accident. */
  model: Schema.String,
  settings: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite]))),
  level: Schema.String,
  prompt: Schema.String,
  response: Schema.String,
  answer: Schema.optionalKey(Schema.String),
  truncated: Schema.Boolean,
  ending: Ending,
  tokens: Schema.optionalKey(Schema.Array(Schema.String)),
  logprobs: Schema.optionalKey(Schema.Array(Schema.Finite))
}

/** The names of a row's own fields; those of a prompts file under other names are kept beside them. */
export const OWN_FIELDS: ReadonlySet<string> = new Set(Object.keys(fields))

/**
 * One answered request: a transcript, complete for calibration, with log-probabilities where the policy offers them, and with the fields that
 * its prompt came with.
 */
export const TextRollout = Schema.StructWithRest(Schema.Struct(fields), [Schema.Record(Schema.String, Schema.Unknown)])
export type TextRollout = typeof TextRollout.Type

const LINE_FEED = 10

/** Cuts off half a line, which a run that was killed while it wrote leaves; its request is made again. */
export const cutHalfLine = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const { size: bytes } = yield* files.stat(file)
  const size: bigint = bytes
  if (size === 0n) return
  yield* Effect.scoped(Effect.gen(function* () {
    const open = yield* files.open(file, { flag: "r+" })
    const block = 65_536n
    for (let end = size; end > 0n;) {
      const start = end > block ? end - block : 0n
      yield* open.seek(start, "start")
      const bytes = yield* open.readAlloc(Number(end - start))
      const last = Option.match(bytes, { onNone: () => -1, onSome: (read) => read.lastIndexOf(LINE_FEED) })
      if (last >= 0 || start === 0n) {
        const keep = start + BigInt(last + 1)
        if (keep < size) yield* open.truncate(Number(keep))
        return
      }
      end = start
    }
  }))
})

/** What a resumed run finds: the rows that are there, by id. */
export const readRows = Effect.fn("RolloutFile.readRows")(function* (file: string) {
  yield* cutHalfLine(file).pipe(Effect.mapError(refused(file, "May the file be read and written?")))
  const rows = yield* Stream.runCollect(Jsonl.read(file, TextRollout))
  const bad = rows.find(Result.isFailure)
  if (bad !== undefined) {
    return yield* new FileError({
      file,
      problem: bad.failure.message,
      advice: "Only a file that this command wrote can be resumed: correct the line, or write to another file"
    })
  }
  return rows.filter(Result.isSuccess).map((row) => row.success)
})

/** Opens the file for appending until the scope closes; the returned function writes whole rows, in the order of calls. */
export const openForAppending = Effect.fn("RolloutFile.open")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* files.makeDirectory(path.dirname(file), { recursive: true }).pipe(Effect.mapError(unwritten(file)))
  const open = yield* files.open(file, { flag: "a" }).pipe(Effect.mapError(unwritten(file)))
  const oneAtATime = yield* Semaphore.make(1)
  const encode = Schema.encodeSync(Schema.fromJsonString(TextRollout))
  return (...rows: ReadonlyArray<TextRollout>): Effect.Effect<void, FileError> =>
    open.writeAll(new TextEncoder().encode(rows.map((row) => encode(row) + "\n").join(""))).pipe(
      Effect.mapError(unwritten(file)),
      oneAtATime.withPermit,
      Effect.uninterruptible
    )
})
