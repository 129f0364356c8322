/**
 * JSON Lines files: one value of a schema a line. A bad line is a value with its place and reason, never dropped in silence.
 *
 * @module
 */
import { Effect, FileSystem, Result, Schema, Stream } from "effect"
import { type FileError, RowError } from "./Errors.ts"
import { refused } from "./Files.ts"
import { oneLine } from "./OneLine.ts"
import { writeAtomically } from "./WholeFile.ts"

/** Reads a JSON Lines file as a stream: for every line that is not blank, the decoded value or what is wrong with it. */
export const read = <A, I>(
  file: string,
  schema: Schema.Codec<A, I>
): Stream.Stream<Result.Result<A, RowError>, FileError, FileSystem.FileSystem> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(schema))
  return Stream.unwrap(
    Effect.map(FileSystem.FileSystem, (files) =>
      files.stream(file).pipe(
        Stream.mapError(refused(file, "Does the file exist, and may it be read?")),
        Stream.decodeText(),
        Stream.splitLines,
        Stream.zipWithIndex,
        Stream.filter(([line]) => line.trim() !== ""),
        Stream.map(([line, index]) =>
          Result.mapError(decode(line), (error) => new RowError({ file, line: index + 1, problem: oneLine(error.message) }))
        )
      ))
  )
}

/** Values as JSON Lines. */
export const textOf = <A, I>(schema: Schema.Codec<A, I>, rows: ReadonlyArray<A>): string => {
  const encode = Schema.encodeSync(Schema.fromJsonString(schema))
  return rows.map((row) => encode(row) + "\n").join("")
}

/** Writes values as a JSON Lines file, replacing what was there once all is written. Makes the folder when it is missing. */
export const write = Effect.fn("Jsonl.write")(function* <A, I> (file: string, schema: Schema.Codec<A, I>, rows: ReadonlyArray<A>) {
  yield* writeAtomically(file, new TextEncoder().encode(textOf(schema, rows)))
})
