/**
 * Lines of large files, a chunk of them at a time, and lines into files, some at a time.
 *
 * @module
 */
import { Effect, FileSystem, Stream } from "effect"
import { concatBytes } from "../../domain/Bytes.ts"
import { FileError } from "../../domain/Errors.ts"
import { refused, unwritten } from "../../domain/Files.ts"

/** A line, its number from 1, and whether the file goes on after it: the last one may be half of one. */
export interface FoundLine {
  readonly text: string
  readonly number: number
  readonly isEnded: boolean
}

const LINE_FEED = 10

// What is no text is told before its bytes are taken for lines.
const isGzip = (chunk: Uint8Array): boolean => chunk[0] === 0x1f && chunk[1] === 0x8b

/** Calls back with the lines of a file that are not blank, as many at a time as a chunk of it ends. Fails with `FileError` where it cannot be read. */
export const forLines = Effect.fnUntraced(function* <E, R> (
  file: string,
  visit: (lines: ReadonlyArray<FoundLine>) => Effect.Effect<void, E, R>
) {
  const files = yield* FileSystem.FileSystem
  const decoder = new TextDecoder()
  let held: Array<Uint8Array> = []
  let number = 0
  const lineOf = (bytes: Uint8Array, isEnded: boolean): FoundLine => {
    const whole = held.length === 0 ? bytes : concatBytes([...held, bytes])
    held = []
    number++
    return { text: decoder.decode(whole), number, isEnded }
  }
  const isNotBlank = ({ text }: FoundLine): boolean => text.trim() !== ""
  const reading = refused(file, "Does the file exist, and may it be read?")
  const { type } = yield* Effect.mapError(files.stat(file), reading)
  if (type === "Directory") return yield* new FileError({ file, problem: "it is a folder", advice: "Name the files in it" })
  yield* files.stream(file, { chunkSize: 1 << 18 }).pipe(
    Stream.mapError(reading),
    Stream.runForEach((chunk): Effect.Effect<void, E | FileError, R> => {
      if (number === 0 && held.length === 0 && isGzip(chunk)) {
        return Effect.fail(new FileError({ file, problem: "it is compressed", advice: "Decompress it first, e.g. with gunzip" }))
      }
      const lines: Array<FoundLine> = []
      let from = 0
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        lines.push(lineOf(chunk.subarray(from, end), true))
        from = end + 1
      }
      if (from < chunk.length) held.push(chunk.slice(from))
      const some = lines.filter(isNotBlank)
      return some.length === 0 ? Effect.void : visit(some)
    })
  )
  if (held.length === 0) return
  const last = lineOf(new Uint8Array(0), false)
  if (isNotBlank(last)) yield* visit([last])
})

const PIECE = 1 << 20

/** Writes lines to a new file, about a mebibyte at a time, and tells its lines and bytes. Fails with `FileError`. */
export const writeLines = Effect.fnUntraced(function* (file: string, lines: Iterable<Uint8Array>) {
  const files = yield* FileSystem.FileSystem
  const writing = unwritten(file)
  const open = yield* files.open(file, { flag: "w" }).pipe(Effect.mapError(writing))
  let count = 0
  let bytes = 0
  const piece = new Uint8Array(PIECE)
  let held = 0
  const flush = Effect.suspend(() => {
    const length = held
    held = 0
    return length === 0 ? Effect.void : open.writeAll(piece.subarray(0, length))
  })
  for (const line of lines) {
    if (held + line.length > PIECE) yield* Effect.mapError(flush, writing)
    if (line.length > PIECE) yield* Effect.mapError(open.writeAll(line), writing)
    else {
      piece.set(line, held)
      held += line.length
    }
    count++
    bytes += line.length
  }
  yield* Effect.mapError(flush, writing)
  yield* Effect.mapError(open.sync, writing)
  return { lines: count, bytes }
}, Effect.scoped)
