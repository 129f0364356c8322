import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  inTokenOrder,
  Kl,
  klDivergence,
  KlPenalty,
  logProb,
  logSoftmax,
  Objective,
  type ScoredTrajectory,
  softmax,
  sufficientStatistic,
  sumByOwner,
  type TokenBatch,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { advantage, discount, grid, logits, scoredTrajectory, tinyLogits } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose, largestDifference } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { type Algebra, floats, logSoftmaxOf, sumOf, times } from "../support/Differentiable.ts"
import { enumerate, expectation, expectedVector, scored, siteLogProbs, tokensOf, weightedScore } from "../support/TinyPolicy.ts"

const trajectories = enumerate(2)

describe("C14 eq. 11: the KL penalty is a sum over tokens, split by sub-policy", () => {
  it("for every trajectory, the immediate terms add up to −β·(log π(τ) − log π_ref(τ)), and by sub-policy to the token batch's", () => {
    fc.assert(
      fc.property(scoredTrajectory(), grid(0, 2), (trajectory, beta) => {
        const { decision, sampling } = KlPenalty.immediate(trajectory, { beta })
        const reference: ScoredTrajectory = {
          attempts: trajectory.attempts.map((attempt) => ({
            ...attempt,
            tokenLogProbs: attempt.referenceTokenLogProbs!,
            decisionLogProb: attempt.referenceDecisionLogProb!
          }))
        }
        const total = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0)
        expectClose(total(sampling) + total(decision), -beta * (logProb(trajectory) - logProb(reference)))
        const batch = toTokenBatch([trajectory])
        const parts = sumByOwner(Kl.tokenRewards(Kl.inReward({ beta }), batch), batch, TWO_STAGE)
        expectClose(total(sampling), parts[0]![0]!)
        expectClose(total(decision), parts[1]![0]!)
      })
    )
  })
})

describe("C15 Theorem 3.2: the KL penalty's Q", () => {
  it("for every trajectory, β and γ, the recursion equals the sum over all penalties to come", () => {
    fc.assert(
      fc.property(scoredTrajectory(), grid(0, 2), discount, (trajectory, beta, gamma) => {
        const recursion = KlPenalty.qValues(trajectory, { beta, gamma })
        const sum = KlPenalty.closedSum(trajectory, { beta, gamma })
        expectAllClose(recursion.sampling, sum.sampling)
        expectAllClose(recursion.decision, sum.decision)
        expectAllClose(recursion.tokens.flat(), sum.tokens.flat())
        recursion.sampling.forEach((q, cycle) =>
          expectClose(q - recursion.decision[cycle]!, KlPenalty.immediate(trajectory, { beta }).sampling[cycle]!)
        )
      })
    )
  })

  it("for every batch, the in-reward advantages of a trainer are the weights γ^{t−1}·Q of the theory", () => {
    fc.assert(
      fc.property(fc.array(scoredTrajectory(), { minLength: 1, maxLength: 3 }), grid(0, 2), discount, (group, beta, gamma) => {
        const inBatch = Kl.rewardAdvantages(Kl.inReward({ beta, gamma }), toTokenBatch(group))
        const byTrajectory = group.flatMap((each) => [...inTokenOrder(KlPenalty.scoreWeights(each, { beta, gamma }))])
        expectAllClose(inBatch, byTrajectory)
      })
    )
  })

  it("for every two policies and γ, Σ γ^{t−1}·Q·∇log π has, at token and at action level, the exact −β·KL's gradient as mean", () => {
    fc.assert(
      fc.property(tinyLogits, tinyLogits, grid(0.01, 2), discount, (policy, reference, beta, gamma) => {
        const referenceSites = siteLogProbs(floats, reference)
        const exact = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          return expectation(algebra, sites, trajectories, (cycles) =>
            sumOf(
              algebra,
              tokensOf(cycles).map(({ choice, cycle, site }) => {
                const logRatio = algebra.subtract(sites[site]![choice]!, algebra.constant(referenceSites[site]![choice]!))
                return times(algebra, -beta * gamma ** cycle, logRatio)
              })
            ))
        }, policy)
        for (const level of ["token", "action"] as const) {
          const sampled = expectedVector(policy, trajectories, (cycles) =>
            weightedScore(
              policy,
              cycles,
              inTokenOrder(KlPenalty.scoreWeights(scored(policy, reference, cycles), { beta, gamma }), level)
            ))
          expectAllClose(sampled, exact, 1e-9, level)
        }
      }),
      { numRuns: 10 }
    )
  })
})

