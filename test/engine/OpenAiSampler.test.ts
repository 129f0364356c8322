import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { PolicyError } from "../../src/domain/Errors.ts"
import { Grammar } from "../../src/domain/Grammar.ts"
import { onPolicy, Sampler, type SamplingParameters } from "../../src/domain/Sampler.ts"
import type { Rollout } from "../../src/domain/Trajectory.ts"
import type { AdapterPlace, AdapterWriter } from "../../src/engine/AdapterPublisher.ts"
import * as OpenAiSampler from "../../src/engine/OpenAiSampler.ts"
import { END, freeGrammar, freeWords, ROOM } from "./FreeWords.ts"
import { type AnswerBody, startTokenServer, type TokenServer, type TokenServerOptions } from "./TokenServer.ts"

const SECRET = "key-that-nobody-may-see"
let folder = ""
let servers: Array<TokenServer> = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sampler-"))
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
  rmSync(folder, { recursive: true, force: true })
})

const right = { tokens: [7, 8, END], logProbs: [-0.5, -0.25, -0.125] }
const start = async (options: Partial<TokenServerOptions> = {}): Promise<TokenServer> => {
  const server = await startTokenServer({ write: () => right, ...options })
  servers.push(server)
  return server
}

const writer: AdapterWriter = {
  identity: "test",
  write: (parameters, path) => Effect.sync(() => writeFileSync(path, new Uint8Array(parameters.buffer)))
}

const layerOf = (
  endpoint: string,
  more: Partial<OpenAiSampler.OpenAiSamplerSettings> = {},
  by = writer,
  place: Partial<AdapterPlace> = {},
  words = freeWords
) =>
  OpenAiSampler.layer(
    {
      endpoint,
      key: Redacted.make(SECRET),
      logProbs: "raw",
      concurrency: 4,
      timeout: "5 seconds",
      retries: 2,
      firstWait: "2 millis",
      longestWait: "5 millis",
      ...more
    },
    by,
    { folder, ...place }
  ).pipe(Layer.provide([NodeHttpClient.layerNodeHttp, NodeServices.layer, words]))

const parameters = Float32Array.of(1, 2, 3)
const requests = [{ prompt: [5, 6], seed: 11 }, { prompt: [5, 6, 7], seed: 4_294_967_295 }]
const sampling: SamplingParameters = { ...onPolicy, maxTokens: 8 }

const sampled = (layer: ReturnType<typeof layerOf>, drawn = sampling, of = parameters): Promise<ReadonlyArray<Rollout>> =>
  Effect.runPromise(Effect.flatMap(Sampler, (sampler) => sampler.sample(of, requests, drawn)).pipe(Effect.provide(layer)))
const refusal = (layer: ReturnType<typeof layerOf>, drawn = sampling): Promise<PolicyError> =>
  Effect.runPromise(
    Effect.flip(Effect.flatMap(Sampler, (sampler) => sampler.sample(parameters, requests, drawn))).pipe(Effect.provide(layer))
  ) as Promise<PolicyError>

const choiceWith = (fields: Readonly<Record<string, unknown>>) => (_: unknown, body: AnswerBody) => ({
  body: { ...body, choices: [{ ...body.choices[0], ...fields }] }
})

