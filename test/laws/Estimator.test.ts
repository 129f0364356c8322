import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  attribution,
  backward,
  blockNoise,
  cappedValues,
  enumerateProcess,
  type EstimatorMoments,
  estimatorMoments,
  ESTIMATORS,
  fisherDecisionShare,
  fisherMatrix,
  immediateTerms,
  inFisherCoordinates,
  KlPenalty,
  klTerms,
  logitFisher,
  naturalAccuracyGradient,
  naturalLogitGradient,
  prefixNodes,
  type Process,
  processTables,
  returnTerms,
  ScoredChain,
  solveProcess,
  sufficientStatistic,
  ThreeLogit,
  ThreeLogitGradient,
  weighedCycles,
  whitening
} from "decision-sampling/theory"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { grid, scoredTrajectory } from "../support/Arbitraries.ts"
import { drawsOf, leaveOneOut, momentsOver, withBaseline } from "../support/EstimatorOracle.ts"
import { reasonOf } from "../support/Errors.ts"
import { anyProcess } from "../support/ProcessArbitraries.ts"
import { anyLengths, modelWith, threeLogits } from "../support/ThreeLogitArbitraries.ts"

const flatGradient = (process: Process, { decision, sampling }: Process["policy"]): ReadonlyArray<number> => [
  ...sampling.flatMap((logits) => prefixNodes(process.answers).flatMap(({ prefix }) => logits[prefix]!)),
  ...decision
]

const sumOf = ({ decision, sampling }: { readonly sampling: Float64Array; readonly decision: Float64Array }): ReadonlyArray<number> =>
  Array.from(sampling, (value, i) => value + decision[i]!)

const logitsIn = (policy: ThreeLogit.ThreeLogits): ReadonlyArray<number> => ThreeLogit.LOGIT_NAMES.map((name) => policy[name])

/** Small ones, so that all pairs and triples of trajectories can be listed. */
const smallProcess = anyProcess.filter(({ answers, maxCycles }) => answers.length <= 2 && maxCycles <= 2)

const termsOf = { return: returnTerms, kl: klTerms }

