/** Claims C28, C29, C39 and C40: which feedback teaches RESAMPLE at a wrong answer. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { twoStageAccuracy, type TwoStageRates } from "../../src/theory/Accuracy.ts"
import {
  LOGIT_NAMES,
  logitsOf,
  mapLogits,
  ratesOf,
  type ThreeLogitModel,
  type ThreeLogits
} from "../../src/theory/illustration/ThreeLogit.ts"
import { sumContributions, surrogateChain } from "../../src/theory/illustration/ThreeLogitChain.ts"
import {
  dftLogitGradient,
  NEGATIVE_ONLY,
  outcomeLogitGradient,
  type OutcomeRewards,
  POSITIVE_ONLY,
  resampleAdvantage,
  sftLogitGradient,
  SIGNED
} from "../../src/theory/illustration/ThreeLogitFeedback.ts"
import { accuracyLogitGradient, addLogits, surrogateLogitGradient } from "../../src/theory/illustration/ThreeLogitGradient.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { threeLogits } from "../support/ThreeLogitArbitraries.ts"
import { asVector, cappedOutcomeReward } from "../support/ThreeLogitOracle.ts"
import { interiorRates, rateGrid } from "../support/TwoStageArbitraries.ts"
import { type Cycle, enumerateTrajectories, simulateTrajectories, succeeds } from "../support/TwoStageTrajectories.ts"

const zero = mapLogits(() => 0)

const modelOf = (policy: ThreeLogits): ThreeLogitModel => ({
  policy,
  reference: policy,
  lengths: { correct: 1, wrong: 1 },
  beta: 0
})

/** A·∇log π(τ), read off the Q chain of the surrogate. */
const weighedScore = (policy: ThreeLogits, cycles: ReadonlyArray<Cycle>, advantage: number): ThreeLogits =>
  sumContributions(surrogateChain(modelOf(policy), cycles, { advantage }))

const rewardOf = (rewards: OutcomeRewards, cycles: ReadonlyArray<Cycle>): number => {
  if (cycles.at(-1)!.decision === "RESAMPLE") return rewards.truncated
  return succeeds(cycles) ? rewards.correct : rewards.wrong
}

const rewardSchemes = fc.record({
  correct: fc.integer({ min: -2, max: 2 }),
  wrong: fc.integer({ min: -2, max: 2 }),
  truncated: fc.integer({ min: -2, max: 2 })
})

const few = { numRuns: 40 }

describe("Lemma 2 on the three logits: rewards for outcomes", () => {
  it("E[R·∇log π] in closed form is the sum over all trajectories and autodiff's gradient of E[R], for all rewards and caps", () => {
    fc.assert(
      fc.property(threeLogits, rewardSchemes, fc.integer({ min: 1, max: 5 }), (policy, rewards, maxCycles) => {
        const mean = enumerateTrajectories(ratesOf(policy), maxCycles).reduce(
          (sum, { cycles, probability }) => addLogits(sum, weighedScore(policy, cycles, rewardOf(rewards, cycles)), probability),
          zero
        )
        const closed = asVector(outcomeLogitGradient(policy, rewards, maxCycles))
        expectAllClose(closed, asVector(mean))
        expectAllClose(closed, gradient(cappedOutcomeReward(rewards, maxCycles), asVector(policy)))
      }),
      few
    )
  })

  it("without a cap it is the limit of the capped one", () => {
    const policy = { sampleCorrect: 0.3, stopGivenCorrect: 1, resampleGivenWrong: 0.8 }
    for (const rewards of [POSITIVE_ONLY, NEGATIVE_ONLY, SIGNED]) {
      expectAllClose(
        asVector(outcomeLogitGradient(policy, rewards)),
        asVector(outcomeLogitGradient(policy, rewards, 500))
      )
    }
  })
})

