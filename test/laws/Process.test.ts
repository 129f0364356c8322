/**
 * Claims C04, C05, C07 and C15 on finite two-stage processes: Lemma 2, the visitation recursion, Bellman's equations and
 * Theorem 3.2's recursion, against enumeration of trajectories, autodiff, central differences and simulation.
 */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { twoStageAccuracy } from "../../src/theory/Accuracy.ts"
import * as KlPenalty from "../../src/theory/KlPenalty.ts"
import type { Process } from "../../src/theory/process/Process.ts"
import type { CycleValues } from "../../src/theory/process/ProcessBellman.ts"
import { enumerateProcess } from "../../src/theory/process/ProcessEnumeration.ts"
import { contextChain, solveProcess, visitationFromQuery } from "../../src/theory/process/ProcessSolve.ts"
import { type ActionValues, klTerms, processTables, returnTerms } from "../../src/theory/process/ProcessTables.ts"
import { expectedKlPenalty, ratesOf } from "../../src/theory/illustration/ThreeLogit.ts"
import { accuracyLogitGradient, klPenaltyLogitGradient } from "../../src/theory/illustration/ThreeLogitGradient.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { valueAt } from "../support/Differentiable.ts"
import { anyProcess } from "../support/ProcessArbitraries.ts"
import {
  cappedValue,
  enumerateProcessTrajectories,
  flatten,
  type ProcessTrajectory,
  simulateProcess,
  withPolicy
} from "../support/ProcessOracle.ts"
import { modelWith } from "../support/ThreeLogitArbitraries.ts"
import { sixSigma } from "../support/TwoStageTrajectories.ts"

const few = { numRuns: 25 }

/** Autodiff works on scalars here and takes tenths of a second a process. */
const fewest = { numRuns: 10 }

const sum = (values: ReadonlyArray<number>): number => values.reduce((total, value) => total + value, 0)

const expectation = (
  trajectories: ReadonlyArray<ProcessTrajectory>,
  value: (trajectory: ProcessTrajectory) => number
): number => sum(trajectories.map((trajectory) => trajectory.probability * value(trajectory)))

const isCorrect = (process: Process, { answers, stopped }: ProcessTrajectory): boolean =>
  stopped && process.answers[answers.at(-1)!]!.correct

/** Processes whose chance to be still running after `cycles` cycles, discount included, is below 1e-12. */
const quickToEnd = anyProcess.map((process) => ({ ...process, gamma: Math.min(process.gamma, 0.5), maxCycles: 41 }))

/** A process that has no exact symmetry; the fixed ground of the simulations. */
const lopsided: Process = {
  gamma: 0.9,
  beta: 0.3,
  maxCycles: 400,
  answers: [
    { tokens: [0], correct: true },
    { tokens: [1, 0], correct: false },
    { tokens: [1, 1], correct: false }
  ],
  policy: {
    sampling: [
      { "": [-0.4, 0.3], "1": [0.2, -0.5] },
      { "": [0.7, 0.1], "1": [-0.3, 0.6] },
      { "": [0.1, 0.9], "1": [1.1, -0.2] },
      { "": [1.2, -0.1], "1": [0, 0.4] }
    ],
    decision: [0.8, -0.9, -0.2]
  },
  reference: {
    sampling: [{ "": [0, 0], "1": [0, 0] }, { "": [0, 0], "1": [0, 0] }, { "": [0, 0], "1": [0, 0] }, { "": [0, 0], "1": [0, 0] }],
    decision: [0, 0, 0]
  }
}

describe("Exact results with a cap", () => {
  it("return, accuracy and cycles are the means over all trajectories, whose probabilities sum to 1", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const trajectories = enumerateProcessTrajectories(process, process.maxCycles)
      const results = enumerateProcess(process)
      expectClose(expectation(trajectories, () => 1), 1)
      expectClose(results.accuracy, expectation(trajectories, (each) => (isCorrect(process, each) ? 1 : 0)))
      expectClose(results.expectedCycles, expectation(trajectories, ({ answers }) => answers.length))
      expectClose(
        results.return,
        expectation(trajectories, (each) => (isCorrect(process, each) ? process.gamma ** (each.answers.length - 1) : 0))
      )
    }))
  })

  it("the KL penalty is the mean of a trajectory's Q at its first answer (Theorem 3.2's recursion)", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const mean = expectation(
        enumerateProcessTrajectories(process, process.maxCycles),
        ({ scored }) => KlPenalty.qValues(scored, process).sampling[0]!
      )
      expectClose(enumerateProcess(process).klPenalty, mean)
    }))
  })

  it("tend to those without a cap", () => {
    fc.assert(fc.property(quickToEnd, (process) => {
      const [capped, stationary] = [enumerateProcess(process), solveProcess(process)]
      expectClose(capped.return, stationary.return)
      expectClose(capped.klPenalty, stationary.klPenalty)
      expectAllClose(flatten(capped.gradReturn), flatten(stationary.gradReturn))
      expectAllClose(flatten(capped.gradKlPenalty), flatten(stationary.gradKlPenalty))
      expectAllClose(capped.returnValues[0]!.values, stationary.returnValues.values)
    }))
  })
})

