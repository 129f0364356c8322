import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { Cursor, GrammarService } from "../../../src/domain/Grammar.ts"
import { onPolicy } from "../../../src/domain/Sampler.ts"
import { TWO_STAGE } from "../../../src/domain/Partition.ts"
import type { LlamaConfig } from "../../../src/model/architecture/LlamaConfig.ts"
import { llama } from "../../../src/model/architecture/Llama.ts"
import { rotaryFrequencies } from "../../../src/model/architecture/RotaryAngles.ts"
import { type ParameterLayout, toTensors } from "../../../src/model/architecture/ParameterLayout.ts"
import { cpuDevice } from "../../../src/model/device/Cpu.ts"
import type { LossRequest } from "../../../src/model/Backprop.ts"
import type { DeviceService } from "../../../src/model/device/Device.ts"
import { wasmDeviceWith } from "../../../src/model/device/Wasm.ts"
import type { Speech } from "../../../src/model/policy/Choices.ts"
import { sequencePlacement } from "../../../src/model/policy/Placement.ts"
import { makePolicy } from "../../../src/model/policy/TransformerPolicy.ts"
import { adapter } from "../../../src/model/weights/Adapter.ts"
import { allWeights, type Trained } from "../../../src/model/weights/Trained.ts"
import * as Aggregate from "../../../src/theory/Aggregate.ts"
import { add, entropyBonus, nll } from "../../../src/theory/Objective.ts"
import { CHECKPOINTS, readCheckpoint } from "../../support/PretrainedFixture.ts"
import { nllRequest } from "../../support/NllRequest.ts"

const LONGEST = 40

/** Any token may follow any other; a text ends after LONGEST. */
const free = (vocabulary: number): Speech => {
  const cursor = (place: number): Cursor => ({
    next: place < LONGEST ? { _tag: "Free" } : { _tag: "Ended", ending: "stop" },
    attempt: 0,
    place,
    advance: () => cursor(place + 1)
  })
  const grammar: GrammarService = {
    sets: [],
    prompt: () => Result.succeed([0]),
    open: () => cursor(0),
    read: ({ promptLength, tokens }) =>
      Result.succeed({ spans: [{ kind: "sample", start: promptLength, end: tokens.length }], ending: "stop" }),
    write: () => assert.fail(),
    render: () => assert.fail()
  }
  return { vocabulary, grammar, placement: sequencePlacement({ context: "history", maxAttempts: 1, positions: 128 }) }
}

const relativeError = (got: ArrayLike<number>, expected: Float32Array): number => {
  let [worst, top] = [0, 0]
  expected.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(got[i]! - value))
    top = Math.max(top, Math.abs(value))
  })
  return Array.from(got).some(Number.isNaN) ? Infinity : worst / top
}

/** The worst relative error of a tensor of the layout, which one wrong row of many would not hide in. */
const worstEntry = ({ entries }: ParameterLayout, got: Float32Array, expected: Float32Array): number =>
  Math.max(
    ...entries.map(({ offset, size }) => relativeError(got.subarray(offset, offset + size), expected.subarray(offset, offset + size)))
  )

const devices: ReadonlyArray<readonly [string, Effect.Effect<DeviceService, unknown>]> = [
  ["wasm", wasmDeviceWith("simd")],
  ["plain JavaScript", cpuDevice]
]

