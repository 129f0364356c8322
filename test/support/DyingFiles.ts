/** A file system of a process that is killed with -9: at its n-th change of a file, half done, and nothing after it. */
import { Effect, type FileSystem } from "effect"

/** What a run dies of. */
export const KILLED = "killed"

/**
 * A file system whose `at`-th change, counted from 1, is done by half (half the bytes of a write, nothing of a rename) and then dies with `KILLED`.
 * What is asked of it later changes nothing, as no finalizer of a killed process runs.
 */
export const dyingFiles = (files: FileSystem.FileSystem, at: number): FileSystem.FileSystem => {
  let changes = 0
  const change = <E>(half: Effect.Effect<void, E>, whole: Effect.Effect<void, E>): Effect.Effect<void, E> =>
    Effect.suspend(() => {
      changes++
      if (changes > at) return Effect.void
      return changes < at ? whole : Effect.andThen(half, Effect.die(KILLED))
    })
  const fileOf = (file: FileSystem.File): FileSystem.File =>
    new Proxy(file, {
      get: (target, name) => {
        if (name === "writeAll") {
          return (bytes: Uint8Array) => change(target.writeAll(bytes.subarray(0, bytes.length >> 1)), target.writeAll(bytes))
        }
        if (name === "truncate") {
          return (length?: Parameters<FileSystem.File["truncate"]>[0]) => change(Effect.void, target.truncate(length))
        }
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === "function" ? value.bind(target) as unknown : value
      }
    })
  return {
    ...files,
    writeFileString: (file, text, options) =>
      change(files.writeFileString(file, text.slice(0, text.length >> 1), options), files.writeFileString(file, text, options)),
    makeDirectory: (folder, options) => change(Effect.void, files.makeDirectory(folder, options)),
    rename: (from, to) => change(Effect.void, files.rename(from, to)),
    remove: (file, options) => change(Effect.void, files.remove(file, options)),
    open: (file, options) => Effect.map(files.open(file, options), fileOf)
  }
}
