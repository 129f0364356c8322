import { describe, expect, it } from "vitest"
import { Result, Schema } from "effect"
import { ConfigError } from "../../src/domain/Errors.ts"
import { caught } from "../../src/domain/Throws.ts"
import { LossChoice } from "../../src/training/LossChoice.ts"
import * as Advantage from "../../src/theory/Advantage.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import * as Kl from "../../src/theory/Kl.ts"
import * as Objective from "../../src/theory/Objective.ts"
import * as RolloutCorrection from "../../src/theory/RolloutCorrection.ts"
import * as TokenAdvantage from "../../src/theory/TokenAdvantage.ts"
import * as AdvantageRule from "../../src/training/AdvantageRule.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as Presets from "../../src/training/Presets.ts"
import { constant } from "../../src/training/Schedule.ts"
import { groupRelative, type GroupRelativeSettings, supervised, type SupervisedSettings } from "../../src/training/TrainerSettings.ts"

const schedule = constant(0.1)
const least: GroupRelativeSettings = { schedule, queries: 6, maxTokens: 24 }

describe("settings of reinforcement learning", () => {
  it.each(Presets.GROUP_RELATIVE_NAMES)("%s: what is left out is the preset's, and the same for all trainers", (name) => {
    const preset = Presets.groupRelative(24)[name]
    // Clips are spread over the surrogate, advantages compared as values.
    expect(groupRelative(name, least)).toEqual({
      ...preset,
      optimizer: adam,
      schedule,
      clipNorm: 1,
      attributionEvery: 20,
      queries: 6,
      miniBatchQueries: 6
    })
  })

  it.each<readonly [given: Partial<GroupRelativeSettings>, becomes: object]>([
    [{ optimizer: { ...adam, beta2: 0.9 } }, { optimizer: { ...adam, beta2: 0.9 } }],
    [{ clipNorm: 0.5 }, { clipNorm: 0.5 }],
    [{ attributionEvery: 0 }, { attributionEvery: 0 }],
    [{ microBatches: 3 }, { microBatches: 3 }],
    [{ partition: ["plan", "execute"] }, { partition: { names: ["plan", "execute"] } }],
    [{ miniBatchQueries: 2 }, { queries: 6, miniBatchQueries: 2 }],
    [{ maxTokens: 7 }, { sampling: { ...Presets.paper.sampling, maxTokens: 7 } }],
    [{ groupSize: 3 }, { groupSize: 3 }],
    [{ epochs: 4 }, { epochs: 4 }],
    [{ temperature: 0.5 }, { sampling: { ...Presets.paper.sampling, maxTokens: 24, temperature: 0.5 } }],
    [{ clipLow: null }, { objective: { ...Presets.paper.objective, clipLow: null } }],
    [{ clipHigh: 0.4 }, { objective: { ...Presets.paper.objective, clipHigh: 0.4 } }],
    [{ dualClip: 5 }, { objective: { ...Presets.paper.objective, dualClip: 5 } }],
    [{ advantage: { _tag: "LeaveOneOut" } }, { advantage: AdvantageRule.fromChoice({ _tag: "LeaveOneOut" }) }],
    [{ kl: { _tag: "None" } }, { kl: Kl.none }],
    [{ kl: { _tag: "InReward", beta: 0.2, gamma: 0.5 } }, { kl: Kl.inReward({ beta: 0.2, gamma: 0.5 }) }],
    [{ kl: { _tag: "InLoss", beta: 0.2, estimator: "k2", clamp: 3 } }, { kl: Kl.inLoss({ beta: 0.2, estimator: "k2", clamp: 3 }) }],
    [{ entropyCoefficient: 0.3 }, { entropyCoefficient: 0.3, objective: Presets.paper.objective }],
    [{ aggregation: "seq-mean-token-mean" }, { aggregation: Aggregate.seqMeanTokenMean }],
    [{ aggregation: "seq-mean-token-sum-norm" }, { aggregation: Aggregate.seqMeanTokenSumNorm(24) }],
    [{ aggregation: "token-sum" }, { aggregation: Aggregate.tokenSum }],
    [{ aggregation: "seq-mean-token-sum", aggregationVariant: "trl" }, { aggregation: { _tag: "seq-mean-token-sum", variant: "trl" } }],
    [{ aggregationVariant: "trl" }, { aggregation: Aggregate.tokenMean }],
    [{ loss: { _tag: "Surrogate", ratio: "product" } }, { objective: Objective.surrogate({ ratio: "product" }) }],
    [{ loss: { _tag: "Cispo" }, clipHigh: 2 }, { objective: Objective.cispo({ clipHigh: 2 }) }],
    [{ loss: { _tag: "GeometricMean", clipLow: null } }, { objective: Objective.geometricMean({ clipLow: null }) }],
    [{ loss: { _tag: "Sapo", temperatureNegative: 2 } }, { objective: Objective.sapo({ temperatureNegative: 2 }) }],
    [{ loss: { _tag: "Vespo", kPositive: 1 } }, { objective: Objective.vespo({ kPositive: 1 }) }],
    [{ loss: { _tag: "Dppo", divergence: "kl" }, clipLow: null }, { objective: Objective.dppo({ divergence: "kl", clipLow: null }) }],
    [{ loss: { _tag: "Dro", beta: 0.5 } }, { objective: Objective.dro({ beta: 0.5 }) }],
    [{ loss: { _tag: "ClipCov", lower: 0.5 } }, { objective: Objective.clipCov({ lower: 0.5 }) }],
    [{ loss: { _tag: "KlCov", fraction: 0.1 } }, { objective: Objective.klCov({ fraction: 0.1 }) }],
    [{ maskTruncated: true }, { maskTruncated: true }],
    [{ maskZeroVariance: true }, { maskZeroVariance: true }],
    [{ referenceEvery: 9 }, { referenceEvery: 9 }],
    [{ advantage: { _tag: "Gdpo", weights: [2, 1] } }, { advantage: Advantage.gdpo({ weights: [2, 1] }) }],
    [{ advantage: { _tag: "TurnLevel", potential: 1 } }, { advantage: TokenAdvantage.turnCredit({ potential: 1 }) }],
    [{ advantage: { _tag: "ReinforcePlusPlus" } }, { advantage: AdvantageRule.reinforcePlusPlus() }],
    [{ kl: { _tag: "InReward", beta: 0.2, placement: "verl" } }, { kl: Kl.inReward({ beta: 0.2, placement: "verl" }) }],
    [{ correction: { weights: { level: "token" }, veto: 1e-4 } }, {
      correction: { weights: RolloutCorrection.importanceWeights({ level: "token" }), veto: 1e-4 }
    }],
    [{ correction: { rejections: [{ estimator: "k1", level: "mean", high: 1.001 }] } }, {
      correction: { rejections: [{ estimator: "k1", level: "mean", low: 1 / 1.001, high: 1.001 }] }
    }],
    [{ offPolicyThreshold: 0.5 }, { offPolicyThreshold: 0.5 }],
    [{ highEntropyShare: 0.2 }, { highEntropyShare: 0.2 }],
    [{ overlong: { buffer: 4 } }, { overlong: { buffer: 4, factor: 1 } }],
    [{ dynamicSampling: { maxBatches: 3 } }, { dynamicSampling: { maxBatches: 3 } }],
    [{ adaptiveKl: {} }, { adaptiveKl: { target: 0.1, horizon: 10_000 } }],
    [{ adaptiveEntropy: { target: 0.5 } }, { adaptiveEntropy: { target: 0.5, delta: 0.005, min: 0, max: 1 } }],
    [
      { restrict: "decision", entropyCoefficient: 0.3 },
      {
        objective: Objective.restrict(Objective.add(Presets.paper.objective, Objective.entropyBonus({ coefficient: 0.3 })), "decision"),
        // The bonus is in the restricted part; another one would train every token.
        entropyCoefficient: 0
      }
    ]
  ])("%j changes that alone", (given, becomes) => {
    expect(groupRelative("grpo", { ...least, ...given })).toEqual({ ...groupRelative("grpo", least), ...becomes })
  })
})

