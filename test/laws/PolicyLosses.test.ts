import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Covariance, NOT_OWNED, Objective, type TokenBatch, TWO_STAGE } from "decision-sampling/theory"
import { tokenBatch } from "../support/Arbitraries.ts"
import { reasonOf } from "../support/Errors.ts"
import { expectAllClose } from "../../src/laws/support/Approx.ts"
import { type ObjectiveLawOptions, objectiveLaws } from "../../src/laws/ObjectiveLaws.ts"

const { LN2 } = Math
const [half, quarter] = [Math.log(0.5), Math.log(0.25)]

const away = (value: number, ...kinks: ReadonlyArray<number>) => kinks.every((kink) => Math.abs(value - kink) > 0.01)
const ratioAway = (...bounds: ReadonlyArray<number>): NonNullable<ObjectiveLawOptions["isSmooth"]> => ({ logProb, oldLogProb }) =>
  away(logProb - oldLogProb, ...bounds)

const owned = ({ owner }: TokenBatch) => [...owner.keys()].filter((token) => owner[token] !== NOT_OWNED)
const sum = (values: ReadonlyArray<number>) => values.reduce((total, value) => total + value, 0)

/** Σ −w·A·log π with the weights of the batch that is held: the loss that a held weight differentiates. */
const held = (weight: (batch: TokenBatch, token: number) => number): NonNullable<ObjectiveLawOptions["fixed"]> => (batch) => (logProbs) =>
  sum(owned(batch).map((token) => -weight(batch, token) * batch.advantages![token]! * logProbs[token]!))

const ratioOf = (batch: TokenBatch, token: number) => Math.exp(batch.logProbs[token]! - batch.oldLogProbs![token]!)
const rowOf = (batch: TokenBatch, token: number) => {
  const row = batch.offsets.findIndex((end) => end > token) - 1
  return owned(batch).filter((each) => each >= batch.offsets[row]! && each < batch.offsets[row + 1]!)
}
const logRatios = (batch: TokenBatch, token: number) => rowOf(batch, token).map((each) => batch.logProbs[each]! - batch.oldLogProbs![each]!)

objectiveLaws(
  "the ratio of a trajectory, the product of its tokens'",
  () => Objective.surrogate({ ratio: "product", clipLow: null, clipHigh: null }),
  {
    // r = ½/¼ = 2, A = 3: loss −6, and d/dlog π of −A·e^x is itself.
    example: { token: { logProb: half, oldLogProb: quarter, advantage: 3 }, loss: -6, derivative: -6 }
  }
)

objectiveLaws("GSPO-token", () => Objective.surrogate({ ratio: "sequence-token", clipLow: 0.2, clipHigh: 0.2 }), {
  // r = ½, A = 3: inside no bound that cuts a gain.
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 3 }, loss: -1.5, derivative: -1.5 },
  isSmooth: ({ sequence }) => away(sequence, Math.log(0.8), Math.log(1.2)),
  fixed: (batch) => (logProbs) =>
    sum(
      owned(batch).map((token) => {
        const A = batch.advantages![token]!
        const s = Math.exp(sum(logRatios(batch, token)) / logRatios(batch, token).length)
        const r = s * Math.exp(logProbs[token]! - batch.logProbs[token]!)
        return -Math.min(r * A, Math.min(Math.max(r, 0.8), 1.2) * A)
      })
    )
})

objectiveLaws("CISPO", () => Objective.cispo({ clipLow: 0.5, clipHigh: 1.5 }), {
  // r = ½/¼ = 2 is inside [0.5, 2.5]: −2·3·log ½.
  example: { token: { logProb: half, oldLogProb: quarter, advantage: 3 }, loss: 6 * LN2, derivative: -6 },
  isSmooth: ratioAway(Math.log(0.5), Math.log(2.5)),
  fixed: held((batch, token) => Math.min(Math.max(ratioOf(batch, token), 0.5), 2.5))
})

objectiveLaws("GMPO", () => Objective.geometricMean({ clipLow: 0.43, clipHigh: 0.37 }), {
  // x = −log 2, A = 2: a gain is not cut below, so the loss is −2·½.
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 2 }, loss: -1, derivative: -1 },
  isSmooth: ratioAway(-0.43, 0.37)
})

