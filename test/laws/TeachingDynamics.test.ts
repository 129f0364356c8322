import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Advantage,
  decisionsAlong,
  follow,
  integrate,
  logitFisher,
  type Mobility,
  naturalAccuracyGradient,
  naturalDecisionWeights,
  rejectionThreshold,
  restingPolicy,
  teach,
  type Teaching,
  teachingInvariants,
  teachingTime,
  teachingVelocity,
  ThreeLogit,
  ThreeLogitFeedback,
  ThreeLogitGradient,
  twoStageAccuracy
} from "decision-sampling/theory"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { grid } from "../support/Arbitraries.ts"
import { threeLogits } from "../support/ThreeLogitArbitraries.ts"
import { asLogits, asVector, cappedAccuracy, cappedKlPenalty } from "../support/ThreeLogitOracle.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { gradient } from "../support/Autodiff.ts"
import { enumerateTrajectories } from "../support/TwoStageTrajectories.ts"

const { logitsOf, ratesOf, LOGIT_NAMES } = ThreeLogit
const { accuracyLogitGradient } = ThreeLogitGradient

const few = { numRuns: 20 }
const grpo = { estimator: Advantage.groupRelative({ std: "population" }), size: 8 } as Teaching["group"]
const estimators: fc.Arbitrary<NonNullable<Teaching["group"]> | undefined> = fc.constantFrom(
  undefined,
  grpo!,
  { estimator: Advantage.rloo(), size: 4 },
  { estimator: { ...Advantage.drGrpo(), scale: "none" as const }, size: 2 }
)
/** ∇f(θ)·v for a vector of derivatives. */
const along = (derivative: ArrayLike<number>, velocity: ReadonlyArray<number>) =>
  velocity.reduce((sum, each, i) => sum + derivative[i]! * each, 0)

