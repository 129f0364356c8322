import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Progress from "../../src/cli/Progress.ts"
import * as Train from "../../src/cli/train/Train.ts"
import { Sampler, type SamplerService } from "../../src/domain/Sampler.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import { readPeftAdapter } from "../../src/model/pretrained/PeftAdapter.ts"
import { openModel, type PretrainedModel } from "../../src/model/pretrained/PretrainedModel.ts"
import { startTokenServer, type TokenServer, type TokenServerOptions } from "../engine/TokenServer.ts"

const SECRET = "key-that-nobody-may-see"
const path = fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url))
const model = { _tag: "Pretrained", path, positions: 128, trains: { _tag: "Adapter", rank: 2, alpha: 4 } } as const
const base = {
  seed: 1,
  steps: 2,
  checkpointEvery: 1,
  products: "simd",
  task: { _tag: "Multiplication", radix: 10, levels: ["1x1"] },
  reward: { _tag: "Outcome", values: { Correct: 1, Wrong: 0, Unparsable: 0.25, GoldInvalid: 0, Truncated: 0.5 } },
  model,
  schedule: { peak: 0.01, warmup: 0, decay: "constant", floor: 1, total: 0 },
  attributionEvery: 1,
  queries: 2,
  groupSize: 3,
  maxTokens: 24
}

let folder = ""
const scope = Effect.runSync(Scope.make())
let sampler: SamplerService
let opened: PretrainedModel
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "train-engine-"))
  const own = await Effect.runPromise(Scope.provide(Layer.build(ModelLayer.layer(model, { products: "simd" })), scope))
  sampler = Context.get(own, Sampler)
  opened = await Effect.runPromise(openModel(path))
})
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  rmSync(folder, { recursive: true, force: true })
})

/** Serves the adapter that peft's folder holds, by the library's own sampler. */
const write: TokenServerOptions["write"] = async ({ max_tokens, prompt, seed, temperature }, at) => {
  const { parameters } = await Effect.runPromise(readPeftAdapter(at, opened))
  const [rollout] = await Effect.runPromise(
    sampler.sample(parameters, [{ prompt, seed }], { temperature, topK: 0, topP: 1, maxTokens: max_tokens })
  )
  return { tokens: rollout!.tokens.slice(prompt.length), logProbs: rollout!.logProbs.slice(prompt.length) }
}

