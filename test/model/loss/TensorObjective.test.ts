import type { Tensor1D } from "@tensorflow/tfjs-core"
import { Effect, type Layer, ManagedRuntime } from "effect"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { Device } from "../../../src/model/device/Device.ts"
import { dft, entropyBonus, evaluate, klInLoss, nll, type Objective, parts, restrict, surrogate } from "../../../src/theory/Objective.ts"
import { NOT_OWNED, TWO_STAGE } from "../../../src/theory/Partition.ts"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import { assertColumns, tensorLoss } from "../../../src/model/loss/TensorObjective.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { deviceWasm } from "../../../src/model/device/Wasm.ts"
import { leaves, type LossCase, lossCases, objectives } from "../../../src/laws/support/LossArbitraries.ts"

interface Computed {
  readonly loss: Float32Array
  readonly derivative: Float32Array
  readonly entropyDerivative: Float32Array
  readonly parts: Readonly<Record<string, Float32Array>>
}

/** The loss as tensors and the tape's derivatives of Σ row weight · loss in every log π and every entropy. */
const byTape = (objective: Objective, example: LossCase) =>
  Effect.gen(function* () {
    const device = yield* Device
    return yield* device.use("loss", (_ops, tf): Computed => {
      const { columns, entropies: _, rowWeights, ...batch } = example
      const weights = tf.tensor1d(Float32Array.from(example.owner, (_owner, i) => rowWeights[Math.floor(i / columns)]!))
      const named: Record<string, Float32Array> = {}
      let loss: Float32Array = new Float32Array()
      const [derivative, entropyDerivative] = tf.grads((logProbs, entropies) => {
        const computed = tensorLoss(
          tf,
          objective,
          { ...batch, columns, logProbs: logProbs as Tensor1D, entropies: entropies as Tensor1D },
          TWO_STAGE
        )
        for (const part of computed.parts) named[part.name] = part.loss.dataSync<"float32">()
        loss = computed.total.dataSync<"float32">()
        // The tape asks that the loss depend on both, even if by a factor 0.
        return tf.add(tf.sum(tf.mul(computed.total, weights)), tf.mul(0, tf.sum(tf.add(logProbs, entropies))))
      })([tf.tensor1d(Float32Array.from(example.logProbs)), tf.tensor1d(Float32Array.from(example.entropies))])
      return {
        loss,
        derivative: derivative!.dataSync<"float32">(),
        entropyDerivative: entropyDerivative!.dataSync<"float32">(),
        parts: named
      }
    })
  })

/** The same from theory's written-out values and derivatives, in float64. */
const byTheory = (objective: Objective, example: LossCase) => {
  const { columns, rowWeights, rows } = example
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * columns)
  const { derivative, entropyDerivative, loss } = evaluate(objective, { ...example, offsets }, TWO_STAGE)
  const weighted = (slope: number, i: number) => slope * rowWeights[Math.floor(i / columns)]!
  return { loss, derivative: derivative.map(weighted), entropyDerivative: entropyDerivative.map(weighted) }
}

const expectClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number) => {
  expect(actual.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(1e-4 * Math.abs(expected[i]!) + 1e-6 * scale)
  }
}

