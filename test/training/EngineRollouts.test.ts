import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Context, Effect, Exit, Layer, Result, Scope, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Grammar, type GrammarService } from "../../src/domain/Grammar.ts"
import { NOT_OWNED, owners } from "../../src/domain/Partition.ts"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { Sampler, type SamplerService } from "../../src/domain/Sampler.ts"
import { draws, fold } from "../../src/domain/Seed.ts"
import type { Tokenizer } from "../../src/domain/Tokenizer.ts"
import type { AdapterWriter } from "../../src/engine/AdapterPublisher.ts"
import * as OpenAiSampler from "../../src/engine/OpenAiSampler.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import * as RolloutCorrection from "../../src/theory/RolloutCorrection.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import { initialize } from "../../src/training/TrainState.ts"
import { startTokenServer, type TokenServer, type TokenServerOptions } from "../engine/TokenServer.ts"

const spec = {
  _tag: "Pretrained",
  path: fileURLToPath(new URL("../fixtures/pretrained/llama", import.meta.url)),
  positions: 100,
  trains: { _tag: "Adapter", rank: 2, alpha: 4 }
} as const

// A reward that varies, of a model that says nothing sensible.
const reward = Layer.succeed(Reward, {
  grade: (_, trajectory) =>
    Effect.succeed({ trajectory, outcome: "Wrong", reward: draws(fold(9, ...trajectory.tokens)).uniform() < 0.5 ? 1 : 0 })
})
const queries: ReadonlyArray<Query> = [
  { id: "a", level: "1x1", prompt: "Calculate 3 * 4.", answer: "12" },
  { id: "b", level: "1x1", prompt: "Calculate 5 * 6.", answer: "30" }
]
const config = (changes: Partial<GroupRelativeTrainer.GroupRelativeConfig> = {}): GroupRelativeTrainer.GroupRelativeConfig => ({
  ...Presets.groupRelative(8)["grpo-verl"],
  optimizer: adam,
  schedule: Schedule.constant(0.01),
  clipNorm: 1,
  attributionEvery: 1,
  groupSize: 3,
  queries: 2,
  miniBatchQueries: 2,
  ...changes
})

const scope = Effect.runSync(Scope.make())
type Own = Sampler | Grammar | Tokenizer
let own: Context.Context<Layer.Success<ReturnType<typeof ModelLayer.layer>>>
let sampler: SamplerService
let grammar: GrammarService
let folder = ""
beforeAll(async () => {
  own = await Effect.runPromise(Scope.provide(Layer.build(ModelLayer.layer(spec, { products: "simd" })), scope))
  sampler = Context.get(own as Context.Context<Own>, Sampler)
  grammar = Context.get(own as Context.Context<Own>, Grammar)
  folder = mkdtempSync(join(tmpdir(), "engine-"))
})
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  rmSync(folder, { recursive: true, force: true })
})

const writer: AdapterWriter = {
  identity: "float32",
  write: (parameters, path) =>
    Effect.sync(() => writeFileSync(path, new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength)))
}
/** The library's own sampler as a server would have it: the adapter from its file, log-probabilities as JSON numbers. */
const write: TokenServerOptions["write"] = async ({ max_tokens, prompt, seed, temperature }, path) => {
  const parameters = new Float32Array(new Uint8Array(readFileSync(path)).buffer)
  const [rollout] = await Effect.runPromise(
    sampler.sample(parameters, [{ prompt, seed }], { temperature, topK: 0, topP: 1, maxTokens: max_tokens })
  )
  return { tokens: rollout!.tokens.slice(prompt.length), logProbs: rollout!.logProbs.slice(prompt.length) }
}

const behind = (server: TokenServer) =>
  OpenAiSampler.layer(
    {
      endpoint: server.endpoint,
      key: undefined,
      logProbs: "raw",
      concurrency: 3,
      timeout: "30 seconds",
      retries: 0,
      firstWait: 1,
      longestWait: 1
    },
    writer,
    { folder }
  ).pipe(
    Layer.provide([NodeHttpClient.layerNodeHttp, NodeServices.layer, Layer.succeedContext(own)]),
    Layer.provideMerge(Layer.succeedContext(own)),
    Layer.merge(reward)
  )

const steps = (count: number, changes: Partial<GroupRelativeTrainer.GroupRelativeConfig>) =>
  Effect.gen(function* () {
    const start = yield* initialize(5)
    return yield* GroupRelativeTrainer.train(config(changes), start.parameters, () => queries)(start).pipe(
      Stream.take(count),
      Stream.runCollect
    )
  })

