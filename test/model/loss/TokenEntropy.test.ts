import type { Tensor2D } from "@tensorflow/tfjs-core"
import { Effect, type Layer, ManagedRuntime } from "effect"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { Device } from "../../../src/model/device/Device.ts"
import { entropy, entropyGradient } from "../../../src/theory/Entropy.ts"
import { logSoftmax } from "../../../src/theory/LogSpace.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { deviceWasm } from "../../../src/model/device/Wasm.ts"
import { tokenEntropy } from "../../../src/model/loss/TokenEntropy.ts"

const VOCABULARY = 6
const SETS: ReadonlyArray<ReadonlyArray<number>> = [[0, 1, 2, 3, 4, 5], [1, 4], [2]]

/** Rows of logits, each with the set its token is chosen from (−1: none), and the weight of its entropy. */
interface Rows {
  readonly logits: ReadonlyArray<ReadonlyArray<number>>
  readonly setIds: ReadonlyArray<number>
  readonly weights: ReadonlyArray<number>
}

const tenths = (min: number, max: number) => fc.integer({ min, max }).map((count) => count / 10)

const rows: fc.Arbitrary<Rows> = fc
  .array(
    fc.tuple(fc.array(tenths(-60, 60), { minLength: VOCABULARY, maxLength: VOCABULARY }), fc.constantFrom(-1, 0, 1, 2), tenths(-10, 10)),
    { minLength: 1, maxLength: 6 }
  )
  .map((list) => ({
    logits: list.map(([logits]) => logits),
    setIds: list.map(([, set]) => set),
    weights: list.map(([, , weight]) => weight)
  }))

const byTape = ({ logits, setIds, weights }: Rows) =>
  Effect.gen(function* () {
    const device = yield* Device
    return yield* device.use("entropy", (_, tf) => {
      const marks = tf.tensor2d(SETS.map((set) => Array.from({ length: VOCABULARY }, (_unused, token) => (set.includes(token) ? 1 : 0))))
      const ids = tf.tensor1d([...setIds], "int32")
      let values: Float32Array = new Float32Array()
      const slopes = tf.grad((z) => {
        const entropies = tokenEntropy(tf, z as Tensor2D, marks, ids)
        values = entropies.dataSync<"float32">()
        return tf.sum(tf.mul(entropies, tf.tensor1d([...weights])))
      })(tf.tensor2d(logits.map((row) => [...row])))
      return { values, slopes: slopes.dataSync<"float32">() }
    })
  })

const laws = (name: string, layer: Layer.Layer<Device, unknown>) =>
  describe(`tokenEntropy on ${name}`, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())

    it("equals theory's entropy over the allowed set, and the tape's derivative −π(log π + H), 0 elsewhere and in rows without a choice", () =>
      fc.assert(
        fc.asyncProperty(rows, async (example) => {
          const { slopes, values } = await runtime.runPromise(byTape(example))
          example.logits.forEach((row, n) => {
            const set = example.setIds[n]! < 0 ? [] : SETS[example.setIds[n]!]!
            const logProbs = set.length === 0 ? new Float64Array() : logSoftmax(set.map((token) => row[token]!))
            const gradient = entropyGradient(logProbs)
            expect(Math.abs(values[n]! - entropy(logProbs))).toBeLessThan(1e-5)
            for (let token = 0; token < VOCABULARY; token++) {
              const at = set.indexOf(token)
              const expected = at < 0 ? 0 : example.weights[n]! * gradient[at]!
              expect(Math.abs(slopes[n * VOCABULARY + token]! - expected)).toBeLessThan(1e-5)
            }
          })
        }),
        { numRuns: 60, seed: 17 }
      ))

    it("by hand: two equal logits of the set {1, 4} give log 2 and no gradient, whatever is forbidden beside them", async () => {
      const { slopes, values } = await runtime.runPromise(byTape({ logits: [[50, 2, 9, -7, 2, 3]], setIds: [1], weights: [1] }))
      expect(values[0]).toBeCloseTo(Math.LN2, 6)
      slopes.forEach((slope) => expect(Math.abs(slope)).toBeLessThan(1e-6))
    })
  })

laws("cpu", deviceCpu)
laws("wasm", deviceWasm)
