import { describe, expect, it } from "vitest"
import { prefixNodes, type Process } from "../../../src/theory/process/Process.ts"
import { enumerateProcess } from "../../../src/theory/process/ProcessEnumeration.ts"
import { solveAbsorbingChain } from "../../../src/theory/process/ProcessLinearSolve.ts"
import { solveProcess } from "../../../src/theory/process/ProcessSolve.ts"
import { processTables } from "../../../src/theory/process/ProcessTables.ts"
import { TheoryError } from "../../../src/theory/TheoryError.ts"
import { expectAllClose, expectClose } from "../../../src/laws/support/Approx.ts"

// One right and one wrong answer of one token, all choices even, in every context: p = c = w = 1/2.
const even = [0, 0]
const policy = { sampling: [{ "": even }, { "": even }, { "": even }], decision: even }
const coin: Process = {
  gamma: 0.5,
  beta: 1,
  maxCycles: 2,
  answers: [
    { tokens: [0], correct: true },
    { tokens: [1], correct: false }
  ],
  policy,
  reference: policy
}

describe("prefixNodes", () => {
  it("lists the choices of a tree of answers: tokens ascending, and the answers below each", () => {
    const answers = [[1, 0], [0], [1, 2, 5]].map((tokens) => ({ tokens, correct: true }))
    expect(prefixNodes(answers)).toEqual([
      { prefix: "", tokens: [0, 1], answersBelow: [[1], [0, 2]] },
      { prefix: "1", tokens: [0, 2], answersBelow: [[0], [2]] },
      { prefix: "1,2", tokens: [5], answersBelow: [[2]] }
    ])
  })
})

describe("processTables", () => {
  it("multiplies token probabilities into an answer's: 3/4 · 1/3 and so on", () => {
    const logits = { "": [0, Math.log(3)], "1": [Math.log(2), 0] }
    const sampling = [logits, logits, logits, logits]
    const answers = [[0], [1, 0], [1, 2]].map((tokens) => ({ tokens, correct: true }))
    const tables = processTables({ ...coin, answers, policy: { sampling, decision: [Math.log(4), 0, -50] } })
    expectAllClose(tables.sampling[2]!, [1 / 4, 1 / 2, 1 / 4])
    expectAllClose(tables.stop, [0.8, 0.5, Math.exp(-50)])
    expectAllClose(tables.resample, [0.2, 0.5, 1])
  })
})

describe("enumerateProcess", () => {
  it("by hand for two even cycles with γ = 1/2", () => {
    // return 1/4 + 1/2·(1/2·1/4) = 5/16; accuracy 1/4 + 1/2·1/4 = 3/8; cycles 1 + 1/2.
    const results = enumerateProcess(coin)
    expectClose(results.return, 5 / 16)
    expectClose(results.accuracy, 3 / 8)
    expectClose(results.expectedCycles, 3 / 2)
    expectClose(results.klPenalty, 0, 0)
    expectAllClose(results.visitation[0]!, [1, 0, 0])
    expectAllClose(results.visitation[1]!, [0, 1 / 8, 1 / 8])
    // Q_D of the first cycle: STOP 1 and 0; RESAMPLE ½·V₂ = ½·1/4. The second cycle's RESAMPLE is worth nothing.
    expectAllClose(results.returnValues[0]!.q.resample, [1 / 8, 1 / 8])
    expectAllClose(results.returnValues[1]!.q.resample, [0, 0])
  })

  it("loses the reward of a RESAMPLE in the last cycle but keeps its penalty", () => {
    // One cycle, decision against a reference that never doubts: E log-ratio of RESAMPLE counts although it ends the episode.
    const reference = { ...policy, decision: [Math.log(3), Math.log(3)] }
    const results = enumerateProcess({ ...coin, maxCycles: 1, reference })
    expectClose(results.return, 1 / 4)
    expectClose(results.klPenalty, -(0.5 * Math.log(0.5 / 0.75) + 0.5 * Math.log(0.5 / 0.25)))
  })
})

describe("solveProcess", () => {
  it("by hand without a cap: V = 1/4 + 1/2·γ·V", () => {
    const results = solveProcess(coin)
    expectClose(results.return, 1 / 3)
    expectClose(results.accuracy, 1 / 2)
    expectClose(results.expectedCycles, 2)
    expectAllClose(results.visitation, [1, 1 / 6, 1 / 6])
    expectAllClose(results.returnValues.q.stop, [1, 0])
    expectAllClose(results.returnValues.q.resample, [1 / 6, 1 / 6])
    // ∂/∂(STOP logit, correct) = visits 2/3 · ¼ · (1 − 1/6), with visits = (1 + 1/6 + 1/6)·½.
    expectClose(results.gradReturn.decision[0]!, (2 / 3) * (1 / 4) * (5 / 6))
  })

  it("keeps its digits where a process stops once in 10¹² cycles", () => {
    const rare = { ...policy, decision: [-Math.log(1e12 - 1), -Math.log(1e12 - 1)] }
    const results = solveProcess({ ...coin, gamma: 1, policy: rare, reference: rare })
    expectClose(results.expectedCycles / 1e12, 1, 1e-14)
    expectClose(results.accuracy, 0.5, 1e-14)
  })

  it("refuses a process that never stops in float64", () => {
    expect(() => solveProcess({ ...coin, policy: { ...policy, decision: [-800, -800] } })).toThrow(TheoryError)
  })
})

describe("solveAbsorbingChain", () => {
  it("solves a two-state chain: visits (I − A)⁻¹", () => {
    // A = [[0, 1/2], [1/4, 1/4]], leaving 1/2 each; det(I − A) = 3/4 − 1/8 = 5/8.
    const visits = solveAbsorbingChain([[0, 1 / 2], [1 / 4, 1 / 4]], [1 / 2, 1 / 2], [[1, 0], [0, 1]])
    expectAllClose(visits.flat(), [6 / 5, 4 / 5, 2 / 5, 8 / 5])
  })

  it("names the state that cannot be left", () => {
    expect(() => solveAbsorbingChain([[0, 1], [0, 1]], [0, 0], [[1], [1]])).toThrow("ever leaving state 1")
  })
})
