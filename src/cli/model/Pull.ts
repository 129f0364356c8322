/**
 * A model from a hub into the user's cache: only what is used of it, each file checked against the digest that the hub names, and what was cut
 * off gone on with.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream, existsSync, statSync } from "node:fs"
import { mkdir, open, rename, rm, statfs, symlink, truncate, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { pipeline } from "node:stream/promises"
import { Console, Effect } from "effect"
import { hold } from "../../domain/Lock.ts"
import { failingAsync } from "../../domain/Throws.ts"
import { hubCache, isCommit, MAIN, repositoryFolder, repositoryName } from "../../model/pretrained/HubCache.ts"
import { Progress, type RunningStage } from "../Progress.ts"
import { bytesText } from "./Bytes.ts"
import { type Hub, type HubFile, hubOf, type HubRepository, listRepository, openFile } from "./Hub.ts"
import { HubError } from "./HubError.ts"

/** What is to be fetched. */
export interface PullOptions {
  /** `owner/name`, or `owner/name/file.gguf`. */
  readonly repository: string
  /** A branch, a tag or a commit; main without one. */
  readonly revision?: string
  /** One file of the repository, in place of the model's own. */
  readonly file?: string
  readonly hub?: Hub
  readonly cache?: string
  /** Half of the first pause in milliseconds before a hub that broke off is asked again; each further one is twice as long. */
  readonly pause?: number
}

/** What was fetched. */
export interface Pulled {
  readonly repository: string
  readonly commit: string
  /** The folder of the repository's files in the cache, or the file, if one was asked for. */
  readonly path: string
  readonly files: ReadonlyArray<HubFile>
  /** Bytes that came from the hub; the others were there. */
  readonly fetchedBytes: number
}

/** What is read of a model besides its weights. */
const COMPANIONS = [
  "config.json",
  "generation_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.jinja"
]

const isWeights = (path: string): boolean => /^model(?:-\d+-of-\d+)?\.safetensors$|^model\.safetensors\.index\.json$/.test(path)

const absent = (problem: string, advice: string): HubError => new HubError({ reason: "NotFound", problem, advice })

/** The files of a repository that make its model. */
export const wantedFiles = ({ files, name }: HubRepository, file: string | undefined): ReadonlyArray<HubFile> => {
  const models = files.filter(({ path }) => path.endsWith(".gguf"))
  const offers = models.length === 0 ? "" : `; it has ${models.map(({ path }) => path).join(", ")}`
  if (file !== undefined) {
    const found = files.find(({ path }) => path === file)
    if (found === undefined) throw absent(`${name} has no file ${file}${offers}`, "Name one that it has")
    return [found]
  }
  const weights = files.filter(({ path }) => isWeights(path))
  if (weights.some(({ path }) => path.endsWith(".safetensors"))) {
    // One whole file is taken before its parts, where both are there.
    const whole = weights.filter(({ path }) => path === "model.safetensors")
    return [...files.filter(({ path }) => COMPANIONS.includes(path)), ...(whole.length > 0 ? whole : weights)]
  }
  if (models.length === 1) return models
  throw absent(
    `${name} has ${
      models.length === 0
        ? "neither safetensors nor GGUF files"
        : `no safetensors, and ${models.length} GGUF files: ${models.map(({ path }) => path).join(", ")}`
    }`,
    models.length === 0 ? "Take a repository with model.safetensors" : `Name one: --file ${models[0]!.path}`
  )
}

const fileError = (what: string, cause: unknown): HubError =>
  new HubError({
    reason: "File",
    problem: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    advice: "Is there room on the disk, and may you write there? HF_HOME names another folder"
  })

const onDisk = async <A>(what: string, action: () => Promise<A>): Promise<A> => {
  try {
    return await action()
  } catch (cause) {
    throw cause instanceof HubError ? cause : fileError(what, cause)
  }
}

/** The digest of a file as the hub forms it. */
export const digestOf = async (file: string, algorithm: HubFile["digest"]["algorithm"]): Promise<string> => {
  const hash = createHash(algorithm === "sha256" ? "sha256" : "sha1")
  if (algorithm === "git-sha1") hash.update(`blob ${statSync(file).size}\0`)
  await pipeline(createReadStream(file), hash)
  return hash.digest("hex")
}

