import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NOT_OWNED } from "decision-sampling/theory"
import { discount, logits, logProb, rewardGroup, scoredTrajectory, tinyLogits, tokenBatch } from "./Arbitraries.ts"
import { enumerate, probabilities } from "./TinyPolicy.ts"

const SAMPLES = 2000
const draw = <T>(arbitrary: fc.Arbitrary<T>, count = SAMPLES) => fc.sample(arbitrary, { numRuns: count, seed: 1 })
const share = <T>(values: ReadonlyArray<T>, holds: (value: T) => boolean) => values.filter(holds).length / values.length

describe("The generators are not degenerate", () => {
  it("logits: most policies over two options are far from uniform and none is one-hot", () => {
    const sigmoids = draw(logits(2)).map(([a, b]) => 1 / (1 + Math.exp(b! - a!)))
    expect(share(sigmoids, (p) => Math.abs(p - 0.5) > 0.1)).toBeGreaterThan(0.75)
    expect(share(sigmoids, (p) => p < 0.05)).toBeGreaterThan(0.05)
    expect(share(sigmoids, (p) => p > 0.95)).toBeGreaterThan(0.05)
    expect(sigmoids.every((p) => p > 0.001 && p < 0.999)).toBe(true)
  })

  it("the tiny policy: trajectories of it have probabilities of several magnitudes", () => {
    const spread = draw(tinyLogits, 50).map((theta) => {
      const all = probabilities(theta, enumerate(2))
      return Math.max(...all) / Math.min(...all)
    })
    expect(share(spread, (ratio) => ratio > 100)).toBeGreaterThan(0.9)
  })

  it("log-probabilities: spread over [−4, 0), with sure tokens and nearly impossible ones", () => {
    const values = draw(logProb)
    expect(share(values, (x) => x === 0)).toBeGreaterThan(0.02)
    expect(share(values, (x) => x < -8)).toBeGreaterThan(0.02)
    expect(share(values, (x) => x < -1 && x > -4)).toBeGreaterThan(0.4)
    expect(share(values, (x) => x > -1)).toBeGreaterThan(0.15)
  })

  it("discounts: 0, 1 and between all occur", () => {
    const values = draw(discount)
    for (const edge of [0, 1]) expect(share(values, (x) => x === edge)).toBeGreaterThan(0.2)
    expect(share(values, (x) => x > 0 && x < 1)).toBeGreaterThan(0.2)
  })

  it("trajectories: one attempt and several, one token and several, all end in STOP and only there", () => {
    const values = draw(scoredTrajectory())
    expect(share(values, ({ attempts }) => attempts.length === 1)).toBeGreaterThan(0.05)
    expect(share(values, ({ attempts }) => attempts.length > 2)).toBeGreaterThan(0.2)
    expect(share(values, ({ attempts }) => attempts.some((each) => each.tokenLogProbs.length === 1))).toBeGreaterThan(0.1)
    expect(share(values, ({ attempts }) => attempts.some((each) => each.tokenLogProbs.length > 3))).toBeGreaterThan(0.3)
    expect(values.every(({ attempts }) => attempts.findIndex((each) => each.decision === "STOP") === attempts.length - 1)).toBe(true)
  })

  it("reward groups: equal rewards, unequal rewards and groups of one occur", () => {
    const values = draw(rewardGroup)
    const equal = (group: ReadonlyArray<number>) => group.every((reward) => reward === group[0])
    expect(share(values, (group) => equal(group) && group.length > 1)).toBeGreaterThan(0.2)
    expect(share(values, (group) => !equal(group))).toBeGreaterThan(0.4)
    expect(share(values, (group) => group.length === 1)).toBeGreaterThan(0.02)
  })

  it("token batches: empty batches, empty sequences, masked sequences and tokens nobody owns occur", () => {
    const values = draw(tokenBatch())
    const lengths = values.flatMap(({ offsets }) => Array.from(offsets.slice(1)).map((end, index) => end - offsets[index]!))
    expect(share(values, ({ offsets }) => offsets.length === 1)).toBeGreaterThan(0.02)
    expect(share(lengths, (length) => length === 0)).toBeGreaterThan(0.05)
    expect(share(lengths, (length) => length > 3)).toBeGreaterThan(0.2)
    expect(share(values, ({ owner }) => owner.includes(NOT_OWNED))).toBeGreaterThan(0.3)
    expect(share(values, ({ owner }) => owner.length > 0 && owner.every((each) => each === NOT_OWNED))).toBeGreaterThan(0.005)
  })
})
