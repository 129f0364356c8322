import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Advantage } from "decision-sampling/theory"
import { grid, layGroups, type RewardGroups, rewardGroups } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose, largestDifference } from "../../src/laws/support/Approx.ts"

const members = ({ groups, rewards }: RewardGroups, values: Float64Array) =>
  Array.from(groups.slice(1)).map((end, group) => ({
    rewards: Array.from(rewards.slice(groups[group]!, end)),
    values: Array.from(values.slice(groups[group]!, end))
  }))

const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
const allEqual = (values: ReadonlyArray<number>) => values.every((value) => value === values[0])
const compute = (estimator: Advantage.Estimator, input: RewardGroups, columns: Advantage.Columns = {}) =>
  Advantage.advantages(estimator, input.rewards, input.groups, { lengths: Array.from(input.rewards, (_, i) => 1 + (i % 4)), ...columns })

const standard = fc.constantFrom<"sample" | "population">("sample", "population")
const atLeastTwo = rewardGroups.filter(({ groups }) => Array.from(groups.slice(1)).every((end, group) => end - groups[group]! > 1))

describe("C11 eq. 7: the group-relative advantage has mean 0 and standard deviation 1 in its group", () => {
  it("for every batch of groups and both conventions: mean 0, mean square 1, and the order of the rewards", () => {
    fc.assert(
      fc.property(rewardGroups, standard, (input, std) => {
        for (const group of members(input, compute(Advantage.groupRelative({ std }), input))) {
          if (allEqual(group.rewards)) continue
          const count = group.values.length
          expectClose(mean(group.values), 0)
          const squares = group.values.reduce((sum, value) => sum + value ** 2, 0)
          expectClose(squares / (std === "sample" ? count - 1 : count), 1)
          group.rewards.forEach((reward, i) =>
            group.rewards.forEach((other, j) => {
              if (reward > other) expect(group.values[i]!).toBeGreaterThan(group.values[j]!)
            })
          )
        }
      })
    )
  })

  it("for every affine map of the rewards with positive slope, the advantages stay the same", () => {
    fc.assert(
      fc.property(rewardGroups, grid(0.05, 20), grid(-10, 10), standard, (input, slope, shift, std) => {
        const mapped = { ...input, rewards: input.rewards.map((reward) => slope * reward + shift) }
        const estimator = Advantage.groupRelative({ std })
        expectAllClose(compute(estimator, mapped), compute(estimator, input))
      })
    )
  })

  it("for every group of equal rewards, whatever their value, the advantages are exactly 0", () => {
    // ReMax compares with another rollout than the group's; MaxRL refuses negative rewards.
    const estimators = [
      ...Advantage.PRESETS.map(({ estimator }) => estimator).filter(({ _tag }) => _tag !== "ReMax" && _tag !== "MaxRl"),
      Advantage.groupRelative({ std: "population" }),
      Advantage.groupRelative({ scale: "batch" })
    ]
    const equal = fc.array(fc.tuple(grid(-5, 5), fc.integer({ min: 2, max: 9 })), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(equal, fc.constantFrom(...estimators), (groups, estimator) => {
        const input = layGroups(groups.map(([reward, size]) => Array.from({ length: size }, () => reward)))
        expect(compute(estimator, input).every((value) => Object.is(value, 0))).toBe(true)
      })
    )
  })

  it("a group's advantages do not depend on the other groups, unless the scale is the batch's", () => {
    fc.assert(
      fc.property(rewardGroups, (input) => {
        const alone = members(input, input.rewards).flatMap(({ rewards }) => [
          ...compute(Advantage.groupRelative(), layGroups([rewards]))
        ])
        expectAllClose(compute(Advantage.groupRelative(), input), alone)
      })
    )
  })
})

