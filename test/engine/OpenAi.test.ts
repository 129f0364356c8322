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

const failureOf = (exit: Exit.Exit<unknown, unknown>): CompletionsError => {
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

  it("is asked again twice for an answer that is no JSON, however patient", async () => {
    const server = await start(() => ({ body: "{" }))
    expect(failureOf(await complete(settings(server.endpoint, { retries: 6 }))).reason).toBe("Unreadable")
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

  it.each([[401, "Refused"], [404, "Refused"], [400, "BadRequest"], [413, "BadRequest"], [422, "BadRequest"]])(
    "is not asked again after %i: %s",
    async (status, reason) => {
      const server = await start(() => ({ status, text: "no" }))
      const error = failureOf(await complete(settings(server.endpoint)))
      expect(error.reason).toBe(reason)
      expect(server.seen).toHaveLength(1)
    }
  )

  it("an answer of another schema names the missing field and is not asked for again", async () => {
    const server = await start(() => ({ body: `{"choices":[{"text":"4"}]}` }))
    const error = failureOf(await complete(settings(server.endpoint)))
    expect(error.reason).toBe("Unreadable")
    expect(error.message).toMatch(/message/)
    expect(server.seen).toHaveLength(1)
  })

  const chat = (message: unknown, more: object = { finish_reason: "stop" }) => ({
    body: JSON.stringify({ choices: [{ message, ...more }] })
  })
  const answerTo = async (behaviour: Behaviour, api: "chat" | "completions" = "chat") =>
    valueOf(await complete(settings((await start(() => behaviour)).endpoint, { api })))

  it.each<readonly [what: string, message: unknown, response: string]>([
    [
      "reasoning_content",
      { content: "It is 408.", reasoning_content: "\n34 * 12 = 408\n" },
      "<think>\n34 * 12 = 408\n</think>\n\nIt is 408."
    ],
    ["reasoning", { content: "\n\nIt is 408.", reasoning: "so" }, "<think>\nso\n</think>\n\nIt is 408."],
    [
      "thinking, as parts",
      { content: "4", thinking: [{ type: "text", text: "a" }, { type: "text", text: "b" }] },
      "<think>\nab\n</think>\n\n4"
    ],
    [
      "reasoning_details",
      { content: "4", reasoning: null, reasoning_details: [{ type: "reasoning.text", text: "so" }] },
      "<think>\nso\n</think>\n\n4"
    ],
    ["two fields of one text", { content: "4", reasoning: "so", reasoning_content: "so" }, "<think>\nso\n</think>\n\n4"],
    [
      "parts of the content",
      { content: [{ type: "thinking", thinking: "so" }, { type: "text", text: "4" }, "!"] },
      "<think>\nso\n</think>\n\n4!"
    ],
    ["parts without thoughts", { content: [{ type: "output_text", text: "4" }, { type: "text", text: "2" }] }, "42"],
    ["a thought that was cut off", { content: null, reasoning_content: "34 * 12 =" }, "<think>\n34 * 12 ="],
    ["a thought that is in the text already", { content: "<think>so</think>4", reasoning_content: "so" }, "<think>so</think>4"],
    ["a refusal", { content: null, refusal: "I cannot." }, "I cannot."],
    ["a call of a tool", { content: null, tool_calls: [{}] }, ""]
  ])("keeps %s", async (_, message, response) => {
    expect((await answerTo(chat(message))).response).toBe(response)
  })

  it("keeps reasoning that the completions API gives beside the text", async () => {
    expect(await answerTo({ body: JSON.stringify({ choices: [{ text: "4", reasoning_content: "so" }] }) }, "completions"))
      .toEqual({ response: "<think>\nso\n</think>\n\n4", truncated: false })
  })

  it.each<readonly [more: object, truncated: boolean]>([
    [{ finish_reason: "MAX_TOKENS" }, true],
    [{ finish_reason: "max_output_tokens" }, true],
    [{ finish_reason: { type: "length", length: 99 } }, true],
    [{ finish_reason: null, stop_reason: "max_tokens" }, true],
    [{ finish_reason: "stop", native_finish_reason: "model_length" }, true],
    [{ finish_reason: "abort" }, true],
    [{ finish_reason: "content_filter" }, true],
    [{ finish_reason: "stop", stop_reason: 128009 }, false],
    [{ finish_reason: "eos_token" }, false],
    [{ finish_reason: { type: "stop", matched: 2 } }, false],
    [{}, false]
  ])("%j: cut off %j", async (more, truncated) => {
    expect((await answerTo(chat({ content: "4" }, more))).truncated).toBe(truncated)
  })

  it("learns from a refusal that the limit has its newer name, once for all requests", async () => {
    const refusal = {
      error: { message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead." }
    }
    const server = await start(({ body }) => (body["max_tokens"] === undefined ? "answer" : { status: 400, text: JSON.stringify(refusal) }))
    const twice = Effect.gen(function* () {
      const policy = yield* Completions
      return [yield* policy.complete({ id: "a", prompt: PROMPT, seed: 7 }), yield* policy.complete({ id: "b", prompt: PROMPT, seed: 8 })]
    })
    const answers = await Effect.runPromise(twice.pipe(Effect.provide(layerOf(settings(server.endpoint)))))
    expect(answers).toHaveLength(2)
    expect(server.seen.map(({ body }) => [body["max_tokens"], body["max_completion_tokens"]])).toEqual([[99, undefined], [undefined, 99], [
      undefined,
      99
    ]])
    await complete(settings(server.endpoint, { limitField: "max_completion_tokens", system: "Be brief." }))
    expect(server.seen).toHaveLength(4)
    expect(server.seen[3]!.body.messages).toEqual([{ role: "system", content: "Be brief." }, { role: "user", content: PROMPT }])
  })

  it.each([
    { error: { message: "Unrecognized request argument supplied: seed" } },
    { detail: [{ type: "extra_forbidden", loc: ["body", "seed"], msg: "Extra inputs are not permitted" }] }
  ])("learns from a refusal that it takes no seed, once for all requests: %j", async (refusal) => {
    const server = await start(({ body }) => (body["seed"] === undefined ? "answer" : { status: 422, text: JSON.stringify(refusal) }))
    const twice = Effect.gen(function* () {
      const policy = yield* Completions
      return [yield* policy.complete({ id: "a", prompt: PROMPT, seed: 7 }), yield* policy.complete({ id: "b", prompt: PROMPT, seed: 8 })]
    })
    await Effect.runPromise(twice.pipe(Effect.provide(layerOf(settings(server.endpoint)))))
    expect(server.seen.map(({ body }) => body["seed"])).toEqual([3, undefined, undefined])
  })

  it("says its own words where it answers with an error and the status of success, and is asked again", async () => {
    const body = JSON.stringify({ error: { message: "the model is overloaded", code: 502 } })
    const server = await start((_, earlier) => (earlier === 0 ? { body } : "answer"))
    expect(valueOf(await complete(settings(server.endpoint))).response).toContain("408")
    const always = await start(() => ({ body }))
    expect(failureOf(await complete(settings(always.endpoint))).message).toContain("the model is overloaded")
  })

  it("is not waited for longer than is allowed, and every wait is told", async () => {
    const server = await start((
      _,
      earlier
    ) => (earlier === 0 ? { status: 503 } : { status: 429, headers: { "retry-after": "99999999" }, text: "later" }))
    const waits: Array<readonly [number, string]> = []
    const onWait = (milliseconds: number, problem: string) => Effect.sync(() => void waits.push([milliseconds, problem]))
    const error = failureOf(await complete(settings(server.endpoint, { onWait })))
    expect(error.reason).toBe("Unavailable")
    expect(error.message).toMatch(/answers 429: later and asks to come back after 99999999 s, longer than the 600 s that are waited/)
    expect(waits.map(([milliseconds, problem]) => [milliseconds > 0 && milliseconds <= 20, problem])).toEqual([[
      true,
      "the server answers 503: an empty body"
    ]])
    expect(server.seen).toHaveLength(2)
  })

  it("is not read beyond the largest answer", async () => {
    const server = await start(() => chat({ content: "4".repeat(100_000) }))
    const error = failureOf(await complete(settings(server.endpoint, { largestAnswer: 50_000 })))
    expect(error.reason).toBe("Unreadable")
    expect(error.message).toMatch(/the answer has more than 50000 bytes/)
    expect(server.seen).toHaveLength(1)
  })

  it("keys and passwords are in no error, in no writing that a server may repeat, and the address is asked without them", async () => {
    const password = "p@ss wörd"
    const written = [
      password,
      encodeURIComponent(password),
      Buffer.from(`me:${password}`).toString("base64"),
      Buffer.from(SECRET).toString("base64"),
      Buffer.from(SECRET).toString("hex"),
      Buffer.from(SECRET).toString("hex").toUpperCase(),
      SECRET
    ]
    const server = await start(() => ({ status: 401, text: written.join(" | ") }))
    const endpoint = server.endpoint.replace("//", `//me:${encodeURIComponent(password)}@`)
    const error = failureOf(await complete(settings(endpoint, { key: undefined })))
    expect(error.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions, row: /)
    for (const text of written.slice(0, 3)) expect(error.message).not.toContain(text)
    expect(server.seen[0]!.authorization).toBe(`Basic ${written[2]}`)
    const keyed = failureOf(await complete(settings(endpoint)))
    for (const text of written) expect(keyed.message).not.toContain(text)
    expect(server.seen[1]!.authorization).toBe(`Bearer ${SECRET}`)
  })

  it.each(["a\nb", "a b", "ключ", `${SECRET}\r\n`])("a key that no header carries (%j) is refused without being said", async (key) => {
    const exit = await complete(settings("http://127.0.0.1:9/v1", { key: Redacted.make(key) }))
    const error = Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
    expect(error).toMatchObject({ _tag: "ConfigError", field: "key" })
    expect(String(error)).not.toContain(key.trim())
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

  it("a request that is refused, and an answer that is none, are counted, asked for again by --resume, and end nothing", async () => {
    const faults: ReadonlyArray<Behaviour> = [{ status: 400, text: "too long" }, { body: "<html>" }, { body: `{"choices": []}` }, {
      body: `{"choices": [{"message": 4}]}`
    }]
    const prompts = queries.map(({ prompt }) => prompt)
    const server = await start(({ body }, earlier) =>
      (earlier === 0 ? faults[prompts.indexOf(body.messages![0]!.content)] : undefined) ?? "answer"
    )
    const { failed, rows: there } = await Effect.runPromise(sample(server, false))
    expect(there).toHaveLength(20)
    expect(failed.map(({ id, number }) => [id, number])).toEqual(
      queries.slice(0, 4).map(({ id, level }, q) => [`${level}/${id}#0`, 3 * q + 1])
    )
    expect(failed.map(({ reason }) => reason)).toEqual([
      expect.stringContaining("answers 400: too long"),
      expect.stringContaining("not JSON: <html>"),
      expect.stringContaining("choices"),
      expect.stringContaining("message")
    ])
    expect((await Effect.runPromise(sample(server, true))).failed).toEqual([])
    expect(rows()).toHaveLength(24)
  })

  it("a request that the server never answers while it answers others is one row's; a server that is gone stops the run", async () => {
    const prompts = queries.map(({ prompt }) => prompt)
    const alive = await start(({ body }) => (body.messages![0]!.content === prompts[3] ? { status: 500, text: "bug" } : "answer"))
    const patient = (server: FaultyServer, resume: boolean) =>
      sampleTexts(options(resume)).pipe(
        Effect.provide([
          layerOf(settings(server.endpoint, { retries: 1, firstWait: "300 millis", longestWait: "300 millis" })),
          NodeServices.layer
        ])
      )
    const { failed, rows: there } = await Effect.runPromise(patient(alive, false))
    expect([there.length, failed.length]).toEqual([21, 3])
    expect(failed[0]!.reason).toMatch(/answers 500: bug \(tried 2 times\)/)
    const gone = await start(() => "cut")
    expect(failureOf(await Effect.runPromiseExit(patient(gone, true))).reason).toBe("Unavailable")
    expect(rows()).toHaveLength(21)
  })

  it("where nothing succeeds the run is given up, and does not ask everything in vain", async () => {
    const server = await start(() => ({ status: 400, text: "no" }))
    const exit = await Effect.runPromiseExit(sample(server, false))
    expect(failureOf(exit).reason).toBe("BadRequest")
    expect(server.seen.length).toBeLessThan(24)
  })

  it("two runs on one file: the second is refused, and a lock that a dead process left is taken over", async () => {
    const server = await start((_, earlier) => (earlier === 1 ? "never" : "answer"))
    const fiber = Effect.runFork(sample(server, false))
    for (let waited = 0; waited < 5000 && !existsSync(file()); waited += 10) await new Promise((resolve) => setTimeout(resolve, 10))
    const exit = await Effect.runPromiseExit(sample(server, true))
    expect(Exit.isFailure(exit) && String(Cause.squash(exit.cause))).toMatch(/process \d+ samples into this file/)
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(existsSync(`${file()}.lock`)).toBe(false)
    writeFileSync(`${file()}.lock`, JSON.stringify({ process: 2 ** 22 + 1, began: 0 }))
    const second = await start(() => "answer")
    expect((await Effect.runPromise(sample(second, true))).rows).toHaveLength(24)
  })

  it.each<readonly [other: Partial<OpenAi.OpenAiSettings>, message: RegExp]>([
    [{ temperature: 0.9 }, /was sampled with temperature 0\.5, not 0\.9/],
    [{ maxTokens: 100 }, /was sampled with maxTokens 99, not 100/],
    [{ system: "Be brief." }, /was sampled with system not given, not "Be brief\."/],
    [{ api: "completions" }, /was sampled with api "chat", not "completions"/]
  ])("is not resumed with %j", async (other, message) => {
    const server = await start(() => "answer")
    await Effect.runPromise(sample(server, false))
    const again = sampleTexts(options(true)).pipe(
      Effect.provide([layerOf(settings(server.endpoint, { retries: 0, ...other })), NodeServices.layer])
    )
    const exit = await Effect.runPromiseExit(again)
    expect(Exit.isFailure(exit) && String(Cause.squash(exit.cause))).toMatch(message)
    expect(server.seen).toHaveLength(24)
  })

  it("is not resumed with another seed, whose draws are another sample; a file of before seeds were noted is", async () => {
    const server = await start(() => "answer")
    const withSeed = (seed: number) =>
      sampleTexts({ ...options(true), seed }).pipe(Effect.provide([layerOf(settings(server.endpoint, { retries: 0 })), NodeServices.layer]))
    await Effect.runPromise(sample(server, false))
    expect(new Set(rows().map((row) => row.settings?.["seed"]))).toEqual(new Set([5]))
    await expect(Effect.runPromise(withSeed(6))).rejects.toThrow(/was sampled with seed 5, not 6/)
    writeFileSync(
      file(),
      rows().map((row) => {
        const { seed: _, ...settings } = row.settings ?? {}
        return `${JSON.stringify({ ...row, settings })}\n`
      }).join("")
    )
    expect((await Effect.runPromise(withSeed(6))).resumed).toBe(24)
    expect(server.seen).toHaveLength(24)
  })

  it("a request that all would share the fate of stops the run and keeps the rows", async () => {
    const server = await start((_, earlier) => (earlier === 2 ? { status: 401, text: "no" } : "answer"))
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