const cyclesOf = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 4 })

describe("C19 Theorem 3.2: no single sufficient statistic serves both sub-policies", () => {
  it("for every future F, Q_S = r_S + F and Q_D = r_D + F have one statistic iff r_S = r_D in every cycle", () => {
    const cycle = fc.record({ future: advantage, sampling: advantage, decision: advantage, equal: fc.integer({ min: 0, max: 3 }) })
    fc.assert(
      fc.property(cyclesOf(cycle), (cycles) => {
        const rewards = cycles.map(({ decision, equal, future, sampling }) => ({
          future,
          decision,
          sampling: equal > 0 ? decision : sampling
        }))
        const result = sufficientStatistic([
          {
            sampling: rewards.map(({ future, sampling }) => sampling + future),
            decision: rewards.map(({ decision, future }) => decision + future)
          }
        ])
        const differing = rewards.findIndex(({ decision, sampling }) => decision !== sampling)
        expect(result._tag).toBe(differing < 0 ? "Statistic" : "Contradiction")
        if (result._tag === "Contradiction") {
          expect(result.witnesses[0]!.cycle).toBe(differing)
          expectClose(result.gap, rewards[differing]!.sampling - rewards[differing]!.decision)
        }
      })
    )
  })

  it("for every trajectory, the KL recursion's own tables contradict each other by r_S in the first cycle where r_S ≠ 0", () => {
    fc.assert(
      fc.property(scoredTrajectory(), grid(0.01, 2), discount, (trajectory, beta, gamma) => {
        const { sampling } = KlPenalty.immediate(trajectory, { beta, gamma })
        const result = sufficientStatistic([KlPenalty.qValues(trajectory, { beta, gamma })])
        const first = sampling.findIndex((value) => Math.abs(value) > 1e-8)
        if (first < 0) return
        expect(result._tag).toBe("Contradiction")
        if (result._tag === "Contradiction") expectClose(result.gap, sampling[result.witnesses[0]!.cycle]!)
      })
    )
  })

  it("qualified (footnote 10): a value function exists all the same, Q = r + γ·V with V = Q_S of the next cycle", () => {
    fc.assert(
      fc.property(scoredTrajectory(), grid(0.01, 2), discount, (trajectory, beta, gamma) => {
        const q = KlPenalty.closedSum(trajectory, { beta, gamma })
        const r = KlPenalty.immediate(trajectory, { beta })
        q.decision.forEach((value, cycle) => expectClose(value, r.decision[cycle]! + gamma * (q.sampling[cycle + 1] ?? 0)))
      })
    )
  })
})

const OPTIONS = 3
const pair = fc.tuple(logits(OPTIONS), logits(OPTIONS))

/** Every option of a softmax as a sequence of one token: the batch over which a mean is exact. */
const everyOption = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>, old = policy): TokenBatch => ({
  offsets: Int32Array.from({ length: OPTIONS + 1 }, (_, option) => option),
  owner: new Uint8Array(OPTIONS),
  logProbs: logSoftmax(policy),
  oldLogProbs: logSoftmax(old),
  referenceLogProbs: logSoftmax(reference)
})

/** E over options sampled from `sampler` of derivative·∇log π, by the softmax's own score. */
const meanGradient = (sampler: ReadonlyArray<number>, policy: ReadonlyArray<number>, derivative: Float64Array): Float64Array => {
  const weights = softmax(sampler)
  const total = new Float64Array(OPTIONS)
  const now = softmax(policy)
  derivative.forEach((slope, option) => {
    for (let entry = 0; entry < OPTIONS; entry++) {
      total[entry]! += weights[option]! * slope * ((entry === option ? 1 : 0) - now[entry]!)
    }
  })
  return total
}

