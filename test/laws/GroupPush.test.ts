import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Advantage, DynamicSampling, type GroupEstimator, groupObjective, groupPush } from "decision-sampling/theory"
import { grid } from "../support/Arbitraries.ts"
import { expectClose } from "../../src/laws/support/Approx.ts"

const grpo = (std: "sample" | "population", epsilon = 0): GroupEstimator => ({ _tag: "GroupRelative", scale: "group", std, epsilon })
const drGrpo: GroupEstimator = { _tag: "GroupRelative", scale: "none", std: "sample", epsilon: 0 }

const estimator: fc.Arbitrary<GroupEstimator> = fc.oneof(
  fc.constant(drGrpo),
  fc.constant<GroupEstimator>({ _tag: "LeaveOneOut" }),
  fc.record({
    _tag: fc.constant("GroupRelative" as const),
    scale: fc.constant("group" as const),
    std: fc.constantFrom("sample" as const, "population" as const),
    epsilon: fc.constantFrom(0, 1e-6, 1e-4, 0.1)
  })
)
const size = fc.integer({ min: 2, max: 9 })
const inside = grid(0.001, 0.999)

/** The library's estimator; groups of one do not occur. */
const withSingle = (of: GroupEstimator): Advantage.Estimator =>
  of._tag === "GroupRelative" ? { ...of, single: "zero" } : of._tag === "LeaveOneOut" ? Advantage.rloo() : of

/**
 * A policy of one parameter: right with probability σ(θ). E[ĝ] by enumeration of all 2^G groups with the library's own advantages, over
 * ∂a/∂θ = a(1 − a).
 */
const byEnumeration = (of: GroupEstimator, groupSize: number, accuracy: number): number => {
  let sum = 0
  for (let group = 0; group < 2 ** groupSize; group++) {
    const rewards = Float64Array.from({ length: groupSize }, (_, i) => (group >> i) & 1)
    const probability = rewards.reduce((product, reward) => product * (reward === 1 ? accuracy : 1 - accuracy), 1)
    const advantages = Advantage.advantages(withSingle(of), rewards, Int32Array.of(0, groupSize))
    const gradient = advantages.reduce((total, advantage, i) => total + advantage * (rewards[i] === 1 ? 1 - accuracy : -accuracy), 0)
    sum += (probability * gradient) / groupSize
  }
  return sum / (accuracy * (1 - accuracy))
}

