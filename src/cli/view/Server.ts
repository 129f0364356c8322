/**
 * The page's server: on the loopback interface alone, for pages that it sent itself alone, and with nothing to write.
 *
 * What it guards against: other machines (it listens on 127.0.0.1), other sites open in the same browser (a request must name this host and port, so that no name
 * that was made to point here is of use, and must not come from another origin), text of models that would be script (nothing inline is run, nothing foreign is
 * loaded), and paths (files are named from a list that was read when it started).
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:http"
import { extname, join } from "node:path"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, Layer, Queue, Stream } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { oneLine } from "../../domain/OneLine.ts"
import type { Problem } from "../../view/Api.ts"
import { filterOf } from "../../view/FilterParams.ts"
import { type Library, MOST_ROWS_AT_ONCE } from "./Library.ts"

/** The address that it listens on. */
export const LOOPBACK = "127.0.0.1"

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml"
}

/** What the browser may do with what it is sent. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store"
}

type Headers = Readonly<Record<string, string | undefined>>

/**
 * Why a request is refused; undefined where it is not. `port` is the one that is listened on. The names that a browser on this machine has for it are `127.0.0.1` and `localhost`;
 * through a tunnel the port may be another one's, so of `localhost` any port will do.
 */
export const refusal = ({ host, origin, ...headers }: Headers, port: number): string | undefined => {
  // Browsers leave the port of http out.
  const isOurs = host === `${LOOPBACK}:${port}` || (port === 80 && host === LOOPBACK) || /^localhost(?::\d{1,5})?$/.test(host ?? "")
  if (!isOurs) return `the host ${JSON.stringify(oneLine(host ?? "", 100))} is none of this program's`
  if (origin !== undefined && origin !== `http://${host}`) return "the request comes from another site"
  const site = headers["sec-fetch-site"]
  return site === undefined || site === "same-origin" || site === "none" ? undefined : "the request comes from another site"
}

const problemResponse = (problem: Problem, status: number): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.jsonUnsafe(problem, { status, headers: HEADERS })

/** What a question lacks. */
class Unasked extends Error {}

const text = (params: URLSearchParams, name: string): string => {
  const value = params.get(name)
  if (value === null || value === "") throw new Unasked(`${name} is missing`)
  return value
}

const count = (params: URLSearchParams, name: string, otherwise: number): number => {
  const value = params.get(name)
  if (value === null) return otherwise
  if (!/^\d{1,15}$/.test(value)) throw new Unasked(`${name} is ${JSON.stringify(value)}, expected a whole number`)
  return Number(value)
}

const filterIn = (params: URLSearchParams) => {
  const filter = filterOf(params)
  if (typeof filter === "string") throw new Unasked(filter)
  return filter
}

/** The questions by name. */
const questions = (library: Library): Readonly<Record<string, (params: URLSearchParams) => Promise<unknown>>> => ({
  overview: () => library.overview(),
  metrics: (params) => library.metrics(text(params, "run")),
  rows: (params) =>
    library.rows(text(params, "set"), filterIn(params), count(params, "from", 0), count(params, "count", MOST_ROWS_AT_ONCE)),
  row: (params) => library.row(text(params, "set"), count(params, "row", 0), count(params, "from", 0)),
  calibration: (params) => library.calibration(text(params, "set"), filterIn(params)),
  compare: (params) => library.compare(text(params, "from"), text(params, "to")),
  results: (params) => library.results(text(params, "id")),
  comparison: (params) => library.comparison(text(params, "id"))
})