const sizeOf = (file: string): number => (existsSync(file) ? statSync(file).size : 0)

const MEGABYTE = 1e6
const TRIES = 5
const PAUSE_MS = 500

/** Appends what is missing of a file. A hub that begins anew has its file begun anew. */
const append = async (
  hub: Hub,
  repository: HubRepository,
  { path, size }: HubFile,
  partial: string,
  arrived: (bytes: number, done: number) => void,
  signal: AbortSignal
): Promise<void> => {
  const had = sizeOf(partial)
  if (had >= size && size > 0) return
  const { chunks, start } = await openFile(hub, repository, path, had, signal)
  return onDisk(partial, async () => {
    const handle = await open(partial, "a")
    try {
      if (start !== had) await truncate(partial, start)
      let at = start
      for await (const chunk of chunks) {
        at += chunk.length
        if (at > size) {
          throw new HubError({
            reason: "Digest",
            problem: `${path} has more than the ${size} bytes that the hub names`,
            advice: "It is not used. Try again later"
          })
        }
        await handle.appendFile(chunk)
        arrived(chunk.length, at)
      }
    } finally {
      await handle.close()
    }
  })
}

const isPassing = (error: unknown): boolean => error instanceof HubError && (error.reason === "Unreachable" || error.reason === "Response")

/** Fetches a file to its end. Where the hub breaks off it is asked again, after longer and longer pauses while little comes. */
const fetchPart = async (
  hub: Hub,
  repository: HubRepository,
  file: HubFile,
  partial: string,
  pause: number,
  show: (done: number) => void,
  signal: AbortSignal
): Promise<number> => {
  let fetched = 0
  const arrived = (bytes: number, done: number): void => {
    fetched += bytes
    show(done)
  }
  for (let attempt = 1;; attempt++) {
    const before = sizeOf(partial)
    try {
      await append(hub, repository, file, partial, arrived, signal)
      const came = sizeOf(partial)
      if (came >= file.size) return fetched
      throw new HubError({
        reason: "Unreachable",
        problem: `${file.path} broke off after ${came} of ${file.size} bytes`,
        advice: "What came is kept: run it again to go on from there"
      })
    } catch (cause) {
      if (sizeOf(partial) - before >= MEGABYTE) attempt = 0
      if (!isPassing(cause) || signal.aborted || attempt >= TRIES) throw cause
      await new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt))
    }
  }
}

/** Puts a blob's name where the repository has the file: a link beside it, or the file itself where links are refused. */
const point = async (blob: string, pointer: string): Promise<void> => {
  await mkdir(dirname(pointer), { recursive: true })
  await rm(pointer, { force: true })
  try {
    await symlink(relative(dirname(pointer), blob), pointer)
  } catch (cause) {
    const code = (cause as { readonly code?: unknown }).code
    if (code !== "EPERM" && code !== "ENOSYS" && code !== "ENOTSUP") throw cause
    await rename(blob, pointer)
  }
}

const fetchFile = async (
  hub: Hub,
  repository: HubRepository,
  file: HubFile,
  folder: string,
  pause: number,
  stage: RunningStage,
  signal: AbortSignal
): Promise<number> => {
  const { digest: { algorithm, hex }, path, size } = file
  const pointer = join(folder, "snapshots", repository.commit, path)
  const blob = join(folder, "blobs", hex)
  if (existsSync(pointer) && statSync(pointer).size === size) return 0
  let fetched = 0
  if (sizeOf(blob) !== size || !existsSync(blob)) {
    // The name that huggingface_hub goes on with, too.
    const partial = `${blob}.incomplete`
    await onDisk(partial, () => mkdir(dirname(partial), { recursive: true }))
    if (sizeOf(partial) > size) await onDisk(partial, () => rm(partial))
    fetched = await fetchPart(hub, repository, file, partial, pause, (done) => stage.show(Math.round(done / MEGABYTE), path), signal)
    if (size === 0) await onDisk(partial, () => writeFile(partial, ""))
    const found = await onDisk(partial, () => digestOf(partial, algorithm))
    if (found !== hex) {
      await onDisk(partial, () => rm(partial))
      throw new HubError({
        reason: "Digest",
        problem: `${path} is not the file that the hub names: ${
          algorithm === "sha256" ? "SHA-256" : "git's SHA-1"
        } ${found}, expected ${hex}`,
        advice: "It is not used, and was removed. Fetch it again; if that does not help, ask those who run the hub or the proxy"
      })
    }
    await onDisk(blob, () => rename(partial, blob))
  }
  await onDisk(pointer, () => point(blob, pointer))
  return fetched
}

