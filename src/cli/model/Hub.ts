/**
 * What a hub of models is asked, as Hugging Face's answers: which files a repository has at a revision, and their bytes from a place on.
 *
 * Source: https://huggingface.co/docs/hub/api; the headers of https://huggingface.co/docs/huggingface_hub/package_reference/file_download.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs"
import { Schema } from "effect"
import { thisMachine } from "../../model/device/NativeFolder.ts"
import { hubHome, isCommit } from "../../model/pretrained/HubCache.ts"
import { HubError } from "./HubError.ts"

/** A hub, and who asks. */
export interface Hub {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly token?: string
  readonly isOffline: boolean
}

const isSet = (value: string | undefined): value is string => value !== undefined && value.trim() !== ""

/** The hub that the environment names, as Hugging Face's own programs read it: HF_ENDPOINT, HF_TOKEN or the token that was logged in with, HF_HUB_OFFLINE. */
export const hubOf = (environment: Readonly<Record<string, string | undefined>> = process.env): Hub => {
  const { HF_ENDPOINT: endpoint, HF_HUB_OFFLINE: offline, HF_TOKEN: given, HF_TOKEN_PATH: path } = environment
  const file = isSet(path) ? path : `${hubHome({ ...thisMachine(), env: environment })}/token`
  const token = isSet(given) ? given.trim() : existsSync(file) ? readFileSync(file, "utf8").trim() : ""
  return {
    endpoint: (isSet(endpoint) ? endpoint.trim() : "https://huggingface.co").replace(/\/+$/, ""),
    ...(token === "" ? {} : { token }),
    isOffline: ["1", "on", "yes", "true"].includes((offline ?? "").toLowerCase())
  }
}

/** A file of a repository. */
export interface HubFile {
  readonly path: string
  readonly size: number
  /** What its bytes must hash to: large files by SHA-256, others by git's SHA-1 of a blob. It names the file in the cache, too. */
  readonly digest: { readonly algorithm: "sha256" | "git-sha1"; readonly hex: string }
}

/** A repository at a commit. */
export interface HubRepository {
  readonly name: string
  readonly commit: string
  readonly files: ReadonlyArray<HubFile>
  readonly licence?: string
}

const WITHOUT =
  "Without a hub, fetch the model's files elsewhere (hf download) and name their folder, or the .gguf file, in place of the repository"

/** A hub that gives no answer. */
export const unreachable = ({ endpoint }: Hub, cause: unknown): HubError => {
  const why = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause)
  return new HubError({
    reason: "Unreachable",
    problem: `${endpoint} cannot be reached (${why})`,
    advice: `Is there a network, and is it the right hub (HF_ENDPOINT)? Behind a proxy, set NODE_USE_ENV_PROXY=1. ${WITHOUT}`
  })
}

const refusal = (response: Response, what: string): HubError => {
  const [code, said] = ["x-error-code", "x-error-message"].map((name) => response.headers.get(name) ?? "")
  const told = said === "" ? `status ${response.status}` : said
  if (code === "GatedRepo" || response.status === 403) {
    return new HubError({
      reason: "Denied",
      problem: `the hub does not give you ${what} (${told})`,
      advice: "Accept its terms on its page, then set HF_TOKEN to a token of yours that may read it"
    })
  }
  if (response.status === 404 || response.status === 401) {
    return new HubError({
      reason: "NotFound",
      problem: `the hub has no ${what} that you may see (${told})`,
      advice: "Are owner, name and revision right? For a private one set HF_TOKEN"
    })
  }
  return new HubError({ reason: "Response", problem: `asked for ${what}, the hub answered ${told}`, advice: `Try again later. ${WITHOUT}` })
}

const headersOf = ({ token }: Hub): Record<string, string> => ({
  "User-Agent": "decision-sampling",
  ...(token === undefined ? {} : { Authorization: `Bearer ${token}` })
})

// A hub that is silent for so long gives nothing more.
const SILENCE_MS = 60_000

