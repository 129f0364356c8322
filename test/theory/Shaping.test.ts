import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Advantage, Controllers, DynamicSampling, Kl, Overlong, toTokenBatch } from "decision-sampling/theory"
import { grid, layGroups, rewardGroups, scoredTrajectory, tinyLogits } from "../support/Arbitraries.ts"
import { isSolved, type Laid, momentsOf } from "../support/ExpectedEstimate.ts"
import { type Cycles, enumerate, scored } from "../support/TinyPolicy.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

describe("Overlong", () => {
  const { overlong, punishments } = Overlong

  it("by hand: limit 100, buffer 20: 0 at 80, −½ at 90, −1 at 100 and beyond; twice with factor 2", () => {
    expectAllClose(punishments(overlong({ buffer: 20 }), [10, 80, 90, 100, 120], 100), [0, 0, -0.5, -1, -1])
    expectAllClose(punishments(overlong({ buffer: 20, factor: 2 }), [90], 100), [-1])
  })

  it("never rewards, never falls below −factor, and falls with the length", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 150 })), fc.integer({ min: 1, max: 100 }), grid(0, 3), (lengths, buffer, factor) => {
        const sorted = lengths.toSorted((a, b) => a - b)
        const found = punishments(overlong({ buffer, factor }), sorted, 100)
        found.forEach((value, i) => {
          expect(value <= 0 && value >= -factor).toBe(true)
          if (i > 0) expect(value).toBeLessThanOrEqual(found[i - 1]!)
        })
      })
    )
  })

  it("refuses a buffer that is none or longer than the limit, and a negative factor", () => {
    expect(reasonOf(() => overlong({ buffer: 0 }))).toMatchObject({ what: "buffer" })
    expect(reasonOf(() => overlong({ buffer: 1, factor: -1 }))).toMatchObject({ what: "factor" })
    expect(reasonOf(() => punishments(overlong({ buffer: 20 }), [1], 10))).toMatchObject({ what: "buffer", value: 20 })
  })
})

describe("DynamicSampling", () => {
  it("by hand: the first groups whose rewards differ, no more than are needed", () => {
    const { groups, rewards } = layGroups([[1, 1], [0, 1], [0, 0], [1, 0], [0, 1]])
    expect(DynamicSampling.informative(rewards, groups, 2)).toEqual([1, 3])
    expect(DynamicSampling.informative(rewards, groups, 9)).toEqual([1, 3, 4])
    expect(DynamicSampling.informative(rewards, groups, 0)).toEqual([])
  })

  it("what is picked and what is left is the mask of groups of equal rewards", () => {
    fc.assert(
      fc.property(rewardGroups, ({ groups, rewards }) => {
        const flat = Advantage.zeroVarianceGroups(rewards, groups)
        const picked = DynamicSampling.informative(rewards, groups, Infinity)
        expect(picked).toEqual(Array.from(flat.keys()).filter((group) => flat[group] === 0))
      })
    )
  })

  it("the probability is the share of all 0/1 groups that are mixed, by writing them out", () => {
    fc.assert(
      fc.property(grid(0, 1), fc.integer({ min: 1, max: 6 }), (accuracy, groupSize) => {
        let mixed = 0
        for (let code = 0; code < 2 ** groupSize; code++) {
          const bits = Array.from({ length: groupSize }, (_, i) => (code >> i) & 1)
          const chance = bits.reduce((product, bit) => product * (bit === 1 ? accuracy : 1 - accuracy), 1)
          if (new Set(bits).size > 1) mixed += chance
        }
        expectClose(DynamicSampling.informativeProbability(accuracy, groupSize), mixed)
      })
    )
    expect(reasonOf(() => DynamicSampling.informativeProbability(1.5, 2))).toMatchObject({ what: "accuracy" })
    expect(reasonOf(() => DynamicSampling.informativeProbability(0.5, 0))).toMatchObject({ what: "groupSize" })
  })
})

