import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Policy } from "../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import * as Kl from "../../src/theory/Kl.ts"
import * as Objective from "../../src/theory/Objective.ts"
import { config, exact, fixedRollouts, gradientOf, group, ids, LENGTHS, prompt, query, tabular, words } from "../support/FixedRollouts.ts"
import { TWO_STAGE } from "../../src/theory/Partition.ts"
import { deviceWasm } from "../../src/model/device/Wasm.ts"
import * as ModelSpec from "../../src/model/ModelSpec.ts"
import { Backprop } from "../../src/model/Backprop.ts"
import * as Batch from "../../src/model/loss/Batch.ts"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import * as SingleTurn from "../../src/model/grammar/SingleTurn.ts"
import type * as TrainConfig from "../../src/training/TrainConfig.ts"
import * as TrainerSettings from "../../src/training/TrainerSettings.ts"
import * as SupervisedTrainer from "../../src/training/SupervisedTrainer.ts"
import { initialize } from "../../src/training/TrainState.ts"
import * as Update from "../../src/training/Update.ts"

const services = Layer.merge(tabular, exact)

const update = { optimizer: adam, schedule: Schedule.constant(0.01), clipNorm: 1e9, attributionEvery: 0 }
const presets = Presets.groupRelative(8)

// A of GRPO: rewards 1, 1, 0, 0 have mean 1/2 and sample standard deviation √(4 · 1/4 / 3) = √(1/3).
const grae = (epsilon: number) => 0.5 / (Math.sqrt(1 / 3) + epsilon)
const signed = (size: number, weight: number) => [size * weight, size * weight, -size * weight, -size * weight]

/**
 * Each preset's ascent direction Σ_i c_i Σ_t ∇log π_t on these four rollouts, derived by hand: c_i = A_i · weight of a token ·
 * ratio where it is not clipped.
 */
