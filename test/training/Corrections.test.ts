import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Policy } from "../../src/domain/Policy.ts"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
import * as Controllers from "../../src/theory/Controllers.ts"
import * as Covariance from "../../src/theory/Covariance.ts"
import * as Kl from "../../src/theory/Kl.ts"
import * as Objective from "../../src/theory/Objective.ts"
import * as RolloutCorrection from "../../src/theory/RolloutCorrection.ts"
import * as TokenAdvantage from "../../src/theory/TokenAdvantage.ts"
import * as AdvantageRule from "../../src/training/AdvantageRule.ts"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import { initialize } from "../../src/training/TrainState.ts"
import { exact, fixedRollouts, gradientOf, group, LENGTHS, query, tabular } from "../support/FixedRollouts.ts"

const presets = Presets.groupRelative(8)
const update = { optimizer: adam, schedule: Schedule.constant(0.01), clipNorm: 1e9, attributionEvery: 0 }
type Config = GroupRelativeTrainer.GroupRelativeConfig
const verl = (changes: Partial<Config> = {}): Config => ({
  ...presets["grpo-verl"],
  ...update,
  groupSize: 4,
  queries: 1,
  miniBatchQueries: 1,
  ...changes
})

// Rewards 1, 1, 0, 0: mean ½, sample deviation √⅓; 15 tokens.
const A = 0.5 / (Math.sqrt(1 / 3) + 1e-6)
const SIGNED = [A, A, -A, -A]
type Coefficients = ReadonlyArray<number | ReadonlyArray<number>>

/** The first update of a configuration ascends Σ c ∇log π for these coefficients, derived by hand. */
const expectUpdate = (
  changes: Partial<Config>,
  coefficients: Coefficients | ((start: Float32Array) => Effect.Effect<Coefficients, unknown, Policy>)
) =>
  Effect.gen(function* () {
    const start = yield* initialize(3)
    const report = yield* GroupRelativeTrainer.step(verl(changes), start.parameters)(start, [query])
    const gradient = yield* gradientOf(
      start.parameters,
      typeof coefficients === "function" ? yield* coefficients(start.parameters) : coefficients
    )
    expect(report.metrics.grad_norm).toBeCloseTo(Math.hypot(...gradient), 4)
    gradient.forEach((slope, k) => {
      if (Math.abs(slope) > 1e-4) expect(report.state.parameters[k]! - start.parameters[k]!).toBeCloseTo(0.01 * Math.sign(slope), 5)
    })
    return report
  })

const scores = (parameters: Float32Array) =>
  Effect.gen(function* () {
    const policy = yield* Policy
    const rows = yield* policy.logProbs(parameters, group, 1)
    return rows.map((row) => [...row].filter((value) => value !== 0))
  })

