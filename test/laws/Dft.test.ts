import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Dft,
  growthExponent,
  inTokenOrder,
  KlPenalty,
  logSoftmax,
  Objective,
  OnPolicyDrift,
  type QTable,
  type ScoredTrajectory,
  Sft,
  softmax,
  sufficientStatistic,
  Surrogate,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { discount, grid, logits, scoredTrajectory, tinyLogits } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { sumOf, times } from "../support/Differentiable.ts"
import { enumerate, expectation, expectedVector, scored, siteLogProbs, tokensOf, weightedScore } from "../support/TinyPolicy.ts"

const trajectories = enumerate(2)
const anyTrajectory = fc.constantFrom(...trajectories)
const constant = grid(0.1, 2)

describe("C34 Lemma 4: weighing by sg(π) cancels 1/π, so the DFT gradient is −Σ ∇π", () => {
  it("for every policy and demonstration, autodiff of −Σ sg(π) log π is autodiff of −Σ π, and the loss's weights times the scores", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (policy, cycles) => {
        const taken = tokensOf(cycles)
        const withStop = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          const terms = taken.map(({ choice, site }) => {
            const logP = sites[site]![choice]!
            return algebra.multiply(algebra.fixed(algebra.exp(logP)), logP)
          })
          return times(algebra, -1, sumOf(algebra, terms))
        }, policy)
        const ofProbabilities = gradient((algebra, parameters) => {
          const sites = siteLogProbs(algebra, parameters)
          return times(algebra, -1, sumOf(algebra, taken.map(({ choice, site }) => algebra.exp(sites[site]![choice]!))))
        }, policy)
        const trajectory = scored(policy, policy, cycles)
        const weights = inTokenOrder(Dft.lossScoreWeights(trajectory)).map((weight) => -weight)
        expectAllClose(withStop, ofProbabilities)
        expectAllClose(weightedScore(policy, cycles, weights), ofProbabilities)
        const { derivative } = Objective.evaluate(Objective.dft(), toTokenBatch([trajectory]), TWO_STAGE)
        expectAllClose(derivative, weights)
      }),
      { numRuns: 15 }
    )
  })

  it("for every trajectory, π times SFT's implicit reward 1/π is DFT's constant reward 1", () => {
    fc.assert(
      fc.property(scoredTrajectory(), (trajectory) => {
        const inverse = inTokenOrder(Sft.immediate(trajectory))
        const probability = inTokenOrder(Dft.lossScoreWeights(trajectory))
        expectAllClose(inverse.map((value, token) => value * probability[token]!), inTokenOrder(Dft.immediate(trajectory)))
      })
    )
  })
})

describe("C35 Theorem D.2: the DFT recursion, its closed sum, and its freedom from the policy", () => {
  it("for every trajectory, c and γ, the recursion equals the sum over lengths", () => {
    fc.assert(
      fc.property(scoredTrajectory(), constant, discount, (trajectory, c, gamma) => {
        const recursion = Dft.qValues(trajectory, { constant: c, gamma })
        const sum = Dft.closedSum(trajectory, { constant: c, gamma })
        expectAllClose(recursion.sampling, sum.sampling)
        expectAllClose(recursion.decision, sum.decision)
        expectAllClose(recursion.tokens.flat(), sum.tokens.flat())
      })
    )
  })

  it("for every policy, trajectory and γ, ∂Q/∂θ = 0 for every token's Q", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, constant, discount, (policy, cycles, c, gamma) => {
        const total = (at: ArrayLike<number>) => {
          const q = inTokenOrder(Dft.qValues(scored(Array.from(at), policy, cycles), { constant: c, gamma }))
          return q.reduce((sum, value, token) => sum + (token + 1) * value, 0)
        }
        expectAllClose(centralDifference(total, policy), new Float64Array(policy.length))
      }),
      { numRuns: 15 }
    )
  })

  it("for every policy and γ, it is the exact Q of the constant reward, at token and at action level", () => {
    fc.assert(
      fc.property(tinyLogits, constant, discount, (policy, c, gamma) => {
        const exact = gradient(
          (algebra, parameters) =>
            expectation(
              algebra,
              siteLogProbs(algebra, parameters),
              trajectories,
              (cycles) => algebra.constant(tokensOf(cycles).reduce((sum, { cycle }) => sum + c * gamma ** cycle, 0))
            ),
          policy
        )
        for (const level of ["token", "action"] as const) {
          const sampled = expectedVector(
            policy,
            trajectories,
            (cycles) =>
              weightedScore(policy, cycles, inTokenOrder(Dft.scoreWeights(scored(policy, policy, cycles), { constant: c, gamma }), level))
          )
          expectAllClose(sampled, exact, 1e-9, level)
        }
      }),
      { numRuns: 10 }
    )
  })
})