objectiveLaws("the KL penalty by k3, corrected by the sequence's ratio", () => Objective.klInLoss({ beta: 2, corrected: "sequence" }), {
  // π = ½, π_old = ½, π_ref = ¼: x = −log 2, k3 = ½ − 1 + log 2, k3′ = ½; 2·(k3′ + k3) at ratio 1.
  example: {
    token: { logProb: half, oldLogProb: half, referenceLogProb: quarter },
    loss: 2 * (LN2 - 0.5),
    derivative: 2 * (0.5 + LN2 - 0.5)
  }
})

for (const estimator of ["k1", "abs"] as const) {
  objectiveLaws(
    `the KL penalty by ${estimator}, straight through`,
    () => Objective.klInLoss({ beta: 1, estimator: `${estimator}-straight-through` }),
    {
      example: { token: { logProb: half, referenceLogProb: quarter }, loss: LN2, derivative: LN2 },
      fixed: (batch) => (logProbs) => sum(owned(batch).map((token) => (logProbs[token]! - batch.referenceLogProbs![token]!) ** 2 / 2))
    }
  )
}

objectiveLaws("SAPO", () => Objective.sapo({ temperaturePositive: 1, temperatureNegative: 2 }), {
  // r = 1 and A = −3: the gate is 4/2·½ = 1, the slope −A.
  example: { token: { logProb: half, oldLogProb: half, advantage: -3 }, loss: 3, derivative: 3 }
})

objectiveLaws("SAPO at another ratio", () => Objective.sapo({ logRatioClamp: 1.04 }), {
  // r = 2, A = 1, τ = 1: gate 4σ(1), slope 2·4·σ(1)(1 − σ(1)).
  example: {
    token: { logProb: half, oldLogProb: quarter, advantage: 1 },
    loss: -4 / (1 + Math.exp(-1)),
    derivative: (-8 * Math.exp(-1)) / (1 + Math.exp(-1)) ** 2
  },
  isSmooth: ratioAway(-1.04, 1.04)
})

objectiveLaws("VESPO", () => Objective.vespo(), {
  // W = 2 and A = 1: φ = e^3·2²·e^−6 = 4e^−3.
  example: { token: { logProb: half, oldLogProb: quarter, advantage: 1 }, loss: 4 * Math.exp(-3) * LN2, derivative: -4 * Math.exp(-3) },
  fixed: held((batch, token) => {
    const W = Math.min(Math.max(Math.exp(sum(logRatios(batch, token))), 1e-8), Math.exp(20))
    const [k, lambda] = batch.advantages![token]! >= 0 ? [2, 3] : [3, 2]
    return Math.exp(lambda) * W ** k * Math.exp(-lambda * W)
  })
})

for (const divergence of ["tv", "kl"] as const) {
  objectiveLaws(`DPPO by ${divergence}`, () => Objective.dppo({ divergence, clipLow: 0.16, clipHigh: 0.19, truncation: 3 }), {
    // From ¼ to ½ with a cost: the probability moved against the sign, so the token stays. r = 2.
    example: { token: { logProb: half, oldLogProb: quarter, advantage: -1 }, loss: -2 * LN2, derivative: 2 },
    fixed: held((batch, token) => {
      const [A, p, before] = [batch.advantages![token]!, Math.exp(batch.logProbs[token]!), Math.exp(batch.oldLogProbs![token]!)]
      const binary = before * Math.log(before / p) + (1 - before) * Math.log((1 - before + 1e-8) / (1 - p + 1e-8))
      const isKept = divergence === "tv"
        ? A > 0 ? p - before <= 0.19 : p - before >= -0.16
        : A > 0
        ? binary <= 0.19 || p <= before
        : binary <= 0.16 || p >= before
      return isKept ? Math.min(p / before, 3) : 0
    })
  })
}

objectiveLaws("DRO", () => Objective.dro({ beta: 2 }), {
  // x = log 2, A = 3: −3 log ½ + (log 2)²; slope −3 + 2 log 2.
  example: { token: { logProb: half, oldLogProb: quarter, advantage: 3 }, loss: 3 * LN2 + LN2 ** 2, derivative: 2 * LN2 - 3 }
})

objectiveLaws("Clip-Cov on a token that is left alone", () => Objective.clipCov(), {
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 3 }, loss: -1.5, derivative: -1.5 },
  isSmooth: ratioAway(Math.log(0.8), Math.log(1.2))
})

