import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { attributionText } from "../../src/cli/attribute/AttributionText.ts"
import { startAttribution } from "../../src/eval/attribute/Accumulate.ts"
import { readAttributionRow } from "../../src/eval/attribute/AttributionInput.ts"

const row = (length: number, advantage: number) => {
  const logprobs = Array.from({ length: length + 1 }, (_, i) => -0.1 - (i % 3) / 10)
  const line = JSON.stringify({
    logprobs,
    ref_logprobs: logprobs.map((value) => value - 0.2),
    old_logprobs: logprobs,
    advantage,
    spans: [{ kind: "sample", start: 0, end: length }, { kind: "decision", start: length, end: length + 1, action: "STOP" }]
  })
  return Result.getOrThrow(readAttributionRow(line, "line 1"))
}

const textOf = (...rows: ReadonlyArray<ReturnType<typeof row>>): string => {
  const accumulator = startAttribution({ gamma: 1, beta: 1, constant: 1 })
  for (const each of rows) accumulator.add(each)
  return attributionText(accumulator.report())
}

describe("an attribution as text", () => {
  it("no line is longer than 120 columns, with every objective and a reason for a bad line", () => {
    const text = textOf(row(2, 1), row(8, -1), row(40, 0.5))
    expect(text).toContain("kl-loss-k3-corrected")
    expect(text.split("\n").filter((line) => line.length > 120)).toEqual([])
  })

  it("says which way an objective is unbalanced, that nothing is attributed, and never balance beside the lack of a statistic", () => {
    const text = textOf(row(8, 1), row(40, 1))
    expect(text).toMatch(/^dft +2 .* to π_S$/m)
    expect(text.replaceAll(/\s+/g, " ")).toMatch(
      /dft: unbalanced, to π_S \(2 rows\)\. A score of an answer weighs 1[0-9]\.\d times one of its decision/
    )
    const flat = text.replaceAll(/\s+/g, " ")
    expect(flat).toContain(
      "surrogate: balanced (2 rows). A score of an answer weighs 1.00 times one of its decision (1.00 to 1.00 at two standard errors). One statistic serves every score."
    )
    expect(flat).not.toMatch(/No one statistic/)
    expect(textOf(row(8, 0))).toContain("surrogate: none (1 rows). All advantages are 0: nothing to attribute.")
  })

  it("says so where the rows do not settle the verdict", () => {
    const flat = textOf(row(1, 1), row(2, 1), row(4, 1)).replaceAll(/\s+/g, " ")
    expect(flat).toMatch(/dft: [^:]*These rows do not settle it: the interval crosses the bound\./)
  })
})
