import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { entropy, entropyGradient, KlChoice, logSoftmax, NOT_OWNED, Objective, type TokenBatch, TWO_STAGE } from "decision-sampling/theory"
import { grid, logits } from "../support/Arbitraries.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { reasonOf } from "../support/Errors.ts"
import { type Algebra, type Differentiable, logSoftmaxOf, sumOf, times, valueAt } from "../support/Differentiable.ts"

const sizes = fc.integer({ min: 1, max: 6 }).chain((size) => logits(size))

/** H(softmax z) by its definition, in any number system. */
const entropyOf = <T>(algebra: Algebra<T>, values: ReadonlyArray<T>): T =>
  times(algebra, -1, sumOf(algebra, logSoftmaxOf(algebra, values).map((logProb) => algebra.multiply(algebra.exp(logProb), logProb))))

const definition: Differentiable = entropyOf

describe("entropy and entropyGradient", () => {
  it("by hand: π = (½, ¼, ¼) has H = 1.5 log 2 and −πᵢ(log πᵢ + H) = log 2 · (−¼, ⅛, ⅛)", () => {
    const logProbs = [0.5, 0.25, 0.25].map(Math.log)
    expectClose(entropy(logProbs), 1.5 * Math.LN2)
    expectAllClose(entropyGradient(logProbs), [-0.25 * Math.LN2, 0.125 * Math.LN2, 0.125 * Math.LN2])
  })

  it("for every logits, the gradient is that of autodiff on the definition, in float64", () => {
    fc.assert(
      fc.property(sizes, (z) => {
        expectClose(entropy(logSoftmax(z)), valueAt(definition, z))
        expectAllClose(entropyGradient(logSoftmax(z)), gradient(definition, z))
      }),
      { numRuns: 60 }
    )
  })

  it("for every logits, autodiff and central differences of the definition agree", () => {
    fc.assert(
      fc.property(sizes, (z) => {
        expectAllClose(centralDifference((at) => valueAt(definition, at), z), gradient(definition, z), DIFFERENCE)
      }),
      { numRuns: 30 }
    )
  })

  it("for every number of options, the uniform policy has the largest entropy, log V, and gradient 0", () => {
    fc.assert(
      fc.property(sizes, grid(-3, 3), (z, level) => {
        const uniform = logSoftmax(z.map(() => level))
        expectClose(entropy(uniform), Math.log(z.length))
        expectAllClose(entropyGradient(uniform), z.map(() => 0))
        expect(entropy(logSoftmax(z))).toBeLessThanOrEqual(Math.log(z.length) + 1e-12)
      })
    )
  })

  it("for every logits, the gradient sums to 0 and a small step along it does not lower the entropy", () => {
    fc.assert(
      fc.property(sizes, (z) => {
        const slope = entropyGradient(logSoftmax(z))
        expectClose(slope.reduce((sum, value) => sum + value, 0), 0)
        expect(entropy(logSoftmax(z.map((value, i) => value + 0.01 * slope[i]!)))).toBeGreaterThanOrEqual(entropy(logSoftmax(z)) - 1e-12)
      })
    )
  })

  it("a certain choice has entropy 0 and gradient 0; an option of probability 0 adds nothing", () => {
    expectClose(entropy([0, -Infinity]), 0)
    expectAllClose(entropyGradient([0, -Infinity]), [0, 0])
    const [half, quarter] = [Math.log(0.5), Math.log(0.25)]
    expectAllClose(entropyGradient([half, -Infinity, quarter, quarter]), [-0.25 * Math.LN2, 0, 0.125 * Math.LN2, 0.125 * Math.LN2])
  })

  it("for every logits, it is minus the gradient of the reverse KL to the uniform policy: an entropy bonus is that penalty", () => {
    fc.assert(
      fc.property(sizes, (z) => {
        const toUniform = KlChoice.divergenceGradients({ policy: z, reference: z.map(() => 0) })["reverse KL"]
        expectAllClose(entropyGradient(logSoftmax(z)), toUniform.map((slope) => -slope))
      })
    )
  })
})

