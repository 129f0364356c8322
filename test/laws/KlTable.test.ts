/**
 * Claim C46 and what theory and runs make of C16, C18 and C20: estimator × placement × aggregation of a KL penalty, against
 * autodiff, a token-by-token enumeration through the losses that a trainer runs, and the closed forms of the three-logit model.
 */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Aggregate,
  expectedKlGradient,
  Kl,
  type KlCase,
  KlChoice,
  klTable,
  type KlTableModel,
  type KlTableRow,
  logSigmoid,
  logSoftmax,
  Objective,
  sigmoid,
  softmax,
  ThreeLogit,
  ThreeLogitGradient,
  type TokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { logits } from "../support/Arbitraries.ts"
import { DIFFERENCE, expectAllClose, expectClose } from "../../src/laws/support/Approx.ts"
import { gradient } from "../support/Autodiff.ts"
import { centralDifference } from "../../src/laws/support/CentralDifference.ts"
import { type Algebra, type Differentiable, logSoftmaxOf, sumOf, times } from "../support/Differentiable.ts"
import { reasonOf } from "../support/Errors.ts"
import { threeLogits } from "../support/ThreeLogitArbitraries.ts"
import { asLogits, asVector } from "../support/ThreeLogitOracle.ts"

const COMBINATIONS = Kl.ESTIMATORS.flatMap((estimator) =>
  KlChoice.PLACEMENTS.filter((placement) => !(Kl.isStraightThrough(estimator) && placement === "reward")).map(
    (placement) => ({ estimator, placement })
  )
)

/** Two softmaxes whose every option differs by more than rounding, so that no two distances agree by accident. */
const apart = fc
  .tuple(logits(3), logits(3))
  .filter(([policy, reference]) => logSoftmax(policy).every((value, option) => Math.abs(value - logSoftmax(reference)[option]!) > 0.05))
  .map(([policy, reference]): KlChoice.Choice => ({ policy, reference }))

