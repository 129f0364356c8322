/**
 * A real HTTP server in the shapes of vLLM's completions API with token ids, and of its loading of adapters; it goes wrong in the ways that it is told.
 */
import { existsSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

/** A request for a rollout as it arrived. */
export interface Question {
  readonly model: string
  readonly prompt: ReadonlyArray<number>
  readonly seed: number
  readonly max_tokens: number
  readonly temperature: number
  readonly stop_token_ids: ReadonlyArray<number>
  readonly [field: string]: unknown
}

/** What a model writes: tokens with its log-probabilities. */
export interface Written {
  readonly tokens: ReadonlyArray<number>
  readonly logProbs: ReadonlyArray<number>
}

/** An answer in place of the right one. */
export type Fault =
  | { readonly status: number; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly body: unknown }
  | "cut"

/** What the server is told. */
export interface TokenServerOptions {
  /** What the model of this name writes; `path` is where its adapter lies. */
  readonly write: (question: Question, path: string) => Written | Promise<Written>
  /** Goes wrong before a rollout; `right` is what it would answer, `count` how many it was asked for before. */
  readonly fault?: (question: Question, right: AnswerBody, count: number) => Fault | undefined
  /** Goes wrong before an adapter is loaded or unloaded. */
  readonly loadFault?: (path: string, name: string, count: number) => Fault | undefined
}

/** vLLM's answer, as far as it is read. */
export interface AnswerBody {
  readonly model: string
  readonly choices: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly [field: string]: unknown
}

/** A running server. */
export interface TokenServer {
  readonly endpoint: string
  readonly questions: ReadonlyArray<Question>
  readonly authorizations: ReadonlyArray<string | undefined>
  /** Loads and unloads in order, as "load NAME". */
  readonly log: ReadonlyArray<string>
  readonly loaded: ReadonlyMap<string, string>
  readonly close: () => Promise<void>
}

const jsonOf = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString("utf8"))
}

const bodyOf = ({ model, prompt, stop_token_ids }: Question, { logProbs, tokens }: Written): AnswerBody => {
  const names = tokens.map((token) => `token_id:${token}`)
  return {
    id: "cmpl-1",
    object: "text_completion",
    model,
    choices: [{
      index: 0,
      text: "",
      logprobs: { text_offset: tokens.map(() => 0), token_logprobs: logProbs, tokens: names, top_logprobs: tokens.map(() => ({})) },
      finish_reason: stop_token_ids.includes(tokens.at(-1)!) ? "stop" : "length",
      stop_reason: null,
      prompt_token_ids: prompt,
      token_ids: tokens
    }],
    usage: { prompt_tokens: prompt.length, completion_tokens: tokens.length }
  }
}

const respond = (response: ServerResponse, fault: Fault): void => {
  if (fault === "cut") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
    response.write("{\"choices\": [", () => response.destroy())
    return
  }
  if ("status" in fault) return void response.writeHead(fault.status, fault.headers).end(fault.text ?? "")
  response.writeHead(200, { "content-type": "application/json" }).end(
    typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body)
  )
}

/** Starts a server on a free port. */
export const startTokenServer = async ({ fault, loadFault, write }: TokenServerOptions): Promise<TokenServer> => {
  const questions: Array<Question> = []
  const authorizations: Array<string | undefined> = []
  const log: Array<string> = []
  const loaded = new Map<string, string>()
  const loads: Array<string> = []

  const load = async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const { lora_name: name, lora_path: from = "" } = await jsonOf(request) as { readonly lora_name: string; readonly lora_path?: string }
    loads.push(name)
    const wrong = loadFault?.(path, name, loads.length - 1)
    if (wrong !== undefined) return respond(response, wrong)
    const refuse = (status: number, message: string) =>
      respond(response, { status, text: JSON.stringify({ error: { message, code: status } }) })
    if (path.endsWith("/load_lora_adapter")) {
      if (loaded.has(name)) return refuse(400, `The lora adapter '${name}' has already been loaded.`)
      if (!existsSync(from)) return refuse(404, `No adapter found for ${from}`)
      loaded.set(name, from)
      log.push(`load ${name}`)
    } else {
      if (!loaded.delete(name)) return refuse(404, `The lora adapter '${name}' cannot be found.`)
      log.push(`unload ${name}`)
    }
    respond(response, { status: 200, text: `Success: LoRA adapter '${name}'` })
  }

  const complete = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const question = await jsonOf(request) as Question
    questions.push(question)
    const path = loaded.get(question.model)
    if (path === undefined) return respond(response, { status: 404, text: `The model \`${question.model}\` does not exist.` })
    const right = bodyOf(question, await write(question, path))
    respond(response, fault?.(question, right, questions.length - 1) ?? { body: right })
  }

  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization)
    const path = request.url ?? ""
    const answered = path.endsWith("lora_adapter") ? load(request, response, path) : complete(request, response)
    answered.catch((cause: unknown) => respond(response, { status: 501, text: String(cause) }))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    questions,
    authorizations,
    log,
    loaded,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