const cases: ReadonlyArray<readonly [name: keyof typeof presets, logRatio: number, coefficients: ReadonlyArray<number>]> = [
  ["grpo", 0, signed(grae(1e-6), 1 / 15)],
  ["grpo-trl", 0, signed(grae(1e-4), 1 / 15)],
  ["grpo-verl", 0, signed(grae(1e-6), 1 / 15)],
  // No scale; B · T = 4 · 8.
  ["drgrpo", 0, signed(0.5, 1 / 32)],
  ["dapo", 0, signed(grae(1e-4), 1 / 15)],
  // r − mean of the three others: 1 − 1/3 and 0 − 2/3.
  ["rloo", 0, signed(2 / 3, 1 / 4)],
  ["reinforce", 0, [1 / 4, 1 / 4, 0, 0]],
  // A sequence counts once: 1 / (4 L_i).
  ["gspo", 0, signed(grae(1e-4), 1 / 4).map((c, i) => c / LENGTHS[i]!)],
  // Only the 9 tokens of right answers, only the 6 of wrong ones.
  ["psr", 0, [1 / 9, 1 / 9, 0, 0]],
  ["nsr", 0, [0, 0, -1 / 6, -1 / 6]],
  ["w-reinforce", 0, [0.1 / 15, 0.1 / 15, -1 / 15, -1 / 15]],
  // At the reference the KL is 0.
  ["rloo-trl", 0, signed(2 / 3, 1 / 4)],
  ["rloo-verl", 0, signed(2 / 3, 1 / 15)],
  // Two are equally good: nobody leads.
  ["grpo-passk", 0, [0, 0, 0, 0]],
  // 9 of the 15 tokens have reward 1.
  ["opo", 0, [0.4, 0.4, -0.6, -0.6].map((value) => value / 15)],
  // The greedy rollout is the first of the four: reward 1.
  ["remax", 0, [0, 0, -1 / 15, -1 / 15]],
  // α = 4/2; and (r − ½)/½.
  ["gpg", 0, signed(1, 1 / 15)],
  ["maxrl", 0, signed(1, 1 / 15)],
  // Over tokens: 9 of 1 and 6 of 0, or of ½ and −½, have 0.4 and −0.6 from their mean and the variance (9 · 0.16 + 6 · 0.36)/14.
  ["reinforce++", 0, [0.4, 0.4, -0.6, -0.6].map((value) => value / Math.sqrt(3.6 / 14 + 1e-8) / 15)],
  ["reinforce++-baseline", 0, [0.4, 0.4, -0.6, -0.6].map((value) => value / Math.sqrt(3.6 / 14 + 1e-8) / 15)],
  // The second has all of the 8 tokens that there are: a punishment of 1, so rewards 1, 0, 0, 0 of deviation ½.
  ["dapo-verl", 0, [0.75, -0.25, -0.25, -0.25].map((value) => value / (0.5 + 1e-6) / 15)],
  // Ratio 1.25 everywhere: above 1.2 a positive advantage is clipped, DAPO's limit is 1.28.
  ["grpo-trl", Math.log(1.25), [0, 0, (-1.25 * grae(1e-4)) / 15, (-1.25 * grae(1e-4)) / 15]],
  ["dapo", Math.log(1.25), signed(1.25 * grae(1e-4), 1 / 15)],
  // Ratio 4 and a negative advantage: verl's dual clip (3) cuts it off, TRL without one does not.
  ["grpo-verl", Math.log(4), [0, 0, 0, 0]],
  ["grpo-trl", Math.log(4), [0, 0, (-4 * grae(1e-4)) / 15, (-4 * grae(1e-4)) / 15]],
  // A mean log-ratio of 0.001 is outside GSPO's 4e-4.
  ["gspo", 0.001, [0, 0, -1, -1].map((sign, i) => (sign * Math.exp(0.001) * grae(1e-4)) / 4 / LENGTHS[i]!)],
  // On policy the weights and gates are 1; what is left is who counts a sequence how.
  ["cispo", 0, signed(grae(1e-4), 1 / 15)],
  ["sapo", 0, signed(grae(1e-4), 1 / 4).map((c, i) => c / LENGTHS[i]!)],
  ["gmpo", 0, signed(grae(1e-4), 1 / 4).map((c, i) => c / LENGTHS[i]!)],
  ["luspo", 0, signed(grae(1e-4), 1 / 4)],
  ["vespo", 0, signed(grae(1e-4), 1 / 15)],
  ["dppo", 0, signed(0.5, 1 / 32)],
  ["dppo-kl", 0, signed(0.5, 1 / 32)],
  ["clip-cov", 0, signed(grae(1e-6), 1 / 15)],
  ["kl-cov", 0, signed(grae(1e-6), 1 / 15)],
  // A weight of 8 is cut to 5, for gains and costs alike, and still trains.
  ["cispo", Math.log(8), signed(5 * grae(1e-4), 1 / 15)],
  // r·4σ(1 − σ) at r = 2: σ(1) for gains, σ(1.05) for costs.
  ["sapo", Math.LN2, [1, 1, -1.05, -1.05].map((x, i) => (Math.sign(x) * 2 * grae(1e-4)) / Math.cosh(x / 2) ** 2 / 4 / LENGTHS[i]!)],
  // A log-ratio of 0.69 is above 0.4: gains are clipped, costs have the geometric mean, 2.
  ["gmpo", Math.LN2, [0, 0, -1, -1].map((sign, i) => (sign * 2 * grae(1e-4)) / 4 / LENGTHS[i]!)],
  ["luspo", 0.003, [0, 0, -1, -1].map((sign) => (sign * Math.exp(0.003) * grae(1e-4)) / 4)],
  // W = r^L: e^3·W²·e^−3W for gains, e²·W³·e^−2W for costs.
  [
    "vespo",
    Math.log(1.25),
    LENGTHS.map((length, i) => {
      const W = 1.25 ** length
      return (i < 2 ? Math.exp(3 - 3 * W) * W ** 2 : -Math.exp(2 - 2 * W) * W ** 3) * grae(1e-4) / 15
    })
  ],
  // Every choice is one of two with nearly even chances: from 1/8 to 1/2 is more than 0.15, and than 0.05 nats.
  ["dppo", Math.log(4), [0, 0, -4 * 0.5 / 32, -4 * 0.5 / 32]],
  ["dppo-kl", Math.log(4), [0, 0, -4 * 0.5 / 32, -4 * 0.5 / 32]],
  ["clip-cov", Math.log(1.25), signed(1.25 * grae(1e-6), 1 / 15)],
  ["clip-cov", Math.log(4), [0, 0, (-4 * grae(1e-6)) / 15, (-4 * grae(1e-6)) / 15]],
  // log π has no ratio to clip.
  ["reinforce", Math.log(4), [1 / 4, 1 / 4, 0, 0]]
]

