import { pipe } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Aggregate, Kl, NOT_OWNED, Objective, SAMPLING, type TokenBatch, TWO_STAGE } from "decision-sampling/theory"
import { type FullTokenBatch, grid, tokenBatch } from "../support/Arbitraries.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { reasonOf } from "../support/Errors.ts"
import { type Algebra, type Differentiable, sumOf, times, valueAt } from "../support/Differentiable.ts"

const evaluate = (objective: Objective.Objective, batch: TokenBatch) => Objective.evaluate(objective, batch, TWO_STAGE)

/** One sequence of the given columns, all owned by sampling. */
const row = (columns: Omit<{ readonly [K in keyof TokenBatch]: ReadonlyArray<number> }, "offsets" | "owner">): TokenBatch => {
  const logProbs = Float64Array.from(columns.logProbs)
  return {
    offsets: Int32Array.of(0, logProbs.length),
    owner: new Uint8Array(logProbs.length).fill(SAMPLING),
    logProbs,
    ...(columns.oldLogProbs === undefined ? {} : { oldLogProbs: Float64Array.from(columns.oldLogProbs) }),
    ...(columns.referenceLogProbs === undefined ? {} : { referenceLogProbs: Float64Array.from(columns.referenceLogProbs) }),
    ...(columns.advantages === undefined ? {} : { advantages: Float64Array.from(columns.advantages) })
  }
}

const tokensOf = (batch: TokenBatch) =>
  Array.from(batch.offsets.slice(1)).map((end, sequence) =>
    Array.from({ length: end - batch.offsets[sequence]! }, (_, index) => batch.offsets[sequence]! + index).filter(
      (token) => batch.owner[token] !== NOT_OWNED
    )
  )

type Loss = (batch: FullTokenBatch) => Differentiable

const perToken =
  (term: <T>(algebra: Algebra<T>, logProb: T, batch: FullTokenBatch, token: number, logProbFixed: T) => T): Loss =>
  (batch) =>
  (algebra, logProbs) =>
    sumOf(
      algebra,
      tokensOf(batch).flat().map((token) => term(algebra, logProbs[token]!, batch, token, algebra.constant(batch.logProbs[token]!)))
    )

const clippedLoss = <T>(algebra: Algebra<T>, ratio: T, A: number, low: number, high: number): T => {
  const kept = algebra.maximum(algebra.minimum(ratio, algebra.constant(1 + high)), algebra.constant(1 - low))
  return times(algebra, -1, algebra.minimum(times(algebra, A, ratio), times(algebra, A, kept)))
}

const ratioTo = <T>(algebra: Algebra<T>, logProb: T, old: number) => algebra.exp(algebra.subtract(logProb, algebra.constant(old)))

const estimate = <T>(algebra: Algebra<T>, estimator: Kl.Estimator, logProb: T, reference: number): T => {
  const x = algebra.subtract(algebra.constant(reference), logProb)
  switch (estimator) {
    case "k1":
      return times(algebra, -1, x)
    case "k2":
    case "k1-straight-through":
    case "k3-straight-through":
    case "abs-straight-through":
      return times(algebra, 0.5, algebra.multiply(x, x))
    case "k3":
      return algebra.subtract(algebra.subtract(algebra.exp(x), algebra.constant(1)), x)
    case "abs":
      return algebra.maximum(x, times(algebra, -1, x))
  }
}