describe("C15, C19: attribution is a property of the estimator, not of the objective", () => {
  it("for every process, discount and cap, all estimators have one expectation: the exact gradient, of the return and of the KL penalty", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const { gamma, maxCycles } = process
        const tables = processTables(process)
        const exact = enumerateProcess(process)
        for (const [name, terms] of Object.entries(termsOf)) {
          const gradient = flatGradient(process, name === "kl" ? exact.gradKlPenalty : exact.gradReturn)
          const moments = estimatorMoments(ScoredChain.chainOfProcess(tables, terms(tables)), { gamma, maxCycles })
          for (const estimator of ESTIMATORS) expectAllClose(sumOf(moments[estimator].gradient), gradient, undefined, estimator)
        }
      }),
      { numRuns: 40 }
    )
  })

  it("so too without a cap, by a linear solve", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const tables = processTables(process)
        const exact = solveProcess(process)
        for (const [name, terms] of Object.entries(termsOf)) {
          const gradient = flatGradient(process, name === "kl" ? exact.gradKlPenalty : exact.gradReturn)
          const moments = estimatorMoments(ScoredChain.chainOfProcess(tables, terms(tables)), { gamma: process.gamma })
          for (const estimator of ESTIMATORS) expectAllClose(sumOf(moments[estimator].gradient), gradient, 1e-7, estimator)
        }
      }),
      { numRuns: 30 }
    )
  })

  it("their variances differ, and each is that of its definition over all trajectories, pairs and triples of them", () => {
    fc.assert(
      fc.property(anyProcess, fc.constantFrom("return" as const, "kl" as const), (process, name) => {
        const { gamma, maxCycles } = process
        const tables = processTables(process)
        const chain = ScoredChain.chainOfProcess(tables, termsOf[name](tables))
        const draws = drawsOf(chain, gamma, maxCycles)
        const compare = (found: ReturnType<typeof estimatorMoments>["trajectory"], expected: ReturnType<typeof momentsOver>, count = 1) => {
          expectAllClose(found.gradient.sampling, expected.mean[0])
          expectAllClose(found.gradient.decision, expected.mean[1])
          expectClose(found.sampling.variance, count * expected.sampling)
          expectClose(found.decision.variance, count * expected.decision)
          expectClose(found.cross.covariance, count * expected.cross)
        }
        const found = estimatorMoments(chain, { gamma, maxCycles })
        compare(found.trajectory, momentsOver(withBaseline(draws, [0, 0])))
        compare(found["reward-to-go"], momentsOver(draws.map(({ probability, rewardToGo }) => ({ probability, value: rewardToGo }))))
        // The critic's values come from the process's Bellman equations.
        const cycles = cappedValues(tables, termsOf[name](tables), gamma)
        const critic = drawsOf(chain, gamma, maxCycles, (cycle, state, answer) => {
          const { q, values } = cycles[cycle]!
          return [values[state]!, tables.stop[answer]! * q.stop[answer]! + tables.resample[answer]! * q.resample[answer]!]
        })
        compare(found["value-baseline"], momentsOver(critic.map(({ probability, rewardToGo }) => ({ probability, value: rewardToGo }))))
        for (const estimator of ["optimal-baseline", "optimal-baseline-by-part"] as const) {
          const { decision, sampling } = found[estimator].baseline!
          compare(found[estimator], momentsOver(withBaseline(draws, [sampling, decision])))
        }
        if (draws.length > 30) return
        compare(found["leave-one-out"], momentsOver(leaveOneOut(draws, 2)), 2)
        if (draws.length > 8) return
        compare(estimatorMoments(chain, { gamma, maxCycles, groupSize: 3 })["leave-one-out"], momentsOver(leaveOneOut(draws, 3)), 3)
      }),
      { numRuns: 60 }
    )
  })

  it("with the exact value as baseline, one cycle's answer and decision are the two advantages' mean squares", () => {
    fc.assert(
      fc.property(threeLogits, (policy) => {
        const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms)
        const { decision, sampling } = estimatorMoments(chain, { maxCycles: 1 })["value-baseline"]
        const { correct: p, stopGivenCorrect: c, wrong } = ThreeLogit.cycleProbabilities(policy)
        const value = p * c
        // Correct: advantage 1[STOP] − pc with score 1 − p; wrong: −pc with score −p. Decision: 1[STOP] − c on a correct answer.
        const square = p * wrong ** 2 * (c * (1 - value) ** 2 + (1 - c) * value ** 2) + wrong * p ** 2 * value ** 2
        expectClose(sampling.variance, square - sampling.squaredNorm)
        expectClose(decision.variance, p * (c * (1 - c) ** 4 + (1 - c) * c ** 4) - decision.squaredNorm)
      })
    )
  })

  it("for every process and constants, no baseline has less variance than the optimal one, in all and by part, in both geometries", () => {
    fc.assert(
      fc.property(
        smallProcess,
        grid(-2, 2),
        grid(-2, 2),
        fc.constantFrom("euclidean" as const, "fisher" as const),
        (process, first, second, geometry) => {
          const { gamma, maxCycles } = process
          const tables = processTables(process)
          const chain = ScoredChain.chainOfProcess(tables, klTerms(tables))
          const best = estimatorMoments(chain, { gamma, maxCycles, geometry })
          const draws = drawsOf(geometry === "fisher" ? inFisherCoordinates(chain, { maxCycles }) : chain, gamma, maxCycles)
          const limit = (value: number) => value * (1 + 1e-9) + 1e-9
          const other = momentsOver(withBaseline(draws, [first, first]))
          const byPart = momentsOver(withBaseline(draws, [first, second]))
          const least = best["optimal-baseline"]
          for (const total of [other.sampling + other.decision + 2 * other.cross, best.trajectory.total.variance]) {
            expect(least.total.variance).toBeLessThanOrEqual(limit(total))
          }
          expect(least.total.variance).toBeLessThanOrEqual(limit(best["leave-one-out"].total.variance))
          for (const part of ["sampling", "decision"] as const) {
            const own = best["optimal-baseline-by-part"][part].variance
            expect(own).toBeLessThanOrEqual(limit(byPart[part]))
            expect(own).toBeLessThanOrEqual(limit(least[part].variance))
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it("for every trajectory, the KL penalty as a scalar weighs every score alike, as the surrogate does; as reward-to-go the same terms do not", () => {
    fc.assert(
      fc.property(scoredTrajectory({ minAttempts: 1, maxAttempts: 4 }), (trajectory) => {
        const q = KlPenalty.qValues(trajectory, { beta: 1 })
        const total = q.sampling[0]!
        fc.pre(Math.abs(total) > 1e-6 && Math.abs(q.sampling[0]! - q.decision[0]!) > 1e-6)
        const scalar = q.tokens.map((tokens) => ({ sampling: tokens.map(() => total), decision: [total] }))
        const found = attribution([scalar])
        expect([found.verdict, found.statistic._tag]).toEqual(["balanced", "Statistic"])
        expectClose(found.ratio!, 1)
        expect(sufficientStatistic([q])._tag).toBe("Contradiction")
      })
    )
  })

  it("at p = 0.3, c = 0.8, w = 0.6 the KL penalty's two estimators share the gradient and not the variance", () => {
    const policy = ThreeLogit.logitsOf({ sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 })
    const reference = ThreeLogit.mapLogits((name) => policy[name] - 0.5)
    const model = { policy, reference, lengths: { correct: 8, wrong: 8 }, beta: 1 }
    const found = estimatorMoments(ScoredChain.chainOfThreeLogit(policy, ScoredChain.klPenaltyTerms(model)))
    const { trajectory, "reward-to-go": rewardToGo } = found
    expectAllClose(sumOf(trajectory.gradient), sumOf(rewardToGo.gradient))
    expect(trajectory.total.variance).toBeGreaterThan(1.5 * rewardToGo.total.variance)
  })

  it("over T attempts of long answers of one drift, π_S's scores weigh (T + 1)/(T − 1) times π_D's by action, T/(T − 1) by token: L drops out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 2000, max: 9000 }), grid(0.1, 2), (attempts, length, drift) => {
        const tokens = Array.from({ length }, () => -drift)
        const q = backward(
          immediateTerms(Array.from({ length: attempts }, () => tokens), Array.from({ length: attempts }, () => -drift)),
          1
        )
        const [byAction, byToken] = (["action", "token"] as const).map((level) => attribution([weighedCycles(q, { level })]))
        expectClose(byAction!.ratio!, (attempts + 1) / (attempts - 1), 2e-2)
        expectClose(byToken!.ratio!, attempts / (attempts - 1), 2e-2)
        // At three attempts the quotient is the bound.
        if (attempts !== 3) expect(byAction!.verdict).toBe(attempts === 2 ? "unbalanced" : "balanced")
      }),
      { numRuns: 20 }
    )
  })

  it("the true Q of the 0/1 return has no one statistic: for every process with both kinds of answer, Q_D(STOP) is 1 or 0, Q_S neither", () => {
    fc.assert(
      fc.property(
        anyProcess.filter(({ answers }) => answers.some((each) => each.correct) && answers.some((each) => !each.correct)),
        (process) => {
          const { q } = solveProcess({ ...process, gamma: 1 }).returnValues
          const table = { sampling: q.sampling[0]!, decision: q.stop }
          expect(sufficientStatistic([table])._tag).toBe("Contradiction")
          expect(sufficientStatistic([table], { weights: "free" })._tag).toBe("Contradiction")
        }
      )
    )
  })
})

