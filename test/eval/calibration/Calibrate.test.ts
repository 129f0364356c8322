import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ConfigError } from "../../../src/domain/Errors.ts"
import { calibrate, type CalibrateOptions } from "../../../src/eval/calibration/Calibrate.ts"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { Calibration, type LevelCalibration } from "../../../src/eval/calibration/Calibration.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { contains } from "../../../src/eval/statistics/Interval.ts"
import { simulate, type SimulatedPolicy } from "../../../src/eval/calibration/Simulate.ts"

/** Writes a rollout as one letter for each answer (A is right), small letter for RESAMPLE: "bA" is wrong, RESAMPLE, right, STOP. */
const rollout = (text: string, index: number, outcome?: EvaluatedRollout["outcome"]): EvaluatedRollout => {
  const attempts = [...text].map((letter): EvaluatedAttempt => ({
    answer: letter.toUpperCase(),
    correct: letter.toUpperCase() === "A",
    decision: letter === letter.toUpperCase() ? "STOP" : "RESAMPLE"
  }))
  const last = attempts.at(-1)
  const hitCap = last?.decision === "RESAMPLE" && outcome === undefined
  const reached = last?.correct === true && !hitCap ? "Correct" : "Wrong"
  return { id: String(index), level: "1x1", query: `q${index}`, attempts, outcome: outcome ?? reached, ...(hitCap ? { hitCap } : {}) }
}

const few = { rounds: 20 } as const
const level = (rollouts: ReadonlyArray<EvaluatedRollout>, cap?: number, more: CalibrateOptions = {}): LevelCalibration =>
  calibrate(rollouts, { ...few, ...(cap === undefined ? {} : { cap }), ...more }).levels[0]!

describe("calibrate, by hand", () => {
  //  A: right, stop.  B: wrong, stop.  bA: fixed.  bbC: never right.  aB: spoiled.  bbb: cap.
  const measured = level(["A", "A", "B", "bA", "bbC", "aB", "bbb"].map((text, k) => rollout(text, k)))

  it("counts decisions over all attempts: 3 right and stopped, 1 right and resampled, 3 wrong and stopped, 6 wrong and resampled", () => {
    expect(measured.counts).toEqual({ correctStop: 3, correctResample: 1, wrongStop: 3, wrongResample: 6 })
    expect(measured.pStopGivenCorrect.value).toBeCloseTo(3 / 4, 12)
    expect(measured.pResampleGivenWrong.value).toBeCloseTo(6 / 9, 12)
  })

  it("takes p_S from first attempts (3 of 7), and by attempt (1 of 4 second ones, 0 of 2 third ones)", () => {
    expect(measured.pSample).toMatchObject({ successes: 3, trials: 7 })
    expect(measured.pSampleByAttempt.map(({ successes, trials }) => [successes, trials])).toEqual([[3, 7], [1, 4], [0, 2]])
    expect(measured.firstAttemptAccuracy).toBeCloseTo(3 / 7, 12)
  })

  it("observes 3 of 7, and counts the capped rollout as wrong", () => {
    expect(measured.observed.accuracy).toBeCloseTo(3 / 7, 12)
    expect(measured).toMatchObject({ n: 7, queries: 7, excluded: 0, hitCap: 1, outcomes: { Correct: 3, Wrong: 4 } })
  })

  it("predicts p c/(p c + (1 − p)(1 − w)) with p = 3/7, c = 3/4, w = 2/3: (9/28)/(9/28 + 4/21) = 27/43", () => {
    expect(measured.predicted.accuracy).toBeCloseTo(27 / 43, 12)
    expect(measured.predicted.gap.value).toBeCloseTo(27 / 43 - 3 / 7, 12)
  })

  it("predicts with cap 3 the sum p c (1 + (1 − S) + (1 − S)²), S = 43/84", () => {
    const go = 1 - 43 / 84
    expect(measured.predictedCapped.accuracy).toBeCloseTo((9 / 28) * (1 + go + go * go), 12)
  })

  it("predicts by attempt with p = 3/7, 1/4, 0: p₁c + (1 − S₁)(p₂c + (1 − S₂) p₃c)", () => {
    // S₂ = 1/4·3/4 + 3/4·1/3 = 7/16; p₃ = 0 adds nothing.
    expect(measured.predictedByAttempt.accuracy).toBeCloseTo(9 / 28 + (1 - 43 / 84) * (1 / 4) * (3 / 4), 12)
  })

  it("p(F→T): 1 of the 5 transitions from a wrong answer, 1 of 9 wrong answers; p(T→F): 1 of 1; same answer again: 3 of 6", () => {
    expect(measured.pFalseToTrue).toMatchObject({ successes: 1, trials: 5 })
    expect(measured.pFalseToTruePerWrong).toMatchObject({ successes: 1, trials: 9 })
    expect(measured.pTrueToFalse).toMatchObject({ successes: 1, trials: 1 })
    expect(measured.echo).toMatchObject({ successes: 3, trials: 6 })
  })

  it("SCoRe: Acc@t1 3/7, Acc@t2 3/7 (one fixed, one spoiled), Δi→c = Δc→i = 1/7 of all problems", () => {
    expect(measured.selfCorrection).toEqual({
      accuracyAtT1: 3 / 7,
      accuracyAtT2: 3 / 7,
      delta: 0,
      incorrectToCorrect: 1 / 7,
      correctToIncorrect: 1 / 7
    })
  })
})

