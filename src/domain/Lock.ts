/**
 * One process at a time: a file that says who holds something. What a dead process left behind is taken over.
 *
 * @module
 */
import { Effect, FileSystem, Option, Path, Schema, type Scope } from "effect"
import { FileError } from "./Errors.ts"

/** Who holds a lock: the process, and when it began, because numbers of processes come again. */
const Holder = Schema.fromJsonString(Schema.Struct({ process: Schema.Int, began: Schema.Finite }))

const own = (): typeof Holder.Type => ({ process: globalThis.process?.pid ?? 0, began: performance.timeOrigin })

/** Whether a process of this number runs on this machine. */
export const isRunning = (process: number): boolean => {
  try {
    return globalThis.process?.kill(process, 0) ?? false
  } catch (cause) {
    // A process of somebody else cannot be signalled, but is there.
    return (cause as { readonly code?: unknown }).code === "EPERM"
  }
}

const isAlive = (holder: typeof Holder.Type): boolean => {
  const { began, process } = own()
  return holder.process === process ? holder.began === began : isRunning(holder.process)
}

/**
 * Holds the lock at `file` until the scope closes; makes its folder where that is missing. Fails with what `inUse` makes of the process that
 * holds it, with FileError where the folder cannot be written.
 */
export const hold: <E>(
  file: string,
  inUse: (process: number) => E
) => Effect.Effect<void, E | FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> = Effect.fnUntraced(function* <E> (
  file: string,
  inUse: (process: number) => E
) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const fileError = ({ message }: { readonly message: string }) =>
    new FileError({ file, problem: message, advice: "Is the folder writable, and is there room on the disk?" })
  const write = files.writeFileString(file, Schema.encodeSync(Holder)(own()), { flag: "wx" })
  yield* Effect.mapError(files.makeDirectory(path.dirname(file), { recursive: true }), fileError)
  const take = Effect.catch(write, () =>
    Effect.gen(function* () {
      const text = yield* Effect.orElseSucceed(files.readFileString(file), () => "")
      const holder = Schema.decodeUnknownOption(Holder)(text)
      if (Option.isSome(holder) && isAlive(holder.value)) return yield* Effect.fail(inUse(holder.value.process))
      yield* Effect.mapError(files.remove(file, { force: true }), fileError)
      yield* Effect.mapError(write, fileError)
    }))
  yield* Effect.acquireRelease(take, () => Effect.ignore(files.remove(file, { force: true })))
})

/**
 * Holds a file that this process writes, by the lock beside it, until the scope closes. Fails with FileError where another process does: "process 12
 * samples into this file", which is what `doing` says; `otherwise` is what there is to do but wait.
 */
export const holdFile = (
  file: string,
  { doing, otherwise }: { readonly doing: string; readonly otherwise: string }
): Effect.Effect<void, FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  hold(
    `${file}.lock`,
    (process) => new FileError({ file, problem: `process ${process} ${doing}`, advice: `Wait for it or end it, or ${otherwise}` })
  )
