import fc from "fast-check"
import { describe, it } from "vitest"
import { grid, tinyLogits } from "./Arbitraries.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "./Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { type Differentiable, sumOf, times, valueAt } from "./Differentiable.ts"
import { enumerate, expectation, siteLogProbs, tokensOf } from "./TinyPolicy.ts"

describe("The autodiff oracle", () => {
  it("gives the derivatives of the schoolbook functions", () => {
    fc.assert(
      fc.property(grid(0.1, 3), grid(0.1, 3), (x, y) => {
        const f: Differentiable = (a, [p, q]) => a.divide(a.multiply(a.exp(p!), a.log(q!)), a.add(p!, q!))
        const top = Math.exp(x) * Math.log(y)
        const alongX = top / (x + y) - top / (x + y) ** 2
        const alongY = Math.exp(x) / y / (x + y) - top / (x + y) ** 2
        expectAllClose(gradient(f, [x, y]), [alongX, alongY])
      }),
      { numRuns: 20 }
    )
  })

  it("holds `fixed` values constant", () => {
    const f: Differentiable = (a, [p]) => a.multiply(a.fixed(p!), a.log(p!))
    expectClose(gradient(f, [0.3])[0]!, 1)
  })

  it("follows the active branch of minimum and maximum", () => {
    const f: Differentiable = (a, [p, q]) => a.subtract(times(a, 3, a.minimum(p!, q!)), a.maximum(p!, q!))
    expectAllClose(gradient(f, [1, 2]), [3, -1])
    expectAllClose(gradient(f, [2, 1]), [-1, 3])
  })

  it("agrees with central differences on an expectation over all trajectories of the tiny policy", () => {
    const expectedLength: Differentiable = (a, logits) =>
      expectation(a, siteLogProbs(a, logits), enumerate(2), (cycles) => a.constant(tokensOf(cycles).length))
    fc.assert(
      fc.property(tinyLogits, (logits) => {
        expectAllClose(gradient(expectedLength, logits), centralDifference((at) => valueAt(expectedLength, at), logits), DIFFERENCE)
      }),
      { numRuns: 10 }
    )
  })

  it("differentiates a sum over parameters that are not all used", () => {
    expectAllClose(gradient((a, [p]) => sumOf(a, [p!, p!]), [1, 2, 3]), [2, 0, 0])
  })
})