describe("Section 5.1, C29: RL gives RESAMPLE at a wrong answer more reward than STOP", () => {
  it("exact for all (p, c, w) inside (0, 1): the advantage of RESAMPLE is acc > 0 there and acc − 1 < 0 at a correct answer", () => {
    for (const rates of rateGrid) {
      const found = resampleAdvantage(logitsOf(rates))
      expect(found.wrong).toBeGreaterThan(0)
      expect(found.correct).toBeLessThan(0)
    }
  })

  it("equals the success rate of trajectories after (wrong, RESAMPLE), by enumeration", () => {
    fc.assert(fc.property(interiorRates, (rates) => {
      const after = enumerateTrajectories(rates, 8).filter(
        ({ cycles }) => !cycles[0]!.correct && cycles[0]!.decision === "RESAMPLE"
      )
      const probability = after.reduce((sum, each) => sum + each.probability, 0)
      const success = after.reduce((sum, each) => sum + (succeeds(each.cycles) ? each.probability : 0), 0)
      // Seven cycles are left; the rest of the uncapped value is worth (1 − S)^7 of it.
      expectClose(success / probability, twoStageAccuracy(rates, 7))
      expect(resampleAdvantage(logitsOf(rates)).wrong).toBeGreaterThanOrEqual(success / probability - 1e-9)
    }))
  })

  it("exact: the expected gradient, plain or group-relative, is positive on all three logits for all (p, c, w)", () => {
    for (const rates of rateGrid) {
      const policy = logitsOf(rates)
      for (const found of [accuracyLogitGradient(policy), surrogateLogitGradient(policy)]) {
        for (const name of LOGIT_NAMES) expect(found[name]).toBeGreaterThan(0)
      }
    }
  })

  it("vanishes on θ_W as w → 0: a policy that never rejects cannot be taught to, the push being w times that on θ_S", () => {
    const policy = logitsOf({ sampleCorrect: 0.3, stopGivenCorrect: 0.9, resampleGivenWrong: 1e-6 })
    const found = surrogateLogitGradient(policy)
    expectClose(found.resampleGivenWrong / found.sampleCorrect, 1e-6, 1e-12)
  })
})

describe("Section 5.1, C28: what SFT says about when to correct", () => {
  it("the expected gradient is the sum of the data's trajectories' scores, up to a cap m its (1 − (1 − S')^m) part", () => {
    fc.assert(fc.property(threeLogits, interiorRates, fc.integer({ min: 1, max: 6 }), (policy, data, maxCycles) => {
      const trajectories = enumerateTrajectories(data, maxCycles)
      const mean = trajectories.reduce(
        (sum, { cycles, probability }) => addLogits(sum, weighedScore(policy, cycles, 1), probability),
        zero
      )
      const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = data
      const reached = 1 - (1 - (p * c + (1 - p) * (1 - w))) ** maxCycles
      expectAllClose(asVector(mean), asVector(sftLogitGradient(policy, data)).map((slope) => slope * reached))
    }))
  })

  it("confirmed for demonstrations without a wrong answer: the gradient on θ_W is exactly 0 for every policy", () => {
    fc.assert(fc.property(threeLogits, interiorRates, (policy, { stopGivenCorrect }) => {
      const echo = { sampleCorrect: 1, stopGivenCorrect, resampleGivenWrong: 1 }
      expectClose(sftLogitGradient(policy, echo).resampleGivenWrong, 0, 0)
    }))
  })

  it("confirmed for echo reflection that does not look at the answer: SFT's fixed point has c + w = 1 and accuracy p", () => {
    fc.assert(fc.property(interiorRates, ({ resampleGivenWrong, sampleCorrect }) => {
      const echo: TwoStageRates = { sampleCorrect, stopGivenCorrect: 1 - resampleGivenWrong, resampleGivenWrong }
      expectAllClose(asVector(sftLogitGradient(logitsOf(echo), echo)), [0, 0, 0])
      expectClose(twoStageAccuracy(echo), sampleCorrect)
    }))
  })

  it("qualified: expert decisions on the model's own answers do teach it, for every policy", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const expert = { ...ratesOf(policy), stopGivenCorrect: 1, resampleGivenWrong: 1 }
      expect(sftLogitGradient(policy, expert).resampleGivenWrong).toBeGreaterThan(0)
      expect(sftLogitGradient(policy, expert).stopGivenCorrect).toBeGreaterThan(0)
    }))
  })
})