const ask = async (hub: Hub, url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> => {
  if (hub.isOffline) {
    throw new HubError({
      reason: "Unreachable",
      problem: "HF_HUB_OFFLINE says not to ask the hub",
      advice: `Unset it. ${WITHOUT}`
    })
  }
  try {
    // Tokens are for the hub alone: fetch leaves the header away where it is led to another host.
    return await fetch(url, { headers: { ...headersOf(hub), ...headers }, signal })
  } catch (cause) {
    throw unreachable(hub, cause)
  }
}

const Sibling = Schema.Struct({
  rfilename: Schema.NonEmptyString,
  size: Schema.optionalKey(Schema.NullOr(Schema.Int)),
  blobId: Schema.optionalKey(Schema.NullOr(Schema.String)),
  lfs: Schema.optionalKey(Schema.NullOr(Schema.Struct({ sha256: Schema.String, size: Schema.Int })))
})

const Answer = Schema.Struct({
  sha: Schema.String,
  siblings: Schema.Array(Sibling),
  cardData: Schema.optionalKey(Schema.Unknown)
})

const odd = (problem: string): HubError =>
  new HubError({ reason: "Response", problem, advice: `Is HF_ENDPOINT a hub as Hugging Face's is? ${WITHOUT}` })

/** Paths come from the hub and are joined to a folder of the user's. */
// eslint-disable-next-line no-control-regex
const OUTSIDE = /^[/\\]|\\|^\w:|[\u0000-\u001f]/

const isSafe = (path: string): boolean => !OUTSIDE.test(path) && path.split("/").every((part) => !["", ".", ".."].includes(part))

const fileOf = ({ blobId, lfs, rfilename: path, size }: typeof Sibling.Type): HubFile => {
  if (!isSafe(path)) throw odd(`the hub lists the file ${JSON.stringify(path)}, which leads out of its folder`)
  const [bytes, hex] = lfs === undefined || lfs === null ? [size, blobId] : [lfs.size, lfs.sha256]
  const algorithm = lfs === undefined || lfs === null ? "git-sha1" : "sha256"
  const isDigest = (algorithm === "sha256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hex ?? "")
  if (!isDigest || typeof bytes !== "number" || bytes < 0) throw odd(`the hub gives neither size nor digest of ${path}`)
  return { path, size: bytes, digest: { algorithm, hex: hex! } }
}

// A repository of ten thousand files has a list of some 3 MB.
const LARGEST_LIST = 1 << 26

// The list's text; the sentence that ends the reading of one without end goes to whoever called.
const textOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  const parts: Array<string> = []
  let size = 0
  for await (const bytes of response.body ?? []) {
    size += bytes.length
    if (size > LARGEST_LIST) throw new RangeError(`more than ${LARGEST_LIST} bytes`)
    parts.push(decoder.decode(bytes, { stream: true }))
  }
  return parts.join("") + decoder.decode()
}

/** Asks which files a repository has at a revision. Throws HubError. */
export const listRepository = async (hub: Hub, name: string, revision: string, signal: AbortSignal): Promise<HubRepository> => {
  const what = `the repository ${name} at ${revision}`
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SILENCE_MS)])
  const response = await ask(hub, `${hub.endpoint}/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`, {}, limit)
  if (!response.ok) throw refusal(response, what)
  let answer: typeof Answer.Type
  try {
    answer = Schema.decodeUnknownSync(Answer)(JSON.parse(await textOf(response)))
  } catch (cause) {
    throw odd(
      `asked for ${what}, the hub answered no list of files (${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)})`
    )
  }
  if (!isCommit(answer.sha)) throw odd(`the hub names the commit ${JSON.stringify(answer.sha)}`)
  const { license } = (answer.cardData ?? {}) as { readonly license?: unknown }
  return {
    name,
    commit: answer.sha,
    files: answer.siblings.map(fileOf),
    ...(typeof license === "string" ? { licence: license } : {})
  }
}

/** The bytes of a file from `start` on, or from 0 where the hub does not go on. */
export interface HubBytes {
  readonly start: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Asks for the bytes of a file from a place on. Throws HubError, also while they come. */
export const openFile = async (
  hub: Hub,
  { commit, name }: HubRepository,
  path: string,
  start: number,
  signal: AbortSignal
): Promise<HubBytes> => {
  const silence = new AbortController()
  let timer = setTimeout(() => silence.abort(new Error("no byte for a minute")), SILENCE_MS)
  const limit = AbortSignal.any([signal, silence.signal])
  const url = `${hub.endpoint}/${name}/resolve/${commit}/${path.split("/").map(encodeURIComponent).join("/")}`
  try {
    const response = await ask(hub, url, start === 0 ? {} : { Range: `bytes=${start}-` }, limit)
    if (!response.ok || response.body === null) throw refusal(response, `the file ${path} of ${name}`)
    const begin = response.status === 206 ? Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? NaN) : 0
    if (begin !== 0 && begin !== start) throw odd(`asked for ${path} from byte ${start} on, the hub answered from ${begin} on`)
    const { body } = response
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for await (const chunk of body) {
          clearTimeout(timer)
          timer = setTimeout(() => silence.abort(new Error("no byte for a minute")), SILENCE_MS)
          yield chunk as Uint8Array
        }
      } catch (cause) {
        throw cause instanceof HubError ? cause : unreachable(hub, cause)
      } finally {
        clearTimeout(timer)
      }
    }
    return { start: begin, chunks: chunks() }
  } catch (cause) {
    clearTimeout(timer)
    throw cause
  }
}