objectiveLaws("Clip-Cov on a token that is selected", () => Objective.clipCov(), {
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 3, selected: 1 }, loss: 0, derivative: 0 },
  isSmooth: ratioAway(Math.log(0.8), Math.log(1.2))
})

objectiveLaws("KL-Cov on a token that is selected", () => Objective.klCov({ coefficient: 2 }), {
  // r = ½, A = 3, |x| = log 2 with slope −1.
  example: { token: { logProb: quarter, oldLogProb: half, advantage: 3, selected: 1 }, loss: -1.5 + 2 * LN2, derivative: -1.5 - 2 },
  isSmooth: ratioAway(0)
})

/** One sequence of sampling's tokens. */
const row = (logProbs: ReadonlyArray<number>, oldLogProbs: ReadonlyArray<number>, advantages: ReadonlyArray<number>): TokenBatch => ({
  offsets: Int32Array.of(0, logProbs.length),
  owner: new Uint8Array(logProbs.length),
  logProbs: Float64Array.from(logProbs),
  oldLogProbs: Float64Array.from(oldLogProbs),
  referenceLogProbs: new Float64Array(logProbs.length).fill(-1),
  advantages: Float64Array.from(advantages)
})
const evaluate = (objective: Objective.Objective, batch: TokenBatch) => Objective.evaluate(objective, batch, TWO_STAGE)
const without = { clipLow: null, clipHigh: null }

describe("ratios of a sequence", () => {
  // Token ratios 2 and ½·…: log-ratios log 2 and log 4, so the product is 8 and the geometric mean √8.
  const batch = row([half, half], [quarter, half - Math.log(4)], [1, 1])

  it("of token ratios 2 and 4 the product is 8, the geometric mean √8", () => {
    // The product's loss is spread over its two tokens.
    expectAllClose(evaluate(Objective.surrogate({ ratio: "product", ...without }), batch).loss, [-4, -4])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence", ...without }), batch).loss, [-Math.sqrt(8), -Math.sqrt(8)])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence-token", ...without }), batch).loss, [-Math.sqrt(8), -Math.sqrt(8)])
  })

  it("the sum of the product's losses over a sequence is −A·r, with the derivative −A·r in every log π, as eq. 8 has", () => {
    expectAllClose(evaluate(Objective.surrogate({ ratio: "product", ...without }), batch).derivative, [-8, -8])
  })

  it("advantages 3 and −1 in one sequence: GSPO gives both tokens the mean slope, GSPO-token each its own", () => {
    const mixed = row([-1, -1], [-1, -1], [3, -1])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence" }), mixed).derivative, [-1, -1])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence-token" }), mixed).derivative, [-3, 1])
  })

  it("for every batch with one advantage a sequence, GSPO and GSPO-token have one loss and one gradient", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const advantages = given.advantages.map((_, token) =>
        given.advantages[given.offsets[given.offsets.findIndex((end) => end > token) - 1]!]!
      )
      const bounds = { clipLow: 0.1, clipHigh: 0.3, logRatioClamp: 2 }
      const [shared, own] = (["sequence", "sequence-token"] as const).map((ratio) =>
        evaluate(Objective.surrogate({ ratio, ...bounds }), { ...given, advantages })
      )
      expectAllClose(own!.loss, shared!.loss)
      expectAllClose(own!.derivative, shared!.derivative)
    }))
  })

  it("for every batch on policy, all ratios have the gradient of REINFORCE; the loss is −A a token, of the product a sequence", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const onPolicy = { ...given, oldLogProbs: given.logProbs, advantages: given.advantages.map(() => 2) }
      for (const ratio of Objective.RATIOS.filter((each) => each !== "none")) {
        const { derivative, loss } = evaluate(Objective.surrogate({ ratio }), onPolicy)
        for (const token of owned(given)) {
          expect(loss[token]).toBeCloseTo(ratio === "product" ? -2 / rowOf(given, token).length : -2, 12)
          expect(derivative[token]).toBeCloseTo(-2, 12)
        }
      }
    }))
  })

  it("a clipped product stops at 1 + clipHigh for a gain, and has no slope there", () => {
    const { derivative, loss } = evaluate(Objective.surrogate({ ratio: "product" }), batch)
    expectAllClose(loss, [-0.6, -0.6])
    expectAllClose(derivative, [0, 0])
  })
})