const inLossGradient = (
  options: Parameters<typeof Objective.klInLoss>[0],
  policy: ReadonlyArray<number>,
  reference: ReadonlyArray<number>,
  old = policy
) =>
  meanGradient(
    old,
    policy,
    Objective.evaluate(Objective.klInLoss(options), everyOption(policy, reference, old), TWO_STAGE).derivative
  )

/** REINFORCE on the penalty as a reward: the gradient of the loss, so of +KL where the estimator is faithful. */
const inRewardGradient = (estimator: "k1" | "k2" | "k3" | "abs", policy: ReadonlyArray<number>, reference: ReadonlyArray<number>) => {
  const batch = everyOption(policy, reference)
  const advantages = Kl.rewardAdvantages(Kl.inReward({ beta: 1, estimator }), batch)
  const { derivative } = Objective.evaluate(Objective.surrogate({ ratio: "none" }), { ...batch, advantages }, TWO_STAGE)
  return meanGradient(policy, policy, derivative)
}

const reverseKl = <T>(algebra: Algebra<T>, policy: ReadonlyArray<T>, reference: ReadonlyArray<number>): T => {
  const logRef = logSoftmax(reference)
  const terms = logSoftmaxOf(algebra, policy).map((logP, option) =>
    algebra.multiply(algebra.exp(logP), algebra.subtract(logP, algebra.constant(logRef[option]!)))
  )
  return sumOf(algebra, terms)
}

const forwardKl = <T>(algebra: Algebra<T>, policy: ReadonlyArray<T>, reference: ReadonlyArray<number>): T => {
  const ref = softmax(reference)
  const terms = logSoftmaxOf(algebra, policy).map((logP, option) =>
    times(algebra, ref[option]!, algebra.subtract(algebra.constant(Math.log(ref[option]!)), logP))
  )
  return sumOf(algebra, terms)
}

const reverseGradient = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>) =>
  gradient((algebra, parameters) => reverseKl(algebra, parameters, reference), policy)
const forwardGradient = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>) =>
  gradient((algebra, parameters) => forwardKl(algebra, parameters, reference), policy)

const forEveryPair = (law: (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>) => void) =>
  fc.assert(fc.property(pair, ([policy, reference]) => law(policy, reference)), { numRuns: 40 })

