import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Aggregate,
  inTokenOrder,
  maskSequences,
  NegativeReinforcement,
  Objective,
  repeatOnTokens,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { grid, scoredTrajectory } from "../support/Arbitraries.ts"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const { advantages, kept, make } = NegativeReinforcement
const graded = fc.array(fc.tuple(scoredTrajectory({ maxAttempts: 2 }), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 5 })

describe("NegativeReinforcement", () => {
  it("by hand: rewards 1, 0", () => {
    expect([...advantages(make("psr"), [1, 0])]).toEqual([1, 0])
    expect([...advantages(make("nsr"), [1, 0])]).toEqual([0, -1])
    expect([...advantages(make("weighted"), [1, 0])]).toEqual([0.1, -1])
    expect([...advantages(make("weighted", { lambda: 1 }), [1, 0])]).toEqual([1, -1])
  })

  it("for every rewards and λ, weighted is λ·psr + nsr", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1)), grid(0, 2), (rewards, lambda) => {
        const psr = advantages(make("psr"), rewards)
        const nsr = advantages(make("nsr"), rewards)
        expectAllClose(advantages(make("weighted", { lambda }), rewards), psr.map((value, index) => lambda * value + nsr[index]!))
      })
    )
  })

  it("for every batch, dropping the other class changes denominators only: the mean gradient of the trained class is rescaled", () => {
    fc.assert(
      fc.property(graded, fc.constantFrom<NegativeReinforcement.Kind>("psr", "nsr"), (rows, kind) => {
        const rewards = rows.map(([, reward]) => reward)
        const settings = make(kind, { dropOtherClass: true })
        const plain = toTokenBatch(rows.map(([trajectory]) => trajectory))
        const batch = { ...plain, advantages: repeatOnTokens(advantages(settings, rewards), plain.offsets) }
        const keep = kept(settings, rewards)
        const dropped = { ...batch, owner: maskSequences(batch, keep) }
        const gradientOf = (columns: typeof batch) => {
          const weights = Aggregate.weights(Aggregate.seqMeanTokenSum, columns.offsets, columns.owner)
          const { derivative } = Objective.evaluate(Objective.surrogate({ ratio: "none" }), columns, TWO_STAGE)
          return derivative.map((value, token) => weights[token]! * value)
        }
        const count = keep.reduce((sum, value) => sum + value, 0)
        const expected = gradientOf(batch).map((value) => (count === 0 ? 0 : (value * rewards.length) / count))
        expectAllClose(gradientOf(dropped), expected)
      })
    )
  })

  it("keeps everything unless told to drop, and both classes when weighted", () => {
    expect([...kept(make("psr"), [1, 0])]).toEqual([1, 1])
    expect([...kept(make("psr", { dropOtherClass: true }), [1, 0])]).toEqual([1, 0])
    expect([...kept(make("nsr", { dropOtherClass: true }), [1, 0])]).toEqual([0, 1])
    expect([...kept(make("weighted", { dropOtherClass: true }), [1, 0])]).toEqual([1, 1])
  })

  it("for every wrong trajectory, NSR pushes every token down and PSR leaves it; for a right one, the reverse", () => {
    fc.assert(
      fc.property(scoredTrajectory(), fc.constantFrom(0, 1), (trajectory, reward) => {
        const push = (kind: NegativeReinforcement.Kind) => {
          const batch = toTokenBatch([trajectory], { advantages: advantages(make(kind), [reward]) })
          return Objective.evaluate(Objective.surrogate({ ratio: "none" }), batch, TWO_STAGE).derivative
        }
        const ones = inTokenOrder({
          sampling: [],
          decision: trajectory.attempts.map(() => 1),
          tokens: trajectory.attempts.map((a) => a.tokenLogProbs.map(() => 1))
        })
        expectAllClose(push("nsr"), ones.map((one) => (reward === 0 ? one : 0)))
        expectAllClose(push("psr"), ones.map((one) => (reward === 1 ? -one : 0)))
      })
    )
  })

  it("refuses rewards that are not 0 or 1, and a negative λ", () => {
    expect(reasonOf(() => advantages(make("nsr"), [1, 0.5]))).toMatchObject({ _tag: "OutOfRange", index: 1, value: 0.5 })
    expect(reasonOf(() => make("weighted", { lambda: -1 }))).toMatchObject({ _tag: "OutOfRange", what: "lambda" })
  })
})