/** Every leaf with its loss written anew from the formula: what autodiff differentiates. */
const leaves: ReadonlyArray<readonly [string, Objective.Objective, Loss]> = [
  [
    "REINFORCE",
    Objective.surrogate({ ratio: "none" }),
    perToken((a, logProb, batch, token) => times(a, -batch.advantages[token]!, logProb))
  ],
  [
    "PPO's clipped token ratio",
    Objective.surrogate({ clipLow: 0.2, clipHigh: 0.3 }),
    perToken((a, logProb, batch, token) =>
      clippedLoss(a, ratioTo(a, logProb, batch.oldLogProbs[token]!), batch.advantages[token]!, 0.2, 0.3)
    )
  ],
  [
    "the dual clip",
    Objective.surrogate({ clipLow: 0.2, clipHigh: 0.2, dualClip: 3 }),
    perToken((a, logProb, batch, token) => {
      const A = batch.advantages[token]!
      const loss = clippedLoss(a, ratioTo(a, logProb, batch.oldLogProbs[token]!), A, 0.2, 0.2)
      return A < 0 ? a.minimum(loss, a.constant(-3 * A)) : loss
    })
  ],
  [
    "GSPO's clipped sequence ratio",
    Objective.surrogate({ ratio: "sequence", clipLow: 0.4, clipHigh: 0.5 }),
    (batch) => (a, logProbs) =>
      sumOf(
        a,
        tokensOf(batch).filter((tokens) => tokens.length > 0).flatMap((tokens) => {
          const logRatios = tokens.map((token) => a.subtract(logProbs[token]!, a.constant(batch.oldLogProbs[token]!)))
          const ratio = a.exp(times(a, 1 / tokens.length, sumOf(a, logRatios)))
          return tokens.map((token) => clippedLoss(a, ratio, batch.advantages[token]!, 0.4, 0.5))
        })
      )
  ],
  ...Kl.ESTIMATORS.map((estimator) =>
    [
      `the KL penalty in the loss by ${estimator}`,
      Objective.klInLoss({ beta: 0.3, estimator }),
      perToken((a, logProb, batch, token) => times(a, 0.3, estimate(a, estimator, logProb, batch.referenceLogProbs[token]!)))
    ] as const
  ),
  ...Kl.ESTIMATORS.filter((estimator) => !Kl.isStraightThrough(estimator)).map((estimator) =>
    [
      `the corrected KL penalty by ${estimator}`,
      Objective.klInLoss({ beta: 0.3, estimator, corrected: true }),
      perToken((a, logProb, batch, token) =>
        times(
          a,
          0.3,
          a.multiply(ratioTo(a, logProb, batch.oldLogProbs[token]!), estimate(a, estimator, logProb, batch.referenceLogProbs[token]!))
        )
      )
    ] as const
  ),
  [
    "the corrected KL penalty by k3, clamped at |log ratio| ≤ 2 and estimate ≤ 3",
    Objective.klInLoss({ beta: 0.3, estimator: "k3", corrected: true, logRatioClamp: 2, clamp: 3 }),
    perToken((a, logProb, batch, token) => {
      const within = (value: Parameters<typeof a.add>[0], bound: number) =>
        a.maximum(a.minimum(value, a.constant(bound)), a.constant(-bound))
      const x = within(a.subtract(a.constant(batch.referenceLogProbs[token]!), logProb), 2)
      const k3 = within(a.subtract(a.subtract(a.exp(x), a.constant(1)), x), 3)
      const ratio = a.exp(within(a.subtract(logProb, a.constant(batch.oldLogProbs[token]!)), 2))
      return times(a, 0.3, a.multiply(ratio, k3))
    })
  ],
  ["the SFT loss", Objective.nll(), perToken((a, logProb) => times(a, -1, logProb))],
  ["the DFT loss", Objective.dft(), perToken((a, logProb, _batch, _token, fixed) => times(a, -1, a.multiply(a.exp(fixed), logProb)))]
]

/** Away from kinks: no log-ratio within 1e-2 of a clip, a clamp or 0, where one-sided derivatives differ. */
const isSmooth = (batch: FullTokenBatch): boolean => {
  const kinks = [0, 2, -2, ...[0.6, 0.7, 0.8, 1.2, 1.3, 1.5, 3].map(Math.log)]
  const awayFrom = (value: number, bounds: ReadonlyArray<number>) => bounds.every((bound) => Math.abs(value - bound) > 1e-2)
  const tokens = tokensOf(batch)
  const k3AtClamp = 1.749
  return (
    tokens.flat().every((token) => {
      const toOld = batch.logProbs[token]! - batch.oldLogProbs[token]!
      const toReference = batch.referenceLogProbs[token]! - batch.logProbs[token]!
      return awayFrom(toOld, kinks) && awayFrom(toReference, [...kinks, k3AtClamp])
    }) &&
    tokens.every((sequence) => {
      const total = sequence.reduce((sum, token) => sum + batch.logProbs[token]! - batch.oldLogProbs[token]!, 0)
      return sequence.length === 0 || awayFrom(total / sequence.length, kinks)
    })
  )
}