const settings = (preset: Presets.GroupRelativePreset): GroupRelativeTrainer.GroupRelativeConfig => ({
  ...preset,
  ...update,
  groupSize: 4,
  queries: 1,
  miniBatchQueries: 1
})

/** A configuration with nothing but what it must have. */
const run = {
  seed: 1,
  steps: 1,
  checkpointEvery: 1,
  task: { _tag: "Multiplication", radix: 2, levels: ["1x1"] },
  model: { _tag: "Columns", words: { _tag: "Arithmetic", ...config }, transformer: { width: 8, layers: 1, heads: 1 } },
  schedule: Schedule.constant(0.1),
  queries: 1,
  maxTokens: 8
} as const

describe("presets on groups", () => {
  it.effect.each(cases)(
    "%s at log-ratio %f: the first update follows the gradient derived by hand",
    ([name, logRatio, coefficients]) =>
      Effect.gen(function* () {
        const start = yield* initialize(3)
        const report = yield* GroupRelativeTrainer.step(settings(presets[name]), start.parameters)(start, [query])
        const gradient = yield* gradientOf(start.parameters, coefficients)
        expect(report.metrics.grad_norm).toBeCloseTo(Math.hypot(...gradient), 4)
        // Adam's first step is the rate times the gradient's sign.
        gradient.forEach((slope, k) => {
          if (Math.abs(slope) > 1e-4) expect(report.state.parameters[k]! - start.parameters[k]!).toBeCloseTo(0.01 * Math.sign(slope), 5)
          if (slope === 0) expect(report.state.parameters[k]).toBe(start.parameters[k])
        })
      }).pipe(Effect.provide(fixedRollouts(logRatio)))
  )

  it("carry the field's defaults", () => {
    const { dapo, drGrpo, grpoTrl, grpoVerl, gspo, nsr, paper, psr, reinforce, rloo } = Presets
    expect([grpoTrl, grpoVerl, paper, gspo, psr, nsr].map(({ groupSize }) => groupSize)).toEqual([8, 8, 8, 8, 8, 8])
    expect([dapo, rloo, reinforce].map(({ groupSize }) => groupSize)).toEqual([16, 2, 1])
    expect(paper.kl).toEqual(Kl.inLoss({ beta: 0.001, estimator: "k3", logRatioClamp: 20, clamp: 10 }))
    expect([grpoTrl, grpoVerl, paper, dapo, psr].map(({ sampling }) => sampling.maxTokens)).toEqual([512, 512, 8192, 20_480, 3072])
    expect(
      [grpoTrl, grpoVerl, paper, dapo, rloo, gspo, reinforce, psr, nsr].map((
        { entropyCoefficient, epochs }
      ) => [entropyCoefficient, epochs])
    ).toEqual(Array.from({ length: 9 }, () => [0, 1]))
    expect(rloo.kl).toEqual(Kl.inReward({ beta: 0.05, estimator: "k1" }))
    expect([grpoTrl, grpoVerl, drGrpo(8), dapo, gspo, psr, nsr].map(({ kl }) => kl)).toEqual(Array.from({ length: 7 }, () => Kl.none))
    expect([dapo.maskTruncated, dapo.maskZeroVariance, grpoTrl.maskTruncated]).toEqual([true, true, false])
    expect(Presets.paperSft.batchSize).toBe(128)
    const { clipCov, cispo, dppo, dppoKl, gmpo, klCov, luspo, sapo, vespo } = Presets
    expect([cispo, sapo, gmpo, luspo, vespo, dppo(8), dppoKl(8), clipCov, klCov].map(({ objective }) => objective)).toEqual([
      { _tag: "Cispo", clipLow: null, clipHigh: 4, logRatioClamp: null },
      { _tag: "Sapo", temperaturePositive: 1, temperatureNegative: 1.05, logRatioClamp: null },
      { _tag: "GeometricMean", clipLow: 0.4, clipHigh: 0.4 },
      Objective.surrogate({ ratio: "sequence", clipLow: 2e-3, clipHigh: 2.5e-3 }),
      { _tag: "Vespo", kPositive: 2, lambdaPositive: 3, kNegative: 3, lambdaNegative: 2 },
      { _tag: "Dppo", divergence: "tv", clipLow: 0.15, clipHigh: 0.15, truncation: null },
      { _tag: "Dppo", divergence: "kl", clipLow: 0.05, clipHigh: 0.05, truncation: null },
      { _tag: "ClipCov", fraction: 2e-4, lower: 1, upper: 5, clipLow: 1, clipHigh: 1 },
      { _tag: "KlCov", fraction: 2e-3, coefficient: 1 }
    ])
    expect([dppo(8), dppoKl(8), clipCov, klCov].map(({ groupSize }) => groupSize)).toEqual([16, 16, 8, 8])
  })

  it("are changed by a configuration field by field: advantage and clip as values", () => {
    const changed = (changes: Partial<TrainConfig.GroupRelativeRun>) => TrainerSettings.groupRelative("grpo", { ...run, ...changes })
    expect(changed({}).advantage).toEqual(Presets.paper.advantage)
    expect(changed({ advantage: { _tag: "GroupRelative", scale: "none" } }).advantage).toEqual(Presets.drGrpo(8).advantage)
    expect(changed({ advantage: { _tag: "LeaveOneOut" } }).advantage).toEqual(Presets.rloo.advantage)
    expect(changed({ advantage: { _tag: "Reinforce" } }).advantage).toEqual(Presets.reinforce.advantage)
    expect(changed({ advantage: { _tag: "NegativeReinforcement", kind: "nsr", dropOtherClass: true } }).advantage).toEqual(
      Presets.nsr.advantage
    )
    expect(changed({ advantage: { _tag: "NegativeReinforcement", kind: "weighted", lambda: 0.1 } }).advantage).toEqual(
      Presets.wReinforce.advantage
    )
    expect(changed({ clipLow: 0.1, dualClip: null }).objective).toEqual(Objective.surrogate({ clipLow: 0.1, logRatioClamp: 20 }))
  })

  it.effect.each(["grpo-trl", "drgrpo", "dapo", "rloo", "psr", "nsr", "w-reinforce", "cispo", "vespo", "kl-cov"] as const)(
    "%s finds the optimum of a bandit",
    (name) =>
      Effect.gen(function* () {
        const start = yield* initialize(1)
        const bandit = { ...settings(presets[name]), groupSize: 8, queries: 4, miniBatchQueries: 4, schedule: Schedule.constant(0.1) }
        const reports = yield* Stream.runCollect(
          Stream.take(GroupRelativeTrainer.train(bandit, start.parameters, () => [query, query, query, query])(start), 120)
        )
        expect(reports[0]!.metrics.reward).toBeLessThan(0.8)
        expect(reports[reports.length - 1]!.metrics.reward).toBeGreaterThan(0.9)
      }).pipe(Effect.provide(services))
  )
})