describe("calibrate, in parts", () => {
  it("Kang et al.: first answers and reflection add up to the observed accuracy, by hand 3/5 + 1/5 = 4/5", () => {
    // A, A: right at once.  bA, bA: fixed.  aB: spoiled.  First answers right: A, A, aB = 3 of 5; observed: 4 of 5.
    const { contribution, observed } = level(["A", "A", "bA", "bA", "aB"].map((text, k) => rollout(text, k)))
    expect(contribution.firstAnswer.value).toBe(3 / 5)
    expect(contribution.reflection.value).toBe(1 / 5)
    expect(observed.accuracy).toBe(4 / 5)
  })

  it("reflection is exactly 0 for a model that never resamples: no width by the paper's percentiles, ±11.4 points of 30 prompts by the expanded ones", () => {
    const rollouts = simulate({ pSample: 0.4, pStopGivenCorrect: 1, pResampleGivenWrong: 0, cap: 3, n: 30, seed: 2 })
    expect(level(rollouts, undefined, PAPER_METHOD).contribution.reflection).toEqual({ value: 0, interval: [0, 0] })
    expect(level(rollouts).contribution.reflection.interval!.map((end) => end.toFixed(3))).toEqual(["-0.114", "0.114"])
  })

  it("Chu et al.: the shift is the unseen rate minus the trained one, and the bootstrap's of a constant is that constant", () => {
    const rollouts = [
      ...["A", "A", "A", "A"].map((text, k) => ({ ...rollout(text, k), level: "easy" })),
      ...["B", "bA", "B", "aA"].map((text, k) => ({ ...rollout(text, k + 9), level: "hard" }))
    ]
    const { distributionShift, trained, unseen } = calibrate(rollouts, { ...few, ...PAPER_METHOD, trainLevels: ["easy"] })
    expect(distributionShift!.accuracy.value).toBe(unseen!.observed.accuracy! - trained!.observed.accuracy!)
    expect(distributionShift!.accuracy.value).toBe(1 / 2 - 1)
    expect(distributionShift!.pSample.value).toBe(1 / 4 - 1)
    expect(distributionShift!.pStopGivenCorrect.value).toBeCloseTo(2 / 3 - 1, 12)
    expect(distributionShift!.pResampleGivenWrong).toEqual({ value: null, interval: null })
    // Trained accuracy is 1 in every round, so the interval is that of the unseen accuracy, less 1.
    const [lower, upper] = unseen!.observed.interval!
    expect(distributionShift!.accuracy.interval![0]).toBeCloseTo(lower - 1, 12)
    expect(distributionShift!.accuracy.interval![1]).toBeCloseTo(upper - 1, 12)
  })

  it("covers a true shift of 0.7 − 0.4 = 0.3 in p_S at about the nominal rate, over 100 seeds", () => {
    const covered = Array.from({ length: 100 }, (_, seed) => {
      const policy = { pStopGivenCorrect: 1, pResampleGivenWrong: 0, cap: 1, n: 80 }
      const rollouts = [
        ...simulate({ ...policy, pSample: 0.4, seed, level: "hard" }),
        ...simulate({ ...policy, pSample: 0.7, seed: seed + 1000, level: "easy" })
      ]
      return contains(calibrate(rollouts, { rounds: 200, seed, trainLevels: ["hard"] }).distributionShift!.pSample.interval!, 0.3)
    })
    expect(covered.filter(Boolean).length).toBeGreaterThanOrEqual(87)
  })

  it("has no shift where the trained levels are not told, and nulls where no level is unseen", () => {
    const rollouts = ["A", "B"].map((text, k) => rollout(text, k))
    expect("distributionShift" in calibrate(rollouts, few)).toBe(false)
    expect(calibrate(rollouts, { ...few, trainLevels: ["1x1"] }).distributionShift!.accuracy).toEqual({ value: null, interval: null })
  })

  it("reads a calibration written before the parts existed", () => {
    const calibration = calibrate([rollout("A", 0)], few)
    const old = JSON.parse(
      JSON.stringify(calibration, (key, value: unknown) => (key === "contribution" || key === "pValue" ? undefined : value))
    ) as unknown
    expect(Schema.decodeUnknownSync(Calibration)(old).overall.contribution.reflection).toEqual({ value: null, interval: null })
    expect(Schema.decodeUnknownSync(Calibration)(old).overall.predicted.pValue).toBeNull()
  })
})

