/**
 * One process at a time: a file that says who holds something. What a dead process left behind is taken over.
 *
 * @module
 */
import { Effect, FileSystem, Option, Path, Schema, type Scope } from "effect"
import { FileError } from "./Errors.ts"
import { unwritten, withoutSlash } from "./Files.ts"

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

const LOOK_AGAIN = "50 millis"
// A second's looks, for what takes microseconds.
const MOST_LOOKS = 20

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
  const fileError = unwritten(file)
  const mine = Schema.encodeSync(Holder)(own())
  const textOf = Effect.orElseSucceed(files.readFileString(file), () => "")
  // False where somebody else was faster.
  const create = (name: string) =>
    files.writeFileString(name, mine, { flag: "wx" }).pipe(
      Effect.as(true),
      Effect.catch((cause) => cause.reason._tag === "AlreadyExists" ? Effect.succeed(false) : Effect.fail(fileError(cause)))
    )
  const remove = (name: string) => Effect.mapError(files.remove(name, { force: true }), fileError)
  const guard = `${file}.taking`
  // Of several that find the lock of a dead process, one alone removes it, and only that one: not the lock of whoever was faster.
  const removeDead = (dead: string) =>
    Effect.acquireUseRelease(
      create(guard),
      (isGuarded) => isGuarded ? Effect.flatMap(textOf, (text) => text === dead ? remove(file) : Effect.void) : Effect.sleep(LOOK_AGAIN),
      (isGuarded) => isGuarded ? Effect.ignore(files.remove(guard, { force: true })) : Effect.void
    )
  yield* Effect.mapError(files.makeDirectory(path.dirname(file), { recursive: true }), fileError)
  const take: Effect.Effect<void, E | FileError> = Effect.gen(function* () {
    let [last, looks] = ["", 0]
    while (!(yield* create(file))) {
      const text = yield* textOf
      const holder = Option.getOrUndefined(Schema.decodeUnknownOption(Holder)(text))
      if (holder !== undefined && isAlive(holder)) return yield* Effect.fail(inUse(holder.process))
      looks = text === last ? looks + 1 : 0
      last = text
      // Made, and not yet written by a process that has just begun; or it was killed right then.
      if (holder === undefined && looks < MOST_LOOKS) yield* Effect.sleep(LOOK_AGAIN)
      else {
        // Who guarded it was killed right then.
        if (looks >= 2 * MOST_LOOKS) yield* remove(guard)
        yield* removeDead(text)
      }
    }
  })
  const isMine = Effect.map(textOf, (text) => text === mine)
  yield* Effect.acquireRelease(
    take,
    () => Effect.flatMap(isMine, (is) => is ? Effect.ignore(files.remove(file, { force: true })) : Effect.void)
  )
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
    `${withoutSlash(file)}.lock`,
    (process) => new FileError({ file, problem: `process ${process} ${doing}`, advice: `Wait for it or end it, or ${otherwise}` })
  )