describe("Objective.evaluate: each leaf's loss and derivative against autodiff of its formula", () => {
  for (const [name, objective, loss] of leaves) {
    it(`for every batch: ${name}`, () => {
      const moderate = tokenBatch().filter((batch) => batch.owner.length > 0 && isSmooth(batch))
      fc.assert(
        fc.property(moderate, (batch) => {
          const { derivative, loss: losses } = evaluate(objective, batch)
          const total = losses.reduce((sum, value) => sum + value, 0)
          if (!name.includes("straight-through")) expectClose(total, valueAt(loss(batch), batch.logProbs))
          expectAllClose(derivative, gradient(loss(batch), batch.logProbs))
        }),
        { numRuns: 12 }
      )
    })

    it(`for every batch, autodiff and central differences of the formula agree: ${name}`, () => {
      const moderate = tokenBatch().filter((batch) => batch.owner.length > 0 && isSmooth(batch))
      fc.assert(
        fc.property(moderate, (batch) => {
          const formula = loss(batch)
          expectAllClose(centralDifference((at) => valueAt(formula, at), batch.logProbs), gradient(formula, batch.logProbs), DIFFERENCE)
        }),
        { numRuns: 6 }
      )
    })
  }
})

describe("Objective.evaluate: examples by hand", () => {
  const half = Math.log(0.5)
  const quarter = Math.log(0.25)

  it("REINFORCE with A = 2 at probability ½: loss −2·log ½, derivative −2", () => {
    const { derivative, loss } = evaluate(Objective.surrogate({ ratio: "none" }), row({ logProbs: [half], advantages: [2] }))
    expectAllClose(loss, [2 * Math.LN2])
    expectAllClose(derivative, [-2])
  })

  it("token ratio ½/¼ = 2, clip 0.2: A = 3 is cut to −1.2·3 with derivative 0; A = −3 is not: loss 6, derivative 6", () => {
    const batch = row({ logProbs: [half, half], oldLogProbs: [quarter, quarter], advantages: [3, -3] })
    const { derivative, loss } = evaluate(Objective.surrogate(), batch)
    expectAllClose(loss, [-3.6, 6])
    expectAllClose(derivative, [0, 6])
  })

  it("token ratio ¼/½ = ½, clip 0.2: A = −3 is cut to 0.8·3 with derivative 0; A = 3 is not: loss −1.5, derivative −1.5", () => {
    const batch = row({ logProbs: [quarter, quarter], oldLogProbs: [half, half], advantages: [3, -3] })
    const { derivative, loss } = evaluate(Objective.surrogate(), batch)
    expectAllClose(loss, [-1.5, 2.4])
    expectAllClose(derivative, [-1.5, 0])
  })

  it("dual clip 1.5 at ratio 2 and A = −3: loss 4.5 instead of 6, derivative 0", () => {
    const batch = row({ logProbs: [half], oldLogProbs: [quarter], advantages: [-3] })
    const { derivative, loss } = evaluate(Objective.surrogate({ dualClip: 1.5 }), batch)
    expectAllClose(loss, [4.5])
    expectAllClose(derivative, [0])
  })

  it("sequence ratio of log-ratios log 2 and 0 is their mean's exponential, √2, not their sum's", () => {
    const batch = row({ logProbs: [half, half], oldLogProbs: [quarter, half], advantages: [1, 1] })
    const { derivative, loss } = evaluate(Objective.surrogate({ ratio: "sequence", clipHigh: null }), batch)
    expectAllClose(loss, [-Math.SQRT2, -Math.SQRT2])
    expectAllClose(derivative, [-Math.SQRT2, -Math.SQRT2])
  })

  it("a sequence ratio's derivative is the mean of all its tokens' slopes: advantages 3 and −1 at ratio 1 give −1 each, clipped above 3/2 alone", () => {
    const at = (logRatio: number) => {
      const batch = row({ logProbs: [-1, -1], oldLogProbs: [-1 - logRatio, -1 - logRatio], advantages: [3, -1] })
      return evaluate(Objective.surrogate({ ratio: "sequence", clipLow: 0.2, clipHigh: 0.2 }), batch)
    }
    expectAllClose(at(0).derivative, [-1, -1])
    // At ratio e the gain is clipped and the loss is not: slopes 0 and 1.
    expectAllClose(at(1).derivative, [Math.E / 2, Math.E / 2])
    expectAllClose(at(1).loss, [-3.6, Math.E])
  })

  it("a ratio of e^1000 leaves clipped gains, A = 0 and a sequence of them finite", () => {
    for (const ratio of ["token", "sequence"] as const) {
      const batch = row({ logProbs: [-1, -1], oldLogProbs: [-1001, -1001], advantages: [3, 0] })
      const { derivative, loss } = evaluate(Objective.surrogate({ ratio }), batch)
      expectAllClose(loss, [-3.6, 0])
      expectAllClose(derivative, [0, 0])
    }
    const unclipped = row({ logProbs: [-1], oldLogProbs: [-1001], advantages: [0] })
    const { derivative, loss } = evaluate(Objective.surrogate({ clipLow: null, clipHigh: null }), unclipped)
    expect([loss[0], derivative[0]]).toEqual([0, 0])
  })

  it("the corrected k3 penalty has derivative β·r·(log π − log π_ref), exact at 50 nats, where 1 − e⁵⁰ and e⁵⁰ − 51 would lose it", () => {
    const batch = row({ logProbs: [-51], oldLogProbs: [-51], referenceLogProbs: [-1] })
    expectAllClose(evaluate(Objective.klInLoss({ beta: 1, corrected: true }), batch).derivative, [-50])
  })

  it("a KL penalty of no weight, or of no distance under a ratio of e^1000, is 0 however large the rest", () => {
    const far = row({ logProbs: [-1001], oldLogProbs: [-1001], referenceLogProbs: [-1] })
    const near = row({ logProbs: [-1], oldLogProbs: [-1001], referenceLogProbs: [-1] })
    for (
      const { derivative, loss } of [
        evaluate(Objective.klInLoss({ beta: 0 }), far),
        evaluate(Objective.klInLoss({ beta: 0, corrected: true }), far),
        evaluate(Objective.klInLoss({ beta: 1, corrected: true }), near)
      ]
    ) {
      expectAllClose([loss[0]!, derivative[0]!], [0, 0])
    }
    expectAllClose(Kl.tokenRewards(Kl.inReward({ beta: 0, estimator: "k3" }), far), [0])
  })

  it("a log-ratio clamp of 1 bounds the ratio at e, with derivative 0", () => {
    const batch = row({ logProbs: [-0.5], oldLogProbs: [-3], advantages: [-1] })
    for (const ratio of ["token", "sequence"] as const) {
      const { derivative, loss } = evaluate(Objective.surrogate({ ratio, logRatioClamp: 1 }), batch)
      expectAllClose(loss, [Math.E])
      expectAllClose(derivative, [0])
    }
  })

  it("the KL estimators at π = ½, π_ref = ¼, x = −log 2", () => {
    const batch = row({ logProbs: [half], referenceLogProbs: [quarter] })
    const at = (estimator: Kl.Estimator) => {
      const { derivative, loss } = evaluate(Objective.klInLoss({ beta: 1, estimator }), batch)
      return [loss[0]!, derivative[0]!]
    }
    expectAllClose(at("k1"), [Math.LN2, 1])
    expectAllClose(at("k2"), [Math.LN2 ** 2 / 2, Math.LN2])
    expectAllClose(at("k3"), [0.5 - 1 + Math.LN2, 0.5])
    expectAllClose(at("abs"), [Math.LN2, 1])
    // Straight through: the value of the first, the derivative of k2.
    expectAllClose(at("k1-straight-through"), [Math.LN2, Math.LN2])
    expectAllClose(at("k3-straight-through"), [0.5 - 1 + Math.LN2, Math.LN2])
    expectAllClose(at("abs-straight-through"), [Math.LN2, Math.LN2])
  })

  it("the SFT loss at ½ is log 2 with derivative −1; the DFT loss half of it, with derivative −½", () => {
    const sft = evaluate(Objective.nll(), row({ logProbs: [half] }))
    const dft = evaluate(Objective.dft(), row({ logProbs: [half] }))
    expectAllClose([sft.loss[0]!, sft.derivative[0]!], [Math.LN2, -1])
    expectAllClose([dft.loss[0]!, dft.derivative[0]!], [Math.LN2 / 2, -0.5])
  })

  it("e to minus the cross-entropy is the probability, so both ways to write DFT's weight are one", () => {
    fc.assert(
      fc.property(grid(-6, 0), (logProb) => {
        const batch = row({ logProbs: [logProb] })
        expectClose(-evaluate(Objective.dft(), batch).derivative[0]!, Math.exp(-evaluate(Objective.nll(), batch).loss[0]!))
      })
    )
  })
})

