/**
 * Where a command will write, tried before its work: a folder that does not take files is told at once, not after hours. And the writing itself: what
 * stood under a name is replaced by something whole or stays, and what a command reads is never what it replaces.
 *
 * @module
 */
import { Effect, Exit, FileSystem, Option, Path } from "effect"
import { FileError } from "../domain/Errors.ts"
import { unwritten, withoutSlash } from "../domain/Files.ts"
import { writeAtomically } from "../domain/WholeFile.ts"

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
    unwritten(named)
  )
})

/** Makes the folder where it is missing, and tries a file in it. Fails with FileError. */
export const tryFolder = Effect.fn("Destination.tryFolder")((folder: string) => tryIn(folder, folder))

// What a file is, whatever it is called: links have the number of what they lead to. No number where there is no such file, or the system has none.
const identityOf = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const found = yield* Effect.option(files.stat(file))
  return Option.flatMap(found, ({ dev, ino }) => Option.map(ino, (number) => `${dev}:${number}`))
})

/** Fails with FileError where a file is one of `inputs`: replaced, it would be lost, and with it what cannot be had again. Makes nothing. */
export const assertNoInput = Effect.fn("Destination.assertNoInput")(function* (file: string, inputs: ReadonlyArray<string>) {
  const identity = yield* identityOf(file)
  if (Option.isNone(identity)) return
  for (const input of inputs) {
    const other = yield* identityOf(input)
    if (Option.isNone(other) || other.value !== identity.value) continue
    const named = input === file ? "" : ` as ${input}`
    return yield* new FileError({
      file,
      problem: `this file is read too${named}, and would be lost`,
      advice: "Give another name for what is written"
    })
  }
})

// Undefined where there is nothing of this name.
const kindOf = Effect.fnUntraced(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* Effect.orElseSucceed(Effect.map(files.stat(file), ({ type }) => type), () => undefined)
})

/**
 * Makes the folder of a file where it is missing, and tries whether the file could be written; what it holds stays. Fails with FileError, also where
 * it is one of `inputs`, the files that the command reads, under whatever name (a link leads to the same file).
 */
export const tryFile = Effect.fn("Destination.tryFile")(function* (file: string, inputs: ReadonlyArray<string> = []) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const kind = yield* kindOf(file)
  if (kind === "Directory" || withoutSlash(file) !== file) {
    return yield* new FileError({ file, problem: "it is a folder", advice: "Give a file's name" })
  }
  // A device or a pipe takes what it is given when it is given.
  if (kind !== undefined && kind !== "File") return
  yield* assertNoInput(file, inputs)
  yield* tryIn(path.dirname(file), file)
  if (kind === "File") yield* Effect.mapError(Effect.scoped(files.open(file, { flag: "r+" })), unwritten(file))
})

/**
 * Writes a result under its name once it is whole; makes the folder where it is missing. Where that fails, or the process dies, what stood there stays.
 * A link goes on leading to the file, and a device or a pipe takes what it is given. Fails with FileError.
 */
export const writeResult = Effect.fn("Destination.writeResult")(function* (file: string, content: string | Uint8Array) {
  const files = yield* FileSystem.FileSystem
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  const kind = yield* kindOf(file)
  const real = Effect.mapError(files.realPath(file), unwritten(file))
  if (kind === "File") return yield* writeAtomically(yield* real, bytes)
  if (kind === undefined) {
    if (Option.isNone(yield* Effect.option(files.readLink(file)))) return yield* writeAtomically(file, bytes)
    // A link that leads nowhere yet: an empty file there says where that is. The system refuses one that leads in a circle.
    yield* Effect.mapError(files.writeFile(file, new Uint8Array()), unwritten(file))
    const target = yield* real
    return yield* Effect.onError(writeAtomically(target, bytes), () => Effect.ignore(files.remove(target)))
  }
  yield* Effect.mapError(files.writeFile(file, bytes), unwritten(file))
})

/**
 * Fills a folder, which is empty or not there: all of what `work` writes into the folder that it is given, or nothing. Where that fails or is interrupted
 * the same command can be given again. Fails with FileError that names the folder, not where it was prepared.
 */
export const fillFolder = <A, R>(
  folder: string,
  work: (at: string) => Effect.Effect<A, FileError, R>
): Effect.Effect<A, FileError, R | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const beside = path.join(folder, `.${crypto.randomUUID()}.partial`)
    const wasThere = yield* Effect.orElseSucceed(files.exists(folder), () => true)
    yield* Effect.mapError(files.makeDirectory(beside, { recursive: true }), unwritten(folder))
    const filled = Effect.gen(function* () {
      const done = yield* work(beside)
      for (const name of yield* files.readDirectory(beside)) yield* files.rename(path.join(beside, name), path.join(folder, name))
      return done
    }).pipe(Effect.mapError((failure) =>
      failure._tag === "FileError"
        ? new FileError({ file: failure.file.replace(beside, folder), problem: failure.problem, advice: failure.advice })
        : unwritten(folder)(failure)
    ))
    const remove = files.remove(beside, { recursive: true, force: true })
    // The folder itself is removed only where it was made here and nobody put anything into it.
    const removeFolder = Effect.flatMap(
      files.readDirectory(folder),
      (names) => (names.length === 0 ? files.remove(folder, { recursive: true }) : Effect.void)
    )
    const removeAll = wasThere ? remove : Effect.andThen(remove, removeFolder)
    return yield* Effect.onExit(filled, (exit) => Effect.ignore(Exit.isSuccess(exit) ? remove : removeAll))
  })