describe("corrections between sampler and trained policy", () => {
  const drifted = (logRatio: number) => fixedRollouts(logRatio)

  it.effect("truncated weights by token: e^0.3 on every token of a sampler that was 0.3 nats a token off; the clipped ratio is 1 again", () =>
    Effect.gen(function* () {
      const correction = { weights: RolloutCorrection.importanceWeights({ level: "token" }) }
      const { metrics } = yield* expectUpdate({ correction }, SIGNED.map((a) => (a * Math.exp(0.3)) / 15))
      expect(metrics["rollout_corr/kl"]).toBeCloseTo(-0.3, 6)
      expect(metrics["rollout_corr/rollout_is_eff_sample_size"]).toBeCloseTo(1, 6)
      expect(metrics["rollout_corr/rollout_rs_masked_fraction"]).toBe(0)
    }).pipe(Effect.provide(drifted(0.3))))

  it.effect("weights by sequence: the product e^{0.3 L}, truncated at 3 for the six tokens of the second", () =>
    expectUpdate(
      { correction: { weights: RolloutCorrection.importanceWeights({ high: 3 }) } },
      SIGNED.map((a, i) => (a * Math.min(Math.exp(0.3 * LENGTHS[i]!), 3)) / 15)
    ).pipe(Effect.provide(drifted(0.3))))

  it.effect("masked weights: the second sequence's e^1.8 lies outside and weighs 0; its tokens stay in the denominator", () =>
    expectUpdate(
      { correction: { weights: RolloutCorrection.importanceWeights({ mode: "mask", high: 3 }) } },
      SIGNED.map((a, i) => (i === 1 ? 0 : (a * Math.exp(0.9)) / 15))
    ).pipe(Effect.provide(drifted(0.3))))

  it.effect("rejection takes sequences out of the denominator too: 9 tokens are left", () =>
    Effect.gen(function* () {
      const correction = { rejections: [RolloutCorrection.rejection({ estimator: "k1", level: "sum", high: 3 })] }
      const { metrics } = yield* expectUpdate({ correction }, SIGNED.map((a, i) => (i === 1 ? 0 : a / 9)))
      expect(metrics["rollout_corr/rollout_rs_masked_fraction"]).toBeCloseTo(6 / 15, 12)
    }).pipe(Effect.provide(drifted(0.3))))

  it.effect("a veto on tokens that the trained policy all but excludes leaves nothing of a sampler 10 nats off, and everything of one 0.3 off", () =>
    Effect.gen(function* () {
      const start = yield* initialize(3)
      const step = (logRatio: number) =>
        GroupRelativeTrainer.step(verl({ correction: { veto: 1e-4 } }), start.parameters)(start, [query]).pipe(
          Effect.provide(drifted(logRatio))
        )
      expect((yield* step(-10)).state.parameters).toEqual(start.parameters)
      expect((yield* step(-0.3)).metrics["rollout_corr/rollout_rs_masked_fraction"]).toBe(0)
    }).pipe(Effect.provide(tabular)))

  it.effect("weights do not choose tokens: Clip-Cov, whose band lies between the largest covariance and e^0.3 times that, leaves none out", () =>
    Effect.gen(function* () {
      const largest = (rows: ReadonlyArray<ReadonlyArray<number>>) => {
        const logProbs = Float64Array.from(rows.flat())
        const advantages = Float64Array.from(rows.flatMap((row, i) => row.map(() => SIGNED[i]!)))
        return Math.max(...Covariance.covariances({ owner: new Uint8Array(logProbs.length), logProbs, advantages }))
      }
      const start = yield* initialize(3)
      const lower = 1.1 * largest(yield* scores(start.parameters))
      expect(lower).toBeGreaterThan(0)
      const whole = { fraction: 1, upper: 100, clipLow: 1, clipHigh: 1 }
      const correction = { weights: RolloutCorrection.importanceWeights({ level: "token" }) }
      yield* expectUpdate({ correction, objective: Objective.clipCov({ ...whole, lower }) }, SIGNED.map((a) => (a * Math.exp(0.3)) / 15))
    }).pipe(Effect.provide(drifted(0.3))))

  it.effect("a step that nothing is left of says so: no mean over no tokens, all advantages 0, and an entropy controller that stays where it is", () =>
    Effect.gen(function* () {
      const fresh = yield* initialize(3)
      const start = { ...fresh, entropy: { coefficient: 0.01, entropy: 0.5 } }
      const step = (changes: Partial<Config>) => GroupRelativeTrainer.step(verl(changes), start.parameters)(start, [query])
      const adaptiveEntropy = Controllers.adaptiveEntropy()
      const nothing = yield* step({ correction: { veto: 1e-4 }, adaptiveEntropy, kl: Kl.inLoss({ beta: 0.1 }) })
      for (const name of ["loss/nll", "entropy", "entropy/sampling", "kl"]) expect(nothing.metrics).not.toHaveProperty(name)
      expect(nothing.metrics).toMatchObject({ frac_advantage_zero: 1, grad_norm: 0, "rollout_corr/rollout_rs_masked_fraction": 1 })
      expect(nothing.state.entropy).toEqual(start.entropy)
      const whole = yield* step({ adaptiveEntropy, decisionWeighting: { _tag: "Fixed", correct: 2, wrong: 3 } })
      expect(whole.metrics).toMatchObject({ frac_advantage_zero: 0, "decision_weight/correct": 2, "decision_weight/wrong": 3 })
      expect(whole.metrics.entropy).toBe(whole.state.entropy!.entropy)
    }).pipe(Effect.provide(drifted(-10))))

  it.effect("the sampler of this library needs none: weights of 1, and the update of no correction", () =>
    expectUpdate({ correction: { weights: RolloutCorrection.importanceWeights() } }, SIGNED.map((a) => a / 15)).pipe(
      Effect.provide(drifted(0))
    ))

  it.effect("off-policy mask: bad rollouts that the policy has left by a nat a token teach nothing, good ones still do", () =>
    Effect.gen(function* () {
      const { metrics } = yield* expectUpdate({ offPolicyThreshold: 0.5 }, [A, A, 0, 0].map((a) => (a * Math.exp(-1)) / 15))
      expect(metrics["off_policy/masked_fraction"]).toBe(1)
    }).pipe(Effect.provide(drifted(-1))))

  it.effect("off-policy mask: within the threshold everything teaches", () =>
    expectUpdate({ offPolicyThreshold: 0.5 }, [A, A, -A, -A].map((a, i) => (i < 2 ? a * Math.exp(-0.1) : a * Math.exp(-0.1)) / 15)).pipe(
      Effect.provide(drifted(-0.1))
    ))
})