describe("supervised presets", () => {
  it.effect("hand example: SFT's loss is the mean −log π, DFT's the mean −π log π, of the same demonstration", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      const start = yield* initialize(3)
      const [scores] = yield* policy.logProbs(start.parameters, [group[0]!], 1)
      const chosen = [...scores!].filter((value) => value !== 0)
      expect(chosen).toHaveLength(3)
      const loss = (preset: typeof Presets.supervised.sft) =>
        Effect.map(SupervisedTrainer.step({ ...preset, ...update, batchSize: 1 })(start, [group[0]!]), ({ metrics }) => metrics.loss)
      expect(yield* loss(Presets.supervised.sft)).toBeCloseTo(-(chosen[0]! + chosen[1]! + chosen[2]!) / 3, 5)
      expect(yield* loss(Presets.supervised.dft)).toBeCloseTo(-chosen.reduce((sum, value) => sum + Math.exp(value) * value, 0) / 3, 5)
    }).pipe(Effect.provide(services)))
})

describe("single-turn", () => {
  const single = Layer.merge(
    TabularPolicy.layer([prompt]).pipe(Layer.provideMerge(SingleTurn.layer.pipe(Layer.provideMerge(words)))),
    exact
  )

  it.effect("a trajectory is one answer, graded, with no decision; RL on it finds the right one", () =>
    Effect.gen(function* () {
      const policy = yield* Policy
      // Digits only: 3 contexts of two logits; the 4 decision contexts are gone.
      expect(policy.parameterCount).toBe(6)
      const start = yield* initialize(2)
      const rollouts = yield* (yield* Sampler).sample(start.parameters, [1, 2, 3].map((seed) => ({ prompt, seed })), onPolicy)
      for (const { ending, spans, tokens } of rollouts) {
        expect(spans.map(({ kind }) => kind)).toEqual(["sample"])
        expect(ending).toBe("stop")
        expect(tokens).toHaveLength(6)
      }
      const bandit = { ...settings(presets["grpo-trl"]), groupSize: 8, schedule: Schedule.constant(0.1) }
      const reports = yield* Stream.runCollect(Stream.take(GroupRelativeTrainer.train(bandit, start.parameters, () => [query])(start), 100))
      expect(reports[reports.length - 1]!.metrics.p_sample).toBe(1)
      expect(reports[reports.length - 1]!.metrics["attempts/mean"]).toBe(1)
    }).pipe(Effect.provide(single)))

  it.effect("is the same network: parameters are as many, and an answer's tokens score the same", () =>
    Effect.gen(function* () {
      const model = (singleTurn: boolean) =>
        ModelSpec.layer({
          _tag: "Columns",
          words: { _tag: "Arithmetic", ...config, singleTurn },
          transformer: { width: 8, layers: 1, heads: 1 }
        }).pipe(Layer.provide(deviceWasm))
      const scored = (singleTurn: boolean) =>
        Effect.gen(function* () {
          const policy = yield* Policy
          const parameters = yield* policy.initialize(4)
          const tokens = [...prompt, ids.equals, 1, 0]
          return { parameters, scores: yield* policy.logProbs(parameters, [{ tokens, promptLength: prompt.length, offset: 1 }], 1) }
        }).pipe(Effect.provide(model(singleTurn)))
      expect(yield* scored(true)).toEqual(yield* scored(false))
    }))
})

