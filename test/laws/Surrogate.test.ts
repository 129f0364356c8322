import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Advantage,
  attribution,
  inTokenOrder,
  Objective,
  sigmoid,
  stopProbability,
  sufficientStatistic,
  sumByOwner,
  Surrogate,
  ThreeLogit,
  toTokenBatch,
  TWO_STAGE,
  twoStageAccuracy,
  type TwoStageRates,
  weighedCycles
} from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory, tinyLogits, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose, largestDifference } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { interiorRates } from "../support/TwoStageArbitraries.ts"
import { enumerateTrajectories, succeeds } from "../support/TwoStageTrajectories.ts"
import { gradient } from "../support/Autodiff.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { floats, times } from "../support/Differentiable.ts"
import {
  enumerate,
  expectation,
  expectedVector,
  probabilities,
  scored,
  siteLogProbs,
  tokensOf,
  trajectoryLogProb,
  weightedScore
} from "../support/TinyPolicy.ts"

const trajectories = enumerate(2)
const anyTrajectory = fc.constantFrom(...trajectories)
/** The gradient of p·c/(1 − γ(1 − S)) on (θ_S, θ_C, θ_W), by central differences. */
const discountedPush = (rates: TwoStageRates, gamma: number): Float64Array =>
  centralDifference(
    ([sampleCorrect, stopGivenCorrect, resampleGivenWrong]) => {
      const at = ThreeLogit.ratesOf({
        sampleCorrect: sampleCorrect!,
        stopGivenCorrect: stopGivenCorrect!,
        resampleGivenWrong: resampleGivenWrong!
      })
      return (at.sampleCorrect * at.stopGivenCorrect) / (1 - gamma * (1 - stopProbability(at)))
    },
    Object.values(ThreeLogit.logitsOf(rates))
  )

const advantages = fc.array(advantage, { minLength: trajectories.length, maxLength: trajectories.length })

describe("C09 Theorem 3.1: Q_S = Q_D = γ^{T−t}·A", () => {
  it("for every trajectory, advantage and discount, the recursion equals the formula", () => {
    fc.assert(
      fc.property(scoredTrajectory(), advantage, discount, (trajectory, A, gamma) => {
        const recursion = Surrogate.qValues(trajectory, { advantage: A, gamma })
        const formula = Surrogate.closedSum(trajectory, { advantage: A, gamma })
        expectAllClose(recursion.sampling, formula.sampling)
        expectAllClose(recursion.decision, formula.decision)
        expectAllClose(recursion.tokens.flat(), formula.tokens.flat())
      })
    )
  })

  it("for every policy, trajectory and γ, Σ γ^{t−1}·Q·∇log π = γ^{T−1}·A·∇log π(τ), at token and at action level", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, advantage, discount, (logits, cycles, A, gamma) => {
        const weights = Surrogate.scoreWeights(scored(logits, logits, cycles), { advantage: A, gamma })
        const whole = gradient(
          (algebra, parameters) =>
            times(algebra, gamma ** (cycles.length - 1) * A, trajectoryLogProb(algebra, siteLogProbs(algebra, parameters), cycles)),
          logits
        )
        expectAllClose(weightedScore(logits, cycles, inTokenOrder(weights, "token")), whole)
        expectAllClose(weightedScore(logits, cycles, inTokenOrder(weights, "action")), whole)
      }),
      { numRuns: 25 }
    )
  })

  it("for every policy, the mean of the weighted scores over all trajectories is autodiff of E[γ^{T−1}·A]", () => {
    fc.assert(
      fc.property(tinyLogits, advantages, discount, (logits, A, gamma) => {
        const sampled = expectedVector(logits, trajectories, (cycles, index) =>
          weightedScore(
            logits,
            cycles,
            inTokenOrder(Surrogate.scoreWeights(scored(logits, logits, cycles), { advantage: A[index]!, gamma }))
          ))
        const exact = gradient(
          (algebra, parameters) =>
            expectation(
              algebra,
              siteLogProbs(algebra, parameters),
              trajectories,
              (cycles) => algebra.constant(gamma ** (cycles.length - 1) * A[trajectories.indexOf(cycles)]!)
            ),
          logits
        )
        expectAllClose(sampled, exact)
      }),
      { numRuns: 10 }
    )
  })
})