describe("calibrate, at its edges", () => {
  it("in the paper's way leaves truncated rollouts and broken reference answers out of every rate, and counts them", () => {
    const clean = ["A", "bA", "B"].map((text, k) => rollout(text, k))
    const dirty = [...clean, rollout("bb", 7, "Truncated"), rollout("A", 8, "GoldInvalid")]
    const { excluded, outcomes, ...rest } = level(dirty, 3, PAPER_METHOD)
    const { excluded: _none, outcomes: _clean, ...expected } = level(clean, 3, PAPER_METHOD)
    expect(rest).toEqual(expected)
    expect(excluded).toBe(2)
    expect(outcomes).toEqual({ Correct: 2, Wrong: 1, Unparsable: 0, GoldInvalid: 1, Truncated: 1 })
  })

  it("counts an unparsable rollout as wrong, without inventing an attempt for it", () => {
    const measured = level([rollout("A", 0), rollout("", 1, "Unparsable")])
    expect(measured.observed.accuracy).toBe(0.5)
    expect(measured.pSample).toMatchObject({ successes: 1, trials: 1 })
    expect(measured.firstAttemptAccuracy).toBe(0.5)
  })

  it("all right: p_D|W has no trials and is null, and the prediction is 1", () => {
    const measured = level(["A", "A", "A"].map((text, k) => rollout(text, k)))
    expect(measured.pResampleGivenWrong).toEqual({ value: null, successes: 0, trials: 0, wilson: null, interval: null })
    expect([measured.predicted, measured.predictedCapped, measured.predictedByAttempt].map((form) => form.accuracy)).toEqual([1, 1, 1])
  })

  it("never stops: the uncapped prediction is null, the capped one 0", () => {
    const measured = level(["bb", "ab"].map((text, k) => rollout(text, k)))
    expect(measured.predicted.accuracy).toBeNull()
    expect(measured.predictedCapped.accuracy).toBe(0)
  })

  it("nothing scored: every number is null or 0, none is NaN", () => {
    const calibration = calibrate([rollout("b", 0, "Truncated")], few)
    expect(JSON.stringify(calibration.levels[0]!.observed)).toBe(`{"accuracy":null,"normal":null,"wilson":null,"interval":null}`)
    expect(Schema.decodeUnknownSync(Calibration)(calibration)).toEqual(calibration)
    expect(calibrate([], few).overall.n).toBe(0)
  })

  it("refuses a rollout longer than the cap by name", () => {
    expect(() => calibrate([rollout("bbA", 5)], { ...few, cap: 2 })).toThrow(ConfigError)
    expect(() => calibrate([rollout("bbA", 5)], { ...few, cap: 2 })).toThrow(/rollout "5" has 3 attempts/)
  })

  it("orders levels by number, 2x1 before 10x1, unless told otherwise", () => {
    const rollouts = ["10x1", "2x1"].map((name, k) => ({ ...rollout("A", k), level: name }))
    expect(calibrate(rollouts, few).levels.map((each) => each.level)).toEqual(["2x1", "10x1"])
    expect(calibrate(rollouts, { ...few, levels: ["10x1", "2x1"] }).levels.map((each) => each.level)).toEqual(["10x1", "2x1"])
  })
})

