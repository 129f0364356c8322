import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Result } from "effect"
import { Grammar } from "../../../src/domain/Grammar.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { Sampler } from "../../../src/domain/Sampler.ts"
import { type LlamaConfig, llamaLayout } from "../../../src/model/architecture/LlamaConfig.ts"
import { Backprop } from "../../../src/model/Backprop.ts"
import { deviceWasmWith } from "../../../src/model/device/Wasm.ts"
import {
  assertMemory,
  machineMemory,
  type MemoryAsked,
  memoryOf,
  memoryText,
  type ModelUse
} from "../../../src/model/policy/PretrainedMemory.ts"
import * as PretrainedPolicy from "../../../src/model/policy/PretrainedPolicy.ts"
import { ModelFileError } from "../../../src/model/pretrained/ModelFileError.ts"
import { PRETRAINED } from "../../support/PretrainedFiles.ts"
import { CHECKPOINTS, readCheckpoint } from "../../support/PretrainedFixture.ts"
import { nllRequest } from "../../support/NllRequest.ts"

const smol: LlamaConfig = {
  vocabulary: 49152,
  width: 576,
  layers: 30,
  heads: 9,
  keyHeads: 3,
  headWidth: 64,
  innerWidth: 1536,
  normEpsilon: 1e-5,
  ropeBase: 100_000,
  context: 8192,
  isTied: true,
  hasBiases: false,
  hasHeadNorms: false
}
const large: LlamaConfig = {
  ...smol,
  width: 4096,
  layers: 32,
  heads: 32,
  keyHeads: 8,
  headWidth: 128,
  innerWidth: 14_336,
  vocabulary: 128_256
}
const asked = (use: ModelUse, change: Partial<MemoryAsked> = {}): MemoryAsked => ({
  trains: { rank: 16, alpha: 32, targets: PretrainedPolicy.ADAPTER_TARGETS },
  positions: 1024,
  limits: { tokens: 512, rows: 32 },
  workers: 1,
  use,
  ...change
})

/** The most bytes that the backend's memory had handed out at once while an effect ran, beyond those before it. */
const mostAllocated = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<number, E, R> =>
  Effect.suspend(() => {
    const { wasm: module } = tf.backend() as unknown as {
      readonly wasm: { readonly _malloc: (bytes: number) => number; readonly _free: (pointer: number) => void }
    }
    const { _free: free, _malloc: allocate } = module
    const sizes = new Map<number, number>()
    let [now, most] = [0, 0]
    const counting = {
      _malloc: (bytes: number): number => {
        const pointer = allocate(bytes)
        sizes.set(pointer, bytes)
        now += bytes
        most = Math.max(most, now)
        return pointer
      },
      _free: (pointer: number): void => {
        now -= sizes.get(pointer) ?? 0
        sizes.delete(pointer)
        free(pointer)
      }
    }
    Object.assign(module, counting)
    return Effect.ensuring(
      Effect.map(effect, () => most),
      Effect.sync(() => {
        Object.assign(module, { _malloc: allocate, _free: free })
      })
    )
  })

const ROWS = 8
const LENGTH = 64
const limits = { tokens: ROWS * LENGTH, rows: ROWS }

describe.each(CHECKPOINTS)("the memory of %s", (name) => {
  const { config } = readCheckpoint(name)
  const trainings = { adapter: { _tag: "Adapter", rank: 4, alpha: 8 }, whole: { _tag: "Whole" } } as const

  it.effect.each(["adapter", "whole"] as const)(
    "on the device is what scoring, sampling and gradients take at most, training %s, to some tenths",
    (kind) => {
      const settings = { path: `${PRETRAINED}/${name}`, positions: 100, limits, trains: trainings[kind] } as const
      const of = (use: ModelUse, positions: number) => {
        const { device: { total, weights } } = memoryOf(config, {
          ...PretrainedPolicy.memoryAsked({ ...settings, positions }, config.context, use)
        })
        return total - weights
      }
      return Effect.gen(function* () {
        const [policy, sampler, backprop, grammar] = [yield* Policy, yield* Sampler, yield* Backprop, yield* Grammar]
        const parameters = yield* policy.initialize(1)
        const rows = Array.from({ length: ROWS }, (_, row) => ({
          tokens: Array.from({ length: LENGTH + 1 }, (_, t) => 3 + ((7 * t + 31 * row) % 280)),
          promptLength: 1,
          offset: 0
        }))
        const request = nllRequest(rows)
        const prompt = Result.getOrThrow(grammar.prompt({ prompt: "Calculate 2 * 3." }))
        const drawn = Array.from({ length: ROWS }, (_, seed) => ({ prompt, seed }))
        const maxTokens = 100 - prompt.length
        const measured = {
          score: yield* mostAllocated(policy.logProbs(parameters, rows, 1)),
          differentiate: yield* mostAllocated(backprop.gradient(parameters, request)),
          sample: yield* mostAllocated(sampler.sample(parameters, drawn, { temperature: 1, topK: 0, topP: 1, maxTokens }))
        }
        for (const use of ["score", "differentiate"] as const) {
          const ratio = of(use, LENGTH) / measured[use]
          assert.isAbove(ratio, 0.9, `${use}: ${of(use, LENGTH)} for ${measured[use]}`)
          // Scoring frees each block's intermediates as it goes: of so few tokens less than is counted.
          assert.isBelow(ratio, use === "score" ? 2 : 1.4, `${use}: ${of(use, LENGTH)} for ${measured[use]}`)
        }
        assert.isAbove(of("sample", 100) / measured.sample, 0.8, `sample: ${of("sample", 100)} for ${measured.sample}`)
      }).pipe(Effect.provide(PretrainedPolicy.layer(settings).pipe(Layer.provide(deviceWasmWith("simd")))))
    },
    60_000
  )
})

