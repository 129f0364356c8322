import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Effect, Fiber, Layer, Schedule } from "effect"
import { describe, expect, it } from "vitest"
import { TWO_STAGE } from "../../../src/domain/Partition.ts"
import { Policy } from "../../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../../src/domain/Sampler.ts"
import { fold } from "../../../src/domain/Seed.ts"
import { tokenMean, weights } from "../../../src/theory/Aggregate.ts"
import { entropyBonus, nll, type Objective } from "../../../src/theory/Objective.ts"
import * as Batch from "../../../src/model/loss/Batch.ts"
import { Backprop, type LossRequest } from "../../../src/model/Backprop.ts"
import * as ParallelPolicy from "../../../src/model/parallel/ParallelPolicy.ts"
import { policyServiceLaws } from "../../../src/laws/PolicyServiceLaws.ts"
import { layerTiny, tinyGrammar, tinyPrompts } from "../../../src/laws/TinyWords.ts"

const tinyWorker = new URL("./TinyWorker.ts", import.meta.url)

policyServiceLaws("two workers, three shards", {
  layer: Layer.merge(ParallelPolicy.layer(tinyWorker, "tiny", { workers: 2, shards: 3 }), layerTiny(tinyGrammar)),
  gradientTolerance: 8e-3,
  step: 2 ** -9,
  tolerance: 1e-4
})

const requests = Array.from({ length: 50 }, (_, i) => ({ prompt: tinyPrompts[i % 2]!, seed: fold(1, i) }))

/** Everything that a policy computes, on one batch. */
const computed = Effect.fnUntraced(function* (objective: Objective, shift = 1) {
  const policy = yield* Policy
  const backprop = yield* Backprop
  const parameters = (yield* policy.initialize(1)).map((value, i) => value + shift * Math.sin(i))
  const rollouts = yield* (yield* Sampler).sample(parameters, requests, onPolicy)
  const batch = Batch.make(rollouts)
  const request: LossRequest = {
    ...batch,
    objective,
    partition: TWO_STAGE,
    temperature: 1,
    weights: weights(tokenMean, batch.offsets, batch.owner)
  }
  return {
    parameters,
    rollouts,
    scores: yield* policy.logProbs(parameters, rollouts, 1),
    result: yield* backprop.gradient(parameters, request)
  }
})

const everything = computed(nll())

const withWorkers = (data: string, workers: number, shards = 3) =>
  Effect.provide(ParallelPolicy.layer(tinyWorker, data, { workers, shards }))

