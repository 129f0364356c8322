import { describe, expect, it } from "vitest"
import { Advantage } from "decision-sampling/theory"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { layGroups } from "../support/Arbitraries.ts"
import { reasonOf } from "../support/Errors.ts"

const compute = (estimator: Advantage.Estimator, groups: ReadonlyArray<ReadonlyArray<number>>, columns: Advantage.Columns = {}) => {
  const input = layGroups(groups)
  return Advantage.advantages(estimator, input.rewards, input.groups, columns)
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
    for (const { estimator } of Advantage.PRESETS) {
      if (estimator._tag === "ReMax") continue
      expect([...compute(estimator, [[0.1, 0.1, 0.1]], { lengths: [1, 2, 3] })]).toEqual([0, 0, 0])
    }
  })

  it("rewards that differ by rounding alone are equal: 0.1 + 0.2 and 0.3, in every estimator and in the mark of such groups", () => {
    expect(0.1 + 0.2).not.toBe(0.3)
    for (
      const estimator of [
        ...Advantage.PRESETS.map((each) => each.estimator).filter((each) =>
          Advantage.needs(each).length === 0 && each._tag !== "Reinforce"
        ),
        Advantage.groupRelative(),
        Advantage.reinforce({ baseline: "mean" })
      ]
    ) {
      expect([...compute(estimator, [[0.1 + 0.2, 0.3]])]).toEqual([0, 0])
    }
    expect([...Advantage.zeroVarianceGroups(Float64Array.of(0.1 + 0.2, 0.3, 0, 1e-200), Int32Array.of(0, 2, 4))]).toEqual([1, 0])
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

  it("a group of one in verl: its reward from grpo (over 1 + ε), rloo, opo, gpg and before whitening; 0 from rloo_vectorized", () => {
    expectAllClose(compute(Advantage.GRPO_VERL.estimator, [[5], [1, 0]]), [
      5 / (1 + 1e-6),
      ...[1, -1].map((v) => v / 2 / (Math.SQRT1_2 + 1e-6))
    ])
    expect([...compute(Advantage.groupRelative({ scale: "none", single: "reward" }), [[5]])]).toEqual([5])
    // A batch of equal rewards has no deviation either.
    expect([...compute(Advantage.groupRelative({ scale: "batch", single: "reward" }), [[5], [5]])]).toEqual([5, 5])
    expectAllClose(compute(Advantage.groupRelative({ scale: "batch", single: "reward" }), [[1], [3]]), [Math.SQRT1_2, 3 * Math.SQRT1_2])
    expect([...compute(Advantage.RLOO_VERL.estimator, [[5]])]).toEqual([5])
    expect([...compute(Advantage.rloo({ single: "zero" }), [[5]])]).toEqual([0])
    expect([...compute(Advantage.opo(), [[5]], { lengths: [3] })]).toEqual([5])
    expect([...compute(Advantage.gpg(), [[5], [0]])]).toEqual([10, 0])
  })

  it("pass@k: only the best learns, by its lead; by hand 1, 0.25, 0: lead ¾, std of the three √(13/48)", () => {
    expectAllClose(compute(Advantage.passAtK({ scale: "none", epsilon: 0 }), [[0.25, 1, 0]]), [0, 0.75, 0])
    expectAllClose(compute(Advantage.passAtK({ epsilon: 0 }), [[0.25, 1, 0]]), [0, 0.75 / Math.sqrt(13 / 48), 0])
    expect([...compute(Advantage.passAtK(), [[1, 1, 0], [0, 0]])]).toEqual([0, 0, 0, 0, 0])
    expect(reasonOf(() => compute(Advantage.passAtK(), [[1]]))).toMatchObject({ _tag: "GroupTooSmall", size: 1, needed: 2 })
  })

  it("OPO: rewards 1, 0 of lengths 1 and 3 have the baseline ¼; lengths 0 give no advantage", () => {
    expectAllClose(compute(Advantage.opo(), [[1, 0]], { lengths: [1, 3] }), [0.75, -0.25])
    // Each group with its own lengths: baselines ¼ and ¾.
    expectAllClose(compute(Advantage.opo(), [[1, 0], [1, 0]], { lengths: [1, 3, 3, 1] }), [0.75, -0.25, 0.25, -0.75])
    expect([...compute(Advantage.opo(), [[1, 0]], { lengths: [0, 0] })]).toEqual([0, 0])
  })

  it("ReMax takes the greedy rollout's reward off, a group's own each", () => {
    expect([...compute(Advantage.reMax(), [[1, 0], [1]], { greedy: [1, 0] })]).toEqual([0, -1, 1])
  })

  it("GPG: two of four rewards are not 0, so α = 2; MaxRL: (1 − ¼)/¼ = 3 and −1", () => {
    expectAllClose(compute(Advantage.gpg(), [[1, 0], [1, 0]]), [1, -1, 1, -1])
    expectAllClose(compute(Advantage.gpg({ norm: 2 }), [[0, 0]]), [0, 0])
    expectAllClose(compute(Advantage.maxRl(), [[1, 0, 0, 0], [0, 0], [1, 1]]), [3, -1, -1, -1, 0, 0, 0, 0])
    expectAllClose(compute(Advantage.maxRl({ epsilon: 0.25 }), [[1, 0, 0, 0]]), [1.5, -0.5, -0.5, -0.5])
  })

  it("REINFORCE++ with baseline: ½, −½ of lengths 1 and 3 have the token mean −¼, variance 3·¼·… = ¼ over 4 − 1 tokens", () => {
    // Squares: (¾)² + 3·(¼)² = ¾, over 3: ¼.
    const spread = Math.sqrt(0.25 + 1e-8)
    expectAllClose(compute(Advantage.reinforcePlusPlusBaseline(), [[1, 0]], { lengths: [1, 3] }), [0.75 / spread, -0.25 / spread])
    // Groups of means ½ and 9½ are centred apart before they are whitened together: ±½, squares 4·¼ over 3.
    const apart = 0.5 / Math.sqrt(1 / 3 + 1e-8)
    expectAllClose(compute(Advantage.reinforcePlusPlusBaseline(), [[1, 0], [10, 9]], { lengths: [1, 1, 1, 1] }), [
      apart,
      -apart,
      apart,
      -apart
    ])
  })

  it("GDPO: rewards (1, 0) and (0, 10) cancel once each is normalised; weights 2 and 1 leave the first", () => {
    const components = [Float64Array.of(1, 0), Float64Array.of(0, 10)]
    const columns = { lengths: [1, 1], components }
    const exact = { epsilon: 0 }
    expectAllClose(compute(Advantage.gdpo(exact), [[1, 10]], columns), [0, 0])
    const sign = 1 / Math.sqrt(1 + 1e-8 / (Math.SQRT1_2 ** 2 * 2))
    expectAllClose(compute(Advantage.gdpo({ ...exact, weights: [2, 1] }), [[1, 10]], columns), [sign / Math.SQRT2, -sign / Math.SQRT2])
    // TRL: deviation of (√½, −√½) is 1; ε = 0.
    expectAllClose(compute(Advantage.gdpo({ ...exact, variant: "trl", weights: [2, 1] }), [[1, 10]], columns), [
      Math.SQRT1_2,
      -Math.SQRT1_2
    ])
    // The reward alone where no components are given.
    expectAllClose(compute(Advantage.gdpo({ ...exact, variant: "trl" }), [[1, 0]], { lengths: [1, 1] }), [Math.SQRT1_2, -Math.SQRT1_2])
  })

  it("refuses what an estimator cannot do without, and settings that are none", () => {
    expect(reasonOf(() => compute(Advantage.opo(), [[1, 0]]))).toEqual({
      _tag: "MissingInput",
      what: "lengths",
      neededBy: "the estimator Opo"
    })
    expect(reasonOf(() => compute(Advantage.reMax(), [[1, 0]]))).toMatchObject({ _tag: "MissingInput", what: "greedy" })
    expect(reasonOf(() => compute(Advantage.reMax(), [[1, 0]], { greedy: [1, 0] }))).toMatchObject({
      _tag: "ShapeMismatch",
      what: "greedy",
      expected: 1
    })
    expect(reasonOf(() => compute(Advantage.opo(), [[1, 0]], { lengths: [1, NaN] }))).toMatchObject({ _tag: "NonFinite", what: "lengths" })
    expect(reasonOf(() => compute(Advantage.gdpo(), [[1, 0]], { lengths: [1, 1], components: [Float64Array.of(1)] }))).toMatchObject({
      _tag: "ShapeMismatch",
      what: "components[0]"
    })
    for (const [variant, weights] of [["verl", [1, 1]], ["trl", []]] as const) {
      expect(reasonOf(() => compute(Advantage.gdpo({ variant, weights }), [[1, 0]], { lengths: [1, 1] }))).toMatchObject({
        _tag: "ShapeMismatch",
        what: "weights",
        expected: 1
      })
    }
    expect(reasonOf(() => compute(Advantage.maxRl(), [[1, -1]]))).toMatchObject({ _tag: "OutOfRange", what: "rewards", index: 1 })
    for (
      const build of [() => Advantage.gpg({ norm: 0 }), () => Advantage.maxRl({ epsilon: -1 }), () => Advantage.passAtK({ epsilon: NaN })]
    ) {
      expect(reasonOf(build)).toMatchObject({ _tag: "OutOfRange" })
    }
    expect(reasonOf(() => Advantage.gdpo({ epsilon: -1 }))).toMatchObject({ what: "epsilon" })
    expect(reasonOf(() => Advantage.gdpo({ weights: [1, NaN] }))).toMatchObject({ what: "weights" })
  })

  it("says with whom a trajectory is compared", () => {
    expect(Advantage.comparison(Advantage.groupRelative())).toBe("group")
    expect(Advantage.comparison(Advantage.groupRelative({ single: "reward" }))).toBe("nothing")
    expect(Advantage.comparison(Advantage.reinforce({ baseline: "mean" }))).toBe("batch")
    expect(Advantage.needs(Advantage.opo())).toEqual(["lengths"])
    expect(Advantage.needs(Advantage.drGrpo())).toEqual([])
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
    expect(Advantage.PRESETS.map(({ name }) => name)).toEqual([
      "GRPO_TRL",
      "GRPO_VERL",
      "DR_GRPO",
      "RLOO",
      "RLOO_VERL",
      "GRPO_PASSK",
      "OPO",
      "REMAX",
      "GPG",
      "MAXRL",
      "REINFORCE_PLUS_PLUS_BASELINE"
    ])
    for (const { citation } of Advantage.PRESETS) expect(citation).toMatch(/\d{4}.*arXiv:\d{4}\.\d{5}/)
  })
})