describe("CISPO", () => {
  it("keeps the gradient of a token that PPO's clip drops: ratio 2 above a bound of 1.2 and A = 1", () => {
    const batch = row([half], [quarter], [1])
    expectAllClose(evaluate(Objective.surrogate(), batch).derivative, [0])
    expectAllClose(evaluate(Objective.cispo({ clipLow: 0.2, clipHigh: 0.2 }), batch).derivative, [-1.2])
    // Without bounds it is the unclipped surrogate's gradient, −rA.
    expectAllClose(evaluate(Objective.cispo(without), batch).derivative, evaluate(Objective.surrogate(without), batch).derivative)
  })

  it("for every batch on policy, it has the gradient of REINFORCE", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const onPolicy = { ...given, oldLogProbs: given.logProbs }
      expectAllClose(
        evaluate(Objective.cispo(), onPolicy).derivative,
        evaluate(Objective.surrogate({ ratio: "none" }), onPolicy).derivative
      )
    }))
  })
})

describe("GMPO", () => {
  it("clips each token before the mean: log-ratios 1 and 0, A = 1, bound 0.4 make exp(0.2), and the clipped token has no slope", () => {
    const { derivative, loss } = evaluate(Objective.geometricMean(), row([-1, -1], [-2, -1], [1, 1]))
    expectAllClose(loss, [-Math.exp(0.2), -Math.exp(0.2)])
    expectAllClose(derivative, [0, -Math.exp(0.2)])
  })

  it("bounds a cost below and a gain above, never the other side", () => {
    const at = (logRatio: number, advantage: number) =>
      evaluate(Objective.geometricMean(), row([-3 + logRatio], [-3], [advantage])).loss[0]!
    expectAllClose([at(1, 1), at(-1, 1), at(1, -1), at(-1, -1)], [-Math.exp(0.4), -Math.exp(-1), Math.E, Math.exp(-0.4)])
  })

  it("for every batch without a 0 advantage, unbounded it is GSPO's geometric mean where the advantage is one a sequence", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const one = { ...given, advantages: given.advantages.map(() => -1.5) }
      const gmpo = evaluate(Objective.geometricMean(without), one)
      const gspo = evaluate(Objective.surrogate({ ratio: "sequence", ...without }), one)
      expectAllClose(gmpo.loss, gspo.loss)
      expectAllClose(gmpo.derivative, gspo.derivative)
    }))
  })
})

describe("a clamped KL penalty", () => {
  it("has no derivative beyond its clamp, but straight through keeps that of k2: π = ½, π_ref = e^-1, clamp 0.01", () => {
    const batch = row([half], [half], [1])
    const at = (estimator: "k3" | "k3-straight-through") => evaluate(Objective.klInLoss({ beta: 1, estimator, clamp: 0.01 }), batch)
    for (const estimator of ["k3", "k3-straight-through"] as const) expectAllClose(at(estimator).loss, [0.01])
    expectAllClose(at("k3").derivative, [0])
    expectAllClose(at("k3-straight-through").derivative, [1 + half])
  })
})

describe("a KL penalty corrected by the sequence's ratio", () => {
  it("is the token's correction for a sequence of one token, and differs where ratios do", () => {
    const kl = (corrected: true | "sequence") => Objective.klInLoss({ beta: 1, corrected })
    const one = row([half], [quarter], [1])
    for (const field of ["loss", "derivative"] as const) {
      expectAllClose(evaluate(kl(true), one)[field], evaluate(kl("sequence"), one)[field])
    }
    // k3 at π_ref = e^-1 and π = ½ is the same for both tokens, ratios 2 and 1: their geometric mean √2 weighs both.
    const k3 = Math.exp(-1 - half) - 1 - (-1 - half)
    const two = row([half, half], [quarter, half], [1, 1])
    expectAllClose(evaluate(kl(true), two).loss, [2 * k3, k3])
    expectAllClose(evaluate(kl("sequence"), two).loss, [Math.SQRT2 * k3, Math.SQRT2 * k3])
  })
})

describe("losses whose weight is held", () => {
  it("for every batch on policy, CISPO, SAPO, VESPO, DPPO, DRO and KL-Cov have the gradient of REINFORCE", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const onPolicy = { ...given, oldLogProbs: given.logProbs }
      const plain = evaluate(Objective.surrogate({ ratio: "none" }), onPolicy).derivative
      const objectives = [
        Objective.cispo(),
        Objective.sapo(),
        Objective.vespo(),
        Objective.dppo(),
        Objective.dppo({ divergence: "kl" }),
        Objective.dro({ beta: 3 }),
        Objective.klCov()
      ]
      for (const objective of objectives) expectAllClose(evaluate(objective, onPolicy).derivative, plain)
    }))
  })
})