describe("One choice: every estimator and placement descends a distance that has a name", () => {
  it("the named distances' gradients are autodiff's of their definitions, for all pairs of policies", () => {
    const distances = ({ reference }: KlChoice.Choice) => {
      const logRef = logSoftmax(reference)
      const over = (
        term: <T>(algebra: Algebra<T>, logP: T, option: number) => T
      ): Differentiable =>
      (algebra, parameters) => sumOf(algebra, logSoftmaxOf(algebra, parameters).map((logP, option) => term(algebra, logP, option)))
      const absolute = <T>(algebra: Algebra<T>, value: T): T => algebra.maximum(value, times(algebra, -1, value))
      const ratio = <T>(algebra: Algebra<T>, logP: T, option: number): T => algebra.subtract(logP, algebra.constant(logRef[option]!))
      return {
        "reverse KL": over((algebra, logP, option) => algebra.multiply(algebra.exp(logP), ratio(algebra, logP, option))),
        "forward KL": over((algebra, logP, option) => times(algebra, -Math.exp(logRef[option]!), logP)),
        "L1 distance": over((algebra, logP, option) =>
          absolute(algebra, algebra.subtract(algebra.exp(logP), algebra.constant(Math.exp(logRef[option]!))))
        ),
        "half mean square": over((algebra, logP, option) => {
          const x = ratio(algebra, logP, option)
          return times(algebra, 0.5, algebra.multiply(algebra.exp(logP), algebra.multiply(x, x)))
        }),
        "mean absolute": over((algebra, logP, option) =>
          algebra.multiply(algebra.exp(logP), absolute(algebra, ratio(algebra, logP, option)))
        )
      } as const
    }
    fc.assert(
      fc.property(apart, (choice) => {
        const found = KlChoice.divergenceGradients(choice)
        const exact = Object.fromEntries(
          Object.entries(distances(choice)).map(([name, distance]) => [name, gradient(distance, choice.policy)])
        )
        for (const [name, slope] of Object.entries(exact)) expectAllClose(found[name as KlChoice.DivergenceName], slope, 1e-9, name)
        const minus = (left: string, right: string) => exact[left]!.map((value, option) => value - exact[right]![option]!)
        expectAllClose(found["reverse KL - forward KL"], minus("reverse KL", "forward KL"))
        expectAllClose(found["half mean square - reverse KL"], minus("half mean square", "reverse KL"))
        expectAllClose(found["mean absolute - L1 distance"], minus("mean absolute", "L1 distance"))
        expectAllClose(
          found["2 reverse KL - forward KL"],
          minus("reverse KL", "forward KL").map((value, option) => value + exact["reverse KL"]![option]!)
        )
      }),
      { numRuns: 25 }
    )
  })

  it("the expected gradient is that of the losses and rewards that a trainer computes, for all pairs and combinations", () => {
    fc.assert(
      fc.property(apart, fc.constantFrom(...COMBINATIONS), ({ policy, reference }, { estimator, placement }) => {
        const logProbs = logSoftmax(policy)
        const batch = {
          offsets: Int32Array.of(0, 1, 2, 3),
          owner: new Uint8Array(3),
          logProbs,
          oldLogProbs: logProbs,
          referenceLogProbs: logSoftmax(reference)
        }
        const slopes = placement === "reward"
          ? Kl.tokenRewards({ _tag: "InReward", estimator: estimator as Kl.InReward["estimator"], beta: 1, gamma: 1 }, batch).map((
            reward
          ) => -reward)
          : Objective.evaluate(Objective.klInLoss({ beta: 1, estimator, corrected: placement === "loss-corrected" }), batch, TWO_STAGE)
            .derivative
        const p = softmax(policy)
        const expected = p.map((_, entry) =>
          slopes.reduce((sum, slope, option) => sum + p[option]! * slope * ((entry === option ? 1 : 0) - p[entry]!), 0)
        )
        expectAllClose(KlChoice.expectedGradient(estimator, placement, { policy, reference }), expected)
      })
    )
  })

  it("which distance it is: k1 none in the loss, k2 and corrected k1, k3 reverse KL, k3 in the loss forward KL; the others by name", () => {
    fc.assert(
      fc.property(apart, (choice) => {
        const names = COMBINATIONS.map(({ estimator, placement }) => [
          `${estimator}, ${placement}`,
          KlChoice.matchingDivergence(estimator, placement, [choice])
        ])
        expect(Object.fromEntries(names)).toEqual({
          "k1, loss": "zero",
          "k1, loss-corrected": "reverse KL",
          "k1, reward": "reverse KL",
          "k2, loss": "reverse KL",
          "k2, loss-corrected": "half mean square",
          "k2, reward": "half mean square - reverse KL",
          "k3, loss": "forward KL",
          "k3, loss-corrected": "reverse KL",
          "k3, reward": "reverse KL - forward KL",
          "abs, loss": "L1 distance",
          "abs, loss-corrected": "mean absolute",
          "abs, reward": "mean absolute - L1 distance",
          // Straight through, the gradient in the loss is k2's; corrected, the estimator's own value joins it.
          "k1-straight-through, loss": "reverse KL",
          "k1-straight-through, loss-corrected": "2 reverse KL",
          "k3-straight-through, loss": "reverse KL",
          "k3-straight-through, loss-corrected": "2 reverse KL - forward KL",
          "abs-straight-through, loss": "reverse KL",
          "abs-straight-through, loss-corrected": "reverse KL + mean absolute - L1 distance"
        })
      })
    )
  })

  it("k3 in the loss pulls towards the forward KL: on every pair of distributions its gradient is π − π_ref, which the reverse KL's is not", () => {
    fc.assert(
      fc.property(apart, (choice) => {
        const pull = KlChoice.expectedGradient("k3", "loss", choice)
        const [now, reference] = [softmax(choice.policy), softmax(choice.reference)]
        expectAllClose(pull, now.map((value, option) => value - reference[option]!))
        expect(KlChoice.matchingDivergence("k2", "loss", [choice])).not.toBe("forward KL")
      })
    )
  })
})

const AGGREGATIONS = [
  Aggregate.tokenMean,
  Aggregate.seqMeanTokenMean,
  Aggregate.seqMeanTokenSum,
  Aggregate.seqMeanTokenSumNorm(16)
] as const