describe("memory", () => {
  it("has each weight once a worker with an adapter, and begins at four copies with all of them trained", () => {
    const bytes = 4 * llamaLayout(smol).count
    assert.strictEqual(bytes, 538_060_032)
    const one = memoryOf(smol, asked("score"))
    assert.strictEqual(one.device.weights, bytes)
    // r·(in + out) of each matrix of a block: 4,884,480 numbers.
    assert.strictEqual(one.device.trained, 4 * 4_884_480)
    assert.strictEqual(memoryOf(smol, asked("score", { workers: 2 })).certain.total - one.certain.total, bytes + one.device.trained)
    const whole = memoryOf(smol, asked("train", { trains: "whole" }))
    assert.isAtLeast(whole.certain.total, 4 * bytes)
    assert.isAbove(whole.total, whole.certain.total)
  })

  it("refuses what cannot fit for certain, in WebAssembly's memory or the machine's, and says how to go on", () => {
    const there = { most: 24e9, free: 20e9, device: 2 ** 32 }
    const refusal = (config: LlamaConfig, of: MemoryAsked, machine = there) => {
      const result = Effect.runSync(Effect.result(assertMemory("model", config, of, machine)))
      return Result.isSuccess(result) ? undefined : result.failure
    }
    assert.isUndefined(refusal(smol, asked("train", { trains: "whole" })))
    assert.isUndefined(refusal(smol, asked("differentiate", { limits: { tokens: 1e6, rows: 1 } })))
    const wide = refusal(large, asked("score"))
    assert.instanceOf(wide, ModelFileError)
    assert.strictEqual(wide!.reason, "Memory")
    assert.match(
      wide!.message,
      /model: the model with an adapter takes at least \d+\.\d+ GB of the device's memory.*at most 4\.29 GB.*smaller model/
    )
    const all = refusal({ ...smol, layers: 150 }, asked("train", { trains: "whole" }))
    assert.match(all!.message, /training every weight.*Train an adapter in place of every weight/)
    const crowded = refusal(smol, asked("score", { workers: 9 }), { ...there, most: 4e9, free: 3e9 })
    assert.match(crowded!.message, /with 9 workers takes at least 5\.\d+ GB.*at most 4\.00 GB.*3\.00 GB of it free.*Take fewer workers/)
    assert.isUndefined(refusal(large, asked("score"), { ...there, device: Infinity, most: 64e9 }))
  })

  it("is said beside what is free, with a word where a pass as large as the limits would not fit", () => {
    const there = { most: 24e9, free: 20e9, device: 2 ** 32 }
    const text = memoryText(smol, asked("train"), there)
    assert.match(
      text,
      /^about \d\.\d\d GB of 20\.00 GB free: weights 0\.54 GB, trained 0\.04 GB, a pass of 512 tokens \d\.\d\d GB, cache of 32 texts/
    )
    assert.notMatch(text, /more than/)
    assert.match(
      memoryText(smol, asked("train", { limits: { tokens: 8192, rows: 1 } }), there),
      /more than the 4\.29 GB of a device: lower limits\.tokens/
    )
    assert.match(memoryText(smol, asked("train"), { ...there, free: 1e9 }), /more than is free/)
  })

  it("of this machine is some, and no device's but WebAssembly's is bounded by its pointers", () => {
    const { device, free, most } = machineMemory()
    assert.isAbove(free, 0)
    assert.isAtLeast(most, free)
    assert.strictEqual(device, 2 ** 32)
    assert.strictEqual(machineMemory("cpu").device, Infinity)
  })
})
