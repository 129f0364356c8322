import fc from "fast-check"
import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { startAttribution } from "../../../src/eval/attribute/Accumulate.ts"
import { type AttributionRow, readAttributionRow } from "../../../src/eval/attribute/AttributionInput.ts"
import { AttributionReport, type ObjectiveReport } from "../../../src/eval/attribute/AttributionReport.ts"
import { OBJECTIVES, rowNumbers } from "../../../src/eval/attribute/Objectives.ts"
import { tablesOf } from "../../../src/eval/attribute/SpanTables.ts"
import * as Aggregate from "../../../src/theory/Aggregate.ts"
import { attribution, magnitudeRatio, termGrowth, weighedCycles } from "../../../src/theory/Attribution.ts"
import * as Dft from "../../../src/theory/Dft.ts"
import * as KlPenalty from "../../../src/theory/KlPenalty.ts"
import { discountedScoreWeights, inTokenOrder, type QTable } from "../../../src/theory/QTable.ts"
import { makeScoredTrajectory, type ScoredTrajectory } from "../../../src/theory/ScoredTrajectory.ts"
import * as Sft from "../../../src/theory/Sft.ts"
import * as Surrogate from "../../../src/theory/Surrogate.ts"

const settings = { gamma: 0.9, beta: 0.5, constant: 2 }
const PROMPT = 2

/** A row's JSON from a trajectory: two prompt tokens of nobody, then answers of their own lengths, each with one decision token. */
const toJson = (trajectory: ScoredTrajectory, advantage: number): string => {
  const nobody = Array.from({ length: PROMPT }, () => null)
  const spans: Array<object> = []
  let at = PROMPT
  for (const { decision, tokenLogProbs } of trajectory.attempts) {
    spans.push({ kind: "sample", start: at, end: at + tokenLogProbs.length })
    at += tokenLogProbs.length
    spans.push({ kind: "decision", start: at, end: at + 1, action: decision })
    at++
  }
  return JSON.stringify({
    id: "row",
    logprobs: [...nobody, ...trajectory.attempts.flatMap((attempt) => [...attempt.tokenLogProbs, attempt.decisionLogProb])],
    ref_logprobs: [
      ...nobody,
      ...trajectory.attempts.flatMap((attempt) => [...attempt.referenceTokenLogProbs!, attempt.referenceDecisionLogProb!])
    ],
    advantage,
    spans
  })
}

const rowOf = (line: string): AttributionRow => {
  const row = readAttributionRow(line, "line 1")
  if (Result.isFailure(row)) throw new Error(row.failure)
  return row.success
}

const problemOf = (line: string): string => {
  const row = readAttributionRow(line, "line 1")
  if (Result.isSuccess(row)) throw new Error("expected a refusal")
  return row.failure
}

const logProb = fc.integer({ min: -40, max: -1 }).map((k) => k / 8)
const attempt = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.record({
    tokenLogProbs: fc.array(logProb, { minLength: length, maxLength: length }),
    referenceTokenLogProbs: fc.array(logProb, { minLength: length, maxLength: length }),
    decisionLogProb: logProb,
    referenceDecisionLogProb: logProb
  })
)
const trajectories = fc.array(attempt, { minLength: 1, maxLength: 4 }).map((attempts) =>
  makeScoredTrajectory({
    attempts: attempts.map((one, i) => ({ ...one, decision: i === attempts.length - 1 ? "STOP" as const : "RESAMPLE" as const }))
  })
)
const advantages = fc.integer({ min: -8, max: 8 }).map((k) => k / 4)
const batches = fc.array(fc.tuple(trajectories, advantages), { minLength: 1, maxLength: 6 })

const reportOf = (rows: ReadonlyArray<AttributionRow>) => {
  const accumulator = startAttribution(settings)
  for (const row of rows) accumulator.add(row)
  return accumulator.report()
}

const objectiveOf = (report: AttributionReport, name: string): ObjectiveReport =>
  report.objectives.find((objective) => objective.name === name)!

const theory: ReadonlyArray<readonly [name: string, q: (trajectory: ScoredTrajectory, advantage: number) => QTable]> = [
  ["surrogate", (trajectory, advantage) => Surrogate.qValues(trajectory, { advantage, gamma: 0.9 })],
  ["kl-reward-k1", (trajectory) => KlPenalty.closedSum(trajectory, { beta: 0.5, gamma: 0.9 })],
  ["sft", (trajectory) => Sft.closedSum(trajectory, { gamma: 0.9 })],
  ["dft", (trajectory) => Dft.qValues(trajectory, { constant: 2, gamma: 0.9 })]
]