const train = (out: string, settings: object, isResumed = false) => {
  const config = join(folder, "run.json")
  writeFileSync(config, JSON.stringify({ ...base, ...settings }))
  const options = { trainer: "grpo", config, out: join(folder, out), isResumed } as const
  return Effect.runPromise(
    Effect.result(Train.train(options)).pipe(Effect.provide([NodeServices.layer, Progress.layerSilent]), Effect.scoped) as Effect.Effect<
      { readonly _tag: string; readonly success?: unknown; readonly failure?: Error & { readonly _tag: string; readonly field?: string } }
    >
  )
}
const trained = async (out: string, settings: object, isResumed = false) => {
  const { failure } = await train(out, settings, isResumed)
  if (failure !== undefined) throw failure
}
const refused = async (settings: object) => (await train("refused", settings)).failure
// The state, without what says which run it is of.
const checkpoint = (out: string, step: number): string => {
  const bytes = readFileSync(join(folder, out, `step-${String(step).padStart(8, "0")}.checkpoint`))
  const end = bytes.indexOf(10)
  const { digest: _, run: __, ...header } = JSON.parse(bytes.toString("utf8", 0, end)) as Readonly<Record<string, unknown>>
  return JSON.stringify(header) + bytes.toString("base64", end)
}
const rows = (out: string) =>
  readFileSync(join(folder, out, "metrics.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, number>)

const serving = async <A>(options: Partial<TokenServerOptions>, use: (server: TokenServer) => Promise<A>): Promise<A> => {
  const server = await startTokenServer({ write, ...options })
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

describe("train grpo with rollouts of a server", () => {
  it("is the run without one, bit for bit, through peft's files; goes on with another address; keeps the key to itself", async () => {
    process.env["TRAIN_ENGINE_KEY"] = SECRET
    const engine = (server: TokenServer) => ({
      sampler: { _tag: "OpenAi", url: server.endpoint, keyEnv: "TRAIN_ENGINE_KEY" },
      oldLogProbs: "sampler"
    })
    await trained("alone", { steps: 4, oldLogProbs: "sampler" })
    await serving({}, async (server) => {
      await trained("engine", { steps: 2, ...engine(server) })
      expect(new Set(server.authorizations)).toEqual(new Set([`Bearer ${SECRET}`]))
      expect(server.log.at(-1)).toMatch(/^unload/)
    })
    await serving({}, (server) => trained("engine", { steps: 4, ...engine(server) }, true))
    for (const step of [3, 4]) expect(checkpoint("engine", step) === checkpoint("alone", step)).toBe(true)
    expect(rows("engine")).toEqual(rows("alone").map((row) => ({ ...row, "sampling/steps_old": 0 })))
    expect(rows("engine")[0]!["grad_norm"]).toBeGreaterThan(0)
    expect(readdirSync(join(folder, "engine", "adapters"))).toEqual([])
    expect(readFileSync(join(folder, "engine", "run.json"), "utf8")).not.toContain(SECRET)
    expect(JSON.parse(readFileSync(join(folder, "engine", "run.json"), "utf8"))).toMatchObject({
      sampler: { _tag: "OpenAi", logProbs: "raw" }
    })
  }, 120_000)

  it("ends with the step whose rollouts could not be had, and keeps the checkpoints before it", async () => {
    await serving({ fault: (_, __, count) => (count >= 6 ? { status: 400, text: "no more" } : undefined) }, async (server) => {
      const { failure } = await train("broken", { sampler: { _tag: "OpenAi", url: server.endpoint } })
      expect(failure).toMatchObject({ _tag: "RunError", reason: "StepFailed", step: 2 })
      expect(failure!.message).toContain("no more")
      expect(existsSync(join(folder, "broken", "step-00000001.checkpoint"))).toBe(true)
    })
  }, 120_000)

  it("refuses what no engine can serve, before anything is asked", async () => {
    await serving({}, async (server) => {
      const sampler = { _tag: "OpenAi", url: server.endpoint }
      expect(await refused({ sampler, model: { ...model, trains: { _tag: "Whole" } } })).toMatchObject({
        _tag: "ConfigError",
        field: "model.trains"
      })
      expect(await refused({ sampler, model: { ...model, adapter: "/some/adapter" } })).toMatchObject({
        _tag: "ConfigError",
        field: "model.adapter"
      })
      const columns = {
        _tag: "Columns",
        words: { _tag: "Arithmetic", radix: 10, maxAttempts: 2, context: "markov", positions: 10 },
        transformer: { width: 8, layers: 1, heads: 2 }
      }
      expect(await refused({ sampler, model: columns })).toMatchObject({ _tag: "ConfigError", field: "sampler" })
      expect(await refused({ sampler: { ...sampler, url: "nowhere" } })).toMatchObject({ _tag: "ConfigError", field: "endpoint" })
      expect(await refused({ sampler: { ...sampler, key: SECRET } })).toMatchObject({ _tag: "ConfigError", field: "sampler.key" })
      expect(await refused({ sampler: { _tag: "Vllm" } })).toMatchObject({ _tag: "ConfigError", field: "sampler" })
      expect(await refused({ sampler: { ...sampler, concurrency: 0 } })).toMatchObject({
        _tag: "ConfigError",
        field: "sampler.concurrency"
      })
      expect((await refused({ sampler, temperature: 0.5 }))!.message).toContain("processed_logprobs")
      const correction = { weights: { level: "token" } }
      expect(await refused({ sampler: { ...sampler, logProbs: "none" }, correction })).toMatchObject({
        _tag: "ConfigError",
        field: "correction"
      })
      expect(await refused({ sampler, oldLogProbs: "sampler", correction })).toMatchObject({ _tag: "ConfigError", field: "oldLogProbs" })
      expect(await refused({ sampler: { _tag: "LlamaCpp", path: "model.gguf", logProbs: false }, oldLogProbs: "sampler" })).toMatchObject({
        _tag: "ConfigError",
        field: "oldLogProbs"
      })
      expect(server.questions).toEqual([])
      expect(existsSync(join(folder, "refused"))).toBe(false)
    })
  }, 120_000)
})

const hasLlamaCpp = existsSync(fileURLToPath(new URL("../../node_modules/node-llama-cpp", import.meta.url)))

describe("train grpo with rollouts of llama.cpp", () => {
  const settings = {
    model: { ...model, path: `${path}/model.gguf` },
    sampler: { _tag: "LlamaCpp", path: `${path}/model.gguf`, sequences: 4 }
  }

  it.skipIf(hasLlamaCpp)("says which package it needs (it is not installed here: the next test is skipped)", async () => {
    const failure = await refused(settings)
    expect(failure).toMatchObject({ _tag: "ConfigError", field: "sampler" })
    expect(failure!.message).toContain("npm install --ignore-scripts node-llama-cpp@3.21.1")
  }, 60_000)

  it.skipIf(!hasLlamaCpp)("trains on them, of the step's own adapter, whose log-probabilities are 0.1 nats away at most", async () => {
    await trained("llama-cpp", { ...settings, steps: 3, correction: { weights: { level: "token" } } })
    for (const row of rows("llama-cpp")) {
      expect(row["sampling/sampling_logp_difference/max"]).toBeLessThan(0.1)
      expect(row["sampling/sampling_logp_difference/mean"]).toBeGreaterThan(0)
    }
    expect(rows("llama-cpp")[0]!["grad_norm"]).toBeGreaterThan(0)
    expect(readdirSync(join(folder, "llama-cpp", "adapters"))).toEqual([])
  }, 120_000)
})