describe("Controllers", () => {
  const { adaptiveEntropy, adaptiveKl, entropyCoefficient, nextEntropyState, nextKlCoefficient } = Controllers

  it("KL by hand: at twice the target the error is clipped to 0.2, 256 rollouts of 10,000 make β · 1.00512; at the target β stays", () => {
    expectClose(nextKlCoefficient(adaptiveKl(), 0.001, { kl: 0.2, rollouts: 256 }), 0.001 * 1.00512)
    expectClose(nextKlCoefficient(adaptiveKl(), 0.001, { kl: 0.105, rollouts: 256 }), 0.001 * (1 + 0.05 * 0.0256))
    expect(nextKlCoefficient(adaptiveKl(), 0.001, { kl: 0.1, rollouts: 256 })).toBe(0.001)
  })

  it("KL: β moves towards its target's side by at most 0.2 · n/horizon a step, and stays positive", () => {
    fc.assert(
      fc.property(grid(0.001, 2), grid(-1, 3), grid(0.01, 1), fc.integer({ min: 1, max: 1000 }), (beta, kl, target, rollouts) => {
        const next = nextKlCoefficient(adaptiveKl({ target, horizon: 1000 }), beta, { kl, rollouts })
        expect(next).toBeGreaterThan(0)
        expect(Math.sign(next - beta)).toBe(Math.sign(kl - target))
        expect(Math.abs(next / beta - 1)).toBeLessThanOrEqual(0.2 + 1e-12)
      })
    )
  })

  it("KL holds its target: a policy whose KL answers 1/β comes to β = 1/target from either side", () => {
    const controller = adaptiveKl({ target: 0.5, horizon: 10 })
    for (const start of [0.3, 9]) {
      let beta = start
      for (let step = 0; step < 400; step++) beta = nextKlCoefficient(controller, beta, { kl: 1 / beta, rollouts: 5 })
      expectClose(beta, 2, 1e-6)
    }
  })

  it("entropy by hand: from 0.1 in steps of 0.005 up at 0.2, down at 0.3; in force at or below the target alone", () => {
    const controller = adaptiveEntropy()
    const start = { coefficient: 0.1, entropy: Infinity }
    expect(entropyCoefficient(controller, start)).toBe(0)
    const up = nextEntropyState(controller, start, 0.2)
    expect(up).toEqual({ coefficient: 0.1 + 0.005, entropy: 0.2 })
    expect(entropyCoefficient(controller, up)).toBe(0.1 + 0.005)
    const down = nextEntropyState(controller, up, 0.3)
    expectClose(down.coefficient, 0.1)
    expect(entropyCoefficient(controller, down)).toBe(0)
  })

  it("entropy: the coefficient stays within its bounds whatever is measured", () => {
    fc.assert(
      fc.property(fc.array(grid(0, 2), { maxLength: 30 }), grid(0, 2), grid(0, 1), (measured, target, delta) => {
        const controller = adaptiveEntropy({ target, delta, min: 0.1, max: 0.7 })
        let state: Controllers.EntropyState = { coefficient: 0.3, entropy: Infinity }
        for (const entropy of measured) {
          state = nextEntropyState(controller, state, entropy)
          expect(state.coefficient >= 0.1 && state.coefficient <= 0.7).toBe(true)
          expect(entropyCoefficient(controller, state)).toBe(entropy <= target ? state.coefficient : 0)
        }
      })
    )
  })

  it("refuse settings and measurements that are none", () => {
    expect(reasonOf(() => adaptiveKl({ target: 0 }))).toMatchObject({ what: "target" })
    expect(reasonOf(() => adaptiveKl({ horizon: -1 }))).toMatchObject({ what: "horizon" })
    expect(reasonOf(() => adaptiveEntropy({ min: 2 }))).toMatchObject({ what: "min" })
    expect(reasonOf(() => adaptiveEntropy({ delta: -1 }))).toMatchObject({ what: "delta" })
    expect(reasonOf(() => adaptiveEntropy({ target: NaN }))).toMatchObject({ what: "target" })
    expect(reasonOf(() => nextKlCoefficient(adaptiveKl(), 1, { kl: NaN, rollouts: 1 }))).toMatchObject({ what: "kl" })
    expect(reasonOf(() => nextEntropyState(adaptiveEntropy(), { coefficient: 0, entropy: 0 }, -1))).toMatchObject({ what: "entropy" })
  })
})

