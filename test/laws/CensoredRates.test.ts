/** Claim C51: what leaving cut rollouts out (E.2) makes of the rates, and what counting what was seen does. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CensoredRates, twoStageAccuracy, type TwoStageRates } from "decision-sampling/theory"
import { expectClose } from "../../src/laws/support/Approx.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { reasonOf } from "../support/Errors.ts"
import { anyRates, interiorRates, smallCaps } from "../support/TwoStageArbitraries.ts"
import { type Cycle, enumerateTrajectories, simulateTrajectories, sixSigma } from "../support/TwoStageTrajectories.ts"

const names = ["sampleCorrect", "stopGivenCorrect", "resampleGivenWrong"] as const

/** Rates read off weighted rollouts in the obvious way: p from first attempts, c and w from all decisions. */
const readOff = (
  rollouts: ReadonlyArray<{ readonly probability: number; readonly cycles: ReadonlyArray<Cycle> }>
): CensoredRates.EstimatedRates => {
  const weight = (holds: (cycle: Cycle, index: number) => boolean) =>
    rollouts.reduce((sum, { cycles, probability }) => sum + probability * cycles.filter(holds).length, 0)
  const rate = (part: (cycle: Cycle, index: number) => boolean, whole: (cycle: Cycle, index: number) => boolean) => {
    const total = weight(whole)
    return total === 0 ? null : weight((cycle, index) => whole(cycle, index) && part(cycle, index)) / total
  }
  return {
    sampleCorrect: rate(({ correct }) => correct, (_, index) => index === 0),
    stopGivenCorrect: rate(({ decision }) => decision === "STOP", ({ correct }) => correct),
    resampleGivenWrong: rate(({ decision }) => decision === "RESAMPLE", ({ correct }) => !correct)
  }
}

const expectRates = (actual: CensoredRates.EstimatedRates, expected: CensoredRates.EstimatedRates) => {
  for (const name of names) {
    if (expected[name] === null || actual[name] === null) expect([name, actual[name]]).toEqual([name, expected[name]])
    else expectClose(actual[name], expected[name], 1e-9, name)
  }
}

const stopped = ({ cycles }: { readonly cycles: ReadonlyArray<Cycle> }) => cycles.at(-1)?.decision === "STOP"

describe("C51 E.2: a limit on attempts", () => {
  it("equals, for all rates and limits, the rates read off the enumerated rollouts, finished ones and all", () => {
    fc.assert(fc.property(anyRates, smallCaps, (rates, maxAttempts) => {
      const rollouts = enumerateTrajectories(rates, maxAttempts).filter(({ probability }) => probability > 0)
      const result = CensoredRates.byAttempts(rates, maxAttempts)
      expectRates(result.leftOut, readOff(rollouts.filter(stopped)))
      expectRates(result.counted, readOff(rollouts))
      expectClose(result.truncated, rollouts.reduce((sum, each) => (stopped(each) ? sum : sum + each.probability), 0))
    }))
  })

  it("counting what was seen is right for all rates and limits; accuracy of finished rollouts is p·c/S", () => {
    fc.assert(fc.property(interiorRates, fc.integer({ min: 1, max: 60 }), (rates, maxAttempts) => {
      const { accuracyOfFinished, counted } = CensoredRates.byAttempts(rates, maxAttempts)
      expectRates(counted, rates)
      expectClose(accuracyOfFinished!, twoStageAccuracy(rates))
    }))
  })

  it("leaving out takes p_D|W down and p_D|C up for all rates and limits, and p_S up iff c + w > 1", () => {
    fc.assert(fc.property(interiorRates, smallCaps, (rates, maxAttempts) => {
      const { leftOut } = CensoredRates.byAttempts(rates, maxAttempts)
      expect(leftOut.resampleGivenWrong!).toBeLessThan(rates.resampleGivenWrong + 1e-12)
      expect(leftOut.stopGivenCorrect!).toBeGreaterThan(rates.stopGivenCorrect - 1e-12)
      const helps = rates.stopGivenCorrect + rates.resampleGivenWrong - 1
      expect((leftOut.sampleCorrect! - rates.sampleCorrect) * Math.sign(helps)).toBeGreaterThan(-1e-12)
    }))
  })

  it("p = .3, c = .8, w = .6: w becomes .472 and c .870 when the cut comes after 3 attempts (11 % cut), .345 and .919 after 2 (23 %)", () => {
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }
    const rounded = [3, 2].map((maxAttempts) => {
      const { leftOut, truncated } = CensoredRates.byAttempts(rates, maxAttempts)
      return [truncated, leftOut.resampleGivenWrong!, leftOut.stopGivenCorrect!, leftOut.sampleCorrect!].map((value) => value.toFixed(3))
    })
    expect(rounded).toEqual([["0.111", "0.472", "0.870", "0.322"], ["0.230", "0.345", "0.919", "0.352"]])
  })

  it("so the biased rates predict another accuracy than is observed: .439 and .433 instead of .462", () => {
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }
    const predictions = [3, 2].map((maxAttempts) => twoStageAccuracy(CensoredRates.byAttempts(rates, maxAttempts).leftOut as TwoStageRates))
    expect(predictions.map((value) => value.toFixed(3))).toEqual(["0.439", "0.433"])
    expect(twoStageAccuracy(rates).toFixed(3)).toBe("0.462")
  })

  it("is met by simulation within six standard errors", () => {
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }
    const rollouts = simulateTrajectories(rates, { count: 40_000, seed: 31, maxCycles: 3 }).map((cycles) => ({ probability: 1, cycles }))
    const { counted, leftOut } = CensoredRates.byAttempts(rates, 3)
    for (const [expected, found] of [[leftOut, readOff(rollouts.filter(stopped))], [counted, readOff(rollouts)]] as const) {
      // At least 15,000 decisions are behind each rate.
      for (const name of names) expect(Math.abs(found[name]! - expected[name]!)).toBeLessThan(sixSigma(0.5, 15_000))
    }
  })
})