describe("Advantage estimators are related", () => {
  it("RLOO's definition, reward minus the mean of the others, is G/(G−1) times Dr. GRPO's", () => {
    fc.assert(
      fc.property(atLeastTwo, (input) => {
        const looMembers = members(input, compute(Advantage.rloo(), input))
        const centred = members(input, compute(Advantage.drGrpo(), input))
        looMembers.forEach(({ rewards, values }, group) => {
          const size = rewards.length
          const byDefinition = rewards.map((reward, index) => reward - mean(rewards.filter((_, other) => other !== index)))
          expectAllClose(values, byDefinition)
          expectAllClose(values, centred[group]!.values.map((value) => (value * size) / (size - 1)))
        })
      })
    )
  })

  it("the batch scale divides Dr. GRPO's by one number, the standard deviation of all rewards", () => {
    fc.assert(
      fc.property(rewardGroups, standard, (input, std) => {
        fc.pre(!allEqual([...input.rewards]))
        const all = [...input.rewards]
        const squares = all.reduce((sum, reward) => sum + (reward - mean(all)) ** 2, 0)
        const spread = Math.sqrt(squares / (std === "sample" ? all.length - 1 : all.length))
        const centred = compute(Advantage.drGrpo(), input)
        expectAllClose(compute(Advantage.groupRelative({ scale: "batch", std }), input), centred.map((value) => value / spread))
      })
    )
  })

  it("the sample and the population convention differ by the factor √(n/(n−1))", () => {
    fc.assert(
      fc.property(atLeastTwo, (input) => {
        const sample = members(input, compute(Advantage.groupRelative({ std: "sample" }), input))
        const population = members(input, compute(Advantage.groupRelative({ std: "population" }), input))
        sample.forEach(({ values }, group) => {
          const factor = Math.sqrt(values.length / (values.length - 1))
          expectAllClose(population[group]!.values, values.map((value) => value * factor))
        })
      })
    )
  })

  it("OPO's is Dr. GRPO's for equal lengths, and has the length-weighted mean 0 in every group of several", () => {
    fc.assert(
      fc.property(atLeastTwo, fc.integer({ min: 1, max: 9 }), (input, length) => {
        const lengths = Array.from(input.rewards, () => length)
        expectAllClose(compute(Advantage.opo(), input, { lengths }), compute(Advantage.drGrpo(), input))
        const uneven = Array.from(input.rewards, (_, i) => 1 + (i % 4))
        const weighted = compute(Advantage.opo(), input).map((value, i) => uneven[i]! * value)
        for (const { values } of members(input, weighted)) expectClose(mean(values), 0)
      })
    )
  })

  it("GPG's and MaxRL's are multiples of Dr. GRPO's: α/F of all, 1/mean of each group", () => {
    fc.assert(
      fc.property(atLeastTwo, grid(0.1, 3), (input, norm) => {
        const positive = { ...input, rewards: input.rewards.map(Math.abs) }
        const alpha = input.rewards.length / Math.max(1, input.rewards.filter((r) => r !== 0).length)
        expectAllClose(compute(Advantage.gpg({ norm }), input), compute(Advantage.drGrpo(), input).map((value) => (alpha * value) / norm))
        const centred = members(positive, compute(Advantage.drGrpo(), positive))
        const found = members(positive, compute(Advantage.maxRl(), positive))
        centred.forEach(({ rewards, values }, group) => {
          expectAllClose(found[group]!.values, values.map((value) => (allEqual(rewards) ? 0 : value / mean(rewards))))
        })
      })
    )
  })

  it("pass@k's are the leave-one-out contributions to the group's largest reward: max of all minus max of the others", () => {
    fc.assert(
      fc.property(atLeastTwo, (input) => {
        for (const { rewards, values } of members(input, compute(Advantage.passAtK({ scale: "none", epsilon: 0 }), input))) {
          const contributions = rewards.map((_, i) => Math.max(...rewards) - Math.max(...rewards.filter((_, j) => j !== i)))
          expectAllClose(values, contributions)
        }
      })
    )
  })

  it("REINFORCE++ with baseline has token mean 0 and token variance 1 (to its 1e-8); GDPO of one reward is GRPO's so normalised", () => {
    fc.assert(
      fc.property(atLeastTwo, (input) => {
        // Of rewards that hardly differ the token variance V is no longer large beside the 1e-8 under the root: it becomes V / (V + 1e-8).
        fc.pre(members(input, input.rewards).some(({ rewards }) => Math.max(...rewards) - Math.min(...rewards) >= 0.02))
        const lengths = Array.from(input.rewards, (_, i) => 1 + (i % 4))
        const total = lengths.reduce((sum, length) => sum + length, 0)
        for (const estimator of [Advantage.reinforcePlusPlusBaseline(), Advantage.gdpo()]) {
          const values = compute(estimator, input)
          expectClose(values.reduce((sum, value, i) => sum + lengths[i]! * value, 0) / total, 0)
          expectClose(values.reduce((sum, value, i) => sum + lengths[i]! * value ** 2, 0) / (total - 1), 1, 1e-2)
        }
        const trl = compute(Advantage.gdpo({ variant: "trl", epsilon: 0 }), input)
        expectClose(mean([...trl]), 0)
        expectClose(trl.reduce((sum, value) => sum + value ** 2, 0) / (trl.length - 1), 1)
      })
    )
  })

  it("GDPO does not change when any of its rewards is mapped by r ↦ a·r + b, a > 0; GRPO of their sum does", () => {
    const two = fc.array(fc.tuple(grid(-5, 5), grid(-5, 5)), { minLength: 3, maxLength: 8 })
    fc.assert(
      fc.property(two, grid(0.05, 20), grid(-10, 10), fc.constantFrom("verl" as const, "trl" as const), (pairs, slope, shift, variant) => {
        const components = [Float64Array.from(pairs, ([a]) => a), Float64Array.from(pairs, ([, b]) => b)]
        fc.pre(components.every((values) => !allEqual([...values])))
        const input = layGroups([pairs.map(([a, b]) => a + b)])
        const mapped = [components[0]!.map((value) => slope * value + shift), components[1]!]
        const estimator = Advantage.gdpo({ variant, epsilon: 0 })
        expectAllClose(compute(estimator, input, { components: mapped }), compute(estimator, input, { components }), 1e-6)
      })
    )
    const [first, second] = [[1, 0, 0], [0, 0, 1]]
    const sum = (size: number) => layGroups([first.map((value, i) => size * value + second[i]!)])
    expect(largestDifference(compute(Advantage.groupRelative(), sum(1)), compute(Advantage.groupRelative(), sum(10)))).toBeGreaterThan(0.3)
  })
})
