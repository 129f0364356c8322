import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  inTokenOrder,
  logSoftmax,
  Objective,
  Sft,
  softmax,
  sufficientStatistic,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { discount, grid, logits, scoredTrajectory, tinyLogits } from "../support/Arbitraries.ts"
import { DIFFERENCE, expectAllClose, expectClose, largestDifference } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { type Algebra, floats, logSoftmaxOf, sumOf, times } from "../support/Differentiable.ts"
import {
  type Cycles,
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
const positiveDiscount = discount.filter((gamma) => gamma > 0)

describe("C27 section 5.1: SFT is a KL divergence to the data distribution", () => {
  it("for every data distribution and policy, the SFT loss's gradient is that of the forward KL(data‖π)", () => {
    fc.assert(
      fc.property(logits(4), logits(4), (dataLogits, policy) => {
        const data = softmax(dataLogits)
        const forwardKl = gradient((algebra, parameters) => {
          const terms = logSoftmaxOf(algebra, parameters).map((logP, option) =>
            times(algebra, data[option]!, algebra.subtract(algebra.constant(Math.log(data[option]!)), logP))
          )
          return sumOf(algebra, terms)
        }, policy)
        const batch = { offsets: Int32Array.of(0, 1, 2, 3, 4), owner: new Uint8Array(4), logProbs: logSoftmax(policy) }
        const { derivative } = Objective.evaluate(Objective.nll(), batch, TWO_STAGE)
        const p = softmax(policy)
        const expected = p.map((_, entry) =>
          derivative.reduce((sum, slope, option) => sum + data[option]! * slope * ((option === entry ? 1 : 0) - p[entry]!), 0)
        )
        expectAllClose(expected, forwardKl)
      }),
      { numRuns: 40 }
    )
  })
})

describe("C30 Lemma 3: the SFT gradient is a policy gradient with implicit reward 1/π on the demonstration", () => {
  it("for every policy and demonstration y*, ∇log π(y*) = E_π[(1[y = y*]/π(y)) ∇log π(y)]", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (policy, demonstration) => {
        const sft = gradient((algebra, parameters) => trajectoryLogProb(algebra, siteLogProbs(algebra, parameters), demonstration), policy)
        const mass = probabilities(policy, trajectories)
        const policyGradient = expectedVector(
          policy,
          trajectories,
          (cycles, index) => weightedScore(policy, cycles, tokensOf(cycles).map(() => (cycles === demonstration ? 1 / mass[index]! : 0)))
        )
        expectAllClose(policyGradient, sft)
        const lossWeights = Sft.lossScoreWeights(scored(policy, policy, demonstration))
        expectAllClose(weightedScore(policy, demonstration, inTokenOrder(lossWeights)), sft)
      }),
      { numRuns: 15 }
    )
  })

  it("for every batch, the weights of the SFT loss are those of the loss that a trainer runs, with the sign of a loss", () => {
    fc.assert(
      fc.property(scoredTrajectory(), (trajectory) => {
        const { derivative } = Objective.evaluate(Objective.nll(), toTokenBatch([trajectory]), TWO_STAGE)
        expectAllClose(derivative, inTokenOrder(Sft.lossScoreWeights(trajectory)).map((weight) => -weight))
      })
    )
  })
})

/** Q of the first token of a trajectory as a function of the logits: Σ γ^{cycle}/π over all its tokens. */
const firstQ = <T>(algebra: Algebra<T>, parameters: ReadonlyArray<T>, cycles: Cycles, gamma: number): T => {
  const sites = siteLogProbs(algebra, parameters)
  const terms = tokensOf(cycles).map(({ choice, cycle, site }) =>
    times(algebra, gamma ** cycle, algebra.exp(times(algebra, -1, sites[site]![choice]!)))
  )
  return sumOf(algebra, terms)
}

