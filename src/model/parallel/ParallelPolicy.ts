/**
 * A policy computed by several threads: every batch is split into a fixed number of shards, each shard goes to a worker
 * with a device and a policy of its own, and what comes back is put together in shard order.
 *
 * The same number of shards gives the same bits with any number of workers. Parameters and gradients travel in shared
 * memory, a part of it for each call that is under way: what one call leaves idle, calls beside it use.
 *
 * @module
 */
import { type Context, Effect, Layer, type Scope } from "effect"
import type { RpcClientError } from "effect/rpc"
import { ConfigError, PolicyError } from "../../domain/Errors.ts"
import type { Parameters, Policy, PolicyService } from "../../domain/Policy.ts"
import type { Sampler, SamplerService } from "../../domain/Sampler.ts"
import type { Backprop, BackpropService } from "../Backprop.ts"
import { DeviceError } from "../device/Device.ts"
import { encodeObjective } from "../loss/ObjectiveMessage.ts"
import { assertLossRequest, assertParameters, attempt, openTotals } from "../loss/LossRequests.ts"
import { cutShards, joinResults, type Shard, shardRequest } from "../loss/Shards.ts"
import { policyContext, type PolicyServices } from "../policy/PolicyServices.ts"
import type { PolicyDescription } from "./PolicyRpcs.ts"
import { lost, type PolicyClient, startWorker } from "./PolicyClient.ts"

/** How many threads, and into how many parts a batch is split (a multiple of the threads keeps all of them busy). */
export interface ParallelConfig {
  readonly workers: number
  readonly shards: number
}

const sharedVector = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length))

/** What a call and its workers share: parameters, and a gradient for each shard. `first` is the worker of shard 0. */
interface CallMemory {
  readonly first: number
  readonly parameters: Float32Array
  readonly gradients: Array<Float32Array>
}

type CallError = PolicyError | DeviceError | RpcClientError.RpcClientError

/** A lost thread is a PolicyError; what the thread itself answered stays as it is. */
const found = (operation: string, index: number) => (error: CallError): PolicyError | DeviceError =>
  error instanceof PolicyError || error instanceof DeviceError ? error : lost(operation, index)(error)

const toPolicyError = (operation: string) => (error: PolicyError | DeviceError): PolicyError =>
  error instanceof PolicyError
    ? error
    : new PolicyError({
      operation,
      reason: "Device",
      problem: error.message,
      advice: "Run `decision-sampling doctor` to see which devices work here"
    })