describe("The flow of the three rates: θ̇ = M·(φ_G(acc)·∇acc − β·∇KL)", () => {
  it("without a group, a penalty and a mobility it is autodiff's gradient of the capped accuracy", () => {
    fc.assert(fc.property(threeLogits, fc.integer({ min: 1, max: 6 }), (policy, maxCycles) => {
      expectAllClose(asVector(teachingVelocity(policy, { maxCycles })), gradient(cappedAccuracy(maxCycles), asVector(policy)))
      expectAllClose(asVector(teachingVelocity(policy)), asVector(accuracyLogitGradient(policy)))
    }))
  })

  it("a group multiplies it by φ_G of the accuracy and turns it nowhere", () => {
    fc.assert(fc.property(threeLogits, estimators, (policy, group) => {
      const plain = teachingVelocity(policy)
      const found = teachingVelocity(policy, group === undefined ? {} : { group })
      const factor = found.sampleCorrect / plain.sampleCorrect
      for (const name of LOGIT_NAMES) expectClose(found[name], factor * plain[name])
      if (group?.estimator._tag === "LeaveOneOut" || group === undefined) expectClose(factor, 1)
    }))
  })

  it("a penalty in the reward brings autodiff's gradient of −β·KL under the cap, and its closed form without one", () => {
    fc.assert(
      fc.property(threeLogits, threeLogits, grid(0, 2), fc.integer({ min: 1, max: 5 }), (policy, reference, beta, maxCycles) => {
        // One token an answer: the oracle's log-ratio of an answer then weighs as its score does.
        const kl = { beta, reference, length: 1, placement: "reward" as const }
        const drag = gradient(
          cappedKlPenalty({ policy, reference, lengths: { correct: 1, wrong: 1 }, beta }, maxCycles, true),
          asVector(policy)
        )
        const push = gradient(cappedAccuracy(maxCycles), asVector(policy))
        expectAllClose(asVector(teachingVelocity(policy, { kl, maxCycles })), push.map((each, i) => each + drag[i]!))
      }),
      few
    )
  })

  it("a penalty in the loss pulls every visited choice to the reference's rate, as the table of estimators has k3", () => {
    // By enumeration: visits of each choice times (rate − reference's rate).
    fc.assert(
      fc.property(threeLogits, threeLogits, fc.integer({ min: 1, max: 5 }), (policy, reference, maxCycles) => {
        const rates = ratesOf(policy)
        const held = ratesOf(reference)
        let [answers, right, wrong] = [0, 0, 0]
        for (const { cycles, probability } of enumerateTrajectories(rates, maxCycles)) {
          answers += probability * cycles.length
          right += probability * cycles.filter(({ correct }) => correct).length
          wrong += probability * cycles.filter(({ correct }) => !correct).length
        }
        const velocity = teachingVelocity(policy, { maxCycles, kl: { beta: 0.7, reference, length: 5, placement: "loss" } })
        const push = teachingVelocity(policy, { maxCycles })
        expectClose(velocity.sampleCorrect - push.sampleCorrect, -0.7 * 5 * answers * (rates.sampleCorrect - held.sampleCorrect), 1e-9)
        expectClose(
          velocity.stopGivenCorrect - push.stopGivenCorrect,
          -0.7 * right * (rates.stopGivenCorrect - held.stopGivenCorrect),
          1e-9
        )
        expectClose(
          velocity.resampleGivenWrong - push.resampleGivenWrong,
          -0.7 * wrong * (rates.resampleGivenWrong - held.resampleGivenWrong),
          1e-9
        )
      }),
      few
    )
  })

  it("pushed choices add up: the flows of π_S alone and of π_D alone sum to the joint one, under any mobility", () => {
    const mobility: Mobility = {
      sampleCorrect: { sampleCorrect: 1, stopGivenCorrect: 0.2, resampleGivenWrong: -0.1 },
      stopGivenCorrect: { sampleCorrect: 0.2, stopGivenCorrect: 2, resampleGivenWrong: -0.9 },
      resampleGivenWrong: { sampleCorrect: -0.1, stopGivenCorrect: -0.9, resampleGivenWrong: 1.5 }
    }
    fc.assert(fc.property(threeLogits, (policy) => {
      const at = (pushed?: Teaching["pushed"]) => asVector(teachingVelocity(policy, { mobility, ...(pushed && { pushed }) }))
      const [all, sampling, deciding] = [at(), at(["sampleCorrect"]), at(["stopGivenCorrect", "resampleGivenWrong"])]
      expectAllClose(all, sampling.map((each, i) => each + deciding[i]!))
      const push = asVector(accuracyLogitGradient(policy))
      expectAllClose(all, LOGIT_NAMES.map((row) => along(LOGIT_NAMES.map((column) => mobility[row][column]), push)))
    }))
  })
})

describe("Any other flow", () => {
  const times = [0, 3, 40]
  const start = logitsOf({ sampleCorrect: 0.4, stopGivenCorrect: 0.7, resampleGivenWrong: 0.2 })

  it("along reinforcement learning's velocity is `teach`, with and without a cap", () => {
    for (const maxCycles of [undefined, 3]) {
      const teaching = maxCycles === undefined ? {} : { maxCycles }
      expect(follow(start, times, (policy) => teachingVelocity(policy, teaching), maxCycles)).toEqual(teach(start, times, teaching))
    }
  })

  it("along SFT's comes to rest at the data's rates; along DFT's each rate goes to the option that the data shows more often", () => {
    const data = { sampleCorrect: 0.6, stopGivenCorrect: 0.9, resampleGivenWrong: 0.3 }
    const [taught] = follow(start, [200], (policy) => ThreeLogitFeedback.sftLogitGradient(policy, data))
    for (const name of LOGIT_NAMES) expectClose(taught!.rates[name], data[name], 1e-6)
    const [late] = follow(start, [5000], (policy) => ThreeLogitFeedback.dftLogitGradient(policy, data))
    for (const [name, end] of Object.entries({ sampleCorrect: 1, stopGivenCorrect: 1, resampleGivenWrong: 0 })) {
      expect(Math.abs(late!.rates[name as ThreeLogit.LogitName] - end)).toBeLessThan(1e-2)
    }
  })
})