const tenths = fc.integer({ min: 0, max: 10 }).map((k) => k / 10)
const policies: fc.Arbitrary<SimulatedPolicy> = fc.record({
  pSample: tenths,
  pStopGivenCorrect: tenths,
  pResampleGivenWrong: tenths,
  cap: fc.integer({ min: 1, max: 4 }),
  n: fc.integer({ min: 1, max: 30 }),
  rolloutsPerQuery: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(1000)
})

describe("calibrate, for every simulated policy", () => {
  it("encodes as JSON and decodes to itself (no NaN, no undefined), whatever the rates", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const calibration = calibrate(simulate(policy), { ...few, cap: policy.cap })
        expect(Schema.decodeUnknownSync(Calibration)(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration)
      }),
      { numRuns: 60 }
    )
  })

  it("adds up: 2×2 counts = attempts, transitions = attempts − rollouts, Acc@t2 − Acc@t1 = Δi→c − Δc→i, levels sum to overall", () => {
    fc.assert(
      fc.property(policies, policies, (easy, hard) => {
        const rollouts = [...simulate({ ...easy, level: "easy" }), ...simulate({ ...hard, level: "hard" })]
        const { levels, overall } = calibrate(rollouts, few)
        for (const each of [...levels, overall]) {
          const { counts } = each
          const attempts = counts.correctStop + counts.correctResample + counts.wrongStop + counts.wrongResample
          expect(each.pSampleByAttempt.reduce((sum, rate) => sum + rate.trials, 0)).toBe(attempts)
          expect(each.echo.trials).toBe(attempts - each.n)
          expect(each.pFalseToTrue.trials + each.pTrueToFalse.trials).toBe(attempts - each.n)
          const { delta, correctToIncorrect, incorrectToCorrect } = each.selfCorrection
          expect(delta!).toBeCloseTo(incorrectToCorrect! - correctToIncorrect!, 12)
          const { firstAnswer, reflection } = each.contribution
          expect(firstAnswer.value! + reflection.value!).toBeCloseTo(each.observed.accuracy!, 12)
          expect(firstAnswer.value).toBe(each.firstAttemptAccuracy)
        }
        expect(levels.reduce((sum, each) => sum + each.counts.wrongStop, 0)).toBe(overall.counts.wrongStop)
        expect(levels.reduce((sum, each) => sum + each.n, 0)).toBe(overall.n)
      }),
      { numRuns: 60 }
    )
  })

  it("cap 1: the capped and by-attempt predictions are p_S · p_D|C, which is exactly the observed accuracy", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const measured = level(simulate({ ...policy, cap: 1 }), 1)
        expect(measured.predictedCapped.accuracy!).toBeCloseTo(measured.observed.accuracy!, 12)
        expect(measured.predictedByAttempt.accuracy!).toBeCloseTo(measured.observed.accuracy!, 12)
      }),
      { numRuns: 60 }
    )
  })
})

const inside: Omit<SimulatedPolicy, "seed"> = {
  pSample: 0.55,
  pStopGivenCorrect: 0.8,
  pResampleGivenWrong: 0.6,
  cap: 4,
  n: 150
}
const seeds = Array.from({ length: 300 }, (_, seed) => seed)
const share = (hits: ReadonlyArray<boolean>) => hits.filter(Boolean).length / hits.length