const checkRoom = async (folder: string, needed: number): Promise<void> => {
  await onDisk(folder, () => mkdir(folder, { recursive: true }))
  const { bavail, bsize } = await onDisk(folder, () => statfs(folder))
  if (bavail * bsize >= needed) return
  throw new HubError({
    reason: "Disk",
    problem: `${bytesText(needed)} are to be fetched, and ${folder} has room for ${bytesText(bavail * bsize)}`,
    advice: "Make room, or name another folder: HF_HOME"
  })
}

/**
 * Fetches a model, or one file, into the cache that huggingface_hub uses too. Says on standard error what it fetches. What is there is not
 * fetched again; what was cut off is gone on with; a file that is not the one that the hub names is removed and never used.
 */
export const pull = Effect.fnUntraced(
  function* ({ cache = hubCache(), hub = hubOf(), pause = PAUSE_MS, repository: asked, ...options }: PullOptions) {
    const named = repositoryName(asked)
    if (named === undefined) {
      return yield* new HubError({
        reason: "Name",
        problem: `${JSON.stringify(asked)} is no repository`,
        advice: "Repositories are named owner/name, as HuggingFaceTB/SmolLM2-135M-Instruct"
      })
    }
    const { repository: name } = named
    const [file, revision] = [options.file ?? named.file, options.revision ?? named.revision ?? MAIN]
    const folder = repositoryFolder(name, cache)
    return yield* Effect.scoped(Effect.gen(function* () {
      yield* hold(
        `${cache}/.locks/models--${name.replace("/", "--")}/pull.lock`,
        (process) =>
          new HubError({ reason: "Busy", problem: `process ${process} fetches ${name}`, advice: "Wait for it, then run this again" })
      )
      const repository = yield* failingAsync([HubError], (signal) => listRepository(hub, name, revision, signal))
      const files = yield* failingAsync([HubError], async () => wantedFiles(repository, file))
      const missing = files.filter(({ digest, path, size }) =>
        sizeOf(join(folder, "snapshots", repository.commit, path)) !== size && sizeOf(join(folder, "blobs", digest.hex)) !== size
      )
      const bytes = missing.reduce(
        (sum, { digest, size }) => sum + Math.max(0, size - sizeOf(join(folder, "blobs", `${digest.hex}.incomplete`))),
        0
      )
      const licence = repository.licence === undefined ? "" : `, licence ${repository.licence}`
      yield* Console.error(
        `${name} at ${repository.commit}${licence}: ${files.length} file${files.length === 1 ? "" : "s"}, ${
          bytesText(bytes)
        } to fetch from ${hub.endpoint}`
      )
      yield* failingAsync([HubError], () => checkRoom(folder, bytes))
      const progress = yield* Progress
      let fetchedBytes = 0
      for (const each of files) {
        const stage = yield* progress.stage(each.path, Math.round(each.size / MEGABYTE))
        const came = yield* failingAsync([HubError], (signal) => fetchFile(hub, repository, each, folder, pause, stage, signal)).pipe(
          Effect.onError(() => stage.end)
        )
        fetchedBytes += came
        const digest = `${each.digest.algorithm === "sha256" ? "SHA-256" : "git SHA-1"} ${each.digest.hex}`
        yield* stage.done(came === 0 ? `was there, ${digest}` : `${bytesText(each.size)}, ${digest}`)
      }
      if (!isCommit(revision)) {
        const ref = join(folder, "refs", revision)
        yield* failingAsync([HubError], () =>
          onDisk(ref, async () => {
            await mkdir(dirname(ref), { recursive: true })
            await writeFile(ref, repository.commit)
          }))
      }
      const snapshot = join(folder, "snapshots", repository.commit)
      return {
        repository: name,
        commit: repository.commit,
        path: file === undefined ? snapshot : join(snapshot, file),
        files,
        fetchedBytes
      } satisfies Pulled
    }))
  }
)
