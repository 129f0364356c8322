/**
 * The four tests of a leaf, for any leaf: an example by hand, the laws of a loss a token, its tensor form's tape against the derivatives
 * written out, and those against central differences.
 *
 * A leaf of one's own is tested like this:
 *
 *   objectiveLaws("power", () => power({ q: 0.5 }), { example: { token: { logProb: Math.log(0.25) }, loss: 1, derivative: -0.5 } })
 *
 * @module
 */
import type { Tensor1D } from "@tensorflow/tfjs-core"
import { Effect, ManagedRuntime } from "effect"
import * as fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { deviceCpu } from "../model/device/Cpu.ts"
import { Device } from "../model/device/Device.ts"
import { tensorLoss } from "../model/loss/TensorObjective.ts"
import { evaluate, type Leaf, leafKind, needs, parts, restrict, scale } from "../theory/Objective.ts"
import { NOT_OWNED, TWO_STAGE } from "../theory/Partition.ts"
import type { TokenBatch } from "../theory/TokenBatch.ts"
import { DIFFERENCE, expectAllClose } from "./support/Approx.ts"
import { centralDifference } from "./support/CentralDifference.ts"
import { type LossCase, lossCases } from "./support/LossArbitraries.ts"

/** What is known of a leaf: an example by hand, and where its loss is smooth. */
export interface ObjectiveLawOptions {
  /** What one token's loss and derivatives are, by hand. */
  readonly example: {
    readonly token: {
      readonly logProb: number
      readonly advantage?: number
      readonly oldLogProb?: number
      readonly referenceLogProb?: number
      readonly entropy?: number
      /** 1: treated apart; left out: 0. */
      readonly selected?: number
    }
    readonly loss: number
    readonly derivative: number
    readonly entropyDerivative?: number
  }
  /**
   * Log π and a column at which the loss is compared with central differences: away from its kinks. Left out: everywhere.
   * `sequence` is the mean of log π − log π_old over the token's sequence.
   */
  readonly isSmooth?: (token: {
    readonly logProb: number
    readonly oldLogProb: number
    readonly referenceLogProb: number
    readonly sequence: number
  }) => boolean
  /** What the loss holds constant, as a loss that is compared in its place: Σ over the batch at other log-probabilities. Left out: `evaluate`. */
  readonly fixed?: (batch: TokenBatch) => (logProbs: Float64Array) => number
  /** The number of random batches of each law; left out: 60. */
  readonly numRuns?: number
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)

const batchOf = (
  { advantages, columns, entropies, logProbs, oldLogProbs, owner, referenceLogProbs, rows, selected }: LossCase
): TokenBatch => ({
  offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * columns),
  owner,
  logProbs,
  oldLogProbs,
  referenceLogProbs,
  entropies,
  advantages,
  selected
})

