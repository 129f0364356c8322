/**
 * The three-logit model in expectation (claims C18 and C20, and the closed forms behind figure 1): closed forms against the
 * sum over all trajectories, autodiff and central differences.
 */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  cycleProbabilities,
  expectedKlPenalty,
  LOGIT_NAMES,
  logitsOf,
  mapLogits,
  ratesOf,
  type ThreeLogitModel,
  type ThreeLogits
} from "../../src/theory/illustration/ThreeLogit.ts"
import { klChain, sumContributions, surrogateChain } from "../../src/theory/illustration/ThreeLogitChain.ts"
import {
  accuracyLogitGradient,
  addLogits,
  attributeLogits,
  klPenaltyLogitGradient,
  surrogateLogitGradient
} from "../../src/theory/illustration/ThreeLogitGradient.ts"
import { twoStageAccuracy } from "../../src/theory/Accuracy.ts"
import * as Advantage from "../../src/theory/Advantage.ts"
import type { GroupEstimator } from "../../src/theory/GroupPush.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { valueAt } from "../support/Differentiable.ts"
import { anyLengths, equalLengths, modelWith, stoppedCycles, threeLogits } from "../support/ThreeLogitArbitraries.ts"
import { asLogits, asVector, cappedAccuracy, cappedKlPenalty } from "../support/ThreeLogitOracle.ts"
import { rateGrid } from "../support/TwoStageArbitraries.ts"
import { enumerateTrajectories, succeeds } from "../support/TwoStageTrajectories.ts"

const sumGradients = (gradients: ReadonlyArray<ThreeLogits>): ThreeLogits =>
  gradients.reduce((sum, each) => addLogits(sum, each), mapLogits(() => 0))

const few = { numRuns: 40 }

describe("Three-logit model: values", () => {
  it("E[KL penalty] up to a cap m is (1 − (1 − S)^m) of the uncapped one, summed over all trajectories, any lengths", () => {
    fc.assert(
      fc.property(modelWith(anyLengths), fc.integer({ min: 1, max: 6 }), (model, maxCycles) => {
        const sum = enumerateTrajectories(ratesOf(model.policy), maxCycles).reduce((total, { cycles, probability }) => {
          const penalties = klChain(model, cycles).reduce((all, row) => all + row.immediate, 0)
          return total + probability * penalties
        }, 0)
        const reached = 1 - (1 - cycleProbabilities(model.policy).stop) ** maxCycles
        const expected = expectedKlPenalty(model)
        expectClose(sum, expected.total * reached)
        expectClose(expected.sampling + expected.decision, expected.total)
      }),
      few
    )
  })

  it("E[KL penalty] is never positive for equal lengths, and 0 only at the reference", () => {
    fc.assert(fc.property(modelWith(equalLengths), (model) => {
      expect(expectedKlPenalty(model).total).toBeLessThanOrEqual(1e-12)
      expectClose(expectedKlPenalty({ ...model, reference: model.policy }).total, 0)
    }))
  })
})