const lengthsUpTo = (longest: number): fc.Arbitrary<CensoredRates.LengthDistribution> =>
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: longest, maxLength: longest }).map((weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.map((weight, index) => ({ tokens: index + 1, probability: weight / total }))
  })

const anyLengths: fc.Arbitrary<CensoredRates.AttemptLengths> = fc.record({
  correctStop: lengthsUpTo(2),
  correctResample: lengthsUpTo(3),
  wrongStop: lengthsUpTo(3),
  wrongResample: lengthsUpTo(2)
})

interface Rollout {
  readonly probability: number
  readonly cycles: ReadonlyArray<Cycle>
}

/** Every rollout under a limit on tokens, as far as it is seen. */
const enumerateByTokens = (rates: TwoStageRates, maxTokens: number, lengths: CensoredRates.AttemptLengths): ReadonlyArray<Rollout> => {
  const { resampleGivenWrong: w, sampleCorrect: p, stopGivenCorrect: c } = rates
  const kinds = [
    { correct: true, decision: "STOP", chance: p * c, lengths: lengths.correctStop },
    { correct: true, decision: "RESAMPLE", chance: p * (1 - c), lengths: lengths.correctResample },
    { correct: false, decision: "STOP", chance: (1 - p) * (1 - w), lengths: lengths.wrongStop },
    { correct: false, decision: "RESAMPLE", chance: (1 - p) * w, lengths: lengths.wrongResample }
  ] as const
  const extend = (cycles: ReadonlyArray<Cycle>, used: number, probability: number): ReadonlyArray<Rollout> =>
    kinds.flatMap(({ chance, correct, decision, lengths: own }) =>
      own.flatMap((length): ReadonlyArray<Rollout> => {
        const reached = probability * chance * length.probability
        if (used + length.tokens > maxTokens) return [{ probability: reached, cycles }]
        const next = [...cycles, { correct, decision }]
        return decision === "STOP" ? [{ probability: reached, cycles: next }] : extend(next, used + length.tokens, reached)
      })
    )
  return extend([], 0, 1)
}

describe("C51 E.2: a limit on tokens", () => {
  const limits = fc.integer({ min: 1, max: 5 })

  it("equals, for all rates, lengths and limits, the rates read off the enumerated rollouts, finished ones and all", () => {
    fc.assert(
      fc.property(interiorRates, limits, anyLengths, (rates, maxTokens, lengths) => {
        const rollouts = enumerateByTokens(rates, maxTokens, lengths)
        const result = CensoredRates.byTokens(rates, maxTokens, lengths)
        expectClose(rollouts.reduce((sum, { probability }) => sum + probability, 0), 1)
        expectRates(result.leftOut, readOff(rollouts.filter(stopped)))
        expectRates(result.counted, readOff(rollouts))
        expectClose(result.truncated, rollouts.reduce((sum, each) => (stopped(each) ? sum : sum + each.probability), 0))
      }),
      { numRuns: 40 }
    )
  })

  it("counting what was seen gives the true p_D|C and p_D|W wherever lengths depend on the answer alone, and p_S where the first attempt fits", () => {
    fc.assert(
      fc.property(interiorRates, fc.integer({ min: 1, max: 40 }), lengthsUpTo(3), lengthsUpTo(2), (rates, maxTokens, correct, wrong) => {
        const { counted } = CensoredRates.byTokens(rates, maxTokens, CensoredRates.lengthsByAnswer(correct, wrong))
        expectClose(counted.stopGivenCorrect!, rates.stopGivenCorrect)
        expectClose(counted.resampleGivenWrong!, rates.resampleGivenWrong)
        if (maxTokens >= 3) expectClose(counted.sampleCorrect!, rates.sampleCorrect)
      })
    )
  })

  it("qualified: not where lengths depend on the decision, and p_S not where long first answers are cut (counterexamples found)", () => {
    const isRight = (name: keyof TwoStageRates, rates: TwoStageRates, maxTokens: number, lengths: CensoredRates.AttemptLengths) =>
      Math.abs((CensoredRates.byTokens(rates, maxTokens, lengths).counted[name] ?? rates[name]) - rates[name]) < 1e-3
    for (const name of ["stopGivenCorrect", "resampleGivenWrong"] as const) {
      expectCounterexample(
        fc.tuple(interiorRates, limits, anyLengths),
        ([rates, maxTokens, lengths]) => isRight(name, rates, maxTokens, lengths)
      )
    }
    expectCounterexample(
      fc.tuple(interiorRates, limits, lengthsUpTo(2), lengthsUpTo(3)),
      ([rates, maxTokens, correct, wrong]) => isRight("sampleCorrect", rates, maxTokens, CensoredRates.lengthsByAnswer(correct, wrong))
    )
  })

  it("accuracy of finished rollouts is biased too once right and wrong answers differ in length (counterexample found), and not while they do not", () => {
    const bias = (rates: TwoStageRates, maxTokens: number, lengths: CensoredRates.AttemptLengths) =>
      (CensoredRates.byTokens(rates, maxTokens, lengths).accuracyOfFinished ?? twoStageAccuracy(rates)) - twoStageAccuracy(rates)
    fc.assert(fc.property(interiorRates, limits, lengthsUpTo(3), (rates, maxTokens, length) => {
      expectClose(bias(rates, maxTokens, CensoredRates.lengthsByAnswer(length)), 0)
    }))
    expectCounterexample(
      fc.tuple(interiorRates, limits, lengthsUpTo(1), lengthsUpTo(3)),
      ([rates, maxTokens, correct, wrong]) => Math.abs(bias(rates, maxTokens, CensoredRates.lengthsByAnswer(correct, wrong))) < 1e-3
    )
  })

  it("with room for every rollout nothing is cut and both ways are right", () => {
    fc.assert(fc.property(fc.constantFrom(0.3, 0.6, 0.9), anyLengths, (rate, lengths) => {
      const rates = { sampleCorrect: rate, stopGivenCorrect: 0.8, resampleGivenWrong: 0.5 }
      const result = CensoredRates.byTokens(rates, 600, lengths)
      expect(result.truncated).toBeLessThan(1e-12)
      for (const way of ["leftOut", "counted"] as const) expectRates(result[way], rates)
    }))
  })
})

