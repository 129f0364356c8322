/**
 * What a model listed, kept: JSON Lines that grow while answers arrive, one line for every piece of a response. What is there is not asked for
 * again; lines of other models and versions stay, and are not looked at.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { closeSync, existsSync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from "node:fs"
import { dirname } from "node:path"
import { Effect, type FileSystem, Option, type Path, Schema, type Scope } from "effect"
import { FileError } from "../../../domain/Errors.ts"
import * as Lock from "../../../domain/Lock.ts"
import { caught } from "../../../domain/Throws.ts"
import type { Listing } from "../../../engine/ModelReader.ts"

const Line = Schema.Struct({
  key: Schema.NonEmptyString,
  piece: Schema.Int,
  model: Schema.String,
  version: Schema.Int,
  candidates: Schema.optionalKey(Schema.Array(Schema.Struct({ quote: Schema.String, answer: Schema.String }))),
  /** Why there is no list: the model was asked twice. Whoever wants it to be asked again removes the line. */
  failed: Schema.optionalKey(Schema.String)
})
type Line = typeof Line.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Line))

/** Listings by response and piece. The file is this process's until the scope closes. */
export interface ReaderCache {
  readonly file: string
  readonly model: string
  readonly version: number
  readonly get: (key: string, piece: number) => Listing | undefined
  /** Writes a listing at once. Throws `FileError`. */
  readonly put: (key: string, piece: number, listing: Listing) => void
}

/** Where the cache of an input is unless told otherwise. */
export const readerCacheOf = (file: string): string => `${file}.reader-cache.jsonl`

/** The key of a response for a reader: a hash of all that its listing depends on. */
export const readerKey = (
  { model, version }: Pick<ReaderCache, "model" | "version">,
  { prompt, response }: { readonly prompt: string; readonly response: string }
): string => createHash("sha256").update(JSON.stringify([model, version, prompt, response])).digest("hex").slice(0, 32)

const NEWLINE = 10
const CHUNK_BYTES = 1 << 20

const listingOf = ({ candidates, failed }: Line): Listing => (candidates === undefined ? { failed: failed ?? "" } : { candidates })

const notOurs = (file: string, line: number): FileError =>
  new FileError({
    file,
    problem: `line ${line} is none of a reader's cache`,
    advice: "Name another file with --reader-cache, or remove the line"
  })

interface Place {
  readonly offset: number
  readonly length: number
}

interface Scanned {
  readonly end: number
  readonly lines: number
  readonly rest: string
}

// Calls back with every whole line and its place; returns where the last one ends, and what half a line stands there.
const scanLines = (file: number, visit: (text: string, place: Place, number: number) => void): Scanned => {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let held: Array<Buffer> = []
  let [start, at, number] = [0, 0, 0]
  for (;;) {
    const read = readSync(file, chunk, 0, CHUNK_BYTES, at)
    if (read === 0) return { end: start, lines: number, rest: Buffer.concat(held).toString("utf8") }
    let from = 0
    for (let newline = chunk.indexOf(NEWLINE); newline >= 0 && newline < read; newline = chunk.indexOf(NEWLINE, from)) {
      const text = Buffer.concat([...held, chunk.subarray(from, newline)]).toString("utf8")
      held = []
      from = newline + 1
      visit(text, { offset: start, length: at + newline - start }, ++number)
      start = at + from
    }
    if (from < read) held.push(Buffer.from(chunk.subarray(from, read)))
    at += read
  }
}

const textAt = (file: number, { length, offset }: Place): string => {
  const bytes = Buffer.alloc(length)
  for (let read = 0; read < length;) {
    const more = readSync(file, bytes, read, length - read, offset + read)
    if (more === 0) break
    read += more
  }
  return bytes.toString("utf8")
}

const writeAt = (file: number, bytes: Buffer, offset: number): void => {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written, bytes.length - written, offset + written)
}

const HALF_LINE = "{\"key\":"

// Memory holds the places of listings only.
const makeCache = (path: string, file: number, model: string, version: number): ReaderCache => {
  const places = new Map<string, Place>()
  const nameOf = (key: string, piece: number): string => `${key}/${piece}`
  const { end, lines, rest } = scanLines(file, (text, place, number) => {
    if (text.trim() === "") return
    const line = Option.getOrUndefined(decode(text))
    if (line === undefined) throw notOurs(path, number)
    if (line.model === model && line.version === version) places.set(nameOf(line.key, line.piece), place)
  })
  // Half a line is what a run left that was killed while it wrote; it is cut off. Anything else is somebody's file.
  if (rest !== "" && !rest.startsWith(HALF_LINE.slice(0, rest.length))) throw notOurs(path, lines + 1)
  if (fstatSync(file).size > end) ftruncateSync(file, end)
  let size = end
  return {
    file: path,
    model,
    version,
    get: (key, piece) => {
      const place = places.get(nameOf(key, piece))
      return place === undefined ? undefined : Option.map(decode(textAt(file, place)), listingOf).pipe(Option.getOrUndefined)
    },
    put: (key, piece, listing) => {
      const bytes = Buffer.from(JSON.stringify({ key, piece, model, version, ...listing } satisfies Line) + "\n")
      const written = caught([Error], () => writeAt(file, bytes, size))
      if (written._tag === "Failure") {
        throw new FileError({ file: path, problem: written.failure.message, advice: "Is there room on the disk?" })
      }
      places.set(nameOf(key, piece), { offset: size, length: bytes.length - 1 })
      size += bytes.length
    }
  }
}

/**
 * Opens the cache of a model's listings, made where it is missing, until the scope closes. Fails with `FileError` if another process has it
 * open, if it cannot be written, or if it holds lines of another kind of file.
 */
export const openReaderCache = Effect.fn("ReaderCache.open")(function* (
  path: string,
  { model, version }: { readonly model: string; readonly version: number }
): Effect.fn.Return<ReaderCache, FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  yield* Lock.holdFile(path, { doing: "has this cache open", otherwise: "name another file with --reader-cache" })
  const file = yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        mkdirSync(dirname(path), { recursive: true })
        return openSync(path, existsSync(path) ? "r+" : "w+")
      },
      catch: (cause) =>
        new FileError({
          file: path,
          problem: cause instanceof Error ? cause.message : String(cause),
          advice: "Is the folder writable? --reader-cache names another file"
        })
    }),
    (open) => Effect.sync(() => closeSync(open))
  )
  return yield* Effect.try({
    try: () => makeCache(path, file, model, version),
    catch: (cause) =>
      cause instanceof FileError
        ? cause
        : new FileError({ file: path, problem: String(cause), advice: "May the file be read and written?" })
  })
})
