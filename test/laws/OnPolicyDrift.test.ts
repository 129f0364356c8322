/** Claims C16 and C17: what normalisation makes of log π/π_ref on the policy's own samples, token by token and over an answer. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  growthExponent,
  klDivergence,
  KlPenalty,
  logSoftmax,
  magnitudeRatio,
  OnPolicyDrift,
  type ScoredTrajectory,
  sigmoid,
  softmax
} from "decision-sampling/theory"
import { expectClose } from "../../src/laws/support/Approx.ts"
import { grid, logits } from "../support/Arbitraries.ts"
import { expectCounterexample } from "../support/Counterexample.ts"
import { reasonOf } from "../support/Errors.ts"

const twoValues = fc.record({ up: grid(0.01, 4), down: grid(0.01, 4) })
const pairs = fc.integer({ min: 2, max: 6 }).chain((options) => fc.tuple(logits(options), logits(options)))
const even = (size: number): OnPolicyDrift.TwoValues => ({ up: size, down: size })

const logRatios = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>): ReadonlyArray<number> => {
  const logRef = logSoftmax(reference)
  return [...logSoftmax(policy)].map((logP, option) => logP - logRef[option]!)
}

const meanOver = (policy: ReadonlyArray<number>, values: ReadonlyArray<number>): number =>
  softmax(policy).reduce((sum, probability, option) => sum + probability * values[option]!, 0)

const driftOf = (policy: ReadonlyArray<number>, reference: ReadonlyArray<number>) =>
  OnPolicyDrift.ofPolicies(logSoftmax(policy), logSoftmax(reference))

/** One answer of L tokens, so many of them with log-ratio +up and the others −down, and a decision of log-ratio `decision`. */
const walk = (length: number, ups: number, { down, up }: OnPolicyDrift.TwoValues, decision: number): ScoredTrajectory => ({
  attempts: [
    {
      tokenLogProbs: Array.from({ length }, (_, token) => (token < ups ? -1 : -1 - up - down)),
      referenceTokenLogProbs: Array.from({ length }, () => -1 - up),
      decision: "STOP",
      decisionLogProb: -1,
      referenceDecisionLogProb: -1 - decision
    }
  ]
})

/** Mean |r_S| over |r_D| for a decision of the tokens' size. */
const ratio = (size: number, length: number): number => OnPolicyDrift.meanSize(even(size), length) / size

const exponent = (size: number, lengths: ReadonlyArray<number>): number =>
  growthExponent(lengths.map((length) => ({ length, value: ratio(size, length) }))).exponent