describe("SAPO", () => {
  it("for every ratio other than 1 the unclipped surrogate's slope is damped, the more the farther; 0, not NaN, where the ratio overflows", () => {
    const slope = (x: number) => Math.abs(evaluate(Objective.sapo(), row([-1], [-1 - x], [1])).derivative[0]!)
    fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.constantFrom(-1, 1), (tenths, side) => {
      const damping = (x: number) => slope(x) / Math.exp(x)
      const x = (side * tenths) / 10
      // Below, the ratio itself ends at 0, where the damping does too: 4σ(−1)σ(1) = 0.786.
      expect(damping(x)).toBeLessThan(damping(x - side / 10))
      if (side < 0) expect(damping(x)).toBeGreaterThan(0.786)
    }))
    expect(slope(800)).toBe(0)
    expect(slope(0)).toBeCloseTo(1, 12)
  })

  it("falls off faster for a cost (τ = 1.05) than for a gain (τ = 1), and refuses a τ of 0", () => {
    const at = (advantage: number) => Math.abs(evaluate(Objective.sapo(), row([-1], [-3], [advantage])).derivative[0]!)
    expect(at(-1)).toBeLessThan(at(1))
    expect(reasonOf(() => Objective.sapo({ temperatureNegative: 0 }))).toMatchObject({ _tag: "OutOfRange", what: "temperatureNegative" })
    // A τ at which e^(−τ(r − 1)) overflows below r = 1.
    expect(Math.abs(evaluate(Objective.sapo({ temperaturePositive: 1000 }), row([-5], [-0.1], [1])).derivative[0]!)).toBe(0)
  })
})

describe("VESPO", () => {
  it("weighs a whole sequence by W: token ratios 2 and 4 make W = 8, and W = k/λ weighs most", () => {
    const weight = (...ratios: ReadonlyArray<number>) =>
      -evaluate(Objective.vespo(), row(ratios.map(() => -1), ratios.map((r) => -1 - Math.log(r)), ratios.map(() => 1))).derivative[0]!
    expect(weight(2, 4)).toBeCloseTo(Math.exp(3) * 64 * Math.exp(-24), 15)
    expect(weight(1)).toBeCloseTo(1, 12)
    for (const other of [0.5, 0.6, 0.75, 0.8, 1, 2]) expect(weight(2 / 3)).toBeGreaterThan(weight(other))
  })

  it("holds log W at log 1e-8 and 20, and a token's log-ratio at ±20: 0 far above, never NaN", () => {
    const derivative = (x: number, advantage: number) => evaluate(Objective.vespo(), row([-1], [-1 - x], [advantage])).derivative[0]!
    expect(derivative(900, 1)).toBeCloseTo(0, 300)
    expect(derivative(-900, -1)).toBeCloseTo(Math.exp(2) * 1e-24, 30)
  })
})

describe("DPPO", () => {
  const mask = (p: number, before: number, advantage: number, divergence: "tv" | "kl") =>
    evaluate(Objective.dppo({ divergence, truncation: null }), row([Math.log(p)], [Math.log(before)], [advantage])).derivative[0] !== 0

  it("keeps a rare token whose ratio is 100, which PPO clips, and drops a likely one that fell from 0.99 to 0.8, which PPO keeps", () => {
    const ppo = (p: number, before: number, advantage: number) =>
      evaluate(Objective.surrogate(), row([Math.log(p)], [Math.log(before)], [advantage])).derivative[0] !== 0
    expect([mask(1e-3, 1e-5, 1, "tv"), ppo(1e-3, 1e-5, 1)]).toEqual([true, false])
    expect([mask(0.8, 0.99, -1, "tv"), ppo(0.8, 0.99, -1)]).toEqual([false, true])
    expect([mask(1e-3, 1e-5, 1, "kl"), mask(0.8, 0.99, -1, "kl")]).toEqual([true, false])
  })

  it("never drops a token that moves back: for all probabilities, where the move is against the advantage's sign", () => {
    const probability = fc.integer({ min: 1, max: 99 }).map((count) => count / 100)
    fc.assert(fc.property(probability, probability, fc.constantFrom("tv" as const, "kl" as const), (p, before, divergence) => {
      expect(mask(p, before, p > before ? -1 : 1, divergence)).toBe(true)
    }))
  })

  it("truncates the weight, not the token", () => {
    const at = (truncation: number | null) =>
      evaluate(Objective.dppo({ truncation }), row([Math.log(1e-3)], [Math.log(1e-5)], [1])).derivative[0]!
    expectAllClose([at(null), at(20)], [-100, -20])
  })
})

