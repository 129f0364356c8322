import { describe, expect, it } from "vitest"
import { Advantage } from "decision-sampling/theory"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { layGroups } from "../support/Arbitraries.ts"
import { reasonOf } from "../support/Errors.ts"

const compute = (estimator: Advantage.Estimator, groups: ReadonlyArray<ReadonlyArray<number>>) => {
  const input = layGroups(groups)
  return Advantage.advantages(estimator, input.rewards, input.groups)
}

describe("Advantage.advantages by hand", () => {
  // Rewards 1, 0, 0, 0: mean ¼, squares 9/16 + 3/16 = ¾; sample std √(¾/3) = ½, population std √(¾/4) = √3/4.
  const group = [1, 0, 0, 0]

  it("group-relative, sample and population std", () => {
    expectAllClose(compute(Advantage.groupRelative(), [group]), [1.5, -0.5, -0.5, -0.5])
    const root = Math.sqrt(3)
    const population = compute(Advantage.groupRelative({ std: "population" }), [group])
    expectAllClose(population, [root, -1 / root, -1 / root, -1 / root])
  })

  it("ε is added to the standard deviation, in TRL's and verl's size", () => {
    expectAllClose(compute(Advantage.groupRelative({ epsilon: 0.5 }), [group]), [0.75, -0.25, -0.25, -0.25])
    expectAllClose(compute(Advantage.GRPO_TRL.estimator, [group]), group.map((reward) => (reward - 0.25) / (0.5 + 1e-4)))
    expectAllClose(compute(Advantage.GRPO_VERL.estimator, [group]), group.map((reward) => (reward - 0.25) / (0.5 + 1e-6)))
  })

  it("Dr. GRPO centres; RLOO takes the others' mean: 1 − 0 and 0 − ⅓", () => {
    expectAllClose(compute(Advantage.drGrpo(), [group]), [0.75, -0.25, -0.25, -0.25])
    expectAllClose(compute(Advantage.rloo(), [group]), [1, -1 / 3, -1 / 3, -1 / 3])
  })

  it("the batch scale: groups 1, 0 and 3, 2 have one std, of the four rewards 0 … 3, √(5/3)", () => {
    const scale = Math.sqrt(5 / 3)
    expectAllClose(compute(Advantage.groupRelative({ scale: "batch" }), [[1, 0], [3, 2]]), [0.5, -0.5, 0.5, -0.5].map((v) => v / scale))
  })

  it("REINFORCE: the reward, or the reward minus the mean of all", () => {
    expectAllClose(compute(Advantage.reinforce(), [[2, 0], [4]]), [2, 0, 4])
    expectAllClose(compute(Advantage.reinforce({ baseline: "mean" }), [[2, 0], [4]]), [0, -2, 2])
    expect([...compute(Advantage.reinforce({ baseline: "mean" }), [[0.1, 0.1, 0.1]])]).toEqual([0, 0, 0])
  })

  it("equal rewards whose rounded mean is not the reward still get exactly 0 (0.1 three times)", () => {
    expect((0.1 + 0.1 + 0.1) / 3).not.toBe(0.1)
    for (const { estimator } of Advantage.PRESETS) expect([...compute(estimator, [[0.1, 0.1, 0.1]])]).toEqual([0, 0, 0])
  })

  it("rewards that differ by rounding alone are equal: 0.1 + 0.2 and 0.3, in every estimator and in the mark of such groups", () => {
    expect(0.1 + 0.2).not.toBe(0.3)
    for (
      const estimator of [
        ...Advantage.PRESETS.map((each) => each.estimator),
        Advantage.groupRelative(),
        Advantage.reinforce({ baseline: "mean" })
      ]
    ) {
      expect([...compute(estimator, [[0.1 + 0.2, 0.3]])]).toEqual([0, 0])
    }
    expect([...Advantage.zeroVarianceGroups(Float64Array.of(0.1 + 0.2, 0.3), Int32Array.of(0, 2))]).toEqual([1])
    expectAllClose(compute(Advantage.groupRelative({ std: "population" }), [[1 + 1e-12, 1]]), [1, -1], 1e-3)
  })

  it("is free of the rewards' unit at any size: ±1e200 and ±1e-200, whose squares overflow and underflow, are ±1", () => {
    for (const unit of [1e200, 1, 1e-200]) {
      expectAllClose(compute(Advantage.groupRelative({ std: "population" }), [[unit, -unit]]), [1, -1])
      expectAllClose(
        compute(Advantage.groupRelative({ scale: "batch" }), [[unit, -unit], [unit, -unit]]),
        [1, -1, 1, -1].map((v) => v / Math.sqrt(4 / 3))
      )
    }
    expect(reasonOf(() => compute(Advantage.drGrpo(), [[0, -1e301]]))).toMatchObject({ _tag: "OutOfRange", what: "rewards", index: 1 })
  })

  it("a group of one gets 0, and leave-one-out refuses it", () => {
    expect([...compute(Advantage.groupRelative(), [[5]])]).toEqual([0])
    expect(reasonOf(() => compute(Advantage.rloo(), [[1, 2], [5]]))).toEqual({
      _tag: "GroupTooSmall",
      what: "group",
      index: 1,
      size: 1,
      needed: 2
    })
  })

  it("refuses empty groups, rewards that are not finite, a negative ε", () => {
    expect(reasonOf(() => compute(Advantage.drGrpo(), [[1], []]))).toMatchObject({ _tag: "EmptyGroup", index: 1 })
    expect(reasonOf(() => compute(Advantage.drGrpo(), [[1, NaN]]))).toMatchObject({ _tag: "NonFinite", index: 1 })
    expect(reasonOf(() => Advantage.groupRelative({ epsilon: -1 }))).toMatchObject({ _tag: "OutOfRange", what: "epsilon" })
  })

  it("marks the groups of equal rewards", () => {
    const input = layGroups([[1, 1], [0, 1], [2]])
    expect([...Advantage.zeroVarianceGroups(input.rewards, input.groups)]).toEqual([1, 0, 1])
  })

  it("every preset names itself and cites a paper", () => {
    expect(Advantage.PRESETS.map(({ name }) => name)).toEqual(["GRPO_TRL", "GRPO_VERL", "DR_GRPO", "RLOO"])
    for (const { citation } of Advantage.PRESETS) expect(citation).toMatch(/\d{4}.*arXiv:\d{4}\.\d{5}/)
  })
})