interface TokenTrajectory {
  readonly probability: number
  /** The logit of each token, whether its favoured option was taken, and whose token it is. */
  readonly tokens: ReadonlyArray<{ readonly logit: ThreeLogit.LogitName; readonly favoured: boolean }>
}

/** Every trajectory with every answer token spelled out. */
const spelledOut = ({ maxCycles, policy }: KlTableModel, length: number): ReadonlyArray<TokenTrajectory> => {
  const extend = (from: TokenTrajectory, cycle: number): ReadonlyArray<TokenTrajectory> =>
    Array.from({ length: 2 ** length }, (_, bits) => Array.from({ length }, (_, token) => ((bits >> token) & 1) === 0)).flatMap(
      (answer) => {
        const decider = answer[0]! ? "stopGivenCorrect" as const : "resampleGivenWrong" as const
        return [true, false].flatMap((favoured) => {
          const added = [...answer.map((each) => ({ logit: "sampleCorrect" as const, favoured: each })), { logit: decider, favoured }]
          const next = {
            tokens: [...from.tokens, ...added],
            probability: added.reduce(
              (product, token) => product * sigmoid(token.favoured ? policy[token.logit] : -policy[token.logit]),
              from.probability
            )
          }
          const resamples = favoured === (decider === "resampleGivenWrong")
          return resamples && cycle < maxCycles ? extend(next, cycle + 1) : [next]
        })
      }
    )
  return extend({ tokens: [], probability: 1 }, 1)
}

const batchOf = (
  trajectories: ReadonlyArray<TokenTrajectory>,
  { policy, reference }: KlTableModel
): Required<Omit<TokenBatch, "advantages" | "entropies" | "selected">> => {
  const tokens = trajectories.flatMap((each) => each.tokens)
  const logProbs = (logitsOf: ThreeLogit.ThreeLogits) =>
    Float64Array.from(tokens, ({ favoured, logit }) => logSigmoid(favoured ? logitsOf[logit] : -logitsOf[logit]))
  const offsets = new Int32Array(trajectories.length + 1)
  trajectories.forEach((each, index) => {
    offsets[index + 1] = offsets[index]! + each.tokens.length
  })
  return {
    offsets,
    owner: Uint8Array.from(tokens, ({ logit }) => (logit === "sampleCorrect" ? 0 : 1)),
    logProbs: logProbs(policy),
    oldLogProbs: logProbs(policy),
    referenceLogProbs: logProbs(reference)
  }
}

/** The expected gradient the long way: every token's derivative from the trainer's loss, weighed as the aggregation weighs it. */
const byTokens = (model: KlTableModel, { aggregation, estimator, length, placement }: KlCase): ReadonlyArray<number> => {
  const trajectories = spelledOut(model, length)
  const batch = batchOf(trajectories, model)
  const slopes = placement === "reward"
    ? Kl.rewardAdvantages({ _tag: "InReward", estimator: estimator as Kl.InReward["estimator"], beta: 1, gamma: 1 }, batch).map((value) =>
      -value
    )
    : Objective.evaluate(Objective.klInLoss({ beta: 1, estimator, corrected: placement === "loss-corrected" }), batch, TWO_STAGE).derivative
  const meanTokens = trajectories.reduce((sum, each) => sum + each.probability * each.tokens.length, 0)
  const counts = { tokens: meanTokens, sequences: 1, rows: 1 }
  const weights = Aggregate.weights(aggregation, batch.offsets, batch.owner, { counts })
  const total = { sampleCorrect: 0, stopGivenCorrect: 0, resampleGivenWrong: 0 }
  trajectories.forEach(({ probability, tokens }, index) => {
    tokens.forEach(({ favoured, logit }, position) => {
      const token = batch.offsets[index]! + position
      const score = favoured ? sigmoid(-model.policy[logit]) : -sigmoid(model.policy[logit])
      total[logit] += probability * weights[token]! * slopes[token]! * score
    })
  })
  return asVector(total)
}

