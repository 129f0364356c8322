/**
 * Files that are written whole: under their name stands what was there, or all of the new.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { canSync, unwritten } from "./Files.ts"

// Processes of two machines that share a folder may have one number.
const PROCESS = `${globalThis.process?.pid ?? 0}-${crypto.randomUUID().slice(0, 8)}`

/** Saves bytes so that the file holds either all of the old or all of the new: written beside it, synced, renamed. */
export const writeAtomically = Effect.fn("WholeFile.writeAtomically")(function* (file: string, bytes: Uint8Array) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const partial = `${file}.${PROCESS}.partial`
  const write = Effect.scoped(
    Effect.gen(function* () {
      const handle = yield* files.open(partial, { flag: "w" })
      yield* handle.writeAll(bytes)
      if (canSync()) yield* handle.sync
    })
  )
  yield* files.makeDirectory(path.dirname(file), { recursive: true }).pipe(
    Effect.andThen(write),
    Effect.andThen(files.rename(partial, file)),
    Effect.tapError(() => Effect.ignore(files.remove(partial, { force: true }))),
    Effect.mapError(unwritten(file))
  )
})