const laws = (name: string, layer: Layer.Layer<Device, unknown>) =>
  describe(`tensorLoss on ${name}`, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())

    const agrees = (objective: Objective, example: LossCase) =>
      runtime.runPromise(byTape(objective, example)).then((tape) => {
        const theory = byTheory(objective, example)
        const scale = Math.max(1, ...parts(objective).flatMap(({ objective: part }) => [...byTheory(part, example).loss].map(Math.abs)))
        expectClose(tape.loss, theory.loss, scale)
        expectClose(tape.derivative, theory.derivative, scale)
        expectClose(tape.entropyDerivative, theory.entropyDerivative, scale)
        for (const part of parts(objective)) expectClose(tape.parts[part.name]!, byTheory(part.objective, example).loss, scale)
      })

    it("equals theory in value and derivative for every leaf on random token batches", () =>
      fc.assert(fc.asyncProperty(leaves, lossCases, agrees), { numRuns: 300, seed: 11 }))

    it("equals theory in value and derivative for sums, multiples and restrictions", () =>
      fc.assert(fc.asyncProperty(objectives, lossCases, agrees), { numRuns: 200, seed: 12 }))

    it("adds up: the derivatives restricted to sampling and to decision sum to the whole, for every leaf", () =>
      fc.assert(
        fc.asyncProperty(leaves, lossCases, async (leaf, example) => {
          const of = (objective: Objective) => runtime.runPromise(byTape(objective, example))
          const [whole, sampling, decision] = [await of(leaf), await of(restrict(leaf, "sampling")), await of(restrict(leaf, "decision"))]
          for (const field of ["derivative", "entropyDerivative"] as const) {
            const sum = whole[field].map((_, i) => sampling[field][i]! + decision[field][i]!)
            expectClose(sum, whole[field], Math.max(1, ...whole[field].map(Math.abs)))
          }
        }),
        { numRuns: 100, seed: 13 }
      ))

    it("gives 0, not NaN, for tokens that nobody owns, whatever their log-probabilities are", async () => {
      const example: LossCase = {
        rows: 1,
        columns: 2,
        owner: Uint8Array.of(0, NOT_OWNED),
        logProbs: Float64Array.of(-1, -1),
        oldLogProbs: Float64Array.of(-1.5, -2000),
        referenceLogProbs: Float64Array.of(-1, NaN),
        entropies: Float64Array.of(1, 1),
        advantages: Float64Array.of(1, Infinity),
        selected: Float64Array.of(0, 1),
        rowWeights: Float64Array.of(1)
      }
      const computed = await runtime.runPromise(
        byTape({ _tag: "Sum", parts: [surrogate({ clipHigh: null }), klInLoss({ beta: 1 })] }, example)
      )
      // r = e^0.5 and A = 1: loss −r, derivative −r; k3 at x = 0 adds nothing.
      expect(computed.loss[0]).toBeCloseTo(-Math.exp(0.5), 6)
      expect(computed.derivative[0]).toBeCloseTo(-Math.exp(0.5), 6)
      expect(Math.abs(computed.loss[1]!)).toBe(0)
      expect(Math.abs(computed.derivative[1]!)).toBe(0)
    })

    it("gives 0, not NaN, where a ratio of e^200 overflows under a clipped gain or A = 0, per token and per sequence", async () => {
      for (const ratio of ["token", "sequence", "sequence-token", "product"] as const) {
        const example: LossCase = {
          rows: 1,
          columns: 2,
          owner: Uint8Array.of(0, 0),
          logProbs: Float64Array.of(-1, -1),
          oldLogProbs: Float64Array.of(-201, -201),
          referenceLogProbs: Float64Array.of(-1, -1),
          entropies: Float64Array.of(1, 1),
          advantages: Float64Array.of(2, 0),
          selected: Float64Array.of(0, 0),
          rowWeights: Float64Array.of(1)
        }
        await agrees(surrogate({ ratio }), example)
        const computed = await runtime.runPromise(byTape(surrogate({ ratio }), example))
        expect([...computed.derivative].map(Math.abs)).toEqual([0, 0])
        // A product has 1/L of the loss on each of its L tokens.
        expect(computed.loss[0]).toBeCloseTo(ratio === "product" ? -1.2 : -2.4, 5)
      }
    })

    it("holds the weight of DFT constant: the derivative is −π, not −π(1 + log π)", async () => {
      const example: LossCase = {
        rows: 1,
        columns: 1,
        owner: Uint8Array.of(0),
        logProbs: Float64Array.of(Math.log(0.25)),
        oldLogProbs: Float64Array.of(0),
        referenceLogProbs: Float64Array.of(0),
        entropies: Float64Array.of(0),
        advantages: Float64Array.of(0),
        selected: Float64Array.of(0),
        rowWeights: Float64Array.of(1)
      }
      const computed = await runtime.runPromise(byTape(dft(), example))
      expect(computed.derivative[0]).toBeCloseTo(-0.25, 6)
      expect(computed.loss[0]).toBeCloseTo(0.25 * Math.log(4), 6)
    })
  })

describe("tensorLoss with an entropy bonus", () => {
  it("refuses a batch without entropies instead of leaving the bonus out", () => {
    const bonus = entropyBonus({ coefficient: 0.1 })
    const computed = Effect.gen(function* () {
      const device = yield* Device
      return yield* device.use(
        "loss",
        (_, tf) =>
          tensorLoss(tf, bonus, { rows: 1, columns: 1, owner: Uint8Array.of(0), logProbs: tf.tensor1d([-1]) }, TWO_STAGE).total.dataSync()
      )
    })
    return expect(Effect.runPromise(Effect.provide(computed, deviceCpu))).rejects.toThrow(/entropies/)
  })
})

laws("cpu", deviceCpu)
laws("wasm", deviceWasm)

describe("assertColumns", () => {
  const column = Float64Array.of(0)

  it("asks for exactly the columns that the leaves read", () => {
    expect(() => assertColumns(nll(), {}, TWO_STAGE)).not.toThrow()
    expect(() => assertColumns(surrogate({ ratio: "none" }), { advantages: column }, TWO_STAGE)).not.toThrow()
    expect(() => assertColumns(surrogate(), { advantages: column }, TWO_STAGE)).toThrow(/oldLogProbs/)
    expect(() => assertColumns(klInLoss({ beta: 1 }), {}, TWO_STAGE)).toThrow(/referenceLogProbs/)
    expect(() => assertColumns(klInLoss({ beta: 1, corrected: true }), { referenceLogProbs: column }, TWO_STAGE)).toThrow(/oldLogProbs/)
  })

  it("refuses a restriction to a sub-policy that the partition does not have", () => {
    expect(() => assertColumns(restrict(nll(), "critic"), {}, TWO_STAGE)).toThrow(TheoryError)
  })
})