describe("Whole trajectories: the table is the mean of what a trainer's batch would give", () => {
  it("for all policies, combinations, aggregations, lengths and caps it is the enumeration token by token", () => {
    fc.assert(
      fc.property(
        threeLogits,
        threeLogits,
        fc.constantFrom(...COMBINATIONS),
        fc.constantFrom(...AGGREGATIONS),
        fc.constantFrom([1, 1], [1, 3], [2, 2], [3, 2]),
        (policy, reference, combination, aggregation, [length, maxCycles]) => {
          const model = { policy, reference, maxCycles }
          const options = { ...combination, aggregation, length }
          expectAllClose(asVector(expectedKlGradient(model, options)), byTokens(model, options))
        }
      ),
      { numRuns: 200 }
    )
  })

  it("k1 in the reward under token sums is the three-logit model's exact KL gradient, where the cap is out of reach", () => {
    const stopping = fc.tuple(threeLogits, fc.integer({ min: 1, max: 60 })).map(([each, length]) => ({
      policy: { ...each, stopGivenCorrect: 3 + each.stopGivenCorrect / 6, resampleGivenWrong: -3 + each.resampleGivenWrong / 6 },
      length
    }))
    fc.assert(
      fc.property(stopping, threeLogits, ({ length, policy }, reference) => {
        const found = expectedKlGradient(
          { policy, reference, maxCycles: 9 },
          { estimator: "k1", placement: "reward", aggregation: Aggregate.seqMeanTokenSum, length }
        )
        const exact =
          ThreeLogitGradient.klPenaltyLogitGradient({ policy, reference, lengths: { correct: length, wrong: length }, beta: 1 }).total
        expectAllClose(asVector(found), asVector(exact).map((drag) => -drag), 1e-7)
      }),
      { numRuns: 30 }
    )
  })
})

const growing = { aggregations: AGGREGATIONS, lengths: [256, 1024, 4096] }
const away = fc.tuple(threeLogits, threeLogits).filter(([policy, reference]) =>
  ThreeLogit.LOGIT_NAMES.every((name) => Math.abs(policy[name] - reference[name]) > 0.2)
)
const rowsWith = (rows: ReadonlyArray<KlTableRow>, estimator: string, placement: string) =>
  rows.filter((row) => row.estimator === estimator && row.placement === placement)

/** sampling : decision under token sums. */
const sumRatio = (model: KlTableModel, placement: KlChoice.PlacementName, estimator: Kl.Estimator, length: number): number =>
  ThreeLogitGradient.attributeLogits(expectedKlGradient(model, { estimator, placement, aggregation: Aggregate.seqMeanTokenSum, length }))
    .ratio!

