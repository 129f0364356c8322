import { describe, expect, it } from "vitest"
import { CLAIMS } from "decision-sampling/theory"
import { runProgram } from "../support/WarmProgram.ts"

const run = (...flags: ReadonlyArray<string>) => runProgram(["theory", "claims", ...flags])

describe("decision-sampling theory claims", () => {
  it("prints a line for every claim: its id and its status", () => {
    const { status, stdout } = run()
    expect(status).toBe(0)
    const lines = stdout.trimEnd().split("\n")
    expect(lines.map((line) => line.slice(0, 3))).toEqual(CLAIMS.map(({ id }) => id))
    expect(lines.filter((line, index) => !line.slice(5).startsWith(CLAIMS[index]!.status))).toEqual([])
  })

  it("prints the whole ledger as JSON, each claim with the first law that shows it", () => {
    const { status, stdout } = run("--json")
    expect(status).toBe(0)
    const printed = JSON.parse(stdout) as unknown
    expect(printed).toEqual(CLAIMS.map((claim) => ({ ...claim, law: `${claim.shownBy[0]!.file}: ${claim.shownBy[0]!.test}` })))
  })
})
