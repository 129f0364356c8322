import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { appendixC } from "../../../src/theory/illustration/AppendixC.ts"
import { PRINTED } from "../../../src/theory/illustration/AppendixCPrinted.ts"
import { expectClose } from "../../../src/laws/support/Approx.ts"

const golden = JSON.parse(readFileSync(new URL("../../golden/paper.json", import.meta.url), "utf8")).appendixC

describe("appendixC", () => {
  it("has the printed tables and restored inputs of the golden data", () => {
    expect(PRINTED.steps).toEqual(golden.steps)
    expect(PRINTED.update).toEqual(golden.update)
    const { inputs } = appendixC()
    for (const field of ["theta", "reference", "lengths", "beta", "gamma", "advantage"] as const) {
      expect(inputs[field]).toEqual(golden[field])
    }
  })

  it("puts each computed row beside the printed row of the same action and parameter", () => {
    const { steps, update } = appendixC()
    expect(steps.map((row) => [row.step, row.action, row.parameter])).toEqual(
      PRINTED.steps.map((row) => [row.step, row.action, row.parameter])
    )
    expect(steps.map((row) => row.printed)).toEqual(PRINTED.steps)
    expect(update.map((row) => row.parameter)).toEqual(PRINTED.update.map((row) => row.parameter))
    expect(update.map((row) => row.printed)).toEqual(PRINTED.update)
  })

  it("computes the row of SAMPLE_CORRECT by hand", () => {
    // r = −8·log(σ(0.4)/σ(0.3)), Q = r − log(σ(2.2)/σ(2)), contribution Q·(1 − σ(0.4)).
    const sigma = (x: number): number => 1 / (1 + Math.exp(-x))
    const r = -8 * Math.log(sigma(0.4) / sigma(0.3))
    const q = r - Math.log(sigma(2.2) / sigma(2))
    const row = appendixC().steps.find(({ action }) => action === "SAMPLE_CORRECT")!
    expectClose(row.r, r)
    expectClose(row.q, q)
    expectClose(row.contribution, q * (1 - sigma(0.4)))
  })

  it("survives JSON", () => {
    const computed = appendixC()
    expect(JSON.parse(JSON.stringify(computed))).toEqual(computed)
  })
})
