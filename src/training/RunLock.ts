/**
 * One process at a time in a run's folder: two would write rows and checkpoints in turn, and neither's would be a run's.
 *
 * @module
 */
import { Effect, FileSystem, Option, Path, Schema, type Scope } from "effect"
import { FileError } from "../domain/Errors.ts"
import { RunError } from "./RunError.ts"

const NAME = "lock"

/** Who holds a folder: the process, and when it began, because numbers of processes come again. */
const Holder = Schema.fromJsonString(Schema.Struct({ process: Schema.Int, began: Schema.Finite }))

const own = (): typeof Holder.Type => ({ process: globalThis.process?.pid ?? 0, began: performance.timeOrigin })

const isAlive = (holder: typeof Holder.Type): boolean => {
  const { began, process } = own()
  if (holder.process === process) return holder.began === began
  try {
    return globalThis.process?.kill(holder.process, 0) ?? false
  } catch (cause) {
    // A process of somebody else cannot be signalled, but is there.
    return (cause as { readonly code?: unknown }).code === "EPERM"
  }
}

/**
 * Holds a run's folder until the scope closes; makes it where it is missing. What a dead process left behind is taken over. Fails with a
 * RunError `FolderInUse` where a live one holds it, FileError where the folder cannot be written.
 */
export const hold: (folder: string) => Effect.Effect<void, RunError | FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> = Effect
  .fnUntraced(function* (folder) {
    const files = yield* FileSystem.FileSystem
    const file = (yield* Path.Path).join(folder, NAME)
    const fileError = ({ message }: { readonly message: string }) =>
      new FileError({ file, problem: message, advice: "Is the folder writable, and is there room on the disk?" })
    const write = files.writeFileString(file, Schema.encodeSync(Holder)(own()), { flag: "wx" })
    yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), fileError)
    const take = Effect.catch(write, () =>
      Effect.gen(function* () {
        const text = yield* Effect.orElseSucceed(files.readFileString(file), () => "")
        const holder = Schema.decodeUnknownOption(Holder)(text)
        if (Option.isSome(holder) && isAlive(holder.value)) {
          return yield* new RunError({
            folder,
            reason: "FolderInUse",
            step: 0,
            problem: `process ${holder.value.process} trains in this folder`,
            advice: `Wait for it or end it; if it is another program, delete ${file}`
          })
        }
        yield* Effect.mapError(files.remove(file, { force: true }), fileError)
        yield* Effect.mapError(write, fileError)
      }))
    yield* Effect.acquireRelease(take, () => Effect.ignore(files.remove(file, { force: true })))
  })