describe("the reference policy", () => {
  it.effect("is refreshed every K steps, is part of the checkpoint, and the next step's KL is measured from it", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const held = {
        ...settings(presets.grpo),
        schedule: Schedule.constant(0.1),
        groupSize: 8,
        queries: 4,
        miniBatchQueries: 4,
        referenceEvery: 2
      }
      const take = (count: number, from = start) =>
        Effect.map(
          Stream.runCollect(
            Stream.take(GroupRelativeTrainer.train(held, start.parameters, () => [query, query, query, query])(from), count)
          ),
          (reports) => [...reports]
        )
      const [first, second, third, fourth] = yield* take(4)
      expect(first!.state.reference).toBeUndefined()
      expect(second!.state.reference).toEqual(second!.state.parameters)
      expect(third!.state.reference).toEqual(second!.state.parameters)
      expect(second!.metrics.kl).toBeGreaterThan(1e-4)
      // Before the third update the policy is its own reference.
      expect(third!.metrics.kl).toBeLessThan(1e-12)
      const resumed = yield* Checkpoint.decode(Checkpoint.encode(second!.state), "memory")
      const again = yield* take(2, resumed)
      expect(Checkpoint.encode(again[1]!.state)).toEqual(Checkpoint.encode(fourth!.state))
    }).pipe(Effect.provide(services)))
})

