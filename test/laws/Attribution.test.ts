import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { attribution, Dft, growthExponent, KlPenalty, PropertyTable, Sft, sufficientStatistic, Surrogate } from "decision-sampling/theory"
import type { QTable, ScoredTrajectory } from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../support/Approx.ts"
import { centralDifference } from "../support/CentralDifference.ts"

const cycles = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 5 })
const weight = fc.oneof(grid(0.2, 5), grid(-5, -0.2))

describe("C06 Definition 3.1: balanced and unbalanced attribution, decided from tables", () => {
  it("for every Φ and weights, tables Q_S = w_S·Φ and Q_D = w_D·Φ have one statistic, and it gives the tables back", () => {
    fc.assert(
      fc.property(fc.array(cycles(advantage), { minLength: 1, maxLength: 3 }), weight, weight, (phi, wS, wD) => {
        const tables = phi.map((values) => ({
          sampling: values.map((value) => wS * value),
          decision: values.map((value) => wD * value)
        }))
        const result = sufficientStatistic(tables, { weights: "free" })
        expect(result._tag).toBe("Statistic")
        if (result._tag !== "Statistic") return
        result.phi.forEach((found, index) => {
          expectAllClose(found.map((value) => result.samplingWeight * value), tables[index]!.sampling)
          expectAllClose(found.map((value) => result.decisionWeight * value), tables[index]!.decision)
        })
      })
    )
  })

  it("for every two cycles whose Q pairs are not proportional, it returns a contradiction that holds on the tables", () => {
    fc.assert(
      fc.property(advantage, advantage, advantage, advantage, (s1, d1, s2, d2) => {
        fc.pre(Math.abs(s1 * d2 - s2 * d1) > 1e-3)
        const result = sufficientStatistic([{ sampling: [s1, s2], decision: [d1, d2] }], { weights: "free" })
        expect(result._tag).toBe("Contradiction")
        if (result._tag !== "Contradiction") return
        const [first, second] = result.witnesses
        expectClose(first!.sampling * second!.decision - second!.sampling * first!.decision, result.gap)
        expect(Math.abs(result.gap)).toBeGreaterThan(1e-4)
      })
    )
  })

  it("a statistic that one sub-policy never sees is none: Q_S ≠ 0 with Q_D = 0 throughout is a contradiction", () => {
    fc.assert(
      fc.property(cycles(weight), (values) => {
        const zero = values.map(() => 0)
        expect(sufficientStatistic([{ sampling: values, decision: zero }], { weights: "free" })._tag).toBe("Contradiction")
        expect(sufficientStatistic([{ sampling: zero, decision: values }], { weights: "free" })._tag).toBe("Contradiction")
      })
    )
  })

  it("weights of different magnitude are not balanced, though one statistic exists", () => {
    const table = (sampling: number): QTable => ({ sampling: [sampling], decision: [1], tokens: [[sampling]] })
    const verdict = (sampling: number) => attribution([{ immediate: table(sampling), q: table(sampling) }]).verdict
    expect(verdict(1.9)).toBe("balanced")
    expect(verdict(2.1)).toBe("unbalanced")
  })

  it("for every power law c·L^e, the fitted growth exponent is e", () => {
    fc.assert(
      fc.property(grid(0.01, 9), grid(-2, 2), fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 6 }), (c, e, lengths) => {
        const fit = growthExponent(lengths.map((length) => ({ length, value: c * length ** e })))
        expectClose(fit.exponent, e)
        expectClose(Math.exp(fit.intercept), c)
      })
    )
  })
})

/** Trajectories of two attempts over several lengths whose per-token log-ratios have one mean, 0.2 nats: the drift of C16. */
const drifting = fc
  .array(grid(-0.5, -0.1), { minLength: 8, maxLength: 8 })
  .map((noise): ReadonlyArray<ScoredTrajectory> =>
    [2, 4, 8, 16].map((length) => {
      const tokenLogProbs = Array.from({ length }, (_, token) => noise[token % noise.length]!)
      const attempt = {
        tokenLogProbs,
        referenceTokenLogProbs: tokenLogProbs.map((value) => value - 0.2),
        decisionLogProb: noise[0]!,
        referenceDecisionLogProb: noise[0]! - 0.2
      }
      return { attempts: [{ ...attempt, decision: "RESAMPLE" }, { ...attempt, decision: "STOP" }] }
    })
  )

