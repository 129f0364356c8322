import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { BatchedRecursion, Kl, KlChoice, NOT_OWNED, type TokenBatch } from "decision-sampling/theory"
import { discount, grid, logProb, tokenBatch } from "../support/Arbitraries.ts"
import { expectAllClose, expectClose, isClose } from "../../src/laws/support/Approx.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { reasonOf } from "../support/Errors.ts"

describe("Kl estimators", () => {
  it("the corrected k3's weight k′ + k is log π − log π_ref, exact at 50 nats too", () => {
    for (const x of [0.1, 3, 50]) expectClose(KlChoice.scoreWeight("k3", "loss-corrected", -1 - x, -1), -x)
  })

  it("by hand at π = ½, π_ref = ¼: k1 = log 2, k2 = (log 2)²/2, k3 = ½ − 1 + log 2, abs = log 2", () => {
    const at = (estimator: Kl.Estimator) => Kl.value(estimator, Math.log(0.5), Math.log(0.25))
    expectClose(at("k1"), Math.LN2)
    expectClose(at("k2"), Math.LN2 ** 2 / 2)
    expectClose(at("k3"), -0.5 + Math.LN2)
    expectClose(at("abs"), Math.LN2)
  })

  it("for every two log-probabilities: all are 0 at equality, k2, k3 and abs are ≥ 0, and k3 ≥ k1", () => {
    fc.assert(
      fc.property(logProb, logProb, (now, reference) => {
        for (const estimator of Kl.ESTIMATORS) {
          expectClose(Kl.value(estimator, now, now), 0)
          if (!estimator.startsWith("k1")) expect(Kl.value(estimator, now, reference)).toBeGreaterThanOrEqual(0)
        }
        expect(Kl.value("k3", now, reference)).toBeGreaterThanOrEqual(Kl.value("k1", now, reference) - 1)
        expectClose(Kl.value("k3", now, reference) - Kl.value("k1", now, reference), Math.exp(reference - now) - 1)
      })
    )
  })

  it("for every two log-probabilities, the derivative is the value's, and straight-through's that of k2", () => {
    fc.assert(
      fc.property(grid(-4, -0.01), grid(-4, -0.01), (now, reference) => {
        for (const estimator of Kl.ESTIMATORS) {
          if (estimator === "abs" && Math.abs(now - reference) < 0.01) continue
          const differentiated = Kl.isStraightThrough(estimator) ? "k2" : estimator
          const numeric = centralDifference((at) => Kl.value(differentiated, at[0]!, reference), [now])[0]!
          expectClose(Kl.derivative(estimator, now, reference), numeric, 1e-8)
        }
        expect(Object.is(Kl.derivative("abs", now, now), 0)).toBe(true)
      })
    )
  })
})

describe("Kl placement", () => {
  it("is data of one tag, with the theory's defaults", () => {
    expect(Kl.none).toEqual({ _tag: "None" })
    expect(Kl.inReward({ beta: 0.1 })).toEqual({ _tag: "InReward", estimator: "k1", beta: 0.1, gamma: 1 })
    expect(Kl.inLoss({ beta: 0.1 })).toEqual({
      _tag: "InLoss",
      estimator: "k3",
      beta: 0.1,
      corrected: false,
      logRatioClamp: null,
      clamp: null
    })
    expect(reasonOf(() => Kl.inReward({ beta: 1, gamma: 2 }))).toMatchObject({ _tag: "OutOfRange", what: "gamma" })
    expect(Kl.inReward({ beta: 1, gamma: 0.5, placement: "reward-to-go" })).toMatchObject({ gamma: 0.5 })
    for (const placement of ["verl", "trl"] as const) {
      expect(reasonOf(() => Kl.inReward({ beta: 1, gamma: 0.5, placement }))).toMatchObject({ _tag: "OutOfRange", what: "gamma" })
      expect(Kl.isBeforeAdvantage(Kl.inReward({ beta: 1, placement }))).toBe(true)
    }
    expect(reasonOf(() => Kl.inReward({ beta: NaN }))).toMatchObject({ what: "beta" })
    expect(reasonOf(() => Kl.inLoss({ beta: NaN }))).toMatchObject({ what: "beta" })
  })

  const prompt = NOT_OWNED
  const offsets = Int32Array.of(0, 9, 11)
  //                          q       a  a  d  d  q      a  d  d | a  d
  const owner = Uint8Array.of(prompt, 0, 0, 1, 1, prompt, 0, 1, 1, 0, 1)

  it("a cycle ends with the last of its decision tokens, skipping tokens that nobody owns, and not at a sequence's end", () => {
    expect([...Kl.cycleEnds(offsets, owner)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    expectAllClose(Kl.cycleDiscounts(offsets, Kl.cycleEnds(offsets, owner), 0.5), [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 1, 1])
  })

  it("a forced token inside a decision does not end a cycle", () => {
    expect([...Kl.cycleEnds(Int32Array.of(0, 5), Uint8Array.of(0, 1, prompt, 1, 0))]).toEqual([0, 0, 0, 1, 0])
  })

  it("reward to go by hand: rewards 1 throughout, γ = ½; 3 to go in the second cycle, 1 + ½·3 at the end of the first", () => {
    const toGo = BatchedRecursion.qValues(new Float64Array(11).fill(1), { offsets, owner }, { gamma: 0.5 })
    expectAllClose(toGo, [0, 5.5, 4.5, 3.5, 2.5, 0, 3, 2, 1, 2, 1])
  })

  it("for every batch, β and γ, each token's advantage is the discounted sum of its sequence's later rewards, written out", () => {
    fc.assert(
      fc.property(
        tokenBatch(),
        grid(0, 2),
        discount,
        fc.constantFrom<Kl.InReward["estimator"]>("k1", "k2", "k3", "abs"),
        (batch, beta, gamma, estimator) => {
          const penalty = Kl.inReward({ beta, gamma, estimator })
          const rewards = Kl.tokenRewards(penalty, batch)
          const ends = Kl.cycleEnds(batch.offsets, batch.owner)
          const advantages = Kl.rewardAdvantages(penalty, batch)
          for (let sequence = 0; sequence + 1 < batch.offsets.length; sequence++) {
            const [start, end] = [batch.offsets[sequence]!, batch.offsets[sequence + 1]!]
            const cycleOf = (token: number) => ends.slice(start, token).reduce((sum, value) => sum + value, 0)
            for (let token = start; token < end; token++) {
              let sum = 0
              for (let later = token; later < end; later++) sum += gamma ** cycleOf(later) * rewards[later]!
              const expected = batch.owner[token] === NOT_OWNED ? 0 : sum
              expect(isClose(advantages[token]!, expected), `token ${token}: ${advantages[token]} is not ${expected}`).toBe(true)
            }
          }
        }
      )
    )
  })

  it("needs a reference", () => {
    const batch: TokenBatch = { offsets: Int32Array.of(0), owner: new Uint8Array(0), logProbs: new Float64Array(0) }
    expect(reasonOf(() => Kl.tokenRewards(Kl.inReward({ beta: 1 }), batch))).toMatchObject({
      _tag: "MissingInput",
      what: "referenceLogProbs"
    })
  })
})