describe.each(CHECKPOINTS)("the checkpoint %s", (name) => {
  const checkpoint = readCheckpoint(name)
  const { batch, config } = checkpoint
  const architecture = llama(config)
  const trajectories = batch.tokens.map((tokens, row) => ({ tokens: tokens.slice(0, batch.lengths[row]), promptLength: 1, offset: 0 }))
  const request = nllRequest(trajectories)
  const policyOn = (device: DeviceService, trained: Trained) => {
    const [sampler, policy, backprop] = makePolicy(free(config.vocabulary), device, architecture, trained)
    return { sampler, policy, backprop }
  }
  const expectedLogProbs = (stored: Float32Array): Float32Array =>
    Float32Array.from(trajectories.flatMap(({ tokens }, row) => tokens.map((_, t) => stored[row * batch.tokens[0]!.length + t]!)))

  it.effect.each(devices)(
    "has the log-probabilities and the gradient that transformers computes, on %s",
    ([, start]) =>
      Effect.gen(function* () {
        const { backprop, policy } = policyOn(yield* start, allWeights(architecture))
        const logProbs = yield* policy.logProbs(checkpoint.parameters, trajectories, 1)
        assert.isBelow(relativeError(logProbs.flatMap((row) => [...row]), expectedLogProbs(checkpoint.logProbs.values)), 2e-6)
        const { gradient, loss } = yield* backprop.gradient(checkpoint.parameters, request)
        assert.closeTo(loss, batch.loss, 1e-5)
        assert.isBelow(worstEntry(checkpoint.layout, gradient, checkpoint.gradient), 2e-5)
      }),
    60_000
  )

  it.effect.each(devices)(
    "has the log-probabilities and the gradient that peft computes with an adapter, on %s",
    ([, start]) =>
      Effect.gen(function* () {
        const device = yield* start
        yield* Effect.scoped(Effect.gen(function* () {
          const held = yield* device.hold("frozen", (_ops, tf) => toTensors(tf, checkpoint.layout, checkpoint.parameters))
          const { backprop, policy } = policyOn(device, adapter(architecture, held, { rank: 4, alpha: 8 }))
          const logProbs = yield* policy.logProbs(checkpoint.adapter, trajectories, 1)
          assert.isBelow(relativeError(logProbs.flatMap((row) => [...row]), expectedLogProbs(checkpoint.adapterLogProbs.values)), 2e-6)
          const { gradient, loss } = yield* backprop.gradient(checkpoint.adapter, request)
          assert.closeTo(loss, batch.adapterLoss, 1e-5)
          assert.isBelow(worstEntry(checkpoint.adapterLayout, gradient, checkpoint.adapterGradient), 2e-5)
        }))
      }),
    60_000
  )

  it.effect.each(devices)("samples with the log-probabilities that it scores with, on %s", ([, start]) =>
    Effect.gen(function* () {
      const { policy, sampler } = policyOn(yield* start, allWeights(architecture))
      const requests = [[5], [7, 8, 9, 10], [11, 12]].map((prompt, i) => ({ prompt, seed: i }))
      const rollouts = yield* sampler.sample(checkpoint.parameters, requests, onPolicy)
      const scored = yield* policy.logProbs(checkpoint.parameters, rollouts, 1)
      rollouts.forEach(({ logProbs }, i) => {
        assert.isAbove(logProbs.length, LONGEST)
        assert.isBelow(Math.max(...logProbs.map((value, t) => Math.abs(value - scored[i]![t]!))), 1e-5)
      })
    }), 60_000)
})

describe("a large vocabulary", () => {
  const config: LlamaConfig = { ...readCheckpoint("llama-tied").config, vocabulary: 1500 }
  const architecture = llama(config)
  const parameters = architecture.initialize(3).map((value) => 3 * value)
  const requests = [[5], [700, 8, 9, 10], [1499, 12]].map((prompt, i) => ({ prompt, seed: i }))

  it.effect("is drawn from and scored in the device's memory as on the host, to 2e-5 nats", () =>
    Effect.gen(function* () {
      const policyOn = (device: DeviceService) => makePolicy(free(config.vocabulary), device, architecture)
      const [onWasm, onCpu] = [policyOn(yield* wasmDeviceWith("simd")), policyOn(yield* cpuDevice)]
      for (const temperature of [1, 0.6]) {
        const sampling = { ...onPolicy, temperature }
        const drawn = yield* onWasm[0].sample(parameters, requests, sampling)
        const [scored, alsoScored] = [
          yield* onWasm[1].logProbs(parameters, drawn, temperature),
          yield* onCpu[1].logProbs(parameters, drawn, temperature)
        ]
        drawn.forEach(({ logProbs }, i) =>
          logProbs.forEach((value, t) => {
            assert.closeTo(value, alsoScored[i]![t]!, 2e-5)
            assert.closeTo(scored[i]![t]!, alsoScored[i]![t]!, 2e-5)
          })
        )
      }
      // The first tokens come of equal logits up to rounding, by the same shares.
      const first = { ...onPolicy, maxTokens: 1 }
      const tokensOf = (rollouts: ReadonlyArray<{ readonly tokens: ReadonlyArray<number> }>) => rollouts.map(({ tokens }) => tokens)
      assert.deepStrictEqual(
        tokensOf(yield* onWasm[0].sample(parameters, requests, first)),
        tokensOf(yield* onCpu[0].sample(parameters, requests, first))
      )
    }), 60_000)
})