describe("a KL penalty before the advantage", () => {
  const trajectories = enumerate(2)
  const REFERENCE = Array.from({ length: 22 }, (_, k) => ((k * 7) % 5) / 4 - 0.5)
  const batchOf = (logits: ReadonlyArray<number>, rollouts: ReadonlyArray<Cycles>) =>
    toTokenBatch(rollouts.map((cycles) => scored(logits, REFERENCE, cycles)))
  const penalty = (beta: number) => Kl.inReward({ beta, placement: "verl" })

  it("by hand: R less β times the sum of log-ratios, owned tokens alone", () => {
    fc.assert(
      fc.property(fc.array(scoredTrajectory(), { minLength: 1, maxLength: 3 }), grid(0, 2), (rows, beta) => {
        const sums = rows.map(({ attempts }) =>
          attempts.reduce(
            (sum, { decisionLogProb, referenceDecisionLogProb, referenceTokenLogProbs, tokenLogProbs }) =>
              sum + decisionLogProb - referenceDecisionLogProb! +
              tokenLogProbs.reduce((total, logProb, j) => total + logProb - referenceTokenLogProbs![j]!, 0),
            0
          )
        )
        const rewards = rows.map((_, i) => i)
        expectAllClose(
          Kl.penalisedRewards(penalty(beta), toTokenBatch(rows), rewards),
          rewards.map((reward, i) => reward - beta * sums[i]!)
        )
      })
    )
  })

  it("leave-one-out of it has the expected gradient of the penalty as reward-to-go, and another variance", () => {
    const before = (logits: ReadonlyArray<number>, beta: number) => (laid: Laid) =>
      Advantage.advantages(Advantage.rloo(), Kl.penalisedRewards(penalty(beta), batchOf(logits, laid.rollouts), laid.rewards), laid.groups)
    const after = (logits: ReadonlyArray<number>, beta: number) => (laid: Laid) => {
      const advantages = Advantage.advantages(Advantage.rloo(), laid.rewards, laid.groups)
      const toGo = Kl.rewardAdvantages(Kl.inReward({ beta }), batchOf(logits, laid.rollouts))
      return laid.rollouts.flatMap((_, i) =>
        Array.from(toGo.subarray(laid.offsets[i], laid.offsets[i + 1]), (value) => value + advantages[i]!)
      )
    }
    fc.assert(
      fc.property(tinyLogits, grid(0, 1), (logits, beta) => {
        const [one, other] = [
          momentsOf(logits, trajectories, 2, before(logits, beta)),
          momentsOf(logits, trajectories, 2, after(logits, beta))
        ]
        expectAllClose(one.mean, other.mean)
      }),
      { numRuns: 8 }
    )
    const logits = Array.from({ length: 22 }, (_, k) => Math.sin(3 * k))
    const variances = [before, after].map((estimate) => momentsOf(logits, trajectories, 2, estimate(logits, 0.5)).variance)
    expect(Math.abs(variances[0]! / variances[1]! - 1)).toBeGreaterThan(0.05)
  })

  it("divided by the deviation, only R/β matters: β is in effect β/σ; after the advantage it is β itself", () => {
    fc.assert(
      fc.property(tinyLogits, grid(0.1, 1), grid(0.2, 5), (logits, beta, factor) => {
        const rollouts = [0, 5, 9, 14].map((index) => trajectories[index]!)
        const batch = batchOf(logits, rollouts)
        const rewards = rollouts.map(isSolved)
        const of = (size: number, coefficient: number) =>
          Advantage.advantages(
            Advantage.groupRelative(),
            Kl.penalisedRewards(penalty(coefficient), batch, rewards.map((reward) => size * reward)),
            Int32Array.of(0, 4)
          )
        expectAllClose(of(factor, factor * beta), of(1, beta))
      })
    )
  })

  it("is refused with an estimator that TRL does not have, and without a reference or a reward for each trajectory", () => {
    expect(Kl.inReward({ beta: 1, placement: "trl" })).toMatchObject({ estimator: "k1", placement: "trl" })
    expect(reasonOf(() => Kl.inReward({ beta: 1, placement: "trl", estimator: "k3" }))).toMatchObject({
      _tag: "OutOfRange",
      what: "estimator"
    })
    const batch = batchOf(REFERENCE, [trajectories[0]!])
    expect(reasonOf(() => Kl.penalisedRewards(penalty(1), batch, [1, 2]))).toMatchObject({ _tag: "ShapeMismatch" })
    const { referenceLogProbs: _, ...bare } = batch
    expect(reasonOf(() => Kl.penalisedRewards(penalty(1), bare, [1]))).toMatchObject({ _tag: "MissingInput" })
  })
})
