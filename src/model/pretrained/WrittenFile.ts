/**
 * Files that are written piece by piece, and stand under their name once they are whole.
 *
 * @module
 */
import { Effect } from "effect"
import type { FileError } from "../../domain/Errors.ts"
import { unwritten } from "../../domain/Files.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"

/** Appends bytes to the file. */
export type Append = (bytes: Uint8Array) => Effect.Effect<void, FileError>

const MOST_AT_ONCE = 1 << 30

/**
 * Writes a file by what `body` appends; what was there under the name is replaced at the end, and stays as it was where anything fails. Fails
 * with FileError where the system refuses, and as the body does.
 */
export const writeWhole = <E>(file: string, body: (append: Append) => Effect.Effect<void, E>): Effect.Effect<void, E | FileError> =>
  Effect.suspend(() => {
    const { closeSync, openSync, renameSync, rmSync, writeSync } = nodeBuiltin("node:fs", "writing a model's files")
    const attempt = <A>(action: () => A): Effect.Effect<A, FileError> => Effect.try({ try: action, catch: unwritten(file) })
    const partial = `${file}.partial`
    const written = Effect.acquireUseRelease(
      attempt(() => openSync(partial, "w")),
      (descriptor) =>
        body((bytes) =>
          attempt(() => {
            for (let done = 0; done < bytes.length;) {
              done += writeSync(descriptor, bytes, done, Math.min(MOST_AT_ONCE, bytes.length - done))
            }
          })
        ),
      (descriptor) => Effect.sync(() => closeSync(descriptor))
    )
    return written.pipe(
      Effect.andThen(attempt(() => renameSync(partial, file))),
      Effect.onError(() => Effect.sync(() => rmSync(partial, { force: true })))
    )
  })

/** Writes a small text. Fails with FileError. */
export const writeText = (file: string, text: string): Effect.Effect<void, FileError> =>
  writeWhole(file, (append) => append(new TextEncoder().encode(text)))

/** Makes a folder where there is none. Fails with FileError. */
export const makeFolder = (folder: string): Effect.Effect<void, FileError> =>
  Effect.try({
    try: () => {
      nodeBuiltin("node:fs", "writing a model's files").mkdirSync(folder, { recursive: true })
    },
    catch: unwritten(folder)
  })
