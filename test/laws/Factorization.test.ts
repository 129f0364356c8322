import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Aggregate,
  inTokenOrder,
  Kl,
  logProb,
  logProbParts,
  makePartition,
  NOT_OWNED,
  Objective,
  partOf,
  Sft,
  sumByOwner,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { discount, grid, scoredTrajectory, tinyLogits, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { type Differentiable, floats, logSoftmaxOf, sumOf, valueAt } from "../support/Differentiable.ts"
import { enumerate, probabilities, scored, siteLogProbs, tokensOf, trajectoryLogProb, weightedScore } from "../support/TinyPolicy.ts"

const trajectories = enumerate(2)
const anyTrajectory = fc.constantFrom(...trajectories)

describe("C01 Lemma 1: the probability of a trajectory factorises into sampling and decision factors", () => {
  it("for every policy, the probabilities of all trajectories of at most three cycles sum to 1", () => {
    const all = enumerate(3)
    fc.assert(
      fc.property(tinyLogits, (logits) => {
        const masses = all.map((cycles) => Math.exp(logProb(scored(logits, logits, cycles))))
        expectClose(masses.reduce((sum, mass) => sum + mass, 0), 1)
        expectAllClose(masses, probabilities(logits, all))
      }),
      { numRuns: 50 }
    )
  })

  it("for every policy and trajectory, log π(τ) is the chain rule's product over sites, with no length factor", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (logits, cycles) => {
        const chainRule = trajectoryLogProb(floats, siteLogProbs(floats, logits), cycles)
        expectClose(logProb(scored(logits, logits, cycles)), chainRule)
      })
    )
  })
})

describe("C02 Corollary 1: the gradient of log π(τ) separates into a sampling and a decision sum", () => {
  it("for every trajectory, the two parts of log π(τ) add up to the whole", () => {
    fc.assert(
      fc.property(scoredTrajectory(), (trajectory) => {
        const parts = logProbParts(trajectory)
        expectClose(parts.sampling + parts.decision, logProb(trajectory))
      })
    )
  })

  it("for every policy and trajectory, the scores masked to each sub-policy are autodiff of its part, and sum to autodiff of the whole", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, (logits, cycles) => {
        const ones = inTokenOrder(Sft.lossScoreWeights(scored(logits, logits, cycles)))
        const { owner } = toTokenBatch([scored(logits, logits, cycles)])
        const partOfScore = (name: string) => weightedScore(logits, cycles, partOf(ones, owner, TWO_STAGE, name))
        const autodiffOf = (keep: (name: string) => boolean) =>
          gradient((algebra, parameters) => {
            const sites = siteLogProbs(algebra, parameters)
            const kept = tokensOf(cycles).filter((token) => keep(token.owner))
            return sumOf(algebra, kept.map(({ choice, site }) => sites[site]![choice]!))
          }, logits)
        const sampling = partOfScore("sampling")
        const decision = partOfScore("decision")
        expectAllClose(sampling, autodiffOf((name) => name === "sampling"))
        expectAllClose(decision, autodiffOf((name) => name === "decision"))
        expectAllClose(sampling.map((value, index) => value + decision[index]!), autodiffOf(() => true))
      }),
      { numRuns: 15 }
    )
  })

  it("with a discount a cycle, the parts are the discounted sums over each sub-policy's tokens", () => {
    fc.assert(
      fc.property(scoredTrajectory(), discount, (trajectory, gamma) => {
        const batch = toTokenBatch([trajectory])
        const discounts = Kl.cycleDiscounts(batch.offsets, Kl.cycleEnds(batch.offsets, batch.owner), gamma)
        const [sampling, decision] = sumByOwner(batch.logProbs, batch, TWO_STAGE, discounts)
        const parts = logProbParts(trajectory, gamma)
        expectClose(sampling![0]!, parts.sampling)
        expectClose(decision![0]!, parts.decision)
      })
    )
  })
})

describe("C03 A.2: the first decision, a deterministic one, contributes nothing", () => {
  it("for every policy and trajectory, a choice with a single option has log-probability 0 and score 0: log π(τ) and its gradient stay", () => {
    fc.assert(
      fc.property(tinyLogits, anyTrajectory, grid(-3, 3), (logits, cycles, onlyOption) => {
        const extended = [...logits, onlyOption]
        const withFirstDecision: Differentiable = (algebra, parameters) =>
          algebra.add(
            logSoftmaxOf(algebra, parameters.slice(-1))[0]!,
            trajectoryLogProb(algebra, siteLogProbs(algebra, parameters.slice(0, -1)), cycles)
          )
        expectClose(valueAt(withFirstDecision, extended), logProb(scored(logits, logits, cycles)))
        const without = weightedScore(logits, cycles, tokensOf(cycles).map(() => 1))
        expectAllClose(gradient(withFirstDecision, extended), [...without, 0])
      }),
      { numRuns: 15 }
    )
  })

  it("but an immediate term it can have: SFT's 1/π of a sure token is 1, weighing a score of 0", () => {
    const trajectory = { attempts: [{ tokenLogProbs: [0], decision: "STOP" as const, decisionLogProb: Math.log(0.5) }] }
    expect(Sft.immediate(trajectory)).toEqual({ sampling: [1], tokens: [[1]], decision: [2] })
  })
})

const partitionAndBatch = fc
  .integer({ min: 1, max: 4 })
  .chain((count) => fc.tuple(fc.constant(makePartition(["a", "b", "c", "d"].slice(0, count))), tokenBatch(count)))

describe("C23 Remark 3.3: any partition of the tokens into K sub-policies splits the sum into K parts", () => {
  it("for every partition and batch, the K parts of the log-probabilities add up to those of the owned tokens", () => {
    fc.assert(
      fc.property(partitionAndBatch, ([partition, batch]) => {
        const parts = sumByOwner(batch.logProbs, batch, partition)
        expect(parts.length).toBe(partition.names.length)
        for (let sequence = 0; sequence + 1 < batch.offsets.length; sequence++) {
          let whole = 0
          for (let token = batch.offsets[sequence]!; token < batch.offsets[sequence + 1]!; token++) {
            if (batch.owner[token] !== NOT_OWNED) whole += batch.logProbs[token]!
          }
          expectClose(parts.reduce((sum, part) => sum + part[sequence]!, 0), whole)
        }
      })
    )
  })

  it("for every objective, the K restrictions' losses and derivatives add up to the whole's, under any aggregation", () => {
    const whole = Objective.add(
      Objective.surrogate({ ratio: "sequence" }),
      Objective.scale(Objective.klInLoss({ beta: 0.1, corrected: true }), 2)
    )
    const aggregations = [
      Aggregate.tokenMean,
      Aggregate.seqMeanTokenMean,
      Aggregate.seqMeanTokenSum,
      Aggregate.seqMeanTokenSumNorm(7)
    ]
    fc.assert(
      fc.property(partitionAndBatch, fc.constantFrom(...aggregations), ([partition, batch], aggregation) => {
        const weights = Aggregate.weights(aggregation, batch.offsets, batch.owner)
        const parts = partition.names.map((name) => Objective.evaluate(Objective.restrict(whole, name), batch, partition))
        const all = Objective.evaluate(whole, batch, partition)
        expectClose(
          parts.reduce((sum, part) => sum + Aggregate.aggregate(weights, part.loss), 0),
          Aggregate.aggregate(weights, all.loss)
        )
        const derivative = all.derivative.map((_, token) => parts.reduce((sum, part) => sum + part.derivative[token]!, 0))
        expectAllClose(derivative, all.derivative)
      })
    )
  })
})