describe("Objective: combinators", () => {
  const pieces = [
    Objective.surrogate(),
    Objective.klInLoss({ beta: 0.1 }),
    Objective.restrict(Objective.scale(Objective.nll(), 0.5), "sampling"),
    Objective.dft(),
    Objective.entropyBonus({ coefficient: 0.3 })
  ]
  const anyObjective = fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 })
    .map(([first, ...rest]) => rest.reduce<Objective.Objective>((sum, next) => Objective.add(sum, next), first!))

  it("the data-last and the data-first form make the same value", () => {
    const kl = Objective.klInLoss({ beta: 0.1 })
    const nll = Objective.nll()
    expect(Objective.add(kl)(nll)).toEqual(Objective.add(nll, kl))
    expect(Objective.scale(2)(nll)).toEqual(Objective.scale(nll, 2))
    expect(Objective.restrict("decision")(nll)).toEqual(Objective.restrict(nll, ["decision"]))
    const piped = pipe(nll, Objective.restrict("decision"), Objective.scale(2), Objective.add(kl))
    expect(piped).toEqual(Objective.add(Objective.scale(Objective.restrict(nll, "decision"), 2), kl))
    expect(Objective.add(Objective.add(nll, kl), nll)).toEqual({ _tag: "Sum", parts: [nll, kl, nll] })
  })

  it("for every objective and batch: linear in add and scale, idempotent and commuting in restrict", () => {
    fc.assert(
      fc.property(anyObjective, anyObjective, tokenBatch(), grid(-2, 2), (f, g, batch, factor) => {
        const a = evaluate(f, batch)
        const b = evaluate(g, batch)
        const both = evaluate(Objective.add(Objective.scale(f, factor), g), batch)
        const decision = Objective.restrict("decision")
        for (const field of ["loss", "derivative", "entropyDerivative"] as const) {
          expectAllClose(both[field], a[field].map((value, token) => factor * value + b[field][token]!))
          expect(evaluate(decision(decision(f)), batch)[field]).toEqual(evaluate(decision(f), batch)[field])
          expect(evaluate(Objective.restrict(["decision", "sampling"])(f), batch)[field]).toEqual(a[field])
        }
        expect(evaluate(Objective.restrict(decision(f), "sampling"), batch).loss.every((value) => value === 0)).toBe(true)
      })
    )
  })

  it("for every objective, a round trip through JSON is the same objective", () => {
    fc.assert(
      fc.property(anyObjective, (objective) => {
        expect(JSON.parse(JSON.stringify(objective))).toEqual(objective)
      })
    )
  })

  it("for every objective and batch, the parts add up to the whole, and their names are unique", () => {
    fc.assert(
      fc.property(
        anyObjective,
        fc.constantFrom(null, "decision", ["sampling"]),
        grid(-2, 2),
        tokenBatch(),
        (objective, owners, factor, batch) => {
          const scaled = Objective.scale(objective, factor)
          const whole = owners === null ? scaled : Objective.restrict(scaled, owners)
          const list = Objective.parts(whole)
          const sum = list.map((part) => evaluate(part.objective, batch))
          const all = evaluate(whole, batch)
          for (const field of ["loss", "derivative", "entropyDerivative"] as const) {
            expectAllClose(all[field].map((_, token) => sum.reduce((total, part) => total + part[field][token]!, 0)), all[field])
          }
          expect(new Set(list.map(({ name }) => name)).size).toBe(list.length)
        }
      )
    )
  })

  it("parts: names, paths, factors and owners of a nested objective", () => {
    const nested = Objective.restrict(
      Objective.add(Objective.nll(), Objective.scale(Objective.restrict(Objective.klInLoss({ beta: 1 }), ["decision", "sampling"]), 3)),
      "decision"
    )
    expect(Objective.parts(Objective.add(nested, Objective.nll())).map(({ factor, name, owners, path }) => [name, path, factor, owners]))
      .toEqual([
        ["nll-decision", "objective.parts[0].objective.parts[0]", 1, ["decision"]],
        ["kl-k3-decision", "objective.parts[0].objective.parts[1].objective.objective", 3, ["decision"]],
        ["nll", "objective.parts[1]", 1, null]
      ])
  })

  it("for every objective and batch, nobody's tokens have loss and derivative 0, and inputs are left as they were", () => {
    fc.assert(
      fc.property(anyObjective, tokenBatch(), (objective, batch) => {
        const before = structuredClone(batch)
        const { derivative, entropyDerivative, loss } = evaluate(objective, batch)
        batch.owner.forEach((owner, token) => {
          if (owner === NOT_OWNED) expect([loss[token], derivative[token], entropyDerivative[token]]).toEqual([0, 0, 0])
        })
        expect(batch).toEqual(before)
      })
    )
  })
})