describe("Theorem 3.1 on the three logits: the surrogate", () => {
  it("∇acc is autodiff's gradient of the capped accuracy where the cap is out of reach, and a central difference", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const closed = asVector(accuracyLogitGradient(policy))
      expectAllClose(closed, centralDifference((at) => twoStageAccuracy(ratesOf(asLogits(at))), asVector(policy)), DIFFERENCE)
    }))
    const policy = { sampleCorrect: 0.4, stopGivenCorrect: 1.1, resampleGivenWrong: -0.6 }
    expectAllClose(asVector(accuracyLogitGradient(policy)), gradient(cappedAccuracy(100), asVector(policy)))
  })

  it("∇acc/√(acc(1 − acc)) is the mean over all trajectories of A·∇log π, A = (R − mean)/std", () => {
    const maxCycles = 9
    for (
      const policy of [
        { sampleCorrect: 1, stopGivenCorrect: 2.5, resampleGivenWrong: -2.5 },
        { sampleCorrect: -1, stopGivenCorrect: 2, resampleGivenWrong: -2 }
      ]
    ) {
      const model: ThreeLogitModel = { policy, reference: policy, lengths: { correct: 3, wrong: 5 }, beta: 0 }
      const trajectories = enumerateTrajectories(ratesOf(policy), maxCycles)
      const accuracy = valueAt(cappedAccuracy(maxCycles), asVector(policy))
      const deviation = Math.sqrt(accuracy * (1 - accuracy))
      const mean = sumGradients(trajectories.map(({ cycles, probability }) => {
        const advantage = ((succeeds(cycles) ? 1 : 0) - accuracy) / deviation
        return addLogits(mapLogits(() => 0), sumContributions(surrogateChain(model, cycles, { advantage })), probability)
      }))
      expectAllClose(asVector(mean), gradient(cappedAccuracy(maxCycles), asVector(policy)).map((slope) => slope / deviation))
      // A cycle goes on with probability below 1/4, so nine cycles miss less than 1e-5 of the trajectories.
      expectAllClose(asVector(surrogateLogitGradient(policy)), asVector(mean), 1e-3)
    }
  })

  it("in finite groups it is the mean over all groups of trajectories, and at accuracy 0.05 in groups of eight half of the endless one", () => {
    const policy = { sampleCorrect: -0.4, stopGivenCorrect: 1.5, resampleGivenWrong: -3 }
    const group = { estimator: Advantage.groupRelative({ std: "population" }) as GroupEstimator, size: 2 }
    const model: ThreeLogitModel = { policy, reference: policy, lengths: { correct: 2, wrong: 2 }, beta: 0 }
    const trajectories = enumerateTrajectories(ratesOf(policy), 5)
    const mean = sumGradients(trajectories.flatMap((first) =>
      trajectories.map((second) => {
        const rewards = Float64Array.of(...[first, second].map(({ cycles }) => (succeeds(cycles) ? 1 : 0)))
        const [advantage] = Advantage.advantages(Advantage.groupRelative({ std: "population" }), rewards, Int32Array.of(0, 2))
        const score = sumContributions(surrogateChain(model, first.cycles, { advantage: advantage! }))
        return mapLogits((name) => first.probability * second.probability * score[name])
      })
    ))
    // A cycle goes on with probability below 0.11, so five cycles miss less than 2e-5 of the trajectories.
    expectAllClose(asVector(surrogateLogitGradient(policy, group)), asVector(mean), 1e-4)
    const low = logitsOf({ sampleCorrect: 0.05, stopGivenCorrect: 0.999, resampleGivenWrong: 0.001 })
    const eight = { estimator: Advantage.groupRelative({ std: "population" }) as GroupEstimator, size: 8 }
    const share = surrogateLogitGradient(low, eight).sampleCorrect / surrogateLogitGradient(low).sampleCorrect
    expect(Math.abs(share - 0.54)).toBeLessThan(0.01)
  })

  it("sampling : STOP : RESAMPLE is 1 : 1 − c : w for all policies, whatever the sampling rate and the lengths", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const { resampleGivenWrong: w, stopGivenCorrect: c } = ratesOf(policy)
      const found = surrogateLogitGradient(policy)
      expectClose(found.stopGivenCorrect / found.sampleCorrect, 1 - c)
      expectClose(found.resampleGivenWrong / found.sampleCorrect, w)
      expectClose(attributeLogits(found).ratio!, 1 / Math.hypot(1 - c, w))
    }))
  })

  it("gives every action of a trajectory the same Q, whatever the answers' lengths", () => {
    fc.assert(fc.property(modelWith(anyLengths), stoppedCycles, fc.integer({ min: -3, max: 3 }), (model, cycles, advantage) => {
      for (const row of surrogateChain(model, cycles, { advantage })) expectClose(row.q, advantage)
      const longer = { ...model, lengths: { correct: model.lengths.correct + 7, wrong: model.lengths.wrong + 1 } }
      const [left, right] = [model, longer].map((each) => sumContributions(surrogateChain(each, cycles, { advantage })))
      expect(left).toEqual(right)
    }))
  })
})