describe("Lemma 2 (C04): the policy gradient in Q form with discounted visitation", () => {
  it("equals autodiff's gradient of the exact return, for all processes, discounts and caps", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const exact = cappedValue(process, "return", process.maxCycles)
        const results = enumerateProcess(process)
        expectClose(results.return, valueAt(exact, flatten(process.policy)))
        expectAllClose(flatten(results.gradReturn), gradient(exact, flatten(process.policy)))
      }),
      fewest
    )
  })

  it("equals it without a cap too: stationary Q and visitation against autodiff through 20 cycles at γ = 1/4", () => {
    const process = { ...lopsided, gamma: 0.25 }
    const exact = cappedValue(process, "return", 20)
    expectAllClose(flatten(solveProcess(process).gradReturn), gradient(exact, flatten(process.policy)))
  })

  it("equals the central difference of the linear solve, for all processes and discounts", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const slope = centralDifference((at) => solveProcess(withPolicy(process, at)).return, flatten(process.policy))
        expectAllClose(flatten(solveProcess(process).gradReturn), slope, DIFFERENCE)
      }),
      few
    )
  })

  it("needs the visitation's discount: with undiscounted visits the gradient is another one", () => {
    const discounted = flatten(solveProcess(lopsided).gradReturn)
    const undiscounted = flatten(solveProcess({ ...lopsided, gamma: 1 }).gradReturn)
    const slope = centralDifference((at) => solveProcess(withPolicy(lopsided, at)).return, flatten(lopsided.policy))
    expectAllClose(discounted, slope, DIFFERENCE)
    expect(Math.max(...discounted.map((value, index) => Math.abs(value - undiscounted[index]!)))).toBeGreaterThan(0.01)
  })
})

describe("Section A.3.1 (C05): the discounted visitation", () => {
  it("linear solve = truncated sum of the recursion, for all processes with γ ≤ 1/2", () => {
    fc.assert(fc.property(quickToEnd, (process) => {
      const cycles = enumerateProcess(process).visitation
      const truncated = cycles[0]!.map((_, context) => sum(cycles.map((visits) => visits[context]!)))
      expectAllClose(solveProcess(process).visitation, truncated)
    }))
  })

  it("= simulation within six standard errors, discounted and not", () => {
    const count = 40_000
    const runs = simulateProcess(lopsided, { count, seed: 5, maxCycles: 400 })
    for (const gamma of [0.9, 1]) {
      const exact = solveProcess({ ...lopsided, gamma }).visitation
      const visits = exact.map((_, context) =>
        runs.map((answers) => sum(answers.map((_answer, t) => ((t === 0 ? 0 : answers[t - 1]! + 1) === context ? gamma ** t : 0))))
      )
      for (const [context, perRun] of visits.entries()) {
        const mean = sum(perRun) / count
        const deviation = Math.sqrt(sum(perRun.map((value) => (value - mean) ** 2)) / count)
        expect(Math.abs(mean - exact[context]!)).toBeLessThan(sixSigma(deviation, count) + 1e-9)
      }
    }
  })

  it("fulfils d(s) = 1[s = query] + γ Σ_c d(c) M(c, s), and at γ = 1 sums to the expected cycles", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const tables = processTables(process)
      const { visitation } = solveProcess(process)
      const arrived = tables.resample.map((resample, answer) =>
        process.gamma * resample * sum(tables.sampling.map((row, context) => visitation[context]! * row[answer]!))
      )
      expectAllClose(visitation, [1, ...arrived])
      expectClose(sum(visitationFromQuery(contextChain(tables, 1))), solveProcess(process).expectedCycles)
    }))
  })
})

describe("Section 3.2, remark (C07): Bellman's equations", () => {
  const residuals = (process: Process, terms: ActionValues, found: CycleValues): ReadonlyArray<number> => {
    const { resample, sampling, stop } = processTables(process)
    const { q, values } = found
    const decided = (answer: number): number => stop[answer]! * q.stop[answer]! + resample[answer]! * q.resample[answer]!
    return [
      ...q.stop.map((value, answer) => value - terms.stop[answer]!),
      ...q.resample.map((value, answer) => value - terms.resample[answer]! - process.gamma * values[answer + 1]!),
      ...q.sampling.flatMap((row, context) => row.map((value, answer) => value - terms.sampling[context]![answer]! - decided(answer))),
      ...values.map((value, context) => value - sum(q.sampling[context]!.map((each, answer) => each * sampling[context]![answer]!)))
    ]
  }

  it("hold with residual 0 for the stationary Q and V of the return and of the KL penalty", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const tables = processTables(process)
      const results = solveProcess(process)
      const all = [
        ...residuals(process, returnTerms(tables), results.returnValues),
        ...residuals(process, klTerms(tables), results.klValues)
      ]
      const size = Math.max(1, ...results.klValues.values.map(Math.abs))
      for (const residual of all) expect(Math.abs(residual)).toBeLessThan(1e-12 * size)
    }))
  })

  it("the sampling and the decision of one answer share its value when no immediate term parts them (Φ is the state's value)", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const { resample, stop } = processTables(process)
      const { q } = solveProcess(process).returnValues
      for (const row of q.sampling) {
        expectAllClose(row, row.map((_, answer) => stop[answer]! * q.stop[answer]! + resample[answer]! * q.resample[answer]!))
      }
    }))
  })
})