const columns = (A: number, gamma: number, c: number) => ({
  sft: {
    immediate: (trajectory: ScoredTrajectory) => Sft.immediate(trajectory, { gamma }),
    qValues: (trajectory: ScoredTrajectory) => Sft.qValues(trajectory, { gamma })
  },
  dft: {
    immediate: (trajectory: ScoredTrajectory) => Dft.immediate(trajectory, { gamma, constant: c }),
    qValues: (trajectory: ScoredTrajectory) => Dft.qValues(trajectory, { gamma, constant: c })
  },
  surrogate: {
    immediate: (trajectory: ScoredTrajectory) => Surrogate.immediate(trajectory, { gamma, advantage: A }),
    qValues: (trajectory: ScoredTrajectory) => Surrogate.qValues(trajectory, { gamma, advantage: A })
  },
  kl: {
    immediate: (trajectory: ScoredTrajectory) => KlPenalty.immediate(trajectory, { gamma, beta: c }),
    qValues: (trajectory: ScoredTrajectory) => KlPenalty.qValues(trajectory, { gamma, beta: c })
  }
})

describe("C37 D.4: the comparison of SFT, DFT and the surrogate, computed cell by cell", () => {
  it("for every γ > 0, advantage and constant, each cell is as the paper prints it, and the KL penalty's column beside it", () => {
    fc.assert(
      fc.property(drifting, weight, grid(0.1, 1), grid(0.1, 2), (trajectories, A, gamma, c) => {
        const terms = columns(A, gamma, c)
        expect(PropertyTable.properties(terms.sft, trajectories)).toEqual({
          samplingDependsOnPolicy: true,
          decisionDependsOnPolicy: true,
          futureLengths: "weighted",
          oneStatistic: false,
          verdict: "unbalanced"
        })
        expect(PropertyTable.properties(terms.dft, trajectories)).toEqual({
          samplingDependsOnPolicy: false,
          decisionDependsOnPolicy: false,
          futureLengths: "constant",
          oneStatistic: false,
          verdict: "unbalanced"
        })
        expect(PropertyTable.properties(terms.surrogate, trajectories)).toEqual({
          samplingDependsOnPolicy: false,
          decisionDependsOnPolicy: false,
          futureLengths: "none",
          oneStatistic: true,
          verdict: "balanced"
        })
        expect(PropertyTable.properties(terms.kl, trajectories)).toEqual({
          samplingDependsOnPolicy: true,
          decisionDependsOnPolicy: true,
          futureLengths: "weighted",
          oneStatistic: false,
          verdict: "unbalanced"
        })
      }),
      { numRuns: 30 }
    )
  })

  it("for every trajectory, the dependence on the policy found by a change of it is that of the derivative ∂Q/∂log π", () => {
    const relevant = scoredTrajectory({ minAttempts: 2, maxAttempts: 3, maxTokens: 3 })
    fc.assert(
      fc.property(relevant, weight, discount.filter((gamma) => gamma > 0), (trajectory, A, gamma) => {
        const lengths = trajectory.attempts.map(({ tokenLogProbs }) => tokenLogProbs.length)
        const rebuild = (values: ArrayLike<number>): ScoredTrajectory => {
          const queue = Array.from(values)
          return {
            attempts: trajectory.attempts.map((attempt, cycle) => ({
              ...attempt,
              tokenLogProbs: queue.splice(0, lengths[cycle]),
              decisionLogProb: queue.splice(0, 1)[0]!
            }))
          }
        }
        // Log-probabilities away from 0, so that halving one and differentiating by it both see it.
        const at = lengths.flatMap((length) => Array.from({ length: length + 1 }, (_, token) => -0.3 - token / 10))
        for (const terms of Object.values(columns(A, gamma, 1))) {
          const found = PropertyTable.properties(terms, [rebuild(at)])
          const size = (read: (table: QTable) => number) =>
            centralDifference((values) => read(terms.qValues(rebuild(values))), at).reduce((sum, value) => sum + Math.abs(value), 0)
          expect(found.samplingDependsOnPolicy).toBe(size((table) => table.tokens[0]![0]!) > 1e-6)
          expect(found.decisionDependsOnPolicy).toBe(size((table) => table.decision.at(-1)!) > 1e-6)
        }
      }),
      { numRuns: 20 }
    )
  })
})
