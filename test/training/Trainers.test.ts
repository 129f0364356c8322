import { describe, expect, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { Cause, Effect, Exit, Layer, Stream } from "effect"
import { Policy } from "../../src/domain/Policy.ts"
import { onPolicy } from "../../src/domain/Sampler.ts"
import { TokenizerError } from "../../src/domain/Errors.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { Tokenizer } from "../../src/domain/Tokenizer.ts"
import type { Trajectory } from "../../src/domain/Trajectory.ts"
import * as Advantage from "../../src/theory/Advantage.ts"
import * as Kl from "../../src/theory/Kl.ts"
import { toTwoStage } from "../../src/domain/GradientParts.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import * as Objective from "../../src/theory/Objective.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import * as Presets from "../../src/training/Presets.ts"
import { adam } from "../../src/training/Optimizer.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import * as SupervisedTrainer from "../../src/training/SupervisedTrainer.ts"
import { fromParameters, initialize, type TrainState } from "../../src/training/TrainState.ts"
import { ids, query, tabular, written } from "../support/FixedRollouts.ts"

// Binary 1 * 1 = 1: one prompt, four answers of two digits, two attempts. All of it can be listed.
const task = Multiplication.layer({ radix: 2, levels: ["1x1"] })
const services = Layer.merge(tabular, Reward.layerExact.pipe(Layer.provide(task)))

const update = { optimizer: adam, schedule: Schedule.constant(0.05), clipNorm: 100, attributionEvery: 0 }

const grpo: GroupRelativeTrainer.GroupRelativeConfig = {
  ...Presets.paper,
  ...update,
  queries: 4,
  miniBatchQueries: 4,
  groupSize: 8,
  sampling: onPolicy,
  advantage: Advantage.groupRelative({ std: "population", epsilon: 1e-4 }),
  kl: Kl.none
}

const sftConfig: SupervisedTrainer.SupervisedConfig = { ...SupervisedTrainer.sft, ...update, batchSize: 16 }

const right = written([1, 0, ids.stop])
const corrected = written([1, 1, ids.resample], [1, 0, ids.stop])

const takeLast = <A, E, R>(stream: Stream.Stream<A, E, R>, count: number) =>
  Effect.map(Stream.runCollect(Stream.take(stream, count)), (reports) => reports[reports.length - 1])

const runGrpo = (settings: GroupRelativeTrainer.GroupRelativeConfig, start: TrainState, steps: number) =>
  takeLast(GroupRelativeTrainer.train(settings, start.parameters, () => [query, query, query, query])(start), steps)

const probability = Effect.fnUntraced(function* (parameters: Float32Array, trajectory: Trajectory) {
  const { logProbs } = yield* Policy
  const [tokens] = yield* logProbs(parameters, [trajectory], 1)
  return Math.exp(tokens!.reduce((sum, value) => sum + value, 0))
})

describe("the supervised trainer", () => {
  it.effect("SFT: the policy converges to the distribution of the demonstrations (C27: cross-entropy is a forward KL)", () =>
    Effect.gen(function* () {
      // Three of four demonstrations answer at once, one corrects itself.
      const pick = (_: number, index: number) => (index % 4 === 0 ? corrected : right)
      const start = yield* initialize(3)
      const end = yield* takeLast(SupervisedTrainer.train(sftConfig, pick)(start), 600)
      // First attempts: right 3/4, wrong (and corrected) 1/4; in Markov context all attempts share one table: right 4/5.
      expect(yield* probability(end!.state.parameters, right)).toBeCloseTo(4 / 5, 1)
      expect(yield* probability(end!.state.parameters, corrected)).toBeCloseTo((1 / 5) * (4 / 5), 1)
    }).pipe(Effect.provide(services)))

  it.effect("DFT is mode-seeking: from the same start and data it ends nearer to the most frequent demonstration than SFT", () =>
    Effect.gen(function* () {
      const pick = (_: number, index: number) => (index % 4 === 0 ? corrected : right)
      const start = yield* initialize(3)
      const sft = yield* takeLast(SupervisedTrainer.train(sftConfig, pick)(start), 400)
      const dft = yield* takeLast(SupervisedTrainer.train({ ...sftConfig, ...SupervisedTrainer.dft }, pick)(start), 400)
      expect(yield* probability(dft!.state.parameters, right)).toBeGreaterThan(0.95)
      expect(yield* probability(sft!.state.parameters, right)).toBeLessThan(0.9)
    }).pipe(Effect.provide(services)))

  it.effect("hand example: the loss of one demonstration is the mean of −log π over its three chosen tokens", () =>
    Effect.gen(function* () {
      const start = yield* initialize(5)
      const report = yield* SupervisedTrainer.step(sftConfig)(start, [right])
      expect(report.metrics.loss).toBeCloseTo(-Math.log(yield* probability(start.parameters, right)) / 3, 5)
      expect(report.metrics["loss/nll"]).toBeCloseTo(report.metrics.loss!, 5)
      expect(report.state.step).toBe(1)
    }).pipe(Effect.provide(services)))
})

describe("a demonstration that cannot be made", () => {
  it.effect("fails the stream with its own error, at the step that wanted it; any other throw is a defect", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const unsaid = new TokenizerError({ input: "2", position: 0, problem: "digit 2 in base 2" })
      const train = (thrown: Error) =>
        SupervisedTrainer.train(sftConfig, (_seed, index) => {
          if (index === sftConfig.batchSize + 3) throw thrown
          return right
        })(start)
      const steps = yield* Stream.runCollect(Stream.take(train(unsaid), 1))
      expect(steps).toHaveLength(1)
      expect(yield* Effect.flip(Stream.runDrain(train(unsaid)))).toBe(unsaid)
      const exit = yield* Effect.exit(Stream.runDrain(train(new Error("a mistake"))))
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    }).pipe(Effect.provide(services)))
})

