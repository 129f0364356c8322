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
  Objective,
  PropertyTable,
  type QTable,
  type ScoredTrajectory,
  Sft,
  sufficientStatistic,
  Surrogate,
  termGrowth,
  toTokenBatch,
  TWO_STAGE,
  type WeighedCycle,
  weighedCycles
} from "decision-sampling/theory"
import { advantage, discount, grid, scoredTrajectory } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { expectCounterexample } from "../support/Counterexample.ts"

const cycles = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 5 })
const weight = fc.oneof(grid(0.2, 5), grid(-5, -0.2))
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 })

/** Weights of up to four trajectories, zeros among them. */
const scores = fc.array(fc.oneof(fc.constant(0), grid(-4, 4), grid(-0.1, 0.1)), { minLength: 1, maxLength: 4 })
const batch = fc.array(
  fc.array(fc.record({ sampling: scores, decision: scores }), { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 4 }
)

const exchanged = ({ decision, sampling }: WeighedCycle): WeighedCycle => ({ sampling: decision, decision: sampling })

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

  it("refuses numbers that are none, which differ from nothing, and rows of two lengths", () => {
    for (const weights of ["equal", "free"] as const) {
      expect(() => sufficientStatistic([{ sampling: [Number.NaN], decision: [1] }], { weights })).toThrow("tables[0].sampling[0] = NaN")
      expect(() => sufficientStatistic([{ sampling: [1], decision: [Infinity] }], { weights })).toThrow("tables[0].decision[0] = Infinity")
      expect(() => sufficientStatistic([{ sampling: [1, 2], decision: [1] }], { weights })).toThrow("tables[0].decision has 1 entries")
    }
  })

  it("for every batch and unit, the verdict depends on the weights alone and not on their unit", () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: -150, max: 150 }), fc.boolean(), (trajectories, exponent, isNegative) => {
        const unit = (isNegative ? -1 : 1) * 10 ** exponent
        const scaled = trajectories.map((cycles) =>
          cycles.map(({ decision, sampling }) => ({
            sampling: sampling.map((weight) => unit * weight),
            decision: decision.map((weight) => unit * weight)
          }))
        )
        const [plain, found] = [attribution(trajectories), attribution(scaled)]
        expect([found.verdict, found.towards]).toEqual([plain.verdict, plain.towards])
        if (plain.ratio !== null) expectClose(found.ratio!, plain.ratio)
        if (plain.alignment !== null) expectClose(found.alignment!, plain.alignment)
      })
    )
  })

  it("for every batch, exchanging π_S and π_D exchanges the sides: the ratio turns into its reciprocal", () => {
    fc.assert(
      fc.property(batch, (trajectories) => {
        const [plain, found] = [attribution(trajectories), attribution(trajectories.map((cycles) => cycles.map(exchanged)))]
        const other = { sampling: "decision", decision: "sampling" } as const
        expect([found.verdict, found.towards]).toEqual([plain.verdict, plain.towards === null ? null : other[plain.towards]])
        if (plain.ratio !== null && plain.ratio > 0) expectClose(found.ratio!, 1 / plain.ratio)
      })
    )
  })

  it("for every ratio and lengths, a batch of one ratio is unbalanced iff it is above 2 or below ½, towards the larger, from 10⁻⁶ to 10⁶", () => {
    fc.assert(
      fc.property(fc.array(cycles(weight), { minLength: 1, maxLength: 3 }), grid(-6, 6), lengths, (phi, decade, answerLengths) => {
        fc.pre(Math.abs(Math.abs(decade) - Math.log10(2)) > 1e-3)
        const ratio = 10 ** decade
        const found = attribution(phi.map((values) =>
          values.map((value, cycle) => ({
            sampling: Array.from({ length: answerLengths[cycle]! }, () => ratio * value),
            decision: [value]
          }))
        ))
        const towards = ratio > 2 ? "sampling" : ratio < 1 / 2 ? "decision" : null
        expect([found.verdict, found.towards]).toEqual([towards === null ? "balanced" : "unbalanced", towards])
        expect(found.statistic._tag).toBe("Statistic")
      })
    )
  })

  it("for every two batches of one side, the two together have that side: what agrees turns nothing", () => {
    fc.assert(
      fc.property(batch, batch, (first, second) => {
        const [left, right] = [attribution(first), attribution(second)]
        fc.pre(left.verdict !== "none" && right.verdict !== "none" && left.towards === right.towards)
        const both = attribution([...first, ...second])
        expect([both.verdict, both.towards]).toEqual([left.verdict, left.towards])
      })
    )
  })

  it("for every batch, a small change of its weights changes ratio and cosine little: no switch of method", () => {
    fc.assert(
      fc.property(batch, grid(-1, 1), (trajectories, direction) => {
        const plain = attribution(trajectories)
        fc.pre(plain.ratio !== null && plain.ratio > 0.01 && plain.ratio < 100 && plain.alignment !== null)
        const near = attribution(trajectories.map((each) =>
          each.map(({ decision, sampling }, cycle) => ({
            sampling: sampling.map((value, token) => value + 1e-9 * direction * ((token + cycle) % 3 - 1)),
            decision: decision.map((value) => value + 1e-9 * direction)
          }))
        ))
        expectClose(near.ratio!, plain.ratio!, 1e-4)
        expectClose(near.alignment!, plain.alignment!, 1e-3)
      })
    )
  })

  it("the surrogate reward, its clipped loss at ratio 1 and the NLL of one demonstration have equal gradients, so equal verdicts", () => {
    fc.assert(
      fc.property(scoredTrajectory(), weight, (trajectory, A) => {
        const surrogate = weighedCycles(Surrogate.qValues(trajectory, { advantage: A }))
        const columns = toTokenBatch([trajectory], { advantages: [A], onPolicy: true })
        const ofLoss = (objective: Objective.Objective, scale: number) => {
          const { derivative } = Objective.evaluate(objective, columns, TWO_STAGE)
          let at = 0
          return trajectory.attempts.map(({ tokenLogProbs }) => {
            const sampling = Array.from(derivative.slice(at, at + tokenLogProbs.length), (value) => -scale * value)
            at += tokenLogProbs.length
            return { sampling, decision: [-scale * derivative[at++]!] }
          })
        }
        const expected = attribution([surrogate])
        expect(expected.verdict).toBe("balanced")
        expectClose(expected.ratio!, 1)
        expect(attribution([ofLoss(Objective.surrogate({ clipLow: 0.2, clipHigh: 0.2 }), 1)])).toEqual(expected)
        expect(attribution([ofLoss(Objective.nll(), A)])).toEqual(expected)
      })
    )
  })

  it("for every L, immediate terms do not decide: the surrogate has r_S = 0, and terms 3.7·10⁻⁵·L of an answer leave Q_S at Q_D", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), weight, (length, decision) => {
        const immediate = immediateTerms([Array.from({ length }, () => 3.7e-5 * decision)], [decision])
        const inReward = attribution([weighedCycles(backward(immediate, 1))])
        expect([inReward.verdict, inReward.towards]).toEqual(["balanced", null])
        // Where every score is weighed by its own term, the same terms are unbalanced towards the decision.
        const inLoss = attribution([weighedCycles(immediate)])
        expect([inLoss.verdict, inLoss.towards]).toEqual(["unbalanced", "decision"])
      })
    )
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
  const termsOf = (tokens: ReadonlyArray<number>, decision: number) => immediateTerms([tokens], [decision])
  const verdictOf = (tables: ReadonlyArray<QTable>) => attribution(tables.map((each) => weighedCycles(backward(each, 1))))
  const answerLengths = [3, 9, 27, 81]

  it("for every size of drift, answers' terms of one mean make |r_S| grow like L, and from 6·|r_D|/|drift| tokens on the scores of π_S weigh more", () => {
    fc.assert(
      fc.property(weight, weight, fc.integer({ min: 0, max: 50 }), (drift, decision, more) => {
        const drifting = (length: number) => termsOf(Array.from({ length }, () => drift), decision)
        const tables = answerLengths.map(drifting)
        expectClose(termGrowth(tables)!, 1)
        expectClose(magnitudeRatio(tables).perAction, (30 * Math.abs(drift)) / Math.abs(decision))
        // Mean weight of a token is drift·(L + 1)/2 + r_D.
        const long = Math.ceil((6 * Math.abs(decision)) / Math.abs(drift)) + more
        expect(verdictOf([drifting(long)])).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
      })
    )
  })

  it("qualified: without a common mean it need not. Terms +1, −1, +1, … add up to 1 at every odd length: no growth, balanced", () => {
    const tables = answerLengths.map((length) => termsOf(Array.from({ length }, (_, token) => (token % 2 === 0 ? 1 : -1)), 1))
    expect(verdictOf(tables).verdict).toBe("balanced")
    expectClose(termGrowth(tables)!, 0)
    expectClose(magnitudeRatio(tables).perAction, 1)
  })

  it("qualified: nor is length needed. One token with 3 times the decision's term is unbalanced too, alone and beside one of another length", () => {
    const tables = [termsOf([3], 1), termsOf([-3], -1), termsOf([3], 1)]
    expect(verdictOf(tables)).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
    expect(termGrowth(tables)).toBe(null)
    expectClose(magnitudeRatio(tables).perAction, 3)
    expect(verdictOf([...tables, termsOf([1.5, 1.5], 1)])).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
    expect(verdictOf([termsOf([1e6], 1), termsOf([5e5, 5e5], 1)])).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
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
        for (const { qValues } of [Sft, Dft]) {
          expect(attribution(batch(sure).map((each) => weighedCycles(qValues(each))))).toMatchObject({
            verdict: "unbalanced",
            towards: "sampling"
          })
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
    qValues: (trajectory: ScoredTrajectory) => Sft.qValues(trajectory, { gamma })
  },
  dft: {
    qValues: (trajectory: ScoredTrajectory) => Dft.qValues(trajectory, { gamma, constant: c })
  },
  surrogate: {
    qValues: (trajectory: ScoredTrajectory) => Surrogate.qValues(trajectory, { gamma, advantage: A })
  },
  kl: {
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
