import { assert, describe, it } from "@effect/vitest"
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { deviceWasm, wasmDevice, wasmDeviceWith } from "../../../src/model/device/Wasm.ts"
import { deviceLaws } from "../../../src/laws/device/DeviceLaws.ts"

describe("starting the wasm device", () => {
  it.effect("leaves the handlers for uncaught errors of the process alone", () =>
    Effect.gen(function* () {
      const count = () => ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event))
      const before = count()
      yield* wasmDevice
      assert.deepStrictEqual(count(), before)
    }))

  it.effect("says which kernels run", () =>
    Effect.gen(function* () {
      const infos = yield* Effect.forEach(["relaxed", "simd", "none"] as const, (choice) =>
        Effect.map(wasmDeviceWith(choice), ({ info }) => info))
      assert.deepStrictEqual(
        infos.map(({ kernels }) =>
          kernels
        ),
        ["fused", "fused", "composite"]
      )
      assert.include(infos[0].description, "with fused multiply-add")
      assert.include(infos[1]!.description, "without fused multiply-add")
      assert.include(infos[2]!.description, "as asked")
    }))
})

describe("the kernels' own exponential and logarithm", () => {
  it.effect("give ln(1/(1 + eˣ)) and its derivative −1/(1 + e⁻ˣ) to float32's precision", () =>
    Effect.gen(function* () {
      const x = Array.from({ length: 16001 }, (_, n) => (n - 8000) / 100)
      const device = yield* wasmDevice
      const { value, slope } = yield* device.use("logistic", (ops, tf) => {
        const logits = tf.tensor2d(x.map((v) => [0, v]))
        const targets = tf.zeros([x.length], "int32") as Tensor1D
        const logProb = (at: Tensor2D) => ops.tokenLogProb(at, targets, tf.ones([1, 2]), targets)
        return { value: logProb(logits).dataSync(), slope: tf.grad((at) => logProb(at as Tensor2D))(logits).dataSync() }
      })
      const indices = x.map((_, n) => n)
      const worst = (where: ReadonlyArray<number>, got: (n: number) => number, expected: (x: number) => number) =>
        Math.max(...where.map((n) => Math.abs(got(n) - expected(x[n]!)) / Math.max(1, Math.abs(expected(x[n]!)))))
      assert.isBelow(worst(indices, (n) => value[n]!, (v) => -Math.max(v, 0) - Math.log1p(Math.exp(-Math.abs(v)))), 3e-7)
      // Only near 0: the derivative is exp(logit − normalizer), and at 80 float32 rounds that argument by up to 4e-6.
      const near = indices.filter((n) => Math.abs(x[n]!) <= 2)
      assert.isBelow(worst(near, (n) => slope[2 * n + 1]!, (v) => -1 / (1 + Math.exp(-v))), 5e-7)
    }))
})

describe("a memory that is full", () => {
  it.effect("is an error that says so, and the device goes on", () =>
    Effect.gen(function* () {
      const device = yield* wasmDevice
      const message = (slots: number) =>
        Effect.map(Effect.flip(device.use("large cache", (ops) => ops.makeCache(1, slots, 256, 1).slots)), ({ message }) => message)
      // 3 GiB of keys and as much of values; then sizes that do not fit 32 bits, where 8 GiB would pass for nothing.
      assert.match(yield* message(3 * 2 ** 20), /the memory of WebAssembly, 4 GiB at most, is full: 3072 MiB more do not fit/)
      assert.match(yield* message(2 ** 23), /8192 MiB more do not fit/)
      assert.match(
        yield* Effect.map(
          Effect.flip(device.use("scratch", async (ops, tf) => {
            const logits = tf.zeros([1, 1]) as Tensor2D
            const many = { shape: [2 ** 28, 1], dataId: logits.dataId } as unknown as Tensor2D
            return (await ops.vocabularyDraws(many, { length: 2 ** 28 } as Float64Array, 1)).tokens.length
          })),
          ({ message }) => message
        ),
        /7168 MiB more do not fit/
      )
      const sum = yield* device.use("after", async (ops, tf) => {
        const { logProbs } = await ops.vocabularyScores(tf.zeros([1, 4]), Int32Array.of(1), 1)
        return logProbs[0]! + tf.sum(tf.add(tf.ones([2, 2]), tf.ones([2, 2]))).dataSync()[0]!
      })
      assert.closeTo(sum, 8 - Math.log(4), 1e-6)
    }))
})

describe("bad input of the fused operations", () => {
  it.effect("is an error that names the row: ids beyond the table, targets outside their set, slots beyond the cache", () =>
    Effect.gen(function* () {
      const device = yield* wasmDevice
      const messageOf = (body: Parameters<typeof device.use>[1]) =>
        Effect.map(Effect.flip(device.use("bad input", body)), ({ message }) => message)
      assert.match(
        yield* messageOf((ops, tf) => ops.embed(tf.ones([3, 4]), tf.tensor1d([0, 3], "int32")).dataSync()),
        /id at position 1 is not among the table's 3 rows/
      )
      assert.match(
        yield* messageOf((ops, tf) =>
          ops.tokenLogProb(tf.ones([2, 3]), tf.tensor1d([0, 1], "int32"), tf.tensor2d([[1, 0, 1]]), tf.tensor1d([0, 0], "int32")).dataSync()
        ),
        /row 1 names a set that does not exist, or a target that is not in its set/
      )
      assert.match(
        yield* messageOf((ops, tf) =>
          ops.decodeAttention(tf.ones([1, 12]), ops.makeCache(1, 2, 4, 2), Int32Array.from([2]), Int32Array.from([0])).dataSync()
        ),
        /slot 2 of row 0 is not among the cache's 2 slots/
      )
      assert.match(
        yield* messageOf((ops, tf) => ops.attention(tf.ones([5, 12]), tf.zeros([2, 3], "int32"), 2).dataSync()),
        /does not hold 2 heads of queries and 2 of keys and of values of 6 positions/
      )
    }))
})

deviceLaws("wasm device", deviceWasm)