describe("C16 A.5: on policy the log-ratios of an answer's tokens have a drift, and how large it must be", () => {
  it("for every two policies, the drift is KL(π‖π_ref) and equals E[e^{−x} − 1 + x], a mean of terms ≥ 0", () => {
    fc.assert(
      fc.property(pairs, ([policy, reference]) => {
        const x = logRatios(policy, reference)
        const { crossoverLength, mean, secondMoment, variance } = driftOf(policy, reference)
        expectClose(mean, klDivergence(logSoftmax(policy), logSoftmax(reference)))
        expectClose(mean, meanOver(policy, x.map((each) => Math.expm1(-each) + each)))
        expectClose(secondMoment, meanOver(policy, x.map((each) => each * each)))
        expectClose(variance, secondMoment - mean ** 2)
        expect(mean).toBeGreaterThanOrEqual(-1e-15)
        if (mean > 1e-9) expectClose(crossoverLength * mean ** 2, variance)
      })
    )
  })

  it("where the reference has mass that the policy has not, the drift is larger by that mass", () => {
    fc.assert(
      fc.property(pairs, fc.nat(5), ([policy, reference], dropped) => {
        const kept = policy.map((logit, option) => (option === dropped % policy.length ? -Infinity : logit))
        const x = logRatios(kept, reference)
        const { mean } = OnPolicyDrift.ofPolicies(logSoftmax(kept), logSoftmax(reference))
        const terms = softmax(kept).reduce((sum, p, option) => (p > 0 ? sum + p * (Math.expm1(-x[option]!) + x[option]!) : sum), 0)
        expectClose(mean, terms + softmax(reference)[dropped % policy.length]!)
      })
    )
  })

  it("independent signs ±s of probability ½ are no policy: E[π_ref/π] would be cosh s > 1, for every s", () => {
    fc.assert(
      fc.property(grid(0.001, 4), (size) => {
        expect((Math.exp(-size) + Math.exp(size)) / 2).toBeGreaterThan(1)
        expect(OnPolicyDrift.leastUpProbability(even(size))).toBeGreaterThan(0.5)
      })
    )
  })

  it("for every log-ratio of two values, E[π_ref/π] = 1 at the least P(up); at ±s that is σ(s), the drift s·tanh(s/2) and L* = 1/sinh²(s/2)", () => {
    fc.assert(
      fc.property(twoValues, (values) => {
        const up = OnPolicyDrift.leastUpProbability(values)
        expectClose(up * Math.exp(-values.up) + (1 - up) * Math.exp(values.down), 1)
        const { mean } = OnPolicyDrift.ofTwoValues(values)
        expectClose(mean, up * values.up - (1 - up) * values.down)
        expect(mean).toBeGreaterThan(0)
        const size = values.up
        expectClose(OnPolicyDrift.leastUpProbability(even(size)), sigmoid(size))
        const least = OnPolicyDrift.ofTwoValues(even(size))
        expectClose(least.mean, size * Math.tanh(size / 2))
        expectClose(least.crossoverLength * Math.sinh(size / 2) ** 2, 1)
      })
    )
  })

  it("every two policies over two options attain it, and no other policy of two log-ratios goes below", () => {
    fc.assert(
      fc.property(logits(2), logits(2), grid(0, 0.9), (policy, reference, unused) => {
        const [first, second] = logRatios(policy, reference)
        fc.pre(Math.abs(first!) > 1e-6)
        const values = { up: Math.max(first!, second!), down: -Math.min(first!, second!) }
        expectClose(OnPolicyDrift.ofTwoValues(values).mean, driftOf(policy, reference).mean)
        // A third option of the reference alone, of mass `unused`: both log-ratios rise by −log(1 − unused).
        const shift = -Math.log1p(-unused)
        fc.pre(values.down > shift + 1e-6)
        const shifted = { up: values.up + shift, down: values.down - shift }
        const mean = driftOf(policy, reference).mean + shift
        expect(mean).toBeGreaterThanOrEqual(OnPolicyDrift.ofTwoValues(shifted).mean - 1e-12)
      })
    )
  })

  it("for every two policies, KL ≥ E[x²]·(e^{−M} − 1 + M)/M² with M the largest log-ratio", () => {
    fc.assert(
      fc.property(pairs, ([policy, reference]) => {
        const largest = Math.max(0, ...logRatios(policy, reference))
        const { mean, secondMoment } = driftOf(policy, reference)
        expect(mean).toBeGreaterThanOrEqual(OnPolicyDrift.leastKl(secondMoment, largest) - 1e-12)
      })
    )
    expectClose(OnPolicyDrift.leastKl(1, 0), 0.5)
    expectClose(OnPolicyDrift.leastKl(1, 1), Math.exp(-1))
    for (const seam of [0.99e-4, 1.01e-4]) expectClose(OnPolicyDrift.leastKl(1, seam), 0.5 - seam / 6 + seam ** 2 / 24, 1e-12)
  })

  it("no larger factor of M alone will do: a rare option of log-ratio M comes as near as one likes", () => {
    for (const largest of [0.5, 1, 2]) {
      const gaps = [1e-2, 1e-4].map((rare) => {
        const others = Math.log1p(-rare * Math.exp(-largest)) - Math.log1p(-rare)
        const policy = [Math.log(rare), Math.log1p(-rare)]
        const reference = [Math.log(rare) - largest, Math.log1p(-rare) + others]
        const { mean, secondMoment } = OnPolicyDrift.ofPolicies(policy, reference)
        return mean / OnPolicyDrift.leastKl(secondMoment, largest) - 1
      })
      expect(gaps[0]!).toBeLessThan(0.02)
      expect(gaps[1]!).toBeLessThan(gaps[0]! / 50)
    }
  })

  it("and the bound of two values ±s is theirs alone: E[x²]·tanh(M/2)/M with M = max |x| is no bound of the KL (counterexample found)", () => {
    expectCounterexample(pairs, ([policy, reference]) => {
      const largest = Math.max(...logRatios(policy, reference).map(Math.abs))
      const { mean, secondMoment } = driftOf(policy, reference)
      return largest < 1e-9 || mean >= (secondMoment * Math.tanh(largest / 2)) / largest - 1e-9
    })
  })

  it("for every policy whose tokens depend on those before, Σ x over an answer has mean Σ KL and, around its own path of KLs, variance Σ Var", () => {
    const LENGTH = 4
    const table = fc.array(logits(3), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(table, table, (policy, reference) => {
        const total = { mean: 0, kl: 0, squares: 0, variance: 0 }
        const visit = (context: number, left: number, probability: number, sum: number, klSoFar: number): void => {
          if (left === 0) {
            total.mean += probability * sum
            total.squares += probability * (sum - klSoFar) ** 2
            return
          }
          const { mean, variance } = driftOf(policy[context]!, reference[context]!)
          total.kl += probability * mean
          total.variance += probability * variance
          const x = logRatios(policy[context]!, reference[context]!)
          softmax(policy[context]!).forEach((p, token) => visit(token + 1, left - 1, probability * p, sum + x[token]!, klSoFar + mean))
        }
        visit(0, LENGTH, 1, 0, 0)
        expectClose(total.mean, total.kl)
        expectClose(total.squares, total.variance)
      }),
      { numRuns: 25 }
    )
  })
})