describe("Group-relative advantages in finite groups: E[ĝ] = φ_G(a)·∇a", () => {
  it("for every estimator, group size and accuracy, φ is the mean over all groups by enumeration", () => {
    fc.assert(fc.property(estimator, size, inside, (of, groupSize, accuracy) => {
      expectClose(groupPush(of, groupSize, accuracy), byEnumeration(of, groupSize, accuracy), 1e-9)
    }))
  })

  it("by hand: groups of two give 1 (population) or √½ (sample) at every accuracy; RLOO 1, Dr. GRPO ½", () => {
    for (const accuracy of [0, 0.001, 0.3, 0.5, 1]) {
      expectClose(groupPush(grpo("population"), 2, accuracy), 1)
      expectClose(groupPush(grpo("sample"), 2, accuracy), Math.SQRT1_2)
      expectClose(groupPush({ _tag: "LeaveOneOut" }, 2, accuracy), 1)
      expectClose(groupPush(drGrpo, 2, accuracy), 0.5)
      expect(groupPush({ _tag: "Reinforce", baseline: "none" }, 1, accuracy)).toBe(1)
    }
  })

  it("at accuracy 0.05 in groups of eight it is 2.313 (sample) and 2.473 (population), where an endless group has 4.588", () => {
    expectClose(groupPush(grpo("sample"), 8, 0.05), 2.3133382702196337)
    expectClose(groupPush(grpo("population"), 8, 0.05), 2.473062636249755)
    expectClose(1 / Math.sqrt(0.05 * 0.95), 4.588314677411235)
  })

  it("is finite where 1/√(a(1 − a)) is not: √(G − 1) at a = 0 and 1, and symmetric about one half", () => {
    fc.assert(fc.property(estimator, size, inside, (of, groupSize, accuracy) => {
      expectClose(groupPush(of, groupSize, accuracy), groupPush(of, groupSize, 1 - accuracy), 1e-9)
    }))
    for (const groupSize of [2, 8, 64, 1024]) {
      for (const edge of [0, 1]) expectClose(groupPush(grpo("population"), groupSize, edge), Math.sqrt(groupSize - 1))
    }
  })

  it("tends to 1/√(a(1 − a)) as groups grow, once they hold right and wrong rollouts: within 2 % at G·a(1 − a) = 100", () => {
    fc.assert(fc.property(grid(0.01, 0.99), (accuracy) => {
      const spread = accuracy * (1 - accuracy)
      const groupSize = Math.ceil(100 / spread)
      expect(Math.abs(groupPush(grpo("population"), groupSize, accuracy) * Math.sqrt(spread) - 1)).toBeLessThan(0.02)
    }))
    // A group of eight at accuracy 0.001 is far from endless: the limit is twelve times too large.
    expect(1 / Math.sqrt(0.001 * 0.999) / groupPush(grpo("population"), 8, 0.001)).toBeGreaterThan(11)
  })

  it("is the derivative of the objective that is ascended, which is the accuracy for RLOO and 2·arcsin √a for an endless group", () => {
    fc.assert(fc.property(estimator, size, grid(0.01, 0.99), (of, groupSize, accuracy) => {
      const step = 1e-5
      const slope = (groupObjective(of, groupSize, accuracy + step) - groupObjective(of, groupSize, accuracy - step)) / (2 * step)
      expectClose(slope, groupPush(of, groupSize, accuracy), 1e-6)
    }))
    for (const accuracy of [0, 0.2, 0.9, 1]) {
      expectClose(groupObjective({ _tag: "LeaveOneOut" }, 8, accuracy), accuracy)
      expectClose(groupObjective(drGrpo, 8, accuracy), (7 / 8) * accuracy)
      // The two ends, where a group is never endless, are of order 1/√G.
      expect(Math.abs(groupObjective(grpo("population"), 20_000, accuracy) - 2 * Math.asin(Math.sqrt(accuracy)))).toBeLessThan(0.03)
    }
  })

  it("groups that teach something: 1 − a^G − (1 − a)^G, which is G·a where a is tiny", () => {
    const { informativeProbability } = DynamicSampling
    fc.assert(fc.property(size, inside, (groupSize, accuracy) => {
      expectClose(informativeProbability(accuracy, groupSize), 1 - accuracy ** groupSize - (1 - accuracy) ** groupSize, 1e-9)
    }))
    // Relative to its own size, where `expectClose` would take any small number.
    for (const accuracy of [1e-12, 1 - 2 ** -40]) {
      const rarer = Math.min(accuracy, 1 - accuracy)
      expect(Math.abs(informativeProbability(accuracy, 8) / (8 * rarer * (1 - 3.5 * rarer)) - 1)).toBeLessThan(1e-15)
    }
    expect([informativeProbability(0, 8), informativeProbability(1, 8), informativeProbability(0.4, 1)]).toEqual([0, 0, 0])
  })

  it("keeps its digits in large groups, and refuses what is no group or no accuracy", () => {
    expect(groupPush(grpo("sample"), 100_000, 1e-6)).toBeLessThan(Math.sqrt(100_000))
    expect(Number.isFinite(groupPush(grpo("sample"), 1_000_000, 0.5))).toBe(true)
    expect(() => groupPush(grpo("sample"), 0, 0.5)).toThrow("groupSize[0] = 0")
    expect(() => groupPush({ _tag: "LeaveOneOut" }, 1, 0.5)).toThrow("the integers from 2")
    expect(() => groupPush(grpo("sample"), 8, 1.1)).toThrow("accuracy[0] = 1.1")
    expect(groupPush(grpo("sample"), 1, 0.5)).toBe(0)
    for (const epsilon of [-1, Number.NaN]) {
      expect(() => groupPush(grpo("sample", epsilon), 8, 0.5)).toThrow(`epsilon[0] = ${epsilon}`)
      expect(() => groupObjective(grpo("sample", epsilon), 8, 0.5)).toThrow(`epsilon[0] = ${epsilon}`)
    }
  })

  it("of odd groups φ has degree G − 3: in groups of three it is constant", () => {
    fc.assert(fc.property(inside, (accuracy) => {
      expectClose(groupPush(grpo("population"), 3, accuracy), Math.SQRT2)
      expectClose(groupObjective(grpo("population"), 3, accuracy), Math.SQRT2 * accuracy)
    }))
  })
})