describe("the mask of high-entropy tokens", () => {
  it.effect.each([0, 0.2, 0.5])(
    "share %f: the tokens at or above the quantile of the choices' entropies learn, by the same weights",
    (share) =>
      expectUpdate({ highEntropyShare: share }, (start) =>
        Effect.map(scores(start), (rows) => {
          // Every choice is one of two, so its entropy follows from the probability of what was chosen.
          const entropy = (logProb: number) => {
            const p = Math.exp(logProb)
            return -p * Math.log(p) - (1 - p) * Math.log(1 - p)
          }
          const sorted = rows.flat().map(entropy).toSorted((a, b) => a - b)
          const place = (1 - share) * 14
          const low = sorted[Math.floor(place)]!
          const least = low + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? low) - low)
          const marks = rows.map((row) => row.map((logProb) => (entropy(logProb) >= least - 1e-6 ? 1 : 0) as number))
          const count = marks.flat().reduce((sum, mark) => sum + mark, 0)
          expect(count).toBeLessThan(15)
          return marks.map((row, i) => row.map((mark) => (mark * SIGNED[i]!) / 15))
        })).pipe(Effect.provide(fixedRollouts(0)))
  )

  it.effect("a share of 1 is no mask, bit for bit", () =>
    Effect.gen(function* () {
      const start = yield* initialize(3)
      const step = (changes: Partial<Config>) => GroupRelativeTrainer.step(verl(changes), start.parameters)(start, [query])
      expect((yield* step({ highEntropyShare: 1 })).state).toEqual((yield* step({})).state)
    }).pipe(Effect.provide(fixedRollouts(0))))
})