describe("Section 4.2: calibration against policies whose rates are known", () => {
  it("recovers p_S, p_D|C and p_D|W within its 95 % intervals at about the nominal rate, over 300 seeds", () => {
    const runs = seeds.map((seed) => calibrate(simulate({ ...inside, seed }), { rounds: 200, seed }).levels[0]!)
    for (const [name, truth] of [["pSample", 0.55], ["pStopGivenCorrect", 0.8], ["pResampleGivenWrong", 0.6]] as const) {
      for (const kind of ["wilson", "interval"] as const) {
        const covered = share(runs.map((run) => contains(run[name][kind]!, truth)))
        // Standard error of the coverage itself: √(0.95·0.05/300) = 0.013.
        expect(covered, `${name} ${kind}`).toBeGreaterThan(0.9)
        expect(covered, `${name} ${kind}`).toBeLessThan(0.99)
      }
    }
  })

  it("predicts what it observes when the assumptions hold: the capped gap's interval contains 0 at about the nominal rate", () => {
    const agrees = share(
      seeds.map((seed) =>
        contains(calibrate(simulate({ ...inside, seed }), { rounds: 200, seed, cap: 4 }).levels[0]!.predictedCapped.gap.interval!, 0)
      )
    )
    expect(agrees).toBeGreaterThan(0.9)
  })

  it("tests the fit at the nominal rate when the assumptions hold: capped and by attempt, over 100 seeds", () => {
    const runs = seeds.slice(0, 100).map((seed) => calibrate(simulate({ ...inside, seed }), { rounds: 199, seed, cap: 4 }).levels[0]!)
    for (const name of ["predictedCapped", "predictedByAttempt"] as const) {
      const small = (level: number) => runs.filter((run) => run[name].pValue! <= level).length
      // More than 13 of 100 at 5 %, or 33 at 20 %, has a probability below 0.002 by the binomial.
      expect(small(0.05)).toBeLessThanOrEqual(13)
      expect(small(0.2)).toBeLessThanOrEqual(33)
      expect(small(0.5)).toBeGreaterThan(20)
    }
  })

  it("rejects the fit when problems differ much in difficulty, as strongly as the rounds can show: p = 2/200", () => {
    const measured = calibrate(simulate({ ...inside, spread: 0.4, n: 2000, seed: 5 }), { rounds: 199, cap: 4 }).levels[0]!
    expect(measured.predictedCapped.pValue).toBe(2 / 200)
  })

  it("does not reject what is equal by algebra: with cap 1 prediction is observation, and p = 1", () => {
    const measured = calibrate(simulate({ ...inside, cap: 1, seed: 5 }), { rounds: 199, cap: 1 }).levels[0]!
    expect([measured.predictedCapped.pValue, measured.predictedByAttempt.pValue]).toEqual([1, 1])
  })

  it.each([
    ["problems differ in difficulty", { spread: 0.4 }],
    ["later attempts are worse", { pSample: [0.55, 0.1] }],
    ["attempts repeat the answer before them", { echo: 0.7 }]
  ])("over-predicts when %s: the capped gap lies above 0", (_, broken) => {
    const { gap } = calibrate(simulate({ ...inside, ...broken, n: 2000, seed: 5 }), { rounds: 300, cap: 4 }).levels[0]!.predictedCapped
    expect(gap.interval![0]).toBeGreaterThan(0)
  })

  it("by attempt it is right again when only p_S changes with the attempt", () => {
    const measured = calibrate(simulate({ ...inside, pSample: [0.55, 0.1], n: 2000, seed: 5 }), { rounds: 300, cap: 4 }).levels[0]!
    expect(contains(measured.predictedByAttempt.gap.interval!, 0)).toBe(true)
  })

  it("over-predicts without a cap where the cap binds, and the capped form does not: p_D|C = 0.4", () => {
    const measured = calibrate(simulate({ ...inside, pStopGivenCorrect: 0.4, pResampleGivenWrong: 0.9, n: 2000, seed: 5 }), {
      rounds: 300,
      cap: 4
    }).levels[0]!
    expect(measured.predicted.gap.interval![0]).toBeGreaterThan(0.1)
    expect(contains(measured.predictedCapped.gap.interval!, 0)).toBe(true)
  })

  it("p(F→T) per wrong answer is p_D|W · p_S if attempts are independent (no cap in reach)", () => {
    const measured = calibrate(simulate({ ...inside, cap: 40, n: 4000, seed: 2 }), { rounds: 50 }).levels[0]!
    expect(Math.abs(measured.pFalseToTruePerWrong.value! - 0.6 * 0.55)).toBeLessThan(0.02)
    expect(Math.abs(measured.pFalseToTrue.value! - 0.55)).toBeLessThan(0.03)
  })
})