describe("C16 A.5: so |r_S|/|r_D| is of order √L up to L* and of order L beyond it", () => {
  it("is, for every size, β and length, the mean over walks of the KL penalty's own terms", () => {
    fc.assert(
      fc.property(twoValues, grid(0.01, 2), fc.integer({ min: 1, max: 40 }), (values, beta, length) => {
        const sums = OnPolicyDrift.sums(values, length)
        expectClose(sums.reduce((total, { probability }) => total + probability, 0), 1)
        expectClose(sums.reduce((total, each) => total + each.probability * each.sum, 0), length * OnPolicyDrift.ofTwoValues(values).mean)
        const mean = sums.reduce((total, { probability }, ups) => {
          const immediate = KlPenalty.immediate(walk(length, ups, values, 0.7), { beta })
          return total + probability * magnitudeRatio([immediate]).perAction
        }, 0)
        expectClose(mean, OnPolicyDrift.meanSize(values, length) / 0.7)
      }),
      { numRuns: 40 }
    )
  })

  it("at s = 1 the exponent over L = 16 … 128 is 0.996, and the ratio at 64 tokens 29.6; at s = 0.3 it is 10.4", () => {
    expect(exponent(1, [16, 32, 64, 128])).toBeCloseTo(0.996, 3)
    expect(ratio(1, 64)).toBeCloseTo(29.58, 2)
    expect(ratio(0.3, 64)).toBeCloseTo(10.41, 2)
  })

  it("for every size from 0.05 to 1, the exponent is below 0.62 up to L*/8, above 0.99 from 8·L* on, and within 0.7 … 0.86 at L* itself", () => {
    for (const size of [0.05, 0.1, 0.2, 0.4, 0.7, 1]) {
      const { crossoverLength } = OnPolicyDrift.ofTwoValues(even(size))
      const at = (...factors: ReadonlyArray<number>) => factors.map((factor) => 2 * Math.round((factor * crossoverLength) / 2))
      if (crossoverLength > 64) expect(exponent(size, at(1 / 16, 1 / 8))).toBeLessThan(0.62)
      expect(exponent(size, at(8, 16))).toBeGreaterThan(0.99)
      if (crossoverLength > 8) {
        const around = exponent(size, at(0.5, 2))
        expect([around > 0.7, around < 0.86]).toEqual([true, true])
      }
    }
  })

  it("close to the reference L* is 2/KL for every policy, whatever its options", () => {
    fc.assert(
      fc.property(pairs, ([reference, direction]) => {
        const policy = reference.map((logit, option) => logit + 1e-3 * direction[option]!)
        const { crossoverLength, mean } = driftOf(policy, reference)
        fc.pre(mean > 1e-10)
        expect(Math.abs((crossoverLength * mean) / 2 - 1)).toBeLessThan(0.01)
      })
    )
  })
})

describe("C17 A.5: is the final answer's Q dominated by its immediate penalty?", () => {
  it("is, for every length, the probability over walks that |r_S| exceeds |Q_S − r_S|", () => {
    for (const [size, length] of [[0.3, 2], [0.3, 7], [1, 6]] as const) {
      const byWalks = OnPolicyDrift.sums(even(size), length).reduce((total, { probability }, ups) => {
        const trajectory = walk(length, ups, even(size), size)
        const immediate = KlPenalty.immediate(trajectory, { beta: 1 }).sampling[0]!
        const rest = KlPenalty.qValues(trajectory, { beta: 1 }).sampling[0]! - immediate
        return Math.abs(immediate) > Math.abs(rest) + 1e-9 ? total + probability : total
      }, 0)
      expectClose(OnPolicyDrift.dominance(even(size), length, size), byWalks)
    }
  })

  it("for every size, at even lengths it is 1 − binomial(L, L/2)·(2·cosh(s/2))^{−L}: to 1 exponentially, by log cosh(s/2) ≈ s²/8 a token", () => {
    fc.assert(
      fc.property(grid(0.01, 2), (size) => {
        let never = 1
        for (let length = 2; length <= 128; length += 2) {
          never *= (length - 1) / (length * Math.cosh(size / 2) ** 2)
          expectClose(OnPolicyDrift.dominance(even(size), length, size), 1 - never)
        }
      }),
      { numRuns: 20 }
    )
  })

  it("qualified: two tokens of size 0.3 dominate in 51 of 100 answers, one token of the decision's size never", () => {
    expect(OnPolicyDrift.dominance(even(0.3), 2, 0.3)).toBeCloseTo(0.5111, 4)
    expect(OnPolicyDrift.dominance(even(0.3), 1, 0.3)).toBe(0)
  })
})