describe("Fisher geometry: what the plain coordinates hide", () => {
  it("the Fisher matrix is E[∇log π(τ) ∇log π(τ)ᵀ] over all trajectories, and diagonal", () => {
    fc.assert(
      fc.property(threeLogits, fc.integer({ min: 1, max: 5 }), (policy, maxCycles) => {
        const rates = ratesOf(policy)
        const matrix = [0, 1, 2].map(() => [0, 0, 0])
        for (const { cycles, probability } of enumerateTrajectories(rates, maxCycles)) {
          const score = [0, 0, 0]
          for (const { correct, decision } of cycles) {
            score[0]! += (correct ? 1 : 0) - rates.sampleCorrect
            if (correct) score[1]! += (decision === "STOP" ? 1 : 0) - rates.stopGivenCorrect
            else score[2]! += (decision === "RESAMPLE" ? 1 : 0) - rates.resampleGivenWrong
          }
          score.forEach((a, i) => score.forEach((b, j) => (matrix[i]![j]! += probability * a * b)))
        }
        const diagonal = asVector(logitFisher(policy, maxCycles))
        matrix.forEach((row, i) => row.forEach((entry, j) => expectClose(entry, i === j ? diagonal[i]! : 0, 1e-9)))
      }),
      few
    )
  })

  it("F⁻¹∇acc is (c(1 − w)/S, 1 − acc, acc), the difference of Q between each choice's options, and the flow of mobility \"fisher\"", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = ratesOf(policy)
      const accuracy = twoStageAccuracy(ratesOf(policy))
      const natural = asVector(naturalAccuracyGradient(policy))
      expectAllClose(natural, [(c * (1 - w)) / (p * c + (1 - p) * (1 - w)), 1 - accuracy, accuracy], 1e-9)
      expectAllClose(asVector(teachingVelocity(policy, { mobility: "fisher" })), natural, 1e-9)
    }))
  })

  it("does not depend on the coordinates: ∇acc in rates over the Fisher matrix in rates is the same motion", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const rates = ratesOf(policy)
      const slope = centralDifference(
        (at) => twoStageAccuracy({ sampleCorrect: at[0]!, stopGivenCorrect: at[1]!, resampleGivenWrong: at[2]! }),
        asVector(rates),
        1e-4
      )
      const natural = naturalAccuracyGradient(policy)
      const fisher = logitFisher(policy)
      LOGIT_NAMES.forEach((name, i) => {
        const variance = rates[name] * (1 - rates[name])
        // F in rates is F in logits over (dρ/dθ)²; the motion in rates is dρ/dθ times that in logits.
        const inRates = slope[i]! / (fisher[name] / variance ** 2)
        expect(Math.abs(inRates - variance * natural[name])).toBeLessThan(1e-5)
      })
    }))
  })

  it("C29's vanishing push is one of coordinates: as w → 0 the plain push on θ_W goes to 0 with w, the natural one to acc", () => {
    for (const w of [1e-2, 1e-4, 1e-8]) {
      const policy = logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: w })
      expect(teachingVelocity(policy).resampleGivenWrong / w).toBeLessThan(0.26)
      expect(naturalAccuracyGradient(policy).resampleGivenWrong).toBeGreaterThan(0.47)
    }
  })

  it("natural weights on decisions give the plain gradient the natural one's direction, wherever they are not cut", () => {
    fc.assert(fc.property(threeLogits, (policy) => {
      const rates = ratesOf(policy)
      const most = 1e6
      const weights = naturalDecisionWeights(rates, { most })
      const push = accuracyLogitGradient(policy)
      const natural = naturalAccuracyGradient(policy)
      const factor = push.sampleCorrect / natural.sampleCorrect
      expectClose(weights.correct * push.stopGivenCorrect, factor * natural.stopGivenCorrect, 1e-9)
      expectClose(weights.wrong * push.resampleGivenWrong, factor * natural.resampleGivenWrong, 1e-9)
    }))
    expect(naturalDecisionWeights({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 })).toEqual({ correct: 2, wrong: 2 })
    expect(naturalDecisionWeights({ sampleCorrect: 0.9, stopGivenCorrect: 1, resampleGivenWrong: 0 })).toEqual({ correct: 10, wrong: 10 })
    expect(naturalDecisionWeights({ sampleCorrect: 1, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }, { most: 4 })).toEqual({
      correct: 1 / 4,
      wrong: 4
    })
    for (const most of [0.5, Infinity]) {
      expect(() => naturalDecisionWeights({ sampleCorrect: 1, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }, { most })).toThrow(
        `most[0] = ${most}`
      )
    }
    // The weight of one kind of decision does not know how sure the other is, at the edges of the rates too.
    fc.assert(fc.property(grid(0, 1), grid(0, 1), grid(0, 1), (sampleCorrect, stopGivenCorrect, resampleGivenWrong) => {
      const { correct, wrong } = naturalDecisionWeights({ sampleCorrect, stopGivenCorrect, resampleGivenWrong })
      for (const sure of [0, 1]) {
        expect(naturalDecisionWeights({ sampleCorrect, stopGivenCorrect, resampleGivenWrong: sure })).toEqual({ correct, wrong: 10 })
        expect(naturalDecisionWeights({ sampleCorrect, stopGivenCorrect: sure, resampleGivenWrong })).toEqual({ correct: 10, wrong })
      }
    }))
  })

  it("turned back by a mobility, they move a network along the natural gradient: M·(weights · plain gradient) ∝ F⁻¹∇acc", () => {
    // Correlations up to ±0.6 between the decisions, as networks have them, and small ones with sampling.
    const shares = fc.record({
      s: grid(0.2, 5),
      c: grid(0.2, 5),
      w: grid(0.2, 5),
      cw: grid(-0.6, 0.6),
      sc: grid(-0.2, 0.2),
      sw: grid(-0.2, 0.2)
    })
    let natural = 0
    fc.assert(fc.property(threeLogits, shares, (policy, { c, cw, s, sc, sw, w }) => {
      const mobility: Mobility = {
        sampleCorrect: { sampleCorrect: s, stopGivenCorrect: sc * Math.sqrt(s * c), resampleGivenWrong: sw * Math.sqrt(s * w) },
        stopGivenCorrect: { sampleCorrect: sc * Math.sqrt(s * c), stopGivenCorrect: c, resampleGivenWrong: cw * Math.sqrt(c * w) },
        resampleGivenWrong: { sampleCorrect: sw * Math.sqrt(s * w), stopGivenCorrect: cw * Math.sqrt(c * w), resampleGivenWrong: w }
      }
      const weights = naturalDecisionWeights(ratesOf(policy), { most: 1e9, mobility })
      const push = accuracyLogitGradient(policy)
      const weighed = [push.sampleCorrect, weights.correct * push.stopGivenCorrect, weights.wrong * push.resampleGivenWrong]
      const motion = LOGIT_NAMES.map((row) => along(LOGIT_NAMES.map((column) => mobility[row][column]), weighed))
      // Where natural motion would need a push backwards the weights are cut instead.
      if (weights.correct === 1e-9 || weights.wrong === 1e-9 || weights.correct === 1e9 || weights.wrong === 1e9) return
      natural++
      const direction = asVector(naturalAccuracyGradient(policy))
      motion.forEach((each, i) => expectClose((each * direction[0]!) / (direction[i]! * motion[0]!), 1, 1e-6))
    }))
    expect(natural).toBeGreaterThan(40)
    const ones = { sampleCorrect: 1, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    const singular: Mobility = { sampleCorrect: ones, stopGivenCorrect: ones, resampleGivenWrong: ones }
    const rates = { sampleCorrect: 0.7, stopGivenCorrect: 0.7, resampleGivenWrong: 0.3 }
    expect(naturalDecisionWeights(rates, { mobility: singular })).toEqual(naturalDecisionWeights(rates))
    // Singular, and no shared parameters' either: a negative diagonal must not pass as invertible.
    const negative = {
      sampleCorrect: { ...ones, sampleCorrect: -1, resampleGivenWrong: 0 },
      stopGivenCorrect: { sampleCorrect: 1, stopGivenCorrect: -1, resampleGivenWrong: 0 },
      resampleGivenWrong: { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: -1 }
    }
    expect(naturalDecisionWeights(rates, { mobility: negative })).toEqual(naturalDecisionWeights(rates))
    // π_S pulls both decisions along so far that it would have to be pushed back.
    const dragging: Mobility = {
      sampleCorrect: { sampleCorrect: 1, stopGivenCorrect: 0.6, resampleGivenWrong: 0.6 },
      stopGivenCorrect: { sampleCorrect: 0.6, stopGivenCorrect: 1, resampleGivenWrong: 0 },
      resampleGivenWrong: { sampleCorrect: 0.6, stopGivenCorrect: 0, resampleGivenWrong: 1 }
    }
    expect(naturalDecisionWeights({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 }, { mobility: dragging }))
      .toEqual({ correct: 10, wrong: 10 })
  })

  it("with natural weights the flow is the same as far as the cut allows", () => {
    const policy = logitsOf({ sampleCorrect: 0.7, stopGivenCorrect: 0.7, resampleGivenWrong: 0.3 })
    const plain = teachingVelocity(policy)
    const weighed = teachingVelocity(policy, { decisions: "natural" })
    expectClose(weighed.sampleCorrect, plain.sampleCorrect)
    // (1 − p)/(c(1 − c)) = 0.3/0.21 and p/(w(1 − w)) = 0.7/0.21.
    expectClose(weighed.stopGivenCorrect / plain.stopGivenCorrect, 0.3 / 0.21)
    expectClose(weighed.resampleGivenWrong / plain.resampleGivenWrong, 0.7 / 0.21)
  })
})

