import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { klDivergence, log1mExp, logAddExp, logSigmoid, logSoftmax, logSumExp, sigmoid, softmax } from "decision-sampling/theory"
import { grid, logits } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { reasonOf } from "../support/Errors.ts"

const size = fc.integer({ min: 1, max: 6 })
const anyLogits = size.chain(logits)

describe("Log space", () => {
  it("agrees with the naive formulas where these are exact", () => {
    fc.assert(
      fc.property(anyLogits, grid(-3, 3), grid(-3, 3), (x, a, b) => {
        const naive = Math.log(x.reduce((sum, value) => sum + Math.exp(value), 0))
        expectClose(logSumExp(x), naive)
        expectAllClose(logSoftmax(x), x.map((value) => value - naive))
        expectAllClose(softmax(x), x.map((value) => Math.exp(value - naive)))
        expectClose(logAddExp(a, b), Math.log(Math.exp(a) + Math.exp(b)))
        expectClose(logSigmoid(a), -Math.log(1 + Math.exp(-a)))
        expectClose(sigmoid(a), 1 / (1 + Math.exp(-a)))
        expectClose(log1mExp(-Math.abs(a) - 0.01), Math.log(1 - Math.exp(-Math.abs(a) - 0.01)))
      })
    )
  })

  it("shifts: logSumExp moves with a constant, logSoftmax does not, however large it is", () => {
    fc.assert(
      fc.property(anyLogits, fc.constantFrom(-1e6, -500, 0.25, 500, 1e6), (x, shift) => {
        const moved = x.map((value) => value + shift)
        expectClose(logSumExp(moved), logSumExp(x) + shift)
        expectAllClose(logSoftmax(moved), logSoftmax(x), 1e-9)
      })
    )
  })

  it("stays exact at the extremes: no overflow, no lost digits, −∞ for probability 0", () => {
    expectClose(logSumExp([1000, 1000]), 1000 + Math.LN2)
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity)
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity)
    expect(logAddExp(-Infinity, -3)).toBe(-3)
    expect(logSigmoid(-1000)).toBe(-1000)
    expect(logSigmoid(1000)).toBe(0)
    expect(sigmoid(1000)).toBe(1)
    expect(log1mExp(0)).toBe(-Infinity)
    // log(1 − e^−x) = log x − x/2 + … for small x, and −e^−x − … for large.
    expect(Math.abs(log1mExp(-1e-10) / (Math.log(1e-10) - 5e-11) - 1)).toBeLessThan(1e-14)
    expect(Math.abs(log1mExp(-40) / -Math.exp(-40) - 1)).toBeLessThan(1e-14)
  })

  it("complements: σ(x) + σ(−x) = 1 in log space", () => {
    fc.assert(
      fc.property(grid(-30, 30), (x) => {
        expectClose(logAddExp(logSigmoid(x), logSigmoid(-x)), 0)
        if (x < 20) expectClose(log1mExp(logSigmoid(x)), logSigmoid(-x), 1e-6)
      })
    )
  })

  it("refuses the empty list and a probability above 1", () => {
    expect(reasonOf(() => logSumExp([]))).toMatchObject({ _tag: "EmptyGroup" })
    expect(reasonOf(() => log1mExp(0.1))).toMatchObject({ _tag: "NotADistribution", value: 0.1 })
  })
})

describe("klDivergence", () => {
  it("for every two distributions: ≥ 0, 0 against itself, and the cross-entropy minus the entropy", () => {
    fc.assert(
      fc.property(size.chain((length) => fc.tuple(logits(length), logits(length))), ([p, q]) => {
        const [logP, logQ] = [logSoftmax(p), logSoftmax(q)]
        const divergence = klDivergence(logP, logQ)
        const mean = (values: Float64Array) => values.reduce((sum, value, index) => sum - Math.exp(logP[index]!) * value, 0)
        expect(divergence).toBeGreaterThanOrEqual(-1e-15)
        expectClose(klDivergence(logP, logP), 0)
        expectClose(divergence, mean(logQ) - mean(logP))
      })
    )
  })

  it("by hand: KL((½,½)‖(¼,¾)) = ½ log 2 + ½ log ⅔; zero mass adds nothing; missing support is infinite", () => {
    const log = (values: ReadonlyArray<number>) => values.map(Math.log)
    expectClose(klDivergence(log([0.5, 0.5]), log([0.25, 0.75])), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3))
    expectClose(klDivergence(log([0, 1]), log([0.5, 0.5])), Math.LN2)
    expect(klDivergence(log([0.5, 0.5]), log([1, 0]))).toBe(Infinity)
    expect(reasonOf(() => klDivergence([0], [0, 0]))).toMatchObject({ _tag: "ShapeMismatch" })
  })
})
