import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  attribution,
  backward,
  Dft,
  growthExponent,
  immediateTerms,
  KlPenalty,
  magnitudeRatio,
  PropertyTable,
  type QTable,
  type ScoredTrajectory,
  Sft,
  sufficientStatistic,
  Surrogate
} from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { expectCounterexample } from "../support/Counterexample.ts"

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
      fc.property(
        grid(0.01, 9),
        grid(-2, 2),
        fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 6 }),
        (c, e, lengths) => {
          const fit = growthExponent(lengths.map((length) => ({ length, value: c * length ** e })))
          expectClose(fit.exponent, e)
          expectClose(Math.exp(fit.intercept), c)
        }
      )
    )
  })
})

describe("C08 remark of 3.2: imperfect attribution and length-dependent immediate terms", () => {
  /** One attempt: an answer of the given terms, a decision with the term `decision`. */
  const attributed = (tokens: ReadonlyArray<number>, decision: number) => {
    const immediate = immediateTerms([tokens], [decision])
    return { immediate, q: backward(immediate, 1) }
  }
  const lengths = [3, 9, 27, 81]

  it("for every size of drift, answers' terms of one mean make |r_S| grow like L, and the attribution unbalanced", () => {
    fc.assert(
      fc.property(weight, weight, (drift, decision) => {
        const found = attribution(lengths.map((length) => attributed(Array.from({ length }, () => drift), decision)))
        expect(found.verdict).toBe("unbalanced")
        expectClose(found.growthExponent!, 1)
        expectClose(found.ratio.perAction, (30 * Math.abs(drift)) / Math.abs(decision))
      })
    )
  })

  it("qualified: without a common mean it need not. Terms +1, −1, +1, … add up to 1 at every odd length: no growth, balanced", () => {
    const found = attribution(lengths.map((length) => attributed(Array.from({ length }, (_, token) => (token % 2 === 0 ? 1 : -1)), 1)))
    expect(found.verdict).toBe("balanced")
    expectClose(found.growthExponent!, 0)
    expectClose(found.ratio.perAction, 1)
  })

  it("qualified: nor is length needed. One token with 3 times the decision's term is unbalanced too", () => {
    const found = attribution([attributed([3], 1), attributed([-3], -1), attributed([3], -1)])
    expect(found.verdict).toBe("unbalanced")
    expect(found.growthExponent).toBe(null)
    expectClose(found.ratio.perAction, 3)
  })
})

describe("C38 section 5.3: is DFT closer to balance than SFT?", () => {
  const ratios = (trajectories: ReadonlyArray<ScoredTrajectory>) => ({
    sft: magnitudeRatio(trajectories.map((each) => Sft.immediate(each))).perAction,
    dft: magnitudeRatio(trajectories.map((each) => Dft.immediate(each))).perAction
  })
  const meanInverse = (logProbs: ReadonlyArray<number>) => logProbs.reduce((sum, logProb) => sum + Math.exp(-logProb), 0) / logProbs.length
  const batches = fc.array(scoredTrajectory(), { minLength: 1, maxLength: 4 })

  it("for every batch, DFT's ratio |r_S|/|r_D| is the mean length, and SFT's is that times mean 1/π of answer tokens over mean 1/π of decisions", () => {
    fc.assert(
      fc.property(batches, (trajectories) => {
        const attempts = trajectories.flatMap((each) => each.attempts)
        const meanLength = attempts.reduce((sum, { tokenLogProbs }) => sum + tokenLogProbs.length, 0) / attempts.length
        const relative = meanInverse(attempts.flatMap((each) => each.tokenLogProbs)) /
          meanInverse(attempts.map((each) => each.decisionLogProb))
        expectClose(ratios(trajectories).dft, meanLength)
        expectClose(ratios(trajectories).sft, meanLength * relative)
      })
    )
  })

  it("refuted as stated in size: SFT's ratio is the smaller one when decisions are less sure than tokens. ¾ four times and ¼: 4/3 against 4", () => {
    expectCounterexample(batches, (trajectories) => ratios(trajectories).dft <= ratios(trajectories).sft + 1e-9)
    const tokenLogProbs = [0.75, 0.75, 0.75, 0.75].map(Math.log)
    const found = ratios([{ attempts: [{ tokenLogProbs, decision: "STOP", decisionLogProb: Math.log(0.25) }] }])
    expectClose(found.sft, 4 / 3)
    expectClose(found.dft, 4)
  })

  it("what holds: DFT's ratio depends on lengths alone, SFT's on the policy too; neither is balanced once lengths vary", () => {
    fc.assert(
      fc.property(grid(-3, -0.3), grid(-3, -0.3), (sure, other) => {
        fc.pre(Math.abs(sure - other) > 0.1)
        const batch = (logProb: number): ReadonlyArray<ScoredTrajectory> =>
          [2, 6, 18].map((length) => ({
            attempts: [{ tokenLogProbs: Array.from({ length }, () => logProb), decision: "STOP", decisionLogProb: -0.5 }]
          }))
        expectClose(ratios(batch(sure)).dft, ratios(batch(other)).dft)
        expect(Math.abs(ratios(batch(sure)).sft / ratios(batch(other)).sft - 1)).toBeGreaterThan(0.05)
        for (const { immediate, qValues } of [Sft, Dft]) {
          const verdict = attribution(batch(sure).map((each) => ({ immediate: immediate(each), q: qValues(each) })))
          expect(verdict.verdict).toBe("unbalanced")
        }
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