describe("C46 KL estimator × placement: the expected gradient, by exact enumeration of a softmax", () => {
  it("k1, k2 and k3 have means KL(π‖π_ref), E[x²]/2 and KL(π‖π_ref); abs has mean E|x|", () => {
    forEveryPair((policy, reference) => {
      const p = softmax(policy)
      const logP = logSoftmax(policy)
      const logRef = logSoftmax(reference)
      const meanOf = (estimator: Kl.Estimator) =>
        p.reduce((sum, weight, option) => sum + weight * Kl.value(estimator, logP[option]!, logRef[option]!), 0)
      expectClose(meanOf("k1"), klDivergence(logP, logRef))
      expectClose(meanOf("k3"), klDivergence(logP, logRef))
      expectClose(meanOf("k3-straight-through"), klDivergence(logP, logRef))
      expectClose(meanOf("k2"), p.reduce((sum, weight, option) => sum + (weight * (logP[option]! - logRef[option]!) ** 2) / 2, 0))
      expectClose(meanOf("abs"), p.reduce((sum, weight, option) => sum + weight * Math.abs(logP[option]! - logRef[option]!), 0))
    })
  })

  it("k1 in the loss: zero", () => {
    forEveryPair((policy, reference) => {
      expectAllClose(inLossGradient({ beta: 1, estimator: "k1" }, policy, reference), new Float64Array(OPTIONS))
    })
  })

  it("k2 in the loss, and k1, k3 and abs straight through: the reverse KL's gradient", () => {
    forEveryPair((policy, reference) => {
      const exact = reverseGradient(policy, reference)
      expectAllClose(inLossGradient({ beta: 1, estimator: "k2" }, policy, reference), exact)
      for (const estimator of Kl.ESTIMATORS.filter(Kl.isStraightThrough)) {
        expectAllClose(inLossGradient({ beta: 1, estimator }, policy, reference), exact)
      }
    })
  })

  it("k3 in the loss: the forward KL's gradient, weight 1 − π_ref/π a token", () => {
    forEveryPair((policy, reference) => {
      expectAllClose(inLossGradient({ beta: 1, estimator: "k3" }, policy, reference), forwardGradient(policy, reference))
      const weights = softmax(policy).map((p, option) => 1 - softmax(reference)[option]! / p)
      expectAllClose(meanGradient(policy, policy, weights), forwardGradient(policy, reference))
    })
  })

  it("abs in the loss: the gradient of the L1 distance ‖π − π_ref‖₁", () => {
    forEveryPair((policy, reference) => {
      fc.pre(softmax(policy).every((p, option) => Math.abs(p - softmax(reference)[option]!) > 1e-6))
      const exact = gradient((algebra, parameters) => {
        const terms = logSoftmaxOf(algebra, parameters).map((logP, option) => {
          const gap = algebra.subtract(algebra.exp(logP), algebra.constant(softmax(reference)[option]!))
          return algebra.maximum(gap, times(algebra, -1, gap))
        })
        return sumOf(algebra, terms)
      }, policy)
      expectAllClose(inLossGradient({ beta: 1, estimator: "abs" }, policy, reference), exact)
    })
  })

  it("k1 and k3 in the loss, corrected by the importance ratio: the reverse KL's gradient, on-policy and off", () => {
    fc.assert(
      fc.property(pair, fc.option(logits(OPTIONS)), ([policy, reference], other) => {
        const old = other ?? policy
        const exact = reverseGradient(policy, reference)
        expectAllClose(inLossGradient({ beta: 1, estimator: "k1", corrected: true }, policy, reference, old), exact)
        expectAllClose(inLossGradient({ beta: 1, estimator: "k3", corrected: true }, policy, reference, old), exact)
      }),
      { numRuns: 40 }
    )
  })

  it("k1 in the reward: the reverse KL's gradient", () => {
    forEveryPair((policy, reference) => {
      expectAllClose(inRewardGradient("k1", policy, reference), reverseGradient(policy, reference))
    })
  })

  it("k3 in the reward: the reverse KL's gradient minus the forward KL's, so it vanishes to first order at the reference", () => {
    forEveryPair((policy, reference) => {
      const forward = forwardGradient(policy, reference)
      const difference = reverseGradient(policy, reference).map((value, entry) => value - forward[entry]!)
      expectAllClose(inRewardGradient("k3", policy, reference), difference)
    })
  })

  it("biased: k2 and k3 in the reward, corrected k2 and uncorrected k3 in the loss are not the reverse KL's gradient (counterexamples found)", () => {
    const candidates = {
      "k2 in the reward": (p: ReadonlyArray<number>, r: ReadonlyArray<number>) => inRewardGradient("k2", p, r),
      "k3 in the reward": (p: ReadonlyArray<number>, r: ReadonlyArray<number>) => inRewardGradient("k3", p, r),
      "corrected k2 in the loss": (p: ReadonlyArray<number>, r: ReadonlyArray<number>) =>
        inLossGradient({ beta: 1, estimator: "k2", corrected: true }, p, r),
      "k3 in the loss": (p: ReadonlyArray<number>, r: ReadonlyArray<number>) => inLossGradient({ beta: 1, estimator: "k3" }, p, r)
    }
    for (const [name, candidate] of Object.entries(candidates)) {
      const found = expectCounterexample(
        pair,
        ([policy, reference]) => largestDifference(candidate(policy, reference), reverseGradient(policy, reference)) < 1e-3
      )
      expect([name, found.length]).toEqual([name, 2])
    }
  })
})