describe("DRO", () => {
  it("is stationary at log π = log π_old + A/β, and refuses β = 0", () => {
    expectAllClose(evaluate(Objective.dro({ beta: 4 }), row([-1], [-1.5], [2])).derivative, [0])
    expect(reasonOf(() => Objective.dro({ beta: 0 }))).toMatchObject({ _tag: "OutOfRange", what: "beta" })
  })
})

describe("Clip-Cov and KL-Cov", () => {
  // log π −1, −2, −3 and A 3, 0, −3: means −2 and 0, so covariances 3, 0, 3.
  const three = row([-1, -2, -3], [-1, -2, -3], [3, 0, -3])

  it("by hand: the centred products, the band and the top, and what the losses make of them", () => {
    expectAllClose(Covariance.covariances(three), [3, 0, 3])
    expectAllClose(Covariance.selectTop(three, { fraction: 0.4 }), [1, 0, 0])
    expectAllClose(Covariance.selectTop(three, { fraction: 1 }), [1, 1, 1])
    const band = { fraction: 1, lower: 1, upper: 5, clipLow: 0.2, clipHigh: 0.2 }
    expectAllClose(Covariance.selectBand(three, band, 1), [1, 0, 1])
    // Its own bounds are outside the band; a token that PPO clips is not chosen.
    expectAllClose(Covariance.selectBand(three, { ...band, lower: 3 }, 1), [0, 0, 0])
    const moved = { ...three, oldLogProbs: Float64Array.of(-2, -2, -3) }
    expectAllClose(Covariance.selectBand(moved, band, 1), [0, 0, 1])
    const selected = { ...three, selected: Float64Array.of(1, 0, 0) }
    expectAllClose(evaluate(Objective.clipCov(), selected).derivative, [0, 0, 3])
    const off = { ...selected, oldLogProbs: Float64Array.of(-2, -2, -2) }
    expectAllClose(evaluate(Objective.klCov({ coefficient: 2 }), off).derivative, [-3 * Math.E + 2, 0, 3 * Math.exp(-1)])
  })

  it("for every batch: the covariances' mean is the covariance, and nobody's tokens are 0 and never chosen", () => {
    fc.assert(fc.property(tokenBatch(), fc.integer({ min: 1, max: 100 }), fc.nat(), (batch, percent, seed) => {
      const tokens = owned(batch)
      const found = Covariance.covariances(batch)
      const mean = (of: (token: number) => number) => tokens.length === 0 ? 0 : sum(tokens.map(of)) / tokens.length
      const product = mean((token) => batch.advantages[token]! * batch.logProbs[token]!)
      expectAllClose([mean((token) => found[token]!)], [product - mean((t) => batch.advantages[t]!) * mean((t) => batch.logProbs[t]!)])
      const fraction = percent / 100
      const top = Covariance.selectTop(batch, { fraction })
      const band = { fraction, lower: -1, upper: 1, clipLow: 0.2, clipHigh: 0.2 }
      const chosen = Covariance.selectBand(batch, band, seed)
      const all = Covariance.selectBand(batch, { ...band, fraction: 1 }, seed)
      const size = Math.max(1, Math.floor(fraction * tokens.length))
      expect(sum([...top])).toBe(Math.min(tokens.length, size))
      expect(sum([...chosen])).toBe(Math.min(sum([...all]), size))
      batch.owner.forEach((owner, token) => {
        if (owner === NOT_OWNED) expect([found[token], top[token], chosen[token]]).toEqual([0, 0, 0])
        // What is chosen is in the band; what is on top has nothing above it outside.
        if (chosen[token] === 1) expect(all[token]).toBe(1)
        if (top[token] === 1) tokens.forEach((other) => top[other] === 0 && expect(found[token]).toBeGreaterThanOrEqual(found[other]!))
      })
    }))
  })

  it("the choice is a function of the seed, and over seeds every token of the band is chosen as often as any other", () => {
    const many: TokenBatch = row(
      Array.from({ length: 20 }, (_, i) => -1 - (i % 2)),
      Array.from({ length: 20 }, () => -1),
      Array.from({ length: 20 }, (_, i) => 4 - 8 * (i % 2))
    )
    const band = { fraction: 0.25, lower: 1, upper: 5, clipLow: 1, clipHigh: 9 }
    expect(Covariance.selectBand(many, band, 7)).toEqual(Covariance.selectBand(many, band, 7))
    const counts = new Float64Array(20)
    for (let seed = 0; seed < 4000; seed++) {
      Covariance.selectBand(many, band, seed).forEach((mark, token) => {
        counts[token]! += mark
      })
    }
    // 1,000 each; four standard deviations of a binomial are 110.
    counts.forEach((count) => expect(Math.abs(count - 1000)).toBeLessThan(130))
  })

  it("Objective.select asks the one leaf that selects, wherever it stands, and refuses none and two", () => {
    const nested = Objective.add(Objective.scale(Objective.restrict(Objective.klCov({ fraction: 0.4 }), "sampling"), 2), Objective.nll())
    expect(Objective.readsSelection(nested)).toBe(true)
    expect(Objective.readsSelection(Objective.nll())).toBe(false)
    expectAllClose(Objective.select(nested, three, 1), [1, 0, 0])
    expectAllClose(Objective.select(Objective.clipCov({ fraction: 1 }), three, 1), [1, 0, 1])
    const refusal = (objective: Objective.Objective) => reasonOf(() => Objective.select(objective, three, 1))
    expect(refusal(Objective.nll())).toMatchObject({ _tag: "OutOfRange", value: 0 })
    expect(refusal(Objective.add(nested, Objective.clipCov()))).toMatchObject({ _tag: "OutOfRange", value: 2 })
  })

  it("refuses a fraction of 0 and a batch without advantages", () => {
    expect(reasonOf(() => Covariance.selectTop(three, { fraction: 0 }))).toMatchObject({ _tag: "OutOfRange", what: "fraction" })
    const { advantages: _, ...bare } = three
    expect(reasonOf(() => Covariance.covariances(bare))).toMatchObject({ _tag: "MissingInput", what: "advantages" })
  })
})