describe("a KL penalty in the reward, before the advantage (verl, TRL)", () => {
  it.effect.each(["verl", "trl"] as const)(
    "%s: R − β Σ k1 is centred and divided by its own deviation",
    (placement) =>
      Effect.gen(function* () {
        const reference = (yield* initialize(8)).parameters
        const start = yield* initialize(3)
        const kl = Kl.inReward({ beta: 0.3, placement })
        const report = yield* GroupRelativeTrainer.step(verl({ kl }), reference)(start, [query])
        const [own, other] = [yield* scores(start.parameters), yield* scores(reference)]
        const rewards = own.map((row, i) => [1, 1, 0, 0][i]! - 0.3 * row.reduce((sum, value, t) => sum + value - other[i]![t]!, 0))
        const mean = rewards.reduce((sum, value) => sum + value, 0) / 4
        const deviation = Math.sqrt(rewards.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3)
        const gradient = yield* gradientOf(start.parameters, rewards.map((value) => (value - mean) / (deviation + 1e-6) / 15))
        expect(report.metrics.grad_norm).toBeCloseTo(Math.hypot(...gradient), 4)
      }).pipe(Effect.provide(fixedRollouts(0)))
  )

  it.effect("REINFORCE++ sees it token by token", () =>
    Effect.gen(function* () {
      const reference = (yield* initialize(8)).parameters
      const start = yield* initialize(3)
      const kl = Kl.inReward({ beta: 0.3, placement: "verl" })
      const report = yield* GroupRelativeTrainer.step(verl({ kl, advantage: AdvantageRule.reinforcePlusPlus() }), reference)(start, [query])
      const [own, other] = [yield* scores(start.parameters), yield* scores(reference)]
      const returns = own.map((row, i) =>
        row.map((_, t) => [1, 1, 0, 0][i]! - 0.3 * row.slice(t).reduce((sum, value, j) => sum + value - other[i]![t + j]!, 0))
      )
      const flat = returns.flat()
      const mean = flat.reduce((sum, value) => sum + value, 0) / 15
      const spread = Math.sqrt(flat.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 14 + 1e-8)
      const gradient = yield* gradientOf(start.parameters, returns.map((row) => row.map((value) => (value - mean) / spread / 15)))
      expect(report.metrics.grad_norm).toBeCloseTo(Math.hypot(...gradient), 4)
    }).pipe(Effect.provide(fixedRollouts(0))))
})