describe("Objective: errors", () => {
  const batch = row({ logProbs: [-1] })
  it("names the column that an objective lacks", () => {
    const missing = (objective: Objective.Objective, columns: TokenBatch = batch) => reasonOf(() => evaluate(objective, columns))
    expect(missing(Objective.surrogate())).toMatchObject({ _tag: "MissingInput", what: "advantages" })
    const advantages = { ...batch, advantages: Float64Array.of(1) }
    expect(missing(Objective.surrogate(), advantages)).toMatchObject({ what: "oldLogProbs" })
    expect(missing(Objective.surrogate({ ratio: "sequence" }), advantages)).toMatchObject({ what: "oldLogProbs" })
    expect(missing(Objective.klInLoss({ beta: 1 }))).toMatchObject({ what: "referenceLogProbs" })
    const referenced = { ...batch, referenceLogProbs: Float64Array.of(-1) }
    expect(missing(Objective.klInLoss({ beta: 1, corrected: true }), referenced)).toMatchObject({ what: "oldLogProbs" })
  })

  it("names a loss of one's own that gives no number, unless log π itself is none", () => {
    const own = (term: object) => Objective.custom({ name: "own", evaluate: () => term as { loss: number; derivative: number } })
    const refusal = (term: object) => reasonOf(() => evaluate(own(term), batch))
    expect(refusal({ loss: 1, derivatve: 1 })).toEqual({ _tag: "NonFinite", what: `derivative of "own"`, index: 0, value: undefined })
    expect(refusal({ loss: Infinity, derivative: 1 })).toMatchObject({ what: `loss of "own"`, value: Infinity })
    expect(refusal({ loss: 1, derivative: 1, entropyDerivative: NaN })).toMatchObject({ what: `entropyDerivative of "own"` })
    expect([...evaluate(own({ loss: NaN, derivative: 1 }), row({ logProbs: [NaN] })).loss]).toEqual([NaN])
  })

  it("names an unknown sub-policy and those there are", () => {
    expect(reasonOf(() => evaluate(Objective.restrict(Objective.nll(), "verifier"), batch))).toEqual({
      _tag: "UnknownOwner",
      owner: "verifier",
      names: ["sampling", "decision"]
    })
  })

  it("an empty batch has no losses, and aggregates to 0", () => {
    const empty: TokenBatch = { offsets: Int32Array.of(0), owner: new Uint8Array(0), logProbs: new Float64Array(0) }
    const { loss } = evaluate(Objective.nll(), empty)
    expect(Aggregate.aggregate(Aggregate.weights(Aggregate.tokenMean, empty.offsets, empty.owner), loss)).toBe(0)
  })
})

describe("Objective.assertOwners", () => {
  it("finds an unknown name wherever it stands, also under a restriction that would drop it", () => {
    const nested = Objective.restrict(
      Objective.add(Objective.nll(), Objective.scale(Objective.restrict(Objective.nll(), "critic"), 2)),
      "sampling"
    )
    expect(reasonOf(() => Objective.assertOwners(nested, TWO_STAGE))).toMatchObject({ _tag: "UnknownOwner", owner: "critic" })
    expect(() => Objective.assertOwners(nested, { names: ["sampling", "critic"] })).not.toThrow()
  })
})