const ofLengths = (lengths: ReadonlyArray<number>): ScoredTrajectory => ({
  attempts: lengths.map((length, cycle) => ({
    tokenLogProbs: Array.from({ length }, () => -0.5),
    decision: cycle === lengths.length - 1 ? "STOP" : "RESAMPLE",
    decisionLogProb: -0.5
  }))
})

describe("C36 D.4: a length asymmetry remains, Q_D = Θ(ΣL) of the answers to come", () => {
  const someLengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })

  it("for all lengths at γ = 1, Q_D(t) = c·(1 + Σ_{k>t}(L_k + 1)): c times the tokens from this decision on", () => {
    fc.assert(
      fc.property(someLengths, constant, (lengths, c) => {
        const { decision } = Dft.qValues(ofLengths(lengths), { constant: c })
        const tokensFrom = (cycle: number) => 1 + lengths.slice(cycle + 1).reduce((sum, length) => sum + length + 1, 0)
        expectAllClose(decision, lengths.map((_, cycle) => c * tokensFrom(cycle)))
      })
    )
  })

  it("for all lengths, one token more in answer k raises every earlier Q_D(t) by c·γ^{k−t} and no other", () => {
    fc.assert(
      fc.property(someLengths, fc.nat(), constant, discount, (lengths, pick, c, gamma) => {
        const longer = pick % lengths.length
        const before = Dft.qValues(ofLengths(lengths), { constant: c, gamma }).decision
        const after = Dft.qValues(ofLengths(lengths.map((length, k) => length + (k === longer ? 1 : 0))), { constant: c, gamma }).decision
        before.forEach((q, t) => expectClose(after[t]! - q, t < longer ? c * gamma ** (longer - t) : 0))
      })
    )
  })

  it("the first decision's Q grows like L: exponent 1 over lengths, while its own reward is c at any length", () => {
    const points = [64, 128, 256, 512].map((length) => {
      const trajectory = ofLengths([length, length])
      expectClose(Dft.immediate(trajectory).decision[0]!, 1)
      return { length, value: Dft.qValues(trajectory).decision[0]! }
    })
    expect(Math.abs(growthExponent(points).exponent - 1)).toBeLessThan(0.02)
  })

  it("for every trajectory, Q_S − Q_D = c·L_t, so no one statistic serves both", () => {
    fc.assert(
      fc.property(scoredTrajectory(), constant, discount, (trajectory, c, gamma) => {
        const q = Dft.qValues(trajectory, { constant: c, gamma })
        q.sampling.forEach((value, cycle) => expectClose(value - q.decision[cycle]!, c * trajectory.attempts[cycle]!.tokenLogProbs.length))
        expect(sufficientStatistic([q])._tag).toBe("Contradiction")
      })
    )
  })
})

describe("C38 section 5.3: SFT's and DFT's ratios in the expectation of C31", () => {
  /** Every trajectory of at most two cycles whose answers are `length` tokens of `options` options each, with its probability. */
  const ownTrajectories = (tokens: ReadonlyArray<ReadonlyArray<number>>, decisionLogits: ReadonlyArray<number>) => {
    const sites = tokens.map((site) => logSoftmax(site))
    const answers = sites.reduce<ReadonlyArray<ReadonlyArray<number>>>(
      (prefixes, site) => prefixes.flatMap((prefix) => [...site].map((logProb) => [...prefix, logProb])),
      [[]]
    )
    const [stop, resample] = logSoftmax(decisionLogits)
    const one = answers.map((tokenLogProbs) => ({ tokenLogProbs, decision: "STOP" as const, decisionLogProb: stop! }))
    const two = answers.flatMap((tokenLogProbs) =>
      one.flatMap((last) =>
        [stop!, resample!].map((
          decisionLogProb
        ) => [{ tokenLogProbs, decision: "RESAMPLE" as const, decisionLogProb: resample! }, { ...last, decisionLogProb }])
      )
    )
    return [...one.map((attempt) => [attempt]), ...two].map((attempts) => ({
      attempts,
      probability: Math.exp(attempts.reduce((sum, each) => sum + each.tokenLogProbs.reduce((a, b) => a + b, 0) + each.decisionLogProb, 0))
    }))
  }

  it("in expectation exact: E_π[1/π] is the number of options for every policy, so SFT's ratio over DFT's is V/2 with V options a token", () => {
    const policies = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
      .chain(([options, length]) => fc.tuple(fc.array(logits(options), { minLength: length, maxLength: length }), logits(2)))
    fc.assert(
      fc.property(policies, ([tokens, decision]) => {
        const options = tokens[0]!.length
        expectClose(softmax(tokens[0]!).reduce((sum, p) => sum + p * (1 / p), 0), options)
        const own = ownTrajectories(tokens, decision)
        expectClose(own.reduce((sum, { probability }) => sum + probability, 0), 1)
        const ratioOf = (immediate: (trajectory: ScoredTrajectory) => QTable) => {
          const mean = (part: "decision" | "sampling") =>
            own.reduce((sum, each) => sum + each.probability * immediate(each)[part].reduce((a, b) => a + Math.abs(b), 0), 0)
          return mean("sampling") / mean("decision")
        }
        expectClose(ratioOf((each) => Dft.immediate(each)), tokens.length)
        expectClose(ratioOf((each) => Sft.immediate(each)), (tokens.length * options) / 2)
      }),
      { numRuns: 25 }
    )
  })
})

