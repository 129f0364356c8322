import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"
import { layerTiny, tinyGrammar } from "../../../src/laws/TinyWords.ts"
import { policyServiceLaws } from "../../../src/laws/PolicyServiceLaws.ts"
import { deviceWasmWith, wasmDevice, wasmDeviceWith } from "../../../src/model/device/Wasm.ts"
import * as ModelLayer from "../../../src/model/ModelLayer.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"
import type { ModelSpec } from "../../../src/model/ModelSpec.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import { nativeHere, nativeName } from "../../support/NativeProducts.ts"

/** Ticks of processor time that each thread of this process has used: Linux's account of them. */
const ticksOfThreads = (): ReadonlyMap<string, number> =>
  new Map(
    readdirSync("/proc/self/task").flatMap((thread) => {
      try {
        const fields = readFileSync(`/proc/self/task/${thread}/stat`, "utf8").replace(/^.*\) /, "").split(" ")
        return [[thread, Number(fields[11]) + Number(fields[12])] as const]
      } catch {
        return []
      }
    })
  )

describe.skipIf(nativeHere === undefined)(`native products (${nativeName})`, () => {
  it.effect("are what the wasm device has unless it is told otherwise, and its description names the library", () =>
    Effect.gen(function* () {
      for (const device of [yield* wasmDevice, yield* wasmDeviceWith("native")]) {
        assert.strictEqual(device.info.products?.kind, "native")
        assert.include(device.info.description, `matrix products by ${nativeHere!.by} (${nativeHere!.path})`)
      }
      for (const kind of ["relaxed", "simd"] as const) assert.strictEqual((yield* wasmDeviceWith(kind)).info.products?.kind, kind)
    }))

  it.effect.skipIf(process.platform !== "linux")(
    "are computed by one thread: the others of the process use no time meanwhile",
    () =>
      Effect.gen(function* () {
        const device = yield* wasmDeviceWith("native")
        const grown = yield* device.use("many products", (_ops, tf) => {
          const [a, b] = [tf.ones([1024, 1024]), tf.ones([1024, 1024])]
          tf.matMul(a, b).dispose()
          const before = ticksOfThreads()
          const used = process.cpuUsage()
          // A second of processor time: a hundred ticks.
          while (process.cpuUsage(used).user < 1e6) tf.matMul(a, b).dispose()
          return [...ticksOfThreads()].map(([thread, ticks]) => ticks - (before.get(thread) ?? 0)).toSorted((x, y) => y - x)
        })
        assert.isAbove(grown[0]!, 60)
        assert.isBelow(grown[1] ?? 0, 10)
      })
  )

  it.effect("stay right when the memory grows, and with nothing to add", () =>
    Effect.gen(function* () {
      const device = yield* wasmDeviceWith("native")
      const sums = yield* device.use("growing", (_ops, tf) =>
        [1, 2, 3].map((round) => {
          // 24 MiB that stay until the use ends: the memory must grow.
          tf.zeros([round * 2 ** 20, 6])
          return tf.sum(tf.matMul(tf.mul(tf.ones([100, 100]), round), tf.ones([100, 100]))).dataSync()[0]
        }))
      assert.deepStrictEqual(sums, [1e6, 2e6, 3e6])
      const empty = yield* device.use("empty", (_ops, tf) => [...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])).dataSync()])
      assert.deepStrictEqual(empty, [0, 0, 0, 0, 0, 0])
    }))

  const spec: ModelSpec = {
    _tag: "Columns",
    words: { _tag: "Arithmetic", radix: 5, maxAttempts: 3, context: "markov", positions: 20 },
    transformer: { width: 32, layers: 2, heads: 2 }
  }

  it.effect("give the same bits with any number of workers, for the same number of shards", () =>
    Effect.gen(function* () {
      const requests = Array.from({ length: 60 }, (_, i) => ({ prompt: [1, 2, 3, 5, 1 + (i % 4)], seed: i }))
      const computed = (workers: number) =>
        Effect.gen(function* () {
          const policy = yield* Policy
          const parameters = (yield* policy.initialize(1)).map((value) => 3 * value)
          const rollouts = yield* (yield* Sampler).sample(parameters, requests, onPolicy)
          return { rollouts, scores: yield* policy.logProbs(parameters, rollouts, 1) }
        }).pipe(Effect.provide(ModelLayer.layer(spec, { products: "native", threads: { workers, shards: 4 } })))
      const one = yield* computed(1)
      assert.deepStrictEqual(yield* computed(2), one)
      assert.isAbove(new Set(one.rollouts.map(({ tokens }) => tokens.join())).size, 10)
    }), 60_000)
})

if (nativeHere !== undefined) {
  deviceLaws(`wasm device with native products, ${nativeName}`, deviceWasmWith("native"))

  // Wide enough for products that the library computes.
  policyServiceLaws(`transformer on wasm with native products, ${nativeName}`, {
    layer: TransformerPolicy.layer({ width: 32, layers: 1, heads: 2 }).pipe(
      Layer.provideMerge(Layer.merge(layerTiny(tinyGrammar), deviceWasmWith("native")))
    ),
    gradientTolerance: 8e-3,
    step: 2 ** -9,
    tolerance: 1e-4
  })
}