describe("Growth with the answer's length L", () => {
  it("in the loss, for all policies: the ratio sampling : decision is L times its value at L = 1, whatever the estimator", () => {
    fc.assert(
      fc.property(
        away,
        fc.constantFrom("k2", "k3", "abs", "k3-straight-through"),
        fc.integer({ min: 2, max: 500 }),
        ([policy, reference], estimator, length) => {
          const model = { policy, reference, maxCycles: 3 }
          expectClose(sumRatio(model, "loss", estimator, length) / sumRatio(model, "loss", estimator, 1), length)
        }
      ),
      { numRuns: 40 }
    )
  })

  it("in the reward, for all policies: a decision's part grows with L as well, so the ratio has a limit", () => {
    fc.assert(
      fc.property(away, ([policy, reference]) => {
        const model = { policy, reference, maxCycles: 3 }
        expect(Math.abs(sumRatio(model, "reward", "k1", 2e8) / sumRatio(model, "reward", "k1", 1e8) - 1)).toBeLessThan(1e-3)
      }),
      { numRuns: 10 }
    )
  })

  it("at appendix C's policy: k3 in the loss has ratio 10.9 at L = 8 and 696 at L = 512, k1 in the reward 11.1 and 138", () => {
    const model = {
      policy: { sampleCorrect: 0.4, stopGivenCorrect: 2.2, resampleGivenWrong: 1.4 },
      reference: { sampleCorrect: 0.3, stopGivenCorrect: 2, resampleGivenWrong: 1.2 },
      maxCycles: 8
    }
    const ratios = (placement: "loss" | "reward", estimator: Kl.Estimator) =>
      [8, 512].map((length) => sumRatio(model, placement, estimator, length))
    const [k3, k1] = [ratios("loss", "k3"), ratios("reward", "k1")]
    expectClose(k3[0]!, 10.88, 1e-3)
    expectClose(k3[1]!, 696, 1e-3)
    expectClose(k1[0]!, 11.08, 1e-3)
    expectClose(k1[1]!, 138.5, 1e-3)
  })

  it("C46 at the reference the two agree: their gradients differ by less than 1 % of themselves at a distance of 1e-5, for all directions", () => {
    fc.assert(
      fc.property(threeLogits, threeLogits, (policy, direction) => {
        fc.pre(ThreeLogit.LOGIT_NAMES.every((name) => Math.abs(direction[name]) > 0.1))
        const reference = ThreeLogit.mapLogits((name) => policy[name] - 1e-5 * direction[name])
        const at = (placement: KlChoice.PlacementName, estimator: Kl.Estimator) =>
          expectedKlGradient({ policy, reference, maxCycles: 4 }, {
            estimator,
            placement,
            aggregation: Aggregate.seqMeanTokenSum,
            length: 8
          })
        const [loss, reward] = [at("loss", "k3"), at("reward", "k1")]
        for (const name of ThreeLogit.LOGIT_NAMES) expect(Math.abs(loss[name] / reward[name] - 1)).toBeLessThan(0.01)
      }),
      { numRuns: 40 }
    )
  })

  it("C20 in the runs' placement: with k3 in the loss under token sums, what holds π_D is free of L for all policies", () => {
    fc.assert(
      fc.property(threeLogits, threeLogits, fc.integer({ min: 2, max: 4000 }), (policy, reference, length) => {
        const at = (tokens: number) =>
          expectedKlGradient({ policy, reference, maxCycles: 3 }, {
            estimator: "k3",
            placement: "loss",
            aggregation: Aggregate.seqMeanTokenSum,
            length: tokens
          })
        const [one, many] = [at(1), at(length)]
        expectClose(many.stopGivenCorrect, one.stopGivenCorrect)
        expectClose(many.resampleGivenWrong, one.resampleGivenWrong)
        expectClose(many.sampleCorrect, length * one.sampleCorrect)
      }),
      { numRuns: 40 }
    )
  })

  it("C20 at p = c = w = ½, Δ = ½, L = 100: the push of ¼ on θ_W outlasts k3 in the loss (0.122) and not k1 in the reward (1.68)", () => {
    const policy = asLogits([0, 0, 0])
    const model = { policy, reference: ThreeLogit.mapLogits(() => -0.5), maxCycles: 12 }
    const drag = (placement: KlChoice.PlacementName, estimator: Kl.Estimator) =>
      expectedKlGradient(model, { estimator, placement, aggregation: Aggregate.seqMeanTokenSum, length: 100 }).resampleGivenWrong
    expectClose(ThreeLogitGradient.surrogateLogitGradient(policy).resampleGivenWrong, 0.25)
    expectClose(drag("loss", "k3"), sigmoid(0) - sigmoid(-0.5), 1e-3)
    expectClose(drag("loss", "k3"), 0.1224, 1e-3)
    expectClose(drag("reward", "k1"), 1.682, 1e-3)
  })

  it("under both means the decision's part of a penalty in the loss is diluted as 1/L; under both sums the answer's grows as L", () => {
    const model = { policy: asLogits([0.4, 2.2, 1.4]), reference: asLogits([-0.5, 1, 0.2]), maxCycles: 4 }
    for (const row of rowsWith(klTable(model, growing), "k3", "loss")) {
      const diluted = row.aggregation._tag === "token-mean" || row.aggregation._tag === "seq-mean-token-mean"
      expect(Math.abs(row.growth.decision! - (diluted ? -1 : 0))).toBeLessThan(0.01)
      expect(Math.abs(row.growth.sampling! - (diluted ? 0 : 1))).toBeLessThan(0.01)
      expect(Math.abs(row.growth.ratio! - 1)).toBeLessThan(0.01)
    }
  })

  it("the table's entries agree with the gradients that they come from, and name one distance for all three logits", () => {
    const model = { policy: asLogits([0.4, 2.2, 1.4]), reference: asLogits([-0.5, 1, 0.2]), maxCycles: 3 }
    const rows = klTable(model, { aggregations: AGGREGATIONS, lengths: [1, 8] })
    expect(rows.length).toBe(COMBINATIONS.length * AGGREGATIONS.length)
    for (const { aggregation, divergence, entries, estimator, growth, placement } of rows) {
      expect(divergence).not.toBe(null)
      for (const { decision, decisionShare, length, ratio, sampling } of entries) {
        const gradient = expectedKlGradient(model, { aggregation, estimator, length, placement })
        expectClose(sampling, Math.abs(gradient.sampleCorrect))
        expectClose(decision, Math.hypot(gradient.stopGivenCorrect, gradient.resampleGivenWrong))
        if (ratio !== null) expectClose(decisionShare!, 1 / (1 + ratio))
      }
      if (entries.every(({ ratio }) => ratio !== null)) {
        const [one, eight] = entries
        expectClose(growth.ratio!, Math.log(eight!.ratio! / one!.ratio!) / Math.log(8))
      }
    }
  })
})

