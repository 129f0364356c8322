/** Claim C23 worked out: two partitions besides sampling and decision, and what aggregation does to a part's share. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Aggregate,
  BatchedRecursion,
  digitLayout,
  digitPartition,
  immediateTerms,
  inTokenOrder,
  Kl,
  layOut,
  magnitudeRatio,
  makePartition,
  mergeOwners,
  mergeParts,
  NOT_OWNED,
  partOf,
  partSizes,
  PLAN_EXECUTE_VERIFY,
  planExecuteVerify,
  sumByOwner,
  toTokenBatch,
  TWO_STAGE,
  weightShares
} from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const steps = fc.record({
  plan: fc.integer({ min: 1, max: 3 }),
  execute: fc.integer({ min: 1, max: 9 }),
  verify: fc.integer({ min: 1, max: 2 })
})
const planned = fc.array(fc.array(steps, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })

const AGGREGATIONS = [
  Aggregate.tokenMean,
  Aggregate.seqMeanTokenMean,
  Aggregate.seqMeanTokenSum,
  Aggregate.seqMeanTokenSumNorm(16, "verl"),
  Aggregate.seqMeanTokenSumNorm(16, "trl")
] as const

const twoStage = mergeParts(PLAN_EXECUTE_VERIFY, { sampling: ["plan", "execute"], decision: ["verify"] })

/** A number for every token, from a pool long enough not to repeat within a batch. */
const terms = (size: number, pool: ReadonlyArray<number>): Float64Array =>
  Float64Array.from({ length: size }, (_, token) => pool[token % pool.length]!)
const pool = fc.array(advantage, { minLength: 127, maxLength: 127 })

describe("C23 remark of 3.3: plan, execute and verify tokens", () => {
  it("for all lengths and terms, the three parts' sums add up to the whole, and merged they are the two-stage parts", () => {
    fc.assert(
      fc.property(planned, pool, (sequences, numbers) => {
        const layout = planExecuteVerify(sequences)
        const values = terms(layout.owner.length, numbers)
        const [plan, execute, verify] = sumByOwner(values, layout, PLAN_EXECUTE_VERIFY)
        const merged = { offsets: layout.offsets, owner: mergeOwners(layout.owner, twoStage) }
        const [sampling, decision] = sumByOwner(values, merged, twoStage.partition)
        plan!.forEach((value, sequence) => {
          expectClose(value + execute![sequence]!, sampling![sequence]!)
          expectClose(verify![sequence]!, decision![sequence]!)
          const whole = values.slice(layout.offsets[sequence], layout.offsets[sequence + 1]).reduce((sum, term) => sum + term, 0)
          expectClose(value + execute![sequence]! + verify![sequence]!, whole)
        })
        expectAllClose(
          partSizes(values, layout, PLAN_EXECUTE_VERIFY).map(({ total }) => total),
          [plan, execute, verify].map((sums) => sums!.reduce((sum, value) => sum + value, 0))
        )
      })
    )
  })

  it("for all lengths, advantages and γ, the surrogate has one Q a cycle for all three parts, and its weighted scores split by part", () => {
    fc.assert(
      fc.property(planned, advantage, discount, (sequences, A, gamma) => {
        const layout = planExecuteVerify(sequences)
        const q = BatchedRecursion.surrogate(sequences.map(() => A), layout, { gamma, decisionOwner: 2 })
        const expected = sequences.flatMap((cycles) =>
          cycles.flatMap(({ execute, plan, verify }, cycle) =>
            Array.from({ length: plan + execute + verify }, () => gamma ** (cycles.length - 1 - cycle) * A)
          )
        )
        expectAllClose(q, expected)
        const parts = PLAN_EXECUTE_VERIFY.names.map((name) => partOf(q, layout.owner, PLAN_EXECUTE_VERIFY, name))
        expectAllClose(q, q.map((_, token) => parts.reduce((sum, part) => sum + part[token]!, 0)))
      })
    )
  })

  it("with one drift of the log-ratios, the immediate KL terms of the three parts stand to each other as their lengths do", () => {
    fc.assert(
      fc.property(steps, grid(0.05, 1), grid(0.1, 2), (lengths, drift, beta) => {
        const layout = planExecuteVerify([[lengths, lengths]])
        const logProbs = new Float64Array(layout.owner.length).fill(-0.5)
        const penalty = Kl.tokenRewards(Kl.inReward({ beta }), {
          ...layout,
          logProbs,
          referenceLogProbs: logProbs.map((value) => value - drift)
        })
        const sizes = partSizes(penalty, layout, PLAN_EXECUTE_VERIFY)
        expectAllClose(
          sizes.map(({ perAction }) => perAction),
          [lengths.plan, lengths.execute, lengths.verify].map((length) => length * beta * drift)
        )
        expectAllClose(sizes.map(({ perToken }) => perToken), [1, 1, 1].map(() => beta * drift))
        expect(sizes.map(({ actions }) => actions)).toEqual([2, 2, 2])
      })
    )
  })
})