describe("Objective.entropyBonus", () => {
  const one = (entropies: ReadonlyArray<number>, owner: ReadonlyArray<number>): TokenBatch => ({
    offsets: Int32Array.of(0, owner.length),
    owner: Uint8Array.from(owner),
    logProbs: new Float64Array(owner.length).fill(-1),
    entropies: Float64Array.from(entropies)
  })

  it("by hand: coefficient 0.1 at H = log 2 has loss −0.1 log 2, derivative 0 in log π and −0.1 in H; nobody's tokens have none", () => {
    const { derivative, entropyDerivative, loss } = Objective.evaluate(
      Objective.entropyBonus({ coefficient: 0.1 }),
      one([Math.LN2, 1], [0, NOT_OWNED]),
      TWO_STAGE
    )
    expectAllClose(loss, [-0.1 * Math.LN2, 0])
    expectAllClose(derivative, [0, 0])
    expectAllClose(entropyDerivative, [-0.1, 0])
  })

  it("restricted to decisions it leaves sampling tokens alone, scaled it is scaled", () => {
    const bonus = Objective.scale(Objective.restrict(Objective.entropyBonus({ coefficient: 0.5 }), "decision"), 3)
    const { entropyDerivative, loss } = Objective.evaluate(bonus, one([1, 2], [0, 1]), TWO_STAGE)
    expectAllClose(loss, [0, -3])
    expectAllClose(entropyDerivative, [0, -1.5])
    expect(Objective.parts(bonus).map(({ name }) => name)).toEqual(["entropy-decision"])
    expect([Objective.readsEntropies(bonus), Objective.readsEntropies(Objective.nll())]).toEqual([true, false])
  })

  it("for every choices, weights and advantages, Σ w(derivative ∇log π + entropyDerivative ∇H) is autodiff's gradient of the whole loss", () => {
    const VOCABULARY = 3
    const token = fc.record({
      z: logits(VOCABULARY),
      taken: fc.integer({ min: 0, max: VOCABULARY - 1 }),
      weight: grid(0, 1),
      advantage: grid(-2, 2),
      owner: fc.constantFrom(0, 1)
    })
    fc.assert(
      fc.property(fc.array(token, { minLength: 1, maxLength: 4 }), grid(-1, 1), (tokens, coefficient) => {
        const choices = tokens.map(({ z }) => logSoftmax(z))
        const batch: TokenBatch = {
          offsets: Int32Array.of(0, tokens.length),
          owner: Uint8Array.from(tokens, ({ owner }) => owner),
          logProbs: Float64Array.from(tokens, ({ taken }, t) => choices[t]![taken]!),
          entropies: Float64Array.from(choices, entropy),
          advantages: Float64Array.from(tokens, ({ advantage }) => advantage)
        }
        const objective = Objective.add(
          Objective.surrogate({ ratio: "none" }),
          Objective.restrict(Objective.entropyBonus({ coefficient }), "decision")
        )
        const { derivative, entropyDerivative } = Objective.evaluate(objective, batch, TWO_STAGE)
        const byHand = tokens.flatMap(({ taken, weight }, t) => {
          const alongEntropy = entropyGradient(choices[t]!)
          return Array.from(
            choices[t]!,
            (logProb, option) =>
              weight * (derivative[t]! * ((option === taken ? 1 : 0) - Math.exp(logProb)) + entropyDerivative[t]! * alongEntropy[option]!)
          )
        })
        const loss: Differentiable = (algebra, parameters) =>
          sumOf(
            algebra,
            tokens.map(({ advantage, owner, taken, weight }, t) => {
              const z = parameters.slice(VOCABULARY * t, VOCABULARY * (t + 1))
              const surrogate = times(algebra, -advantage, logSoftmaxOf(algebra, z)[taken]!)
              return times(
                algebra,
                weight,
                owner === 1 ? algebra.add(surrogate, times(algebra, -coefficient, entropyOf(algebra, z))) : surrogate
              )
            })
          )
        expectAllClose(byHand, gradient(loss, tokens.flatMap(({ z }) => z)))
      }),
      { numRuns: 30 }
    )
  })

  it("refuses a batch without entropies and a coefficient that is not finite", () => {
    const { entropies: _, ...without } = one([1], [0])
    expect(reasonOf(() => Objective.evaluate(Objective.entropyBonus({ coefficient: 1 }), without, TWO_STAGE))).toEqual({
      _tag: "MissingInput",
      what: "entropies",
      neededBy: "an entropy bonus"
    })
    expect(reasonOf(() => Objective.entropyBonus({ coefficient: NaN }))).toMatchObject({ _tag: "NonFinite", what: "coefficient" })
  })
})