const makeServices = (
  workers: ReadonlyArray<PolicyClient>,
  { matrices, parameterCount: count }: PolicyDescription,
  shards: number
): PolicyServices => {
  // As many as there were calls at once. Gradients are made when first needed: a batch may have fewer trajectories than there are shards.
  const free: Array<CallMemory> = []
  let made = 0
  const take = Effect.sync((): CallMemory => free.pop() ?? { first: made++, parameters: sharedVector(count), gradients: [] })

  /**
   * Shares the parameters, computes each shard on its worker, all workers at once, and joins the results before another call may have
   * the memory. Shard s of a memory is always the same worker's (calls side by side begin with different ones), which takes its calls in
   * order: what an interrupted call still computes is written before the shard of the call that has its memory next is begun.
   */
  const onShards = <A, B>(
    operation: string,
    parameters: Parameters,
    parts: ReadonlyArray<Shard>,
    compute: (shard: Shard, worker: PolicyClient, memory: CallMemory) => Effect.Effect<A, CallError>,
    join: (results: ReadonlyArray<A>, memory: CallMemory) => B
  ): Effect.Effect<B, PolicyError | DeviceError> =>
    Effect.acquireUseRelease(
      take,
      (memory) =>
        Effect.suspend(() => {
          memory.parameters.set(parameters)
          const all = Effect.forEach(
            parts,
            (shard) => {
              const index = (memory.first + shard.index) % workers.length
              return Effect.mapError(compute(shard, workers[index]!, memory), found(operation, index))
            },
            { concurrency: "unbounded" }
          )
          return Effect.map(all, (results) => join(results, memory))
        }),
      (memory) => Effect.sync(() => free.push(memory))
    )

  const sample: SamplerService["sample"] = Effect.fnUntraced(function* (parameters, requests, sampling) {
    yield* attempt("sample", () => assertParameters("sample", parameters, count))
    const bare = requests.map(({ prompt, seed }) => ({ prompt, seed }))
    const parts = cutShards(bare.map(() => 1), shards)
    return yield* onShards(
      "sample",
      parameters,
      parts,
      ({ from, to }, worker, memory) => worker.sample({ parameters: memory.parameters, requests: bare.slice(from, to), sampling }),
      (rollouts) => rollouts.flat()
    ).pipe(Effect.mapError(toPolicyError("sample")))
  })

  const logProbs: PolicyService["logProbs"] = Effect.fnUntraced(function* (parameters, trajectories, temperature) {
    yield* attempt("logProbs", () => assertParameters("logProbs", parameters, count))
    const bare = trajectories.map(({ offset, promptLength, tokens }) => ({ tokens, promptLength, offset }))
    const parts = cutShards(bare.map(({ tokens }) => tokens.length), shards)
    return yield* onShards(
      "logProbs",
      parameters,
      parts,
      ({ from, to }, worker, memory) => worker.logProbs({ parameters: memory.parameters, trajectories: bare.slice(from, to), temperature }),
      (scores) => scores.flat()
    ).pipe(Effect.mapError(toPolicyError("logProbs")))
  })

  const gradient: BackpropService["gradient"] = Effect.fnUntraced(function* (parameters, request) {
    yield* attempt("gradient", () => {
      assertParameters("gradient", parameters, count)
      assertLossRequest(request)
    })
    const parts = cutShards(request.trajectories.map(({ tokens }) => tokens.length), shards)
    if (parts.length === 0) return { ...openTotals(request, count), loss: 0 }
    const objective = yield* encodeObjective(request.objective)
    // A partition may hold a function that labels tokens; the owners are labelled already.
    const partition = { names: request.partition.names }
    return yield* onShards(
      "gradient",
      parameters,
      parts,
      (shard, worker, { gradients, parameters: shared }) =>
        worker.gradient({
          parameters: shared,
          request: { ...shardRequest(request, shard), objective, partition },
          gradient: gradients[shard.index] ??= sharedVector(count)
        }),
      (results, { gradients }) => joinResults(results, gradients.slice(0, parts.length), count)
    )
  })

  const initialize: PolicyService["initialize"] = (seed) =>
    workers[0]!.initialize({ seed }).pipe(Effect.mapError(found("initialize", 0)), Effect.mapError(toPolicyError("initialize")))

  // Each worker refuses for its own policy what that cannot differentiate.
  return [{ sample }, { parameterCount: count, initialize, logProbs }, { gradient, differentiatesEntropies: true, matrices }]
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
): Effect.fn.Return<Context.Context<Sampler | Policy | Backprop>, ConfigError | PolicyError | DeviceError, Scope.Scope> {
  yield* wholeNumber("workers", workers)
  yield* wholeNumber("shards", shards)
  const clients = yield* Effect.forEach(Array.from({ length: workers }), () => startWorker(module, data))
  const descriptions = yield* Effect.forEach(
    clients,
    (client, i) => Effect.mapError(client.describe(), found("describe", i)),
    { concurrency: "unbounded" }
  )
  return policyContext(makeServices(clients, descriptions[0]!, shards))
})

/**
 * Layer of a policy computed by worker threads that run `module`, a module that calls `PolicyServer.serve`; `data` is its
 * `workerData`. The threads end with the layer. A thread that dies fails the calls that wait for it.
 */
export const layer = (
  module: URL,
  data: unknown,
  config: ParallelConfig
): Layer.Layer<Sampler | Policy | Backprop, ConfigError | PolicyError | DeviceError> => Layer.effectContext(start(module, data, config))