describe("ParallelPolicy", () => {
  it("computes the same bits with one worker, two and four, for the same number of shards", async () => {
    const [one, two, four] = [
      await Effect.runPromise(everything.pipe(withWorkers("tiny", 1))),
      await Effect.runPromise(everything.pipe(withWorkers("tiny", 2))),
      await Effect.runPromise(everything.pipe(withWorkers("tiny", 4)))
    ]
    expect(one.result.gradient.some((slope) => slope !== 0)).toBe(true)
    expect(two).toEqual(one)
    expect(four).toEqual(one)
  })

  it("calls at the same time, each with parameters of its own, give what they give one after the other", async () => {
    const program = Effect.gen(function* () {
      const calls = [0, 1, 2, 3].map((shift) => computed(nll(), shift))
      const inTurn = yield* Effect.all(calls)
      // Twice: the second time all share memory that the first time left behind.
      for (let i = 0; i < 2; i++) expect(yield* Effect.all(calls, { concurrency: "unbounded" })).toEqual(inTurn)
      expect(inTurn[1]!.result).not.toEqual(inTurn[0]!.result)
    })
    await Effect.runPromise(program.pipe(withWorkers("tiny", 2)))
  })

  it("an interrupted call leaves the workers fit for the next", async () => {
    const program = Effect.gen(function* () {
      const policy = yield* Policy
      const parameters = yield* policy.initialize(1)
      const expected = yield* policy.logProbs(parameters, yield* (yield* Sampler).sample(parameters, requests, onPolicy), 1)
      const sampler = yield* Sampler
      const long = yield* Effect.forkChild(
        sampler.sample(parameters.map(() => 9), Array.from({ length: 20 }, () => requests).flat(), onPolicy)
      )
      yield* Effect.sleep(5)
      yield* Fiber.interrupt(long)
      const again = yield* policy.logProbs(parameters, yield* (yield* Sampler).sample(parameters, requests, onPolicy), 1)
      expect(again).toEqual(expected)
    })
    await Effect.runPromise(program.pipe(withWorkers("tiny", 2)))
  })

  it("a worker that dies fails the call that waits for it with a PolicyError; a new one serves later calls", async () => {
    const program = Effect.gen(function* () {
      const policy = yield* Policy
      const parameters = yield* policy.initialize(1)
      const sampling = yield* Effect.flip((yield* Sampler).sample(parameters, requests, onPolicy))
      expect(sampling).toMatchObject({ _tag: "PolicyError", operation: "sample", reason: "WorkerLost" })
      expect(sampling.problem).toMatch(/worker \d stopped: .*code: 7/)
      // Within a second or two; calls until then fail like the first.
      const again = policy.logProbs(parameters, [{ tokens: [0, 2, 7, 3], promptLength: 1, offset: 0 }], 1)
      const [scores] = yield* Effect.retry(again, { schedule: Schedule.spaced(250), times: 80 })
      expect(scores![3]).toBeLessThan(0)
    })
    await Effect.runPromise(program.pipe(withWorkers("dying", 2)))
  })

  it("a worker that throws while it starts fails the layer with a PolicyError", async () => {
    const error = await Effect.runPromise(Effect.flip(everything.pipe(withWorkers("crash", 2))))
    expect(error).toMatchObject({ _tag: "PolicyError", reason: "WorkerLost" })
    expect(error.message).toMatch(/stopped: .*this worker never starts/)
  })

  it("a worker whose layer cannot be built fails the layer and says why", async () => {
    const error = await Effect.runPromise(Effect.flip(everything.pipe(withWorkers("unbuildable", 1))))
    expect(error).toMatchObject({ _tag: "PolicyError", reason: "WorkerFailed" })
    expect(error.message).toMatch(/width is none; expected some/)
  })

  it("a worker whose policy does not differentiate entropies refuses an entropy bonus; others do not", async () => {
    const bonus = computed(entropyBonus({ coefficient: 0.1 }))
    const error = await Effect.runPromise(Effect.flip(bonus.pipe(withWorkers("silent", 2))))
    expect(error).toMatchObject({ _tag: "PolicyError", operation: "gradient" })
    expect(error.message).toMatch(/entropy bonus.*differentiatesEntropies/)
    const { result } = await Effect.runPromise(bonus.pipe(withWorkers("tiny", 2)))
    expect(result.gradient.some((slope) => slope !== 0)).toBe(true)
    expect((await Effect.runPromise(everything.pipe(withWorkers("silent", 1)))).result.gradient.some((slope) => slope !== 0)).toBe(true)
  })

  it("refuses zero workers and zero shards", async () => {
    for (const [workers, shards] of [[0, 1], [1, 0]]) {
      const error = await Effect.runPromise(Effect.flip(everything.pipe(withWorkers("tiny", workers!, shards))))
      expect(error).toMatchObject({ _tag: "ConfigError" })
    }
  })

  it("lets the process end by itself once the layer is closed", async () => {
    const program = `
      import { Effect } from "effect"
      import { Policy } from "./src/domain/Policy.ts"
      import { layer as modelLayer } from "./src/model/ModelLayer.ts"
      const layer = modelLayer({
        _tag: "Columns", transformer: { width: 8, layers: 1, heads: 2 },
        words: { _tag: "Arithmetic", radix: 5, maxAttempts: 2, context: "markov", positions: 12 }
      }, { threads: { workers: 2, shards: 2 } })
      const count = await Effect.runPromise(Effect.provide(Effect.map(Policy, (policy) => policy.parameterCount), layer))
      console.log(count)`
    const root = fileURLToPath(new URL("../../..", import.meta.url))
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { cwd: root })
    // (11 tokens + 12 positions + 4 segments) · 8 + (8 + 8·24 + 8·8 + 8 + 2·8·32) + 8 + 8·11 = 1,096
    expect((await run).stdout.trim()).toBe("1096")
  })
})
