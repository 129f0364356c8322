import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { Dft, KlPenalty, logProb, makeScoredTrajectory, type QTable, type ScoredTrajectory, Sft, Surrogate } from "decision-sampling/theory"
import { expectAllClose, expectClose, GOLDEN } from "../../src/laws/support/Approx.ts"

interface ExpectedTables {
  readonly qSampling: ReadonlyArray<number>
  readonly qDecision: ReadonlyArray<number>
}

interface ExpectedTokens extends ExpectedTables {
  readonly qTokens: ReadonlyArray<ReadonlyArray<number>>
}

interface GoldenTrajectory extends ScoredTrajectory {
  readonly id: string
  readonly gamma: number
  readonly beta: number
  readonly advantage: number
  readonly constant: number
  readonly expected: {
    readonly logProb: number
    readonly surrogate: ExpectedTables
    readonly kl: ExpectedTokens & { readonly rSampling: ReadonlyArray<number>; readonly rDecision: ReadonlyArray<number> }
    readonly sft: ExpectedTokens
    readonly dft: ExpectedTokens
  }
}

const golden: ReadonlyArray<GoldenTrajectory> = JSON.parse(
  readFileSync(new URL("../golden/trajectory.json", import.meta.url), "utf8")
)

const expectTable = (table: QTable, expected: ExpectedTables | ExpectedTokens, what: string) => {
  expectAllClose(table.sampling, expected.qSampling, GOLDEN, `${what}.sampling`)
  expectAllClose(table.decision, expected.qDecision, GOLDEN, `${what}.decision`)
  table.tokens.forEach((row, cycle) => {
    const wanted = "qTokens" in expected ? expected.qTokens[cycle]! : row.map(() => expected.qSampling[cycle]!)
    expectAllClose(row, wanted, GOLDEN, `${what}.tokens[${cycle}]`)
  })
}

describe("Golden trajectories: an independent program's numbers, to 1e-9", () => {
  it("has 60 of them, and all are valid", () => {
    expect(golden.length).toBe(60)
    for (const trajectory of golden) expect(makeScoredTrajectory(trajectory)).toBe(trajectory)
  })

  it("log π(τ)", () => {
    for (const trajectory of golden) expectClose(logProb(trajectory), trajectory.expected.logProb, GOLDEN, trajectory.id)
  })

  it("Q of the surrogate, the KL penalty, SFT and DFT, by recursion", () => {
    for (const { advantage, beta, constant, expected, gamma, id, ...trajectory } of golden) {
      expectTable(Surrogate.qValues(trajectory, { advantage, gamma }), expected.surrogate, `${id} surrogate`)
      expectTable(KlPenalty.qValues(trajectory, { beta, gamma }), expected.kl, `${id} kl`)
      expectTable(Sft.qValues(trajectory, { gamma }), expected.sft, `${id} sft`)
      expectTable(Dft.qValues(trajectory, { constant, gamma }), expected.dft, `${id} dft`)
    }
  })

  it("Q of the surrogate, the KL penalty, SFT and DFT, by the closed sum", () => {
    for (const { advantage, beta, constant, expected, gamma, id, ...trajectory } of golden) {
      expectTable(Surrogate.closedSum(trajectory, { advantage, gamma }), expected.surrogate, `${id} surrogate`)
      expectTable(KlPenalty.closedSum(trajectory, { beta, gamma }), expected.kl, `${id} kl`)
      expectTable(Sft.closedSum(trajectory, { gamma }), expected.sft, `${id} sft`)
      expectTable(Dft.closedSum(trajectory, { constant, gamma }), expected.dft, `${id} dft`)
    }
  })

  it("the immediate terms of the KL penalty", () => {
    for (const { beta, expected, gamma, id, ...trajectory } of golden) {
      const terms = KlPenalty.immediate(trajectory, { beta, gamma })
      expectAllClose(terms.sampling, expected.kl.rSampling, GOLDEN, `${id} rSampling`)
      expectAllClose(terms.decision, expected.kl.rDecision, GOLDEN, `${id} rDecision`)
    }
  })
})
