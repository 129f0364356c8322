import { describe, expect, it } from "vitest"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import type { ThreeLogitModel } from "../../../src/theory/illustration/ThreeLogit.ts"
import { klChain, scoreTrajectory, sumContributions, surrogateChain } from "../../../src/theory/illustration/ThreeLogitChain.ts"
import { expectAllClose, expectClose } from "../../../src/laws/support/Approx.ts"

// p = 1/2 against 1/4 (wrong 1/2 against 3/4); c = 1/2 against 1/2; w = 1/2 against 1/4.
const model: ThreeLogitModel = {
  policy: { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 },
  reference: { sampleCorrect: -Math.log(3), stopGivenCorrect: 0, resampleGivenWrong: -Math.log(3) },
  lengths: { correct: 2, wrong: 3 },
  beta: 1
}

const cycles = [
  { correct: false, decision: "RESAMPLE" },
  { correct: true, decision: "STOP" }
] as const

describe("klChain", () => {
  it("by hand, with γ = 1/2: last action first, Q = r + what follows, contribution γ^{t−1}·Q·score", () => {
    // Cycle 2: r_D = 0; r_S = −2·log 2. Cycle 1: r_D = −log 2, Q_D = −log 2 + ½·(−2 log 2) = −2 log 2; r_S = −3·log(2/3).
    const ln2 = Math.log(2)
    const sampleWrong = -3 * Math.log(2 / 3)
    const chain = klChain(model, cycles, 0.5)
    expect(chain.map((row) => row.action)).toEqual(["STOP", "SAMPLE_CORRECT", "RESAMPLE", "SAMPLE_WRONG"])
    expect(chain.map((row) => row.step)).toEqual([2, 2, 1, 1])
    expect(chain.map((row) => row.parameter)).toEqual([
      "stopGivenCorrect",
      "sampleCorrect",
      "resampleGivenWrong",
      "sampleCorrect"
    ])
    expectAllClose(chain.map((row) => row.immediate), [0, -2 * ln2, -ln2, sampleWrong])
    expectAllClose(chain.map((row) => row.future), [0, 0, -ln2, -2 * ln2])
    expectAllClose(chain.map((row) => row.q), [0, -2 * ln2, -2 * ln2, sampleWrong - 2 * ln2])
    expectAllClose(chain.map((row) => row.score), [0.5, 0.5, 0.5, -0.5])
    expectAllClose(chain.map((row) => row.contribution), [0, -ln2 / 2, -ln2, -(sampleWrong - 2 * ln2) / 2])
    expectClose(sumContributions(chain).sampleCorrect, -ln2 / 2 - (sampleWrong - 2 * ln2) / 2)
  })

  it("knows the two other decisions: RESAMPLE at a correct answer and STOP at a wrong one", () => {
    const chain = klChain(model, [
      { correct: true, decision: "RESAMPLE" },
      { correct: false, decision: "STOP" }
    ])
    expect(chain.map((row) => row.parameter).slice(0, 1)).toEqual(["resampleGivenWrong"])
    expectAllClose(chain.map((row) => row.score), [-0.5, -0.5, -0.5, 0.5])
    expectClose(chain[0]!.immediate, -Math.log(2 / 3))
  })
})

describe("surrogateChain", () => {
  it("pays A at the end and carries γ^{T−t}·A back to every action", () => {
    const chain = surrogateChain(model, cycles, { advantage: 2, gamma: 0.5 })
    expect(chain.map((row) => row.q)).toEqual([2, 2, 1, 1])
    expect(chain.map((row) => row.immediate)).toEqual([2, 0, 0, 0])
    expect(chain.map((row) => row.contribution)).toEqual([1 / 2, 1 / 2, 1 / 2, -1 / 2])
  })
})

describe("scoreTrajectory", () => {
  it("gives a correct answer its 2 tokens and a wrong one its 3, all with the answer's log-probability", () => {
    const { attempts } = scoreTrajectory(model, cycles)
    expectAllClose(attempts[0]!.tokenLogProbs, Array.from({ length: 3 }, () => Math.log(0.5)))
    expectAllClose(attempts[0]!.referenceTokenLogProbs!, Array.from({ length: 3 }, () => Math.log(0.75)))
    expectAllClose(attempts[1]!.tokenLogProbs, Array.from({ length: 2 }, () => Math.log(0.5)))
  })

  it("allows a truncated trajectory, and refuses an empty one and one that goes on after STOP", () => {
    expect(scoreTrajectory(model, cycles.slice(0, 1)).attempts.length).toBe(1)
    expect(() => scoreTrajectory(model, [])).toThrow(TheoryError)
    expect(() => scoreTrajectory(model, [...cycles, ...cycles])).toThrow("ends in STOP before the end")
  })
})
