import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Grammar } from "../../../src/domain/Grammar.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { Sampler } from "../../../src/domain/Sampler.ts"
import { Backprop } from "../../../src/model/Backprop.ts"
import { deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import * as ModelLayer from "../../../src/model/ModelLayer.ts"
import * as PretrainedPolicy from "../../../src/model/policy/PretrainedPolicy.ts"
import { CHECKPOINTS, readCheckpoint } from "../../support/PretrainedFixture.ts"
import { nllRequest } from "../../support/NllRequest.ts"

const pathOf = (name: string): string => fileURLToPath(new URL(`../../fixtures/pretrained/${name}`, import.meta.url))
const config = (name: string, change: Partial<PretrainedPolicy.PretrainedConfig> = {}): PretrainedPolicy.PretrainedConfig => ({
  path: pathOf(name),
  positions: 100,
  ...change
})
const on = (config: PretrainedPolicy.PretrainedConfig) => PretrainedPolicy.layer(config).pipe(Layer.provide(deviceWasmWith("simd")))
const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12 }

describe.each(CHECKPOINTS)("the published checkpoint %s as a policy", (name) => {
  const { batch, logProbs: golden } = readCheckpoint(name)
  const rows = batch.tokens.map((tokens, row) => ({ tokens: tokens.slice(0, batch.lengths[row]), promptLength: 1, offset: 0 }))
  // The batch's tokens are random: one that ends a text in the middle of one is no text.
  const ends = (tokens: ReadonlyArray<number>) => tokens.slice(1, -1).includes(2)

  it.effect(
    "scores with its adapter untrained as transformers does, reads what it samples, and trains the adapter alone",
    () =>
      Effect.gen(function* () {
        const [policy, sampler, backprop, grammar] = [yield* Policy, yield* Sampler, yield* Backprop, yield* Grammar]
        const parameters = yield* policy.initialize(1)
        const plain = rows.filter(({ tokens }) => !ends(tokens))
        const scored = yield* policy.logProbs(parameters, plain, 1)
        plain.forEach((row, i) => {
          const at = rows.indexOf(row) * batch.tokens[0]!.length
          scored[i]!.forEach((value, t) => assert.closeTo(value, t === 0 ? 0 : golden.values[at + t]!, 2e-5))
        })
        const prompt = Result.getOrThrow(grammar.prompt({ prompt: "Calculate 2 * 3." }))
        const rollouts = yield* sampler.sample(parameters, [0, 1, 2].map((seed) => ({ prompt, seed })), sampling)
        const again = yield* policy.logProbs(parameters, rollouts, 1)
        rollouts.forEach(({ ending, logProbs, promptLength, spans, tokens }, i) => {
          assert.isAtMost(tokens.length - promptLength, 12)
          assert.isNotEmpty(spans)
          assert.include(["stop", "truncated"], ending)
          logProbs.forEach((value, t) => assert.closeTo(value, again[i]![t]!, 2e-5))
          assert.isString(Result.getOrThrow(grammar.render(rollouts[i]!)).response)
        })
        const { gradient } = yield* backprop.gradient(parameters, nllRequest([rollouts[0]!]))
        assert.strictEqual(gradient.length, policy.parameterCount)
        assert.isTrue(gradient.some((value) => value !== 0))
      }).pipe(Effect.provide(on(config(name, { trains: { _tag: "Adapter", rank: 2, alpha: 4, targets: ["query", "down"] } })))),
    60_000
  )
})

describe("a pretrained policy", () => {
  it.effect("trains every weight where that is asked for, beginning with the published ones", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const { parameters } = readCheckpoint("llama")
      assert.deepStrictEqual(yield* policy.initialize(5), parameters)
    }).pipe(Effect.provide(on(config("llama", { trains: { _tag: "Whole" } })))), 60_000)

  it.effect("is built in worker threads from its spec, and computes there what it computes here", () =>
    Effect.gen(function* () {
      const spec = { _tag: "Pretrained" as const, ...config("llama-tied") }
      const scores = Effect.gen(function* () {
        const [policy, sampler, grammar] = [yield* Policy, yield* Sampler, yield* Grammar]
        const prompt = Result.getOrThrow(grammar.prompt({ prompt: "Calculate 2 * 3." }))
        const parameters = yield* policy.initialize(1)
        return yield* sampler.sample(parameters, [0, 1, 2, 3].map((seed) => ({ prompt, seed })), sampling)
      })
      const here = yield* Effect.provide(scores, ModelLayer.layer(spec, { products: "simd" }))
      const threads = yield* Effect.provide(scores, ModelLayer.layer(spec, { products: "simd", threads: { workers: 2, shards: 2 } }))
      assert.deepStrictEqual(threads, here)
    }), 60_000)

  it.effect(
    "refuses more positions than the model was trained with, a system message without a template, and a path without a model",
    () =>
      Effect.gen(function* () {
        const failure = (config: PretrainedPolicy.PretrainedConfig) =>
          Effect.map(Effect.flip(Effect.provide(Effect.asVoid(Policy), on(config))), ({ message }) => message)
        assert.match(yield* failure(config("llama", { markers: [" "] })), /model\.markers is \[" "\]; expected at least one phrase/)
        assert.match(yield* failure(config("llama", { positions: 129 })), /model\.positions is 129; expected at most 128/)
        assert.match(yield* failure(config("nowhere")), /nowhere/)
      }),
    60_000
  )

  it.effect(
    "with an adapter of peft is the model that peft computes, and what is trained begins on top of it as nothing",
    () =>
      Effect.gen(function* () {
        const { adapterLogProbs, batch } = readCheckpoint("llama")
        const policy = yield* Policy
        const rows = batch.tokens.map((tokens, row) => ({ tokens: tokens.slice(0, batch.lengths[row]), promptLength: 1, offset: 0 }))
          .filter(({ tokens }) => !tokens.slice(1, -1).includes(2))
        assert.isNotEmpty(rows)
        const scored = yield* policy.logProbs(yield* policy.initialize(1), rows, 1)
        rows.forEach((row, i) => {
          const at = batch.tokens.findIndex((tokens) => tokens[0] === row.tokens[0]) * batch.tokens[0]!.length
          scored[i]!.forEach((value, t) => assert.closeTo(value, t === 0 ? 0 : adapterLogProbs.values[at + t]!, 2e-5))
        })
      }).pipe(Effect.provide(on(config("llama", { adapter: `${pathOf("llama")}/golden/adapter` })))),
    60_000
  )

  it("keeps no second copy of its frozen weights outside the device", () => {
    const module = (path: string): string => new URL(`../../../src/${path}`, import.meta.url).href
    const program = `
      import { Effect, Layer } from "effect"
      import { queryObjects } from "node:v8"
      const { deviceWasmWith } = await import("${module("model/device/Wasm.ts")}")
      const { layer } = await import("${module("model/policy/PretrainedPolicy.ts")}")
      const settings = ${JSON.stringify(config("llama"))}
      const count = Effect.sync(() => queryObjects(Float32Array, { format: "count" }))
      const before = Effect.runSync(count)
      const built = Layer.build(layer(settings).pipe(Layer.provide(deviceWasmWith("simd"))))
      const after = await Effect.runPromise(Effect.scoped(Effect.andThen(built, count)))
      console.log(after - before)`
    const { stderr, stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" })
    // 21 weights; two tables of angles, and the tensor library's own.
    assert.isBelow(Number(stdout.trim() || "NaN"), 12, stderr)
  }, 60_000)
})