describe("C31 Theorem D.1: the SFT recursion, its closed sum, and its entanglement with the policy", () => {
  it("for every trajectory and γ, the recursion equals the sum of all 1/π to come", () => {
    fc.assert(
      fc.property(scoredTrajectory(), discount, (trajectory, gamma) => {
        const recursion = Sft.qValues(trajectory, { gamma })
        const sum = Sft.closedSum(trajectory, { gamma })
        expectAllClose(recursion.sampling, sum.sampling)
        expectAllClose(recursion.decision, sum.decision)
        expectAllClose(recursion.tokens.flat(), sum.tokens.flat())
      })
    )
  })

  it("for every policy and γ, it is the exact Q of the implicit reward 1/π held constant, at token and at action level", () => {
    fc.assert(
      fc.property(tinyLogits, discount, (policy, gamma) => {
        const exact = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          return expectation(algebra, sites, trajectories, (cycles) => algebra.fixed(firstQ(algebra, parameters, cycles, gamma)))
        }, policy)
        for (const level of ["token", "action"] as const) {
          const sampled = expectedVector(
            policy,
            trajectories,
            (cycles) => weightedScore(policy, cycles, inTokenOrder(Sft.scoreWeights(scored(policy, policy, cycles), { gamma }), level))
          )
          expectAllClose(sampled, exact, 1e-9, level)
        }
      }),
      { numRuns: 10 }
    )
  })

  it("for every policy and trajectory, ∂Q/∂θ = −Σ (γ^{k−t}/π)·∇log π over the tokens to come: autodiff, central differences of Q itself and the formula", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, discount, (policy, cycles, gamma) => {
        const autodiff = gradient((algebra, parameters) => firstQ(algebra, parameters, cycles, gamma), policy)
        const numeric = centralDifference(
          (at) => Sft.qValues(scored([...at], policy, cycles), { gamma }).tokens[0]![0]!,
          policy
        )
        const inverse = inTokenOrder(Sft.immediate(scored(policy, policy, cycles)))
        const formula = weightedScore(policy, cycles, tokensOf(cycles).map(({ cycle }, token) => -(gamma ** cycle) * inverse[token]!))
        expectAllClose(autodiff, formula)
        expectAllClose(numeric, autodiff, DIFFERENCE)
        expect(largestDifference(autodiff, new Float64Array(policy.length))).toBeGreaterThan(0)
      }),
      { numRuns: 10 }
    )
  })
})

describe("C32 Theorem D.1 refuted as stated: these Q do not reproduce the SFT gradient along a demonstration", () => {
  it("the property runner finds a demonstration where Σ Q·∇log π, and Σ π·Q·∇log π, is not the SFT loss's gradient", () => {
    const differsFrom = (weigh: (q: number, probability: number) => number) =>
      expectCounterexample(fc.tuple(tinyLogits, anyTrajectory, positiveDiscount), ([policy, cycles, gamma]) => {
        const trajectory = scored(policy, policy, cycles)
        const q = inTokenOrder(Sft.qValues(trajectory, { gamma }))
        const { logProbs } = toTokenBatch([trajectory])
        const weights = q.map((value, token) => weigh(value, Math.exp(logProbs[token]!)))
        const lossWeights = inTokenOrder(Sft.lossScoreWeights(trajectory))
        return largestDifference(weightedScore(policy, cycles, weights), weightedScore(policy, cycles, lossWeights)) < 1e-3
      })
    differsFrom((q) => q)
    differsFrom((q, probability) => probability * q)
  })

  it("a counterexample by hand: one token of probability ½, then STOP of probability ½: Q = 4 and 2, the loss's weights 1 and 1", () => {
    const half = Math.log(0.5)
    const trajectory = { attempts: [{ tokenLogProbs: [half], decision: "STOP" as const, decisionLogProb: half }] }
    expectAllClose(inTokenOrder(Sft.qValues(trajectory)), [4, 2])
    expectAllClose(inTokenOrder(Sft.lossScoreWeights(trajectory)), [1, 1])
  })

  it("for every trajectory and γ > 0, π·Q is the loss's weight 1 on the last decision and larger than 1 everywhere else", () => {
    fc.assert(
      fc.property(scoredTrajectory(), positiveDiscount, (trajectory, gamma) => {
        const { logProbs } = toTokenBatch([trajectory])
        const weights = inTokenOrder(Sft.qValues(trajectory, { gamma })).map((q, token) => q * Math.exp(logProbs[token]!))
        expectClose(weights.at(-1)!, 1)
        expect(weights.slice(0, -1).every((weight) => weight > 1)).toBe(true)
      })
    )
  })
})

