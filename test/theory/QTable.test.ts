import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  backward,
  Dft,
  discountedScoreWeights,
  forward,
  immediateTerms,
  inTokenOrder,
  KlPenalty,
  Sft,
  Surrogate
} from "decision-sampling/theory"
import { advantage, discount } from "../support/Arbitraries.ts"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const cycle = fc.record({ tokens: fc.array(advantage, { minLength: 1, maxLength: 5 }), decision: advantage })
const terms = fc
  .array(cycle, { minLength: 1, maxLength: 5 })
  .map((cycles) => immediateTerms(cycles.map(({ tokens }) => tokens), cycles.map(({ decision }) => decision)))

describe("QTable", () => {
  // Two cycles: answer terms 1, 2 and decision 3; answer term 4 and decision 5; γ = ½.
  const example = immediateTerms([[1, 2], [4]], [3, 5])

  it("by hand: Q_D(2) = 5, Q_S(2) = 4 + 5 = 9, Q_D(1) = 3 + ½·9 = 7.5, Q(1,2) = 2 + 7.5, Q_S(1) = 1 + 9.5", () => {
    for (const way of [backward, forward]) {
      const q = way(example, 0.5)
      expectAllClose(q.decision, [7.5, 5])
      expectAllClose(q.sampling, [10.5, 9])
      expectAllClose(q.tokens[0]!, [10.5, 9.5])
      expectAllClose(q.tokens[1]!, [9])
    }
  })

  it("the weights of the scores discount from the start: cycle 2 by ½", () => {
    const weights = discountedScoreWeights(backward(example, 0.5), 0.5)
    expectAllClose(inTokenOrder(weights, "token"), [10.5, 9.5, 7.5, 4.5, 2.5])
    expectAllClose(inTokenOrder(weights, "action"), [10.5, 10.5, 7.5, 4.5, 2.5])
  })

  it("for every terms and γ, the recursion equals the sum written out, and an answer's term is its tokens' sum", () => {
    fc.assert(
      fc.property(terms, discount, (immediate, gamma) => {
        const recursion = backward(immediate, gamma)
        const sum = forward(immediate, gamma)
        expectAllClose(recursion.decision, sum.decision)
        expectAllClose(recursion.sampling, sum.sampling)
        expectAllClose(recursion.tokens.flat(), sum.tokens.flat())
        expectAllClose(recursion.tokens.map((row) => row[0]!), recursion.sampling)
      })
    )
  })

  it("for every terms and γ, both are the double sum of the definition, term by term", () => {
    fc.assert(
      fc.property(terms, discount, (immediate, gamma) => {
        const later = (cycle: number, token: number) =>
          immediate.tokens.reduce((total, row, k) => {
            const ahead = row.reduce((sum, term, i) => (k > cycle || (k === cycle && i >= token) ? sum + term : sum), 0)
            const decided = k >= cycle ? immediate.decision[k]! : 0
            return total + (k < cycle ? 0 : gamma ** (k - cycle) * (ahead + decided))
          }, 0)
        for (const way of [backward, forward]) {
          const q = way(immediate, gamma)
          expectAllClose(q.tokens.flat(), immediate.tokens.flatMap((row, cycle) => row.map((_, token) => later(cycle, token))))
          expectAllClose(q.decision, immediate.tokens.map((row, cycle) => later(cycle, row.length)))
          expectAllClose(q.sampling, immediate.tokens.map((_, cycle) => later(cycle, 0)))
        }
      })
    )
  })

  it("both take time linear in the tokens of an answer and in the answers: 300,000 of each", () => {
    const count = 300_000
    const long = immediateTerms([Array.from({ length: count }, () => 1)], [1])
    const many = immediateTerms(Array.from({ length: count }, () => [1]), Array.from({ length: count }, () => 1))
    for (const way of [backward, forward]) {
      expect(way(long, 1).sampling).toEqual([count + 1])
      expect(way(many, 1).sampling[0]).toBe(2 * count)
    }
    const lengths = { attempts: many.tokens.map(() => ({ tokenLogProbs: [0], decision: "STOP" as const, decisionLogProb: 0 })) }
    expect(Dft.closedSum(lengths).sampling[0]).toBe(2 * count)
  })

  it("for every terms, γ = 0 leaves each decision its own term, γ = 1 gives all that is to come", () => {
    fc.assert(
      fc.property(terms, (immediate) => {
        expectAllClose(backward(immediate, 0).decision, immediate.decision)
        const flat = [...inTokenOrder(immediate)]
        const toGo = flat.map((_, token) => flat.slice(token).reduce((sum, value) => sum + value, 0))
        expectAllClose(inTokenOrder(backward(immediate, 1)), toGo)
      })
    )
  })

  it("every objective refuses a discount outside [0, 1]", () => {
    const trajectory = {
      attempts: [{ tokenLogProbs: [-1], decision: "STOP", decisionLogProb: -1, referenceTokenLogProbs: [-1], referenceDecisionLogProb: -1 }]
    } as const
    for (const gamma of [-0.1, 1.1, NaN]) {
      for (
        const run of [
          () => Surrogate.qValues(trajectory, { advantage: 1, gamma }),
          () => KlPenalty.closedSum(trajectory, { beta: 1, gamma }),
          () => Sft.scoreWeights(trajectory, { gamma }),
          () => Dft.immediate(trajectory, { gamma })
        ]
      ) {
        expect(reasonOf(run)).toMatchObject({ _tag: "OutOfRange", what: "gamma" })
      }
    }
    expect(reasonOf(() => Surrogate.closedSum(trajectory, { advantage: NaN }))).toMatchObject({ what: "advantage" })
    expect(reasonOf(() => KlPenalty.immediate(trajectory, { beta: Infinity }))).toMatchObject({ what: "beta" })
    expect(reasonOf(() => Dft.closedSum(trajectory, { constant: NaN }))).toMatchObject({ what: "constant" })
  })
})
