import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Aggregate, NOT_OWNED } from "decision-sampling/theory"
import { type FullTokenBatch, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { reasonOf } from "../support/Errors.ts"

const ALL: ReadonlyArray<Aggregate.Aggregation> = [
  Aggregate.tokenMean,
  Aggregate.tokenSum,
  ...[Aggregate.seqMeanTokenMean, Aggregate.seqMeanTokenSum, Aggregate.seqMeanTokenSumNorm(8)].flatMap((mode) =>
    Aggregate.VARIANTS.map((variant) => Aggregate.withVariant(mode, variant))
  )
]
const anyAggregation = fc.constantFrom(...ALL)

/** The formulas as the field writes them: nested loops over sequences and a mask. */
const byDefinition = (aggregation: Aggregate.Aggregation, batch: FullTokenBatch, loss: Float64Array): number => {
  const rows = Array.from(batch.offsets.slice(1)).map((end, sequence) => {
    const tokens = Array.from({ length: end - batch.offsets[sequence]! }, (_, index) => batch.offsets[sequence]! + index)
    return tokens.filter((token) => batch.owner[token] !== NOT_OWNED).map((token) => loss[token]!)
  })
  const sum = (values: ReadonlyArray<number>) => values.reduce((total, value) => total + value, 0)
  const mean = (values: ReadonlyArray<number>) => (values.length === 0 ? 0 : sum(values) / values.length)
  const counted = "variant" in aggregation && aggregation.variant === "trl" ? rows : rows.filter((row) => row.length > 0)
  switch (aggregation._tag) {
    case "token-mean":
      return mean(rows.flat())
    case "token-sum":
      return sum(rows.flat())
    case "seq-mean-token-mean":
      return mean(counted.map(mean))
    case "seq-mean-token-sum":
      return mean(counted.map(sum))
    case "seq-mean-token-sum-norm":
      return mean(counted.map((row) => sum(row) / aggregation.length))
  }
}

/** Cuts a batch into two at a sequence boundary. */
const split = (batch: FullTokenBatch, at: number): ReadonlyArray<Pick<FullTokenBatch, "offsets" | "owner">> => {
  const middle = batch.offsets[at]!
  return [
    { offsets: batch.offsets.slice(0, at + 1), owner: batch.owner.slice(0, middle) },
    { offsets: batch.offsets.slice(at).map((offset) => offset - middle), owner: batch.owner.slice(middle) }
  ]
}

describe("Aggregate.weights", () => {
  it("by hand: sequences of 3 tokens and 1 token", () => {
    const offsets = Int32Array.of(0, 3, 4)
    const owner = Uint8Array.of(0, 0, 1, 1)
    const at = (aggregation: Aggregate.Aggregation) => Aggregate.weights(aggregation, offsets, owner)
    expectAllClose(at(Aggregate.tokenMean), [1 / 4, 1 / 4, 1 / 4, 1 / 4])
    expectAllClose(at(Aggregate.tokenSum), [1, 1, 1, 1])
    expectAllClose(at(Aggregate.seqMeanTokenMean), [1 / 6, 1 / 6, 1 / 6, 1 / 2])
    expectAllClose(at(Aggregate.seqMeanTokenSum), [1 / 2, 1 / 2, 1 / 2, 1 / 2])
    for (const variant of Aggregate.VARIANTS) {
      expectAllClose(at(Aggregate.seqMeanTokenSumNorm(8, variant)), [1 / 16, 1 / 16, 1 / 16, 1 / 16])
    }
  })

  it("two live rows of length 2 and T = 4 weigh 1/8 a token under verl's norm, not 1/4", () => {
    const [offsets, owner] = [Int32Array.of(0, 2, 4), Uint8Array.of(0, 1, 0, 1)]
    expectAllClose(Aggregate.weights(Aggregate.seqMeanTokenSumNorm(4, "verl"), offsets, owner), [1 / 8, 1 / 8, 1 / 8, 1 / 8])
  })

  it("a fully masked sequence leaves verl's mean over sequences, and counts as a row of TRL's", () => {
    const offsets = Int32Array.of(0, 2, 4)
    const owner = Uint8Array.of(0, 1, NOT_OWNED, NOT_OWNED)
    const at = (mode: Aggregate.Aggregation, variant: Aggregate.Variant) =>
      Aggregate.weights(Aggregate.withVariant(mode, variant), offsets, owner)
    const live = (weight: number) => [weight, weight, 0, 0]
    expectAllClose(at(Aggregate.seqMeanTokenMean, "verl"), live(1 / 2))
    expectAllClose(at(Aggregate.seqMeanTokenMean, "trl"), live(1 / 4))
    expectAllClose(at(Aggregate.seqMeanTokenSum, "verl"), live(1))
    expectAllClose(at(Aggregate.seqMeanTokenSum, "trl"), live(1 / 2))
    expectAllClose(at(Aggregate.seqMeanTokenSumNorm(4), "verl"), live(1 / 4))
    expectAllClose(at(Aggregate.seqMeanTokenSumNorm(4), "trl"), live(1 / 8))
    expect([Aggregate.withVariant(Aggregate.tokenMean, "trl"), Aggregate.withVariant(Aggregate.tokenSum, "trl")]).toEqual([
      Aggregate.tokenMean,
      Aggregate.tokenSum
    ])
  })

  it("for every batch and mode, Σ w·ℓ is the mode's formula", () => {
    fc.assert(
      fc.property(tokenBatch(), anyAggregation, (batch, aggregation) => {
        const loss = batch.logProbs
        const weights = Aggregate.weights(aggregation, batch.offsets, batch.owner)
        expectClose(Aggregate.aggregate(weights, loss), byDefinition(aggregation, batch, loss))
      })
    )
  })

  it("for every batch, mode and cut into micro-batches, the global counts make the sum over micro-batches the whole batch's loss", () => {
    fc.assert(
      fc.property(tokenBatch(), anyAggregation, fc.nat(), (batch, aggregation, cut) => {
        const parts = split(batch, cut % batch.offsets.length)
        const total = parts
          .map(({ offsets, owner }) => Aggregate.counts(offsets, owner))
          .reduce(Aggregate.addCounts)
        expect(total).toEqual(Aggregate.counts(batch.offsets, batch.owner))
        const whole = Aggregate.weights(aggregation, batch.offsets, batch.owner)
        const cutWeights = parts.flatMap(({ offsets, owner }) => [
          ...Aggregate.weights(aggregation, offsets, owner, { counts: total })
        ])
        expect(cutWeights).toEqual([...whole])
      })
    )
  })

  it("qualified: with each micro-batch's own counts the split changes the loss (counterexample found)", () => {
    expectCounterexample(fc.tuple(tokenBatch(), fc.nat()), ([batch, cut]) => {
      const parts = split(batch, cut % batch.offsets.length)
      const own = parts.flatMap(({ offsets, owner }) => [...Aggregate.weights(Aggregate.tokenMean, offsets, owner)].map((w) => w / 2))
      const whole = Aggregate.weights(Aggregate.tokenMean, batch.offsets, batch.owner)
      return own.every((weight, token) => Math.abs(weight - whole[token]!) < 1e-9)
    })
  })

  it("a batch without any trained token weighs nothing: 0, not NaN, in every mode", () => {
    for (const aggregation of ALL) {
      const masked = Aggregate.weights(aggregation, Int32Array.of(0, 0, 2), Uint8Array.of(NOT_OWNED, NOT_OWNED))
      expect(Aggregate.aggregate(masked, Float64Array.of(1, 2))).toBe(0)
      expect(Aggregate.aggregate(Aggregate.weights(aggregation, Int32Array.of(0), new Uint8Array(0)), new Float64Array(0))).toBe(0)
    }
  })

  it("a masked token's loss, even NaN, does not enter; a trained one's is refused", () => {
    const weights = Aggregate.weights(Aggregate.tokenMean, Int32Array.of(0, 2), Uint8Array.of(0, NOT_OWNED))
    expect(Aggregate.aggregate(weights, Float64Array.of(3, NaN))).toBe(3)
    expect(reasonOf(() => Aggregate.aggregate(weights, Float64Array.of(NaN, 3)))).toMatchObject({ _tag: "NonFinite", index: 0 })
  })

  it("refuses a length of 0 and offsets that do not fit", () => {
    expect(reasonOf(() => Aggregate.seqMeanTokenSumNorm(0))).toMatchObject({ _tag: "OutOfRange", what: "length" })
    expect(reasonOf(() => Aggregate.weights(Aggregate.tokenMean, Int32Array.of(0, 2), new Uint8Array(3)))).toMatchObject({
      what: "offsets"
    })
    expect(reasonOf(() => Aggregate.aggregate(new Float64Array(2), new Float64Array(3)))).toMatchObject({ _tag: "ShapeMismatch" })
  })
})
