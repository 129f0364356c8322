import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  DECISION,
  makePartition,
  makeTokenBatch,
  maskSequences,
  NOT_OWNED,
  ownerOf,
  repeatOnTokens,
  SAMPLING,
  sequenceCount,
  type TokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { tokenBatch } from "../support/Arbitraries.ts"
import { reasonOf } from "../support/Errors.ts"

const valid: TokenBatch = {
  offsets: Int32Array.of(0, 2, 3),
  owner: Uint8Array.of(SAMPLING, DECISION, NOT_OWNED),
  logProbs: Float64Array.of(-1, -2, -3)
}

describe("Partition", () => {
  it("the two-stage partition names its owners in order", () => {
    expect([ownerOf(TWO_STAGE, "sampling"), ownerOf(TWO_STAGE, "decision")]).toEqual([SAMPLING, DECISION])
    expect(NOT_OWNED).toBeGreaterThanOrEqual(TWO_STAGE.names.length)
  })

  it("keeps the order of its names and refuses none, one twice, an empty one, and more than 255", () => {
    expect(makePartition(["plan", "write", "check"]).names).toEqual(["plan", "write", "check"])
    const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`)
    expect(makePartition(many(255)).names.length).toBe(255)
    for (const names of [[], ["a", "a"], ["a", ""], many(256)]) {
      expect(reasonOf(() => makePartition(names))).toMatchObject({ _tag: "InvalidPartition", names })
    }
  })
})

describe("makeTokenBatch", () => {
  it("accepts every generated batch as it is", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        expect(makeTokenBatch(batch, TWO_STAGE)).toBe(batch)
      })
    )
  })

  it("refuses columns of another length, by name", () => {
    const short = new Float64Array(2)
    for (const what of ["oldLogProbs", "referenceLogProbs", "entropies", "advantages", "selected"]) {
      expect(reasonOf(() => makeTokenBatch({ ...valid, [what]: short }, TWO_STAGE))).toEqual({
        _tag: "ShapeMismatch",
        what,
        expected: 3,
        actual: 2
      })
    }
    expect(reasonOf(() => makeTokenBatch({ ...valid, owner: new Uint8Array(4) }, TWO_STAGE))).toMatchObject({ what: "owner" })
  })

  it("refuses offsets that do not start at 0, fall, or end elsewhere", () => {
    for (const offsets of [[1, 3], [0, 2, 1, 3], [0, 2], [0, 4]]) {
      expect(reasonOf(() => makeTokenBatch({ ...valid, offsets: Int32Array.from(offsets) }, TWO_STAGE))).toMatchObject({
        _tag: "OutOfRange",
        what: "offsets"
      })
    }
    expect(reasonOf(() => makeTokenBatch({ ...valid, offsets: new Int32Array(0) }, TWO_STAGE))).toMatchObject({ _tag: "EmptyGroup" })
  })

  it("refuses owners outside the partition, positive and infinite log-probabilities, advantages that are not finite, negative and infinite entropies", () => {
    const refused = (columns: Partial<TokenBatch>) => reasonOf(() => makeTokenBatch({ ...valid, ...columns }, TWO_STAGE))
    expect(refused({ owner: Uint8Array.of(0, 2, 0) })).toMatchObject({ _tag: "OutOfRange", what: "owner", index: 1, value: 2 })
    expect(refused({ logProbs: Float64Array.of(-1, 0.1, -1) })).toMatchObject({ _tag: "NotADistribution", index: 1, value: 0.1 })
    expect(refused({ oldLogProbs: Float64Array.of(-Infinity, -1, -1) })).toMatchObject({ _tag: "NonFinite", what: "oldLogProbs", index: 0 })
    expect(refused({ advantages: Float64Array.of(1, NaN, 1) })).toMatchObject({ _tag: "NonFinite", what: "advantages", index: 1 })
    expect(refused({ entropies: Float64Array.of(1, Infinity, 1) })).toMatchObject({ _tag: "NonFinite", what: "entropies", index: 1 })
    expect(refused({ entropies: Float64Array.of(1, -0.1, 1) })).toMatchObject({ _tag: "OutOfRange", what: "entropies", index: 1 })
  })

  it("does not look at tokens that nobody owns", () => {
    const columns = { ...valid, logProbs: Float64Array.of(-1, -2, NaN), advantages: Float64Array.of(1, 1, NaN) }
    expect(makeTokenBatch(columns, TWO_STAGE)).toBe(columns)
  })
})

describe("Columns by sequence", () => {
  it("repeats a sequence's value on its tokens", () => {
    expect([...repeatOnTokens([5, 7, 9], Int32Array.of(0, 2, 2, 3))]).toEqual([5, 5, 9])
    expect(sequenceCount(Int32Array.of(0, 2, 2, 3))).toBe(3)
    expect(reasonOf(() => repeatOnTokens([5], Int32Array.of(0, 2, 3)))).toMatchObject({ _tag: "ShapeMismatch" })
  })

  it("masks whole sequences and leaves its input as it was", () => {
    expect([...maskSequences(valid, Uint8Array.of(0, 1))]).toEqual([NOT_OWNED, NOT_OWNED, NOT_OWNED])
    expect([...maskSequences(valid, Uint8Array.of(1, 0))]).toEqual([SAMPLING, DECISION, NOT_OWNED])
    expect([...valid.owner]).toEqual([SAMPLING, DECISION, NOT_OWNED])
    expect(reasonOf(() => maskSequences(valid, Uint8Array.of(1)))).toMatchObject({ _tag: "ShapeMismatch", what: "keep" })
  })
})
