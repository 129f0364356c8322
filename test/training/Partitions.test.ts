/** Training with a partition of three: the first digit of an answer is its plan, the others its execution, the decision its verification. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { type Labelled, NOT_OWNED, type TokenPartition } from "../../src/domain/Partition.ts"
import { Policy } from "../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import type { Query } from "../../src/domain/Query.ts"
import { Reward } from "../../src/domain/Reward.ts"
import { fold } from "../../src/domain/Seed.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import * as Aggregate from "../../src/theory/Aggregate.ts"
import * as Kl from "../../src/theory/Kl.ts"
import * as Objective from "../../src/theory/Objective.ts"
import { Backprop, gradientOf } from "../../src/model/Backprop.ts"
import * as ArithmeticGrammar from "../../src/model/grammar/ArithmeticGrammar.ts"
import * as Batch from "../../src/model/loss/Batch.ts"
import * as TabularPolicy from "../../src/model/policy/TabularPolicy.ts"
import { shardRequest } from "../../src/model/loss/Shards.ts"
import { blockNoise } from "../../src/theory/estimator/GradientNoise.ts"
import { measure } from "../../src/training/GradientAttribution.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as Optimizer from "../../src/training/Optimizer.ts"
import { metricsRow } from "../../src/training/Run.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import * as SupervisedTrainer from "../../src/training/SupervisedTrainer.ts"
import { initialize } from "../../src/training/TrainState.ts"
import { generalizedCrossEntropy } from "../../src/laws/OwnLosses.ts"

const ids = ArithmeticGrammar.arithmeticTokens(2)
const prompt = [1, ids.operator, 1]
const query: Query = { id: "1*1", level: "1x1", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }
const services = TabularPolicy.layer([prompt]).pipe(
  Layer.provideMerge(ArithmeticGrammar.layer({ radix: 2, maxAttempts: 2, context: "markov", positions: 8 })),
  Layer.provideMerge(Reward.layerExact.pipe(Layer.provide(Multiplication.layer({ radix: 2, levels: ["1x1"] }))))
)

const names = ["plan", "execute", "verify"]
const partition: TokenPartition = {
  names,
  owners: ({ spans, tokens }: Labelled) => {
    const owner = new Uint8Array(tokens.length).fill(NOT_OWNED)
    for (const { end, kind, start } of spans) {
      owner.fill(kind === "sample" ? 1 : 2, start, end)
      if (kind === "sample") owner[start] = 0
    }
    return owner
  }
}

const update = { optimizer: Optimizer.adam, schedule: Schedule.constant(0.05), clipNorm: 100, attributionEvery: 1 }
const config: GroupRelativeTrainer.GroupRelativeConfig = {
  ...Presets.paper,
  ...update,
  queries: 4,
  miniBatchQueries: 4,
  groupSize: 8,
  sampling: onPolicy,
  kl: Kl.inLoss({ beta: 0.5 }),
  partition
}

const requestOf = Effect.fnUntraced(function* (objective: Objective.Objective) {
  const policy = yield* Policy
  const parameters = yield* policy.initialize(1)
  const requests = Array.from({ length: 20 }, (_, i) => ({ prompt, seed: fold(2, i) }))
  const batch = Batch.make(yield* (yield* Sampler).sample(parameters, requests, onPolicy), partition)
  // One plan and two verifications are left out, so that the parts have different numbers of tokens.
  const owner = batch.owner.slice()
  owner[owner.indexOf(0)] = NOT_OWNED
  for (let i = 0; i < 2; i++) owner[owner.indexOf(2)] = NOT_OWNED
  const weights = Aggregate.weights(Aggregate.tokenMean, batch.offsets, owner)
  return { parameters, request: { ...batch, owner, objective, partition: { names }, temperature: 1, weights } }
})

const objective = Objective.add(
  Objective.nll(),
  Objective.add(generalizedCrossEntropy({ q: 0.5 }), Objective.entropyBonus({ coefficient: 0.3 }))
)

describe("a partition of three", () => {
  it.effect("the parts' gradients sum to the whole's, and measure reports exactly their norms and cosines", () =>
    Effect.gen(function* () {
      const { parameters, request } = yield* requestOf(objective)
      const backprop = yield* Backprop
      const { gradient, loss } = yield* backprop.gradient(parameters, request)
      const parts = yield* Effect.forEach(names, (name) =>
        backprop.gradient(parameters, { ...request, objective: Objective.restrict(objective, name) }))
      gradient.forEach((value, i) =>
        expect(parts.reduce((sum, part) => sum + part.gradient[i]!, 0)).toBeCloseTo(value, 6)
      )
      expect(parts.reduce((sum, part) => sum + part.loss, 0)).toBeCloseTo(loss, 6)
      const rows = yield* measure(7, parameters, request)
      expect(rows.map(({ part }) => part)).toEqual(["total", "nll", "gce", "entropy"])
      const [total] = rows
      names.forEach((name, k) => {
        expect(parts[k]!.gradient.some((value) => value !== 0)).toBe(true)
        expect(total!.norms[name]).toBeCloseTo(Optimizer.norm(parts[k]!.gradient), 5)
        expect(total!.tokens[name]).toBe(request.owner.filter((owner) => owner === k).length)
      })
      for (const part of Objective.parts(objective)) {
        const row = rows.find((each) => each.part === part.name)
        for (const name of names) {
          const alone = yield* backprop.gradient(parameters, { ...request, objective: Objective.restrict(part.objective, name) })
          expect(row!.norms[name]).toBeCloseTo(Optimizer.norm(alone.gradient), 5)
        }
      }
      // The noise is that of blocks of five trajectories, each differentiated by itself.
      for (const [k, name] of names.entries()) {
        const restricted = { ...request, objective: Objective.restrict(objective, name) }
        const blocks = yield* Effect.forEach([0, 1, 2, 3], (index) =>
          backprop.gradient(parameters, shardRequest(restricted, { index, from: 5 * index, to: 5 * index + 5 })))
        const squares = blocks.map((block) =>
          Optimizer.norm(block.gradient) ** 2
        )
        const whole = Optimizer.norm(parts[k]!.gradient) ** 2
        const { covariance, mean } = blockNoise({ whole, ofBlocks: squares.reduce((a, b) => a + b) }, [5, 5, 5, 5])
        expect(total!.signals![name]).toBeCloseTo(mean, 5)
        expect(total!.variances![name]).toBeCloseTo(covariance, 5)
        expect(total!.variances![name]).toBeGreaterThan(0)
      }
      // A table has a softmax for every context: its sub-policies share no parameter.
      expect(total!.cosines.map(({ first, second }) => [first, second])).toEqual([["plan", "execute"], ["plan", "verify"], [
        "execute",
        "verify"
      ]])
      for (const { cosine } of total!.cosines) expect(cosine).toBeCloseTo(0, 4)
    }).pipe(Effect.provide(services)))

  it.effect("a part ten million times smaller than the rest keeps its digits: no share is a difference of float32 vectors", () =>
    Effect.gen(function* () {
      const tiny = Objective.scale(Objective.entropyBonus({ coefficient: 1 }), 1e-7)
      const { parameters, request } = yield* requestOf(Objective.add(Objective.nll(), tiny))
      const backprop = yield* Backprop
      const row = (yield* measure(0, parameters, request)).find(({ part }) => part === "entropy")!
      for (const name of names) {
        const alone = yield* backprop.gradient(parameters, { ...request, objective: Objective.restrict(tiny, name) })
        expect(row.norms[name]! / Optimizer.norm(alone.gradient)).toBeCloseTo(1, 4)
      }
    }).pipe(Effect.provide(services)))

  it.effect("one group has no noise to compare", () =>
    Effect.gen(function* () {
      const { parameters, request } = yield* requestOf(objective)
      const [row] = yield* measure(0, parameters, request, { groupSize: 20 })
      expect(row).not.toHaveProperty("signals")
      expect(row!.cosines[0]).not.toHaveProperty("product")
    }).pipe(Effect.provide(services)))

  it.effect("both trainers report by the partition's names", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const { parameters: reference } = yield* initialize(5)
      const rl = yield* GroupRelativeTrainer.step(config, reference)(start, [query, query])
      const demonstrations = yield* (yield* Sampler).sample(start.parameters, [{ prompt, seed: 3 }], onPolicy)
      const sft = yield* SupervisedTrainer.step({ ...SupervisedTrainer.sft, ...update, batchSize: 1, partition })(start, demonstrations)
      for (const report of [rl, sft]) {
        const row = metricsRow(report)
        for (const name of names) {
          expect(row[`entropy/${name}`]).toBeGreaterThan(0)
          expect(row[`attribution/total/norm_${name}`]).toBeGreaterThan(0)
          expect(row[`attribution/total/tokens_${name}`]).toBeGreaterThan(0)
        }
        expect(row["attribution/total/cosine_plan_verify"]).toBeCloseTo(0, 4)
        expect(row).not.toHaveProperty("entropy/sampling")
        // Nothing shared: squares of the parts' norms add up to that of the whole.
        expect(Math.hypot(...names.map((name) => row[`attribution/total/norm_${name}`]!))).toBeCloseTo(row.grad_norm!, 5)
      }
    }).pipe(Effect.provide(services)))

  it.effect("restricted to one name, the others' softmaxes stay as they are", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const requests = [1, 2, 3].map((seed) => ({ prompt, seed }))
      const demonstrations = yield* (yield* Sampler).sample(start.parameters, requests, onPolicy)
      const objective = Objective.restrict(generalizedCrossEntropy({ q: 0.5 }), "plan")
      const { metrics, state } = yield* SupervisedTrainer.step({ ...SupervisedTrainer.sft, ...update, objective, batchSize: 3, partition })(
        start,
        demonstrations
      )
      expect(metrics.grad_norm).toBeGreaterThan(0)
      const moved = [...state.parameters.keys()].filter((i) => state.parameters[i] !== start.parameters[i])
      // The plan is one choice of two digits.
      expect(moved).toHaveLength(2)
    }).pipe(Effect.provide(services)))

  const never = Layer.succeed(Reward, Reward.of({ grade: () => Effect.die("graded before the names were checked") }))

  it.effect("a name that the partition lacks is refused before anything is sampled", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const wrong = { objective: Objective.restrict(Objective.surrogate(), "sampling") }
      const rl = yield* Effect.flip(GroupRelativeTrainer.step({ ...config, ...wrong }, start.parameters)(start, [query]))
      const supervised = { ...SupervisedTrainer.sft, ...update, ...wrong, batchSize: 1, partition }
      const sft = yield* Effect.flip(SupervisedTrainer.step(supervised)(start, []))
      for (const error of [rl, sft]) {
        expect(error).toMatchObject({ _tag: "PolicyError", operation: "train" })
        expect(error.message).toMatch(/no sub-policy is called "sampling"; the partition has "plan", "execute", "verify"/)
      }
    }).pipe(Effect.provide(Layer.merge(services, never))))

  it.effect("what is no objective is refused by trainers and by gradientOf with a PolicyError, not with a defect", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const hinge = { _tag: "Hinge" } as unknown as Objective.Objective
      const { parameters, request } = yield* requestOf(hinge)
      const refused = [
        Effect.flip(GroupRelativeTrainer.step({ ...config, objective: hinge }, start.parameters)(start, [query])),
        Effect.flip(gradientOf(yield* Backprop, parameters, request)),
        Effect.flip((yield* Backprop).gradient(parameters, request))
      ]
      for (const error of yield* Effect.all(refused)) {
        expect(error).toMatchObject({ _tag: "PolicyError" })
        expect(error.message).toMatch(/is a "Hinge", which is no objective; known are /)
      }
    }).pipe(Effect.provide(services)))

  it.effect("a trajectory that the partition cannot label is refused with its place", () =>
    Effect.gen(function* () {
      const start = yield* initialize(4)
      const error = yield* Effect.flip(GroupRelativeTrainer.step({ ...config, partition: { names } }, start.parameters)(start, [query]))
      expect(error).toMatchObject({ _tag: "PolicyError" })
      expect(error.message).toMatch(/spans\[0\]\.part is missing/)
    }).pipe(Effect.provide(services)))
})
