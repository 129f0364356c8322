import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { NOT_OWNED, Objective, type TokenBatch, TWO_STAGE } from "decision-sampling/theory"
import { tokenBatch } from "../support/Arbitraries.ts"
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
    expectAllClose(evaluate(Objective.surrogate({ ratio: "product", ...without }), batch).loss, [-8, -8])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence", ...without }), batch).loss, [-Math.sqrt(8), -Math.sqrt(8)])
    expectAllClose(evaluate(Objective.surrogate({ ratio: "sequence-token", ...without }), batch).loss, [-Math.sqrt(8), -Math.sqrt(8)])
  })

  it("the mean loss over the product's tokens has the derivative −A·r in every log π, as eq. 8 has", () => {
    // Two tokens with the loss −r: d(−r − r)/dx = −2r, and half of it under a mean.
    expectAllClose(evaluate(Objective.surrogate({ ratio: "product", ...without }), batch).derivative, [-16, -16])
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

  it("for every batch on policy, all ratios but none have the loss −A, and the mean over a sequence has one gradient, −A/L a token", () => {
    fc.assert(fc.property(tokenBatch(), (given) => {
      const onPolicy = { ...given, oldLogProbs: given.logProbs, advantages: given.advantages.map(() => 2) }
      for (const ratio of Objective.RATIOS.filter((each) => each !== "none")) {
        const { derivative, loss } = evaluate(Objective.surrogate({ ratio }), onPolicy)
        for (const token of owned(given)) {
          expect(loss[token]).toBe(-2)
          // The product moves all L losses of its sequence by each token.
          expect(derivative[token]).toBeCloseTo(ratio === "product" ? -2 * rowOf(given, token).length : -2, 12)
        }
      }
    }))
  })

  it("a clipped product stops at 1 + clipHigh for a gain, and has no slope there", () => {
    const { derivative, loss } = evaluate(Objective.surrogate({ ratio: "product" }), batch)
    expectAllClose(loss, [-1.2, -1.2])
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