describe("the entropy bonus", () => {
  // Only answers of equal reward, so the surrogate's advantages are 0 and the bonus is all there is.
  const bonusOnly = (coefficient: number) => ({
    ...settings(presets["grpo-verl"]),
    advantage: (rewards: Float64Array) => new Float64Array(rewards.length),
    entropyCoefficient: coefficient
  })

  it.effect("its part of the loss is −c times the metric entropy, and the first update climbs the mean entropy's gradient", () =>
    Effect.gen(function* () {
      const backprop = yield* Backprop
      const start = yield* initialize(3)
      const report = yield* GroupRelativeTrainer.step({ ...bonusOnly(0.5), attributionEvery: 1 }, start.parameters)(start, [query])
      expect(report.metrics.entropy).toBeGreaterThan(0.1)
      expect(report.metrics["loss/part/entropy"]).toBeCloseTo(-0.5 * report.metrics.entropy!, 6)
      expect(report.metrics.loss).toBeCloseTo(report.metrics["loss/part/entropy"]!, 6)
      expect(report.attribution.map(({ part }) => part)).toEqual(["total", "surrogate", "entropy"])
      // Central differences of the entropies that a pass reports, averaged over the 15 chosen tokens.
      const batch = Batch.make(group)
      const request = {
        ...batch,
        objective: Objective.nll(),
        partition: TWO_STAGE,
        temperature: 1,
        weights: Aggregate.weights(Aggregate.tokenMean, batch.offsets, batch.owner)
      }
      const meanEntropy = (parameters: Float32Array) =>
        Effect.map(
          backprop.gradient(parameters, request),
          ({ entropies }) => entropies.reduce((sum, value, t) => sum + value * request.weights[t]!, 0)
        )
      const slopes = yield* Effect.forEach([...start.parameters], (_, k) =>
        Effect.gen(function* () {
          const moved = (by: number) => start.parameters.map((theta, i) => (i === k ? theta + by : theta))
          return ((yield* meanEntropy(moved(2 ** -5))) - (yield* meanEntropy(moved(-(2 ** -5))))) / 2 ** -4
        }))
      expect(report.metrics.grad_norm).toBeCloseTo(0.5 * Math.hypot(...slopes), 4)
      slopes.forEach((slope, k) => {
        if (Math.abs(slope) > 1e-3) expect(report.state.parameters[k]! - start.parameters[k]!).toBeCloseTo(0.01 * Math.sign(slope), 5)
      })
    }).pipe(Effect.provide(fixedRollouts(0))))

  it.effect("with nothing else in the objective, the policy ends at the largest entropy, log 2 a choice; with coefficient 0 it stays", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const end = (coefficient: number) => {
        const held = { ...bonusOnly(coefficient), groupSize: 8, schedule: Schedule.constant(0.05) }
        return Effect.map(
          Stream.runCollect(Stream.take(GroupRelativeTrainer.train(held, start.parameters, () => [query])(start), 120)),
          (reports) => reports.at(-1)!
        )
      }
      expect((yield* end(0.1)).metrics.entropy).toBeCloseTo(Math.LN2, 2)
      expect((yield* end(0)).state.parameters).toEqual(start.parameters)
    }).pipe(Effect.provide(services)))

  it.effect("is refused, not left out, where the policy does not differentiate entropies; such a policy still trains without it", () =>
    Effect.gen(function* () {
      const start = yield* initialize(3)
      const error = yield* Effect.flip(GroupRelativeTrainer.step(bonusOnly(0.5), start.parameters)(start, [query]))
      expect(error).toMatchObject({ _tag: "PolicyError", operation: "gradient", reason: "Unsupported" })
      expect(error.message).toMatch(/entropy bonus.*differentiatesEntropies/)
      const report = yield* GroupRelativeTrainer.step(settings(presets.grpo), start.parameters)(start, [query])
      expect(report.metrics.grad_norm).toBeGreaterThan(0)
    }).pipe(
      Effect.provide(
        Layer.effect(Backprop, Effect.map(Backprop, ({ gradient }) => ({ gradient }))).pipe(Layer.provideMerge(fixedRollouts(0)))
      )
    ))

  it("is off in every preset (verl's entropy_coeff 0), a field of the configuration, and follows a restriction of the reward", () => {
    for (const name of Presets.GROUP_RELATIVE_NAMES) {
      const parts = (changes: Partial<TrainConfig.GroupRelativeRun>) =>
        Objective.parts(GroupRelativeTrainer.objectiveOf(TrainerSettings.groupRelative(name, { ...run, kl: { _tag: "None" }, ...changes })))
      const [reward, ...others] = parts({}).map(({ name }) => name)
      expect(others).toEqual([])
      expect(parts({ entropyCoefficient: 0.25 }).map(({ leaf }) => leaf)[1]).toEqual({ _tag: "EntropyBonus", coefficient: 0.25 })
      expect(parts({ entropyCoefficient: 0.25, restrict: "decision" }).map(({ name }) => name)).toEqual([
        `${reward}-decision`,
        "entropy-decision"
      ])
    }
  })
})