describe("Lemma 4 on the three logits: what DFT teaches", () => {
  it("the expected gradient is the sum of ∇π over the data's trajectories, up to a cap m its (1 − (1 − S')^m) part", () => {
    fc.assert(
      fc.property(threeLogits, interiorRates, fc.integer({ min: 1, max: 5 }), (policy, data, maxCycles) => {
        const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = data
        const reached = 1 - (1 - (p * c + (1 - p) * (1 - w))) ** maxCycles
        const mean = enumerateTrajectories(data, maxCycles).reduce(
          (total, { cycles, probability }) =>
            cycles.reduce((sum, { correct, decision }) => {
              const rates = ratesOf(policy)
              const [answer, name] = correct ? [1, "stopGivenCorrect"] as const : [-1, "resampleGivenWrong"] as const
              const decided = (decision === "STOP") === correct ? 1 : -1
              const slope = (which: keyof ThreeLogits, sign: number) => sign * rates[which] * (1 - rates[which])
              return addLogits(
                sum,
                { ...zero, sampleCorrect: slope("sampleCorrect", answer), [name]: slope(name, decided) },
                probability
              )
            }, total),
          zero
        )
        expectAllClose(asVector(mean), asVector(dftLogitGradient(policy, data)).map((slope) => slope * reached))
      }),
      few
    )
  })

  it("is half of SFT's at the even policy, and 0 where the data is even", () => {
    fc.assert(fc.property(interiorRates, (data) => {
      expectAllClose(asVector(dftLogitGradient(zero, data)), asVector(sftLogitGradient(zero, data)).map((slope) => slope / 2))
    }))
    const even = { sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }
    expectAllClose(asVector(dftLogitGradient(logitsOf({ ...even, sampleCorrect: 0.9 }), even)), [0, 0, 0])
  })

  it("comes to rest at no data rate but 0, ½ and 1: the option that the data shows more often wins", () => {
    const data = { sampleCorrect: 0.7, stopGivenCorrect: 0.8, resampleGivenWrong: 0.4 }
    const found = dftLogitGradient(logitsOf(data), data)
    expect([found.sampleCorrect > 0, found.stopGivenCorrect > 0, found.resampleGivenWrong < 0]).toEqual([true, true, true])
  })
})

