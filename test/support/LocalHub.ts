/**
 * A hub of models on this machine, which answers as Hugging Face's does: a repository's list of files, files by commit with ranges, large
 * ones from another host. It can be told to misbehave.
 */
import { createHash } from "node:crypto"
import { once } from "node:events"
import { readdirSync, readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"

/** What it was asked. */
export interface Asked {
  readonly host: "hub" | "store"
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

/** How it misbehaves. */
export interface Mischief {
  /** Breaks off each answer with a file after so many bytes, this many times. */
  cutAfter?: number
  cuts?: number
  /** Begins every file anew. */
  ignoresRanges?: boolean
  /** Answers every request so. */
  answer?: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Changes a file's bytes on the way. */
  damage?: (bytes: Buffer) => Buffer
  /** Changes the list of files. */
  list?: (answer: { readonly sha: string; readonly siblings: ReadonlyArray<object> }) => unknown
}

/** A running hub with one repository. */
export interface LocalHub {
  readonly endpoint: string
  readonly asked: Array<Asked>
  readonly mischief: Mischief
  readonly commit: string
  readonly close: () => Promise<void>
}

const LARGE = 20_000

const filesBelow = (folder: string, prefix = ""): ReadonlyArray<string> =>
  readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) =>
    entry.name === "golden" ? [] : entry.isDirectory() ? filesBelow(folder, `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`]
  )

const listen = async (server: Server): Promise<string> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Starts a hub that has the repository tiny/NAME of the files in a folder. */
export const startHub = async (repository: string, folder: string): Promise<LocalHub> => {
  const commit = createHash("sha1").update(folder).digest("hex")
  const asked: Array<Asked> = []
  const mischief: Mischief = {}
  const note = (host: "hub" | "store", request: IncomingMessage): void => {
    asked.push({ host, path: request.url ?? "", range: request.headers.range, authorization: request.headers.authorization })
  }
  const send = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const whole = mischief.damage?.(readFileSync(join(folder, path))) ?? readFileSync(join(folder, path))
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? []
    const start = first === undefined || mischief.ignoresRanges === true ? 0 : Number(first)
    response.writeHead(start === 0 ? 200 : 206, {
      "content-length": whole.length - start,
      ...(start === 0 ? {} : { "content-range": `bytes ${start}-${whole.length - 1}/${whole.length}` })
    })
    const { cutAfter, cuts = 0 } = mischief
    if (cutAfter === undefined || cuts === 0 || whole.length - start <= cutAfter) {
      response.end(whole.subarray(start))
      return
    }
    mischief.cuts = cuts - 1
    response.write(whole.subarray(start, start + cutAfter))
    // What is on its way arrives first.
    setTimeout(() => response.destroy(), 50)
  }
  const store = createServer((request, response) => {
    note("store", request)
    send(request, response, decodeURIComponent(request.url!.slice(1)))
  })
  const storeAt = await listen(store)
  const siblings = filesBelow(folder).map((path) => {
    const bytes = readFileSync(join(folder, path))
    const blobId = createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex")
    const sha256 = createHash("sha256").update(bytes).digest("hex")
    const isLarge = bytes.length > LARGE
    return {
      rfilename: path,
      size: bytes.length,
      blobId: isLarge ? "0".repeat(40) : blobId,
      ...(isLarge ? { lfs: { sha256, size: bytes.length, pointerSize: 130 } } : {})
    }
  })
  const hub = createServer((request, response) => {
    note("hub", request)
    if (mischief.answer !== undefined) {
      response.writeHead(mischief.answer.status, mischief.answer.headers)
      response.end(mischief.answer.body ?? "")
      return
    }
    const { pathname } = new URL(request.url!, "http://hub")
    const [, revision] = /\/revision\/(.+)$/.exec(pathname) ?? []
    if (pathname.startsWith(`/api/models/${repository}/revision/`) && ["main", "v1%2Fa", commit].includes(revision!)) {
      const answer = { id: repository, sha: commit, siblings, cardData: { license: "apache-2.0" } }
      response.end(JSON.stringify(mischief.list?.(answer) ?? answer))
      return
    }
    const prefix = `/${repository}/resolve/${commit}/`
    const path = decodeURIComponent(pathname.slice(prefix.length))
    const entry = siblings.find(({ rfilename }) => rfilename === path)
    if (!pathname.startsWith(prefix) || entry === undefined) {
      response.writeHead(404, { "x-error-code": "RepoNotFound", "x-error-message": "Repository not found" })
      response.end()
      return
    }
    if (entry.lfs === undefined) send(request, response, path)
    else {
      response.writeHead(302, { location: `${storeAt}/${encodeURIComponent(path)}` })
      response.end()
    }
  })
  const endpoint = await listen(hub)
  const closing = (server: Server): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { endpoint, asked, mischief, commit, close: async () => void (await Promise.all([closing(hub), closing(store)])) }
}