describe("a clip bound of a loss that has none", () => {
  it("is refused with its field, not left out", () => {
    const refusal = (name: Presets.GroupRelativeName, given: Partial<GroupRelativeSettings>) =>
      caught([ConfigError], () => groupRelative(name, { ...least, ...given }))
    const field = (result: ReturnType<typeof refusal>) => Result.isFailure(result) ? [result.failure.field, result.failure.expected] : []
    expect(field(refusal("sapo", { clipLow: 0.1 }))).toEqual(["clipLow", "no such field beside the loss Sapo, which has no clip bounds"])
    expect(field(refusal("cispo", { dualClip: 3 }))).toEqual([
      "dualClip",
      "no such field beside the loss Cispo, which has clipLow, clipHigh"
    ])
    expect(field(refusal("cispo", { clipHigh: 3 }))).toEqual([])
  })

  it("so is a band of covariances without an inside, which would clip nothing, and a dual clip that stops what has not moved", () => {
    const refused = (loss: NonNullable<GroupRelativeSettings["loss"]>) =>
      caught([ConfigError], () => groupRelative("cispo", { ...least, loss }))
    const found = refused({ _tag: "ClipCov", upper: 0.5 })
    expect(Result.isFailure(found) && found.failure.field).toBe("loss")
    expect(Result.isFailure(refused({ _tag: "ClipCov", lower: 0.1, upper: 0.5 }))).toBe(false)
    expect([0.5, 1, 1.5].map((dualClip) => Schema.is(LossChoice)({ _tag: "Surrogate", dualClip }))).toEqual([false, false, true])
  })
})

describe("settings of supervised training", () => {
  const least: SupervisedSettings = { schedule, batchSize: 16 }

  it.each(Presets.SUPERVISED_NAMES)("%s: what is left out is the preset's", (name) => {
    expect(supervised(name, least)).toEqual({
      ...Presets.supervised[name],
      optimizer: adam,
      schedule,
      clipNorm: 1,
      attributionEvery: 20,
      batchSize: 16
    })
  })

  it("weights sum the named shares, 1 left as it is; a restriction is of the whole", () => {
    const [nll, of] = [Objective.nll(), Objective.restrict]
    const weighted = Objective.add(of(nll, "sampling"), Objective.scale(of(nll, "decision"), 0.5))
    const weights = { sampling: 1, decision: 0.5 }
    expect(supervised("sft", { ...least, weights }).objective).toEqual(weighted)
    expect(supervised("sft", { ...least, weights: {} }).objective).toEqual(nll)
    expect(supervised("sft", { ...least, restrict: "sampling" }).objective).toEqual(of(nll, "sampling"))
    expect(supervised("sft", { ...least, weights, restrict: "decision" }).objective).toEqual(of(weighted, "decision"))
    expect(supervised("dft", { ...least, partition: ["plan"] }).partition).toEqual({ names: ["plan"] })
  })
})