/** Checks a leaf: call it at the top level of a test file. `make` builds the leaf anew for every check. */
export const objectiveLaws = (
  name: string,
  make: () => Leaf,
  { example, fixed, isSmooth, numRuns = 60 }: ObjectiveLawOptions
): void =>
  void describe(`Objective laws: ${name}`, () => {
    const runtime = ManagedRuntime.make(deviceCpu)
    afterAll(() => runtime.dispose())

    /** The tape's loss and derivatives of Σ row weight · loss. */
    const byTape = (objective: ReturnType<typeof make> | ReturnType<typeof restrict>, given: LossCase) =>
      runtime.runPromise(Effect.gen(function* () {
        const device = yield* Device
        return yield* device.use("loss", (_ops, tf) => {
          const { columns, entropies, logProbs, rowWeights, ...batch } = given
          const weights = tf.tensor1d(Float32Array.from(given.owner, (_owner, i) => rowWeights[Math.floor(i / columns)]!))
          let loss: Float32Array = new Float32Array()
          const slopes = tf.grads((along, entropy) => {
            const tensors = { logProbs: along as Tensor1D, entropies: entropy as Tensor1D, values: { logProbs, entropies } }
            const { total } = tensorLoss(tf, objective, { ...batch, columns, ...tensors }, TWO_STAGE)
            loss = total.dataSync<"float32">()
            return tf.add(tf.sum(tf.mul(total, weights)), tf.mul(0, tf.sum(tf.add(along, entropy))))
          })([tf.tensor1d(Float32Array.from(logProbs)), tf.tensor1d(Float32Array.from(entropies))])
          const [derivative, entropyDerivative] = slopes.map((slope) => slope.dataSync<"float32">())
          return { loss, derivative: derivative!, entropyDerivative: entropyDerivative! }
        })
      }))

    it("by hand: one token's loss and derivatives", () => {
      const { advantage, entropy, logProb, oldLogProb, referenceLogProb, selected = 0 } = example.token
      const column = (value: number | undefined) => Float64Array.of(value ?? NaN)
      const batch: TokenBatch = {
        offsets: Int32Array.of(0, 1),
        owner: Uint8Array.of(0),
        logProbs: Float64Array.of(logProb),
        oldLogProbs: column(oldLogProb),
        referenceLogProbs: column(referenceLogProb),
        entropies: column(entropy),
        advantages: column(advantage),
        selected: column(selected)
      }
      const evaluated = evaluate(make(), batch, TWO_STAGE)
      expectAllClose(
        [evaluated.loss[0]!, evaluated.derivative[0]!, evaluated.entropyDerivative[0]!],
        [example.loss, example.derivative, example.entropyDerivative ?? 0]
      )
    })

    it("a law for every batch: nobody's tokens are 0, multiples and restrictions are exact, columns that are not needed are not read", () => {
      const leaf = make()
      fc.assert(
        fc.property(lossCases, (given) => {
          const batch = batchOf(given)
          const whole = evaluate(leaf, batch, TWO_STAGE)
          const [sampling, decision] = [restrict(leaf, "sampling"), restrict(leaf, "decision")].map((part) =>
            evaluate(part, batch, TWO_STAGE)
          )
          const columns = needs(leaf).map(({ column }) => column)
          const { advantages, entropies, oldLogProbs, referenceLogProbs, selected, ...bare } = batch
          const optional = { advantages, entropies, oldLogProbs, referenceLogProbs, selected }
          const needed = Object.fromEntries(Object.entries(optional).filter(([column]) => columns.some((each) => each === column)))
          for (const field of ["loss", "derivative", "entropyDerivative"] as const) {
            expectAllClose(sampling![field].map((value, token) => value + decision![field][token]!), whole[field])
            expectAllClose(evaluate(scale(leaf, -3), batch, TWO_STAGE)[field], whole[field].map((value) => -3 * value))
            expect(evaluate(leaf, { ...bare, ...needed }, TWO_STAGE)[field]).toEqual(whole[field])
            batch.owner.forEach((owner, token) => owner === NOT_OWNED && expect(Math.abs(whole[field][token]!)).toBe(0))
          }
        }),
        { numRuns }
      )
      expect(leafKind(leaf).name(leaf)).toBe(parts(leaf)[0]!.name)
    })

    it("for every batch, whole and restricted, the tensor form has this loss, and its tape these derivatives", () =>
      fc.assert(
        fc.asyncProperty(lossCases, fc.constantFrom(null, "sampling", "decision"), async (given, owner) => {
          const objective = owner === null ? make() : restrict(make(), owner)
          const tape = await byTape(objective, given)
          const theory = evaluate(objective, batchOf(given), TWO_STAGE)
          const weight = (value: number, i: number) => value * given.rowWeights[Math.floor(i / given.columns)]!
          expectAllClose(tape.loss, theory.loss, 1e-4, "loss")
          expectAllClose(tape.derivative, theory.derivative.map(weight), 1e-4, "derivative")
          expectAllClose(tape.entropyDerivative, theory.entropyDerivative.map(weight), 1e-4, "entropyDerivative")
        }),
        { numRuns }
      ))

    it("for every batch away from kinks, central differences of the loss are these derivatives", () => {
      const leaf = make()
      const smooth = lossCases.filter((given) =>
        given.owner.every((owner, token) => {
          const row = Math.floor(token / given.columns)
          const mine = [...given.owner.keys()].filter((at) => Math.floor(at / given.columns) === row && given.owner[at] !== NOT_OWNED)
          const sequence = sum(mine.map((at) => given.logProbs[at]! - given.oldLogProbs[at]!)) / Math.max(1, mine.length)
          return owner === NOT_OWNED || (isSmooth?.({
            logProb: given.logProbs[token]!,
            oldLogProb: given.oldLogProbs[token]!,
            referenceLogProb: given.referenceLogProbs[token]!,
            sequence
          }) ?? true)
        })
      )
      fc.assert(
        fc.property(smooth, (given) => {
          const batch = batchOf(given)
          const { derivative, entropyDerivative } = evaluate(leaf, batch, TWO_STAGE)
          const along = fixed?.(batch) ?? ((logProbs: Float64Array) => sum(evaluate(leaf, { ...batch, logProbs }, TWO_STAGE).loss))
          const inEntropy = (entropies: Float64Array) => sum(evaluate(leaf, { ...batch, entropies }, TWO_STAGE).loss)
          expectAllClose(centralDifference(along, batch.logProbs), derivative, DIFFERENCE * 10, "derivative")
          expectAllClose(centralDifference(inEntropy, batch.entropies!), entropyDerivative, DIFFERENCE * 10, "entropyDerivative")
        }),
        { numRuns }
      )
    })
  })
