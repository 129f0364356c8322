import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import * as OpenAi from "../../src/engine/OpenAi.ts"
import type { TextRollout } from "../../src/engine/RolloutFile.ts"
import { sampleTexts } from "../../src/engine/SampleTexts.ts"
import { Completions, CompletionsError } from "../../src/engine/Completions.ts"
import { type Behaviour, type FaultyServer, type Seen, startFaultyServer } from "./FaultyServer.ts"

const SECRET = "key-that-nobody-may-see"
const PROMPT = "Calculate 12 * 34. Think step by step."

let servers: Array<FaultyServer> = []
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "remote-"))
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
  rmSync(folder, { recursive: true, force: true })
})

const start = async (behave: (request: Seen, earlier: number) => Behaviour): Promise<FaultyServer> => {
  const server = await startFaultyServer(behave)
  servers.push(server)
  return server
}

const settings = (endpoint: string, more: Partial<OpenAi.OpenAiSettings> = {}): OpenAi.OpenAiSettings => ({
  endpoint,
  model: "small",
  api: "chat",
  key: Redacted.make(SECRET),
  maxTokens: 99,
  temperature: 0.5,
  logProbs: true,
  timeout: "5 seconds",
  retries: 3,
  firstWait: "5 millis",
  longestWait: "20 millis",
  ...more
})

const layerOf = (options: OpenAi.OpenAiSettings) => Layer.provide(OpenAi.layer(options), NodeHttpClient.layerNodeHttp)

const complete = (options: OpenAi.OpenAiSettings) =>
  Effect.runPromiseExit(
    Effect.gen(function* () {
      const policy = yield* Completions
      return yield* policy.complete({ id: "row", prompt: PROMPT, seed: 7 })
    }).pipe(Effect.provide(layerOf(options)))
  )

const failureOf = (exit: Exit.Exit<unknown, CompletionsError>): CompletionsError => {
  if (Exit.isSuccess(exit)) throw new Error("expected a failure")
  const error = Cause.squash(exit.cause)
  if (!(error instanceof CompletionsError)) throw error
  return error
}