describe("Settings that are none", () => {
  it("are refused by every loss, since a bound that is no number would clip nothing and say nothing", () => {
    const refused: ReadonlyArray<readonly [what: string, make: (value: number) => unknown]> = [
      ["clipLow", (clipLow) => Objective.surrogate({ clipLow })],
      ["clipHigh", (clipHigh) => Objective.surrogate({ clipHigh })],
      ["logRatioClamp", (logRatioClamp) => Objective.surrogate({ logRatioClamp })],
      ["clipHigh", (clipHigh) => Objective.cispo({ clipHigh })],
      ["clipLow", (clipLow) => Objective.geometricMean({ clipLow })],
      ["clipLow", (clipLow) => Objective.dppo({ clipLow })],
      ["truncation", (truncation) => Objective.dppo({ truncation })],
      ["lambdaNegative", (lambdaNegative) => Objective.vespo({ lambdaNegative })],
      ["clipHigh", (clipHigh) => Objective.clipCov({ clipHigh })],
      ["fraction", (fraction) => Objective.clipCov({ fraction })],
      ["fraction", (fraction) => Objective.klCov({ fraction })],
      ["coefficient", (coefficient) => Objective.klCov({ coefficient })]
    ]
    for (const [what, make] of refused) {
      for (const value of [Number.NaN, -1]) expect(reasonOf(() => make(value))).toMatchObject({ _tag: "OutOfRange", what, value })
      expect(make(0.5)).toMatchObject({ [what]: 0.5 })
    }
    // verl refuses a dual clip of 1 and less: it would cut off losses that the policy has not moved from.
    for (const dualClip of [1, Number.NaN]) {
      expect(reasonOf(() => Objective.surrogate({ dualClip }))).toMatchObject({ _tag: "OutOfRange", what: "dualClip" })
    }
    expect(reasonOf(() => Objective.clipCov({ lower: 5, upper: 1 }))).toMatchObject({ _tag: "OutOfRange", what: "lower" })
  })
})
