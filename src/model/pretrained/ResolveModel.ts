/**
 * Where a model lies that is named by a path or by a repository.
 *
 * @module
 */
import type { Effect } from "effect"
import { failing } from "../../domain/Throws.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import { namesIn } from "./FileBytes.ts"
import { hubCache, MAIN, repositoryName, snapshotFolder } from "./HubCache.ts"
import { ModelFileError } from "./ModelFileError.ts"

const resolveNow = (name: string, cache: string): string => {
  const { existsSync } = nodeBuiltin("node:fs", "looking for a model")
  if (existsSync(name)) return name
  const named = repositoryName(name)
  // A path is said to be one by how it begins, or by leading deeper than a repository's file does.
  if (named === undefined || /^[.~/]/.test(name)) {
    throw new ModelFileError({
      reason: "Missing",
      file: name,
      found: "there is no such file or folder",
      expected: "a model's folder, a .gguf file, or a repository owner/name that was pulled",
      advice: "Is the path right?"
    })
  }
  const { file, repository, revision = MAIN } = named
  const snapshot = snapshotFolder(repository, revision, cache)
  if (snapshot === undefined) {
    throw new ModelFileError({
      reason: "Missing",
      file: name,
      found: `neither a path nor a repository in ${cache}${revision === MAIN ? "" : ` at ${revision}`}`,
      expected: "a model's folder, a .gguf file, or a repository that was pulled",
      advice: `Fetch it: decision-sampling model pull ${repository}${
        revision === MAIN ? "" : ` --revision ${revision}`
      }; or, where there is no hub, name the folder of its files`
    })
  }
  if (file !== undefined) {
    const path = `${snapshot}/${file}`
    if (existsSync(path)) return path
    throw new ModelFileError({
      reason: "Missing",
      file: path,
      found: `${repository} was pulled without it`,
      expected: "the file that is named",
      advice: `Fetch it: decision-sampling model pull ${repository} --file ${file}`
    })
  }
  const models = (namesIn(snapshot) ?? []).filter((entry) => entry.endsWith(".gguf"))
  if (existsSync(`${snapshot}/config.json`) || models.length === 0) return snapshot
  if (models.length === 1) return `${snapshot}/${models[0]}`
  throw new ModelFileError({
    reason: "Missing",
    file: snapshot,
    found: `several models: ${models.join(", ")}`,
    expected: "one",
    advice: `Name it: ${repository}/${models[0]}`
  })
}

/**
 * The path of a model that is named by a path or by a repository in the cache. A path that exists is taken first. Fails with ModelFileError
 * that says how to fetch what is not there.
 */
export const resolveModel = (name: string, cache: string = hubCache()): Effect.Effect<string, ModelFileError> =>
  failing([ModelFileError], () => resolveNow(name, cache))
