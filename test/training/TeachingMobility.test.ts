import { Effect, type Layer } from "effect"
import { describe, expect, it } from "vitest"
import { Policy } from "../../src/domain/Policy.ts"
import { sampleGroups } from "../../src/domain/Rollouts.ts"
import { onPolicy } from "../../src/domain/Sampler.ts"
import { draws } from "../../src/domain/Seed.ts"
import { attempts } from "../../src/domain/Trajectory.ts"
import { ThreeLogit } from "../../src/theory/index.ts"
import { innerProduct, mobilityOf, rateGradients } from "../../src/training/TeachingMobility.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { query, services } from "../support/TinyRun.ts"

const { LOGIT_NAMES } = ThreeLogit
const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof services>>) => Effect.runPromise(Effect.provide(effect, services))

const parametersOf = (seed: number): Float32Array => {
  const random = draws(seed)
  return Float32Array.from({ length: 14 }, () => 2 * random.uniform() - 1)
}

const sampled = Effect.fnUntraced(function* (parameters: Float32Array) {
  return yield* sampleGroups(parameters, [query], { groupSize: 64, sampling: onPolicy, seed: 5 })
})

describe("Gradients of the three rates' logits in a network's parameters", () => {
  it("are the central differences of log(rate/(1 − rate)), the rates read off the same rollouts under moved parameters", async () => {
    const parameters = parametersOf(3)
    const [measured, numeric] = await run(Effect.gen(function* () {
      const groups = yield* sampled(parameters)
      const policy = yield* Policy
      const found = (yield* rateGradients(parameters, groups))!
      const members = groups.flatMap((group) => group.members.map(({ trajectory }) => trajectory))
      const context = yield* Effect.context<Policy>()
      const logProbs = (at: Float64Array) => Effect.runSyncWith(context)(policy.logProbs(Float32Array.from(at), members, 1))
      const rate = (name: ThreeLogit.LogitName, at: Float64Array): number => {
        const all = logProbs(at)
        const probability = (row: number, start: number, end: number) =>
          Math.exp(Array.from(all[row]!.slice(start, end)).reduce((sum, value) => sum + value, 0))
        if (name === "sampleCorrect") {
          const row = members.findIndex((each) => attempts(each)[0]?.sample.correct === true)
          const { end, start } = attempts(members[row]!)[0]!.sample
          return probability(row, start, end)
        }
        const values = members.flatMap((each, row) =>
          attempts(each).flatMap(({ decision, sample }) => {
            if (decision === undefined || sample.correct !== (name === "stopGivenCorrect")) return []
            const taken = probability(row, decision.start, decision.end)
            return [decision.action === (name === "stopGivenCorrect" ? "STOP" : "RESAMPLE") ? taken : 1 - taken]
          })
        )
        return values.reduce((sum, value) => sum + value, 0) / values.length
      }
      const differences = LOGIT_NAMES.map((name) => {
        const base = rate(name, Float64Array.from(parameters))
        return { base, slope: centralDifference((at) => rate(name, at), parameters, 0.02) }
      })
      return [found, differences] as const
    }))
    LOGIT_NAMES.forEach((name, i) => {
      const { base, slope } = numeric[i]!
      const { [name]: rate } = measured.rates
      // p_S is the share of right first answers among rollouts, whose probability the gradient is of; decisions' rates are probabilities themselves.
      if (name !== "sampleCorrect") expectClose(rate, base, 1e-5)
      expectAllClose(Array.from(measured.gradients[name]), Array.from(slope, (each) => each / (rate * (1 - rate))), 2e-3, name)
      expect(Math.max(...slope.map(Math.abs))).toBeGreaterThan(0.01)
    })
  })

  it("of a table share nothing between sampling and deciding, and a preconditioner weighs each parameter", async () => {
    const found = await run(Effect.gen(function* () {
      const parameters = parametersOf(4)
      return (yield* rateGradients(parameters, yield* sampled(parameters)))!
    }))
    const mobility = mobilityOf(found)
    expectClose(mobility.sampleCorrect.stopGivenCorrect, 0, 1e-6)
    expectClose(mobility.sampleCorrect.resampleGivenWrong, 0, 1e-6)
    for (const name of LOGIT_NAMES) expect(mobility[name][name]).toBeGreaterThan(0)
    const halved = mobilityOf(found, new Float64Array(14).fill(0.5))
    expectClose(halved.stopGivenCorrect.stopGivenCorrect, mobility.stopGivenCorrect.stopGivenCorrect / 2)
    expect(innerProduct([1, 2], [3, 4], [1, 10])).toBe(83)
  })

  it("are none where no wrong answer was decided about: a rate of 0 or 1 has no logit", async () => {
    const certain = parametersOf(5)
    const found = await run(Effect.gen(function* () {
      const groups = yield* sampled(certain)
      const right = groups.map((group) => ({
        ...group,
        members: group.members.filter(({ trajectory }) => attempts(trajectory).every(({ sample }) => sample.correct === true))
      }))
      return yield* rateGradients(certain, right)
    }))
    expect(found).toBeUndefined()
  })
})