describe("Invariants: how far deciding is taught is settled by the start and by how far sampling moves", () => {
  it("θ_W − e^−θ_W − θ_S and θ_C + e^θ_C − θ_S stand still under the flow, for every policy and estimator", () => {
    fc.assert(fc.property(threeLogits, estimators, (policy, group) => {
      const velocity = asVector(teachingVelocity(policy, group === undefined ? {} : { group }))
      const [, c, w] = asVector(policy)
      expect(Math.abs(along([-1, 0, 1 + Math.exp(-w!)], velocity))).toBeLessThan(1e-9 * Math.hypot(...velocity))
      expect(Math.abs(along([-1, 1 + Math.exp(c!), 0], velocity))).toBeLessThan(1e-9 * Math.hypot(...velocity))
    }))
  })

  it("so do they with a diagonal mobility, each divided by its own", () => {
    fc.assert(
      fc.property(threeLogits, grid(0.1, 5), grid(0.1, 5), grid(0.1, 5), (policy, s, c, w) => {
        const diagonal = { sampleCorrect: s, stopGivenCorrect: c, resampleGivenWrong: w }
        const mobility: Mobility = {
          sampleCorrect: { sampleCorrect: s, stopGivenCorrect: 0, resampleGivenWrong: 0 },
          stopGivenCorrect: { sampleCorrect: 0, stopGivenCorrect: c, resampleGivenWrong: 0 },
          resampleGivenWrong: { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: w }
        }
        const velocity = teachingVelocity(policy, { mobility })
        for (const kept of ["resample", "stop"] as const) {
          const slope = centralDifference((at) => teachingInvariants(asLogits(at), diagonal)[kept], asVector(policy))
          expect(Math.abs(along(slope, asVector(velocity)))).toBeLessThan(1e-4 * Math.hypot(...asVector(velocity)))
        }
      }),
      few
    )
  })

  it("the state of a flow is where its sampling logit says, at every time and whatever φ: decisionsAlong", () => {
    fc.assert(
      fc.property(threeLogits, estimators, (start, group) => {
        for (const { logits } of teach(start, [1, 10, 100], group === undefined ? {} : { group })) {
          expectAllClose(asVector(decisionsAlong(start, logits.sampleCorrect)), asVector(logits), 1e-6)
        }
      }),
      few
    )
  })

  it("so it is however far sampling moves, both ways, and refuses logits whose exponential is none", () => {
    const start = { sampleCorrect: -5, stopGivenCorrect: 0, resampleGivenWrong: -5 }
    for (const sampleCorrect of [-2000, -400, 0, 400, 2000]) {
      const at = teachingInvariants(decisionsAlong(start, sampleCorrect))
      const from = teachingInvariants(start)
      expectClose(at.resample / from.resample, 1, 1e-10)
      expectClose(at.stop / from.stop, 1, 1e-10)
    }
    expect(() => teachingInvariants({ ...start, stopGivenCorrect: 800 })).toThrow("invariants[1] = Infinity")
    expect(() => decisionsAlong({ ...start, resampleGivenWrong: -800 }, 1)).toThrow("invariants[0] = -Infinity")
  })

  it("with w small, 1/w₀ − 1/w is how far θ_S has come: within 10 % from w₀ = 0.01", () => {
    const start = logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.7, resampleGivenWrong: 0.01 })
    const end = ratesOf(decisionsAlong(start, start.sampleCorrect + 20))
    expect(Math.abs((1 / 0.01 - 1 / end.resampleGivenWrong) / 20 - 1)).toBeLessThan(0.1)
  })

  it("a cap breaks them: its gradient is not 1 : 1 − c : w (counterexample)", () => {
    const policy = logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.6, resampleGivenWrong: 0.6 })
    const { resampleGivenWrong, sampleCorrect } = teachingVelocity(policy, { maxCycles: 2 })
    expect(resampleGivenWrong / sampleCorrect).toBeLessThan(0.8 * 0.6)
  })
})