const answer = (ask: () => Promise<unknown>): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.tryPromise({ try: async () => ask(), catch: (cause) => cause }).pipe(
    Effect.map((value) => HttpServerResponse.jsonUnsafe(value, { headers: HEADERS })),
    Effect.catch((cause) =>
      Effect.succeed(
        cause instanceof FileError
          ? problemResponse({ problem: `${cause.file}: ${cause.problem}`, advice: cause.advice }, 404)
          : cause instanceof ConfigError
          ? problemResponse({ problem: `${cause.field} is ${cause.value}`, advice: `Expected ${cause.expected}` }, 400)
          : cause instanceof Unasked
          ? problemResponse({ problem: cause.message, advice: "Follow a link of the page" }, 400)
          : problemResponse(
            { problem: cause instanceof Error ? cause.message : String(cause), advice: "This is a fault of the program" },
            500
          )
      )
    )
  )

const KEEP_ALIVE_MS = 15_000

// Who does not read what it is sent gets the latest news alone.
const NEWS_HELD = { bufferSize: 16, strategy: "sliding" } as const

/** Tells the page of every edition, as a stream of events; a comment now and then keeps it open. */
const events = (library: Library): HttpServerResponse.HttpServerResponse => {
  const editions = Stream.callback<string>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const send = (line: string) => void Queue.offerUnsafe(queue, `${line}\n\n`)
        send(`data: ${library.edition()}`)
        const stop = library.onNews((edition) => send(`data: ${edition}`))
        const timer = setInterval(() => send(": here"), KEEP_ALIVE_MS)
        return () => {
          stop()
          clearInterval(timer)
        }
      }),
      (end) => Effect.sync(end)
    ), NEWS_HELD)
  return HttpServerResponse.stream(Stream.encodeText(editions), { contentType: "text/event-stream", headers: HEADERS })
}

/** The page's files by name. */
const pageFiles = (folder: string): ReadonlyMap<string, HttpServerResponse.HttpServerResponse> =>
  new Map(
    readdirSync(folder).flatMap((name) => {
      const contentType = TYPES[extname(name)]
      return contentType === undefined
        ? []
        : [[name, HttpServerResponse.uint8Array(readFileSync(join(folder, name)), { contentType, headers: HEADERS })] as const]
    })
  )

/** Serves a library and the page's files on a port, 0 for any; gives the port. Lives as long as the scope. Fails where the port is taken. */
export const serveView = Effect.fnUntraced(function* (library: Library, page: string, port: number) {
  const files = pageFiles(page)
  const asked = questions(library)
  const server = yield* HttpServer.HttpServer
  const address = server.address
  const listened = address._tag === "UnixPathAddress" ? port : address.port
  const respond = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const refused = refusal(request.headers, listened)
    if (refused !== undefined) {
      return problemResponse({ problem: refused, advice: `Open http://${LOOPBACK}:${listened}/ in a browser on this machine` }, 403)
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return problemResponse({ problem: `${request.method} is not answered`, advice: "There is nothing to write here" }, 405)
    }
    const [pathname = "", query] = request.url.split(/\?(.*)/s)
    const searchParams = new URLSearchParams(query)
    const file = files.get(pathname === "/" ? "index.html" : pathname.slice(1))
    if (file !== undefined) return file
    if (pathname === "/api/events") return events(library)
    const question = pathname.startsWith("/api/") ? pathname.slice(5) : ""
    return Object.hasOwn(asked, question)
      ? yield* answer(() => asked[question]!(searchParams))
      : problemResponse({ problem: "there is nothing at this address", advice: "Begin at /" }, 404)
  })
  yield* server.serve(respond)
  return listened
})

/** The server on a port of the loopback interface. */
export const loopbackServer = (port: number): Layer.Layer<HttpServer.HttpServer, FileError> =>
  NodeHttpServer.layerServer(createServer, { port, host: LOOPBACK, gracefulShutdownTimeout: "500 millis" }).pipe(
    Layer.catch((cause) =>
      Layer.effect(
        HttpServer.HttpServer,
        Effect.fail(
          new FileError({
            file: `port ${port}`,
            problem: String(cause.cause instanceof Error ? cause.cause.message : cause.message),
            advice: "Name another with --port; 0 takes any that is free"
          })
        )
      )
    )
  )
