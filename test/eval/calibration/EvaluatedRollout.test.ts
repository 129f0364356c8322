import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"

const decode = Schema.decodeUnknownSync(EvaluatedRollout)
const attempt = (correct: boolean, decision: "STOP" | "RESAMPLE") => ({ answer: correct ? "6" : "5", correct, decision })
const row = { id: "1", level: "1x1", query: "2*3" }

describe("EvaluatedRollout", () => {
  it("accepts every rollout of a simulated policy, capped ones included", () => {
    const rollouts = simulate({ pSample: 0.5, pStopGivenCorrect: 0.7, pResampleGivenWrong: 0.7, cap: 3, n: 200, seed: 1 })
    expect(rollouts.some((rollout) => rollout.hitCap === true)).toBe(true)
    for (const rollout of rollouts) expect(decode(rollout)).toEqual(rollout)
  })

  it("accepts rollouts that were cut off, with and without the decision on their last answer", () => {
    for (const cutsDecision of [false, true]) {
      const rollouts = simulate({
        pSample: 0.5,
        pStopGivenCorrect: 0.7,
        pResampleGivenWrong: 0.7,
        cap: 9,
        n: 50,
        seed: 1,
        cutAfter: 2,
        cutsDecision
      })
      expect(rollouts.some(({ attempts }) => attempts.some((each) => !("decision" in each)))).toBe(cutsDecision)
      for (const rollout of rollouts) expect(decode(rollout)).toEqual(rollout)
    }
  })

  it.each([
    [
      "a decision missing in the middle",
      { attempts: [{ answer: "5", correct: false }, attempt(true, "STOP")], outcome: "Correct" },
      "attempt 2 follows"
    ],
    ["a decision missing where nothing was cut off", { attempts: [{ answer: "6", correct: true }], outcome: "Correct" }, "was cut off"],
    [
      "a STOP that another attempt follows",
      { attempts: [attempt(false, "STOP"), attempt(true, "STOP")], outcome: "Correct" },
      "attempt 1 decides STOP"
    ],
    ["Correct on a wrong last answer", { attempts: [attempt(false, "STOP")], outcome: "Correct" }, `outcome "Correct" needs`],
    ["Wrong on a right last answer", { attempts: [attempt(true, "STOP")], outcome: "Wrong" }, `outcome "Wrong" needs`],
    ["a capped rollout that does not say so", { attempts: [attempt(true, "RESAMPLE")], outcome: "Wrong" }, "hitCap: true"],
    ["hitCap on a rollout that stopped", { attempts: [attempt(false, "STOP")], outcome: "Wrong", hitCap: true }, "decides RESAMPLE"],
    ["an unknown outcome", { attempts: [], outcome: "Maybe" }, "outcome"]
  ])("refuses %s, and says why", (_, fields, reason) => {
    expect(() => decode({ ...row, ...fields })).toThrow(reason)
  })
})
