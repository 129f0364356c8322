import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import { contains } from "../../src/eval/statistics/Interval.ts"
import { layer, parseRates, type SimulatedRates, writeResponse } from "../../src/engine/Simulated.ts"
import { Completions } from "../../src/engine/Completions.ts"
import { gradeTranscript } from "../../src/eval/transcripts/Grade.ts"

const problems = Multiplication.testSet({ radix: 10 }, { left: 3, right: 3 }, { count: 2000, isTrained: false, seed: 3 }).problems

const calibrateTexts = (rates: SimulatedRates, n: number, seed: number, rounds: number) =>
  calibrate(
    problems.slice(0, n).map((problem, i) => {
      const { prompt } = Multiplication.toQuery({ radix: 10 }, problem)
      const answer = Multiplication.product({ radix: 10 }, problem)
      const { hitCap, response, truncated } = writeResponse(rates, answer, seed * 10_000 + i)
      return gradeTranscript({ id: String(i), prompt, response, answer, truncated, hitCap: hitCap === true })
    }),
    { rounds, seed }
  ).overall

describe("the simulated text policy", () => {
  it("is found again from its text: Wilson's 95 % intervals cover each rate in 88 to 100 % of 100 seeds", () => {
    const rates = parseRates("0.6,0.9,0.4")
    const calibrations = Array.from({ length: 100 }, (_, seed) => calibrateTexts(rates, 150, seed, 1))
    const coverage = (
      read: (level: (typeof calibrations)[number]) => { readonly wilson: readonly [number, number] | null },
      truth: number
    ) => calibrations.filter((level) => contains(read(level).wilson!, truth)).length
    for (
      const count of [
        coverage((level) => level.pSample, 0.6),
        coverage((level) => level.pStopGivenCorrect, 0.9),
        coverage((level) => level.pResampleGivenWrong, 0.4)
      ]
    ) {
      expect(count).toBeGreaterThanOrEqual(88)
      expect(count).toBeLessThanOrEqual(100)
    }
  })

  it("prediction agrees with observation where the model's assumptions hold, and not where p_S falls after the first attempt", () => {
    const holds = calibrateTexts(parseRates("0.6,0.9,0.8"), 2000, 1, 300)
    expect(contains(holds.predictedCapped.gap.interval!, 0)).toBe(true)
    const broken = calibrateTexts(parseRates("0.6:0.2,0.9,0.8"), 2000, 1, 300)
    expect(contains(broken.predictedCapped.gap.interval!, 0)).toBe(false)
    expect(broken.predictedCapped.gap.value).toBeGreaterThan(0)
    expect(contains(broken.predictedByAttempt.gap.interval!, 0)).toBe(true)
  })

  it("meets its cap at the rate of its own arithmetic: (p_S(1 − c) + (1 − p_S)w)^cap", () => {
    const level = calibrateTexts(parseRates("0.5,0.5,0.5", 2), 2000, 2, 1)
    // Each attempt is followed by RESAMPLE with probability ½, so ¼ of the rollouts end at the cap of 2; 4 standard errors are 0.039.
    expect(Math.abs(level.hitCap / level.n - 0.25)).toBeLessThan(0.039)
    expect(level.n).toBe(2000)
  })

  it("wrong answers differ from the right one, have its length, and do not begin with 0", () => {
    const rates = parseRates("0,1,0")
    for (let seed = 0; seed < 500; seed++) {
      const right = String(1 + ((seed * 7919) % 99_999))
      const graded = gradeTranscript({
        id: "x",
        prompt: "?",
        level: "x",
        answer: right,
        response: writeResponse(rates, right, seed).response
      })
      expect(graded.outcome).toBe("Wrong")
      expect(graded.attempts).toHaveLength(1)
      expect(graded.attempts[0]!.answer).toMatch(new RegExp(`^[1-9]\\d{${right.length - 1}}$`))
    }
  })

  it("writes the same text for the same seed, and refuses a prompt without a product", async () => {
    const ask = (prompt: string, seed: number) =>
      Effect.runPromise(
        Effect.gen(function* () {
          return yield* (yield* Completions).complete({ id: "row", prompt, seed })
        }).pipe(Effect.provide(layer(parseRates("0.6,0.9,0.4"))))
      )
    expect(await ask("Calculate 12 * 34.", 4)).toEqual(await ask("Calculate 12 * 34.", 4))
    await expect(ask("How are you?", 4)).rejects.toThrow(/row: the prompt "How are you\?" states no product/)
  })

  it.each(["0.6,0.9", "0.6,0.9,2", "a,b,c", "0.6,,0.4", "0.6,0.9,-0.1"])("refuses the rates %s", (text) => {
    expect(() => parseRates(text)).toThrow(/rates is .*; expected/)
  })
})