describe("what survives of the KL penalty's imbalance: signal and noise", () => {
  const grid5 = [0.1, 0.3, 0.5, 0.7, 0.9]
  const policies = grid5.flatMap((sampleCorrect) =>
    grid5.flatMap((stopGivenCorrect) => grid5.map((resampleGivenWrong) => ({ sampleCorrect, stopGivenCorrect, resampleGivenWrong })))
  )
  const penaltyAt = (policy: ThreeLogit.ThreeLogits, length: number) => {
    const reference = ThreeLogit.mapLogits((name) => policy[name] - 0.5)
    const model = { policy, reference, lengths: { correct: length, wrong: length }, beta: 1 }
    return estimatorMoments(ScoredChain.chainOfThreeLogit(policy, ScoredChain.klPenaltyTerms(model)))
  }
  const advantageOf = ({ decision, sampling }: EstimatorMoments) => sampling.signalToNoise! / decision.signalToNoise!
  const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

  it("for all 125 policies of a grid, ½ from the reference, π_D's signal-to-noise under the penalty is lower at 8 and at 100 tokens than at one, for three estimators", () => {
    for (const rates of policies) {
      const lengths = [1, 8, 100].map((length) => penaltyAt(ThreeLogit.logitsOf(rates), length))
      for (const estimator of ["trajectory", "reward-to-go", "value-baseline"] as const) {
        const [one, eight, hundred] = lengths.map((moments) => moments[estimator].decision.signalToNoise!)
        expect(eight!).toBeLessThan(one!)
        expect(hundred!).toBeLessThan(one!)
      }
    }
  })

  it("π_S's over π_D's has a median of 2.07 at one token, 35.3 at 8 and 83.8 at 100, the 0/1 reward's 1.71 at any length", () => {
    const ratios = (length: number) => policies.map((rates) => advantageOf(penaltyAt(ThreeLogit.logitsOf(rates), length)["reward-to-go"]))
    const reward = policies.map((rates) =>
      advantageOf(estimatorMoments(ScoredChain.chainOfThreeLogit(ThreeLogit.logitsOf(rates), ScoredChain.accuracyTerms))["reward-to-go"])
    )
    expect([1, 8, 100].map((length) => Number(median(ratios(length)).toPrecision(3)))).toEqual([2.07, 35.3, 83.8])
    expect(median(reward)).toBeCloseTo(1.71, 2)
    ratios(100).forEach((ratio, index) => expect(ratio).toBeGreaterThan(reward[index]!))
  })
})