describe("C30, C32: Lemma 3 token by token, and the exact Q of its reward", () => {
  const positionsOf = (cycles: Cycles) => tokensOf(cycles).map((_, position) => tokensOf(cycles).slice(0, position + 1))

  it("for every policy and demonstration, with its states teacher-forced: Σ_t E_{a~π(·|s_t)}[(1[a = y_t]/π(a|s_t))·∇log π(a|s_t)] is the SFT gradient", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (policy, demonstration) => {
        const sites = siteLogProbs(floats, policy)
        const total = new Float64Array(policy.length)
        for (const { choice, site } of tokensOf(demonstration)) {
          const probabilityOf = sites[site]!.map(Math.exp)
          for (const action of [0, 1]) {
            const reward = action === choice ? 1 / probabilityOf[action]! : 0
            for (const option of [0, 1]) {
              total[2 * site + option]! += probabilityOf[action]! * reward * ((option === action ? 1 : 0) - probabilityOf[option]!)
            }
          }
        }
        expectAllClose(total, gradient((algebra, at) => trajectoryLogProb(algebra, siteLogProbs(algebra, at), demonstration), policy))
      }),
      { numRuns: 25 }
    )
  })

  it("for every policy and demonstration, Q of the reward 1/π(y*) is 1/π(y_≤t) on it: the mean reward of the trajectories that begin like it", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (policy, demonstration) => {
        const mass = probabilities(policy, trajectories)
        const reward = 1 / probabilities(policy, [demonstration])[0]!
        const text = (tokens: ReturnType<typeof tokensOf>) => JSON.stringify(tokens.map(({ choice, site }) => [site, choice]))
        const conditional = positionsOf(demonstration).map((prefix) => {
          const begins = trajectories.map((cycles) => text(tokensOf(cycles).slice(0, prefix.length)) === text(prefix))
          const reach = mass.reduce((sum, probability, index) => (begins[index]! ? sum + probability : sum), 0)
          return (mass[trajectories.indexOf(demonstration)]! * reward) / reach
        })
        const trajectory = scored(policy, policy, demonstration)
        expectAllClose(inTokenOrder(Sft.demonstrationQ(trajectory)), conditional)
        expectAllClose(inTokenOrder(Sft.demonstrationLogQ(trajectory)).map(Math.exp), conditional)
      }),
      { numRuns: 25 }
    )
  })

  it("for every policy and demonstration, its scores under the policy's own visits are the SFT gradient, at token and at action level", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (policy, demonstration) => {
        const sft = gradient((algebra, at) => trajectoryLogProb(algebra, siteLogProbs(algebra, at), demonstration), policy)
        const trajectory = scored(policy, policy, demonstration)
        const q = Sft.demonstrationQ(trajectory)
        const logs = inTokenOrder({
          ...q,
          tokens: trajectory.attempts.map((each) => each.tokenLogProbs),
          decision: trajectory.attempts.map((each) => each.decisionLogProb)
        })
        const visits = logs.map((_, token) => Math.exp(logs.slice(0, token + 1).reduce((sum, logProb) => sum + logProb, 0)))
        expectAllClose(weightedScore(policy, demonstration, inTokenOrder(q).map((value, token) => value * visits[token]!)), sft)
        // As actions: an answer's visits are those of its last token, on all of its scores.
        const ends = positionsOf(demonstration).map((prefix) =>
          Math.max(
            ...tokensOf(demonstration).flatMap(({ cycle, owner }, token) =>
              cycle === prefix.at(-1)!.cycle && owner === prefix.at(-1)!.owner ? [token] : []
            )
          )
        )
        expectAllClose(
          weightedScore(policy, demonstration, inTokenOrder(q, "action").map((value, token) => value * visits[ends[token]!]!)),
          sft
        )
      }),
      { numRuns: 25 }
    )
  })

  it("by hand: one token of probability ½, then STOP of probability ½: Q = 2 and 4, where eq. 18 has 4 and 2", () => {
    const half = Math.log(0.5)
    const trajectory = { attempts: [{ tokenLogProbs: [half], decision: "STOP" as const, decisionLogProb: half }] }
    expectAllClose(inTokenOrder(Sft.demonstrationQ(trajectory)), [2, 4])
    expectAllClose(inTokenOrder(Sft.qValues(trajectory)), [4, 2])
  })

  it("stays finite in nats for demonstrations of any length: 10,000 tokens of probability ½", () => {
    const tokenLogProbs = Array.from({ length: 10_000 }, () => Math.log(0.5))
    const trajectory = { attempts: [{ tokenLogProbs, decision: "STOP" as const, decisionLogProb: Math.log(0.5) }] }
    expectClose(Sft.demonstrationLogQ(trajectory).decision[0]!, 10_001 * Math.LN2)
    expect(Sft.demonstrationQ(trajectory).decision[0]).toBe(Infinity)
  })
})

describe("C33 Corollary 2: no unified statistic for SFT", () => {
  it("for every trajectory and γ, Q_S and Q_D contradict each other by r_S = Σ 1/π ≥ L, never 0", () => {
    fc.assert(
      fc.property(scoredTrajectory(), discount, (trajectory, gamma) => {
        const result = sufficientStatistic([Sft.qValues(trajectory, { gamma })])
        expect(result._tag).toBe("Contradiction")
        if (result._tag !== "Contradiction") return
        const { cycle } = result.witnesses[0]!
        expectClose(result.gap, Sft.immediate(trajectory).sampling[cycle]!, 1e-8)
        expect(result.gap).toBeGreaterThan(trajectory.attempts[cycle]!.tokenLogProbs.length - 1e-6)
      })
    )
  })

  it("even with free weights: two trajectories of different token probabilities have Q pairs on different lines", () => {
    fc.assert(
      fc.property(grid(-4, -0.1), grid(-4, -0.1), grid(-4, -0.1), (first, second, decision) => {
        fc.pre(Math.abs(first - second) > 0.01)
        const one = (logProb: number) =>
          Sft.qValues({ attempts: [{ tokenLogProbs: [logProb], decision: "STOP", decisionLogProb: decision }] })
        expect(sufficientStatistic([one(first), one(second)], { weights: "free" })._tag).toBe("Contradiction")
      })
    )
  })
})
