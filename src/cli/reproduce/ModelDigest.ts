/**
 * The digest of a pretrained model's files: what a stage that starts from them is named by, wherever they lie.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { resolveModel } from "../../model/pretrained/ResolveModel.ts"

const digestOf = async (path: string): Promise<string> => {
  const isFolder = (await stat(path)).isDirectory()
  const names = isFolder ? (await readdir(path)).filter((name) => /\.(?:json|safetensors|jinja|gguf)$/.test(name)).toSorted() : [undefined]
  const hash = createHash("sha256")
  for (const name of names) {
    hash.update(`${name ?? ""}\0`)
    for await (const bytes of createReadStream(name === undefined ? path : join(path, name))) hash.update(bytes as Uint8Array)
  }
  return hash.digest("hex")
}

/** SHA-256 over a model's file, or over the names and contents of its folder's files. Fails with ModelFileError or FileError where they cannot be read. */
export const modelDigest = Effect.fn("ModelDigest.modelDigest")(function* (name: string) {
  const path = yield* resolveModel(name)
  return yield* Effect.tryPromise({
    try: () => digestOf(path),
    catch: (cause) =>
      new FileError({
        file: path,
        problem: cause instanceof Error ? cause.message : String(cause),
        advice: "May the model's files be read?"
      })
  })
})