describe("C23 remark of 3.3: one sub-policy for each digit", () => {
  it("for all numbers of digits, every part's immediate DFT term is c, yet Q falls by c from digit to digit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 3 }), grid(0.1, 2), (digits, attempts, c) => {
        const layout = digitLayout(digits, [attempts])
        const sizes = partSizes(new Float64Array(layout.owner.length).fill(c), layout, digitPartition(digits))
        expectAllClose(sizes.map(({ perAction }) => perAction), sizes.map(() => c))
        const q = BatchedRecursion.dft(c, layout, { decisionOwner: digits })
        q.forEach((value, token) => {
          if (token > 0) expectClose(value, q[token - 1]! - c)
        })
        expectClose(q[0]!, c * attempts * (digits + 1))
      })
    )
  })

  it("for all attempts, terms and γ, the Q of a digit less the Q of the next is its own term: all digits merged are the two-stage answer", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 }), pool, discount, (digits, attempts, numbers, gamma) => {
        const layout = digitLayout(digits, [attempts])
        const partition = digitPartition(digits)
        const merged = mergeParts(partition, { sampling: partition.names.slice(0, -1), decision: ["decision"] })
        const values = terms(layout.owner.length, numbers)
        const fine = BatchedRecursion.qValues(values, layout, { gamma, decisionOwner: digits })
        const coarse = BatchedRecursion.qValues(values, { ...layout, owner: mergeOwners(layout.owner, merged) }, { gamma })
        expectAllClose(fine, coarse)
        fine.forEach((value, token) => {
          if (layout.owner[token] !== digits) expectClose(value - fine[token + 1]!, values[token]!)
        })
      })
    )
  })
})

describe("Attribution by named part reduces to the two-stage measurements", () => {
  it("for every batch of trajectories and terms, the quotients of sizes are magnitudeRatio's", () => {
    fc.assert(
      fc.property(fc.array(scoredTrajectory(), { minLength: 1, maxLength: 3 }), grid(0.1, 2), (trajectories, shift) => {
        const tables = trajectories.map(({ attempts }) =>
          immediateTerms(
            attempts.map(({ tokenLogProbs }) => tokenLogProbs.map((value) => value + shift)),
            attempts.map(({ decisionLogProb }) => decisionLogProb - shift)
          )
        )
        const [sampling, decision] = partSizes(
          Float64Array.from(tables.flatMap((table) => [...inTokenOrder(table)])),
          toTokenBatch(trajectories),
          TWO_STAGE
        )
        const ratio = magnitudeRatio(tables)
        expectClose(sampling!.perAction / decision!.perAction, ratio.perAction)
        expectClose(sampling!.perToken / decision!.perToken, ratio.perToken)
      })
    )
  })

  it("an action is a run of one owner's tokens, over tokens that nobody owns, and ends with its sequence", () => {
    const layout = { offsets: Int32Array.of(0, 5, 7), owner: Uint8Array.of(0, NOT_OWNED, 0, 1, 0, 0, 1) }
    const sizes = partSizes(Float64Array.of(1, 100, 2, 5, -4, -8, 6), layout, TWO_STAGE)
    expect(sizes).toEqual([
      { name: "sampling", tokens: 4, actions: 3, total: -9, perToken: 15 / 4, perAction: (3 + 4 + 8) / 3 },
      { name: "decision", tokens: 2, actions: 2, total: 11, perToken: 5.5, perAction: 5.5 }
    ])
  })

  it("refuses groups that leave a sub-policy out or take one twice, and runs without tokens", () => {
    const merge = (groups: Record<string, ReadonlyArray<string>>) => () => mergeParts(PLAN_EXECUTE_VERIFY, groups)
    expect(reasonOf(merge({ a: ["plan"], b: ["verify"] }))).toMatchObject({ _tag: "InvalidPartition", why: "puts \"execute\" in 0 groups" })
    expect(reasonOf(merge({ a: ["plan", "execute"], b: ["verify", "plan"] }))).toMatchObject({ why: "puts \"plan\" in 2 groups" })
    expect(reasonOf(merge({ a: ["think"] }))).toMatchObject({ _tag: "UnknownOwner", owner: "think" })
    expect(reasonOf(() => layOut(TWO_STAGE, [[{ name: "sampling", tokens: 0 }]]))).toMatchObject({ _tag: "OutOfRange", value: 0 })
    expect(reasonOf(() => digitPartition(0))).toMatchObject({ _tag: "OutOfRange" })
  })
})