describe("C51: the count itself", () => {
  it("for every rollout, counts each decision that was seen: all but a STOP where the rollout was cut", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ correct: fc.boolean(), stops: fc.boolean() }), { maxLength: 6 }), fc.boolean(), (marks, isCut) => {
        const attempts = marks.map(({ correct, stops }) => ({ correct, decision: stops ? ("STOP" as const) : ("RESAMPLE" as const) }))
        const counts = CensoredRates.countDecisions(attempts, isCut)
        const number = (correct: boolean, decision: string) =>
          attempts.filter((each) => each.correct === correct && each.decision === decision).length
        expect(counts).toEqual({
          correctStop: isCut ? 0 : number(true, "STOP"),
          correctResample: number(true, "RESAMPLE"),
          wrongStop: isCut ? 0 : number(false, "STOP"),
          wrongResample: number(false, "RESAMPLE")
        })
        expect(CensoredRates.countDecisions([...attempts, { correct: true }], isCut)).toEqual(counts)
      })
    )
  })

  it("by hand: c = 3/4 of four decisions on right answers, w = 2/3 of three on wrong ones; null where there is none", () => {
    const rates = CensoredRates.decisionRates({ correctStop: 3, correctResample: 1, wrongStop: 1, wrongResample: 2 })
    expect(rates).toEqual({ stopGivenCorrect: 3 / 4, resampleGivenWrong: 2 / 3 })
    expect(CensoredRates.decisionRates({ correctStop: 0, correctResample: 0, wrongStop: 1, wrongResample: 0 }))
      .toEqual({ stopGivenCorrect: null, resampleGivenWrong: 0 })
  })

  it("refuses rates, limits and lengths that are none", () => {
    const rates = { sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 }
    const one = [{ tokens: 1, probability: 1 }]
    const lengths = CensoredRates.lengthsByAnswer(one)
    expect(reasonOf(() => CensoredRates.byAttempts({ ...rates, sampleCorrect: 2 }, 3))).toMatchObject({ what: "sampleCorrect" })
    for (const cap of [0, 2.5, Infinity]) {
      expect(reasonOf(() => CensoredRates.byAttempts(rates, cap))).toMatchObject({ what: "maxAttempts" })
      expect(reasonOf(() => CensoredRates.byTokens(rates, cap, lengths))).toMatchObject({ what: "maxTokens" })
    }
    const refusal = (wrongStop: CensoredRates.LengthDistribution) =>
      reasonOf(() => CensoredRates.byTokens(rates, 3, { ...lengths, wrongStop }))
    expect(refusal([])).toMatchObject({ _tag: "EmptyGroup", what: "lengths of wrongStop" })
    expect(refusal([{ tokens: 0, probability: 1 }])).toMatchObject({ what: "tokens" })
    expect(refusal([{ tokens: 1, probability: -1 }])).toMatchObject({ what: "probability" })
    expect(refusal([{ tokens: 1, probability: 0.5 }])).toMatchObject({ what: "sum of the probabilities of wrongStop", value: 0.5 })
  })
})