describe("the cross term of the two parts", () => {
  it("for every process, parameters of one sub-policy each leave none: g_S and g_D are orthogonal in every trajectory, in both geometries", () => {
    fc.assert(
      fc.property(anyProcess, fc.constantFrom("euclidean" as const, "fisher" as const), (process, geometry) => {
        const tables = processTables(process)
        const found = estimatorMoments(ScoredChain.chainOfProcess(tables, returnTerms(tables)), {
          gamma: process.gamma,
          maxCycles: process.maxCycles,
          geometry
        })
        for (const estimator of ESTIMATORS) {
          expectClose(found[estimator].cross.mean, 0)
          expectClose(found[estimator].cross.covariance, 0)
        }
      }),
      { numRuns: 40 }
    )
  })

  it("shared parameters have one, of either sign: ⟨E g_S, E g_D⟩ is the product of the two pushes times what they share", () => {
    fc.assert(
      fc.property(threeLogits, grid(-2, 2), (policy, slope) => {
        // θ_S = x, θ_W = y + slope·x: a unit that answers better also resamples more, or less.
        const chain = ScoredChain.withParameters(ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms), [[1, 0], [0, 0], [
          slope,
          1
        ]])
        const plain = ThreeLogitGradient.accuracyLogitGradient(policy)
        for (const estimator of ESTIMATORS) {
          const found = estimatorMoments(chain)[estimator]
          expectClose(found.cross.mean, plain.sampleCorrect * slope * plain.resampleGivenWrong)
          expectClose(found.total.squaredNorm, found.sampling.squaredNorm + found.decision.squaredNorm + 2 * found.cross.mean)
          expectClose(found.total.variance, found.sampling.variance + found.decision.variance + 2 * found.cross.covariance)
        }
      })
    )
  })
})

