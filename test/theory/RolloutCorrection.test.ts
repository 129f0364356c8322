import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NOT_OWNED, RolloutCorrection, SAMPLING } from "decision-sampling/theory"
import { type FullTokenBatch, grid, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const { effectiveShare, highEntropyKept, importanceWeights, kept, offPolicyKept, rejection, vetoed, weightsOf } = RolloutCorrection

// Two sequences with ratios 2, ½ and 4; the middle token of the first is nobody's.
const policies: RolloutCorrection.TwoPolicies = {
  offsets: Int32Array.of(0, 3, 4),
  owner: Uint8Array.of(SAMPLING, NOT_OWNED, SAMPLING, SAMPLING),
  logProbs: Float64Array.of(-1, -9, -2, -1),
  samplerLogProbs: Float64Array.of(-1 - Math.log(2), -1, -2 + Math.log(2), -1 - Math.log(4))
}
const of = ({ logProbs, offsets, oldLogProbs, owner }: FullTokenBatch): RolloutCorrection.TwoPolicies => ({
  offsets,
  owner,
  logProbs,
  samplerLogProbs: oldLogProbs
})
const isOwned = (owner: Uint8Array): ReadonlyArray<number> => Array.from(owner, (value) => (value === NOT_OWNED ? 0 : 1))

describe("importance weights by hand", () => {
  it("by token: truncated at 2, masked outside [0.6, 3], floored at 0.6", () => {
    const run = (options: Parameters<typeof importanceWeights>[0]) => weightsOf(importanceWeights({ level: "token", ...options }), policies)
    expectAllClose(run({}), [2, 0, 0.5, 2])
    expectAllClose(run({ mode: "mask", low: 0.6, high: 3 }), [2, 0, 0, 0])
    expectAllClose(run({ low: 0.6, high: null }), [2, 0, 0.6, 4])
    // Mean of 2, ½, 2 is 3/2.
    expectAllClose(run({ normalize: true }), [4 / 3, 0, 1 / 3, 4 / 3])
  })

  it("bounds log-ratios by ±20, as verl does, so that no ratio overflows: e^20 for one of e^1000", () => {
    const far = {
      ...policies,
      samplerLogProbs: policies.samplerLogProbs.map((_, token) => (token === 0 ? -1001 : policies.logProbs[token]!))
    }
    const [first] = weightsOf(importanceWeights({ level: "token", high: null }), far)
    expectClose(first! / Math.exp(20), 1)
  })

  it("by sequence: the product, 1 and 4, on every token; normalised over sequences", () => {
    expectAllClose(weightsOf(importanceWeights(), policies), [1, 0, 1, 2])
    expectAllClose(weightsOf(importanceWeights({ mode: "mask", high: 3 }), policies), [1, 0, 1, 0])
    expectAllClose(weightsOf(importanceWeights({ normalize: true, high: null }), policies), [0.4, 0, 0.4, 1.6])
  })

  it("the effective share of weights 1, 1, 2 is 16/18", () => {
    expectClose(effectiveShare(Float64Array.of(1, 7, 1, 2), policies.owner), 16 / 18)
    expect(effectiveShare(new Float64Array(4), policies.owner)).toBe(0)
  })
})

describe("rejection by hand", () => {
  it("k1 has the bounds of π_sampler/π_trainer: ½, 2 and ¼ by token, 1 and ¼ by sequence", () => {
    expect([...kept([rejection({ estimator: "k1", level: "token", low: 0.4, high: 1.5 })], policies)]).toEqual([1, 0, 0, 0])
    expect([...kept([rejection({ estimator: "k1", level: "sum", high: 2 })], policies)]).toEqual([1, 0, 1, 0])
    expect([...kept([rejection({ estimator: "k1", level: "mean", high: 1.001 })], policies)]).toEqual([1, 0, 1, 0])
  })

  it("k2 and k3 have an upper bound: (log 2)²/2 = 0.24, (log 4)²/2 = 0.96; k3 of ratio 4 is 3 − log 4 = 1.61, of 2 0.31, of ½ 0.19", () => {
    expect([...kept([rejection({ estimator: "k2", level: "token", high: 0.5 })], policies)]).toEqual([1, 0, 1, 0])
    expect([...kept([rejection({ estimator: "k2", level: "sum", high: 0.4 })], policies)]).toEqual([0, 0, 0, 0])
    expect([...kept([rejection({ estimator: "k2", level: "mean", high: 0.4 })], policies)]).toEqual([1, 0, 1, 0])
    expect([...kept([rejection({ estimator: "k3", level: "max", high: 1 })], policies)]).toEqual([1, 0, 1, 0])
    expect([...kept([rejection({ estimator: "k3", level: "token", high: 0.25 })], policies)]).toEqual([0, 0, 1, 0])
  })

  it("criteria all have to pass; none keeps what is owned; the veto looks at the smallest ratio", () => {
    const both = [
      rejection({ estimator: "k2", level: "token", high: 0.5 }),
      rejection({ estimator: "k1", level: "token", low: 0.4, high: 1.5 })
    ]
    expect([...kept(both, policies)]).toEqual([1, 0, 0, 0])
    expect([...kept([], policies)]).toEqual([1, 0, 1, 1])
    expect([...vetoed(0.6, policies)]).toEqual([0, 1])
    expect([...vetoed(0.4, policies)]).toEqual([1, 1])
  })

  it("off-policy: bad rollouts whose mean log π_sampler − log π exceeds the threshold; 0 and −log 4 here", () => {
    expect([...offPolicyKept(-0.1, [-1, -1], policies)]).toEqual([0, 1])
    expect([...offPolicyKept(-0.1, [0, 1], policies)]).toEqual([1, 1])
    expect(reasonOf(() => offPolicyKept(Number.NaN, [-1, -1], policies))).toMatchObject({ what: "threshold" })
    expect([...offPolicyKept(0.1, [-1, -1], policies)]).toEqual([1, 1])
  })
})

describe("high entropy by hand", () => {
  it("of 1, 2, 3, 4 the upper 30 %: the 0.7-quantile is 3.1; ties at the quantile stay; the highest alone at 0", () => {
    const owner = Uint8Array.of(0, 0, NOT_OWNED, 0, 1)
    expect([...highEntropyKept(0.3, Float64Array.of(1, 2, 99, 3, 4), owner)]).toEqual([0, 0, 0, 0, 1])
    expect([...highEntropyKept(0.4, Float64Array.of(1, 2, 99, 3, 4), owner)]).toEqual([0, 0, 0, 1, 1])
    expect([...highEntropyKept(0.5, Float64Array.of(1, 1, 99, 1, 1), owner)]).toEqual([1, 1, 0, 1, 1])
    expect([...highEntropyKept(0, Float64Array.of(1, 2, 99, 3, 4), owner)]).toEqual([0, 0, 0, 0, 1])
    expect([...highEntropyKept(0.5, Float64Array.of(1), Uint8Array.of(NOT_OWNED))]).toEqual([0])
  })
})

describe("laws of corrections", () => {
  it("where the two policies agree all weights are 1 and nothing is rejected", () => {
    fc.assert(
      fc.property(tokenBatch(), fc.constantFrom("token" as const, "sequence" as const), fc.boolean(), (batch, level, normalize) => {
        const same = { ...of(batch), samplerLogProbs: batch.logProbs }
        for (const mode of ["truncate", "mask"] as const) {
          const weights = weightsOf(importanceWeights({ level, mode, low: 0.5, normalize }), same)
          expectAllClose(weights, isOwned(batch.owner))
        }
        const criteria = [
          rejection({ estimator: "k1", level: "sum", high: 1.001 }),
          rejection({ estimator: "k2", level: "max", high: 1e-9 }),
          rejection({ estimator: "k3", level: "mean", high: 1e-9 })
        ]
        expect([...kept(criteria, same)]).toEqual(isOwned(batch.owner))
        expect(vetoed(0.99, same).every((mark) => mark === 1)).toBe(true)
      })
    )
  })

  it("truncated weights lie within the bounds, masked ones are 0 or the ratio itself; unbounded ones multiply to the sequence's", () => {
    fc.assert(
      fc.property(tokenBatch(), grid(0.1, 1), grid(1.1, 5), (batch, low, high) => {
        const two = of(batch)
        const byToken = weightsOf(importanceWeights({ level: "token", high: null }), two)
        const bySequence = weightsOf(importanceWeights({ high: null }), two)
        const masked = weightsOf(importanceWeights({ level: "token", mode: "mask", low, high }), two)
        const truncated = weightsOf(importanceWeights({ level: "token", low, high }), two)
        isOwned(batch.owner).forEach((mark, token) => {
          if (mark === 0) return
          expect(masked[token] === 0 || masked[token] === byToken[token]).toBe(true)
          expect(masked[token] === 0).toBe(byToken[token]! < low || byToken[token]! > high)
          expect(truncated[token]! >= low && truncated[token]! <= high).toBe(true)
        })
        for (let sequence = 0; sequence + 1 < batch.offsets.length; sequence++) {
          let [product, last] = [0, -1]
          for (let token = batch.offsets[sequence]!; token < batch.offsets[sequence + 1]!; token++) {
            if (batch.owner[token] === NOT_OWNED) continue
            product += Math.log(byToken[token]!)
            last = token
          }
          if (last >= 0 && Math.abs(product) < 19) expectClose(Math.log(bySequence[last]!), product)
        }
      })
    )
  })

  it("without bounds a sequence's weight makes the sampler's mean the trained policy's, exactly; truncated ones fall short (writing out all sequences)", () => {
    // Sequences of two choices with probabilities p a step under the trained policy and q under the sampler.
    fc.assert(
      fc.property(grid(0.1, 0.9), grid(0.1, 0.9), (p, q) => {
        const all = [[1, 1], [1, 0], [0, 1], [0, 0]]
        const chance = (rate: number) => (choice: number) => (choice === 1 ? rate : 1 - rate)
        const value = ([first, second]: ReadonlyArray<number>) => 3 * first! + second! + first! * second!
        const meanUnder = (rate: number, weight: (choices: ReadonlyArray<number>) => number) =>
          all.reduce((sum, choices) => sum + choices.map(chance(rate)).reduce((a, b) => a * b) * weight(choices) * value(choices), 0)
        const weight = (options: Parameters<typeof importanceWeights>[0]) => (choices: ReadonlyArray<number>) =>
          weightsOf(importanceWeights(options), {
            offsets: Int32Array.of(0, 2),
            owner: new Uint8Array(2),
            logProbs: Float64Array.from(choices, (choice) => Math.log(chance(p)(choice))),
            samplerLogProbs: Float64Array.from(choices, (choice) => Math.log(chance(q)(choice)))
          })[0]!
        expectClose(meanUnder(q, weight({ high: null })), meanUnder(p, () => 1))
        expect(meanUnder(q, weight({ high: 1.2 }))).toBeLessThanOrEqual(meanUnder(p, () => 1) + 1e-12)
      })
    )
    // The bias of truncation at 1.2, for p = 0.8 and q = 0.4: the sequence 1, 1 has the ratio 4.
    expect(0.16 * 4 - 0.16 * 1.2).toBeGreaterThan(0.4)
  })

  it("stricter criteria reject more, and the entropy mask keeps at least its share and grows with it", () => {
    fc.assert(
      fc.property(tokenBatch(), grid(0.01, 1), grid(1, 3), grid(0, 1), grid(0, 1), (batch, high, factor, one, other) => {
        const two = of(batch)
        for (const level of ["token", "sum", "mean", "max"] as const) {
          const strict = kept([rejection({ estimator: "k3", level, high })], two)
          const loose = kept([rejection({ estimator: "k3", level, high: high * factor })], two)
          strict.forEach((mark, token) => expect(mark).toBeLessThanOrEqual(loose[token]!))
        }
        const [small, large] = [Math.min(one, other), Math.max(one, other)]
        const few = highEntropyKept(small, batch.entropies, batch.owner)
        const many = highEntropyKept(large, batch.entropies, batch.owner)
        few.forEach((mark, token) => expect(mark).toBeLessThanOrEqual(many[token]!))
        const owned = isOwned(batch.owner).reduce((sum, mark) => sum + mark, 0)
        if (owned > 0) expect(few.reduce((sum, mark) => sum + mark, 0)).toBeGreaterThanOrEqual(Math.max(1, Math.floor(small * (owned - 1))))
        expect([...highEntropyKept(1, batch.entropies, batch.owner)]).toEqual(isOwned(batch.owner))
      })
    )
  })
})

describe("refusals", () => {
  it("bounds that are none, columns of another length, log-probabilities that are none", () => {
    expect(reasonOf(() => importanceWeights({ high: 0 }))).toMatchObject({ _tag: "OutOfRange", what: "high" })
    expect(reasonOf(() => importanceWeights({ low: 3, high: 2 }))).toMatchObject({ _tag: "OutOfRange", what: "low" })
    expect(reasonOf(() => rejection({ estimator: "k1", level: "max", high: 2 }))).toMatchObject({ what: "level" })
    expect(reasonOf(() => rejection({ estimator: "k3", level: "sum", high: 2, low: 1 }))).toMatchObject({ what: "low" })
    expect(reasonOf(() => rejection({ estimator: "k1", level: "sum", high: 2, low: 3 }))).toMatchObject({ what: "low" })
    expect(reasonOf(() => rejection({ estimator: "k2", level: "sum", high: 0 }))).toMatchObject({ what: "high" })
    expect(reasonOf(() => vetoed(0, policies))).toMatchObject({ what: "threshold" })
    expect(reasonOf(() => offPolicyKept(1, [1], policies))).toMatchObject({ _tag: "ShapeMismatch", what: "advantages" })
    expect(reasonOf(() => highEntropyKept(2, Float64Array.of(1), Uint8Array.of(0)))).toMatchObject({ what: "share" })
    expect(reasonOf(() => highEntropyKept(0.5, Float64Array.of(NaN), Uint8Array.of(0)))).toMatchObject({ _tag: "NonFinite" })
    expect(reasonOf(() => kept([], { ...policies, samplerLogProbs: new Float64Array(2) }))).toMatchObject({ what: "samplerLogProbs" })
    const broken = { ...policies, logProbs: Float64Array.of(-Infinity, 0, 0, 0) }
    expect(reasonOf(() => weightsOf(importanceWeights(), broken))).toMatchObject({ _tag: "NonFinite", index: 0 })
  })
})
