import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import type { Device, DeviceError } from "../../../src/model/device/Device.ts"
import { TWO_STAGE } from "../../../src/domain/Partition.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import { draws, fold } from "../../../src/domain/Seed.ts"
import type { Rollout } from "../../../src/domain/Trajectory.ts"
import { custom, entropyBonus, nll } from "../../../src/theory/Objective.ts"
import * as ArithmeticGrammar from "../../../src/model/grammar/ArithmeticGrammar.ts"
import * as Batch from "../../../src/model/loss/Batch.ts"
import { Backprop, type LossRequest } from "../../../src/model/Backprop.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import type { ProductChoice } from "../../../src/model/device/Products.ts"
import { deviceWasm, deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"
import { nativeHere, nativeName } from "../../support/NativeProducts.ts"

const services = (context: "markov" | "history", device: Layer.Layer<Device, DeviceError> = deviceWasm) =>
  Effect.provide(
    TransformerPolicy.layer({ width: 16, layers: 2, heads: 2 }).pipe(
      Layer.provideMerge(Layer.merge(ArithmeticGrammar.layer({ radix: 5, maxAttempts: 3, context, positions: 20 }), device))
    )
  )

/** Parameters far enough from the initial ones for a clear preference at every choice. */
const trained = Effect.gen(function* () {
  const { uniform } = draws(4)
  return (yield* (yield* Policy).initialize(1)).map((value) => value + 0.6 * (uniform() - 0.5))
})

/** The summed log-likelihood of rollouts, every token with weight 1. */
const unitRequest = (rollouts: ReadonlyArray<Rollout>): LossRequest => {
  const batch = Batch.make(rollouts)
  const weights = new Float64Array(batch.owner.length).fill(1)
  return { ...batch, objective: nll(), partition: TWO_STAGE, temperature: 1, weights }
}

// 321 * 4 = 2334 in base 5 (86 * 4 = 344), least significant digit first.
const [times, equals, stop, resample] = [5, 6, 7, 8]
const prompt = [1, 2, 3, times, 4]
const twoAttempts = (
  first: ReadonlyArray<number>,
  second: ReadonlyArray<number>
) => [...prompt, equals, ...first, resample, equals, ...second, stop]

describe("TransformerPolicy with the words of arithmetic", () => {
  const scores = (context: "markov" | "history", tokens: ReadonlyArray<number>) =>
    Effect.gen(function* () {
      const policy = yield* Policy
      return [...(yield* policy.logProbs(yield* trained, [{ tokens, promptLength: 5, offset: 2 }], 1))[0]!]
    }).pipe(services(context), Effect.runPromise)

  it("a later token does not move the log-probabilities of earlier ones", async () => {
    const [a, b] = [
      await scores("history", twoAttempts([4, 3, 3, 2], [4, 3, 3, 2])),
      await scores("history", twoAttempts([4, 3, 3, 2], [4, 3, 0, 2]))
    ]
    expect(a.slice(0, 14)).toEqual(b.slice(0, 14))
    expect(Math.abs(a[14]! - b[14]!)).toBeGreaterThan(1e-3)
  })

  it("in a Markov context a second attempt does not see the first; with full history it does", async () => {
    const second = async (context: "markov" | "history", first: ReadonlyArray<number>) =>
      (await scores(context, twoAttempts(first, [4, 3, 3, 2]))).slice(11)
    const [right, wrong] = [[4, 3, 3, 2], [0, 1, 1, 4]]
    const markov = [await second("markov", right), await second("markov", wrong)]
    markov[0]!.forEach((value, i) => expect(value).toBeCloseTo(markov[1]![i]!, 5))
    const history = [await second("history", right), await second("history", wrong)]
    expect(Math.max(...history[0]!.map((value, i) => Math.abs(value - history[1]![i]!)))).toBeGreaterThan(1e-3)
  })

  it("devices agree: plain JavaScript and WebAssembly sample the same tokens and give the same gradient", async () => {
    const on = (device: Layer.Layer<Device, DeviceError>) =>
      Effect.gen(function* () {
        const parameters = yield* trained
        const requests = Array.from({ length: 12 }, (_, i) => ({ prompt, seed: i }))
        const rollouts = yield* (yield* Sampler).sample(parameters, requests, onPolicy)
        const { gradient } = yield* (yield* Backprop).gradient(parameters, unitRequest(rollouts))
        return { tokens: rollouts.map(({ tokens }) => tokens), gradient }
      }).pipe(services("markov", device), Effect.runPromise)
    const [cpu, wasm] = [await on(deviceCpu), await on(deviceWasm)]
    expect(wasm.tokens).toEqual(cpu.tokens)
    const largest = cpu.gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
    cpu.gradient.forEach((slope, i) => expect(Math.abs(wasm.gradient[i]! - slope)).toBeLessThan(1e-5 * largest))
  })

  it("the position offset is part of what is scored", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const tokens = twoAttempts([4, 3, 3, 2], [4, 3, 3, 2])
      const parameters = yield* trained
      const [here, there] = yield* policy.logProbs(parameters, [{ tokens, promptLength: 5, offset: 0 }, {
        tokens,
        promptLength: 5,
        offset: 3
      }], 1)
      expect(Math.abs(here![6]! - there![6]!)).toBeGreaterThan(1e-3)
    }).pipe(services("markov"), Effect.runPromise))

  it("samples what it scores over prompts of unequal length, offsets and many rounds", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const requests = Array.from({ length: 300 }, (_, i) => {
        const { integer } = draws(fold(8, i))
        const digits = Array.from({ length: integer(1, 5) }, () => integer(0, 4))
        const words = [...digits, times, integer(0, 4)]
        return { prompt: words, seed: fold(9, i) }
      })
      const parameters = yield* trained
      const rollouts = yield* (yield* Sampler).sample(parameters, requests, onPolicy)
      expect(new Set(rollouts.map(({ offset }) => offset)).size).toBeGreaterThan(10)
      expect(new Set(rollouts.map(({ ending }) => ending))).toEqual(new Set(["stop", "cap"]))
      const scored = yield* policy.logProbs(parameters, rollouts, 1)
      rollouts.forEach(({ logProbs }, i) => logProbs.forEach((value, t) => expect(Math.abs(value - scored[i]![t]!)).toBeLessThan(1e-4)))
    }).pipe(services("history"), Effect.runPromise))

  describe("what is sampled does not depend on how many are written side by side", () => {
    // Width 68: the network's inner width of 272 takes the product two passes, whose partial sums may not depend on a row's place.
    const problems = Array.from(
      { length: 23 },
      (_, i) => ({ prompt: Array.from({ length: 3 + (i % 4) }, (_, k) => (k === 1 ? times : (i + k) % 5)), seed: i })
    )
    const sampled = (products: ProductChoice, rows: number, tokens: number) =>
      Effect.flatMap(
        Effect.all([Policy, Sampler]),
        ([policy, sampler]) =>
          Effect.flatMap(policy.initialize(1), (parameters) => sampler.sample(parameters.map((value) => 4 * value), problems, onPolicy))
      ).pipe(
        Effect.provide(TransformerPolicy.layer({ width: 68, layers: 2, heads: 4 }, { rows, tokens })),
        Effect.provide(Layer.merge(
          ArithmeticGrammar.layer({ radix: 5, maxAttempts: 4, context: "history", positions: 28 }),
          deviceWasmWith(products)
        )),
        Effect.runPromise
      )
    const ways = [[1, 4096], [6, 10], [7, 4096]] as const

    it.each(["relaxed", "simd"] as const)("to the bit with %s products", async (products) => {
      const together = await sampled(products, 23, 4096)
      for (const [rows, tokens] of ways) expect(await sampled(products, rows, tokens)).toEqual(together)
    })

    // A library sums by the size of the whole product.
    it.skipIf(nativeHere === undefined)(`up to rounding with native products (${nativeName})`, async () => {
      const together = await sampled("native", 23, 4096)
      for (const [rows, tokens] of ways) {
        const other = await sampled("native", rows, tokens)
        expect(other.map((rollout) => rollout.tokens)).toEqual(together.map((rollout) => rollout.tokens))
        other.forEach(({ logProbs }, i) =>
          logProbs.forEach((value, t) => expect(Math.abs(value - together[i]!.logProbs[t]!)).toBeLessThan(1e-5))
        )
      }
    })
  })

  it("scores the verdicts of judge examples as a choice between OK and BAD", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const judged = (verdict: number) => ({ tokens: [...prompt, equals, 4, 3, 3, 2, verdict], promptLength: 5, offset: 0 })
      const [ok, bad] = yield* policy.logProbs(yield* trained, [judged(9), judged(10)], 1)
      expect(Math.exp(ok![10]!) + Math.exp(bad![10]!)).toBeCloseTo(1, 5)
    }).pipe(services("markov"), Effect.runPromise))

  it("a mistake in a loss of one's own is the request's, not the device's", () =>
    Effect.gen(function* () {
      const [sampler, backprop, parameters] = [yield* Sampler, yield* Backprop, yield* trained]
      const request = unitRequest(yield* sampler.sample(parameters, [{ prompt, seed: 1 }], onPolicy))
      const refusal = (objective: LossRequest["objective"]) => Effect.flip(backprop.gradient(parameters, { ...request, objective }))
      const { evaluate: _, ...lame } = custom({ name: "lame", evaluate: () => ({ loss: 0, derivative: 0 }) })
      expect(yield* refusal(lame as LossRequest["objective"])).toMatchObject({ _tag: "PolicyError", reason: "Request" })
      const noNumber = yield* refusal(custom({ name: "own", evaluate: () => ({ loss: 0, derivative: NaN }) }))
      expect(noNumber).toMatchObject({ _tag: "PolicyError", reason: "NotFinite" })
      expect(noNumber.message).toMatch(/derivative of "own"\[\d+\] = NaN is not finite/)
    }).pipe(services("markov"), Effect.runPromise))

  it("leaves no tensor behind, after sampling, scoring, gradients and a gradient that fails", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const sampler = yield* Sampler
      const backprop = yield* Backprop
      const parameters = yield* trained
      const round = Effect.gen(function* () {
        const rollouts = yield* sampler.sample(parameters, Array.from({ length: 20 }, (_, i) => ({ prompt, seed: i })), onPolicy)
        yield* policy.logProbs(parameters, rollouts, 1)
        const request = unitRequest(rollouts)
        yield* backprop.gradient(parameters, request)
        yield* backprop.gradient(parameters, { ...request, objective: entropyBonus({ coefficient: 1 }) })
        yield* Effect.flip(backprop.gradient(parameters.map(() => Infinity), request))
      })
      yield* round
      const before = tf.memory().numTensors
      for (let i = 0; i < 3; i++) yield* round
      expect(tf.memory().numTensors).toBe(before)
    }).pipe(services("markov"), Effect.runPromise))
})
