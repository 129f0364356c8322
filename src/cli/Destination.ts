/**
 * Where a command will write, tried before its work: a folder that does not take files is told at once, not after hours.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { FileError } from "../domain/Errors.ts"
import { problemOf, withoutSlash } from "../domain/Files.ts"

const failed = (file: string) => (cause: Error): FileError =>
  new FileError({ file, problem: problemOf(cause), advice: "Is the folder writable, and is there room on the disk?" })

// Makes a folder where it is missing, and tries a file in it; errors name what is to be written.
const tryIn = Effect.fnUntraced(function* (folder: string, named: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  // Hidden and of a name of its own: nobody takes it for a result, and no other process for its own.
  const trial = path.join(folder, `.${crypto.randomUUID()}.partial`)
  yield* Effect.mapError(
    Effect.andThen(
      files.makeDirectory(folder, { recursive: true }),
      Effect.acquireUseRelease(
        files.writeFileString(trial, "tried\n"),
        () => Effect.void,
        () => Effect.ignore(files.remove(trial, { force: true }))
      )
    ),
    failed(named)
  )
})

/** Makes the folder where it is missing, and tries a file in it. Fails with FileError. */
export const tryFolder = Effect.fn("Destination.tryFolder")((folder: string) => tryIn(folder, folder))

/** Makes the folder of a file where it is missing, and tries whether the file could be written; what it holds stays. Fails with FileError. */
export const tryFile = Effect.fn("Destination.tryFile")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const kind = yield* Effect.orElseSucceed(Effect.map(files.stat(file), ({ type }) => type), () => undefined)
  if (kind === "Directory" || withoutSlash(file) !== file) {
    return yield* new FileError({ file, problem: "it is a folder", advice: "Give a file's name" })
  }
  // A device or a pipe takes what it is given when it is given.
  if (kind !== undefined && kind !== "File") return
  yield* tryIn(path.dirname(file), file)
  if (kind === "File") yield* Effect.mapError(Effect.scoped(files.open(file, { flag: "r+" })), failed(file))
})
