import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws, shuffle } from "../../../src/domain/Seed.ts"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import type { Calibration } from "../../../src/eval/calibration/Calibration.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import { contains } from "../../../src/eval/statistics/Interval.ts"
import { countRollout } from "../../../src/eval/calibration/RolloutCounts.ts"
import { simulate, type SimulatedPolicy } from "../../../src/eval/calibration/Simulate.ts"
import { drawBinomial } from "../../../src/eval/statistics/Binomial.ts"
import { calibrateTallies, compareTallies, passAtKOfTallies } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { gradeTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { passAtK } from "../../../src/eval/statistics/PassAtK.ts"
import { patternOf, rolloutOfPattern } from "../../../src/eval/transcripts/Pattern.ts"
import { hashText } from "../../../src/eval/transcripts/QueryIndex.ts"
import { simulateTranscripts } from "../../../src/eval/transcripts/SimulatedTranscript.ts"
import { makeTallies, MOST_LEVELS } from "../../../src/eval/transcripts/Tallies.ts"
import { simulatedPolicies } from "../../support/SimulatedPolicies.ts"

const tally = (rollouts: ReturnType<typeof simulate>) => {
  const tallies = makeTallies()
  for (const rollout of rollouts) tallies.add(rollout)
  return tallies
}

/** All numbers of a calibration but the bootstrap's. */
const withoutIntervals = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, part: unknown) => (["interval", "pValue", "leads", "findings", "version"].includes(key) ? undefined : part))
  )

const policies = simulatedPolicies(fc.integer({ min: 0, max: 10 }).map((n) => n / 10))
const twoLevels = (
  policy: SimulatedPolicy
) => [...simulate({ ...policy, level: "2x1" }), ...simulate({ ...policy, level: "10x1", seed: policy.seed + 1 })]