describe("Times, thresholds and resting points", () => {
  it("teaching time in closed form is the flow's, in plain and in natural coordinates", () => {
    fc.assert(
      fc.property(grid(0.1, 0.9), grid(0.1, 1), fc.constantFrom(0.01, 0.1, 0.3), fc.constantFrom(0.4, 0.6, 0.9), (p, c, from, to) => {
        for (const geometry of ["euclidean", "fisher"] as const) {
          const slope = ([logit]: ReadonlyArray<number>) => {
            const w = 1 / (1 + Math.exp(-logit!))
            const stop = p * c + (1 - p) * (1 - w)
            return [geometry === "fisher" ? (p * c) / stop : (p * (1 - p) * c * (1 - w) * w) / stop ** 2]
          }
          const { end, last } = integrate(slope, [Math.log(from / (1 - from))], [
            teachingTime({ sampleCorrect: p, stopGivenCorrect: c }, from, to, geometry)
          ])
          expect(end).toBeGreaterThan(0)
          expectClose(1 / (1 + Math.exp(-last[0]!)), to, 1e-6)
        }
      }),
      few
    )
  })

  it("from w = 10⁻⁴ to ½ at p = 0.5, c = 0.9: 40,139 units of plain ascent, 18.7 of natural; it grows like 1/w₀ and like log 1/w₀", () => {
    const rates = { sampleCorrect: 0.5, stopGivenCorrect: 0.9 }
    expect(Math.round(teachingTime(rates, 1e-4, 0.5))).toBe(40_139)
    expectClose(teachingTime(rates, 1e-4, 0.5, "fisher"), 18.673788357438333)
    expect(teachingTime(rates, 1e-5, 0.5) / teachingTime(rates, 1e-4, 0.5)).toBeGreaterThan(9.9)
    expect(teachingTime(rates, 1e-5, 0.5, "fisher") - teachingTime(rates, 1e-4, 0.5, "fisher")).toBeLessThan(5)
    expect(() => teachingTime(rates, 0, 0.5)).toThrow("from[0] = 0")
    expect(() => teachingTime(rates, 0.5, 1)).toThrow("to[0] = 1")
  })

  it("below the threshold β* = φ·acc a policy that hardly rejects learns to, above it k3 in the loss keeps it", () => {
    fc.assert(
      fc.property(grid(0.1, 0.9), grid(0.2, 0.99), estimators, (p, c, group) => {
        const held = logitsOf({ sampleCorrect: p, stopGivenCorrect: c, resampleGivenWrong: 1e-6 })
        const of = group === undefined ? {} : { group }
        const threshold = rejectionThreshold(held, group)
        // Ten times the reference's w, still tiny, everything else at the reference.
        const policy = { ...held, resampleGivenWrong: held.resampleGivenWrong + Math.log(10) }
        const pushed = (beta: number) =>
          teachingVelocity(policy, { ...of, kl: { beta, reference: held, length: 3, placement: "loss" } }).resampleGivenWrong
        // At ten times the reference's rate the pull is 9/10 of β·w: it balances at β = φ·acc/0.9.
        expect(pushed(0.99 * (threshold / 0.9))).toBeGreaterThan(0)
        expect(pushed(1.01 * (threshold / 0.9))).toBeLessThan(0)
      }),
      few
    )
  })

  it("reward and a penalty in the reward rest where every choice is π_ref·e^(Q/β): the flow is 0 there and leads there", () => {
    fc.assert(
      fc.property(threeLogits, grid(0.05, 2), fc.integer({ min: 1, max: 40 }), (reference, beta, length) => {
        const kl = { beta, reference, length, placement: "reward" as const }
        const rest = restingPolicy(kl)
        for (const each of asVector(teachingVelocity(rest, { kl }))) expect(Math.abs(each)).toBeLessThan(1e-8)
        const value = (policy: ThreeLogit.ThreeLogits) =>
          twoStageAccuracy(ratesOf(policy)) +
          ThreeLogit.expectedKlPenalty({ policy, reference, lengths: { correct: length, wrong: length }, beta }).total
        for (const name of LOGIT_NAMES) {
          for (const step of [-0.3, 0.3]) expect(value({ ...rest, [name]: rest[name] + step })).toBeLessThan(value(rest))
        }
      }),
      { numRuns: 50 }
    )
    const reference = logitsOf({ sampleCorrect: 0.68, stopGivenCorrect: 0.7, resampleGivenWrong: 0.3 })
    const kl = { beta: 0.3, reference, length: 4, placement: "reward" as const }
    expectAllClose(asVector(teach(reference, [5000], { kl })[0]!.logits), asVector(restingPolicy(kl)), 1e-6)
  })

  it("the resting point keeps its digits at a tiny and at a huge β, and at references that all but exclude a choice", () => {
    // To first order in 1/β: θ − θ_ref = Q under the reference over β.
    const reference = logitsOf({ sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 })
    const far = restingPolicy({ beta: 1e10, reference, length: 4 })
    // acc = 0.24/0.52, U_C = 0.8 + 0.2·acc, U_W = 0.6·acc.
    const accuracy = 0.24 / 0.52
    const moved = LOGIT_NAMES.map((name) => (far[name] - reference[name]) * 1e10)
    expectAllClose(moved, [(0.8 - 0.4 * accuracy) / 4, 1 - accuracy, accuracy], 1e-5)
    // A reference that never stops at right answers (e^−800 is 0 in float64): stopping there costs 0.8, and V = 0.2 less what it takes to reject.
    const rest = restingPolicy({ beta: 1e-3, reference: { sampleCorrect: 0, stopGivenCorrect: -800, resampleGivenWrong: -1 }, length: 1 })
    for (const name of LOGIT_NAMES) expect(Number.isFinite(rest[name])).toBe(true)
    // V = 0.2 − β·(log 2 + …): one cycle costs log 2 for a right answer, a wrong one goes on.
    expect(rest.resampleGivenWrong + 1).toBeGreaterThan(199)
    expect(rest.resampleGivenWrong + 1).toBeLessThan(201)
    expect(() => restingPolicy({ beta: 1, reference: { ...reference, sampleCorrect: Number.NaN }, length: 1 })).toThrow(
      "reference.sampleCorrect"
    )
  })

  it("refuses penalties, mobilities and times that are none", () => {
    const at = logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 })
    const ones = { sampleCorrect: 1, stopGivenCorrect: 1, resampleGivenWrong: 1 }
    for (const placement of ["loss", "reward"] as const) {
      const kl = { beta: 1, reference: at, length: 3, placement }
      for (const length of [-3, 0, 1.5, Number.NaN]) {
        expect(() => teachingVelocity(at, { kl: { ...kl, length } })).toThrow(`kl.length[0] = ${length}`)
      }
      expect(() => teachingVelocity(at, { kl: { ...kl, reference: { ...at, stopGivenCorrect: Number.NaN } } })).toThrow("kl.reference")
      expect(() => teachingVelocity(at, { kl: { ...kl, beta: Number.NaN } })).toThrow("kl.beta")
    }
    const mobility: Mobility = {
      sampleCorrect: { ...ones, resampleGivenWrong: Number.NaN },
      stopGivenCorrect: ones,
      resampleGivenWrong: ones
    }
    expect(() => teachingVelocity(at, { mobility })).toThrow("mobility.sampleCorrect[2] = NaN")
    for (const times of [[Number.NaN], [Infinity], [-1], [5, 1]]) {
      expect(() => teach(at, times, { refreshEvery: 2 })).toThrow("numbers that ascend from 0 on")
    }
  })

  it("refreshing the reference frees the policy again: it goes on past where it would rest", () => {
    const start = logitsOf({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 })
    const kl = { beta: 1, reference: start, length: 8, placement: "reward" as const }
    const [held] = teach(start, [400], { kl })
    const [freed] = teach(start, [400], { kl, refreshEvery: 40 })
    expect(freed!.accuracy).toBeGreaterThan(held!.accuracy + 0.1)
    // Times across refreshes are the same flow in pieces.
    const pieces = teach(start, [10, 80, 81, 400], { kl, refreshEvery: 40 })
    expect(pieces.map(({ time }) => time)).toEqual([10, 80, 81, 400])
    expectAllClose(asVector(pieces.at(-1)!.logits), asVector(freed!.logits), 1e-7)
    expect(() => teach(start, [1], { refreshEvery: 0 })).toThrow("refreshEvery[0] = 0")
  })
})

