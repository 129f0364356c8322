/**
 * A policy computed by several threads: every batch is split into a fixed number of shards, each shard goes to a worker
 * with a device and a policy of its own, and what comes back is put together in shard order.
 *
 * The same number of shards gives the same bits with any number of workers. Parameters and gradients travel in shared
 * memory; calls are served one at a time.
 *
 * @module
 */
import { Context, Effect, Layer, type Scope, Semaphore } from "effect"
import type { DeviceError } from "../device/Device.ts"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import { type Parameters, Policy, type PolicyService } from "../../domain/Policy.ts"
import type { ArithmeticConfig } from "../grammar/ArithmeticTokenizer.ts"
import { Backprop, type BackpropService } from "../Backprop.ts"
import type { DeviceName } from "../device/DeviceName.ts"
import { assertLossRequest, assertParameters, attempt, openTotals } from "../loss/LossRequests.ts"
import { cutShards, joinResults, type Shard, shardRequest } from "../loss/Shards.ts"
import type { TransformerConfig } from "../architecture/Transformer.ts"
import { defaultLimits, type PassLimits } from "../policy/TransformerPolicy.ts"
import { startWorker, type WorkerClient, workerModule } from "./WorkerClient.ts"

/** How many threads, and into how many parts a batch is split (a multiple of the threads keeps all of them busy). */
export interface ParallelConfig {
  readonly workers: number
  readonly shards: number
}

const sharedVector = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length))

const toPolicyError = (operation: string) => (error: PolicyError | DeviceError): PolicyError =>
  error._tag === "PolicyError"
    ? error
    : new PolicyError({
      operation,
      reason: "Device",
      problem: error.message,
      advice: "Run `decision-sampling doctor` to see which devices work here"
    })

const makeServices = (workers: ReadonlyArray<WorkerClient>, count: number, shards: number): readonly [PolicyService, BackpropService] => {
  const shared = sharedVector(count)
  const gradients = Array.from({ length: shards }, () => sharedVector(count))
  const oneAtATime = Semaphore.makeUnsafe(1)

  /**
   * Shares the parameters, computes each shard on its worker, all workers at once, and joins the results before the next
   * call may touch the shared memory. Shard s is always worker s mod W's, which takes its calls in order: an interrupted
   * call cannot write over a later one.
   */
  const onShards = <A, B, E>(
    parameters: Parameters,
    parts: ReadonlyArray<Shard>,
    compute: (shard: Shard, worker: WorkerClient) => Effect.Effect<A, E>,
    join: (results: ReadonlyArray<A>) => B
  ): Effect.Effect<B, E> =>
    oneAtATime.withPermits(1)(
      Effect.suspend(() => {
        shared.set(parameters)
        const all = Effect.forEach(parts, (shard) => compute(shard, workers[shard.index % workers.length]), { concurrency: "unbounded" })
        return Effect.map(all, join)
      })
    )

  const sample: PolicyService["sample"] = Effect.fnUntraced(function* (parameters, requests, sampling) {
    yield* attempt("sample", () => assertParameters("sample", parameters, count))
    const parts = cutShards(requests.map(() => 1), shards)
    const compute = ({ from, to }: Shard, worker: WorkerClient) =>
      worker({ operation: "sample", parameters: shared, requests: requests.slice(from, to), sampling })
    return yield* onShards(parameters, parts, compute, (rollouts) => rollouts.flat()).pipe(Effect.mapError(toPolicyError("sample")))
  })

  const logProbs: PolicyService["logProbs"] = Effect.fnUntraced(function* (parameters, trajectories, temperature) {
    yield* attempt("logProbs", () => assertParameters("logProbs", parameters, count))
    const bare = trajectories.map(({ offset, promptLength, tokens }) => ({ tokens, promptLength, offset }))
    const parts = cutShards(bare.map(({ tokens }) => tokens.length), shards)
    const compute = ({ from, to }: Shard, worker: WorkerClient) =>
      worker({ operation: "logProbs", parameters: shared, trajectories: bare.slice(from, to), temperature })
    return yield* onShards(parameters, parts, compute, (scores) => scores.flat()).pipe(Effect.mapError(toPolicyError("logProbs")))
  })

  const gradient: BackpropService["gradient"] = Effect.fnUntraced(function* (parameters, request) {
    yield* attempt("gradient", () => {
      assertParameters("gradient", parameters, count)
      assertLossRequest(request)
    })
    const parts = cutShards(request.trajectories.map(({ tokens }) => tokens.length), shards)
    if (parts.length === 0) return { ...openTotals(request, count), loss: 0 }
    const compute = (shard: Shard, worker: WorkerClient) =>
      worker({ operation: "gradient", parameters: shared, request: shardRequest(request, shard), gradient: gradients[shard.index] })
    return yield* onShards(parameters, parts, compute, (results) => joinResults(results, gradients.slice(0, parts.length), count))
  })

  const initialize: PolicyService["initialize"] = (seed) =>
    Effect.mapError(workers[0]({ operation: "initialize", seed }), toPolicyError("initialize"))

  // Each worker refuses for its own policy what that cannot differentiate.
  return [{ parameterCount: count, initialize, sample, logProbs }, { gradient, differentiatesEntropies: true }]
}

const wholeNumber = (field: string, value: number): Effect.Effect<void, ConfigError> =>
  Number.isInteger(value) && value >= 1
    ? Effect.void
    : Effect.fail(new ConfigError({ field, value: String(value), expected: "a whole number of at least 1" }))

/** Starts the workers and waits until each has built its policy. */
const start = Effect.fnUntraced(function* (
  module: URL,
  data: unknown,
  { shards, workers }: ParallelConfig
): Effect.fn.Return<Context.Context<Policy | Backprop>, ConfigError | PolicyError | DeviceError, Scope.Scope> {
  yield* wholeNumber("workers", workers)
  yield* wholeNumber("shards", shards)
  const clients = yield* Effect.forEach(Array.from({ length: workers }, (_, i) => i), (i) => startWorker(module, data, i))
  const counts = yield* Effect.forEach(clients, (client) => client({ operation: "describe" }), { concurrency: "unbounded" })
  const [policy, backprop] = makeServices(clients, counts[0], shards)
  return Context.make(Policy, policy).pipe(Context.add(Backprop, backprop))
})

/**
 * Layer of a policy computed by worker threads that run `module`, a module that calls `PolicyWorker.serve`; `data` is its
 * `workerData`. The threads end with the layer. A thread that dies fails the calls that wait for it and all later ones.
 */
export const layer = (
  module: URL,
  data: unknown,
  config: ParallelConfig
): Layer.Layer<Policy | Backprop, ConfigError | PolicyError | DeviceError> => Layer.effectContext(start(module, data, config))

/** Layer of the arithmetic transformer computed by worker threads, each with the device of that name; left out: wasm. */
export const layerArithmetic = (
  config: ParallelConfig & {
    readonly transformer: TransformerConfig
    readonly tokenizer: ArithmeticConfig
    readonly limits?: PassLimits
    readonly device?: DeviceName
  }
): Layer.Layer<Policy | Backprop, ConfigError | PolicyError | DeviceError> => {
  const { device = "wasm", limits = defaultLimits, tokenizer, transformer } = config
  return layer(workerModule("Worker"), { device, limits, tokenizer, transformer }, config)
}