describe("the Fisher metric", () => {
  const invertible = fc.array(fc.array(grid(-1, 1), { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 }).map((rows) =>
    rows.map((row, i) => row.map((value, j) => (i === j ? 3 + value : value)))
  )

  it("for every policy and change of coordinates, lengths, variances and signal-to-noise are the same, of the whole and by part", () => {
    fc.assert(
      fc.property(modelWith(anyLengths), invertible, ({ policy, ...model }, jacobian) => {
        const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.klPenaltyTerms({ policy, ...model }))
        const rates = ThreeLogit.ratesOf(policy)
        const toRates = logitsIn(rates).map((rate, i) => [0, 1, 2].map((j) => (i === j ? 1 / (rate * (1 - rate)) : 0)))
        const expected = estimatorMoments(chain, { geometry: "fisher" })
        const plain = estimatorMoments(chain)
        for (const change of [jacobian, toRates]) {
          const changed = ScoredChain.withParameters(chain, change)
          const found = estimatorMoments(changed, { geometry: "fisher" })
          for (const estimator of ESTIMATORS) {
            for (const part of ["sampling", "decision", "total"] as const) {
              const size = Math.max(1, expected[estimator][part].variance)
              expectClose(found[estimator][part].squaredNorm / size, expected[estimator][part].squaredNorm / size)
              expectClose(found[estimator][part].variance / size, expected[estimator][part].variance / size)
            }
          }
          expectAllClose(
            sumOf(estimatorMoments(changed).trajectory.gradient),
            [0, 1, 2].map((j) => sumOf(plain.trajectory.gradient).reduce((sum, value, i) => sum + change[i]![j]! * value, 0))
          )
        }
      }),
      { numRuns: 40 }
    )
  })

  it("for every process and Jacobian, gradients by other parameters follow the chain rule, and shared ones add up", () => {
    fc.assert(
      fc.property(
        anyProcess,
        fc.integer({ min: 1, max: 4 }),
        fc.array(grid(-1, 1), { minLength: 7, maxLength: 7 }),
        (process, columns, slopes) => {
          const { gamma, maxCycles } = process
          const tables = processTables(process)
          const chain = ScoredChain.chainOfProcess(tables, returnTerms(tables))
          const jacobian = Array.from(
            { length: chain.parameters },
            (_, i) => Array.from({ length: columns }, (_, j) => slopes[(3 * i + 5 * j) % slopes.length]!)
          )
          const plain = sumOf(estimatorMoments(chain, { gamma, maxCycles }).trajectory.gradient)
          const found = sumOf(estimatorMoments(ScoredChain.withParameters(chain, jacobian), { gamma, maxCycles }).trajectory.gradient)
          expectAllClose(found, found.map((_, j) => plain.reduce((sum, value, i) => sum + jacobian[i]![j]! * value, 0)))
        }
      ),
      { numRuns: 30 }
    )
  })

  it("of the plain metric that is not true: rates and logits disagree about the ratio of the two parts (counterexample)", () => {
    const policy = ThreeLogit.logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: 0.1 })
    const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms)
    const ratio = (of: ScoredChain.ScoredChain) => {
      const { decision, sampling } = estimatorMoments(of).trajectory
      return Math.sqrt(decision.squaredNorm / sampling.squaredNorm)
    }
    expectClose(ratio(chain), Math.hypot(0.1, 0.1))
    const rates = logitsIn(ThreeLogit.ratesOf(policy))
    const toRates = rates.map((rate, i) => [0, 1, 2].map((j) => (i === j ? 1 / (rate * (1 - rate)) : 0)))
    expectClose(ratio(ScoredChain.withParameters(chain, toRates)), 0.25 * Math.hypot(0.1 / 0.09, 0.1 / 0.09))
  })

  it("a constant on all logits of a softmax is no direction: the rank is the number of free probabilities", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const tables = processTables(process)
        const chain = ScoredChain.chainOfProcess(tables, returnTerms(tables))
        const fisher = fisherMatrix(chain, { maxCycles: process.maxCycles })
        fisher.forEach((row, i) => row.forEach((value, j) => expectClose(value, fisher[j]![i]!)))
        const free = tables.nodes.reduce((sum, { tokens }) => sum + tokens.length - 1, 0)
        const contexts = process.maxCycles === 1 ? 1 : tables.sampling.length
        expect(whitening(fisher).rank).toBe(contexts * free + process.answers.length)
      }),
      { numRuns: 30 }
    )
  })

  it("for all (p, c, w), the natural gradient of accuracy in the logits is (c(1−w)/S, 1 − acc, acc)", () => {
    fc.assert(
      fc.property(threeLogits, (policy) => {
        const rates = ThreeLogit.ratesOf(policy)
        const { stop } = ThreeLogit.cycleProbabilities(policy)
        const natural = naturalAccuracyGradient(policy)
        expectAllClose(logitsIn(natural), logitsIn(naturalLogitGradient(policy, ThreeLogitGradient.accuracyLogitGradient(policy))))
        const accuracy = (rates.sampleCorrect * rates.stopGivenCorrect) / stop
        expectClose(natural.resampleGivenWrong, accuracy)
        expectClose(natural.stopGivenCorrect, 1 - accuracy)
        expectClose(natural.sampleCorrect, (rates.stopGivenCorrect * (1 - rates.resampleGivenWrong)) / stop)
        const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms)
        const fisher = fisherMatrix(chain)
        expectAllClose(logitsIn(logitFisher(policy)), fisher.map((row, i) => row[i]!))
      })
    )
  })

  it("for all (p, c, w), |g_D|²/|g_S|² is (1−p)(1−c)/c + p·w/(1−w) by Fisher and (1−c)² + w² in the logits", () => {
    fc.assert(
      fc.property(threeLogits, (policy) => {
        const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms)
        const { decision, sampling } = estimatorMoments(chain, { geometry: "fisher" }).trajectory
        const { resampleGivenWrong, stopGivenCorrect, total } = fisherDecisionShare(policy)
        expectClose(total * sampling.squaredNorm, decision.squaredNorm)
        const { sampleCorrect: p, resampleGivenWrong: w, stopGivenCorrect: c } = ThreeLogit.ratesOf(policy)
        expectClose(stopGivenCorrect, ((1 - p) * (1 - c)) / c)
        expectClose(resampleGivenWrong, (p * w) / (1 - w))
        const plain = estimatorMoments(chain).trajectory
        expectClose(plain.decision.squaredNorm, ((1 - c) ** 2 + w ** 2) * plain.sampling.squaredNorm)
      })
    )
  })

  it("C29's vanishing push is one of coordinates: as w → 0 the plain push on θ_W vanishes like w, the natural one is the accuracy", () => {
    for (const w of [1e-2, 1e-4, 1e-8]) {
      const policy = ThreeLogit.logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: w })
      const plain = ThreeLogitGradient.accuracyLogitGradient(policy)
      expectClose(plain.resampleGivenWrong / plain.sampleCorrect / w, 1)
      expectClose(naturalAccuracyGradient(policy).resampleGivenWrong, 0.45 / (0.45 + 0.5 * (1 - w)))
    }
  })
})

