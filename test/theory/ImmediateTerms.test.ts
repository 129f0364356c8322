import { describe, expect, it } from "vitest"
import { Dft, KlPenalty, Sft, Surrogate } from "decision-sampling/theory"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const attempt = { tokenLogProbs: [-1], referenceTokenLogProbs: [-2], decisionLogProb: -1, referenceDecisionLogProb: -3 }
const trajectory = { attempts: [{ ...attempt, decision: "RESAMPLE" as const }, { ...attempt, decision: "STOP" as const }] }

describe("what the objectives of the reward share", () => {
  it.each([
    ["Surrogate", (gamma: number) => Surrogate.qValues(trajectory, { advantage: 1, gamma })],
    ["KlPenalty", (gamma: number) => KlPenalty.qValues(trajectory, { beta: 1, gamma })],
    ["Sft", (gamma: number) => Sft.qValues(trajectory, { gamma })],
    ["Dft", (gamma: number) => Dft.qValues(trajectory, { gamma })]
  ])("%s refuses a discount outside [0, 1] by name", (name, qValues) => {
    for (const gamma of [-0.1, 1.1, NaN]) {
      expect(reasonOf(() => qValues(gamma))).toMatchObject({ _tag: "OutOfRange", what: "gamma", range: "[0, 1]" })
      expect(() => qValues(gamma)).toThrow(new RegExp(`^${name}:`))
    }
    expect(() => [qValues(0), qValues(1)]).not.toThrow()
  })

  it("a hand example: KL terms −1 and −2 a cycle at γ = ½ have Q = (−4.5, −3.5, −3, −2), twice, and weights with γ in the second cycle", () => {
    const options = { beta: 1, gamma: 0.5 }
    for (const q of [KlPenalty.qValues(trajectory, options), KlPenalty.closedSum(trajectory, options)]) {
      expectAllClose([q.sampling[0]!, q.decision[0]!, q.sampling[1]!, q.decision[1]!], [-4.5, -3.5, -3, -2])
    }
    const weights = KlPenalty.scoreWeights(trajectory, options)
    expectAllClose([weights.sampling[0]!, weights.decision[0]!, weights.sampling[1]!, weights.decision[1]!], [-4.5, -3.5, -1.5, -1])
  })
})
