/**
 * The user's cache of models from a hub, as huggingface_hub lays it out, so that what one program has fetched the other finds: for each
 * repository a folder of blobs by digest, snapshots by commit, and refs by the name of a branch.
 *
 * Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
 *
 * @module
 */
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import { type Machine, thisMachine } from "../device/NativeFolder.ts"
import { textOf } from "./FileBytes.ts"

const given = (value: string | undefined): string | undefined => (value === undefined || value.trim() === "" ? undefined : value.trim())

const expanded = (path: string, home: string): string => path.replace(/^~(?=$|[/\\])/, home)

/** HF_HOME: where Hugging Face's programs keep what they keep, `~/.cache/huggingface` unless the environment says otherwise. */
export const hubHome = ({ env, home }: Machine = thisMachine()): string => {
  const asked = given(env["HF_HOME"])
  if (asked !== undefined) return expanded(asked, home)
  return `${given(env["XDG_CACHE_HOME"]) ?? `${home}/.cache`}/huggingface`
}

/** The folder of cached repositories: HF_HUB_CACHE, else `hub` in HF_HOME. */
export const hubCache = (machine: Machine = thisMachine()): string => {
  const { env, home } = machine
  const asked = given(env["HF_HUB_CACHE"]) ?? given(env["HUGGINGFACE_HUB_CACHE"])
  return asked === undefined ? `${hubHome(machine)}/hub` : expanded(asked, home)
}

const NAME = /^[A-Za-z0-9_][\w.-]{0,95}$/

/** A repository of models `owner/name`, and what is meant of it. */
export interface RepositoryName {
  readonly repository: string
  /** A file of it, where one is named. */
  readonly file?: string
  /** A branch, a tag or a commit, where one is named by `@`. */
  readonly revision?: string
}

/** Reads `owner/name`, `owner/name/file.gguf`, either with `@revision` at its end; undefined for what is no such name. */
export const repositoryName = (text: string): RepositoryName | undefined => {
  const [, owner = "", name = "", file, revision] = /^([^/@\\]+)\/([^/@\\]+)(?:\/([^@\\]+))?(?:@([\w./-]+))?$/.exec(text) ?? []
  const isName = [owner, name].every((part) => NAME.test(part) && !part.includes("..") && !part.includes("--"))
  if (!isName || (file ?? "").split("/").includes("..") || (revision ?? "").split("/").includes("..")) return undefined
  return {
    repository: `${owner}/${name}`,
    ...(file === undefined ? {} : { file }),
    ...(revision === undefined ? {} : { revision })
  }
}

/** The cache's folder of a repository. */
export const repositoryFolder = (repository: string, cache: string): string => `${cache}/models--${repository.replace("/", "--")}`

/** The branch that is meant where none is named. */
export const MAIN = "main"

const COMMIT = /^[0-9a-f]{40}$/

/** Whether a revision is a commit, which never changes. */
export const isCommit = (revision: string): boolean => COMMIT.test(revision)

/** The folder of a repository's files at a revision; undefined where it has not been fetched. */
export const snapshotFolder = (repository: string, revision: string, cache: string): string | undefined => {
  const folder = repositoryFolder(repository, cache)
  const commit = isCommit(revision) ? revision : textOf(`${folder}/refs/${revision}`, 1000)?.trim()
  if (commit === undefined || !isCommit(commit)) return undefined
  const snapshot = `${folder}/snapshots/${commit}`
  return nodeBuiltin("node:fs", "looking for a model").existsSync(snapshot) ? snapshot : undefined
}