describe("Aggregation and a sub-policy's share of the loss's weight", () => {
  it("for every batch and every mode but one, a part's share is its share of tokens; sequence-mean-token-mean averages it over sequences", () => {
    fc.assert(
      fc.property(tokenBatch(3), (batch) => {
        const partition = makePartition(["a", "b", "c"])
        const count = (owner: ReadonlyArray<number>, index: number) => owner.filter((each) => each === index).length
        const owned = [...batch.owner].filter((each) => each !== NOT_OWNED)
        fc.pre(owned.length > 0)
        const rows = Array.from(batch.offsets.slice(1), (end, sequence) => Array.from(batch.owner.subarray(batch.offsets[sequence], end)))
          .map((row) => row.filter((each) => each !== NOT_OWNED))
          .filter((row) => row.length > 0)
        for (const aggregation of AGGREGATIONS) {
          const byTokens = partition.names.map((_, index) => count(owned, index) / owned.length)
          const bySequence = partition.names.map(
            (_, index) => rows.reduce((sum, row) => sum + count(row, index) / row.length, 0) / rows.length
          )
          const expected = aggregation._tag === "seq-mean-token-mean" ? bySequence : byTokens
          expectAllClose(weightShares(aggregation, batch, partition), expected, 1e-9, aggregation._tag)
        }
      })
    )
  })

  it("qualified: the mode changes the decision tokens' share only where trajectories differ; of 4 and 100 tokens it is 2/106 or (1/5 + 1/101)/2", () => {
    const layout = (lengths: ReadonlyArray<number>) =>
      layOut(TWO_STAGE, lengths.map((tokens) => [{ name: "sampling", tokens }, { name: "decision", tokens: 1 }]))
    const share = (aggregation: Aggregate.Aggregation, lengths: ReadonlyArray<number>) =>
      weightShares(aggregation, layout(lengths), TWO_STAGE)[1]!
    for (const aggregation of AGGREGATIONS) expectClose(share(aggregation, [9, 9, 9]), 1 / 10)
    expectClose(share(Aggregate.tokenMean, [4, 100]), 2 / 106)
    expectClose(share(Aggregate.seqMeanTokenMean, [4, 100]), (1 / 5 + 1 / 101) / 2)
  })

  it("for all lengths of one-attempt trajectories, sequence-mean-token-mean gives decisions at least their share of tokens (harmonic ≤ arithmetic mean)", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }), (lengths) => {
        const layout = layOut(TWO_STAGE, lengths.map((tokens) => [{ name: "sampling", tokens }, { name: "decision", tokens: 1 }]))
        const [byTokens, bySequence] = [Aggregate.tokenMean, Aggregate.seqMeanTokenMean].map((each) =>
          weightShares(each, layout, TWO_STAGE)[1]!
        )
        expect(bySequence! >= byTokens! - 1e-12).toBe(true)
      })
    )
  })

  it("what the mode sets is the absolute weight of a decision token as answers grow: 1/L under both means, constant under the sums", () => {
    const decisionWeight = (aggregation: Aggregate.Aggregation, tokens: number) => {
      const { offsets, owner } = layOut(TWO_STAGE, [[{ name: "sampling", tokens }, { name: "decision", tokens: 1 }]])
      return Aggregate.weights(aggregation, offsets, owner).at(-1)
    }
    for (const aggregation of AGGREGATIONS) {
      const diluted = aggregation._tag === "token-mean" || aggregation._tag === "seq-mean-token-mean"
      expectClose(decisionWeight(aggregation, 99)! / decisionWeight(aggregation, 9)!, diluted ? 1 / 10 : 1)
    }
  })
})