describe("C09 A.4: which objective has Q = γ^{T−t}·A in Lemma 2", () => {
  /** The gradient of E[weight(T)·A], exact over all trajectories. */
  const exactGradient = (logits: ReadonlyArray<number>, A: ReadonlyArray<number>, weight: (cycles: number) => number) =>
    gradient(
      (algebra, parameters) =>
        expectation(
          algebra,
          siteLogProbs(algebra, parameters),
          trajectories,
          (cycles) => algebra.constant(weight(cycles.length) * A[trajectories.indexOf(cycles)]!)
        ),
      logits
    )

  it("at γ = 1, for every policy, eq. 6's: the gradient of E_old[(π/π_old)·A] at π = π_old", () => {
    fc.assert(
      fc.property(tinyLogits, advantages, (logits, A) => {
        const old = probabilities(logits, trajectories)
        const ratioWeighted = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          const terms = trajectories.map((cycles, index) => {
            const ratio = algebra.divide(algebra.exp(trajectoryLogProb(algebra, sites, cycles)), algebra.constant(old[index]!))
            return times(algebra, old[index]! * A[index]!, ratio)
          })
          return terms.reduce(algebra.add)
        }, logits)
        const weighted = expectedVector(
          logits,
          trajectories,
          (cycles, index) =>
            weightedScore(logits, cycles, inTokenOrder(Surrogate.scoreWeights(scored(logits, logits, cycles), { advantage: A[index]! })))
        )
        expectAllClose(weighted, ratioWeighted)
      }),
      { numRuns: 10 }
    )
  })

  it("refuted for γ < 1: it is that of E[γ^{T−1}·A], which is not eq. 6's (counterexample found)", () => {
    expectCounterexample(fc.tuple(tinyLogits, advantages, grid(0.1, 0.9)), ([logits, A, gamma]) => {
      const eq6 = exactGradient(logits, A, () => 1)
      return largestDifference(exactGradient(logits, A, (cycles) => gamma ** (cycles - 1)), eq6) < 1e-3
    })
  })

  it("on three logits with A = 1 on a correct STOP: E[γ^{T−1}·A] = p·c/(1 − γ(1 − S)), whose push on RESAMPLE falls against that on sampling", () => {
    fc.assert(
      fc.property(interiorRates, discount, (rates, gamma) => {
        const maxCycles = 9
        const total = enumerateTrajectories(rates, maxCycles)
          .reduce((sum, { cycles, probability }) => (succeeds(cycles) ? sum + probability * gamma ** (cycles.length - 1) : sum), 0)
        const going = gamma * (1 - stopProbability(rates))
        expectClose(total, (rates.sampleCorrect * rates.stopGivenCorrect * (1 - going ** maxCycles)) / (1 - going))
      }),
      { numRuns: 30 }
    )
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }
    const ratios = [1, 0.9, 0.7, 0.5].map((gamma) => {
      const push = discountedPush(rates, gamma)
      return push[2]! / push[0]!
    })
    expectAllClose(ratios, [0.6, 0.469565, 0.289655, 0.171429], 1e-5)
  })

  it("and with an advantage of mean 0, any group-relative one, the discount scales that gradient by S/(1 − γ(1 − S)) and turns it nowhere", () => {
    const estimators = [Advantage.groupRelative(), Advantage.rloo(), Advantage.drGrpo()]
    fc.assert(
      fc.property(interiorRates, discount, fc.constantFrom(...estimators), (rates, gamma, estimator) => {
        // E[A | right] and E[A | wrong] of a trajectory in a group of four, over the other three.
        const accuracy = twoStageAccuracy(rates)
        const meanAdvantage = (own: number) =>
          [0, 1, 2, 3].reduce((sum, right) => {
            const rewards = Float64Array.from([own, 0, 0, 0], (reward, i) => (i > 0 && i <= right ? 1 : reward))
            const chance = [1, 3, 3, 1][right]! * accuracy ** right * (1 - accuracy) ** (3 - right)
            return sum + chance * Advantage.advantages(estimator, rewards, Int32Array.of(0, 4))[0]!
          }, 0)
        const [ofRight, ofWrong] = [meanAdvantage(1), meanAdvantage(0)]
        const push = (discounted: number) =>
          centralDifference((logits) => {
            const [p, c, w] = [sigmoid(logits[0]!), sigmoid(logits[1]!), sigmoid(logits[2]!)]
            const stop = p * c + (1 - p) * (1 - w)
            return (p * c * ofRight + (1 - p) * (1 - w) * ofWrong) / (1 - discounted * (1 - stop))
          }, Object.values(ThreeLogit.logitsOf(rates)))
        const stop = stopProbability(rates)
        expectAllClose(push(gamma), push(1).map((slope) => (slope * stop) / (1 - gamma * (1 - stop))), 1e-7)
        expect(push(1)[0]!).toBeGreaterThan(0)
      }),
      { numRuns: 50 }
    )
  })
})