describe("the group-relative trainer", () => {
  it.effect("finds the optimum of a bandit: nearly every rollout ends right", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const report = yield* runGrpo(grpo, start, 150)
      expect(report!.metrics.reward).toBeGreaterThan(0.95)
    }).pipe(Effect.provide(services)))

  it.effect("hand example: on-policy the surrogate's value is minus the token-weighted mean advantage", () =>
    Effect.gen(function* () {
      // Every ratio is 1, so Σ w (−A) with token weights 1/N; advantages differ by trajectory, lengths too.
      const start = yield* initialize(2)
      const settings = { ...grpo, queries: 1, miniBatchQueries: 1, aggregation: Aggregate.seqMeanTokenMean }
      const report = yield* GroupRelativeTrainer.step(settings, start.parameters)(start, [query])
      // With sequence means every trajectory counts once, and a group's advantages sum to 0.
      expect(report.metrics.loss).toBeCloseTo(0, 5)
      expect(report.metrics["clip_ratio/region_mean"]).toBe(0)
    }).pipe(Effect.provide(services)))

  it.effect("π_D alone: restricted to decision tokens, no parameter of the sampling policy moves; and the other way round", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const sampled = yield* runGrpo({ ...grpo, objective: Objective.restrict(grpo.objective, "sampling") }, start, 20)
      const decided = yield* runGrpo({ ...grpo, objective: Objective.restrict(grpo.objective, "decision") }, start, 20)
      const moved = (state: TrainState) => [...state.parameters].flatMap((value, i) => (value === start.parameters[i] ? [] : [i]))
      const both = new Set(moved(sampled!.state))
      expect(moved(sampled!.state).length).toBeGreaterThan(0)
      expect(moved(decided!.state).length).toBeGreaterThan(0)
      expect(moved(decided!.state).filter((i) => both.has(i))).toEqual([])
    }).pipe(Effect.provide(services)))

  it.effect("an advantage of one's own that is no number, too few or nothing fails the step with its name", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const refusal = (advantage: (rewards: Float64Array) => Float64Array) =>
        Effect.flip(GroupRelativeTrainer.step({ ...grpo, advantage }, start.parameters)(start, [query, query]))
      const lost = yield* refusal(function noNumber (rewards) {
        return rewards.map((_, i) => (i === 3 ? NaN : 0))
      })
      expect(lost).toMatchObject({ _tag: "PolicyError", reason: "NotFinite" })
      expect(lost.message).toMatch(/advantage function noNumber: what it gives\[3\] = NaN is not finite/)
      expect((yield* refusal((rewards) => rewards.slice(1))).message).toMatch(/what it gives has 15 entries where 16 are needed/)
      expect(yield* refusal((() => undefined) as never)).toMatchObject({ _tag: "PolicyError", reason: "Request" })
    }).pipe(Effect.provide(services)))

  it.effect("a group of one is refused before anything is sampled, unless the advantage compares nothing", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const alone = (advantage: GroupRelativeTrainer.GroupRelativeConfig["advantage"], queries = [query, query]) =>
        GroupRelativeTrainer.step({ ...grpo, groupSize: 1, advantage }, start.parameters)(start, queries)
      for (
        const advantage of [Advantage.groupRelative(), Advantage.groupRelative({ scale: "batch" }), Advantage.drGrpo(), Advantage.rloo()]
      ) {
        expect(yield* Effect.flip(alone(advantage))).toMatchObject({ _tag: "ConfigError", field: "groupSize", value: "1" })
      }
      const mean = Advantage.reinforce({ baseline: "mean" })
      expect(yield* Effect.flip(alone(mean, [query]))).toMatchObject({ _tag: "ConfigError", field: "groupSize" })
      for (const advantage of [Advantage.reinforce(), mean]) expect((yield* alone(advantage)).state.step).toBe(1)
    }).pipe(Effect.provide(services)))

  it.effect("equal rewards teach nothing: without a KL penalty the parameters stay bit for bit", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const report = yield* runGrpo(grpo, start, 3)
      expect(report!.metrics.frac_reward_zero_std).toBe(1)
      expect(report!.state.parameters).toEqual(start.parameters)
    }).pipe(
      Effect.provide(
        Layer.merge(
          tabular,
          Reward.layerOutcome({ Correct: 1, Wrong: 1, Unparsable: 1, GoldInvalid: 1, Truncated: 1 }).pipe(Layer.provide(task))
        )
      )
    ))

  it.effect("a KL penalty, in the loss or in the reward, keeps the policy nearer to its reference", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const free = yield* runGrpo(grpo, start, 60)
      const distance = Effect.fnUntraced(function* (state: TrainState) {
        return Math.log(yield* probability(state.parameters, right)) - Math.log(yield* probability(start.parameters, right))
      })
      for (const kl of [Kl.inLoss({ beta: 1, estimator: "k3" }), Kl.inReward({ beta: 1 })]) {
        const held = yield* runGrpo({ ...grpo, kl }, start, 60)
        expect(yield* distance(held!.state)).toBeLessThan(0.8 * (yield* distance(free!.state)))
      }
    }).pipe(Effect.provide(services)))

  it.effect("2 + 2 steps are 4 steps, bit for bit, with a checkpoint in between", () =>
    Effect.gen(function* () {
      const start = yield* initialize(9)
      const reference = start.parameters
      const train = GroupRelativeTrainer.train(grpo, reference, () => [query, query])
      const four = yield* takeLast(train(start), 4)
      const two = yield* takeLast(train(start), 2)
      const resumed = yield* Checkpoint.decode(Checkpoint.encode(two!.state), "memory")
      const again = yield* takeLast(train(resumed), 2)
      expect(Checkpoint.encode(again!.state)).toEqual(Checkpoint.encode(four!.state))
      expect(again!.metrics).toEqual(four!.metrics)
    }).pipe(Effect.provide(services)))

  it.effect("gradient attribution: the parts add up, and on a table π_S and π_D share no parameter", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const settings = { ...grpo, kl: Kl.inLoss({ beta: 0.5, estimator: "k3" }), attributionEvery: 1 }
      const other = yield* initialize(5)
      const report = yield* GroupRelativeTrainer.step(settings, other.parameters)(start, [query, query])
      const rows = new Map(report.attribution.map((row) => [row.part, toTwoStage(row)]))
      expect([...rows.keys()]).toEqual(["total", "surrogate", "kl-k3"])
      const total = rows.get("total")!
      expect(total.cosine).toBeCloseTo(0, 5)
      expect(Math.hypot(total.normSampling, total.normDecision)).toBeCloseTo(report.metrics.grad_norm!, 5)
      expect(total.tokensSampling).toBeGreaterThan(total.tokensDecision)
      expect(rows.get("kl-k3")!.normSampling).toBeGreaterThan(0)
    }).pipe(Effect.provide(services)))

  it.effect("every metric that a step reports is defined in docs/metrics.md", () =>
    Effect.gen(function* () {
      const text = readFileSync(new URL("../../docs/metrics.md", import.meta.url), "utf8")
      const start = yield* initialize(1)
      const report = yield* runGrpo({ ...grpo, kl: Kl.inLoss({ beta: 0.1 }) }, start, 1)
      const undefinedNames = Object.keys(report!.metrics).filter(
        (name) => !text.includes(`\`${name}\``) && !text.includes(`\`${name.split("/").at(-1)}\``) && !name.startsWith("loss/part/")
      )
      expect(undefinedNames).toEqual([])
    }).pipe(Effect.provide(services)))

  it.effect("truncated rollouts can be left out of the loss", () =>
    Effect.gen(function* () {
      const tokenizer = yield* Tokenizer
      const start = fromParameters((yield* initialize(1)).parameters, 1)
      const short = { ...grpo, maskTruncated: true, sampling: { ...onPolicy, maxTokens: 2 } }
      const report = yield* GroupRelativeTrainer.step(short, start.parameters)(start, [query])
      expect(tokenizer.vocabulary).toBe(8)
      expect(report.metrics["completions/clipped_ratio"]).toBe(1)
      expect(report.state.parameters).toEqual(start.parameters)
    }).pipe(Effect.provide(services)))

  it.effect("Clip-Cov leaves out what the whole mini-batch selects, before it is split: dropping every token changes nothing, and parts are one", () =>
    Effect.gen(function* () {
      const start = fromParameters((yield* initialize(1)).parameters, 1)
      const norm = (loss: Parameters<typeof Objective.clipCov>[0], microBatches = 1) =>
        Effect.map(
          GroupRelativeTrainer.step({ ...grpo, objective: Objective.clipCov(loss), microBatches }, start.parameters)(start, [
            query,
            query,
            query,
            query
          ]),
          ({ metrics }) => metrics.grad_norm!
        )
      const band = { lower: -100, upper: 100 }
      const [all, none, some] = [
        yield* norm({ ...band, fraction: 1 }),
        yield* norm({ lower: 100, upper: 200 }),
        yield* norm({ ...band, fraction: 0.3 })
      ]
      expect(all).toBe(0)
      expect(none).toBeGreaterThan(1e-3)
      expect(Math.abs(some - none)).toBeGreaterThan(1e-3)
      // A selection within each of three parts would be another one.
      expect(yield* norm({ ...band, fraction: 0.3 }, 3)).toBeCloseTo(some, 6)
    }).pipe(Effect.provide(services)))
})
