import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { draws, shuffle } from "../../../src/domain/Seed.ts"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import type { EvaluatedAttempt, EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { calibrateTallies, compareTallies, passAtKOfAllTallies, passAtKOfTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { makeSignatures, NO_SIGNATURE } from "../../../src/eval/transcripts/Signatures.ts"
import { longestPattern, makeTallies, SavedTallies } from "../../../src/eval/transcripts/Tallies.ts"
import { processorMs } from "../../support/ProcessorTime.ts"

/** A response of so many attempts at random, on a query. */
const makeRollout = (seed: number) => {
  const stream = draws(seed)
  return (length: number, query: string): EvaluatedRollout => {
    const attempts = Array.from({ length }, (_, k): EvaluatedAttempt => ({
      answer: String(stream.integer(1, 3)),
      correct: stream.uniform() < 0.3,
      decision: k === length - 1 ? "STOP" : "RESAMPLE"
    }))
    return { id: "", level: "l", query, attempts, outcome: attempts.at(-1)!.correct ? "Correct" : "Wrong" }
  }
}
const tally = (rollouts: ReadonlyArray<EvaluatedRollout>) => {
  const tallies = makeTallies()
  for (const rollout of rollouts) tallies.add(rollout)
  return tallies
}

describe("a query with thousands of patterns", () => {
  const rollout = makeRollout(1)
  const lengths = draws(2)
  const rollouts = Array.from({ length: 20_000 }, () => rollout(lengths.integer(1, 9), "one"))

  it("20,000 responses to one prompt are tallied in time that grows with their number, not with its square", () => {
    const began = processorMs()
    tally(rollouts)
    // Half a minute before; some 50 ms now.
    expect(processorMs() - began).toBeLessThan(3000)
  })

  it("counts what the rollouts count, in any order, and after being saved and loaded", () => {
    const some = rollouts.slice(0, 3000)
    const expected = calibrate(some, { rounds: 1 }).overall.counts
    const one = tally(some)
    expect(calibrateTallies(one.levels(), { rounds: 1 }).overall.counts).toEqual(expected)
    const text = one.levels()[0]!.queries()[0]![1]
    expect(text.length).toBeGreaterThan(1000)
    expect(tally(shuffle(some, 4)).levels()[0]!.queries()[0]![1]).toBe(text)
    expect([...one.levels()[0]!.signatures]).toEqual([[text, 1]])
    const saved = Schema.decodeUnknownSync(SavedTallies)(JSON.parse(JSON.stringify(tally(some.slice(0, 1000)).save())))
    const resumed = makeTallies(saved)
    for (const rollout of some.slice(1000)) resumed.add(rollout)
    expect(resumed.levels()[0]!.queries()[0]![1]).toBe(text)
  })

  it("shared and own signatures are one where their texts are", () => {
    const signatures = makeSignatures()
    const patterns = Array.from({ length: 40 }, (_, k) => `1${"a".repeat(k + 1)}d`)
    const walk = (order: ReadonlyArray<string>) =>
      order.reduce((from, pattern) => signatures.advance(from, signatures.patternNumber(pattern)), NO_SIGNATURE)
    const [first, second] = [walk(patterns), walk(patterns.toReversed())]
    expect(first).not.toBe(second)
    expect(signatures.text(first)).toBe(signatures.text(second))
    expect([...signatures.counts()]).toEqual([[signatures.text(first), 2]])
    expect(signatures.text(signatures.take(signatures.text(first)))).toBe(signatures.text(first))
    expect([...signatures.counts().values()]).toEqual([3])
  })
})

describe("150,000 patterns", () => {
  const rollout = makeRollout(5)
  const levels = tally(Array.from({ length: 150_000 }, (_, k) => rollout(20, `q${k % 50_000}`))).levels()

  it("crash nothing: the longest is found, and calibration, comparison and pass@k come out", () => {
    expect(levels[0]!.patterns.size).toBeGreaterThan(149_000)
    expect(longestPattern(levels)).toBe(20)
    expect(calibrateTallies(levels, { rounds: 2 }).overall.n).toBe(150_000)
    expect(compareTallies({ id: "a", levels }, { id: "b", levels }, { rounds: 2 }).overall.paired).toBe(50_000)
    expect(passAtKOfTallies(levels).map(({ k }) => k)).toEqual([1, 2])
  }, 60_000)
})

describe("a saved state", () => {
  const state = [{
    level: "l",
    patterns: [["0d", 3], ["1c", 1], ["3", 2], ["4a", 1]],
    signatures: ["0d:1", "0d:1 1c:1 4a:1"],
    queries: [11, 0, 12, 0, 13, 1]
  }]
  const decode = Schema.decodeUnknownSync(SavedTallies)
  const changed = (change: object) => () => decode([{ ...state[0]!, ...change }])

  it("is read back", () => {
    expect(makeTallies(decode(state)).save()).toEqual(decode(state))
  })

  it.each([
    ["a signature out of range", { queries: [11, 0, 12, 0, 13, 2] }, /signature 2 of 2/],
    ["a negative signature", { queries: [11, -1, 12, 0, 13, 1] }, /signature -1 of 2/],
    ["a signature that is no whole number", { queries: [11, 0.5, 12, 0, 13, 1] }, /signature 0\.5 of 2/],
    ["a query without a signature", { queries: [11, 0, 12, 0, 13] }, /a query without a signature/],
    ["patterns that queries do not have", { patterns: [["0d", 4], ["1c", 1], ["4a", 1]] }, /pattern 0d is not counted as often/],
    ["truncated rollouts that were not noted with their query, as saved before", { signatures: ["0d:1", "0d:1 1c:1"] }, /pattern 4a/],
    ["a pattern that is none", { patterns: [["9z", 1]] }, /9z|pattern/],
    ["a count below 1", { patterns: [["0d", 0]] }, /patterns/]
  ])("is refused with %s", (_, change, message) => {
    expect(changed(change)).toThrow(message)
  })
})

describe("pass@k where responses were cut off", () => {
  it("half of one prompt's four: pass@1 is 3/4 of finished ones and 5/8 of all, as a prompt counts as one", () => {
    const rollout = (query: string, outcome: EvaluatedRollout["outcome"]): EvaluatedRollout => {
      if (outcome === "Truncated") return { id: "", level: "l", query, attempts: [], outcome }
      const correct = outcome === "Correct"
      return { id: "", level: "l", query, attempts: [{ answer: correct ? "1" : "2", correct, decision: "STOP" }], outcome }
    }
    const levels = tally([
      ...(["Correct", "Wrong", "Truncated", "Truncated"] as const).map((outcome) => rollout("a", outcome)),
      ...Array.from({ length: 4 }, () => rollout("b", "Correct")),
      rollout("c", "GoldInvalid")
    ]).levels()
    expect(passAtKOfTallies(levels).map(({ k, passAtK }) => [k, passAtK])).toEqual([[1, 0.75], [2, 1]])
    expect(passAtKOfAllTallies(levels).map(({ k }) => k)).toEqual([1, 2, 4])
    expect(passAtKOfAllTallies(levels)[0]!.passAtK).toBe(0.625)
  })
})