describe("a sampler on a server", () => {
  it("asks by token ids with everything said that shapes the distribution, and reads ids, log-probabilities and spans", async () => {
    const server = await start()
    const [first, second] = await sampled(layerOf(server.endpoint))
    const version = server.questions[0]!.model
    expect(first).toEqual({
      tokens: [5, 6, 7, 8, END],
      promptLength: 2,
      offset: 0,
      logProbs: [0, 0, -0.5, -0.25, -0.125],
      spans: [{ kind: "sample", start: 2, end: 5 }],
      ending: "stop",
      version
    })
    expect(second!.tokens).toEqual([5, 6, 7, 7, 8, END])
    expect(server.questions.find(({ prompt }) => prompt.length === 2)).toMatchObject({
      prompt: [5, 6],
      seed: 11,
      max_tokens: 8,
      temperature: 1,
      top_p: 1,
      top_k: -1,
      min_p: 0,
      repetition_penalty: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      stop_token_ids: [END],
      return_token_ids: true,
      logprobs: 0
    })
    expect(server.questions.find(({ prompt }) => prompt.length === 3)!.seed).toBe(4_294_967_295)
    expect(new Set(server.authorizations)).toEqual(new Set([`Bearer ${SECRET}`]))
  })

  it("asks for no more tokens than the words have room for, and reads a text that was cut off", async () => {
    const server = await start({ write: ({ max_tokens }) => ({ tokens: Array(max_tokens).fill(7), logProbs: Array(max_tokens).fill(-1) }) })
    const [first, second] = await sampled(layerOf(server.endpoint), { ...sampling, maxTokens: 100 })
    expect([first!.tokens.length, second!.tokens.length]).toEqual([ROOM, ROOM])
    expect(first!.ending).toBe("truncated")
  })

  it("publishes parameters once, anew where they changed, and unloads what it loaded", async () => {
    const server = await start()
    const other = Float32Array.of(1, 2, 4)
    const models: Array<string> = []
    await Effect.runPromise(
      Effect.gen(function* () {
        const sampler = yield* Sampler
        for (const each of [parameters, parameters.slice(), other, parameters]) {
          models.push((yield* sampler.sample(each, [requests[0]!], sampling))[0]!.version!)
          expect(readdirSync(folder)).toEqual([models.at(-1)])
          expect(new Float32Array(new Uint8Array(readFileSync(join(folder, models.at(-1)!))).buffer)).toEqual(each)
        }
      }).pipe(Effect.provide(layerOf(server.endpoint)))
    )
    const [a, , b] = models
    expect(models).toEqual([a, a, b, a])
    expect(b).not.toBe(a)
    expect(server.log).toEqual([`load ${a}`, `load ${b}`, `unload ${a}`, `load ${a}`, `unload ${b}`, `unload ${a}`])
    expect(server.questions.map(({ model }) => model)).toEqual(models)
    expect(readdirSync(folder)).toEqual([])
  })

  it("takes a version that the server has already for the weights that its name says, and names others otherwise", async () => {
    const server = await start({
      loadFault: (path, name, count) => path.endsWith("/load_lora_adapter") && count === 0 ? { status: 503, text: name } : undefined
    })
    await sampled(layerOf(server.endpoint))
    const [version] = server.questions.map(({ model }) => model)
    const kept = await start()
    ;(kept.loaded as Map<string, string>).set(version!, "elsewhere")
    expect((await sampled(layerOf(kept.endpoint)))[0]!.version).toBe(version)
    expect(kept.log).toEqual([`unload ${version}`])
    const otherwise = await sampled(layerOf(kept.endpoint, {}, { ...writer, identity: "another rank" }))
    expect(otherwise[0]!.version).not.toBe(version)
  })

  it("names the folder as the server's machine does", async () => {
    const seen: Array<string> = []
    const server = await start({ write: (_, path) => (seen.push(path), right) })
    const error = await refusal(layerOf(server.endpoint, {}, writer, { folderOnServer: "/mounted/adapters/" }))
    expect(error.message).toMatch(/No adapter found for \/mounted\/adapters\/decision-sampling-[0-9a-f]{16}"/)
    await sampled(layerOf(server.endpoint, {}, writer, { folderOnServer: `${folder}/` }))
    expect(seen[0]).toMatch(new RegExp(`^${folder}/decision-sampling-[0-9a-f]{16}$`))
  })

  it("asks nothing of a server that did not take the adapter", async () => {
    for (
      const fault of [{ status: 404, text: "Not Found" }, { status: 400, text: "max_lora_rank is 16" }, { status: 503 }, "cut"] as const
    ) {
      const server = await start({ loadFault: () => fault })
      const error = await refusal(layerOf(server.endpoint))
      expect(error).toMatchObject({ _tag: "PolicyError", reason: "Engine", operation: "publish" })
      expect(error.message).toContain("load_lora_adapter")
      expect(error.message).toContain("VLLM_ALLOW_RUNTIME_LORA_UPDATING")
      expect(server.questions).toEqual([])
      expect(server.loaded.size).toBe(0)
    }
    const server = await start()
    const error = await refusal(layerOf(server.endpoint, {}, { ...writer, write: () => Effect.fail(new Error("disk is full")) }))
    expect(error).toMatchObject({ reason: "Engine", operation: "publish" })
    expect(error.message).toContain("disk is full")
    expect(server.questions).toEqual([])
  })

  it("tries again what may go better, and gets the same rollouts", async () => {
    let count = 0
    const server = await start({
      fault: () => {
        count++
        return count === 1
          ? { status: 500 }
          : count === 2
          ? "cut"
          : count === 3
          ? { body: "half a" }
          : count === 4
          ? { status: 429, headers: { "retry-after": "0" } }
          : undefined
      }
    })
    const rollouts = await sampled(layerOf(server.endpoint, { retries: 4 }))
    expect(rollouts.map(({ tokens }) => tokens.length)).toEqual([5, 6])
    expect(server.questions).toHaveLength(6)
  })

  it.each<readonly [string, NonNullable<TokenServerOptions["fault"]>, RegExp]>([
    ["500 for ever", () => ({ status: 500, text: `for ${SECRET}` }), /answers 500: for <key>.*tried 3 times/s],
    [
      "a refusal",
      () => ({ status: 400, text: "maximum context length is 16 tokens" }),
      /maximum context length is 16 tokens.*--max-model-len/s
    ],
    ["no key", () => ({ status: 401 }), /answers 401.*Check the address.*key/s],
    ["HTML", () => ({ body: "<html>" }), /not JSON/],
    ["another API", () => ({ body: { message: "hello" } }), /none of the completions API/],
    ["no choice", (_, body) => ({ body: { ...body, choices: [] } }), /0 choices/],
    ["several choices", (_, body) => ({ body: { ...body, choices: [...body.choices, ...body.choices] } }), /2 choices/],
    ["another model", (_, body) => ({ body: { ...body, model: "base" } }), /"base" answered.*old weights/s],
    [
      "no token ids",
      choiceWith({ token_ids: null, logprobs: { tokens: ["a", "b", "c"], token_logprobs: [-1, -1, -1] } }),
      /no token ids.*return_token_ids.*LlamaCpp/s
    ],
    ["ids that differ", choiceWith({ token_ids: [7, 9, END] }), /ids of the answer and those of its log-probabilities differ/],
    ["another prompt", choiceWith({ prompt_token_ids: [1, 5, 6] }), /another prompt/],
    ["too few log-probabilities", choiceWith({ logprobs: { token_logprobs: [-1, -1] } }), /2 log-probabilities for 3 tokens/],
    ["no log-probabilities", choiceWith({ logprobs: null }), /no log-probabilities.*"none"/s],
    ["a null", choiceWith({ logprobs: { token_logprobs: [-1, null, -1] } }), /token 1 of the answer, 8, is NaN/],
    ["what was never drawn", choiceWith({ logprobs: { token_logprobs: [-1, -9999, -1] } }), /token 1 of the answer, 8, is -9999/],
    ["a probability above 1", choiceWith({ logprobs: { token_logprobs: [0.5, -1, -1] } }), /token 0 of the answer, 7, is 0.5/],
    [
      "another vocabulary",
      choiceWith({ token_ids: [7, 32, END], logprobs: { token_logprobs: [-1, -1, -1] } }),
      /token 1 of the answer is 32.*0 to 31/s
    ],
    ["a fraction", choiceWith({ token_ids: [7.5, 8, END], logprobs: { token_logprobs: [-1, -1, -1] } }), /token 0 of the answer is 7.5/],
    ["nothing", choiceWith({ token_ids: [], logprobs: { token_logprobs: [] } }), /no token/],
    [
      "an end that is none",
      choiceWith({ token_ids: [7, 8, 9], logprobs: { token_logprobs: [-1, -1, -1] } }),
      /stopped after 3 tokens at token 9.*\(2 do\)/s
    ],
    [
      "tokens after the end",
      choiceWith({ token_ids: [7, END, 8], finish_reason: "length", logprobs: { token_logprobs: [-1, -1, -1] } }),
      /ends a text, and 1 more follow/
    ],
    [
      "a cut before the limit",
      choiceWith({ token_ids: [7, 8, 9], finish_reason: "length", logprobs: { token_logprobs: [-1, -1, -1] } }),
      /cut the answer off after 3 tokens, and 8/
    ],
    [
      "more than were asked for",
      choiceWith({ token_ids: Array(9).fill(7), finish_reason: "length", logprobs: { token_logprobs: Array(9).fill(-1) } }),
      /9 tokens, 8 were asked for/
    ],
    ["an abort", choiceWith({ finish_reason: "abort" }), /ended by "abort"/],
    ["an error in a success", () => ({ body: { error: { message: "engine died" } } }), /engine died/]
  ])("refuses %s", async (_, fault, expected) => {
    const server = await start({ fault })
    const error = await refusal(layerOf(server.endpoint))
    expect(error).toMatchObject({ _tag: "PolicyError", reason: "Engine", operation: "sample" })
    expect(error.message).toMatch(expected)
    expect(error.message).not.toContain(SECRET)
  })

  it("reads ids from log-probabilities where a server gives them there alone", async () => {
    const server = await start({ fault: choiceWith({ token_ids: null }) })
    expect((await sampled(layerOf(server.endpoint)))[0]!.tokens).toEqual([5, 6, 7, 8, END])
  })

  it("refuses to draw where the log-probabilities would be those of something else", async () => {
    const server = await start()
    expect((await refusal(layerOf(server.endpoint), { ...sampling, temperature: 0.7 })).message).toContain("processed_logprobs")
    expect((await refusal(layerOf(server.endpoint, { logProbs: "processed" }), { ...sampling, topP: 0.9 })).reason).toBe("Settings")
    expect(server.log).toEqual([])
    expect(await sampled(layerOf(server.endpoint, { logProbs: "processed" }), { ...sampling, temperature: 0.7 })).toHaveLength(2)
    const silent = await sampled(layerOf(server.endpoint, { logProbs: "none" }), { ...sampling, temperature: 0.7 })
    expect(silent[0]!.logProbs).toEqual([0, 0, NaN, NaN, NaN])
    expect(server.questions.at(-1)!["logprobs"]).toBeUndefined()
  })

  it("is not made for an address that is none, no requests at once, and words that are no free text", async () => {
    const made = (endpoint: string, concurrency: number) =>
      Effect.runPromise(Effect.flip(Effect.provide(Sampler, layerOf(endpoint, { concurrency }))))
    expect(await made("nowhere", 4)).toMatchObject({ _tag: "ConfigError", field: "endpoint" })
    expect(await made("http://localhost:1/v1", 0)).toMatchObject({ _tag: "ConfigError", field: "sampler.concurrency" })
    const server = await start()
    const among = Layer.merge(
      freeWords,
      Layer.succeed(Grammar, { ...freeGrammar, open: () => ({ ...freeGrammar.open([]), next: { _tag: "Among", set: 0 } }) })
    )
    const endless = Layer.merge(
      freeWords,
      Layer.succeed(Grammar, { ...freeGrammar, open: () => ({ ...freeGrammar.open([]), advance: () => freeGrammar.open([]) }) })
    )
    for (const words of [among, endless]) {
      expect(await refusal(layerOf(server.endpoint, {}, writer, {}, words))).toMatchObject({ reason: "Unsupported" })
    }
    expect(server.log).toEqual([])
  })
})