describe("Theorem 3.2 on the three logits: the KL penalty", () => {
  it("the mean of the Q chain's contributions over all trajectories is autodiff's gradient of E[Σ r], r held constant", () => {
    fc.assert(
      fc.property(modelWith(anyLengths), fc.integer({ min: 1, max: 4 }), (model, maxCycles) => {
        const mean = sumGradients(
          enumerateTrajectories(ratesOf(model.policy), maxCycles).map(({ cycles, probability }) =>
            addLogits(mapLogits(() => 0), sumContributions(klChain(model, cycles)), probability)
          )
        )
        expectAllClose(asVector(mean), gradient(cappedKlPenalty(model, maxCycles, true), asVector(model.policy)))
      }),
      few
    )
  })

  it("for equal lengths holding the penalties constant changes nothing: E[∇r] = 0", () => {
    fc.assert(
      fc.property(modelWith(equalLengths), fc.integer({ min: 1, max: 4 }), (model, maxCycles) => {
        const at = asVector(model.policy)
        expectAllClose(gradient(cappedKlPenalty(model, maxCycles, true), at), gradient(cappedKlPenalty(model, maxCycles), at))
      }),
      few
    )
  })

  it("the uncapped closed form is the derivative of E[KL penalty] for equal lengths, by central differences", () => {
    fc.assert(fc.property(modelWith(equalLengths), (model) => {
      const slope = centralDifference(
        (at) => expectedKlPenalty({ ...model, policy: asLogits(at) }).total,
        asVector(model.policy)
      )
      expectAllClose(asVector(klPenaltyLogitGradient(model).total), slope, DIFFERENCE)
    }))
  })

  it("for unequal lengths that derivative has −β·p(1 − p)·(L_C − L_W)/S more on θ_S: the model's log-ratio weighs L times", () => {
    fc.assert(fc.property(modelWith(anyLengths), (model) => {
      const slope = centralDifference(
        (at) => expectedKlPenalty({ ...model, policy: asLogits(at) }).total,
        asVector(model.policy)
      )
      const { correct, stop, wrong } = cycleProbabilities(model.policy)
      const extra = (-model.beta * correct * wrong * (model.lengths.correct - model.lengths.wrong)) / stop
      const found = klPenaltyLogitGradient(model).total
      expectAllClose([found.sampleCorrect + extra, found.stopGivenCorrect, found.resampleGivenWrong], slope, DIFFERENCE)
    }))
  })

  it("its parts are those of three penalties: own choice, later answers (all of L), later decisions (free of L)", () => {
    fc.assert(fc.property(modelWith(equalLengths), (model) => {
      const parts = klPenaltyLogitGradient(model)
      const twice = { correct: 2 * model.lengths.correct, wrong: 2 * model.lengths.wrong }
      const longer = klPenaltyLogitGradient({ ...model, lengths: twice })
      for (const name of LOGIT_NAMES) {
        expectClose(parts.immediate[name] + parts.futureSampling[name] + parts.futureDecision[name], parts.total[name])
        expectClose(longer.futureSampling[name], 2 * parts.futureSampling[name])
        expectClose(longer.futureDecision[name], parts.futureDecision[name])
      }
      expectClose(longer.immediate.sampleCorrect, 2 * parts.immediate.sampleCorrect)
      expectClose(longer.immediate.resampleGivenWrong, parts.immediate.resampleGivenWrong)
    }))
  })
})

