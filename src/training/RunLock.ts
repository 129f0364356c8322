/**
 * One process at a time in a run's folder: two would write rows and checkpoints in turn, and neither's would be a run's.
 *
 * @module
 */
import { Effect, type FileSystem, Path, type Scope } from "effect"
import type { FileError } from "../domain/Errors.ts"
import * as Lock from "../domain/Lock.ts"
import { RunError } from "./RunError.ts"

const NAME = "lock"

/**
 * Holds a run's folder until the scope closes; makes it where it is missing. What a dead process left behind is taken over. Fails with a
 * RunError `FolderInUse` where a live one holds it, FileError where the folder cannot be written.
 */
export const hold: (folder: string) => Effect.Effect<void, RunError | FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> = Effect
  .fnUntraced(function* (folder) {
    const file = (yield* Path.Path).join(folder, NAME)
    yield* Lock.hold(file, (process) =>
      new RunError({
        folder,
        reason: "FolderInUse",
        step: 0,
        problem: `process ${process} trains in this folder`,
        advice: `Wait for it or end it; if it is another program, delete ${file}`
      }))
  })