describe("an adapter over a large vocabulary", () => {
  const config: LlamaConfig = { ...readCheckpoint("llama").config, vocabulary: 1500 }
  const architecture = llama(config)
  const weights = architecture.initialize(3).map((value) => 3 * value)
  const trajectories = [[5, 1499, 7, 8, 9, 10], [700, 8, 9], [3, 1100, 4, 4]].map((tokens, i) => ({
    tokens,
    promptLength: i === 0 ? 3 : 1,
    offset: 0
  }))
  const offsets = Int32Array.from([0, 6, 9, 13])
  // The last but one token of the first text is context, and nobody learns from the second.
  const owner = Uint8Array.of(255, 255, 255, 0, 255, 1, 255, 255, 255, 255, 0, 0, 1)
  const request = (entropyCoefficient: number, owner: Uint8Array): LossRequest => ({
    trajectories,
    offsets,
    owner,
    objective: entropyCoefficient === 0 ? nll() : add(nll(), entropyBonus({ coefficient: entropyCoefficient })),
    partition: TWO_STAGE,
    temperature: 0.7,
    weights: Aggregate.weights(Aggregate.tokenMean, offsets, owner)
  })
  /** The same adapter, with its unembedding treated as if it were trained: through all logits. */
  const throughLogits = (trained: Trained): Trained => ({
    ...trained,
    weights: (tf, ops, tensors) => {
      const { frozen: _frozen, ...rest } = trained.weights(tf, ops, tensors)
      return rest
    }
  })

  it.effect.each(devices)(
    "has the gradient and scores without logits that it has through all of them, on %s",
    ([, start]) =>
      Effect.gen(function* () {
        const device = yield* start
        yield* Effect.scoped(Effect.gen(function* () {
          const held = yield* device.hold("frozen", (_ops, tf) => toTensors(tf, architecture.layout, weights))
          const trained = adapter(architecture, held, { rank: 4, alpha: 8 })
          const parameters = trained.initialize(5).map((value, i) => value + 0.01 * (((i * 37) % 101) / 50 - 1))
          const backpropOf = (trained: Trained) => makePolicy(free(config.vocabulary), device, architecture, trained)[2]
          const [fused, plain] = [backpropOf(trained), backpropOf(throughLogits(trained))]
          const nobody = new Uint8Array(13).fill(255)
          for (const [coefficient, owners] of [[0, owner], [0.3, owner]] as const) {
            const [got, expected] = [
              yield* fused.gradient(parameters, request(coefficient, owners)),
              yield* plain.gradient(parameters, request(coefficient, owners))
            ]
            assert.isBelow(worstEntry(trained.layout, got.gradient, expected.gradient), 2e-5)
            assert.closeTo(got.loss, expected.loss, 1e-5)
            assert.isBelow(relativeError(got.logProbs, expected.logProbs), 2e-6)
            assert.isBelow(relativeError(got.entropies, expected.entropies), 2e-6)
          }
          const { gradient } = yield* fused.gradient(parameters, { ...request(0, nobody), weights: new Float64Array(13) })
          assert.isTrue(gradient.every((value) => value === 0))
        }))
      }),
    60_000
  )

  it.effect(
    "samples many tokens, with the adapter added to the weights, with the log-probabilities that it scores with",
    () =>
      Effect.gen(function* () {
        const device = yield* wasmDeviceWith("simd")
        yield* Effect.scoped(Effect.gen(function* () {
          const held = yield* device.hold("frozen", (_ops, tf) => toTensors(tf, architecture.layout, weights))
          const trained = adapter(architecture, held, { rank: 4, alpha: 8 })
          const parameters = trained.initialize(5).map((value, i) => value + 0.1 * (((i * 37) % 101) / 50 - 1))
          const [sampler, policy] = makePolicy(free(config.vocabulary), device, architecture, trained)
          const requests = [[5], [700, 8, 9, 10], [1499, 12]].map((prompt, i) => ({ prompt, seed: i }))
          const rollouts = yield* sampler.sample(parameters, requests, onPolicy)
          const scored = yield* policy.logProbs(parameters, rollouts, 1)
          const unadapted = yield* policy.logProbs(trained.initialize(5), rollouts, 1)
          rollouts.forEach(({ logProbs }, i) => {
            const differences = (others: Float64Array | Float32Array) =>
              Math.max(...logProbs.map((value, t) => Math.abs(value - others[t]!)))
            assert.isBelow(differences(scored[i]!), 2e-5)
            assert.isAbove(differences(unadapted[i]!), 1e-2)
          })
        }))
      }),
    60_000
  )
})

describe("rotary frequencies", () => {
  it("are powers of the base, and with Llama 3's scaling the slow ones a factor slower, the fast ones as they were", () => {
    const plain = rotaryFrequencies(8, 10_000)
    plain.forEach((frequency, i) => assert.closeTo(frequency, 10_000 ** (-i / 4), 1e-12))
    const scaling = { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 32 }
    const scaled = rotaryFrequencies(8, 500, scaling)
    const unscaled = rotaryFrequencies(8, 500)
    // Wavelengths 6.3, 29.7, 140 and 664 against 32 / 4 = 8 and 32 / 1.
    assert.strictEqual(scaled[0], unscaled[0])
    assert.isTrue(scaled[1]! < unscaled[1]! && scaled[1]! > unscaled[1]! / 8)
    for (const i of [2, 3]) assert.closeTo(scaled[i]!, unscaled[i]! / 8, 1e-15)
  })
})