describe("Theorem 3.2, C18: what RESAMPLE's Q is made of", () => {
  const displaced = (by: number, length: number): ThreeLogitModel => {
    const reference = { sampleCorrect: 0.3, stopGivenCorrect: 2, resampleGivenWrong: 1.2 }
    const policy = mapLogits((name) => reference[name] + by)
    return { policy, reference, lengths: { correct: length, wrong: length }, beta: 1 }
  }

  it("confirmed for long answers: the future sampling penalties outgrow RESAMPLE's own, linearly in L", () => {
    const share = (length: number): number => {
      const parts = klPenaltyLogitGradient(displaced(0.2, length))
      return parts.futureSampling.resampleGivenWrong / parts.immediate.resampleGivenWrong
    }
    expect(share(8)).toBeLessThan(1)
    expect(share(1000)).toBeGreaterThan(1)
    expectClose(share(1000) / share(8), 125)
  })

  it("qualifies 'small KL on decisions': both sub-policies' drags grow with L, so their ratio has a limit in L", () => {
    const ratio = (length: number): number => attributeLogits(klPenaltyLogitGradient(displaced(0.2, length)).total).ratio!
    expect(ratio(100)).toBeGreaterThan(5 * ratio(1))
    expect(ratio(1e7) / ratio(1e6)).toBeLessThan(1.01)
  })

  it("near the reference the drag on sampling is L times a decision's: one is linear in the step away, the future quadratic", () => {
    // The own penalties alone: L·p(1 − p) against √((p·c(1 − c))² + ((1 − p)·w(1 − w))²).
    const model = displaced(1e-7, 50)
    const at = cycleProbabilities(model.policy)
    const ownDecision = Math.hypot(
      at.correct * at.stopGivenCorrect * at.resampleGivenCorrect,
      at.wrong * at.resampleGivenWrong * at.stopGivenWrong
    )
    expectClose(attributeLogits(klPenaltyLogitGradient(model).total).ratio!, (50 * at.correct * at.wrong) / ownDecision, 1e-4)
  })
})

describe("Section 3.3.2, C20: the net effect, policy ahead of its reference by the same Δ on every logit", () => {
  const netOf = (policy: ThreeLogits, options: { readonly length: number; readonly beta: number; readonly step: number }) => {
    const model: ThreeLogitModel = {
      policy,
      reference: mapLogits((name) => policy[name] - options.step),
      lengths: { correct: options.length, wrong: options.length },
      beta: options.beta
    }
    const push = surrogateLogitGradient(policy)
    const drag = klPenaltyLogitGradient(model).total
    return { push, drag, net: addLogits(push, drag) }
  }
  const policies = rateGrid.map(logitsOf)
  const shareOf = (holds: (policy: ThreeLogits) => boolean): number => policies.filter(holds).length / policies.length

  /** Is a larger part of the reward's push lost to KL on sampling than on decision? */
  const samplingLosesMore = (length: number, step: number) => (policy: ThreeLogits): boolean => {
    const { drag, push } = netOf(policy, { length, beta: 1, step })
    const [dragged, pushed] = [attributeLogits(drag), attributeLogits(push)]
    return dragged.sampling / pushed.sampling > dragged.decision / pushed.decision
  }

  it("holds for every policy of the grid at L = 100: KL takes a larger part of the push from sampling than from decision", () => {
    for (const step of [0.01, 0.1, 0.5]) expect(shareOf(samplingLosesMore(100, step))).toBe(1)
  })

  it("needs length: it holds for about five in six policies at L = 8 and fewer than half at L = 1", () => {
    const atEight = shareOf(samplingLosesMore(8, 0.1))
    expect(atEight).toBeGreaterThan(0.75)
    expect(atEight).toBeLessThan(0.95)
    expect(shareOf(samplingLosesMore(1, 0.1))).toBeLessThan(0.5)
  })

  it("the push on θ_W survives near the reference, while long answers already hold θ_S: L = 100, β = 1, Δ = 0.01", () => {
    const options = { length: 100, beta: 1, step: 0.01 }
    expect(shareOf((policy) => netOf(policy, options).net.resampleGivenWrong > 0)).toBe(1)
    expect(shareOf((policy) => netOf(policy, options).net.stopGivenCorrect > 0)).toBe(1)
    expect(shareOf((policy) => netOf(policy, options).net.sampleCorrect > 0)).toBeLessThan(0.6)
  })

  it("refuted as 'minimal KL constraint' far from the reference: at Δ = 0.5 most policies' net gradient on θ_W is negative", () => {
    const options = { length: 100, beta: 1, step: 0.5 }
    expect(shareOf((policy) => netOf(policy, options).net.resampleGivenWrong > 0)).toBeLessThan(0.25)
    expect(shareOf((policy) => netOf(policy, options).net.stopGivenCorrect > 0)).toBeGreaterThan(0.9)
  })
})