describe("OnPolicyDrift refuses", () => {
  it("sizes that are not positive, lengths that are no whole numbers, moments below 0, vectors of two lengths", () => {
    expect(reasonOf(() => OnPolicyDrift.ofTwoValues({ up: 0, down: 1 }))).toMatchObject({ _tag: "OutOfRange", what: "up" })
    expect(reasonOf(() => OnPolicyDrift.meanSize({ up: 1, down: NaN }, 3))).toMatchObject({ what: "down" })
    expect(reasonOf(() => OnPolicyDrift.sums(even(1), 2.5))).toMatchObject({ what: "length", value: 2.5 })
    expect(reasonOf(() => OnPolicyDrift.leastKl(-1, 1))).toMatchObject({ what: "secondMoment" })
    expect(reasonOf(() => OnPolicyDrift.leastKl(1, -1))).toMatchObject({ what: "largest" })
    expect(reasonOf(() => OnPolicyDrift.ofPolicies([0], [0, 0]))).toMatchObject({ _tag: "ShapeMismatch" })
  })

  it("nothing of equal policies: no drift, and a crossover that never comes", () => {
    expect(driftOf([0, 0], [0, 0])).toEqual({ mean: 0, secondMoment: 0, variance: 0, crossoverLength: Infinity })
  })
})

describe("The ends of the domain", () => {
  it("log-ratios of two values keep their digits from 1e-17 to 300 nats: s·tanh(s/2), 1/sinh²(s/2), and L tokens of a sure sign", () => {
    for (const size of [1e-17, 1e-9, 1e-4, 1, 40, 300]) {
      const { crossoverLength, mean } = OnPolicyDrift.ofTwoValues(even(size))
      expectClose(mean / (size * Math.tanh(size / 2)), 1, 1e-11)
      expectClose(crossoverLength / (1 / Math.sinh(size / 2) ** 2), 1, 1e-11)
    }
    for (const size of [36, 40, 800]) {
      expect(OnPolicyDrift.meanSize(even(size), 3)).toBeCloseTo(3 * size, 9)
      expect(OnPolicyDrift.sums(even(size), 3).every(({ probability }) => probability >= 0 && probability <= 1)).toBe(true)
    }
  })

  it("the lower bound is 0 where the largest log-ratio is not bounded, and overflows nowhere", () => {
    expect(OnPolicyDrift.leastKl(1, Infinity)).toBe(0)
    expectClose(OnPolicyDrift.leastKl(1, 1e200) * 1e200, 1)
    expect(reasonOf(() => OnPolicyDrift.leastKl(Infinity, 1))).toMatchObject({ what: "secondMoment" })
  })

  it("refuses what is no distribution; a reference may lack mass, and what it excludes makes the drift infinite at any length", () => {
    const half = Math.log(0.5)
    expect(reasonOf(() => OnPolicyDrift.ofPolicies([Number.NaN, half, half], [half, half, -Infinity]))).toMatchObject({
      _tag: "NotADistribution"
    })
    expect(reasonOf(() => OnPolicyDrift.ofPolicies([half, half], [1, half]))).toMatchObject({ _tag: "NotADistribution" })
    expect(reasonOf(() => OnPolicyDrift.ofPolicies([half, -3], [half, half]))).toMatchObject({ _tag: "OutOfRange" })
    expect(OnPolicyDrift.ofPolicies([half, half], [half, -2]).mean).toBeGreaterThan(0)
    expect(OnPolicyDrift.ofPolicies([half, half], [0, -Infinity])).toEqual({
      mean: Infinity,
      secondMoment: Infinity,
      variance: Number.NaN,
      crossoverLength: 0
    })
    expect(reasonOf(() => OnPolicyDrift.dominance(even(1), 3, Number.NaN))).toMatchObject({ what: "decision" })
  })
})
