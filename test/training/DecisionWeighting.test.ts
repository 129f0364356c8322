import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { GradedGroup } from "../../src/domain/Rollouts.ts"
import { Backprop } from "../../src/model/Backprop.ts"
import { adam, initialize } from "../../src/training/Optimizer.ts"
import { DecisionWeighting, smoothedRates, weigh, weightsOf } from "../../src/training/DecisionWeighting.ts"

/** A rollout as its attempts: prompt of one token, answers of two, decisions of one. */
const member = (attempts: ReadonlyArray<readonly [correct: boolean | undefined, action?: "STOP" | "RESAMPLE"]>) => {
  let at = 1
  const spans = attempts.flatMap(([correct, action]) => {
    const sample = { kind: "sample" as const, start: at, end: at + 2, answer: "a", ...(correct === undefined ? {} : { correct }) }
    at += 2
    if (action === undefined) return [sample]
    const decision = { kind: "decision" as const, start: at, end: at + 1, action }
    at += 1
    return [sample, decision]
  })
  const trajectory = {
    tokens: Array.from({ length: at }, () => 0),
    promptLength: 1,
    spans,
    ending: "stop" as const,
    offset: 0,
    logProbs: []
  }
  return { trajectory, reward: 1, outcome: "Correct" as const }
}

const groups = [{
  query: { id: "q", level: "l", prompt: "p", answer: "a" },
  members: [
    member([[false, "RESAMPLE"], [true, "STOP"]]),
    member([[true, "RESAMPLE"], [false, "STOP"]]),
    member([[true, "STOP"]]),
    member([[undefined, "STOP"]]),
    member([[false]])
  ]
}] as unknown as ReadonlyArray<GradedGroup>
const lengths = [7, 7, 4, 4, 3]
const offsets = Int32Array.from([0, 7, 14, 18, 22, 25])

describe("Weights on decisions", () => {
  it("multiply the advantages of decisions by what they are about, and no other token's", () => {
    const advantages = Float64Array.from(lengths.flatMap((length, i) => Array.from({ length }, () => i + 1)))
    const weighed = weigh({ correct: 10, wrong: 100 }, groups, offsets, advantages)
    const expected = [
      [1, 1, 1, 100, 1, 1, 10],
      [2, 2, 2, 20, 2, 2, 200],
      [3, 3, 3, 30],
      [4, 4, 4, 4],
      [5, 5, 5]
    ]
    expect([...weighed]).toEqual(expected.flat())
    expect(advantages[3]).toBe(1)
  })

  it("are by the step's own rates, with one imagined hit and miss each: 3 of 6 graded, 2 of 3 and 1 of 2 decided", () => {
    const rates = smoothedRates(groups)
    expect(rates).toEqual({ sampleCorrect: 4 / 8, stopGivenCorrect: 3 / 5, resampleGivenWrong: 2 / 4 })
    // No mobility is asked for, so nothing is differentiated and the state is not looked at.
    const state = { parameters: new Float32Array(0), optimizer: initialize(0) }
    const weights = (weighting: DecisionWeighting) =>
      Effect.runSync(Effect.provideService(weightsOf(weighting, state, groups, adam, 1), Backprop, { gradient: () => Effect.die("asked") }))
    const natural = weights({ _tag: "Natural" })
    expect(natural.correct).toBeCloseTo(0.5 / (0.6 * 0.4), 12)
    expect(natural.wrong).toBeCloseTo(0.5 / 0.25, 12)
    expect(weights({ _tag: "Natural", most: 1.5 })).toEqual({ correct: 1.5, wrong: 1.5 })
    expect(weights({ _tag: "Fixed", correct: 1, wrong: 3 })).toMatchObject({ correct: 1, wrong: 3 })
    const isSetting = Schema.is(DecisionWeighting)
    expect([0, 0.5, 1, 1.5].map((most) => isSetting({ _tag: "Natural", most }))).toEqual([false, false, true, true])
    expect(smoothedRates([])).toEqual({ sampleCorrect: 0.5, stopGivenCorrect: 0.5, resampleGivenWrong: 0.5 })
  })
})