describe("gradient accumulation", () => {
  const aggregations: ReadonlyArray<Aggregate.Aggregation> = [
    Aggregate.tokenMean,
    Aggregate.seqMeanTokenMean,
    Aggregate.seqMeanTokenSum,
    Aggregate.seqMeanTokenSumNorm(8)
  ]

  it.effect.each(aggregations)(
    "$_tag: loss and gradient of 2, 3 and 4 micro-batches are those of the whole batch",
    (aggregation) =>
      Effect.gen(function* () {
        const start = yield* initialize(6)
        const batch = Batch.make(group)
        const request = {
          ...batch,
          objective: Objective.add(Objective.surrogate({ ratio: "sequence" }), Objective.dft()),
          partition: TWO_STAGE,
          temperature: 1,
          weights: Aggregate.weights(aggregation, batch.offsets, batch.owner),
          oldLogProbs: Float64Array.from(batch.owner, (_, t) => -0.5 - (t % 3) / 10),
          advantages: Float64Array.from(batch.owner, (_, t) => ((t % 5) - 2) / 2)
        }
        const { gradient } = yield* Backprop
        const whole = yield* gradient(start.parameters, request)
        expect(Math.abs(whole.loss)).toBeGreaterThan(1e-3)
        for (const parts of [2, 3, 4]) {
          const sum = yield* Update.accumulate(start.parameters, request, parts)
          expect(sum.loss).toBeCloseTo(whole.loss, 6)
          whole.gradient.forEach((slope, i) => expect(sum.gradient[i]).toBeCloseTo(slope, 6))
          expect(sum.logProbs).toEqual(whole.logProbs)
        }
      }).pipe(Effect.provide(services))
  )
})