describe("attribution of rows", () => {
  it.each(theory)("%s: Q and score weights of a row are those of the theory's tables, and nobody's tokens have none", (name, qOf) => {
    const objective = OBJECTIVES.find((candidate) => candidate.name === name)!
    fc.assert(
      fc.property(trajectories, advantages, (trajectory, advantage) => {
        const row = rowOf(toJson(trajectory, advantage))
        const numbers = rowNumbers(objective, row, settings)
        const expected = qOf(trajectory, advantage)
        const { q } = tablesOf(objective, row, numbers)
        const close = (actual: ReadonlyArray<number>, wanted: ReadonlyArray<number>) =>
          actual.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 9))
        close(q.sampling, expected.sampling)
        close(q.decision, expected.decision)
        close(q.tokens.flat(), expected.tokens.flat())
        close([...numbers.weights.subarray(PROMPT)], [...inTokenOrder(discountedScoreWeights(expected, 0.9))])
        expect([...numbers.weights.subarray(0, PROMPT)]).toEqual([0, 0])
      })
    )
  })

  it("a hand example: two answers of one and two tokens under DFT with c = 2 and γ = 0.9", () => {
    // Q backwards: D2 = 2; second answer's tokens 6 and 4; D1 = 2 + 0.9·6 = 7.4; first answer 9.4. Weights of cycle 2 times 0.9.
    const line = JSON.stringify({
      logprobs: [-1, -1, -1, -1, -1],
      spans: [
        { kind: "sample", start: 0, end: 1 },
        { kind: "decision", start: 1, end: 2, action: "RESAMPLE" },
        { kind: "sample", start: 2, end: 4 },
        { kind: "decision", start: 4, end: 5, action: "STOP" }
      ]
    })
    const { scoreWeights } = objectiveOf(reportOf([rowOf(line)]), "dft")
    expect(scoreWeights!.sampling.absolute).toBeCloseTo(9.4 + 5.4 + 3.6, 12)
    expect(scoreWeights!.decision.absolute).toBeCloseTo(7.4 + 1.8, 12)
    expect(scoreWeights!.decisionShare).toBeCloseTo(9.2 / 27.6, 12)
    expect(scoreWeights!.sampling.perAction).toBeCloseTo(18.4 / 2, 12)
    expect(scoreWeights!.sampling.perToken).toBeCloseTo(18.4 / 3, 12)
  })

  it("totals over a file are the sums over its rows, for every objective and sub-policy", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const rows = batch.map(([trajectory, advantage]) => rowOf(toJson(trajectory, advantage)))
        const whole = reportOf(rows)
        const single = rows.map((row) => reportOf([row]))
        for (const { immediate, name, scoreWeights } of whole.objectives.filter(({ rows: count }) => count > 0)) {
          for (const part of ["sampling", "decision"] as const) {
            for (const field of ["tokens", "actions", "total", "absolute"] as const) {
              const sum = (read: (objective: ObjectiveReport) => number) =>
                single.reduce((total, report) => total + read(objectiveOf(report, name)), 0)
              expect(immediate![part][field]).toBeCloseTo(sum((objective) => objective.immediate![part][field]!), 6)
              expect(scoreWeights![part][field]).toBeCloseTo(sum((objective) => objective.scoreWeights![part][field]!), 6)
            }
          }
        }
      }),
      { numRuns: 50 }
    )
  })

  it("aggregated shares are those of the theory's token weights over the file as one batch", () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const rows = batch.map(([trajectory, advantage]) => rowOf(toJson(trajectory, advantage)))
        const report = reportOf(rows)
        const objective = OBJECTIVES.find(({ name }) => name === "sft")!
        const weights = rows.flatMap((row) => [...rowNumbers(objective, row, settings).weights])
        const owner = Uint8Array.from(rows.flatMap((row) => [...row.batch.owner]))
        const offsets = new Int32Array(rows.length + 1)
        rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.batch.owner.length))
        const modes = [
          Aggregate.tokenMean,
          Aggregate.seqMeanTokenMean,
          Aggregate.seqMeanTokenSum,
          Aggregate.seqMeanTokenSumNorm(report.longestRow)
        ]
        for (const mode of modes) {
          const token = Aggregate.weights(mode, offsets, owner)
          const part = (index: number) =>
            weights.reduce((sum, weight, i) => sum + (owner[i] === index ? Math.abs(token[i]! * weight) : 0), 0)
          const found = objectiveOf(report, "sft").aggregation.find((entry) => entry.mode === mode._tag)!
          expect(found.sampling! / part(0)).toBeCloseTo(1, 9)
          expect(found.decision! / part(1)).toBeCloseTo(1, 9)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("the verdict is the theory's on the same trajectories: the surrogate balanced, single long answers under KL, SFT and DFT not", () => {
    const long = (length: number) => ({
      tokenLogProbs: Array.from({ length }, (_, i) => -(1 + (i % 3)) / 8),
      referenceTokenLogProbs: Array.from({ length }, () => -1),
      decisionLogProb: -0.5,
      referenceDecisionLogProb: -0.25
    })
    const some = [2, 6, 12, 40].map((length) => makeScoredTrajectory({ attempts: [{ ...long(length), decision: "STOP" }] }))
    const report = reportOf(some.map((trajectory, i) => rowOf(toJson(trajectory, i % 2 === 0 ? 1 : -0.5))))
    expect(["surrogate", "kl-reward-k1", "sft", "dft"].map((name) => objectiveOf(report, name).verdict!.verdict)).toEqual([
      "balanced",
      "unbalanced",
      "unbalanced",
      "unbalanced"
    ])
    const options = { beta: 0.5, gamma: 0.9 }
    const expected = attribution(some.map((trajectory) => weighedCycles(KlPenalty.qValues(trajectory, options), options)))
    const immediate = some.map((trajectory) => KlPenalty.immediate(trajectory, options))
    const found = objectiveOf(report, "kl-reward-k1")
    expect(found.verdict!.weightRatio).toBeCloseTo(expected.ratio!, 9)
    expect(found.verdict!.interval![0]).toBeCloseTo(expected.interval![0], 9)
    expect(found.verdict!.alignment).toBeCloseTo(expected.alignment!, 9)
    expect(found.verdict!.ratioPerAction).toBeCloseTo(magnitudeRatio(immediate).perAction, 9)
    expect(found.growthExponent).toBeCloseTo(termGrowth(immediate)!, 9)
    expect(found.verdict!.growthExponent).toBeCloseTo(termGrowth(immediate)!, 9)
    expect(objectiveOf(report, "dft").growthExponent).toBeCloseTo(1, 9)
  })
})