describe("The integrator", () => {
  it("meets known solutions to its tolerance: decay and a circle", () => {
    fc.assert(fc.property(grid(-2, 2), grid(0, 5), (rate, time) => {
      const [found] = integrate(([x]) => [rate * x!], [1], [time]).states
      expectClose(found![0]!, Math.exp(rate * time), 1e-6)
    }))
    const { states } = integrate(([x, y]) => [-y!, x!], [1, 0], [0, Math.PI, 2 * Math.PI])
    expectAllClose(states.flat(), [1, 0, -1, 0, 1, 0], 1e-6)
  })

  it("stops where it is told, and refuses times that descend and slopes that are no numbers", () => {
    const run = integrate(() => [1], [0], [1, 2, 3], { until: ([x]) => x! >= 1.5 })
    expect(run.states.length).toBe(1)
    expect(run.last[0]).toBeGreaterThanOrEqual(1.5)
    expect(run.end).toBeLessThan(3)
    expect(() => integrate(() => [1], [0], [2, 1])).toThrow("times[1][0] = 1")
    expect(() => integrate(() => [Number.NaN], [0], [1])).toThrow("slope[0] = NaN")
    expect(() => integrate(() => [1], [0], [1], { tolerance: 0 })).toThrow("tolerance[0] = 0")
  })
})
