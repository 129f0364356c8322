import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { solveProcess } from "../../src/theory/process/ProcessSolve.ts"
import { processTables } from "../../src/theory/process/ProcessTables.ts"
import { parseProcess } from "../../src/theory/process/ProcessValidation.ts"
import { ratesOf } from "../../src/theory/illustration/ThreeLogit.ts"
import { anyProcess } from "./ProcessArbitraries.ts"
import { anyLengths, modelWith, stoppedCycles } from "./ThreeLogitArbitraries.ts"
import { anyRates, interiorRates } from "./TwoStageArbitraries.ts"

const draw = <T>(arbitrary: fc.Arbitrary<T>, count = 1000) => fc.sample(arbitrary, { numRuns: count, seed: 1 })
const share = <T>(values: ReadonlyArray<T>, holds: (value: T) => boolean) => values.filter(holds).length / values.length

describe("The generators of two-stage models are not degenerate", () => {
  it("rates: inside (0, 1) and spread; the ends 0 and 1 where asked for", () => {
    const inside = draw(interiorRates)
    expect(inside.every(({ sampleCorrect }) => sampleCorrect > 0 && sampleCorrect < 1)).toBe(true)
    expect(share(inside, ({ resampleGivenWrong }) => resampleGivenWrong > 0.25 && resampleGivenWrong < 0.75)).toBeGreaterThan(0.3)
    for (const end of [0, 1]) {
      expect(share(draw(anyRates), ({ stopGivenCorrect }) => stopGivenCorrect === end)).toBeGreaterThan(0.15)
    }
  })

  it("three-logit models: policy and reference apart, lengths unequal, policies far from uniform", () => {
    const models = draw(modelWith(anyLengths))
    const distance = ({ policy, reference }: (typeof models)[number]) => Math.abs(policy.sampleCorrect - reference.sampleCorrect)
    expect(share(models, (model) => distance(model) > 0.5)).toBeGreaterThan(0.6)
    expect(share(models, ({ lengths }) => lengths.correct !== lengths.wrong)).toBeGreaterThan(0.9)
    expect(share(models, ({ policy }) => Math.abs(ratesOf(policy).sampleCorrect - 0.5) > 0.2)).toBeGreaterThan(0.5)
    expect(share(draw(stoppedCycles), (cycles) => cycles.length > 2)).toBeGreaterThan(0.3)
  })

  it("processes: all valid; one answer, all right, all wrong, γ of 0 and 1, and uneven policies occur", () => {
    const processes = draw(anyProcess)
    for (const process of processes) expect(parseProcess(process)).toEqual(process)
    expect(share(processes, ({ answers }) => answers.length === 1)).toBeGreaterThan(0.05)
    expect(share(processes, ({ answers }) => answers.every(({ correct }) => correct))).toBeGreaterThan(0.05)
    expect(share(processes, ({ answers }) => answers.every(({ correct }) => !correct))).toBeGreaterThan(0.05)
    for (const end of [0, 1]) expect(share(processes, ({ gamma }) => gamma === end)).toBeGreaterThan(0.15)
    expect(share(processes, (process) => solveProcess(process).expectedCycles > 2)).toBeGreaterThan(0.2)
    const uneven = (process: (typeof processes)[number]) => Math.max(...processTables(process).stop) > 0.8
    expect(share(processes, uneven)).toBeGreaterThan(0.3)
  })
})