describe("advantages of single tokens", () => {
  const none = [0, 0, 0]

  it.effect("by turn with potential 1: a right answer earns what was to come, STOP on it nothing; a wrong one and its STOP nothing", () =>
    expectUpdate(
      { advantage: TokenAdvantage.turnCredit({ potential: 1, baseline: "none" }) },
      [[1, 1, 0], [1, 1, 1, 1, 1, 0], none, none].map((row) => row.map((value) => value / 15))
    ).pipe(Effect.provide(fixedRollouts(0))))

  it.effect("by turn with baseline: decisions on right answers are compared with such, on wrong ones with such", () =>
    // First answers return 1, 1, 0, 0; the second answer 1, alone in its state: the mean of the others' first answers, ⅓.
    // Decisions on right answers return 1, 1; on wrong ones 1 (RESAMPLE), 0, 0: less the others' ½, ½, … = 0, 1 − 0, 0 − ½, 0 − ½.
    expectUpdate(
      { advantage: TokenAdvantage.turnCredit() },
      [
        [1 - 1 / 3, 1 - 1 / 3, 0],
        [1 - 1 / 3, 1 - 1 / 3, 1, 1 - 1 / 3, 1 - 1 / 3, 0],
        [-2 / 3, -2 / 3, -1 / 2],
        [-2 / 3, -2 / 3, -1 / 2]
      ].map((row) => row.map((value) => value / 15))
    ).pipe(Effect.provide(fixedRollouts(0))))

  it.effect("GAE from a value function of one's own: λ = 1 and V = ½ leave the reward to go minus ½", () =>
    expectUpdate(
      { advantage: AdvantageRule.gae(({ owner }) => new Float64Array(owner.length).fill(0.5), { isWhitened: false }) },
      [0.5, 0.5, -0.5, -0.5].map((value) => value / 15)
    ).pipe(Effect.provide(fixedRollouts(0))))

  it.effect("a function of one's own may give each token its number, and sees the rollouts", () =>
    expectUpdate(
      { advantage: (_rewards, _groups, { owner }) => Float64Array.from(owner, (value) => (value === 1 ? 1 : 0)) },
      [[0, 0, 1], [0, 0, 1, 0, 0, 1], [0, 0, 1], [0, 0, 1]].map((row) => row.map((value) => value / 15))
    ).pipe(Effect.provide(fixedRollouts(0))))

  it.effect("credit by turn without verdicts is an error that says so", () =>
    Effect.gen(function* () {
      const start = yield* initialize(3)
      const error = yield* Effect.flip(
        GroupRelativeTrainer.step(verl({ advantage: TokenAdvantage.turnCredit() }), start.parameters)(start, [query])
      )
      expect(error).toMatchObject({ _tag: "PolicyError", reason: "Request" })
      expect(error.message).toMatch(/credit by turn needs trajectory 0's verdict on the answer at token 4/)
    }).pipe(
      Effect.provide(
        Layer.merge(
          fixedRollouts(0),
          Layer.succeed(Reward, { grade: (_, trajectory) => Effect.succeed({ trajectory, outcome: "Correct", reward: 1 }) })
        )
      )
    ))
})

describe("a group of one", () => {
  it.effect("verl's presets give the rollout its reward, over 1 + ε; TRL's refuse it", () =>
    Effect.gen(function* () {
      // The sampler's first rollout only: reward 1, three tokens.
      yield* expectUpdate({ groupSize: 1 }, [1 / (1 + 1e-6) / 3, 0, 0, 0])
      yield* expectUpdate({ ...presets["rloo-verl"], groupSize: 1 }, [1 / 3, 0, 0, 0])
      const start = yield* initialize(3)
      for (const name of ["grpo-trl", "rloo", "rloo-trl", "grpo-passk", "maxrl"] as const) {
        const error = yield* Effect.flip(
          GroupRelativeTrainer.step({ ...verl(), ...presets[name], groupSize: 1 }, start.parameters)(start, [query])
        )
        expect(error).toMatchObject({ _tag: "ConfigError", field: "groupSize" })
      }
    }).pipe(Effect.provide(fixedRollouts(0))))
})

describe("dynamic sampling", () => {
  const services = Layer.merge(tabular, exact)
  // Gold 0: never written by a policy that is sure of 1; all of its groups are flat.
  const never: Query = { ...query, id: "never", answer: "999" }
  const dynamic = (changes: Partial<Config> = {}) => verl({ dynamicSampling: { maxBatches: 3 }, groupSize: 64, ...changes })

  it.effect("queries of equal rewards are replaced by further ones until the batch is full; the metrics are of all that were drawn", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const asked: Array<number> = []
      const report = yield* GroupRelativeTrainer.step(dynamic(), start.parameters)(start, [never, query], (batch) => {
        asked.push(batch)
        return [never, query, query]
      })
      expect(asked).toEqual([1])
      expect(report.metrics["dynamic_sampling/batches"]).toBe(2)
      // Two of the first batch and three of the second; `never` is flat, and the groups of `query` are not.
      expect(report.metrics.frac_reward_zero_std).toBeCloseTo(2 / 5, 12)
      expect(report.metrics.grad_norm).toBeGreaterThan(0)
    }).pipe(Effect.provide(services)))

  it.effect("a first batch that is full already gives the step without dynamic sampling, bit for bit", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const step = (config: Config) => GroupRelativeTrainer.step(config, start.parameters)(start, [query, query])
      const { dynamicSampling: _, ...plain } = dynamic()
      expect((yield* step(dynamic())).state).toEqual((yield* step(plain)).state)
    }).pipe(Effect.provide(services)))

  it.effect("ends with an error that says how far it came", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const error = yield* Effect.flip(
        GroupRelativeTrainer.step(dynamic(), start.parameters)(start, [never, query], () => [never, never])
      )
      expect(error).toMatchObject({ _tag: "ConfigError", field: "dynamicSampling.maxBatches", value: "3" })
      expect(error.message).toMatch(/to find 2 queries .*; of 6 that were drawn, 1 did not\./)
    }).pipe(Effect.provide(services)))
})