describe("C10 Theorem 3.1: the advantage weighs both sub-policies symmetrically", () => {
  it("for every trajectory, every token and every decision has one weight, and one statistic serves both: balanced", () => {
    fc.assert(
      fc.property(scoredTrajectory(), advantage, discount, (trajectory, A, gamma) => {
        const options = { advantage: A, gamma }
        const weights = inTokenOrder(Surrogate.scoreWeights(trajectory, options))
        const expected = gamma ** (trajectory.attempts.length - 1) * A
        expectAllClose(weights, weights.map(() => expected))
        const q = Surrogate.qValues(trajectory, options)
        expect(sufficientStatistic([q])._tag).toBe("Statistic")
        const found = attribution([weighedCycles(q, options)])
        expect(found.verdict).toBe(expected === 0 ? "none" : "balanced")
        if (expected !== 0) expectClose(found.ratio!, 1)
      })
    )
  })

  it("qualified: per action the weights are equal, but an answer of L tokens adds L scores against the decision's one", () => {
    fc.assert(
      fc.property(scoredTrajectory({ maxAttempts: 1, maxTokens: 9 }), advantage, (trajectory, A) => {
        fc.pre(A !== 0)
        const batch = toTokenBatch([trajectory])
        const weights = inTokenOrder(Surrogate.scoreWeights(trajectory, { advantage: A }))
        const [sampling, decision] = sumByOwner(weights, batch, TWO_STAGE)
        expectClose(sampling![0]! / decision![0]!, trajectory.attempts[0]!.tokenLogProbs.length)
      })
    )
  })
})