describe("tallies", () => {
  it("refuse a level beyond those that are calibrated, and so does who is given the levels of many parts", () => {
    const tallies = makeTallies()
    const rollout = simulate({ level: "a", n: 1, pSample: 1, pStopGivenCorrect: 1, pResampleGivenWrong: 1, cap: 1, seed: 1 })[0]!
    for (let k = 0; k < MOST_LEVELS; k++) tallies.add({ ...rollout, level: `${k}` })
    tallies.add({ ...rollout, level: "0" })
    expect(() => tallies.add({ ...rollout, level: "one more" })).toThrow("the levels of the rollouts is more than 5000")
    const other = makeTallies()
    other.add({ ...rollout, level: "one more" })
    const levels = [...tallies.levels(), ...other.levels()]
    expect(() => calibrateTallies(levels, { rounds: 2 })).toThrow("more than 5000")
    expect(() => compareTallies({ id: "x", levels: tallies.levels() }, { id: "y", levels: other.levels() }, { rounds: 2 })).toThrow(
      "more than 5000"
    )
  })

  it("a pattern keeps all that a rollout counts", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        for (const rollout of simulate(policy)) {
          const again = rolloutOfPattern(patternOf(rollout))
          expect(countRollout(again, policy.cap)).toEqual(countRollout(rollout, policy.cap))
          expect(again.outcome).toBe(rollout.outcome)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("calibrate as the rollouts themselves do, in any order of reading, and after being saved and loaded", () => {
    fc.assert(
      fc.property(policies, fc.nat(20), (policy, cut) => {
        const rollouts = twoLevels(policy)
        const expected = withoutIntervals(calibrate(rollouts, { rounds: 2 }))
        expect(withoutIntervals(calibrateTallies(tally(rollouts.toReversed()).levels(), { rounds: 2 }))).toEqual(expected)
        const resumed = makeTallies(
          JSON.parse(JSON.stringify(tally(rollouts.slice(0, cut)).save())) as ReturnType<ReturnType<typeof makeTallies>["save"]>
        )
        for (const rollout of rollouts.slice(cut)) resumed.add(rollout)
        expect(withoutIntervals(calibrateTallies(resumed.levels(), { rounds: 2 }))).toEqual(expected)
      }),
      { numRuns: 50 }
    )
  })

  it("count right when so many signatures were passed through that they are thrown away and their numbers used again", () => {
    // Every query has the same twelve rollouts in an order of its own: it passes through some of 4096 signatures and ends where all end.
    const patterns = [..."abcd"].flatMap((first) => [..."aeh"].map((second) => `1${first}${second}`))
    const tallies = makeTallies()
    const orders = Array.from({ length: 1500 }, (_, q) => shuffle(patterns, q))
    for (const half of [orders.slice(0, 750), orders.slice(750)]) {
      for (let round = 0; round < patterns.length; round++) {
        for (const order of half) tallies.add({ ...rolloutOfPattern(order[round]!), query: order.join(), level: "l" })
      }
    }
    const [level] = tallies.levels()
    const everyone = patterns.map((pattern) => `${pattern}:1`).sort().join(" ")
    expect([...level!.signatures]).toEqual([[everyone, new Set(orders.map((order) => order.join())).size]])
    expect(new Set(level!.queries().map(([, signature]) => signature))).toEqual(new Set([everyone]))
  })

  it("compare as the rollouts do, paired by query", () => {
    fc.assert(
      fc.property(policies, policies, (one, other) => {
        const [from, to] = [twoLevels(one), twoLevels(other)]
        const expected = withoutIntervals(compare({ id: "a", rollouts: from }, { id: "b", rollouts: to }, { rounds: 2 }))
        const found = compareTallies({ id: "a", levels: tally(from).levels() }, { id: "b", levels: tally(to).levels() }, { rounds: 2 })
        expect(withoutIntervals(found)).toEqual(expected)
      }),
      { numRuns: 30 }
    )
  })

  it("give intervals as wide as those of the plain bootstrap: within 10 % of their length", () => {
    const rollouts = simulate({
      pSample: 0.5,
      pStopGivenCorrect: 0.8,
      pResampleGivenWrong: 0.6,
      cap: 4,
      n: 400,
      rolloutsPerQuery: 2,
      seed: 5
    })
    const options = { rounds: 4000, seed: 1 }
    const plain = calibrate(rollouts, options).overall
    const grouped = calibrateTallies(tally(rollouts).levels(), options).overall
    for (const name of ["pSample", "pStopGivenCorrect", "pResampleGivenWrong", "predicted"] as const) {
      const [a, b] = [plain[name].interval!, grouped[name].interval!]
      const length = a[1] - a[0]
      expect(Math.abs(a[0] - b[0])).toBeLessThan(0.1 * length)
      expect(Math.abs(a[1] - b[1])).toBeLessThan(0.1 * length)
    }
  })

  it("refuse a cap below the longest response", () => {
    const levels = tally(simulate({ pSample: 0, pStopGivenCorrect: 1, pResampleGivenWrong: 1, cap: 3, n: 1, seed: 0 })).levels()
    expect(() => calibrateTallies(levels, { cap: 2 })).toThrow(/cap is 2; expected at least 3/)
  })
})

describe("drawBinomial", () => {
  it.each([[7, 0.3], [40, 0.6], [1000, 0.5], [1000, 0.002], [1_000_000, 0.25]])(
    "n = %d, p = %d: mean, variance and distribution are right",
    (n, p) => {
      const stream = draws(17)
      const count = 20_000
      const sample = Array.from({ length: count }, () => drawBinomial(stream, n, p))
      const mean = sample.reduce((sum, k) => sum + k, 0) / count
      const variance = sample.reduce((sum, k) => sum + (k - mean) ** 2, 0) / count
      const sd = Math.sqrt(n * p * (1 - p))
      expect(Math.abs(mean - n * p)).toBeLessThan((5 * sd) / Math.sqrt(count))
      expect(Math.abs(variance / sd ** 2 - 1)).toBeLessThan(0.06)
      // P(k ≤ mean of the distribution), by adding its exact probabilities.
      let logProbability = n * Math.log1p(-p)
      let below = 0
      for (let k = 0; k <= Math.floor(n * p); k++) {
        below += Math.exp(logProbability)
        logProbability += Math.log((n - k) / (k + 1)) + Math.log(p / (1 - p))
      }
      const found = sample.filter((k) => k <= Math.floor(n * p)).length / count
      expect(Math.abs(found - below)).toBeLessThan(0.02)
    }
  )
})

describe("pass@k", () => {
  it("n = 4, c = 2, by hand: pass@1 1/2, pass@2 1 − 1/6, pass@4 1; pass^2 1/6, pass^4 0", () => {
    const found = passAtK([{ n: 4, c: 2, queries: 3 }])
    expect(found.map(({ k }) => k)).toEqual([1, 2, 4])
    expect(found.map((row) => row.passAtK.toFixed(12))).toEqual([1 / 2, 5 / 6, 1].map((value) => value.toFixed(12)))
    expect(found.map((row) => row.passAllK.toFixed(12))).toEqual([1 / 2, 1 / 6, 0].map((value) => value.toFixed(12)))
  })

  it("is the mean over all draws of k of n rollouts", () => {
    fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 2, maxLength: 7 }), (right) => {
      const n = right.length
      const { passAllK, passAtK: any } = passAtK([{ n, c: right.filter(Boolean).length, queries: 1 }])[1]!
      const pairs = right.flatMap((a, i) => right.slice(i + 1).map((b) => [a, b] as const))
      expect(any).toBeCloseTo(pairs.filter(([a, b]) => a || b).length / pairs.length, 12)
      expect(passAllK).toBeCloseTo(pairs.filter(([a, b]) => a && b).length / pairs.length, 12)
    }))
  })

  it("comes out of tallies for all queries of all levels", () => {
    const rollouts = twoLevels({ pSample: 0.5, pStopGivenCorrect: 1, pResampleGivenWrong: 0, cap: 1, n: 30, rolloutsPerQuery: 2, seed: 2 })
    const byQuery = [...Map.groupBy(rollouts, ({ query }) => query).values()].map((group) =>
      group.map(({ outcome }) => outcome === "Correct")
    )
    const [one, two] = passAtKOfTallies(tally(rollouts).levels())
    expect(one!.passAtK).toBeCloseTo(rollouts.filter(({ outcome }) => outcome === "Correct").length / rollouts.length, 12)
    expect(two!.passAtK).toBeCloseTo(byQuery.filter((right) => right.some(Boolean)).length / byQuery.length, 12)
    expect(two!.passAllK).toBeCloseTo(byQuery.filter((right) => right.every(Boolean)).length / byQuery.length, 12)
  })
})