describe("k1 in the loss", () => {
  it("has zero expected gradient for all policies, lengths and caps under token-mean and both sums", () => {
    fc.assert(
      fc.property(
        threeLogits,
        threeLogits,
        fc.constantFrom(AGGREGATIONS[0], AGGREGATIONS[2], AGGREGATIONS[3]),
        fc.integer({ min: 1, max: 99 }),
        (policy, reference, aggregation, length) => {
          const found = expectedKlGradient({ policy, reference, maxCycles: 4 }, { estimator: "k1", placement: "loss", aggregation, length })
          expectAllClose(asVector(found), [0, 0, 0])
        }
      ),
      { numRuns: 40 }
    )
  })

  it("qualified: under sequence-mean-token-mean it is the gradient of E[1/tokens], a push towards longer trajectories, whatever the reference", () => {
    fc.assert(
      fc.property(threeLogits, threeLogits, fc.integer({ min: 1, max: 9 }), (policy, reference, length) => {
        const model = { policy, reference, maxCycles: 3 }
        const found = expectedKlGradient(model, { estimator: "k1", placement: "loss", aggregation: Aggregate.seqMeanTokenMean, length })
        const slope = centralDifference((at) => {
          const each = spelledOut({ ...model, policy: asLogits(at) }, 1)
          return each.reduce((sum, { probability, tokens }) => sum + probability / ((tokens.length / 2) * (length + 1)), 0)
        }, asVector(policy))
        expectAllClose(asVector(found), slope, DIFFERENCE)
        // Descending it lowers the chance to stop: STOP on a correct answer down, RESAMPLE on a wrong one up.
        expect(found.stopGivenCorrect).toBeGreaterThan(0)
        expect(found.resampleGivenWrong).toBeLessThan(0)
      }),
      { numRuns: 20 }
    )
  })
})

describe("The table's domain", () => {
  it("refuses a length or a cap that is none, and logits that are not finite", () => {
    const model = { policy: asLogits([0, 0, 0]), reference: asLogits([0, 0, 0]), maxCycles: 2 }
    const options = { estimator: "k1", placement: "loss", aggregation: Aggregate.tokenMean, length: 1 } as const
    expect(reasonOf(() => expectedKlGradient(model, { ...options, length: 0.5 }))).toMatchObject({ what: "length" })
    expect(reasonOf(() => expectedKlGradient({ ...model, maxCycles: 13 }, options))).toMatchObject({ what: "maxCycles" })
    expect(reasonOf(() => expectedKlGradient({ ...model, policy: asLogits([NaN, 0, 0]) }, options))).toMatchObject({ _tag: "NonFinite" })
    expect(reasonOf(() => KlChoice.expectedGradient("k1", "loss", { policy: [0, 1], reference: [0] }))).toMatchObject({
      _tag: "ShapeMismatch"
    })
  })
})