describe("the three-logit chain", () => {
  it("for every model, its estimators' expectation is the gradient of `ThreeLogitGradient`, of accuracy and of the KL penalty", () => {
    fc.assert(
      fc.property(modelWith(anyLengths), (model) => {
        const accuracy = estimatorMoments(ScoredChain.chainOfThreeLogit(model.policy, ScoredChain.accuracyTerms))
        const penalty = estimatorMoments(ScoredChain.chainOfThreeLogit(model.policy, ScoredChain.klPenaltyTerms(model)))
        for (const estimator of ESTIMATORS) {
          expectAllClose(sumOf(accuracy[estimator].gradient), logitsIn(ThreeLogitGradient.accuracyLogitGradient(model.policy)))
          expectAllClose(sumOf(penalty[estimator].gradient), logitsIn(ThreeLogitGradient.klPenaltyLogitGradient(model).total), 1e-8)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("is the limit of its caps", () => {
    fc.assert(
      fc.property(threeLogits, (policy) => {
        const chain = ScoredChain.chainOfThreeLogit(policy, ScoredChain.accuracyTerms)
        fc.pre(ThreeLogit.cycleProbabilities(policy).stop > 0.2)
        const [capped, whole] = [estimatorMoments(chain, { maxCycles: 200 }), estimatorMoments(chain)]
        for (const estimator of ESTIMATORS) {
          expectClose(capped[estimator].total.variance, whole[estimator].total.variance, 1e-7)
          expectClose(capped[estimator].total.squaredNorm, whole[estimator].total.squaredNorm, 1e-7)
        }
      }),
      { numRuns: 20 }
    )
  })
})

describe("signal and noise of one batch", () => {
  const vector = fc.array(grid(-2, 2), { minLength: 2, maxLength: 2 })
  /** Three equally likely group gradients g and h. */
  const groups = fc.array(fc.tuple(vector, vector), { minLength: 3, maxLength: 3 })
  const sizesOf = fc.constantFrom([1, 1], [1, 2], [1, 1, 1], [2, 1, 1])
  const inner = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)
  const sum = (vectors: ReadonlyArray<ReadonlyArray<number>>) => vectors.reduce((a, b) => a.map((value, i) => value + b[i]!))

  it("for every distribution of a group's gradient and every cut, blocks give ⟨E g, E h⟩ and tr Cov(g, h) without bias; |ĝ|² is too large by tr Cov(ĝ)", () => {
    fc.assert(
      fc.property(groups, sizesOf, (choices, sizes) => {
        const count = sizes.reduce((a, b) => a + b, 0)
        const batches = Array.from({ length: count }).reduce<ReadonlyArray<ReadonlyArray<number>>>(
          (found) => found.flatMap((batch) => [0, 1, 2].map((choice) => [...batch, choice])),
          [[]]
        )
        // The batch gradient is the mean over its groups.
        const contribution = (choice: number, k: 0 | 1) => choices[choice]![k].map((value) => value / count)
        const mean = (k: 0 | 1) => sum(choices.map((choice) => choice[k].map((value) => value / 3)))
        const measured = (k: 0 | 1, l: 0 | 1) =>
          batches.map((batch) => {
            const blocks = sizes.map((size, b) => batch.slice(sizes.slice(0, b).reduce((a, c) => a + c, 0)).slice(0, size))
            const of = (part: 0 | 1) => blocks.map((block) => sum(block.map((choice) => contribution(choice, part))))
            const [left, right] = [of(k), of(l)]
            const products = { whole: inner(sum(left), sum(right)), ofBlocks: left.reduce((total, g, b) => total + inner(g, right[b]!), 0) }
            return { ...blockNoise(products, sizes), whole: products.whole }
          })
        const average = (values: ReadonlyArray<number>) => values.reduce((a, b) => a + b, 0) / values.length
        for (const [k, l] of [[0, 0], [0, 1], [1, 1]] as const) {
          const found = measured(k, l)
          const covariance = average(choices.map((choice) => inner(choice[k], choice[l]))) - inner(mean(k), mean(l))
          expectClose(average(found.map((each) => each.mean)), inner(mean(k), mean(l)))
          expectClose(average(found.map((each) => each.covariance)), covariance / count)
          expectClose(average(found.map((each) => each.whole)), inner(mean(k), mean(l)) + covariance / count)
        }
      }),
      { numRuns: 40 }
    )
  })

  it("refuses one block, a block without groups, and what overflowed", () => {
    expect(reasonOf(() => blockNoise({ whole: 1, ofBlocks: 1 }, [4]))).toMatchObject({ _tag: "GroupTooSmall", size: 1 })
    expect(reasonOf(() => blockNoise({ whole: 1, ofBlocks: 1 }, [4, 0]))).toMatchObject({ _tag: "OutOfRange", what: "sizes" })
    expect(reasonOf(() => blockNoise({ whole: Infinity, ofBlocks: 1 }, [1, 1]))).toMatchObject({ _tag: "NonFinite" })
  })
})

describe("what is refused", () => {
  const chain = ScoredChain.chainOfThreeLogit(
    ThreeLogit.logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }),
    ScoredChain.accuracyTerms
  )

  it("γ outside [0, 1], a cap below 1, a group of one, a Jacobian of another shape", () => {
    expect(reasonOf(() => estimatorMoments(chain, { gamma: 1.1 }))).toMatchObject({ what: "gamma" })
    expect(reasonOf(() => estimatorMoments(chain, { maxCycles: 0 }))).toMatchObject({ what: "maxCycles" })
    expect(reasonOf(() => estimatorMoments(chain, { groupSize: 1 }))).toMatchObject({ what: "groupSize" })
    expect(reasonOf(() => ScoredChain.withParameters(chain, [[1]]))).toMatchObject({ _tag: "ShapeMismatch", what: "jacobian" })
    expect(reasonOf(() => ScoredChain.withParameters(chain, [[1], [1, 2], [1]]))).toMatchObject({ what: "jacobian[1]" })
  })
})
