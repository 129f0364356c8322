/** Attribution of files whose spans name three sub-policies. */
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { startAttribution } from "../../../src/eval/attribute/Accumulate.ts"
import { type AttributionRow, readAttributionRow } from "../../../src/eval/attribute/AttributionInput.ts"
import { ofLoss } from "../../../src/eval/attribute/Objectives.ts"
import { BatchedRecursion, partSizes, PLAN_EXECUTE_VERIFY, planExecuteVerify, type Steps } from "../../../src/theory/index.ts"
import { generalizedCrossEntropy, margin } from "../../../src/laws/OwnLosses.ts"

const settings = { gamma: 0.9, beta: 0.5, constant: 2 }

const read = (line: string) => readAttributionRow(line, "line 1", undefined, PLAN_EXECUTE_VERIFY)

/** A row of cycles, each a plan, an execution and a verdict; every token has log ½. */
const rowOf = (cycles: ReadonlyArray<Steps>): AttributionRow => {
  let at = 0
  const span = (kind: string, part: string, length: number) => ({ kind, part, start: at, end: at += length })
  const spans = cycles.flatMap(({ execute, plan, verify }, i) => [
    span("sample", "plan", plan),
    span("sample", "execute", execute),
    { ...span("decision", "verify", verify), action: i === cycles.length - 1 ? "STOP" : "RESAMPLE" }
  ])
  return Result.getOrThrow(read(JSON.stringify({ logprobs: Array.from({ length: at }, () => Math.log(0.5)), advantage: 3, spans })))
}

const reportOf = (rows: ReadonlyArray<AttributionRow>, objectives?: Parameters<typeof startAttribution>[1]) => {
  const accumulator = startAttribution(settings, { partition: PLAN_EXECUTE_VERIFY, ...objectives })
  for (const row of rows) accumulator.add(row)
  return new Map(accumulator.report().objectives.map((objective) => [objective.name, objective]))
}

const size = fc.integer({ min: 1, max: 4 })
const files = fc.array(fc.array(fc.record({ plan: size, execute: size, verify: size }), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4
})

describe("attribution by three sub-policies", () => {
  it("a hand example: DFT with c = 2 on a plan of 1, an execution of 4 and a verdict of 1", () => {
    const { parts, verdict } = reportOf([rowOf([{ plan: 1, execute: 4, verify: 1 }])]).get("dft")!
    expect(parts!.plan).toMatchObject({
      immediate: { tokens: 1, total: 2, perAction: 2 },
      immediateShare: 1 / 6,
      verdict: { verdict: "unbalanced", towards: "sampling", weightRatio: 6, ratioPerAction: 1 }
    })
    expect(parts!.execute).toMatchObject({ immediate: { tokens: 4, total: 8, perAction: 8, perToken: 2 }, immediateShare: 4 / 6 })
    // (10 + 8 + 6 + 4)/4 = 7 over 2 is beyond the bound of 2; verify decides, so it has no verdict beside itself.
    expect(parts!.execute!.verdict).toMatchObject({ verdict: "unbalanced", weightRatio: 3.5, ratioPerAction: 4 })
    expect(parts!.verify).toMatchObject({ immediate: { total: 2 }, verdict: null })
    // Q: verify 2, execute 10 8 6 4, plan 12.
    expect(parts!.plan!.scoreWeights.total).toBe(12)
    expect(parts!.execute!.scoreWeights.total).toBe(28)
    expect(verdict).toMatchObject({ verdict: "unbalanced", weightRatio: 4, ratioPerAction: 5 })
  })

  it("for every file, terms and weights by part are those of the theory, and plan and execute add up to the sampling stage", () => {
    fc.assert(fc.property(files, (rows) => {
      const { immediate, parts, scoreWeights } = reportOf(rows.map(rowOf)).get("dft")!
      const layout = planExecuteVerify(rows)
      const q = BatchedRecursion.dft(2, layout, { gamma: 0.9, decisionOwner: 2 })
      const sizes = partSizes(new Float64Array(layout.owner.length).fill(2), layout, PLAN_EXECUTE_VERIFY)
      for (const { actions, name, perAction, tokens, total } of sizes) {
        expect(parts![name]!.immediate).toMatchObject({ actions, tokens })
        expect(parts![name]!.immediate.total).toBeCloseTo(total, 9)
        expect(parts![name]!.immediate.perAction).toBeCloseTo(perAction, 9)
      }
      const [plan, execute, verify] = [parts!.plan!, parts!.execute!, parts!.verify!]
      expect(plan.immediate.total! + execute.immediate.total!).toBeCloseTo(immediate!.sampling.total!, 9)
      expect(plan.scoreWeights.absolute! + execute.scoreWeights.absolute!).toBeCloseTo(scoreWeights!.sampling.absolute!, 9)
      expect(verify.scoreWeights.total).toBeCloseTo(scoreWeights!.decision.total!, 9)
      expect(plan.scoreWeightShare! + execute.scoreWeightShare! + verify.scoreWeightShare!).toBeCloseTo(1, 9)
      // The theory's Q, weighted by γ of its cycle, summed over the plan's tokens.
      let cycle = 0
      let expected = 0
      layout.owner.forEach((owner, token) => {
        if (layout.offsets.includes(token)) cycle = 0
        else if (owner === 0 && layout.owner[token - 1] === 2) cycle++
        if (owner === 0) expected += 0.9 ** cycle * q[token]!
      })
      expect(plan.scoreWeights.total).toBeCloseTo(expected, 9)
    }))
  })

  it("the surrogate is balanced for each part beside the decisions", () => {
    const { parts } = reportOf([rowOf([{ plan: 1, execute: 3, verify: 1 }, { plan: 2, execute: 9, verify: 1 }])]).get("surrogate")!
    expect([parts!.plan!.verdict!.verdict, parts!.execute!.verdict!.verdict]).toEqual(["balanced", "balanced"])
  })

  it("two stages have no parts in their report", () => {
    const accumulator = startAttribution(settings)
    accumulator.add(rowOf([{ plan: 1, execute: 1, verify: 1 }]))
    for (const objective of accumulator.report().objectives) expect(objective).not.toHaveProperty("parts")
  })

  it("a span of a sub-policy that is not named is refused with its place", () => {
    const bad = read(JSON.stringify({ logprobs: [-1], spans: [{ kind: "sample", start: 0, end: 1, part: "guess" }] }))
    expect(Result.isFailure(bad) && bad.failure).toMatch(/spans\[0\]\.part is "guess"; expected one of "plan", "execute", "verify"/)
  })

  it("an objective of one's own is attributed like the library's; one that reads entropies lacks them", () => {
    const words = { meaning: "of one's own", source: "here" }
    const objectives = [
      ofLoss({ ...words, name: "gce", make: () => generalizedCrossEntropy({ q: 1 }) }),
      ofLoss({ ...words, name: "margin", make: () => margin({ slope: 1 }) })
    ]
    const report = reportOf([rowOf([{ plan: 1, execute: 2, verify: 1 }])], { objectives })
    expect(report.get("gce")!.parts!.execute!.immediate.total).toBeCloseTo(1, 9)
    expect(report.get("margin")!.lacking).toMatchObject({ entropies: 1, ref_logprobs: 1, old_logprobs: 1 })
  })
})