const withServer = async <A>(options: Partial<TokenServerOptions>, use: (server: TokenServer) => Promise<A>): Promise<A> => {
  const server = await startTokenServer({ write, ...options })
  try {
    return await use(server)
  } finally {
    await server.close()
  }
}

describe("GRPO on rollouts of a server that serves the very adapter", () => {
  it("makes the same steps as on its own rollouts, bit for bit: parameters, metrics, attribution", async () => {
    const alone = await Effect.runPromise(Effect.provide(steps(3, {}), Layer.merge(Layer.succeedContext(own), reward)))
    await withServer({}, async (server) => {
      const engine = await Effect.runPromise(Effect.provide(steps(3, { oldLogProbs: "sampler" }), behind(server)))
      expect(engine.map(({ state }) => state)).toEqual(alone.map(({ state }) => state))
      expect(engine.map(({ attribution }) => attribution)).toEqual(alone.map(({ attribution }) => attribution))
      expect(engine.map(({ metrics }) => metrics)).toEqual(alone.map(({ metrics }) => ({ ...metrics, "sampling/steps_old": 0 })))
      expect(alone[0]!.metrics["grad_norm"]).toBeGreaterThan(0)
      expect(new Set(server.questions.map(({ model }) => model)).size).toBe(3)
      expect(server.log.filter((line) => line.startsWith("load"))).toHaveLength(3)
    })
  }, 60_000)

  it("scores them itself where nothing is said, and finds its own sampler 1e-5 nats away", async () => {
    await withServer({}, async (server) => {
      const [report] = await Effect.runPromise(Effect.provide(steps(1, {}), behind(server)))
      expect(report!.metrics["sampling/sampling_logp_difference/max"]).toBeLessThan(1e-5)
      expect(report!.metrics["sampling/sampling_logp_difference/mean/sampling"]).toBeGreaterThanOrEqual(0)
    })
  }, 60_000)

  it("corrects for a server whose log-probabilities are off, and measures by how much", async () => {
    const off = (seed: number, t: number) => 0.3 * draws(fold(seed, "off", t)).uniform()
    const differences: Array<number> = []
    const perturbed: TokenServerOptions["write"] = async (question, path) => {
      const { logProbs, tokens } = await write(question, path)
      const whole = [...question.prompt, ...tokens]
      const reading = Result.getOrThrow(grammar.read({ tokens: whole, promptLength: question.prompt.length }))
      const owner = owners({ tokens: whole, spans: reading.spans }).slice(question.prompt.length)
      owner.forEach((value, t) => {
        if (value !== NOT_OWNED) differences.push(off(question.seed, t))
      })
      return { tokens, logProbs: logProbs.map((value, t) => value - off(question.seed, t)) }
    }
    const correction = { weights: RolloutCorrection.importanceWeights({ level: "token", high: 1.2 }) }
    await withServer({ write: perturbed }, async (server) => {
      const [report] = await Effect.runPromise(Effect.provide(steps(1, { correction }), behind(server)))
      const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length
      expect(differences.length).toBeGreaterThan(20)
      expect(report!.metrics["sampling/sampling_logp_difference/mean"]).toBeCloseTo(mean, 5)
      expect(report!.metrics["rollout_corr/kl"]).toBeCloseTo(-mean, 5)
      const above = differences.filter((value) => Math.exp(value) > 1.2).length / differences.length
      expect(report!.metrics["rollout_corr/rollout_is_ratio_fraction_high"]).toBeCloseTo(above, 6)
    })
  }, 60_000)

  it("ends with the step whose adapter the server did not take: no rollout is asked of the weights before", async () => {
    const loadFault: TokenServerOptions["loadFault"] = (path, _, count) =>
      path.endsWith("/load_lora_adapter") && count > 0 ? { status: 500, text: "out of memory" } : undefined
    await withServer({ loadFault }, async (server) => {
      const reports: Array<number> = []
      const error = await Effect.runPromise(
        Effect.flip(
          Effect.gen(function* () {
            const start = yield* initialize(5)
            yield* GroupRelativeTrainer.train(config(), start.parameters, () => queries)(start).pipe(
              Stream.take(3),
              Stream.runForEach(({ state }) => Effect.sync(() => reports.push(state.step)))
            )
          })
        ).pipe(Effect.provide(behind(server)))
      )
      expect(reports).toEqual([1])
      expect(server.questions).toHaveLength(6)
      expect(error).toMatchObject({ _tag: "PolicyError", operation: "publish", reason: "Engine" })
      expect((error as Error).message).toContain("out of memory")
    })
  }, 60_000)
})