describe("Section 5.4, C39: negative samples alone teach RESAMPLE", () => {
  it("exact for all (p, c, w): the negative samples' expected gradient is ∇acc, positive on all three logits", () => {
    for (const rates of rateGrid) {
      const policy = logitsOf(rates)
      const negative = outcomeLogitGradient(policy, NEGATIVE_ONLY)
      for (const name of LOGIT_NAMES) expect(negative[name]).toBeGreaterThan(0)
      expectAllClose(asVector(negative), asVector(accuracyLogitGradient(policy)))
    }
  })

  it("stays positive on θ_W under every cap from 2, whether a truncation is punished or not", () => {
    const unpunished: OutcomeRewards = { correct: 0, wrong: -1, truncated: 0 }
    for (const rates of rateGrid) {
      for (const maxCycles of [2, 3, 8]) {
        for (const rewards of [NEGATIVE_ONLY, unpunished]) {
          expect(outcomeLogitGradient(logitsOf(rates), rewards, maxCycles).resampleGivenWrong).toBeGreaterThan(0)
        }
      }
    }
  })

  it("adds no direction: negative and positive samples alone have one and the same expected gradient, with any cap", () => {
    fc.assert(fc.property(threeLogits, fc.constantFrom(1, 2, 5, Infinity), (policy, maxCycles) => {
      const [negative, positive] = [NEGATIVE_ONLY, POSITIVE_ONLY].map((rewards) =>
        asVector(outcomeLogitGradient(policy, rewards, maxCycles))
      )
      expectAllClose(negative!, positive!)
    }))
  })

  it("differs sample by sample: every positive sample with a rejection pushes θ_W up, a negative one may push it down", () => {
    const policy = logitsOf({ sampleCorrect: 0.3, stopGivenCorrect: 0.9, resampleGivenWrong: 0.5 })
    const rejection: Cycle = { correct: false, decision: "RESAMPLE" }
    const rejections = [rejection, rejection]
    const success = weighedScore(policy, [...rejections, { correct: true, decision: "STOP" }], 1)
    const accepted = weighedScore(policy, [{ correct: false, decision: "STOP" }], -1)
    const late = weighedScore(policy, [...rejections, { correct: false, decision: "STOP" }], -1)
    expect(success.resampleGivenWrong).toBeGreaterThan(0)
    expect(accepted.resampleGivenWrong).toBeGreaterThan(0)
    expect(late.resampleGivenWrong).toBeLessThan(0)
  })
})

describe("Footnote 12, C40: does a negative reward develop p_D|W?", () => {
  /** Trains the decision logits alone by REINFORCE without a baseline on sampled trajectories; gives w. */
  const train = (rates: TwoStageRates, rewards: OutcomeRewards, learningRate: number, seed: number): number => {
    const [count, steps] = [16, 100]
    let policy = logitsOf(rates)
    for (let step = 0; step < steps; step++) {
      const runs = simulateTrajectories(ratesOf(policy), { count, seed: seed * steps + step, maxCycles: 1000 })
      const at = policy
      const mean = runs.reduce(
        (sum, cycles) => addLogits(sum, weighedScore(at, cycles, rewardOf(rewards, cycles)), 1 / count),
        zero
      )
      policy = addLogits(policy, { ...mean, sampleCorrect: 0 }, learningRate)
    }
    return ratesOf(policy).resampleGivenWrong
  }
  const meanTrained = (rates: TwoStageRates, rewards: OutcomeRewards, learningRate: number): number =>
    [1, 2, 3, 4, 5, 6, 7, 8].reduce((sum, seed) => sum + train(rates, rewards, learningRate, seed) / 8, 0)
  const weak = { sampleCorrect: 0.2, stopGivenCorrect: 0.9, resampleGivenWrong: 0.2 }

  it("in expectation only by scale: ±1 gives exactly twice the gradient of 0/1, on every logit and for every policy", () => {
    fc.assert(fc.property(threeLogits, fc.constantFrom(2, 5, Infinity), (policy, maxCycles) => {
      const signed = asVector(outcomeLogitGradient(policy, SIGNED, maxCycles))
      expectAllClose(signed, asVector(outcomeLogitGradient(policy, POSITIVE_ONLY, maxCycles)).map((slope) => 2 * slope))
    }))
  })

  it("confirmed at one learning rate: w gets closer to 1 with ±1 than with 0/1 (mean of eight seeded runs)", () => {
    expect(1 - meanTrained(weak, SIGNED, 0.5)).toBeLessThan((1 - meanTrained(weak, POSITIVE_ONLY, 0.5)) / 2)
  })

  it("not confirmed at equal gradient size: 0/1 at twice the rate, and −1/0 alone, end where ±1 does", () => {
    const signed = meanTrained(weak, SIGNED, 0.5)
    expect(Math.abs(meanTrained(weak, POSITIVE_ONLY, 1) - signed)).toBeLessThan(0.01)
    expect(Math.abs(meanTrained(weak, NEGATIVE_ONLY, 1) - signed)).toBeLessThan(0.01)
  })
})