const valueOf = <A>(exit: Exit.Exit<A, unknown>): A => {
  if (Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
  return exit.value
}

describe("a model behind an OpenAI-compatible server", () => {
  it("is asked over the chat API with the settings and the key, and its log-probabilities are kept", async () => {
    const server = await start(() => "answer")
    const answer = valueOf(await complete(settings(`${server.endpoint}/`)))
    expect(answer).toEqual({
      response: "The answer is 409.\nWait, I made a mistake. Let me recompute.\nThe answer is 408.",
      truncated: false,
      tokens: ["The", " answer"],
      logprobs: [-0.5, -0.25]
    })
    const [seen] = server.seen
    expect(seen!.path).toBe("/v1/chat/completions")
    expect(seen!.authorization).toBe(`Bearer ${SECRET}`)
    expect(seen!.body).toEqual({
      model: "small",
      max_tokens: 99,
      temperature: 0.5,
      seed: 3,
      logprobs: true,
      messages: [{ role: "user", content: PROMPT }]
    })
  })

  it("is asked over the completions API; finish_reason length is truncated; without a key no header is sent", async () => {
    const server = await start(() => "answer")
    const answer = valueOf(await complete(settings(server.endpoint, { api: "completions", key: undefined, logProbs: false })))
    expect(answer.truncated).toBe(true)
    expect(answer.logprobs).toEqual([-0.5, -0.25])
    expect(server.seen[0]!.authorization).toBe(undefined)
    expect(server.seen[0]!.body).toEqual({ model: "small", max_tokens: 99, temperature: 0.5, seed: 3, prompt: PROMPT })
  })

  it("reads log-probabilities of the completions API in the chat API's shape, as llama.cpp's server sends them", async () => {
    const body = JSON.stringify({
      choices: [{
        text: "4!",
        finish_reason: "stop",
        logprobs: { content: [{ id: 19, token: "4", logprob: -1 }, { id: 20, token: "!", logprob: -0.5 }] }
      }]
    })
    const server = await start(() => ({ body }))
    expect(valueOf(await complete(settings(server.endpoint, { api: "completions" })))).toEqual({
      response: "4!",
      truncated: false,
      tokens: ["4", "!"],
      logprobs: [-1, -0.5]
    })
  })

  it("drops log-probabilities that lack a token rather than shifting the others", async () => {
    const body = JSON.stringify({
      choices: [{ text: "4", finish_reason: null, logprobs: { tokens: ["4", "!"], token_logprobs: [null, -1] } }]
    })
    const server = await start(() => ({ body }))
    expect(valueOf(await complete(settings(server.endpoint, { api: "completions" })))).toEqual({ response: "4", truncated: false })
  })

  it.each<readonly [fault: string, behaviour: Behaviour]>([
    ["429", { status: 429 }],
    ["500", { status: 500, text: "out of memory" }],
    ["503", { status: 503 }],
    ["a cut connection", "cut"],
    ["a connection cut in the body", "cut in the body"],
    ["malformed JSON", { body: `{"choices": [` }]
  ])("is asked again after %s, and the answer arrives", async (_, fault) => {
    const server = await start((_, earlier) => (earlier < 2 ? fault : "answer"))
    expect(valueOf(await complete(settings(server.endpoint))).response).toContain("408")
    expect(server.seen).toHaveLength(3)
  })

  it("is asked again when it is slower than the timeout", async () => {
    const server = await start((_, earlier) => (earlier === 0 ? "never" : "answer"))
    expect(valueOf(await complete(settings(server.endpoint, { timeout: "100 millis" }))).response).toContain("408")
    expect(server.seen).toHaveLength(2)
  })

  it("is not asked again before the time that Retry-After names", async () => {
    const server = await start((_, earlier) => (earlier === 0 ? { status: 429, headers: { "retry-after": "1" } } : "answer"))
    expect(valueOf(await complete(settings(server.endpoint))).response).toContain("408")
    expect(server.seen[1]!.at - server.seen[0]!.at).toBeGreaterThan(950)
  })

  it("gives up after the repetitions allowed, and says what, where and what to do", async () => {
    const server = await start(() => ({ status: 500, text: "out of memory" }))
    const error = failureOf(await complete(settings(server.endpoint, { retries: 2 })))
    expect(server.seen).toHaveLength(3)
    expect(error.reason).toBe("Unavailable")
    expect(error.message).toMatch(/127\.0\.0\.1.*row: the server answers 500: out of memory \(tried 3 times\)\. Check .*--resume/)
  })

  it.each([401, 404, 400])("is not asked again after %i", async (status) => {
    const server = await start(() => ({ status, text: "no" }))
    const error = failureOf(await complete(settings(server.endpoint)))
    expect(error.reason).toBe("Refused")
    expect(server.seen).toHaveLength(1)
  })

  it("an answer of another schema names the missing field and is not asked for again", async () => {
    const server = await start(() => ({ body: `{"choices":[{"text":"4"}]}` }))
    const error = failureOf(await complete(settings(server.endpoint)))
    expect(error.reason).toBe("Unreadable")
    expect(error.message).toMatch(/message/)
    expect(server.seen).toHaveLength(1)
  })

  it("the key is in no error, even when the server repeats it", async () => {
    const server = await start(() => ({ status: 401, text: `invalid key ${SECRET}` }))
    const exit = await complete(settings(server.endpoint))
    expect(failureOf(exit).message).toContain("invalid key <key>")
    expect(JSON.stringify(exit) + String(exit) + Cause.pretty((exit as Exit.Failure<unknown, unknown>).cause)).not.toContain(SECRET)
  })
})

describe("a rollouts file", () => {
  const queries = Multiplication.testSet({ radix: 10 }, { left: 2, right: 2 }, { count: 8, isTrained: false, seed: 1 }).problems.map((
    problem
  ) => Multiplication.toQuery({ radix: 10 }, problem))
  const file = () => join(folder, "deep", "rollouts.jsonl")
  const options = (resume: boolean) => ({ queries, generations: 3, file: file(), resume, concurrency: 4, seed: 5 })
  const sample = (server: FaultyServer, resume: boolean, model = "small") =>
    sampleTexts(options(resume)).pipe(Effect.provide([layerOf(settings(server.endpoint, { model, retries: 0 })), NodeServices.layer]))
  const rows = () => readFileSync(file(), "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as TextRollout)

  it("an interrupted run loses no answer that has arrived, and its resumption asks exactly for the rest", async () => {
    const first = await start((_, earlier) => (earlier === 2 ? "never" : "answer"))
    const fiber = Effect.runFork(sample(first, false))
    // Four queries' third generations hang, one for each request under way.
    for (let waited = 0; waited < 5000 && first.seen.filter((_, i) => i >= 0).length < 12; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await Effect.runPromise(Fiber.interrupt(fiber))
    const kept = rows().map(({ id }) => id)
    expect(kept).toHaveLength(8)

    const second = await start(() => "answer")
    const { resumed, rows: all } = await Effect.runPromise(sample(second, true))
    expect(resumed).toBe(8)
    expect(second.seen).toHaveLength(16)
    expect(rows().slice(0, 8).map(({ id }) => id)).toEqual(kept)
    const ids = rows().map(({ id }) => id)
    expect(new Set(ids).size).toBe(24)
    expect(ids).toHaveLength(24)
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set(ids))
  })

  it("half a line of a killed run is cut off and asked for again", async () => {
    const server = await start(() => "answer")
    await Effect.runPromise(sample(server, false))
    const whole = readFileSync(file(), "utf8")
    writeFileSync(file(), whole.slice(0, -30))
    await Effect.runPromise(sample(server, true))
    expect(server.seen).toHaveLength(25)
    expect(new Set(rows().map(({ id }) => id)).size).toBe(24)
    expect(rows()).toHaveLength(24)
  })

  it("a request that fails for good stops the run and keeps the rows", async () => {
    const server = await start((_, earlier) => (earlier === 2 ? { status: 400, text: "no" } : "answer"))
    const exit = await Effect.runPromiseExit(sample(server, false))
    expect(Exit.isFailure(exit)).toBe(true)
    expect(rows().length).toBeGreaterThanOrEqual(2)
  })

  it.each<readonly [what: string, prepare: () => void, resume: boolean, model: string, message: RegExp]>([
    ["is not overwritten", () => undefined, false, "small", /there already.*--resume/],
    ["of another model is not mixed with this one's", () => undefined, true, "large", /of model "small", not "large"/],
    [
      "with a broken line is refused with its number",
      () => writeFileSync(file(), "{}\n" + readFileSync(file(), "utf8")),
      true,
      "small",
      /rollouts\.jsonl:1: /
    ],
    ["with a row twice is refused", () => writeFileSync(file(), readFileSync(file(), "utf8").repeat(2)), true, "small", /is there twice/]
  ])("that exists %s", async (_, prepare, resume, model, message) => {
    const server = await start(() => "answer")
    await Effect.runPromise(sample(server, false))
    prepare()
    const before = readFileSync(file(), "utf8")
    await expect(Effect.runPromise(sample(server, resume, model))).rejects.toThrow(message)
    expect(readFileSync(file(), "utf8")).toBe(before)
    expect(server.seen).toHaveLength(24)
  })

  it("left empty by a run that was refused at once is no hindrance to the next", async () => {
    const refusing = await start(() => ({ status: 401, text: "who are you?" }))
    await expect(Effect.runPromise(sample(refusing, false))).rejects.toThrow(/401/)
    expect(readFileSync(file(), "utf8")).toBe("")
    await Effect.runPromise(sample(await start(() => "answer"), false))
    expect(rows()).toHaveLength(24)
  })

  it("is not begun with settings that make no sense", async () => {
    const server = await start(() => "answer")
    const run = sampleTexts({ ...options(false), concurrency: 0 }).pipe(
      Effect.provide([layerOf(settings(server.endpoint)), NodeServices.layer])
    )
    await expect(Effect.runPromise(run)).rejects.toThrow(/concurrency is 0/)
    expect(existsSync(file())).toBe(false)
  })
})