describe("controllers", () => {
  const services = Layer.merge(tabular, exact)
  const held = (changes: Partial<Config>): Config => ({
    ...verl({ groupSize: 8, queries: 4, miniBatchQueries: 2, schedule: Schedule.constant(0.1), ...changes }),
    kl: Kl.inLoss({ beta: 0.05, estimator: "k3" })
  })
  const take = (config: Config, start: Effect.Success<ReturnType<typeof initialize>>, count: number) =>
    Effect.map(
      Stream.runCollect(
        Stream.take(GroupRelativeTrainer.train(config, start.parameters, () => [query, query, query, query])(start), count)
      ),
      (reports) => [...reports]
    )

  it.effect("β falls while the KL is below its target and is used in the step after; both controllers are part of the checkpoint", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const config = held({ adaptiveKl: { target: 0.1, horizon: 320 }, adaptiveEntropy: { target: 10, delta: 0.01, min: 0, max: 0.025 } })
      const reports = yield* take(config, start, 4)
      // At the reference the KL is 0: error −1, clipped to −0.2; 32 rollouts of a horizon of 320.
      expect(reports[0]!.metrics.kl_coef).toBe(0.05)
      expect(reports[0]!.state.klCoefficient).toBeCloseTo(0.05 * 0.98, 12)
      expect(reports[1]!.metrics.kl_coef).toBeCloseTo(0.05 * 0.98, 12)
      // No bonus before an entropy was measured; then δ an update, two updates a step, at most 0.025.
      expect(reports.map(({ metrics }) => metrics.entropy_coef)).toEqual(
        [0.005, 0.0225, 0.025, 0.025].map((value) => expect.closeTo(value, 12))
      )
      expect(reports[1]!.metrics["loss/part/entropy"]).toBeLessThan(0)
      const resumed = yield* Checkpoint.decode(Checkpoint.encode(reports[1]!.state), "memory")
      expect(resumed.klCoefficient).toBe(reports[1]!.state.klCoefficient)
      expect(resumed.entropy).toEqual(reports[1]!.state.entropy)
      const again = yield* Effect.map(
        Stream.runCollect(
          Stream.take(GroupRelativeTrainer.train(config, start.parameters, () => [query, query, query, query])(resumed), 2)
        ),
        (more) => [...more]
      )
      expect(Checkpoint.encode(again[1]!.state)).toEqual(Checkpoint.encode(reports[3]!.state))
    }).pipe(Effect.provide(services)))

  it.effect("an entropy above its target takes the bonus away, down to the smallest coefficient", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const reports = yield* take(
        held({ entropyCoefficient: 0.01, adaptiveEntropy: { target: 0, delta: 0.004, min: 0, max: 1 } }),
        start,
        2
      )
      expect(reports.map(({ metrics }) => metrics.entropy_coef)).toEqual([0, 0])
      expect(reports[0]!.state.entropy!.coefficient).toBeCloseTo(0.002, 12)
      expect(reports[1]!.state.entropy!.coefficient).toBe(0)
    }).pipe(Effect.provide(services)))
})

describe("new estimators learn", () => {
  it.effect.each(
    [
      // Groups with two right answers teach it nothing more.
      ["grpo-passk", 0.7],
      ["remax", 0.9],
      ["maxrl", 0.9],
      ["reinforce++", 0.9],
      ["rloo-trl", 0.9]
    ] as const
  )(
    "%s comes close to the optimum of a bandit, reward above %f",
    ([name, reached]) =>
      Effect.gen(function* () {
        const start = yield* initialize(1)
        const bandit = { ...verl(), ...presets[name], groupSize: 8, queries: 4, miniBatchQueries: 4, schedule: Schedule.constant(0.1) }
        const reports = yield* Stream.runCollect(
          Stream.take(GroupRelativeTrainer.train(bandit, start.parameters, () => [query, query, query, query])(start), 120)
        )
        expect(reports[reports.length - 1]!.metrics.reward).toBeGreaterThan(reached)
      }).pipe(Effect.provide(Layer.merge(tabular, exact)))
  )

  it.effect("credit by turn with the potential of a right answer finds it too", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const bandit = {
        ...verl({ advantage: TokenAdvantage.turnCredit({ potential: 1 }), groupSize: 8, queries: 4, miniBatchQueries: 4 }),
        schedule: Schedule.constant(0.1)
      }
      const reports = yield* Stream.runCollect(
        Stream.take(GroupRelativeTrainer.train(bandit, start.parameters, () => [query, query, query, query])(start), 120)
      )
      expect(reports[reports.length - 1]!.metrics.reward).toBeGreaterThan(0.9)
    }).pipe(Effect.provide(Layer.merge(tabular, exact))))
})