describe("the order of rollouts", () => {
  const options = { rounds: 20 }

  it("changes no number of a calibration or a comparison, the bootstrap's included", () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 0, max: 1000 }), (policy, seed) => {
        const rollouts = twoLevels({ ...policy, n: 10 * policy.n })
        const other = twoLevels({ ...policy, seed: policy.seed + 5 })
        const [one, same] = [tally(rollouts).levels(), tally(shuffle(rollouts, seed)).levels()]
        expect(calibrateTallies(same, options)).toEqual(calibrateTallies(one, options))
        const pair = (levels: typeof one) => compareTallies({ id: "a", levels }, { id: "b", levels: tally(other).levels() }, options)
        expect(pair(same)).toEqual(pair(one))
      }),
      { numRuns: 30 }
    )
  })
})

describe("blocks", () => {
  // Levels, patterns and queries in any order; 3b has no reference, and is no rollout of its query.
  const marks = fc.array(
    fc.record({
      level: fc.constantFrom("l", "m"),
      pattern: fc.constantFrom("0d", "1c", "0bd", "3b", "4ai"),
      query: fc.integer({ min: 0, max: 3 })
    }),
    { maxLength: 40 }
  )

  it("a block of marks counts what its rollouts count one by one", () => {
    fc.assert(
      fc.property(marks, fc.integer({ min: 0, max: 40 }), (rows, cut) => {
        const one = makeTallies()
        for (const { level, pattern, query } of rows) one.add({ ...rolloutOfPattern(pattern), level, query: String(query) })
        const all = makeTallies()
        for (const block of [rows.slice(0, cut), rows.slice(cut)]) {
          all.addMarks({
            kinds: block,
            kind: Uint32Array.from(block, (_, k) => k),
            query: Float64Array.from(block, ({ query }) => hashText(String(query)))
          })
        }
        const seen = (tallies: ReturnType<typeof makeTallies>) =>
          tallies.levels().map(({ level, patterns, queries, signatures }) => ({
            level,
            patterns: new Map([...patterns].sort()),
            signatures: new Map([...signatures].sort()),
            queries: new Map(queries())
          })).sort((a, b) => (a.level < b.level ? -1 : 1))
        expect(seen(all)).toEqual(seen(one))
      }),
      { numRuns: 300 }
    )
  })
})

describe("simulated transcripts", () => {
  const truth = { pSample: 0.45, pStopGivenCorrect: 0.85, pResampleGivenWrong: 0.6 }
  const calibrateTexts = (policy: SimulatedPolicy): Calibration => {
    const tallies = makeTallies()
    for (const row of simulateTranscripts(policy)) tallies.add(gradeTranscript(row))
    return calibrateTallies(tallies.levels(), { rounds: 200, seed: policy.seed })
  }

  it("reading the texts gives the rollouts that were written", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const rollouts = simulate(policy)
        const read = simulateTranscripts(policy).map((row) => gradeTranscript(row))
        expect(read.map(patternOf)).toEqual(rollouts.map(patternOf))
      }),
      { numRuns: 50 }
    )
  })

  it("calibration of texts covers the true rates, and predicts what it observes, at about the nominal rate: 120 seeds", () => {
    const seeds = Array.from({ length: 120 }, (_, seed) => seed)
    const all = seeds.map((seed) => calibrateTexts({ ...truth, cap: 12, n: 120, rolloutsPerQuery: 2, seed }).overall)
    // 95 % of 120 is 114; fewer than 105 or, for the gap, fewer than 103 has a probability below 0.001.
    for (const name of ["pSample", "pStopGivenCorrect", "pResampleGivenWrong"] as const) {
      expect(all.filter((row) => contains(row[name].wilson!, truth[name])).length).toBeGreaterThanOrEqual(105)
    }
    expect(all.filter((row) => contains(row.predictedCapped.gap.interval!, 0)).length).toBeGreaterThanOrEqual(103)
  })

  it("prediction fails where the assumptions do: p_S that falls from attempt to attempt", () => {
    const { predicted, predictedByAttempt } = calibrateTexts({ ...truth, pSample: [0.5, 0.05], cap: 12, n: 1500, seed: 1 }).overall
    expect(predicted.gap.interval![0]).toBeGreaterThan(0.05)
    expect(contains(predictedByAttempt.gap.interval!, 0)).toBe(true)
  })
})
