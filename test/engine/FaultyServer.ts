/**
 * A real HTTP server of the OpenAI API for tests: it answers every prompt, and goes wrong in the ways that it is told.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** One request as the server saw it. */
export interface Seen {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: {
    readonly prompt?: string
    readonly messages?: ReadonlyArray<{ readonly content: string }>
    readonly [field: string]: unknown
  }
  readonly at: number
}

/** What the server does with a request; "answer" is what it should. */
export type Behaviour =
  | "answer"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text?: string }
  | { readonly body: string }
  | "cut"
  | "cut in the body"
  | "never"

/** A running server; `behave` decides by the request and how often its prompt was asked before. */
export interface FaultyServer {
  readonly endpoint: string
  readonly seen: ReadonlyArray<Seen>
  readonly close: () => Promise<void>
}

const textOf = (prompt: string): string => {
  const [, left = "0", right = "0"] = /(\d+) \* (\d+)/.exec(prompt) ?? []
  return `The answer is ${Number(left) * Number(right) + 1}.\nWait, I made a mistake. Let me recompute.\nThe answer is ${
    Number(left) * Number(right)
  }.`
}

const answerOf = (path: string, prompt: string): unknown =>
  path.endsWith("/chat/completions")
    ? {
      choices: [{
        message: { role: "assistant", content: textOf(prompt) },
        finish_reason: "stop",
        logprobs: { content: [{ token: "The", logprob: -0.5 }, { token: " answer", logprob: -0.25 }] }
      }]
    }
    : {
      choices: [{ text: textOf(prompt), finish_reason: "length", logprobs: { tokens: ["The", " answer"], token_logprobs: [-0.5, -0.25] } }]
    }

const bodyOf = async (request: IncomingMessage): Promise<Seen["body"]> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as Seen["body"]
}

const respond = (response: ServerResponse, behaviour: Behaviour, answer: unknown): void => {
  if (behaviour === "never") return
  if (behaviour === "cut") return void response.destroy()
  const json = JSON.stringify(answer)
  if (behaviour === "cut in the body") {
    response.writeHead(200, { "content-type": "application/json", "content-length": String(json.length) })
    response.write(json.slice(0, 20), () => response.destroy())
    return
  }
  if (behaviour === "answer") return void response.writeHead(200, { "content-type": "application/json" }).end(json)
  if ("status" in behaviour) return void response.writeHead(behaviour.status, behaviour.headers).end(behaviour.text ?? "")
  response.writeHead(200, { "content-type": "application/json" }).end(behaviour.body)
}

/** Starts a server on a free port. */
export const startFaultyServer = async (behave: (request: Seen, earlier: number) => Behaviour): Promise<FaultyServer> => {
  const seen: Array<Seen> = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const prompt = body.prompt ?? body.messages?.[0]?.content ?? ""
      const earlier = seen.filter((other) => (other.body.prompt ?? other.body.messages?.[0]?.content) === prompt).length
      const now: Seen = { path: request.url ?? "", authorization: request.headers.authorization, body, at: performance.now() }
      seen.push(now)
      respond(response, behave(now, earlier), answerOf(now.path, prompt))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      })
  }
}
