/** The recursions of Theorems 3.1, 3.2, D.1 and D.2 over flat arrays, against the trajectory's own recursion, bit by bit. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  backward,
  BatchedRecursion,
  Dft,
  immediateTerms,
  inTokenOrder,
  KlPenalty,
  NOT_OWNED,
  type QTable,
  type ScoredTrajectory,
  Sft,
  Surrogate,
  toTokenBatch
} from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const group = fc.array(scoredTrajectory(), { minLength: 1, maxLength: 4 })

const perTrajectory = (trajectories: ReadonlyArray<ScoredTrajectory>, table: (trajectory: ScoredTrajectory, index: number) => QTable) =>
  trajectories.flatMap((trajectory, index) => [...inTokenOrder(table(trajectory, index))])

describe("One backward pass over a batch", () => {
  it("for every batch of trajectories, terms and γ, it is QTable.backward on each, to the last bit", () => {
    fc.assert(
      fc.property(group, discount, fc.array(advantage, { minLength: 96, maxLength: 96 }), (trajectories, gamma, pool) => {
        const tables = trajectories.map(({ attempts }, at) =>
          immediateTerms(
            attempts.map(({ tokenLogProbs }, cycle) => tokenLogProbs.map((_, token) => pool[(31 * at + 7 * cycle + token) % 96]!)),
            attempts.map((_, cycle) => pool[(17 * at + cycle) % 96]!)
          )
        )
        const terms = Float64Array.from(tables.flatMap((table) => [...inTokenOrder(table)]))
        const expected = tables.flatMap((table) => [...inTokenOrder(backward(table, gamma))])
        expect([...BatchedRecursion.qValues(terms, toTokenBatch(trajectories), { gamma })]).toEqual(expected)
      })
    )
  })

  it("for every batch, A, β, c and γ, the four objectives are those of their own modules, to the last bit", () => {
    fc.assert(
      fc.property(group, advantage, grid(0, 2), discount, (trajectories, A, number, gamma) => {
        const batch = toTokenBatch(trajectories)
        const advantages = trajectories.map((_, index) => A - index)
        expect([...BatchedRecursion.surrogate(advantages, batch, { gamma })]).toEqual(
          perTrajectory(trajectories, (each, index) => Surrogate.qValues(each, { advantage: advantages[index]!, gamma }))
        )
        expect([...BatchedRecursion.klPenalty(number, batch, { gamma })]).toEqual(
          perTrajectory(trajectories, (each) => KlPenalty.qValues(each, { beta: number, gamma }))
        )
        expect([...BatchedRecursion.sft(batch, { gamma })]).toEqual(perTrajectory(trajectories, (each) => Sft.qValues(each, { gamma })))
        expect([...BatchedRecursion.dft(number, batch, { gamma })]).toEqual(
          perTrajectory(trajectories, (each) => Dft.qValues(each, { constant: number, gamma }))
        )
      })
    )
  })

  it("for every batch with tokens that nobody owns, Q is the sum over later owned tokens, discounted by the cycles between", () => {
    fc.assert(
      fc.property(tokenBatch(), discount, (batch, gamma) => {
        const { logProbs, offsets, owner } = batch
        const sequenceOf = (token: number) => offsets.findIndex((end, index) => index > 0 && token < end) - 1
        const expected = logProbs.map((_, token) => {
          if (owner[token] === NOT_OWNED) return 0
          const later = [...owner.keys()].filter(
            (other) => other >= token && sequenceOf(other) === sequenceOf(token) && owner[other] !== NOT_OWNED
          )
          let factor = 1
          return later.reduce((sum, other, at) => {
            if (at > 0 && owner[later[at - 1]!] === 1 && owner[other] !== 1) factor *= gamma
            return sum + factor * logProbs[other]!
          }, 0)
        })
        expectAllClose(BatchedRecursion.qValues(logProbs, batch, { gamma }), expected)
        expectAllClose(
          BatchedRecursion.dft(1, batch),
          owner.map((mine, token) =>
            mine === NOT_OWNED
              ? 0
              : owner.filter((other, at) => at >= token && sequenceOf(at) === sequenceOf(token) && other !== NOT_OWNED).length
          )
        )
      })
    )
  })

  it("for every batch with tokens that nobody owns, the surrogate's Q at a sequence's last owned token is A, and the rest of its sequence is discounted from it", () => {
    fc.assert(
      fc.property(tokenBatch(), discount, (batch, gamma) => {
        const { offsets, owner } = batch
        const advantages = Float64Array.from({ length: offsets.length - 1 }, (_, index) => index - 1.5)
        const terms = new Float64Array(owner.length)
        advantages.forEach((A, sequence) => {
          const owned = [...owner.keys()].filter(
            (token) => token >= offsets[sequence]! && token < offsets[sequence + 1]! && owner[token] !== NOT_OWNED
          )
          if (owned.length > 0) terms[owned.at(-1)!] = A
        })
        expect(BatchedRecursion.surrogate(advantages, batch, { gamma })).toEqual(BatchedRecursion.qValues(terms, batch, { gamma }))
      })
    )
  })

  it("for every batch, writing into a given array or over the terms themselves changes nothing but where the result is", () => {
    fc.assert(
      fc.property(tokenBatch(3), discount, fc.integer({ min: 0, max: 2 }), (batch, gamma, decisionOwner) => {
        const fresh = BatchedRecursion.qValues(batch.logProbs, batch, { gamma, decisionOwner })
        const out = new Float64Array(fresh.length).fill(Number.NaN)
        expect(BatchedRecursion.qValues(batch.logProbs, batch, { gamma, decisionOwner, out })).toBe(out)
        expect(out).toEqual(fresh)
        const terms = batch.logProbs.slice()
        BatchedRecursion.qValues(terms, batch, { gamma, decisionOwner, out: terms })
        expect(terms).toEqual(fresh)
      })
    )
  })

  it("works on 512 sequences of 8,192 tokens: DFT's Q counts down from 8,192 in each", () => {
    const [sequences, length] = [512, 8192]
    const offsets = Int32Array.from({ length: sequences + 1 }, (_, index) => index * length)
    const owner = Uint8Array.from({ length: sequences * length }, (_, token) => (token % 64 === 63 ? 1 : 0))
    const q = BatchedRecursion.dft(1, { offsets, owner })
    expect(q.every((value, token) => value === length - (token % length))).toBe(true)
  })

  it("refuses arrays of different lengths, a discount outside [0, 1], and a KL penalty without reference", () => {
    const layout = { offsets: Int32Array.of(0, 2), owner: Uint8Array.of(0, 1) }
    const two = new Float64Array(2)
    expect(reasonOf(() => BatchedRecursion.qValues(new Float64Array(3), layout))).toMatchObject({ what: "terms", actual: 3 })
    expect(reasonOf(() => BatchedRecursion.qValues(two, layout, { out: new Float64Array(1) }))).toMatchObject({ what: "out" })
    expect(reasonOf(() => BatchedRecursion.dft(1, layout, { gamma: 1.5 }))).toMatchObject({ _tag: "OutOfRange", value: 1.5 })
    expect(reasonOf(() => BatchedRecursion.surrogate([1, 2], layout))).toMatchObject({ what: "advantages", expected: 1 })
    expect(reasonOf(() => BatchedRecursion.klPenalty(1, { ...layout, logProbs: two }))).toMatchObject({ _tag: "MissingInput" })
    expect(reasonOf(() => BatchedRecursion.sft({ ...layout, logProbs: new Float64Array(5) }))).toMatchObject({ what: "logProbs" })
  })
})