describe("rows of rollouts", () => {
  const spans = [{ kind: "sample", start: 0, end: 2 }, { kind: "decision", start: 2, end: 4, action: "STOP" }]
  const row = { logprobs: [-1, -1, -1, -1], spans }

  it("a decision of several tokens is one action, and a score stands for a missing advantage", () => {
    const report = reportOf([rowOf(JSON.stringify({ ...row, advantage: null, score: 1 }))])
    expect(report.advantages).toEqual({ advantage: 0, score: 1, neither: 0 })
    const { decision } = objectiveOf(report, "dft").immediate!
    expect([decision.tokens, decision.actions, decision.perAction, decision.perToken]).toEqual([2, 1, 4, 2])
    expect(objectiveOf(report, "surrogate").rows).toBe(1)
  })

  it("objectives without their inputs are left out and say what they lack", () => {
    const report = reportOf([rowOf(JSON.stringify(row))])
    expect(objectiveOf(report, "surrogate").lacking).toEqual({ "advantage or score": 1 })
    expect(objectiveOf(report, "kl-loss-k3-corrected").lacking).toEqual({ ref_logprobs: 1, old_logprobs: 1 })
    expect(objectiveOf(report, "kl-reward-k1").immediate).toBe(null)
    expect(Schema.decodeUnknownSync(AttributionReport)(JSON.parse(JSON.stringify(report)))).toEqual(report)
  })

  it("with old log-probabilities the clipped surrogate's weight is ratio times advantage, and 0 beyond the clip", () => {
    const old = [-1, -1, -1.1, -3]
    const weights = rowNumbers(
      OBJECTIVES.find(({ name }) => name === "surrogate-clipped")!,
      rowOf(JSON.stringify({ ...row, old_logprobs: old, advantage: 2 })),
      settings
    ).weights
    // Ratios 1, 1, e^0.1 = 1.105 and e^2 > 1.2.
    expect([...weights].map((weight) => Number(weight.toFixed(6)))).toEqual([2, 2, Number((2 * Math.exp(0.1)).toFixed(6)), 0])
  })

  it.each<readonly [what: string, row: unknown, message: RegExp]>([
    ["a span past the tokens", { ...row, spans: [{ kind: "sample", start: 0, end: 9 }] }, /spans\[0\] ends at 9, but there are 4/],
    ["a STOP that more follows", {
      logprobs: [-0.1, -0.1, -0.1, -0.1],
      spans: [
        { kind: "sample", start: 0, end: 1 },
        { kind: "decision", start: 1, end: 2, action: "STOP" },
        { kind: "sample", start: 2, end: 3 },
        { kind: "decision", start: 3, end: 4, action: "STOP" }
      ]
    }, /spans\[1\] says STOP, but more follow/],
    ["overlapping spans", { ...row, spans: [spans[0], { ...spans[1], start: 1 }] }, /spans\[1\] starts at 1, before the end/],
    ["an empty span", { ...row, spans: [{ kind: "sample", start: 1, end: 1 }] }, /spans\[0\] is empty/],
    ["a log-probability above 0", { ...row, logprobs: [-1, 0.5, -1, -1] }, /logprobs\[1\] is 0\.5, above 0/],
    ["null in a span", { ...row, logprobs: [-1, null, -1, -1] }, /logprobs\[1\] is null, but the token is in a span/],
    ["a reference column of another length", { ...row, ref_logprobs: [-1] }, /"ref_logprobs" has 1 entries for 4 tokens/],
    ["no spans", { logprobs: [-1] }, /spans/]
  ])("%s is refused with its place", (_, content, message) => {
    expect(problemOf(JSON.stringify(content))).toMatch(message)
  })
})