describe("C49 section 5.3: does DFT's Q depend on the trajectory's outcome?", () => {
  it("refuted as stated: for all lengths, every two trajectories of the same lengths have one Q, whatever their tokens and so their answers", () => {
    const relabelled = scoredTrajectory().chain((first) =>
      fc.record({
        first: fc.constant(first),
        second: fc.tuple(...first.attempts.map(({ tokenLogProbs }) =>
          fc.array(grid(-4, 0), { minLength: tokenLogProbs.length, maxLength: tokenLogProbs.length })
        ))
          .map((tokens) => ({ attempts: first.attempts.map((attempt, cycle) => ({ ...attempt, tokenLogProbs: tokens[cycle]! })) }))
      })
    )
    fc.assert(
      fc.property(relabelled, constant, discount, ({ first, second }, c, gamma) => {
        const options = { constant: c, gamma }
        expect(Dft.qValues(first, options)).toEqual(Dft.qValues(second, options))
        expect(Dft.closedSum(first, options)).toEqual(Dft.closedSum(second, options))
      })
    )
  })

  it("the surrogate's Q does: a correct and a wrong trajectory of the same lengths have Q of opposite signs", () => {
    fc.assert(
      fc.property(scoredTrajectory(), grid(0.1, 3), (trajectory, A) => {
        const [correct, wrong] = [A, -A].map((advantage) => inTokenOrder(Surrogate.qValues(trajectory, { advantage })))
        expect([...correct!].every((q) => q === A)).toBe(true)
        expect([...wrong!].every((q) => q === -A)).toBe(true)
      })
    )
  })
})

describe("C50 D.4: is DFT's asymmetry weaker than the KL penalty's?", () => {
  /** Two cycles whose answers have so many tokens, every log-ratio `mean`: Q is linear in them, so these are the means of Q. */
  const atDrift = (mean: number, length: number): ScoredTrajectory => {
    const attempt = {
      tokenLogProbs: Array.from({ length }, () => -1),
      referenceTokenLogProbs: Array.from({ length }, () => -1 - mean),
      decisionLogProb: -1,
      referenceDecisionLogProb: -1 - mean
    }
    return { attempts: [{ ...attempt, decision: "RESAMPLE" }, { ...attempt, decision: "STOP" }] }
  }

  it("refuted as stated: for every size and length, |r_S|/|r_D| of the KL penalty on policy is at most DFT's, which is L", () => {
    fc.assert(
      fc.property(grid(0.01, 3), fc.integer({ min: 2, max: 64 }), (size, length) => {
        const kl = OnPolicyDrift.meanSize({ up: size, down: size }, length) / size
        expect(kl).toBeLessThan(length)
        expectClose(Dft.immediate(atDrift(size, length)).sampling[0]!, length)
      })
    )
  })

  it("both are of order L: beyond L* the KL penalty's is tanh(s/2) of DFT's, for every size", () => {
    for (const size of [0.3, 1, 2]) {
      const { crossoverLength } = OnPolicyDrift.ofTwoValues({ up: size, down: size })
      const length = Math.ceil(30 * crossoverLength)
      const share = OnPolicyDrift.meanSize({ up: size, down: size }, length) / (size * length)
      expectClose(share, Math.tanh(size / 2), 1e-3)
    }
  })

  it("and the mean Q of RESAMPLE is L + 2 times its own term under both, for every drift and length", () => {
    fc.assert(
      fc.property(grid(0.01, 3), fc.integer({ min: 1, max: 64 }), (mean, length) => {
        const trajectory = atDrift(mean, length)
        const dft = Dft.qValues(trajectory).decision[0]! / Dft.immediate(trajectory).decision[0]!
        const kl = KlPenalty.qValues(trajectory, { beta: 1 }).decision[0]! / KlPenalty.immediate(trajectory, { beta: 1 }).decision[0]!
        expectClose(dft, length + 2)
        expectClose(kl, length + 2)
      })
    )
  })
})