describe("C12 A.4: the importance ratio factorises, and at θ_old the gradient is E[A ∇log π]", () => {
  it("for every two policies, π(τ)/π_old(τ) is the product of the two sub-policies' token ratios", () => {
    fc.assert(
      fc.property(tinyLogits, tinyLogits, anyTrajectory, (logits, old, cycles) => {
        const batch = toTokenBatch([scored(logits, old, cycles)])
        const logRatios = batch.logProbs.map((value, token) => value - batch.referenceLogProbs![token]!)
        const [sampling, decision] = sumByOwner(logRatios, batch, TWO_STAGE)
        const [now] = probabilities(logits, [cycles])
        const [before] = probabilities(old, [cycles])
        expectClose(Math.exp(sampling![0]!) * Math.exp(decision![0]!), now! / before!)
      })
    )
  })

  it("for every two policies, autodiff of E_old[(π/π_old)·A] is E_old[(π/π_old)·A·∇log π], on-policy E[A ∇log π]", () => {
    fc.assert(
      fc.property(tinyLogits, fc.option(tinyLogits), advantages, (logits, otherOld, A) => {
        const old = otherOld ?? logits
        const before = probabilities(old, trajectories)
        const now = probabilities(logits, trajectories)
        const exact = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          return trajectories
            .map((cycles, index) => {
              const oldLogProb = algebra.constant(trajectoryLogProb(floats, siteLogProbs(floats, old), cycles))
              const ratio = algebra.exp(algebra.subtract(trajectoryLogProb(algebra, sites, cycles), oldLogProb))
              return times(algebra, before[index]! * A[index]!, ratio)
            })
            .reduce(algebra.add)
        }, logits)
        const sampled = expectedVector(
          old,
          trajectories,
          (cycles, index) => weightedScore(logits, cycles, tokensOf(cycles).map(() => (now[index]! / before[index]!) * A[index]!))
        )
        expectAllClose(sampled, exact)
      }),
      { numRuns: 10 }
    )
  })

  it("for every trajectory, the loss that a trainer runs has, on-policy, the recursion's weights with the sign of a loss", () => {
    fc.assert(
      fc.property(
        fc.array(scoredTrajectory(), { minLength: 1, maxLength: 3 }),
        advantage,
        fc.constantFrom("none", "token", "sequence"),
        (group, A, ratio) => {
          const batch = toTokenBatch(group, { advantages: group.map(() => A), onPolicy: true })
          const { derivative } = Objective.evaluate(Objective.surrogate({ ratio }), batch, TWO_STAGE)
          const weights = group.flatMap((trajectory) => [...inTokenOrder(Surrogate.scoreWeights(trajectory, { advantage: A }))])
          expectAllClose(derivative, weights.map((weight) => -weight))
        }
      )
    )
  })
})

describe("C13 Footnote 8: clipping is left out, and this is where it matters", () => {
  const clipped = Objective.surrogate({ clipLow: 0.2, clipHigh: 0.28 })
  const simple = Objective.surrogate({ clipLow: null, clipHigh: null })

  it("for every batch, the clipped gradient is the simple one, or 0 exactly where r > 1 + εₕ and A > 0, or r < 1 − εₗ and A < 0", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        const a = Objective.evaluate(clipped, batch, TWO_STAGE).derivative
        const b = Objective.evaluate(simple, batch, TWO_STAGE).derivative
        const expected = b.map((value, token) => {
          const ratio = Math.exp(batch.logProbs[token]! - batch.oldLogProbs[token]!)
          const A = batch.advantages[token]!
          return (ratio > 1.28 && A > 0) || (ratio < 0.8 && A < 0) ? 0 : value
        })
        expectAllClose(a, expected)
      })
    )
  })

  it("for every batch at θ = θ_old, the two are the same", () => {
    fc.assert(
      fc.property(tokenBatch(), (batch) => {
        const onPolicy = { ...batch, oldLogProbs: batch.logProbs }
        expectAllClose(
          Objective.evaluate(clipped, onPolicy, TWO_STAGE).derivative,
          Objective.evaluate(simple, onPolicy, TWO_STAGE).derivative
        )
      })
    )
  })

  it("qualified: off-policy even the unclipped ratio per token is not the trajectory's ratio of Theorem 3.1 (counterexample found)", () => {
    expectCounterexample(fc.tuple(tinyLogits, tinyLogits, anyTrajectory), ([logits, old, cycles]) => {
      const trajectory = scored(logits, old, cycles)
      const batch = { ...toTokenBatch([trajectory], { advantages: [1] }), oldLogProbs: toTokenBatch([scored(old, old, cycles)]).logProbs }
      const { derivative } = Objective.evaluate(simple, batch, TWO_STAGE)
      const ratio = probabilities(logits, [cycles])[0]! / probabilities(old, [cycles])[0]!
      return largestDifference(derivative, derivative.map(() => -ratio)) < 1e-3
    })
  })
})