describe("Theorem 3.2 (C15): the KL penalty's Q", () => {
  it("Q form = autodiff's gradient of the exact penalty, its log-ratios differentiated too: E[∇r] = 0", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const exact = cappedValue(process, "klPenalty", process.maxCycles)
        const results = enumerateProcess(process)
        expectClose(results.klPenalty, valueAt(exact, flatten(process.policy)))
        expectAllClose(flatten(results.gradKlPenalty), gradient(exact, flatten(process.policy)))
      }),
      fewest
    )
  })

  it("Q form without a cap = the central difference of the linear solve", () => {
    fc.assert(
      fc.property(anyProcess, (process) => {
        const slope = centralDifference((at) => solveProcess(withPolicy(process, at)).klPenalty, flatten(process.policy))
        // Penalties are at most a few hundred; the difference quotient's error grows with the fourth power of the cycles.
        const cycles = Math.max(1, solveProcess(process).expectedCycles)
        expectAllClose(flatten(solveProcess(process).gradKlPenalty), slope, DIFFERENCE * cycles ** 2)
      }),
      few
    )
  })

  it("the table's Q is the conditional mean of the trajectories' recursion and closed sum, given the action", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      const trajectories = enumerateProcessTrajectories(process, process.maxCycles)
      const { q } = enumerateProcess(process).klValues[0]!
      for (const [answer] of process.answers.entries()) {
        const taking = trajectories.filter(({ answers }) => answers[0] === answer)
        const resampling = taking.filter(({ scored }) => scored.attempts[0]!.decision === "RESAMPLE")
        const mean = (given: typeof taking, value: (each: ProcessTrajectory) => number): number =>
          expectation(given, value) / expectation(given, () => 1)
        expectClose(q.sampling[0]![answer]!, mean(taking, ({ scored }) => KlPenalty.qValues(scored, process).sampling[0]!))
        expectClose(q.sampling[0]![answer]!, mean(taking, ({ scored }) => KlPenalty.closedSum(scored, process).sampling[0]!))
        expectClose(q.resample[answer]!, mean(resampling, ({ scored }) => KlPenalty.qValues(scored, process).decision[0]!))
      }
    }))
  })

  it("is never positive for the query's value and 0 against itself", () => {
    fc.assert(fc.property(anyProcess, (process) => {
      expect(solveProcess(process).klPenalty).toBeLessThanOrEqual(1e-12)
      expectClose(solveProcess({ ...process, reference: process.policy }).klPenalty, 0, 0)
    }))
  })
})

describe("The three-logit model as a finite process of two one-token answers", () => {
  it("has the closed forms' accuracy, KL penalty and gradients, for all models with L = 1", () => {
    const oneToken = fc.constant({ correct: 1, wrong: 1 })
    fc.assert(fc.property(modelWith(oneToken), (model) => {
      const policyOf = (logits: typeof model.policy) => {
        const context = { "": [logits.sampleCorrect, 0] }
        return { sampling: [context, context, context], decision: [logits.stopGivenCorrect, -logits.resampleGivenWrong] }
      }
      const answers = [{ tokens: [0], correct: true }, { tokens: [1], correct: false }]
      const results = solveProcess({
        gamma: 1,
        beta: model.beta,
        maxCycles: 1,
        answers,
        policy: policyOf(model.policy),
        reference: policyOf(model.reference)
      })
      const asThree = (found: typeof results.gradReturn): ReadonlyArray<number> => [
        sum(found.sampling.map((context) => context[""]![0]!)),
        found.decision[0]!,
        -found.decision[1]!
      ]
      const closed = (found: typeof model.policy): ReadonlyArray<number> => [
        found.sampleCorrect,
        found.stopGivenCorrect,
        found.resampleGivenWrong
      ]
      expectClose(results.accuracy, twoStageAccuracy(ratesOf(model.policy)))
      expectClose(results.klPenalty, expectedKlPenalty(model).total)
      expectAllClose(asThree(results.gradReturn), closed(accuracyLogitGradient(model.policy)))
      expectAllClose(asThree(results.gradKlPenalty), closed(klPenaltyLogitGradient(model).total))
    }))
  })
})
